//! The builtin table: every function of the language, once. Checker, executor, manual and tests all read it.

mod text;

use crate::model::{Fault, Value};

/// What a parameter takes and what a function gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Text,
    /// Integer or decimal.
    Number,
    Integer,
    Decimal,
    Boolean,
    Time,
    Date,
    List,
    Object,
    /// Anything at all; what is given is of the same kind as the first argument where a function gives `Any`.
    Any,
}

/// One parameter.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    pub name: &'static str,
    pub kind: Kind,
    /// Must be written in the rules as it is (a zone, a number of places), not taken from the record.
    pub constant: bool,
    pub optional: bool,
}

/// Whether a function loses information.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loses {
    Never,
    /// On the value; the dry run counts it.
    Depends,
    Always,
}

/// A value in an example.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Sample {
    Blank,
    Text(&'static str),
    Number(&'static str),
    Yes,
    No,
    /// Unix seconds.
    Time(i64),
    /// `YYYY-MM-DD`.
    Date(&'static str),
    Json(&'static str),
}

/// One example; `gives` is `None` where the call fails.
#[derive(Clone, Copy, Debug)]
pub struct Example {
    pub arguments: &'static [Sample],
    pub gives: Option<Sample>,
}

/// One function of the language.
pub struct Builtin {
    pub name: &'static str,
    pub parameters: &'static [Parameter],
    /// The last parameter may be given several times.
    pub variadic: bool,
    pub gives: Kind,
    /// One sentence for the manual.
    pub sentence: &'static str,
    pub examples: &'static [Example],
    pub can_fail: bool,
    pub loses: Loses,
    /// Called even when the first argument is blank; other functions hand a blank on.
    pub takes_blank: bool,
    pub run: for<'a> fn(&[Value<'a>]) -> Result<Value<'a>, Fault>,
}

/// The table, by name.
pub static BUILTINS: &[&[Builtin]] = &[text::TEXT];

/// The function called `name`, with its index for [`super::Expression::Call`].
pub fn find_builtin(name: &str) -> Option<(u16, &'static Builtin)> {
    let index = BUILTINS
        .iter()
        .flat_map(|group| group.iter())
        .position(|it| it.name == name)?;
    let index = u16::try_from(index).ok()?;
    builtin(index).map(|found| (index, found))
}

/// The function with this index.
pub(super) fn builtin(index: u16) -> Option<&'static Builtin> {
    BUILTINS
        .iter()
        .flat_map(|group| group.iter())
        .nth(usize::from(index))
}
