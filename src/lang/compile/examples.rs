//! `example … given … expect … end`: run through the compiled plan with the plan's own reader.

use serde_json::{Map, Value as Json};

use crate::lang::ast::{Example, Expect, ExpectKind, Given, GivenField, Literal, LiteralKind};
use crate::lang::codes::{coverage, names};
use crate::model::{Scalar, Type, Value};
use crate::plan::{
    Decision, EntityPlan, Evaluation, Hits, Plan, Points, Reader, Record, Shaped, scalar_of,
};
use crate::text::Span;

use super::checker::{Checker, suggest};
use super::environment::CheckedExample;
use super::further::{found_by_value, relate};
use super::given::put;
use super::shape::entity_words;

pub(super) fn run_examples(
    file: &mut Checker<'_>,
    plan: &Plan,
    examples: &[&Example],
) -> (Vec<CheckedExample>, Hits) {
    let points = Points::of(plan);
    let mut hits = points.no_hits();
    let checked = examples.iter().map(|example| CheckedExample {
        title: example.title.value.clone(),
        span: example.head,
        passed: run_one(file, plan, example, (&points, &mut hits)).is_some(),
    });
    (checked.collect(), hits)
}

/// A record of an example, ready to be read.
pub(super) struct Prepared<'p> {
    pub(super) entity: &'p EntityPlan,
    pub(super) line: String,
    derived: Vec<(usize, Value<'static>)>,
}

/// `Some` where it does what it says; otherwise there is a message.
fn run_one(
    file: &mut Checker<'_>,
    plan: &Plan,
    example: &Example,
    (points, hits): (&Points, &mut Hits),
) -> Option<()> {
    let (first, others) = example.given.split_first()?;
    let prepared = prepare(file, plan, first)?;
    let mut further = Vec::new();
    for given in others {
        further.push(relate(file, plan, given, prepared.entity)?);
    }
    let reader = Reader::of(prepared.entity);
    let mut record = Record::with_slots(prepared.entity.slots.len(), prepared.entity.facts.len());
    if let Err(error) = reader.read(prepared.line.as_bytes(), &mut record) {
        let message = format!("this record cannot be read: {error}");
        file.error(coverage::C503, first.span, message).help =
            Some("correct what is given".to_owned());
        return None;
    }
    for (slot, value) in prepared.derived {
        if let Some(cell) = record.cells.get_mut(slot) {
            *cell = crate::plan::Cell::Derived(value);
        }
    }
    let found = found_by_value(plan, (prepared.entity, &record), &further);
    record.related = further.into_iter().filter_map(|it| it.related).collect();
    record.related.extend(found);
    let evaluation = Evaluation {
        plan,
        entity: prepared.entity,
        record: &record,
        latest: jiff::Timestamp::MAX,
    };
    let mut reports = Vec::new();
    let decision = evaluation.decide(&mut reports);
    evaluation.count(points, &decision, &reports, hits);
    let mut all_fit = true;
    for expect in &example.expect {
        all_fit &= compare(file, expect, &decision);
    }
    all_fit.then_some(())
}

pub(super) fn prepare<'p>(
    file: &mut Checker<'_>,
    plan: &'p Plan,
    given: &Given,
) -> Option<Prepared<'p>> {
    let (entity, object_type) = file.entity(&given.entity)?;
    let words = entity_words(entity, object_type.as_deref());
    let Some(found) = plan.entity(entity, object_type.as_deref()) else {
        let message = format!("no map says what becomes of {words}");
        file.error(coverage::C503, given.entity.span, message).help =
            Some("give a record that the rules map".to_owned());
        return None;
    };
    let shape = file.shape(entity, object_type.as_deref())?.clone();
    let mut object = Map::new();
    let mut derived = Vec::new();
    put(
        &mut object,
        &shape.record_path(&shape.id),
        Json::String("example".to_owned()),
    );
    let mut all_fit = true;
    // A flag that every record has is `no` where an example does not speak of it.
    for field in shape
        .fields
        .iter()
        .filter(|it| !it.derived && !it.declared.optional)
    {
        if field.declared.r#type == Type::Boolean {
            put(
                &mut object,
                &shape.record_path(&field.declared.path),
                Json::Bool(false),
            );
        }
    }
    for field in &given.fields {
        let path: Vec<String> = field
            .path
            .segments
            .iter()
            .map(|it| it.text.clone())
            .collect();
        let Ok(declared) = shape.find(&path) else {
            all_fit = false;
            let written = field.path.dotted();
            let message = format!("{words} has no field `{written}`");
            let known = shape.paths();
            let diagnostic = file.error(names::N204, field.path.span, message);
            let known = known.iter().map(String::as_str);
            suggest(diagnostic, field.path.span, &written, known, || {
                "declare it in the .fields file".to_owned()
            });
            continue;
        };
        if declared.derived {
            let slot = found
                .slots
                .iter()
                .position(|it| it.derived && it.path == path);
            let value = derived_value(&field.value, &declared.r#type);
            derived.extend(slot.map(|it| (it, value)));
        } else {
            put(
                &mut object,
                &shape.record_path(&path),
                json_of(&field.value),
            );
        }
    }
    all_fit.then(|| Prepared {
        entity: found,
        line: Json::Object(object).to_string(),
        derived,
    })
}

