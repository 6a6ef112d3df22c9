//! What the lines of a map really lose on one record: asked by a dry run alone, so that `apply` pays nothing.

use super::evaluate::{ARGUMENTS_MAX, word_of};
use super::{Arm, Evaluation, Expression, Line, TargetPlan, ValueLoss, ValueMapId, builtin};
use crate::model::{Fault, Loss, Value};

/// What making a value has lost.
#[derive(Default)]
struct Lost<'r> {
    /// In letters, digits, items or seconds.
    size: u64,
    /// Lines of value maps that it went by.
    words: Vec<&'r ValueLoss>,
}

impl Lost<'_> {
    fn add(&mut self, more: Self) {
        self.size = self.size.saturating_add(more.size);
        self.words.extend(more.words);
    }
}

impl<'r, 'a: 'r> Evaluation<'r, 'a> {
    /// The value of a line; what is lost on the way to it, by a function or by a word of a value map that says so, is
    /// added to `losses`.
    pub(super) fn losing(
        &self,
        line: &'r Line,
        target: &TargetPlan,
        losses: &mut Vec<Loss>,
    ) -> Result<Value<'r>, Fault> {
        if line.loses.is_none() && !line.loses_by_words {
            return self.value(&line.value);
        }
        let mut lost = Lost::default();
        // A fault is answered by the line's policy, and what it gives instead has lost nothing.
        let value = self.lose(&line.value, &mut lost)?;
        let mut add = |rule_line, what: &str, size| {
            let field = target.fields.get(usize::from(line.field));
            losses.push(Loss {
                rule_line,
                field: field.map_or_else(String::new, |it| it.name.clone()),
                what: what.to_owned(),
                size,
            });
        };
        if let Some(what) = line.loses.as_ref().filter(|_| lost.size > 0) {
            add(line.rule_line, what, lost.size);
        }
        for words in lost.words {
            add(words.rule_line, &words.loses, 1);
        }
        Ok(value)
    }

    /// The value, and what falls off on the way to it.
    fn lose(&self, expression: &'r Expression, lost: &mut Lost<'r>) -> Result<Value<'r>, Fault> {
        match expression {
            Expression::Slot(_)
            | Expression::Constant(_)
            | Expression::Fact(_)
            | Expression::Test(_)
            | Expression::User(_) => self.value(expression),
            Expression::Call { builtin, arguments } => self.lose_by_call(*builtin, arguments, lost),
            Expression::Concat(parts) => Self::concat(parts, |part| self.lose(part, lost)),
            Expression::FirstFilled(choices) => {
                for choice in choices {
                    let mut own = Lost::default();
                    let value = self.lose(choice, &mut own)?;
                    if !value.is_blank() {
                        lost.add(own);
                        return Ok(value);
                    }
                }
                Ok(Value::Absent)
            }
            Expression::Via { value, map } => {
                let value = self.lose(value, lost)?;
                lost.words.extend(self.word_lost(&value, *map));
                self.via(&value, *map)
            }
            Expression::If {
                when,
                then,
                otherwise,
            } => self.lose(if self.holds(when)? { then } else { otherwise }, lost),
        }
    }

    fn lose_by_call(
        &self,
        index: u16,
        arguments: &'r [Expression],
        lost: &mut Lost<'r>,
    ) -> Result<Value<'r>, Fault> {
        let Some(function) = builtin::builtin(index) else {
            return Ok(Value::Absent);
        };
        let mut few: [Value<'r>; ARGUMENTS_MAX] = [const { Value::Absent }; ARGUMENTS_MAX];
        let many: Vec<Value<'r>>;
        let values: &[Value<'r>] = if let Some(few) = few.get_mut(..arguments.len()) {
            for (place, argument) in few.iter_mut().zip(arguments) {
                *place = self.lose(argument, lost)?;
            }
            few
        } else {
            let found: Result<_, Fault> = arguments.iter().map(|it| self.lose(it, lost)).collect();
            many = found?;
            &many
        };
        let given = function.call(values)?;
        if function.can_lose() && values.first().is_some_and(|it| !it.is_blank()) {
            lost.size = lost.size.saturating_add((function.lost)(values, &given));
        }
        Ok(given)
    }

    /// The line of the value map that the word stands on, where it says what it loses.
    fn word_lost(&self, value: &Value<'_>, map: ValueMapId) -> Option<&'r ValueLoss> {
        let map = self.plan.values.get(usize::from(map.0))?;
        if map.losses.is_empty() {
            return None;
        }
        let word = word_of(value);
        let is_listed = map.words.contains_key(&*word);
        let arm = match map.words.get(&*word) {
            _ if value.is_blank() => &map.blank,
            Some(arm) => arm,
            None => &map.other,
        };
        if *arm == Arm::Hold {
            return None;
        }
        map.losses.iter().find(|line| {
            if value.is_blank() {
                line.blank
            } else if is_listed {
                line.words.iter().any(|it| *it == *word)
            } else {
                line.other
            }
        })
    }
}
