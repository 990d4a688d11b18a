// #region show
const express = require("express");

function timed(request, response, next) {
  const started = performance.now();
  const writeHead = response.writeHead;
  response.writeHead = (...args) => {
    const duration = (performance.now() - started).toFixed(1);
    response.setHeader("Server-Timing", `app;dur=${duration}`);
    return writeHead.apply(response, args);
  };
  next();
}

const app = express();
app.use(timed);

app.get("/", (request, response) => {
  response.send("Hello");
});
// #endregion show

const server = app.listen(0, "127.0.0.1", async () => {
  for (const path of ["/", "/missing"]) {
    const answer = await fetch(`http://127.0.0.1:${server.address().port}${path}`);
    await answer.text();
    console.log(answer.status, answer.headers.get("server-timing"));
  }
  server.close();
  server.closeAllConnections();
});
