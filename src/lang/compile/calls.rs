//! Calls of functions, checked against the builtin table.

use crate::lang::ast::{Expr, Name};
use crate::lang::codes::{names, types};
use crate::model::Type;
use crate::plan::{self, BUILTINS, Builtin, Constant, Expression, Parameter, Sample, find_builtin};
use crate::text::Span;

use super::checker::suggest;
use super::kinds::{Kind, Typed};
use super::values::{Lowering, text_help};

impl Lowering<'_, '_> {
    pub(super) fn call(&mut self, name: &Name, arguments: &[Expr], span: Span) -> Typed {
        let arguments: Vec<Typed> = arguments.iter().map(|it| self.value(it)).collect();
        let Some((builtin, function)) = find_builtin(&name.text) else {
            let message = format!("there is no function `{}`", name.text);
            let known = BUILTINS
                .iter()
                .flat_map(|group| group.iter())
                .map(|it| it.name);
            let diagnostic = self.file.error(names::N210, name.span, message);
            suggest(
                diagnostic,
                name.span,
                &name.text,
                known.chain(["first_filled"]),
                || {
                    let names = BUILTINS.iter().flat_map(|group| group.iter());
                    let names: Vec<&str> = names.map(|it| it.name).collect();
                    format!("the functions are first_filled, {}", names.join(", "))
                },
            );
            return Typed::unknown(span);
        };
        if arguments.iter().any(Typed::is_unknown) {
            return Typed::unknown(span);
        }
        let first = arguments
            .first()
            .map_or(plan::Kind::Any, |it| it.kind.plain());
        if !self.count(function, first, arguments.len(), name) {
            return Typed::unknown(span);
        }
        let mut fine = true;
        for (index, argument) in arguments.iter().enumerate() {
            let parameter = function
                .parameters
                .get(index)
                .or(function.parameters.last());
            if let Some(parameter) = parameter {
                fine &= self.argument(function, parameter, argument);
            }
        }
        if !fine {
            return Typed::unknown(span);
        }
        let own = function
            .can_fail_on(first)
            .then(|| format!("`{}` cannot read every value", function.name));
        let fails = arguments.iter().find_map(|it| it.fails.clone()).or(own);
        let blank = arguments.first().is_some_and(|it| it.blank) || gives_blank(function);
        let item = arguments
            .first()
            .and_then(|it| self.item_kind(function, it));
        Typed {
            kind: item.unwrap_or_else(|| Kind::given(function.gives)),
            fails,
            blank,
            span,
            expression: Expression::Call {
                builtin,
                arguments: arguments.into_iter().map(|it| it.expression).collect(),
            },
        }
    }

