//! What a rollback tells. Names records and fields, never values.

use serde::Serialize;

use crate::model::SourceId;
use crate::port::DestinationId;

/// What was taken back, or would be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Taken {
    /// Ended because it was asked to; the same command goes on.
    pub stopped: bool,
    pub rows: Vec<TakenRow>,
    /// What is left as it is, and why.
    pub kept: Vec<Kept>,
    /// What no rollback can take back.
    pub stays: Vec<String>,
    /// Requests sent.
    pub calls: u64,
}

/// One kind of record.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TakenRow {
    pub target: String,
    /// Made by the run, and deleted.
    pub removed: u64,
    /// Changed by the run, and changed back.
    pub restored: u64,
    /// Gone, or as before, without our doing.
    pub already: u64,
    /// Records of which something is kept.
    pub kept: u64,
}

/// A record that is not taken back, or not all of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Kept {
    pub target: String,
    pub source: Option<SourceId>,
    pub id: Option<DestinationId>,
    /// The fields that are kept; empty: the record.
    pub fields: Vec<String>,
    pub why: String,
}

impl Taken {
    pub(super) fn row(&mut self, target: &str) -> &mut TakenRow {
        let found = self.rows.iter().position(|row| row.target == target);
        let place = found.unwrap_or_else(|| {
            self.rows.push(TakenRow {
                target: target.to_owned(),
                ..TakenRow::default()
            });
            self.rows.len() - 1
        });
        self.rows
            .get_mut(place)
            .expect("the row was found or has just been added")
    }

    pub(super) fn keep(&mut self, kept: Kept) {
        self.row(&kept.target).kept += 1;
        self.kept.push(kept);
    }
}
