// #region show
import { expect, test } from "vitest";

function total(prices) {
  if (prices.length === 0) throw new RangeError("no prices");
  return prices.reduce((sum, price) => sum + price, 0);
}

test("adds prices", () => {
  expect(total([2, 3])).toBe(5);
});

test("refuses an empty list", () => {
  expect(() => total([])).toThrow("no prices");
});
// #endregion show
