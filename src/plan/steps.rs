//! The values on the way to a value, the innermost first, in the words of the rules.

use super::words::value_words;
use super::{Condition, Evaluation, Expression, Shown, Step};
use crate::model::{Type, Value};

impl<'r, 'a: 'r> Evaluation<'r, 'a> {
    pub(super) fn shown(&self, expression: &'r Expression) -> Shown {
        match self.value(expression) {
            Err(fault) => Shown::Fault(fault.to_string()),
            Ok(value) if value.is_blank() => Shown::Blank,
            Ok(value @ Value::Boolean(_)) => Shown::Word(value_words(&value)),
            Ok(value) if is_of_the_rules(expression) || self.is_listed(expression, &value) => {
                Shown::Word(value_words(&value))
            }
            Ok(value) => Shown::Private(value_words(&value)),
        }
    }

    /// A word that its declaration lists is nobody's own.
    fn is_listed(&self, expression: &Expression, value: &Value<'_>) -> bool {
        let (Expression::Slot(slot), Value::Text(text)) = (expression, value) else {
            return false;
        };
        let spec = self.entity.slots.get(usize::from(slot.0));
        matches!(spec.map(|it| &it.r#type), Some(Type::OneOf(words)) if words.iter().any(|it| it == &**text))
    }

    /// The values on the way to an expression's own, the innermost first.
    pub(super) fn steps(&self, expression: &'r Expression, steps: &mut Vec<Step>) {
        match expression {
            Expression::Constant(_) => return,
            Expression::Slot(_) | Expression::Fact(_) => {}
            Expression::Call { arguments, .. } => {
                for argument in arguments {
                    self.steps(argument, steps);
                }
            }
            Expression::Concat(parts) => {
                for part in parts {
                    self.steps(part, steps);
                }
            }
            Expression::FirstFilled(choices) => {
                for choice in choices {
                    self.steps(choice, steps);
                    if !matches!(self.value(choice), Ok(value) if value.is_blank()) {
                        break;
                    }
                }
            }
            Expression::Via { value, .. } => self.steps(value, steps),
            Expression::If {
                when,
                then,
                otherwise,
            } => {
                self.test_steps(when, steps);
                match self.holds(when) {
                    Ok(true) => self.steps(then, steps),
                    Ok(false) => self.steps(otherwise, steps),
                    Err(_) => {}
                }
            }
            Expression::Test(condition) => self.test_steps(condition, steps),
            Expression::User(id) => {
                if let Some(lookup) = self.entity.user_lookups.get(usize::from(id.0)) {
                    self.steps(&lookup.email, steps);
                }
            }
        }
        let step = Step {
            what: self.in_words().expression(expression),
            value: self.shown(expression),
        };
        if !steps.contains(&step) {
            steps.push(step);
        }
    }

    /// The values that a condition looks at, as far as it looks, and whether it holds.
    pub(super) fn test_steps(&self, condition: &'r Condition, steps: &mut Vec<Step>) {
        match condition {
            Condition::Is { value, .. }
            | Condition::Blank(value)
            | Condition::InList { value, .. }
            | Condition::True(value) => self.steps(value, steps),
            Condition::Compare { value, with, .. } => {
                self.steps(value, steps);
                self.steps(with, steps);
            }
            Condition::FactIs { .. } => {}
            Condition::Not(inner) => return self.test_steps(inner, steps),
            Condition::All(parts) => {
                for part in parts {
                    self.test_steps(part, steps);
                    if !matches!(self.holds(part), Ok(true)) {
                        return;
                    }
                }
                return;
            }
            Condition::Any(parts) => {
                for part in parts {
                    self.test_steps(part, steps);
                    if !matches!(self.holds(part), Ok(false)) {
                        return;
                    }
                }
                return;
            }
        }
        if matches!(condition, Condition::True(_)) {
            return;
        }
        let step = Step {
            what: self.in_words().condition(condition),
            value: match self.holds(condition) {
                Ok(yes) => Shown::Word(if yes { "yes" } else { "no" }.to_owned()),
                Err(fault) => Shown::Fault(fault.to_string()),
            },
        };
        if !steps.contains(&step) {
            steps.push(step);
        }
    }
}

/// Whether only the rules say what the value can be.
pub(super) fn is_of_the_rules(expression: &Expression) -> bool {
    match expression {
        Expression::Constant(_)
        | Expression::Fact(_)
        | Expression::Via { .. }
        | Expression::Test(_) => true,
        Expression::If {
            then, otherwise, ..
        } => is_of_the_rules(then) && is_of_the_rules(otherwise),
        Expression::Slot(_)
        | Expression::Call { .. }
        | Expression::Concat(_)
        | Expression::FirstFilled(_)
        | Expression::User(_) => false,
    }
}
