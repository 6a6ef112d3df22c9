//! The migration scope: what an audit means for a destination, as told by who knows it, and how hard it will be.

use serde::Serialize;

use super::fields::count;
use super::page::Page;

/// The scope of one migration.
#[derive(Clone, Debug, Serialize)]
pub struct Scope {
    pub title: String,
    /// What there is: a name and how many.
    pub counts: Vec<(String, u64)>,
    pub traits: Vec<TraitRow>,
    pub caps: Vec<CapRow>,
    pub split: Sides,
    pub plans: Vec<PlanRow>,
    pub grade: Grade,
    /// What cannot be moved, a sentence each.
    pub cannot: Vec<String>,
    /// What the audit could not know, a sentence each.
    pub unknown: Vec<String>,
}

/// Where one trait goes.
#[derive(Clone, Debug, Serialize)]
pub struct TraitRow {
    pub name: String,
    pub filled: u64,
    pub of: u64,
    pub declared: String,
    /// The field, or where it is kept instead.
    pub goes_to: String,
    /// The type there.
    pub r#type: String,
    /// `proposed`, `choose`, `custom`.
    pub lane: String,
    pub loss: String,
}

/// Custom fields of one sort against what each plan takes.
#[derive(Clone, Debug, Serialize)]
pub struct CapRow {
    pub plan: String,
    pub sort: String,
    pub needed: u64,
    pub cap: u64,
}

/// Who becomes what, and what tells it.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Sides {
    /// Sides with their counts, `contact` and 12,000.
    pub sides: Vec<(String, u64)>,
    /// What it rests on, a sentence each.
    pub signals: Vec<String>,
}

/// Requests and hours of each phase under one plan.
#[derive(Clone, Debug, Serialize)]
pub struct PlanRow {
    pub plan: String,
    pub calls_per_hour: u64,
    /// Phase and requests.
    pub phases: Vec<(String, u64)>,
}

impl PlanRow {
    /// Whole hours, rounded up.
    #[must_use]
    pub fn hours(&self) -> u64 {
        let calls: u64 = self.phases.iter().map(|(_, calls)| calls).sum();
        calls.div_ceil(self.calls_per_hour.max(1))
    }
}

/// How hard it will be: `A` is plain, `E` is hard.
#[derive(Clone, Debug, Serialize)]
pub struct Grade {
    pub letter: char,
    /// What was looked at, how much it weighs, and why.
    pub reasons: Vec<(String, u64, String)>,
}

/// What the grade is made of.
#[derive(Clone, Copy, Debug, Default)]
pub struct Load {
    pub people: u64,
    pub events: u64,
    /// Object types that are no companies.
    pub other_types: u64,
    pub traits: u64,
    /// Traits with a field of their own there.
    pub placed: u64,
    /// Traits with values that do not fit their type.
    pub mixed: u64,
    /// Hours under the smallest plan that takes the custom fields.
    pub hours: u64,
    /// No plan takes the custom fields.
    pub is_over_all_plans: bool,
    /// Things that the audit could not know.
    pub unknown: u64,
}

/// More people than this are scoped on their own.
const PEOPLE_ALONE: u64 = 2_000_000;

