//! The scope: the audit beside what is known of the destination's plans, fields and request costs.

use super::super::{Failure, destination, pair, propose};
use crate::audit::{CapRow, Grade, Load, PlanRow, Profile, Scope, Sides, TraitRow};
use crate::freshsales::cost::{self, Counts, Drafts};
use crate::freshsales::edition::Edition;
use crate::freshsales::plans::{PLANS, Plan, Sort};
use crate::model::{Entity, Schema};
use crate::propose::{Custom, Found, Lane, Proposal, Stage, customs, stage};

/// Custom fields that every draft makes beside those of traits: what no line takes.
const ALWAYS: [(&str, Sort); 1] = [("cf_other_traits", Sort::Textarea)];

/// The scope of a capture for a new account of an edition.
pub(super) fn scope(profile: &Profile, edition: Edition) -> Result<Scope, Failure> {
    let schema = destination::sandbox_schema(std::path::Path::new(""), edition)?;
    let found = propose::found(profile);
    let dictionary = pair::dictionary()?;
    let proposals = propose::proposals(&found, &schema, &dictionary);
    let customs = customs(&found, &proposals, &pair::pair(edition));
    let plans = PLANS.iter().filter(|plan| plan.edition == edition);
    let plans: Vec<&Plan> = plans.collect();
    let split = split(profile, stage(&found, &dictionary).as_ref());
    let counts = counts(profile, &split, (customs.len(), edition));
    let rows: Vec<PlanRow> = plans.iter().map(|plan| plan_row(plan, &counts)).collect();
    let caps: Vec<CapRow> = plans
        .iter()
        .flat_map(|plan| cap_rows(plan, &customs))
        .collect();
    let fits = |plan: &PlanRow| {
        !caps
            .iter()
            .any(|cap| cap.plan == plan.plan && cap.needed > cap.cap)
    };
    let smallest = rows.iter().find(|plan| fits(plan));
    let load = Load {
        people: profile.records(Entity::Person),
        events: profile.records(Entity::Event),
        other_types: other_types(&found),
        traits: found.traits.len() as u64,
        placed: proposals
            .iter()
            .filter(|it| it.lane == Lane::Proposed)
            .count() as u64,
        mixed: found.traits.iter().filter(|it| it.misfits > 0).count() as u64,
        hours: smallest.or(rows.last()).map_or(0, PlanRow::hours),
        is_over_all_plans: smallest.is_none(),
        unknown: profile.unknown.len() as u64,
    };
    Ok(Scope {
        title: format!("Migration scope of {}", profile.capture.workspace),
        counts: profile
            .entities
            .iter()
            .map(|it| {
                let of = it
                    .object_type
                    .as_deref()
                    .map(|it| format!(" {it}"))
                    .unwrap_or_default();
                (format!("{}{of}", it.entity), it.records)
            })
            .collect(),
        traits: trait_rows(&found, &proposals, &customs, &schema),
        caps,
        split,
        plans: rows,
        grade: Grade::of(&load),
        cannot: pair::cannot(|entity| profile.records(entity) > 0),
        unknown: profile.unknown.clone(),
    })
}

fn other_types(found: &Found) -> u64 {
    let companies = &pair::pair(Edition::default()).companies;
    let others = found
        .objects
        .iter()
        .filter(|(name, _)| !companies.contains(name));
    others.count() as u64
}

/// Everybody on one side: by identity, and by the words of the stage.
fn split(profile: &Profile, stage: Option<&Stage>) -> Sides {
    let Some(people) = &profile.people else {
        return Sides::default();
    };
    let column =
        stage.and_then(|stage| people.split.columns.iter().position(|it| *it == stage.name));
    let mut sides = [
        ("contact", 0),
        ("lead", 0),
        ("lead, queue Pending enrichment", 0),
        ("held: an unknown stage", 0),
    ];
    for (way, count) in &people.split.ways {
        let word = column.and_then(|at| way.get(at)).map_or("", String::as_str);
        let side = match stage {
            _ if way.first().is_some_and(|it| it == "anonymous") => 2,
            Some(stage) if stage.qualified.iter().any(|it| it == word) => 0,
            Some(stage) if word.is_empty() || stage.unqualified.iter().any(|it| it == word) => 1,
            Some(_) => 3,
            None => 1,
        };
        if let Some((_, sum)) = sides.get_mut(side) {
            *sum += count * people.split.one_in;
        }
    }
    let mut signals = match stage {
        Some(stage) => vec![
            format!(
                "`{}` is one of {} for contacts",
                stage.name,
                stage.qualified.join(", ")
            ),
            format!(
                "`{}` is one of {}, or blank, for leads",
                stage.name,
                stage.unqualified.join(", ")
            ),
        ],
        None => vec!["no trait tells who is qualified: everybody starts as a lead".to_owned()],
    };
    signals.push("neither an id nor an e-mail address: anonymous, a lead in the queue".to_owned());
    let left_out = people.deleted.unwrap_or(0) + people.re_added.unwrap_or(0);
    if left_out > 0 {
        signals.push(format!(
            "before {left_out} flags of deleted or added again are left out"
        ));
    }
    if people.split.one_in > 1 {
        signals.push(format!("estimated from one way in {}", people.split.one_in));
    }
    Sides {
        sides: sides.map(|(side, count)| (side.to_owned(), count)).to_vec(),
        signals,
    }
}

