//! The tables of templates: what there is, tags to see to, merge fields in use.

use std::collections::BTreeMap;

use super::model::Handoff;
use super::sheets::{number, sheet};
use super::templates::{open_tags, without_file};
use crate::page::Sheet;

pub(super) fn templates(handoff: &Handoff) -> Sheet {
    let rows = handoff.templates.iter().map(|it| {
        let open = it.open.len() + it.subject_open.len();
        let file = match (&it.file, &it.missing) {
            (Some(file), _) => format!("templates/{file}"),
            (None, Some(why)) => why.clone(),
            (None, None) => without_file(&it.channel).to_owned(),
        };
        vec![
            it.id.clone().into(),
            it.channel.clone().into(),
            it.of.clone().into(),
            it.language.clone().into(),
            it.subject_translated.clone().into(),
            number(it.tags),
            number(open),
            file.into(),
        ]
    });
    sheet(
        "templates",
        "Templates",
        "Freshsales has no API that writes templates: a person imports them, by `templates/CHECKLIST.md`.",
        &[
            "id", "channel", "sent by", "language", "subject", "tags", "to fix", "file",
        ],
        if handoff.templates.len() > 8 {
            &["channel"]
        } else {
            &[]
        },
        rows.collect(),
    )
}

/// Every tag without a counterpart, then every translation that says less.
pub(super) fn tags(handoff: &Handoff) -> Sheet {
    let mut rows = Vec::new();
    for template in &handoff.templates {
        for (place, tag) in open_tags(template) {
            rows.push(vec![
                template.id.clone().into(),
                place.into(),
                format!("FIX {}", tag.number).into(),
                tag.tag.clone().into(),
                tag.why.clone().into(),
                tag.todo.clone().into(),
            ]);
        }
        for (line, tag, remark) in &template.remarks {
            rows.push(vec![
                template.id.clone().into(),
                format!("line {line}").into(),
                "translated".into(),
                tag.clone().into(),
                remark.clone().into(),
                "look whether the sentence still holds".into(),
            ]);
        }
    }
    sheet(
        "tags",
        "Liquid tags to see to",
        "Each stands in its file as `[[FIX n: …]]`, or was translated and says a little less than before.",
        &["template", "where", "mark", "tag", "why", "to do"],
        &["template"],
        rows,
    )
}

/// Merge fields in use; their form is a guess.
pub(super) fn merge_fields(handoff: &Handoff) -> Sheet {
    let mut fields: BTreeMap<_, u64> = BTreeMap::new();
    for template in &handoff.templates {
        for field in &template.fields {
            *fields.entry(field).or_default() += 1;
        }
    }
    let rows = fields.into_iter().map(|(field, templates)| {
        vec![
            field.form().into(),
            field.label.clone().into(),
            field
                .made
                .clone()
                .unwrap_or_else(|| "as it is".to_owned())
                .into(),
            templates.into(),
        ]
    });
    sheet(
        "merge-fields",
        "Merge fields in use",
        "The form of a placeholder is a guess: compare one with what the menu of placeholders inserts before importing.",
        &["placeholder", "field", "value", "templates"],
        &[],
        rows.collect(),
    )
}
