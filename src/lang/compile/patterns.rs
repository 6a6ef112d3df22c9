//! What a text value can look like: a few words, or anything between a beginning and an end.

use crate::plan::{Constant, Expression};

use super::checker::quoted;

/// The texts that an expression can give, as far as its constants tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Pattern {
    Exactly(String),
    Around { prefix: String, suffix: String },
}

impl Pattern {
    pub(super) fn of(value: &Expression) -> Self {
        match value {
            Expression::Constant(Constant::Text(text)) => Self::Exactly(text.clone()),
            Expression::Concat(parts) => {
                let text = |it: &Expression| match it {
                    Expression::Constant(Constant::Text(text)) => Some(text.clone()),
                    Expression::Constant(_)
                    | Expression::Slot(_)
                    | Expression::Fact(_)
                    | Expression::Call { .. }
                    | Expression::Concat(_)
                    | Expression::FirstFilled(_)
                    | Expression::Via { .. }
                    | Expression::If { .. }
                    | Expression::Test(_)
                    | Expression::User(_) => None,
                };
                let prefix: String = parts.iter().map_while(text).collect();
                let mut ends: Vec<String> = parts.iter().rev().map_while(text).collect();
                if ends.len() == parts.len() {
                    return Self::Exactly(prefix);
                }
                ends.reverse();
                Self::Around {
                    prefix,
                    suffix: ends.concat(),
                }
            }
            Expression::Constant(_)
            | Expression::Slot(_)
            | Expression::Fact(_)
            | Expression::Call { .. }
            | Expression::FirstFilled(_)
            | Expression::Via { .. }
            | Expression::If { .. }
            | Expression::Test(_)
            | Expression::User(_) => Self::Around {
                prefix: String::new(),
                suffix: String::new(),
            },
        }
    }

    /// Whether some value of the one can equal some value of the other.
    pub(super) fn can_meet(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Exactly(left), right) => right.can_be(left),
            (left, Self::Exactly(right)) => left.can_be(right),
            (
                Self::Around { prefix, suffix },
                Self::Around {
                    prefix: other_prefix,
                    suffix: other_suffix,
                },
            ) => {
                let starts = prefix.starts_with(other_prefix) || other_prefix.starts_with(prefix);
                let ends = suffix.ends_with(other_suffix) || other_suffix.ends_with(suffix);
                starts && ends
            }
        }
    }

    /// Whether some value can be this text.
    pub(super) fn can_be(&self, text: &str) -> bool {
        match self {
            Self::Exactly(it) => it == text,
            // A blank between gives no text at all.
            Self::Around { prefix, suffix } => {
                text.len() > prefix.len() + suffix.len()
                    && text.starts_with(prefix)
                    && text.ends_with(suffix)
            }
        }
    }

    /// As a rule would write it.
    pub(super) fn words(&self) -> String {
        match self {
            Self::Exactly(text) => format!("`{}`", quoted(text)),
            Self::Around { prefix, suffix } => {
                let ends = [(prefix, "{} + …"), (suffix, "… + {}")];
                let told = ends.iter().filter(|(text, _)| !text.is_empty());
                let told: Vec<String> = told
                    .map(|(text, form)| form.replace("{}", &quoted(text)))
                    .collect();
                match told.as_slice() {
                    [] => "any text".to_owned(),
                    [one] => format!("`{one}`"),
                    [first, .., _] => format!("`{first} + {}`", quoted(suffix)),
                }
            }
        }
    }

    /// The same in small letters.
    pub(super) fn lower(&self) -> Self {
        match self {
            Self::Exactly(text) => Self::Exactly(text.trim().to_lowercase()),
            Self::Around { prefix, suffix } => Self::Around {
                prefix: prefix.trim_start().to_lowercase(),
                suffix: suffix.trim_end().to_lowercase(),
            },
        }
    }
}
