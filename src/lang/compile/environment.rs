//! What a compilation is given and what it gives back.

use crate::lang::diagnostic::Diagnostic;
use crate::model::{Schema, SourceEntity};
use crate::plan::{Plan, SourceFields};
use crate::text::{Source, Span};

/// The files beside a rule file.
pub trait Files {
    /// The bytes of the file called `name`; names are relative to the rule file and stay inside its folder.
    ///
    /// # Errors
    /// With words for a person: what was looked for and why it could not be read.
    fn read(&self, name: &str) -> Result<Vec<u8>, String>;
}

/// The two systems, as far as the rules can see them.
#[derive(Clone, Copy, Debug)]
pub struct Environment<'a> {
    /// Where ids, fields and parents stand in the source's records.
    pub layout: &'a [SourceEntity],
    /// The destination's snapshot; not needed where the rules name a `.schema` file.
    pub schema: Option<&'a Schema>,
}

/// What a compilation found.
#[derive(Debug)]
pub struct Compiled {
    /// There unless a diagnostic is an error.
    pub plan: Option<Plan>,
    /// There where all errors are of a kind that the records can be counted for, such as gaps of a table: holds
    /// what the rules leave open. Only for counting; nothing is loaded by it.
    pub rehearsal: Option<Plan>,
    /// In file order.
    pub diagnostics: Vec<Diagnostic>,
    pub examples: Vec<CheckedExample>,
    /// In file order; only of a file that compiles.
    pub promises: Vec<CheckedPromise>,
    /// Rows, words and policies of a file that compiles, in file order.
    pub points: Vec<CheckedPoint>,
    /// What is declared of each kind of record.
    pub fields: Vec<SourceFields>,
    /// Every text that was read: the rule file first, then `.fields` and `.schema`.
    pub sources: Vec<Source>,
}

/// One `promise` and what the rules alone say of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedPromise {
    /// Line of the rule file, 1-based.
    pub rule_line: u32,
    /// As it is written, without the word `promise`.
    pub text: String,
    pub span: Span,
    pub verdict: Verdict,
}

/// Whether a promise holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It follows from the rules, whatever the records hold.
    Proven,
    /// It follows if fields that are declared unique are: the keys of the records show it.
    ByKeys,
    NotShown {
        /// Which step is missing.
        why: String,
        /// A made-up record that breaks it.
        record: Option<String>,
    },
}

/// One `example` and whether the plan does what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedExample {
    pub title: String,
    pub span: Span,
    pub passed: bool,
}

/// Something of the rules that an example or a record can reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedPoint {
    /// Its number among the plan's points.
    pub number: usize,
    pub kind: PointKind,
    /// The item that it is part of: `decide person`, `values lead_status`.
    pub item: String,
    /// The item's opening line.
    pub head: Span,
    /// As the rule file writes it.
    pub text: String,
    pub span: Span,
    /// Line of the rule file, 1-based.
    pub rule_line: u32,
    /// How many examples of the file reach it.
    pub examples: u64,
}

/// What a point is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PointKind {
    /// A row of a table, or its `otherwise`.
    Row,
    /// A line of a fact.
    FactLine,
    /// A source word of a value map.
    Word,
    /// `else`, `none`, `many` of a field line.
    Policy,
    /// `exclude when`.
    ExcludeWhen,
    /// `merge`: only the records of a capture show it.
    Merge,
    /// `limit`: only the records of a capture show it.
    Limit,
}

impl PointKind {
    /// Whether a single made-up record can reach it.
    #[must_use]
    pub fn is_for_examples(self) -> bool {
        match self {
            PointKind::Row
            | PointKind::FactLine
            | PointKind::Word
            | PointKind::Policy
            | PointKind::ExcludeWhen => true,
            PointKind::Merge | PointKind::Limit => false,
        }
    }
}
