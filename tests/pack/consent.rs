//! Who may be written to, by the standard pack: every sign that Customer.io has, with its reason, in both editions.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use mapwright::freshsales::sandbox::Edition;
use serde_json::{Value, json};

use super::loaded::rows;
use super::source::{Workspace, lines, word};
use super::{CAPTURE, err, mapwright, ndjson, pack};

/// The strictest last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Sign {
    None,
    OptedOut,
    Suppressed,
    Bounced,
    Complained,
}

/// What the mail service has against each address in its list, one after the other.
const REASONS: [&str; 4] = ["spam", "bounced", "blocked", "invalid"];

fn folded(record: &Value) -> String {
    word(record, "email").trim().to_lowercase()
}

/// The people of the sample workspace, with all four reasons of the mail service.
fn capture(folder: &Path) {
    for file in [
        "people.ndjson",
        "subscription_topics.ndjson",
        "destination.json",
    ] {
        fs::copy(format!("{CAPTURE}/{file}"), folder.join(file)).unwrap();
    }
    let suppressed = lines("suppressions.ndjson")
        .into_iter()
        .zip(REASONS.iter().cycle());
    let suppressed =
        suppressed.map(|(line, reason)| json!({"email": line["email"], "reason": reason}));
    let suppressed: Vec<Value> = suppressed.collect();
    fs::write(folder.join("suppressions.ndjson"), ndjson(&suppressed)).unwrap();
}

/// By address, or by `cio_id` of whoever has none: the strictest sign that anybody with it gives.
fn signs() -> BTreeMap<String, Sign> {
    let mut found: BTreeMap<String, Sign> = BTreeMap::new();
    let mut add = |key: String, sign: Sign| {
        let there = found.entry(key).or_insert(Sign::None);
        *there = sign.max(*there);
    };
    for (line, reason) in lines("suppressions.ndjson")
        .iter()
        .zip(REASONS.iter().cycle())
    {
        let sign = match *reason {
            "spam" => Sign::Complained,
            "blocked" => Sign::Suppressed,
            _ => Sign::Bounced,
        };
        add(folded(line), sign);
    }
    for person in lines("people.ndjson") {
        let key = Some(folded(&person)).filter(|it| !it.is_empty());
        let key = key.unwrap_or_else(|| word(&person, "cio_id").to_owned());
        let (news, offers) = topics(&person);
        let sign = if person["suppressed"] == true {
            Sign::Suppressed
        } else if person["unsubscribed"] == true || !news && !offers {
            Sign::OptedOut
        } else {
            Sign::None
        };
        add(key, sign);
    }
    found
}

/// Whether somebody gets news, which are on by default, and offers, which are not.
fn topics(person: &Value) -> (bool, bool) {
    let topics = &person["preferences"]["topics"];
    (topics["topic_1"] != false, topics["topic_2"] == true)
}

/// Loads the people, and gives those that the account did not have before, each with the person it is.
fn loaded(edition: Edition, file: &str) -> Vec<(Value, Value)> {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name).display().to_string();
    fs::create_dir(place("in")).unwrap();
    capture(&folder.path().join("in"));
    let rules = pack().join(file).display().to_string();
    let (to, ledger) = (format!("sandbox:{}", place("store.db")), place("ledger.db"));
    let told = mapwright(&[
        "run",
        &rules,
        "--from",
        &place("in"),
        "--to",
        &to,
        "--ledger",
        &ledger,
    ]);
    assert_eq!(told.status.code(), Some(3), "{}", err(&told));
    let dump = crate::consent::dump(edition, folder.path());
    let people = Workspace::read().people;
    let records = rows(&dump, "contacts").iter().chain(rows(&dump, "leads"));
    let own = records.filter_map(|record| {
        let key = word(record, "external_id");
        let key = if key.is_empty() {
            word(&record["custom_field"], "cf_cio_key")
        } else {
            key
        };
        let is_new = record["last_name"] != "Already";
        let person = people.get(key.strip_prefix("cio-p-")?).filter(|_| is_new)?;
        Some((person.clone(), record.clone()))
    });
    own.collect()
}

