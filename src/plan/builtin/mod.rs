//! The builtin table: every function of the language, once. Checker, executor, manual and tests all read it.
//!
//! What counts as loss: a function that keeps the value but less of it (`cut`, `decimal`, `strip_html`)
//! loses; one that asks for a part by its name (`first_word`, `email_domain`, `get`) or gives the agreed
//! form of the same thing (`email`, `phone`, `words`) does not.

mod argument;
mod html;
mod list;
mod lost;
mod number;
mod object;
mod phone;
mod pick;
mod place;
mod place_rows;
mod text;
mod time;
mod web;
mod words;

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
    /// As a parameter: anything at all, or what [`Parameter::only`] lists. As a gift: whatever stands
    /// there in the data, which `first` and `last` take from the list's items and `get` from its path.
    Any,
}

/// What a constant must look like; the checker asks before a record moves.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// In words, to stand behind "expected".
    pub wanted: &'static str,
    /// Whether the constant, as its text or digits, fits.
    pub fits: fn(&str) -> bool,
}

/// One parameter.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    pub name: &'static str,
    pub kind: Kind,
    /// Where `kind` is `Any`: the kinds it takes; empty means all of them.
    pub only: &'static [Kind],
    /// Must be written in the rules as it is (a zone, a number of places), not taken from the record.
    pub constant: bool,
    pub optional: bool,
    /// Of a constant.
    pub shape: Option<Shape>,
}

impl Parameter {
    /// Whether a value of this kind may stand here. An integer passes for a decimal, and `Any`, which
    /// the data alone can tell, for everything.
    #[must_use]
    pub fn takes(&self, kind: Kind) -> bool {
        let fits = |wanted: Kind| {
            wanted == kind
                || wanted == Kind::Number && matches!(kind, Kind::Integer | Kind::Decimal)
                || wanted == Kind::Decimal && matches!(kind, Kind::Integer | Kind::Number)
        };
        if kind == Kind::Any {
            return true;
        }
        if self.kind == Kind::Any {
            return self.only.is_empty() || self.only.iter().copied().any(fits);
        }
        fits(self.kind)
    }

    const fn new(name: &'static str, kind: Kind) -> Self {
        Self {
            name,
            kind,
            only: &[],
            constant: false,
            optional: false,
            shape: None,
        }
    }

    /// Takes any of these kinds.
    const fn either(name: &'static str, only: &'static [Kind]) -> Self {
        Self {
            only,
            ..Self::new(name, Kind::Any)
        }
    }

    /// Must stand in the rules.
    const fn constant(name: &'static str, kind: Kind) -> Self {
        Self {
            constant: true,
            ..Self::new(name, kind)
        }
    }

    const fn shaped(self, wanted: &'static str, fits: fn(&str) -> bool) -> Self {
        Self {
            shape: Some(Shape { wanted, fits }),
            ..self
        }
    }

    const fn or_none(self) -> Self {
        Self {
            optional: true,
            ..self
        }
    }
}

/// Whether a function loses information.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loses {
    Never,
    /// On the value; the dry run counts it.
    Depends,
    Always,
}

/// What is different when the first argument is known to be of one kind.
#[derive(Clone, Copy, Debug)]
pub struct On {
    pub kind: Kind,
    /// How many arguments this kind needs, optional ones included.
    pub arguments_min: usize,
    pub can_fail: bool,
    pub loses: Loses,
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

impl Example {
    const fn gives(arguments: &'static [Sample], gives: Sample) -> Self {
        Self {
            arguments,
            gives: Some(gives),
        }
    }

    const fn fails(arguments: &'static [Sample]) -> Self {
        Self {
            arguments,
            gives: None,
        }
    }
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
    /// Needs an `else`; [`Builtin::can_fail_on`] knows better where the first argument's kind is known.
    pub can_fail: bool,
    pub loses: Loses,
    /// What it loses, to stand behind "loses" and in a `loses "…"` clause; empty where it never does.
    pub lost_words: &'static str,
    /// How much of these arguments is lost in this value, in letters, digits, items or seconds;
    /// nought where nothing is. Asked only of functions that can lose.
    pub lost: for<'a> fn(&[Value<'a>], &Value<'a>) -> u64,
    /// Called even when the first argument is blank; other functions hand a blank on.
    pub takes_blank: bool,
    /// Exceptions by the kind of the first argument.
    pub on: &'static [On],
    pub run: for<'a> fn(&[Value<'a>]) -> Result<Value<'a>, Fault>,
}

impl Builtin {
    /// What a table entry leaves unsaid: it cannot fail, loses nothing and hands a blank on.
    const PLAIN: Self = Self {
        name: "",
        parameters: &[],
        variadic: false,
        gives: Kind::Text,
        sentence: "",
        examples: &[],
        can_fail: false,
        loses: Loses::Never,
        lost_words: "",
        lost: lost::changed,
        takes_blank: false,
        on: &[],
        run: |_| Ok(Value::Absent),
    };

    /// The function's value; a blank first argument is handed on.
    ///
    /// # Errors
    /// With the fault that the rule line's `else` answers.
    pub fn call<'a>(&self, arguments: &[Value<'a>]) -> Result<Value<'a>, Fault> {
        match arguments.first() {
            Some(first) if first.is_blank() && !self.takes_blank => Ok(Value::Absent),
            _ => (self.run)(arguments),
        }
    }

    /// Whether it can fail on a first argument of this kind.
    #[must_use]
    pub fn can_fail_on(&self, kind: Kind) -> bool {
        self.exception(kind).map_or(self.can_fail, |it| it.can_fail)
    }

    /// What it loses of a first argument of this kind.
    #[must_use]
    pub fn loses_on(&self, kind: Kind) -> Loses {
        self.exception(kind).map_or(self.loses, |it| it.loses)
    }

    /// How many arguments it needs at least when the first is of this kind.
    #[must_use]
    pub fn arguments_min_on(&self, kind: Kind) -> usize {
        let needed = self.parameters.iter().filter(|it| !it.optional).count();
        self.exception(kind).map_or(needed, |it| it.arguments_min)
    }

    /// Whether it can lose something of any kind of argument.
    #[must_use]
    pub fn can_lose(&self) -> bool {
        self.loses != Loses::Never || self.on.iter().any(|it| it.loses != Loses::Never)
    }

    fn exception(&self, kind: Kind) -> Option<&On> {
        self.on.iter().find(|it| it.kind == kind)
    }
}

/// The table, by group.
pub static BUILTINS: &[&[Builtin]] = &[
    text::TEXT,
    pick::PICK,
    web::WEB,
    phone::PHONE,
    place::PLACE,
    number::NUMBER,
    time::TIME,
    list::LIST,
    object::OBJECT,
];

/// The function called `name`, with its index for [`super::Expression::Call`].
#[must_use]
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
    let mut index = usize::from(index);
    for group in BUILTINS {
        match group.get(index) {
            Some(found) => return Some(found),
            None => index -= group.len(),
        }
    }
    None
}
