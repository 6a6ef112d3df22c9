//! What exactly is different about one record: its ending, or single fields of the same target.

use std::collections::{BTreeMap, BTreeSet};

use super::kept::{Ended, Record, Side};
use crate::model::{Draft, Existing, Fate, OptOut, Scalar};
use crate::plan::{Edit, OPT_OUT, Shown, Touch, scalar_words};

/// What a draft's import queue is called among its parts.
const QUEUE: &str = "queue";

/// One part of an outcome that is not as it was.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub(super) aspect: Aspect,
    pub(super) what: String,
    pub(super) before: Shown,
    pub(super) after: Shown,
    /// Edits that the record met on the way to this part; none where something else decided it.
    pub(super) met: BTreeSet<usize>,
}

/// Which part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Aspect {
    Ending,
    /// A field, by the name that it has among the draft's parts.
    Field(String),
    Reported(String),
    OptOut,
}

/// All that is different; the fields are compared only where the ending is the same.
pub(super) fn parts(record: &Record, edits: &[Edit]) -> Vec<Part> {
    let (before, after) = (record.ended.get(&Side::Old), record.ended.get(&Side::New));
    let mut found = differences(before, after);
    for part in &mut found {
        part.met = met(part, record, edits, (before, after));
        mark_words(part, record);
    }
    found
}

/// Whether the part is alike in two endings of the record.
pub(super) fn is_as(part: &Part, wanted: Option<&Ended>, ended: Option<&Ended>) -> bool {
    differences(wanted, ended)
        .iter()
        .all(|it| it.aspect != part.aspect && it.aspect != Aspect::Ending)
}

fn differences(before: Option<&Ended>, after: Option<&Ended>) -> Vec<Part> {
    let (old, new) = (ending(before), ending(after));
    let opt_out = opt_out(before, after);
    if old != new {
        let part = Part {
            aspect: Aspect::Ending,
            what: format!("{old} → {new}"),
            before: Shown::Word(old),
            after: Shown::Word(new),
            met: BTreeSet::new(),
        };
        return std::iter::once(part).chain(opt_out).collect();
    }
    let (Some(before), Some(after)) = (before, after) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    if let (Some(old), Some(new)) = (goes_into(before), goes_into(after))
        && old != new
    {
        found.push(Part {
            aspect: Aspect::Ending,
            what: "goes into another record".to_owned(),
            before: Shown::Word(old),
            after: Shown::Word(new),
            met: BTreeSet::new(),
        });
    }
    if let (Fate::Draft(old), Fate::Draft(new)) = (&before.outcome.fate, &after.outcome.fate) {
        fields(old, new, &mut found);
    }
    reported(before, after, &mut found);
    found.extend(opt_out);
    found
}

/// What a record becomes, without values of it.
fn ending(ended: Option<&Ended>) -> String {
    let Some(Ended { outcome, stops }) = ended else {
        return "nothing".to_owned();
    };
    match &outcome.fate {
        Fate::Draft(draft) => draft.target.clone(),
        Fate::Excluded { because } => format!("excluded \"{because}\""),
        Fate::Held { reason } if *stops => format!("stops the run \"{reason}\""),
        Fate::Held { reason } => format!("held \"{reason}\""),
        Fate::Rejected { reason, .. } => format!("rejected \"{reason}\""),
        Fate::Merged { because, .. } => format!("merged \"{because}\""),
        Fate::Carried { into } if into.id.starts_with("rollup/") => "above the limit".to_owned(),
        Fate::Carried { .. } => "carried".to_owned(),
        Fate::Ignored { because } => format!("ignored \"{because}\""),
    }
}

fn goes_into(ended: &Ended) -> Option<String> {
    match &ended.outcome.fate {
        Fate::Merged { into, .. } | Fate::Carried { into } => Some(into.to_string()),
        Fate::Draft(_)
        | Fate::Excluded { .. }
        | Fate::Held { .. }
        | Fate::Rejected { .. }
        | Fate::Ignored { .. } => None,
    }
}

