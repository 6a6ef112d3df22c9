// The statement of a run of the sample workspace: it says what the ledger counted, and every part of it works.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { open, start } from "./browser.mjs";
import { made, number, rowsOf, visibleRows } from "./made.mjs";

const file = join(made, "acme/report.html");
const statement = JSON.parse(readFileSync(join(made, "acme/report.json"), "utf8"));

let browser;
before(async () => { browser = await start(); });
after(() => browser?.close());

async function on(path, look) {
  const { page, seen, close } = await open(browser, path);
  await look(page);
  assert.deepEqual(seen, []);
  await close();
}

describe("the statement of a run", () => {
  test("its ledger closes and says what the run counted", () => on(file, async (page) => {
    const told = await rowsOf(page, "#reconciliation");
    const ends = ["created", "updated", "unchanged", "written", "merged", "carried", "excluded", "held", "rejected", "ignored"];
    for (const row of statement.reconciliation.rows) {
      const shown = told.find((it) => it.kind === row.row);
      let sum = 0;
      for (const end of ends) {
        assert.equal(number(shown[end]), row[end], `${row.row}, ${end}`);
        sum += number(shown[end]);
      }
      assert.equal(number(shown.read), row.read);
      if (row.read > 0) assert.equal(sum, row.read, `${row.row} closes`);
    }
    assert.match(await page.locator(".verdict").textContent(), /closes/);
  }));

  test("the flow goes from what was read over what it became to how it ended", () => on(file, async (page) => {
    const heads = await page.locator("#flow svg .head").allTextContents();
    assert.deepEqual(heads, ["read", "became", "ended"]);
    const ribbons = await page.locator("#flow path title").allTextContents();
    const written = statement.routes.filter((it) => it.target);
    for (const { row, target } of written) {
      const all = written.filter((it) => it.row === row && it.target === target).reduce((sum, it) => sum + it.count, 0);
      assert.ok(ribbons.includes(`${row} → ${target}: ${all.toLocaleString("en")}`), `${row} → ${target}: ${all}`);
    }
    for (const target of new Set(written.map((it) => it.target))) {
      const created = written.filter((it) => it.target === target && it.end === "created").reduce((sum, it) => sum + it.count, 0);
      if (created) assert.ok(ribbons.includes(`${target} → created: ${created.toLocaleString("en")}`), target);
    }
  }));

  test("a click on a decision shows three records as found, meant and there", () => on(file, async (page) => {
    const rows = await rowsOf(page, "#flow");
    assert.equal(rows.length, statement.routes.length);
    const place = statement.routes.findIndex((it) => it.row === "person" && it.target === "lead" && it.end === "updated");
    assert.deepEqual([rows[place].kind, rows[place].became, number(rows[place].records)], ["person", "lead", statement.routes[place].count]);
    await page.locator("#flow tbody tr").nth(place).locator("button").click();
    const shown = page.locator("#flow tr.unfolded article");
    assert.equal(await shown.count(), 3);
    const cells = await shown.first().locator("tbody tr").evaluateAll((all) => all.map((it) => [...it.cells].map((cell) => cell.textContent.trim())));
    // What was there and stays is told, and marked.
    const kept = cells.find((it) => it[0] === "first_name");
    assert.match(kept[4], /^another value keeps the value that the destination had$/);
    assert.equal(await shown.first().locator("tr.kept mark").count(), await shown.first().locator("tr.kept").count());
    const key = cells.find((it) => it[0] === "external_id");
    assert.deepEqual([key[1], key[2], key[3], key[4]], ["", key[3], key[2], "added"]);
  }));

  test("what waits can be searched and narrowed", () => on(file, async (page) => {
    const waiting = statement.waiting;
    const bar = page.locator("#held-and-rejected .bar");
    assert.equal(await bar.locator("output").textContent(), `${waiting.length} of ${waiting.length} shown`);
    await bar.locator("select").nth(1).selectOption("person");
    const people = waiting.filter((it) => it.row === "person").length;
    assert.equal((await visibleRows(page, "#held-and-rejected")).length, people);
    await bar.locator("input").fill("stage list");
    const fits = waiting.filter((it) => it.row === "person" && it.reason.includes("stage") && it.reason.includes("list")).length;
    await page.waitForFunction((words) => document.querySelector("#held-and-rejected output").textContent === words, `${fits} of ${waiting.length} shown`);
  }));

  test("masked it shows no value, full it does, and both say so", async () => {
    await on(file, async (page) => {
      const text = await page.locator("body").textContent();
      assert.ok(text.includes("masked: ids and no values"));
      assert.ok(!/[a-z0-9]@(proton|gmail|icloud)\.(me|com)/.test(text));
    });
    await on(join(made, "full/report.html"), async (page) => {
      const text = await page.locator("body").textContent();
      assert.ok(text.includes("with values: personal data"));
      assert.match(text, /[a-z0-9]@(proton|gmail|icloud)\.(me|com)/);
    });
  });
});
