//! Lists and written documents: `members`, `document`, and fields that map themselves.

use crate::lang::ast::{
    self, Clauses, DocumentLine, Expr, ExprKind, FieldLine, FieldTarget, MapBlock, MapLine,
    MembersLine, Name,
};
use crate::lang::codes::{names, types};
use crate::model::{Entity, Variety};
use crate::plan::{Document, Members};

use super::maps::MapDraft;
use super::values::Lowering;

impl Lowering<'_, '_> {
    /// `members = person by external_id`: who is in the segment is on the list.
    pub(super) fn members_line(&mut self, line: &MembersLine, drafts: &mut [MapDraft]) {
        let Some((entity, _)) = self.file.entity(&line.entity) else {
            return;
        };
        if self.record.entity != Entity::Segment || entity != Entity::Person {
            let message = format!("a segment has people as members, found {entity}");
            let message = if self.record.entity == Entity::Segment {
                message
            } else {
                format!("{} has no members", self.record.entity)
            };
            self.file.error(types::T221, line.span, message).help =
                Some("write `members = person by …` in the map of a segment".to_owned());
            return;
        }
        let by = &line.by.text;
        let person_keys = self.file.person_keys.clone();
        if !person_keys.contains(by) {
            let message = format!("no map of person has the key `{by}`, so nobody could be found");
            let diagnostic = self.file.error(names::N216, line.by.span, message);
            let known = person_keys.iter().map(String::as_str);
            super::checker::suggest(diagnostic, line.by.span, by, known, || {
                "name the key that the map of person writes".to_owned()
            });
            return;
        }
        let rule_line = self.line_of(line.span);
        for draft in drafts {
            let members = Members {
                rule_line,
                entity,
                by: by.clone(),
            };
            if draft.plan.members.replace(members).is_some() {
                let message = "a list has one `members` line, found a second";
                self.file.error(names::N213, line.span, message).help =
                    Some("leave one of the two".to_owned());
            }
        }
    }

    /// `document "segments"`: the whole record is written down there, so that every field is accounted for.
    pub(super) fn document_line(&mut self, line: &DocumentLine, drafts: &mut [MapDraft]) {
        let rule_line = self.line_of(line.span);
        for draft in drafts {
            let document = Document {
                rule_line,
                name: line.document.value.clone(),
            };
            if draft.plan.document.replace(document).is_some() {
                let message = "a map has one `document`, found a second";
                self.file.error(names::N213, line.span, message).help =
                    Some("leave one of the two".to_owned());
            }
        }
    }

    /// Without a line for any field, the fields that have one name on both sides map themselves.
    pub(super) fn same_named(&mut self, block: &MapBlock, drafts: &mut [MapDraft]) {
        let says_more = |it: &MapLine| match it {
            MapLine::Document(_)
            | MapLine::Members(_)
            | MapLine::Ignore(_)
            | MapLine::Exclude(_)
            | MapLine::Existing(_) => false,
            MapLine::Field(_)
            | MapLine::Each(_)
            | MapLine::Rest(_)
            | MapLine::Collision(_)
            | MapLine::Entry(_) => true,
        };
        let Some(shape) = self.record.shape.clone() else {
            return;
        };
        if block.lines.iter().any(says_more) {
            return;
        }
        for index in 0..drafts.len() {
            let Some(target) = drafts.get(index).map(|it| it.target.clone()) else {
                continue;
            };
            if target.variety == Variety::Whole {
                continue;
            }
            for field in target.fields.iter().filter(|it| it.writable) {
                if shape.find(std::slice::from_ref(&field.name)).is_err() {
                    continue;
                }
                let name = Name {
                    text: field.name.clone(),
                    quoted: false,
                    span: block.head,
                };
                let line = FieldLine {
                    key: None,
                    only: None,
                    target: FieldTarget {
                        name: name.clone(),
                        of: None,
                        span: block.head,
                    },
                    value: Expr {
                        kind: ExprKind::Path(ast::Path {
                            segments: vec![name],
                            span: block.head,
                        }),
                        span: block.head,
                    },
                    clauses: Clauses::default(),
                    span: block.head,
                };
                if let Some(draft) = drafts.get_mut(index) {
                    self.field_line(&line, std::slice::from_mut(draft));
                }
            }
        }
    }
}
