// Before the first paint: the reader's colour scheme, and a class that says scripts run.
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
  window.juxta = {
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
