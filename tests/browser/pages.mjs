// Every kind of page, at every width, in both colour schemes, in a real browser.
//
//   node pages.mjs BASE home=/ article=/a/,/b/ [NAME=/path/,/path/ …]
//
// The names are only told with what is wrong; `article` is walked through with the
// keyboard too. Switches of the theme (announcement, versions, groups) are tried where
// a page has them. Needs what reader.mjs needs. Exit: 0 all is well, 1 something is not.

import { gzipSync } from "node:zlib";

import { atMost, given, readers } from "./reader.mjs";

const [base, ...options] = process.argv.slice(2);
if (!base) throw new Error("which site? node pages.mjs http://127.0.0.1:1111 home=/ article=/a/");
const kinds = Object.entries({ home: "/", ...given(options) }).flatMap(([kind, paths]) => paths.split(",").map((path) => [kind, path]));
const [, article] = kinds.find(([kind]) => kind === "article") ?? kinds[0];

const WIDTHS = [320, 390, 768, 1024, 1600];
// Of compressed style sheets and scripts, in bytes.
const STYLES = 14 * 1024;
const SCRIPTS = 8 * 1024;

atMost(1200);
const { expect, reader, fits, sound, end } = await readers(base, { width: 1200, height: 900 });
const settled = (page) => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 50))));

