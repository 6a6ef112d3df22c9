//! The classic edition: leads of their own, consent as yes or no, and people who stand twice.

use std::sync::Arc;

use mapwright::clock::SystemClock;
use mapwright::freshsales::Freshsales;
use mapwright::freshsales::edition::Edition as Found;
use mapwright::http::Pace;
use mapwright::model::{Field, FieldKind, FieldValue, FieldWanted, Scalar};
use mapwright::port::{Action, Destination, Prepared, Step, Verdict};
use secrecy::SecretString;

use super::{LINE, Pair, classic_pair, create, fields, sandbox, text, update, wanted};

/// The unique fields that keep the keys of leads and contacts.
fn keyed() -> Pair {
    let pair = classic_pair(&[]);
    let all = ["lead", "contact"].map(|target| FieldWanted {
        unique: true,
        ..wanted(target, "cf_cio_key", "Customer.io key", LINE)
    });
    let prepared = pair.freshsales.prepare(&all).unwrap();
    assert_eq!(prepared, [Prepared::Created, Prepared::Created]);
    pair
}

fn person(target: &str, key: &str, disturb: &str) -> Step {
    let fields = fields([
        ("email", text(&format!("{key}@example.org"))),
        ("last_name", text("Doe")),
        ("do_not_disturb", text(disturb)),
    ]);
    create(target, ("cf_cio_key", key), fields)
}

fn field<'s>(fields: &'s [Field], name: &str) -> &'s Field {
    fields.iter().find(|it| it.name == name).unwrap()
}

#[test]
fn the_schema_of_classic_has_leads_with_a_company_and_no_lifecycle() {
    let pair = classic_pair(&[]);
    assert_eq!(pair.freshsales.edition(), Found::Classic);
    let schema = pair.freshsales.schema().unwrap();
    assert_eq!(schema.edition, "classic");
    let (lead, contact) = (
        schema.target("lead").unwrap(),
        schema.target("contact").unwrap(),
    );
    for target in [lead, contact] {
        let consent = target.consent_field().unwrap();
        assert_eq!(consent.name, "do_not_disturb");
        assert_eq!(consent.strictness(), ["Yes", "No"]);
        let FieldKind::Choice { choices, .. } = &field(&target.fields, "status").kind else {
            panic!("a status is a choice");
        };
        assert!(choices.len() >= 6);
    }
    assert_eq!(field(&lead.fields, "company_name").place, ["company"]);
    assert!(lead.field("company_industry_type").is_some());
    assert!(lead.field("accounts").is_none() && lead.field("external_id").is_none());
    assert!(contact.field("accounts").is_some() && contact.field("company_name").is_none());
    assert!(lead.fields.iter().all(|it| !it.name.contains('[')));
    assert!(!lead.field("email_status").unwrap().writable);
}

#[test]
fn a_host_alone_is_enough_and_both_editions_are_found_behind_it() {
    let classic = classic_pair(&[]).sandbox;
    let suite = sandbox(&[]);
    for (account, edition) in [(&classic, Found::Classic), (&suite, Found::Suite)] {
        let key = SecretString::from(account.api_key().to_owned());
        let host = format!("http://{}", account.address());
        let clock = Arc::new(SystemClock);
        let opened = Freshsales::open(&host, &key, clock, Pace::default()).unwrap();
        assert_eq!(opened.edition(), edition);
        let identity = opened.identity().unwrap();
        assert_eq!(identity.system, format!("freshsales {}", edition.word()));
    }
}

