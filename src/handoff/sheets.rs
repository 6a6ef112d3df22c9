//! The tables of the hand-off, once; the page and the Markdown are written from the same cells.

use super::chart::fits;
use super::effort::words;
use super::kinds::Fit;
use super::model::{Detail, Handoff, Journey, Letter, Resource, Step, Volumes, Whole};
use crate::page::{Cell, Sheet};

impl Whole {
    pub(super) const fn words(self) -> &'static str {
        match self {
            Whole::All => "as a whole",
            Whole::Partly => "partly",
            Whole::Nothing => "not at all",
        }
    }
}

pub(super) fn sheet(
    name: &'static str,
    title: &'static str,
    note: &str,
    columns: &[&'static str],
    choices: &[&'static str],
    rows: Vec<Vec<Cell>>,
) -> Sheet {
    Sheet {
        name,
        title,
        note: note.to_owned(),
        columns: columns.to_vec(),
        choices: choices.to_vec(),
        ..Sheet::default()
    }
    .whole(rows)
}

/// Details as `term: words`, one behind another.
pub(super) fn details(details: &[Detail]) -> String {
    let all: Vec<String> = details
        .iter()
        .map(|it| format!("{}: {}", it.term, it.words))
        .collect();
    all.join("; ")
}

/// Volumes in a few words.
pub(super) fn volumes(volumes: &Volumes) -> String {
    if volumes.deliveries == 0 {
        return "none in the capture".to_owned();
    }
    let shown = [
        "sent",
        "delivered",
        "opened",
        "clicked",
        "converted",
        "bounced",
        "unsubscribed",
    ];
    let metrics: Vec<String> = shown
        .iter()
        .filter_map(|metric| Some(format!("{} {metric}", volumes.metrics.get(*metric)?)))
        .collect();
    if metrics.is_empty() {
        return format!("{} deliveries", volumes.deliveries);
    }
    format!("{} deliveries: {}", volumes.deliveries, metrics.join(", "))
}

pub(super) fn findings(handoff: &Handoff) -> Sheet {
    let rows = handoff.findings.iter().map(|it| {
        vec![
            it.kind.into(),
            it.about.clone().into(),
            it.what.clone().into(),
            it.todo.clone().into(),
        ]
    });
    sheet(
        "findings",
        "To be decided by a person",
        "What this document cannot settle, and what to do about each.",
        &["kind", "about", "what", "to do"],
        &["kind"],
        rows.collect(),
    )
}

/// Campaigns or broadcasts at a glance.
pub(super) fn overview(
    name: &'static str,
    title: &'static str,
    note: &str,
    journeys: &[Journey],
) -> Sheet {
    let rows = journeys.iter().map(|it| {
        let fits = fits(&it.steps);
        let count = |fit| fits.get(&fit).copied().unwrap_or_default();
        vec![
            it.id.clone().into(),
            it.name.clone().into(),
            it.state.clone().into(),
            it.trigger.clone().into(),
            number(it.steps.len()),
            count(Fit::Same).into(),
            count(Fit::Near).into(),
            count(Fit::Nothing).into(),
            it.volumes.deliveries.into(),
            words(it.effort_min).into(),
        ]
    });
    sheet(
        name,
        title,
        note,
        &[
            "id",
            "name",
            "state",
            "starts when",
            "steps",
            "same",
            "near",
            "no match",
            "deliveries",
            "effort",
        ],
        if journeys.len() > 8 { &["state"] } else { &[] },
        rows.collect(),
    )
}

/// The steps of one campaign, in their order; `whole` is what all of it sent.
pub(super) fn steps(steps: &[Step], whole: &Volumes) -> Sheet {
    let told = steps.iter().any(|it| it.volumes.deliveries > 0) || whole.deliveries == 0;
    let rows = steps.iter().map(|it| {
        let conditions = it
            .branches
            .iter()
            .map(|it| format!("{}: {}", it.label, it.english));
        let said = Some(details(&it.details)).filter(|it| !it.is_empty());
        let said: Vec<String> = said.into_iter().chain(conditions).collect();
        let name = if it.name.is_empty() {
            format!("{} ({})", it.title, it.id)
        } else {
            format!("{} “{}” ({})", it.title, it.name, it.id)
        };
        let sent = match (&it.template, it.volumes.deliveries) {
            (None, 0) => String::new(),
            (Some(_), _) if !told => "not told: the deliveries name no step".to_owned(),
            (_, _) => volumes(&it.volumes),
        };
        vec![
            number(it.number),
            name.into(),
            said.join(" · ").into(),
            it.template.clone().unwrap_or_default().into(),
            sent.into(),
            it.feature.clone().into(),
            it.fit.words().into(),
            words(it.effort_min).into(),
        ]
    });
    sheet(
        "steps",
        "Steps",
        "",
        &[
            "no.",
            "step",
            "does",
            "template",
            "volume",
            "nearest in Freshsales",
            "fit",
            "effort",
        ],
        &[],
        rows.collect(),
    )
}

/// The conditions of one campaign, exact and in English.
pub(super) fn conditions(journey: &Journey) -> Sheet {
    let entry = journey.entry.iter().map(|it| ("entry".to_owned(), it));
    let steps = journey.steps.iter().flat_map(|step| {
        step.branches
            .iter()
            .map(move |it| (format!("step {}", step.number), it))
    });
    let rows = entry.chain(steps).map(|(place, it)| {
        vec![
            place.into(),
            it.label.clone().into(),
            it.english.clone().into(),
            it.exact.clone().into(),
        ]
    });
    sheet(
        "conditions",
        "Conditions",
        "",
        &["where", "way", "in plain English", "exact"],
        &[],
        rows.collect(),
    )
}

/// Newsletters or transactional messages.
pub(super) fn letters(
    name: &'static str,
    title: &'static str,
    note: &str,
    letters: &[Letter],
) -> Sheet {
    let rows = letters.iter().map(|it| {
        vec![
            it.id.clone().into(),
            it.name.clone().into(),
            it.sends.clone().into(),
            details(&it.details).into(),
            it.templates.join(", ").into(),
            volumes(&it.volumes).into(),
            it.feature.clone().into(),
            words(it.effort_min).into(),
        ]
    });
    sheet(
        name,
        title,
        note,
        &[
            "id",
            "name",
            "how it is sent",
            "rules of the send",
            "template",
            "volume",
            "nearest in Freshsales",
            "effort",
        ],
        &[],
        rows.collect(),
    )
}

pub(super) fn segments(handoff: &Handoff) -> Sheet {
    let rows = handoff.segments.iter().map(|it| {
        let members = it.members.map_or(Cell::from("not read"), Cell::from);
        vec![
            it.id.clone().into(),
            it.name.clone().into(),
            it.kind.clone().into(),
            members,
            it.english.clone().into(),
            it.verdict.words().into(),
            it.used_by.join("; ").into(),
        ]
    });
    sheet(
        "segments",
        "Segments",
        "Each became a static list with the members of the capture's day where the rules say so. Below the table stands how to set each up as a segment that goes on living.",
        &[
            "id",
            "name",
            "kind",
            "members",
            "in plain English",
            "can be rebuilt",
            "used by",
        ],
        if handoff.segments.len() > 8 {
            &["kind", "can be rebuilt"]
        } else {
            &[]
        },
        rows.collect(),
    )
}

pub(super) fn integrations(handoff: &Handoff) -> Sheet {
    let rows = handoff.integrations.iter().map(|it| {
        vec![
            it.what.clone().into(),
            it.address.clone().into(),
            it.of.clone().into(),
            it.todo.clone().into(),
        ]
    });
    sheet(
        "integrations",
        "Integrations and webhooks",
        "What calls Customer.io and what it calls; addresses without what may be a key.",
        &["what", "address", "of", "to do"],
        &[],
        rows.collect(),
    )
}

pub(super) fn resources(handoff: &Handoff) -> Sheet {
    let all = [&handoff.resources, &handoff.topics, &handoff.object_types];
    let row = |it: &Resource| {
        vec![
            it.kind.clone().into(),
            it.id.clone().into(),
            it.name.clone().into(),
            details(&it.details).into(),
            it.used_by.join(", ").into(),
            it.todo.clone().into(),
        ]
    };
    sheet(
        "resources",
        "Senders, snippets, collections, topics",
        "",
        &["kind", "id", "name", "says", "used by", "to do"],
        &["kind"],
        all.into_iter().flatten().map(row).collect(),
    )
}

pub(super) fn traps(handoff: &Handoff) -> Sheet {
    let rows = handoff
        .traps
        .iter()
        .map(|it| vec![it.side.into(), it.what.into(), it.here.clone().into()]);
    sheet(
        "traps",
        "Known traps",
        "",
        &["system", "trap", "here"],
        &[],
        rows.collect(),
    )
}

pub(super) fn number(count: usize) -> Cell {
    u64::try_from(count).unwrap_or(u64::MAX).into()
}
