// The words of every line of a file: what `tests/search.rs` compares with the program's.
// A line with a character that this Node.js does not know yet gives `?`.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [module, file] = process.argv.slice(2);
const { words } = await import(pathToFileURL(module));
for (const line of readFileSync(file, "utf8").split("\n")) {
  if (/\p{Unassigned}/u.test(line)) console.log("?");
  else console.log(words(line).map(([whole, ...parts]) => (parts.length ? `${whole}(${parts.join(" ")})` : whole)).join(" "));
}
