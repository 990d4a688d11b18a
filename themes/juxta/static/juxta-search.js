// The search: loaded when somebody searches. A module in three parts: words of a text
// (the same as in the program, see src/search/tokens.rs), the index, what readers see.

// Words.

const dense =
  "\\u0e00-\\u0eff\\u1000-\\u109f\\u1780-\\u17ff\\u3005-\\u3007\\u3041-\\u3096\\u309d-\\u309f\\u30a1-\\u30fa\\u30fc-\\u30ff\\u31f0-\\u31ff\\u3400-\\u4dbf\\u4e00-\\u9fff\\uf900-\\ufaff\\u{20000}-\\u{3ffff}";
const letter = `(?![${dense}])[\\p{Alphabetic}\\p{N}\\p{M}]`;
const piece = `(?:${letter})+`;
const chain = new RegExp(`([${dense}]+)|${piece}(?:(?:_+|[.'’‐-])${piece})*`, "gu");
const pieces = new RegExp(`(_+|[.'’‐-])?(${piece})`, "gu");
const goesOn = new RegExp(`^(?:_|[${dense}]|${letter})`, "u");
const longest = 32;
const special = { ß: "ss", ẞ: "ss", æ: "ae", Æ: "ae", œ: "oe", Œ: "oe", ø: "o", Ø: "o", đ: "d", Đ: "d", ł: "l", Ł: "l", ı: "i", ς: "σ" };

const lower = (text) => Array.from(text, (c) => special[c] ?? c.toLowerCase()).join("");
const cut = (token) => (token.length > longest ? Array.from(token).slice(0, longest).join("") : token);

/** Takes a run of letters and digits apart at its capitals. */
const camels = (text) => {
  const parts = [];
  const chars = Array.from(text);
  let part = "";
  chars.forEach((c, i) => {
    const upper = /\p{Uppercase}/u.test(c);
    const before = i ? /\p{Uppercase}/u.test(chars[i - 1]) : null;
    if (upper && (before === false || (before && /\p{Lowercase}/u.test(chars[i + 1] ?? "")))) {
      parts.push(part);
      part = "";
    }
    part += c;
  });
  return [...parts, part].map(lower);
};

/** All words of a text: each a list of the whole and, if there are several, its parts. */
export const words = (text) => {
  const found = [];
  const folded = text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").normalize("NFC");
  for (const match of folded.matchAll(chain)) {
    const [run, isDense] = match;
    if (isDense) {
      const chars = Array.from(lower(run));
      if (chars.length === 1) found.push(chars);
      for (let i = 1; i < chars.length; i++) found.push([chars[i - 1] + chars[i]]);
      continue;
    }
    const list = [...run.matchAll(pieces)];
    const isVersion = list.every(([, joiner, one], i) => (i ? joiner === "." && /^[0-9]/.test(one) : /^(?:[0-9]|[vV][0-9]+$)/.test(one)));
    const parts = list.flatMap(([, , one]) => camels(one));
    if (isVersion && list.length > 1) {
      found.push([cut(parts.join(".").replace(/^v/, ""))]);
    } else if (parts.length > 8) {
      found.push(...parts.map((part) => [cut(part)]));
    } else if (parts.length > 1) {
      found.push([cut(parts.join("")), ...parts.map(cut)]);
    } else {
      const after = folded.slice(match.index + run.length);
      const [part] = parts;
      if (after.startsWith("++") && !goesOn.test(after.slice(2))) found.push([cut(`${part}++`), part]);
      else if (/^[a-z]$/.test(part) && after[0] === "#" && !goesOn.test(after.slice(1))) found.push([`${part}#`, part]);
      else found.push([cut(part)]);
    }
  }
  return found;
};

// The index.

