// #region show
const fastify = require("fastify");
const { setTimeout: wait } = require("node:timers/promises");

async function askWarehouse(city) {
  await wait(1500);
  return [city, city.length * 10];
}

const app = fastify();

app.get("/stock", async () => {
  const levels = await Promise.all([askWarehouse("Oslo"), askWarehouse("Bergen")]);
  return Object.fromEntries(levels);
});
// #endregion show

async function main() {
  await app.ready();
  const started = performance.now();
  const answer = await app.inject("/stock");
  const text = JSON.stringify(answer.json());
  const time = performance.now() - started < 2900 ? "at once" : "one after the other";
  console.log(answer.statusCode, text.replaceAll('":', '": ').replaceAll(',"', ', "'), time);
}

main();
