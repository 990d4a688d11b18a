// Tools of long tables: filter, differences, columns, order. Their form waits in the page.
(() => {
  const { all, set } = window.juxta;
  // States in order; those that are no answers stay at the end.
  const states = ["yes", "partial", "plugin", "planned", "removed", "no", "na", "unknown", "absent"];
  const order = new Intl.Collator(document.documentElement.lang || undefined, { numeric: true }).compare;
  const answer = (cell) => {
    const copy = cell.cloneNode(true);
    all(".ev, .best, .stale, details", copy).forEach((part) => part.remove());
    return copy.textContent.trim();
  };

  const dressTable = (tools) => {
    const table = tools.parentNode.querySelector("table");
    const { filter, differ } = tools.elements;
    const heads = [...table.tHead.rows[0].cells];
    const columns = all("details input", tools);
    const rows = all("tbody > tr", table).filter((tr) => tr.cells[1]);
    const status = tools.querySelector("[role=status]");
    tools.hidden = false;

    const isSame = (tr) => {
      if (heads.every((head) => !head.hidden)) return tr.hasAttribute("data-same");
      return new Set([...tr.cells].slice(1).filter((cell) => !cell.hidden).map(answer)).size < 2;
    };
    const show = () => {
      columns.forEach((box, i) => {
        if (heads[++i].hidden === !box.checked) return;
        for (const { cells } of [table.rows[0], ...rows]) cells[i].hidden = !box.checked;
      });
      const needles = filter?.value.toLowerCase().match(/\S+/g) ?? [];
      let shown = 0;
      let differing = 0;
      for (const tr of rows) {
        const same = isSame(tr);
        const lacks = (needle) => !tr.textContent.toLowerCase().includes(needle);
        tr.hidden = (same && differ?.checked) || needles.some(lacks);
        differing += !same;
        shown += !tr.hidden;
      }
      for (const body of table.tBodies) body.hidden = [...body.rows].every((tr) => tr.hidden || !tr.cells[1]);
      tools.querySelector(".none").hidden = shown > 0;
      tools.querySelector("label span")?.replaceChildren(`(${differing})`);
      return shown;
    };
    const tell = () => (status.textContent = status.dataset.rows.replace("{n}", show()).replace("{all}", rows.length));
    let soon;
    for (const type of ["input", "reset"]) {
      tools.addEventListener(type, () => {
        clearTimeout(soon);
        soon = setTimeout(tell, 100);
        if (type === "reset") filter?.focus();
      });
    }
    tools.addEventListener("submit", (event) => event.preventDefault());
    show();

    all(".sort", table).forEach((sort, i) => {
      sort.hidden = false;
      sort.addEventListener("click", () => {
        const sign = { ascending: -1, descending: 0 }[heads[i].getAttribute("aria-sort")] ?? 1;
        for (const head of heads) set(head, { "aria-sort": null });
        set(heads[i], { "aria-sort": ["descending", null, "ascending"][sign + 1] });
        const keyed = rows.map((tr, place) => {
          const cell = tr.cells[i];
          return { tr, place, rank: states.indexOf(cell.className), text: cell.dataset.sort ?? answer(cell) };
        });
        keyed.sort(
          (a, b) =>
            (sign && ((a.rank > 5) - (b.rank > 5) || sign * (a.rank - b.rank || order(a.text, b.text)))) || a.place - b.place,
        );
        for (const { tr } of keyed) tr.parentNode.append(tr);
      });
    });
  };

  // Also on a page that `serve` put in place of this one.
  const dress = () => all(".tools[hidden]").forEach(dressTable);
  dress();
  document.addEventListener("juxta:replaced", dress);
})();
