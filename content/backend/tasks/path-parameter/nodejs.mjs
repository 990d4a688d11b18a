// #region show
import { createServer } from "node:http";

const users = [{ id: 1, name: "Ada" }];

function send(response, status, body) {
  response.writeHead(status, { "Content-Type": "application/json" });
  response.end(JSON.stringify(body));
}

const server = createServer((request, response) => {
  const { pathname } = new URL(request.url, "http://localhost");
  const match = /^\/users\/([^/]+)$/.exec(pathname);
  if (request.method !== "GET" || !match) {
    return send(response, 404, { error: "not found" });
  }
  const user = users.find((user) => user.id === Number(match[1]));
  if (!user) return send(response, 404, { error: "no such user" });
  send(response, 200, user);
});
// #endregion show

server.listen(0, "127.0.0.1", async () => {
  for (const id of process.argv[2] ? [process.argv[2]] : ["1", "7"]) {
    const answer = await fetch(`http://127.0.0.1:${server.address().port}/users/${id}`);
    const text = JSON.stringify(await answer.json());
    console.log(answer.status, text.replaceAll('":', '": ').replaceAll(',"', ', "'));
  }
  server.close();
  server.closeAllConnections();
});
