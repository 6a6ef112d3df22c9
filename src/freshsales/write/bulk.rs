//! Contacts in bulk: one call, its job polled to an end, every row proven by reading it back, and the
//! unproven ones sent again alone, which tells why they were not taken (freshsales.md 14).

use std::time::Duration;

use crate::model::Scalar;
use crate::port::{DestinationId, PortError, Present, Verdict};

use super::super::account::Account;
use super::super::decode::{decode, is_kept};
use super::super::destination::Freshsales;
use super::super::endpoints::Entity;
use super::super::endpoints::answer::RefusalKind;
use super::super::endpoints::jobs;
use super::super::endpoints::records::{self, BULK_MAX, BulkRow, Found as Record};
use super::super::stock::Stock;
use super::row::Row;

/// The first wait between two looks at a job; each further one is half as long again.
const FIRST_WAIT: Duration = Duration::from_millis(200);
/// The longest wait between two looks: each look counts against the hour.
const WAIT_MAX: Duration = Duration::from_secs(10);
/// How long a job may take before its unproven rows are told as unknown.
const PATIENCE: Duration = Duration::from_mins(5);

const ENTITY: Entity = Entity::Contact;

/// Takes every row; the answer is as long as `rows`, in order.
pub(super) fn take(freshsales: &Freshsales, account: &Account, rows: &[Row<'_>]) -> Vec<Verdict> {
    let mut verdicts: Vec<Option<Verdict>> = vec![None; rows.len()];
    let mut keyed = Vec::new();
    for (row, verdict) in rows.iter().zip(&mut verdicts) {
        match (row.entity, &row.key) {
            (Entity::Contact, Some(_)) => keyed.push((row, verdict)),
            // Nothing to match on: a bulk row could not be told from its neighbours. And nothing
            // tells of a bulk call of leads (freshsales.md 8).
            (Entity::Contact, None) | (Entity::Lead | Entity::SalesAccount, _) => {
                *verdict = Some(alone(freshsales, account, row));
            }
        }
    }
    for chunk in keyed.chunks_mut(BULK_MAX) {
        let rows: Vec<&Row<'_>> = chunk.iter().map(|(row, _)| *row).collect();
        let taken = take_chunk(freshsales, account, &rows);
        for ((_, verdict), taken) in chunk.iter_mut().zip(taken) {
            **verdict = Some(taken);
        }
    }
    let silent = || Verdict::NotSent {
        because: "the row was not looked at".to_owned(),
    };
    verdicts
        .into_iter()
        .map(|verdict| verdict.unwrap_or_else(silent))
        .collect()
}

fn take_chunk(freshsales: &Freshsales, account: &Account, rows: &[&Row<'_>]) -> Vec<Verdict> {
    if let [row] = rows {
        return vec![alone(freshsales, account, row)];
    }
    let sent = rows.iter().filter_map(|row| {
        Some(BulkRow {
            key: row.key.clone()?,
            fields: row.wire.clone(),
        })
    });
    let request = records::bulk_upsert(ENTITY, sent.collect());
    let started = match freshsales.line.tell(&request, records::read_bulk) {
        Ok(started) => started,
        // The call as a whole was not accepted, or there is no such call; each row alone may be.
        Err(failure)
            if matches!(
                failure.refusal(),
                Some(RefusalKind::Record | RefusalKind::Missing)
            ) =>
        {
            let alone = rows.iter().map(|row| alone(freshsales, account, row));
            return alone.collect();
        }
        Err(failure) => return vec![failure.verdict(); rows.len()],
    };
    let has_ended = started.job.is_none_or(|job| has_ended(freshsales, &job));
    let stock = match freshsales.recent(ENTITY, rows.len()) {
        Ok(stock) => stock,
        Err(error) => return vec![unknown(&error); rows.len()],
    };
    let proven = rows.iter().map(|row| {
        let found = read_back(freshsales, account, row, &stock);
        match found {
            Err(error) => unknown(&error),
            Ok(Some(record)) if is_there(account, row, &record) => {
                Verdict::Written(DestinationId(record.id))
            }
            Ok(_) if has_ended => alone(freshsales, account, row),
            Ok(_) => Verdict::Unknown {
                because: "the bulk job has not come to an end".to_owned(),
            },
        }
    });
    proven.collect()
}

/// Looks at a job until it ends; `false` when patience, or the line, ends first.
fn has_ended(freshsales: &Freshsales, job: &str) -> bool {
    let (mut wait, mut waited) = (FIRST_WAIT, Duration::ZERO);
    loop {
        match freshsales.line.ask(&jobs::status(job), jobs::read_status) {
            Ok(status) if status.is_finished() => return true,
            Ok(_) => {}
            Err(_) => return false,
        }
        if waited >= PATIENCE || freshsales.line.pause(wait).is_err() {
            return false;
        }
        waited += wait;
        wait = (wait + wait / 2).min(WAIT_MAX);
    }
}

/// The record of a row: from the stock, or asked for alone.
fn read_back(
    freshsales: &Freshsales,
    account: &Account,
    row: &Row<'_>,
    stock: &Stock,
) -> Result<Option<Record>, PortError> {
    if let Some(id) = super::changed(row.step) {
        return match stock.by_id(id) {
            Some(record) => Ok(Some(record.clone())),
            None => freshsales.record(ENTITY, id),
        };
    }
    let Some(key) = &row.step.key else {
        return Ok(None);
    };
    let value = Scalar::Text(key.value.clone());
    let is_meant = |record: &&Record| {
        let snapshot = &account.snapshot;
        let there =
            super::super::decode::decode_field(snapshot, row.target, &record.fields, &key.field);
        there.as_ref() == Some(&value)
    };
    if let Some(record) = stock.records.iter().find(is_meant) {
        return Ok(Some(record.clone()));
    }
    let found = freshsales.answering(account, row.target, key, &Stock::default())?;
    Ok(found.into_iter().next())
}

/// Whether a record shows all that the row asked for.
fn is_there(account: &Account, row: &Row<'_>, record: &Record) -> bool {
    let Present { fields, links, .. } = decode(&account.snapshot, row.target, record);
    let are_fields_kept = row.fields.iter().all(|sent| {
        let found = fields.get(&sent.name);
        is_kept(&account.snapshot, row.target, sent, found)
            || is_same_but_tidied(&sent.value, found, &sent.name)
    });
    let are_links_kept = row.links.iter().all(|(name, ours)| {
        let there = links.get(name).map_or(&[][..], Vec::as_slice);
        ours.first() == there.first() && ours.iter().all(|id| there.contains(id))
    });
    are_fields_kept && are_links_kept
}

/// Blanks around a text and the case of an address may be tidied on the way.
fn is_same_but_tidied(sent: &Scalar, found: Option<&Scalar>, name: &str) -> bool {
    let (Scalar::Text(sent), Some(Scalar::Text(found))) = (sent, found) else {
        return false;
    };
    let (sent, found) = (sent.trim(), found.trim());
    sent == found || name == "email" && sent.eq_ignore_ascii_case(found)
}

/// One row by itself; a refusal tells why.
fn alone(freshsales: &Freshsales, account: &Account, row: &Row<'_>) -> Verdict {
    let (line, entity) = (&freshsales.line, row.entity);
    let wire = || row.wire.clone();
    let create = || {
        let request = records::create(entity, wire());
        line.tell(&request, |answer| records::read_one(entity, answer))
            .map(|record| record.id)
    };
    let written = match (super::changed(row.step), &row.key) {
        (Some(id), _) => {
            let request = records::update(entity, id.0, wire());
            let written = line.tell(&request, |answer| records::read_updated(entity, answer));
            written.map(|_| id.0)
        }
        // A lead is known by its key only where no two may share it.
        (None, Some(key)) if entity == Entity::Contact || account.is_unique(entity, &key.field) => {
            let request = records::upsert(entity, key, wire());
            let written = line.tell(&request, |answer| records::read_one(entity, answer));
            match written {
                Ok(record) => Ok(record.id),
                // One page alone speaks of an upsert of leads (freshsales.md 8).
                Err(failure)
                    if entity == Entity::Lead
                        && failure.refusal() == Some(RefusalKind::Missing) =>
                {
                    create()
                }
                Err(failure) => Err(failure),
            }
        }
        (None, _) => create(),
    };
    match written {
        Ok(id) => Verdict::Written(DestinationId(id)),
        Err(failure) => failure.verdict(),
    }
}

fn unknown(error: &PortError) -> Verdict {
    Verdict::Unknown {
        because: format!("it could not be read back: {error}"),
    }
}
