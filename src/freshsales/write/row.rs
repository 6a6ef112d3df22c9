//! One lead or contact as a row of a bulk call, with what must be there afterwards.

use serde_json::Map;
use serde_json::Value as Json;

use crate::model::{FieldValue, Scalar};
use crate::port::{PortError, Step, Verdict};

use super::super::account::Account;
use super::super::decode::{decode_field, linked_accounts, merged_accounts, merged_tags};
use super::super::destination::Freshsales;
use super::super::encode::{Links, Misfit, encode_changes, encode_new};
use super::super::endpoints::Entity;
use super::super::endpoints::records::Key;
use super::super::find::queue_tag;
use super::super::snapshot::{Carrier, Target};
use super::super::value::is_blank;
use super::{changed, refused, tags};

/// A step ready to be sent.
#[derive(Debug)]
pub(super) struct Row<'a> {
    pub(super) step: &'a Step,
    pub(super) target: Target,
    /// The record that carries the target.
    pub(super) entity: Entity,
    /// What the destination matches on; the id for updates. `None`: a create without a key.
    pub(super) key: Option<Key>,
    pub(super) wire: Map<String, Json>,
    /// The fields that reading back must show, merged with what was there.
    pub(super) fields: Vec<FieldValue>,
    pub(super) links: Links,
    /// The company inside a lead as it stands there: a write may replace it whole.
    company: Map<String, Json>,
}

/// Makes the row of a step.
///
/// # Errors
/// The verdict on a step that cannot be sent.
pub(super) fn row<'a>(
    freshsales: &Freshsales,
    account: &Account,
    step: &'a Step,
) -> Result<Row<'a>, Verdict> {
    let target = Target::of_word(&step.target)
        .ok_or_else(|| refused(format!("Freshsales has no target called `{}`", step.target)))?;
    let mut row = Row {
        step,
        target,
        entity: account.snapshot.entity(target),
        key: None,
        wire: Map::new(),
        fields: step.fields.clone(),
        links: step.links.clone(),
        company: Map::new(),
    };
    match changed(step) {
        None => {
            // The account subscribes whoever comes without a word on it (freshsales.md 11).
            let consent = account.snapshot.edition.consent();
            if !step.fields.iter().any(|field| field.name == consent) {
                return Err(refused(format!(
                    "`{consent}` is missing, and the account would subscribe whoever is created \
                     without it"
                )));
            }
            row.add_key(account)?;
            row.add_queue(account, &[]);
        }
        Some(id) => {
            row.key = Some(Key {
                field: "id".to_owned(),
                value: id.0.to_string(),
            });
            if row.needs_merge(account) {
                row.merge(freshsales, account)?;
            }
        }
    }
    row.encode(account)?;
    Ok(row)
}

/// The refusal of a step whose values the account's fields cannot hold.
pub(in super::super) fn unfit(misfits: &[Misfit]) -> Verdict {
    let told = misfits.iter();
    let told = told.map(|misfit| format!("`{}`: {}", misfit.field, misfit.fault));
    Verdict::Refused {
        status: 0,
        messages: told.collect(),
    }
}

/// The wire name of a key field and whether it is a custom one.
pub(super) fn key_wire<'a>(account: &'a Account, target: Target, name: &'a str) -> Option<&'a str> {
    match account.snapshot.carrier(target, name)? {
        Carrier::BuiltIn(wire, _) | Carrier::Custom(wire, _) => Some(wire),
        Carrier::Status | Carrier::Owner | Carrier::Company(..) | Carrier::ReadOnly => None,
    }
}

/// Puts the key among the fields, where it is not yet.
pub(super) fn with_key(fields: &mut Vec<FieldValue>, step: &Step) {
    if let Some(key) = &step.key
        && !fields.iter().any(|field| field.name == key.field)
    {
        fields.push(FieldValue {
            name: key.field.clone(),
            value: Scalar::Text(key.value.clone()),
        });
    }
}

