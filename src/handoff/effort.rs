//! How long rebuilding takes: a rule of thumb for somebody who knows both systems, to be read as an order of size.

use super::model::Step;

/// Setting up a journey and trying it out, beside its steps.
const JOURNEY_MIN: u64 = 30;
/// Setting up a send that has no steps.
pub(super) const LETTER_MIN: u64 = 20;
/// Where nobody knows what a step does, somebody has to look.
pub(super) const UNKNOWN_MIN: u64 = 30;

pub(super) fn of_steps(steps: &[Step]) -> u64 {
    JOURNEY_MIN + steps.iter().map(|it| it.effort_min).sum::<u64>()
}

/// `25 min`, `1 h 30 min`; to five minutes, more would claim too much.
pub(super) fn words(minutes: u64) -> String {
    let minutes = minutes.div_ceil(5) * 5;
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}
