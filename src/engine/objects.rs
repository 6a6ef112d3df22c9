//! Objects: each type by its map, by the rule for other types, or ignored.

use std::borrow::Cow;
use std::sync::Arc;

use super::coverage::Tally;
use super::decided::{
    Decided, SAME_TWICE, TWO_RECORDS, excluded, fate_of, held, losses_of, merged, rejected,
};
use super::index::JoinWriter;
use super::pipeline::{Job, run};
use super::probe::{BadLine, Probe, cell_text};
use super::summary::Emit;
use super::twins::{self, Twin, twin_at};
use super::walk::Ground;
use super::{Options, WalkError, Watch, Watched};
use crate::capture::ObjectType;
use crate::model::{Entity, Fate, Outcome, Report, Scalar, SourceId};
use crate::plan::{EntityPlan, Evaluation, ObjectRule, Plan, Reader, Record};

/// What the plan does with each object type.
pub(super) struct ObjectUses<'p> {
    uses: Vec<ObjectUse<'p>>,
    plan: &'p Plan,
    options: &'p Options<'p>,
}

/// What the plan does with one object type.
#[derive(Clone)]
pub(super) struct ObjectUse<'p> {
    pub(super) id: String,
    pub(super) names: Vec<String>,
    /// Row of the reconciliation.
    row: String,
    rule: TypeRule<'p>,
}

