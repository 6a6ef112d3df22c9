//! Every content of every message: where it belongs, its tags, and the file that goes into the folder of templates.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::campaign::What;
use super::fields::Fields;
use super::findings;
use super::model::{Finding, Handoff, Template, Untranslated};
use super::read::Record;
use super::translate::{Translated, translate};

/// What templates are read with.
pub(super) struct Reading<'r> {
    pub(super) fields: &'r Fields<'r>,
    pub(super) personal: &'r super::Personal,
    pub(super) snippets: &'r BTreeMap<String, String>,
}

/// A file of the folder `templates/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateFile {
    pub name: String,
    pub text: String,
}

pub(super) fn step_id(what: What, owner: &str, step: &str) -> String {
    format!("{}-{}-step-{}", what.word(), slug(owner), slug(step))
}

/// What stands in a file's name: small letters, digits and `-`.
pub(super) fn slug(text: &str) -> String {
    const MOST: usize = 40;
    let mut slug = String::new();
    for sign in text.chars().take(4 * MOST) {
        if sign.is_ascii_alphanumeric() {
            slug.push(sign.to_ascii_lowercase());
        } else if !slug.ends_with('-') && !slug.is_empty() {
            slug.push('-');
        }
        if slug.len() >= MOST {
            break;
        }
    }
    slug.trim_matches('-').to_owned()
}

impl Reading<'_> {
    /// The content of a record: a step, a newsletter's or a transactional message's content.
    ///
    /// `missing` says why there may be none.
    pub(super) fn template(&self, of: &Record, id: &str, about: &str, missing: &str) -> Template {
        let channel = channel(&of.text("type"));
        let layout = of.text("layout");
        let mut source = [of.text("body"), of.text("body_plain"), of.text("body_json")]
            .into_iter()
            .find(|it| !it.is_empty())
            .unwrap_or_default();
        // The layout goes round the content (customerio.md 2.5).
        let whole = within(&layout, &source);
        let is_bare = !layout.is_empty() && whole.is_none();
        source = whole.unwrap_or(source);
        let subject = of.text("subject");
        let body = self.translated(&source);
        let head = self.translated(&subject);
        let is_mail = channel == "email";
        let is_empty = source.is_empty() && subject.is_empty();
        let language = of.text("language");
        let name = [of.text("name"), subject.clone()];
        let name = name
            .into_iter()
            .find(|it| !it.is_empty())
            .unwrap_or_default();
        let name = self.personal.text(&name);
        let file: Vec<String> = [id.to_owned(), slug(&name), slug(&language)]
            .into_iter()
            .filter(|it| !it.is_empty())
            .collect();
        let own: Vec<String> = [id.to_owned(), slug(&language)]
            .into_iter()
            .filter(|it| !it.is_empty())
            .collect();
        let is_webhook = channel == "webhook";
        Template {
            file: (is_mail && !source.is_empty()).then(|| format!("{}.html", file.join("-"))),
            preheader: of.text("preheader_text"),
            from: of.text("from"),
            reply_to: of.text("reply_to"),
            subject_translated: head.text,
            subject_open: head.open,
            translated: if is_webhook { String::new() } else { body.text },
            open: body.open,
            remarks: head
                .remarks
                .into_iter()
                .chain(body.remarks)
                .map(|it| (it.line, it.tag, it.words))
                .chain(is_bare.then(without_layout))
                .collect(),
            fields: {
                let all: BTreeSet<_> = head.fields.into_iter().chain(body.fields).collect();
                all.into_iter().collect()
            },
            tags: head.tags + body.tags,
            missing: (is_empty && !is_webhook).then(|| missing.to_owned()),
            source: if is_webhook { String::new() } else { source },
            of: about.to_owned(),
            id: own.join("-"),
            name,
            channel,
            language,
            subject,
        }
    }

    fn translated(&self, text: &str) -> Translated {
        translate(text, self.fields, self.snippets)
    }
}

/// `twilio` is text messages (customerio.md 2.9); a broadcast that carries its content itself sends mail.
fn channel(kind: &str) -> String {
    let kind = kind.strip_suffix("_action").unwrap_or(kind);
    match kind {
        "twilio" => "sms".to_owned(),
        "" | "triggered_broadcast" => "email".to_owned(),
        other => other.to_owned(),
    }
}

/// The layout with the content where it says `{{content}}`; `None` where it does not say so.
fn within(layout: &str, content: &str) -> Option<String> {
    let all = super::liquid::tags(layout);
    let tag = all.iter().find(|tag| tag.inside == "content")?;
    let (before, after) = (layout.get(..tag.start)?, layout.get(tag.end()..)?);
    Some(format!("{before}{content}{after}"))
}

fn without_layout() -> (usize, String, String) {
    let words =
        "the layout does not say where the content stands: the file holds the content alone";
    (1, "{{content}}".to_owned(), words.to_owned())
}

/// What is to be said of a template.
pub(super) fn find(template: &Template, found: &mut Vec<Finding>) {
    let about = format!("{} ({})", template.id, template.of);
    if let Some(why) = &template.missing {
        found.push(findings::no_content(&about, why));
    }
    let open = template.open.len() + template.subject_open.len();
    if open > 0 {
        found.push(findings::open_tags(&about, open));
    }
}

/// Where each tag without a counterpart stands, those of the subject first.
pub(super) fn open_tags(template: &Template) -> impl Iterator<Item = (String, &Untranslated)> {
    let subject = template.subject_open.iter();
    let subject = subject.map(|tag| ("subject".to_owned(), tag));
    let body = template.open.iter();
    subject.chain(body.map(|tag| (format!("line {}", tag.line), tag)))
}

