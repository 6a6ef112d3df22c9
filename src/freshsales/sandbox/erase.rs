//! Takes one person's records out of a kept store for good: no account has such a call, and a rehearsal must not be the
//! place where somebody who asked to be forgotten is still to be read.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::{Connection, params};

use super::entity::Entity;

/// Kinds that hang on a record and speak of it.
const BELOW: [Entity; 6] = [
    Entity::Note,
    Entity::Task,
    Entity::Appointment,
    Entity::SalesActivity,
    Entity::PhoneCall,
    Entity::Document,
];

/// How many records of each kind are the person's, by kind; erases nothing.
///
/// # Errors
/// When the store cannot be read.
pub fn look_at_erasing(
    store: &Path,
    ids: &[i64],
    addresses: &[String],
) -> rusqlite::Result<BTreeMap<String, u64>> {
    let mut connection = open(store)?;
    let transaction = connection.transaction()?;
    find(&transaction, ids, addresses)?;
    count(&transaction)
}

/// Erases the records with these ids, whoever has one of these addresses (in small letters), and all that hangs on
/// them; writes the file anew, so that no byte is left in it. Answers how many by kind. The same call goes on after a
/// break.
///
/// # Errors
/// When the store cannot be written, e.g. while a sandbox serves it.
pub fn erase(
    store: &Path,
    ids: &[i64],
    addresses: &[String],
) -> rusqlite::Result<BTreeMap<String, u64>> {
    let mut connection = open(store)?;
    let transaction = connection.transaction()?;
    find(&transaction, ids, addresses)?;
    let counts = count(&transaction)?;
    transaction.execute_batch(
        "DELETE FROM past WHERE id IN (SELECT id FROM temp.gone);
         DELETE FROM record WHERE id IN (SELECT id FROM temp.gone);
         DELETE FROM key WHERE id IN (SELECT id FROM temp.gone);
         DELETE FROM member WHERE contact IN (SELECT id FROM temp.gone);
         DELETE FROM temp.gone;",
    )?;
    transaction.commit()?;
    connection.execute_batch("VACUUM; PRAGMA wal_checkpoint(TRUNCATE);")?;
    Ok(counts)
}

fn open(store: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(store)?;
    connection.execute_batch(
        "PRAGMA temp_store = MEMORY; PRAGMA secure_delete = ON;
         CREATE TEMP TABLE gone (id INTEGER PRIMARY KEY);",
    )?;
    Ok(connection)
}

fn find(connection: &Connection, ids: &[i64], addresses: &[String]) -> rusqlite::Result<()> {
    let people = [Entity::Contact.name(), Entity::Lead.name()];
    for id in ids {
        connection.execute("INSERT OR IGNORE INTO temp.gone VALUES (?1)", [id])?;
    }
    for address in addresses {
        connection.execute(
            "INSERT OR IGNORE INTO temp.gone SELECT r.id FROM key k JOIN record r ON r.id = k.id
             WHERE k.entity IN (?1, ?2) AND k.name IN ('email', 'primary_email')
               AND lower(k.value) = ?3",
            params![people[0], people[1], address],
        )?;
        // A job keeps the rows that wait in it, and what it says of them.
        connection.execute(
            "INSERT OR IGNORE INTO temp.gone SELECT id FROM record
             WHERE entity = ?1 AND instr(lower(body), ?2) > 0",
            params![Entity::Job.name(), address],
        )?;
    }
    for kind in BELOW {
        connection.execute(
            "INSERT OR IGNORE INTO temp.gone SELECT r.id FROM record r WHERE r.entity = ?1
             AND (r.body ->> 'targetable_id' IN (SELECT id FROM temp.gone)
               OR EXISTS (SELECT 1 FROM json_each(r.body, '$.targetables') t
                 WHERE t.value ->> 'id' IN (SELECT id FROM temp.gone)))",
            [kind.name()],
        )?;
    }
    Ok(())
}

fn count(connection: &Connection) -> rusqlite::Result<BTreeMap<String, u64>> {
    let mut statement = connection.prepare(
        "SELECT r.entity, count(*) FROM record r JOIN temp.gone g ON g.id = r.id GROUP BY 1",
    )?;
    let rows = statement.query_map([], |row| {
        Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs()))
    })?;
    rows.collect()
}
