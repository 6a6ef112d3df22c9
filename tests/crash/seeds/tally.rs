//! What a row of worlds came to: how much was done, and how often each law was tried and broken.

use std::collections::BTreeMap;
use std::fmt;

/// What must hold in every world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Law {
    Conservation,
    OneRecordPerOperation,
    ConfirmedIsThere,
    ParentFirst,
    Quota,
    Approved,
    AsUndisturbed,
    RolledBack,
    NothingLogged,
}

impl Law {
    const ALL: [(Self, &'static str); 9] = [
        (Self::Conservation, "conservation"),
        (
            Self::OneRecordPerOperation,
            "one destination record per operation",
        ),
        (
            Self::ConfirmedIsThere,
            "every confirmed write present with its hash",
        ),
        (Self::ParentFirst, "no child before its parent"),
        (Self::Quota, "requests in any rolling hour within the quota"),
        (Self::Approved, "every write under an approved digest"),
        (Self::AsUndisturbed, "resume equals undisturbed"),
        (
            Self::RolledBack,
            "rollback restores but for listed conflicts",
        ),
        (
            Self::NothingLogged,
            "no secret and no trait value in any log",
        ),
    ];
}

#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) counts: BTreeMap<&'static str, u64>,
    tried: BTreeMap<Law, u64>,
    broken: BTreeMap<Law, Vec<String>>,
}

impl Tally {
    pub(super) fn count(&mut self, what: &'static str, number: u64) {
        *self.counts.entry(what).or_default() += number;
    }

    /// One trial of a law; what is said is a break.
    pub(super) fn prove(&mut self, law: Law, seed: u64, breaks: Vec<String>) {
        *self.tried.entry(law).or_default() += 1;
        let told = breaks.into_iter().map(|it| format!("seed {seed}: {it}"));
        self.broken.entry(law).or_default().extend(told);
    }

    pub(super) fn add(&mut self, other: Self) {
        for (what, number) in other.counts {
            self.count(what, number);
        }
        for (law, number) in other.tried {
            *self.tried.entry(law).or_default() += number;
        }
        for (law, breaks) in other.broken {
            self.broken.entry(law).or_default().extend(breaks);
        }
    }

    pub(super) fn breaks(&self) -> usize {
        self.broken.values().map(Vec::len).sum()
    }

    pub(super) fn tried(&self, law: Law) -> u64 {
        self.tried.get(&law).copied().unwrap_or(0)
    }

    pub(super) fn laws() -> impl Iterator<Item = Law> {
        Law::ALL.into_iter().map(|(law, _)| law)
    }
}

/// The first breaks of a law that are shown.
const SHOWN: usize = 5;

impl fmt::Display for Tally {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (what, number) in &self.counts {
            writeln!(formatter, "{number:>12} {what}")?;
        }
        writeln!(formatter, "{:>12} {:>8}", "tried", "broken")?;
        for (law, words) in Law::ALL {
            let tried = self.tried(law);
            let broken = self.broken.get(&law).map_or(0, Vec::len);
            writeln!(formatter, "{tried:>12} {broken:>8}  {words}")?;
        }
        for told in self.broken.values().flat_map(|it| it.iter().take(SHOWN)) {
            writeln!(formatter, "{told}")?;
        }
        Ok(())
    }
}
