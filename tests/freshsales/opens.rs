//! Opening: edition, key, identity, and the account in the words of the rules.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use mapwright::clock::{SystemClock, TestClock};
use mapwright::freshsales::Freshsales;
use mapwright::http::{Client, HttpError, Method, Pace, Repeat, Request, Settings};
use mapwright::model::{FieldKind, Load, Needs, Removal};
use mapwright::port::{Destination, PortError};
use secrecy::SecretString;

use super::{open, pair, sandbox};

#[test]
fn the_identity_names_the_store_and_no_port() {
    let pair = pair(&[]);
    let identity = pair.freshsales.identity().unwrap();
    assert_eq!(identity.system, "freshsales suite");
    assert_eq!(identity.address, "http://127.0.0.1/crm/sales/api");
    assert_eq!(
        identity.account,
        format!("store {}", pair.sandbox.identity())
    );
    assert!(pair.freshsales.calls() >= 8);
}

#[test]
fn a_wrong_key_is_denied_and_says_where_keys_are() {
    let sandbox = sandbox(&[]);
    let key = SecretString::from("wrong".to_owned());
    let opened = Freshsales::open(&sandbox.url(), &key, Arc::new(SystemClock), Pace::default());
    let Err(PortError::Denied(words)) = opened else {
        panic!("expected it to be denied");
    };
    assert!(words.contains("API settings"), "{words}");
}

#[test]
fn an_empty_place_is_out_of_reach_and_a_stopped_run_does_not_wait_for_it() {
    let key = SecretString::from("any".to_owned());
    let base = "http://127.0.0.1:1/crm/sales/api";
    let now = "2026-03-01T00:00:00Z".parse().unwrap();
    let attempts = |stopped: bool| {
        let settings = Settings::with_token(base, &key, Pace::default());
        settings.stop.store(stopped, Ordering::Relaxed);
        let client = Client::new(&settings, Arc::new(TestClock::at(now))).unwrap();
        let ended = client.call(&Request::new(Method::Get, "/lists"), Repeat::Safe);
        assert!(matches!(ended, Err(HttpError::NotSent { .. })), "{ended:?}");
        client.calls()
    };
    assert_eq!((attempts(false), attempts(true)), (5, 1));
    let opened = Freshsales::open(base, &key, Arc::new(TestClock::at(now)), Pace::default());
    assert!(matches!(opened, Err(PortError::Unavailable(_))));
}

#[test]
fn the_schema_speaks_the_words_of_the_rules() {
    let pair = pair(&[("contact_needs", "email")]);
    let schema = pair.freshsales.schema().unwrap();
    let names: Vec<&str> = schema
        .targets
        .iter()
        .map(|target| target.name.as_str())
        .collect();
    assert_eq!(names[..4], ["contact", "lead", "account", "note"]);
    let written = |name: &&str| schema.target(name).unwrap().load == Load::Written;
    let written: Vec<&str> = names.iter().copied().filter(|name| written(name)).collect();
    assert_eq!(written, ["email template", "document"]);
    let list = schema.target("list").unwrap();
    assert!(list.removal == Removal::Never && list.members == ["contact", "lead"]);
    assert!(schema.is_child("list member") && schema.listing("list member") == Some(list));
    assert!(!schema.is_child("list") && schema.listing("note member").is_none());
    let lead = schema.target("lead").unwrap();
    assert!(lead.consent && lead.custom_fields && !lead.child);
    assert_eq!(lead.needs, Needs::Email);
    assert!(lead.field("external_id").unwrap().unique);
    assert!(lead.field("external_id").unwrap().place.is_empty());
    assert_eq!(lead.field("email").unwrap().place, ["fields"]);
    let phone = FieldKind::Text { max: Some(30) };
    assert_eq!(lead.field("mobile_number").unwrap().kind, phone);
    assert!(!lead.field("lead_score").unwrap().writable);
    assert!(!lead.field("created_at").unwrap().writable);
    assert!(matches!(lead.field("owner").unwrap().kind, FieldKind::User));
    assert_eq!(labels(&lead.field("status").unwrap().kind).len(), 4);
    let contact = schema.target("contact").unwrap();
    let statuses = labels(&contact.field("status").unwrap().kind);
    assert_eq!(
        statuses,
        ["Qualified", "Negotiation", "Lost", "Won", "Churned"]
    );
    let FieldKind::Choice { strictness, .. } = &contact.field("subscription_status").unwrap().kind
    else {
        panic!("consent is a choice");
    };
    assert_eq!(strictness[0], "Reported as spam");
    assert_eq!(strictness[4], "Subscribed");
    let account = schema.target("account").unwrap();
    assert!(account.field("name").unwrap().required && account.field("name").unwrap().unique);
    assert!(!account.consent);
    assert!(schema.target("note").unwrap().child);
    assert_eq!(schema.users.len(), 1);
    assert!(
        schema
            .substitutions
            .iter()
            .any(|one| one.what == "note title")
    );
}

#[test]
fn opening_twice_gives_the_same_identity() {
    let sandbox = sandbox(&[]);
    let first = open(&sandbox, Arc::new(SystemClock)).unwrap();
    let second = open(&sandbox, Arc::new(SystemClock)).unwrap();
    assert_eq!(first.identity().unwrap(), second.identity().unwrap());
}

fn labels(kind: &FieldKind) -> Vec<&str> {
    let FieldKind::Choice { choices, .. } = kind else {
        panic!("expected a choice, found {kind:?}");
    };
    choices.iter().map(|choice| choice.label.as_str()).collect()
}