/// What a load would write, if every event became a note.
fn counts(profile: &Profile, split: &Sides, (customs, edition): (usize, Edition)) -> Counts {
    let side = |wanted: &str| {
        let sides = split
            .sides
            .iter()
            .filter(|(side, _)| side.starts_with(wanted));
        sides.map(|(_, count)| count).sum::<u64>()
    };
    let (contacts, leads) = (side("contact"), side("lead"));
    let companies = profile.entities.iter().filter(|it| {
        let companies = &pair::pair(edition).companies;
        it.object_type
            .as_ref()
            .is_some_and(|it| companies.contains(it))
    });
    let drafts = [
        ("account", companies.map(|it| it.records).sum()),
        ("contact", contacts),
        ("lead", leads),
        ("note", profile.records(Entity::Event)),
    ];
    Counts {
        edition,
        fields: (customs + ALWAYS.len()) as u64,
        opt_outs: 0,
        drafts: drafts
            .map(|(target, count)| Drafts {
                target: target.to_owned(),
                count,
                families: (contacts + leads).min(count),
            })
            .to_vec(),
    }
}

fn plan_row(plan: &Plan, counts: &Counts) -> PlanRow {
    PlanRow {
        plan: plan.name.to_owned(),
        calls_per_hour: u64::from(plan.calls_per_hour),
        phases: cost::calls(counts),
    }
}

fn cap_rows(plan: &Plan, customs: &[Custom]) -> Vec<CapRow> {
    let sorts = customs
        .iter()
        .map(|it| sort(it.kind))
        .chain(ALWAYS.map(|(_, sort)| sort));
    let sorts: Vec<Sort> = sorts.collect();
    let row = |sort: &str, needed: usize, cap: usize| CapRow {
        plan: plan.name.to_owned(),
        sort: sort.to_owned(),
        needed: needed as u64,
        cap: cap as u64,
    };
    let mut rows = vec![row("all", sorts.len(), plan.fields)];
    let mut known: Vec<Sort> = sorts.clone();
    known.sort_unstable();
    known.dedup();
    for sort in known {
        if let Some(cap) = plan.cap(sort) {
            let needed = sorts.iter().filter(|it| **it == sort).count();
            rows.push(row(sort.word(), needed, cap));
        }
    }
    rows
}

fn sort(kind: &str) -> Sort {
    match kind {
        "textarea" => Sort::Textarea,
        "integer" | "decimal" => Sort::Number,
        "boolean" => Sort::Checkbox,
        "date" => Sort::Date,
        _ => Sort::Text,
    }
}

fn trait_rows(
    found: &Found,
    proposals: &[Proposal],
    customs: &[Custom],
    schema: &Schema,
) -> Vec<TraitRow> {
    let traits = found.traits.iter().zip(proposals);
    traits
        .map(|(of, proposal)| {
            let custom = customs.iter().find(|it| it.path == of.path);
            let first = proposal.candidates.first();
            let (goes_to, kind) = match (proposal.lane, first, custom) {
                (Lane::Proposed, Some(first), _) => (
                    first.fields.join(" and "),
                    kind_there(schema, &first.fields),
                ),
                (_, _, Some(custom)) => (custom.name.clone(), custom.kind.to_owned()),
                (_, _, None) if of.name.starts_with('_') => ("left out".to_owned(), String::new()),
                (_, _, None) if of.is_too_long() => ("left out".to_owned(), String::new()),
                (_, _, None) => (
                    "cf_other_traits".to_owned(),
                    "JSON in a textarea".to_owned(),
                ),
            };
            TraitRow {
                name: of.path.clone(),
                filled: of.filled,
                of: of.of,
                declared: of.r#type.to_string(),
                goes_to,
                r#type: kind,
                lane: proposal.lane.word().to_owned(),
                loss: of.loss(proposal.lane, custom),
            }
        })
        .collect()
}

fn kind_there(schema: &Schema, fields: &[String]) -> String {
    use crate::model::FieldKind;
    let target = schema.target("contact");
    let kinds = fields.iter().filter_map(|name| target?.field(name));
    let kinds = kinds.map(|field| match &field.kind {
        FieldKind::Text { .. } => "text",
        FieldKind::Integer | FieldKind::Decimal => "number",
        FieldKind::Boolean => "checkbox",
        FieldKind::Date => "date",
        FieldKind::Timestamp => "time",
        FieldKind::Choice { .. } => "dropdown",
        FieldKind::User => "user",
        FieldKind::Links { .. } => "look-up",
        FieldKind::TextList => "list",
        FieldKind::Json => "JSON",
    });
    let mut kinds: Vec<&str> = kinds.collect();
    kinds.dedup();
    kinds.join(", ")
}
