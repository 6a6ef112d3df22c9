//! `reconcile` after somebody changed the destination: a thousand planted defects of twelve kinds are all found.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use assert_cmd::cargo::CommandCargoExt;
use mapwright::freshsales::sandbox::{Sandbox, Store};
use serde_json::{Value, json};

use crate::sandbox::client::{Client, settings};

/// Loads acme into a store; answers nothing, the files are in `folder`.
fn load(folder: &Path) {
    let output = Command::cargo_bin("mapwright")
        .unwrap()
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["run", "rules/acme/acme.rules", "--from"])
        .args(["tests/stories/acme/in", "--to"])
        .arg(format!("sandbox:{}", folder.join("store.db").display()))
        .arg("--ledger")
        .arg(folder.join("ledger.db"))
        .output()
        .unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{err}");
}

fn reconcile(folder: &Path, more: &[&str]) -> (Option<i32>, String) {
    let output = Command::cargo_bin("mapwright")
        .unwrap()
        .args(["reconcile", "--to"])
        .arg(format!("sandbox:{}", folder.join("store.db").display()))
        .arg("--ledger")
        .arg(folder.join("ledger.db"))
        .args(more)
        .output()
        .unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    let out = String::from_utf8(output.stdout).unwrap();
    assert!(!out.is_empty(), "{err}");
    (output.status.code(), out)
}

fn open(folder: &Path) -> Client {
    let mut settings = settings();
    settings.store = Store::File(folder.join("store.db"));
    Client::of(Sandbox::start(settings).unwrap())
}

/// What a defect is called in the findings, by the record that it was planted in.
type Planted = BTreeMap<(String, String), &'static str>;

/// Plants defects through the account's own API, each in a record of its own.
struct Planter {
    client: Client,
    planted: Planted,
    kinds: BTreeMap<&'static str, usize>,
    /// Contacts that have a note: deleting one of them would take notes along.
    with_notes: BTreeSet<i64>,
    /// Records that were there before the load.
    adopted: BTreeSet<i64>,
}

impl Planter {
    fn plant(
        &mut self,
        kind: &'static str,
        finding: &'static str,
        who: (&str, String),
        done: bool,
    ) {
        assert!(done, "{kind} in {who:?}");
        let known = self.planted.insert((who.0.to_owned(), who.1), finding);
        assert!(known.is_none());
        *self.kinds.entry(kind).or_default() += 1;
    }

    fn put(&self, kind: &str, wrap: &str, id: i64, change: &Value) -> bool {
        let path = format!("/{kind}/{id}");
        let reply = self.client.put(&path, &json!({ wrap: change }));
        reply.status == 200
    }

