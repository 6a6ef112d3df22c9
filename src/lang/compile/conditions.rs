//! Lowers conditions: `is`, `in`, comparisons, `and`, `or`, `not`.

use jiff::tz::TimeZone;

use crate::lang::ast::{CompareOp, Expr, ExprKind, InList, IsWhat, Name};
use crate::lang::codes::{names, types};
use crate::plan::{Comparison, Condition, Constant, Expression, FactId, ListId};
use crate::text::Span;

use super::checker::{Lookable, quoted, suggest};
use super::kinds::{Kind, Typed, some};
use super::values::Lowering;

impl Lowering<'_, '_> {
    /// A condition that stands alone, not beside others of its fact.
    pub(super) fn whole_condition(&mut self, expr: &Expr) -> Condition {
        let condition = self.condition(expr);
        self.blanks_pass(&[&condition]);
        condition
    }

    /// A condition; a broken one is said to be broken once and never holds.
    pub(super) fn condition(&mut self, expr: &Expr) -> Condition {
        match &expr.kind {
            ExprKind::Or(parts) => {
                Condition::Any(parts.iter().map(|it| self.condition(it)).collect())
            }
            ExprKind::And(parts) => {
                Condition::All(parts.iter().map(|it| self.condition(it)).collect())
            }
            ExprKind::Not(inner) => Condition::Not(Box::new(self.condition(inner))),
            ExprKind::Is {
                value,
                negated,
                what,
            } => {
                let condition = self.is(value, what, expr.span);
                self.turn(condition, *negated, expr.span)
            }
            ExprKind::In {
                value,
                negated,
                list,
            } => {
                let condition = self.is_in(value, list);
                self.turn(condition, *negated, expr.span)
            }
            ExprKind::Compare { op, left, right } => self.compare(*op, left, right),
            ExprKind::Path(_)
            | ExprKind::Text(_)
            | ExprKind::Number(_)
            | ExprKind::Date(_)
            | ExprKind::Boolean(_)
            | ExprKind::Blank
            | ExprKind::Add(_)
            | ExprKind::Call { .. }
            | ExprKind::Via { .. }
            | ExprKind::If { .. }
            | ExprKind::Lookup(_) => self.boolean(expr),
        }
    }

    /// `is not`, `not in`; remembered until it is known whether a blank was thought of.
    fn turn(&mut self, condition: Condition, negated: bool, span: Span) -> Condition {
        if !negated {
            return condition;
        }
        if matches!(condition, Condition::Is { .. } | Condition::InList { .. }) {
            self.record.negated.push((span, condition.clone()));
        }
        Condition::Not(Box::new(condition))
    }

    /// Notes for tests that hold for a blank as well, where none of these conditions asks for blanks.
    pub(super) fn blanks_pass(&mut self, conditions: &[&Condition]) {
        for (span, condition) in std::mem::take(&mut self.record.negated) {
            let (Condition::Is { value, .. } | Condition::InList { value, .. }) = &condition else {
                continue;
            };
            let mut slots = Vec::new();
            self.record.slots_of(value, &mut slots);
            let can_be_blank = slots
                .iter()
                .any(|it| self.record.spec(*it).is_some_and(|it| it.optional));
            if !can_be_blank || conditions.iter().any(|it| asks_for_blank(it, value)) {
                continue;
            }
            let written = self.file.source.slice(span).trim().to_owned();
            let subject = written.split_whitespace().next().unwrap_or("it").to_owned();
            let message = format!("`{written}` holds for a blank as well");
            self.file.note(types::T224, span, message).help = Some(format!(
                "if blanks are not meant, write `{subject} is present and {written}`"
            ));
        }
    }

    fn boolean(&mut self, expr: &Expr) -> Condition {
        let value = self.value(expr);
        match value.kind {
            Kind::Boolean => Condition::True(value.expression),
            Kind::Unknown => Self::never(),
            Kind::Blank
            | Kind::Text
            | Kind::Words { .. }
            | Kind::Integer
            | Kind::Decimal
            | Kind::Time
            | Kind::Date
            | Kind::List
            | Kind::Object
            | Kind::Json
            | Kind::User => {
                let message = format!("a condition is yes or no, found {}", value.kind);
                self.file.error(types::T214, value.span, message).help = Some(
                    "compare it (`is \"x\"`, `is present`, `in LIST`, `< 10`); the first filled of several values is `first_filled(a, b)`"
                        .to_owned(),
                );
                Self::never()
            }
        }
    }

