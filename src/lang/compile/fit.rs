//! Whether a value fits the destination field that it is written to.

use crate::lang::codes::{names, types};
use crate::model::{Choice, Field, FieldKind, Target};
use crate::plan::{Arm, Constant, Expression, ValueMapId};
use crate::text::Span;

use super::checker::{Checker, suggest};
use super::kinds::{Kind, Typed, some};
use super::values::text_help;

/// What came of fitting a value to a field.
pub(super) enum Fit {
    /// The value can still fail there, in words.
    Fails(String),
    Fine,
    /// Reported.
    No,
}

impl Checker<'_> {
    /// Checks a value against its field; says what is wrong at the value.
    pub(super) fn fit(&mut self, value: &Typed, target: &Target, field: &Field) -> Fit {
        if value.is_unknown() {
            return Fit::No;
        }
        match (&field.kind, &value.kind) {
            (_, Kind::Blank | Kind::Unknown)
            | (FieldKind::Text { .. } | FieldKind::TextList, Kind::Text)
            | (FieldKind::Integer, Kind::Integer)
            | (FieldKind::Decimal, Kind::Integer | Kind::Decimal)
            | (FieldKind::Boolean, Kind::Boolean)
            | (FieldKind::Date, Kind::Date)
            | (FieldKind::Timestamp, Kind::Time)
            | (FieldKind::User, Kind::User)
            | (FieldKind::TextList, Kind::List | Kind::Words { .. })
            | (FieldKind::Json, Kind::Json | Kind::List | Kind::Object) => Fit::Fine,
            (FieldKind::Text { max }, Kind::Words { words, .. }) => {
                self.length(value, field, *max, words)
            }
            (FieldKind::Choice { choices, .. }, Kind::Words { words, open }) => {
                self.choice(value, target, field, choices, words, *open)
            }
            (FieldKind::Choice { choices, .. }, Kind::Text) => {
                let labels: Vec<String> = choices.iter().map(|it| it.label.clone()).collect();
                let message = format!("`{}` takes one of its choices, found open text", field.name);
                self.error(types::T213, value.span, message).help = Some(format!(
                    "choose with `via` and a `values` table; the choices are {}",
                    some(&labels)
                ));
                Fit::No
            }
            (kind, found) => {
                let message = format!("`{}` takes {}, found {found}", field.name, kind_words(kind));
                let help = fit_help(kind, found);
                self.error(types::T202, value.span, message).help = Some(help);
                Fit::No
            }
        }
    }

    fn length(&mut self, value: &Typed, field: &Field, max: Option<u32>, words: &[String]) -> Fit {
        let Some(max) = max else { return Fit::Fine };
        let long = |it: &&String| it.chars().count() > usize::try_from(max).unwrap_or(usize::MAX);
        let Some(word) = words.iter().find(long) else {
            return Fit::Fine;
        };
        let span = self.origin(value, word);
        let message = format!(
            "`{}` takes {max} characters, this text has {}",
            field.name,
            word.chars().count()
        );
        self.error(types::T206, span, message).help = Some("shorten the text".to_owned());
        Fit::No
    }

    fn choice(
        &mut self,
        value: &Typed,
        target: &Target,
        field: &Field,
        choices: &[Choice],
        words: &[String],
        open: bool,
    ) -> Fit {
        let labels: Vec<String> = choices.iter().map(|it| it.label.clone()).collect();
        let mut fine = true;
        for word in words
            .iter()
            .filter(|it| !it.is_empty() && !labels.contains(it))
        {
            fine = false;
            let span = self.origin(value, word);
            if self.is_told(names::N212, span) {
                continue;
            }
            let message = format!(
                "`{word}` is no choice of {}'s `{}`",
                target.name, field.name
            );
            let used = value.span;
            let diagnostic = self.error(names::N212, span, message);
            suggest(
                diagnostic,
                span,
                word,
                labels.iter().map(String::as_str),
                || format!("the choices are {}", some(&labels)),
            );
            if let Some(fix) = &mut diagnostic.fix {
                fix.replacement = super::checker::quoted(fix.replacement.trim_matches('"'));
            }
            if used != span {
                diagnostic.labels.push((used, "it is used here".to_owned()));
            }
        }
        match (fine, open) {
            (false, _) => Fit::No,
            (true, true) => Fit::Fails(format!("a word that is no choice of `{}`", field.name)),
            (true, false) => Fit::Fine,
        }
    }

    /// Where a word of the value was written: on a line of its table, or where the value stands.
    fn origin(&self, value: &Typed, word: &str) -> Span {
        let Some(map) = table_of(&value.expression) else {
            return value.span;
        };
        let map = self.maps.get(usize::from(map.0));
        let found = map.and_then(|map| {
            let is_it = |(arm, _): &&(Arm, Span)| {
                matches!(arm, Arm::Give(Constant::Text(text)) if text == word)
            };
            map.result_spans.iter().find(is_it)
        });
        found.map_or(value.span, |(_, span)| *span)
    }
}

fn table_of(expression: &Expression) -> Option<ValueMapId> {
    match expression {
        Expression::Via { map, .. } => Some(*map),
        Expression::FirstFilled(parts) => parts.iter().find_map(table_of),
        Expression::If {
            then, otherwise, ..
        } => table_of(then).or_else(|| table_of(otherwise)),
        Expression::Slot(_)
        | Expression::Constant(_)
        | Expression::Fact(_)
        | Expression::Call { .. }
        | Expression::Concat(_)
        | Expression::Test(_)
        | Expression::User(_) => None,
    }
}

/// A kind of field in words.
pub(super) fn kind_words(kind: &FieldKind) -> String {
    match kind {
        FieldKind::Text { max: None } => "text".to_owned(),
        FieldKind::Text { max: Some(max) } => format!("text up to {max} characters"),
        FieldKind::Integer => "an integer".to_owned(),
        FieldKind::Decimal => "a number".to_owned(),
        FieldKind::Boolean => "yes or no".to_owned(),
        FieldKind::Date => "a date".to_owned(),
        FieldKind::Timestamp => "a time".to_owned(),
        FieldKind::Choice { .. } => "one of its choices".to_owned(),
        FieldKind::User => "a user".to_owned(),
        FieldKind::Links { target, .. } => format!("links to {target}"),
        FieldKind::TextList => "a list of texts".to_owned(),
        FieldKind::Json => "json".to_owned(),
    }
}

fn fit_help(kind: &FieldKind, found: &Kind) -> String {
    match kind {
        FieldKind::Text { .. } | FieldKind::TextList => text_help(found),
        FieldKind::Integer => {
            "read a number with `integer(…) else …`; decimals are rounded only by `round(…)`".into()
        }
        FieldKind::Decimal => "read a number with `decimal(…, 2) else …`".to_owned(),
        FieldKind::Boolean => "write a condition, or read it with `boolean(…) else …`".to_owned(),
        FieldKind::Date => "make a date of a time with `date(…, \"zone\")`".to_owned(),
        FieldKind::Timestamp => "read a time with `timestamp(…, \"unit\") else …`".to_owned(),
        FieldKind::Choice { .. } => "choose with `via` and a `values` table".to_owned(),
        FieldKind::User => "write `lookup user by email = …`".to_owned(),
        FieldKind::Links { target, .. } => format!("write `lookup {target} by …`"),
        FieldKind::Json => "give it a list, an object or json as it is".to_owned(),
    }
}
