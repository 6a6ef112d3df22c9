//! Liquid into merge fields, tag by tag; what has no counterpart is marked in the text and listed.

use std::collections::BTreeMap;

use super::fields::{Fields, MergeField};
use super::liquid::{Tag, TagKind, tags};
use super::model::Untranslated;

/// Snippets within snippets are followed this far.
const SNIPPETS_DEEP: usize = 8;

/// A text without Liquid.
#[derive(Clone, Debug, Default)]
pub struct Translated {
    pub text: String,
    /// Tags that a person has to see to; each stands in the text as `[[FIX n: …]]`.
    pub open: Vec<Untranslated>,
    /// What was translated and is not quite the same.
    pub remarks: Vec<Remark>,
    /// Merge fields in order of their first use.
    pub fields: Vec<MergeField>,
    /// Tags that were read, translated or not.
    pub tags: usize,
}

/// A translation that says a little less than the tag did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    pub line: usize,
    pub tag: String,
    pub words: String,
}

/// What a tag becomes.
enum Becomes {
    Field(MergeField, Option<String>),
    Text(String),
    Gone(&'static str),
    Open { why: String, todo: String },
}

/// Translates `text`; `snippets` by name are put in where they are named.
#[must_use]
pub fn translate(
    text: &str,
    fields: &Fields<'_>,
    snippets: &BTreeMap<String, String>,
) -> Translated {
    let mut work = Work {
        fields,
        snippets,
        done: Translated::default(),
    };
    work.text(text, &mut Vec::new());
    work.done
}

struct Work<'w> {
    fields: &'w Fields<'w>,
    snippets: &'w BTreeMap<String, String>,
    done: Translated,
}

impl Work<'_> {
    /// `within` names the snippets that the text stands in.
    fn text(&mut self, text: &str, within: &mut Vec<String>) {
        let mut place = 0;
        for tag in tags(text) {
            self.done
                .text
                .push_str(text.get(place..tag.start).unwrap_or_default());
            place = tag.end();
            self.done.tags += 1;
            if let Some(name) = snippet_name(&tag) {
                self.snippet(&tag, &name, within);
                continue;
            }
            let becomes = self.becomes(&tag);
            self.put(&tag, becomes, within);
        }
        self.done
            .text
            .push_str(text.get(place..).unwrap_or_default());
    }

    fn snippet(&mut self, tag: &Tag<'_>, name: &str, within: &mut Vec<String>) {
        let why = match self.snippets.get(name) {
            None => format!("the capture has no snippet `{name}`"),
            Some(_) if within.iter().any(|it| it == name) => {
                format!("the snippet `{name}` names itself")
            }
            Some(_) if within.len() >= SNIPPETS_DEEP => {
                "snippets stand too deep within each other".to_owned()
            }
            Some(text) => {
                within.push(name.to_owned());
                self.text(text, within);
                within.pop();
                return;
            }
        };
        let todo = "put the text of the snippet in by hand".to_owned();
        self.put(tag, Becomes::Open { why, todo }, within);
    }

    fn put(&mut self, tag: &Tag<'_>, becomes: Becomes, within: &[String]) {
        let place = |words: String| match within.last() {
            Some(snippet) => format!("{words} (in the snippet `{snippet}`)"),
            None => words,
        };
        let remark = |words: String| Remark {
            line: tag.line,
            tag: tag.text.to_owned(),
            words: place(words),
        };
        match becomes {
            Becomes::Field(field, said) => {
                let words = [said, field.made.clone()];
                let words: Vec<String> = words.into_iter().flatten().collect();
                if !words.is_empty() {
                    let remark = remark(words.join("; "));
                    self.done.remarks.push(remark);
                }
                self.done.text.push_str(&field.form());
                if !self.done.fields.contains(&field) {
                    self.done.fields.push(field);
                }
            }
            Becomes::Text(text) => self.done.text.push_str(&text),
            Becomes::Gone(words) => {
                let remark = remark(words.to_owned());
                self.done.remarks.push(remark);
            }
            Becomes::Open { why, todo } => {
                let number = self.done.open.len() + 1;
                self.done.open.push(Untranslated {
                    number,
                    line: tag.line,
                    tag: tag.text.to_owned(),
                    why: place(why),
                    todo,
                });
                let marked = format!("[[FIX {number}: {}]]", tag.text);
                self.done.text.push_str(&marked);
            }
        }
    }

    fn becomes(&self, tag: &Tag<'_>) -> Becomes {
        match tag.kind {
            TagKind::Raw if tag.inside.contains('{') => open(
                "it shows curly braces as they are, and the destination would take them for a merge field",
                "write it in another way",
            ),
            TagKind::Raw => Becomes::Text(tag.inside.to_owned()),
            TagKind::Comment => Becomes::Gone("a comment that nobody sees; it is left out"),
            TagKind::Open => open("the tag never ends", "close it, or take it out"),
            TagKind::Block => block(tag),
            TagKind::Output => self.output(tag),
        }
    }

    fn output(&self, tag: &Tag<'_>) -> Becomes {
        let mut parts = parts(tag.inside).into_iter();
        let value = parts.next().unwrap_or_default();
        let filters: Vec<&str> = parts.collect();
        if let Some(text) = literal(value)
            && filters.is_empty()
            && !text.contains('{')
        {
            return Becomes::Text(text.to_owned());
        }
        let bracketed = value
            .strip_prefix("customer[")
            .and_then(|it| it.strip_suffix(']'));
        let (space, name) = match bracketed.and_then(|it| literal(it.trim())) {
            Some(name) => ("customer", name),
            None => value.split_once('.').unwrap_or((value, "")),
        };
        match space {
            "customer" if !name.is_empty() => self.of_customer(name, &filters),
            "event" | "trigger" => open(
                format!(
                    "`{space}` is what started the message, and there is none at the destination"
                ),
                "write the value into a field of the contact before the send, or let your own system send this message",
            ),
            "journey" => open(
                "journey attributes live as long as a journey of Customer.io",
                "keep the value in a field of the contact",
            ),
            "objects" => open(
                "a record related to the person; a template cannot choose among several",
                "choose the placeholder of the account where it is the person's company, else take it out",
            ),
            "collections" | "collection" => open(
                "collections have no counterpart",
                "write the text out, or keep the value in a field",
            ),
            "campaign" | "message" | "newsletter" | "layout" | "workspace" | "delivery" => open(
                format!("`{space}` is known to Customer.io alone"),
                "write the text out",
            ),
            "unsubscribe_url" | "manage_subscription_preferences_url" | "view_in_browser_url" => {
                open(
                    "the address is made by whoever sends the message",
                    "insert the link with the editor of the destination; a mail without it must not go out",
                )
            }
            _ => open(
                format!("nothing at the destination is called `{value}`"),
                "write the text out, or keep the value in a field of the contact",
            ),
        }
    }

    fn of_customer(&self, name: &str, filters: &[&str]) -> Becomes {
        let Some(field) = self.fields.of_trait(name) else {
            return open(
                self.fields.why_not(name),
                "add a line for it to the rules, or write the text out",
            );
        };
        match filters {
            [] => Becomes::Field(field, None),
            [filter] if filter_name(filter) == "default" => {
                let instead = filter.split_once(':').map_or("", |(_, it)| it.trim());
                let words = format!(
                    "a merge field has no default: {instead} is not said where the field is empty"
                );
                Becomes::Field(field, Some(words))
            }
            _ => {
                let names: Vec<String> = filters
                    .iter()
                    .map(|it| format!("`{}`", filter_name(it)))
                    .collect();
                open(
                    format!("a merge field takes no filters: {}", names.join(", ")),
                    format!(
                        "let a line of the rules make the value, or write {} where the raw value will do",
                        field.form()
                    ),
                )
            }
        }
    }
}