    fn contacts(&mut self, all: &[Value]) {
        let ours = all.iter().filter(|it| {
            let id = it["id"].as_i64().unwrap();
            !self.adopted.contains(&id) && it["external_id"].is_string()
        });
        let ours: Vec<Value> = ours.cloned().collect();
        let mut rare: BTreeMap<&str, usize> = BTreeMap::new();
        for (number, contact) in ours.iter().enumerate() {
            let id = contact["id"].as_i64().unwrap();
            let key = contact["external_id"].as_str().unwrap();
            let source = key.strip_prefix("cio-p-").unwrap().to_owned();
            let who = ("person", source);
            let is_queued = !contact["tags"].as_array().unwrap().is_empty();
            let is_linked = contact["sales_accounts"]
                .as_array()
                .is_some_and(|it| !it.is_empty());
            let is_out = contact["subscription_status"] != 1;
            let mut first = |kind: &'static str, most: usize| {
                let count = rare.entry(kind).or_default();
                *count += 1;
                *count <= most
            };
            // What only some records have is planted in those first.
            if is_queued && first("queue", 50) {
                let done = self.put("contacts", "contact", id, &json!({ "tags": [] }));
                self.plant("left its queue", "queue", who, done);
            } else if is_linked && first("link", 60) {
                let done = self.put("contacts", "contact", id, &json!({ "sales_accounts": [] }));
                self.plant("link removed", "link", who, done);
            } else if is_out && first("consent", 60) {
                let change = json!({ "subscription_status": 1 });
                let done = self.put("contacts", "contact", id, &change);
                self.plant("consent weakened", "consent", who, done);
            } else if !self.with_notes.contains(&id) && first("deleted", 40) {
                let done = self.client.delete(&format!("/contacts/{id}")).status == 200;
                self.plant("record deleted", "missing", who, done);
            } else {
                let name = contact["last_name"].as_str().unwrap();
                let other = name.to_uppercase();
                let (kind, finding, change) = match number % 4 {
                    0 if other != name => {
                        ("form changed", "field form", json!({ "last_name": other }))
                    }
                    1 => (
                        "key changed",
                        "field other",
                        json!({ "external_id": format!("hand-{number}") }),
                    ),
                    2 if contact["custom_field"]["cf_signed_up"].is_string() => (
                        "value blanked",
                        "field blank",
                        json!({ "custom_field": { "cf_signed_up": null } }),
                    ),
                    _ => (
                        "value changed",
                        "field other",
                        json!({ "last_name": "Somebody Else" }),
                    ),
                };
                let done = self.put("contacts", "contact", id, &change);
                self.plant(kind, finding, who, done);
            }
            if self.planted.len() == 400 {
                return;
            }
        }
    }

    fn accounts(&mut self, all: &[Value]) {
        let ours = all.iter().filter(|it| {
            let website = it["website"].as_str().unwrap_or_default();
            !self.adopted.contains(&it["id"].as_i64().unwrap()) && website.len() > 14
        });
        let ours: Vec<Value> = ours.take(30).cloned().collect();
        for account in &ours {
            let website = account["website"].as_str().unwrap();
            let short = &website[..website.len() - 3];
            let key = account["custom_field"]["cf_customerio_key"]
                .as_str()
                .unwrap();
            let source = format!("1/{}", key.strip_prefix("cio-o-").unwrap());
            let id = account["id"].as_i64().unwrap();
            let done = self.put(
                "sales_accounts",
                "sales_account",
                id,
                &json!({ "website": short }),
            );
            self.plant("value cut", "field cut", ("object", source), done);
        }
    }

    fn notes(&mut self, all: &[Value], until: usize) {
        for (number, note) in all.iter().enumerate() {
            if self.planted.len() == until {
                return;
            }
            let text = note["description"].as_str().unwrap();
            let start = text.rfind("[cio-e-").unwrap();
            let source = text[start..]
                .trim_start_matches("[cio-e-")
                .trim_end_matches(']')
                .to_owned();
            let who = ("event", source);
            let id = note["id"].as_i64().unwrap();
            let at = &note["targetables"][0];
            let path = format!("/notes/{id}");
            match number % 3 {
                0 => {
                    let done = self.client.delete(&path).status == 200;
                    self.plant("note deleted", "missing", who, done);
                }
                1 => {
                    let copy = json!({ "note": {
                        "description": text, "targetable_type": "Contact", "targetable_id": at["id"],
                    }});
                    let done = self.client.post("/notes", &copy).status < 300;
                    self.plant("note doubled", "doubled", who, done);
                }
                _ => {
                    let other = format!("{} (corrected)\n{}", &text[..start], &text[start..]);
                    let done = self.put("notes", "note", id, &json!({ "description": other }));
                    self.plant("note rewritten", "field other", who, done);
                }
            }
        }
    }
}