    fn is(&mut self, value: &Expr, what: &IsWhat, span: Span) -> Condition {
        let value = self.value(value);
        if value.is_unknown() {
            return Self::never();
        }
        match what {
            IsWhat::Blank => Condition::Blank(value.expression),
            IsWhat::Present => Condition::Not(Box::new(Condition::Blank(value.expression))),
            IsWhat::Boolean(yes) => match &value.kind {
                Kind::Words { words, .. } if words.iter().any(|it| it == yes_or_no(*yes)) => {
                    let word = Name {
                        text: yes_or_no(*yes).to_owned(),
                        quoted: false,
                        span,
                    };
                    self.is_word(value, std::slice::from_ref(&word))
                }
                Kind::Boolean => Condition::Is {
                    value: value.expression,
                    words: vec![Constant::Boolean(*yes)],
                },
                Kind::Unknown
                | Kind::Blank
                | Kind::Text
                | Kind::Words { .. }
                | Kind::Integer
                | Kind::Decimal
                | Kind::Time
                | Kind::Date
                | Kind::List
                | Kind::Object
                | Kind::Json
                | Kind::User => self.unlike(&value, "yes or no", span),
            },
            IsWhat::Number(digits) if value.kind.is_number() => Condition::Is {
                value: value.expression,
                words: vec![Constant::Number(digits.clone())],
            },
            IsWhat::Number(_) => self.unlike(&value, "a number", span),
            IsWhat::Word(word) => self.is_word(value, std::slice::from_ref(word)),
        }
    }

    fn unlike(&mut self, value: &Typed, with: &str, span: Span) -> Condition {
        let message = format!("{} is compared with {with}", value.kind);
        let diagnostic = self.file.error(types::T214, span, message);
        let help = match &value.kind {
            Kind::Time | Kind::Date => "compare it with a day: `< 2024-05-31`, or ask `is blank`",
            Kind::Integer | Kind::Decimal => "compare it with a number: `is 5`, `< 10`",
            Kind::Boolean => "a field that is yes or no stands alone: `vip`, `not vip`",
            Kind::Text | Kind::Words { .. } => "compare it with words: `is \"x\"`, `in LIST`",
            Kind::List | Kind::Object | Kind::Json => {
                "ask `is blank` or `is present`, or make it text with `json(…)`"
            }
            Kind::Unknown | Kind::Blank | Kind::User => "compare it with something of its own kind",
        };
        diagnostic.help = Some(help.to_owned());
        Self::never()
    }

    /// `A is word`, `A in word, word`.
    fn is_word(&mut self, value: Typed, words: &[Name]) -> Condition {
        match &value.kind {
            Kind::Words { words: known, .. } => {
                let known = known.clone();
                for word in words {
                    self.known_word(word, &known);
                }
                if let Expression::Fact(fact) = value.expression {
                    return fact_is(fact, &known, words);
                }
            }
            Kind::Text => {
                for word in words.iter().filter(|it| !it.quoted) {
                    let message = format!(
                        "expected a text in quotes to compare an open text with, found `{}`",
                        word.text
                    );
                    let diagnostic = self.file.error(types::T214, word.span, message);
                    diagnostic.help =
                        Some("bare words are for facts and `one of` fields".to_owned());
                    let replacement = quoted(&word.text);
                    *diagnostic = diagnostic
                        .clone()
                        .fix(word.span, replacement, "write quotes");
                }
            }
            Kind::Unknown => return Self::never(),
            Kind::Blank
            | Kind::Integer
            | Kind::Decimal
            | Kind::Boolean
            | Kind::Time
            | Kind::Date
            | Kind::List
            | Kind::Object
            | Kind::Json
            | Kind::User => {
                let span = words.first().map_or(value.span, |it| it.span);
                return self.unlike(&value, "a word", span);
            }
        }
        Condition::Is {
            value: value.expression,
            words: words
                .iter()
                .map(|it| Constant::Text(it.text.clone()))
                .collect(),
        }
    }

    pub(super) fn known_word(&mut self, word: &Name, known: &[String]) -> bool {
        if known.contains(&word.text) {
            return true;
        }
        let message = format!("`{}` is not one of its words", word.text);
        let diagnostic = self.file.error(names::N211, word.span, message);
        suggest(
            diagnostic,
            word.span,
            &word.text,
            known.iter().map(String::as_str),
            || format!("the words are {}", some(known)),
        );
        false
    }