fn fields(old: &Draft, new: &Draft, found: &mut Vec<Part>) {
    let (old_parts, new_parts) = (parts_of(old), parts_of(new));
    let names: BTreeSet<&String> = old_parts.keys().chain(new_parts.keys()).collect();
    for name in names {
        let (before, after) = (old_parts.get(name), new_parts.get(name));
        if before == after {
            continue;
        }
        let shown = |it: Option<&Shown>| it.cloned().unwrap_or(Shown::Blank);
        found.push(Part {
            aspect: Aspect::Field(name.clone()),
            what: format!("{}.{name}", new.target),
            before: shown(before),
            after: shown(after),
            met: BTreeSet::new(),
        });
    }
}

/// Everything that a draft says, by name.
fn parts_of(draft: &Draft) -> BTreeMap<String, Shown> {
    let Draft {
        target: _,
        key,
        fields,
        alternatives,
        links,
        queue,
        parent,
        attachments,
        as_activity,
        existing,
        existing_fields,
    } = draft;
    let mut parts = BTreeMap::new();
    for field in fields {
        parts.insert(field.name.clone(), shown(&field.value));
    }
    if let Some(key) = key {
        let words = serde_json::Value::from(key.value.as_str()).to_string();
        parts.insert(key.field.clone(), Shown::Private(words));
    }
    for other in alternatives {
        parts.insert(format!("collision {}", other.name), shown(&other.value));
    }
    for link in links {
        let to = link.to.iter().map(|it| {
            let mark = if it.primary { " (primary)" } else { "" };
            format!("{}{mark}", it.source)
        });
        let words = to.collect::<Vec<_>>().join(", ");
        parts.insert(link.field.clone(), Shown::Word(words));
    }
    if let Some(queue) = queue {
        parts.insert(QUEUE.to_owned(), Shown::Word(format!("\"{queue}\"")));
    }
    if let Some(parent) = parent {
        parts.insert("its person".to_owned(), Shown::Word(parent.to_string()));
    }
    for file in attachments {
        let words = serde_json::Value::from(file.content.as_str()).to_string();
        parts.insert(format!("attached {}", file.name), Shown::Private(words));
    }
    if *as_activity {
        parts.insert("as activity".to_owned(), Shown::Word("yes".to_owned()));
    }
    let way = |how: &Existing| Shown::Word(how.words().to_owned());
    parts.insert("existing".to_owned(), way(existing));
    for (name, how) in existing_fields {
        parts.insert(format!("existing {name}"), way(how));
    }
    parts
}

fn shown(value: &Scalar) -> Shown {
    match value {
        Scalar::Boolean(_) => Shown::Word(scalar_words(value)),
        Scalar::Text(_)
        | Scalar::Number(_)
        | Scalar::Date(_)
        | Scalar::Time(_)
        | Scalar::TextList(_)
        | Scalar::Json(_) => Shown::Private(scalar_words(value)),
    }
}

/// What lines tell of a field whose value is the same.
fn reported(before: &Ended, after: &Ended, found: &mut Vec<Part>) {
    let (old, new) = (&before.outcome.reports, &after.outcome.reports);
    let names: BTreeSet<&String> = old.iter().chain(new).map(|it| &it.field).collect();
    for name in names {
        let words = |reports: &[crate::model::Report]| {
            let own = reports.iter().filter(|it| it.field == *name);
            let words: Vec<&str> = own.map(|it| it.message.as_str()).collect();
            if words.is_empty() {
                Shown::Word("nothing".to_owned())
            } else {
                Shown::Word(words.join("; "))
            }
        };
        let (before, after) = (words(old), words(new));
        let is_told = |it: &Part| it.aspect == Aspect::Field(name.clone());
        if before == after || found.iter().any(is_told) {
            continue;
        }
        found.push(Part {
            aspect: Aspect::Reported(name.clone()),
            what: format!("reported of {name}"),
            before,
            after,
            met: BTreeSet::new(),
        });
    }
}

