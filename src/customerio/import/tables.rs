//! CSV exports of people and of deliveries; no reference tells their columns, so they are found by their headers.

use super::Declared;
use super::delivery;
use super::error::{ImportError, Refusal};
use super::fact::{Fact, Who};
use super::person;
use super::read::Reader;
use super::value::{raw, seconds, typed};
use crate::model::Entity;

/// Headers that name a person, each with the name that a capture uses; the first of a kind is ours, the others are those
/// of the warehouse and of the interface.
const PERSON: [(&str, &str); 10] = [
    ("cio_id", "cio_id"),
    ("internal_customer_id", "cio_id"),
    ("id", "id"),
    ("customer_id", "id"),
    ("user_id", "id"),
    ("email", "email"),
    ("email_addr", "email"),
    ("email_address", "email"),
    ("anonymous_id", "anonymous_id"),
    ("_created_in_customerio_at", "created_at"),
];

/// People, one a row; what is no reserved name is a trait.
pub(super) fn people(reader: &mut Reader<'_>) -> Result<(), ImportError> {
    let expected = "a first line with a column `cio_id`, `id` or `email`";
    let is_header = |header: &[String]| {
        let found = |name: &str| header.iter().any(|it| known(it) == name);
        found("cio_id") || found("id") || found("email")
    };
    reader.rows(is_header, expected, |reader, cells| {
        let mut fact = reader.fact(Entity::Person);
        let who = who(cells);
        if who.is_nobody() {
            return Err(Refusal::Nameless);
        }
        for (header, cell) in cells {
            let name = known(header);
            let value = typed(cell, reader.declared.person_trait(name));
            if let Some(value) = value.filter(|_| !is_own_name(name)) {
                person::set(&mut fact, name, value);
            }
        }
        person::name(&mut fact, who);
        Ok(vec![fact])
    })
}

/// Deliveries, one a row; columns of metrics hold their times.
pub(super) fn deliveries(reader: &mut Reader<'_>) -> Result<(), ImportError> {
    let expected = "a first line with a column `delivery_id` or `id`";
    let is_header = |header: &[String]| header.iter().any(|it| it == "delivery_id" || it == "id");
    reader.rows(is_header, expected, |reader, cells| {
        let has_own = cells.iter().any(|(header, _)| *header == "delivery_id");
        let own = if has_own { "delivery_id" } else { "id" };
        let mut fact = reader.fact(Entity::Delivery);
        let mut who = Who::default();
        for (header, cell) in cells {
            let text = Some((*cell).to_owned());
            match *header {
                name if name == own => fact.key.push_str(cell),
                "cio_id" | "internal_customer_id" => who.cio_id = text,
                "customer_id" => who.id = text,
                _ => cell_of(&mut fact, reader.declared, header, cell),
            }
        }
        if who.is_nobody() {
            who.email = cells
                .iter()
                .find(|(header, _)| matches!(*header, "email" | "recipient"))
                .map(|(_, cell)| (*cell).to_owned());
        }
        if fact.key.is_empty() {
            return Err(Refusal::Nameless);
        }
        fact.top
            .extend(raw(&fact.key).map(|it| ("id".to_owned(), it)));
        fact.who = (!who.is_nobody()).then_some(who);
        Ok(vec![fact])
    })
}

fn cell_of(fact: &mut Fact, declared: &Declared, header: &str, cell: &str) {
    let bare = header.strip_suffix("_at").unwrap_or(header);
    if delivery::is_metric(bare)
        && let Some(time) = seconds(cell).and_then(|it| raw(&it))
    {
        fact.inner.insert(bare.to_owned(), time);
        return;
    }
    let name = delivery::known(header);
    let value = match name {
        "channel" => raw(&delivery::channel(cell)),
        _ if delivery::is_number(name) => cell
            .parse::<i64>()
            .map_or_else(|_| raw(&cell), |it| raw(&it)),
        _ => typed(cell, declared.delivery(name)),
    };
    fact.top.extend(value.map(|it| (name.to_owned(), it)));
}

fn known(header: &str) -> &str {
    PERSON
        .iter()
        .find(|(it, _)| *it == header)
        .map_or(header, |(_, name)| name)
}

fn is_own_name(name: &str) -> bool {
    matches!(name, "cio_id" | "id" | "email" | "anonymous_id")
}

/// The names of a person that a row gives.
pub(super) fn who(cells: &[(&str, &str)]) -> Who {
    let cell = |name: &str| {
        cells
            .iter()
            .find(|(header, _)| known(header) == name)
            .map(|(_, cell)| (*cell).to_owned())
    };
    Who {
        cio_id: cell("cio_id"),
        id: cell("id"),
        email: cell("email"),
        anonymous_id: cell("anonymous_id"),
    }
}
