console.error = () => {}; // keeps the log of the run short
// #region show
import { createServer } from "node:http";

const routes = {
  "/health": async () => ({ status: "alive" }),
  "/bug": async () => undefined.name,
};

function send(response, status, body) {
  response.writeHead(status, { "Content-Type": "application/json" });
  response.end(JSON.stringify(body));
}

async function handle(request, response) {
  const route = routes[request.url];
  if (!route) return send(response, 404, { error: "not found" });
  send(response, 200, await route(request));
}

const server = createServer((request, response) => {
  handle(request, response).catch((error) => {
    console.error(error);
    send(response, 500, { error: "internal error" });
  });
});
// #endregion show

server.listen(0, "127.0.0.1", async () => {
  for (const path of ["/missing", "/bug", "/health"]) {
    const answer = await fetch(`http://127.0.0.1:${server.address().port}${path}`);
    const text = JSON.stringify(await answer.json());
    console.log(answer.status, text.replaceAll("\":", "\": ").replaceAll(",\"", ", \""));
  }
  server.close();
  server.closeAllConnections();
});
