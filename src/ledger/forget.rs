//! Takes everything of one person out of a ledger: rows stay as counts under a tombstone, contents and ids go, and the
//! file is written anew so that no byte of them is left in it.

use rusqlite::{Connection, Transaction, params};
use serde::Serialize;

use crate::model::{Entity, SourceId};

use super::error::{Doing, LedgerError};
use super::open::Ledger;
use super::stage::{DRAFT, EXCLUDED, HELD, REJECTED, entity_code, entity_from, joined};
use super::words::Words;

const DOING: &str = "forgetting a person";

/// Why a record is not written any more.
const BECAUSE: &str = "forgotten at the person's request";

/// In memory only: the ids must not come into another file.
const FOUND: &str = "
PRAGMA secure_delete = ON;
CREATE TEMP TABLE IF NOT EXISTS who (entity INTEGER, source TEXT, PRIMARY KEY (entity, source));
CREATE TEMP TABLE IF NOT EXISTS gone (sequence INTEGER PRIMARY KEY);
DELETE FROM temp.who; DELETE FROM temp.gone;
";

/// Made by the first forgetting.
const TOMBSTONES: &str = "
CREATE TABLE IF NOT EXISTS forgotten (person TEXT PRIMARY KEY, at TEXT NOT NULL) STRICT, WITHOUT ROWID;
";

/// What a ledger held of somebody, by count.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Erased {
    /// Staged outcomes, over all runs: counted on, without id and content.
    pub outcomes: u64,
    pub operations: u64,
    pub images: u64,
    pub opt_outs: u64,
    pub differences: u64,
    /// Where the records are at the destination.
    pub places: Vec<(String, i64)>,
}

impl Ledger {
    /// These people and all with whom the rules merged them, in any run: they are one record at the destination.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn merged_with(&self, people: &[String]) -> Result<Vec<String>, LedgerError> {
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT DISTINCT source FROM staged WHERE fate = 4 AND entity = ?1 AND parent = ?2
                 UNION SELECT DISTINCT substr(parent, ?4) FROM staged
                 WHERE fate = 4 AND entity = ?1 AND source = ?3 AND parent LIKE 'person/%'",
            )
            .doing(DOING)?;
        let mut known: Vec<String> = people.to_vec();
        let mut next = 0;
        while let Some(person) = known.get(next).cloned() {
            next += 1;
            let source = SourceId::new(Entity::Person, person.as_str());
            let bound = params![
                entity_code(Entity::Person),
                joined(&source),
                person,
                i64::try_from("person/".len() + 1).unwrap_or(0)
            ];
            let found = statement.query_map(bound, |row| row.get::<_, String>(0));
            let found: Vec<String> = found.and_then(Iterator::collect).doing(DOING)?;
            for one in found {
                if !known.contains(&one) {
                    known.push(one);
                }
            }
        }
        Ok(known)
    }

    /// What the ledger holds of these records and of all that hangs on them; changes nothing.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn look_at_forgetting(&mut self, sources: &[SourceId]) -> Result<Erased, LedgerError> {
        self.connection.execute_batch(FOUND).doing(DOING)?;
        let transaction = self.connection.transaction().doing(DOING)?;
        find(&transaction, sources)?;
        count(&transaction, &self.words)
    }

    /// Takes it all out; `stones` are the people's digests. The same call goes on after a break.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub fn forget(
        &mut self,
        sources: &[SourceId],
        stones: &[String],
    ) -> Result<Erased, LedgerError> {
        self.connection.execute_batch(FOUND).doing(DOING)?;
        let has_differences = self.has_table("difference")?;
        let erased = self.commit(DOING, |transaction, words, now| {
            transaction.execute_batch(TOMBSTONES).doing(DOING)?;
            for stone in stones {
                transaction
                    .execute(
                        "INSERT OR IGNORE INTO forgotten (person, at) VALUES (?1, ?2)",
                        params![stone, now],
                    )
                    .doing(DOING)?;
            }
            find(transaction, sources)?;
            let mut erased = count(transaction, words)?;
            if has_differences {
                erased.differences = changed(
                    transaction,
                    "DELETE FROM difference WHERE (entity, source) IN (SELECT * FROM temp.who)",
                )?;
            }
            erase(transaction, words)?;
            Ok(erased)
        })?;
        // Pages that were freed, the journal too, still hold what was deleted until the file is written anew.
        self.connection
            .execute_batch(
                "DELETE FROM temp.who; DELETE FROM temp.gone;
                 VACUUM; PRAGMA wal_checkpoint(TRUNCATE);",
            )
            .doing("writing the ledger anew")?;
        Ok(erased)
    }

    /// Whether somebody with this digest was forgotten.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn tombstones(&self) -> Result<Vec<String>, LedgerError> {
        if !self.has_table("forgotten")? {
            return Ok(Vec::new());
        }
        let mut statement = self
            .connection
            .prepare("SELECT person FROM forgotten ORDER BY person")
            .doing(DOING)?;
        let stones = statement.query_map([], |row| row.get(0));
        stones.and_then(Iterator::collect).doing(DOING)
    }
}

