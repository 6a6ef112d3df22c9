//! One allowance of notes per person over all rules: the newest stay, the rest becomes one note.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::WalkError;
use super::decided::{Decided, excluded, held};
use super::spill::{Pack, Spill, Unpack, digest, number_of, partitions_for};
use super::summary::Emit;
use super::walk::Ground;
use crate::capture::CaptureFile;
use crate::model::{
    Draft, Entity, Existing, Fate, FieldKind, FieldValue, Outcome, Scalar, SourceId,
};
use crate::plan::{AboveLimit, Every, Limit, Plan};

/// Row of notes that the engine makes.
const ROW: &str = "roll-up";

/// Drafts that a limit counts, grouped by their parent on disk.
pub(super) struct NoteSpill<'p> {
    limit: Option<(&'p Limit, Spill)>,
}

impl<'p> NoteSpill<'p> {
    pub(super) fn new(ground: &Ground<'p>) -> Result<Self, WalkError> {
        let Some(limit) = &ground.plan.limit else {
            return Ok(Self { limit: None });
        };
        let child_bytes = |entity: Entity| {
            let is_child = ground
                .plan
                .entity(entity, None)
                .is_some_and(|plan| plan.parent.is_some());
            let file = ground.capture.file(entity).filter(|_| is_child);
            file.map_or(0, CaptureFile::content_bytes)
        };
        let bytes: u64 = Entity::ALL.into_iter().map(child_bytes).sum();
        let spill = Spill::by_hash(&ground.options.spill_dir, partitions_for(bytes))?;
        Ok(Self {
            limit: Some((limit, spill)),
        })
    }

    /// Takes the outcome where the limit counts it.
    pub(super) fn take(&mut self, outcome: &Outcome) -> Result<bool, WalkError> {
        let Some((limit, spill)) = &mut self.limit else {
            return Ok(false);
        };
        let Fate::Draft(draft) = &outcome.fate else {
            return Ok(false);
        };
        let Some(parent) = draft
            .parent
            .as_ref()
            .filter(|_| draft.target == limit.target)
        else {
            return Ok(false);
        };
        let (position, newest_first) = order_of(limit, outcome.entity());
        // What has no time comes last.
        let rank = match time_of(draft) {
            Some(time) if newest_first => -time.as_microsecond(),
            Some(time) => time.as_microsecond(),
            None => i64::MAX,
        };
        let json = serde_json::to_vec(outcome).expect("an outcome has only text keys");
        let mut pack = Pack::default();
        pack.bytes(parent.id.as_bytes())
            .u64(position)
            .i64(rank)
            .u64(outcome.line)
            .bytes(&json);
        spill.push(number_of(digest(parent.id.as_bytes())), &pack.0)?;
        Ok(true)
    }
}

/// One counted draft in its partition; the order is the order of the limit.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Counted<'a> {
    /// Digest of the parent: the order over all partitions does not depend on how many there are.
    number: u64,
    parent: &'a str,
    position: u64,
    rank: i64,
    line: u64,
    json: &'a [u8],
}

/// Hands on all counted drafts, person by person.
pub(super) fn finish(
    ground: &Ground<'_>,
    notes: NoteSpill<'_>,
    emit: &mut Emit<'_>,
) -> Result<(), WalkError> {
    let Some((limit, spill)) = notes.limit else {
        return Ok(());
    };
    let spilled = spill.finish()?;
    let mut tally = ground.options.tally();
    for partition in 0..spilled.partitions() {
        let partition = spilled.read(partition)?;
        let items = partition.items();
        let mut counted: Vec<Counted<'_>> = items.filter_map(unpack).collect();
        counted.sort_unstable();
        for group in counted.chunk_by(|left, right| left.parent == right.parent) {
            if ground.options.is_stopped() {
                return Err(WalkError::Stopped);
            }
            let above = group.len() - kept_of(limit, group.len());
            tally.above_limit(above);
            finish_one(ground.plan, limit, group, emit)?;
        }
    }
    Ok(())
}

fn unpack((number, item): (u64, &[u8])) -> Option<Counted<'_>> {
    let mut unpack = Unpack(item);
    Some(Counted {
        number,
        parent: unpack.text()?,
        position: unpack.u64()?,
        rank: unpack.i64()?,
        line: unpack.u64()?,
        json: unpack.bytes()?,
    })
}