/// Records with our keys that no ledger knows, in each listing; answers their ids.
fn plant_extras(client: &Client) -> BTreeSet<i64> {
    let mut planted = BTreeSet::new();
    let made = |reply: &crate::sandbox::client::Reply, wrap: &str| {
        assert!(reply.status < 300, "{}", reply.status);
        reply.body[wrap]["id"].as_i64().unwrap()
    };
    for number in 0..12 {
        let contact = json!({ "contact": {
            "last_name": "Nobody", "email": format!("nobody{number}@extra.example"),
            "external_id": format!("cio-p-extra{number}"),
        }});
        planted.insert(made(&client.post("/contacts", &contact), "contact"));
    }
    for number in 0..8 {
        let account = json!({ "sales_account": {
            "name": format!("Extra {number}"),
            "custom_field": { "cf_customerio_key": format!("cio-o-extra{number}") },
        }});
        planted.insert(made(
            &client.post("/sales_accounts", &account),
            "sales_account",
        ));
    }
    // Somebody else's: no key, or a key of theirs.
    let theirs = json!({ "contact": { "last_name": "Else", "external_id": "crm-77" } });
    made(&client.post("/contacts", &theirs), "contact");
    planted
}

/// A finding's kind in the words of the drill.
fn called(kind: &Value) -> String {
    if let Some(word) = kind.as_str() {
        return word.to_owned();
    }
    let (word, content) = kind.as_object().unwrap().iter().next().unwrap();
    match content["how"].as_str() {
        Some(how) => format!("{word} {how}"),
        None => word.clone(),
    }
}

#[test]
fn a_thousand_planted_defects_are_found_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    load(folder.path());

    let (code, clean) = reconcile(folder.path(), &["--format", "json"]);
    let clean: Value = serde_json::from_str(&clean).unwrap();
    let findings = clean["verification"]["findings"].as_array().unwrap();
    assert!(findings.is_empty(), "{findings:#?}");
    assert_eq!(code, Some(0));

    let client = open(folder.path());
    let dump = client.sandbox.dump();
    let of = |kind: &str| dump[kind].as_array().unwrap().clone();
    let notes = of("notes");
    let targets = notes
        .iter()
        .filter_map(|it| it["targetables"][0]["id"].as_i64());
    let seeded = of("truth");
    let made = seeded.iter().filter(|it| it["action"] == "created");
    let made: BTreeSet<i64> = made.filter_map(|it| it["id"].as_i64()).collect();
    let there = of("contacts").into_iter().chain(of("sales_accounts"));
    let adopted = there
        .filter_map(|it| it["id"].as_i64())
        .filter(|id| !made.contains(id))
        .collect();
    let mut planter = Planter {
        client,
        planted: Planted::new(),
        kinds: BTreeMap::new(),
        with_notes: targets.collect(),
        adopted,
    };
    planter.contacts(&of("contacts"));
    planter.accounts(&of("sales_accounts"));
    planter.notes(&notes, 1_000);
    let Planter {
        client,
        planted,
        kinds,
        ..
    } = planter;
    let extras = plant_extras(&client);
    drop(client);
    println!("{kinds:#?}");
    assert_eq!((planted.len(), kinds.len()), (1_000, 12), "{kinds:#?}");

    let (code, page) = reconcile(folder.path(), &["--format", "json"]);
    assert_eq!(code, Some(1));
    let page: Value = serde_json::from_str(&page).unwrap();
    let mut found: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    let mut told_extras = BTreeSet::new();
    for finding in page["verification"]["findings"].as_array().unwrap() {
        let source = &finding["source"];
        if let Some(id) = finding["kind"]["extra"].as_i64() {
            assert!(source.is_null() && told_extras.insert(id), "{id} twice");
            continue;
        }
        if source.is_null() {
            // Somebody who is not written asked for the same at this address: told once more.
            assert_eq!(called(&finding["kind"]), "consent");
            continue;
        }
        let word = |key: &str| source[key].as_str().unwrap().to_owned();
        let who = (word("entity"), word("id"));
        found.entry(who).or_default().push(called(&finding["kind"]));
    }
    for (who, kind) in &planted {
        let told = found.remove(who).unwrap_or_default();
        // Two links that were taken away are two differences of one record.
        let is_told = !told.is_empty() && told.iter().all(|it| it == kind);
        assert!(is_told, "{who:?}: {told:?}, not {kind}");
    }
    assert!(found.is_empty(), "{found:#?}");
    assert_eq!(told_extras, extras, "records of ours that no ledger knows");
}

