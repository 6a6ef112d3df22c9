//! What a newer capture brought: new, changed, as before, gone; by kind of source record.

use std::collections::BTreeMap;

use rusqlite::params;
use serde::Serialize;

use crate::model::{Entity, MEMBER, SourceId};

use super::error::{Doing, LedgerError};
use super::open::Ledger;
use super::past::RunState;
use super::runs::RunId;
use super::stage::entity_from;

const DOING: &str = "comparing two captures";

/// Why somebody stays on a list whom the source has dropped.
const PUT_BY_OTHERS: &str = "not in this capture, and on the list before the load put it there";

/// One run against the one before it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Delta {
    /// The number of the run that it is compared with.
    pub since: i64,
    pub rows: Vec<DeltaRow>,
    /// Records of the destination whose source is not written any more, and who stays on a list; other children are
    /// only counted.
    pub gone: Vec<Gone>,
}

/// One kind of source record, as far as it is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeltaRow {
    pub entity: Entity,
    pub new: u64,
    pub changed: u64,
    pub same: u64,
    /// At the destination, and not written any more. Nothing was done to it: the rules have no word that deletes.
    pub gone: u64,
    /// Put on a list by an earlier run, dropped by the source, and taken off in this run.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub taken_off: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
const fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// A record that nothing writes any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Gone {
    pub source: SourceId,
    pub target: String,
    pub destination: i64,
    /// Why the rules do not write it; none: the capture does not have it.
    pub why: Option<String>,
}

impl Ledger {
    /// What `run` brought against the latest load before it that still stands; `None` for the first one.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn delta(&self, run: RunId) -> Result<Option<Delta>, LedgerError> {
        let runs = self.runs()?;
        let mut before = None;
        for known in runs.iter().rev().filter(|known| known.run.0 < run.0) {
            let is_load = !known.is_rollback() && known.state == RunState::Done;
            if is_load && self.has_staged(known.run)? {
                before = Some(known.run);
                break;
            }
        }
        let Some(before) = before else {
            return Ok(None);
        };
        let mut rows: BTreeMap<Entity, DeltaRow> = BTreeMap::new();
        let row = |rows: &mut BTreeMap<Entity, DeltaRow>, entity, class: i64, count: u64| {
            let row = rows.entry(entity).or_insert(DeltaRow {
                entity,
                new: 0,
                changed: 0,
                same: 0,
                gone: 0,
                taken_off: 0,
            });
            match class {
                0 => row.new += count,
                1 => row.changed += count,
                2 => row.same += count,
                3 => row.gone += count,
                _ => row.taken_off += count,
            }
        };
        for (entity, class, count) in self.classes(run, before)? {
            row(&mut rows, entity, class, count);
        }
        let mut gone = Vec::new();
        for (one, is_child) in self.gone(run)? {
            row(&mut rows, one.source.entity, 3, 1);
            // Somebody who stays on a list is told by name: a person may have to look.
            if !is_child || one.target.ends_with(MEMBER) {
                gone.push(one);
            }
        }
        for (entity, count) in self.taken_off(run)? {
            row(&mut rows, entity, 4, count);
        }
        Ok(Some(Delta {
            since: before.0,
            rows: rows.into_values().collect(),
            gone,
        }))
    }

    /// Drafts by kind: 0 new, 1 changed, 2 as before. What is made and not read has line 0 and is left out.
    fn classes(&self, run: RunId, before: RunId) -> Result<Vec<(Entity, i64, u64)>, LedgerError> {
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT s.entity, CASE WHEN p.sequence IS NULL THEN 0
                     WHEN p.digest = s.digest THEN 2 ELSE 1 END, count(*)
                 FROM staged s LEFT JOIN staged p
                   ON p.source = s.source AND p.entity = s.entity AND p.run = ?2 AND p.fate = 0
                 WHERE s.run = ?1 AND s.fate = 0 AND s.line > 0 GROUP BY 1, 2",
            )
            .doing(DOING)?;
        let mut found = statement.query(params![run.0, before.0]).doing(DOING)?;
        let mut classes = Vec::new();
        while let Some(row) = found.next().doing(DOING)? {
            classes.push((
                entity_from(row.get(0).doing(DOING)?)?,
                row.get(1).doing(DOING)?,
                row.get::<_, i64>(2).doing(DOING)?.unsigned_abs(),
            ));
        }
        Ok(classes)
    }

    /// Who was taken off lists by a run, by kind of source record.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn taken_off(&self, run: RunId) -> Result<Vec<(Entity, u64)>, LedgerError> {
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT entity, count(*) FROM operation WHERE run = ?1 AND kind = 4 AND state = 5
                   AND entity IS NOT NULL GROUP BY 1",
            )
            .doing(DOING)?;
        let mut found = statement.query([run.0]).doing(DOING)?;
        let mut counts = Vec::new();
        while let Some(row) = found.next().doing(DOING)? {
            let entity = entity_from(row.get(0).doing(DOING)?)?;
            counts.push((entity, row.get::<_, i64>(1).doing(DOING)?.unsigned_abs()));
        }
        Ok(counts)
    }

    /// What has a place and no draft in this run; whether it is a child.
    fn gone(&self, run: RunId) -> Result<Vec<(Gone, bool)>, LedgerError> {
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT c.entity, c.source, c.target, c.destination,
                   (SELECT s.reason FROM staged s WHERE s.source = c.source
                      AND s.entity = c.entity AND s.run = ?1 LIMIT 1),
                   EXISTS (SELECT 1 FROM staged s WHERE s.source = c.source
                      AND s.entity = c.entity AND s.parent <> '' AND s.target IS NOT NULL),
                   c.adopted
                 FROM crosswalk c WHERE NOT EXISTS (SELECT 1 FROM staged s
                   WHERE s.source = c.source AND s.entity = c.entity AND s.run = ?1 AND s.fate = 0)
                 ORDER BY c.entity, c.source",
            )
            .doing(DOING)?;
        let mut found = statement.query([run.0]).doing(DOING)?;
        let mut gone = Vec::new();
        while let Some(row) = found.next().doing(DOING)? {
            let entity = entity_from(row.get(0).doing(DOING)?)?;
            let why: Option<i64> = row.get(4).doing(DOING)?;
            let target = self.words.text(row.get(2).doing(DOING)?)?.to_owned();
            let is_anybodys = row.get(6).doing(DOING)? && target.ends_with(MEMBER);
            let why = match why {
                Some(why) => Some(self.words.text(why)?.to_owned()),
                None if is_anybodys => Some(PUT_BY_OTHERS.to_owned()),
                None => None,
            };
            let one = Gone {
                source: SourceId::new(entity, row.get::<_, String>(1).doing(DOING)?),
                target,
                destination: row.get(3).doing(DOING)?,
                why,
            };
            gone.push((one, row.get(5).doing(DOING)?));
        }
        Ok(gone)
    }
}
