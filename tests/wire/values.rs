//! Logical fields to the wire and back, on the recorded account.

use mapwright::freshsales::encode::Links;
use mapwright::freshsales::endpoints::{Entity, records};
use mapwright::freshsales::number::canonical_digits;
use mapwright::freshsales::snapshot::{OwnerMiss, Target};
use mapwright::freshsales::{decode, encode};
use mapwright::model::{FaultKind, FieldValue, Scalar};
use mapwright::port::DestinationId;
use serde_json::Value as Json;
use serde_json::json;

use super::{account, answer, sample};

fn value(name: &str, value: Scalar) -> FieldValue {
    FieldValue {
        name: name.into(),
        value,
    }
}

fn text(name: &str, words: &str) -> FieldValue {
    value(name, Scalar::Text(words.into()))
}

fn number(name: &str, digits: &str) -> FieldValue {
    value(name, Scalar::Number(digits.into()))
}

fn whole_person() -> Vec<FieldValue> {
    vec![
        text("email", "jo@example.com"),
        text("first_name", "Jo"),
        text("last_name", "Doe"),
        text("mobile_number", "+447700900123"),
        text("external_id", "cio-p-1"),
        text("status", "Contacted"),
        text("subscription_status", "Unsubscribed"),
        text("owner", "Sample Owner"),
        value("tags", Scalar::TextList(vec!["a".into(), "b".into()])),
        text("cf_cio_user_id", "17"),
        number("cf_plan_seats", "12"),
        number("cf_mrr", "49.9"),
        value("cf_signed_up", Scalar::Date("2026-03-29".into())),
        value("cf_is_active", Scalar::Boolean(true)),
        text("cf_plan", "Paid"),
        value(
            "cf_topics",
            Scalar::TextList(vec!["Offers".into(), "News".into()]),
        ),
        value("cf_other_traits", Scalar::Json("{\"a\":1}".into())),
    ]
}

fn encoded(target: Target, fields: &[FieldValue]) -> Json {
    let snapshot = account::sampled();
    Json::Object(encode::encode_changes(&snapshot, target, fields, &Links::new()).unwrap())
}

fn fault(target: Target, field: FieldValue) -> FaultKind {
    let snapshot = account::sampled();
    let misfits = encode::encode_new(&snapshot, target, &[field], &Links::new()).unwrap_err();
    assert_eq!(misfits.len(), 1);
    misfits[0].fault.kind
}

#[test]
fn a_whole_lead_travels_under_its_wire_names() {
    let expected = json!({
        "email": "jo@example.com", "first_name": "Jo", "last_name": "Doe",
        "mobile_number": "+447700900123", "external_id": "cio-p-1",
        "lifecycle_stage_id": 32_009_647_298_i64, "contact_status_id": 31_000_543_558_i64,
        "subscription_status": 0, "owner_id": 31_000_148_397_i64, "tags": ["a", "b"],
        "custom_field": {
            "cf_customer.io_id": "17", "cf_plan_seats": 12, "cf_mrr": 49.9,
            "cf_signed_up": "2026-03-29", "cf_is_active": true, "cf_plan": "Paid",
            "cf_topics": "Offers;News", "cf_other_traits": "{\"a\":1}"
        }
    });
    assert_eq!(encoded(Target::Lead, &whole_person()), expected);
}

#[test]
fn what_was_sent_is_kept_when_it_is_read_back() {
    let snapshot = account::sampled();
    let mut wire = encoded(Target::Lead, &whole_person());
    // The account's own ways of telling the same (freshsales.md 10.2, 5.2).
    wire["custom_field"]["cf_signed_up"] = json!("2026-03-29T00:00:00+02:00");
    wire["custom_field"]["cf_mrr"] = json!("49.90");
    wire["custom_field"]["cf_topics"] = json!("News;Offers");
    wire["tags"] = json!(["theirs", "b", "a"]);
    wire["id"] = json!(1);
    let reply = answer(200, &json!({"contact": wire}));
    let found = records::read_one(Entity::Contact, &reply).unwrap();
    assert_eq!(snapshot.target_of(&found), Some(Target::Lead));
    let present = decode::decode(&snapshot, Target::Lead, &found);
    for sent in whole_person() {
        let there = present.fields.get(&sent.name);
        assert!(
            decode::is_kept(&snapshot, Target::Lead, &sent, there),
            "{}: {there:?}",
            sent.name
        );
        assert!(
            !decode::is_kept(&snapshot, Target::Lead, &sent, None),
            "{} lost",
            sent.name
        );
    }
    let owner = Scalar::Text("owner@example.com".into());
    assert_eq!(present.fields["owner"], owner);
}

