//! The test person of a quiesce canary: made, changed, and looked at with everything that can be on it.
//!
//! No call tells of workflows, assignment rules or sequences (freshsales.md 12), so what they do is all that can be
//! known of them.

use std::collections::BTreeMap;

use serde_json::Map;
use serde_json::Value as Json;

use crate::model::{FieldKind, FieldValue, Scalar};
use crate::port::{DestinationId, Placed, PortError, Sight, Verdict};

use super::account::Account;
use super::destination::Freshsales;
use super::encode::{Links, encode_new};
use super::endpoints::Entity;
use super::endpoints::below;
use super::endpoints::records::{self, Found as Record, Key};
use super::schema::schema;
use super::snapshot::Target;
use super::value::is_blank;
use super::write;

/// Whom people read about in the account while it is there.
const NAME: &str = "mapwright test contact, may be deleted";

/// What the word is in the suite edition; the strictest one where the account has no such word.
const OPTED_OUT: &str = "Unsubscribed";

/// What the account stamps or computes itself, and what is only another spelling (freshsales.md 5.2).
const COMPUTED: [&str; 20] = [
    "avatar",
    "creater_id",
    "customer_fit",
    "display_name",
    "id",
    "last_assigned_at",
    "last_seen",
    "last_seen_chat",
    "lead_quality",
    "lead_score",
    "links",
    "locale",
    "mcr_id",
    "partial",
    "record_type_id",
    "sales_accounts",
    "total_sessions",
    "updated_at",
    "updater_id",
    "list_ids",
];

/// Makes a test person. A contact is made by its unique key, so that a request taken twice makes one.
pub(super) fn place(freshsales: &Freshsales, word: &str, address: &str) -> Placed {
    let account = freshsales.account();
    let Some(target) = Target::of_word(word) else {
        return unplaced(write::refused(format!("a {word} is no person")));
    };
    let entity = account.snapshot.entity(target);
    let fields = fields(&account, target, address);
    let wire = match encode_new(&account.snapshot, target, &fields, &Links::new()) {
        Ok(wire) => wire,
        Err(misfits) => return unplaced(write::unfit(&misfits)),
    };
    let request = match entity {
        Entity::Contact => {
            let key = Key {
                field: "external_id".to_owned(),
                value: address.to_owned(),
            };
            records::upsert(entity, &key, wire)
        }
        Entity::Lead | Entity::SalesAccount => records::create(entity, wire),
    };
    let made = freshsales
        .line
        .tell(&request, |answer| records::read_one(entity, answer));
    match made {
        Ok(record) => Placed {
            verdict: Verdict::Written(DestinationId(record.id)),
            fields: told(&record.fields),
        },
        Err(failure) => unplaced(failure.verdict()),
    }
}

/// Changes a text and makes the person belong to whoever made it, which is whose key it is (freshsales.md 9.1).
pub(super) fn stir(freshsales: &Freshsales, word: &str, id: DestinationId) -> Placed {
    let Some(entity) = entity(freshsales, word) else {
        return unplaced(write::refused(format!("a {word} is no person")));
    };
    let record = match with_creator(freshsales, entity, id) {
        Ok(record) => record,
        Err(error) => {
            return unplaced(Verdict::NotSent {
                because: error.to_string(),
            });
        }
    };
    let mut wire = Map::new();
    wire.insert("job_title".to_owned(), Json::from(NAME));
    let creator = record.and_then(|record| record.fields.get("creater_id").cloned());
    if let Some(creator) = creator.filter(|creator| !creator.is_null()) {
        wire.insert("owner_id".to_owned(), creator);
    }
    let fields = told(&wire);
    let request = records::update(entity, id.0, wire);
    let written = freshsales
        .line
        .tell(&request, |answer| records::read_updated(entity, answer));
    let verdict = match written {
        Ok(_) => Verdict::Written(id),
        Err(failure) => failure.verdict(),
    };
    Placed { verdict, fields }
}

/// The record, what hangs on it, and what its timeline tells.
pub(super) fn sight(
    freshsales: &Freshsales,
    word: &str,
    id: DestinationId,
) -> Result<Option<Sight>, PortError> {
    let Some(target) = Target::of_word(word) else {
        return Ok(None);
    };
    let account = freshsales.account();
    let entity = account.snapshot.entity(target);
    let Some(record) = with_creator(freshsales, entity, id)? else {
        return Ok(None);
    };
    let mut strange = on_it(&account, &record);
    for one in write::attached(freshsales, target, id)? {
        strange.push(format!("a {} was put on it (id {})", one.kind, one.id.0));
    }
    let line = &freshsales.line;
    let request = below::timeline(entity, id.0, 1);
    let others = line.ask(&request, |answer| {
        below::read_other_classes(answer, entity.targetable())
    })?;
    strange.extend(
        others
            .iter()
            .map(|class| format!("its timeline tells of something of the kind `{class}`")),
    );
    Ok(Some(Sight {
        fields: told(&record.fields),
        strange,
    }))
}

