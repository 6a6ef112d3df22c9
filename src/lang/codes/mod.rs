//! The codes: stable, grouped by family, never reused; each has a title, a page and two examples.

pub mod budgets;
pub mod capture;
pub mod coverage;
pub mod data;
pub mod decisions;
pub mod keys;
pub mod losses;
pub mod names;
pub mod promises;
pub mod syntax;
pub mod types;

use std::fmt;

use serde::{Serialize, Serializer};

/// A code such as `S101`; two codes are equal if their letters are.
#[derive(Clone, Copy)]
pub struct Code(pub &'static Entry);

/// What is known about a code.
#[derive(Debug)]
pub struct Entry {
    pub code: &'static str,
    /// A few words, lower case.
    pub title: &'static str,
    /// One paragraph for a specialist.
    pub explanation: &'static str,
    /// The file `grammar/examples/CODE.bad`.
    pub bad: &'static str,
    /// The file `grammar/examples/CODE.good`.
    pub good: &'static str,
}

/// One table a family; a new family is a file and a line here.
pub const CODES: &[&[Code]] = &[
    syntax::CODES,
    names::CODES,
    types::CODES,
    decisions::CODES,
    keys::CODES,
    losses::CODES,
    budgets::CODES,
    coverage::CODES,
    promises::CODES,
    capture::CODES,
    data::CODES,
];

/// Writes the codes of a family: `CODE, "title", "explanation";` and needs the two example files of each.
macro_rules! family {
    ($($code:ident, $title:literal, $explanation:literal;)+) => {
        $(pub const $code: $crate::lang::codes::Code = $crate::lang::codes::Code(
            &$crate::lang::codes::Entry {
                code: stringify!($code),
                title: $title,
                explanation: $explanation,
                bad: include_str!(concat!(
                    env!("CARGO_MANIFEST_DIR"), "/grammar/examples/", stringify!($code), ".bad"
                )),
                good: include_str!(concat!(
                    env!("CARGO_MANIFEST_DIR"), "/grammar/examples/", stringify!($code), ".good"
                )),
            },
        );)+
        pub const CODES: &[$crate::lang::codes::Code] = &[$($code),+];
    };
}
pub(crate) use family;

impl Code {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.0.code
    }

    /// What kind of thing the code's letter stands for (language.md section 6).
    #[must_use]
    pub fn family(self) -> &'static str {
        match self.0.code.chars().next() {
            Some('S') => "syntax",
            Some('N') => "names",
            Some('T') => "types",
            Some('D') => "decisions",
            Some('K') => "keys and look-ups",
            Some('L') => "loss",
            Some('B') => "budgets",
            Some('C') => "coverage",
            Some('P') => "promises",
            Some('W') => "data",
            Some(_) | None => "unknown",
        }
    }
}

impl PartialEq for Code {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Code {}

impl PartialOrd for Code {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Code {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

impl fmt::Display for Code {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// The code written so, in any case of letters.
#[must_use]
pub fn code(word: &str) -> Option<Code> {
    CODES
        .iter()
        .flat_map(|family| family.iter())
        .copied()
        .find(|it| it.as_str().eq_ignore_ascii_case(word))
}

/// Every code with its title, by family.
pub fn codes() -> impl Iterator<Item = (&'static str, &'static str)> {
    CODES
        .iter()
        .flat_map(|family| family.iter())
        .map(|code| (code.0.code, code.0.title))
}

/// The page of a code, as `mapwright explain` prints it.
#[must_use]
pub fn explain(word: &str) -> Option<String> {
    let found = code(word)?;
    let Entry {
        code,
        title,
        explanation,
        bad,
        good,
    } = found.0;
    Some(format!(
        "{code}: {title} (family: {family})\n\n{explanation}\n\nrefused:\n\n{}\naccepted:\n\n{}",
        indent(bad),
        indent(good),
        family = found.family(),
    ))
}

fn indent(text: &str) -> String {
    text.lines()
        .map(|line| format!("    {line}").trim_end().to_owned() + "\n")
        .collect()
}
