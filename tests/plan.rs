//! The plan by itself: reading cells, comparing digits, canonical JSON, one decision a record.

use jiff::Timestamp;
use mapwright::model::{
    Entity, Existing, Field, FieldKind, Needs, Report, TimeUnit, Type, WrongTypePolicy,
};
use mapwright::plan::{
    Constant, Decision, EntityPlan, Evaluation, Expression, IgnorePattern, Line, MapPlan, Plan,
    Policy, ReadError, Reader, Record, Rest, SlotId, SlotSpec, TargetId, TargetPlan, Writer,
    canonical_json, find_builtin,
};
use proptest::prelude::*;

fn slot(name: &str, kind: Type, written: bool) -> SlotSpec {
    SlotSpec {
        name: name.to_owned(),
        path: name.split('.').map(str::to_owned).collect(),
        r#type: kind,
        optional: true,
        wrong_type: WrongTypePolicy::Hold,
        derived: false,
        written,
    }
}

fn field(name: &str, kind: FieldKind, place: &str) -> Field {
    Field {
        name: name.to_owned(),
        label: name.to_owned(),
        kind,
        required: false,
        writable: true,
        unique: false,
        place: if place.is_empty() {
            vec![]
        } else {
            vec![place.to_owned()]
        },
    }
}

fn line(field: u16, value: Expression, policy: Policy, slots: &[u16]) -> Line {
    Line {
        rule_line: u32::from(field) + 10,
        field,
        value,
        policy,
        slots: slots.iter().map(|it| SlotId(*it)).collect(),
        loses: None,
        loses_by_words: false,
        attach_above: None,
    }
}

/// `key external_id = "p-" + cio_id`, a name in lower case, seats that may be left blank, and a rest.
fn plan() -> Plan {
    let text = FieldKind::Text { max: Some(20) };
    let (lower, _) = find_builtin("lower").unwrap();
    let slots = vec![
        slot("cio_id", Type::Text, true),
        slot("traits.name", Type::Text, true),
        slot("traits.plan.seats", Type::Integer, true),
        slot("created_at", Type::Timestamp(TimeUnit::Seconds), true),
    ];
    let key = Expression::Concat(vec![
        Expression::Constant(Constant::Text("p-".to_owned())),
        Expression::Slot(SlotId(0)),
    ]);
    let name = Expression::Call {
        builtin: lower,
        arguments: vec![Expression::Slot(SlotId(1))],
    };
    let map = MapPlan {
        target: TargetId(0),
        key: Some(line(0, key, Policy::Hold, &[0])),
        lines: vec![
            line(1, name, Policy::Hold, &[1]),
            line(2, Expression::Slot(SlotId(2)), Policy::BlankReport, &[2]),
            line(3, Expression::Slot(SlotId(3)), Policy::Hold, &[3]),
        ],
        links: vec![],
        rest: Some(Rest {
            rule_line: 14,
            field: 4,
            attach_above: None,
        }),
        collisions: vec![],
        existing: Existing::FillBlank,
        existing_fields: Vec::new(),
        members: None,
        document: None,
        as_activity: None,
        exclude: vec![],
    };
    Plan {
        title: "a test".to_owned(),
        source: "customerio".to_owned(),
        destination: "memory".to_owned(),
        edition: String::new(),
        targets: vec![TargetPlan {
            planned_only: false,
            whole: false,
            name: "contact".to_owned(),
            fields: vec![
                field("external_id", FieldKind::Text { max: None }, ""),
                field("name", text.clone(), "fields"),
                field("cf_seats", FieldKind::Integer, "custom_field"),
                field("created", FieldKind::Timestamp, "fields"),
                field(
                    "cf_rest",
                    FieldKind::Text { max: Some(200) },
                    "custom_field",
                ),
            ],
            child: false,
            needs: Needs::Nothing,
        }],
        lists: vec![],
        values: vec![],
        users: vec![],
        users_unknown: false,
        entities: vec![EntityPlan {
            entity: Entity::Person,
            object_type: None,
            id: SlotId(0),
            slots,
            ignore: vec![IgnorePattern {
                path: vec!["traits".to_owned(), "_*".to_owned()],
                because: "computed".to_owned(),
            }],
            exclude: None,
            facts: vec![],
            decide: None,
            merge: None,
            maps: vec![map],
            consent: None,
            parent: None,
            known_to_children_by: None,
            user_lookups: vec![],
        }],
        other_objects: None,
        ignored: vec![],
        limit: None,
        no_markers: false,
        accepts: vec![],
        fields_wanted: vec![],
    }
}

