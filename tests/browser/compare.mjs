// What readers meet on pages of comparisons, in a real browser.
//
//   node compare.mjs BASE [comparison=/written/] [tabs=/written/] [matrix=/matrix/] [also=/two/,/subject/]
//
// `comparison` has two or more groups of one key with two sides each, `tabs` a group
// that is always tabs, `matrix` a whole field, `also` is only looked at (overflow,
// axe, policy). Nothing is expected by name, so any site with such pages will do.
// Needs what reader.mjs needs. Exit: 0 all is well, 1 something is not.

import { atMost, given, readers } from "./reader.mjs";

const [base, ...options] = process.argv.slice(2);
if (!base) throw new Error("which site? node compare.mjs http://127.0.0.1:1111");
const paths = { comparison: "/written/", tabs: "/written/", matrix: "/matrix/", also: "", ...given(options) };
const also = paths.also.split(",").filter(Boolean);
const pages = [...new Set([paths.comparison, paths.tabs, paths.matrix, ...also])];

// A busy machine may need all of them for a long table.
atMost(600);
const { expect, reader, sound, end } = await readers(base, { width: 1600, height: 900, permissions: ["clipboard-read", "clipboard-write"] });

/** The groups of the first key of a page: sides and whether each is to be seen. */
const look = (page) =>
  page.evaluate(() => {
    const shared = [...document.querySelectorAll(".cmp[data-sync]:not([data-view=tabs])")];
    const key = shared[0]?.dataset.sync;
    const groups = shared
      .filter((group) => group.dataset.sync === key)
      .map((group) => ({
        tabbed: !!group.querySelector(":scope > .cmp-bar > [role=tablist]:not([hidden])"),
        panes: [...group.querySelectorAll(":scope > .cmp-panes > .pane")].map((pane) => ({
          id: pane.id,
          side: pane.dataset.side,
          shown: pane.checkVisibility({ contentVisibilityAuto: true }) && pane.hidden === false && pane.offsetHeight > 0,
          role: pane.getAttribute("role"),
          left: pane.getBoundingClientRect().left,
          width: pane.offsetWidth,
        })),
      }));
    return { key, groups, stored: key && localStorage.getItem(`juxta-side:${key}`) };
  });
const shows = ({ groups }, side) =>
  groups.every(({ panes }) => !panes.some((pane) => pane.side === side) || panes.every((pane) => pane.shown === (pane.side === side)));
const showsAll = ({ groups }) => groups.every(({ panes }) => panes.every((pane) => pane.shown));

// Every page, every width, both schemes.
for (const path of pages) {
  for (const width of [390, 768, 1024, 1600]) {
    for (const colorScheme of ["light", "dark"]) {
      await reader(`${path} at ${width}, ${colorScheme}`, { width, colorScheme }, async (page, go) => {
        await go(path);
        await sound(page);
        expect(true, "");
      });
    }
  }
}

let key = "";
let sides = [];
await reader("columns", {}, async (page, go) => {
  await go(paths.comparison);
  const before = await look(page);
  key = before.key;
  sides = before.groups[0].panes.map((pane) => pane.side);
  expect(before.groups.length > 1 && sides.length > 1, "the page has too few groups to test anything");
  expect(showsAll(before), "with room, all sides are shown");
  const [first, second] = before.groups[0].panes;
  expect(second.left > first.left && Math.abs(first.width - second.width) <= 1, "sides are columns of one width");
  expect(before.groups.every((group) => !group.tabbed && group.panes.every((pane) => pane.role === "group")), "no tabs where there are columns");

  const chooser = page.locator(`.chooser[data-sync="${key}"]`);
  expect((await chooser.locator("[aria-pressed=true]").getAttribute("value")) === "both", "the chooser says both");
  await chooser.locator(`[value="${sides[1]}"]`).click();
  let now = await look(page);
  expect(shows(now, sides[1]), "the chosen side alone is shown");
  expect(now.stored === sides[1], "the choice is stored");
  expect((await chooser.locator("[aria-pressed=true]").getAttribute("value")) === sides[1], "the chooser says so");
  await page.reload();
  expect(shows(await look(page), sides[1]), "the choice is kept");
  await page.locator(".split:visible").first().click();
  now = await look(page);
  expect(showsAll(now) && now.stored === "both", "side by side again");
});

