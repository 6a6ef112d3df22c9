//! The language room: rule text in, a tree and diagnostics out, then a plan.

pub mod assist;
pub mod ast;
mod changes;
pub mod codes;
mod compile;
pub mod diagnostic;
mod format;
mod lists;
mod nearest;
mod parse;
mod render;
mod unconfirmed;

pub use changes::{Changes, changes};
pub use codes::{codes, explain};
pub use compile::{
    CheckedExample, CheckedPoint, CheckedPromise, Compiled, Environment, Files, PointKind,
    Privately, Suggestion, Taken, Verdict, compile, declared_types, example_from, suggest,
};
pub use diagnostic::{Counted, Diagnostic, Fix, Severity};
pub use format::format;
pub use lists::{check_words, read_list};
pub use nearest::nearest;
pub use parse::{decode, parse_fields, parse_rules, parse_schema};
pub use render::{Look, to_json, to_text};
pub use unconfirmed::{Waiting, confirm, unconfirmed};
