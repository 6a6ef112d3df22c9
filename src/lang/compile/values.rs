//! Lowers values: paths, constants, `+`, `first_filled`, `via`, `if`.

use crate::lang::ast::{Expr, ExprKind, Name, Path};
use crate::lang::codes::{names, types};
use crate::model::WrongTypePolicy;
use crate::plan::{Arm, Condition, Constant, Expression, ValueMapId};
use crate::text::Span;

use super::checker::{Checker, Lookable, suggest};
use super::kinds::{Kind, Typed};
use super::record::RecordBuilder;
use super::shape::Miss;

/// Lowers what stands in one entity's rules.
pub(super) struct Lowering<'x, 'c> {
    pub(super) file: &'x mut Checker<'c>,
    pub(super) record: &'x mut RecordBuilder,
}

impl Lowering<'_, '_> {
    /// A value; one whose names did not resolve is of unknown kind and silences what is built on it.
    pub(super) fn value(&mut self, expr: &Expr) -> Typed {
        match &expr.kind {
            ExprKind::Path(path) => self.path(path),
            ExprKind::Text(text) => Typed::constant(Constant::Text(text.clone()), expr.span),
            ExprKind::Number(digits) => {
                Typed::constant(Constant::Number(digits.clone()), expr.span)
            }
            // One that is no day of the calendar had its message from the parser.
            ExprKind::Date(digits) => match digits.parse() {
                Ok(date) => Typed::constant(Constant::Date(date), expr.span),
                Err(_) => Typed::unknown(expr.span),
            },
            ExprKind::Boolean(yes) => Typed::constant(Constant::Boolean(*yes), expr.span),
            ExprKind::Blank => Typed::constant(Constant::Blank, expr.span),
            ExprKind::Add(parts) => self.add(parts, expr.span),
            ExprKind::Call { name, arguments } if name.text == "first_filled" => {
                self.first_filled(arguments, expr.span)
            }
            ExprKind::Call { name, arguments } => self.call(name, arguments, expr.span),
            ExprKind::Via { value, table } => self.via(value, table, expr.span),
            ExprKind::If {
                condition,
                then,
                otherwise,
            } => self.if_then(condition, then, otherwise.as_deref(), expr.span),
            ExprKind::Lookup(_) => {
                let message = "a look-up stands alone behind `=`, not inside another value";
                self.file.error(types::T215, expr.span, message).help =
                    Some("give the look-up a line of its own".to_owned());
                Typed::unknown(expr.span)
            }
            ExprKind::Or(_)
            | ExprKind::And(_)
            | ExprKind::Not(_)
            | ExprKind::Is { .. }
            | ExprKind::In { .. }
            | ExprKind::Compare { .. } => Typed {
                expression: Expression::Test(Box::new(self.whole_condition(expr))),
                kind: Kind::Boolean,
                fails: None,
                blank: false,
                span: expr.span,
            },
        }
    }

