// #region show
import { createServer } from "node:http";
import { setTimeout as wait } from "node:timers/promises";

async function askWarehouse(city) {
  await wait(1500);
  return [city, city.length * 10];
}

async function stock() {
  const levels = await Promise.all([askWarehouse("Oslo"), askWarehouse("Bergen")]);
  return Object.fromEntries(levels);
}

const server = createServer((request, response) => {
  response.setHeader("Content-Type", "application/json");
  stock().then(
    (levels) => response.end(JSON.stringify(levels)),
    (error) => {
      console.error(error);
      response.statusCode = 500;
      response.end('{"error": "stock is not available"}');
    },
  );
});
// #endregion show

server.listen(0, "127.0.0.1", async () => {
  const started = performance.now();
  const answer = await fetch(`http://127.0.0.1:${server.address().port}/stock`);
  const text = JSON.stringify(await answer.json());
  const time = performance.now() - started < 2900 ? "at once" : "one after the other";
  console.log(answer.status, text.replaceAll("\":", "\": ").replaceAll(",\"", ", \""), time);
  server.close();
  server.closeAllConnections();
});