await reader("address", {}, async (page, go) => {
  await go(paths.comparison);
  await page.evaluate(([key, side]) => localStorage.setItem(`juxta-side:${key}`, side), [key, sides[0]]);
  await go(`${paths.comparison}?${key}=${sides[1]}`);
  let now = await look(page);
  expect(shows(now, sides[1]), "the address wins");
  expect(now.stored === sides[0], "the address is not stored");
  await page.locator(`.chooser [value="${sides[0]}"]`).first().click();
  await page.reload();
  expect(shows(await look(page), sides[0]), "a choice is not undone by the address");
  await go(`${paths.comparison}?${key}=nobody`);
  expect(showsAll(await look(page)), "a side that is not there changes nothing");

  const { groups } = await look(page);
  const pane = groups.at(-1).panes.find(({ side }) => side === sides[1]);
  await go("/");
  await go(`${paths.comparison}#${pane.id}`);
  now = await look(page);
  expect(shows(now, sides[1]), "a link to a side shows it");
  expect(now.stored === sides[0], "a link is not stored");
  expect(await page.evaluate((id) => document.getElementById(id).getBoundingClientRect().top < innerHeight, pane.id), "and leads there");
});

await reader("first paint", {}, async (page, go) => {
  await go(paths.comparison);
  await page.evaluate(([key, side]) => localStorage.setItem(`juxta-side:${key}`, side), [key, sides[1]]);
  let free;
  const held = new Promise((resolve) => (free = resolve));
  await page.route("**/compare.*js*", async (route) => (await held, route.continue()));
  const done = go(paths.comparison);
  await page.waitForSelector(".foot", { state: "attached" });
  expect(shows(await look(page), sides[1]), "the side is chosen before the script comes");
  free();
  await done;
  expect(shows(await look(page), sides[1]), "and after");
});

await reader("script that never comes", { width: 390 }, async (page, go) => {
  await page.route("**/compare.*js*", (route) => route.fulfill({ status: 200, contentType: "text/javascript", body: "" }));
  await go(paths.comparison);
  await page.waitForTimeout(4500);
  expect(showsAll(await look(page)), "nothing stays hidden");
});

await reader("tabs", { width: 390 }, async (page, go) => {
  await go(paths.comparison);
  const { groups } = await look(page);
  expect(groups.every(({ tabbed, panes }) => !tabbed || panes.every(({ role }) => role === "tabpanel")), "panels have their role");
  expect(groups[0].tabbed, "without room there are tabs");
  expect(shows(await look(page), sides[0]), "the first side is shown");
  const list = page.locator(".cmp:not([data-view=tabs]) > .cmp-bar > [role=tablist]").first();
  const focused = () => page.evaluate(() => document.activeElement.getAttribute("aria-controls")?.replace(/^.*--/, ""));
  const selected = () => list.locator("[aria-selected=true]").evaluate((tab) => [tab.tabIndex, tab.getAttribute("aria-controls").replace(/^.*--/, "")]);
  await list.locator("[tabindex='0']").focus();
  for (const [press, side] of [["ArrowRight", sides[1]], ["End", sides.at(-1)], ["ArrowRight", sides[0]], ["ArrowLeft", sides.at(-1)], ["Home", sides[0]]]) {
    await page.keyboard.press(press);
    expect((await focused()) === side && String(await selected()) === `0,${side}`, `${press} leads to ${side}`);
  }
  expect((await list.locator("[tabindex='0']").count()) === 1, "one stop for the Tab key");
  await page.keyboard.press("Tab");
  expect(await page.evaluate(() => !!document.activeElement.closest(".cmp-acts, [role=tabpanel]")), "Tab leads on");

  // The last group: those above it change their height when it is switched.
  const last = page.locator(`.cmp[data-sync="${key}"]:not([data-view=tabs]) > .cmp-bar [role=tab]`).last();
  await last.scrollIntoViewIfNeeded();
  const before = (await last.boundingBox()).y;
  await last.click();
  await page.waitForTimeout(200);
  expect(Math.abs((await last.boundingBox()).y - before) < 2, `the pressed tab stays where it was, it moved by ${(await last.boundingBox()).y - before}`);
  expect(shows(await look(page), sides.at(-1)), "all groups follow");

  await page.setViewportSize({ width: 1600, height: 900 });
  await page.waitForTimeout(200);
  expect(shows(await look(page), sides.at(-1)), "the choice holds on a wide screen");

  // What is hidden is found: by a fragment, and by what searching in the page does.
  const id = groups[0].panes[0].id;
  await page.evaluate((id) => (location.hash = id), id);
  await page.waitForTimeout(200);
  expect((await look(page)).groups[0].panes[0].shown, "a fragment opens its pane");
});