    /// A fact, or a field of the record.
    pub(super) fn path(&mut self, path: &Path) -> Typed {
        if let Some(fact) = self.fact(path) {
            return fact;
        }
        let keys: Vec<String> = path.segments.iter().map(|it| it.text.clone()).collect();
        let Some(shape) = &self.record.shape else {
            self.no_shape(path.span);
            return Typed::unknown(path.span);
        };
        let miss = match shape.find(&keys) {
            Ok(found) => {
                let slot = self.record.slot(&found);
                return Typed {
                    expression: Expression::Slot(slot),
                    kind: Kind::of(&found.r#type),
                    fails: None,
                    blank: found.optional || found.wrong_type == WrongTypePolicy::BlankReport,
                    span: path.span,
                };
            }
            Err(miss) => miss,
        };
        if shape.declared.is_none() {
            self.no_shape(path.span);
            return Typed::unknown(path.span);
        }
        if self.file.is_unread("fact", &path.dotted()) {
            return Typed::unknown(path.span);
        }
        let (known, words) = (shape.paths(), shape.words());
        let mut known: Vec<String> = known;
        known.extend(self.record.facts.iter().map(|it| it.name.clone()));
        let written = path.dotted();
        let message = match &miss {
            Miss::Unknown => format!("{words} has no field `{written}`"),
            Miss::Below { field, r#type } => {
                format!("`{field}` is declared as {type}, which has no `{written}`")
            }
        };
        let diagnostic = self.file.error(names::N204, path.span, message);
        suggest(
            diagnostic,
            path.span,
            &written,
            known.iter().map(String::as_str),
            || match &miss {
                Miss::Unknown => {
                    format!("declare it under `fields of {words}` in the .fields file")
                }
                Miss::Below { field, .. } => format!(
                    "write `{field}`, or name this part in its declaration in the .fields file: `{field} object {{ … }}`"
                ),
            },
        );
        Typed::unknown(path.span)
    }

    fn no_shape(&mut self, span: Span) {
        if self.file.no_fields {
            return;
        }
        let words =
            super::shape::entity_words(self.record.entity, self.record.object_type.as_deref());
        let known = self.file.diagnostics.iter().any(|it| {
            it.code == names::N217 && it.message.ends_with(&format!("`fields of {words}`"))
        });
        if !known {
            let message = format!("the .fields file has no `fields of {words}`");
            self.file.error(names::N217, span, message).help = Some(format!(
                "declare the fields that the rules read: `fields of {words} … end`"
            ));
        }
    }

    fn fact(&mut self, path: &Path) -> Option<Typed> {
        let [name] = path.segments.as_slice() else {
            return None;
        };
        let found = self.record.fact(&name.text);
        if let Some((id, words)) = found.map(|(id, fact)| (id, fact.words.clone())) {
            let names = &mut self.record.fact_names;
            if let Some(named) = names.iter_mut().find(|it| it.name == name.text) {
                named.used = true;
            }
            return Some(Typed {
                expression: Expression::Fact(id),
                kind: Kind::Words { words, open: false },
                fails: None,
                blank: false,
                span: path.span,
            });
        }
        let ahead = self
            .record
            .facts_ahead
            .iter()
            .find(|it| it.name == name.text)?;
        // A fact that could not be read has had its message; one further down has not.
        if !ahead.broken {
            let span = ahead.span;
            let message = format!("the fact `{}` stands further down", name.text);
            let diagnostic = self.file.error(names::N222, path.span, message);
            diagnostic
                .labels
                .push((span, "it is defined here".to_owned()));
            diagnostic.help = Some("move it above the first rule that reads it".to_owned());
        }
        Some(Typed::unknown(path.span))
    }

    fn add(&mut self, parts: &[Expr], span: Span) -> Typed {
        let parts: Vec<Typed> = parts.iter().map(|it| self.value(it)).collect();
        if let Some(odd) = parts.iter().find(|it| !it.kind.is_textual()) {
            let message = format!("`+` joins texts, found {}", odd.kind);
            self.file.error(types::T201, odd.span, message).help = Some(text_help(&odd.kind));
            return Typed::unknown(span);
        }
        if parts.iter().any(Typed::is_unknown) {
            return Typed::unknown(span);
        }
        let is_constant = |it: &Typed| matches!(it.expression, Expression::Constant(_));
        let fails = parts.iter().find_map(|it| it.fails.clone());
        // A constant alone is no content: the whole is blank where every other part is.
        let blank = parts
            .iter()
            .filter(|it| !is_constant(it))
            .all(|it| it.blank)
            && !parts.iter().all(is_constant);
        if parts.iter().all(is_constant) {
            let text = parts.iter().map(|it| match &it.expression {
                Expression::Constant(Constant::Text(text)) => text.as_str(),
                Expression::Constant(_)
                | Expression::Slot(_)
                | Expression::Fact(_)
                | Expression::Call { .. }
                | Expression::Concat(_)
                | Expression::FirstFilled(_)
                | Expression::Via { .. }
                | Expression::If { .. }
                | Expression::Test(_)
                | Expression::User(_) => "",
            });
            return Typed::constant(Constant::Text(text.collect()), span);
        }
        Typed {
            expression: Expression::Concat(parts.into_iter().map(|it| it.expression).collect()),
            kind: Kind::Text,
            fails,
            blank,
            span,
        }
    }

    fn first_filled(&mut self, arguments: &[Expr], span: Span) -> Typed {
        let parts: Vec<Typed> = arguments.iter().map(|it| self.value(it)).collect();
        if parts.is_empty() {
            let message = "`first_filled` needs the values to choose from, found none";
            self.file.error(types::T210, span, message).help =
                Some("write `first_filled(a, b)`".to_owned());
            return Typed::unknown(span);
        }
        let fails = parts.iter().find_map(|it| it.fails.clone());
        let blank = parts.iter().all(|it| it.blank);
        let mut kind = Kind::Blank;
        for part in &parts {
            let Some(joined) = kind.clone().join(part.kind.clone()) else {
                let message = format!("expected {kind} like the value before, found {}", part.kind);
                self.file.error(types::T201, part.span, message).help =
                    Some("all values of `first_filled` are of one kind".to_owned());
                return Typed::unknown(span);
            };
            kind = joined;
        }
        if kind == Kind::Unknown {
            return Typed {
                blank,
                ..Typed::unknown(span)
            };
        }
        Typed {
            expression: Expression::FirstFilled(
                parts.into_iter().map(|it| it.expression).collect(),
            ),
            kind,
            fails,
            blank,
            span,
        }
    }

    fn if_then(
        &mut self,
        condition: &Expr,
        then: &Expr,
        otherwise: Option<&Expr>,
        span: Span,
    ) -> Typed {
        let when = self.whole_condition(condition);
        let then = self.value(then);
        let otherwise = match otherwise {
            Some(otherwise) => self.value(otherwise),
            None => Typed::constant(Constant::Blank, span),
        };
        let Some(kind) = then.kind.clone().join(otherwise.kind.clone()) else {
            let message = format!(
                "expected {} as behind `then`, found {}",
                then.kind, otherwise.kind
            );
            let diagnostic = self.file.error(types::T201, otherwise.span, message);
            diagnostic
                .labels
                .push((then.span, "this is the other value".to_owned()));
            diagnostic.help = Some("both values of `if` are of one kind".to_owned());
            return Typed::unknown(span);
        };
        if kind == Kind::Unknown {
            return Typed::unknown(span);
        }
        Typed {
            expression: Expression::If {
                when: Box::new(when),
                then: Box::new(then.expression),
                otherwise: Box::new(otherwise.expression),
            },
            kind,
            fails: then.fails.or(otherwise.fails),
            blank: then.blank || otherwise.blank,
            span,
        }
    }

    fn via(&mut self, value: &Expr, table: &Name, span: Span) -> Typed {
        let value = self.value(value);
        let found = self.file.find(Lookable::ValueMap, &table.text, table.span);
        let Some(index) = found else {
            return Typed::unknown(span);
        };
        if !matches!(
            value.kind,
            Kind::Text
                | Kind::Words { .. }
                | Kind::Integer
                | Kind::Boolean
                | Kind::Unknown
                | Kind::Blank
        ) {
            let message = format!("`via` looks up a word, found {}", value.kind);
            self.file.error(types::T201, value.span, message).help = Some(text_help(&value.kind));
            return Typed::unknown(span);
        }
        self.file.check_words(index, &value, table.span);
        if value.is_unknown() {
            return Typed::unknown(span);
        }
        let Some(map) = self.file.maps.get(index) else {
            return Typed::unknown(span);
        };
        let closed = matches!(&value.kind, Kind::Words { open: false, .. });
        let mut kind = Kind::Blank;
        let mut blank = false;
        let can_be = |word: &String| !closed || value.kind.words().contains(word);
        let reached = map.plan.words.iter().filter(|(word, _)| can_be(word));
        let others = [&map.plan.blank, &map.plan.other]
            .into_iter()
            .filter(|_| !closed);
        let mut mixed = false;
        for arm in reached.map(|(_, arm)| arm).chain(others) {
            let Arm::Give(constant) = arm else { continue };
            let given = Typed::constant(constant.clone(), span);
            blank |= given.blank;
            match kind.clone().join(given.kind) {
                Some(joined) => kind = joined,
                None => mixed = true,
            }
        }
        if mixed || map.broken {
            return Typed::unknown(span);
        }
        Typed {
            expression: Expression::Via {
                value: Box::new(value.expression),
                map: ValueMapId(u16::try_from(index).unwrap_or(u16::MAX)),
            },
            kind,
            fails: value.fails,
            blank,
            span,
        }
    }

    /// The condition of a broken expression, which is never asked.
    pub(super) fn never() -> Condition {
        Condition::Any(Vec::new())
    }
}

/// How to make a text of something else.
pub(super) fn text_help(kind: &Kind) -> String {
    match kind {
        Kind::Time => "make it text with `iso(…)` or a date with `date(…, \"zone\")`",
        Kind::List => "make it text with `join(…, \", \")` or `json(…)`",
        Kind::Object | Kind::Json => "make it text with `json(…)`",
        Kind::Boolean => "choose words with `if … then \"…\" else \"…\"`",
        Kind::Integer | Kind::Decimal | Kind::Date => {
            "nothing is converted silently; give the field a kind that fits, or make it text with `json(…)`"
        }
        Kind::Unknown | Kind::Blank | Kind::Text | Kind::Words { .. } | Kind::User => {
            "nothing is converted silently"
        }
    }
    .to_owned()
}
