//! The type that a field's declaration gets: one that every value fits, or nearly every one, with the others counted.

use super::profile::Word;
use super::stats::{BOOLEAN, DECIMAL, INTEGER, Kinds, LIST, NULL, OBJECT, Stats, TEXT};
use super::words::plain;
use crate::model::{TimeUnit, Type};

/// Words that a closed list may have.
const WORDS_MAX: usize = 20;
/// How often each of them stands there at least, on average.
const TIMES_MIN: u64 = 4;
/// Letters of a word of a closed list.
const WORD_LETTERS_MAX: usize = 40;
/// A word this many times rarer than one that it is a letter away from is a misspelling of it.
const TIMES_RARER: u64 = 3;
/// January 2000 in seconds: smaller numbers are counts, not times.
const FIRST_TIME: i64 = 946_684_800;
/// September 2001 in seconds: the first time of ten digits.
const FIRST_LONG_TIME: i64 = 1_000_000_000;
/// Different numbers from which on times are told by their size alone.
const TIMES_TOLD: usize = 20;

/// How a field is declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drafted {
    pub r#type: Type,
    /// Values that do not fit; the declaration then says `else blank, report`.
    pub misfits: u64,
    /// Words that look like misspellings of a word on the closed list: the word, how often, of which.
    pub misspelled: Vec<(String, u64, String)>,
}

/// What is known about a field beside its own values.
#[derive(Clone, Copy, Debug)]
pub(super) struct Around<'a> {
    pub(super) name: &'a str,
    /// The source writes numbers as numbers somewhere in these records, so a text is meant to be one.
    pub(super) has_numbers: bool,
    /// It names the record or somebody.
    pub(super) is_id: bool,
    /// Looked into by the rest of the tree: its members' declarations.
    pub(super) latest: i64,
}

