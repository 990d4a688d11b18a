// Keeps a page of `juxta serve --watch` up to date. Not part of what is published.
(() => {
  const { dataset } = document.currentScript;
  const base = dataset.base ?? "";
  const channel = `${base}/.juxta-live/`;
  let { instance, version } = dataset;
  const here = () => decodeURI(location.pathname).slice(base.length).replace(/index\.html$/, "") || "/";
  const busted = (url) => {
    const fresh = new URL(url, location.href);
    fresh.searchParams.set("juxta", version);
    return fresh.href;
  };
  const pathOf = (url) => {
    const { origin, pathname } = new URL(url, location.href);
    return origin === location.origin ? decodeURI(pathname).slice(base.length) : "";
  };
  const parse = (html) => {
    const page = new DOMParser().parseFromString(html, "text/html");
    for (const script of page.querySelectorAll("script[data-instance]")) script.remove();
    return page;
  };
  const get = async (url) => {
    const response = await fetch(url, { cache: "no-store" });
    return response.text();
  };

  // What the server sent, before any script changed it: what differs from it is new.
  let source = get(location.href).then(parse);
  source.catch(() => {});

  // What a reader has opened or chosen, to be put back when a page is loaded again.
  const kept = "juxta-live";
  const name = (element) => {
    const steps = [];
    for (let at = element; at && at !== document.body && !at.id; at = at.parentElement) {
      steps.unshift([...at.parentElement.children].indexOf(at));
      element = at.parentElement;
    }
    return `${element?.id ?? ""}/${steps.join("/")}`;
  };
  const remember = () => {
    const open = [...document.querySelectorAll("details")].map((details) => [name(details), details.open]);
    const chosen = [...document.querySelectorAll("input[type=radio], input[type=checkbox]")].map((input) => [name(input), input.checked]);
    const focus = document.activeElement && document.activeElement !== document.body ? name(document.activeElement) : "";
    return { path: location.pathname, y: scrollY, x: scrollX, open, chosen, focus };
  };
  const find = (wanted, selector) => [...document.querySelectorAll(selector)].find((element) => name(element) === wanted);
  const restore = ({ x, y, open, chosen, focus }) => {
    for (const [wanted, is] of open) {
      const details = find(wanted, "details");
      if (details) details.open = is;
    }
    for (const [wanted, is] of chosen) {
      const input = find(wanted, "input");
      if (input && input.checked !== is) input.click();
    }
    if (focus && (!document.activeElement || document.activeElement === document.body)) {
      find(focus, "a, button, input, select, textarea, summary, [tabindex]")?.focus({ preventScroll: true });
    }
    scrollTo({ left: x, top: y, behavior: "instant" });
  };
  const reload = () => {
    try {
      sessionStorage.setItem(kept, JSON.stringify(remember()));
    } catch {
      // Storage may be forbidden: then the browser alone restores the page.
    }
    location.reload();
  };
  try {
    const state = JSON.parse(sessionStorage.getItem(kept) ?? "null");
    sessionStorage.removeItem(kept);
    if (state?.path === location.pathname) addEventListener("load", () => restore(state), { once: true });
  } catch {
    // Nothing was kept.
  }

  // Style sheets that changed take the place of the old ones once they are there.
  const restyle = (link, href) => {
    const fresh = link.cloneNode();
    fresh.href = href;
    fresh.removeAttribute("integrity");
    fresh.addEventListener("load", () => link.remove(), { once: true });
    fresh.addEventListener("error", () => fresh.remove(), { once: true });
    link.after(fresh);
  };
  const sheets = () => [...document.querySelectorAll("link[rel~=stylesheet]")];

  // A style sheet may have a digest in its name, which is another after an edit.
  const plain = (path) => path.replace(/\.[0-9a-f]{12}(?=\.[^./]+$)/, "");
  const key = (element) => (element.matches("link[rel~=stylesheet]") ? `style ${plain(pathOf(element.href))}` : element.outerHTML);
  const headOf = (page) => [...page.head.children].filter((element) => !element.matches("title, meta"));
  // Whether two heads lead to the same scripts and style sheets; the latter in other versions perhaps.
  const sameHead = (before, now) => {
    const [a, b] = [before, now].map((page) => headOf(page).map(key).join("\n"));
    return a === b;
  };

  // Puts what differs between two versions of an element into the live one. False when that cannot be done.
  const patch = (live, before, now) => {
    const [was, is, shown] = [before, now, live].map((element) => [...element.childNodes].filter((node) => node.nodeType !== 8));
    let start = 0;
    while (start < was.length && start < is.length && was[start].isEqualNode(is[start])) start += 1;
    let end = 0;
    while (end < was.length - start && end < is.length - start && was.at(-1 - end).isEqualNode(is.at(-1 - end))) end += 1;
    if (start === was.length && start === is.length) return true;
    // A script has added or taken away something: the places cannot be told.
    if (shown.length !== was.length) return false;
    const [one, other] = [was.slice(start, was.length - end), is.slice(start, is.length - end)];
    if (one.length === 1 && other.length === 1) {
      const [old, fresh, place] = [one[0], other[0], shown[start]];
      const alike = old.nodeType === 1 && fresh.nodeType === 1 && old.cloneNode().isEqualNode(fresh.cloneNode());
      if (alike && place.nodeType === 1 && place.localName === old.localName && old.localName !== "pre" && patch(place, old, fresh)) return true;
    }
    const places = shown.slice(start, shown.length - end);
    const anchor = shown[shown.length - end] ?? null;
    for (const place of places) place.remove();
    const parent = live;
    for (const fresh of other) parent.insertBefore(document.importNode(fresh, true), anchor?.parentNode === parent ? anchor : null);
    return true;
  };

  const replace = async () => {
    const [before, now] = await Promise.all([source, get(location.href).then(parse)]);
    const same = before.body.cloneNode().isEqualNode(now.body.cloneNode()) && before.documentElement.lang === now.documentElement.lang;
    if (!same || !sameHead(before, now)) return reload();
    source = Promise.resolve(now);
    const state = remember();
    document.title = now.title;
    const [old, fresh] = [before, now].map((page) => [...page.querySelectorAll("link[rel~=stylesheet]")].map((link) => link.getAttribute("href")));
    sheets().forEach((link, i) => fresh[i] && old[i] !== fresh[i] && restyle(link, fresh[i]));
    const [main, was, is] = [document, before, now].map((page) => page.querySelector("main"));
    if (!patch(document.body, before.body, now.body)) {
      // Around the main content scripts may have been at work; within it all is put in anew.
      const around = (page) => {
        const copy = page.body.cloneNode(true);
        copy.querySelector("main")?.replaceChildren();
        return copy;
      };
      if (!main || !was || !is || !around(before).isEqualNode(around(now))) return reload();
      if (!patch(main, was, is)) main.replaceChildren(...[...is.childNodes].map((node) => document.importNode(node, true)));
    }
    document.dispatchEvent(new CustomEvent("juxta:replaced"));
    restore(state);
  };

  // Notices live in a tree of their own: no style of the page reaches them, and none of theirs the page.
  const notice = (title, kind, content) => {
    document.querySelector("juxta-notice")?.remove();
    const host = document.createElement("juxta-notice");
    const root = host.attachShadow({ mode: "open" });
    const style = document.createElement("link");
    style.rel = "stylesheet";
    style.href = `${channel}live.css`;
    const panel = document.createElement("section");
    panel.className = `panel ${kind}`;
    panel.setAttribute("role", "region");
    panel.setAttribute("aria-label", title);
    const heading = document.createElement("h2");
    heading.textContent = title;
    const close = document.createElement("button");
    close.type = "button";
    close.textContent = "Close";
    close.addEventListener("click", () => host.remove());
    panel.append(heading, close, ...content);
    root.append(style, panel);
    document.body.append(host);
  };
  const showProblems = async (are) => {
    if (!are) {
      if (document.querySelector("juxta-notice")?.shadowRoot.querySelector(".problems")) document.querySelector("juxta-notice").remove();
      return;
    }
    const page = new DOMParser().parseFromString(await get(`${channel}problems`), "text/html");
    if (dataset.editor) {
      for (const place of page.querySelectorAll(".place")) {
        const [, path, line = "1", column = "1"] = /^(.*?)(?::(\d+):(\d+))?$/.exec(place.textContent) ?? [];
        const link = page.createElement("a");
        const values = { path, line, column };
        link.href = dataset.editor.replace(/\{(path|line|column)\}/g, (_, key) => values[key]);
        link.textContent = place.textContent;
        place.replaceChildren(link);
      }
    }
    const { length } = page.querySelectorAll(".juxta-problem");
    notice(length === 1 ? "1 problem" : `${length} problems`, "problems", [...page.body.childNodes].map((node) => document.importNode(node, true)));
  };
  const showNear = () => {
    const list = document.createElement("ol");
    for (const address of dataset.near.split(" ")) {
      const link = document.createElement("a");
      link.href = address;
      link.textContent = address;
      const entry = document.createElement("li");
      entry.append(link);
      list.append(entry);
    }
    notice("Nothing is published here. Near are", "near", [list]);
  };

  const hear = async (news) => {
    const restarted = news.instance !== instance;
    ({ instance, version } = news);
    await showProblems(news.problems);
    const changed = new Set(news.changed);
    if (dataset.follow && news.edited && news.edited !== here()) return location.assign(base + encodeURI(news.edited));
    if (restarted || news.all || changed.has(here())) return replace();
    for (const link of sheets()) if (changed.has(pathOf(link.href))) restyle(link, busted(link.href));
    for (const image of document.images) if (changed.has(pathOf(image.currentSrc || image.src))) image.src = busted(image.src);
    const scripts = [...document.scripts].some((script) => script.src && changed.has(pathOf(script.src)));
    // Of a page that was not there anything may have changed it.
    if (scripts || (dataset.near !== undefined && changed.size)) reload();
  };

  // One after the other; only pages that are seen listen, for a browser holds few connections.
  let queue = Promise.resolve();
  let events = null;
  const listen = () => {
    if (document.hidden) {
      events?.close();
      events = null;
    } else if (!events) {
      events = new EventSource(`${channel}events?instance=${instance}&version=${version}`);
      events.addEventListener("message", ({ data }) => {
        queue = queue.then(() => hear(JSON.parse(data))).catch(reload);
      });
      events.addEventListener("error", () => {
        // A connection that broke starts again where this page is now.
        events?.close();
        events = null;
        setTimeout(listen, 500);
      });
    }
  };
  document.addEventListener("visibilitychange", listen);
  listen();
  if (dataset.problems) showProblems(true);
  else if (dataset.near) showNear();
})();