    /// What `first` and `last` take from a list whose items are declared.
    fn item_kind(&self, function: &Builtin, list: &Typed) -> Option<Kind> {
        let Expression::Slot(slot) = &list.expression else {
            return None;
        };
        let Type::List(of) = &self.record.spec(*slot)?.r#type else {
            return None;
        };
        (function.gives == plan::Kind::Any).then(|| Kind::of(of))
    }

    fn count(&mut self, function: &Builtin, first: plan::Kind, found: usize, name: &Name) -> bool {
        let most = function.parameters.len();
        let least = function.arguments_min_on(first);
        if found >= least && (found <= most || function.variadic) {
            return true;
        }
        let wanted: Vec<&str> = function.parameters.iter().map(|it| it.name).collect();
        let many = match (least == most, function.variadic) {
            (_, true) => format!("{least} or more values"),
            (true, false) => format!("{most} {}", if most == 1 { "value" } else { "values" }),
            (false, false) => format!("{least} to {most} values"),
        };
        let message = format!(
            "`{}({})` takes {many}, found {found}",
            function.name,
            wanted.join(", ")
        );
        self.file.error(types::T210, name.span, message).help = Some(format!(
            "for example `{}`: {}",
            sample(function),
            function.sentence
        ));
        false
    }

    fn argument(&mut self, function: &Builtin, parameter: &Parameter, argument: &Typed) -> bool {
        if parameter.constant {
            let Expression::Constant(constant) = &argument.expression else {
                let message = format!(
                    "the {} of `{}` must be written here as it is, found a value of the record",
                    parameter.name, function.name
                );
                self.file.error(types::T211, argument.span, message).help =
                    Some(format!("write it out, e.g. `{}`", sample(function)));
                return false;
            };
            if let (Some(shape), Constant::Text(text) | Constant::Number(text)) =
                (&parameter.shape, constant)
                && !(shape.fits)(text)
            {
                let message = format!("expected {}, found `{text}`", shape.wanted);
                self.file.error(types::T211, argument.span, message).help =
                    Some(format!("for example `{}`", sample(function)));
                return false;
            }
        }
        let fits = argument.kind != Kind::User && parameter.takes(argument.kind.plain());
        if fits {
            return true;
        }
        let wanted: Vec<&str> = match parameter.only {
            [] => vec![words(parameter.kind)],
            only => only.iter().map(|it| words(*it)).collect(),
        };
        let message = format!(
            "the {} of `{}` must be {}, found {}",
            parameter.name,
            function.name,
            wanted.join(" or "),
            argument.kind
        );
        let help = match parameter.kind {
            plan::Kind::Text => text_help(&argument.kind),
            plan::Kind::Number | plan::Kind::Decimal | plan::Kind::Integer => {
                "read a number with `integer(…)` or `decimal(…, places)`, which can fail".to_owned()
            }
            plan::Kind::Time | plan::Kind::Date => {
                "read a time with `timestamp(…, \"unit\")`, a date with `date(…, \"zone\")`"
                    .to_owned()
            }
            plan::Kind::Boolean => {
                "write a condition, or read yes and no with `boolean(…)`".to_owned()
            }
            plan::Kind::List => {
                "name a field that is declared as `list of …`; an object becomes text with `json(…)`"
                    .to_owned()
            }
            plan::Kind::Object => {
                "name a field that is declared as `object { … }`; a list becomes text with `join(…, \", \")`"
                    .to_owned()
            }
            plan::Kind::Any => function.sentence.to_owned(),
        };
        self.file.error(types::T201, argument.span, message).help = Some(help);
        false
    }
}

/// Whether the table shows the function giving blank for something that is not.
fn gives_blank(function: &Builtin) -> bool {
    function.examples.iter().any(|example| {
        let filled = example
            .arguments
            .first()
            .is_some_and(|it| *it != Sample::Blank);
        filled && matches!(example.gives, Some(Sample::Blank | Sample::Text("")))
    })
}

fn words(kind: plan::Kind) -> &'static str {
    match kind {
        plan::Kind::Text => "text",
        plan::Kind::Number => "a number",
        plan::Kind::Integer => "an integer",
        plan::Kind::Decimal => "a decimal number",
        plan::Kind::Boolean => "yes or no",
        plan::Kind::Time => "a time",
        plan::Kind::Date => "a date",
        plan::Kind::List => "a list",
        plan::Kind::Object => "an object",
        plan::Kind::Any => "a value of the record",
    }
}

/// The first example of the table as a call.
fn sample(function: &Builtin) -> String {
    let arguments = function.examples.first().map_or(&[][..], |it| it.arguments);
    let written: Vec<String> = arguments
        .iter()
        .map(|it| match it {
            Sample::Blank => "blank".to_owned(),
            Sample::Text(text) => super::checker::quoted(text),
            Sample::Json(_) => "traits.x".to_owned(),
            Sample::Number(digits) | Sample::Date(digits) => (*digits).to_owned(),
            Sample::Yes => "yes".to_owned(),
            Sample::No => "no".to_owned(),
            Sample::Time(_) => "created_at".to_owned(),
        })
        .collect();
    format!("{}({})", function.name, written.join(", "))
}
