// Enhancements. Every page is complete without this file.
(() => {
  const words = document.currentScript.dataset;
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  // `serve` puts a changed page in place of the old one: what is new then is dressed
  // again, what stayed is left alone.
  const done = new WeakSet();
  const fresh = (selector) => all(selector).filter((element) => !done.has(element) && done.add(element));
  const wide = matchMedia("(min-width: 62.5em)");

  // Colour scheme: system, light, dark in turn.
  const themes = ["system", "light", "dark"];
  const dressHeader = () => {
    for (const button of fresh("button.scheme")) {
      let theme = window.juxta ? window.juxta.theme() : "system";
      const label = () => {
        const text = `${button.dataset.name}: ${button.dataset[theme]}`;
        button.setAttribute("aria-label", text);
        button.title = text;
        button.dataset.theme = theme;
      };
      button.addEventListener("click", () => {
        theme = themes[(themes.indexOf(theme) + 1) % themes.length];
        window.juxta?.setTheme(theme);
        label();
      });
      label();
      button.hidden = false;
    }

    // Menu: show where the reader is, close it when the column takes over.
    for (const side of fresh("#_menu")) {
      const reveal = () => {
        const current = side.querySelector('[aria-current="page"]');
        if (!current || side.scrollHeight <= side.clientHeight) return;
        const offset = current.getBoundingClientRect().top - side.getBoundingClientRect().top;
        side.scrollTop += offset - side.clientHeight / 2;
      };
      reveal();
      side.addEventListener("toggle", reveal);
      wide.addEventListener("change", () => side.matches(":popover-open") && side.hidePopover());
    }
  };

  // Contents: open where the style sheet puts them beside the text, follow the reader.
  const dressContents = () => {
    for (const toc of fresh(".toc")) {
      const details = toc.querySelector("details");
      const isBeside = () => getComputedStyle(toc).position === "sticky";
      let beside;
      const fit = () => {
        if (beside !== (beside = isBeside())) details.open = beside;
      };
      fit();
      addEventListener("resize", fit, { passive: true });
      toc.addEventListener("click", (event) => {
        if (!beside && event.target.closest("a")) details.open = false;
      });

      let entries;
      const index = () => {
        entries = all("a[href*='#']", toc)
          .map((link) => ({ link, heading: document.getElementById(decodeURIComponent(link.hash.slice(1))) }))
          .filter((entry) => entry.heading);
      };
      index();
      let current = null;
      let waiting = false;
      const follow = () => {
        waiting = false;
        const line = innerHeight * 0.3;
        let found = null;
        for (const entry of entries) {
          if (entry.heading.getBoundingClientRect().top > line) break;
          found = entry;
        }
        const end = scrollY + innerHeight >= document.documentElement.scrollHeight - 2;
        if (end && scrollY > 0) found = entries.at(-1) ?? found;
        if (found === current) return;
        current?.link.removeAttribute("aria-current");
        found?.link.setAttribute("aria-current", "location");
        current = found;
        if (found && toc.scrollHeight > toc.clientHeight) {
          const offset = found.link.getBoundingClientRect().top - toc.getBoundingClientRect().top;
          if (offset < 0 || offset > toc.clientHeight - 32) toc.scrollTop += offset - toc.clientHeight / 2;
        }
      };
      const soon = () => {
        if (!waiting) requestAnimationFrame(follow);
        waiting = true;
      };
      if (entries.length) {
        addEventListener("scroll", soon, { passive: true });
        addEventListener("resize", soon, { passive: true });
        document.addEventListener("juxta:replaced", () => (index(), soon()));
        follow();
      }
    }
  };

  // Folded lines of code: one button for each range of data-collapse.
  const dressFolds = () => {
    for (const pre of fresh("pre[data-collapse]")) {
      const lines = all(".ln", pre);
      for (const range of pre.dataset.collapse.split(",")) {
        const [first, last = first] = range.split("-").map(Number);
        const folded = lines.slice(first - 1, last).filter((line) => !line.hidden);
        if (!folded.length) continue;
        const button = document.createElement("button");
        button.type = "button";
        button.className = "unfold";
        button.textContent = `… ${folded.length} ${words.lines}`;
        button.addEventListener("click", () => {
          folded.forEach((line) => (line.hidden = false));
          button.remove();
          pre.focus();
        });
        folded[0].before(button);
        folded.forEach((line) => (line.hidden = true));
      }
    }
  };

  // Linked lines: #name-3 is a line, #name-3..7 a range; shift and click makes one.
  const numbers = (hash) => /^#(.+)-(\d+)(?:\.\.(\d+))?$/.exec(decodeURIComponent(hash));
  const choose = () => {
    all(".ln.at").forEach((line) => line.classList.remove("at"));
    const [, name, first, last = first] = numbers(location.hash) ?? [];
    if (!name) return;
    const line = (number) => document.getElementById(`${name}-${number}`);
    const ends = [line(first), line(last)];
    if (!ends.every((end) => end?.matches(".ln"))) return;
    const lines = all(".ln", ends[0].closest("pre"));
    const [from, to] = ends.map((end) => lines.indexOf(end)).sort((a, b) => a - b);
    for (const chosen of lines.slice(from, to + 1)) {
      chosen.classList.add("at");
      if (!chosen.matches(".hide")) chosen.hidden = false;
    }
    if (first !== last) lines[from].scrollIntoView({ block: "center" });
  };
  document.addEventListener("click", (event) => {
    const number = event.target.closest?.(".ln > a[data-n]");
    if (!number || !event.shiftKey) return;
    const from = numbers(location.hash);
    const to = numbers(number.hash);
    if (!from || from[1] !== to[1]) return;
    event.preventDefault();
    const [first, last] = [+from[2], +to[2]].sort((a, b) => a - b);
    history.replaceState(null, "", `#${to[1]}-${first}..${last}`);
    choose();
  });
  addEventListener("hashchange", choose);

  // What a reader wants to paste: no removed lines, no notes, of a terminal session the commands.
  const plain = (pre) => {
    const code = pre.querySelector("code").cloneNode(true);
    for (const note of all(".note", code)) {
      note.previousSibling?.replaceWith(note.previousSibling.textContent.replace(/ $/, ""));
      note.remove();
    }
    all(".ln.del, .unfold, .prompt, .out", code).forEach((part) => part.remove());
    return code.textContent.replace(/\n$/, "");
  };

  // Copy buttons.
  const status = document.createElement("p");
  status.className = "hidden";
  status.setAttribute("role", "status");
  document.body.append(status);
  const copier = (label, text) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = label;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(text());
      button.textContent = status.textContent = words.copied;
      setTimeout(() => {
        button.textContent = label;
        status.textContent = "";
      }, 2000);
    });
    return button;
  };
  const dressCode = () => {
    for (const pre of navigator.clipboard ? fresh("pre[data-copy]") : []) {
      const button = copier(words.copy, () => plain(pre));
      const caption = pre.closest("figure.code")?.querySelector("figcaption");
      if (caption) {
        caption.append(button);
        continue;
      }
      const frame = document.createElement("div");
      frame.className = "code-frame";
      pre.replaceWith(frame);
      frame.append(pre, button);
    }
  };

  // For compare.js, which copies all sides at once.
  if (window.juxta && navigator.clipboard) Object.assign(window.juxta, { copier, plain });

  // Tables get a region that scrolls; only one that really does is a stop for the Tab key.
  const region = new ResizeObserver((changes) => {
    for (const { target } of changes) {
      const frame = target.closest(".table");
      const scrolls = frame.scrollWidth > frame.clientWidth + 1 || frame.scrollHeight > frame.clientHeight + 1;
      if (frame.closest(".cmp-table")) {
        // Has a name and a role of its own.
        if (scrolls) frame.tabIndex = 0;
        else frame.removeAttribute("tabindex");
      } else if (scrolls) {
        frame.tabIndex = 0;
        frame.setAttribute("role", "region");
        frame.setAttribute("aria-label", target.caption?.textContent.trim() || words.table);
      } else {
        for (const name of ["tabindex", "role", "aria-label"]) frame.removeAttribute(name);
      }
    }
  });
  const dressTables = () => {
    for (const table of fresh(".content table, .cmp-table table")) {
      let frame = table.closest(".table");
      if (!frame) {
        frame = document.createElement("div");
        frame.className = "table";
        table.replaceWith(frame);
        frame.append(table);
      }
      region.observe(table);
      new ResizeObserver(() => (region.unobserve(table), region.observe(table))).observe(frame);
    }
  };

  const dress = () => {
    dressHeader();
    dressContents();
    dressFolds();
    choose();
    dressCode();
    dressTables();
  };
  document.addEventListener("juxta:replaced", dress);
  dress();
})();
