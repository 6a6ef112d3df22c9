//! Promises of the real rule file: proven as it stands, and not shown with a witness where a rule is weakened.

use mapwright::lang::{Compiled, Verdict};

use super::{compiled, picture};

fn acme(change: impl Fn(&str) -> String) -> Compiled {
    let text = std::fs::read_to_string("rules/acme/acme.rules").unwrap();
    compiled("acme.rules", &change(&text), "rules/acme")
}

fn replaced(from: &'static str, to: &'static str) -> Compiled {
    acme(|text| {
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1)
    })
}

/// What is said of the promise with these words.
fn verdict(compiled: &Compiled, words: &str) -> Verdict {
    let found = compiled.promises.iter().find(|it| it.text.contains(words));
    found
        .unwrap_or_else(|| panic!("{}", picture(compiled)))
        .verdict
        .clone()
}

fn record(compiled: &Compiled, words: &str) -> String {
    match verdict(compiled, words) {
        Verdict::NotShown { record, .. } => record.unwrap_or_default(),
        other @ (Verdict::Proven | Verdict::ByKeys) => panic!("{other:?}"),
    }
}

#[test]
fn every_promise_of_acme_is_proven() {
    let compiled = acme(str::to_owned);
    assert_eq!(compiled.promises.len(), 4);
    for promise in &compiled.promises {
        assert_eq!(promise.verdict, Verdict::Proven, "{}", promise.text);
    }
    let mut found = compiled.diagnostics.iter();
    let is_promise = found.any(|it| it.code.as_str().starts_with('P'));
    assert!(!is_promise, "{}", picture(&compiled));
}

#[test]
fn a_forgotten_sign_of_an_opt_out_has_a_witness() {
    let weaker = replaced(
        "unsubscribed or suppressed or all_topics_off",
        "unsubscribed or all_topics_off",
    );
    match verdict(&weaker, "opted-out") {
        Verdict::NotShown { why, .. } => assert!(why.contains("`suppressed`"), "{why}"),
        other @ (Verdict::Proven | Verdict::ByKeys) => panic!("{other:?}"),
    }
    let weaker = replaced(
        "unsubscribed or suppressed or all_topics_off",
        "(unsubscribed and suppressed) or all_topics_off",
    );
    let found = record(&weaker, "opted-out");
    assert!(found.contains("yes"), "{found}");
    let swapped = replaced(
        "opted_out  = \"Unsubscribed\"",
        "opted_out  = \"Subscribed\"  loses \"it\"",
    );
    assert!(!record(&swapped, "opted-out").is_empty());
}

#[test]
fn an_erased_person_kept_by_a_row_has_a_witness() {
    let kept = replaced(
        "| yes     | no       | exclude | \"erased in Customer.io\"                         |",
        "| yes     | no       | keep    |                                                 |",
    );
    let found = record(&kept, "deleted yes");
    assert!(found.contains("deleted yes"), "{found}");
}

#[test]
fn an_end_that_is_not_named_is_told() {
    let fewer = replaced("of contact, lead, hold, exclude", "of contact, lead, hold");
    match verdict(&fewer, "every person") {
        Verdict::NotShown { why, .. } => assert!(why.contains("`exclude`"), "{why}"),
        other @ (Verdict::Proven | Verdict::ByKeys) => panic!("{other:?}"),
    }
}

#[test]
fn keys_of_a_field_that_is_only_declared_unique_are_counted() {
    let declared = "rules \"r\"\nlanguage 1\nsource customerio fields \"people.fields\"\ndestination file \"crm.schema\"\n\nmap object \"company\" to company\n  key external_id = object_id\n  name = first_filled(name, \"x\")\nend\n\npromise no two records share key\n";
    let compiled = compiled("r.rules", declared, "tests/rules/beside");
    let verdict = verdict(&compiled, "share key");
    assert!(matches!(verdict, Verdict::Proven | Verdict::ByKeys));
}
