//! What goes along with a record and is written as something of its own: files and links that hang on it, and what is
//! kept `as activity` beside a note. Outcomes with line 0: made, not read.

use std::borrow::Cow;

use std::collections::BTreeMap;

use super::WalkError;
use super::summary::Emit;
use crate::model::{Attachment, AttachmentKind, Draft, Existing, Fate, FieldValue, Outcome};
use crate::model::{Scalar, SourceId};

/// Rows of the reconciliation, which are also the targets.
const ACTIVITY: &str = "activity";
const FILE: &str = "file";
const LINK: &str = "link";

/// Hands on what goes along with `outcome`; whatever becomes of a limit's notes, this stays.
pub(super) fn emit_beside(outcome: &Outcome, emit: &mut Emit<'_>) -> Result<(), WalkError> {
    let Fate::Draft(draft) = &outcome.fate else {
        return Ok(());
    };
    if draft.as_activity {
        let activity = child_of(draft, ACTIVITY, draft.parent.clone(), draft.fields.clone());
        emit.outcome(made(outcome, ACTIVITY, ACTIVITY, activity))?;
    }
    for attachment in &draft.attachments {
        let (row, fields) = match attachment.kind {
            AttachmentKind::File => (FILE, fields(attachment, "content")),
            AttachmentKind::Link => (LINK, fields(attachment, "url")),
        };
        let parent = draft.parent.as_ref().unwrap_or(&outcome.source);
        let child = child_of(draft, row, Some(parent.clone()), fields);
        emit.outcome(made(outcome, row, stem(&attachment.name), child))?;
    }
    Ok(())
}

/// A name without its ending.
fn stem(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

fn fields(attachment: &Attachment, content: &str) -> Vec<FieldValue> {
    [("name", &attachment.name), (content, &attachment.content)]
        .map(|(name, text)| FieldValue {
            name: name.to_owned(),
            value: Scalar::Text(text.clone()),
        })
        .to_vec()
}

fn child_of(
    draft: &Draft,
    target: &str,
    parent: Option<SourceId>,
    fields: Vec<FieldValue>,
) -> Draft {
    Draft {
        target: target.to_owned(),
        key: None,
        fields,
        alternatives: Vec::new(),
        links: Vec::new(),
        queue: None,
        parent,
        attachments: Vec::new(),
        as_activity: false,
        existing: match draft.existing {
            Existing::FillBlank | Existing::Hold => Existing::FillBlank,
            Existing::Overwrite => Existing::Overwrite,
            Existing::Skip => Existing::Skip,
            Existing::Never => Existing::Never,
        },
        existing_fields: BTreeMap::new(),
    }
}

/// Its source is told from the record's by what it is.
fn made(of: &Outcome, row: &str, what: &str, draft: Draft) -> Outcome {
    Outcome {
        source: SourceId::new(of.source.entity, format!("{}+{what}", of.source.id)),
        row: Cow::Owned(row.to_owned()),
        line: 0,
        fate: Fate::Draft(Box::new(draft)),
        reports: Vec::new(),
        opt_out: None,
        losses: Vec::new(),
    }
}
