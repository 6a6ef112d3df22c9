//! Accounts, one request each.
//!
//! Their bulk call is known to match on the name, which would write over an account of the same
//! name that is somebody else's (freshsales.md 6). So a create goes through `upsert` by the unique
//! custom field that holds our key: sent twice it makes one account, and a name that is taken is
//! refused and told. Where the key field is not unique, a plain create.

use crate::model::{FieldValue, Scalar};
use crate::port::{DestinationId, Step, Verdict};

use super::super::decode::{decode_field, merged_tags};
use super::super::destination::Freshsales;
use super::super::encode::{encode_changes, encode_new};
use super::super::endpoints::Entity;
use super::super::endpoints::records::{self, Key};
use super::super::snapshot::Target;
use super::row::{key_wire, unfit, with_key};
use super::{changed, refused, tags};

const ENTITY: Entity = Entity::SalesAccount;

/// Writes one account.
pub(super) fn write(freshsales: &Freshsales, step: &Step) -> Verdict {
    match changed(step) {
        None => create(freshsales, step),
        Some(id) => update(freshsales, step, id),
    }
}

fn create(freshsales: &Freshsales, step: &Step) -> Verdict {
    let account = freshsales.account();
    let mut fields = step.fields.clone();
    with_key(&mut fields, step);
    let wire = encode_new(&account.snapshot, Target::Account, &fields, &step.links);
    let wire = match wire {
        Ok(wire) => wire,
        Err(misfits) => return unfit(&misfits),
    };
    let mut request = None;
    if let Some(key) = &step.key {
        let Some(name) = key_wire(&account, Target::Account, &key.field) else {
            return refused(format!(
                "the account has no field `{}` to keep the key in",
                key.field
            ));
        };
        if account.is_unique(ENTITY, name) {
            let key = Key {
                field: name.to_owned(),
                value: key.value.clone(),
            };
            request = Some(records::upsert(ENTITY, &key, wire.clone()));
        }
    }
    let request = request.unwrap_or_else(|| records::create(ENTITY, wire));
    let written = freshsales
        .line
        .tell(&request, |answer| records::read_one(ENTITY, answer));
    match written {
        Ok(record) => Verdict::Written(DestinationId(record.id)),
        Err(failure) => failure.verdict(),
    }
}

fn update(freshsales: &Freshsales, step: &Step, id: DestinationId) -> Verdict {
    let account = freshsales.account();
    let mut fields = step.fields.clone();
    if let Some(ours) = tags(step) {
        let record = match freshsales.record(ENTITY, id) {
            Ok(record) => record,
            Err(error) => {
                return Verdict::NotSent {
                    because: error.to_string(),
                };
            }
        };
        let there = record.and_then(|record| {
            decode_field(&account.snapshot, Target::Account, &record.fields, "tags")
        });
        if let Some(Scalar::TextList(present)) = there {
            fields.retain(|field| field.name != "tags");
            fields.push(FieldValue {
                name: "tags".to_owned(),
                value: Scalar::TextList(merged_tags(ours, &present)),
            });
        }
    }
    let wire = encode_changes(&account.snapshot, Target::Account, &fields, &step.links);
    let wire = match wire {
        Ok(wire) => wire,
        Err(misfits) => return unfit(&misfits),
    };
    let request = records::update(ENTITY, id.0, wire);
    let written = freshsales
        .line
        .tell(&request, |answer| records::read_updated(ENTITY, answer));
    match written {
        Ok(_) => Verdict::Written(id),
        Err(failure) => failure.verdict(),
    }
}
