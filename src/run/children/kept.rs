//! What a person changed in a child since it was written stays: the three-way comparison of children. Pure.
//!
//! A child is one whole: its marker stands in its text, so it is written or left, never field by field. Of what was
//! left of it long texts are kept as a digest.

use std::collections::BTreeMap;

use crate::model::{Existing, Scalar};
use crate::port::Child;
use crate::run::base::There;
use crate::run::work::Work;

/// Longer texts are kept as their digest, in characters of hexadecimal.
const TEXT_MAX: usize = 64;

const KEPT: &str = "keeps what was changed at the destination since";

/// The fields of a child as it is left now, for the next comparison; none where the last one says it already.
pub(super) fn image(work: &Work, child: &Child) -> Option<String> {
    let fields = told(&child.fields);
    let base = work.base.as_ref();
    if base.is_some_and(|base| base.draft == work.row.draft && base.there.fields == fields) {
        return None;
    }
    let there = There {
        fields,
        links: BTreeMap::new(),
    };
    serde_json::to_string(&there).ok()
}

/// Whether the child stays as it is although it differs from what the draft would write now; the work is told so.
pub(super) fn keeps(work: &mut Work, child: &Child, rendered: &BTreeMap<String, Scalar>) -> bool {
    let Some(base) = &work.base else {
        return false;
    };
    if work.row.draft.existing == Existing::Overwrite {
        return false;
    }
    let now = told(&child.fields);
    let differing = rendered
        .iter()
        .filter(|(name, value)| child.fields.get(*name) != Some(*value));
    let differing: Vec<String> = differing.map(|(name, _)| name.clone()).collect();
    let is_touched = |name: &String| base.there.fields.get(name) != now.get(name);
    if !differing.iter().any(is_touched) {
        return false;
    }
    for name in &differing {
        work.report(name, KEPT);
    }
    true
}

fn told(fields: &BTreeMap<String, Scalar>) -> BTreeMap<String, Scalar> {
    let told = |value: &Scalar| match value {
        Scalar::Text(text) if text.len() > TEXT_MAX => {
            Scalar::Text(blake3::hash(text.as_bytes()).to_hex().to_string())
        }
        Scalar::Text(_)
        | Scalar::Number(_)
        | Scalar::Boolean(_)
        | Scalar::Date(_)
        | Scalar::Time(_)
        | Scalar::TextList(_)
        | Scalar::Json(_) => value.clone(),
    };
    fields
        .iter()
        .map(|(name, value)| (name.clone(), told(value)))
        .collect()
}