/// A record that is written says its consent itself.
fn opt_out(before: Option<&Ended>, after: Option<&Ended>) -> Option<Part> {
    let is_written = |it: &Ended| matches!(it.outcome.fate, Fate::Draft(_));
    let (before, after) = (before?, after?);
    let (old, new) = (&before.outcome.opt_out, &after.outcome.opt_out);
    if is_written(before) || is_written(after) || old == new {
        return None;
    }
    let words = |it: &Option<OptOut>| match it {
        None => Shown::Word("none".to_owned()),
        Some(it) => {
            let found_by = it.find.as_ref().map_or("the ledger", |key| &key.field);
            let set = scalar_words(&it.set.value);
            Shown::Word(format!("{} = {set}, found by {found_by}", it.set.name))
        }
    };
    Some(Part {
        aspect: Aspect::OptOut,
        what: "opt-out on a record that exists already".to_owned(),
        before: words(old),
        after: words(new),
        met: BTreeSet::new(),
    })
}

/// The edits that the record met on its way to this part.
fn met(
    part: &Part,
    record: &Record,
    edits: &[Edit],
    (before, after): (Option<&Ended>, Option<&Ended>),
) -> BTreeSet<usize> {
    let sides = [(Side::Old, before), (Side::New, after)];
    let mut found = BTreeSet::new();
    match &part.aspect {
        Aspect::Ending => {
            if [before, after].into_iter().any(is_made_by_others) {
                return found;
            }
            for (side, ended) in sides {
                match record.met.get(&side) {
                    Some(met) => found.extend(met.ending.iter().copied()),
                    None => found.extend(of_kind(ended, edits, side)),
                }
            }
            // A line that did not let the record go on one side may have let it go on the other.
            let waits = [before, after].into_iter().flatten().any(is_held);
            for (side, ended) in sides {
                let is_written = ended.is_some_and(|it| !is_held(it));
                if let Some(met) = record.met.get(&side)
                    && !found.is_empty()
                    && waits
                    && is_written
                {
                    found.extend(met.fields.values().flatten().copied());
                }
            }
        }
        // The row of the table says which queue.
        Aspect::Field(name) if name == QUEUE => {
            let met = record.met.values();
            found.extend(met.flat_map(|it| it.ending.iter().copied()));
        }
        Aspect::Field(name) | Aspect::Reported(name) => {
            let met = record.met.values();
            found.extend(met.filter_map(|it| it.fields.get(name)).flatten().copied());
        }
        Aspect::OptOut => {
            let met = record.met.values();
            let fields = met.filter_map(|it| it.fields.get(OPT_OUT));
            found.extend(fields.flatten().copied());
        }
    }
    found
}

/// A rule for the whole kind decides a record that no plan reads.
fn of_kind(ended: Option<&Ended>, edits: &[Edit], side: Side) -> BTreeSet<usize> {
    let Some(ended) = ended else {
        return BTreeSet::new();
    };
    let row = ended.outcome.row.clone().into_owned();
    let kind = ended.outcome.entity().word().to_owned();
    let touches = [Touch::Kind(row), Touch::Kind(kind)];
    let meets = |edit: &Edit| {
        let own = match side {
            Side::Old => &edit.old_touches,
            Side::New => &edit.new_touches,
        };
        touches.iter().any(|it| own.contains(it))
    };
    let edits = edits.iter().enumerate();
    edits
        .filter(|(_, edit)| meets(edit))
        .map(|(index, _)| index)
        .collect()
}

fn is_held(ended: &Ended) -> bool {
    matches!(ended.outcome.fate, Fate::Held { .. })
}

/// Another record decided: its person, its twin, or how many notes there are.
fn is_made_by_others(ended: Option<&Ended>) -> bool {
    let Some(ended) = ended else { return true };
    match &ended.outcome.fate {
        Fate::Merged { .. } | Fate::Carried { .. } => true,
        Fate::Held { reason } | Fate::Excluded { because: reason } => {
            reason.starts_with("its person ")
        }
        Fate::Draft(_) | Fate::Rejected { .. } | Fate::Ignored { .. } => false,
    }
}

/// Words of the rules are nobody's own: they are shown in every edition.
fn mark_words(part: &mut Part, record: &Record) {
    let Aspect::Field(name) = &part.aspect else {
        return;
    };
    let is_word = |side: Side| {
        let met = record.met.get(&side);
        met.is_some_and(|it| it.words.contains(name))
    };
    for (shown, side) in [(&mut part.before, Side::Old), (&mut part.after, Side::New)] {
        if let Shown::Private(words) = shown
            && is_word(side)
        {
            *shown = Shown::Word(std::mem::take(words));
        }
    }
}
