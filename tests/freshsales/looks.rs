//! Looking up: by id, key, address, name; one by one and by the page.

use mapwright::model::Key;
use mapwright::port::{Destination, DestinationId, Found, FoundBy, Want};

use super::{account_key, create, fields, pair, person, text, want_by};

#[test]
fn a_contact_is_found_by_id_key_and_address() {
    let pair = pair(&[]);
    let id = pair.arrive(&person("lead", "p1"));
    assert_eq!(pair.find("lead", "external_id", "p1").id, id);
    assert_eq!(
        pair.by_id("lead", id).fields.get("status"),
        Some(&text("New"))
    );
    let email = Key {
        field: "email".to_owned(),
        value: "P1@Example.org".to_owned(),
    };
    let want = Want {
        id: Some(DestinationId(4)),
        key: want_by("external_id", "other").key,
        also: vec![email],
    };
    let found = pair.freshsales.find("contact", &[want]).unwrap().remove(0);
    let Found::One(FoundBy::Other(field), present) = found else {
        panic!("{found:?}");
    };
    assert_eq!((field.as_str(), present.id), ("email", id));
    assert_eq!(pair.look("lead", "external_id", "p"), Found::Nobody);
    assert_eq!(pair.look("lead", "external_id", ""), Found::Nobody);
    assert_eq!(pair.look("lead", "cf_unknown", "p1"), Found::Nobody);
}

#[test]
fn an_account_is_found_by_its_key_and_by_its_name_as_it_is_unique() {
    let pair = pair(&[]);
    pair.freshsales.prepare(&[account_key()]).unwrap();
    let name = fields([("name", text("Acme & Söhne"))]);
    let id = pair.arrive(&create("account", ("cf_cio_key", "cio-o-1"), name));
    assert_eq!(pair.find("account", "cf_cio_key", "cio-o-1").id, id);
    assert_eq!(pair.find("account", "name", "Acme & Söhne").id, id);
    // The account refuses a second one that differs in case or blanks only: it is the same one.
    assert_eq!(pair.find("account", "name", " ACME & SÖHNE").id, id);
    assert_eq!(pair.look("account", "name", "Acme & Sohne"), Found::Nobody);
}

#[test]
fn several_with_one_address_are_never_guessed_among() {
    let pair = pair(&[("email_unique", "no")]);
    let mut twin = person("contact", "p2");
    twin.fields[0].value = text("p1@example.org");
    pair.arrive(&person("contact", "p1"));
    pair.arrive(&twin);
    let found = pair.look("contact", "email", "p1@example.org");
    assert!(matches!(found, Found::Several(ids) if ids.len() == 2));
}

#[test]
fn a_small_account_is_read_by_the_page_and_answers_alike() {
    let pair = pair(&[]);
    let steps: Vec<_> = (0..30)
        .map(|n| person("contact", &format!("p{n}")))
        .collect();
    pair.freshsales.write(&steps);
    let wants: Vec<Want> = (20..40)
        .map(|n| want_by("external_id", &format!("p{n}")))
        .collect();
    let before = pair.freshsales.calls();
    let by_page = pair.freshsales.find("contact", &wants).unwrap();
    assert!(pair.freshsales.calls() - before <= 2);
    let alone: Vec<Found> = wants
        .iter()
        .map(|want| {
            pair.freshsales
                .find("contact", std::slice::from_ref(want))
                .unwrap()
                .remove(0)
        })
        .collect();
    assert_eq!(by_page, alone);
    assert_eq!(
        by_page
            .iter()
            .filter(|found| **found == Found::Nobody)
            .count(),
        10
    );
}
