//! Lines of a fact that no record gets to, since earlier lines take all of them or nothing can fit.

use std::collections::BTreeSet;

use crate::lang::codes::decisions;
use crate::lang::compile::follow_ups::TAKEN;
use crate::lang::compile::record::{Cause, Unreached};
use crate::lang::diagnostic::Diagnostic;
use crate::plan::{Column, ColumnCodes, Condition, Fact, FactId};

use super::super::values::Lowering;
use super::model::{Assignment, Model, Owned};
use super::{COMBINATIONS_MAX, ProofColumn, ProofTable};
use crate::text::Span;

/// What becomes of one line among all combinations.
#[derive(Clone, Default)]
struct Fate {
    is_first: bool,
    taken_by: BTreeSet<usize>,
}

/// Says which lines of the facts are never reached, and keeps which words no record gets.
pub(in crate::lang::compile) fn fact_lines(lowering: &mut Lowering<'_, '_>) {
    for index in 0..lowering.record.facts.len() {
        let is_broken = lowering
            .record
            .fact_names
            .get(index)
            .is_none_or(|it| it.broken);
        let Ok(id) = u16::try_from(index) else { return };
        if !is_broken {
            one(lowering, FactId(id));
        }
    }
}

fn one(lowering: &mut Lowering<'_, '_>, id: FactId) {
    let owned = Owned::of(lowering);
    let index = usize::from(id.0);
    let Some(fact) = owned.facts.get(index) else {
        return;
    };
    let spans = lowering.record.fact_lines.get(index).cloned();
    let spans = spans.unwrap_or_default();
    let proof = ProofTable::of_column(Column {
        name: fact.name.clone(),
        codes: ColumnCodes::Fact(id),
        rows: Vec::new(),
    });
    let model = Model::of(lowering, &owned, &proof);
    let Some((fates, words)) = fates(&model, fact, id) else {
        return;
    };
    for (at, (line, fate)) in fact.lines.iter().zip(&fates).enumerate() {
        if fate.is_first {
            continue;
        }
        let Some(span) = spans.get(at).copied() else {
            continue;
        };
        let word = fact.words.get(usize::from(line.word));
        let empty = empty_list(lowering, &line.when);
        if !words.contains(&line.word) {
            let cause = empty.map_or(Cause::Line(span), Cause::List);
            let word = line.word;
            let unreached = &mut lowering.record.unreached;
            unreached.push(Unreached {
                fact: id,
                word,
                cause,
            });
        }
        if empty.is_none() {
            let gives = word.filter(|_| !words.contains(&line.word));
            say(lowering, span, &spans, fate, gives);
        }
    }
}

fn say(
    lowering: &mut Lowering<'_, '_>,
    span: Span,
    spans: &[Span],
    fate: &Fate,
    word: Option<&String>,
) {
    let source = lowering.file.source;
    let never = word.map_or_else(String::new, |it| format!(", so none is ever `{it}`"));
    let diagnostic = if fate.taken_by.is_empty() {
        let message = format!("no record can ever fit this line{never}");
        Diagnostic::warning(decisions::D309, source, span, message)
            .help("its conditions cannot hold together; correct it or take it out")
    } else {
        let message = format!("no record gets as far as this line{never}");
        let mut diagnostic = Diagnostic::warning(decisions::D309, source, span, message)
            .help("lines of a fact are tried in order; correct the earlier line, or put this one before it");
        for line in fate.taken_by.iter().filter_map(|it| spans.get(*it)) {
            diagnostic = diagnostic.label(*line, TAKEN);
        }
        diagnostic
    };
    lowering.file.say(diagnostic);
}

/// Each line's fate and the words that some record gets; `None` where there are too many combinations.
fn fates(model: &Model<'_>, fact: &Fact, id: FactId) -> Option<(Vec<Fate>, BTreeSet<u16>)> {
    let mut fates = vec![Fate::default(); fact.lines.len()];
    let mut words = BTreeSet::new();
    let all: Vec<usize> = (0..model.variables.len()).collect();
    let counts: Vec<usize> = model.variables.iter().map(|it| it.classes.len()).collect();
    let mut total = 1_usize;
    for count in &counts {
        total = total.checked_mul(*count)?;
    }
    if total > COMBINATIONS_MAX {
        return None;
    }
    for number in 0..total {
        let mut left = number;
        let assignment: Assignment = counts
            .iter()
            .map(|count| {
                let class = left % count;
                left /= count;
                class
            })
            .collect();
        if !model.is_possible_among(&all, &assignment) {
            continue;
        }
        words.insert(model.fact(id, &assignment));
        let mut taken = None;
        for (at, line) in fact.lines.iter().enumerate() {
            if !model.holds(&line.when, &assignment) {
                continue;
            }
            let Some(fate) = fates.get_mut(at) else {
                continue;
            };
            match taken {
                None => {
                    fate.is_first = true;
                    taken = Some(at);
                }
                Some(first) => {
                    fate.taken_by.insert(first);
                }
            }
        }
    }
    Some((fates, words))
}

/// An empty list that the condition asks for: nothing can be in it, which has its own message.
fn empty_list(lowering: &Lowering<'_, '_>, condition: &Condition) -> Option<usize> {
    match condition {
        Condition::InList { list, .. } => {
            let index = usize::from(list.0);
            let is_empty = lowering.file.lists.get(index)?.items.is_empty();
            is_empty.then_some(index)
        }
        Condition::Not(_)
        | Condition::Is { .. }
        | Condition::Blank(_)
        | Condition::Compare { .. }
        | Condition::True(_)
        | Condition::FactIs { .. } => None,
        Condition::All(parts) | Condition::Any(parts) => {
            parts.iter().find_map(|it| empty_list(lowering, it))
        }
    }
}

impl ProofTable {
    /// A table of one column and no rows, to ask a model about.
    fn of_column(column: Column) -> Self {
        Self {
            columns: vec![ProofColumn {
                column,
                span: Span::default(),
                whole: false,
            }],
            rows: Vec::new(),
            cells: Vec::new(),
            head: Span::default(),
            says_otherwise: false,
            hold: "",
        }
    }
}
