// Before the first paint: a class that says scripts run, what the reader chose.
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

  // Address, fragment, storage, in this order. There is no body yet, so these are rules,
  // for groups that have that side, until compare.js takes over.
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
    // No storage, a bad fragment, an old browser: too early to choose.
  }

  window.juxta = {
    sides,
    theme: read,
    setTheme(theme) {
      try {
        if (theme === "system") localStorage.removeItem(key);
        else localStorage.setItem(key, theme);
      } catch {
        // Forbidden: the choice holds for this page.
      }
      show(theme);
    },
  };
})();
