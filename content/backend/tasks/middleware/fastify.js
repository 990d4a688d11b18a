// #region show
const fastify = require("fastify");

const app = fastify();

app.addHook("onSend", async (request, reply) => {
  reply.header("Server-Timing", `app;dur=${reply.elapsedTime.toFixed(1)}`);
});

app.get("/", async () => "Hello");
// #endregion show

async function main() {
  for (const path of ["/", "/missing"]) {
    const answer = await app.inject(path);
    console.log(answer.statusCode, answer.headers["server-timing"]);
  }
}

main();
