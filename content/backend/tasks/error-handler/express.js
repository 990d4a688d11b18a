console.error = () => {}; // keeps the log of the run short
// #region show
const express = require("express");

const app = express();

app.get("/health", async (request, response) => {
  response.json({ status: "alive" });
});

app.get("/bug", async () => {
  undefined.name;
});

// Behind all routes: nobody has answered.
app.use((request, response) => {
  response.status(404).json({ error: "not found" });
});

// Four parameters: an error handler.
app.use((error, request, response, next) => {
  console.error(error);
  const status = error.status ?? 500;
  response.status(status).json({ error: status < 500 ? error.message : "internal error" });
});
// #endregion show

const server = app.listen(0, "127.0.0.1", async () => {
  for (const path of ["/missing", "/bug", "/health"]) {
    const answer = await fetch(`http://127.0.0.1:${server.address().port}${path}`);
    const text = JSON.stringify(await answer.json());
    console.log(answer.status, text.replaceAll("\":", "\": ").replaceAll(",\"", ", \""));
  }
  server.close();
  server.closeAllConnections();
});
