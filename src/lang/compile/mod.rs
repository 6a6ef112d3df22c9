//! From the tree of a rule file to a plan: names, types, tables proven, examples run.
//!
//! Every problem of the file is found in one walk and told in file order; a name that did not resolve has an unknown
//! type that silences everything built on it, so that one cause gives one message.

mod accounting;
mod budgets;
mod calls;
mod cells;
mod checker;
mod circles;
mod conditions;
mod coverage;
mod custom_fields;
mod demands;
mod destination;
mod documents;
mod each;
mod entities;
mod environment;
mod examples;
mod facts;
mod fit;
mod follow_ups;
mod further;
mod gathered;
mod given;
mod header;
mod items;
mod keys;
mod kinds;
mod lists;
mod lookups;
mod losses;
mod map_lines;
mod maps;
mod merge;
mod misplaced;
mod patterns;
mod policies;
mod promises;
mod proof;
mod record;
mod shape;
mod signs;
mod source_fields;
mod suggest;
mod tables;
mod value_maps;
mod values;
mod whole_file;
mod words;

pub(super) use destination::schema_of;
pub use environment::{
    CheckedExample, CheckedPoint, CheckedPromise, Compiled, Environment, Files, PointKind, Verdict,
};

pub use source_fields::declared_types;
pub use suggest::{Privately, Suggestion, Taken, example_from, suggest};

use crate::text::Source;

/// Checks a rule file and compiles it; `plan` is there where no error was found.
#[must_use]
pub fn compile(source: &Source, files: &dyn Files, environment: &Environment<'_>) -> Compiled {
    items::compile(source, files, environment)
}
