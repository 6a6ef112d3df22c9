//! What `check` measures beside the fates: losses, notes on one record, keys, promises.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::hash::BuildHasher;

use foldhash::quality::RandomState;
use foldhash::{HashMap, HashSet};
use serde::{Serialize, Serializer};

use crate::model::{Draft, Fate, Loss, Outcome, SourceId};

/// Gathered outcome by outcome.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Measured {
    /// What lines that say `loses` really lose, in order of rule line, field and words.
    #[serde(serialize_with = "losses_as_list")]
    losses: Vec<LossCount>,
    notes: Notes,
    /// Records with children of other kinds.
    #[serde(skip)]
    families: Families,
    keys: Keys,
    pub(super) promises: Vec<PromiseLine>,
}

/// How many records a line loses something of, and the one that loses most.
#[derive(Clone, Debug)]
struct LossCount {
    line: u32,
    field: String,
    what: String,
    count: u64,
    worst: String,
    size: u64,
}

/// How many notes each record has so far, by a hash of its id, and the most of one: 20 to 40 bytes a record
/// in memory; a key takes 10 to 20.
#[derive(Clone, Debug, Default, Serialize)]
struct Notes {
    #[serde(skip)]
    hasher: RandomState,
    #[serde(skip)]
    counts: HashMap<u64, u32>,
    most: u32,
    on: String,
}

/// Records that something hangs on, by a hash of their ids, for each kind.
#[derive(Clone, Debug, Default)]
struct Families {
    hasher: RandomState,
    seen: BTreeMap<String, HashSet<u64>>,
}

/// Keys by hash; one that came before is shared.
#[derive(Clone, Debug, Default, Serialize)]
struct Keys {
    #[serde(skip)]
    hasher: RandomState,
    #[serde(skip)]
    seen: HashSet<u64>,
    #[serde(skip)]
    is_asked: bool,
    count: u64,
    shared: u64,
}

/// A promise and what is known of it.
#[derive(Clone, Debug, Serialize)]
pub(super) struct PromiseLine {
    pub(super) rule_line: u32,
    pub(super) promise: String,
    pub(super) verdict: String,
}

impl Measured {
    pub(super) fn count(&mut self, outcome: &Outcome) {
        for loss in &outcome.losses {
            self.loss(loss, &outcome.source);
        }
        let Fate::Draft(draft) = &outcome.fate else {
            return;
        };
        match &draft.parent {
            Some(parent) if draft.target == "note" => self.notes.count(parent),
            Some(parent) => self.families.count(&draft.target, parent),
            None => {}
        }
        if self.keys.is_asked {
            self.keys.count(draft);
        }
    }

    pub(super) fn ask_for_keys(&mut self) {
        self.keys.is_asked = true;
    }

    /// Records with a key, and how many of them have one that came before.
    pub(super) fn keys(&self) -> (u64, u64) {
        (self.keys.count, self.keys.shared)
    }

    /// The most notes on one record, and whose they are.
    pub(super) fn most_notes(&self) -> Option<(u32, &str)> {
        (self.notes.most > 0).then_some((self.notes.most, self.notes.on.as_str()))
    }

    /// Records with notes, and how many notes there would be with so many on each at most.
    pub(super) fn notes_within(&self, most: u32) -> (u64, u64) {
        let counts = self.notes.counts.values();
        let records = u64::try_from(self.notes.counts.len()).unwrap_or(u64::MAX);
        (
            records,
            counts.map(|count| u64::from((*count).min(most))).sum(),
        )
    }

    /// Records that something of `target` hangs on.
    pub(super) fn families(&self, target: &str) -> u64 {
        if target == "note" {
            return self.notes_within(u32::MAX).0;
        }
        let seen = self.families.seen.get(target);
        seen.map_or(0, |seen| u64::try_from(seen.len()).unwrap_or(u64::MAX))
    }

    pub(super) fn losses(&self) -> impl Iterator<Item = (u32, &str, &str, u64)> {
        let losses = self.losses.iter();
        losses.map(|it| (it.line, &*it.field, &*it.what, it.count))
    }

    /// The record that each of them loses most of.
    pub(super) fn worst(&self) -> impl Iterator<Item = &str> {
        self.losses.iter().map(|loss| loss.worst.as_str())
    }

    pub(super) fn promise(&mut self, rule_line: u32, promise: &str, verdict: String) {
        self.promises.push(PromiseLine {
            rule_line,
            promise: promise.to_owned(),
            verdict,
        });
    }

    fn loss(&mut self, loss: &Loss, source: &SourceId) {
        let key = (loss.rule_line, &*loss.field, &*loss.what);
        let found = self
            .losses
            .binary_search_by(|it| (it.line, &*it.field, &*it.what).cmp(&key));
        let at = found.unwrap_or_else(|at| {
            let new = LossCount {
                line: loss.rule_line,
                field: loss.field.clone(),
                what: loss.what.clone(),
                count: 0,
                worst: String::new(),
                size: 0,
            };
            self.losses.insert(at, new);
            at
        });
        let Some(known) = self.losses.get_mut(at) else {
            return;
        };
        known.count += 1;
        if loss.size > known.size {
            known.size = loss.size;
            known.worst = source.to_string();
        }
    }

    pub(super) fn write(&self, text: &mut String) {
        if !self.losses.is_empty() {
            let _ = writeln!(text, "\nlost, as the rules say");
            for loss in &self.losses {
                let LossCount {
                    line,
                    field,
                    what,
                    count,
                    worst,
                    size,
                } = loss;
                let which = if *size > 1 { "worst" } else { "first" };
                let _ = writeln!(
                    text,
                    "  {count:>7}  line {line}, {field}: {what} ({which}: {worst})"
                );
            }
        }
        if let Some((most, on)) = self.most_notes() {
            let _ = writeln!(text, "\nnotes on one record\n  {most:>7}  at most, on {on}");
        }
        if !self.promises.is_empty() {
            let _ = writeln!(text, "\npromises");
            for line in &self.promises {
                let _ = writeln!(text, "  {}: {}", line.verdict, line.promise);
            }
        }
    }
}

impl Notes {
    fn count(&mut self, parent: &SourceId) {
        let count = self.counts.entry(self.hasher.hash_one(parent)).or_default();
        *count += 1;
        if *count > self.most {
            self.most = *count;
            self.on = parent.to_string();
        }
    }
}

impl Families {
    fn count(&mut self, target: &str, parent: &SourceId) {
        let hash = self.hasher.hash_one(parent);
        if let Some(seen) = self.seen.get_mut(target) {
            seen.insert(hash);
            return;
        }
        self.seen.entry(target.to_owned()).or_default().insert(hash);
    }
}

impl Keys {
    fn count(&mut self, draft: &Draft) {
        if let Some(key) = &draft.key {
            self.count += 1;
            let hash = self.hasher.hash_one((&draft.target, key));
            self.shared += u64::from(!self.seen.insert(hash));
        }
    }
}

fn losses_as_list<S: Serializer>(losses: &[LossCount], serializer: S) -> Result<S::Ok, S::Error> {
    let rows = losses.iter().map(|loss| {
        serde_json::json!({
            "rule_line": loss.line,
            "field": loss.field,
            "what": loss.what,
            "count": loss.count,
            "worst": loss.worst,
        })
    });
    serializer.collect_seq(rows)
}
