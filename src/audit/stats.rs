//! What is counted of one field, value by value: kinds, spellings, ranges, lengths, and a sample of its values.

use jiff::Timestamp;

use super::different::Different;
use super::profile::Distinct;
use super::sample::{Add, Sample, hash};
use crate::model::{TimeUnit, Type};
use crate::plan::{fits, is_integer};

/// Kinds of JSON value, as bits of [`Found::items`].
pub(super) const TEXT: u8 = 1;
pub(super) const INTEGER: u8 = 2;
pub(super) const DECIMAL: u8 = 4;
pub(super) const BOOLEAN: u8 = 8;
pub(super) const NULL: u8 = 16;
pub(super) const LIST: u8 = 32;
pub(super) const OBJECT: u8 = 64;

/// Longer values are counted and not kept.
const KEPT_BYTES: usize = 64;

/// Kinds of value of which an example is shown where they are mixed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scalar {
    Text,
    Number,
    Boolean,
}

impl Scalar {
    pub(super) const ALL: [Scalar; 3] = [Scalar::Text, Scalar::Number, Scalar::Boolean];

    /// `None` for an empty text and for what is no scalar.
    pub(super) fn of(raw: &str) -> Option<Scalar> {
        match raw.as_bytes() {
            [b'"', b'"'] => None,
            [b'"', ..] => Some(Scalar::Text),
            [b'0'..=b'9' | b'-', ..] => Some(Scalar::Number),
            [b't' | b'f', ..] => Some(Scalar::Boolean),
            _ => None,
        }
    }

    pub(super) const fn word(self) -> &'static str {
        match self {
            Scalar::Text => "text",
            Scalar::Number => "number",
            Scalar::Boolean => "boolean",
        }
    }
}

/// One value of a record.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found<'a> {
    pub(super) raw: &'a str,
    /// Of a list: the kinds of its items.
    pub(super) items: u8,
    /// Of a list: how many items.
    pub(super) size: u32,
}

/// A value that was kept, with how often it stands there.
#[derive(Debug)]
pub(super) struct Word {
    /// JSON text; `None` for one that is too long to be kept.
    pub(super) raw: Option<Box<str>>,
    pub(super) count: u64,
}

impl Add for Word {
    fn add(&mut self, more: Self) {
        self.count += more.count;
    }
}

/// Lengths and times that are looked for.
#[derive(Clone, Debug)]
pub(super) struct Bounds {
    /// Characters; texts that are longer are counted for each.
    pub(super) lengths: Vec<u64>,
    pub(super) latest: Timestamp,
}

/// How many values are of which kind, and how many would be taken as which type.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Kinds {
    pub(super) texts: u64,
    pub(super) integers: u64,
    pub(super) decimals: u64,
    /// Numbers that no type takes, such as `1e999`.
    pub(super) odd_numbers: u64,
    pub(super) booleans: u64,
    pub(super) nulls: u64,
    pub(super) empties: u64,
    pub(super) lists: u64,
    pub(super) objects: u64,
    /// Texts that spell something else.
    pub(super) spelled_integers: u64,
    pub(super) spelled_decimals: u64,
    pub(super) spelled_booleans: u64,
    pub(super) spelled_dates: u64,
    pub(super) spelled_times: u64,
    pub(super) spelled_lists: u64,
    pub(super) spelled_objects: u64,
    /// Spelled integers with a zero in front, which a number would lose.
    pub(super) zero_led: u64,
    /// Integers, spelled or not, that are a time of this unit up to the capture's end.
    pub(super) seconds: u64,
    pub(super) milliseconds: u64,
    /// Integers, spelled or not, that are 0 or 1.
    pub(super) bits: u64,
}

impl Kinds {
    /// Values that are there and say something.
    pub(super) fn filled(&self) -> u64 {
        self.texts - self.empties + self.numbers() + self.booleans + self.lists + self.objects
    }

    pub(super) fn numbers(&self) -> u64 {
        self.integers + self.decimals + self.odd_numbers
    }