fn compare(file: &mut Checker<'_>, expect: &Expect, decision: &Decision<'_>) -> bool {
    let found = words_of(decision);
    let reason = |wanted: &Option<crate::lang::ast::Text>, found: &str| {
        wanted.as_ref().is_none_or(|it| found.contains(&it.value))
    };
    let fits = match (&expect.kind, decision) {
        (ExpectKind::Target { target, fields }, Decision::Draft(shaped))
            if target.written() == shaped.target.name =>
        {
            let mut all_fit = true;
            for field in fields {
                all_fit &= compare_field(file, field, shaped);
            }
            return all_fit;
        }
        (ExpectKind::Hold(wanted), Decision::Held(found) | Decision::Rejected(found))
        | (ExpectKind::Stop(wanted), Decision::Stop(found)) => reason(wanted, found),
        (ExpectKind::Exclude(wanted), Decision::Excluded(found)) => reason(wanted, found),
        (
            ExpectKind::Target { .. }
            | ExpectKind::Hold(_)
            | ExpectKind::Exclude(_)
            | ExpectKind::Stop(_),
            Decision::Draft(_)
            | Decision::Excluded(_)
            | Decision::Held(_)
            | Decision::Rejected(_)
            | Decision::Stop(_),
        ) => false,
    };
    if fits {
        return true;
    }
    let wanted = match &expect.kind {
        ExpectKind::Target { target, .. } => target.written(),
        ExpectKind::Hold(reason) => with_reason("hold", reason.as_ref()),
        ExpectKind::Exclude(reason) => with_reason("exclude", reason.as_ref()),
        ExpectKind::Stop(reason) => with_reason("stop", reason.as_ref()),
    };
    let message = format!("the example expects {wanted}, the rules give {found}");
    fail(file, expect.span, message);
    false
}