/// The declaration of a field that is no object.
pub(super) fn draft(stats: &Stats, around: &Around<'_>) -> Drafted {
    let kinds = &stats.kinds;
    let filled = kinds.filled();
    let plain = |r#type| Drafted {
        r#type,
        misfits: 0,
        misspelled: Vec::new(),
    };
    let texts = kinds.texts - kinds.empties;
    if filled == 0 {
        return plain(if kinds.texts > 0 {
            Type::Text
        } else {
            Type::Json
        });
    }
    if texts == filled && (around.is_id || !reads_as_else(kinds, texts, around)) {
        return closed(stats).unwrap_or_else(|| plain(Type::Text));
    }
    let fits = candidates(stats, around);
    let is_time = |of: &Type| matches!(of, Type::Timestamp(_));
    let told = fits
        .iter()
        .find(|(of, count)| is_time(of) && count * 3 >= filled * 2);
    let whole = fits.iter().find(|(_, count)| *count == filled);
    // Numbers in another unit of time are numbers as well, and must not pass for a time.
    if let Some((r#type, _)) = whole.filter(|_| told.is_none()) {
        return plain(r#type.clone());
    }
    // The first of several that fit alike: a date is a better guess than a text.
    let best = told.or_else(|| fits.iter().rev().max_by_key(|(_, count)| *count));
    match best {
        Some((r#type, count)) if *r#type != Type::Text && count * 3 >= filled * 2 => Drafted {
            r#type: r#type.clone(),
            misfits: filled - count,
            misspelled: Vec::new(),
        },
        Some(_) | None => plain(Type::Json),
    }
}

/// Whether a field of texts holds something else, written as text.
fn reads_as_else(kinds: &Kinds, texts: u64, around: &Around<'_>) -> bool {
    let numbers = kinds.spelled_integers + kinds.spelled_decimals;
    (numbers == texts && kinds.zero_led == 0 && !around.has_numbers)
        || [
            kinds.spelled_booleans,
            kinds.spelled_dates,
            kinds.spelled_times,
            kinds.spelled_lists,
            kinds.spelled_objects,
        ]
        .contains(&texts)
}

/// Every type with the number of values that fit it, the narrowest first.
fn candidates(stats: &Stats, around: &Around<'_>) -> Vec<(Type, u64)> {
    let kinds = &stats.kinds;
    let integers = kinds.integers + kinds.spelled_integers;
    let mut fits = Vec::new();
    match time_unit(stats, around) {
        Some(TimeUnit::Seconds) => fits.push((Type::Timestamp(TimeUnit::Seconds), kinds.seconds)),
        Some(unit) => fits.push((Type::Timestamp(unit), kinds.milliseconds)),
        None => {}
    }
    if kinds.booleans + kinds.spelled_booleans > 0 {
        let booleans = kinds.booleans + kinds.spelled_booleans + kinds.bits;
        fits.push((Type::Boolean, booleans));
    }
    // Where one text in a hundred starts with a zero they are codes: a number would lose it.
    if kinds.zero_led * 100 < kinds.filled().max(1) {
        fits.push((Type::Integer, integers));
        let decimals = integers + kinds.decimals + kinds.spelled_decimals;
        fits.push((Type::Decimal, decimals));
    }
    fits.push((Type::Date, kinds.spelled_dates));
    fits.push((Type::Timestamp(TimeUnit::Iso), kinds.spelled_times));
    fits.push((list_of(stats), kinds.lists + kinds.spelled_lists));
    fits.push((Type::Text, kinds.texts - kinds.empties));
    fits.retain(|(_, count)| *count > 0);
    fits
}

/// The unit of numbers that are times: by their size, and by the field's name where they are few.
pub(super) fn time_unit(stats: &Stats, around: &Around<'_>) -> Option<TimeUnit> {
    let (mut all, mut seconds, mut milliseconds) = (0, 0, 0);
    let (mut different, mut is_long) = (0_usize, true);
    for word in stats.values.values() {
        let number = word.raw.as_deref().map(plain);
        let Some(number) = number.and_then(|it| it.parse::<i64>().ok()) else {
            continue;
        };
        all += word.count;
        different += 1;
        let is_second = (FIRST_TIME..=around.latest).contains(&number);
        let from = FIRST_TIME.saturating_mul(1_000);
        let until = around.latest.saturating_mul(1_000);
        let is_milli = !is_second && (from..=until).contains(&number);
        seconds += if is_second { word.count } else { 0 };
        milliseconds += if is_milli { word.count } else { 0 };
        is_long &= number >= FIRST_LONG_TIME;
    }
    let told = says_time(around.name) || (different >= TIMES_TOLD && is_long);
    let most = |count: u64| count > 0 && count * 3 >= all * 2;
    if !told {
        return None;
    }
    if most(seconds) {
        return Some(TimeUnit::Seconds);
    }
    most(milliseconds).then_some(TimeUnit::Milliseconds)
}

fn says_time(name: &str) -> bool {
    let lower = name.to_lowercase();
    let ends = ["_at", "_on", "_ts", "at", "on"];
    let is_camel = |end: &str| {
        let mut letters = end.chars();
        let head = letters.next().map(|it| it.to_ascii_uppercase());
        let end: String = head.into_iter().chain(letters).collect();
        name.ends_with(&end)
    };
    let (snake, camel) = ends.split_at(3);
    snake.iter().any(|end| lower.ends_with(end))
        || camel.iter().any(|end| is_camel(end))
        || [
            "date",
            "time",
            "timestamp",
            "created",
            "updated",
            "expires",
            "since",
        ]
        .iter()
        .any(|word| lower.contains(word))
}

fn list_of(stats: &Stats) -> Type {
    let items = stats.items & !NULL;
    // Lists inside texts were not looked into.
    let item = if stats.kinds.spelled_lists > 0 || stats.items & NULL != 0 {
        Type::Json
    } else if items == TEXT {
        Type::Text
    } else if items == INTEGER {
        Type::Integer
    } else if items != 0 && items & !(INTEGER | DECIMAL) == 0 {
        Type::Decimal
    } else if items == BOOLEAN {
        Type::Boolean
    } else {
        debug_assert!(items & (LIST | OBJECT | TEXT | INTEGER | DECIMAL | BOOLEAN) == items);
        Type::Json
    };
    Type::List(Box::new(item))
}

/// A closed list of words, where all are known and each stands there often.
fn closed(stats: &Stats) -> Option<Drafted> {
    let words = all_words(stats)?;
    let total: u64 = words.iter().map(|word| word.count).sum();
    let (kept, misspelled) = part(words);
    let is_closed = (2..=WORDS_MAX).contains(&kept.len())
        && total >= kept.len() as u64 * TIMES_MIN
        && kept.iter().all(|word| {
            let length = word.text.chars().count();
            (1..=WORD_LETTERS_MAX).contains(&length)
                && super::name::is_writable(&word.text)
                && word.text.starts_with(char::is_alphanumeric)
                && word.text.contains(char::is_alphabetic)
                && !word.text.contains(['@', '/'])
                && word.text.trim() == word.text
        });
    is_closed.then(|| Drafted {
        r#type: Type::OneOf(kept.into_iter().map(|word| word.text).collect()),
        misfits: 0,
        misspelled,
    })
}

/// Every text of a field with its count, the commonest first; `None` where not all were kept.
pub(super) fn all_words(stats: &Stats) -> Option<Vec<Word>> {
    if !stats.values.is_exact() {
        return None;
    }
    let mut words = Vec::new();
    for word in stats.values.values() {
        let raw = word.raw.as_deref()?;
        let text = plain(raw).into_owned();
        if !text.is_empty() {
            let count = word.count;
            words.push(Word { text, count });
        }
    }
    words.sort_by(|left, right| (right.count, &left.text).cmp(&(left.count, &right.text)));
    Some(words)
}

/// Words of the list, and rare ones that look like one of them.
fn part(words: Vec<Word>) -> (Vec<Word>, Vec<(String, u64, String)>) {
    let mut kept: Vec<Word> = Vec::new();
    let mut misspelled = Vec::new();
    // More words than that are no closed list, and comparing all with all would take long.
    if words.len() > WORDS_MAX * 3 {
        return (words, misspelled);
    }
    for word in words {
        let like = kept.iter().find(|it| {
            let is_rare = word.count * TIMES_RARER <= it.count;
            is_same(&word.text, &it.text) || is_rare && is_like(&word.text, &it.text)
        });
        match like {
            Some(like) => misspelled.push((word.text, word.count, like.text.clone())),
            None => kept.push(word),
        }
    }
    (kept, misspelled)
}

/// Alike but for letter case, blanks and signs.
fn is_same(left: &str, right: &str) -> bool {
    folded(left) == folded(right)
}

/// One letter apart, in words that are long enough for that to be a slip.
fn is_like(left: &str, right: &str) -> bool {
    let (left, right) = (folded(left), folded(right));
    let longer = left.len().max(right.len());
    if longer < 5 || left.len().abs_diff(right.len()) > 1 {
        return false;
    }
    let head = left.iter().zip(&right).take_while(|(a, b)| a == b).count();
    let tail = left.iter().rev().zip(right.iter().rev());
    let tail = tail.take_while(|(a, b)| a == b).count();
    head + tail + 1 >= longer
}

fn folded(text: &str) -> Vec<char> {
    text.chars()
        .filter(|it| it.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}