/// Fixed by the quota: what fits is read whole, what does not is sampled, and both say why.
#[test]
fn it_reads_all_where_the_quota_allows_and_a_sample_that_fits_where_not() {
    let folder = tempfile::tempdir().unwrap();
    load(folder.path());
    let scope = |more: &[&str]| {
        let (code, page) = reconcile(folder.path(), &[more, &["--format", "json"]].concat());
        assert_eq!(code, Some(0), "{page}");
        let page: Value = serde_json::from_str(&page).unwrap();
        let calls = page["calls"].as_u64().unwrap();
        let bounds = page["bounds"].as_array().unwrap().len();
        (page["scope"].as_str().unwrap().to_owned(), calls, bounds)
    };
    let (words, all, bounds) = scope(&[]);
    assert!(words.starts_with("all of it"), "{words}");
    assert_eq!(bounds, 0);
    assert!(all > 300);
    let small = ["--switch", "quota_per_hour=200"];
    let (words, calls, bounds) = scope(&small);
    assert!(words.starts_with("a sample of about "), "{words}");
    assert!(
        words.contains("`--within 2` or `--all` reads everything"),
        "{words}"
    );
    assert!(calls <= 180, "{calls} calls where 180 were free");
    assert!(bounds >= 3, "{bounds}");
    let large = ["--switch", "quota_per_hour=1000"];
    let (words, calls, bounds) = scope(&large);
    assert!(words.starts_with("all of it: about "), "{words}");
    assert!(calls >= all && bounds == 0);
    let (words, _, bounds) = scope(&[&large, ["--sample", "10"].as_slice()].concat());
    assert!(words.contains("as asked") && bounds > 0, "{words}");

    let output = Command::cargo_bin("mapwright")
        .unwrap()
        .args(["report", "--format", "json", "--ledger"])
        .arg(folder.path().join("ledger.db"))
        .output()
        .unwrap();
    let statement: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(statement["read_back"]["scope"], words.as_str());
    assert!(
        !statement["read_back"]["at_most"]
            .as_array()
            .unwrap()
            .is_empty()
    );
}

#[test]
fn reading_is_chosen_by_the_calls_that_are_free() {
    use mapwright::verify::Reading;
    for (calls, free, targets, reading) in [
        (10, 10, 2, Reading::All),
        (11, 10, 2, Reading::Sample(5)),
        (11, 0, 2, Reading::Sample(1)),
        (0, 0, 0, Reading::All),
        (1_000_000, 900, 4, Reading::Sample(225)),
    ] {
        assert_eq!(
            Reading::within(calls, free, targets),
            reading,
            "{calls} of {free}"
        );
    }
}

/// Several records at once, and values of nobody.
#[test]
fn a_sample_says_what_it_proves_and_hides_values() {
    let folder = tempfile::tempdir().unwrap();
    load(folder.path());
    let words = ["--sample", "60", "--beside", "25"];
    let (code, page) = reconcile(folder.path(), &words);
    assert_eq!(code, Some(0), "{page}");
    let (_, again) = reconcile(folder.path(), &words);
    assert_eq!(page, again, "the same number draws the same records");
    let bounds = page.lines().filter(|it| it.contains("a sample:")).count();
    assert_eq!(bounds, 3, "{page}");
    let beside = page.lines().filter(|it| it.starts_with("person ")).count()
        + page.lines().filter(|it| it.starts_with("object ")).count();
    assert_eq!(beside, 25, "{page}");

    let people = std::fs::read_to_string("tests/stories/acme/in/people.ndjson").unwrap();
    let mut looked_for = 0;
    for person in people.lines() {
        let person: Value = serde_json::from_str(person).unwrap();
        let email = person["email"].as_str().unwrap_or_default().to_lowercase();
        if email.contains('@') {
            looked_for += 1;
            assert!(!page.to_lowercase().contains(&email), "{email}");
        }
    }
    assert!(looked_for > 400);
    let (_, full) = reconcile(folder.path(), &["--beside", "25", "--full"]);
    assert!(full.contains('@'), "{full}");
}
