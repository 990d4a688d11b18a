// What a writer sees while `juxta serve --watch` runs, in a real browser.
//
//   node live.mjs PROGRAM
//
// Makes a site of its own, serves it with PROGRAM, edits its files and looks.
// Needs what reader.mjs needs. Exit: 0 all is well, 1 something is not.

import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { atMost, launch, strict } from "./reader.mjs";

const [program] = process.argv.slice(2);
if (!program) throw new Error("which program? node live.mjs target/debug/juxta");
atMost(120);

const root = mkdtempSync(join(tmpdir(), "juxta-live-"));
const write = (path, text) => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
};
const long = Array.from({ length: 80 }, (_, i) => `Paragraph ${i} with some words in it.`).join("\n\n");
const page = (word) => `# A page\n\n${long}\n\n## Part\n\nThe word is ${word}.\n\n::: details More\nInside.\n:::\n\n::: tabs\n::: tab One\nFirst.\n:::\n::: tab Two\nSecond.\n:::\n:::\n\n${long}\n`;
write("juxta.toml", 'title = "Live"\n[extra]\nstyles = ["own.css"]\n');
write("content/_index.md", "# Home\n\n[a](@/a.md)\n");
write("content/a.md", page("one"));
write("content/b.md", "# B\n\nOther.\n");
write("static/own.css", "h1 { color: rgb(1, 2, 3); }\n");

