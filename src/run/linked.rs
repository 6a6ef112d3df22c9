//! Links three ways: what the draft points at, what the record points at, and what the run before left. Pure.
//!
//! A link that the source has dropped goes where we put it and nobody touched it; a link that a person made or took
//! away stays as that person left it, and is told.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Draft, Existing, SourceId, Target};
use crate::port::{DestinationId, Present};

use super::base::Base;
use super::difference::Ways;

const KEPT_OWN: &str = "keeps the link that the destination had";
const KEPT_SINCE: &str = "keeps the links that were changed at the destination since";
const KEPT_BOTH: &str = "keeps the destination's link: it was changed on both sides";
const KEPT_MADE: &str =
    "keeps a link that the source has dropped: somebody made it at the destination";

/// Links of the run before that the draft has no longer, by field.
pub(super) type Dropped = BTreeMap<String, Vec<DroppedLink>>;

/// A link that the source has dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct DroppedLink {
    pub(super) to: DestinationId,
    /// Some run of ours made it.
    pub(super) is_ours: bool,
}

/// What becomes of one link field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Linked {
    /// The complete list to write; none where it stays as it is.
    pub(super) list: Option<Vec<DestinationId>>,
    /// Links of ours that go.
    pub(super) off: Vec<DestinationId>,
    pub(super) kept: Option<&'static str>,
    /// Changed on both sides, where the rules hold such records.
    pub(super) is_disputed: bool,
}

/// Every field that has links now, or had links that the source has dropped.
pub(super) fn fields<'a>(
    links: &'a BTreeMap<String, Vec<DestinationId>>,
    dropped: &'a Dropped,
) -> BTreeSet<&'a String> {
    links.keys().chain(dropped.keys()).collect()
}

/// Compares one field.
pub(super) fn linked(
    draft: &Draft,
    name: &str,
    (ours, dropped): (&[DestinationId], &[DroppedLink]),
    present: &Present,
    ways: Ways<'_>,
) -> Linked {
    let there = present.links.get(name).map_or(&[][..], Vec::as_slice);
    let is_there = |link: &&DroppedLink| there.contains(&link.to) && !ours.contains(&link.to);
    let mut linked = Linked::default();
    let (mine, others): (Vec<&DroppedLink>, Vec<&DroppedLink>) = dropped
        .iter()
        .filter(is_there)
        .partition(|link| link.is_ours);
    linked.off = mine.into_iter().map(|link| link.to).collect();
    if !others.is_empty() {
        linked.kept = Some(KEPT_MADE);
    }
    if takes_one(ways.target, name) {
        one(draft, name, ours, there, ways, &mut linked);
    } else {
        several(draft, name, ours, there, ways, &mut linked);
    }
    linked
}

/// Whether a second link would take the place of the first.
fn takes_one(target: &Target, field: &str) -> bool {
    target.links_max(field) == Some(1)
}

/// One link takes the place of another.
fn one(
    draft: &Draft,
    name: &str,
    ours: &[DestinationId],
    there: &[DestinationId],
    ways: Ways<'_>,
    linked: &mut Linked,
) {
    if there == ours {
        return;
    }
    if ours.is_empty() {
        linked.list = (!linked.off.is_empty()).then(Vec::new);
        return;
    }
    let how = draft.existing_of(name);
    let keep = |linked: &mut Linked, why| linked.kept = Some(why);
    let base = ways.base.filter(|base| before(base, name) != there);
    if let Some(base) = base {
        // Somebody has changed it since.
        if is_unchanged(base, draft, name) {
            return keep(linked, KEPT_SINCE);
        }
        match how {
            Existing::Hold if !there.is_empty() => {
                linked.is_disputed = true;
                return;
            }
            Existing::FillBlank | Existing::Skip | Existing::Never if !there.is_empty() => {
                return keep(linked, KEPT_BOTH);
            }
            Existing::FillBlank
            | Existing::Overwrite
            | Existing::Hold
            | Existing::Skip
            | Existing::Never => {}
        }
    } else if ways.adopted
        && how != Existing::Overwrite
        && !there.is_empty()
        && linked.off.is_empty()
    {
        return keep(linked, KEPT_OWN);
    }
    linked.list = Some(ours.to_vec());
}

/// Links stand beside each other: those of others stay.
fn several(
    draft: &Draft,
    name: &str,
    ours: &[DestinationId],
    there: &[DestinationId],
    ways: Ways<'_>,
    linked: &mut Linked,
) {
    // Whoever took one of ours away since meant it.
    let is_taken = |id: &DestinationId| {
        let base = ways.base.filter(|base| is_unchanged(base, draft, name));
        !there.contains(id) && base.is_some_and(|base| before(base, name).contains(id))
    };
    let wanted: Vec<DestinationId> = ours.iter().copied().filter(|id| !is_taken(id)).collect();
    if wanted.len() < ours.len() {
        linked.kept = Some(KEPT_SINCE);
    }
    let fill_blank = ways.adopted && draft.existing_of(name) != Existing::Overwrite;
    let list = union(&wanted, there, fill_blank).unwrap_or_else(|| there.to_vec());
    let list: Vec<DestinationId> = list
        .into_iter()
        .filter(|id| !linked.off.contains(id))
        .collect();
    linked.list = (list != there).then_some(list);
}

/// What the run before left in the field.
fn before<'a>(base: &'a Base, name: &str) -> &'a [DestinationId] {
    base.there.links.get(name).map_or(&[][..], Vec::as_slice)
}

/// The source points at what it pointed at then.
fn is_unchanged(base: &Base, draft: &Draft, name: &str) -> bool {
    let ends = |draft: &Draft| -> BTreeSet<SourceId> {
        let links = draft.links.iter().filter(|link| link.field == name);
        links
            .flat_map(|link| link.to.iter().map(|end| end.source.clone()))
            .collect()
    };
    ends(&base.draft) == ends(draft)
}

/// The complete list to write, or nothing where ours are all there.
fn union(
    ours: &[DestinationId],
    there: &[DestinationId],
    fill_blank: bool,
) -> Option<Vec<DestinationId>> {
    let all_there = ours.iter().all(|id| there.contains(id));
    let keeps_primary = fill_blank && !there.is_empty();
    if all_there && (keeps_primary || ours.first().is_none_or(|id| there.first() == Some(id))) {
        return None;
    }
    let (head, tail) = if keeps_primary {
        (there, ours)
    } else {
        (ours, there)
    };
    let mut seen = BTreeSet::new();
    Some(
        head.iter()
            .chain(tail)
            .copied()
            .filter(|id| seen.insert(*id))
            .collect(),
    )
}