fn sign_of(signs: &BTreeMap<String, Sign>, person: &Value) -> Sign {
    let key = Some(folded(person)).filter(|it| !it.is_empty());
    let key = key.unwrap_or_else(|| word(person, "cio_id").to_owned());
    signs[&key]
}

#[test]
fn every_sign_of_an_opt_out_arrives_in_suite_with_status_reason_types_and_texts() {
    let signs = signs();
    let mut met: BTreeMap<Sign, usize> = BTreeMap::new();
    for (person, record) in loaded(Edition::Suite, "standard.rules") {
        let sign = sign_of(&signs, &person);
        *met.entry(sign).or_default() += 1;
        // Codes of freshsales.md 11; a new contact has 1, and 2 for texts.
        let (status, reason, words, texts) = match sign {
            Sign::None => (1, json!(null), "", 2),
            Sign::OptedOut => (0, json!(10), "Unsubscribed in Customer.io", 0),
            Sign::Suppressed => (0, json!(10), "Suppressed in Customer.io", 0),
            Sign::Bounced => (4, json!(null), "", 2),
            Sign::Complained => (3, json!(9), "", 0),
        };
        let who = &person["cio_id"];
        assert_eq!(record["subscription_status"], status, "{who} {sign:?}");
        // Of people who were merged the strictest consent counts; the reasons are those of whoever stands for them.
        if word(&record["custom_field"], "cf_opt_out").is_empty() && sign != Sign::None {
            continue;
        }
        let found = record
            .get("unsubscription_reason")
            .cloned()
            .unwrap_or_default();
        assert_eq!(found, reason, "{who} {sign:?}");
        assert_eq!(
            word(&record, "other_unsubscription_reason"),
            words,
            "{who} {sign:?}"
        );
        for channel in ["sms_subscription_status", "whatsapp_subscription_status"] {
            assert_eq!(record[channel], texts, "{who} {sign:?} {channel}");
        }
    }
    assert_eq!(met.len(), 5, "{met:?}");
}

#[test]
fn nobody_gets_a_kind_of_mail_that_no_topic_asks_for() {
    let mut met: BTreeMap<&str, usize> = BTreeMap::new();
    for (person, record) in loaded(Edition::Suite, "standard.rules") {
        // 1 is mail that is no marketing, 2 the newsletter, 3 promotions (freshsales.md 11).
        let wanted = match topics(&person) {
            (true, true) => "2;3;1",
            (true, false) => "2;1",
            (false, true) => "3;1",
            (false, false) => "1",
        };
        assert_eq!(record["subscription_types"], wanted, "{}", person["cio_id"]);
        *met.entry(wanted).or_default() += 1;
    }
    assert_eq!(met.len(), 4, "{met:?}");
}

#[test]
fn every_sign_of_an_opt_out_arrives_in_classic_as_a_yes_and_its_reason() {
    let signs = signs();
    let mut met: BTreeMap<Sign, usize> = BTreeMap::new();
    for (person, record) in loaded(Edition::Classic, "classic.rules") {
        let sign = sign_of(&signs, &person);
        *met.entry(sign).or_default() += 1;
        assert_eq!(
            record["do_not_disturb"],
            sign != Sign::None,
            "{}",
            person["cio_id"]
        );
        let reason = word(&record["custom_field"], "cf_opt_out");
        let wanted = match sign {
            Sign::None => "",
            Sign::OptedOut => "Unsubscribed",
            Sign::Suppressed => "Suppressed",
            Sign::Bounced => "Bounced",
            Sign::Complained => "Complained",
        };
        // Of people who were merged the reason is that of whoever stands for them.
        assert!(
            reason == wanted || reason.is_empty(),
            "{} {sign:?} {reason}",
            person["cio_id"]
        );
    }
    assert_eq!(met.len(), 5, "{met:?}");
}
