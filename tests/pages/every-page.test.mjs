// What is true of every page: quiet, asks for nothing, accessible, fit for a phone, for the dark and for print.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { join } from "node:path";
import { DESKTOP, PHONE, accessibility, open, start } from "./browser.mjs";
import { PAGES, made } from "./made.mjs";

let browser;
before(async () => { browser = await start(); });
after(() => browser?.close());

/// Pixels by which something is wider than the window; what scrolls by itself is its own affair.
const overflow = (page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

for (const name of PAGES) {
  const file = join(made, name);
  describe(name, () => {
    for (const colorScheme of ["light", "dark"]) {
      for (const [screen, viewport] of [["desktop", DESKTOP], ["phone", PHONE]]) {
        test(`${screen}, ${colorScheme}: quiet, accessible, not wider than the window`, async () => {
          const { page, seen, close } = await open(browser, file, { viewport, colorScheme });
          assert.deepEqual(await accessibility(page), []);
          assert.equal(await overflow(page), 0);
          // The same unfolded; of the records, which are all built alike, the first few.
          await page.evaluate(() => {
            for (const it of document.querySelectorAll("details:not(.record)")) it.open = true;
            for (const it of [...document.querySelectorAll("details.record")].slice(0, 4)) it.open = true;
            for (const it of [...document.querySelectorAll("td.such button")].slice(0, 2)) it.click();
          });
          assert.deepEqual(await accessibility(page), [], "unfolded");
          assert.equal(await overflow(page), 0, "unfolded");
          assert.deepEqual(seen, []);
          await close();
        });
      }
    }

    test("the dark is dark, the light is light", async () => {
      const brightness = [];
      for (const colorScheme of ["light", "dark"]) {
        const { page, close } = await open(browser, file, { colorScheme });
        const paper = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
        const ink = await page.evaluate(() => getComputedStyle(document.body).color);
        const sum = (colour) => colour.match(/\d+/g).slice(0, 3).reduce((all, it) => all + Number(it), 0);
        brightness.push([sum(paper), sum(ink)]);
        await close();
      }
      const [[paper, ink], [darkPaper, darkInk]] = brightness;
      assert.ok(paper > 700 && ink < 200, `light: ${paper} ${ink}`);
      assert.ok(darkPaper < 200 && darkInk > 600, `dark: ${darkPaper} ${darkInk}`);
    });

    test("in print nothing is cut off, and what only a screen can do is gone", async () => {
      // The width of A4 with narrow margins, at 96 dots an inch.
      const { page, seen, close } = await open(browser, file, { viewport: { width: 718, height: 1000 }, colorScheme: "dark" });
      await page.emulateMedia({ media: "print", colorScheme: "light" });
      const found = await page.evaluate(() => {
        const shown = (it) => it.getClientRects().length > 0;
        const cut = [...document.querySelectorAll("main *")].filter((it) => {
          const { overflowX, overflowY } = getComputedStyle(it);
          const hides = overflowX !== "visible" || overflowY !== "visible";
          return hides && shown(it) && !it.closest("svg") && (it.scrollWidth > it.clientWidth + 1 || it.scrollHeight > it.clientHeight + 1);
        });
        return {
          cut: cut.map((it) => `${it.tagName}.${it.className}`),
          controls: [...document.querySelectorAll("input, select, button, nav")].filter(shown).length,
          paper: getComputedStyle(document.body).backgroundColor,
          wider: document.documentElement.scrollWidth - document.documentElement.clientWidth,
        };
      });
      assert.deepEqual(found, { cut: [], controls: 0, paper: "rgb(255, 255, 255)", wider: 0 });
      const pdf = await page.pdf({ format: "A4", path: `${file}.pdf` });
      assert.ok(pdf.length > 10_000);
      assert.deepEqual(seen, []);
      await close();
    });

    test("the keyboard reaches every part that does something, and shows where it is", async () => {
      const { page, seen, close } = await open(browser, file);
      const wanted = await page.evaluate(() => {
        const parts = [...document.querySelectorAll("a[href], input, select, button, summary, [tabindex='0']")];
        const shown = parts.filter((it) => it.checkVisibility({ visibilityProperty: true }));
        shown.forEach((it, at) => { it.dataset.at = at; });
        return shown.length;
      });
      const reached = new Set();
      const unseen = [];
      for (let presses = 0; presses < wanted + 5; presses += 1) {
        await page.keyboard.press("Tab");
        const at = await page.evaluate(() => {
          const it = document.activeElement;
          const { outlineStyle, outlineWidth } = getComputedStyle(it);
          return { at: it.dataset.at, tag: it.tagName, ring: outlineStyle !== "none" && outlineWidth !== "0px" };
        });
        if (at.at === undefined) continue;
        reached.add(at.at);
        if (!at.ring) unseen.push(`${at.tag} ${at.at}`);
      }
      assert.ok(wanted > 0);
      assert.equal(reached.size, wanted);
      assert.deepEqual(unseen, []);
      assert.deepEqual(seen, []);
      await close();
    });

    test("every link inside the page has its place", async () => {
      const { page, close } = await open(browser, file);
      const broken = await page.evaluate(() => [...document.querySelectorAll("a[href]")]
        .map((it) => it.getAttribute("href"))
        .filter((it) => !it.startsWith("#") || !document.getElementById(decodeURIComponent(it.slice(1)))));
      assert.deepEqual(broken, []);
      const twice = await page.evaluate(() => {
        const ids = [...document.querySelectorAll("[id]")].map((it) => it.id);
        return ids.filter((it, at) => ids.indexOf(it) !== at);
      });
      assert.deepEqual(twice, [], "an id stands twice");
      await close();
    });
  });
}
