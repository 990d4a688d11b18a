// #region show
import { createServer } from "node:http";

function timed(listener) {
  return (request, response) => {
    const started = performance.now();
    const writeHead = response.writeHead;
    response.writeHead = (...args) => {
      const duration = (performance.now() - started).toFixed(1);
      response.setHeader("Server-Timing", `app;dur=${duration}`);
      return writeHead.apply(response, args);
    };
    listener(request, response);
  };
}

const server = createServer(
  timed((request, response) => {
    if (request.url !== "/") response.statusCode = 404;
    response.end(request.url === "/" ? "Hello" : "Not found");
  }),
);
// #endregion show

server.listen(0, "127.0.0.1", async () => {
  for (const path of ["/", "/missing"]) {
    const answer = await fetch(`http://127.0.0.1:${server.address().port}${path}`);
    await answer.text();
    console.log(answer.status, answer.headers.get("server-timing"));
  }
  server.close();
  server.closeAllConnections();
});
