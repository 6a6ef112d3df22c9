//! People as a whole: who may be written to, who was deleted, who has no address, and which words tell them apart.

use std::io;
use std::path::Path;

use foldhash::HashSet;

use super::keys::Keys;
use super::sample::{Add, Sample, hash};
use super::words::{self, plain};

/// The names that are counted beside being fields, in the order of a tree's numbers; the signals follow.
pub(super) const KNOWN: [&str; 8] = [
    "cio_id",
    "id",
    "email",
    "unsubscribed",
    "suppressed",
    "deleted",
    "re_added",
    "traits",
];

/// Ways of people through the signals that are told apart.
const WAYS_MAX: usize = 4_096;
/// Domains that are counted by name.
const DOMAINS_MAX: usize = 1_024;
/// A longer word is no word of a closed list.
const WORD_BYTES_MAX: usize = 40;

/// Which of several keys of people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    CioId,
    Id,
    Email,
    /// E-mail addresses without letter case and blanks around.
    Folded,
}

impl Key {
    pub(super) const ALL: [Key; 4] = [Key::CioId, Key::Id, Key::Email, Key::Folded];
}

/// Keys of people, shared by all threads.
pub(super) fn keys(spill: &Path) -> Vec<Keys> {
    Key::ALL.iter().map(|_| Keys::beside(spill)).collect()
}

/// What one thread counts.
#[derive(Debug)]
pub(super) struct People {
    pub(super) counts: Counts,
    pub(super) domains: Sample<Named>,
    pub(super) ways: Sample<Named>,
    hashes: [Vec<u64>; 4],
    /// Room for the way of one person.
    way: String,
}

/// People of each sort; a person may be of several.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) email: u64,
    pub(super) anonymous: u64,
    pub(super) unsubscribed: u64,
    pub(super) suppressed: u64,
    pub(super) deleted: u64,
    pub(super) re_added: u64,
    /// Records that have the key at all, whatever it says.
    pub(super) says_suppressed: u64,
    pub(super) says_deleted: u64,
    pub(super) says_re_added: u64,
}

/// A count with the name that it is of.
#[derive(Debug)]
pub(super) struct Named {
    pub(super) name: Box<str>,
    pub(super) count: u64,
}

impl Add for Named {
    fn add(&mut self, more: Self) {
        self.count += more.count;
    }
}

impl Named {
    /// Counts one more of `name`.
    pub(super) fn count(sample: &mut Sample<Named>, name: &str) {
        let new = || Named {
            name: name.into(),
            count: 0,
        };
        if let Some(named) = sample.at(hash(name.as_bytes()), new) {
            named.count += 1;
        }
    }
}

/// What tells people apart: fields with closed words, and whose mail domains are anybody's.
#[derive(Debug, Default)]
pub(super) struct Signals {
    /// Names of traits whose words may decide.
    pub(super) traits: Vec<String>,
    pub(super) personal: HashSet<String>,
}

impl People {
    pub(super) fn new() -> Self {
        Self {
            counts: Counts::default(),
            domains: Sample::of_at_most(DOMAINS_MAX),
            ways: Sample::of_at_most(WAYS_MAX),
            hashes: std::array::from_fn(|_| Vec::new()),
            way: String::new(),
        }
    }

    /// Counts one person by the raw values of [`KNOWN`] and, behind them, of the signals.
    pub(super) fn observe(&mut self, known: &[Option<&str>], signals: &Signals) {
        let (known, traits) = known.split_at_checked(KNOWN.len()).unwrap_or_default();
        let traits = traits.iter().take(signals.traits.len()).copied();
        let at = |index: usize| known.get(index).copied().flatten();
        let [cio_id, id, email] = [at(0), at(1), at(2)].map(said);
        let [unsubscribed, suppressed, deleted, re_added] = [at(3), at(4), at(5), at(6)];
        for (raw, hashes) in [cio_id, id, email].into_iter().zip(&mut self.hashes) {
            hashes.extend(raw.map(|raw| hash(raw.as_bytes())));
        }
        let folded = email.map(|raw| plain(raw).trim().to_lowercase());
        let folded = folded.filter(|it| !it.is_empty());
        if let (Some(folded), Some(hashes)) = (&folded, self.hashes.last_mut()) {
            hashes.push(hash(folded.as_bytes()));
        }
        let is_anonymous = id.is_none() && folded.is_none();
        let counts = &mut self.counts;
        counts.email += u64::from(folded.is_some());
        counts.anonymous += u64::from(is_anonymous);
        counts.unsubscribed += u64::from(words::is_yes(unsubscribed));
        counts.suppressed += u64::from(words::is_yes(suppressed));
        counts.deleted += u64::from(words::is_yes(deleted));
        counts.re_added += u64::from(words::is_yes(re_added));
        counts.says_suppressed += u64::from(suppressed.is_some());
        counts.says_deleted += u64::from(deleted.is_some());
        counts.says_re_added += u64::from(re_added.is_some());
        let domain = folded.as_deref().and_then(domain);
        if let Some(domain) = domain {
            Named::count(&mut self.domains, domain);
        }
        let domain = match domain {
            None => "none",
            Some(domain) if signals.personal.contains(domain) => "personal",
            Some(_) => "business",
        };
        self.way.clear();
        self.way
            .push_str(if is_anonymous { "anonymous" } else { "known" });
        for word in [Some(domain)].into_iter().chain(traits.map(word)) {
            self.way.push('\t');
            self.way.push_str(&word.map(plain).unwrap_or_default());
        }
        Named::count(&mut self.ways, &self.way);
    }

    /// Hands the ids of a chunk to those that compare them.
    pub(super) fn flush(&mut self, keys: &[Keys]) -> io::Result<()> {
        let mut both = keys.iter().zip(&mut self.hashes);
        both.try_for_each(|(keys, hashes)| keys.take(hashes))
    }

    pub(super) fn merge(&mut self, other: Self) {
        let Counts {
            email,
            anonymous,
            unsubscribed,
            suppressed,
            deleted,
            re_added,
            says_suppressed,
            says_deleted,
            says_re_added,
        } = other.counts;
        self.counts.email += email;
        self.counts.anonymous += anonymous;
        self.counts.unsubscribed += unsubscribed;
        self.counts.suppressed += suppressed;
        self.counts.deleted += deleted;
        self.counts.re_added += re_added;
        self.counts.says_suppressed += says_suppressed;
        self.counts.says_deleted += says_deleted;
        self.counts.says_re_added += says_re_added;
        self.domains.merge(other.domains);
        self.ways.merge(other.ways);
    }
}

/// A value that says something: neither null nor an empty text.
fn said(raw: Option<&str>) -> Option<&str> {
    raw.filter(|raw| *raw != "null" && *raw != "\"\"")
}

fn domain(address: &str) -> Option<&str> {
    let (_, domain) = address.rsplit_once('@')?;
    Some(domain.trim()).filter(|it| !it.is_empty())
}

/// A value as a word of a closed list; `None` where it says nothing.
fn word(raw: Option<&str>) -> Option<&str> {
    let raw = said(raw)?;
    if raw.len() > WORD_BYTES_MAX || raw.starts_with(['{', '[']) {
        return Some("…");
    }
    Some(raw)
}
