// Tools of long tables.
(() => {
  const { all, set } = window.juxta;
  // In order; from "na" on they are no answers and stay at the end.
  const states = ["yes", "partial", "plugin", "planned", "removed", "no", "na", "unknown", "absent"];
  const order = new Intl.Collator(document.documentElement.lang || undefined, { numeric: true }).compare;
  // So many rows are laid out at once.
  const step = 80;
  const known = new Map();
  const once = (key, read) => known.get(key) ?? known.set(key, read(key)).get(key);
  const text = (tr) => tr.textContent.toLowerCase();
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
    let sorted = rows;
    let fits = new Set(rows);
    let next;
    tools.hidden = false;

    const reveal = () => {
      const left = sorted.filter((tr) => tr.hidden && fits.has(tr));
      for (const tr of left.slice(0, step)) tr.hidden = false;
      clearTimeout(next);
      if (left[step]) next = setTimeout(reveal, 20);
    };
    const isSame = (tr) => {
      if (heads.every((head) => !head.hidden)) return tr.hasAttribute("data-same");
      const shown = [...tr.cells].slice(1).filter((cell) => !cell.hidden);
      return new Set(shown.map((cell) => once(cell, answer))).size < 2;
    };
    const show = () => {
      columns.forEach((box, i) => {
        if (heads[++i].hidden === !box.checked) return;
        for (const { cells } of [table.rows[0], ...rows]) cells[i].hidden = !box.checked;
      });
      const needles = filter?.value.toLowerCase().match(/\S+/g) ?? [];
      const different = rows.filter((tr) => !isSame(tr));
      fits = new Set((differ?.checked ? different : rows).filter((tr) => needles.every((needle) => once(tr, text).includes(needle))));
      for (const tr of rows) if (!fits.has(tr)) tr.hidden = true;
      for (const body of table.tBodies) body.hidden = ![...body.rows].some((tr) => fits.has(tr));
      reveal();
      tools.querySelector(".none").hidden = fits.size > 0;
      tools.querySelector("label span")?.replaceChildren(`(${different.length})`);
    };
    const tell = () => {
      show();
      status.textContent = status.dataset.rows.replace("{n}", fits.size).replace("{all}", rows.length);
    };
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
        const keyed = rows.map((tr) => {
          const cell = tr.cells[i];
          return { tr, rank: states.indexOf(cell.className), text: cell.dataset.sort ?? once(cell, answer) };
        });
        if (sign) keyed.sort((a, b) => (a.rank > 5) - (b.rank > 5) || sign * (a.rank - b.rank || order(a.text, b.text)));
        sorted = keyed.map(({ tr }) => tr);
        for (const tr of sorted) {
          tr.hidden = true;
          tr.parentNode.append(tr);
        }
        table.parentNode.scrollTop = 0;
        reveal();
      });
    });
  };

  // Also on a page that `serve` put in place of this one.
  const dress = () => all(".tools[hidden]").forEach(dressTable);
  dress();
  document.addEventListener("juxta:replaced", dress);
})();