#[derive(Clone)]
enum TypeRule<'p> {
    Mapped(&'p EntityPlan, Arc<Reader>),
    Ignored(&'p str),
    Other(&'p ObjectRule),
    /// The checker refuses such a plan; the record waits.
    None,
}

impl<'p> ObjectUses<'p> {
    pub(super) fn of(plan: &'p Plan, types: Vec<ObjectType>, options: &'p Options<'p>) -> Self {
        let uses = types
            .into_iter()
            .map(|it| ObjectUse::of((plan, options), it.id, it.names))
            .collect();
        Self {
            uses,
            plan,
            options,
        }
    }

    /// A type that `object_types.ndjson` does not list is named by its id.
    pub(super) fn find(&self, id: &str) -> Cow<'_, ObjectUse<'p>> {
        let known = self.uses.iter().find(|it| it.id == id);
        known.map_or_else(
            || {
                let by = (self.plan, self.options);
                Cow::Owned(ObjectUse::of(by, id.to_owned(), vec![id.to_owned()]))
            },
            Cow::Borrowed,
        )
    }
}

impl<'p> ObjectUse<'p> {
    fn of((plan, options): (&'p Plan, &Options<'_>), id: String, names: Vec<String>) -> Self {
        let mapped = names
            .iter()
            .find_map(|name| plan.entity(Entity::Object, Some(name)));
        let ignored = plan.ignored.iter().find(|it| {
            it.entity == Entity::Object
                && it
                    .object_type
                    .as_ref()
                    .is_none_or(|name| names.contains(name))
        });
        let rule = match (mapped, ignored, &plan.other_objects) {
            (Some(mapped), _, _) => TypeRule::Mapped(mapped, Arc::new(options.reader_of(mapped))),
            (None, Some(ignored), _) => TypeRule::Ignored(&ignored.because),
            (None, None, Some(rule)) => TypeRule::Other(rule),
            (None, None, None) => TypeRule::None,
        };
        let word = mapped
            .and_then(|mapped| mapped.object_type.as_ref())
            .or_else(|| ignored.and_then(|it| it.object_type.as_ref()))
            .or_else(|| names.first())
            .unwrap_or(&id);
        let row = format!("object {word}");
        Self {
            id,
            names,
            row,
            rule,
        }
    }

    pub(super) fn is_mapped(&self) -> bool {
        matches!(self.rule, TypeRule::Mapped(..))
    }
}

/// One line's outcome and what people are joined with.
struct ObjectResult {
    decided: Decided,
    /// Nothing where the line adds no object of its own.
    entry: Option<ObjectEntry>,
}

struct ObjectEntry {
    created: Option<i64>,
}

/// Walks all objects.
pub(super) fn walk(
    ground: &Ground<'_>,
    join: &JoinWriter,
    emit: &mut Emit<'_>,
) -> Result<(), WalkError> {
    let Some(mut lines) = ground.verified_lines(Entity::Object)? else {
        return Ok(());
    };
    let twins = twins::find(ground, &Probe::of_id(Entity::Object, ground.layout))?;
    let mut notes = twins.as_ref().map(super::marks::NotedLines::reader);
    let path = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect();
    let paths = vec![
        path(&["object_type_id"]),
        path(&["object_id"]),
        path(&["attributes", "created_at"]),
    ];
    let probe = Probe::of(Entity::Object, paths);
    let looked_up = looked_up(ground.plan);
    run(
        ground.options,
        |buffer| {
            let Some(chunk) = lines.next(buffer)? else {
                return Ok(None);
            };
            let marks = match &mut notes {
                Some(notes) => notes.before(chunk.after_line)?,
                None => Vec::new(),
            };
            Ok(Some(Job { chunk, marks }))
        },
        || Ok(ground.options.tally()),
        |tally, job| Ok(decide_chunk((ground, tally), &probe, job)),
        |results| {
            for ObjectResult { mut decided, entry } in results {
                let outcome = &mut decided.outcome;
                if let Some(ObjectEntry { created }) = entry {
                    let is_drafted = matches!(outcome.fate, Fate::Draft(_));
                    join.object(&outcome.source.id, is_drafted, created)?;
                    keep_values(join, &looked_up, outcome, created)?;
                }
                report_taken(ground, join, outcome)?;
                if decided.stops {
                    emit.stop(&decided.outcome);
                }
                emit.outcome(decided.outcome)?;
            }
            Ok(())
        },
    )?;
    emit.summary.findings.extend(lines.finish());
    Ok(())
}

fn decide_chunk(
    (ground, tally): (&Ground<'_>, &mut Tally<'_>),
    probe: &Probe,
    job: &Job<Vec<(u64, Vec<u8>)>>,
) -> Vec<ObjectResult> {
    let mut results = Vec::new();
    for (line, bytes) in job.chunk.lines() {
        let bad = if job.chunk.is_too_long {
            Err(BadLine::TooLong)
        } else {
            let twin = twin_at(&job.marks, line);
            decide((ground, tally), probe, twin, (line, bytes))
        };
        results.push(bad.unwrap_or_else(|bad| ObjectResult {
            decided: rejected(Entity::Object, "object", line, &bad),
            entry: None,
        }));
    }
    results
}

fn decide(
    (ground, tally): (&Ground<'_>, &mut Tally<'_>),
    probe: &Probe,
    twin: Option<Twin>,
    (line, bytes): (u64, &[u8]),
) -> Result<ObjectResult, BadLine> {
    let mut record = probe.record();
    probe.read(bytes, &mut record)?;
    let text = |slot: usize| record.cells.get(slot).and_then(cell_text);
    let (Some(type_id), Some(object_id)) = (text(0), text(1)) else {
        return Err(BadLine::NoId);
    };
    let created = text(2).and_then(|digits| digits.parse().ok());
    let found = ground.objects.find(&type_id);
    let source = SourceId::new(Entity::Object, format!("{type_id}/{object_id}"));
    let of = |fate| Decided::of(source.clone(), &found.row, line, fate);
    let with = |decided| {
        Ok(ObjectResult {
            decided,
            entry: Some(ObjectEntry { created }),
        })
    };
    match twin {
        Some(Twin::Same) => {
            return Ok(ObjectResult {
                decided: of(merged(source.clone(), SAME_TWICE)),
                entry: None,
            });
        }
        Some(Twin::Differs) => return with(of(held(TWO_RECORDS))),
        None => {}
    }
    let (entity, reader) = match &found.rule {
        TypeRule::Mapped(entity, reader) => (*entity, reader),
        TypeRule::Ignored(because) => {
            let because = (*because).to_owned();
            return with(of(Fate::Ignored { because }));
        }
        TypeRule::Other(ObjectRule::Stop(reason)) => return with(of(held(reason)).stopping()),
        TypeRule::Other(ObjectRule::Hold(reason)) => return with(of(held(reason))),
        TypeRule::Other(ObjectRule::Exclude(because)) => return with(of(excluded(because))),
        TypeRule::None => {
            return with(of(held("no rule says what becomes of this object type")).stopping());
        }
    };
    let mut record = Record::with_slots(entity.slots.len(), entity.facts.len());
    if let Err(error) = reader.read(bytes, &mut record) {
        return Ok(ObjectResult {
            decided: rejected(Entity::Object, &found.row, line, &error.into()),
            entry: None,
        });
    }
    tally.fields(entity, reader, &record);
    let evaluation = Evaluation {
        plan: ground.plan,
        entity,
        record: &record,
        latest: ground.latest,
    };
    if let Some(Watch(watch)) = &ground.options.watch {
        watch(&Watched {
            source: &source,
            line,
            parent: None,
            evaluation: &evaluation,
        });
    }
    let mut reports = Vec::new();
    let decision = evaluation.decide(&mut reports);
    tally.points(&evaluation, &decision, &reports);
    let losses = losses_of(ground.options, &evaluation, &decision);
    let (fate, stops) = fate_of(decision, |shaped| shaped.to_draft(None));
    let decided = of(fate).with_reports(reports).with_losses(losses);
    with(if stops { decided.stopping() } else { decided })
}

/// Targets and fields that people look objects up by.
fn looked_up(plan: &Plan) -> Vec<(&str, &str)> {
    let maps = plan.entities.iter().flat_map(|it| &it.maps);
    let links = maps.flat_map(|it| &it.links);
    let mut found: Vec<(&str, &str)> = links
        .filter_map(|it| it.by_value.as_ref())
        .map(|it| (it.target.as_str(), it.field.as_str()))
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

fn keep_values(
    join: &JoinWriter,
    looked_up: &[(&str, &str)],
    outcome: &Outcome,
    created: Option<i64>,
) -> Result<(), WalkError> {
    let Fate::Draft(draft) = &outcome.fate else {
        return Ok(());
    };
    for (target, field) in looked_up.iter().filter(|(it, _)| *it == draft.target) {
        let key = draft.key.as_ref().filter(|it| it.field == *field);
        let value = match (key, draft.field(field)) {
            (Some(key), _) => &key.value,
            (None, Some(Scalar::Text(value))) => value,
            (None, Some(_) | None) => continue,
        };
        join.value((target, field), value, &outcome.source.id, created)?;
    }
    Ok(())
}

/// Says so where a value that the destination wants unique is taken by an earlier draft.
fn report_taken(
    ground: &Ground<'_>,
    join: &JoinWriter,
    outcome: &mut Outcome,
) -> Result<(), WalkError> {
    let Fate::Draft(draft) = &outcome.fate else {
        return Ok(());
    };
    let target = ground
        .plan
        .targets
        .iter()
        .find(|it| it.name == draft.target);
    let Some(target) = target else { return Ok(()) };
    for field in target.fields.iter().filter(|field| field.unique) {
        let Some(Scalar::Text(value)) = draft.field(&field.name) else {
            continue;
        };
        if join.claim(&target.name, &field.name, &value.trim().to_lowercase())? {
            continue;
        }
        outcome.reports.push(Report {
            rule_line: rule_line_of(ground.plan, &target.name, &field.name),
            field: field.name.clone(),
            message: "taken by an earlier record of this capture".to_owned(),
        });
    }
    Ok(())
}

fn rule_line_of(plan: &Plan, target: &str, field: &str) -> u32 {
    let maps = plan
        .entities
        .iter()
        .filter(|it| it.entity == Entity::Object)
        .flat_map(|it| &it.maps);
    for map in maps {
        let Some(found) = plan.targets.get(usize::from(map.target.0)) else {
            continue;
        };
        let line = map.lines.iter().find(|line| {
            let named = found.fields.get(usize::from(line.field));
            found.name == target && named.is_some_and(|it| it.name == field)
        });
        if let Some(line) = line {
            return line.rule_line;
        }
    }
    0
}
