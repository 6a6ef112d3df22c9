// A browser for the tests: found or unpacked, started once, with eyes on all that a page says and asks for.
// Run by itself it only tells whether one starts.

import { spawnSync } from "node:child_process";
import { chmodSync, createReadStream, createWriteStream, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { pathToFileURL } from "node:url";
import { createBrotliDecompress } from "node:zlib";

const place = process.env.MAPWRIGHT_PAGES;
const require = createRequire(join(place, "package.json"));
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// The browser of the npm package lies there packed; what it needs beside it too.
async function unpacked() {
  const packed = join(place, "node_modules/@sparticuz/chromium/bin");
  const into = join(place, "unpacked");
  const program = join(into, "chromium");
  if (process.arch !== "x64" || process.platform !== "linux") throw new Error("the packed browser is for Linux on x64");
  if (!existsSync(program)) {
    mkdirSync(into, { recursive: true });
    const unpack = (from, to) => pipeline(createReadStream(join(packed, from)), createBrotliDecompress(), createWriteStream(to));
    for (const name of ["al2023.tar", "fonts.tar", "swiftshader.tar"]) {
      await unpack(`${name}.br`, join(into, name));
      const tar = spawnSync("tar", ["-xf", join(into, name), "-C", into, "--no-same-owner"]);
      if (tar.status !== 0) throw new Error(`could not unpack ${name}: ${tar.stderr}`);
      rmSync(join(into, name));
    }
    const fonts = `<fontconfig><dir>${join(into, "fonts")}</dir><cachedir>${join(into, "font-cache")}</cachedir></fontconfig>`;
    writeFileSync(join(into, "fonts.conf"), `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">${fonts}`);
    // Whole or not at all: a broken-off unpacking begins anew.
    await unpack("chromium.br", `${program}.part`);
    chmodSync(`${program}.part`, 0o755);
    renameSync(`${program}.part`, program);
  }
  return { program, libraries: join(into, "lib") };
}

/// Browsers to try, one after the other.
async function* candidates() {
  const named = process.env.MAPWRIGHT_BROWSER;
  if (named) yield { program: named };
  try {
    const { program, libraries } = await unpacked();
    // The machine's own libraries, then those that came along.
    yield { program };
    yield { program, libraries };
  } catch (error) {
    console.error(`the packed browser: ${error.message}`);
  }
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    for (const name of NAMES) {
      const program = join(folder, name);
      if (existsSync(program)) yield { program };
    }
  }
}

/// Starts the first browser that starts.
export async function start() {
  const failures = [];
  for await (const { program, libraries } of candidates()) {
    const env = { ...process.env, HOME: join(place, "home") };
    if (!existsSync("/etc/fonts/fonts.conf")) env.FONTCONFIG_PATH = join(place, "unpacked");
    if (libraries) env.LD_LIBRARY_PATH = [libraries, process.env.LD_LIBRARY_PATH].filter(Boolean).join(":");
    try {
      return await chromium.launch({
        executablePath: program,
        env,
        headless: true,
        timeout: 60_000,
        // Everything comes from a file of our own making; a container has no room for a sandbox or shared memory.
        args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"],
      });
    } catch (error) {
      failures.push(`${program}: ${error.message}`);
    }
  }
  throw new Error(`no browser starts\n${failures.join("\n")}`);
}

export const DESKTOP = { width: 1280, height: 900 };
export const PHONE = { width: 390, height: 844 };

/// Opens a file and watches it: `seen` gathers what no page of ours may do.
export async function open(browser, file, { viewport = DESKTOP, colorScheme = "light" } = {}) {
  const context = await browser.newContext({ viewport, colorScheme, reducedMotion: "reduce", acceptDownloads: false });
  const page = await context.newPage();
  const url = pathToFileURL(file).href;
  const seen = [];
  page.on("console", (message) => seen.push(`console ${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => seen.push(`error: ${error}`));
  page.on("request", (request) => {
    if (request.url() !== url) seen.push(`asked for ${request.url()}`);
  });
  page.on("dialog", (dialog) => {
    seen.push(`dialog: ${dialog.message()}`);
    dialog.dismiss().catch(() => {});
  });
  page.on("popup", () => seen.push("opened another window"));
  await page.goto(url);
  return { page, seen, close: () => context.close() };
}

/// What the accessibility checker has against the page, in words.
export async function accessibility(page) {
  await page.evaluate(axe);
  const found = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  return found.violations.map((it) => {
    const nodes = it.nodes.slice(0, 3).map((node) => `${node.target} ${node.any[0]?.message ?? ""}`);
    return `${it.id} (${it.nodes.length}): ${nodes.join("; ")}`;
  });
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const browser = await start();
  console.log(`a browser starts: ${browser.version()}`);
  await browser.close();
}
