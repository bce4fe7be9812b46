// Rows of the record as they come. A row never moves under the pointer or the focus: while somebody points at the table or
// moves in it, while it is paused or scrolled away, new rows wait behind a button that says how many they are.
(() => {
  "use strict";
  const bar = document.querySelector("[data-live-events]");
  if (!bar || !window.EventSource) return;
  const KEPT = 100;
  const SAY_MS = 10000;
  const find = (name) => document.querySelector(`[data-live-${name}]`);
  const [rows, region, empty] = [find("rows"), find("region"), find("empty")];
  const [pause, show, rate, spark, said, state] = ["pause", "show", "rate", "spark", "said", "state"].map(find);
  const SVG = "http://www.w3.org/2000/svg";
  const sprite = document.querySelector("svg.icon use").getAttribute("href").split("#")[0];

  let paused = false;
  let waiting = [];
  const seconds = new Array(60).fill(0);
  let since = { packets: 0, sources: new Set(), ports: new Map() };

  const make = (tag, text, attributes = {}) => {
    const element = document.createElement(tag);
    if (text) element.textContent = text;
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  };
  const icon = (name) => {
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("class", "icon");
    svg.setAttribute("aria-hidden", "true");
    const use = document.createElementNS(SVG, "use");
    use.setAttribute("href", `${sprite}#${name}`);
    svg.append(use);
    return svg;
  };
  const link = (text, href, className) => (href ? make("a", text, { href, class: className }) : make("span", text));
  const cell = (name, ...content) => {
    const td = make("td", "", { class: name });
    td.append(...content);
    return td;
  };
  const tag = (tone, symbol, word) => {
    const span = make("span", "", { class: `tag ${tone}` });
    span.append(icon(symbol), word);
    return span;
  };
  const button = (text, href, label) => make("a", text, { class: "button small", href, "aria-label": label });

  const acts = (row) => {
    const td = cell("act");
    if (row.explain) td.append(button("Explain", row.explain, `Explain ${row.source} to ${row.aim}`), " ");
    if (row.let_in) td.append(button("Allow…", row.let_in, `Allow ${row.source} to ${row.aim}…`), " ");
    if (row.ban && "mayAct" in rows.dataset) td.append(button("Ban…", row.ban, `Ban ${row.source}…`));
    return td;
  };

  const draw = (row) => {
    const tr = make("tr", "", { id: `b${row.id}` });
    const time = make("time", row.clock, { datetime: row.machine, title: row.exact });
    const source = make("th", "", { scope: "row", class: "source" });
    source.append(link(row.source, row.source_href, "mono part"));
    if (row.several) source.append(make("small", "several of them"));
    const to = cell("to", make("b", row.aim, { class: "mono" }));
    if (row.service) to.append(" ", make("span", row.service, { class: "known" }));
    to.append(make("small", row.place, { class: "mono" }));
    const revision = make("small", "revision ");
    revision.append(link(String(row.revision), `/history/${row.revision}`));
    const why = cell("why", tag(row.tone, row.icon, row.word), " ", link(row.line, row.line_href, "mono"), revision);
    const when = cell("when", time);
    if (row.count) when.append(make("small", row.count));
    const today = cell("today", tag("", "clock", "Just now"));
    today.dataset.label = "Would it pass today?";
    tr.append(when, source, to, why, today, acts(row));
    return tr;
  };
  const gap = (words) => {
    const tr = make("tr", "", { class: "gap" });
    const th = make("th", "", { scope: "row", colspan: "6" });
    th.append(icon("warn"), ` ${words}`);
    tr.append(th);
    return tr;
  };

  // A row that grew stays where it is; only its count is new.
  const grow = (row) => {
    const old = document.getElementById(`b${row.id}`);
    if (!old) return false;
    const count = old.querySelector(".when small") || old.querySelector(".when").appendChild(make("small"));
    count.textContent = row.count || "";
    return true;
  };

  const isAway = () => paused || region.matches(":hover") || region.contains(document.activeElement) || region.getBoundingClientRect().top < 0;
  const label = () => {
    show.hidden = waiting.length === 0;
    show.textContent = `${waiting.length >= KEPT ? `${KEPT} or more` : waiting.length} new: show`;
  };
  const insert = () => {
    for (const entry of waiting) {
      if (entry.words) rows.prepend(gap(entry.words));
      else if (!grow(entry)) rows.prepend(draw(entry));
    }
    waiting = [];
    rows.querySelectorAll(".nobody").forEach((row) => row.remove());
    while (rows.children.length > KEPT) rows.lastElementChild.remove();
    region.hidden = rows.children.length === 0;
    empty.hidden = !region.hidden;
    label();
  };
  const take = (entries) => {
    for (const entry of entries) {
      const place = entry.id ? waiting.findIndex((other) => other.id === entry.id) : -1;
      if (place >= 0) waiting[place] = entry;
      else if (!entry.id || !grow(entry)) waiting.push(entry);
    }
    waiting = waiting.slice(-KEPT);
    if (isAway()) label();
    else insert();
  };

  const known = new Map();
  const measure = (row) => {
    const fresh = row.packets - (known.get(row.id) || 0);
    known.set(row.id, row.packets);
    if (known.size > 1000) known.delete(known.keys().next().value);
    seconds[59] += Math.max(fresh, 0);
    since.packets += Math.max(fresh, 0);
    since.sources.add(row.source);
    since.ports.set(row.aim, (since.ports.get(row.aim) || 0) + fresh);
  };
  const plot = () => {
    const highest = Math.max(1, ...seconds);
    spark.replaceChildren(...seconds.map((packets, x) => {
      const height = Math.ceil((packets * 20) / highest);
      const rect = document.createElementNS(SVG, "rect");
      for (const [name, value] of Object.entries({ x, y: 20 - height, width: 1, height })) rect.setAttribute(name, value);
      return rect;
    }));
    rate.textContent = String(Math.round(seconds.slice(50).reduce((sum, one) => sum + one, 0) / 10));
    seconds.shift();
    seconds.push(0);
  };
  const say = () => {
    if (since.packets === 0) return;
    const [port] = [...since.ports].sort((one, other) => other[1] - one[1])[0];
    const many = (number, noun) => `${number} ${noun}${number === 1 ? "" : "s"}`;
    said.textContent = `${many(since.packets, "packet")} from ${many(since.sources.size, "source")} in the last 10 seconds, most at ${port}.`;
    since = { packets: 0, sources: new Set(), ports: new Map() };
  };

  const setPaused = (on) => {
    paused = on;
    pause.setAttribute("aria-pressed", String(on));
    pause.textContent = on ? "Go on" : "Pause";
    if (!on && !isAway()) insert();
  };

  const address = new URL(bar.dataset.liveEvents, location.href);
  address.searchParams.set("after", bar.dataset.liveNewest);
  const source = new EventSource(address);
  source.addEventListener("open", () => { state.textContent = "Live"; });
  source.addEventListener("error", () => {
    state.textContent = source.readyState === EventSource.CLOSED ? "The connection was refused. Load again." : "Connecting again…";
  });
  source.addEventListener("rows", (event) => {
    const content = JSON.parse(event.data);
    content.rows.forEach(measure);
    seconds[59] += Math.max(content.packets - content.rows.reduce((sum, row) => sum + row.packets, 0), 0);
    const more = content.more > 0 ? [{ words: `${content.more} more rows came in the same second.` }] : [];
    take([...more, ...content.rows]);
  });
  source.addEventListener("gap", (event) => take([JSON.parse(event.data)]));
  source.addEventListener("over", (event) => {
    source.close();
    state.textContent = JSON.parse(event.data);
    said.textContent = state.textContent;
  });

  bar.hidden = false;
  find("reload").hidden = true;
  find("answer").textContent = "Rows appear as they come, the newest first.";
  state.textContent = "Connecting…";
  pause.addEventListener("click", () => setPaused(!paused));
  show.addEventListener("click", () => {
    insert();
    pause.focus();
  });
  document.addEventListener("keydown", (event) => {
    const isTyping = event.target.closest("input, select, textarea, [contenteditable]");
    if (event.key.toLowerCase() === "p" && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) setPaused(!paused);
  });
  region.addEventListener("mouseleave", () => { if (!isAway()) insert(); });
  region.addEventListener("focusout", () => setTimeout(() => { if (!isAway()) insert(); }));
  setInterval(plot, 1000);
  setInterval(say, SAY_MS);
})();
