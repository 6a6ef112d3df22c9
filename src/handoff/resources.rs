//! What messages and conditions refer to: snippets, senders, collections, topics, object types.

use std::collections::{BTreeMap, BTreeSet};

use super::liquid::tags;
use super::masked::Personal;
use super::model::{Resource, Template};
use super::read::Record;
use super::steps::{detail, listed};

/// The text of each snippet by its name.
pub(super) fn snippets(records: &[Record]) -> BTreeMap<String, String> {
    let snippets = records.iter().filter(|it| it.text("kind") == "snippet");
    snippets
        .map(|it| (it.text("name"), it.text("value")))
        .collect()
}

/// Every name of an object type by its id, slugs first.
pub(super) fn type_names(records: &[Record]) -> BTreeMap<String, Vec<String>> {
    let names = |it: &Record| {
        let keys = ["singular_slug", "slug", "singular_name", "name"];
        let names = keys.map(|key| it.text(key));
        let names = names.into_iter().filter(|it| !it.is_empty()).collect();
        (it.text("id"), names)
    };
    records.iter().map(names).collect()
}

/// Topics by their number.
pub(super) fn topic_names(records: &[Record]) -> BTreeMap<String, String> {
    records
        .iter()
        .map(|it| (it.text("id"), it.text("name")))
        .collect()
}

/// Snippets, senders, collections, and whatever else the capture keeps as such.
pub(super) fn of(records: &[Record], templates: &[Template], personal: &Personal) -> Vec<Resource> {
    let resource = |it: &Record| {
        let kind = it.text("kind");
        let name = personal.text(&it.text("name"));
        let (mut details, mut used_by) = (Vec::new(), Vec::new());
        let mut said = |term, words: String| {
            if !words.is_empty() {
                details.push(detail(term, words));
            }
        };
        it.pass_over(&["own_id", "deduplicate_id", "updated_at", "created_at"]);
        let todo = match kind.as_str() {
            "snippet" => {
                let value = it.text("value");
                said("letters", value.chars().count().to_string());
                used_by = users(&it.text("name"), templates);
                "its text stands in every template that names it; a later change is made in each"
            }
            "sender" => {
                said("address", it.text("email"));
                said("address", it.text("address"));
                said("phone", it.text("phone"));
                said("for", it.text("template_type"));
                if it.flag("hidden") == Some(true) {
                    said("shown", "no, hidden".to_owned());
                }
                it.pass_over(&["auto_generated"]);
                "set it up as a sender and prove its domain (SPF, DKIM) before the first send"
            }
            "collection" => {
                said("rows", it.text("rows"));
                said("columns", listed(it.value("schema")));
                said("bytes", it.text("bytes"));
                it.pass_over(&["content"]);
                "no counterpart: templates that name it are marked; its rows are in the capture"
            }
            _ => "a kind of thing that is not known here: look at it in Customer.io",
        };
        for key in it.unread() {
            if let Some(value) = it.value(&key) {
                let words = format!("{key} = {}", personal.json(&key, value));
                details.push(detail("also", words));
            }
        }
        Resource {
            id: it.text("id"),
            kind,
            name,
            details,
            todo: todo.to_owned(),
            used_by,
        }
    };
    records.iter().map(resource).collect()
}

/// Templates whose text names the snippet.
fn users(name: &str, templates: &[Template]) -> Vec<String> {
    let names = |template: &&Template| {
        let texts = [&template.source, &template.subject];
        texts.into_iter().any(|text| {
            tags(text)
                .iter()
                .any(|tag| tag.inside.contains("snippet") && tag.inside.contains(name))
        })
    };
    let users: BTreeSet<String> = templates
        .iter()
        .filter(names)
        .map(|it| it.id.clone())
        .collect();
    users.into_iter().collect()
}

/// Subscription topics.
pub(super) fn topics(records: &[Record]) -> Vec<Resource> {
    let topic = |it: &Record| {
        let todo = "make a subscription type of it; who takes it is written by the rules";
        let mut topic = bare(it.text("id"), "topic", it.text("name"), todo);
        let default = if it.flag("subscribed_by_default") == Some(true) {
            "everybody takes it who did not say no"
        } else {
            "only who asked for it"
        };
        topic.details.push(detail("called", it.text("identifier")));
        topic.details.push(detail("without an answer", default));
        topic
    };
    records.iter().map(topic).collect()
}

/// Object types.
pub(super) fn object_types(records: &[Record]) -> Vec<Resource> {
    let kind = |it: &Record| {
        let todo = "the rules say what becomes of its objects";
        let mut kind = bare(it.text("id"), "object type", it.text("name"), todo);
        if it.flag("enabled") == Some(false) {
            kind.details.push(detail("state", "switched off"));
        }
        kind
    };
    records.iter().map(kind).collect()
}

/// A thing with nothing but a name and what to do about it.
fn bare(id: String, kind: &str, name: String, todo: &str) -> Resource {
    Resource {
        id,
        kind: kind.to_owned(),
        name,
        details: Vec::new(),
        todo: todo.to_owned(),
        used_by: Vec::new(),
    }
}
