//! Lists of those who must not be mailed: people whom the workspace suppressed, and addresses that a mail service refuses.
//!
//! No endpoint lists suppressed people (reference/customerio.md 3.1), and the suppressions of a mail service that the
//! customer brings are no part of the workspace (section 7, trap 17): their owner has them as tables.

use super::error::{ImportError, Refusal};
use super::person;
use super::read::Reader;
use super::tables::who;
use super::value::{raw, seconds};
use crate::model::Entity;

/// Columns that say why an address is refused, and when, in the words of mail services.
const REASONS: [&str; 5] = ["reason", "category", "type", "event", "status"];
const TIMES: [&str; 4] = ["created", "created_at", "date", "timestamp"];
const ADDRESSES: [&str; 4] = ["email", "email_addr", "email_address", "address"];

/// People who are suppressed, one a row, by any of their names. Yes of any source wins over no of another.
pub(super) fn suppressed(reader: &mut Reader<'_>) -> Result<(), ImportError> {
    let expected = "a first line with a column `cio_id`, `id` or `email`";
    let is_header = |header: &[String]| {
        let cells: Vec<(&str, &str)> = header.iter().map(|it| (it.as_str(), "x")).collect();
        !who(&cells).is_nobody()
    };
    reader.rows(is_header, expected, |reader, cells| {
        let mut fact = reader.fact(Entity::Person);
        let mut who = who(cells);
        if who.is_nobody() {
            return Err(Refusal::Nameless);
        }
        who.email = who.email.map(|it| it.trim().to_owned());
        fact.top
            .extend(raw(&true).map(|it| ("suppressed".to_owned(), it)));
        person::name(&mut fact, who);
        Ok(vec![fact])
    })
}

/// Addresses that a mail service refuses, one a row. A row without a reason that is known still counts.
pub(super) fn suppressions(reader: &mut Reader<'_>) -> Result<(), ImportError> {
    let expected = "a first line with a column `email`";
    let is_header = |header: &[String]| {
        let mut names = header.iter().map(|it| it.to_lowercase());
        names.any(|it| ADDRESSES.contains(&it.as_str()))
    };
    reader.rows(is_header, expected, |reader, cells| {
        let cell = |names: &[&str]| {
            let found = names.iter().find_map(|name| {
                let mut cells = cells.iter();
                cells.find(|(header, _)| header.eq_ignore_ascii_case(name))
            });
            found.map(|(_, cell)| cell.trim())
        };
        let email = cell(&ADDRESSES).filter(|it| !it.is_empty());
        let email = email.ok_or(Refusal::Nameless)?;
        let told = cell(&REASONS);
        let reason = reason(told.unwrap_or_default());
        let mut fact = reader.fact(Entity::Suppression);
        fact.key = format!("{}\u{0}{reason}", email.to_lowercase());
        let created = cell(&TIMES).and_then(seconds);
        let parts = [
            ("email", raw(&email)),
            ("reason", raw(&reason)),
            ("detail", told.and_then(|it| raw(&it))),
            ("created", created.and_then(|it| raw(&it))),
        ];
        let parts = parts
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?)));
        fact.top.extend(parts);
        Ok(vec![fact])
    })
}

/// The word of a capture (reference/customerio.md 2.11 has the four lists). What nobody knows blocks as well: an address
/// on such a list must not be mailed, whatever the reason is called.
fn reason(told: &str) -> &'static str {
    let told = told.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| told.contains(word));
    if says(&["bounce"]) {
        "bounced"
    } else if says(&["spam", "complain", "abuse"]) {
        "spam"
    } else if says(&["invalid"]) {
        "invalid"
    } else {
        "blocked"
    }
}
