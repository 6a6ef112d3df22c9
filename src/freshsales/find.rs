//! Looking records up: by id, by key, by other unique fields; never guessing among several.

use crate::model::{Key, Scalar};
use crate::port::{DestinationId, Found, FoundBy, PortError, Present, Want};

use super::account::Account;
use super::decode::{decode, decode_field};
use super::destination::Freshsales;
use super::edition::Edition;
use super::endpoints::Entity;
use super::endpoints::answer::RefusalKind;
use super::endpoints::records::{self, Found as Record};
use super::endpoints::search;
use super::snapshot::{Carrier, Target};
use super::stock::Stock;

/// Before the name of a queue in a tag of the classic edition.
const QUEUE_TAG: &str = "queue: ";

impl Freshsales {
    pub(super) fn find_all(&self, target: Target, wants: &[Want]) -> Result<Vec<Found>, PortError> {
        let account = self.account();
        let ids = wants.iter().filter(|want| want.id.is_some()).count();
        let others = wants.iter().filter(|want| want.id.is_none());
        let look_ups: usize = others
            .map(|want| want.also.len() + usize::from(want.key.is_some()))
            .sum();
        let stock = self.stock(account.snapshot.entity(target), ids + look_ups, ids)?;
        wants
            .iter()
            .map(|want| self.find_one(&account, target, want, &stock))
            .collect()
    }

    /// The record under an id, with its relation ids; one in the recycle bin is gone.
    pub(super) fn record(
        &self,
        entity: Entity,
        id: DestinationId,
    ) -> Result<Option<Record>, PortError> {
        self.record_with(entity, id, entity.include())
    }

    /// As [`Freshsales::record`], with what `include` names.
    pub(super) fn record_with(
        &self,
        entity: Entity,
        id: DestinationId,
        include: &str,
    ) -> Result<Option<Record>, PortError> {
        let request = records::get_with(entity, id.0, include);
        let read = self
            .line
            .ask(&request, |response| records::read_one(entity, response));
        match read {
            Ok(record) => Ok(Some(record).filter(is_living)),
            Err(failure) if failure.refusal() == Some(RefusalKind::Missing) => Ok(None),
            Err(failure) => Err(failure.into()),
        }
    }

    /// Every living record whose field answers to `key`, with its relation ids.
    pub(super) fn answering(
        &self,
        account: &Account,
        target: Target,
        key: &Key,
        stock: &Stock,
    ) -> Result<Vec<Record>, PortError> {
        let answers = |record: &&Record| answers(account, target, record, key);
        if stock.is_complete {
            return Ok(stock.records.iter().filter(answers).cloned().collect());
        }
        let entity = account.snapshot.entity(target);
        let Some(wire) = looked_up_as(account, target, &key.field) else {
            return Ok(Vec::new());
        };
        if key.value.trim().is_empty() {
            return Ok(Vec::new());
        }
        let request = search::lookup(entity, wire, &key.value);
        let found = self
            .line
            .ask(&request, |response| search::read_lookup(entity, response))?;
        let mut full = Vec::new();
        for record in found
            .iter()
            .filter(answers)
            .filter(|record| is_living(record))
        {
            // A look-up may hide relation ids as plain reads do (freshsales.md 4.2).
            if shows_relations(entity, record) {
                full.push(record.clone());
            } else {
                full.extend(self.record(entity, DestinationId(record.id))?);
            }
        }
        Ok(full)
    }

    fn find_one(
        &self,
        account: &Account,
        target: Target,
        want: &Want,
        stock: &Stock,
    ) -> Result<Found, PortError> {
        if let Some(id) = want.id {
            let record = match stock.by_id(id) {
                Some(record) => Some(record.clone()),
                None if stock.is_complete => None,
                None => self.record(account.snapshot.entity(target), id)?,
            };
            if let Some(record) = record {
                return Ok(Found::One(FoundBy::Id, present(account, target, &record)));
            }
        }
        let key = want.key.iter().map(|key| (key, FoundBy::Key));
        let also = want.also.iter();
        let also = also.map(|key| (key, FoundBy::Other(key.field.clone())));
        for (key, by) in key.chain(also) {
            let found = self.answering(account, target, key, stock)?;
            match found.as_slice() {
                [] => {}
                [record] => return Ok(Found::One(by, present(account, target, record))),
                several => {
                    let ids = several.iter().map(|record| DestinationId(record.id));
                    return Ok(Found::Several(ids.collect()));
                }
            }
        }
        Ok(Found::Nobody)
    }
}

