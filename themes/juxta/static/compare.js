(() => {
  const words = document.currentScript.dataset;
  const { attempt, all, set, named, make, button, copier, plain, sides: chosen } = window.juxta;
  const groups = new Map();
  const target = () => named(location.hash);
  const of = (key) => [...groups.values()].filter((group) => group.key && group.key === key);
  const has = (group, side) => group.panes.some((pane) => pane.side === side);
  let count = 0;

  const draw = (group) => {
    const { root, panes, view, wide } = group;
    const side = group.own ?? chosen.get(group.key);
    const one = panes.findIndex((pane) => pane.side === side);
    const tabbed = view === "tabs" || one >= 0 || (side !== "both" && !wide && view !== "stacked");
    if (one >= 0) group.last = one;
    const current = tabbed ? group.last : -1;
    root.classList.toggle("tabbed", tabbed);
    group.list.hidden = group.link.hidden = !tabbed;
    group.split.hidden = !tabbed || !wide || view === "tabs";
    panes.forEach(({ element, tab, title }, i) => {
      set(tab, { "aria-selected": i === current, tabindex: i === current ? 0 : -1 });
      const stops = element.querySelector(":not(.pane-title) > :is(a, button), pre");
      set(element, {
        role: tabbed ? "tabpanel" : "group",
        "aria-labelledby": tabbed ? tab.id : `${element.id}-t`,
        tabindex: i === current && !stops ? 0 : null,
        hidden: tabbed && i !== current ? "until-found" : null,
      });
      if (i === current) set(group.link, { href: `#${element.id}`, "aria-label": `${words.anchor}: ${title}` });
    });
  };

  const drawAll = () => {
    for (const [root, group] of groups) {
      if (root.isConnected) group.wide = getComputedStyle(group.inner).getPropertyValue("--columns") > 0;
      else groups.delete(root);
    }
    groups.forEach(draw);
    for (const text of all(".cmp-side")) {
      const { side, sync = [...groups.values()].find((group) => has(group, side))?.key } = text.dataset;
      const choice = chosen.get(sync);
      const other = choice !== side && of(sync).some((group) => has(group, choice));
      set(text, { hidden: other ? "until-found" : null });
    }
    for (const place of all(".chooser")) {
      const group = of(place.dataset.sync).find((member) => member.view !== "tabs");
      const shown = group?.root.matches(".tabbed") ? group.panes[group.last].side : "both";
      const buttons = all("button", place);
      const choice = chosen.get(place.dataset.sync);
      const pressed = buttons.find((one) => one.value === choice)?.value ?? shown;
      for (const one of buttons) set(one, { "aria-pressed": one.value === pressed });
    }
  };

  // What was pressed stays in its place.
  const choose = (key, side, anchor, group) => {
    const { top } = anchor.getBoundingClientRect();
    if (key) {
      chosen.set(key, side);
      for (const member of of(key)) member.own = undefined;
      attempt(() => (localStorage[`juxta-side:${key}`] = side));
      const address = new URL(location);
      address.searchParams.delete(key);
      if (target()?.matches(".pane")) address.hash = "";
      history.replaceState(history.state, "", address);
    } else {
      group.own = side;
    }
    drawAll();
    scrollBy({ top: anchor.getBoundingClientRect().top - top, behavior: "instant" });
  };

  const sizes = new ResizeObserver(drawAll);

  const dressGroup = (root) => {
    const inner = root.querySelector(":scope > .cmp-panes");
    const { sync: key, view, label } = root.dataset;
    const group = { root, inner, key, view, last: 0 };
    group.panes = all(":scope > .pane", inner).map((element) => {
      const heading = element.querySelector(".pane-title");
      element.id ||= `_pane${++count}`;
      heading.id ||= `${element.id}-t`;
      const { side } = element.dataset;
      const title = heading.textContent.trim();
      const attributes = { role: "tab", id: `${element.id}-tab`, "aria-controls": element.id };
      return { element, side, title, tab: button(attributes, title, (tab) => choose(key, side, tab, group)) };
    });
    const tabs = group.panes.map((pane) => pane.tab);
    const name = label || root.querySelector(":scope > :is(h2, h3, h4, h5, h6)")?.textContent.trim() || words.sides;
    group.list = make("div", { class: "tabs", role: "tablist", "aria-label": name }, ...tabs);
    group.list.addEventListener("keydown", (event) => {
      const at = tabs.indexOf(event.target);
      const step = root.matches(":dir(rtl)") ? -1 : 1;
      const to = { ArrowLeft: at - step, ArrowRight: at + step, Home: 0, End: -1 }[event.key];
      if (to === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
      event.preventDefault();
      const tab = tabs.at(to % tabs.length);
      tab.focus({ preventScroll: true });
      tab.click();
    });
    group.split = button({ class: "split" }, words.split, () => choose(key, "both", root, group));
    group.link = make("a", { class: "hash" });
    const acts = make("div", { class: "cmp-acts" }, group.split, group.link);
    const codes = group.panes.map(({ element }) => all("pre[data-copy]", element));
    if (copier && view !== "tabs" && codes.filter(([code]) => code).length > 1) {
      const fence = (pre) => `\n\`\`\`${pre.dataset.lang ?? ""}\n${plain(pre)}\n\`\`\`\n`;
      const text = () => codes.map((code, i) => `### ${group.panes[i].title}\n${code.map(fence).join("")}`).join("\n");
      group.split.after(copier(tabs.length > 2 ? words.copyAll : words.copyBoth, text));
    }
    inner.before(make("div", { class: "cmp-bar" }, group.list, acts));
    // Found: shown, not chosen.
    inner.addEventListener("beforematch", ({ target }) => open(target.closest(".pane")));
    for (const line of all(".ln[data-pair]", inner)) if (partners(line)[0]) line.tabIndex = 0;
    groups.set(root, group);
    root.classList.add("ready");
    sizes.observe(root);
  };

  const open = (pane) => {
    const group = groups.get(pane?.closest(".cmp"));
    if (!group || !pane.hidden) return;
    group.own = pane.dataset.side;
    drawAll();
  };
  const reveal = (element) => {
    for (let pane = element?.closest(".pane"); pane; pane = pane.parentNode.closest(".pane")) open(pane);
    if (element?.closest(".pane")) element.scrollIntoView({ behavior: "instant" });
  };
  addEventListener("hashchange", () => reveal(target()));

  // Pairs of lines.
  const partners = (line) =>
    all(`.ln[data-pair="${CSS.escape(line.dataset.pair)}"]`, line.closest(".cmp")).filter(
      (other) => other.closest(".pane") !== line.closest(".pane"),
    );
  const mark = ({ target, type }) => {
    all(".ln.pair").forEach((line) => line.classList.remove("pair"));
    const at = [type === "focusout" ? null : target, document.activeElement];
    const line = at.map((element) => element?.closest?.(".cmp .ln[data-pair]")).find(Boolean);
    for (const other of line ? partners(line) : []) for (const one of [line, other]) one.classList.add("pair");
  };
  for (const type of ["pointerover", "focusin", "focusout"]) document.addEventListener(type, mark);

  // From two groups on, if there is no place for it.
  const dressChooser = (key) => {
    const members = of(key).filter((group) => group.view !== "tabs");
    const sides = new Map(members.flatMap(({ panes }) => panes.map((pane) => [pane.side, pane.title])));
    let place = document.querySelector(`.chooser[data-sync="${CSS.escape(key)}"]`);
    if (!place && members[1] && sides.size > 1) {
      place = make("div", { class: "chooser", "data-sync": key });
      (members[0].root.closest(".content") ?? members[0].root).before(place);
    }
    if (!place || place.firstChild || sides.size < 2) return;
    set(place, { role: "group", "aria-label": words.show });
    const both = ["both", sides.size > 2 ? words.allSides : words.both];
    const buttons = [both, ...sides].map(([value, title]) => button({ value }, title, (one) => choose(key, value, one)));
    place.append(make("span", { "aria-hidden": true }, words.show), ...buttons);
  };

  const dress = () => {
    for (const root of all(".cmp")) if (!groups.has(root)) dressGroup(root);
    for (const group of groups.values()) if (group.key) dressChooser(group.key);
    drawAll();
  };
  dress();
  const asked = target();
  const { key } = groups.get(asked?.matches(".pane") && asked.parentNode.parentNode) ?? {};
  if (key && !new URLSearchParams(location.search).has(key)) {
    chosen.set(key, asked.dataset.side);
    drawAll();
  }
  reveal(asked);
  document.addEventListener("juxta:replaced", dress);
})();
