//! A made-up record for a combination, proven by running it through the compiled facts and columns.

use std::collections::BTreeMap;

use crate::lang::compile::given::{GivenValue, record_of, words_of};
use crate::model::{TimeUnit, Type};
use crate::plan::{Cut, Expression, SlotId, Table};

use super::super::values::Lowering;
use super::classes::{Class, Tests};
use super::model::{Assignment, Model, Subject};
use super::states::State;

/// How many records are tried for one way.
const TRIES_MAX: usize = 400;

/// The record in rule words: `person cio_id "w1", email "jo@gmail.com"`.
pub(super) fn witness(
    lowering: &Lowering<'_, '_>,
    table: &Table,
    model: &Model<'_>,
    state: &State,
) -> Option<String> {
    let check = Check::new(lowering, table);
    state
        .ways
        .iter()
        .find_map(|way| of_way(lowering, &check, model, way, &state.codes))
}

/// The plan so far, to run a record through.
struct Check {
    plan: crate::plan::Plan,
    table: Table,
}

impl Check {
    fn new(lowering: &Lowering<'_, '_>, table: &Table) -> Self {
        Self {
            plan: lowering.plan_so_far(),
            table: table.clone(),
        }
    }

    fn codes(&self, values: &[(SlotId, GivenValue)]) -> Option<Vec<usize>> {
        let entity = self.plan.entities.first()?;
        let line = record_of(entity, values);
        crate::lang::compile::given::with_record(&self.plan, entity, &line, values, |evaluation| {
            self.table
                .columns
                .iter()
                .map(|it| it.code(evaluation).ok())
                .collect()
        })?
    }
}

fn of_way(
    lowering: &Lowering<'_, '_>,
    check: &Check,
    model: &Model<'_>,
    way: &Assignment,
    codes: &[usize],
) -> Option<String> {
    let choices = choices(lowering, model, way);
    let slots: Vec<(&SlotId, &Vec<Option<GivenValue>>)> = choices.iter().collect();
    let total: usize = slots
        .iter()
        .map(|(_, it)| it.len())
        .try_fold(1_usize, usize::checked_mul)
        .unwrap_or(TRIES_MAX);
    for number in 0..total.min(TRIES_MAX) {
        let mut left = number;
        let mut values: Vec<(SlotId, GivenValue)> = Vec::new();
        for (slot, options) in &slots {
            let chosen = options.get(left % options.len().max(1)).cloned().flatten();
            left /= options.len().max(1);
            values.extend(chosen.map(|it| (**slot, it)));
        }
        if check.codes(&values).as_deref() == Some(codes) {
            return Some(words_of(lowering.record, &values));
        }
    }
    None
}

