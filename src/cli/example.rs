//! `mapwright example`: writes examples, from a record with its private values made up, or for what nobody reaches.

use std::io::Write;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use super::arguments::{Example, ExampleFrom, ExampleMissing, ExampleOf};
use super::walk::Eyes;
use super::why::source_id;
use super::{Exit, Failure, covered, destination, rulebook, walk, written};
use crate::engine::{Coverage, Watch, Watched};
use crate::lang::{self, CheckedPoint, Compiled, Privately, Taken};
use crate::model::{Fate, Outcome};

/// Prints examples, ready to be pasted behind the rules.
pub(super) fn example(command: &Example, out: &mut dyn Write) -> Result<Exit, Failure> {
    match (&command.of, &command.rules, &command.from, &command.id) {
        (Some(ExampleOf::Missing(missing)), ..) => all_missing(missing, out),
        (Some(ExampleOf::From(from)), ..) => of_record(from, out),
        (None, Some(rules), Some(from), Some(id)) => {
            let from = ExampleFrom {
                id: id.clone(),
                rules: rules.clone(),
                from: from.clone(),
            };
            of_record(&from, out)
        }
        (None, ..) => Err(Failure::new(
            Exit::Usage,
            "expected a rule file, `--from` with a capture, and a record such as `cio:ID`",
        )),
    }
}

fn all_missing(command: &ExampleMissing, out: &mut dyn Write) -> Result<Exit, Failure> {
    let compiled = compiled(&command.rules, command.from.as_deref())?;
    let mut hits = Vec::new();
    if let (Some(from), Some(plan)) = (&command.from, &compiled.plan) {
        let capture = walk::open(from)?;
        let coverage = Coverage::of(plan, &compiled.fields);
        let eyes = Eyes {
            coverage: Some(&coverage),
            ..Eyes::default()
        };
        if walk::walk_for_approval(plan, &capture, None, eyes, &mut |_| Ok(()))?.is_none() {
            return Ok(Exit::Stopped);
        }
        hits = coverage.hits();
    }
    let is_missing = |point: &&CheckedPoint| {
        let records = hits.get(point.number).copied().unwrap_or_default();
        point.kind.is_for_examples() && point.examples == 0 && records == 0
    };
    let missing: Vec<&CheckedPoint> = compiled.points.iter().filter(is_missing).collect();
    let made = lang::suggest(&compiled, &missing);
    for example in covered::shown(&made).filter_map(|it| it.example.as_ref()) {
        written(writeln!(out, "{example}"))?;
    }
    for point in missing
        .iter()
        .zip(&made)
        .filter(|(_, it)| it.example.is_none())
    {
        let CheckedPoint {
            rule_line,
            item,
            text,
            ..
        } = point.0;
        written(writeln!(
            out,
            "# no made-up record was found for line {rule_line}, {item}: {text}"
        ))?;
    }
    Ok(Exit::Clean)
}

/// Without a capture nobody knows the users; any is taken then.
fn compiled(rules: &Path, capture: Option<&Path>) -> Result<Compiled, Failure> {
    let source = rulebook::read(rules)?;
    let mut schema = destination::schema_for(&source, capture.unwrap_or(Path::new("")))?;
    if let Some(schema) = schema.as_mut().filter(|_| capture.is_none()) {
        schema.users_unknown = true;
    }
    let compiled = rulebook::compile(&source, rules, schema.as_ref());
    if compiled.plan.is_none() {
        rulebook::render(&compiled.diagnostics);
        return Err(Failure::new(
            Exit::Findings,
            "findings in the rules; nothing was read",
        ));
    }
    Ok(compiled)
}

fn of_record(command: &ExampleFrom, out: &mut dyn Write) -> Result<Exit, Failure> {
    let capture = walk::open(&command.from)?;
    let compiled = compiled(&command.rules, Some(&command.from))?;
    let Some(plan) = &compiled.plan else {
        return Ok(Exit::Findings);
    };
    let wanted = source_id(&command.id, &capture)?;
    let taken: Mutex<Option<(Option<String>, Taken)>> = Mutex::default();
    let watch = |watched: &Watched<'_>| {
        if *watched.source == wanted {
            let mut place = taken.lock().unwrap_or_else(PoisonError::into_inner);
            let object_type = watched.evaluation.entity.object_type.clone();
            *place = Taken::of(watched.evaluation, plan).map(|it| (object_type, it));
        }
    };
    let mut found: Option<Outcome> = None;
    let summary = walk::watched(plan, &capture, Watch::new(&watch), &mut |outcome| {
        if outcome.source == wanted {
            found = Some(outcome);
        }
        Ok(())
    })?;
    if summary.is_none() {
        return Ok(Exit::Stopped);
    }
    let Some(outcome) = found else {
        return Err(Failure::new(
            Exit::Usage,
            format!("the capture has no record `{}`", command.id),
        )
        .help("people are asked for as `cio:CIO_ID`, objects as `object:TYPE/ID`, events as `event:ID`"));
    };
    refuse_merged(&outcome)?;
    let taken = taken.into_inner().unwrap_or_else(PoisonError::into_inner);
    let Some((object_type, taken)) = taken else {
        return Err(Failure::new(
            Exit::Usage,
            "no map of the rules reads this record, so that no example can be made of it",
        ));
    };
    let title = free_title(&compiled, outcome.entity().word());
    let of = (outcome.entity(), object_type.as_deref());
    match lang::example_from(&compiled, of, &taken, &title) {
        Privately::Example(text) => written(write!(out, "{text}")).map(|()| Exit::Clean),
        Privately::NeedsOthers => Err(Failure::new(
            Exit::Findings,
            "what other records say of this one decides, and an example has one record",
        )
        .help("`mapwright why` shows its way")),
        Privately::CannotMask(field) => Err(Failure::new(
            Exit::Findings,
            format!("no made-up value of `{field}` lets the record go the same way"),
        )
        .help("write the example by hand; `mapwright why` shows what decides")),
        Privately::NotMapped => Err(Failure::new(
            Exit::Usage,
            "the `.fields` file says nothing of this kind of record",
        )),
    }
}

fn refuse_merged(outcome: &Outcome) -> Result<(), Failure> {
    match &outcome.fate {
        Fate::Merged { into, because } => Err(Failure::new(
            Exit::Usage,
            format!("this record is merged into another one: {because}"),
        )
        .help(format!("ask for {into}"))),
        Fate::Draft(_)
        | Fate::Excluded { .. }
        | Fate::Held { .. }
        | Fate::Rejected { .. }
        | Fate::Carried { .. }
        | Fate::Ignored { .. } => Ok(()),
    }
}

/// A title that no example has.
fn free_title(compiled: &Compiled, word: &str) -> String {
    let is_taken = |title: &str| compiled.examples.iter().any(|it| it.title == title);
    let mut title = format!("a {word} of the capture");
    let mut number = 2;
    while is_taken(&title) {
        title = format!("a {word} of the capture ({number})");
        number += 1;
    }
    title
}
