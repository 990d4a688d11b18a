import { writeSync } from "node:fs";

// #region show
import assert from "node:assert/strict";
import { test } from "node:test";

const rates = {
  async current(currency) {
    throw new Error(`the bank was asked for ${currency}`);
  },
};

async function convert(amount, currency) {
  return amount * (await rates.current(currency));
}

test("converts with the current rate", async (t) => {
  const current = t.mock.method(rates, "current", async () => 2);

  assert.equal(await convert(10, "NOK"), 20);
  assert.deepEqual(current.mock.calls[0].arguments, ["NOK"]);
});
// #endregion show

test("the original is back", async () => {
  await assert.rejects(() => convert(10, "NOK"), { message: "the bank was asked for NOK" });
});

process.stdout.write = process.stderr.write.bind(process.stderr); // the report
process.on("exit", (code) => writeSync(1, code === 0 ? "all passed\n" : "failed\n"));
