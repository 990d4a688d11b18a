// #region show
const express = require("express");

const users = [{ id: 1, name: "Ada" }];
const app = express();

app.get("/users/:id", (request, response) => {
  const user = users.find((user) => user.id === Number(request.params.id));
  if (!user) return response.status(404).json({ error: "no such user" });
  response.json(user);
});
// #endregion show

const server = app.listen(0, "127.0.0.1", async () => {
  for (const id of process.argv[2] ? [process.argv[2]] : ["1", "7"]) {
    const answer = await fetch(`http://127.0.0.1:${server.address().port}/users/${id}`);
    const text = JSON.stringify(await answer.json());
    console.log(answer.status, text.replaceAll('":', '": ').replaceAll(',"', ', "'));
  }
  server.close();
  server.closeAllConnections();
});
