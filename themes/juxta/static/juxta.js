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
  const named = (hash) => attempt(() => document.getElementById(decodeURIComponent(hash.slice(1))));
  const make = (name, attributes, ...children) => {
    const element = set(document.createElement(name), attributes);
    element.append(...children);
    return element;
  };
  const wrap = (element, name) => {
    const frame = make("div", { class: name });
    element.replaceWith(frame);
    frame.append(element);
    return frame;
  };
  const button = (attributes, text, action) => {
    const element = make("button", { type: "button", ...attributes }, text);
    element.addEventListener("click", () => action(element));
    return element;
  };
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
  // What is typed until the search is there.
  let typed = null;
  addEventListener("keydown", (event) => {
    const { key, target, ctrlKey, metaKey, altKey } = event;
    const isPlain = !(ctrlKey || metaKey || altKey);
    const isText = typed !== null && isPlain && (key === "Backspace" || [...key].length === 1);
    const field = target.closest?.("input, textarea, select, [contenteditable]");
    const asked = finder() && (isPlain ? key === "/" && !field : key === "k" && !altKey);
    if (!isText && !asked) return;
    event.preventDefault();
    const place = document.querySelector("#_search input");
    if (isText) typed = key === "Backspace" ? typed.slice(0, -1) : typed + key;
    else if (place) place.focus();
    else finder().click();
  });

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
      find.addEventListener("click", () => {
        typed ??= "";
        search((one) => one.show(find, () => typed)).finally(() => (typed = null));
      });
      find.hidden = false;
      const place = document.getElementById("_search");
      if (place) search((one) => one.place(place, find));
    }

    for (const side of fresh("#_menu")) {
      const reveal = () => bring(all("[aria-current=page]", side).at(-1), side);
      reveal();
      side.addEventListener("toggle", reveal);
    }
  };

  const dressContents = () => {
    for (const toc of fresh(".toc")) {
      const details = toc.querySelector("details");
      const isBeside = () => getComputedStyle(toc).position === "sticky";
      let beside;
      const fit = () => {
        if (beside !== (beside = isBeside())) details.open = beside;
      };
      fit();
      addEventListener("resize", fit);
      toc.addEventListener("click", (event) => {
        if (!beside && event.target.closest("a")) details.open = false;
      });

      let entries;
      const index = () => {
        entries = all("a[href*='#']", toc)
          .map((link) => ({ link, heading: named(link.hash) }))
          .filter((entry) => entry.heading);
      };
      index();
      let current;
      let waiting = false;
      const follow = () => {
        waiting = false;
        const line = innerHeight * 0.3;
        const end = scrollY > 0 && scrollY + innerHeight >= document.documentElement.scrollHeight - 2;
        const found = entries.findLast(({ heading }) => end || heading.getBoundingClientRect().top <= line);
        if (found === current) return;
        if (current) set(current.link, { "aria-current": null });
        if (found) set(found.link, { "aria-current": "location" });
        current = found;
        bring(found?.link, toc);
      };
      const soon = () => {
        if (!waiting) requestAnimationFrame(follow);
        waiting = true;
      };
      if (entries.length) {
        for (const type of ["scroll", "resize"]) addEventListener(type, soon);
        document.addEventListener("juxta:replaced", () => (index(), soon()));
        follow();
      }
    }
  };

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

  // Linked lines.
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

  const plain = (pre) => {
    const code = pre.querySelector("code").cloneNode(true);
    for (const note of all(".note", code)) {
      note.previousSibling?.replaceWith(note.previousSibling.textContent.replace(/ $/, ""));
      note.remove();
    }
    all(".ln.del, .unfold, .prompt, .out", code).forEach((part) => part.remove());
    return code.textContent.replace(/\n$/, "");
  };

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
    if (!copier) return;
    for (const head of words.page ? fresh(".head") : []) head.append(copier(words.page, markdown));
    for (const pre of fresh("pre[data-copy]")) {
      const caption = pre.closest("figure.code")?.querySelector("figcaption");
      (caption ?? wrap(pre, "code-frame")).append(copier(words.copy, () => plain(pre)));
    }
  };

  Object.assign(window.juxta, { all, set, named, make, button, copier, plain });

  const region = new ResizeObserver((changes) => {
    for (const { target } of changes) {
      const frame = target.closest(".table");
      const scrolls = frame.scrollWidth > frame.clientWidth + 1 || frame.scrollHeight > frame.clientHeight + 1;
      set(frame, { tabindex: scrolls ? 0 : null });
      if (frame.closest(".cmp-table")) continue;
      const name = frame.querySelector("caption")?.textContent.trim() || words.table;
      set(frame, { role: scrolls ? "group" : null, "aria-label": scrolls ? name : null });
    }
  });
  const dressTables = () => {
    for (const table of fresh(".content table, .cmp-table table")) {
      region.observe(table);
      region.observe(table.closest(".table") ?? wrap(table, "table"));
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