await reader("always tabs", {}, async (page, go) => {
  await go(paths.tabs);
  const bars = page.locator(".cmp[data-view=tabs] > .cmp-bar > [role=tablist]");
  expect((await bars.count()) > 0 && (await bars.first().isVisible()), "they are tabs on a wide screen");
  const second = bars.first().locator("[role=tab]").nth(1);
  await second.click();
  const sync = await second.evaluate((tab) => tab.closest(".cmp").dataset.sync ?? "");
  const side = await second.evaluate((tab) => document.getElementById(tab.getAttribute("aria-controls")).dataset.side);
  const others = await page.evaluate(
    ([sync, side]) =>
      [...document.querySelectorAll(`.cmp[data-view=tabs][data-sync="${sync}"]`)]
        .filter((group) => group.querySelector(`:scope > .cmp-panes > [data-side="${side}"]`))
        .every((group) => group.querySelector(":scope > .cmp-panes > .pane:not([hidden])").dataset.side === side),
    [sync, side],
  );
  expect(others, "groups of one key switch together");
});

await reader("copying and pairs", {}, async (page, go) => {
  await go(paths.comparison);
  const copy = page.locator(".cmp-acts > .copy").first();
  if (await copy.count()) {
    await copy.click();
    const text = await page.evaluate(() => navigator.clipboard.readText());
    expect((text.match(/^### /gm) ?? []).length > 1 && text.includes("```"), "all sides are copied");
  }
  const line = page.locator(".ln[data-pair][tabindex='0']").first();
  if (await line.count()) {
    await line.focus();
    const marked = () => page.evaluate(() => new Set([...document.querySelectorAll(".ln.pair")].map((one) => one.closest(".pane"))).size);
    expect((await marked()) > 1, "a focused line marks its partner");
    await page.evaluate(() => document.activeElement.blur());
    expect((await marked()) === 0, "and no longer");
    await line.hover();
    expect((await marked()) > 1, "so does one under the pointer");
  }
});

await reader("copying the page", { permissions: ["clipboard-read", "clipboard-write"] }, async (page, go) => {
  await go(paths.comparison);
  if (!(await page.locator('link[type="text/markdown"]').count())) return;
  const copy = page.locator(".head > .copy");
  const label = await copy.textContent();
  await copy.click();
  await page.waitForFunction((label) => document.querySelector(".head > .copy").textContent !== label, label);
  const text = await page.evaluate(() => navigator.clipboard.readText());
  const sides = await page.locator(".pane-title").first().textContent();
  expect(text.startsWith("# "), "the page is copied as Markdown");
  expect(text.includes(`**${sides.trim()}**`), "with its sides labelled");
});

await reader("replaced in place", { width: 390 }, async (page, go) => {
  await go(paths.comparison);
  for (let i = 0; i < 2; i++) {
    await page.evaluate(async () => {
      const text = await (await fetch(location.href)).text();
      document.querySelector("main").replaceWith(new DOMParser().parseFromString(text, "text/html").querySelector("main"));
      document.dispatchEvent(new Event("juxta:replaced"));
      document.dispatchEvent(new Event("juxta:replaced"));
    });
  }
  expect(await page.evaluate(() => [...document.querySelectorAll(".cmp")].every((group) => group.querySelectorAll(":scope > .cmp-bar").length === 1)), "each group has one bar");
  expect(await page.evaluate(() => document.querySelectorAll(".chooser > span").length === document.querySelectorAll(".chooser:not(:empty)").length), "choosers are filled once");
  await page.locator(".cmp:not([data-view=tabs]) > .cmp-bar [role=tab]").nth(1).click();
  expect(shows(await look(page), sides[1]), "tabs work");
  expect(await page.evaluate(() => [...document.querySelectorAll("pre[data-copy]")].every((pre) => (pre.closest("figure.code, .code-frame")?.querySelectorAll(".copy").length ?? 0) === 1)), "one button to copy");
});

await reader("matrix", {}, async (page, go) => {
  await go(paths.matrix);
  const rows = () => page.evaluate(() => [...document.querySelectorAll(".cmp-table tbody tr")].filter((tr) => tr.cells[1] && tr.checkVisibility()).length);
  const total = await rows();
  const status = page.locator(".cmp-table [role=status]").first();
  expect(total > 0, "there are rows");

  const head = page.locator(".cmp-table thead th").nth(1);
  const texts = () => page.evaluate(() => [...document.querySelectorAll(".cmp-table tbody tr")].filter((tr) => tr.cells[1]).map((tr) => tr.cells[0].textContent).join("|"));
  const original = await texts();
  for (const order of ["ascending", "descending", null]) {
    const start = Date.now();
    await head.locator(".sort").click();
    expect(Date.now() - start < 3000, `sorting takes ${Date.now() - start} ms`);
    expect((await head.getAttribute("aria-sort")) === order, `sorted: ${order}`);
  }
  expect((await texts()) === original, "the third press restores the order");

  const differ = page.locator(".cmp-table [name=differ]").first();
  const same = await page.evaluate(() => document.querySelectorAll(".cmp-table tr[data-same]").length);
  await differ.check();
  await page.waitForTimeout(600);
  expect((await rows()) === total - same, "only differences");
  expect((await status.textContent()).includes(String(total - same)), "their number is told");
  await differ.uncheck();
  await page.waitForTimeout(600);

  const filter = page.locator(".cmp-table [name=filter]").first();
  if (await filter.count()) {
    const word = await page.evaluate(() => document.querySelector(".cmp-table tbody tr:nth-child(3) th").textContent.trim());
    await filter.fill(word);
    await page.waitForTimeout(600);
    const some = await rows();
    expect(some > 0 && some < total, `the filter leaves ${some} of ${total}`);
    await filter.fill("no row can say this");
    await page.waitForTimeout(600);
    expect((await rows()) === 0, "nothing fits");
    await page.locator(".cmp-table .none button:visible").click();
    await page.waitForTimeout(600);
    expect((await rows()) === total, "everything again");
  }

  const columns = page.locator(".cmp-table .tools details");
  if (await columns.count()) {
    await columns.locator("summary").click();
    await columns.locator("input").first().uncheck();
    await page.waitForTimeout(600);
    expect(!(await head.isVisible()), "a column is gone");
    await columns.locator("input").first().check();
    await page.waitForTimeout(600);
    expect(await head.isVisible(), "and back");
    await columns.locator("summary").click();
  }

  const stuck = await page.evaluate(() => {
    const region = document.querySelector(".matrix > .table");
    if (!region) return true;
    region.scrollTo({ top: 1e6, left: 1e6, behavior: "instant" });
    const [frame, corner] = [region, region.querySelector("thead th")].map((element) => element.getBoundingClientRect());
    return Math.abs(frame.left - corner.left) < 3 && (Math.abs(frame.top - corner.top) < 3 || region.scrollHeight <= region.clientHeight + 1);
  });
  expect(stuck, "the heads stay in sight");
  const words = await page.evaluate(() => [...document.querySelectorAll(".cmp-table :is(td, th)")].every((cell) => /\p{L}|\p{N}/u.test(cell.textContent)));
  expect(words, "every cell has words");
});

// What has the focus is to be seen: not hidden, not below a sticky head.
for (const path of new Set([paths.comparison, paths.tabs, paths.matrix])) {
  for (const width of [390, 1600]) {
    await reader(`keyboard walk of ${path} at ${width}`, { width, reducedMotion: "reduce" }, async (page, go) => {
      await go(path);
      for (let stop = 0; stop < 60; stop++) {
        await page.keyboard.press("Tab");
        await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))));
        const covered = await page.evaluate(() => {
          const element = document.activeElement;
          if (!element || element === document.body) return "";
          const { left, right, top, width, height } = element.getBoundingClientRect();
          const points = [[left + width / 2, top + Math.min(height / 2, 12)], [left + 4, top + 4], [right - 4, top + 4]];
          return points.some((point) => element.contains(document.elementFromPoint(...point))) ? null : element.outerHTML.slice(0, 120);
        });
        if (covered === "") break;
        expect(covered === null, `has the focus but is not to be seen: ${covered}`);
      }
    });
  }
}

