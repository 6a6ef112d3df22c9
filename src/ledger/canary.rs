//! Test records that a load puts at the destination and takes away again, and what they have shown. They are no
//! operations: nothing counts them, and no rollback goes through them.

use rusqlite::{Connection, params};
use serde::Serialize;

use super::error::{Doing, LedgerError};
use super::open::Ledger;
use super::runs::RunId;

const DOING: &str = "writing down a test record";

/// Made with the first test record: a rehearsal has none.
const TABLES: &str = "
CREATE TABLE IF NOT EXISTS canary (
    number INTEGER PRIMARY KEY, run INTEGER NOT NULL,
    target TEXT NOT NULL, address TEXT NOT NULL, destination INTEGER,
    meant TEXT NOT NULL, gone TEXT
) STRICT;
CREATE TABLE IF NOT EXISTS quiet (
    number INTEGER PRIMARY KEY, run INTEGER NOT NULL, judged TEXT NOT NULL,
    targets TEXT NOT NULL, seen TEXT NOT NULL, accepted TEXT
) STRICT;
";

/// A test record that may be at the destination.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftCanary {
    pub number: i64,
    pub target: String,
    /// Its e-mail, which nobody else has.
    pub address: String,
    /// None: nobody knows whether it was made.
    pub destination: Option<i64>,
    /// When it was asked for.
    pub meant: String,
}

/// What the test records of one call have shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Quiet {
    /// When it was judged.
    pub judged: String,
    pub targets: Vec<String>,
    /// What happened by itself, in words; empty: nothing did.
    pub seen: Vec<String>,
    /// Why the load went on all the same.
    pub accepted: Option<String>,
}

impl Ledger {
    /// Commits that a test record is about to be asked for. `address` makes its e-mail from its number and the time.
    ///
    /// # Errors
    /// When the ledger cannot be written; then nothing may be sent.
    pub fn mean_canary(
        &mut self,
        run: RunId,
        target: &str,
        address: impl FnOnce(i64, &str) -> String,
    ) -> Result<LeftCanary, LedgerError> {
        self.commit(DOING, |transaction, _, now| {
            transaction.execute_batch(TABLES).doing(DOING)?;
            let number: i64 = transaction
                .query_row(
                    "SELECT coalesce(max(number), 0) + 1 FROM canary",
                    [],
                    |row| row.get(0),
                )
                .doing(DOING)?;
            let address = address(number, now);
            transaction
                .execute(
                    "INSERT INTO canary (number, run, target, address, meant) VALUES (?1, ?2, ?3, ?4, ?5)",
                    params![number, run.0, target, address, now],
                )
                .doing(DOING)?;
            Ok(LeftCanary {
                number,
                target: target.to_owned(),
                address,
                destination: None,
                meant: now.to_owned(),
            })
        })
    }

    /// The test record is there under this id.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub fn canary_is_there(&mut self, number: i64, id: i64) -> Result<(), LedgerError> {
        self.commit(DOING, |transaction, _, _| {
            transaction
                .execute(
                    "UPDATE canary SET destination = ?2 WHERE number = ?1",
                    params![number, id],
                )
                .map(|_| ())
                .doing(DOING)
        })
    }

    /// The test record is not there, or not any more.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub fn canary_is_gone(&mut self, number: i64) -> Result<(), LedgerError> {
        self.commit(DOING, |transaction, _, now| {
            transaction
                .execute(
                    "UPDATE canary SET gone = ?2 WHERE number = ?1",
                    params![number, now],
                )
                .map(|_| ())
                .doing(DOING)
        })
    }

    /// Every test record, of any run, that may still be at the destination.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn canaries_left(&self) -> Result<Vec<LeftCanary>, LedgerError> {
        const DOING: &str = "reading what test records are left";
        if !has_table(&self.connection, "canary")? {
            return Ok(Vec::new());
        }
        let mut statement = self
            .connection
            .prepare(
                "SELECT number, target, address, destination, meant FROM canary
                 WHERE gone IS NULL ORDER BY number",
            )
            .doing(DOING)?;
        statement
            .query_map([], |row| {
                Ok(LeftCanary {
                    number: row.get(0)?,
                    target: row.get(1)?,
                    address: row.get(2)?,
                    destination: row.get(3)?,
                    meant: row.get(4)?,
                })
            })
            .and_then(Iterator::collect)
            .doing(DOING)
    }

    /// Keeps what the test records of this call have shown, and why the load goes on all the same.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub fn judge_quiet(
        &mut self,
        run: RunId,
        targets: &[String],
        seen: &[String],
        accepted: Option<&str>,
    ) -> Result<(), LedgerError> {
        const DOING: &str = "writing down what a test record has shown";
        let json = |texts: &[String]| serde_json::to_string(texts).doing(DOING);
        let (targets, seen) = (json(targets)?, json(seen)?);
        self.commit(DOING, |transaction, _, now| {
            transaction.execute_batch(TABLES).doing(DOING)?;
            transaction
                .execute(
                    "INSERT INTO quiet (run, judged, targets, seen, accepted) VALUES (?1, ?2, ?3, ?4, ?5)",
                    params![run.0, now, targets, seen, accepted],
                )
                .map(|_| ())
                .doing(DOING)
        })
    }

    /// What test records have shown before each call that worked on a run, the first one first; empty where none was
    /// asked for.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn quiet(&self, run: RunId) -> Result<Vec<Quiet>, LedgerError> {
        const DOING: &str = "reading what test records have shown";
        if !has_table(&self.connection, "canary")? {
            return Ok(Vec::new());
        }
        let mut statement = self
            .connection
            .prepare(
                "SELECT judged, targets, seen, accepted FROM quiet WHERE run = ?1 ORDER BY number",
            )
            .doing(DOING)?;
        let mut rows = statement.query([run.0]).doing(DOING)?;
        let mut all = Vec::new();
        while let Some(row) = rows.next().doing(DOING)? {
            let texts = |place| {
                let json: String = row.get(place).doing(DOING)?;
                serde_json::from_str::<Vec<String>>(&json).doing(DOING)
            };
            all.push(Quiet {
                judged: row.get(0).doing(DOING)?,
                targets: texts(1)?,
                seen: texts(2)?,
                accepted: row.get(3).doing(DOING)?,
            });
        }
        Ok(all)
    }
}

pub(super) fn has_table(connection: &Connection, name: &str) -> Result<bool, LedgerError> {
    connection
        .query_row(
            "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = ?1)",
            [name],
            |row| row.get(0),
        )
        .doing("looking at the tables of the ledger")
}