// Serves a folder: the process, and the address once there is one.
const serve = async (folder, ...more) => {
  const server = spawn(program, ["--root", folder, "serve", "--watch", "--port", "0", ...more], { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  const base = await new Promise((done) => {
    server.stderr.on("data", (data) => {
      said += data;
      const found = /Serving (http:\S+)\//.exec(said);
      if (found) done(found[1]);
    });
  });
  return { server, base, isBuilt: () => said.includes("Built ") };
};
const { server, base } = await serve(root, "--editor", "edit://open/{path}:{line}");

const problems = [];
let checks = 0;
const expect = (is, what) => {
  checks += 1;
  if (!is) problems.push(what);
  console.log(`${is ? "ok  " : "FAIL"} ${what}`);
};
const browser = await launch();
const until = async (what, is) => {
  for (let i = 0; i < 400; i += 1) {
    if (await is()) return expect(true, what);
    await new Promise((done) => setTimeout(done, 10));
  }
  expect(false, what);
};

try {
  const context = await browser.newContext({ viewport: { width: 1200, height: 800 } });
  const tab = await context.newPage();
  tab.on("pageerror", (error) => expect(false, `script: ${error.message}`));
  tab.on("console", (message) => /Content Security Policy/.test(message.text()) && expect(false, message.text()));
  await context.route("**/a/", strict);
  await tab.goto(`${base}/a/`);
  const other = await context.newPage();
  await other.goto(`${base}/b/`);
  await tab.bringToFront();
  for (const each of [tab, other]) await each.evaluate(() => (window.mark = "loaded once"));
  const text = () => tab.textContent("main");
  const isSame = (each = tab) => each.evaluate(() => window.mark === "loaded once");

  await tab.evaluate(() => {
    document.querySelector("main details").open = true;
    document.getElementById("part").scrollIntoView();
  });
  const second = tab.locator("main [role=tab]", { hasText: "Two" });
  const hasTabs = (await second.count()) > 0;
  if (hasTabs) await second.first().click();
  const before = await tab.evaluate(() => scrollY);
  write("content/a.md", page("two"));
  await until("an edit is seen", async () => (await text()).includes("The word is two."));
  expect(await isSame(), "the page was not loaded again");
  expect(Math.abs((await tab.evaluate(() => scrollY)) - before) < 2, "the place is kept");
  expect(await tab.evaluate(() => document.querySelector("main details").open), "what was opened is open");
  if (hasTabs) expect((await second.first().getAttribute("aria-selected")) === "true", "the chosen side is kept");
  expect(await isSame(other), "another page is left alone");

  write("content/a.md", `${page("two")}\n\`\`\`js\nlet fresh = 1;\n\`\`\`\n`);
  await until("a new block of code is seen", async () => (await text()).includes("fresh"));

  const colour = () => tab.evaluate(() => getComputedStyle(document.querySelector("h1")).color);
  expect((await colour()) === "rgb(1, 2, 3)", "the style sheet is used");
  write("static/own.css", "h1 { color: rgb(9, 8, 7); }\n");
  await until("a style is seen", async () => (await colour()) === "rgb(9, 8, 7)");
  expect(await isSame(), "the page was not loaded again for a style");

  const notice = tab.locator("juxta-notice section");
  write("content/a.md", `${page("three")}\n[nowhere](@/none.md) <b title="<img src=x onerror=alert(1)>">\n`);
  await until("a mistake is shown", async () => (await notice.count()) === 1 && (await notice.textContent()).includes("content/none.md"));
  expect((await text()).includes("The word is two."), "the last good page is there");
  expect((await tab.locator("juxta-notice img").count()) === 0, "nothing of the text became an element");
  expect(/^edit:\/\/open\/content\/a\.md:\d+$/.test(await tab.locator("juxta-notice .place a").first().getAttribute("href")), "places lead to the editor");
  expect((await notice.evaluate((panel) => getComputedStyle(panel).position)) === "fixed", "the notice has its style");
  await tab.locator("juxta-notice button").click();
  expect((await notice.count()) === 0, "the notice can be closed");
  write("content/b.md", "[nowhere](@/gone.md)\n");
  await until("another mistake is shown", async () => (await notice.count()) === 1 && (await notice.textContent()).includes("content/gone.md"));
  write("content/a.md", page("four"));
  await until("one of two is mended", async () => (await notice.count()) === 1 && !(await notice.textContent()).includes("content/none.md"));
  write("content/b.md", "# B\n\nMended.\n");
  await until("mended", async () => (await notice.count()) === 0 && (await text()).includes("The word is four."));
  await other.bringToFront();
  await until("a hidden page catches up", async () => (await other.textContent("main")).includes("Mended."));
  await tab.bringToFront();

  write("templates/partials/footer.html", "<footer>Another footer</footer>\n");
  await until("a template is seen", async () => (await tab.textContent("body")).includes("Another footer"));

  const missing = await tab.goto(`${base}/aa/`);
  expect(missing.status() === 404, "what is not there is not there");
  await until("near addresses are shown", async () => (await notice.count()) === 1 && (await notice.textContent()).includes("/a/"));

  // A page of another origin, open in the same browser.
  const foreign = createServer((_, answer) => {
    answer.setHeader("content-type", "text/html");
    answer.end("<!doctype html><title>x</title>");
  }).listen(0, "127.0.0.1");
  await new Promise((done) => foreign.on("listening", done));
  const stranger = await context.newPage();
  await stranger.goto(`http://localhost:${foreign.address().port}/`);
  const stolen = await stranger.evaluate(async (site) => {
    const found = [];
    try {
      found.push((await (await fetch(`${site}/b/`)).text()).slice(0, 20));
    } catch {
      // Refused.
    }
    const loads = (name, source) =>
      new Promise((done) => {
        const element = Object.assign(document.createElement(name), { src: source });
        element.onload = () => done(true);
        element.onerror = () => done(false);
        document.body.append(element);
      });
    if (await loads("script", `${site}/juxta.js`)) found.push("script");
    if (await loads("img", `${site}/favicon.svg`)) found.push("image");
    const heard = await new Promise((done) => {
      const events = new EventSource(`${site}/.juxta-live/events?instance=0&version=0`);
      events.onmessage = () => done(true);
      events.onerror = () => done(false);
      setTimeout(() => done(false), 2000);
    });
    if (heard) found.push("events");
    return found;
  }, base);
  expect(stolen.length === 0, `another origin reads nothing (${stolen})`);
  foreign.close();

  // A large site: the page that is asked for is there before the others, and what it could
  // not know then comes by itself.
  const code = "```js\nexport const value = [1, 2, 3];\n```\n\n".repeat(10);
  for (let i = 0; i < 1500; i += 1) write(`large/content/p/${i}.md`, `# Page ${i}\n\n[a](@/a.md)\n\n${code}`);
  write("large/juxta.toml", 'title = "Large"\n');
  write("large/content/a.md", "# A\n\nThe text of a.\n");
  write("large/templates/page.html", "<!doctype html><html><head><title>{{ page.title }}</title></head><body><main>{{ page.content }}<p id=\"n\">{{ page.backlinks | length }}</p></main></body></html>");
  const large = await serve(join(root, "large"));
  try {
    const early = await context.newPage();
    await early.goto(`${large.base}/a/`);
    const isEarly = !large.isBuilt();
    expect(isEarly && (await early.textContent("main")).includes("The text of a."), "a page of a large site is shown before all are built");
    await early.evaluate(() => (window.mark = "loaded once"));
    for (let i = 0; i < 3000 && !large.isBuilt(); i += 1) await new Promise((done) => setTimeout(done, 10));
    await until("what it could not know follows", async () => (await early.textContent("#n")) === "1500");
    expect(await early.evaluate(() => window.mark === "loaded once"), "without loading the page again");
  } finally {
    large.server.kill();
  }
} finally {
  await browser.close();
  server.kill();
  rmSync(root, { recursive: true });
}
console.log(`${checks} checks, ${problems.length} failed`);
process.exit(problems.length ? 1 : 0);
