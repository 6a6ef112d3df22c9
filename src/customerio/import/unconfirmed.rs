//! Tables of the warehouse that exist by name only (reference/customerio.md 4.1 and 9): no reference tells their columns.
//!
//! Columns are found by the names that the same things have elsewhere; a file without them is not read, and both is told.

use std::path::Path;

use super::capture::object_key;
use super::error::{ImportError, Refusal};
use super::fact::Fact;
use super::read::{Pieces, Reader};
use super::value::raw;
use super::warehouse::{Cells, columns, is_named, open, rows, who};
use crate::model::Entity;

/// A table with what it holds, and the columns that may name a record; the first one that is there does.
struct Table {
    name: &'static str,
    entity: Entity,
    keys: &'static [&'static str],
}

const TABLES: [Table; 8] = [
    table("newsletters", Entity::Newsletter, &["newsletter_id", "id"]),
    table(
        "newsletter_contents",
        Entity::Template,
        &["content_id", "id"],
    ),
    table(
        "campaign_actions",
        Entity::CampaignAction,
        &["action_id", "id"],
    ),
    table(
        "broadcast_actions",
        Entity::CampaignAction,
        &["action_id", "id"],
    ),
    table(
        "transactional_messages",
        Entity::Transactional,
        &["transactional_message_id", "message_id", "id"],
    ),
    table("segments", Entity::Segment, &["segment_id", "id"]),
    table("objects", Entity::Object, &["object_id"]),
    table("relationships", Entity::Relationship, &["object_id"]),
];

const fn table(name: &'static str, entity: Entity, keys: &'static [&'static str]) -> Table {
    Table { name, entity, keys }
}

/// Reads a file whose name is one of these tables; `false` where it is none, or lacks what names its records.
pub(super) fn read(reader: &mut Reader<'_>, path: &Path) -> Result<bool, ImportError> {
    let Some(table) = TABLES.iter().find(|it| is_named(path, it.name)) else {
        return Ok(false);
    };
    let file = open(path)?;
    let columns = columns(&file);
    let has = |name: &str| columns.iter().any(|it| it == name);
    let key = table.keys.iter().find(|it| has(it));
    let is_edge = table.entity == Entity::Relationship;
    let is_object = table.entity == Entity::Object || is_edge;
    let is_whole =
        (!is_object || has("object_type_id")) && (!is_edge || has("internal_customer_id"));
    let Some(key) = key.filter(|_| is_whole) else {
        return Ok(false);
    };
    rows(reader, &file, |reader, row| {
        let fact = reader.fact(table.entity);
        let line = reader.read;
        reader.take(line, piece(fact, key, &row))
    })?;
    Ok(true)
}

fn piece(mut fact: Fact, key: &str, row: &Cells) -> Pieces {
    let id = row.text(key).ok_or(Refusal::Nameless)?;
    fact.at = row.time("updated_at").unwrap_or_default();
    let is_edge = fact.entity == Entity::Relationship;
    let is_object = fact.entity == Entity::Object || is_edge;
    if is_object {
        let kind = row.text("object_type_id").ok_or(Refusal::Nameless)?;
        (fact.key, fact.top) = object_key(&kind, &id);
    } else {
        fact.key.clone_from(&id);
    }
    if is_edge {
        let who = who(row);
        if who.is_nobody() {
            return Err(Refusal::Nameless);
        }
        fact.who = Some(who);
    }
    let times = [
        ("created", row.time("created_at")),
        ("updated", row.time("updated_at")),
    ];
    for (name, cell) in &row.0 {
        let value = match name.as_str() {
            // Of the sync alone, or said by other keys.
            "workspace_id"
            | "seq_num"
            | "internal_customer_id"
            | "customer_id"
            | "object_type_id"
            | "object_id" => continue,
            "created_at" | "updated_at" if !is_object => continue,
            _ => cell.json(),
        };
        let name = if name == key { "id" } else { name };
        let is_own = !is_object || name == "cio_object_id";
        let place = if is_own {
            &mut fact.top
        } else {
            &mut fact.inner
        };
        place.extend(value.map(|it| (name.to_owned(), it)));
    }
    if !is_object {
        let times = times
            .into_iter()
            .filter_map(|(name, at)| Some((name.to_owned(), raw(&at?)?)));
        fact.top.extend(times);
    }
    Ok(vec![fact])
}
