//! Taking steps: contacts in bulk, leads, accounts and what hangs on them one by one; a verdict for each, in order.

mod bulk;
mod company;
mod queue;
mod row;
mod twin;
mod undo;

pub(super) use row::unfit;
pub(super) use undo::{attached, undo};

use crate::model::Scalar;
use crate::port::{Action, DestinationId, Step, Verdict};

use super::destination::Freshsales;
use super::edition::Edition;
use super::hanging::Hanging;
use super::snapshot::Target;
use super::{list, module};

/// Takes every step.
pub(super) fn write(freshsales: &Freshsales, steps: &[Step]) -> Vec<Verdict> {
    let mut verdicts: Vec<Option<Verdict>> = vec![None; steps.len()];
    let (mut people, mut members) = (Vec::new(), Vec::new());
    for (step, verdict) in steps.iter().zip(&mut verdicts) {
        match (
            Target::of_word(&step.target),
            Hanging::of_word(&step.target),
        ) {
            (Some(Target::Lead | Target::Contact), _) => people.push((step, verdict)),
            (Some(Target::Account), _) => *verdict = Some(company::write(freshsales, step)),
            (None, Some(hanging)) => *verdict = Some(hanging.write(freshsales, step)),
            (None, None) if list::is_member(&step.target) => members.push((step, verdict)),
            (None, None) if step.target == list::LIST => {
                *verdict = Some(freshsales.write_list(step));
            }
            (None, None) => {
                *verdict = Some(match module::name_of(&step.target) {
                    Some(name) => freshsales.write_in_module(name, step),
                    None => refused(unknown(&step.target)),
                });
            }
        }
    }
    if !people.is_empty() {
        let taken = write_people(freshsales, people.iter().map(|(step, _)| *step));
        for ((_, verdict), taken) in people.into_iter().zip(taken) {
            *verdict = Some(taken);
        }
    }
    if !members.is_empty() {
        let steps: Vec<&Step> = members.iter().map(|(step, _)| *step).collect();
        let taken = freshsales.write_members(&steps);
        for ((_, verdict), taken) in members.into_iter().zip(taken) {
            *verdict = Some(taken);
        }
    }
    let silent = || Verdict::NotSent {
        because: "the step was not looked at".to_owned(),
    };
    verdicts
        .into_iter()
        .map(|verdict| verdict.unwrap_or_else(silent))
        .collect()
}

fn unknown(target: &str) -> String {
    format!("Freshsales has no target called `{target}`")
}

/// A refusal of our own, before anything is sent: status 0.
pub(super) fn refused(message: String) -> Verdict {
    Verdict::Refused {
        status: 0,
        messages: vec![message],
    }
}

fn write_people<'a>(
    freshsales: &Freshsales,
    steps: impl Iterator<Item = &'a Step>,
) -> Vec<Verdict> {
    let account = freshsales.account();
    let mut rows: Vec<row::Row<'a>> = Vec::new();
    let mut verdicts: Vec<Result<usize, Verdict>> = Vec::new();
    let steps_in_order: Vec<&'a Step> = steps.collect();
    let made = steps_in_order
        .iter()
        .map(|step| row::row(freshsales, &account, step));
    for made in twin::heed(freshsales, &account, made.collect()) {
        let made = made.and_then(|row| {
            // Two rows of one key in one call would settle in an unknown order (freshsales.md 14).
            let is_taken = |known: &row::Row<'_>| {
                known.key.is_some() && known.key == row.key && known.entity == row.entity
            };
            if rows.iter().any(is_taken) {
                return Err(refused(
                    "another record of this batch has the same key".to_owned(),
                ));
            }
            Ok(row)
        });
        verdicts.push(made.map(|row| {
            rows.push(row);
            rows.len() - 1
        }));
    }
    let taken = bulk::take(freshsales, &account, &rows);
    let verdicts = verdicts.into_iter().map(|verdict| match verdict {
        Ok(at) => taken.get(at).cloned().unwrap_or_else(|| Verdict::NotSent {
            because: "the row was not looked at".to_owned(),
        }),
        Err(verdict) => verdict,
    });
    let mut verdicts: Vec<Verdict> = verdicts.collect();
    match account.snapshot.edition {
        Edition::Suite => queue::enlist(freshsales, &steps_in_order, &mut verdicts),
        // The tag alone says it: leads are on no list.
        Edition::Classic => {}
    }
    verdicts
}

/// The tags of a step, when it has any.
fn tags(step: &Step) -> Option<&[String]> {
    let field = step.fields.iter().find(|field| field.name == "tags")?;
    match &field.value {
        Scalar::TextList(tags) => Some(tags),
        Scalar::Text(tag) => Some(std::slice::from_ref(tag)),
        Scalar::Number(_)
        | Scalar::Boolean(_)
        | Scalar::Date(_)
        | Scalar::Time(_)
        | Scalar::Json(_) => None,
    }
}

/// The id that a step changes.
fn changed(step: &Step) -> Option<DestinationId> {
    match step.action {
        Action::Create => None,
        Action::Update(id) => Some(id),
    }
}
