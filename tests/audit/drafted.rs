//! The drafted `.fields` file: it compiles, and no record of its capture is held for a value that does not fit it.

use std::collections::BTreeMap;

use mapwright::model::Outcome;
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use serde_json::{Value, json};

use super::workspace::{Draft, acme, audited, folder, misfits};

/// Values that a field gave up, by the field's name.
fn given_up(draft: &Draft, outcomes: &[Outcome]) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for report in outcomes.iter().flat_map(|it| &it.reports) {
        let line = draft
            .lines
            .iter()
            .find(|(line, _, _)| *line == report.rule_line);
        let (_, name, _) = line.unwrap();
        *counts.entry(name.clone()).or_default() += 1;
    }
    counts
}

#[test]
fn every_record_of_acme_fits_what_was_drafted_from_it() {
    let profile = audited(&acme(), 2);
    let draft = Draft::of(&profile);
    let outcomes = draft.walk(&acme());
    assert!(outcomes.len() > 6_000, "{}", outcomes.len());
    assert_eq!(misfits(&outcomes), Vec::<String>::new());
    let stated: BTreeMap<String, u64> = draft
        .lines
        .iter()
        .filter(|(_, _, misfits)| *misfits > 0)
        .map(|(_, name, misfits)| (name.clone(), *misfits))
        .collect();
    assert_eq!(given_up(&draft, &outcomes), stated);
    assert_eq!(stated["traits.plan.seats"], 10);
    assert_eq!(stated["created_at"], 8);
}

#[test]
fn what_acme_holds_is_declared_as_a_specialist_would() {
    let profile = audited(&acme(), 1);
    let declared = |name: &str| {
        let people = &profile.entities[0].fields;
        let field = people.iter().find(|it| it.name == name).unwrap();
        field.declared.clone()
    };
    assert_eq!(declared("id"), "text");
    assert_eq!(declared("created_at"), "timestamp seconds");
    assert_eq!(declared("traits.mrr"), "decimal");
    assert_eq!(declared("traits.nps"), "integer");
    assert_eq!(declared("traits.languages"), "list of text");
    assert_eq!(declared("traits.birthday"), "text");
    assert_eq!(
        declared("traits.status"),
        "one of active, paused, closed, trial"
    );
    assert_eq!(
        declared("traits.plan"),
        "object { name: text, seats: integer }"
    );
    assert!(
        declared("traits.lifecycle_stage").starts_with("one of subscriber, mql, lead, customer")
    );
}

#[test]
fn odd_names_and_values_are_declared_all_the_same() {
    let people = [
        json!({"cio_id": "a", "traits": {"odd name": 1, "if": "x", "quo\"te": true, "back\\slash": [1, 2.5],
            "dotted.name": {"a b": 1}, "ünïcode": "é", "": 1, "n": null, "list": [], "obj": {}, "big": 1e300}}),
        json!({"cio_id": "b", "id": 7, "email": ["x"], "created_at": "yesterday", "unsubscribed": "maybe",
            "traits": {"odd name": "one", "if": {"then": 1}, "list": [null, "x"], "obj": 5, "big": "1e5", "n": ""}}),
        json!({"cio_id": "c", "created_at": 1_700_000_000_123_i64, "traits": {"line\nend": "x", "if": 2}}),
    ];
    let lines: Vec<String> = people.iter().map(Value::to_string).collect();
    let dir = folder(&[("people.ndjson", &lines.join("\n"))]);
    let draft = Draft::of(&audited(dir.path(), 1));
    let outcomes = draft.walk(dir.path());
    assert_eq!(outcomes.len(), 3);
    assert_eq!(misfits(&outcomes), Vec::<String>::new(), "{}", draft.fields);
}

#[test]
fn codes_that_start_with_a_zero_are_no_numbers() {
    let codes = |values: [Value; 4]| {
        let lines = (0..40).map(|at| {
            let zip = values[at % values.len()].clone();
            json!({"cio_id": format!("c{at}"), "traits": {"zip": zip, "n": at}}).to_string()
        });
        let lines: Vec<String> = lines.collect();
        let dir = folder(&[("people.ndjson", &lines.join("\n"))]);
        let fields = Draft::of(&audited(dir.path(), 1)).fields;
        let line = fields.lines().find(|it| it.contains("traits.zip")).unwrap();
        line.split_whitespace().nth(1).unwrap().to_owned()
    };
    let mixed = [json!("01067"), json!("80331"), json!(80331), json!("1010")];
    assert_eq!(
        codes(mixed),
        "json",
        "neither the zero nor the numbers are lost"
    );
    assert_eq!(
        codes(["01067", "80331", "04109", "1010"].map(Value::from)),
        "text"
    );
    assert_eq!(
        codes([json!("10"), json!(20), json!("30"), json!(0)]),
        "integer"
    );
}

/// One value as workspaces have them: mostly of one kind, spelled in every way.
fn value() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        Just(json!("")),
        any::<bool>().prop_map(Value::from),
        (-5_i64..2_000_000_000_000).prop_map(Value::from),
        prop::num::f64::NORMAL.prop_map(Value::from),
        "[a-z]{1,6}".prop_map(Value::from),
        "[0-9]{1,12}(\\.[0-9]{1,3})?".prop_map(Value::from),
        Just(json!("2024-02-30")),
        Just(json!("2024-03-01")),
        Just(json!("2024-03-01T10:00:00Z")),
        Just(json!("TRUE")),
        Just(json!("[1]")),
        Just(json!("{\"a\":1}")),
        "\\PC{0,8}".prop_map(Value::from),
    ];
    scalar.prop_recursive(2, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-c]", inner, 0..3)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// A column of values, of which a few at most are unlike the others.
fn column() -> impl Strategy<Value = Vec<Value>> {
    (value(), prop::collection::vec(value(), 1..4), 1_usize..12).prop_map(|(usual, odd, times)| {
        let mut values = vec![usual; times];
        values.extend(odd);
        values
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn no_record_is_held_for_a_value_of_the_wrong_type(
        columns in prop::collection::vec(column(), 1..6),
        top in column(),
    ) {
        let mut lines = String::new();
        let longest = columns.iter().map(Vec::len).max().unwrap_or(0).max(top.len());
        for row in 0..longest {
            let mut traits = serde_json::Map::new();
            for (number, column) in columns.iter().enumerate() {
                if let Some(value) = column.get(row) {
                    traits.insert(format!("c{number}_at"), value.clone());
                }
            }
            let mut person = json!({"cio_id": format!("p{row}"), "traits": traits});
            if let Some(value) = top.get(row) {
                person["created_at"] = value.clone();
            }
            lines.push_str(&person.to_string());
            lines.push('\n');
        }
        let dir = folder(&[("people.ndjson", &lines)]);
        let draft = Draft::of(&audited(dir.path(), 1));
        let outcomes = draft.walk(dir.path());
        let found = misfits(&outcomes);
        if !found.is_empty() {
            return Err(TestCaseError::fail(format!("{found:?}\n{}\n{lines}", draft.fields)));
        }
        let given_up = given_up(&draft, &outcomes);
        for (_, name, misfits) in &draft.lines {
            prop_assert_eq!(given_up.get(name).copied().unwrap_or(0), *misfits, "{}\n{}\n{}", name, &draft.fields, &lines);
        }
    }
}
