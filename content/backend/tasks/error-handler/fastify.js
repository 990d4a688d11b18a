// #region show
const fastify = require("fastify");

const app = fastify();

app.get("/health", async () => ({ status: "alive" }));

app.get("/bug", async () => undefined.name);

app.setNotFoundHandler((request, reply) => {
  reply.code(404).send({ error: "not found" });
});

app.setErrorHandler((error, request, reply) => {
  request.log.error(error);
  const status = error.statusCode ?? 500;
  reply.code(status).send({ error: status < 500 ? error.message : "internal error" });
});
// #endregion show

async function main() {
  for (const path of ["/missing", "/bug", "/health"]) {
    const answer = await app.inject(path);
    const text = JSON.stringify(answer.json());
    console.log(answer.statusCode, text.replaceAll('":', '": ').replaceAll(',"', ', "'));
  }
}

main();