/// A record in logical names; the queue that it waits in is told as `queue` and not among its tags.
pub(super) fn present(account: &Account, target: Target, record: &Record) -> Present {
    let mut present = decode(&account.snapshot, target, record);
    let Some(Scalar::TextList(tags)) = present.fields.get_mut("tags") else {
        return present;
    };
    let Some((tag, queue)) = queue_of(account, record, tags) else {
        return present;
    };
    tags.retain(|it| *it != tag);
    if tags.is_empty() {
        present.fields.remove("tags");
    }
    present
        .fields
        .insert("queue".to_owned(), Scalar::Text(queue));
    present
}

/// The tag that stands for a queue, and the queue. In suite it is also the name of a list that the
/// record is on; in classic, where leads are on no list, the tag says that it is one.
fn queue_of(account: &Account, record: &Record, tags: &[String]) -> Option<(String, String)> {
    if account.snapshot.edition == Edition::Classic {
        let mut queues = tags
            .iter()
            .filter_map(|tag| Some((tag.clone(), tag.strip_prefix(QUEUE_TAG)?.to_owned())));
        return queues.next();
    }
    let on = record
        .fields
        .get("list_ids")
        .and_then(serde_json::Value::as_array);
    let on: Vec<i64> = on
        .into_iter()
        .flatten()
        .filter_map(serde_json::Value::as_i64)
        .collect();
    let lists = account.lists.iter().filter(|list| on.contains(&list.id));
    let queue = lists
        .map(|list| &list.name)
        .find(|name| tags.contains(name))?;
    Some((queue.clone(), queue.clone()))
}

/// The tag that says which queue a record waits in.
pub(super) fn queue_tag(edition: Edition, queue: &str) -> String {
    match edition {
        Edition::Suite => queue.to_owned(),
        Edition::Classic => format!("{QUEUE_TAG}{queue}"),
    }
}

/// Whether a record has the wanted value: an address in any letter case, an account's name as the account holds it
/// unique, in any letter case and without blanks around it, all else exactly. A field
/// that an answer leaves out is taken as the look-up found it.
fn answers(account: &Account, target: Target, record: &Record, key: &Key) -> bool {
    let entity = account.snapshot.entity(target);
    if key.field == "email" && entity != Entity::SalesAccount {
        let primary = record
            .fields
            .get("email")
            .and_then(serde_json::Value::as_str);
        let all = record
            .fields
            .get("emails")
            .and_then(serde_json::Value::as_array);
        let others = all.into_iter().flatten();
        let mut others = others.filter_map(|email| email.get("value")?.as_str());
        let is_same = |email: &str| email.trim().eq_ignore_ascii_case(key.value.trim());
        return primary.is_some_and(is_same) || others.any(is_same);
    }
    let is_told = match account.snapshot.carrier(target, &key.field) {
        Some(Carrier::BuiltIn(wire, _)) => record.fields.contains_key(wire),
        Some(Carrier::Custom(wire, _)) => {
            let custom = record.fields.get("custom_field");
            custom.is_some_and(|custom| custom.get(wire).is_some())
        }
        Some(Carrier::Company(wire, _)) => {
            let company = record.fields.get("company");
            company.is_some_and(|company| company.get(wire).is_some())
        }
        Some(Carrier::Status | Carrier::Owner | Carrier::ReadOnly) | None => true,
    };
    let is_name = key.field == "name" && entity == Entity::SalesAccount;
    match decode_field(&account.snapshot, target, &record.fields, &key.field) {
        Some(Scalar::Text(text)) if is_name => {
            text.trim().to_lowercase() == key.value.trim().to_lowercase()
        }
        Some(Scalar::Text(text) | Scalar::Number(text)) => text == key.value,
        Some(
            Scalar::Boolean(_)
            | Scalar::Date(_)
            | Scalar::Time(_)
            | Scalar::TextList(_)
            | Scalar::Json(_),
        ) => false,
        None => !is_told,
    }
}

/// The word in `f=` (freshsales.md 4.4).
fn looked_up_as<'a>(account: &'a Account, target: Target, field: &'a str) -> Option<&'a str> {
    match account.snapshot.carrier(target, field)? {
        Carrier::BuiltIn(wire, _) | Carrier::Custom(wire, _) => Some(wire),
        Carrier::Status | Carrier::Owner | Carrier::Company(..) | Carrier::ReadOnly => None,
    }
}

pub(super) fn is_living(record: &Record) -> bool {
    record.fields.get("is_deleted") != Some(&serde_json::Value::Bool(true))
}

fn shows_relations(entity: Entity, record: &Record) -> bool {
    let names: &[&str] = match entity {
        Entity::Contact => &["owner_id", "contact_status_id", "sales_accounts"],
        Entity::Lead => &["owner_id", "lead_stage_id"],
        Entity::SalesAccount => &["owner_id", "industry_type_id", "business_type_id"],
    };
    names.iter().all(|name| record.fields.contains_key(*name))
}
