//! Evaluates expressions and conditions over one record.

use std::borrow::Cow;
use std::cmp::Ordering;

use jiff::Timestamp;

use super::{
    Arm, Comparison, Condition, Constant, EntityPlan, Expression, FactId, ManyPolicy, NonePolicy,
    Plan, Record, SlotId, UserLookupId, builtin, cell,
};
use crate::model::{Fault, FaultKind, Value, WrongTypePolicy};

/// One record under one plan.
#[derive(Clone, Copy)]
pub struct Evaluation<'r, 'a> {
    pub plan: &'r Plan,
    pub entity: &'r EntityPlan,
    pub record: &'r Record<'a>,
    /// The last moment that a source time may name: the capture's end and a day.
    pub latest: Timestamp,
}

/// How many arguments a call may have without its own buffer.
pub(super) const ARGUMENTS_MAX: usize = 4;

impl<'r, 'a: 'r> Evaluation<'r, 'a> {
    /// The value of an expression.
    ///
    /// # Errors
    /// With the fault that the rule line's policy answers.
    #[inline]
    pub fn value(&self, expression: &'r Expression) -> Result<Value<'r>, Fault> {
        // Two lines of three only copy: they shall not pay for the room that the others need.
        if let Expression::Slot(slot) = expression {
            return self.slot(*slot);
        }
        self.made(expression)
    }

    fn made(&self, expression: &'r Expression) -> Result<Value<'r>, Fault> {
        match expression {
            Expression::Slot(slot) => self.slot(*slot),
            Expression::Constant(constant) => Ok(constant.value()),
            Expression::Fact(fact) => {
                let word = self.fact(*fact)?;
                let fact = self.entity.facts.get(usize::from(fact.0));
                let word = fact.and_then(|fact| fact.words.get(usize::from(word)));
                Ok(word.map_or(Value::Absent, |word| Value::text(word)))
            }
            Expression::Call { builtin, arguments } => self.call(*builtin, arguments),
            Expression::Concat(parts) => Self::concat(parts, |part| self.value(part)),
            Expression::FirstFilled(choices) => {
                for choice in choices {
                    let value = self.value(choice)?;
                    if !value.is_blank() {
                        return Ok(value);
                    }
                }
                Ok(Value::Absent)
            }
            Expression::Via { value, map } => self.via(&self.value(value)?, *map),
            Expression::If {
                when,
                then,
                otherwise,
            } => self.value(if self.holds(when)? { then } else { otherwise }),
            Expression::Test(condition) => self.holds(condition).map(Value::Boolean),
            Expression::User(lookup) => self.user(*lookup),
        }
    }

    /// Whether a condition holds; a blank compares false to everything but `blank`.
    ///
    /// # Errors
    /// With the fault of a value that it needs.
    pub fn holds(&self, condition: &'r Condition) -> Result<bool, Fault> {
        match condition {
            Condition::Is { value, words } => {
                let value = self.value(value)?;
                Ok(words.iter().any(|word| same(&value, &word.value())))
            }
            Condition::Blank(value) => Ok(self.value(value)?.is_blank()),
            Condition::InList { value, list } => {
                let value = self.value(value)?;
                let list = self.plan.lists.get(usize::from(list.0));
                Ok(matches!((&value, list), (Value::Text(text), Some(list)) if list.contains(text)))
            }
            Condition::Compare {
                value,
                comparison,
                with,
            } => {
                let (left, right) = (self.value(value)?, self.value(with)?);
                if left.is_blank() || right.is_blank() {
                    return Ok(false);
                }
                let order = order(&left, &right)?;
                Ok(match comparison {
                    Comparison::Less => order == Ordering::Less,
                    Comparison::AtMost => order != Ordering::Greater,
                    Comparison::More => order == Ordering::Greater,
                    Comparison::AtLeast => order != Ordering::Less,
                })
            }
            Condition::True(value) => Ok(matches!(self.value(value)?, Value::Boolean(true))),
            Condition::FactIs { fact, words } => Ok(words.contains(&self.fact(*fact)?)),
            Condition::Not(inner) => self.holds(inner).map(|yes| !yes),
            Condition::All(parts) => {
                for part in parts {
                    if !self.holds(part)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Condition::Any(parts) => {
                for part in parts {
                    if self.holds(part)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
        }
    }

    /// The index of a fact's word for this record.
    ///
    /// # Errors
    /// With the fault of a value that one of its lines needs.
    pub fn fact(&self, id: FactId) -> Result<u16, Fault> {
        let Some(memo) = self.record.facts.get(usize::from(id.0)) else {
            return Ok(0);
        };
        if memo.get() != u16::MAX {
            return Ok(memo.get());
        }
        let Some(fact) = self.entity.facts.get(usize::from(id.0)) else {
            return Ok(0);
        };
        let mut word = fact.otherwise;
        for line in &fact.lines {
            if self.holds(&line.when)? {
                word = line.word;
                break;
            }
        }
        memo.set(word);
        Ok(word)
    }

    fn slot(&self, id: SlotId) -> Result<Value<'r>, Fault> {
        let index = usize::from(id.0);
        let (Some(cell), Some(spec)) = (self.record.cells.get(index), self.entity.slots.get(index))
        else {
            return Ok(Value::Absent);
        };
        match cell::value(cell, spec, self.latest) {
            Err(_) if spec.wrong_type == WrongTypePolicy::BlankReport => Ok(Value::Absent),
            result => result,
        }
    }

    fn call(&self, index: u16, arguments: &'r [Expression]) -> Result<Value<'r>, Fault> {
        let Some(function) = builtin::builtin(index) else {
            return Ok(Value::Absent);
        };
        let mut few: [Value<'r>; ARGUMENTS_MAX] = [const { Value::Absent }; ARGUMENTS_MAX];
        if let Some(few) = few.get_mut(..arguments.len()) {
            for (place, argument) in few.iter_mut().zip(arguments) {
                *place = self.value(argument)?;
            }
            return function.call(few);
        }
        let many: Result<Vec<_>, Fault> = arguments.iter().map(|it| self.value(it)).collect();
        function.call(&many?)
    }

    /// The values of `parts` end to end, each made by `value`.
    pub(super) fn concat(
        parts: &'r [Expression],
        mut value: impl FnMut(&'r Expression) -> Result<Value<'r>, Fault>,
    ) -> Result<Value<'r>, Fault> {
        /// Names and titles are seldom longer; the text grows where they are.
        const USUAL_BYTES: usize = 64;
        let mut text = String::with_capacity(USUAL_BYTES);
        let mut all_blank = true;
        for part in parts {
            let value = value(part)?;
            // A constant alone is no content: a prefix before a blank is blank.
            all_blank &= value.is_blank() || matches!(part, Expression::Constant(_));
            if let Value::Text(part) = &value {
                text.push_str(part);
            }
        }
        let only_constants = parts
            .iter()
            .all(|part| matches!(part, Expression::Constant(_)));
        Ok(if all_blank && !only_constants {
            Value::Absent
        } else {
            Value::owned(text)
        })
    }

    /// What the map gives for a value.
    pub(super) fn via(
        &self,
        value: &Value<'_>,
        map: super::ValueMapId,
    ) -> Result<Value<'r>, Fault> {
        let Some(map) = self.plan.values.get(usize::from(map.0)) else {
            return Ok(Value::Absent);
        };
        let word = word_of(value);
        let arm = if value.is_blank() {
            &map.blank
        } else {
            map.words.get(&*word).unwrap_or(&map.other)
        };
        match arm {
            Arm::Give(constant) => Ok(constant.value()),
            Arm::Hold => {
                let message = format!("the value is on no line of `values {}`", map.name);
                Err(Fault::new(FaultKind::NotOnList, message))
            }
        }
    }

    fn user(&self, id: UserLookupId) -> Result<Value<'r>, Fault> {
        let Some(lookup) = self.entity.user_lookups.get(usize::from(id.0)) else {
            return Ok(Value::Absent);
        };
        let wanted = self.value(&lookup.email)?;
        let Value::Text(wanted) = &wanted else {
            return Ok(Value::Absent);
        };
        let wanted = wanted.trim();
        if wanted.is_empty() {
            return Ok(Value::Absent);
        }
        if self.plan.users_unknown {
            return Ok(Value::owned(wanted.to_lowercase()));
        }
        let mut found = self
            .plan
            .users
            .iter()
            .filter(|user| user.active && user.email.eq_ignore_ascii_case(wanted));
        match (found.next(), found.next(), lookup.many) {
            (Some(user), None, _)
            | (Some(user), Some(_), ManyPolicy::Oldest | ManyPolicy::Primary | ManyPolicy::All) => {
                Ok(Value::text(&user.email))
            }
            (Some(_), Some(user), ManyPolicy::Newest) => Ok(Value::text(&user.email)),
            (Some(_), Some(_), ManyPolicy::Hold | ManyPolicy::BlankReport | ManyPolicy::Stop) => {
                Err(Fault::new(
                    FaultKind::MoreThanOne,
                    "several users have this e-mail address",
                ))
            }
            (None, _, _) => match &lookup.none {
                NonePolicy::Value(Constant::Text(text)) => Ok(Value::text(text)),
                NonePolicy::Value(constant) => Ok(constant.value()),
                NonePolicy::Hold | NonePolicy::BlankReport | NonePolicy::Stop => Err(Fault::new(
                    FaultKind::NotFound,
                    "no active user has this e-mail address",
                )),
            },
        }
    }
}

/// What a value map's lines are compared with.
pub(super) fn word_of<'v>(value: &'v Value<'_>) -> Cow<'v, str> {
    match value {
        Value::Text(text) => Cow::Borrowed(&**text),
        Value::Number(digits) => Cow::Borrowed(&**digits),
        Value::Boolean(yes) => Cow::Borrowed(if *yes { "yes" } else { "no" }),
        Value::Absent | Value::Null | Value::Time(_) | Value::Date(_) | Value::Json(_) => {
            Cow::Borrowed("")
        }
    }
}

fn same(left: &Value<'_>, right: &Value<'_>) -> bool {
    match (left, right) {
        (Value::Text(left), Value::Text(right)) => left == right,
        (Value::Number(left), Value::Number(right)) => compare_digits(left, right).is_eq(),
        (Value::Boolean(left), Value::Boolean(right)) => left == right,
        (Value::Date(left), Value::Date(right)) => left == right,
        (Value::Time(left), Value::Time(right)) => left == right,
        _ => false,
    }
}

/// The order of two values of one kind.
pub(super) fn order(left: &Value<'_>, right: &Value<'_>) -> Result<Ordering, Fault> {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => Ok(compare_digits(left, right)),
        (Value::Date(left), Value::Date(right)) => Ok(left.cmp(right)),
        (Value::Time(left), Value::Time(right)) => Ok(left.cmp(right)),
        (Value::Text(left), Value::Text(right)) => Ok(left.cmp(right)),
        _ => Err(Fault::new(
            FaultKind::WrongType,
            "expected two numbers, two dates or two times to compare, found something else",
        )),
    }
}

/// Compares two decimal numbers by their digits, of any length.
pub(super) fn compare_digits(left: &str, right: &str) -> Ordering {
    let (left_minus, left) = left
        .strip_prefix('-')
        .map_or((false, left), |rest| (true, rest));
    let (right_minus, right) = right
        .strip_prefix('-')
        .map_or((false, right), |rest| (true, rest));
    let size = compare_sizes(left, right);
    let is_zero = |digits: &str| digits.bytes().all(|byte| matches!(byte, b'0' | b'.'));
    match (left_minus && !is_zero(left), right_minus && !is_zero(right)) {
        (false, false) => size,
        (true, true) => size.reverse(),
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
    }
}

fn compare_sizes(left: &str, right: &str) -> Ordering {
    let (left_whole, left_places) = left.split_once('.').unwrap_or((left, ""));
    let (right_whole, right_places) = right.split_once('.').unwrap_or((right, ""));
    let left_whole = left_whole.trim_start_matches('0');
    let right_whole = right_whole.trim_start_matches('0');
    left_whole
        .len()
        .cmp(&right_whole.len())
        .then_with(|| left_whole.cmp(right_whole))
        .then_with(|| {
            left_places
                .trim_end_matches('0')
                .cmp(right_places.trim_end_matches('0'))
        })
}