await reader("without scripts", { javaScriptEnabled: false, width: 390 }, async (page, go) => {
  await go(paths.comparison);
  const panes = page.locator(".cmp > .cmp-panes > .pane");
  for (let i = 0; i < (await panes.count()); i++) expect(await panes.nth(i).isVisible(), `pane ${i} is shown`);
  expect((await page.locator("[role=tablist], [role=tab], .tools:visible, .sort:visible, .chooser button").count()) === 0, "no controls that do nothing");
  const differ = page.locator(".differ input").first();
  if (await differ.count()) {
    const same = page.locator(".cmp-table:has(.differ)").first().locator("tr[data-same]").first();
    expect(await same.isVisible(), "rows that are the same are shown");
    await differ.check();
    expect(!(await same.isVisible()), "until only differences are asked for");
  }
});

await reader("print", { width: 390 }, async (page, go) => {
  await go(paths.comparison);
  await page.locator(".cmp:not([data-view=tabs]) > .cmp-bar [role=tab]").nth(1).click();
  await page.emulateMedia({ media: "print" });
  const hidden = await page.evaluate(() => [...document.querySelectorAll(".pane, .pane-title")].filter((element) => !element.checkVisibility({ contentVisibilityAuto: true }) || !element.offsetHeight).map((element) => element.id));
  expect(hidden.length === 0, `not printed: ${hidden.join(", ")}`);
  expect(await page.evaluate(() => [...document.querySelectorAll(".cmp-bar, .tools, .chooser")].every((element) => !element.checkVisibility())), "no controls on paper");
  if (process.env.PDF) await page.pdf({ path: process.env.PDF, format: "A4" });
});

await end();