impl Row<'_> {
    /// Makes the wire fields of what the row says now.
    pub(super) fn encode(&mut self, account: &Account) -> Result<(), Verdict> {
        let snapshot = &account.snapshot;
        let wire = match changed(self.step) {
            None => encode_new(snapshot, self.target, &self.fields, &self.links),
            Some(_) => encode_changes(snapshot, self.target, &self.fields, &self.links),
        };
        self.wire = wire.map_err(|misfits| unfit(&misfits))?;
        if let Some(Json::Object(company)) = self.wire.get_mut("company") {
            for (name, value) in &self.company {
                company
                    .entry(name.as_str())
                    .or_insert_with(|| value.clone());
            }
        }
        Ok(())
    }

    /// Whether it writes what a write replaces whole.
    fn needs_merge(&self, account: &Account) -> bool {
        let is_inside = |field: &FieldValue| {
            let carrier = account.snapshot.carrier(self.target, &field.name);
            matches!(carrier, Some(Carrier::Company(..)))
        };
        self.step.queue.is_some()
            || tags(self.step).is_some()
            || !self.step.links.is_empty()
            || self.fields.iter().any(is_inside)
    }

    fn add_key(&mut self, account: &Account) -> Result<(), Verdict> {
        let Some(key) = &self.step.key else {
            return Ok(());
        };
        let Some(wire) = key_wire(account, self.target, &key.field) else {
            let why = format!(
                "the account has no field `{}` to keep the key in",
                key.field
            );
            return Err(refused(why));
        };
        self.key = Some(Key {
            field: wire.to_owned(),
            value: key.value.clone(),
        });
        with_key(&mut self.fields, self.step);
        Ok(())
    }

    /// The tag that stands for the queue, beside the step's own tags and those `present`.
    fn add_queue(&mut self, account: &Account, present: &[String]) {
        let mut ours: Vec<String> = tags(self.step).unwrap_or_default().to_vec();
        let queue = self.step.queue.as_deref();
        ours.extend(queue.map(|queue| queue_tag(account.snapshot.edition, queue)));
        if ours.is_empty() {
            return;
        }
        self.fields.retain(|field| field.name != "tags");
        self.fields.push(FieldValue {
            name: "tags".to_owned(),
            value: Scalar::TextList(merged_tags(&ours, present)),
        });
    }

    /// Tags, accounts and companies are replaced whole by a write, so what is there is read first
    /// (freshsales.md 5.3).
    fn merge(&mut self, freshsales: &Freshsales, account: &Account) -> Result<(), Verdict> {
        let Some(id) = changed(self.step) else {
            return Ok(());
        };
        let record = freshsales.record(self.entity, id);
        let record = record.map_err(|error: PortError| Verdict::NotSent {
            because: error.to_string(),
        })?;
        let Some(record) = record else {
            return Err(Verdict::Refused {
                status: 404,
                messages: vec!["the record is not there any more".to_owned()],
            });
        };
        let found = decode_field(&account.snapshot, self.target, &record.fields, "tags");
        match found {
            Some(Scalar::TextList(present)) => self.add_queue(account, &present),
            Some(
                Scalar::Text(_)
                | Scalar::Number(_)
                | Scalar::Boolean(_)
                | Scalar::Date(_)
                | Scalar::Time(_)
                | Scalar::Json(_),
            )
            | None => self.add_queue(account, &[]),
        }
        if let Some(Json::Object(company)) = record.fields.get("company") {
            let filled = company
                .iter()
                .filter(|(name, value)| *name != "id" && !is_blank(value));
            self.company = filled.map(|(k, v)| (k.clone(), v.clone())).collect();
        }
        if let Some(ours) = self.links.get_mut("accounts") {
            *ours = merged_accounts(ours, &linked_accounts(&record.fields));
            if let Some(off) = self.step.off.get("accounts") {
                ours.retain(|id| !off.contains(id));
            }
        }
        Ok(())
    }
}