const codes = (a, b) => {
  // In order of code points, as the files are: that of JavaScript is another.
  const [x, y] = [Array.from(a), Array.from(b)];
  for (let i = 0; i < x.length && i < y.length; i++) {
    if (x[i] !== y[i]) return x[i].codePointAt() - y[i].codePointAt();
  }
  return x.length - y.length;
};
const fetched = async (url, kind, cache) => {
  const response = await fetch(url, { cache });
  if (!response.ok) throw new Error(`${response.status} ${url}`);
  return response[kind]();
};

/** Numbers, seven bits a byte, and bytes between them. */
const reader = (bytes) => {
  let at = 0;
  const take = (length) => bytes.subarray(at, (at += length));
  const number = () => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes[at++];
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  };
  return { take, number, more: () => at < bytes.length };
};

/** Reads the words of a shard: [word, pages at all, bytes of the postings]. */
const readShard = (bytes) => {
  const list = [];
  const decoder = new TextDecoder();
  const { take, number, more } = reader(bytes);
  let before = new Uint8Array();
  while (more()) {
    const shared = number();
    const length = number();
    const word = new Uint8Array(shared + length);
    word.set(before.subarray(0, shared));
    word.set(take(length), shared);
    const count = number();
    const size = number();
    list.push({ word: decoder.decode(word), count, postings: take(size) });
    before = word;
  }
  return list;
};

/** Calls `each(page, section, impact)`; gives the number of pages. */
const readPostings = (bytes, each) => {
  const { number, more } = reader(bytes);
  let page = 0;
  let pages = 0;
  while (more()) {
    const head = number();
    page += Math.floor(head / 4);
    let left = head % 4;
    if (left === 3) left += number();
    for (; left >= 0; left--) {
      const value = number();
      each(page, Math.floor(value / 16), value % 16);
    }
    pages++;
  }
  return pages;
};

export class Index {
  #shards = new Map();
  #texts = new Map();
  #entry;

  /** `folder` is its address; `get(url, kind, cache)` gives bytes ("arrayBuffer") or JSON ("json"). */
  constructor(folder, get = fetched) {
    this.folder = folder;
    this.get = get;
  }