/// One line through the plan, as the `apply` command prints it.
fn apply(json: &str) -> Result<(String, Vec<Report>), ReadError> {
    let plan = plan();
    let entity = &plan.entities[0];
    let reader = Reader::of(entity);
    let mut record = Record::with_slots(entity.slots.len(), entity.facts.len());
    reader.read(json.as_bytes(), &mut record)?;
    let latest = "2026-01-22T00:00:00Z".parse::<Timestamp>().unwrap();
    let evaluation = Evaluation {
        plan: &plan,
        entity,
        record: &record,
        latest,
    };
    let mut reports = Vec::new();
    let decision = evaluation.decide(&mut reports);
    let mut out = Vec::new();
    Writer::of(&plan).decision(&decision, &mut out);
    if let Decision::Draft(shaped) = &decision {
        let draft = shaped.to_draft(None);
        assert_eq!(draft.key.unwrap().field, "external_id");
    }
    Ok((
        String::from_utf8(out).unwrap().trim_end().to_owned(),
        reports,
    ))
}

#[test]
fn a_record_becomes_one_line() {
    let (line, reports) = apply(
        r#"{"cio_id":"7","created_at":1700000000,"traits":{"name":"JO","plan":{"seats":5}}}"#,
    )
    .unwrap();
    assert_eq!(
        line,
        r#"{"entity":"contact","external_id":"p-7","fields":{"name":"jo","created":"2023-11-14T22:13:20Z"},"custom_field":{"cf_seats":5}}"#
    );
    assert!(reports.is_empty());
}

#[test]
fn what_no_line_takes_goes_to_rest_and_ignored_does_not() {
    let (line, _) = apply(
        r#"{"cio_id":"7","b":[2,1],"traits":{"z":null,"_seen":1,"plan":{"name":"pro","x":{"k":1}}}}"#,
    )
    .unwrap();
    assert!(
        line.ends_with(
            r#""cf_rest":"{\"b\":[2,1],\"traits\":{\"plan\":{\"name\":\"pro\",\"x\":{\"k\":1}}}}"}}"#
        ),
        "{line}"
    );
}

