//! What a value is, as far as the checker knows, and whether it can fail or be blank.

use std::fmt;

use crate::model::Type;
use crate::plan::{self, Constant, Expression};
use crate::text::Span;

/// The kind of a value on its way to a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name did not resolve; nothing more is said about it.
    Unknown,
    /// The word `blank`.
    Blank,
    Text,
    /// Text that is one of these words; `open`: the data may hold another one.
    Words {
        words: Vec<String>,
        open: bool,
    },
    Integer,
    Decimal,
    Boolean,
    Time,
    Date,
    List,
    Object,
    Json,
    User,
}

impl Kind {
    pub(super) fn of(r#type: &Type) -> Self {
        match r#type {
            Type::Text => Kind::Text,
            Type::Integer => Kind::Integer,
            Type::Decimal => Kind::Decimal,
            Type::Boolean => Kind::Boolean,
            Type::Timestamp(_) => Kind::Time,
            Type::Date => Kind::Date,
            Type::OneOf(words) => Kind::Words {
                words: words.clone(),
                open: true,
            },
            Type::List(_) => Kind::List,
            Type::Object(_) => Kind::Object,
            Type::Json => Kind::Json,
        }
    }

    pub(super) fn given(kind: plan::Kind) -> Self {
        match kind {
            plan::Kind::Text => Kind::Text,
            plan::Kind::Number | plan::Kind::Decimal => Kind::Decimal,
            plan::Kind::Integer => Kind::Integer,
            plan::Kind::Boolean => Kind::Boolean,
            plan::Kind::Time => Kind::Time,
            plan::Kind::Date => Kind::Date,
            plan::Kind::List => Kind::List,
            plan::Kind::Object => Kind::Object,
            // What stands there in the data: whatever the field takes is checked on the record.
            plan::Kind::Any => Kind::Json,
        }
    }

    /// The closed words, none where it is anything else.
    pub(super) fn words(&self) -> &[String] {
        if let Kind::Words { words, .. } = self {
            words
        } else {
            &[]
        }
    }

    pub(super) fn is_textual(&self) -> bool {
        matches!(
            self,
            Kind::Text | Kind::Words { .. } | Kind::Unknown | Kind::Blank
        )
    }

    pub(super) fn is_number(&self) -> bool {
        matches!(
            self,
            Kind::Integer | Kind::Decimal | Kind::Unknown | Kind::Blank
        )
    }

    /// The kind in the builtin table's words; what is not known is any.
    pub(super) fn plain(&self) -> plan::Kind {
        match self {
            Kind::Text | Kind::Words { .. } => plan::Kind::Text,
            Kind::Integer => plan::Kind::Integer,
            Kind::Decimal => plan::Kind::Decimal,
            Kind::Boolean => plan::Kind::Boolean,
            Kind::Time => plan::Kind::Time,
            Kind::Date => plan::Kind::Date,
            Kind::List => plan::Kind::List,
            Kind::Object => plan::Kind::Object,
            Kind::Json | Kind::Unknown | Kind::Blank | Kind::User => plan::Kind::Any,
        }
    }

    /// The kind of either of two values; `None` where they have nothing in common.
    pub(super) fn join(self, other: Self) -> Option<Self> {
        match (self, other) {
            (Kind::Unknown, _) | (_, Kind::Unknown) => Some(Kind::Unknown),
            (Kind::Blank, kind) | (kind, Kind::Blank) => Some(kind),
            (
                Kind::Words { mut words, open },
                Kind::Words {
                    words: more,
                    open: more_open,
                },
            ) => {
                words.extend(more);
                words.sort();
                words.dedup();
                let open = open || more_open;
                Some(Kind::Words { words, open })
            }
            (Kind::Text, Kind::Words { .. }) | (Kind::Words { .. }, Kind::Text) => Some(Kind::Text),
            (Kind::Integer, Kind::Decimal) | (Kind::Decimal, Kind::Integer) => Some(Kind::Decimal),
            (left, right) => (left == right).then_some(left),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Kind::Unknown => "something unknown",
            Kind::Blank => "blank",
            Kind::Text => "text",
            Kind::Words { words, .. } => match words.as_slice() {
                [word] => return write!(formatter, "the text `{word}`"),
                words => return write!(formatter, "one of {}", some(words)),
            },
            Kind::Integer => "an integer",
            Kind::Decimal => "a decimal number",
            Kind::Boolean => "yes or no",
            Kind::Time => "a time",
            Kind::Date => "a date",
            Kind::List => "a list",
            Kind::Object => "an object",
            Kind::Json => "json",
            Kind::User => "a user",
        })
    }
}

/// The first few of many words.
pub(super) fn some(words: &[String]) -> String {
    const SHOWN: usize = 8;
    let shown: Vec<String> = words
        .iter()
        .take(SHOWN)
        .map(|it| format!("`{it}`"))
        .collect();
    let more = words.len().saturating_sub(SHOWN);
    if more == 0 {
        shown.join(", ")
    } else {
        format!("{} and {more} more", shown.join(", "))
    }
}

/// A lowered value and what is known of it.
#[derive(Clone, Debug)]
pub(super) struct Typed {
    pub(super) expression: Expression,
    pub(super) kind: Kind,
    /// What can fail when the value is made, in words.
    pub(super) fails: Option<String>,
    /// It can be blank.
    pub(super) blank: bool,
    pub(super) span: Span,
}

impl Typed {
    pub(super) fn unknown(span: Span) -> Self {
        Self {
            expression: Expression::Constant(Constant::Blank),
            kind: Kind::Unknown,
            fails: None,
            blank: false,
            span,
        }
    }

    pub(super) fn constant(constant: Constant, span: Span) -> Self {
        let kind = match &constant {
            Constant::Blank => Kind::Blank,
            Constant::Text(text) => Kind::Words {
                words: vec![text.clone()],
                open: false,
            },
            Constant::Number(digits) if digits.contains('.') => Kind::Decimal,
            Constant::Number(_) => Kind::Integer,
            Constant::Boolean(_) => Kind::Boolean,
            Constant::Date(_) => Kind::Date,
            Constant::Time(_) => Kind::Time,
        };
        let blank = match &constant {
            Constant::Blank => true,
            Constant::Text(text) => text.is_empty(),
            Constant::Number(_) | Constant::Boolean(_) | Constant::Date(_) | Constant::Time(_) => {
                false
            }
        };
        Self {
            expression: Expression::Constant(constant),
            kind,
            fails: None,
            blank,
            span,
        }
    }

    pub(super) fn is_unknown(&self) -> bool {
        self.kind == Kind::Unknown
    }
}
