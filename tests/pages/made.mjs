// Where the pages lie that `make.mjs` writes.

import { join } from "node:path";

export const made = join(process.env.MAPWRIGHT_PAGES, "made");

/// Each kind of page, of the sample workspace.
export const PAGES = ["check.html", "report.html", "handoff/handoff.html", "audit.html"].map((it) => join("acme", it));

/// `2,060 created` as a number.
export const number = (words) => Number(words.match(/[\d,]+/)[0].replaceAll(",", ""));

/// The rows of a section's first table, each cell under the head of its column.
export const rowsOf = (page, section) => page.locator(`${section} table`).first().evaluate((table) => {
  const heads = [...table.tHead.rows[0].cells].map((it) => it.textContent);
  const rows = [...table.tBodies[0].rows].filter((it) => !it.classList.contains("unfolded"));
  return rows.map((row) => Object.fromEntries([...row.cells].map((it, at) => [heads[at], it.textContent.trim()])));
});

/// What stands in the rows that are to be seen.
export const visibleRows = (page, section) => page.locator(`${section} table`).first().evaluate((table) => {
  const rows = [...table.tBodies].flatMap((it) => [...it.rows]).filter((it) => it.checkVisibility());
  return rows.map((it) => it.textContent.trim());
});