    fn add(&mut self, more: &Self) {
        let Self {
            texts,
            integers,
            decimals,
            odd_numbers,
            booleans,
            nulls,
            empties,
            lists,
            objects,
            spelled_integers,
            spelled_decimals,
            spelled_booleans,
            spelled_dates,
            spelled_times,
            spelled_lists,
            spelled_objects,
            zero_led,
            seconds,
            milliseconds,
            bits,
        } = more;
        self.texts += texts;
        self.integers += integers;
        self.decimals += decimals;
        self.odd_numbers += odd_numbers;
        self.booleans += booleans;
        self.nulls += nulls;
        self.empties += empties;
        self.lists += lists;
        self.objects += objects;
        self.spelled_integers += spelled_integers;
        self.spelled_decimals += spelled_decimals;
        self.spelled_booleans += spelled_booleans;
        self.spelled_dates += spelled_dates;
        self.spelled_times += spelled_times;
        self.spelled_lists += spelled_lists;
        self.spelled_objects += spelled_objects;
        self.zero_led += zero_led;
        self.seconds += seconds;
        self.milliseconds += milliseconds;
        self.bits += bits;
    }
}

/// Everything that is counted of one field.
#[derive(Debug)]
pub(super) struct Stats {
    pub(super) kinds: Kinds,
    /// Characters of the longest text.
    pub(super) longest: u64,
    /// Texts longer than each of [`Bounds::lengths`].
    pub(super) longer: Vec<u64>,
    /// Smallest and largest integer, spelled or not.
    pub(super) range: Option<(i64, i64)>,
    /// Kinds of all list items.
    pub(super) items: u8,
    pub(super) longest_list: u32,
    pub(super) values: Sample<Word>,
    /// Of each of [`Scalar::ALL`] the value with the smallest hash: a rare kind may be missing among those that are kept.
    firsts: [Option<(u64, Box<str>)>; 3],
    /// All values, once they are too many to keep.
    different: Option<Different>,
}

impl Stats {
    pub(super) fn with_values(max: usize) -> Self {
        Self {
            kinds: Kinds::default(),
            longest: 0,
            longer: Vec::new(),
            range: None,
            items: 0,
            longest_list: 0,
            values: Sample::of_at_most(max),
            firsts: [const { None }; 3],
            different: None,
        }
    }

    /// Counts one value.
    #[inline]
    pub(super) fn observe(&mut self, found: &Found<'_>, bounds: &Bounds) {
        let raw = found.raw;
        match raw.as_bytes().first() {
            Some(b'"') => self.text(raw, bounds),
            Some(b'{') => {
                self.kinds.objects += 1;
                return;
            }
            Some(b'[') => {
                self.kinds.lists += 1;
                self.items |= found.items;
                self.longest_list = self.longest_list.max(found.size);
                return;
            }
            Some(b't' | b'f') => self.kinds.booleans += 1,
            Some(b'n') => {
                self.kinds.nulls += 1;
                return;
            }
            Some(_) | None => self.number(raw, bounds),
        }
        let new = || Word {
            raw: (raw.len() <= KEPT_BYTES).then(|| raw.into()),
            count: 0,
        };
        let hash = hash(raw.as_bytes());
        self.offer(hash, raw);
        if self.different.is_none() && self.values.is_full() {
            self.different = Some(self.set());
        }
        if let Some(different) = &mut self.different {
            different.add(hash);
        }
        if let Some(word) = self.values.at(hash, new) {
            word.count += 1;
        }
    }

    /// How many different values there are.
    pub(super) fn distinct(&self) -> Distinct {
        match &self.different {
            Some(different) => Distinct {
                count: different.count(),
                error_percent: different.error_percent(),
            },
            None => Distinct {
                count: self.values.names(),
                error_percent: 0,
            },
        }
    }

    /// One value of this kind, short enough to be kept.
    pub(super) fn first_of(&self, kind: Scalar) -> Option<&str> {
        let (_, raw) = self.firsts.get(kind as usize)?.as_ref()?;
        Some(raw)
    }

    #[inline]
    fn offer(&mut self, hash: u64, raw: &str) {
        let place = Scalar::of(raw).filter(|_| raw.len() <= KEPT_BYTES);
        let Some(first) = place.and_then(|kind| self.firsts.get_mut(kind as usize)) else {
            return;
        };
        if first.as_ref().is_none_or(|(least, _)| hash < *least) {
            *first = Some((hash, raw.into()));
        }
    }

