// What the tests in a browser share: Chromium, readers who open pages in it, and the
// list of what was not as expected.
//
// In: the address of a site and how big a reader's window is. Needs playwright-core and
// axe-core, found from here or in the folder that BROWSER_MODULES names, and Chromium
// (CHROMIUM, else /usr/bin/chromium).

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(`${process.env.BROWSER_MODULES ?? import.meta.dirname}/x.js`);
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

/** Options of the command line, `name=value`. */
export const given = (options) => Object.fromEntries(options.map((option) => option.split(/=(.*)/s)));

/** Of one run at most this many seconds. */
export const atMost = (seconds) =>
  setTimeout(() => {
    console.log("took too long");
    process.exit(1);
  }, seconds * 1000).unref();

export const launch = () =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-quic", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"],
  });

/** As strict a policy as a published site may have. */
export const strict = async (route) => {
  if (route.request().resourceType() !== "document") return route.continue();
  const response = await route.fetch();
  await route.fulfill({ response, headers: { ...response.headers(), "content-security-policy": "default-src 'self'" } });
};

export const readers = async (base, { width: usual, height, ...always }) => {
  const browser = await launch();
  const problems = [];
  let checks = 0;
  let about = "";

  const expect = (is, what) => {
    checks += 1;
    if (!is) problems.push(`${about}: ${what}`);
  };

  /** Opens a page as a reader would have it; scripts and styles only from the site. */
  const reader = async (name, settings, work) => {
    about = name;
    const { width = usual, ...rest } = settings;
    const context = await browser.newContext({ viewport: { width, height }, ...always, ...rest });
    const page = await context.newPage();
    page.setDefaultTimeout(10_000);
    const asked = [];
    page.on("request", (request) => asked.push(request.url()));
    page.on("pageerror", (error) => expect(false, `script: ${error.stack}`));
    page.on("console", (message) => message.type() === "error" && expect(false, `console: ${message.text()}`));
    await page.route("**/*", strict);
    try {
      await work(page, (path) => page.goto(base + path), asked);
    } catch (error) {
      expect(false, String(error.stack ?? error));
    }
    await context.close();
  };

  const fits = async (page) => {
    const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(over <= 0, `wider than the window by ${over}`);
  };

  /** Nothing for axe to find, nothing wider than the window. */
  const sound = async (page) => {
    await fits(page);
    // Of a very long table axe would need minutes: its first rows tell as much.
    await page.evaluate(() => [...document.querySelectorAll("tbody tr")].slice(150).forEach((row) => row.remove()));
    // The policy forbids what is evaluated as an element, not what the debugger runs.
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => axe.run());
    for (const { id, nodes } of violations) expect(false, `axe ${id}, ${nodes.length} times: ${nodes[0].html.slice(0, 200)}`);
  };

  /** Says what was found; the exit code is 1 if something was. */
  const end = async () => {
    await browser.close();
    for (const problem of problems) console.log(problem);
    console.log(`${checks} checks, ${problems.length} problems`);
    process.exit(problems.length ? 1 : 0);
  };

  return { expect, reader, fits, sound, end };
};
