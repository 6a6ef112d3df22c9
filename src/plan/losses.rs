//! What the lines of a map really lose on one record: asked by a dry run alone, so that `apply` pays nothing.

use std::borrow::Cow;

use super::{Arm, Evaluation, Expression, TargetPlan, ValueLoss, ValueMapId, builtin};
use crate::model::{Loss, Value};

/// What making a value has lost.
#[derive(Default)]
struct Lost<'r> {
    /// In letters, digits, items or seconds.
    size: u64,
    /// Lines of value maps that it went by.
    words: Vec<&'r ValueLoss>,
}

impl<'r, 'a: 'r> Evaluation<'r, 'a> {
    /// The losses of a record that becomes `target`: of lines that say `loses`, and of the words of
    /// their value maps.
    pub fn losses(&self, target: &TargetPlan) -> Vec<Loss> {
        let mut losses = Vec::new();
        let map = self.entity.maps.iter().find(|map| {
            let found = self.plan.targets.get(usize::from(map.target.0));
            found.is_some_and(|it| it.name == target.name)
        });
        let Some(map) = map else { return losses };
        for line in map.key.iter().chain(&map.lines) {
            let mut lost = Lost::default();
            self.lose(&line.value, &mut lost);
            let field = || {
                let field = target.fields.get(usize::from(line.field));
                field.map_or_else(String::new, |it| it.name.clone())
            };
            if let Some(what) = line.loses.as_ref().filter(|_| lost.size > 0) {
                losses.push(Loss {
                    rule_line: line.rule_line,
                    field: field(),
                    what: what.clone(),
                    size: lost.size,
                });
            }
            for words in lost.words {
                losses.push(Loss {
                    rule_line: words.rule_line,
                    field: field(),
                    what: words.loses.clone(),
                    size: 1,
                });
            }
        }
        losses
    }

    /// Goes the way that the value goes and gathers what falls off; a value that cannot be made
    /// loses nothing, since the line's policy answers it.
    fn lose(&self, expression: &'r Expression, lost: &mut Lost<'r>) {
        match expression {
            Expression::Slot(_)
            | Expression::Constant(_)
            | Expression::Fact(_)
            | Expression::Test(_)
            | Expression::User(_) => {}
            Expression::Call { builtin, arguments } => self.trace_call(*builtin, arguments, lost),
            Expression::Concat(parts) => {
                for part in parts {
                    self.lose(part, lost);
                }
            }
            Expression::FirstFilled(choices) => {
                let chosen = choices
                    .iter()
                    .find(|it| self.value(it).is_ok_and(|value| !value.is_blank()));
                if let Some(chosen) = chosen {
                    self.lose(chosen, lost);
                }
            }
            Expression::Via { value, map } => {
                self.lose(value, lost);
                lost.words.extend(self.word_lost(value, *map));
            }
            Expression::If {
                when,
                then,
                otherwise,
            } => {
                if let Ok(holds) = self.holds(when) {
                    self.lose(if holds { then } else { otherwise }, lost);
                }
            }
        }
    }

    fn trace_call(&self, index: u16, arguments: &'r [Expression], lost: &mut Lost<'r>) {
        for argument in arguments {
            self.lose(argument, lost);
        }
        let Some(function) = builtin::builtin(index).filter(|it| it.can_lose()) else {
            return;
        };
        let values: Result<Vec<Value<'r>>, _> = arguments.iter().map(|it| self.value(it)).collect();
        let Ok(values) = values else { return };
        if values.first().is_none_or(Value::is_blank) {
            return;
        }
        if let Ok(given) = function.call(&values) {
            lost.size = lost.size.saturating_add((function.lost)(&values, &given));
        }
    }

    /// The line of the value map that the word stands on, where it says what it loses.
    fn word_lost(&self, value: &'r Expression, map: ValueMapId) -> Option<&'r ValueLoss> {
        let map = self.plan.values.get(usize::from(map.0))?;
        if map.losses.is_empty() {
            return None;
        }
        let value = self.value(value).ok()?;
        let word: Cow<'_, str> = match &value {
            Value::Text(text) => Cow::Borrowed(&**text),
            Value::Number(digits) => Cow::Borrowed(&**digits),
            Value::Boolean(yes) => Cow::Borrowed(if *yes { "yes" } else { "no" }),
            Value::Absent | Value::Null | Value::Time(_) | Value::Date(_) | Value::Json(_) => {
                Cow::Borrowed("")
            }
        };
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
