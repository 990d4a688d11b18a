// What a site chooses in its configuration: the colours a reader sees first, and the
// names in the menu of languages, which nobody has written down.
//
//   node chosen.mjs PROGRAM
//
// Makes sites of its own and serves them with PROGRAM. Needs what reader.mjs needs.
// Exit: 0 all is well, 1 something is not.

import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { atMost, launch, strict } from "./reader.mjs";

const [program] = process.argv.slice(2);
if (!program) throw new Error("which program? node chosen.mjs target/debug/juxta");
atMost(120);

let failed = 0;
const expect = (is, what) => {
  failed += !is;
  console.log(`${is ? "ok  " : "FAIL"} ${what}`);
};
const served = [];
/** A site in three languages with a page of code, served: its address. */
const site = async (more) => {
  const root = mkdtempSync(join(tmpdir(), "juxta-chosen-"));
  const files = { "juxta.toml": `title = "Chosen"\n${more}\n[languages.fr]\n[languages.ja]\n` };
  for (const end of ["md", "fr.md", "ja.md"]) files[`content/_index.${end}`] = "# Home\n\n```js\nconst a = 1;\n```\n";
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const server = spawn(program, ["--root", root, "serve", "--port", "0"], { stdio: ["ignore", "ignore", "pipe"] });
  served.push({ root, server });
  return new Promise((done) => {
    let said = "";
    server.stderr.on("data", (data) => {
      said += data;
      const found = /Serving (http:\S+)\//.exec(said);
      if (found) done(found[1]);
    });
  });
};

const LIGHT = "rgb(255, 255, 255)";
const DARK = "rgb(20, 23, 26)";
const browser = await launch();
try {
  for (const [scheme, first] of [["system"], ["light", LIGHT], ["dark", DARK]]) {
    const base = await site(`[extra]\nscheme = "${scheme}"`);
    for (const javaScriptEnabled of [true, false]) {
      for (const colorScheme of ["light", "dark"]) {
        const about = `${scheme}, device ${colorScheme}, scripts ${javaScriptEnabled}`;
        const device = colorScheme === "light" ? LIGHT : DARK;
        const context = await browser.newContext({ colorScheme, javaScriptEnabled });
        const page = await context.newPage();
        page.on("pageerror", (error) => expect(false, `script: ${error.message}`));
        await page.route("**/*", strict);
        await page.goto(`${base}/`);
        const look = () =>
          page.evaluate(() => {
            const { backgroundColor } = getComputedStyle(document.body);
            const code = [...document.querySelectorAll("[id^=code-]")].filter((link) => matchMedia(link.media).matches);
            return [backgroundColor, code.map((link) => link.id).join(), document.querySelector("[name=color-scheme]").content].join("; ");
          });
        const as = (ground, meta) => [ground, ground === LIGHT ? "code-light" : "code-dark", meta].join("; ");
        const metas = { system: "light dark", light: "light", dark: "dark" };
        const now = as(first ?? device, metas[scheme]);
        expect((await look()) === now, `${about}: ${await look()}`);
        if (javaScriptEnabled) {
          const button = page.locator("button.scheme");
          expect((await button.getAttribute("data-theme")) === scheme, `${about}: the button says so`);
          for (let i = 0; i < 3; i++) {
            await button.click();
            const chosen = await button.getAttribute("data-theme");
            const ground = { system: device, light: LIGHT, dark: DARK }[chosen];
            expect((await look()) === as(ground, metas[chosen]), `${about}: ${chosen} is chosen`);
            await page.reload();
            expect((await look()) === as(ground, metas[chosen]), `${about}: ${chosen} stays chosen`);
            await page.emulateMedia({ media: "print" });
            expect((await look()).startsWith(`${LIGHT}; code-light`), `${about}: ${chosen} is light on paper`);
            await page.emulateMedia({ media: "screen" });
          }
          await page.locator(".top .pick button").click();
          const names = await page.locator(".top .pick li").allInnerTexts();
          expect(names.map((name) => name.trim()).sort().join() === "English,Français,日本語", `languages: ${names}`);
        }
        await context.close();
      }
    }
  }
} finally {
  await browser.close();
  for (const { root, server } of served) {
    server.kill();
    rmSync(root, { recursive: true, force: true });
  }
}
console.log(`${failed} problems`);
process.exit(failed ? 1 : 0);