for (const [kind, path] of kinds) {
  for (const colorScheme of ["light", "dark"]) {
    for (const width of WIDTHS) {
      await reader(`${kind} ${path} at ${width}, ${colorScheme}`, { width, colorScheme }, async (page, go, asked) => {
        await go(path);
        await settled(page);
        await sound(page);
        expect(asked.every((url) => url.startsWith(base)), `asks others: ${asked.find((url) => !url.startsWith(base))}`);
        expect((await page.locator("h1:visible").count()) === 1, "one first heading");
        if (kind !== "home") expect((await page.locator("#_menu:visible, button.menu:visible").count()) === 1, "the navigation is there, as a column or a menu");
        expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor) === (colorScheme === "light" ? "rgb(255, 255, 255)" : "rgb(20, 23, 26)"), "the ground has the colour of the scheme");
        if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/${kind}${path.replaceAll("/", "_")}-${width}-${colorScheme}.png` });
      });
    }
  }

  await reader(`weight of ${kind} ${path}`, {}, async (page, go) => {
    const sizes = { stylesheet: 0, script: 0 };
    const bodies = [];
    page.on("response", (response) => response.request().resourceType() in sizes && bodies.push(response));
    await go(path);
    for (const response of bodies) sizes[response.request().resourceType()] += gzipSync(await response.body(), { level: 9 }).length;
    expect(sizes.stylesheet > 0 && sizes.stylesheet <= STYLES, `${sizes.stylesheet} bytes of style sheets`);
    const compares = await page.locator('script[src*="compare"], script[src*="table"]').count();
    const searches = await page.locator("#_search").count();
    if (compares < 2 && !searches) expect(sizes.script <= SCRIPTS, `${sizes.script} bytes of scripts`);
  });

  let words = "";
  await reader(`${kind} ${path} with scripts`, {}, async (page, go) => {
    await go(path);
    words = await page.evaluate(() => document.querySelector("main h1").textContent + [...document.querySelectorAll("main .content p")].map((one) => one.textContent).join(" "));
  });
  await reader(`${kind} ${path} without scripts`, { javaScriptEnabled: false, width: 390 }, async (page, go) => {
    await go(path);
    await fits(page);
    const plain = (await page.locator("main").innerText()).replace(/\s+/g, " ");
    const [first] = await page.locator("main h1").allInnerTexts();
    expect(first && words.startsWith(first.trim().slice(0, 5)), "the heading is there");
    for (const one of await page.locator("main .content > p").all()) expect(await one.isVisible(), "every paragraph is to be seen");
    expect(plain.length > 10, "there is a text");
    expect((await page.locator("button:visible:not([popovertarget])").count()) === 0, "no button that does nothing");
    if (await page.locator(".announce").count()) expect(await page.locator(".announce").isVisible(), "what is announced is there");
    await page.locator("button.menu").click();
    expect(await page.locator("#_menu").isVisible(), "the menu opens");
    expect((await page.locator("#_menu a:visible").count()) > 0, "and leads somewhere");
  });

  await reader(`${kind} ${path} on paper`, { width: 700 }, async (page, go) => {
    await go(path);
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    await fits(page);
    for (const part of [".top", ".side", ".toc", ".foot", ".announce", ".copy"]) {
      expect((await page.locator(`${part}:visible`).count()) === 0, `${part} is not printed`);
    }
    expect(await page.locator("h1").isVisible(), "the heading is");
    expect(await page.evaluate(() => getComputedStyle(document.body).color) !== "rgb(226, 230, 232)", "dark on white");
    const cut = await page.evaluate(() => [...document.querySelectorAll("main pre")].filter((pre) => pre.scrollWidth > pre.clientWidth + 1).length);
    expect(cut === 0, `${cut} blocks of code are cut off`);
  });
}

// What the reader prefers.
for (const [name, settings] of Object.entries({
  "more contrast": { contrast: "more" },
  "forced colours": { forcedColors: "active" },
  "reduced motion": { reducedMotion: "reduce" },
})) {
  for (const colorScheme of ["light", "dark"]) {
    await reader(`${name}, ${colorScheme}`, { ...settings, colorScheme }, async (page, go) => {
      await go(article);
      await sound(page);
      if (settings.reducedMotion) {
        const moves = await page.evaluate(() => [...document.querySelectorAll("*")].filter((one) => {
          const { scrollBehavior, animationName, transitionProperty, transitionDuration } = getComputedStyle(one);
          return scrollBehavior === "smooth" || animationName !== "none" || (/translate|transform|^all$/.test(transitionProperty) && transitionDuration !== "0s");
        }).length);
        expect(moves === 0, `${moves} elements move`);
      }
    });
  }
}

const focused = (page) =>
  page.evaluate(() => {
    const element = document.activeElement;
    if (!element || element === document.body) return "";
    const { left, right, top, bottom } = element.getBoundingClientRect();
    const seen = right > 0 && bottom > 0 && left < innerWidth && top < innerHeight && right - left > 2;
    const style = getComputedStyle(element);
    return { what: element.outerHTML.slice(0, 120), seen, ring: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1 };
  });

for (const width of [390, 1200]) {
  await reader(`keyboard at ${width}`, { width, reducedMotion: "reduce" }, async (page, go) => {
    await go(article);
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement.matches(".skip")), "the first stop is the link to the content");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => !!document.activeElement.closest("main") || document.activeElement === document.body), "it leads into the text");
    await go(article);
    let stops = 0;
    for (; stops < 400; stops++) {
      await page.keyboard.press("Tab");
      const at = await focused(page);
      if (!at) break;
      expect(at.seen, `has the focus but is not to be seen: ${at.what}`);
      expect(at.ring, `has the focus but does not show it: ${at.what}`);
    }
    expect(stops > 5, `${stops} stops`);
  });
}

await reader("menu", { width: 390, reducedMotion: "reduce" }, async (page, go) => {
  await go(article);
  await page.locator("button.menu").focus();
  await page.keyboard.press("Enter");
  expect(await page.locator("#_menu").isVisible(), "Enter opens it");
  await page.keyboard.press("Tab");
  expect(await page.evaluate(() => !!document.activeElement.closest("#_menu")), "Tab leads into it");
  await page.keyboard.press("Escape");
  expect(!(await page.locator("#_menu").isVisible()), "Escape closes it");
  expect(await page.evaluate(() => document.activeElement.matches("button.menu")), "and the focus is back");
});

await reader("colour scheme", {}, async (page, go) => {
  await go(article);
  const scheme = page.locator("button.scheme");
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const system = await ground();
  await scheme.click();
  expect((await scheme.getAttribute("data-theme")) === "light" && (await ground()) === "rgb(255, 255, 255)", "light");
  await scheme.click();
  expect((await scheme.getAttribute("data-theme")) === "dark" && (await ground()) === "rgb(20, 23, 26)", "dark");
  await page.reload();
  expect((await ground()) === "rgb(20, 23, 26)", "the choice is kept");
  await sound(page);
  await scheme.click();
  await page.reload();
  expect((await scheme.getAttribute("data-theme")) === "system" && (await ground()) === system, "as the system again");
});

await reader("contents follow the reader", { width: 1600 }, async (page, go) => {
  await go(article);
  const links = page.locator(".toc a");
  if ((await links.count()) < 2) return;
  await links.last().click();
  await page.waitForFunction(() => document.querySelector(".toc a[aria-current]"));
  const current = await page.locator(".toc a[aria-current]").count();
  expect(current === 1, "one is the current one");
});

await reader("announcement", {}, async (page, go) => {
  await go(article);
  const told = page.locator(".announce");
  if (!(await told.count())) return;
  expect(await told.isVisible(), "it is there");
  await told.locator("button").click();
  expect(!(await told.isVisible()), "it can be put away");
  await page.reload();
  expect(!(await told.isVisible()), "and stays away");
  await page.evaluate(() => (localStorage["juxta-told"] = "another"));
  await page.reload();
  expect(await told.isVisible(), "another text is shown");
});

for (const settings of [{}, { javaScriptEnabled: false }]) {
  await reader(`menus of the header ${JSON.stringify(settings)}`, settings, async (page, go) => {
    await go(article);
    for (const button of await page.locator(".top .pick button").all()) {
      const list = page.locator(`#${await button.getAttribute("popovertarget")}`);
      expect(!(await list.isVisible()), "closed at first");
      await button.click();
      expect(await list.isVisible(), "opens");
      const [one, other] = [await button.boundingBox(), await list.boundingBox()];
      expect(other.y >= one.y + one.height - 1 && other.y < one.y + one.height + 16, "below its button");
      expect(other.x < one.x + one.width && other.x + other.width > one.x, "and beside nothing else");
      expect(other.x >= 0 && other.x + other.width <= 1200, "within the window");
      await page.keyboard.press("Escape");
      expect(!(await list.isVisible()), "Escape closes it");
    }
  });
}

await reader("groups of the navigation", {}, async (page, go) => {
  await go(article);
  const groups = page.locator(".side .group details");
  for (let i = 0; i < (await groups.count()); i++) {
    const group = groups.nth(i);
    const before = await group.evaluate((one) => one.open);
    if (await group.locator("[aria-current=page]").count()) expect(before, "the group of the page is open");
    await group.locator("summary").click();
    expect((await group.evaluate((one) => one.open)) !== before, "a group opens and closes");
  }
});

await end();
