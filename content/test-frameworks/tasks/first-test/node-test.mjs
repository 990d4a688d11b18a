import { writeSync } from "node:fs";

// #region show
import assert from "node:assert/strict";
import { test } from "node:test";

function total(prices) {
  if (prices.length === 0) throw new RangeError("no prices");
  return prices.reduce((sum, price) => sum + price, 0);
}

test("adds prices", () => {
  assert.equal(total([2, 3]), 5);
});

test("refuses an empty list", () => {
  assert.throws(() => total([]), { message: "no prices" });
});
// #endregion show

process.stdout.write = process.stderr.write.bind(process.stderr); // the report
process.on("exit", (code) => writeSync(1, code === 0 ? "all passed\n" : "failed\n"));
