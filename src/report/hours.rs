//! Requests and hours of a load before its start, and against what it took at its end.

use std::fmt::Write;

use serde::Serialize;

use crate::ledger::PhaseCalls;

/// Of this many requests of an hour one is left to the account's other clients.
const SHARE: u64 = 10;

/// Hours above which fewer notes are offered: a week.
const LONG_H: u64 = 168;

/// A quota that plans have, for an account that was not asked (freshsales.md 2).
const USUAL: u64 = 1_000;

/// What a load will cost.
#[derive(Clone, Debug, Serialize)]
pub struct Hours {
    pub(super) phases: Vec<PhaseHours>,
    pub calls: u64,
    /// Requests of the account per hour.
    pub per_hour: u64,
    /// Whether the account said so; else it is the quota of the smaller plans.
    pub is_told: bool,
    /// Fewer notes per record, and the hours that this would take.
    offers: Vec<Offer>,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct PhaseHours {
    pub(super) phase: String,
    pub(super) calls: u64,
    pub(super) tenths: u64,
}

#[derive(Clone, Debug, Serialize)]
struct Offer {
    notes_per_record: u32,
    hours: u64,
}

impl Hours {
    /// From the requests of each phase. `fewer` tells how many notes there would be with so many per record at most.
    #[must_use]
    pub fn of(
        phases: &[(String, u64)],
        quota: Option<u32>,
        fewer: impl Fn(u32) -> Option<u64>,
    ) -> Self {
        let per_hour = quota.map_or(USUAL, u64::from).max(1);
        let ours = (per_hour - per_hour / SHARE).max(1);
        let calls: u64 = phases.iter().map(|(_, calls)| calls).sum();
        let hours = |calls: u64| calls.div_ceil(ours);
        let mut offers = Vec::new();
        if hours(calls) > LONG_H {
            let notes = phases.iter().find(|(phase, _)| phase == "note");
            let now = fewer(u32::MAX);
            if let (Some((_, note_calls)), Some(now)) = (notes, now) {
                offers.extend([50, 20, 10, 1].into_iter().filter_map(|most| {
                    let spared = now.saturating_sub(fewer(most)?).min(*note_calls);
                    (spared > 0).then(|| Offer {
                        notes_per_record: most,
                        hours: hours(calls - spared),
                    })
                }));
            }
        }
        Self {
            phases: phases
                .iter()
                .filter(|(_, calls)| *calls > 0)
                .map(|(phase, calls)| PhaseHours {
                    phase: phase.clone(),
                    calls: *calls,
                    tenths: (calls * 10).div_ceil(ours),
                })
                .collect(),
            calls,
            per_hour,
            is_told: quota.is_some(),
            offers,
        }
    }

    /// For the page of a check.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        let whose = if self.is_told {
            "the account's"
        } else {
            "the smaller plans'"
        };
        let per_hour = self.per_hour;
        let _ = writeln!(
            text,
            "about {} calls, at {whose} {per_hour} an hour, a tenth of them left to other clients",
            self.calls
        );
        for phase in &self.phases {
            let (hours, tenths) = (phase.tenths / 10, phase.tenths % 10);
            let (calls, phase) = (phase.calls, &phase.phase);
            let _ = writeln!(text, "  {calls:>9}  {phase}: {hours}.{tenths} h");
        }
        for offer in &self.offers {
            let _ = writeln!(
                text,
                "  with at most {} notes per record: {} h in all (`limit {} notes per record`)",
                offer.notes_per_record, offer.hours, offer.notes_per_record
            );
        }
        text
    }
}

/// Predicted against actual, one line a phase.
#[must_use]
pub fn against(phases: &[PhaseCalls]) -> String {
    let mut text = String::new();
    for PhaseCalls {
        phase,
        predicted,
        calls,
        seconds,
    } in phases
    {
        if predicted + calls == 0 {
            continue;
        }
        let _ = writeln!(
            text,
            "  {phase:<10} {calls:>8} calls, {predicted} foretold; {seconds} s"
        );
    }
    text
}
