// The reviewer's page of the sample workspace: it says what the check found, and every part of it works.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { open, start } from "./browser.mjs";
import { made, number, rowsOf, visibleRows } from "./made.mjs";

const file = join(made, "acme/check.html");
const { forecast } = JSON.parse(readFileSync(join(made, "acme/check.json"), "utf8"));
const people = readFileSync("tests/stories/acme/in/people.ndjson", "utf8").split("\n").filter(Boolean);

let browser;
before(async () => { browser = await start(); });
after(() => browser?.close());

/// Opens the page, gives it to `look`, and lets nothing pass that a page may not do.
async function on(path, look) {
  const { page, seen, close } = await open(browser, path);
  await look(page);
  assert.deepEqual(seen, []);
  await close();
}

const sum = (pick) => forecast.rows.reduce((all, row) => all + pick(row), 0);

describe("the reviewer's page", () => {
  test("its tiles, its ledger and its flow say what the check counted", () => on(file, async (page) => {
    const tiles = await page.locator(".tiles li").allTextContents();
    const tile = (words) => number(tiles.find((it) => it.includes(words)));
    assert.equal(tile("read"), sum((row) => row.read));
    assert.equal(tile("held"), sum((row) => row.held));
    assert.equal(tile("would be written"), sum((row) => Object.values(row.drafts).reduce((all, it) => all + it, 0)));
    const ledger = await rowsOf(page, "#ledger");
    for (const row of forecast.rows) {
      const told = ledger.find((it) => it.kind === row.row);
      for (const count of ["read", "merged", "carried", "excluded", "held", "rejected", "ignored"]) {
        assert.equal(number(told[count]), row[count], `${row.row}, ${count}`);
      }
    }
    const ribbons = await page.locator("#flow path title").allTextContents();
    for (const row of forecast.rows) {
      for (const [target, count] of Object.entries(row.drafts)) {
        assert.ok(ribbons.includes(`${row.row} → ${target}: ${count.toLocaleString("en")}`), `${row.row} → ${target}`);
      }
      if (row.held) assert.ok(ribbons.includes(`${row.row} → held: ${row.held.toLocaleString("en")}`));
    }
  }));

  test("every row of a table stands there with its count, its examples and three records", () => on(file, async (page) => {
    const decisions = await rowsOf(page, "#decisions");
    const points = forecast.coverage.points.filter((it) => it.kind === "row" || it.kind === "exclude when");
    assert.equal(decisions.length, points.length);
    points.forEach((point, at) => {
      const told = decisions[at];
      assert.deepEqual(
        [told.of, number(told.line), told.rule, number(told.records), number(told.examples)],
        [point.item, point.rule_line, point.text, point.records, point.examples],
      );
      const shown = Math.min(3, point.records);
      assert.equal(told["such as"], shown ? `${shown} record${shown === 1 ? "" : "s"}` : "");
    });
  }));

  test("a click unfolds three records before and after, in place, and folds them again", () => on(file, async (page) => {
    const row = page.locator("#decisions tbody tr", { hasText: "customer, evangelist | any except closed | contact" }).first();
    const button = row.locator("button");
    await button.click();
    assert.equal(await button.getAttribute("aria-expanded"), "true");
    const shown = page.locator("#decisions tr.unfolded article");
    assert.equal(await shown.count(), 3);
    let contacts = 0;
    for (const article of await shown.all()) {
      const who = await article.locator(".who").textContent();
      // A row says contact, and a field may still hold the record.
      assert.match(who, /^person [0-9a-f]+ (becomes contact|held, "line \d+, .*")$/);
      contacts += who.includes("becomes contact") ? 1 : 0;
      const heads = await article.locator("th").allTextContents();
      assert.deepEqual(heads, ["in Customer.io", "before", "in Freshsales", "after", "what"]);
      const cells = await article.locator("tbody tr").evaluateAll((rows) => rows.map((it) => [...it.cells].map((cell) => cell.textContent.trim())));
      const key = cells.find((it) => it[2] === "external_id");
      assert.deepEqual([key[0], key[3].startsWith("xxx-x-"), key[4].startsWith("changed")], ["cio_id", true, true]);
      const status = cells.find((it) => it[2] === "subscription_status");
      assert.ok(["Subscribed", "Unsubscribed", "Bounced", "Reported as spam"].includes(status[3]), status[3]);
      // What differs is marked, what does not is not.
      const marked = await article.locator("tr.changed mark, tr.added mark").count();
      assert.equal(marked, await article.locator("tr.changed, tr.added").count());
      assert.equal(await article.locator("tr.same mark, tr.same del").count(), 0);
    }
    assert.ok(contacts > 0);
    await button.press("Enter");
    assert.equal(await button.getAttribute("aria-expanded"), "false");
    assert.equal(await shown.count(), 0);
  }));

  test("held, lost and given-up rows have their records too", () => on(file, async (page) => {
    for (const section of ["#reasons", "#losses", "#given-up", "#kinds"]) {
      const button = page.locator(`${section} td.such button`).first();
      await button.click();
      assert.ok((await page.locator(`${section} tr.unfolded article`).count()) > 0, section);
    }
    const held = page.locator("#reasons tbody tr", { hasText: "stage or status is not on our list" });
    await held.locator("button").click();
    const words = await held.locator("xpath=following-sibling::tr[1]").first().textContent();
    assert.ok(words.includes('held, "stage or status is not on our list"'), words);
  }));

  test("every source field is accounted for", () => on(file, async (page) => {
    const summaries = await page.locator("#fields summary").allTextContents();
    for (const source of forecast.coverage.sources) {
      const summary = summaries.find((it) => it.startsWith(`${source.source}: ${source.fields.length} fields`));
      assert.ok(summary, source.source);
    }
    const told = await page.locator("#fields tbody tr").count();
    assert.equal(told, forecast.coverage.sources.reduce((all, it) => all + it.fields.length, 0));
  }));

  test("search and choices narrow a table, and say by how much", () => on(file, async (page) => {
    const bar = page.locator("#decisions .bar");
    const all = await visibleRows(page, "#decisions");
    await bar.locator("select").selectOption("decide person");
    const decided = await visibleRows(page, "#decisions");
    assert.ok(decided.length < all.length && decided.every((it) => it.startsWith("decide person")));
    await bar.locator("input").fill("known business");
    await page.waitForFunction(() => document.querySelector("#decisions output").textContent.startsWith("2 of"));
    const found = await visibleRows(page, "#decisions");
    assert.equal(found.length, 2);
    assert.ok(found.every((it) => it.includes("business")));
    await bar.locator("input").press("Escape");
    assert.equal((await visibleRows(page, "#decisions")).length, decided.length);
    await bar.locator("select").selectOption("");
    assert.equal(await bar.locator("output").textContent(), `${all.length} of ${all.length} shown`);
  }));

  test("a row that the search hides takes its records along", () => on(file, async (page) => {
    await page.locator("#decisions td.such button").first().click();
    const unfolded = page.locator("#decisions tr.unfolded");
    assert.equal(await unfolded.isVisible(), true);
    await page.locator("#decisions .bar input").fill("no row says this");
    await page.waitForFunction(() => document.querySelector("#decisions output").textContent.startsWith("0 of"));
    assert.equal(await unfolded.isVisible(), false);
  }));

  test("`/` goes to the search, from anywhere", () => on(file, async (page) => {
    await page.keyboard.press("/");
    assert.equal(await page.evaluate(() => document.activeElement.type), "search");
    await page.keyboard.type("x/y");
    assert.equal(await page.evaluate(() => document.activeElement.value), "x/y");
  }));

  test("a link to a record unfolds it", () => on(file, async (page) => {
    assert.equal(await page.locator("#record-1").evaluate((it) => it.open), false);
    await page.evaluate(() => { location.hash = "record-1"; });
    await page.waitForFunction(() => document.getElementById("record-1").open);
  }));

  test("without a script every record is a link away", async () => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    await page.goto(`file://${file}`);
    const links = await page.locator("#decisions td.such a").count();
    assert.ok(links > 20, `${links}`);
    const href = await page.locator("#decisions td.such a").first().getAttribute("href");
    const target = page.locator(href);
    await target.locator("summary").click();
    assert.equal(await target.locator("table").isVisible(), true);
    await context.close();
  });

  test("masked it shows no address of anybody, full it shows those of its records", async () => {
    const emails = people.flatMap((line) => {
      try { return [JSON.parse(line).email ?? []].flat(); } catch { return []; }
    }).filter((it) => it.includes("@"));
    assert.ok(emails.length > 400);
    const masked = readFileSync(file, "utf8");
    assert.deepEqual(emails.filter((it) => masked.includes(it)), []);
    const full = join(made, "full/check.html");
    await on(full, async (page) => {
      const text = await page.locator("#records").evaluate((it) => it.textContent);
      assert.ok(emails.filter((it) => text.includes(it)).length > 20);
      assert.ok((await page.locator(".facts").textContent()).includes("personal data"));
    });
  });
});