/// For each slot that the tests read, the values that may give its class.
fn choices(
    lowering: &Lowering<'_, '_>,
    model: &Model<'_>,
    way: &Assignment,
) -> BTreeMap<SlotId, Vec<Option<GivenValue>>> {
    let mut exact: BTreeMap<SlotId, Vec<Option<GivenValue>>> = BTreeMap::new();
    let mut derived: BTreeMap<SlotId, Vec<Option<GivenValue>>> = BTreeMap::new();
    for (index, variable) in model.variables.iter().enumerate() {
        let Some(class) = model.class(index, way) else {
            continue;
        };
        let Subject::Value(expression) = &variable.subject else {
            continue;
        };
        if let Expression::Slot(slot) = expression {
            let spec = lowering.record.spec(*slot);
            let mut values = of_class(class, &variable.tests, spec.map(|it| &it.r#type));
            if let (Class::Other, Some(spec)) = (class, spec)
                && spec.r#type == Type::Text
            {
                values = vec![Some(GivenValue::MadeUp(named_text(&spec.name)))];
            }
            exact.insert(*slot, values);
            continue;
        }
        let mut slots = Vec::new();
        lowering.record.slots_of(expression, &mut slots);
        for slot in slots {
            derived.entry(slot).or_default().extend(guesses(class));
        }
    }
    for (slot, guesses) in derived {
        let known = exact.entry(slot).or_default();
        let fixed = matches!(known.as_slice(), [None])
            || (known.len() == 1 && !known.iter().flatten().any(GivenValue::is_made_up));
        if !fixed {
            // What was guessed for the function's sake comes first.
            let rest = std::mem::take(known);
            known.extend(guesses);
            known.extend(rest);
        }
    }
    exact
}

fn of_class(class: &Class, tests: &Tests, r#type: Option<&Type>) -> Vec<Option<GivenValue>> {
    match class {
        Class::Blank => vec![None],
        Class::Text(text) => vec![Some(GivenValue::Text(text.clone()))],
        Class::No => vec![Some(GivenValue::Boolean(false))],
        Class::Yes => vec![Some(GivenValue::Boolean(true))],
        Class::Range(code) => vec![Some(in_range(*code, &tests.cuts, r#type))],
        Class::Other => made_up(r#type),
    }
}

/// A text that looks like what the field is called after.
fn named_text(name: &str) -> String {
    let last = name.rsplit('.').next().unwrap_or(name);
    if last.contains("email") {
        "jo@firm.example".to_owned()
    } else if last == "id" || last.ends_with("_id") {
        "u-1".to_owned()
    } else {
        "something else".to_owned()
    }
}

/// A value that is on no list and no word of a test.
fn made_up(r#type: Option<&Type>) -> Vec<Option<GivenValue>> {
    match r#type {
        Some(Type::Integer | Type::Decimal) => vec![Some(GivenValue::Number("7".to_owned()))],
        Some(Type::Boolean) => vec![Some(GivenValue::Boolean(true))],
        Some(Type::Date) => vec![Some(GivenValue::Text("2024-05-31".to_owned()))],
        Some(Type::Timestamp(TimeUnit::Seconds)) => {
            vec![Some(GivenValue::Number("1700000000".to_owned()))]
        }
        Some(Type::Timestamp(TimeUnit::Milliseconds)) => {
            vec![Some(GivenValue::Number("1700000000000".to_owned()))]
        }
        Some(Type::Timestamp(TimeUnit::Iso)) => {
            vec![Some(GivenValue::Text("2024-05-31T12:00:00Z".to_owned()))]
        }
        Some(Type::List(_)) => vec![Some(GivenValue::List)],
        Some(Type::Text | Type::OneOf(_) | Type::Object(_) | Type::Json) | None => {
            vec![Some(GivenValue::MadeUp("something else".to_owned()))]
        }
    }
}

fn in_range(code: usize, cuts: &[Cut], r#type: Option<&Type>) -> GivenValue {
    let (at, above) = (code / 2, code % 2);
    let on = |index: usize| cuts.get(index);
    let value = if above == 1 {
        on(at).map(|it| shifted(it, 0, r#type))
    } else if let Some(cut) = on(at).filter(|_| at == 0) {
        Some(shifted(cut, -1, r#type))
    } else {
        at.checked_sub(1)
            .and_then(on)
            .map(|it| shifted(it, 1, r#type))
    };
    value.unwrap_or_else(|| GivenValue::Number("7".to_owned()))
}

/// A value on a cut, or as far from it.
pub(in crate::lang::compile) fn shifted(cut: &Cut, by: i64, r#type: Option<&Type>) -> GivenValue {
    match cut {
        Cut::Number(digits) => {
            let whole: Option<i64> = digits.split('.').next().and_then(|it| it.parse().ok());
            match (by, whole) {
                (0, _) | (_, None) => GivenValue::Number(digits.clone()),
                (by, Some(whole)) => GivenValue::Number((whole + by).to_string()),
            }
        }
        Cut::Date(date) => {
            let moved = date.saturating_add(jiff::Span::new().days(by));
            GivenValue::Text(moved.to_string())
        }
        Cut::Time(time) => {
            let seconds = time.as_second() + by;
            match r#type {
                Some(Type::Timestamp(TimeUnit::Milliseconds)) => {
                    GivenValue::Number((seconds * 1000).to_string())
                }
                Some(Type::Timestamp(TimeUnit::Iso)) => match jiff::Timestamp::from_second(seconds)
                {
                    Ok(time) => GivenValue::Text(time.to_string()),
                    Err(_) => GivenValue::Number(seconds.to_string()),
                },
                Some(
                    Type::Text
                    | Type::Integer
                    | Type::Decimal
                    | Type::Boolean
                    | Type::Timestamp(TimeUnit::Seconds)
                    | Type::Date
                    | Type::OneOf(_)
                    | Type::List(_)
                    | Type::Object(_)
                    | Type::Json,
                )
                | None => GivenValue::Number(seconds.to_string()),
            }
        }
    }
}

/// Values whose function may give the class; the plan itself says whether it does.
fn guesses(class: &Class) -> Vec<Option<GivenValue>> {
    let text = |it: String| Some(GivenValue::MadeUp(it));
    match class {
        Class::Text(word) => vec![
            text(format!("jo@{word}")),
            text(word.clone()),
            text(format!("{word}@firm.example")),
            text(format!("https://{word}/")),
            text(format!("{word} something")),
            text(format!("something {word}")),
        ],
        Class::Other | Class::Yes => vec![
            text("jo@firm.example".to_owned()),
            text("something else".to_owned()),
            text("https://firm.example/".to_owned()),
            Some(GivenValue::Number("7".to_owned())),
        ],
        Class::Blank | Class::No => vec![
            None,
            text("something else".to_owned()),
            text("jo@firm.example".to_owned()),
        ],
        Class::Range(_) => vec![Some(GivenValue::Number("7".to_owned()))],
    }
}