/// Makes the names of files differ, in letters of either case too.
pub(super) fn part_names(templates: &mut [Template]) {
    let mut taken: BTreeSet<String> = BTreeSet::new();
    for template in templates {
        let Some(file) = &mut template.file else {
            continue;
        };
        let stem = file.trim_end_matches(".html").to_owned();
        let mut number = 1;
        while !taken.insert(file.to_lowercase()) {
            number += 1;
            *file = format!("{stem}-{number}.html");
        }
    }
}

/// One file a mail, the manifest and the checklist.
#[must_use]
pub fn template_files(handoff: &Handoff) -> Vec<TemplateFile> {
    let mut files: Vec<TemplateFile> = handoff
        .templates
        .iter()
        .filter_map(|it| {
            Some(TemplateFile {
                name: it.file.clone()?,
                text: it.translated.clone(),
            })
        })
        .collect();
    files.push(TemplateFile {
        name: "manifest.json".to_owned(),
        text: manifest(handoff),
    });
    files.push(TemplateFile {
        name: "CHECKLIST.md".to_owned(),
        text: checklist(handoff),
    });
    files
}

/// What each file is, for whoever imports it; without the contents themselves.
fn manifest(handoff: &Handoff) -> String {
    let templates = handoff.templates.iter().map(|it| {
        let fields = it.fields.iter().map(|field| {
            serde_json::json!({
                "placeholder": field.form(),
                "label": field.label,
                "field": field.field,
                "made": field.made,
            })
        });
        serde_json::json!({
            "id": it.id,
            "file": it.file,
            "name": it.name,
            "channel": it.channel,
            "of": it.of,
            "language": it.language,
            "subject": it.subject_translated,
            "preheader": it.preheader,
            "from": it.from,
            "reply_to": it.reply_to,
            "merge_fields": fields.collect::<Vec<_>>(),
            "to_fix": it.subject_open.iter().chain(&it.open).collect::<Vec<_>>(),
            "remarks": it.remarks,
            "missing": it.missing,
        })
    });
    let manifest = serde_json::json!({
        "workspace": handoff.workspace,
        "rules": handoff.rules,
        "placeholder_form": "a guess: see CHECKLIST.md",
        "templates": templates.collect::<Vec<_>>(),
    });
    format!("{manifest:#}\n")
}

fn checklist(handoff: &Handoff) -> String {
    let mut text = String::from("# Importing the templates\n\n");
    let mails: Vec<&Template> = handoff
        .templates
        .iter()
        .filter(|it| it.file.is_some())
        .collect();
    let fields: BTreeSet<_> = mails.iter().flat_map(|it| &it.fields).collect();
    let _ = write!(
        text,
        "{} e-mails of {} are in this folder, one file each. Freshsales has no API that writes templates, so a person \
         puts them in.\n\n## First, once\n\n\
         - [ ] The form of the placeholders is a guess. Make an empty template, insert *First name* from the menu of \
         placeholders, and compare what stands there with `{{{{contact.first_name}}}}`. If it differs, replace it in all \
         files before you go on.\n\
         - [ ] Do the same with one custom field (`{{{{contact.cf_…}}}}`); a custom field may have to be assigned to a \
         contact field when the template is saved.\n\
         - [ ] A placeholder has no default. Where a field may be empty, fill it first, or write the sentence so that it \
         can do without.\n\
         - [ ] Every mail needs the unsubscribe link of the new system; insert it with its editor.\n\n\
         ## Placeholders in use\n\n",
        mails.len(),
        handoff.workspace,
    );
    if fields.is_empty() {
        text.push_str("None.\n");
    }
    for field in fields {
        let made = field
            .made
            .as_deref()
            .map_or_else(String::new, |it| format!(" ({it})"));
        let _ = writeln!(
            text,
            "- [ ] `{}`: {}{made}",
            field.form(),
            super::markdown::plain(&field.label)
        );
    }
    text.push_str("\n## Each file\n");
    for template in mails {
        each(template, &mut text);
    }
    let others: Vec<&Template> = handoff
        .templates
        .iter()
        .filter(|it| it.file.is_none())
        .collect();
    if !others.is_empty() {
        text.push_str("\n## Without a file\n\n");
    }
    for template in others {
        let why = template
            .missing
            .as_deref()
            .unwrap_or_else(|| without_file(&template.channel));
        let _ = writeln!(
            text,
            "- [ ] {} ({}, {}): {}",
            super::markdown::plain(&template.name),
            template.channel,
            super::markdown::plain(&template.of),
            super::markdown::plain(why)
        );
    }
    text
}

/// Why a content has no file of its own; the body of a call may hold keys, so it is not written anywhere.
pub(super) fn without_file(channel: &str) -> &'static str {
    match channel {
        "webhook" => "a call, no message: its body stays in Customer.io and in the capture",
        _ => "no e-mail: its text is in handoff.json",
    }
}

fn each(template: &Template, text: &mut String) {
    let (plain, told) = (super::markdown::plain, super::markdown::told);
    let file = template.file.as_deref().unwrap_or_default();
    let _ = write!(
        text,
        "\n### {file}\n\n{}\n\n- [ ] made, with the subject {}\n",
        plain(&template.of),
        super::markdown::code(&template.subject_translated)
    );
    for (place, tag) in open_tags(template) {
        let _ = writeln!(
            text,
            "- [ ] FIX {}, {place}: {} — {}; {}",
            tag.number,
            super::markdown::code(&tag.tag),
            told(&tag.why),
            told(&tag.todo)
        );
    }
    for (line, tag, words) in &template.remarks {
        let _ = writeln!(
            text,
            "- [ ] line {line}: {} — {}",
            super::markdown::code(tag),
            told(words)
        );
    }
}