/// The records, what hangs on them, what hangs on that; and every staged row of all of it.
fn find(connection: &Connection, sources: &[SourceId]) -> Result<(), LedgerError> {
    for source in sources {
        connection
            .prepare_cached("INSERT OR IGNORE INTO temp.who VALUES (?1, ?2)")
            .and_then(|mut statement| {
                statement.execute(params![entity_code(source.entity), source.id])
            })
            .doing(DOING)?;
    }
    for source in sources.iter().filter(|it| it.entity == Entity::Person) {
        connection
            .execute(
                "INSERT OR IGNORE INTO temp.who SELECT entity, source FROM staged
                 WHERE entity = ?1 AND substr(source, 1, length(?3) + 1) = ?3 || '/'
                    OR entity = ?2 AND substr(source, -length(?3) - 1) = '/' || ?3",
                params![
                    entity_code(Entity::Relationship),
                    entity_code(Entity::SegmentMember),
                    source.id
                ],
            )
            .doing(DOING)?;
    }
    loop {
        let parents: Vec<String> = parents(connection)?;
        let mut more = 0;
        for parent in parents {
            more += connection
                .prepare_cached(
                    "INSERT OR IGNORE INTO temp.who
                     SELECT entity, source FROM staged WHERE parent = ?1",
                )
                .and_then(|mut statement| statement.execute([parent]))
                .doing(DOING)?;
        }
        if more == 0 {
            break;
        }
    }
    connection
        .execute_batch(
            "INSERT OR IGNORE INTO temp.gone SELECT s.sequence FROM staged s
             JOIN temp.who w ON w.source = s.source AND w.entity = s.entity;",
        )
        .doing(DOING)
}

fn parents(connection: &Connection) -> Result<Vec<String>, LedgerError> {
    let mut statement = connection
        .prepare_cached("SELECT entity, source FROM temp.who")
        .doing(DOING)?;
    let mut rows = statement.query([]).doing(DOING)?;
    let mut parents = Vec::new();
    while let Some(row) = rows.next().doing(DOING)? {
        let entity = entity_from(row.get(0).doing(DOING)?)?;
        let id: String = row.get(1).doing(DOING)?;
        parents.push(joined(&SourceId::new(entity, id)));
    }
    Ok(parents)
}

/// Operations of a record have its id or serve its staged row.
const OPERATIONS: &str =
    "(entity, source) IN (SELECT * FROM temp.who) OR sequence IN (SELECT sequence FROM temp.gone)";

fn count(connection: &Connection, words: &Words) -> Result<Erased, LedgerError> {
    let number = |sql: &str| -> Result<u64, LedgerError> {
        connection
            .query_row(sql, [], |row| row.get::<_, i64>(0))
            .map(i64::unsigned_abs)
            .doing(DOING)
    };
    let mut places = Vec::new();
    {
        let mut statement = connection
            .prepare(
                "SELECT c.target, c.destination FROM crosswalk c
                 WHERE (c.entity, c.source) IN (SELECT * FROM temp.who) ORDER BY 1, 2",
            )
            .doing(DOING)?;
        let mut rows = statement.query([]).doing(DOING)?;
        while let Some(row) = rows.next().doing(DOING)? {
            let target = words.text(row.get(0).doing(DOING)?)?.to_owned();
            places.push((target, row.get(1).doing(DOING)?));
        }
    }
    Ok(Erased {
        outcomes: number("SELECT count(*) FROM temp.gone")?,
        operations: number(&format!(
            "SELECT count(*) FROM operation WHERE {OPERATIONS}"
        ))?,
        images: number(
            "SELECT count(*) FROM image WHERE (entity, source) IN (SELECT * FROM temp.who)",
        )?,
        opt_outs: number(
            "SELECT count(*) FROM opt_out WHERE sequence IN (SELECT sequence FROM temp.gone)",
        )?,
        differences: 0,
        places,
    })
}

/// What was written or waits becomes excluded, so that every row still adds up and nobody looks for it; other ends stay.
fn erase(transaction: &Transaction<'_>, words: &mut Words) -> Result<(), LedgerError> {
    let because = words.number(transaction, BECAUSE)?;
    changed(
        transaction,
        &format!("DELETE FROM operation WHERE {OPERATIONS}"),
    )?;
    for table in ["image", "crosswalk"] {
        changed(
            transaction,
            &format!("DELETE FROM {table} WHERE (entity, source) IN (SELECT * FROM temp.who)"),
        )?;
    }
    for table in ["landed", "opt_out"] {
        changed(
            transaction,
            &format!("DELETE FROM {table} WHERE sequence IN (SELECT sequence FROM temp.gone)"),
        )?;
    }
    transaction
        .execute(
            "UPDATE staged SET
               fate = CASE WHEN fate IN (?1, ?2, ?3) THEN ?4 ELSE fate END,
               reason = CASE WHEN fate IN (?1, ?2, ?3) THEN ?5 ELSE reason END,
               source = 'forgotten-' || sequence, line = 0, target = NULL, parent = '',
               draft = NULL, digest = NULL, reports = NULL
             WHERE sequence IN (SELECT sequence FROM temp.gone)",
            params![DRAFT, HELD, REJECTED, EXCLUDED, because],
        )
        .map(|_| ())
        .doing(DOING)
}

fn changed(transaction: &Transaction<'_>, sql: &str) -> Result<u64, LedgerError> {
    let count = transaction.execute(sql, []).doing(DOING)?;
    Ok(u64::try_from(count).unwrap_or(u64::MAX))
}
