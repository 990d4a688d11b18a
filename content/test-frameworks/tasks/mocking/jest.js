// #region show
const rates = {
  async current(currency) {
    throw new Error(`the bank was asked for ${currency}`);
  },
};

async function convert(amount, currency) {
  return amount * (await rates.current(currency));
}

afterEach(() => jest.restoreAllMocks());

test("converts with the current rate", async () => {
  const current = jest.spyOn(rates, "current").mockResolvedValue(2);

  expect(await convert(10, "NOK")).toBe(20);
  expect(current).toHaveBeenCalledWith("NOK");
});
// #endregion show

test("the original is back", async () => {
  await expect(convert(10, "NOK")).rejects.toThrow("the bank was asked for NOK");
});
