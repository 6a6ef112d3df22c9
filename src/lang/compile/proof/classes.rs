//! The values of one expression, split into the classes that the table's tests can tell apart.

use std::collections::BTreeSet;

use crate::model::Type;
use crate::plan::{Comparison, Condition, Constant, Cut, Expression, List};

use crate::lang::compile::cells::order_cuts;

/// One class of values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Class {
    Blank,
    /// This text, or any other that all tests take for it.
    Text(String),
    /// Present, and none of the texts and on none of the lists.
    Other,
    No,
    Yes,
    /// Code of a range column: below, on, between, above.
    Range(usize),
}

/// What is asked of one expression.
#[derive(Clone, Debug, Default)]
pub(super) struct Tests {
    pub(super) words: BTreeSet<String>,
    pub(super) lists: BTreeSet<u16>,
    pub(super) cuts: Vec<Cut>,
    pub(super) is_boolean: bool,
    /// Words of a `one of` declaration; in a column each of them counts.
    pub(super) declared: Vec<String>,
    pub(super) in_column: bool,
    pub(super) whole: bool,
}

impl Tests {
    /// The classes, blank first.
    pub(super) fn classes(&self, lists: &[List]) -> Vec<Class> {
        let mut classes = vec![Class::Blank];
        if self.is_boolean {
            classes.extend([Class::No, Class::Yes]);
            return classes;
        }
        if !self.cuts.is_empty() {
            let codes = 0..=self.cuts.len() * 2;
            classes.extend(
                codes
                    .filter(|code| self.is_reachable(*code))
                    .map(Class::Range),
            );
            return classes;
        }
        let mut words: Vec<String> = self
            .declared
            .iter()
            .filter(|it| self.in_column || self.words.contains(*it))
            .cloned()
            .collect();
        if !self.declared.is_empty() && !self.in_column {
            let untold = self.declared.iter().find(|it| !self.words.contains(*it));
            words.extend(untold.cloned());
        }
        for word in &self.words {
            if !words.contains(word) {
                words.push(word.clone());
            }
        }
        let mut seen: BTreeSet<Vec<bool>> = BTreeSet::new();
        let lists: Vec<&List> = self
            .lists
            .iter()
            .filter_map(|it| lists.get(usize::from(*it)))
            .collect();
        for item in lists.iter().flat_map(|it| &it.items) {
            if self.words.contains(item) {
                continue;
            }
            let signature = lists.iter().map(|it| it.contains(item)).collect();
            if seen.insert(signature) && !words.contains(item) {
                words.push(item.clone());
            }
        }
        classes.extend(words.into_iter().map(Class::Text));
        classes.push(Class::Other);
        classes
    }

    /// Between 10 and 11 there is no whole number.
    fn is_reachable(&self, code: usize) -> bool {
        if !self.whole || code % 2 == 1 || code == 0 || code == self.cuts.len() * 2 {
            return true;
        }
        let number = |index: usize| match self.cuts.get(index) {
            Some(Cut::Number(digits)) => digits.parse::<i128>().ok(),
            Some(Cut::Date(_) | Cut::Time(_)) | None => None,
        };
        match (number(code / 2 - 1), number(code / 2)) {
            (Some(below), Some(above)) => above - below > 1,
            _ => true,
        }
    }

    pub(super) fn add_cut(&mut self, cut: Cut) {
        self.cuts.push(cut);
        self.cuts.sort_by(order_cuts);
        self.cuts
            .dedup_by(|left, right| order_cuts(left, right).is_eq());
    }

    pub(super) fn declare(&mut self, r#type: &Type) {
        match r#type {
            Type::OneOf(words) => self.declared.clone_from(words),
            Type::Boolean => self.is_boolean = true,
            Type::Integer => self.whole = true,
            Type::Text
            | Type::Decimal
            | Type::Timestamp(_)
            | Type::Date
            | Type::List(_)
            | Type::Object(_)
            | Type::Json => {}
        }
    }

    /// The code of a cut among this expression's cuts.
    pub(super) fn code_on(&self, cut: &Cut) -> Option<usize> {
        let index = self
            .cuts
            .iter()
            .position(|it| order_cuts(it, cut).is_eq())?;
        Some(index * 2 + 1)
    }
}

/// A constant as a cut of numbers, dates or times.
pub(super) fn cut_of(constant: &Constant) -> Option<Cut> {
    match constant {
        Constant::Number(digits) => Some(Cut::Number(digits.clone())),
        Constant::Date(date) => Some(Cut::Date(*date)),
        Constant::Time(time) => Some(Cut::Time(*time)),
        Constant::Blank | Constant::Text(_) | Constant::Boolean(_) => None,
    }
}

/// Whether a class passes a test of its own expression.
pub(super) fn passes(class: &Class, tests: &Tests, condition: &Condition, lists: &[List]) -> bool {
    match condition {
        Condition::Blank(_) => *class == Class::Blank,
        Condition::True(_) => *class == Class::Yes,
        Condition::Is { words, .. } => words.iter().any(|word| is(class, tests, word)),
        Condition::InList { list, .. } => match class {
            Class::Text(text) => lists
                .get(usize::from(list.0))
                .is_some_and(|it| it.contains(text)),
            Class::Blank | Class::Other | Class::No | Class::Yes | Class::Range(_) => false,
        },
        Condition::Compare {
            comparison,
            with: Expression::Constant(constant),
            ..
        } => {
            let on = cut_of(constant).and_then(|cut| tests.code_on(&cut));
            let (Class::Range(code), Some(on)) = (class, on) else {
                return false;
            };
            match comparison {
                Comparison::Less => *code < on,
                Comparison::AtMost => *code <= on,
                Comparison::More => *code > on,
                Comparison::AtLeast => *code >= on,
            }
        }
        Condition::Compare { .. }
        | Condition::FactIs { .. }
        | Condition::Not(_)
        | Condition::All(_)
        | Condition::Any(_) => false,
    }
}

fn is(class: &Class, tests: &Tests, word: &Constant) -> bool {
    match (class, word) {
        (Class::Text(text), Constant::Text(word)) => text == word,
        (Class::Yes, Constant::Boolean(yes)) => *yes,
        (Class::No, Constant::Boolean(yes)) => !*yes,
        (Class::Range(code), word) => {
            cut_of(word).and_then(|cut| tests.code_on(&cut)) == Some(*code)
        }
        (Class::Blank | Class::Text(_) | Class::Other | Class::No | Class::Yes, _) => false,
    }
}
