//! What stands in a ledger when it is opened: tables, format, and pages that fit together.

use std::path::Path;

use rusqlite::Connection;

use super::error::{Doing, LedgerError};
use super::tables::{
    ADDED, APPLICATION, FORMAT, PROGRESS, RUN, TABLES, UPGRADE_FROM_1, upgrade_from_2,
};

/// Above this size a ledger is checked by its header only: reading it all would take minutes.
const CHECK_WHOLE_BYTES: u64 = 64 * 1024 * 1024;

/// Makes the tables of an empty file; brings an older format forward, and proves the wholeness of what is there.
/// `bytes` is the length of the file; 0 stands for one that is to be proven whole whatever its length.
///
/// # Errors
/// When it is damaged, something else, or of a format that this version does not know.
pub(super) fn prove_content(
    connection: &Connection,
    path: &Path,
    bytes: u64,
) -> Result<(), LedgerError> {
    let damaged = |error: rusqlite::Error| damage(path, error);
    let number = |pragma: &str| {
        connection
            .query_row(pragma, [], |row| row.get::<_, i64>(0))
            .map_err(damaged)
    };
    if number("SELECT count(*) FROM sqlite_schema")? == 0 {
        return connection
            .execute_batch(&format!(
                "BEGIN; PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {FORMAT}; {RUN} {TABLES} {ADDED} {PROGRESS} COMMIT;"
            ))
            .doing("making the ledger");
    }
    if number("PRAGMA application_id")? != APPLICATION {
        return Err(LedgerError::Damaged {
            path: path.to_owned(),
            found: "an SQLite file of something else".to_owned(),
        });
    }
    bring_forward(connection, path)?;
    if bytes <= CHECK_WHOLE_BYTES {
        let verdict: String = connection
            .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
            .map_err(damaged)?;
        if verdict != "ok" {
            return Err(LedgerError::Damaged {
                path: path.to_owned(),
                found: "pages that do not fit together".to_owned(),
            });
        }
    }
    Ok(())
}

/// Brings an older format to this one, a step at a time.
fn bring_forward(connection: &Connection, path: &Path) -> Result<(), LedgerError> {
    let damaged = |error: rusqlite::Error| damage(path, error);
    let found: i64 = connection
        .query_row("PRAGMA user_version", [], |row| row.get(0))
        .map_err(damaged)?;
    // A reader has no use for what format 4 brought, and may not bring it.
    if found == 3 && connection.is_readonly("main").map_err(damaged)? {
        return Ok(());
    }
    if !(1..=FORMAT).contains(&found) {
        return Err(LedgerError::OtherFormat {
            path: path.to_owned(),
            known: FORMAT,
            found,
        });
    }
    let from_2 = upgrade_from_2();
    let steps = [(1, UPGRADE_FROM_1), (2, &from_2), (3, PROGRESS)];
    for (from, step) in steps.into_iter().filter(|(from, _)| *from >= found) {
        let into = from + 1;
        connection
            .execute_batch(&format!(
                "BEGIN; {step} PRAGMA user_version = {into}; COMMIT;"
            ))
            .doing("bringing the ledger to a newer format")?;
    }
    Ok(())
}

/// What an error of `SQLite` while opening says of the file.
pub(super) fn damage(path: &Path, error: rusqlite::Error) -> LedgerError {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::DatabaseCorrupt | rusqlite::ErrorCode::NotADatabase) => {
            LedgerError::Damaged {
                path: path.to_owned(),
                found: "pages that SQLite cannot read".to_owned(),
            }
        }
        Some(_) | None => LedgerError::Store {
            doing: "opening the ledger",
            source: error,
        },
    }
}
