//! The tables that a statement has, by name.

use crate::page::Sheet;

/// A table that may be asked for alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SheetName {
    Reconciliation,
    Routes,
    Reasons,
    Waiting,
    GivenUp,
    Differences,
    OptOuts,
    Calls,
    Delta,
    Gone,
    Runs,
    Automation,
    Stays,
}

impl SheetName {
    pub const ALL: [SheetName; 13] = [
        SheetName::Reconciliation,
        SheetName::Routes,
        SheetName::Reasons,
        SheetName::Waiting,
        SheetName::GivenUp,
        SheetName::Differences,
        SheetName::OptOuts,
        SheetName::Calls,
        SheetName::Delta,
        SheetName::Gone,
        SheetName::Runs,
        SheetName::Automation,
        SheetName::Stays,
    ];

    /// Of the file, and as a person asks for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            SheetName::Reconciliation => "reconciliation",
            SheetName::Routes => "decisions",
            SheetName::Reasons => "reasons",
            SheetName::Waiting => "held-and-rejected",
            SheetName::GivenUp => "given-up",
            SheetName::Differences => "differences",
            SheetName::OptOuts => "opt-outs",
            SheetName::Calls => "calls",
            SheetName::Delta => "delta",
            SheetName::Gone => "gone",
            SheetName::Runs => "runs",
            SheetName::Automation => "automation",
            SheetName::Stays => "cannot-be-undone",
        }
    }

    const fn title(self) -> &'static str {
        match self {
            SheetName::Reconciliation => "Reconciliation",
            SheetName::Routes => "Decisions",
            SheetName::Reasons => "Not written, by reason",
            SheetName::Waiting => "Held and rejected records",
            SheetName::GivenUp => "Given up on the way",
            SheetName::Differences => "Read back and compared",
            SheetName::OptOuts => "Opt-outs of people who are not written",
            SheetName::Calls => "Calls and hours",
            SheetName::Delta => "Since the run before",
            SheetName::Gone => "Gone from the source, left at the destination",
            SheetName::Runs => "Runs and approvals",
            SheetName::Automation => "Automation of the account, and what was accepted",
            SheetName::Stays => "What cannot be undone",
        }
    }

    /// Without rows.
    pub(super) fn sheet(
        self,
        note: &str,
        columns: &[&'static str],
        choices: &[&'static str],
    ) -> Sheet {
        Sheet {
            name: self.word(),
            title: self.title(),
            note: note.to_owned(),
            columns: columns.to_vec(),
            rows: Vec::new(),
            all: 0,
            choices: choices.to_vec(),
            records: Vec::new(),
        }
    }
}
