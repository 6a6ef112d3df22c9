//! Loss is written down: `loses "…"` stands exactly where a value can lose something on its way.

use crate::lang::ast::Text;
use crate::lang::codes::losses;
use crate::lang::diagnostic::Counted;
use crate::model::Type;
use crate::plan::{self, BUILTINS, Builtin, Constant, Expression, Loses, SlotId};
use crate::text::Span;

use super::checker::quoted;
use super::values::Lowering;

/// A step of a value that can lose something.
struct Step {
    function: &'static Builtin,
    loses: Loses,
}

impl Lowering<'_, '_> {
    /// Compares what a value can lose with what its line says; `end` is where a clause would stand. Gives what the
    /// line should say where it says nothing.
    pub(super) fn loss(
        &mut self,
        said: Option<&Text>,
        value: &Expression,
        span: Span,
        end: usize,
    ) -> Option<String> {
        let mut steps = Vec::new();
        self.steps(value, &mut steps);
        match (said, steps.first()) {
            (None, Some(step)) => {
                let told = told(&steps);
                if self.file.is_told(losses::L702, span) {
                    return Some(told);
                }
                let rule_line = self.line_of(span);
                let (name, lost) = (step.function.name, step.function.lost_words);
                let can = match step.loses {
                    Loses::Always => "loses",
                    Loses::Depends | Loses::Never => "can lose",
                };
                let message = format!("`{name}` {can} {lost}, and the line does not say so");
                let words = format!("loses {}", quoted(&told));
                let diagnostic = self.file.error(losses::L702, span, message);
                diagnostic.help = Some(format!(
                    "if that may be, end the line with `{words}`; `check` counts the records"
                ));
                let at = Span::new(end, end);
                *diagnostic = diagnostic
                    .clone()
                    .fix(at, format!("  {words}"), "say what is lost");
                diagnostic.counted = Some(Counted::Lost { rule_line });
                return Some(told);
            }
            (Some(said), None) => self.needless(said, value),
            (Some(_), Some(_)) | (None, None) => {}
        }
        None
    }

    fn needless(&mut self, said: &Text, value: &Expression) {
        let maps = &self.file.maps;
        let by_words = tables(value).into_iter().any(|map| {
            maps.get(usize::from(map.0))
                .is_none_or(|it| it.broken || !it.plan.losses.is_empty())
        });
        if by_words || self.file.is_told(losses::L703, said.span) {
            return;
        }
        let message = "nothing on this line can be lost";
        let diagnostic = self.file.note(losses::L703, said.span, message);
        diagnostic.help = Some(
            "leave `loses …` out: who approves the losses would look for one that is not there"
                .to_owned(),
        );
    }

    /// Steps that can lose, the outermost last.
    fn steps(&self, value: &Expression, steps: &mut Vec<Step>) {
        match value {
            Expression::Slot(_)
            | Expression::Constant(_)
            | Expression::Fact(_)
            | Expression::Test(_)
            | Expression::User(_) => {}
            Expression::Call { builtin, arguments } => {
                for argument in arguments {
                    self.steps(argument, steps);
                }
                let Some(function) = function(*builtin) else {
                    return;
                };
                let first = arguments.first();
                let kind = first.map_or(plan::Kind::Any, |it| self.kind_of(it));
                let loses = function.loses_on(kind);
                if loses != Loses::Never {
                    steps.push(Step { function, loses });
                }
            }
            Expression::Concat(parts) | Expression::FirstFilled(parts) => {
                for part in parts {
                    self.steps(part, steps);
                }
            }
            Expression::Via { value, .. } => self.steps(value, steps),
            Expression::If {
                then, otherwise, ..
            } => {
                self.steps(then, steps);
                self.steps(otherwise, steps);
            }
        }
    }

    /// The kind of a lowered value, as far as it decides what a function does with it.
    fn kind_of(&self, value: &Expression) -> plan::Kind {
        match value {
            Expression::Slot(slot) => self.slot_kind(*slot),
            Expression::Constant(constant) => match constant {
                Constant::Blank => plan::Kind::Any,
                Constant::Text(_) => plan::Kind::Text,
                Constant::Number(digits) if digits.contains('.') => plan::Kind::Decimal,
                Constant::Number(_) => plan::Kind::Integer,
                Constant::Boolean(_) => plan::Kind::Boolean,
                Constant::Date(_) => plan::Kind::Date,
                Constant::Time(_) => plan::Kind::Time,
            },
            Expression::Call { builtin, arguments } => {
                let item = match arguments.first() {
                    Some(Expression::Slot(slot)) => match self.record.spec(*slot) {
                        Some(spec) => match &spec.r#type {
                            Type::List(of) => Some(plain(of)),
                            Type::Text
                            | Type::Integer
                            | Type::Decimal
                            | Type::Boolean
                            | Type::Timestamp(_)
                            | Type::Date
                            | Type::OneOf(_)
                            | Type::Object(_)
                            | Type::Json => None,
                        },
                        None => None,
                    },
                    Some(_) | None => None,
                };
                let gives = function(*builtin).map_or(plan::Kind::Any, |it| it.gives);
                match item {
                    Some(item) if gives == plan::Kind::Any => item,
                    Some(_) | None => gives,
                }
            }
            Expression::Fact(_)
            | Expression::Concat(_)
            | Expression::Via { .. }
            | Expression::User(_) => plan::Kind::Text,
            Expression::FirstFilled(parts) => {
                let mut kinds = parts.iter().map(|it| self.kind_of(it));
                let first = kinds.next().unwrap_or(plan::Kind::Any);
                if kinds.all(|it| it == first) {
                    first
                } else {
                    plan::Kind::Any
                }
            }
            Expression::If { then, .. } => self.kind_of(then),
            Expression::Test(_) => plan::Kind::Boolean,
        }
    }

    fn slot_kind(&self, slot: SlotId) -> plan::Kind {
        self.record
            .spec(slot)
            .map_or(plan::Kind::Any, |it| plain(&it.r#type))
    }
}

fn plain(r#type: &Type) -> plan::Kind {
    super::kinds::Kind::of(r#type).plain()
}

fn function(index: u16) -> Option<&'static Builtin> {
    let mut all = BUILTINS.iter().flat_map(|group| group.iter());
    all.nth(usize::from(index))
}

/// What is lost, each once, in the order of the steps.
fn told(steps: &[Step]) -> String {
    let mut words: Vec<&str> = Vec::new();
    for step in steps {
        if !words.contains(&step.function.lost_words) {
            words.push(step.function.lost_words);
        }
    }
    words.join(" and ")
}

/// The value maps that a value goes by.
fn tables(value: &Expression) -> Vec<plan::ValueMapId> {
    match value {
        Expression::Via { value, map } => {
            let mut found = tables(value);
            found.push(*map);
            found
        }
        Expression::Call {
            arguments: parts, ..
        }
        | Expression::Concat(parts)
        | Expression::FirstFilled(parts) => parts.iter().flat_map(tables).collect(),
        Expression::If {
            then, otherwise, ..
        } => {
            let mut found = tables(then);
            found.extend(tables(otherwise));
            found
        }
        Expression::Slot(_)
        | Expression::Constant(_)
        | Expression::Fact(_)
        | Expression::Test(_)
        | Expression::User(_) => Vec::new(),
    }
}
