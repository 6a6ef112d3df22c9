"use strict";
for (const table of document.querySelectorAll("table[data-filter]")) {
  const heads = [...table.tHead.rows[0].cells].map((cell) => cell.textContent);
  const rows = [...table.tBodies[0].rows].map((row) => ({
    row, text: row.textContent.toLowerCase(), cells: [...row.cells].map((cell) => cell.textContent),
  }));
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
  const selects = table.dataset.filter.split(",").map((name) => {
    const place = heads.indexOf(name);
    const select = labelled(name, document.createElement("select"));
    select.append(new Option("all", ""));
    const values = [...new Set(rows.map((it) => it.cells[place]))].sort();
    for (const value of values) select.append(new Option(value, value));
    return { place, select };
  });
  const output = document.createElement("output");
  output.setAttribute("aria-live", "polite");
  bar.append(output);
  const narrow = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const { row, text, cells } of rows) {
      const fits = words.every((word) => text.includes(word))
        && selects.every(({ place, select }) => !select.value || cells[place] === select.value);
      row.hidden = !fits;
      shown += fits ? 1 : 0;
    }
    output.textContent = `${shown} of ${rows.length} shown`;
  };
  let waits = 0;
  search.addEventListener("input", () => { clearTimeout(waits); waits = setTimeout(narrow, 80); });
  search.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { search.value = ""; narrow(); }
  });
  for (const { select } of selects) select.addEventListener("change", narrow);
  table.parentElement.before(bar);
  narrow();
}
document.addEventListener("keydown", (event) => {
  const first = document.querySelector(".bar input");
  if (event.key === "/" && first && !/^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) {
    event.preventDefault();
    first.focus();
    first.scrollIntoView({ block: "center" });
  }
});
