// #region show
function slug(title) {
  return title.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");
}

const cases = [
  ["Hello, World!", "hello-world"],
  ["  Ten  blanks ", "ten-blanks"],
  ["already-fine", "already-fine"],
];

test.each(cases)("slug of %s", (title, expected) => {
  expect(slug(title)).toBe(expected);
});
// #endregion show
