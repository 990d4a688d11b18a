// #region show
import { createServer } from "node:http";
import { json } from "node:stream/consumers";

const notes = [];

function send(response, status, body) {
  response.writeHead(status, { "Content-Type": "application/json" });
  response.end(JSON.stringify(body));
}

async function createNote(request, response) {
  let body;
  try {
    body = await json(request);
  } catch {
    return send(response, 400, { error: "the body is not JSON" });
  }
  const title = body?.title;
  if (typeof title !== "string" || title === "" || title.length > 80) {
    return send(response, 400, { error: "title has to have 1 to 80 characters" });
  }
  const note = { id: notes.length + 1, title };
  notes.push(note);
  send(response, 201, note);
}

const server = createServer((request, response) => {
  if (request.method === "POST" && request.url === "/notes") {
    createNote(request, response);
  } else {
    send(response, 404, { error: "not found" });
  }
});
// #endregion show

server.listen(0, "127.0.0.1", async () => {
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
