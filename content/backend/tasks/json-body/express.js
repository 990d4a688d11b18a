// #region show
const express = require("express");

const notes = [];
const app = express();
app.use(express.json());

app.post("/notes", (request, response) => {
  const title = request.body?.title;
  if (typeof title !== "string" || title === "" || title.length > 80) {
    return response.status(400).json({ error: "title has to have 1 to 80 characters" });
  }
  const note = { id: notes.length + 1, title };
  notes.push(note);
  response.status(201).json(note);
});
// #endregion show

const server = app.listen(0, "127.0.0.1", async () => {
  for (const note of [{ title: "Buy milk" }, { title: "" }, {}]) {
    const answer = await fetch(`http://127.0.0.1:${server.address().port}/notes`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(note),
    });
    const text = JSON.stringify(await answer.json());
    if (process.argv[2]) console.log(answer.status, text);
    else if (answer.status >= 400 && answer.status < 500) console.log("refused");
    else console.log(answer.status, text.replaceAll("\":", "\": ").replaceAll(",\"", ", \""));
  }
  server.close();
  server.closeAllConnections();
});
