// Before the first paint: a class that says scripts run, the reader's colour scheme,
// and the side of each comparison the reader chose.
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

  // The choice of a side: the address first, then its fragment, then what is stored.
  // The body is not read yet, so this is rules in a style sheet, which only hide
  // panes of a group that has the chosen one; compare.js takes over and removes them.
  const prefix = "juxta-side:";
  const sides = new Map();
  const rules = [];
  const rule = (group, side) => {
    if (side === "both") return rules.push(`.cmp${group}>.cmp-panes>.pane{animation:none!important}`);
    const is = `[data-side=${CSS.escape(side)}]`;
    const panes = `.cmp${group}:has(>.cmp-panes>${is})>.cmp-panes>`;
    rules.push(`${panes}.pane${is}{animation:none!important}`, `${panes}.pane:not(${is}){display:none}`);
  };
  const sync = (key) => `[data-sync=${CSS.escape(key)}]`;
  try {
    const asked = new URLSearchParams(location.search);
    const pane = /--([^-].*)$/.exec(decodeURIComponent(location.hash))?.[1];
    for (const [key, side] of asked) if (key && side) rule(sync(key), side), sides.set(key, side);
    if (pane) rule([...sides.keys()].map((key) => `:not(${sync(key)})`).join(""), pane);
    for (const name of Object.keys(localStorage)) {
      const key = name.slice(prefix.length);
      if (!name.startsWith(prefix) || !key || sides.has(key)) continue;
      sides.set(key, localStorage[name]);
      const other = pane ? `:not(:has(>.cmp-panes>[data-side=${CSS.escape(pane)}]))` : "";
      rule(sync(key) + other, localStorage[name]);
    }
  } catch {
    // Storage may be forbidden, a fragment malformed: then nothing was chosen.
  }
  if (rules.length && document.adoptedStyleSheets) {
    const sheet = new CSSStyleSheet();
    for (const text of rules) {
      try {
        sheet.insertRule(`@media screen{${text}}`);
      } catch {
        // An old browser without `:has`.
      }
    }
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
    // Deferred scripts have run by then; should one be missing, nothing stays hidden.
    addEventListener("load", () => {
      document.adoptedStyleSheets = document.adoptedStyleSheets.filter((other) => other !== sheet);
    });
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
