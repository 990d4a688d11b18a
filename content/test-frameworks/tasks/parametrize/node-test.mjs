import { writeSync } from "node:fs";

// #region show
import assert from "node:assert/strict";
import { test } from "node:test";

function slug(title) {
  return title.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");
}

const cases = [
  ["Hello, World!", "hello-world"],
  ["  Ten  blanks ", "ten-blanks"],
  ["already-fine", "already-fine"],
];

for (const [title, expected] of cases) {
  test(`slug of ${title}`, () => {
    assert.equal(slug(title), expected);
  });
}
// #endregion show

process.stdout.write = process.stderr.write.bind(process.stderr); // the report
process.on("exit", (code) => writeSync(1, code === 0 ? "all passed\n" : "failed\n"));
