//! Fields of a delivery that are made from its `metrics`: when it was sent, opened, clicked, and what happened last.
//!
//! `metrics` holds only what happened, each with its time in seconds (reference/customerio.md 2.9).

use super::canonical::members;
use super::{Cell, EntityPlan, Record, SlotId};
use crate::model::{Entity, Value};

/// The field of a delivery that the others are made from.
pub const DELIVERY_METRICS: &str = "metrics";

/// What can happen to a delivery, in the order in which it can; of two at one moment the later one counts as last.
pub const METRICS: [&str; 15] = [
    "created",
    "drafted",
    "attempted",
    "deferred",
    "sent",
    "dropped",
    "failed",
    "undeliverable",
    "bounced",
    "delivered",
    "opened",
    "clicked",
    "converted",
    "spammed",
    "unsubscribed",
];

/// How one derived field is made.
#[derive(Clone, Copy, Debug)]
enum Made {
    /// The time of this metric.
    Time(&'static str),
    /// Whether it happened.
    Happened(&'static str),
    /// The word of the latest one.
    Last,
}

/// The derived slots of a plan for deliveries.
#[derive(Debug)]
pub(super) struct Metrics {
    metrics: SlotId,
    made: Vec<(SlotId, Made)>,
}

impl Metrics {
    /// `None` where the plan reads no such field.
    pub(super) fn of(plan: &EntityPlan) -> Option<Self> {
        if plan.entity != Entity::Delivery {
            return None;
        }
        let slots = || (0_u16..).map(SlotId).zip(&plan.slots);
        let (metrics, _) =
            slots().find(|(_, spec)| !spec.derived && spec.path == [DELIVERY_METRICS])?;
        let made: Vec<(SlotId, Made)> = slots()
            .filter(|(_, spec)| spec.derived)
            .filter_map(|(slot, spec)| Some((slot, made(&spec.name)?)))
            .collect();
        (!made.is_empty()).then_some(Self { metrics, made })
    }

    /// Fills the derived cells; metrics that are no object leave a fault in each of them.
    pub(super) fn derive(&self, record: &mut Record<'_>) {
        let raw = match record.cells.get(usize::from(self.metrics.0)) {
            Some(Cell::Raw(raw)) if *raw != "null" => *raw,
            Some(Cell::Missing | Cell::Raw(_)) => "{}",
            Some(Cell::Misplaced(_) | Cell::Derived(_)) | None => return,
        };
        let happened = if raw.starts_with('{') {
            members(raw).ok()
        } else {
            None
        };
        for (slot, made) in &self.made {
            let cell = match (&happened, made) {
                (None, _) => Cell::Misplaced(raw),
                (Some(all), Made::Time(metric)) => all
                    .get(*metric)
                    .map_or(Cell::Missing, |time| Cell::Raw(time)),
                (Some(all), Made::Happened(metric)) => {
                    let happened = all.get(*metric).is_some_and(|time| *time != "null");
                    Cell::Derived(Value::Boolean(happened))
                }
                (Some(all), Made::Last) => {
                    let times = all.iter().filter_map(|(metric, time)| {
                        let place = METRICS.iter().position(|it| *it == &**metric)?;
                        Some((seconds(time)?, place))
                    });
                    let last = times.max().and_then(|(_, place)| METRICS.get(place));
                    last.map_or(Cell::Missing, |word| Cell::Derived(Value::text(word)))
                }
            };
            if let Some(place) = record.cells.get_mut(usize::from(slot.0)) {
                *place = cell;
            }
        }
    }
}

fn made(name: &str) -> Option<Made> {
    Some(match name {
        "created_at" => Made::Time("created"),
        "sent_at" => Made::Time("sent"),
        "delivered_at" => Made::Time("delivered"),
        "opened_at" => Made::Time("opened"),
        "clicked_at" => Made::Time("clicked"),
        "bounced" => Made::Happened("bounced"),
        "unsubscribed" => Made::Happened("unsubscribed"),
        "last_metric" => Made::Last,
        _ => return None,
    })
}

fn seconds(raw: &str) -> Option<i64> {
    raw.trim_matches('"').parse().ok()
}