#[test]
fn a_changed_value_is_not_kept() {
    let snapshot = account::sampled();
    let kept = |sent: &FieldValue, found: Scalar| {
        decode::is_kept(&snapshot, Target::Contact, sent, Some(&found))
    };
    let consent = text("subscription_status", "Unsubscribed");
    assert!(!kept(&consent, Scalar::Text("Subscribed".into())));
    assert!(!kept(&text("first_name", "Jo"), Scalar::Text("jo".into())));
    assert!(!kept(
        &number("cf_mrr", "49.9"),
        Scalar::Number("49.91".into())
    ));
    let tags = value("tags", Scalar::TextList(vec!["a".into()]));
    assert!(!kept(&tags, Scalar::TextList(vec!["b".into()])));
    assert!(!decode::is_kept(
        &snapshot,
        Target::Contact,
        &text("nowhere", "x"),
        None
    ));
}

#[test]
fn the_sample_contact_comes_back_in_logical_words() {
    let found = records::read_one(Entity::Contact, &answer(200, &sample("contact.json"))).unwrap();
    let snapshot = account::sampled();
    // A plain read hides stage and status (freshsales.md 4.2).
    assert_eq!(snapshot.target_of(&found), None);
    let present = decode::decode(&snapshot, Target::Contact, &found);
    let word = |name: &str| present.fields.get(name).cloned();
    assert_eq!(
        word("email"),
        Some(Scalar::Text("janesampleton@example.com".into()))
    );
    assert_eq!(
        word("subscription_status"),
        Some(Scalar::Text("Subscribed".into()))
    );
    assert_eq!(
        word("tags"),
        Some(Scalar::TextList(vec!["Sample contact".into()]))
    );
    assert_eq!(word("cf_is_active"), Some(Scalar::Boolean(true)));
    assert_eq!(
        word("time_zone"),
        Some(Scalar::Text("(GMT-07:00) Arizona".into()))
    );
    assert_eq!(
        (word("owner"), word("status"), word("external_id")),
        (None, None, None)
    );
    assert_eq!(present.links["accounts"], [DestinationId(1)]);
}

#[test]
fn every_consent_word_has_its_code() {
    let words = [
        "Unsubscribed",
        "Subscribed",
        "Not subscribed",
        "Reported as spam",
        "Bounced",
    ];
    for (word, code) in words.into_iter().zip(0..) {
        let wire = encoded(Target::Contact, &[text("subscription_status", word)]);
        assert_eq!(wire, json!({"subscription_status": code}));
    }
    let kind = fault(Target::Contact, text("subscription_status", "unsubscribed"));
    assert_eq!(kind, FaultKind::NotOnList);
}

#[test]
fn a_status_belongs_to_its_side() {
    let won = encoded(Target::Contact, &[text("status", "Won")]);
    let ids = json!({
        "lifecycle_stage_id": 32_009_647_300_i64, "contact_status_id": 31_000_543_564_i64,
    });
    assert_eq!(won, ids);
    assert_eq!(
        fault(Target::Lead, text("status", "Won")),
        FaultKind::NotOnList
    );
    assert_eq!(
        fault(Target::Contact, text("status", "New")),
        FaultKind::NotOnList
    );
}

#[test]
fn a_new_contact_without_status_is_no_lead() {
    let snapshot = account::sampled();
    let stage = |target: Target| {
        let wire = encode::encode_new(&snapshot, target, &[], &Links::new()).unwrap();
        wire.get("lifecycle_stage_id").cloned()
    };
    assert_eq!(stage(Target::Contact), Some(json!(32_009_647_299_i64)));
    assert_eq!(stage(Target::Lead), Some(json!(32_009_647_298_i64)));
    assert_eq!(stage(Target::Account), None);
}

#[test]
fn a_renamed_lead_stage_is_known_by_its_type() {
    let mut snapshot = account::sampled();
    snapshot.stages[0].name = "Interessent".into();
    assert!(snapshot.is_lead_stage(snapshot.stages[0].id));
    snapshot.stages[1].name = "Lead".into();
    assert!(!snapshot.is_lead_stage(snapshot.stages[1].id));
    snapshot.stages[1].kind = None;
    assert!(snapshot.is_lead_stage(snapshot.stages[1].id));
}

