// #region show
const fastify = require("fastify");

const notes = [];
const app = fastify();

const schema = {
  body: {
    type: "object",
    required: ["title"],
    properties: { title: { type: "string", minLength: 1, maxLength: 80 } },
  },
};

app.post("/notes", { schema }, async (request, reply) => {
  const note = { id: notes.length + 1, title: request.body.title };
  notes.push(note);
  reply.code(201);
  return note;
});
// #endregion show

async function main() {
  for (const note of [{ title: "Buy milk" }, { title: "" }, {}]) {
    const answer = await app.inject({ method: "POST", url: "/notes", payload: note });
    const text = JSON.stringify(answer.json());
    if (process.argv[2]) console.log(answer.statusCode, text);
    else if (answer.statusCode >= 400 && answer.statusCode < 500) console.log("refused");
    else console.log(answer.statusCode, text.replaceAll('":', '": ').replaceAll(',"', ', "'));
  }
}

main();
