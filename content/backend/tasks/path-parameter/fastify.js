// #region show
const fastify = require("fastify");

const users = [{ id: 1, name: "Ada" }];
const app = fastify();

const schema = {
  params: { type: "object", properties: { id: { type: "integer" } } },
};

app.get("/users/:id", { schema }, async (request, reply) => {
  const user = users.find((user) => user.id === request.params.id);
  if (!user) return reply.code(404).send({ error: "no such user" });
  return user;
});
// #endregion show

async function main() {
  for (const id of process.argv[2] ? [process.argv[2]] : ["1", "7"]) {
    const answer = await app.inject(`/users/${id}`);
    const text = JSON.stringify(answer.json());
    console.log(answer.statusCode, text.replaceAll('":', '": ').replaceAll(',"', ', "'));
  }
}

main();
