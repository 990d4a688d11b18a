// Before the first paint: a class that says scripts run, and what the reader chose,
// a colour scheme and a side of comparisons.
(() => {
  const root = document.documentElement;
  const key = "juxta-theme";
  const media = {
    light: { system: "print, (prefers-color-scheme: light)", light: "all", dark: "print" },
    dark: { system: "screen and (prefers-color-scheme: dark)", light: "not all", dark: "screen" },
  };
  const show = (theme) => {
    if (theme === "system") delete root.dataset.theme;
    else root.dataset.theme = theme;
    for (const scheme of ["light", "dark"]) {
      const link = document.getElementById(`code-${scheme}`);
      if (link) link.media = media[scheme][theme];
    }
  };
  const read = () => {
    try {
      const stored = localStorage.getItem(key);
      return stored === "light" || stored === "dark" ? stored : "system";
    } catch {
      return "system";
    }
  };
  root.classList.add("js");
  if (read() !== "system") show(read());

  // The side: the address says first, then its fragment, then what is stored. The body
  // is not read yet, so these are rules, which only touch groups that have that side;
  // compare.js takes over before the page has loaded.
  const sides = new Map();
  const rules = [];
  const is = (name, value) => `[data-${name}=${CSS.escape(value)}]`;
  const rule = (on, side) => {
    const pane = `.cmp${on}>.cmp-panes>.pane`;
    const chosen = side === "both" ? "" : is("side", side);
    rules.push(`${pane}${chosen}{animation:none!important}`);
    if (chosen) rules.push(`.cmp${on}:has(>.cmp-panes>${chosen})>.cmp-panes>:not(${chosen}),:has(.pane${chosen}) .cmp-side${on}:not(${chosen}){display:none}`);
  };
  try {
    const pane = /--([^-].*)$/.exec(decodeURIComponent(location.hash))?.[1];
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
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(`@media screen{${rules.join("")}}`);
      document.adoptedStyleSheets.push(sheet);
      addEventListener("load", () => sheet.replaceSync(""));
    }
  } catch {
    // No storage, a malformed fragment, an old browser: nothing is chosen so early.
  }

  window.juxta = {
    sides,
    theme: read,
    setTheme(theme) {
      try {
        if (theme === "system") localStorage.removeItem(key);
        else localStorage.setItem(key, theme);
      } catch {
        // Storage may be forbidden; the choice then holds for this page only.
      }
      show(theme);
    },
  };
})();
