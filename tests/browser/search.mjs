// What readers meet when they search, in a real browser.
//
//   node search.mjs BASE query=WORD [side=/page/ identifier=NAME]
//
// `query` is a word that several pages have; `identifier` stands in the code of one side
// of a comparison. Any site with a search will do. Needs what reader.mjs needs.
// Exit: 0 all is well, 1 something is not.

import { given, readers } from "./reader.mjs";

const [base, ...options] = process.argv.slice(2);
if (!base) throw new Error("which site? node search.mjs http://127.0.0.1:1111 query=word");
const { query = "the", identifier = "" } = given(options);
const { expect, reader, sound, end } = await readers(base, { width: 1200, height: 800 });
const input = (page) => page.locator("dialog input[type=search]");
const options_ = (page) => page.locator("dialog [role=option]");

for (const width of [320, 390, 768, 1200]) {
  for (const colorScheme of ["light", "dark"]) {
    await reader(`dialog at ${width}, ${colorScheme}`, { width, colorScheme }, async (page, go, asked) => {
      await go("/");
      expect(!asked.some((url) => url.includes("juxta-search")), "nothing of the search is loaded before it is used");
      await sound(page);
      await page.locator("button.find").click();
      await input(page).waitFor();
      await sound(page);
      await input(page).fill(query);
      await options_(page).first().waitFor();
      await sound(page);
      if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/search-${width}-${colorScheme}.png` });
      const box = await page.locator("dialog").boundingBox();
      expect(box.x >= 0 && box.x + box.width <= width, "the dialog fits");
      expect(asked.every((url) => url.startsWith(base)), "no request to another host");
    });
  }
}

await reader("keyboard", {}, async (page, go) => {
  await go("/");
  await page.keyboard.press("/");
  await input(page).waitFor();
  expect(await input(page).evaluate((one) => one === document.activeElement), "`/` opens it and puts the cursor there");
  expect((await input(page).inputValue()) === "", "the `/` is not typed");
  expect((await input(page).getAttribute("aria-expanded")) === "false", "not expanded while there is nothing");
  await page.keyboard.type(query);
  await options_(page).nth(1).waitFor();
  const active = () => page.evaluate(() => {
    const id = document.activeElement.getAttribute("aria-activedescendant");
    return [...document.querySelectorAll("dialog [role=option]")].findIndex((one) => one.id === id && one.ariaSelected === "true");
  });
  await page.waitForFunction(() => document.activeElement.hasAttribute("aria-activedescendant"));
  expect((await active()) === 0, "the first result is the active one");
  await page.keyboard.press("ArrowDown");
  expect((await active()) === 1, "down");
  await page.keyboard.press("ArrowUp");
  expect((await active()) === 0, "up");
  await page.keyboard.press("ArrowUp");
  expect((await active()) === (await options_(page).count()) - 1, "up from the first to the last");
  await page.keyboard.press("ArrowDown");
  expect((await input(page).getAttribute("aria-expanded")) === "true", "expanded with results");
  expect(/\d/.test(await page.locator("dialog [role=status]").textContent()), "the number is announced");
  expect((await page.locator("dialog mark").count()) > 0, "what was asked for is marked");
  const ids = await options_(page).evaluateAll((all) => all.map((one) => one.id));
  expect(new Set(ids).size === ids.length, "every result has its own id");
  await page.keyboard.press("Escape");
  expect(!(await page.locator("dialog").evaluate((one) => one.open)), "Escape closes it");
  await page.keyboard.press("Control+k");
  expect(await page.locator("dialog").evaluate((one) => one.open), "Ctrl-K opens it again");
  expect((await input(page).inputValue()) === query, "the query is still there");
  const href = await options_(page).first().evaluate((one) => one.href);
  await page.keyboard.press("Enter");
  await page.waitForURL(href);
  expect(true, "");
});

await reader("letters before the search is there", {}, async (page, go) => {
  await page.route("**/juxta-search.*", async (route) => {
    await new Promise((done) => setTimeout(done, 300));
    await route.fallback();
  });
  await go("/");
  for (const [ask, mistake] of [["/", "/"], ["Control+k", " x"]]) {
    await page.reload();
    await page.keyboard.press(ask);
    await page.keyboard.type(query.slice(0, 3) + mistake);
    for (const _ of mistake) await page.keyboard.press("Backspace");
    expect((await input(page).count()) === 0, "the search is not there yet");
    await input(page).waitFor();
    await page.keyboard.type(query.slice(3));
    expect((await input(page).inputValue()) === query, `what was typed after ${ask} is there: ${await input(page).inputValue()}`);
    await options_(page).first().waitFor();
  }
  await page.keyboard.press("Escape");
  await page.keyboard.press("x");
  await page.keyboard.press("Control+k");
  expect((await input(page).inputValue()) === query, "later letters are nobody's");
});

await reader("excerpts", {}, async (page, go) => {
  await go("/");
  await page.keyboard.press("/");
  await input(page).fill(query);
  await options_(page).first().waitFor();
  const cut = await page.evaluate(async () => {
    const { excerpt } = await import(new URL(document.querySelector("button.find").dataset.script, document.baseURI));
    const text = "One sentence stands here, long enough. Another-one comes_then with words.and(marks). A third sentence is about a needle and goes on for quite a while, until nobody reads it any more; then it ends.";
    const told = (text, query) => excerpt(text, query, 60).map(([piece]) => piece).join("");
    return [told(text, "needle"), told(`${"x".repeat(200)} needle`, "needle"), told("这是一个很长的句子。".repeat(20) + "比较两种语言。" + "以后还有。".repeat(20), "比较")];
  });
  expect(cut[0].startsWith("… A third sentence is about a needle"), `a sentence near by is not cut: ${cut[0]}`);
  expect(cut[1] === "… needle", `nor is a word: ${cut[1]}`);
  expect(cut[2].startsWith("… 比较两种语言。"), `nor a sentence without spaces: ${cut[2]}`);
});

await reader("nothing found, more, filters", {}, async (page, go) => {
  await go("/");
  await page.keyboard.press("/");
  await input(page).fill("zzqxjwv");
  await page.waitForFunction(() => document.querySelector("dialog [role=status]").textContent);
  expect((await options_(page).count()) === 0 && (await page.locator("dialog [role=listbox]").isHidden()), "no empty list");
  await input(page).fill(query);
  await options_(page).first().waitFor();
  const before = await options_(page).count();
  const more = page.locator(".find-more");
  if (await more.isVisible()) {
    await more.click();
    await page.waitForFunction((n) => document.querySelectorAll("dialog [role=option]").length > n, before);
  }
  const filter = page.locator(".find-filters select").first();
  if (await filter.count()) {
    const told = () => page.locator("dialog [role=status]").textContent();
    const all = parseInt(await told(), 10);
    await filter.selectOption({ index: 1 });
    await page.waitForFunction((text) => document.querySelector("dialog [role=status]").textContent !== text, `${all}`);
    await page.waitForTimeout(300);
    const some = parseInt(await told(), 10);
    expect(Number.isNaN(some) || some <= all, "a filter leaves fewer");
  }
});

if (identifier) {
  await reader("the side", { width: 600 }, async (page, go) => {
    await go("/");
    await page.keyboard.press("/");
    await input(page).fill(identifier);
    const option = page.locator("dialog [role=option]:has(.find-side)").first();
    await option.waitFor();
    const url = new URL(await option.evaluate((one) => one.href));
    await option.click();
    await page.waitForURL(url.href);
    const side = [...url.searchParams.values()][0];
    const pane = page.locator(`[id="${decodeURIComponent(url.hash.slice(1))}"]`);
    expect(await pane.isVisible(), `the pane ${url.hash} is open`);
    expect((await pane.getAttribute("data-side")) === side, "it is that of the side in the address");
    expect((await pane.textContent()).includes(identifier), "it holds what was asked for");
  });
}

await reader("page of the search", {}, async (page, go) => {
  await go(`/search/?q=${encodeURIComponent(query)}`);
  await page.locator("#_search [role=option]").first().waitFor();
  await sound(page);
  await page.locator("#_search input").fill("");
  await page.waitForURL((url) => !url.search);
  expect(true, "");
});

await reader("without scripts", { javaScriptEnabled: false }, async (page, go) => {
  await go("/search/");
  expect(await page.locator("main noscript").count() || await page.locator("main .lead").count(), "it says why there is nothing");
  expect(!(await page.locator("button.find").isVisible()), "no button that does nothing");
});

await end();
