// Comparisons: which side is shown, tabs where there is no room for columns, tools of
// tables. Loaded on pages with such blocks, which are complete without it.
(() => {
  const words = document.currentScript.dataset;
  const juxta = window.juxta ?? {};
  // Key of a group (`data-sync`) → the side the reader chose, or "both".
  const chosen = juxta.sides ?? new Map();
  const groups = new Map();
  const choosers = new Map();
  const done = new WeakSet();
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const fresh = (selector) => all(selector).filter((element) => !done.has(element) && done.add(element));
  const make = (name, properties = {}, ...children) => {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  };
  const button = (text, action, properties) => {
    const element = make("button", { type: "button", textContent: text, ...properties });
    element.addEventListener("click", action);
    return element;
  };
  const named = (hash) => {
    try {
      return document.getElementById(decodeURIComponent(hash.slice(1)));
    } catch {
      return null;
    }
  };
  let count = 0;

  // --- Groups of sides

  /** The side a group shows: its own for the moment, else the reader's choice if it has it. */
  const sideOf = (group) => {
    const side = group.own ?? (group.key ? chosen.get(group.key) : undefined);
    return side === "both" || group.panes.some((pane) => pane.side === side) ? side : undefined;
  };

  /** Draws a group: columns (or all panes below each other), or tabs. */
  const draw = (group) => {
    const { root, panes, view } = group;
    const side = sideOf(group);
    const one = side && side !== "both";
    const isWide = getComputedStyle(group.inner).getPropertyValue("--columns").trim() === "1";
    const tabbed = view === "tabs" || one || (!side && !isWide && view !== "stacked");
    if (one) group.last = panes.findIndex((pane) => pane.side === side);
    const current = tabbed ? (group.last ?? 0) : -1;
    const state = `${current} ${isWide}`;
    if (group.state === state) return;
    group.state = state;
    root.classList.toggle("tabbed", tabbed);
    group.list.hidden = group.link.hidden = !tabbed;
    group.split.hidden = !(tabbed && isWide && view !== "tabs");
    panes.forEach(({ element, tab }, i) => {
      tab.setAttribute("aria-selected", i === current);
      tab.tabIndex = i === current ? 0 : -1;
      // These are tabs only while they look like tabs.
      element.setAttribute("role", tabbed ? "tabpanel" : "group");
      element.setAttribute("aria-labelledby", tabbed ? tab.id : `${element.id}-t`);
      if (tabbed && !element.querySelector(":scope > :not(.pane-title):is(a, button, pre), :scope > :not(.pane-title) :is(a[href], button, [tabindex])")) element.tabIndex = 0;
      else element.removeAttribute("tabindex");
      // Hidden so that searching in the page and links with a fragment find it.
      if (tabbed && i !== current) element.setAttribute("hidden", "until-found");
      else element.removeAttribute("hidden");
    });
    if (!tabbed) return;
    group.link.href = `#${panes[current].element.id}`;
    group.link.setAttribute("aria-label", `${words.anchor}: ${panes[current].title}`);
  };

  const drawAll = () => {
    for (const [root, group] of groups) {
      if (root.isConnected) draw(group);
      else groups.delete(root);
    }
    drawSides();
    drawChoosers();
  };

  /** Text for readers of one side goes with the groups of that key. */
  const drawSides = () => {
    for (const element of all(".cmp-side")) {
      const { side, for: only } = element.dataset;
      const others = [...groups.values()].filter((group) => (only ? group.key === only : group.key && group.panes.some((pane) => pane.side === side)));
      const choice = others.length ? chosen.get(others[0].key) : only && chosen.get(only);
      const hidden = choice && choice !== "both" && choice !== side && others.some((group) => group.panes.some((pane) => pane.side === choice));
      if (hidden) element.setAttribute("hidden", "until-found");
      else element.removeAttribute("hidden");
    }
  };

  /** Runs what changes the page, and keeps an element where it was on the screen. */
  const still = (element, change) => {
    const before = element.getBoundingClientRect().top;
    change();
    scrollBy({ top: element.getBoundingClientRect().top - before, behavior: "instant" });
  };

  /** The reader chooses a side: here, in all groups of the key, on all pages. */
  const choose = (group, side, anchor) => {
    const { key } = group;
    still(anchor, () => {
      if (key) {
        chosen.set(key, side);
        for (const other of groups.values()) if (other.key === key) other.own = undefined;
        try {
          localStorage.setItem(`juxta-side:${key}`, side);
        } catch {
          // Storage may be forbidden; the choice then holds for this page.
        }
        // An address that says otherwise would win when the page is loaded again.
        const address = new URL(location.href);
        const pane = named(address.hash);
        if (address.searchParams.has(key)) address.searchParams.set(key, side);
        if (pane?.matches(".pane") && pane.dataset.side !== side) address.hash = "";
        if (address.href !== location.href) history.replaceState(history.state, "", address);
      } else {
        group.own = side;
      }
      drawAll();
    });
  };

  const sizes = new ResizeObserver((changes) => {
    for (const { target } of changes) {
      const group = groups.get(target);
      if (group) draw(group);
    }
    drawChoosers();
  });

  const dressGroup = (root) => {
    const inner = root.querySelector(":scope > .cmp-panes");
    if (!inner) return;
    const group = { root, inner, key: root.dataset.sync, view: root.dataset.view };
    group.panes = all(":scope > .pane", inner).map((element) => {
      element.id ||= `_pane${++count}`;
      const heading = element.querySelector(":scope > .pane-title");
      if (heading) heading.id ||= `${element.id}-t`;
      const { side } = element.dataset;
      const title = heading?.textContent.trim() || side;
      const tab = button(title, () => choose(group, side, tab), { id: `${element.id}-tab` });
      tab.setAttribute("role", "tab");
      tab.setAttribute("aria-controls", element.id);
      return { element, side, title, tab };
    });
    if (!group.panes.length) return;
    const tabs = group.panes.map((pane) => pane.tab);
    group.list = make("div", { className: "tabs" }, ...tabs);
    group.list.setAttribute("role", "tablist");
    group.list.setAttribute("aria-label", root.dataset.label || root.querySelector(":scope > :is(h2, h3, h4, h5, h6)")?.textContent.trim() || words.sides);
    group.list.addEventListener("keydown", (event) => {
      const at = tabs.indexOf(event.target);
      const forward = getComputedStyle(root).direction === "rtl" ? "ArrowLeft" : "ArrowRight";
      const to = { ArrowLeft: at - 1, ArrowRight: at - 1, [forward]: at + 1, Home: 0, End: -1 }[event.key];
      if (at < 0 || to === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
      event.preventDefault();
      const tab = tabs.at(to % tabs.length);
      tab.focus({ preventScroll: true });
      tab.click();
    });
    group.split = button(words.split, () => choose(group, "both", root), { className: "split" });
    group.link = make("a", { className: "hash" });
    const acts = make("div", { className: "cmp-acts" }, group.split);
    const codes = () => group.panes.map((pane) => [pane.title, all("pre[data-copy]", pane.element)]).filter(([, pres]) => pres.length);
    if (juxta.copier && group.view !== "tabs" && codes().length > 1) {
      const fences = (pres) => pres.map((pre) => `\`\`\`${pre.dataset.lang ?? ""}\n${juxta.plain(pre)}\n\`\`\`\n`).join("\n");
      acts.append(juxta.copier(group.panes.length > 2 ? words.copyAll : words.copyBoth, () => codes().map(([title, pres]) => `### ${title}\n\n${fences(pres)}`).join("\n")));
    }
    acts.append(group.link);
    inner.before(make("div", { className: "cmp-bar" }, group.list, acts));

    // Found by a search or a link: shown here, but nothing is chosen by that.
    inner.addEventListener("beforematch", (event) => {
      const pane = group.panes.find(({ element }) => element.contains(event.target));
      if (!pane || pane.element.parentNode !== inner) return;
      group.own = pane.side;
      draw(group);
    });

    // Lines that say the same on both sides.
    for (const { element } of group.panes) {
      const seen = new Set();
      for (const line of all(".ln[data-pair]", element)) {
        const { pair } = line.dataset;
        const paired = group.panes.some((other) => other.element !== element && other.element.querySelector(`.ln[data-pair="${CSS.escape(pair)}"]`));
        if (paired && !seen.has(pair)) line.tabIndex = 0;
        seen.add(pair);
      }
    }
    groups.set(root, group);
    root.classList.add("ready");
    draw(group);
    sizes.observe(root);
  };

  const pair = ({ target, type }) => {
    all(".ln.pair").forEach((line) => line.classList.remove("pair"));
    const line = type === "focusout" ? null : target.closest?.(".ln[data-pair]");
    if (!line) return;
    const lines = all(`.ln[data-pair="${CSS.escape(line.dataset.pair)}"]`, line.closest(".cmp") ?? undefined);
    if (new Set(lines.map((other) => other.closest(".pane"))).size > 1) lines.forEach((other) => other.classList.add("pair"));
  };
  for (const type of ["pointerover", "focusin", "focusout"]) document.addEventListener(type, pair);

  /** Opens every pane around the element a fragment names. */
  const reveal = (element) => {
    let opened = false;
    for (let pane = element?.closest(".pane"); pane; pane = pane.parentElement.closest(".pane")) {
      const group = groups.get(pane.closest(".cmp"));
      if (!group || !pane.hasAttribute("hidden")) continue;
      group.own = pane.dataset.side;
      draw(group);
      opened = true;
    }
    if (opened) element.scrollIntoView({ behavior: "instant" });
  };
  addEventListener("hashchange", () => reveal(named(location.hash)));

  // --- The chooser of a page: one for each key that groups share

  const dressChoosers = () => {
    const keys = new Map();
    for (const group of groups.values()) {
      if (group.key && group.view !== "tabs") keys.set(group.key, [...(keys.get(group.key) ?? []), group]);
    }
    for (const [key, members] of keys) {
      let place = all(".chooser").find((element) => element.dataset.sync === key);
      if (!place && members.length > 1) {
        place = make("div", { className: "chooser" });
        place.dataset.sync = key;
        (members[0].root.closest(".content") ?? members[0].root).before(place);
      }
      if (!place || place.firstChild) continue;
      const sides = new Map(members.flatMap((group) => group.panes.map((pane) => [pane.side, pane.title])));
      if (sides.size < 2) continue;
      place.setAttribute("role", "group");
      place.setAttribute("aria-label", words.show);
      place.append(make("span", { textContent: words.show, ariaHidden: "true" }));
      const buttons = [["both", sides.size > 2 ? words.allSides : words.both], ...sides].map(([side, title]) => {
        const element = button(title, () => choose(members.find((group) => group.root.isConnected) ?? { key }, side, element));
        place.append(element);
        return [side, element];
      });
      choosers.set(place, { key, buttons });
    }
  };

  /** What is pressed is what is shown: on a narrow screen that may be the first tab. */
  const drawChoosers = () => {
    for (const [place, { key, buttons }] of choosers) {
      if (!place.isConnected) {
        choosers.delete(place);
        continue;
      }
      const group = [...groups.values()].find((other) => other.key === key && other.view !== "tabs");
      const choice = chosen.get(key);
      const tab = group?.root.classList.contains("tabbed") ? group.panes[group.last ?? 0].side : "both";
      const pressed = buttons.some(([side]) => side === choice) ? choice : tab;
      for (const [side, element] of buttons) element.setAttribute("aria-pressed", side === pressed);
    }
  };

  // --- Tables: filter, differences, columns, order

  const sheet = new CSSStyleSheet();
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  const order = new Intl.Collator(document.documentElement.lang || undefined, { numeric: true }).compare;

  // In order; the last three are no answers and stay at the end.
  const states = ["yes", "partial", "plugin", "planned", "removed", "no", "na", "unknown", "absent"];

  const dressTable = (frame) => {
    const table = frame.querySelector("table");
    const heads = [...table.tHead.rows[0].cells];
    const rows = all("tbody > tr", table)
      .filter((tr) => tr.cells.length === heads.length)
      .map((tr, place) => ({ tr, place, body: tr.parentNode }));
    const several = heads.length > 2;
    if (rows.length < 5 && !frame.matches(".matrix")) return;
    frame.dataset.table = ++count;
    const off = new Set();

    // An answer without its evidence. Read when first needed: a matrix is long.
    const answer = (cell) => {
      cell.answer ??= [...cell.childNodes].filter((node) => !node.matches?.("details, .ev, .best, .stale")).map((node) => node.textContent).join("").trim();
      return cell.answer;
    };
    const shown = () => heads.map((_, i) => i).filter((i) => i && !off.has(i));
    const isSame = ({ tr }) => {
      if (!off.size) return tr.hasAttribute("data-same");
      const [first, ...others] = shown().map((i) => answer(tr.cells[i]));
      return others.length > 0 && others.every((other) => other === first);
    };

    const status = make("p", { className: "count" });
    status.setAttribute("role", "status");
    const filter = make("input", { type: "search", placeholder: words.filter, ariaLabel: words.filter, autocomplete: "off" });
    const differences = make("input", { type: "checkbox" });
    const number = make("span");
    const none = make("p", { className: "none", hidden: true }, words.noRows + " ", button(words.reset, () => {
      filter.value = "";
      differences.checked = false;
      show();
      filter.focus();
    }));

    const show = () => {
      const needles = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
      const bodies = new Map();
      let left = 0;
      for (const row of rows) {
        if (needles.length) row.text ??= `${row.body.rows[0].cells.length === 1 ? row.body.rows[0].textContent : ""} ${row.tr.textContent}`.toLowerCase();
        const fits = needles.every((needle) => row.text.includes(needle)) && !(differences.checked && isSame(row));
        if (row.tr.hidden === fits) row.tr.hidden = !fits;
        bodies.set(row.body, bodies.get(row.body) || fits);
        left += fits;
      }
      for (const [body, fits] of bodies) body.hidden = !fits;
      none.hidden = left > 0;
      status.textContent = words.rows.replace("{n}", left).replace("{all}", rows.length);
    };
    let waiting;
    filter.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(show, 120);
    });
    differences.addEventListener("change", show);
    const recount = () => {
      const differing = rows.filter((row) => !isSame(row)).length;
      number.textContent = ` (${differing})`;
      differences.disabled = shown().length < 2;
    };

    const tools = make("div", { className: "tools" });
    if (rows.length > 15) tools.append(filter);
    if (several) {
      recount();
      tools.append(make("label", {}, differences, words.differences, number));
    }
    if (heads.length > 3) {
      const boxes = heads.slice(1).map((head, i) => {
        const box = make("input", { type: "checkbox", checked: true });
        box.addEventListener("change", () => {
          if (box.checked) off.delete(i + 1);
          else off.add(i + 1);
          // By a rule: thousands of cells need not be touched one by one.
          const mark = `[data-table="${frame.dataset.table}"]`;
          for (let k = sheet.cssRules.length; k--; ) if (sheet.cssRules[k].selectorText?.startsWith(mark)) sheet.deleteRule(k);
          if (off.size) sheet.insertRule(`${[...off].map((n) => `${mark} tr > :nth-child(${n + 1})`).join(",")}{display:none}`);
          recount();
          show();
        });
        return make("label", {}, box, name(head));
      });
      const menu = make("details", {}, make("summary", { textContent: words.columns }), make("div", {}, ...boxes));
      menu.addEventListener("keydown", (event) => {
        if (event.key !== "Escape") return;
        menu.open = false;
        menu.firstChild.focus();
      });
      tools.append(menu);
    }
    tools.append(status);
    table.parentNode.before(tools, none);

    if (frame.matches(".matrix")) {
      heads.forEach((head, i) => {
        const sort = button("", () => {
          const now = { ascending: "descending", descending: "none" }[head.ariaSort] ?? "ascending";
          for (const other of heads) other.ariaSort = other === head && now !== "none" ? now : null;
          const sign = now === "descending" ? -1 : 1;
          const compare = (a, b) => {
            if (now === "none") return a.place - b.place;
            const [x, y] = [a, b].map(({ tr }) => tr.cells[i]);
            const [p, q] = [x, y].map((cell) => states.indexOf(cell.className));
            const none = (p > 5) - (q > 5);
            return none || sign * (p - q || order(x.dataset.sort ?? answer(x), y.dataset.sort ?? answer(y))) || a.place - b.place;
          };
          const sorted = [...rows].sort(compare);
          const bodies = new Map();
          for (const row of sorted) bodies.set(row.body, [...(bodies.get(row.body) ?? []), row.tr]);
          for (const [body, list] of bodies) body.append(...list);
        });
        sort.className = "sort";
        sort.ariaLabel = `${words.sort}: ${name(head)}`;
        sort.title = sort.ariaLabel;
        head.append(" ", sort);
      });
    }
  };
  const name = (head) => (head.querySelector("a") ?? head.firstChild)?.textContent.trim() ?? "";

  // --- Start, and start again on a page that was put in place of this one

  const dress = () => {
    fresh(".cmp").forEach(dressGroup);
    dressChoosers();
    drawAll();
    fresh(".cmp-table").forEach(dressTable);
  };
  const target = named(location.hash);
  dress();
  if (target) {
    const group = target.matches(".pane") && groups.get(target.closest(".cmp"));
    // A link to one side chooses it for this page, unless the address says otherwise.
    if (group?.key && !new URLSearchParams(location.search).has(group.key)) {
      chosen.set(group.key, target.dataset.side);
      drawAll();
      target.scrollIntoView({ behavior: "instant" });
    }
    reveal(target);
  }
  document.addEventListener("juxta:replaced", dress);
})();