fn compare_field(file: &mut Checker<'_>, field: &GivenField, shaped: &Shaped<'_>) -> bool {
    let name = field.path.dotted();
    let known = shaped.target.fields.iter().position(|it| it.name == name);
    let found = known.and_then(|index| {
        let kind = shaped.target.fields.get(index).map(|it| &it.kind)?;
        let is_it = |(it, _): &&(u16, Value<'_>)| usize::from(*it) == index;
        let (_, value) = shaped.key.iter().chain(&shaped.fields).find(is_it)?;
        scalar_of(value, kind)
    });
    if same(&field.value, found.as_ref()) {
        return true;
    }
    let found = match (&found, known) {
        (Some(scalar), _) => format!("`{}`", text_of(scalar)),
        (None, Some(_)) => "blank".to_owned(),
        (None, None) => format!("nothing, {}", super::follow_ups::UNFILLED),
    };
    let wanted = if field.value.kind == LiteralKind::Blank {
        "blank".to_owned()
    } else {
        format!("`{}`", literal_text(&field.value))
    };
    let message = format!("the example expects {wanted} in `{name}`, the rules give {found}");
    fail(file, field.span, message);
    false
}

fn fail(file: &mut Checker<'_>, span: Span, message: String) {
    file.error(coverage::C503, span, message).help =
        Some("either the rule or the example is wrong; correct the one that is".to_owned());
}

fn with_reason(word: &str, reason: Option<&crate::lang::ast::Text>) -> String {
    match reason {
        Some(reason) => format!("{word} \"{}\"", reason.value),
        None => word.to_owned(),
    }
}

/// The record is made up, so its words may be shown.
fn words_of(decision: &Decision<'_>) -> String {
    match decision {
        Decision::Draft(shaped) => shaped.target.name.clone(),
        Decision::Excluded(because) => format!("exclude \"{because}\""),
        Decision::Held(reason) => format!("hold \"{reason}\""),
        Decision::Rejected(reason) => format!("a record that cannot be read: {reason}"),
        Decision::Stop(reason) => format!("stop \"{reason}\""),
    }
}

fn same(wanted: &Literal, found: Option<&Scalar>) -> bool {
    let Some(found) = found else {
        return wanted.kind == LiteralKind::Blank;
    };
    match (&wanted.kind, found) {
        (LiteralKind::Boolean(wanted), Scalar::Boolean(found)) => wanted == found,
        (LiteralKind::Number(wanted), Scalar::Number(found)) => {
            super::proof::compare_numbers(wanted, found).is_eq()
        }
        (LiteralKind::List(wanted), Scalar::TextList(found)) => {
            wanted.iter().map(literal_text).eq(found.iter().cloned())
        }
        (
            LiteralKind::Text(_) | LiteralKind::Word(_) | LiteralKind::Date(_),
            Scalar::Text(_) | Scalar::Date(_) | Scalar::Time(_) | Scalar::Json(_),
        ) => literal_text(wanted) == text_of(found),
        (LiteralKind::Text(_) | LiteralKind::Word(_), Scalar::TextList(found)) => {
            found.as_slice() == [literal_text(wanted)]
        }
        (
            LiteralKind::Text(_)
            | LiteralKind::Number(_)
            | LiteralKind::Date(_)
            | LiteralKind::Boolean(_)
            | LiteralKind::Blank
            | LiteralKind::Word(_)
            | LiteralKind::List(_),
            _,
        ) => false,
    }
}

fn text_of(scalar: &Scalar) -> String {
    match scalar {
        Scalar::Text(text)
        | Scalar::Number(text)
        | Scalar::Date(text)
        | Scalar::Time(text)
        | Scalar::Json(text) => text.clone(),
        Scalar::Boolean(true) => "yes".to_owned(),
        Scalar::Boolean(false) => "no".to_owned(),
        Scalar::TextList(items) => items.join(", "),
    }
}

fn literal_text(literal: &Literal) -> String {
    match &literal.kind {
        LiteralKind::Text(text)
        | LiteralKind::Number(text)
        | LiteralKind::Date(text)
        | LiteralKind::Word(text) => text.clone(),
        LiteralKind::Boolean(true) => "yes".to_owned(),
        LiteralKind::Boolean(false) => "no".to_owned(),
        LiteralKind::Blank => String::new(),
        LiteralKind::List(items) => items
            .iter()
            .map(literal_text)
            .collect::<Vec<_>>()
            .join(", "),
    }
}

fn json_of(literal: &Literal) -> Json {
    match &literal.kind {
        LiteralKind::Text(text) | LiteralKind::Date(text) | LiteralKind::Word(text) => {
            Json::String(text.clone())
        }
        LiteralKind::Number(digits) => {
            serde_json::from_str(digits).unwrap_or_else(|_| Json::String(digits.clone()))
        }
        LiteralKind::Boolean(yes) => Json::Bool(*yes),
        LiteralKind::Blank => Json::Null,
        LiteralKind::List(items) => Json::Array(items.iter().map(json_of).collect()),
    }
}

/// A time is written in seconds, as the source counts it.
fn derived_value(literal: &Literal, r#type: &Type) -> Value<'static> {
    if let (LiteralKind::Number(digits), Type::Timestamp(_)) = (&literal.kind, r#type)
        && let Ok(seconds) = digits.parse()
        && let Ok(time) = jiff::Timestamp::from_second(seconds)
    {
        return Value::Time(time);
    }
    value_of(literal)
}

/// As the engine would derive it.
fn value_of(literal: &Literal) -> Value<'static> {
    match &literal.kind {
        LiteralKind::Text(text) | LiteralKind::Date(text) | LiteralKind::Word(text) => {
            Value::owned(text.clone())
        }
        LiteralKind::Number(digits) => Value::Number(digits.clone().into()),
        LiteralKind::Boolean(yes) => Value::Boolean(*yes),
        LiteralKind::Blank => Value::Absent,
        LiteralKind::List(_) => Value::Json(json_of(literal).to_string().into()),
    }
}