  /** Format, language, number of pages, shards, facets. */
  entry() {
    // The only file that changes under its name with every build.
    return (this.#entry ??= this.get(new URL("index.json", this.folder).href, "json", "no-cache").then((entry) => {
      const [format, language, pages, text, facets] = entry;
      if (format !== 1) throw new Error(`index of format ${format}`);
      let first = "";
      const shards = text.split(" ").slice(0, -1).map((shard) => {
        const same = Array.from(first).slice(0, parseInt(shard[6], 36)).join("");
        first = same + shard.slice(7);
        return [first, shard.slice(0, 6)];
      });
      return { language, pages, shards, facets };
    }));
  }

  #shard(name) {
    if (!this.#shards.has(name)) {
      const bytes = this.get(new URL(`s/${name}.bin`, this.folder).href, "arrayBuffer", "default");
      this.#shards.set(name, bytes.then((buffer) => readShard(new Uint8Array(buffer))));
    }
    return this.#shards.get(name);
  }

  /** What is in the index of a word, and of those that start with it. */
  async #lookUp(word, withMore) {
    const { shards } = await this.entry();
    let low = 0;
    let high = shards.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (codes(shards[middle][0], word) <= 0) low = middle + 1;
      else high = middle;
    }
    const fits = (one) => one.word === word || (withMore && one.word.startsWith(word));
    const found = low ? (await this.#shard(shards[low - 1][1])).filter(fits) : [];
    // What starts alike may go on in the next one; of frequent words there is enough.
    if (withMore && shards[low]?.[0].startsWith(word) && found.reduce((sum, one) => sum + one.count, 0) < 30) {
      found.push(...(await this.#shard(shards[low][1])).filter(fits));
    }
    const rest = found.filter((one) => one.word !== word).sort((a, b) => b.count - a.count);
    return [...found.filter((one) => one.word === word), ...rest.slice(0, 40)];
  }

  /** Where one word of a query stands: page → section → score. */
  async #hits([whole, ...parts], total) {
    const pages = new Map();
    const isDense = new RegExp(`^[${dense}]`, "u").test(whole);
    const withMore = isDense ? Array.from(whole).length < 2 : whole.length > 1;
    let isCut = false;
    const put = (page, section, score) => {
      if (!pages.has(page)) pages.set(page, new Map());
      const sections = pages.get(page);
      if (!(sections.get(section) >= score)) sections.set(section, score);
    };
    const take = (found, word, weight) => {
      const exact = found.find((one) => one.word === word);
      const count = exact?.count ?? found.reduce((sum, one) => sum + one.count, 0);
      const rarity = Math.log(1 + total / Math.max(count, 1)) + 0.2;
      for (const one of found) {
        const near = one === exact ? 1 : 0.25 + 0.5 * (word.length / one.word.length);
        const kept = readPostings(one.postings, (page, section, impact) => put(page, section, weight * near * rarity * impact));
        isCut ||= kept < one.count;
      }
    };
    take(await this.#lookUp(whole, withMore), whole, 1);
    if (parts.length && pages.size < 3) {
      // Put together of the same parts, perhaps otherwise.
      const lists = await Promise.all(parts.map((part) => this.#hits([part], total)));
      const [first, ...others] = lists;
      for (const [page, sections] of first.pages) {
        if (!others.every((other) => other.pages.has(page))) continue;
        for (const [section, score] of sections) {
          const rest = others.map((other) => other.pages.get(page).get(section) ?? 0);
          put(page, section, (0.5 * rest.reduce((sum, one) => sum + one, score)) / parts.length);
        }
      }
    }
    // Another ending: the start of the word, up to three letters shorter.
    for (let less = 1; less < 4 && !pages.size && !isDense && whole.length - less > 3; less++) {
      const start = whole.slice(0, -less);
      take(await this.#lookUp(start, true), start, 0.5);
    }
    return { pages, isCut };
  }

  /** Pages in order: { page, score, sections: [{ section, score }] }. `filters` are
      facets, as "field:web". */
  async search(query, filters = []) {
    try {
      return await this.#search(query, filters);
    } catch {
      // The site was published anew since the entry was read: its shards are others.
      this.#entry = undefined;
      this.#shards.clear();
      this.#texts.clear();
      return this.#search(query, filters);
    }
  }

  async #search(query, filters) {
    const { pages: total } = await this.entry();
    const asked = new Map(words(query).slice(0, 12).map((word) => [word[0], word]));
    if (!asked.size) return [];
    const [hits, allowed] = await Promise.all([
      Promise.all([...asked.values()].map((word) => this.#hits(word, total))),
      Promise.all(
        filters.map(async (filter) => {
          const pages = new Set();
          for (const one of await this.#lookUp(`:${filter}`, false)) readPostings(one.postings, (page) => pages.add(page));
          return pages;
        }),
      ),
    ]);
    const found = this.#combine(hits, allowed, (hit) => hit.isCut && hits.some((other) => !other.isCut));
    // Not all of them anywhere: what has most of them.
    return found.length || hits.length < 2 ? found : this.#combine(hits, allowed, () => true);
  }

  /** Pages with every word that is not `loose`: of a very common one not all are known. */
  #combine(hits, allowed, loose) {
    const must = hits.filter((hit) => !loose(hit));
    const candidates = must.length
      ? [...must.reduce((least, hit) => (hit.pages.size < least.pages.size ? hit : least)).pages.keys()]
      : [...new Set(hits.flatMap((hit) => [...hit.pages.keys()]))];
    const results = [];
    for (const page of candidates) {
      if (!must.every((hit) => hit.pages.has(page)) || !allowed.every((pages) => pages.has(page))) continue;
      const lists = hits.map((hit) => hit.pages.get(page)).filter(Boolean);
      const best = lists.map((list) => Math.max(...list.values()));
      const sections = [...new Set(lists.flatMap((list) => [...list.keys()]))].map((section) => {
        // A word that stands elsewhere on the page counts for something.
        const scores = lists.map((list, i) => list.get(section) ?? best[i] * 0.3);
        const together = lists.filter((list) => list.has(section)).length;
        return { section, score: scores.reduce((sum, one) => sum + one, 0), together };
      });
      sections.sort((a, b) => b.score - a.score || a.section - b.section);
      results.push({ page, score: sections[0].score * (lists.length / hits.length), sections });
    }
    return results.sort((a, b) => b.score - a.score || a.page - b.page);
  }

  /** The texts of a page: { url, title, sections: [{ anchor, heading, text, side, sync, label }] }. */
  texts(page) {
    if (!this.#texts.has(page)) {
      const rows = this.get(new URL(`p/${page.toString(16)}.json`, this.folder).href, "json", "no-cache");
      const read = ([address, title, sections]) => ({
        url: new URL(address, this.folder).href,
        title,
        sections: sections.map(([anchor = "", heading = "", text = "", side = "", sync = "", label = ""]) => ({ anchor, heading, text, side, sync, label })),
      });
      this.#texts.set(page, rows.then(read));
    }
    return this.#texts.get(page);
  }

  /** What is shown of a page that was found: title and the best sections, each with its address. */
  async shown({ page, sections }, filters = [], chosen = new Map()) {
    const texts = await this.texts(page);
    const subject = filters.find((filter) => filter.startsWith("subject:"))?.slice(8);
    const all = sections.map(({ section, score, together }) => ({ ...texts.sections[section], section, score, together }));
    // The side that was asked for, else the one the reader has chosen.
    const fits = (one) => !one.side || (subject ? one.side === subject : true);
    const weight = ({ side, sync, score }) => (side && chosen.has(sync) && chosen.get(sync) !== side ? score * 0.7 : score);
    const fitting = all.filter(fits);
    const list = (fitting.length ? fitting : all).sort((a, b) => weight(b) - weight(a) || a.section - b.section);
    const most = Math.max(...list.map((one) => one.together));
    const kept = list.filter((one, i) => i === 0 || (one.together === most && weight(one) > weight(list[0]) * 0.4)).slice(0, 3);
    return {
      title: texts.title,
      sections: kept.map((one) => {
        const url = new URL(texts.url);
        if (one.side && one.sync) url.searchParams.set(one.sync, one.side);
        if (one.anchor) url.hash = one.anchor;
        return { ...one, url: url.href };
      }),
    };
  }
}

/** A text in pieces, [text, isMarked], around the first word that was asked for. */
export const excerpt = (text, query, room = 170) => {
  const asked = words(query).flat();
  const isAsked = ([whole, ...parts]) =>
    asked.some((word) => (word.length > 1 ? whole.startsWith(word) : whole === word) || parts.includes(word));
  const marks = [];
  for (const { 0: run, 1: isDense, index } of text.matchAll(chain)) {
    if (isDense) {
      const chars = Array.from(run);
      let at = index;
      chars.forEach((c, i) => {
        const pairs = [chars[i - 1] && chars[i - 1] + c, chars[i + 1] && c + chars[i + 1], c];
        if (pairs.some((pair) => pair && asked.includes(pair))) marks.push([at, at + c.length]);
        at += c.length;
      });
    } else if (words(run).some(isAsked)) {
      marks.push([index, index + run.length]);
    }
  }
  let start = 0;
  if (marks.length && marks[0][0] > room * 0.6) {
    // With its sentence; of a long one, from a word that stands some way before.
    const [at] = marks[0];
    const from = Math.ceil(at - room * 0.6);
    const ends = [...text.slice(from, at).matchAll(/[.!?…]["'”’»)\]]*\s+|[。！？]\s*/g)];
    const sentence = ends.at(-1);
    const spaces = [text.indexOf(" ", Math.ceil(at - room * 0.4)), text.lastIndexOf(" ", at)];
    const space = spaces.find((one) => one >= from && one < at);
    start = sentence ? from + sentence.index + sentence[0].length : space === undefined ? at : space + 1;
  }
  let end = Math.min(text.length, start + room);
  if (end < text.length) {
    const space = text.lastIndexOf(" ", end);
    if (space > start + room / 2) end = space;
  }
  const out = start > 0 ? [["… ", false]] : [];
  let at = start;
  for (const [from, to] of marks) {
    if (from < at || to > end) continue;
    if (from > at) out.push([text.slice(at, from), false]);
    out.push([text.slice(from, to), true]);
    at = to;
  }
  out.push([text.slice(at, end) + (end < text.length ? " …" : ""), false]);
  return out.filter(([piece]) => piece);
};

// What readers see.

const perPage = 5;
let count = 0;

/** A search in `root`. `words` are those of the theme. */
const mount = (root, index, text, { query = "", onQuery, onClose } = {}) => {
  const { make, set, sides, attempt } = window.juxta;
  const id = `_found${++count}`;
  const input = make("input", {
    type: "search",
    name: "q",
    role: "combobox",
    "aria-label": text.search,
    "aria-expanded": "false",
    "aria-controls": id,
    "aria-autocomplete": "list",
    "aria-haspopup": "listbox",
    placeholder: text.placeholder,
    autocomplete: "off",
    autocapitalize: "off",
    spellcheck: "false",
    enterkeyhint: "go",
  });
  input.value = query;
  const status = make("p", { class: "find-status", role: "status" });
  const list = make("div", { class: "find-list", id, role: "listbox", "aria-label": text.results });
  list.hidden = true;
  const more = make("button", { type: "button", class: "find-more" }, text.more);
  more.hidden = true;
  const choices = make("div", { class: "find-filters" });
  choices.hidden = true;
  const form = make("form", { role: "search", class: "find-form" }, input);
  if (onClose) {
    const close = make("button", { type: "button", class: "tool close" }, make("span", { class: "icon", "aria-hidden": "true" }), text.close);
    close.addEventListener("click", onClose);
    form.append(close);
  }
  root.append(form, choices, status, list, more);

  let filters = [];
  let active = null;
  let asked = 0;
  let results = [];
  let drawn = 0;

  const choose = (option) => {
    if (active) set(active, { "aria-selected": "false" });
    active = option;
    set(input, { "aria-activedescendant": option?.id });
    if (!option) return;
    set(option, { "aria-selected": "true" });
    option.scrollIntoView({ block: "nearest" });
  };
  const options = () => [...list.querySelectorAll("[role=option]")];
  const marked = (name, pieces) => {
    const parent = make("span", { class: name });
    for (const [piece, isMark] of pieces) parent.append(isMark ? make("mark", {}, piece) : piece);
    return parent;
  };

  const draw = async (ticket) => {
    const next = results.slice(drawn, drawn + perPage);
    const shown = await Promise.all(next.map((one) => index.shown(one, filters, sides).catch(() => null)));
    if (ticket !== asked) return;
    for (const page of shown.filter(Boolean)) {
      const group = make("div", { role: "group", "aria-label": page.title });
      for (const { url, heading, label, text: words, side } of page.sections) {
        const title = marked("find-title", excerpt(page.title, input.value, 200));
        const link = make("a", { role: "option", id: `${id}-${count++}`, href: url, tabindex: "-1", "aria-selected": "false" }, title);
        if (heading) title.append(make("span", { class: "find-in" }, " › ", marked("", excerpt(heading, input.value, 200))));
        if (side) link.append(make("span", { class: "find-side" }, label));
        if (words) link.append(marked("find-text", excerpt(words, input.value)));
        link.addEventListener("pointermove", () => link !== active && choose(link));
        link.addEventListener("click", () => onClose?.());
        group.append(link);
      }
      list.append(group);
    }
    drawn += next.length;
    list.hidden = !list.firstChild;
    more.hidden = drawn >= results.length;
    set(input, { "aria-expanded": String(!list.hidden) });
  };

  const run = async () => {
    const ticket = ++asked;
    const query = input.value.trim();
    onQuery?.(query);
    let told = "";
    let found = [];
    try {
      found = query ? await index.search(query, filters) : [];
      if (query) told = found.length ? text.count.replace("{n}", found.length) : text.none;
    } catch (error) {
      console.warn(error);
      told = text.failed;
    }
    if (ticket !== asked) return;
    results = found;
    drawn = 0;
    choose(null);
    list.replaceChildren();
    list.scrollTop = 0;
    await draw(ticket);
    if (ticket !== asked) return;
    status.textContent = told;
    choose(options()[0] ?? null);
  };

  let soon;
  input.addEventListener("input", () => {
    clearTimeout(soon);
    soon = setTimeout(run, 80);
  });
  more.addEventListener("click", async () => {
    const before = options().length;
    await draw(asked);
    input.focus();
    choose(options()[before] ?? active);
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const all = options();
    const at = all.indexOf(active);
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (all.length) choose(all.at((at + (event.key === "ArrowDown" ? 1 : at < 0 ? 0 : -1)) % all.length));
    } else if (event.key === "Enter" && active) {
      event.preventDefault();
      if (event.ctrlKey || event.metaKey) open(active.href);
      else active.click();
    } else if (event.key === "Escape" && onClose) {
      event.preventDefault();
      onClose();
    }
  });

  index.entry().then(
    ({ facets }) => {
      for (const [name, values] of facets) {
        const title = text[name] ?? name[0].toUpperCase() + name.slice(1);
        const choice = make("select", { "aria-label": title }, make("option", { value: "" }, `${title}: ${text.all}`));
        for (const [value, label, number] of values) choice.append(make("option", { value }, `${label} (${number})`));
        choice.addEventListener("change", () => {
          filters = [...choices.querySelectorAll("select")].map((one) => one.value).filter(Boolean);
          run();
        });
        choices.append(choice);
      }
      choices.hidden = !choices.firstChild;
    },
    () => (status.textContent = text.failed),
  );
  if (query) run();
  return { input, run };
};

const style = ({ dataset }) => {
  const { href } = dataset.style ? new URL(dataset.style, document.baseURI) : new URL("juxta-search.css", import.meta.url);
  if ([...document.styleSheets].some((sheet) => sheet.href === href)) return Promise.resolve();
  return new Promise((done) => {
    const link = window.juxta.make("link", { rel: "stylesheet", href });
    link.onload = link.onerror = done;
    document.head.append(link);
  });
};

const indexes = new Map();
const indexAt = (folder) => {
  const url = new URL(folder, document.baseURI).href;
  if (!indexes.has(url)) indexes.set(url, new Index(url));
  return indexes.get(url);
};

/** Opens the dialog. `button` holds the words and the address of the index; `typed` gives
    what was typed before there was a field for it. */
let dialog;
export const show = async (button, typed) => {
  const { make } = window.juxta;
  await style(button);
  if (!dialog?.element.isConnected) {
    const element = make("dialog", { class: "find-dialog", "aria-label": button.dataset.search });
    const part = mount(element, indexAt(button.dataset.folder), button.dataset, { onClose: () => element.close() });
    element.addEventListener("click", (event) => event.target === element && element.close());
    document.body.append(element);
    dialog = { element, ...part };
  }
  if (dialog.element.open) return;
  dialog.element.showModal();
  dialog.input.focus();
  dialog.input.select();
  const query = typed?.();
  if (!query) return;
  dialog.input.value = query;
  dialog.run();
};

/** Puts the search into a page. The query stands in its address. */
export const place = async (root, button) => {
  await style(button);
  const onQuery = (query) => {
    const url = new URL(location);
    if (query) url.searchParams.set("q", query);
    else url.searchParams.delete("q");
    history.replaceState(history.state, "", url);
  };
  const query = new URLSearchParams(location.search).get("q") ?? "";
  mount(root, indexAt(button.dataset.folder), button.dataset, { query, onQuery }).input.focus();
};
