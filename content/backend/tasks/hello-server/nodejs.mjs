process.env.PORT = "0"; // any free port
// #region show
import { createServer } from "node:http";

const server = createServer((request, response) => {
  response.setHeader("Content-Type", "text/plain; charset=utf-8");
  if (request.method === "GET" && request.url === "/") {
    response.end("Hello, world");
  } else {
    response.statusCode = 404;
    response.end("Not found");
  }
});

server.listen(process.env.PORT ?? 3000, "127.0.0.1");
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