fn entity(freshsales: &Freshsales, word: &str) -> Option<Entity> {
    let target = Target::of_word(word)?;
    Some(freshsales.edition().entity(target))
}

fn with_creator(
    freshsales: &Freshsales,
    entity: Entity,
    id: DestinationId,
) -> Result<Option<Record>, PortError> {
    let include = format!("{},creater", entity.include());
    freshsales.record_with(entity, id, &include)
}

/// Owner, tags, lists and accounts that nobody of ours gave it.
fn on_it(account: &Account, record: &Record) -> Vec<String> {
    let mut strange = Vec::new();
    let fields = &record.fields;
    let number = |name: &str| fields.get(name).and_then(Json::as_i64);
    if let (Some(owner), Some(creator)) = (number("owner_id"), number("creater_id"))
        && owner != creator
    {
        strange.push(format!("it was given to another owner (id {owner})"));
    }
    let rows = |name: &str| {
        let rows = fields.get(name).and_then(Json::as_array);
        rows.into_iter().flatten()
    };
    strange.extend(
        rows("tags")
            .filter_map(Json::as_str)
            .map(|tag| format!("the tag `{tag}` was put on it")),
    );
    for list in rows("list_ids").filter_map(Json::as_i64) {
        let known = account.lists.iter().find(|known| known.id == list);
        let name = known.map_or_else(|| list.to_string(), |known| known.name.clone());
        strange.push(format!("it was put on the list `{name}`"));
    }
    for linked in rows("sales_accounts").filter_map(|row| row.get("id")?.as_i64()) {
        strange.push(format!("it was linked to an account (id {linked})"));
    }
    strange
}

/// A made-up person who may not be written to, with a value in every field that the account demands.
fn fields(account: &Account, target: Target, address: &str) -> Vec<FieldValue> {
    let schema = schema(account);
    let described = schema.target(target.word());
    let known = described.into_iter().flat_map(|it| &it.fields);
    let value = |name: &str, value: Scalar| FieldValue {
        name: name.to_owned(),
        value,
    };
    let text = |text: &str| Scalar::Text(text.to_owned());
    let mut fields = vec![
        value("email", text(address)),
        value("last_name", text(NAME)),
    ];
    for field in known.filter(|field| field.writable) {
        let words = field.strictness();
        let strict = words.iter().find(|word| *word == OPTED_OUT);
        if let Some(word) = strict.or_else(|| words.first()) {
            fields.push(value(&field.name, text(word)));
            continue;
        }
        if !field.required || fields.iter().any(|given| given.name == field.name) {
            continue;
        }
        let demanded = match &field.kind {
            FieldKind::Text { .. } => Some(text("mapwright")),
            FieldKind::Choice { choices, .. } => choices.first().map(|first| text(&first.label)),
            FieldKind::Integer | FieldKind::Decimal => Some(Scalar::Number("1".to_owned())),
            FieldKind::Boolean => Some(Scalar::Boolean(true)),
            FieldKind::Date => Some(Scalar::Date("2000-01-01".to_owned())),
            FieldKind::Timestamp
            | FieldKind::User
            | FieldKind::Links { .. }
            | FieldKind::TextList
            | FieldKind::Json => None,
        };
        fields.extend(demanded.map(|demanded| value(&field.name, demanded)));
    }
    fields
}

/// The wire's own fields in one spelling; those inside `custom_field` by their own names.
fn told(wire: &Map<String, Json>) -> BTreeMap<String, String> {
    let custom = wire.get("custom_field").and_then(Json::as_object);
    let inside = custom.into_iter().flatten();
    let plain = wire.iter().filter(|(name, _)| *name != "custom_field");
    plain
        .chain(inside)
        .filter(|(name, _)| !COMPUTED.contains(&name.as_str()))
        .map(|(name, value)| (name.clone(), spelt(value)))
        .collect()
}

fn spelt(value: &Json) -> String {
    if is_blank(value) {
        return String::new();
    }
    match value {
        Json::String(text) => text.clone(),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Array(_) | Json::Object(_) => {
            value.to_string()
        }
    }
}

fn unplaced(verdict: Verdict) -> Placed {
    Placed {
        verdict,
        fields: BTreeMap::new(),
    }
}
