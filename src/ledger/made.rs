//! What was made at the destination beside records: custom fields, lists, modules.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::error::{Doing, LedgerError};
use super::open::Ledger;
use super::operation::OperationKind;

/// A field, list or module of ours, as its intent says it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Made {
    /// The name in the rules, `cf_plan`.
    pub name: String,
    /// What people see, and what it is found by.
    pub label: String,
    /// It was taken away again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub removed: bool,
}

impl Made {
    /// The content of its intent.
    #[must_use]
    pub fn content(&self) -> String {
        // Three plain values have no key that is no text.
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl Ledger {
    /// Everything that was made and not taken away since, with its target, in the order of targets.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn made(&self) -> Result<Vec<(String, Made)>, LedgerError> {
        const DOING: &str = "reading what was made";
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT word.text, operation.content FROM operation
                 JOIN word ON word.id = operation.target
                 WHERE operation.kind = ?1 AND operation.state IN (4, 5) ORDER BY operation.number",
            )
            .doing(DOING)?;
        let mut rows = statement
            .query([OperationKind::Prepare.code()])
            .doing(DOING)?;
        let mut known: BTreeMap<(String, String), Made> = BTreeMap::new();
        while let Some(row) = rows.next().doing(DOING)? {
            let target: String = row.get(0).doing(DOING)?;
            let content: String = row.get(1).doing(DOING)?;
            let made: Made = serde_json::from_str(&content).doing(DOING)?;
            known.insert((target, made.label.clone()), made);
        }
        let there = known.into_iter().filter(|(_, made)| !made.removed);
        Ok(there.map(|((target, _), made)| (target, made)).collect())
    }
}
