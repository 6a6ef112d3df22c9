//! The tables of a reviewer's page.

use super::super::covered::{Covered, CoveredField, CoveredPoint, CoveredSource};
use super::super::forecast::Forecast;
use super::super::hours::{Hours, PhaseHours};
use super::firsts::{Firsts, Links, Way};
use crate::page::{Cell, Sheet};

pub(super) fn sheet(name: &'static str, title: &'static str, columns: &[&'static str]) -> Sheet {
    Sheet {
        name,
        title,
        columns: columns.to_vec(),
        ..Sheet::default()
    }
}

pub(super) fn rows(forecast: &Forecast) -> Sheet {
    let columns = [
        "kind",
        "read",
        "would be written",
        "as",
        "merged",
        "carried",
        "excluded",
        "held",
        "rejected",
        "ignored",
        "closes",
    ];
    let rows = forecast.rows.iter().map(|row| {
        let drafts = row.drafts.iter();
        let drafts: Vec<String> = drafts
            .map(|(target, count)| format!("{count} {target}"))
            .collect();
        let mut cells: Vec<Cell> = vec![
            row.row.as_str().into(),
            row.read.into(),
            row.drafted().into(),
            drafts.join(", ").into(),
        ];
        let others = [
            row.merged,
            row.carried,
            row.excluded,
            row.held,
            row.rejected,
            row.ignored,
        ];
        cells.extend(others.map(Cell::from));
        cells.push(row.verdict().into());
        cells
    });
    Sheet {
        note: "What was read is the sum of everything that becomes of it.".to_owned(),
        ..sheet("ledger", "What becomes of it", &columns)
    }
    .whole(rows.collect())
}

/// What each kind of record becomes, where it is written.
pub(super) fn kinds(forecast: &Forecast, firsts: &Firsts, links: &Links) -> Sheet {
    let all = forecast.rows.iter();
    let all = all.flat_map(|row| row.drafts.iter().map(move |it| (row, it)));
    let (mut rows, mut records) = (Vec::new(), Vec::new());
    for (row, (target, count)) in all {
        rows.push(vec![
            row.row.as_str().into(),
            target.as_str().into(),
            (*count).into(),
        ]);
        let way = Way::Written(row.row.clone(), target.clone());
        records.push(links.to(firsts.of(&way)));
    }
    Sheet {
        note: "The first three of each, before and after.".to_owned(),
        records,
        ..sheet(
            "kinds",
            "What becomes of each kind",
            &["kind", "becomes", "records"],
        )
    }
    .whole(rows)
}

pub(super) fn decisions(coverage: &Covered, links: &Links) -> Sheet {
    let columns = ["of", "line", "rule", "records", "examples"];
    let points = coverage.points.iter().filter(|it| it.decides());
    let records = points.clone().map(|it| links.to(&it.firsts)).collect();
    let rows = points.map(|point| {
        let CoveredPoint {
            item,
            rule_line,
            text,
            records,
            examples,
            ..
        } = point;
        vec![
            item.as_str().into(),
            u64::from(*rule_line).into(),
            text.as_str().into(),
            (*records).into(),
            (*examples).into(),
        ]
    });
    Sheet {
        note: "Each row of the tables, how many records of the capture take it, how many examples of the rules, and the first three records."
            .to_owned(),
        choices: vec!["of"],
        records,
        ..sheet("decisions", "Decisions", &columns)
    }
    .whole(rows.collect())
}

pub(super) fn reasons(forecast: &Forecast, firsts: &Firsts, links: &Links) -> Sheet {
    let mut records = Vec::new();
    let rows = forecast.reasons().map(|(row, fate, reason, count)| {
        let way = Way::Not(row.to_owned(), reason.to_owned());
        records.push(links.to(firsts.of(&way)));
        vec![row.into(), fate.into(), count.into(), reason.into()]
    });
    let rows = rows.collect();
    Sheet {
        choices: vec!["ends", "kind"],
        records,
        ..sheet(
            "reasons",
            "Not written, by reason",
            &["kind", "ends", "records", "reason"],
        )
    }
    .whole(rows)
}

pub(super) fn losses(forecast: &Forecast, firsts: &Firsts, links: &Links) -> Sheet {
    let worst = forecast.measured.worst();
    let mut records = Vec::new();
    let rows = forecast.losses().zip(worst);
    let rows = rows.map(|((line, field, what, count), worst)| {
        let way = Way::Lost(line, field.to_owned(), what.to_owned());
        records.push(links.to(firsts.of(&way)));
        vec![
            u64::from(line).into(),
            field.into(),
            what.into(),
            count.into(),
            worst.into(),
        ]
    });
    let columns = ["rule line", "field", "what", "records", "most of"];
    let rows = rows.collect();
    Sheet {
        records,
        ..sheet("losses", "Lost, as the rules say", &columns)
    }
    .whole(rows)
}

pub(super) fn given_up(forecast: &Forecast, firsts: &Firsts, links: &Links) -> Sheet {
    let mut records = Vec::new();
    let rows = forecast.given_up().map(|(line, field, words, count)| {
        let way = Way::GivenUp(line, field.to_owned(), words.to_owned());
        records.push(links.to(firsts.of(&way)));
        vec![
            u64::from(line).into(),
            field.into(),
            words.into(),
            count.into(),
        ]
    });
    let rows = rows.collect();
    let columns = ["rule line", "field", "what", "records"];
    Sheet {
        note: "A value is given up by a line of the rules; the record goes on.".to_owned(),
        records,
        ..sheet("given-up", "Given up on the way", &columns)
    }
    .whole(rows)
}

pub(super) fn promises(forecast: &Forecast) -> Sheet {
    let rows = forecast.measured.promises.iter().map(|it| {
        vec![
            u64::from(it.rule_line).into(),
            it.promise.as_str().into(),
            it.verdict.as_str().into(),
        ]
    });
    let columns = ["rule line", "promise", "verdict"];
    sheet("promises", "Promises", &columns).whole(rows.collect())
}

pub(super) fn unreached(coverage: &Covered) -> Sheet {
    let points = coverage.points.iter().filter(|it| it.is_unreached());
    let rows = points.map(|point| {
        vec![
            point.item.as_str().into(),
            u64::from(point.rule_line).into(),
            point.text.as_str().into(),
        ]
    });
    let columns = ["of", "line", "rule"];
    sheet("unreached", "Reached by no record and no example", &columns).whole(rows.collect())
}

pub(super) fn calls(hours: &Hours) -> Sheet {
    let rows = hours.phases.iter().map(|phase| {
        let PhaseHours {
            phase,
            calls,
            tenths,
        } = phase;
        let time = format!("{}.{} h", tenths / 10, tenths % 10);
        vec![phase.as_str().into(), (*calls).into(), time.into()]
    });
    let text = hours.to_text();
    Sheet {
        note: text.lines().next().unwrap_or_default().to_owned(),
        ..sheet("calls", "Calls and hours", &["phase", "calls", "time"])
    }
    .whole(rows.collect())
}

pub(super) fn has_lost(source: &CoveredSource) -> bool {
    source.fields.iter().any(|it| it.is_lost && it.filled > 0)
}

pub(super) fn fields(source: &CoveredSource) -> Sheet {
    let rows = source.fields.iter().map(|field| {
        let CoveredField {
            field: name,
            declared,
            filled,
            goes,
            is_lost: _,
        } = field;
        let declared = if *declared { "" } else { "not declared" };
        vec![
            name.as_str().into(),
            (*filled).into(),
            goes.as_str().into(),
            declared.into(),
        ]
    });
    let columns = ["field", "filled", "goes", "declared"];
    sheet("source-fields", "Fields", &columns).whole(rows.collect())
}
