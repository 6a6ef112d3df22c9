//! How much is read back: everything, or a sample that anybody can draw again.

use crate::model::SourceId;

/// What to read back, and how many records to show beside their drafts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// At most about so many records of each target; none: all of them.
    pub sample: Option<u64>,
    /// Records that are shown beside what was written.
    pub sides: usize,
    /// The same number draws the same records.
    pub seed: u64,
    /// Whether records of ours that the ledger does not know are looked for, page by page.
    pub extras: bool,
}

/// How much is read back, where nobody said it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    All,
    /// About so many records of each target.
    Sample(u64),
}

impl Reading {
    /// All where its `calls` are among the `free` ones, else as many records of each of `targets` as those allow.
    #[must_use]
    pub fn within(calls: u64, free: u64, targets: u64) -> Self {
        if calls <= free {
            return Reading::All;
        }
        Reading::Sample((free / targets.max(1)).max(1))
    }
}

/// A record's lot between 0 and 1 in 2^64 parts, the same in every run.
pub(super) fn lot(seed: u64, purpose: &str, source: &SourceId) -> u64 {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&seed.to_le_bytes());
    hasher.update(purpose.as_bytes());
    hasher.update(source.entity.word().as_bytes());
    hasher.update(source.id.as_bytes());
    let bytes = hasher.finalize();
    let first = bytes.as_bytes().first_chunk::<8>();
    first.map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

/// Which records of one target are in the sample.
#[derive(Clone, Copy, Debug)]
pub(super) struct Draw {
    seed: u64,
    /// Lots below it are read; none: all.
    below: Option<u64>,
}

impl Draw {
    /// About `sample` of `all`.
    pub(super) fn of(scope: &Scope, all: u64) -> Self {
        let below = scope.sample.filter(|sample| *sample < all).map(|sample| {
            let part = u128::from(u64::MAX) * u128::from(sample) / u128::from(all.max(1));
            u64::try_from(part).unwrap_or(u64::MAX)
        });
        Self {
            seed: scope.seed,
            below,
        }
    }

    pub(super) fn takes(self, source: &SourceId) -> bool {
        self.below
            .is_none_or(|below| lot(self.seed, "sample", source) < below)
    }
}

/// The share of faulty records that is not exceeded with 95 % certainty, where `faulty` of `read` were found: the exact
/// binomial bound. 1 where nothing was read.
#[must_use]
pub fn upper_bound(read: u64, faulty: u64) -> f64 {
    if read == 0 || faulty >= read {
        return 1.0;
    }
    let (mut low, mut high) = (0.0_f64, 1.0_f64);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if at_most(read, faulty, middle) > 0.05 {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

/// The chance of at most `faulty` faulty ones among `read`.
fn at_most(read: u64, faulty: u64, share: f64) -> f64 {
    #[expect(
        clippy::cast_precision_loss,
        reason = "counts are far below 2^52, where the loss would begin"
    )]
    let float = |count: u64| count as f64;
    let mut log_term = float(read) * (1.0 - share).ln();
    let mut sum = log_term.exp();
    for count in 0..faulty {
        log_term += (float(read - count) / float(count + 1)).ln() + (share / (1.0 - share)).ln();
        sum += log_term.exp();
    }
    sum
}