/// How many of a record's children stay single.
fn kept_of(limit: &Limit, children: usize) -> usize {
    let allowed = usize::try_from(limit.per_record).unwrap_or(usize::MAX);
    match &limit.above {
        _ if children <= allowed => children,
        // The roll-up counts as one.
        AboveLimit::RollUp(_) => allowed.saturating_sub(1),
        AboveLimit::Hold(_) | AboveLimit::Exclude(_) | AboveLimit::Stop(_) => allowed,
    }
}

fn finish_one(
    plan: &Plan,
    limit: &Limit,
    group: &[Counted<'_>],
    emit: &mut Emit<'_>,
) -> Result<(), WalkError> {
    let kept = kept_of(limit, group.len());
    let (single, above) = group.split_at_checked(kept).unwrap_or((group, &[]));
    for counted in single {
        emit.outcome(read(counted.json)?)?;
    }
    match &limit.above {
        AboveLimit::RollUp(title) => roll_up(plan, limit, title, above, emit),
        AboveLimit::Hold(reason) => each_above(above, &held(reason), false, emit),
        AboveLimit::Exclude(because) => each_above(above, &excluded(because), false, emit),
        AboveLimit::Stop(reason) => each_above(above, &held(reason), true, emit),
    }
}

fn each_above(
    above: &[Counted<'_>],
    fate: &Fate,
    stops: bool,
    emit: &mut Emit<'_>,
) -> Result<(), WalkError> {
    for counted in above {
        let mut outcome = read(counted.json)?;
        outcome.fate = fate.clone();
        outcome.reports.clear();
        if stops {
            emit.stop(&outcome);
        }
        emit.outcome(outcome)?;
    }
    Ok(())
}

fn roll_up(
    plan: &Plan,
    limit: &Limit,
    title: &str,
    rolled: &[Counted<'_>],
    emit: &mut Emit<'_>,
) -> Result<(), WalkError> {
    let Some(first) = rolled.first() else {
        return Ok(());
    };
    let source = SourceId::new(Entity::Event, format!("rollup/{}", first.parent));
    let mut contents = RollUp {
        every: limit.every,
        ..RollUp::default()
    };
    for counted in rolled {
        if let Fate::Draft(draft) = read(counted.json)?.fate {
            contents.add(&draft);
        }
    }
    let parent = SourceId::new(Entity::Person, first.parent);
    let draft = contents.into_draft(plan, limit, title, parent);
    let fate = Fate::Draft(Box::new(draft));
    emit.outcome(Decided::of(source.clone(), ROW, 0, fate).outcome)?;
    for counted in rolled {
        let mut outcome = read(counted.json)?;
        outcome.fate = Fate::Carried {
            into: source.clone(),
        };
        emit.outcome(outcome)?;
    }
    Ok(())
}

fn read(json: &[u8]) -> Result<Outcome, WalkError> {
    serde_json::from_slice(json).map_err(|error| WalkError::Disk {
        doing: "reading a temporary file",
        source: error.into(),
    })
}

/// Place of a kind in the limit's order, and whether its newest come first.
fn order_of(limit: &Limit, entity: Entity) -> (u64, bool) {
    let listed = (0_u64..).zip(&limit.order);
    if let Some((place, order)) = listed.into_iter().find(|(_, it)| it.entity == entity) {
        return (place, order.newest_first);
    }
    let after = limit.order.len() as u64;
    let place = (after..).zip(Entity::ALL).find(|(_, it)| *it == entity);
    (place.map_or(after, |(place, _)| place), true)
}

fn time_of(draft: &Draft) -> Option<Timestamp> {
    match draft.field("time")? {
        Scalar::Time(text) => text.parse().ok(),
        Scalar::Text(_)
        | Scalar::Number(_)
        | Scalar::Boolean(_)
        | Scalar::Date(_)
        | Scalar::TextList(_)
        | Scalar::Json(_) => None,
    }
}

/// What a rolled-up note says.
#[derive(Default)]
struct RollUp {
    newest: Option<Timestamp>,
    every: Every,
    /// Titles with their count, by step; what has no time under the empty one.
    steps: BTreeMap<String, BTreeMap<String, u64>>,
}

impl RollUp {
    fn add(&mut self, draft: &Draft) {
        let time = time_of(draft);
        self.newest = self.newest.max(time);
        let step = time.map_or_else(String::new, |time| step_name(self.every, time));
        let title = match draft.field("title") {
            Some(Scalar::Text(title)) => title.clone(),
            Some(
                Scalar::Number(_)
                | Scalar::Boolean(_)
                | Scalar::Date(_)
                | Scalar::Time(_)
                | Scalar::TextList(_)
                | Scalar::Json(_),
            )
            | None => "without a title".to_owned(),
        };
        let titles = self.steps.entry(step).or_default();
        *titles.entry(title).or_default() += 1;
    }

    fn into_draft(self, plan: &Plan, limit: &Limit, title: &str, parent: SourceId) -> Draft {
        let mut fields = vec![FieldValue {
            name: "title".to_owned(),
            value: Scalar::Text(title.to_owned()),
        }];
        if let Some(newest) = self.newest {
            fields.push(FieldValue {
                name: "time".to_owned(),
                value: Scalar::Time(newest.to_string()),
            });
        }
        let body_max = body_max(plan, limit);
        let body = self.body(in_full);
        let body = if body.chars().count() > body_max {
            self.body(in_short)
        } else {
            body
        };
        fields.push(FieldValue {
            name: "body".to_owned(),
            value: Scalar::Text(body),
        });
        Draft {
            target: limit.target.clone(),
            key: None,
            fields,
            alternatives: Vec::new(),
            links: Vec::new(),
            queue: None,
            parent: Some(parent),
            attachments: Vec::new(),
            as_activity: false,
            existing: Existing::default(),
            existing_fields: BTreeMap::new(),
        }
    }

    /// A line for each step, the newest first.
    fn body(&self, line: impl Fn(&str, &BTreeMap<String, u64>) -> String) -> String {
        let steps = self.steps.iter().rev();
        let lines: Vec<String> = steps.map(|(step, titles)| line(step, titles)).collect();
        lines.join("\n")
    }
}

/// What a stretch of time is called; the names sort as the times do.
fn step_name(every: Every, time: Timestamp) -> String {
    let pattern = match every {
        Every::Day => "%Y-%m-%d",
        Every::Week => "%G-W%V",
        Every::Month => "%Y-%m",
        Every::Quarter => {
            let date = time.to_zoned(TimeZone::UTC).date();
            return format!("{}-Q{}", date.year(), (date.month() - 1) / 3 + 1);
        }
        Every::Year => "%Y",
    };
    time.strftime(pattern).to_string()
}

fn in_full(step: &str, titles: &BTreeMap<String, u64>) -> String {
    let mut by_count: Vec<(&String, &u64)> = titles.iter().collect();
    by_count.sort_by_key(|(title, count)| (std::cmp::Reverse(**count), title.as_str()));
    let words: Vec<String> = by_count
        .into_iter()
        .map(|(title, count)| format!("{count} {title}"))
        .collect();
    format!("{}: {}", name_of(step), words.join(", "))
}

fn in_short(step: &str, titles: &BTreeMap<String, u64>) -> String {
    let count: u64 = titles.values().sum();
    format!("{}: {count} of {} kinds", name_of(step), titles.len())
}

fn name_of(step: &str) -> &str {
    if step.is_empty() {
        "without a time"
    } else {
        step
    }
}

/// How long the body may be at the destination.
fn body_max(plan: &Plan, limit: &Limit) -> usize {
    let target = plan.targets.iter().find(|it| it.name == limit.target);
    let body = target.and_then(|it| it.fields.iter().find(|field| field.name == "body"));
    match body.map(|field| &field.kind) {
        Some(FieldKind::Text { max: Some(max) }) => usize::try_from(*max).unwrap_or(usize::MAX),
        Some(
            FieldKind::Text { max: None }
            | FieldKind::Integer
            | FieldKind::Decimal
            | FieldKind::Boolean
            | FieldKind::Date
            | FieldKind::Timestamp
            | FieldKind::Choice { .. }
            | FieldKind::User
            | FieldKind::Links { .. }
            | FieldKind::TextList
            | FieldKind::Json,
        )
        | None => usize::MAX,
    }
}
