// Before the first paint.
(() => {
  const root = document.documentElement;
  const key = "juxta-theme";
  const attempt = (action) => {
    try {
      return action();
    } catch {}
  };
  const media = {
    light: { system: "print, (prefers-color-scheme: light)", light: "all", dark: "print" },
    dark: { system: "screen and (prefers-color-scheme: dark)", light: "not all", dark: "screen" },
  };
  const show = (theme) => {
    root.dataset.theme = theme;
    document.querySelector("[name=color-scheme]")?.setAttribute("content", theme === "system" ? "light dark" : theme);
    for (const scheme in media) {
      const link = document.getElementById(`code-${scheme}`);
      if (link) link.media = media[scheme][theme];
    }
  };
  const first = root.dataset.theme ?? "system";
  const read = () => attempt(() => /^(system|light|dark)$/.exec(localStorage[key])?.[0]) ?? first;
  root.classList.add("js");
  if (read() !== first) show(read());

  // The side: address, fragment, storage. No body yet: rules, until compare.js comes.
  const sides = new Map();
  const rules = [];
  const adopt = (text) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    document.adoptedStyleSheets.push(sheet);
    return sheet;
  };
  const is = (name, value) => `[data-${name}=${CSS.escape(value)}]`;
  const rule = (on, side) => {
    const pane = `.cmp${on}>.cmp-panes>.pane`;
    const chosen = side === "both" ? "" : is("side", side);
    rules.push(`${pane}${chosen}{animation:none!important}`);
    if (!chosen) return;
    rules.push(`.cmp${on}:has(>.cmp-panes>${chosen})>.cmp-panes>:not(${chosen}){display:none}`);
    rules.push(`:has(.pane${chosen}) .cmp-side${on}:not(${chosen}){display:none}`);
  };
  attempt(() => {
    const pane = /.*--(.+)/.exec(decodeURIComponent(location.hash))?.[1];
    for (const [key, side] of new URLSearchParams(location.search)) {
      if (key && side) sides.set(key, side);
    }
    for (const [key, side] of sides) rule(is("sync", key), side);
    if (pane) rule([...sides.keys()].map((key) => `:not(${is("sync", key)})`).join(""), pane);
    for (const [name, side] of Object.entries(localStorage)) {
      const [, key] = /^juxta-side:(.+)/.exec(name) ?? [];
      if (!key || sides.has(key)) continue;
      sides.set(key, side);
      rule(is("sync", key) + (pane ? `:not(:has(>.cmp-panes>${is("side", pane)}))` : ""), side);
    }
    if (rules.length) {
      const sheet = adopt(`@media screen{${rules.join("")}}`);
      addEventListener("load", () => sheet.replaceSync(""));
    }
  });

  // Announcement.
  const putAway = (told) => adopt(`.announce${is("id", told)}{display:none}`);
  attempt(() => putAway(localStorage["juxta-told"]));
  addEventListener("click", ({ target }) => {
    const told = target.closest?.(".announce button")?.parentNode.dataset.id;
    if (!told) return;
    putAway(told);
    attempt(() => (localStorage["juxta-told"] = told));
  });

  window.juxta = {
    attempt,
    sides,
    theme: read,
    setTheme(theme) {
      attempt(() => (localStorage[key] = theme));
      show(theme);
    },
  };
})();
