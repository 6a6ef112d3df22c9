//! What one evaluation met: each fact, each table cell by cell, each line with its steps.
//!
//! Holds values of the record: it is for the person who asked about this record, never for a log.

/// A record's way through its plan.
#[derive(Clone, Debug)]
pub struct Trace {
    pub facts: Vec<FactTrace>,
    pub exclude: Option<TableTrace>,
    pub decide: Option<TableTrace>,
    /// The target that the tables gave, where they gave one.
    pub target: Option<String>,
    /// `exclude when` of the map, in order.
    pub leaves_out: Vec<WhenTrace>,
    /// Lines of the map to the target, in order, the key first.
    pub lines: Vec<LineTrace>,
    pub links: Vec<LinkTrace>,
}

/// One fact; all of an entity are traced, in order of the plan.
#[derive(Clone, Debug)]
pub struct FactTrace {
    pub name: String,
    /// The word, or why there is none.
    pub word: Result<String, String>,
    /// Index of the line that gave it; `None` for `otherwise`.
    pub line: Option<usize>,
    /// How many lines were tried, the one that held included.
    pub tried: usize,
    /// The tests that were made, with the values they looked at.
    pub steps: Vec<Step>,
}

/// One table.
#[derive(Clone, Debug)]
pub struct TableTrace {
    pub columns: Vec<ColumnTrace>,
    pub rows: Vec<RowTrace>,
    /// Index of the row that fits; `None` for `otherwise`.
    pub chosen: Option<usize>,
    pub otherwise: String,
}

#[derive(Clone, Debug)]
pub struct ColumnTrace {
    pub name: String,
    pub found: Shown,
}

#[derive(Clone, Debug)]
pub struct RowTrace {
    pub rule_line: u32,
    /// What the row makes of its record.
    pub result: String,
    /// The target of the row, where it gives one.
    pub target: Option<String>,
    /// One a column.
    pub cells: Vec<CellTrace>,
}

#[derive(Clone, Debug)]
pub struct CellTrace {
    pub words: String,
    pub fits: bool,
}

/// `exclude when CONDITION because "…"`.
#[derive(Clone, Debug)]
pub struct WhenTrace {
    pub condition: String,
    pub because: String,
    /// Whether it holds, or why nobody can tell.
    pub holds: Result<bool, String>,
    pub steps: Vec<Step>,
}

/// One field line.
#[derive(Clone, Debug)]
pub struct LineTrace {
    pub rule_line: u32,
    pub field: String,
    /// From the source value to the last conversion.
    pub steps: Vec<Step>,
    pub result: LineResult,
    /// What policies answered.
    pub reports: Vec<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum LineResult {
    /// As the draft holds it.
    Value(Shown),
    Hold(String),
    Stop(String),
}

/// One look-up along a relationship.
#[derive(Clone, Debug)]
pub struct LinkTrace {
    pub rule_line: u32,
    pub field: String,
    /// The related records of the line's type, and whether each will be there.
    pub met: Vec<(String, bool)>,
    /// The ends that are linked, or what became of the record.
    pub result: Result<Vec<String>, String>,
    pub reports: Vec<String>,
}

/// One value on the way, in the words of the rules.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    pub what: String,
    pub value: Shown,
}

/// A value, with what a mask needs to know.
#[derive(Clone, Debug, PartialEq)]
pub enum Shown {
    Blank,
    /// A word of the rules: nothing of the person's own.
    Word(String),
    /// Of the record.
    Private(String),
    Fault(String),
}
