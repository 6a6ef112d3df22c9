//! One record of a run on the statement's page: what the rules meant, what was found there, what is there now.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::super::way::{Values, own, unquoted};
use crate::ledger::{End, Route, Sampled};
use crate::model::{Draft, FieldValue, Scalar};
use crate::page::{Heads, Mark, SideRow, Sides};
use crate::plan::scalar_words;

/// How the columns are called.
pub(super) const HEADS: Heads = [
    "field",
    "found there",
    "as the rules say",
    "there now",
    "what",
];

/// A record as the ledger keeps it.
#[derive(Debug, Default, Deserialize)]
struct Kept {
    #[serde(default)]
    fields: BTreeMap<String, Option<Scalar>>,
    /// The consent stands apart from the fields that an update changed.
    #[serde(default)]
    consent: Option<FieldValue>,
}

/// Whether a record went this way.
pub(super) fn is_of(sampled: &Sampled, route: &Route) -> bool {
    (&sampled.row, &sampled.target, sampled.end) == (&route.row, &route.target, route.end)
}

pub(super) fn sides(sampled: &Sampled, values: Values) -> Sides {
    let Sampled {
        target,
        end,
        source,
        line,
        reason,
        draft,
        ..
    } = sampled;
    let target = target
        .as_ref()
        .map_or(String::new(), |it| format!("{it}, "));
    let because = reason
        .as_ref()
        .map_or(String::new(), |it| format!(": {it}"));
    let mut facts = Vec::new();
    if *line > 0 {
        facts.push(("line of its file".to_owned(), line.to_string()));
    }
    if let Some(parent) = draft.as_ref().and_then(|it| it.parent.as_ref()) {
        facts.push(("on".to_owned(), parent.to_string()));
    }
    Sides {
        record: source.to_string(),
        ending: format!("{target}{}{because}", end.word()),
        facts,
        is_there: is_at(*end),
        rows: draft
            .as_ref()
            .map_or_else(Vec::new, |draft| rows(sampled, draft, values)),
    }
}

/// Whether there is a record at the destination.
const fn is_at(end: End) -> bool {
    match end {
        End::Created | End::Updated | End::Unchanged | End::Written => true,
        End::Merged
        | End::Carried
        | End::Excluded
        | End::Held
        | End::Rejected
        | End::Ignored
        | End::Pending => false,
    }
}

fn rows(sampled: &Sampled, draft: &Draft, values: Values) -> Vec<SideRow> {
    let kept = |text: &Option<String>| text.as_ref().and_then(|it| serde_json::from_str(it).ok());
    let before: Option<Kept> = kept(&sampled.before);
    // Of what hangs on a record (notes, tasks) the ledger keeps the digest of its text alone.
    let is_child = draft.parent.is_some();
    let there: Option<Kept> = kept(&sampled.there).filter(|_| !is_child);
    let key = draft.key.iter();
    let key = key.map(|it| (it.field.as_str(), Scalar::Text(it.value.clone())));
    let fields = draft.fields.iter();
    let fields = fields.map(|it| (it.name.as_str(), it.value.clone()));
    let row = |(name, meant): (&str, Scalar)| {
        let meant = words(&meant);
        let was = before.as_ref().map(|it| it.of(name));
        let is = there.as_ref().map(|it| it.of(name));
        let mark = mark(sampled, (&meant, was.as_ref(), is.as_ref()));
        let shown = |it: Option<Option<String>>| own(&it.flatten().unwrap_or_default(), values);
        SideRow {
            from: name.to_owned(),
            before: shown(was),
            into: own(&meant, values),
            after: match is {
                None if sampled.is_proven => own(&meant, values),
                is => shown(is),
            },
            mark,
            note: note(sampled, name),
        }
    };
    key.chain(fields).map(row).collect()
}

fn words(value: &Scalar) -> String {
    unquoted(&scalar_words(value))
}

impl Kept {
    fn of(&self, name: &str) -> Option<String> {
        let consent = self.consent.as_ref().filter(|it| it.name == name);
        let field = self.fields.get(name).and_then(Option::as_ref);
        consent.map(|it| &it.value).or(field).map(words)
    }
}

/// What the three say together: meant, found, there now. The last two are known only where the ledger keeps them.
fn mark(
    sampled: &Sampled,
    (meant, was, is): (&String, Option<&Option<String>>, Option<&Option<String>>),
) -> Mark {
    let Some(is) = is.filter(|_| is_at(sampled.end)) else {
        return if is_at(sampled.end) {
            Mark::Added
        } else {
            Mark::Gone
        };
    };
    match (is, was) {
        (None, _) => Mark::Gone,
        (Some(is), _) if is != meant => Mark::Kept,
        (Some(_), Some(Some(was))) if was == meant => Mark::Same,
        (Some(_), Some(Some(_))) => Mark::Changed,
        // An update names the fields that it changed: the others were so before.
        (Some(_), None) if sampled.before.is_some() => Mark::Same,
        (Some(_), Some(None) | None) => Mark::Added,
    }
}

fn note(sampled: &Sampled, field: &str) -> String {
    let reports = sampled.reports.iter().filter(|it| it.field == field);
    let words: Vec<&str> = reports.map(|it| it.message.as_str()).collect();
    words.join("; ")
}