#[test]
fn what_the_account_would_drop_is_never_sent() {
    let long = "x".repeat(257);
    let cases = [
        (text("cf_unknown", "x"), FaultKind::NotFound),
        (text("cf_plan", "paid"), FaultKind::NotOnList),
        (text("cf_languages", &long), FaultKind::TooLong),
        (
            text("cf_other_traits", &"ü".repeat(10_001)),
            FaultKind::TooLong,
        ),
        (text("mobile_number", &long), FaultKind::TooLong),
        (number("cf_mrr", "1.00001"), FaultKind::TooLong),
        (number("cf_mrr", "123456789012"), FaultKind::TooLong),
        (text("cf_mrr", "1"), FaultKind::WrongType),
        (number("cf_languages", "1"), FaultKind::WrongType),
        (text("cf_signed_up", "2026-01-01"), FaultKind::WrongType),
        (number("lead_score", "3"), FaultKind::WrongType),
        (text("contact_status_id", "Won"), FaultKind::NotFound),
        (text("owner", "nobody@example.com"), FaultKind::NotFound),
    ];
    for (field, kind) in cases {
        let name = field.name.clone();
        assert_eq!(fault(Target::Contact, field), kind, "{name}");
    }
    let fits = text("cf_other_traits", &"ü".repeat(10_000));
    assert!(encoded(Target::Contact, &[fits]).is_object());
}

#[test]
fn all_misfits_are_told_at_once_and_without_values() {
    let snapshot = account::sampled();
    let fields = [
        text("cf_plan", "Secret"),
        text("ok", "Secret"),
        text("status", "Secret"),
    ];
    let misfits =
        encode::encode_changes(&snapshot, Target::Lead, &fields, &Links::new()).unwrap_err();
    let names: Vec<&str> = misfits.iter().map(|misfit| misfit.field.as_str()).collect();
    assert_eq!(names, ["cf_plan", "ok", "status"]);
    assert!(!format!("{misfits:?}").contains("Secret"));
}

#[test]
fn accounts_have_exactly_one_primary() {
    let snapshot = account::sampled();
    let ids = vec![DestinationId(7), DestinationId(8)];
    let links = Links::from([("accounts".to_owned(), ids.clone())]);
    let wire = encode::encode_new(&snapshot, Target::Contact, &[], &links).unwrap();
    let rows = json!([{"id": 7, "is_primary": true}, {"id": 8, "is_primary": false}]);
    assert_eq!(wire["sales_accounts"], rows);
    let told = json!([{"id": 8, "is_primary": false}, {"id": 7, "is_primary": true}]);
    let told = json!({"sales_accounts": told});
    assert_eq!(decode::linked_accounts(told.as_object().unwrap()), ids);
    let present = [DestinationId(9), DestinationId(8)];
    let merged = decode::merged_accounts(&ids, &present);
    assert_eq!(
        merged,
        [DestinationId(7), DestinationId(8), DestinationId(9)]
    );
}

#[test]
fn an_account_travels_too() {
    let fields = [
        text("name", "Acme Inc"),
        text("website", "acme.example"),
        text("number_of_employees", "201-500"),
        number("annual_revenue", "1000000"),
        value("cf_is_vip", Scalar::Boolean(true)),
    ];
    let expected = json!({
        "name": "Acme Inc", "website": "acme.example", "number_of_employees": 201,
        "annual_revenue": 1_000_000, "custom_field": {"cf_is_vip": true},
    });
    assert_eq!(encoded(Target::Account, &fields), expected);
}

#[test]
fn ids_of_built_in_lists_are_written_by_label() {
    let wire = encoded(Target::Contact, &[text("lead_source", "Webinar")]);
    assert_eq!(wire, json!({"lead_source_id": 31_000_836_331_i64}));
    let reply = answer(
        200,
        &json!({"contact": {"id": 1, "lead_source_id": 31_000_836_331_i64}}),
    );
    let found = records::read_one(Entity::Contact, &reply).unwrap();
    let present = decode::decode(&account::sampled(), Target::Contact, &found);
    let names: Vec<&String> = present.fields.keys().collect();
    assert_eq!(names, ["lead_source"]);
}

#[test]
fn owners_are_active_and_one() {
    let mut snapshot = account::sampled();
    assert!(snapshot.owner("OWNER@example.com").is_ok());
    let mut twin = snapshot.owners[0].clone();
    twin.email = "twin@example.com".into();
    snapshot.owners.push(twin);
    assert_eq!(snapshot.owner("Sample Owner"), Err(OwnerMiss::Several));
    snapshot.owners[1].is_active = false;
    assert_eq!(snapshot.owner("twin@example.com"), Err(OwnerMiss::Inactive));
    assert!(snapshot.owner("Sample Owner").is_ok());
}

#[test]
fn digits_have_one_spelling() {
    let cases = [
        ("007", "7"),
        ("-0.0", "0"),
        ("49.90", "49.9"),
        ("+.5", "0.5"),
        ("1e3", "1000"),
        ("1.25E-3", "0.00125"),
        ("-12.", "-12"),
    ];
    for (text, canonical) in cases {
        assert_eq!(canonical_digits(text).as_deref(), Some(canonical), "{text}");
    }
    for text in ["", "-", ".", "1,5", "0x1", "1e99", "NaN", "1 2"] {
        assert_eq!(canonical_digits(text), None, "{text}");
    }
}