fn open(why: impl Into<String>, todo: impl Into<String>) -> Becomes {
    Becomes::Open {
        why: why.into(),
        todo: todo.into(),
    }
}

fn block(tag: &Tag<'_>) -> Becomes {
    match tag.word() {
        "if" | "elsif" | "else" | "endif" | "unless" | "endunless" | "case" | "when"
        | "endcase" => open(
            "templates have no conditions",
            "make one template a case, and choose among them by segment or by a branch of the journey",
        ),
        "for" | "endfor" | "break" | "continue" | "tablerow" | "endtablerow" | "cycle" => open(
            "templates have no loops",
            "write the most usual content out, or let your own system send this message",
        ),
        "assign" | "capture" | "endcapture" | "increment" | "decrement" => open(
            "templates have no variables",
            "let a line of the rules make the value, or write it out",
        ),
        "unsubscribe"
        | "endunsubscribe"
        | "unsubscribe_url"
        | "view_in_browser"
        | "view_in_browser_url"
        | "manage_subscription_preferences_url" => open(
            "the address is made by whoever sends the message",
            "insert the link with the editor of the destination; a mail without it must not go out",
        ),
        word => open(
            format!("the destination has no tag `{word}`"),
            "write out what it does, or take it out",
        ),
    }
}

/// `{% snippet 'footer' %}`, `{% include "footer" %}`, `{{ snippets.footer }}`, `{{ snippets['my footer'] }}`.
fn snippet_name(tag: &Tag<'_>) -> Option<String> {
    let name = match tag.kind {
        TagKind::Block => {
            let rest = tag.inside.strip_prefix(tag.word())?.trim();
            let named = ["snippet", "include", "render"].contains(&tag.word());
            named.then(|| literal(rest).unwrap_or(rest))?
        }
        TagKind::Output => {
            let rest = tag.inside.strip_prefix("snippets")?;
            match rest.strip_prefix('.') {
                Some(name) => name,
                None => literal(rest.strip_prefix('[')?.strip_suffix(']')?.trim())?,
            }
        }
        TagKind::Raw | TagKind::Comment | TagKind::Open => return None,
    };
    Some(name.trim().to_owned())
}

/// What stands between quotes.
fn literal(value: &str) -> Option<&str> {
    ['\'', '"'].into_iter().find_map(|quote| {
        let inner = value.strip_prefix(quote)?.strip_suffix(quote)?;
        (!inner.contains(quote)).then_some(inner)
    })
}

fn filter_name(filter: &str) -> &str {
    filter.split(':').next().unwrap_or_default().trim()
}

/// The value and its filters; a `|` between quotes divides nothing.
fn parts(inside: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let (mut from, mut quote) = (0, None);
    for (place, sign) in inside.char_indices() {
        match (quote, sign) {
            (None, '\'' | '"') => quote = Some(sign),
            (Some(open), sign) if open == sign => quote = None,
            (None, '|') => {
                found.push(inside.get(from..place).unwrap_or_default().trim());
                from = place + 1;
            }
            (None | Some(_), _) => {}
        }
    }
    found.push(inside.get(from..).unwrap_or_default().trim());
    found
}
