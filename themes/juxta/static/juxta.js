// Enhancements. Every page is complete without this file.
(() => {
  const words = document.currentScript.dataset;
  const { attempt } = window.juxta;
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const set = (element, attributes) => {
    for (const [name, value] of Object.entries(attributes)) {
      if (value == null) element.removeAttribute(name);
      else element.setAttribute(name, value);
    }
    return element;
  };
  const make = (name, attributes, ...children) => {
    const element = set(document.createElement(name), attributes);
    element.append(...children);
    return element;
  };
  const button = (attributes, text, action) => {
    const element = make("button", { type: "button", ...attributes }, text);
    element.addEventListener("click", () => action(element));
    return element;
  };
  // What `serve` replaced is dressed again.
  const done = {};
  const fresh = (selector) => {
    const seen = (done[selector] ??= new WeakSet());
    return all(selector).filter((element) => !seen.has(element) && seen.add(element));
  };

  const bring = (element, box) => {
    const offset = element?.getBoundingClientRect().top - box.getBoundingClientRect().top;
    if (offset < 0 || offset > box.clientHeight - 32) box.scrollTop += offset - box.clientHeight / 2;
  };

  const finder = () => document.querySelector("button.find");
  const search = (action) => import(new URL(finder().dataset.script, document.baseURI)).then(action);
  addEventListener("keydown", (event) => {
    const { key, target, ctrlKey, metaKey, altKey } = event;
    const typed = target.closest?.("input, textarea, select, [contenteditable]");
    const asked = ctrlKey || metaKey ? key === "k" && !altKey : key === "/" && !typed;
    const place = document.querySelector("#_search input");
    if (!asked || !finder()) return;
    event.preventDefault();
    if (place) place.focus();
    else finder().click();
  });

  // Colour scheme.
  const themes = ["system", "light", "dark"];
  const dressHeader = () => {
    for (const scheme of fresh("button.scheme")) {
      let theme = window.juxta.theme();
      const label = () => {
        const title = `${scheme.dataset.name}: ${scheme.dataset[theme]}`;
        set(scheme, { "aria-label": title, title, "data-theme": theme });
      };
      scheme.addEventListener("click", () => {
        theme = themes[(themes.indexOf(theme) + 1) % themes.length];
        window.juxta.setTheme(theme);
        label();
      });
      label();
      scheme.hidden = false;
    }

    for (const find of fresh("button.find")) {
      find.addEventListener("click", () => search((one) => one.show(find)));
      find.hidden = false;
      const place = document.getElementById("_search");
      if (place) search((one) => one.place(place, find));
    }

    // Menu: show where the reader is.
    for (const side of fresh("#_menu")) {
      const reveal = () => bring(all("[aria-current=page]", side).at(-1), side);
      reveal();
      side.addEventListener("toggle", reveal);
    }
  };

  // Contents: open beside the text, follow the reader.
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
        bring(found?.link, toc);
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

  // Folded lines of code.
  const dressFolds = () => {
    for (const pre of fresh("pre[data-collapse]")) {
      const lines = all(".ln", pre);
      for (const range of pre.dataset.collapse.split(",")) {
        const [first, last = first] = range.split("-").map(Number);
        const folded = lines.slice(first - 1, last).filter((line) => !line.hidden);
        if (!folded.length) continue;
        const unfold = button({ class: "unfold" }, `… ${folded.length} ${words.lines}`, () => {
          folded.forEach((line) => (line.hidden = false));
          unfold.remove();
          pre.focus();
        });
        folded[0].before(unfold);
        folded.forEach((line) => (line.hidden = true));
      }
    }
  };

  // Linked lines: #name-3, #name-3..7 (shift and click).
  const numbers = (hash) => /^#(.+)-(\d+)(?:\.\.(\d+))?$/.exec(attempt(() => decodeURIComponent(hash)));
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

  // What is pasted.
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
  const status = make("p", { class: "hidden", role: "status" });
  document.body.append(status);
  const copier = navigator.clipboard && ((label, text) =>
    button({ class: "copy" }, label, async (copy) => {
      await navigator.clipboard.writeText(await text());
      copy.textContent = status.textContent = words.copied;
      setTimeout(() => {
        copy.textContent = label;
        status.textContent = "";
      }, 2000);
    }));
  const markdown = async () => {
    const page = await fetch(document.querySelector('link[type="text/markdown"]').href);
    return page.ok ? page.text() : Promise.reject(page);
  };
  const dressCode = () => {
    for (const title of copier && words.page ? fresh(".head h1") : []) title.parentNode.append(copier(words.page, markdown));
    for (const pre of copier ? fresh("pre[data-copy]") : []) {
      const copy = copier(words.copy, () => plain(pre));
      const caption = pre.closest("figure.code")?.querySelector("figcaption");
      if (caption) {
        caption.append(copy);
        continue;
      }
      const frame = make("div", { class: "code-frame" });
      pre.replaceWith(frame);
      frame.append(pre, copy);
    }
  };

  Object.assign(window.juxta, { all, set, make, button, copier, plain });

  // Tables get a frame; one that scrolls is a stop for the Tab key.
  const region = new ResizeObserver((changes) => {
    for (const { target } of changes) {
      const frame = target.closest(".table");
      const scrolls = frame.scrollWidth > frame.clientWidth + 1 || frame.scrollHeight > frame.clientHeight + 1;
      set(frame, { tabindex: scrolls ? 0 : null });
      // A table of facts has its name already.
      if (frame.closest(".cmp-table")) continue;
      const name = frame.querySelector("caption")?.textContent.trim() || words.table;
      set(frame, { role: scrolls ? "group" : null, "aria-label": scrolls ? name : null });
    }
  });
  const dressTables = () => {
    for (const table of fresh(".content table, .cmp-table table")) {
      let frame = table.closest(".table");
      if (!frame) {
        frame = make("div", { class: "table" });
        table.replaceWith(frame);
        frame.append(table);
      }
      region.observe(table);
      region.observe(frame);
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