    fn is_in(&mut self, value: &Expr, list: &InList) -> Condition {
        let value = self.value(value);
        match list {
            InList::Named(name) => {
                let closed = value.kind.words().contains(&name.text);
                let is_list = self.file.list_names.iter().any(|it| it.name == name.text);
                if closed && !is_list {
                    return self.is_word(value, std::slice::from_ref(name));
                }
                let Some(list) = self.file.find(Lookable::List, &name.text, name.span) else {
                    return Self::never();
                };
                if value.is_unknown() {
                    return Self::never();
                }
                if !value.kind.is_textual() {
                    return self.unlike(&value, "a list of texts", name.span);
                }
                Condition::InList {
                    value: value.expression,
                    list: ListId(u16::try_from(list).unwrap_or(u16::MAX)),
                }
            }
            InList::Words(words) => self.is_word(value, words),
        }
    }

    fn compare(&mut self, op: CompareOp, left: &Expr, right: &Expr) -> Condition {
        let span = left.span.to(right.span);
        let (left, right) = (self.value(left), self.value(right));
        if left.is_unknown() || right.is_unknown() {
            return Self::never();
        }
        let (left, right) = (at_midnight(left, &right), right);
        let right = at_midnight(right, &left);
        let fits = (left.kind.is_number() && right.kind.is_number())
            || (left.kind == right.kind && matches!(left.kind, Kind::Time | Kind::Date));
        if !fits {
            let message = format!(
                "numbers, dates and times have an order, found {} and {}",
                left.kind, right.kind
            );
            self.file.error(types::T214, span, message).help =
                Some("both sides must be of one kind: numbers and days stand without quotes, `10`, `2024-05-31`".to_owned());
            return Self::never();
        }
        let comparison = match op {
            CompareOp::Less => Comparison::Less,
            CompareOp::LessOrEqual => Comparison::AtMost,
            CompareOp::Greater => Comparison::More,
            CompareOp::GreaterOrEqual => Comparison::AtLeast,
        };
        Condition::Compare {
            value: left.expression,
            comparison,
            with: right.expression,
        }
    }
}

/// Whether a condition tests this value, or what it is made of, for being blank.
fn asks_for_blank(condition: &Condition, of: &Expression) -> bool {
    match condition {
        Condition::Blank(value) => value == of || is_made_of(of, value),
        Condition::Not(inner) => asks_for_blank(inner, of),
        Condition::All(parts) | Condition::Any(parts) => {
            parts.iter().any(|it| asks_for_blank(it, of))
        }
        Condition::Is { .. }
        | Condition::InList { .. }
        | Condition::Compare { .. }
        | Condition::True(_)
        | Condition::FactIs { .. } => false,
    }
}

fn is_made_of(whole: &Expression, part: &Expression) -> bool {
    match whole {
        Expression::Call { arguments, .. } => arguments
            .iter()
            .any(|it| it == part || is_made_of(it, part)),
        Expression::Slot(_)
        | Expression::Constant(_)
        | Expression::Fact(_)
        | Expression::Concat(_)
        | Expression::FirstFilled(_)
        | Expression::Via { .. }
        | Expression::If { .. }
        | Expression::Test(_)
        | Expression::User(_) => false,
    }
}

/// A written date beside a time is the first moment of that day in UTC.
fn at_midnight(date: Typed, beside: &Typed) -> Typed {
    if beside.kind != Kind::Time {
        return date;
    }
    let Expression::Constant(Constant::Date(day)) = &date.expression else {
        return date;
    };
    match day.to_zoned(TimeZone::UTC) {
        Ok(moment) => Typed::constant(Constant::Time(moment.timestamp()), date.span),
        Err(_) => date,
    }
}

/// A fact may have the words `yes` and `no`, which read like a boolean.
fn yes_or_no(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}

fn fact_is(fact: FactId, known: &[String], words: &[Name]) -> Condition {
    let index = |word: &Name| known.iter().position(|it| *it == word.text);
    Condition::FactIs {
        fact,
        words: words
            .iter()
            .filter_map(index)
            .filter_map(|it| u16::try_from(it).ok())
            .collect(),
    }
}
