//! Pairs that no rule reaches yet, against the local Freshsales: appointments, and the conversion of a lead.

use std::sync::Arc;

use mapwright::freshsales::endpoints::appointments::{self, NewAppointment, When};
use mapwright::freshsales::endpoints::leads;
use mapwright::freshsales::endpoints::{Entity, records};
use mapwright::freshsales::sandbox::{Edition, Sandbox};
use mapwright::http::{Client, Pace, Request, Response, Settings};
use secrecy::SecretString;
use serde_json::{Map, json};

use crate::freshsales::sandbox_of;
use crate::support::small::test_clock;

fn client(sandbox: &Sandbox) -> Client {
    let key = SecretString::from(sandbox.api_key().to_owned());
    let settings = Settings::with_token(&sandbox.url(), &key, Pace::default());
    Client::new(&settings, Arc::clone(&test_clock())).unwrap()
}

fn send(client: &Client, request: &Request) -> Response {
    client.send(request).unwrap()
}

fn object(value: &serde_json::Value) -> Map<String, serde_json::Value> {
    value.as_object().unwrap().clone()
}

fn made(client: &Client, entity: Entity) -> i64 {
    let fields = json!({"last_name": "Doe", "emails": "doe@example.org"});
    let answer = send(client, &records::create(entity, object(&fields)));
    records::read_one(entity, &answer).unwrap().id
}

#[test]
fn a_past_appointment_is_kept_with_its_own_times_changed_and_taken_away() {
    for (edition, entity) in [
        (Edition::Suite, Entity::Contact),
        (Edition::Classic, Entity::Lead),
    ] {
        let sandbox = sandbox_of(edition, &[]);
        let client = client(&sandbox);
        let person = made(&client, entity);
        let mut appointment = NewAppointment {
            title: "Demo".to_owned(),
            from_date: "2016-06-20T05:00:00Z".to_owned(),
            end_date: "2016-06-20T05:30:00Z".to_owned(),
            time_zone: None,
            description: Some("The blue room".to_owned()),
            location: None,
            is_all_day: false,
        };
        let answer = send(&client, &appointments::create(entity, person, &appointment));
        let told = appointments::read_one(&answer).unwrap();
        assert_eq!(told.title.as_deref(), Some("Demo"));
        let from: jiff::Timestamp = told.from_date.unwrap().parse().unwrap();
        assert_eq!(from.to_string(), "2016-06-20T05:00:00Z");

        appointment.title = "Second demo".to_owned();
        let answer = send(&client, &appointments::update(told.id, &appointment));
        assert_eq!(appointments::read_one(&answer).unwrap().id, told.id);
        let answer = send(&client, &appointments::get(told.id));
        let there = appointments::read_one(&answer).unwrap();
        assert_eq!(there.title.as_deref(), Some("Second demo"));
        for request in [
            appointments::list(entity, person, 1),
            appointments::page(When::Past, 1),
        ] {
            let (rows, meta) = appointments::read_page(&send(&client, &request)).unwrap();
            let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
            assert_eq!((ids, meta.total), (vec![told.id], Some(1)));
        }
        let upcoming = send(&client, &appointments::page(When::Upcoming, 1));
        assert!(appointments::read_page(&upcoming).unwrap().0.is_empty());

        let answer = send(&client, &appointments::delete(told.id));
        appointments::read_deleted(&answer).unwrap();
        let answer = send(&client, &appointments::list(entity, person, 1));
        assert!(appointments::read_page(&answer).unwrap().0.is_empty());
    }
}

#[test]
fn a_converted_lead_is_a_contact_and_no_lead_any_more_whatever_the_answer_tells() {
    for (word, tells) in [("contact", true), ("lead", false), ("empty", false)] {
        let sandbox = sandbox_of(Edition::Classic, &[("convert_answer", word)]);
        let client = client(&sandbox);
        let lead = made(&client, Entity::Lead);
        let over = object(&json!({"last_name": "Roe"}));
        let answer = send(&client, &leads::convert(lead, over));
        let contact = leads::read_converted(&answer).unwrap();
        assert_eq!(contact.is_some(), tells, "{word}");
        let dump = sandbox.dump();
        let contacts = dump["contacts"].as_array().unwrap();
        assert_eq!(contacts.len(), 1);
        assert_eq!(contacts[0]["last_name"], "Roe");
        assert!(contact.is_none_or(|id| contacts[0]["id"] == id));
        let again = send(&client, &leads::convert(lead, Map::new()));
        assert!(leads::read_converted(&again).is_err(), "{word}");
    }
}
