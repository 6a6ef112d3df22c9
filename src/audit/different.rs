//! How many different values there are: counted up to a thousand, then estimated in two kilobytes.
//!
//! The estimate is a `HyperLogLog` sketch. Every value lifts one register, chosen by the first bits of its hash, to the place of the first one-bit among the
//! rest. Registers hang on the set of values alone, so order and threads change nothing. The estimate is the one of
//! Ertl, New cardinality estimation algorithms for `HyperLogLog` sketches, 2017, which needs no table of corrections.

/// First bits of a hash that choose its register.
const PLACE_BITS: u32 = 11;
const REGISTERS: usize = 1 << PLACE_BITS;
/// Bits of a hash behind them.
const REST_BITS: u32 = u64::BITS - PLACE_BITS;

/// So many values are kept, by their hash.
const LISTED_MAX: usize = 1_024;

/// A set of values that can only be counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Different {
    /// Hashes, sorted.
    Listed(Vec<u64>),
    Sketched(Registers),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Registers(Box<[u8; REGISTERS]>);

impl Different {
    pub(super) fn of(hashes: impl Iterator<Item = u64>) -> Self {
        let mut different = Self::Listed(Vec::new());
        for hash in hashes {
            different.add(hash);
        }
        different
    }

    #[inline]
    pub(super) fn add(&mut self, hash: u64) {
        let listed = match self {
            Self::Sketched(registers) => return registers.add(hash),
            Self::Listed(listed) => listed,
        };
        let Err(place) = listed.binary_search(&hash) else {
            return;
        };
        listed.insert(place, hash);
        if listed.len() > LISTED_MAX {
            *self = Self::Sketched(Registers::of(listed));
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        match (&mut *self, other) {
            (_, Self::Listed(theirs)) => {
                for hash in theirs {
                    self.add(*hash);
                }
            }
            (Self::Sketched(ours), Self::Sketched(theirs)) => ours.merge(theirs),
            (Self::Listed(ours), Self::Sketched(theirs)) => {
                let mut registers = Registers::of(ours);
                registers.merge(theirs);
                *self = Self::Sketched(registers);
            }
        }
    }

    /// The standard error of [`Self::count`] in percent, rounded up: 1.04/√registers; 0 where all were counted.
    pub(super) fn error_percent(&self) -> u64 {
        match self {
            Self::Listed(_) => 0,
            Self::Sketched(_) => 104_u64.div_ceil((REGISTERS as u64).isqrt()),
        }
    }

    /// How many values were added; about how many, where not all are listed.
    pub(super) fn count(&self) -> u64 {
        match self {
            Self::Listed(listed) => listed.len() as u64,
            Self::Sketched(registers) => registers.count(),
        }
    }
}

impl Registers {
    fn of(hashes: &[u64]) -> Self {
        let mut registers = Self(Box::new([0; REGISTERS]));
        for hash in hashes {
            registers.add(*hash);
        }
        registers
    }

    #[inline]
    fn add(&mut self, hash: u64) {
        let place = usize::try_from(hash >> REST_BITS).unwrap_or_default();
        let rest = (hash << PLACE_BITS).leading_zeros().min(REST_BITS) + 1;
        if let Some(register) = self.0.get_mut(place) {
            *register = u8::try_from(rest).map_or(*register, |rest| rest.max(*register));
        }
    }

    fn merge(&mut self, other: &Self) {
        for (ours, theirs) in self.0.iter_mut().zip(other.0.iter()) {
            *ours = (*ours).max(*theirs);
        }
    }

    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an estimate, of at most 2^64 values, never below none"
    )]
    fn count(&self) -> u64 {
        const LAST: usize = REST_BITS as usize + 1;
        let mut counts = [0_u32; LAST + 1];
        for register in self.0.iter() {
            if let Some(count) = counts.get_mut(usize::from(*register)) {
                *count += 1;
            }
        }
        let all = REGISTERS as f64;
        let share = |place: usize| f64::from(counts.get(place).copied().unwrap_or_default()) / all;
        let mut sum = all * tau(1.0 - share(LAST));
        for place in (1..LAST).rev() {
            sum = 0.5 * (sum + share(place) * all);
        }
        sum += all * sigma(share(0));
        let constant = 0.5 / std::f64::consts::LN_2;
        (constant * all * all / sum).round() as u64
    }
}

/// Σ x^(2^k)·2^(k-1) beside x: what registers that no value lifted tell.
fn sigma(share: f64) -> f64 {
    let (mut power, mut weight, mut sum) = (share, 1.0, share);
    loop {
        power *= power;
        let before = sum;
        sum += power * weight;
        weight += weight;
        // Grows without end where all are empty, and then nothing was added.
        if sum <= before || sum.is_infinite() {
            return sum;
        }
    }
}

/// What registers that can be lifted no further tell.
fn tau(share: f64) -> f64 {
    if share <= 0.0 || share >= 1.0 {
        return 0.0;
    }
    let (mut root, mut weight, mut sum) = (share, 1.0, 1.0 - share);
    loop {
        root = root.sqrt();
        let before = sum;
        weight *= 0.5;
        sum -= (1.0 - root).powi(2) * weight;
        if sum >= before {
            return sum / 3.0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::hash;
    use super::Different;

    fn of(names: std::ops::Range<u32>) -> Different {
        Different::of(names.map(|it| hash(&it.to_le_bytes())))
    }

    #[test]
    fn an_estimate_lies_within_four_of_its_stated_errors_at_every_size() {
        for names in [0_u32, 1, 1_024, 1_025, 2_000, 5_000, 9_000, 20_000, 150_000] {
            let found = of(0..names);
            let off = found.count().abs_diff(u64::from(names)) * 100;
            let allowed = 4 * found.error_percent() * u64::from(names);
            assert!(off <= allowed, "{names}: {found:?}");
            assert_eq!(found.error_percent() == 0, names <= 1_024, "{names}");
        }
    }

    #[test]
    fn parts_in_any_order_and_values_met_again_change_nothing() {
        let whole = of(0..9_000);
        let few = of(8_500..9_000);
        for order in [
            [&of(0..6_000), &of(5_000..8_700), &few],
            [&few, &of(5_000..8_700), &of(0..6_000)],
        ] {
            let mut parts = of(0..0);
            for part in order {
                parts.merge(part);
            }
            assert_eq!(parts, whole);
        }
    }
}
