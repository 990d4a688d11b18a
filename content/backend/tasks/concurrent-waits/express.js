// #region show
const express = require("express");
const { setTimeout: wait } = require("node:timers/promises");

async function askWarehouse(city) {
  await wait(1500);
  return [city, city.length * 10];
}

const app = express();

app.get("/stock", async (request, response) => {
  const levels = await Promise.all([askWarehouse("Oslo"), askWarehouse("Bergen")]);
  response.json(Object.fromEntries(levels));
});
// #endregion show

const server = app.listen(0, "127.0.0.1", async () => {
  const started = performance.now();
  const answer = await fetch(`http://127.0.0.1:${server.address().port}/stock`);
  const text = JSON.stringify(await answer.json());
  const time = performance.now() - started < 2900 ? "at once" : "one after the other";
  console.log(answer.status, text.replaceAll("\":", "\": ").replaceAll(",\"", ", \""), time);
  server.close();
  server.closeAllConnections();
});
