//! Looks, while `check` walks, for words that are not on the list of their `one of` field, and for what they nearly are.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

use crate::engine::Watched;
use crate::lang::nearest;
use crate::model::Type;
use crate::plan::Cell;
use crate::report::Stray;

/// A kind of record and its field.
type Place = (String, String);

/// How many records, and the first of them by line.
#[derive(Debug)]
struct Met {
    records: u64,
    line: u64,
    first: String,
}

/// How many different words of a field are remembered with what they nearly are: the comparison is dear, and the same
/// few words come again and again.
const REMEMBERED_MAX: usize = 10_000;

#[derive(Debug, Default)]
struct Words {
    nearly: HashMap<String, Option<String>>,
    met: BTreeMap<Option<String>, Met>,
}

/// Gathers on all workers.
#[derive(Debug, Default)]
pub(super) struct Strays(Mutex<BTreeMap<Place, Words>>);

impl Strays {
    pub(super) fn look(&self, watched: &Watched<'_>) {
        let evaluation = watched.evaluation;
        let entity = evaluation.entity;
        for (spec, cell) in entity.slots.iter().zip(&evaluation.record.cells) {
            let (Type::OneOf(words), Cell::Raw(raw)) = (&spec.r#type, cell) else {
                continue;
            };
            let quoted = raw.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
            let is_listed = |found: &str| found.is_empty() || words.iter().any(|it| it == found);
            if quoted.is_some_and(is_listed) {
                continue;
            }
            // Only a text can be nearly a word; anything else is of the wrong type, and says so.
            let Ok(found) = serde_json::from_str::<String>(raw) else {
                continue;
            };
            if is_listed(&found) {
                continue;
            }
            let of = match &entity.object_type {
                Some(object_type) => format!("object \"{object_type}\""),
                None => entity.entity.to_string(),
            };
            self.count((of, spec.name.clone()), (found, words), watched);
        }
    }

    fn count(&self, place: Place, (found, words): (String, &[String]), watched: &Watched<'_>) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let of_field = all.entry(place).or_default();
        let nearly = if let Some(known) = of_field.nearly.get(&found) {
            known.clone()
        } else {
            let nearly = nearest(found.trim(), words.iter().map(String::as_str));
            let nearly = nearly.map(str::to_owned);
            if of_field.nearly.len() < REMEMBERED_MAX {
                of_field.nearly.insert(found, nearly.clone());
            }
            nearly
        };
        let met = of_field.met.entry(nearly).or_insert_with(|| Met {
            records: 0,
            line: u64::MAX,
            first: String::new(),
        });
        met.records += 1;
        if watched.line < met.line {
            met.line = watched.line;
            met.first = watched.source.to_string();
        }
    }

    /// By field, the most first.
    pub(super) fn ranked(self) -> Vec<Stray> {
        let all = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut ranked = Vec::new();
        for ((of, field), words) in all {
            ranked.extend(words.met.into_iter().map(|(nearly, met)| Stray {
                of: of.clone(),
                field: field.clone(),
                nearly,
                records: met.records,
                first: met.first,
            }));
        }
        ranked.sort_by(|left, right| {
            let place = |it: &Stray| (it.of.clone(), it.field.clone());
            // What is like none of them stands last.
            let rank = |it: &Stray| (it.nearly.is_none(), std::cmp::Reverse(it.records));
            (place(left), rank(left)).cmp(&(place(right), rank(right)))
        });
        ranked
    }
}
