//! One thing that is not as it was approved, in words for a person.

use std::fmt;

use super::{RuleLine, WildField};

/// What changed since the approval.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The approved words, and the line as it is now.
    LineChanged {
        then: String,
        now: RuleLine,
    },
    LineNew(RuleLine),
    /// As it stands in the approved file.
    LineGone(RuleLine),
    /// Only comments, blanks or the order of a file's lines.
    Layout {
        file: String,
    },
    List {
        name: String,
        file: String,
        then: u64,
        now: u64,
    },
    Fields {
        file: String,
    },
    FileNew {
        file: String,
    },
    Capture {
        then: String,
        now: String,
    },
    SourceField(WildField),
    OtherDestination {
        then: String,
        now: String,
    },
    /// Fields, choices or needs of one kind of record, or the users.
    Destination {
        part: String,
    },
    /// The same files make another plan: another version of this program.
    Plan {
        then: String,
        now: String,
    },
    More {
        what: String,
        then: u64,
        now: u64,
    },
    Split {
        row: String,
        target: String,
        then: u64,
        now: u64,
    },
}

impl fmt::Display for Change {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Change::LineChanged { then, now } => {
                let RuleLine { line, text, of } = now;
                let place = within(of);
                write!(
                    formatter,
                    "rules, line {line}{place}: {text}; approved was: {then}"
                )
            }
            Change::LineNew(RuleLine { line, text, of }) => {
                write!(formatter, "rules, line {line}{}: new: {text}", within(of))
            }
            Change::LineGone(RuleLine { line, text, of }) => write!(
                formatter,
                "rules{}: gone: {text} (line {line} of the approved file)",
                within(of)
            ),
            Change::Layout { file } => write!(
                formatter,
                "{file}: only comments, blanks or the order of its lines changed"
            ),
            Change::List {
                name,
                file,
                then,
                now,
            } => write_list(formatter, (name, file), *then, *now),
            Change::Fields { file } => write!(formatter, "{file}: changed"),
            Change::FileNew { file } => write!(formatter, "{file}: was no part of the rules"),
            Change::Capture { then, now } => {
                write!(
                    formatter,
                    "the capture is another one: {now}; approved was {then}"
                )
            }
            Change::SourceField(WildField { of, path, under }) => write!(
                formatter,
                "a new source field `{path}` of {of} fell under `{under}`"
            ),
            Change::OtherDestination { then, now } => write!(
                formatter,
                "the destination is another one: {now}; approved was {then}"
            ),
            Change::Destination { part } => write!(formatter, "the destination changed: {part}"),
            Change::Plan { then, now } => write!(
                formatter,
                "the same files make another plan; approved with {then}, this is {now}"
            ),
            Change::More { what, then, now } => {
                write!(formatter, "{what} rose from {then} to {now}")
            }
            Change::Split {
                row,
                target,
                then,
                now,
            } => write!(formatter, "{row} to {target}: {now}; approved were {then}"),
        }
    }
}

fn within(block: &str) -> String {
    if block.is_empty() {
        return String::new();
    }
    format!(" ({block})")
}

fn write_list(
    formatter: &mut fmt::Formatter<'_>,
    (name, file): (&str, &str),
    then: u64,
    now: u64,
) -> fmt::Result {
    let entries = |count| if count == 1 { "entry" } else { "entries" };
    let step = now.abs_diff(then);
    let what = match now.cmp(&then) {
        std::cmp::Ordering::Greater => format!("gained {step} {}", entries(step)),
        std::cmp::Ordering::Less => format!("lost {step} {}", entries(step)),
        std::cmp::Ordering::Equal => format!("has other entries, {now} as before"),
    };
    write!(formatter, "list `{name}` ({file}) {what}")
}
