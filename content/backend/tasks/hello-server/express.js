process.env.PORT = "0"; // any free port
// #region show
const express = require("express");

const app = express();

app.get("/", (request, response) => {
  response.type("text/plain").send("Hello, world");
});

const server = app.listen(process.env.PORT ?? 3000, "127.0.0.1");
// #endregion show

server.on("listening", async () => {
  const base = `http://127.0.0.1:${server.address().port}`;
  const found = await fetch(`${base}/`);
  console.log(found.status, found.headers.get("content-type").split(";")[0], await found.text());
  const missing = await fetch(`${base}/missing`);
  await missing.text();
  console.log(missing.status);
  server.close();
  server.closeAllConnections();
});