#[test]
fn a_value_given_up_is_reported_and_goes_to_rest() {
    let (line, reports) = apply(r#"{"cio_id":"7","traits":{"plan":{"seats":"twelve"}}}"#).unwrap();
    assert!(
        line.contains(r#""cf_rest":"{\"traits\":{\"plan\":{\"seats\":\"twelve\"}}}""#),
        "{line}"
    );
    assert_eq!(reports.len(), 1);
    assert!(
        !reports[0].message.contains("twelve"),
        "a report never holds a value"
    );
}

#[test]
fn something_else_in_the_place_of_an_object_is_a_wrong_type_and_is_kept() {
    let (line, reports) = apply(r#"{"cio_id":"7","traits":{"plan":"pro"}}"#).unwrap();
    assert!(
        line.contains(r#"{\"traits\":{\"plan\":\"pro\"}}"#),
        "{line}"
    );
    assert_eq!(reports.len(), 1);
}

#[test]
fn wrong_values_hold_the_record_with_words_and_no_value() {
    for (json, words) in [
        (
            r#"{"cio_id":"7","created_at":1700000000000}"#,
            "looks like milliseconds",
        ),
        (r#"{"cio_id":"7","created_at":-5}"#, "before 1970"),
        (r#"{"cio_id":"7","traits":{"name":["a"]}}"#, "found a list"),
        (
            r#"{"cio_id":"7","traits":{"name":"123456789012345678901"}}"#,
            "takes 20 characters",
        ),
        (r#"{"cio_id":""}"#, "the key is blank"),
        (
            r#"{"cio_id":"7","traits":{"name":"\ud800"}}"#,
            "broken escape",
        ),
    ] {
        let (line, _) = apply(json).unwrap();
        assert!(
            line.starts_with(r#"{"fate":"held""#) && line.contains(words),
            "{json}: {line}"
        );
    }
}

#[test]
fn broken_lines_are_told_apart() {
    let deep = format!(
        r#"{{"cio_id":"7","x":{}1{}}}"#,
        "[".repeat(200),
        "]".repeat(200)
    );
    assert_eq!(apply(&deep), Err(ReadError::TooDeep));
    let twice = r#"{"cio_id":"7","cio_id":"8"}"#;
    assert_eq!(
        apply(twice),
        Err(ReadError::DuplicateKey("cio_id".to_owned()))
    );
    let inner = r#"{"cio_id":"7","traits":{"a":1,"a":2}}"#;
    assert_eq!(apply(inner), Err(ReadError::DuplicateKey("a".to_owned())));
    for broken in [
        "",
        "[]",
        "7",
        "{",
        r#"{"cio_id":"7"} x"#,
        r#"{"cio_id":"7",}"#,
        "{'a':1}",
    ] {
        assert!(
            matches!(apply(broken), Err(ReadError::NotJson(_))),
            "{broken}"
        );
    }
    let rest = r#"{"cio_id":"7","x":{"a":{"k":1,"k":2}}}"#;
    let (line, _) = apply(rest).unwrap();
    assert!(line.starts_with(r#"{"fate":"rejected""#), "{line}");
}

#[test]
fn numbers_are_read_from_text_that_spells_them() {
    for (seats, expected) in [("\"5\"", "5"), ("007", ""), ("\"007\"", "7"), ("5", "5")] {
        let json = format!(r#"{{"cio_id":"7","traits":{{"plan":{{"seats":{seats}}}}}}}"#);
        match apply(&json) {
            Ok((line, _)) => {
                assert!(
                    line.contains(&format!(r#""cf_seats":{expected}}}"#)),
                    "{line}"
                );
            }
            Err(error) => assert!(expected.is_empty(), "{error}"),
        }
    }
}

#[test]
fn canonical_json_sorts_keys_and_keeps_digits() {
    let text = r#" { "b" : 12345678901234567890123.50 , "a" : [ "x\u00e9" , null ] } "#;
    assert_eq!(
        canonical_json(text).unwrap(),
        r#"{"a":["xé",null],"b":12345678901234567890123.50}"#
    );
    assert!(canonical_json(r#"{"a":{"k":1,"k":1}}"#).is_err());
    assert!(canonical_json(&format!("{}{}", "[".repeat(300), "]".repeat(300))).is_err());
}

#[test]
fn the_digest_changes_with_the_plan_and_only_with_it() {
    let one = plan();
    let mut other = plan();
    assert_eq!(one.digest(), other.digest());
    other.targets[0].fields[1].kind = FieldKind::Text { max: Some(21) };
    assert_ne!(one.digest(), other.digest());
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let plan = plan();
        let reader = Reader::of(&plan.entities[0]);
        let mut record = Record::with_slots(plan.entities[0].slots.len(), 0);
        let _ = reader.read(&bytes, &mut record);
    }

    #[test]
    fn canonical_json_is_the_same_value_and_stable(number in any::<i64>(), text in ".{0,20}") {
        let value = serde_json::json!({ "z": number, "a": [text, { "y": null, "x": true }] });
        let once = canonical_json(&value.to_string()).unwrap();
        prop_assert_eq!(canonical_json(&once).unwrap(), once.clone());
        prop_assert_eq!(serde_json::from_str::<serde_json::Value>(&once).unwrap(), value);
    }
}
