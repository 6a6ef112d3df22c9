// Writes the pages that the tests look at: the sample workspace in all editions, a workspace whose every field is
// hostile, and pages of five megabytes.

import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { made } from "./made.mjs";

const program = process.env.MAPWRIGHT;

/// What runs where a page does not escape it.
const EVIL = `</td></title></style></script><script>globalThis.ran=1;alert(1)</script><img src=x onerror="globalThis.ran=2;alert(2)">"'&`;

function mapwright(words, { codes = [0] } = {}) {
  const done = spawnSync(program, words, { encoding: "utf8", maxBuffer: 1 << 28 });
  if (done.error) throw done.error;
  if (!codes.includes(done.status)) {
    throw new Error(`mapwright ${words.join(" ")} ended with ${done.status}\n${done.stdout.slice(-2000)}\n${done.stderr}`);
  }
  return done.stdout;
}

/// All pages of a workspace and its rules, into a folder; `codes` are the ends that are expected of them.
function pages(into, rules, capture, { full = [], codes = [0] } = {}) {
  mkdirSync(into, { recursive: true });
  const at = (name) => join(into, name);
  const check = (format) => mapwright(["check", rules, "--from", capture, "--format", format, ...full], { codes });
  writeFileSync(at("check.html"), check("html"));
  writeFileSync(at("check.json"), check("json"));
  writeFileSync(at("audit.html"), mapwright(["audit", capture, "--format", "html", ...full], { codes: [0, 1] }));
  mapwright(["handoff", rules, "--from", capture, "--into", at("handoff"), ...full], { codes: [0, 1] });
  load(into, rules, capture, { codes });
  report(into, full);
}

function load(into, rules, capture, { codes }) {
  mkdirSync(into, { recursive: true });
  const to = `sandbox:${join(into, "store.db")}`;
  mapwright(["run", rules, "--from", capture, "--to", to, "--ledger", join(into, "ledger.db")], { codes });
}

function report(into, full) {
  for (const format of ["html", "json"]) {
    const path = join(into, `report.${format}`);
    mapwright(["report", "--ledger", join(into, "ledger.db"), "--format", format, "--into", path, ...full]);
  }
}

/// Every text of a record that no rule decides by, made hostile.
function hostile(value, key = "") {
  const keeps = /^(cio_id|id|object_id|object_type_id|type|.*_id|email|lifecycle_stage|status|state|.*_at|timestamp|csm_email|domain|birthday|phone|mrr|action_type|channel)$/;
  if (typeof value === "string") return keeps.test(key) ? value : `${value}${EVIL}`;
  if (Array.isArray(value)) return value.map((it) => hostile(it, key));
  if (value && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([name, it]) => [name, hostile(it, name)]));
  }
  return value;
}

function evilWorkspace(into) {
  const rules = join(into, "rules");
  const capture = join(into, "capture");
  cpSync("rules/acme", rules, { recursive: true });
  const text = readFileSync(join(rules, "acme.rules"), "utf8");
  const quoted = EVIL.replaceAll('"', "");
  const evilText = text.replace("Acme: Customer.io", `Acme${quoted}`).replaceAll("account closed", `account closed${quoted}`);
  writeFileSync(join(rules, "acme.rules"), evilText);
  mkdirSync(capture, { recursive: true });
  for (const name of readdirSync("tests/stories/acme/in")) {
    const from = join("tests/stories/acme/in", name);
    if (name === "capture.json") continue;
    // The rules name the types of objects.
    if (!name.endsWith(".ndjson") || name === "object_types.ndjson") {
      cpSync(from, join(capture, name));
      continue;
    }
    const lines = readFileSync(from, "utf8").split("\n");
    const evil = lines.map((line) => {
      try {
        return JSON.stringify(hostile(JSON.parse(line)));
      } catch {
        return line;
      }
    });
    writeFileSync(join(capture, name), evil.join("\n"));
  }
  return { rules: join(rules, "acme.rules"), capture };
}

/// People who all wait and have all opted out: as many as a page lists of both.
function manyWaiting(into) {
  const capture = join(into, "capture");
  mkdirSync(capture, { recursive: true });
  const people = Array.from({ length: 13_000 }, (_, at) => JSON.stringify({
    cio_id: `6d617077-7269-4768-7400-${String(at).padStart(12, "0")}`,
    email: `person${at}@firm${at % 700}.example`,
    created_at: 1_700_000_000 + at,
    unsubscribed: true,
    traits: { lifecycle_stage: "vip" },
  }));
  writeFileSync(join(capture, "people.ndjson"), `${people.join("\n")}\n`);
  // The users of the account: the rules name one.
  cpSync("tests/stories/acme/in/destination.json", join(capture, "destination.json"));
  return capture;
}

const rules = "rules/acme/acme.rules";
const capture = "tests/stories/acme/in";
pages(join(made, "acme"), rules, capture);
pages(join(made, "full"), rules, capture, { full: ["--full"] });
const evil = evilWorkspace(join(made, "hostile"));
pages(join(made, "hostile"), evil.rules, evil.capture, { full: ["--full"], codes: [0, 1, 3] });
const big = join(made, "big");
load(big, rules, manyWaiting(big), { codes: [0, 3] });
report(big, []);
