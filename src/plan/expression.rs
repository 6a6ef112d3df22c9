//! Expressions and conditions over slots.

use std::collections::BTreeMap;

use foldhash::{HashSet, HashSetExt};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use super::SlotId;
use crate::model::Value;

/// Index of a fact within its entity's plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct FactId(pub u16);

/// Index of a value map within the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct ValueMapId(pub u16);

/// Index of a list within the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct ListId(pub u16);

/// Index of a user look-up within its entity's plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct UserLookupId(pub u16);

/// A value that stands in the rules.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum Constant {
    Blank,
    Text(String),
    Number(String),
    Boolean(bool),
    Date(Date),
    Time(Timestamp),
}

impl Constant {
    /// The constant as a value that borrows from the plan.
    pub fn value(&self) -> Value<'_> {
        match self {
            Constant::Blank => Value::Absent,
            Constant::Text(text) => Value::text(text),
            Constant::Number(digits) => Value::Number(digits.as_str().into()),
            Constant::Boolean(yes) => Value::Boolean(*yes),
            Constant::Date(date) => Value::Date(*date),
            Constant::Time(time) => Value::Time(*time),
        }
    }
}

/// How a value is made.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum Expression {
    Slot(SlotId),
    Constant(Constant),
    /// The word of a fact, as text.
    Fact(FactId),
    /// A function of the builtin table, by its index there.
    Call {
        builtin: u16,
        arguments: Vec<Expression>,
    },
    /// `A + B`: text end to end; blank parts add nothing, all parts blank give blank.
    Concat(Vec<Expression>),
    /// The first that is not blank; an error of one before it is an error.
    FirstFilled(Vec<Expression>),
    Via {
        value: Box<Expression>,
        map: ValueMapId,
    },
    If {
        when: Box<Condition>,
        then: Box<Expression>,
        otherwise: Box<Expression>,
    },
    /// A condition as a boolean value.
    Test(Box<Condition>),
    /// A user's e-mail.
    User(UserLookupId),
}

/// How two values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Comparison {
    Less,
    AtMost,
    More,
    AtLeast,
}

/// A condition; blank compares false to everything but `blank`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum Condition {
    Is {
        value: Expression,
        words: Vec<Constant>,
    },
    Blank(Expression),
    InList {
        value: Expression,
        list: ListId,
    },
    /// Numbers, dates and times.
    Compare {
        value: Expression,
        comparison: Comparison,
        with: Expression,
    },
    /// A boolean value that stands alone; blank is false.
    True(Expression),
    FactIs {
        fact: FactId,
        words: Vec<u16>,
    },
    Not(Box<Condition>),
    All(Vec<Condition>),
    Any(Vec<Condition>),
}

/// `fact NAME of ENTITY … end`: ordered lines, the last one otherwise.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Fact {
    pub name: String,
    /// Every word once, in order of the lines.
    pub words: Vec<String>,
    pub lines: Vec<FactLine>,
    /// Index of the word when no line holds.
    pub otherwise: u16,
}

/// `WORD when CONDITION`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FactLine {
    pub word: u16,
    pub when: Condition,
}

/// A closed list; words compare exactly.
#[derive(Clone, Debug, Serialize)]
pub struct List {
    pub name: String,
    /// Sorted, each once.
    pub items: Vec<String>,
    #[serde(skip)]
    set: HashSet<Box<str>>,
}

impl List {
    pub fn new(name: impl Into<String>, mut items: Vec<String>) -> Self {
        items.sort();
        items.dedup();
        let mut set = HashSet::with_capacity(items.len());
        set.extend(items.iter().map(|item| item.as_str().into()));
        Self {
            name: name.into(),
            items,
            set,
        }
    }

    /// Whether `word` stands on the list, exactly.
    pub fn contains(&self, word: &str) -> bool {
        self.set.contains(word)
    }
}

/// `values NAME … end`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ValueMap {
    pub name: String,
    pub words: BTreeMap<String, Arm>,
    pub blank: Arm,
    pub other: Arm,
    /// Lines that say what they lose.
    pub losses: Vec<ValueLoss>,
}

/// `source, source = destination loses "…"`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ValueLoss {
    /// Line of the rule file, 1-based.
    pub rule_line: u32,
    pub words: Vec<String>,
    /// `blank` stands on the line.
    pub blank: bool,
    /// `other` stands on the line.
    pub other: bool,
    pub loses: String,
}

/// The right-hand side of a value map's line.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum Arm {
    Give(Constant),
    /// `= hold`: the value is an error, *not on the list*.
    Hold,
}