    /// All values, for counting only.
    fn set(&self) -> Different {
        let kept = || Different::of(self.values.hashes());
        self.different.clone().unwrap_or_else(kept)
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.kinds.add(&other.kinds);
        self.longest = self.longest.max(other.longest);
        self.longer
            .resize(self.longer.len().max(other.longer.len()), 0);
        for (count, more) in self.longer.iter_mut().zip(&other.longer) {
            *count += more;
        }
        self.range = match (self.range, other.range) {
            (Some((low, high)), Some((lower, higher))) => Some((low.min(lower), high.max(higher))),
            (one, None) | (None, one) => one,
        };
        for (_, raw) in other.firsts.iter().flatten() {
            self.offer(hash(raw.as_bytes()), raw);
        }
        self.items |= other.items;
        self.longest_list = self.longest_list.max(other.longest_list);
        let are_many = !self.values.has_room_for(&other.values);
        if self.different.is_some() || other.different.is_some() || are_many {
            let mut set = self.set();
            set.merge(&other.set());
            self.different = Some(set);
        }
        self.values.merge(other.values);
    }

    fn number(&mut self, raw: &str, bounds: &Bounds) {
        if is_integer(raw) {
            self.kinds.integers += 1;
            self.integer(raw, bounds);
        } else if fits(raw, &Type::Decimal, bounds.latest) {
            self.kinds.decimals += 1;
        } else {
            self.kinds.odd_numbers += 1;
        }
    }

    fn integer(&mut self, digits: &str, bounds: &Bounds) {
        let Ok(number) = digits.parse::<i64>() else {
            return;
        };
        let (low, high) = self.range.unwrap_or((number, number));
        self.range = Some((low.min(number), high.max(number)));
        let second = bounds.latest.as_second();
        self.kinds.seconds += u64::from((0..=second).contains(&number));
        self.kinds.milliseconds += u64::from((0..=second.saturating_mul(1000)).contains(&number));
        self.kinds.bits += u64::from(number == 0 || number == 1);
    }

    fn text(&mut self, raw: &str, bounds: &Bounds) {
        self.kinds.texts += 1;
        let inner = raw.get(1..raw.len() - 1).unwrap_or_default();
        self.length(raw, inner, bounds);
        match inner.as_bytes() {
            [] => self.kinds.empties += 1,
            [b'0'..=b'9' | b'-', ..] => self.spelled_number(raw, inner, bounds),
            [b't' | b'f' | b'T' | b'F', ..] if inner.len() <= 5 => {
                self.kinds.spelled_booleans += u64::from(fits(raw, &Type::Boolean, bounds.latest));
            }
            [b'[', ..] => {
                let list = Type::List(Box::new(Type::Json));
                self.kinds.spelled_lists += u64::from(fits(raw, &list, bounds.latest));
            }
            [b'{', ..] => {
                let object = Type::Object(Vec::new());
                self.kinds.spelled_objects += u64::from(fits(raw, &object, bounds.latest));
            }
            [_, ..] => {}
        }
    }

    /// Dates and times start with a digit as well.
    fn spelled_number(&mut self, raw: &str, inner: &str, bounds: &Bounds) {
        if is_integer(inner) {
            self.kinds.spelled_integers += 1;
            self.kinds.zero_led += u64::from(inner.len() > 1 && inner.starts_with('0'));
            self.integer(inner, bounds);
        } else if inner.len() == 10 && fits(raw, &Type::Date, bounds.latest) {
            self.kinds.spelled_dates += 1;
        } else if inner.len() > 10 && fits(raw, &Type::Timestamp(TimeUnit::Iso), bounds.latest) {
            self.kinds.spelled_times += 1;
        } else if fits(raw, &Type::Decimal, bounds.latest) {
            self.kinds.spelled_decimals += 1;
        }
    }

    fn length(&mut self, raw: &str, inner: &str, bounds: &Bounds) {
        // No text has more characters than bytes: most are settled without counting.
        let shortest = bounds.lengths.first().copied().unwrap_or(u64::MAX);
        let bytes = inner.len() as u64;
        if bytes <= self.longest && bytes <= shortest {
            return;
        }
        let length = match serde_json::from_str::<std::borrow::Cow<'_, str>>(raw) {
            Ok(text) => text.chars().count() as u64,
            Err(_) => bytes,
        };
        self.longest = self.longest.max(length);
        if length > shortest {
            self.longer.resize(bounds.lengths.len(), 0);
            for (limit, count) in bounds.lengths.iter().zip(&mut self.longer) {
                *count += u64::from(length > *limit);
            }
        }
    }
}
