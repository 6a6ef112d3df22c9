//! Every trait with its lane: each field of the destination goes to one trait at most, to the surest one.

use std::collections::BTreeMap;

use super::dictionary::Dictionary;
use super::weigh::{self, Candidate, Lane, Trait};
use crate::model::Target;

/// Where one trait belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    pub lane: Lane,
    /// The surest first; none in the last lane.
    pub candidates: Vec<Candidate>,
    /// Why it is not further up.
    pub because: Option<String>,
}

/// A proposal for each trait, in their order.
#[must_use]
pub fn propose(traits: &[Trait], target: &Target, dictionary: &Dictionary) -> Vec<Proposal> {
    let mut found: Vec<Vec<Candidate>> = traits
        .iter()
        .map(|of| weigh::candidates(of, target, dictionary))
        .collect();
    let holders = holders(traits, &found);
    found
        .iter_mut()
        .enumerate()
        .map(|(number, candidates)| {
            let mut because = None;
            candidates.retain(|candidate| {
                let taken = candidate.fields.iter().find_map(|field| {
                    let holder = holders.get(field)?;
                    (*holder != number).then_some((field, *holder))
                });
                if let Some((field, holder)) = taken {
                    let holder = traits.get(holder).map_or("", |it| &it.path);
                    because = Some(format!("`{field}` is taken by `{holder}`"));
                }
                taken.is_none()
            });
            let candidates = std::mem::take(candidates);
            Proposal {
                lane: lane(&candidates),
                candidates,
                because,
            }
        })
        .collect()
}

/// Which trait each field goes to. A parted value gives way to traits that have the parts themselves.
fn holders(traits: &[Trait], found: &[Vec<Candidate>]) -> BTreeMap<String, usize> {
    let mut claims: Vec<(usize, u64, u64, usize, &Candidate)> = Vec::new();
    for (number, (of, candidates)) in traits.iter().zip(found).enumerate() {
        for candidate in candidates {
            claims.push((
                candidate.fields.len(),
                candidate.sure,
                of.filled,
                number,
                candidate,
            ));
        }
    }
    claims.sort_by(|left, right| {
        let key = |it: &(usize, u64, u64, usize, &Candidate)| {
            (it.0, std::cmp::Reverse(it.1), std::cmp::Reverse(it.2), it.3)
        };
        key(left).cmp(&key(right))
    });
    let mut holders = BTreeMap::new();
    let mut settled: Vec<usize> = Vec::new();
    for (_, _, _, number, candidate) in claims {
        let is_free = candidate
            .fields
            .iter()
            .all(|field| !holders.contains_key(field));
        if is_free && !settled.contains(&number) {
            settled.push(number);
            for field in &candidate.fields {
                holders.insert(field.clone(), number);
            }
        }
    }
    holders
}

fn lane(candidates: &[Candidate]) -> Lane {
    match candidates.first() {
        Some(first) if first.sure >= weigh::PROPOSED_MIN => Lane::Proposed,
        Some(_) => Lane::Choose,
        None => Lane::Custom,
    }
}
