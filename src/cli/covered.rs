//! What `check` says of coverage: points of the rules, counts of the walk, examples for what nobody reaches.

use crate::engine::Coverage;
use crate::lang::{CheckedPoint, Compiled, PointKind, Suggestion, suggest};
use crate::plan::{Goes, Plan, SourceFields};
use crate::report::{Covered, CoveredField, CoveredPoint, CoveredSource};

/// Puts counts and examples together.
pub(super) fn covered(compiled: &Compiled, plan: &Plan, coverage: &Coverage) -> Covered {
    let hits = coverage.hits();
    let records = |point: &CheckedPoint| hits.get(point.number).copied().unwrap_or_default();
    let firsts = coverage.firsts();
    let missing: Vec<&CheckedPoint> = compiled
        .points
        .iter()
        .filter(|it| it.kind.is_for_examples() && it.examples == 0 && records(it) == 0)
        .collect();
    let made = suggest(compiled, &missing);
    let points = compiled.points.iter().map(|point| {
        let at = made.iter().position(|it| it.number == point.number);
        let own = at.and_then(|at| made.get(at));
        let earlier = at.and_then(|at| made.get(..at)).unwrap_or_default();
        CoveredPoint {
            item: point.item.clone(),
            kind: kind_word(point.kind),
            rule_line: point.rule_line,
            text: point.text.clone(),
            records: records(point),
            examples: point.examples,
            firsts: firsts.get(point.number).cloned().unwrap_or_default(),
            example: own.and_then(|it| it.example.clone()),
            is_shown_before: shown(earlier).any(|it| it.reaches.contains(&point.number)),
        }
    });
    Covered {
        points: points.collect(),
        sources: sources(compiled, plan, coverage),
    }
}

/// The examples that say something new, in order: one whose point an earlier one reaches is left out.
pub(super) fn shown(made: &[Suggestion]) -> impl Iterator<Item = &Suggestion> {
    let mut reached: Vec<usize> = Vec::new();
    made.iter().filter(move |it| {
        let is_new = it.example.is_some() && !reached.contains(&it.number);
        if is_new {
            reached.extend(&it.reaches);
        }
        is_new
    })
}

fn kind_word(kind: PointKind) -> &'static str {
    match kind {
        PointKind::Row => "row",
        PointKind::FactLine => "fact line",
        PointKind::Word => "word",
        PointKind::Policy => "policy",
        PointKind::ExcludeWhen => "exclude when",
        PointKind::Merge => "merge",
        PointKind::Limit => "limit",
    }
}

fn sources(compiled: &Compiled, plan: &Plan, coverage: &Coverage) -> Vec<CoveredSource> {
    let mut sources = Vec::new();
    for filled in coverage.filled() {
        let declared = compiled
            .fields
            .iter()
            .find(|it| it.entity == filled.entity && it.object_type == filled.object_type);
        let Some(declared) = declared else { continue };
        let mut fields: Vec<CoveredField> = Vec::new();
        for (field, count) in declared.fields.iter().zip(&filled.declared) {
            let goes = goes(plan, declared, &field.path);
            fields.push(field_of(field.name.clone(), true, *count, &goes));
        }
        for (path, count) in &filled.strangers {
            let goes = goes(plan, declared, path);
            fields.push(field_of(declared.words(path), false, *count, &goes));
        }
        sources.push(CoveredSource {
            source: match &declared.object_type {
                Some(object_type) => format!("{} \"{object_type}\"", declared.entity),
                None => declared.entity.to_string(),
            },
            records: filled.records,
            fields,
        });
    }
    sources
}

fn goes(plan: &Plan, declared: &SourceFields, path: &[String]) -> Goes {
    let entity = plan.entity(declared.entity, declared.object_type.as_deref());
    let is_place = declared
        .fields
        .iter()
        .any(|it| it.is_place && it.path == path);
    let goes = entity.map_or(Goes::Nowhere, |it| it.goes(plan, path));
    if is_place && is_lost(&goes) {
        return Goes::Place;
    }
    goes
}

fn is_lost(goes: &Goes) -> bool {
    matches!(goes, Goes::OnlyRead | Goes::Nowhere)
}

fn field_of(field: String, declared: bool, filled: u64, goes: &Goes) -> CoveredField {
    let words = match goes {
        Goes::To(fields) => format!("to {}", fields.join(", ")),
        Goes::Rest(field) => format!("with the rest to {field}"),
        Goes::Whole => "taken with the whole record".to_owned(),
        Goes::Ignored(because) => format!("ignored: {because}"),
        Goes::Place => "names the record, or whose it is".to_owned(),
        Goes::OnlyRead => "only read by a table".to_owned(),
        Goes::Nowhere => "mapped nowhere".to_owned(),
    };
    CoveredField {
        field,
        declared,
        filled,
        goes: words,
        is_lost: is_lost(goes),
    }
}
