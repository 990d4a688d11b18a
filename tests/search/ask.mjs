// Asks the index in a folder each line of a file, and prints what comes first: address,
// side, number of pages, bytes that were read.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [module, site, folder, file] = process.argv.slice(2);
const { Index } = await import(pathToFileURL(module));
const root = pathToFileURL(`${site}/`).href;
for (const query of readFileSync(file, "utf8").split("\n").filter(Boolean)) {
  let bytes = 0;
  const get = async (url, kind) => {
    const found = readFileSync(new URL(url));
    bytes += found.length;
    return kind === "json" ? JSON.parse(found) : found.buffer.slice(found.byteOffset, found.byteOffset + found.length);
  };
  const index = new Index(`${root}${folder}`, get);
  const [text, ...filters] = query.split(" | ");
  const found = await index.search(text, filters);
  const shown = await Promise.all(found.slice(0, 5).map((page) => index.shown(page, filters)));
  const addresses = shown.map(({ sections }) => sections[0].url.slice(root.length));
  console.log([text, found.length, bytes, ...addresses].join("\t"));
}
