// A workspace with script tags in every field: no page runs or draws anything of it.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { join } from "node:path";
import { open, start } from "./browser.mjs";
import { made } from "./made.mjs";

let browser;
before(async () => { browser = await start(); });
after(() => browser?.close());

for (const name of ["check.html", "report.html", "handoff/handoff.html", "audit.html"]) {
  test(`${name}: nothing of a record runs`, async () => {
    const { page, seen, close } = await open(browser, join(made, "hostile", name));
    await page.evaluate(() => { for (const it of document.querySelectorAll("details")) it.open = true; });
    for (const button of (await page.locator("td.such button").all()).slice(0, 5)) await button.click();
    const search = page.locator(".bar input").first();
    if (await search.count()) await search.fill("<img src=x>");
    await page.waitForTimeout(200);
    const found = await page.evaluate(() => ({
      ran: globalThis.ran,
      images: document.images.length,
      scripts: document.scripts.length,
      // As words it is all there.
      told: document.body.textContent.includes("<script>globalThis.ran=1"),
    }));
    assert.deepEqual(found, { ran: undefined, images: 0, scripts: 1, told: true });
    assert.deepEqual(seen, []);
    await close();
  });

  test(`${name}: were a script let through, the page's own policy would stop it`, async () => {
    const { page, close } = await open(browser, join(made, "hostile", name));
    await page.evaluate(() => {
      const script = document.createElement("script");
      script.textContent = "globalThis.ran = 3";
      document.body.append(script);
      const image = document.createElement("img");
      image.setAttribute("onerror", "globalThis.ran = 4");
      image.src = "data:,";
      document.body.append(image);
    });
    await page.waitForTimeout(200);
    assert.equal(await page.evaluate(() => globalThis.ran), undefined);
    await close();
  });
}
