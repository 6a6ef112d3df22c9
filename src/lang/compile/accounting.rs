//! Nothing falls on the floor: every declared source field is written, collected by `rest`, or ignored with a reason.

use crate::lang::codes::{coverage, names};
use crate::model::{Type, Variety};
use crate::text::Span;

use super::maps::MapDraft;
use super::record::RecordBuilder;
use super::shape::Shape;
use super::values::Lowering;

impl Lowering<'_, '_> {
    /// One message with every field that nobody takes.
    pub(super) fn account(&mut self, drafts: &[MapDraft], head: Span) {
        let Some(shape) = self.record.shape.clone() else {
            return;
        };
        let open: Vec<&MapDraft> = drafts
            .iter()
            .filter(|it| it.plan.rest.is_none() && !it.broken)
            // A document takes the record as it is.
            .filter(|it| it.plan.document.is_none() && it.target.variety != Variety::Whole)
            .collect();
        let Some(first) = open.first() else {
            self.ignored_twice(&shape, head);
            return;
        };
        let mut left = Vec::new();
        // Who a record is and whose it is stays in the crosswalk.
        let parent = shape.parent.as_ref().map(|it| &it.path);
        let is_place = |path: &Vec<String>| *path == shape.id || Some(path) == parent;
        let fields = shape.fields.iter().filter(|it| !it.derived);
        for field in fields.filter(|it| !is_place(&it.declared.path)) {
            leaves(
                &shape,
                self.record,
                &field.declared.path,
                &field.declared.r#type,
                &mut left,
            );
        }
        // A line that misspells it means to write it.
        let told = self.file.diagnostics.iter();
        let told =
            told.filter(|it| it.code == names::N204 && it.message.starts_with(&shape.words()));
        let meant: Vec<&String> = told
            .filter_map(|it| Some(&it.fix.as_ref()?.replacement))
            .collect();
        left.retain(|it| !meant.contains(&it));
        if left.is_empty() {
            self.ignored_twice(&shape, head);
            return;
        }
        let target = if open.len() == drafts.len() {
            String::new()
        } else {
            format!(" to {}", first.target.name)
        };
        let message = format!(
            "{} of the fields of {} {} lost in the map{target}: {}",
            left.len(),
            shape.words(),
            if left.len() == 1 { "is" } else { "are" },
            left.join(", ")
        );
        let span = first.head;
        self.file.error(coverage::C501, span, message).help = Some(
            "write each to a field, collect them with `rest FIELD = json`, or say `ignore … because \"…\"`"
                .to_owned(),
        );
        self.ignored_twice(&shape, head);
    }

    /// A field that is left out and written all the same.
    fn ignored_twice(&mut self, shape: &Shape, head: Span) {
        let mut found = Vec::new();
        for field in &shape.fields {
            let path = shape.record_path(&field.declared.path);
            let written = self
                .record
                .slots
                .iter()
                .any(|it| it.written && it.path == path);
            if written && is_ignored(self.record, &path) {
                found.push(field.declared.path.join("."));
            }
        }
        if found.is_empty() {
            return;
        }
        let message = format!(
            "{} written by a line and ignored by another",
            found.join(", ")
        );
        self.file.warning(coverage::C502, head, message).help =
            Some("take it out of the `ignore` line".to_owned());
    }
}

/// The leaves of a declared field that no line writes.
fn leaves(
    shape: &Shape,
    record: &RecordBuilder,
    path: &[String],
    r#type: &Type,
    left: &mut Vec<String>,
) {
    let place = shape.record_path(path);
    let written = record
        .slots
        .iter()
        .any(|it| it.written && !it.derived && (it.path == place || place.starts_with(&it.path)));
    if written || is_ignored(record, &place) {
        return;
    }
    if let Type::Object(members) = r#type {
        let below = record
            .slots
            .iter()
            .any(|it| it.written && it.path.len() > place.len() && it.path.starts_with(&place));
        if below {
            for member in members {
                let mut path = path.to_vec();
                path.push(member.name.clone());
                leaves(shape, record, &path, &member.r#type, left);
            }
            return;
        }
    }
    // A field whose parts are declared one by one is accounted for by them.
    let parts = shape
        .fields
        .iter()
        .any(|it| it.declared.path.len() > path.len() && it.declared.path.starts_with(path));
    if !parts {
        left.push(path.join("."));
    }
}

fn is_ignored(record: &RecordBuilder, path: &[String]) -> bool {
    record.ignore.iter().any(|pattern| {
        let Some((last, parents)) = pattern.path.split_last() else {
            return false;
        };
        let Some(key) = path.get(parents.len()) else {
            return false;
        };
        path.starts_with(parents)
            && match last.strip_suffix('*') {
                Some(start) => key.starts_with(start),
                None => key == last,
            }
    })
}
