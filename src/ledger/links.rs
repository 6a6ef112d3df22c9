//! Which links of a record some run of ours made, from the operations alone.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::params;
use serde::Deserialize;

use crate::model::SourceId;

use super::error::{Doing, LedgerError};
use super::open::Ledger;
use super::stage::entity_code;

const DOING: &str = "reading which links were made";

/// Built when a link is first found dropped: other loads do not need it.
const INDEX: &str = "CREATE INDEX IF NOT EXISTS operation_source ON operation (source, entity)
    WHERE source IS NOT NULL";

/// What an operation sent, and what stood there before.
#[derive(Deserialize)]
struct Sent {
    #[serde(default)]
    links: BTreeMap<String, Option<Vec<i64>>>,
}

impl Ledger {
    /// Ids in the link field that some run made and that has not been taken back: they were sent, and had not been
    /// there before.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn links_made(&self, source: &SourceId, field: &str) -> Result<BTreeSet<i64>, LedgerError> {
        self.connection.execute_batch(INDEX).doing(DOING)?;
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT o.content, o.before FROM operation o JOIN run r ON r.id = o.run
                 WHERE o.source = ?1 AND o.entity = ?2 AND o.kind IN (0, 1)
                   AND o.state IN (4, 5, 6) AND r.state <> 'rolled back' ORDER BY o.number",
            )
            .doing(DOING)?;
        let mut rows = statement
            .query(params![source.id, entity_code(source.entity)])
            .doing(DOING)?;
        let mut made = BTreeSet::new();
        while let Some(row) = rows.next().doing(DOING)? {
            let sent = ids_of(&row.get::<_, String>(0).doing(DOING)?, field)?;
            let before = match row.get::<_, Option<String>>(1).doing(DOING)? {
                Some(before) => ids_of(&before, field)?,
                None => Vec::new(),
            };
            made.extend(sent.into_iter().filter(|id| !before.contains(id)));
        }
        Ok(made)
    }
}

fn ids_of(content: &str, field: &str) -> Result<Vec<i64>, LedgerError> {
    let mut sent: Sent = serde_json::from_str(content).doing(DOING)?;
    Ok(sent.links.remove(field).flatten().unwrap_or_default())
}