#[test]
fn a_lead_is_a_record_of_its_own_and_its_company_stays_whole() {
    let pair = keyed();
    let mut step = person("lead", "p1", "No");
    step.queue = Some("Pending".to_owned());
    step.fields.extend(fields([
        ("status", text("Contacted")),
        ("company_name", text("Acme")),
        ("company_city", text("Leeds")),
        ("company_number_of_employees", text("11-50")),
        ("tags", Scalar::TextList(vec!["mine".to_owned()])),
    ]));
    let id = pair.arrive(&step);
    let present = pair.find("lead", "cf_cio_key", "p1");
    assert_eq!(present.id, id);
    for sent in &step.fields {
        assert_eq!(
            present.fields.get(&sent.name),
            Some(&sent.value),
            "{}",
            sent.name
        );
    }
    assert_eq!(present.fields.get("queue"), Some(&text("Pending")));
    assert_eq!(
        pair.sandbox.dump()["contacts"].as_array().map(Vec::len),
        Some(0)
    );
    pair.arrive(&update(
        "lead",
        id,
        fields([("company_city", text("York"))]),
    ));
    let present = pair.by_id("lead", id);
    assert_eq!(present.fields.get("company_city"), Some(&text("York")));
    assert_eq!(present.fields.get("company_name"), Some(&text("Acme")));
    // The same key again is the same lead.
    assert_eq!(pair.arrive(&step), id);
}

#[test]
fn a_note_hangs_on_a_lead() {
    let pair = keyed();
    let id = pair.arrive(&person("lead", "p1", "No"));
    let note = Step {
        key: None,
        parent: Some(("lead".to_owned(), id)),
        marker: Some("mark".to_owned()),
        ..create("note", ("", ""), fields([("body", text("hello"))]))
    };
    pair.arrive(&note);
    let children = pair.freshsales.children("note", ("lead", id)).unwrap();
    assert_eq!(children.len(), 1);
    assert_eq!(children[0].marker.as_deref(), Some("mark"));
    let dump = pair.sandbox.dump();
    assert_eq!(dump["notes"][0]["targetables"][0]["type"], "Lead");
}

#[test]
fn nobody_becomes_freer_as_a_lead_than_the_contact_of_the_same_address_is() {
    let pair = keyed();
    let mut contact = person("contact", "c1", "Yes");
    set(&mut contact.fields, "email", "one@example.org");
    pair.arrive(&contact);
    let mut lead = person("lead", "l1", "No");
    set(&mut lead.fields, "email", "One@Example.org");
    pair.arrive(&lead);
    let present = pair.find("lead", "cf_cio_key", "l1");
    assert_eq!(present.fields.get("do_not_disturb"), Some(&text("Yes")));
    // Many at once go the same way: the others are looked through by the page.
    let many: Vec<Step> = (0..40)
        .map(|number| {
            let mut lead = person("lead", &format!("m{number}"), "No");
            set(&mut lead.fields, "email", "one@example.org");
            lead
        })
        .collect();
    let verdicts = pair.freshsales.write(&many);
    assert!(
        verdicts
            .iter()
            .all(|verdict| matches!(verdict, Verdict::Written(_)))
    );
    let dump = pair.sandbox.dump();
    let leads = dump["leads"].as_array().unwrap();
    assert_eq!(leads.len(), 41);
    assert!(leads.iter().all(|lead| lead["do_not_disturb"] == true));
}

#[test]
fn one_source_record_never_stands_as_lead_and_contact() {
    let pair = keyed();
    pair.arrive(&person("lead", "p1", "No"));
    let verdict = pair.write_one(&person("contact", "p1", "No"));
    let Verdict::Refused {
        status: 0,
        messages,
    } = verdict
    else {
        panic!("expected a refusal, found {verdict:?}");
    };
    assert!(messages[0].contains("convert that one"), "{messages:?}");
    pair.arrive(&person("contact", "p2", "No"));
    let verdict = pair.write_one(&person("lead", "p2", "No"));
    assert!(
        matches!(verdict, Verdict::Refused { status: 0, .. }),
        "{verdict:?}"
    );
}

#[test]
fn consent_is_demanded_of_leads_too() {
    let pair = keyed();
    let mut step = person("lead", "p1", "No");
    step.fields.retain(|field| field.name != "do_not_disturb");
    let verdict = pair.write_one(&step);
    assert!(
        matches!(&verdict, Verdict::Refused { status: 0, messages } if messages[0].contains("do_not_disturb")),
        "{verdict:?}"
    );
    assert!(matches!(step.action, Action::Create));
}

fn set(fields: &mut [FieldValue], name: &str, value: &str) {
    let field = fields.iter_mut().find(|it| it.name == name).unwrap();
    field.value = text(value);
}