impl Grade {
    /// Weighs each part from 0 to 2 and adds them up.
    #[must_use]
    pub fn of(load: &Load) -> Self {
        let volume = match load.people {
            0..=100_000 => 0,
            100_001..=PEOPLE_ALONE => 1,
            _ => 2,
        };
        let clear = load.placed * 100 / load.traits.max(1);
        let map = match clear {
            _ if load.traits == 0 => 0,
            0..=9 => 2,
            10..=33 => 1,
            _ => 0,
        };
        let time = match load.hours {
            0..=24 => 0,
            25..=168 => 1,
            _ => 2,
        };
        let alone = match volume {
            2 => "; more than two million are scoped on their own",
            _ => "",
        };
        let reasons = vec![
            (
                "object compatibility",
                load.other_types.min(2),
                format!("{} object types beside companies", count(load.other_types)),
            ),
            (
                "clarity of the field map",
                map,
                format!(
                    "{clear} % of {} traits have a field of their own there",
                    count(load.traits)
                ),
            ),
            (
                "state of the data",
                u64::from(load.mixed > 0),
                format!(
                    "{} traits have values that do not fit their type",
                    count(load.mixed)
                ),
            ),
            (
                "timeline",
                time,
                format!("about {} hours of requests", count(load.hours)),
            ),
            (
                "API constraints",
                if load.is_over_all_plans { 2 } else { 0 },
                if load.is_over_all_plans {
                    "no plan takes so many custom fields".to_owned()
                } else {
                    "the custom fields fit a plan".to_owned()
                },
            ),
            (
                "data volume",
                volume,
                format!(
                    "{} people, {} events{alone}",
                    count(load.people),
                    count(load.events)
                ),
            ),
            (
                "what is unknown",
                u64::from(load.unknown > 3),
                format!("{} things could not be known", count(load.unknown)),
            ),
        ];
        let points: u64 = reasons.iter().map(|(_, weight, _)| weight).sum();
        let letter = match points {
            0 | 1 => 'A',
            2 | 3 => 'B',
            4 | 5 => 'C',
            6 | 7 => 'D',
            _ => 'E',
        };
        Self {
            letter,
            reasons: reasons
                .into_iter()
                .map(|(what, weight, why)| (what.to_owned(), weight, why))
                .collect(),
        }
    }
}

/// The scope as a page.
#[must_use]
pub fn scope_page(scope: &Scope) -> Page {
    let mut page = Page::titled(&scope.title);
    page.heading(format!("Complexity: {}", scope.grade.letter));
    let reasons = scope.grade.reasons.iter();
    let reasons =
        reasons.map(|(what, weight, why)| vec![what.clone(), weight.to_string(), why.clone()]);
    page.table(&["part", "weight, 0 to 2", "why"], reasons.collect());
    page.text("0 or 1 in all is an A, 2 or 3 a B, 4 or 5 a C, 6 or 7 a D, more an E.");
    page.heading("What there is");
    let counts = scope
        .counts
        .iter()
        .map(|(what, many)| vec![what.clone(), count(*many)]);
    page.table(&["kind", "records"], counts.collect());
    page.heading("Recommended split");
    let sides = scope
        .split
        .sides
        .iter()
        .map(|(side, many)| vec![side.clone(), count(*many)]);
    page.table(&["side", "people"], sides.collect());
    page.list(scope.split.signals.clone());
    page.heading("Traits and their fields");
    let rows = scope.traits.iter().map(|row| {
        vec![
            row.name.clone(),
            format!("{} of {}", count(row.filled), count(row.of)),
            row.declared.clone(),
            row.goes_to.clone(),
            row.r#type.clone(),
            row.lane.clone(),
            row.loss.clone(),
        ]
    });
    let head = [
        "trait",
        "filled",
        "found as",
        "goes to",
        "type there",
        "lane",
        "what is lost",
    ];
    page.table(&head, rows.collect());
    page.heading("Custom fields and what plans take");
    let caps = scope.caps.iter().map(|row| {
        let verdict = if row.needed > row.cap {
            "too many"
        } else {
            "fits"
        };
        vec![
            row.plan.clone(),
            row.sort.clone(),
            count(row.needed),
            count(row.cap),
            verdict.to_owned(),
        ]
    });
    page.table(
        &["plan", "sort", "needed", "taken", "verdict"],
        caps.collect(),
    );
    page.heading("Requests and hours by phase");
    let plans = scope.plans.iter().map(|row| {
        let phases = row.phases.iter().filter(|(_, calls)| *calls > 0);
        let phases: Vec<String> = phases
            .map(|(phase, calls)| format!("{phase} {}", count(*calls)))
            .collect();
        vec![
            row.plan.clone(),
            count(row.calls_per_hour),
            count(row.hours()),
            phases.join(", "),
        ]
    });
    page.table(
        &["plan", "requests an hour", "hours", "requests by phase"],
        plans.collect(),
    );
    page.heading("What cannot be moved as it is");
    page.list(scope.cannot.clone());
    page.heading("What could not be known");
    page.list(scope.unknown.clone());
    page
}
