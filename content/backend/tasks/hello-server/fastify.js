process.env.PORT = "0"; // any free port
// #region show
const fastify = require("fastify");

const app = fastify();

app.get("/", async (request, reply) => {
  reply.type("text/plain; charset=utf-8");
  return "Hello, world";
});

app.listen({ port: process.env.PORT ?? 3000, host: "127.0.0.1" });
// #endregion show

app.server.on("listening", async () => {
  const base = `http://127.0.0.1:${app.server.address().port}`;
  const found = await fetch(`${base}/`);
  console.log(found.status, found.headers.get("content-type").split(";")[0], await found.text());
  const missing = await fetch(`${base}/missing`);
  await missing.text();
  console.log(missing.status);
  app.server.closeAllConnections();
  await app.close();
});
