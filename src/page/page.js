"use strict";
// Records behind a row: the links become one button, which unfolds them in place.
const showing = (row) => row.nextElementSibling?.classList.contains("unfolded") ? row.nextElementSibling : null;
for (const cell of document.querySelectorAll("td.such")) {
  const links = [...cell.querySelectorAll("a")];
  if (!links.length) continue;
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = links.length === 1 ? "1 record" : `${links.length} records`;
  button.setAttribute("aria-expanded", "false");
  button.dataset.records = links.map((link) => link.hash.slice(1)).join(" ");
  button.title = links.map((link) => link.textContent).join(", ");
  cell.replaceChildren(button);
}
const unfold = (button) => {
  const row = button.closest("tr");
  const shown = showing(row);
  button.setAttribute("aria-expanded", String(!shown));
  if (shown) {
    shown.remove();
    return;
  }
  const cell = document.createElement("td");
  cell.colSpan = row.cells.length;
  for (const id of button.dataset.records.split(" ")) {
    const article = document.createElement("article");
    const record = document.getElementById(id);
    const title = document.createElement("p");
    title.className = "who";
    title.append(...[...record.firstElementChild.childNodes].map((it) => it.cloneNode(true)));
    article.append(title, ...[...record.children].slice(1).map((it) => it.cloneNode(true)));
    for (const region of article.querySelectorAll("[aria-label]")) {
      unfold.times = (unfold.times ?? 0) + 1;
      region.setAttribute("aria-label", `${region.getAttribute("aria-label")}, copy ${unfold.times}`);
    }
    cell.append(article);
  }
  const line = document.createElement("tr");
  line.className = "unfolded";
  line.append(cell);
  row.after(line);
};
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("td.such button");
  if (button) unfold(button);
});
// A link to something folded unfolds it.
const reveal = () => {
  const there = location.hash.length > 1 ? document.getElementById(decodeURIComponent(location.hash.slice(1))) : null;
  for (let it = there; it; it = it.parentElement) if (it.tagName === "DETAILS") it.open = true;
  there?.scrollIntoView();
};
addEventListener("hashchange", reveal);
reveal();
// Search and choices above a table; of very many rows the first are drawn, until more are asked for.
const STEP = 1000;
const told = (count) => count.toLocaleString("en");
const later = globalThis.requestIdleCallback ?? ((work) => setTimeout(work, 50));
for (const table of document.querySelectorAll("table[data-filter]")) {
  const heads = [...table.tHead.rows[0].cells].map((cell) => cell.textContent);
  const bodies = [...table.tBodies];
  const rows = bodies.flatMap((body) => [...body.rows]);
  let most = bodies[0].rows.length;
  let texts = null;
  const bar = document.createElement("div");
  bar.className = "bar";
  bar.setAttribute("role", "search");
  bar.setAttribute("aria-label", table.parentElement.getAttribute("aria-label"));
  const labelled = (words, control) => {
    const label = document.createElement("label");
    label.append(words, control);
    bar.append(label);
    return control;
  };
  const search = labelled("Search", document.createElement("input"));
  search.type = "search";
  const selects = table.dataset.filter.split(",").filter(Boolean).map((name) => {
    const place = heads.indexOf(name);
    const select = labelled(name, document.createElement("select"));
    select.append(new Option("all", ""));
    later(() => {
      const values = [...new Set(rows.map((row) => row.cells[place].textContent))].sort();
      for (const value of values) select.append(new Option(value, value));
    });
    return { place, select };
  });
  const output = document.createElement("output");
  output.setAttribute("aria-live", "polite");
  bar.append(output);
  const more = document.createElement("button");
  more.type = "button";
  more.className = "unfolding";
  const say = (fit, shown) => {
    output.textContent = `${told(shown)} of ${told(rows.length)} shown`
      + (shown < fit && fit < rows.length ? `, ${told(fit)} fit` : "");
    more.hidden = shown === fit;
    more.textContent = `Show ${told(Math.min(STEP, fit - shown))} more`;
  };
  const narrow = () => {
    texts ??= rows.map((row) => row.textContent.toLowerCase());
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const chosen = selects.filter(({ select }) => select.value);
    let fit = 0;
    rows.forEach((row, at) => {
      const fits = words.every((word) => texts[at].includes(word))
        && chosen.every(({ place, select }) => row.cells[place].textContent === select.value);
      fit += fits ? 1 : 0;
      row.hidden = !fits || fit > most;
      const below = showing(row);
      if (below) below.hidden = row.hidden;
    });
    for (const body of bodies) body.classList.remove("more");
    say(fit, Math.min(fit, most));
  };
  more.addEventListener("click", () => { most += STEP; narrow(); });
  let waits = 0;
  search.addEventListener("input", () => { clearTimeout(waits); waits = setTimeout(narrow, 80); });
  search.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { search.value = ""; narrow(); }
  });
  for (const { select } of selects) select.addEventListener("change", narrow);
  table.parentElement.before(bar);
  table.parentElement.after(more);
  say(rows.length, most);
}
document.addEventListener("keydown", (event) => {
  const bars = [...document.querySelectorAll(".bar input")].filter((it) => it.checkVisibility?.() ?? true);
  if (event.key !== "/" || !bars.length || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
  event.preventDefault();
  // The next one below what is being read, else the first.
  const input = bars.find((it) => it.getBoundingClientRect().top > 0) ?? bars[0];
  input.focus();
  input.scrollIntoView({ block: "center" });
});
