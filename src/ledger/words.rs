//! Texts that repeat in every row (row names, reasons, targets), kept once and told by number.

use std::collections::HashMap;

use rusqlite::Connection;

use super::error::{Doing, LedgerError};

/// All words of one ledger, in memory; there are as many as rules have reasons.
#[derive(Debug, Default)]
pub(super) struct Words {
    numbers: HashMap<String, i64>,
    texts: HashMap<i64, String>,
}

impl Words {
    pub(super) fn load(connection: &Connection) -> Result<Self, LedgerError> {
        const DOING: &str = "reading the words of the ledger";
        let mut words = Self::default();
        let mut statement = connection
            .prepare("SELECT id, text FROM word")
            .doing(DOING)?;
        let mut rows = statement.query([]).doing(DOING)?;
        while let Some(row) = rows.next().doing(DOING)? {
            words.learn(row.get(0).doing(DOING)?, row.get(1).doing(DOING)?);
        }
        Ok(words)
    }

    /// The number of `text`; a new text is written into the open transaction.
    pub(super) fn number(
        &mut self,
        connection: &Connection,
        text: &str,
    ) -> Result<i64, LedgerError> {
        if let Some(number) = self.numbers.get(text) {
            return Ok(*number);
        }
        connection
            .prepare_cached("INSERT INTO word (text) VALUES (?1)")
            .and_then(|mut statement| statement.execute([text]))
            .doing("writing a word of the ledger")?;
        let number = connection.last_insert_rowid();
        self.learn(number, text.to_owned());
        Ok(number)
    }

    /// The number of `text` if the ledger has met it.
    pub(super) fn known(&self, text: &str) -> Option<i64> {
        self.numbers.get(text).copied()
    }

    pub(super) fn text(&self, number: i64) -> Result<&str, LedgerError> {
        self.texts
            .get(&number)
            .map(String::as_str)
            .ok_or_else(|| LedgerError::Unreadable {
                doing: "reading a word of the ledger",
                found: format!("no word {number}"),
            })
    }

    fn learn(&mut self, number: i64, text: String) {
        self.numbers.insert(text.clone(), number);
        self.texts.insert(number, text);
    }
}
