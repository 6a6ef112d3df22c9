//! What may stand at a place, by the block and by what stands before it on its line.

use super::hover::{property_words, signature};
use super::known::Known;
use super::place::Place;
use super::{Proposal, ProposalKind, Proposals};
use crate::lang::parse::rules::OPENERS;
use crate::model::FieldKind;
use crate::plan::BUILTINS;
use crate::text::Source;

/// Words that may begin a line of a map.
const MAP_WORDS: &[&str] = &[
    "key",
    "only",
    "rest",
    "ignore",
    "exclude when",
    "existing",
    "collision",
    "each",
    "entry",
    "members",
    "document",
    "end",
];

/// Words that may stand in a value or after it.
const VALUE_WORDS: &[&str] = &[
    "blank",
    "else",
    "existing",
    "false",
    "if",
    "lookup",
    "loses",
    "many",
    "none",
    "then",
    "true",
    "unconfirmed",
    "via",
];

/// Words that join and end conditions.
const CONDITION_WORDS: &[&str] = &[
    "and",
    "in",
    "is",
    "is blank",
    "is not",
    "is present",
    "not",
    "not in",
    "or",
    "otherwise",
    "when",
];

pub(super) fn complete(source: &Source, known: &Known, offset: usize) -> Proposals {
    let place = Place::of(source, offset);
    if place.is_comment {
        return Proposals::default();
    }
    let mut found = Found(Vec::new());
    match place.block {
        "" => top(&place, &mut found),
        "map" => map_line(known, &place, &mut found),
        "values" => values_line(known, &place, &mut found),
        "decide" | "exclude" => cell(known, &place, &mut found),
        "fact" => fact_line(known, &place, &mut found),
        "example" => example_line(known, &place, &mut found),
        "merge" => {
            found.words(&[
                "winner",
                "consent",
                "others",
                "newest",
                "oldest",
                "strictest",
            ]);
            found.words(&["first filled", "hold", "end"]);
            fields(known, &place, &mut found);
        }
        "limit" => {
            found.words(&["first", "then", "above", "newest", "oldest", "end"]);
            found.words(&["roll up into one note", "hold", "stop", "loses"]);
        }
        _ => {}
    }
    let mut items = found.0;
    items.sort_by(|left, right| (left.kind, &left.text).cmp(&(right.kind, &right.text)));
    items.dedup_by(|later, earlier| later.kind == earlier.kind && later.text == earlier.text);
    Proposals {
        span: place.word,
        items,
    }
}

/// Proposals so far.
struct Found(Vec<Proposal>);

impl Found {
    fn add(&mut self, kind: ProposalKind, text: &str, detail: String, words: &str) {
        self.0.push(Proposal {
            kind,
            text: text.to_owned(),
            detail,
            words: words.to_owned(),
        });
    }

    fn words(&mut self, words: &[&str]) {
        for word in words {
            self.add(ProposalKind::Keyword, word, String::new(), "");
        }
    }

    fn choices(&mut self, words: &[String], of: &str) {
        for word in words {
            self.add(ProposalKind::Choice, &bare(word), of.to_owned(), "");
        }
    }

    fn labels(&mut self, kind: &FieldKind, of: &str) {
        if let FieldKind::Choice { choices, .. } = kind {
            for choice in choices {
                self.add(
                    ProposalKind::Choice,
                    &quoted(&choice.label),
                    of.to_owned(),
                    "",
                );
            }
        }
    }
}

fn top(place: &Place<'_>, found: &mut Found) {
    if place.before.trim().is_empty() {
        for opener in OPENERS {
            found.words(&[opener.word]);
        }
        return;
    }
    if place.before.split_whitespace().next() == Some("destination") {
        found.words(&[
            "freshsales",
            "edition",
            "suite",
            "classic",
            "no markers",
            "file",
        ]);
    }
    found.words(&["because", "column", "from", "of", "on", "to", "unique"]);
    let kinds = crate::model::Entity::ALL;
    for entity in kinds {
        found.add(
            ProposalKind::Keyword,
            entity.word(),
            "a kind of record".to_owned(),
            "",
        );
    }
}

fn map_line(known: &Known, place: &Place<'_>, found: &mut Found) {
    let Some((left, right)) = place.before.split_once('=') else {
        return map_start(known, place, found);
    };
    let last = right.split_whitespace().last().unwrap_or("");
    match last {
        "via" => {
            for map in known.value_maps() {
                found.add(ProposalKind::Table, &map.name.text, "values".to_owned(), "");
            }
            return;
        }
        "existing" => return found.words(&["overwrite", "fill", "skip", "never"]),
        "else" | "none" | "many" => {
            found.words(&["hold", "stop", "blank, report"]);
            if last == "many" {
                found.words(&["all", "newest", "oldest", "primary"]);
            }
            return;
        }
        _ => {}
    }
    if condition_end(known, place, right, found) {
        return;
    }
    let property = left.split_whitespace().last().unwrap_or("");
    let targets = place.targets();
    for (target, field) in known
        .properties(&targets)
        .filter(|(_, it)| it.name == property)
    {
        found.labels(&field.kind, &format!("{target}.{property}"));
    }
    found.words(VALUE_WORDS);
    found.words(CONDITION_WORDS);
    values(known, place, found);
}

fn map_start(known: &Known, place: &Place<'_>, found: &mut Found) {
    let mut words = place.before.split_whitespace();
    match words.next_back() {
        Some("only") => {
            for target in place.block_targets() {
                found.add(
                    ProposalKind::Target,
                    &target,
                    "a target of this map".to_owned(),
                    "",
                );
            }
            return;
        }
        Some("existing") => {
            return found.words(&["overwrite", "fill blank", "hold", "skip", "never"]);
        }
        Some(_) if place.before.trim_start().starts_with("ignore") => {
            return fields(known, place, found);
        }
        Some(_) if place.before.trim_start().starts_with("exclude") => {
            if !condition_end(known, place, place.before, found) {
                found.words(CONDITION_WORDS);
                values(known, place, found);
            }
            return;
        }
        Some(_) => {}
        None => found.words(MAP_WORDS),
    }
    properties(known, place, found);
}

fn properties(known: &Known, place: &Place<'_>, found: &mut Found) {
    let targets = place.targets();
    for (target, field) in known.properties(&targets) {
        if field.writable {
            let words = property_words(target, field);
            found.add(
                ProposalKind::Property,
                &bare(&field.name),
                target.to_owned(),
                &words,
            );
        }
    }
    for custom in known.custom_fields() {
        if custom.on.iter().any(|it| targets.contains(&it.name.text)) {
            let detail = format!("\"{}\" {}", custom.label.value, custom.kind.text);
            found.add(ProposalKind::Property, &custom.name.text, detail, "");
        }
    }
}

/// After `is` the words, after `in` the lists; says whether it was one of the two.
fn condition_end(known: &Known, place: &Place<'_>, before: &str, found: &mut Found) -> bool {
    let mut words = before.split_whitespace().rev().peekable();
    let mut last = words.next();
    if last == Some("not") && words.peek() == Some(&"is") {
        last = words.next();
    }
    match last {
        Some("is") => {
            let name = words.next().unwrap_or("").trim_start_matches('(');
            found.choices(&known.words_of(&place.entities(), name), name);
            found.words(&["blank", "present", "not"]);
            true
        }
        Some("in") => {
            for (name, words) in known.lists() {
                let detail = format!("list of {} words", words.len());
                found.add(ProposalKind::Table, name, detail, "");
            }
            true
        }
        Some(_) | None => false,
    }
}

fn values_line(known: &Known, place: &Place<'_>, found: &mut Found) {
    let name = place.head.first().map_or("", String::as_str);
    let uses = known.uses_of(name);
    if place.before.contains('=') {
        found.words(&["hold", "stop", "blank, report", "loses"]);
        for used in &uses {
            let fields = known.properties(&used.targets);
            for (target, field) in fields.filter(|(_, it)| it.name == used.property) {
                found.labels(&field.kind, &format!("{target}.{}", field.name));
            }
        }
        return;
    }
    found.words(&["blank", "other", "end"]);
    for used in &uses {
        found.choices(&known.words_of(&used.entities, &used.value), &used.value);
    }
}

fn cell(known: &Known, place: &Place<'_>, found: &mut Found) {
    let entities = place.entities();
    if !place.before.contains('|') {
        found.words(&["end", "otherwise", "hold", "exclude", "stop"]);
        return;
    }
    if place.is_heading {
        fields(known, place, found);
        facts(known, place, found);
        let closing: &[&str] = if place.block == "decide" {
            &["becomes"]
        } else {
            &["then", "because"]
        };
        return found.words(closing);
    }
    match place.column() {
        Some("becomes") => {
            for target in &known.schema.targets {
                found.add(
                    ProposalKind::Target,
                    &target.name,
                    "a target".to_owned(),
                    "",
                );
            }
            found.words(&["in queue", "exclude", "hold", "stop"]);
        }
        Some("then") => found.words(&["keep", "exclude", "hold"]),
        Some("because") | None => {}
        Some(column) => {
            found.choices(&known.words_of(&entities, column), column);
            found.words(&["any", "any except", "blank", "other"]);
        }
    }
}

fn fact_line(known: &Known, place: &Place<'_>, found: &mut Found) {
    if place.before.trim().is_empty() {
        return found.words(&["end"]);
    }
    if condition_end(known, place, place.before, found) {
        return;
    }
    found.words(CONDITION_WORDS);
    values(known, place, found);
}

fn example_line(known: &Known, place: &Place<'_>, found: &mut Found) {
    match place.before.split_whitespace().next() {
        None => found.words(&["given", "expect", "end"]),
        Some("given") => {
            let name = place.before.split_whitespace().last().unwrap_or("");
            found.choices(&known.words_of(&place.entities(), name), name);
            fields(known, place, found);
        }
        Some("expect") => {
            let name = place.before.split_whitespace().last().unwrap_or("");
            let targets = place.targets();
            for (target, field) in known.properties(&targets).filter(|(_, it)| it.name == name) {
                found.labels(&field.kind, &format!("{target}.{name}"));
            }
            properties(known, place, found);
            for target in &known.schema.targets {
                found.add(
                    ProposalKind::Target,
                    &target.name,
                    "a target".to_owned(),
                    "",
                );
            }
            found.words(&["hold", "exclude", "stop", "blank"]);
        }
        Some(_) => {}
    }
}

/// Everything that a value can be made of.
fn values(known: &Known, place: &Place<'_>, found: &mut Found) {
    fields(known, place, found);
    facts(known, place, found);
    for builtin in BUILTINS.iter().flat_map(|group| group.iter()) {
        found.add(
            ProposalKind::Function,
            builtin.name,
            signature(builtin),
            builtin.sentence,
        );
    }
}

fn fields(known: &Known, place: &Place<'_>, found: &mut Found) {
    for field in known.fields_of(&place.entities()) {
        let text = path(&field.path);
        found.add(
            ProposalKind::Field,
            &text,
            field.declared.clone(),
            &field.comment,
        );
    }
}

fn facts(known: &Known, place: &Place<'_>, found: &mut Found) {
    for fact in known.facts_of(&place.entities()) {
        let words: Vec<&str> = fact.lines.iter().map(|it| it.word.text.as_str()).collect();
        found.add(ProposalKind::Fact, &fact.name.text, words.join(", "), "");
    }
}

/// A path with the keys in quotes that cannot stand bare.
fn path(dotted: &str) -> String {
    dotted.split('.').map(bare).collect::<Vec<_>>().join(".")
}

fn bare(word: &str) -> String {
    let is_bare = word.chars().all(|it| it.is_alphanumeric() || it == '_')
        && word.starts_with(|it: char| it.is_alphabetic() || it == '_');
    if is_bare {
        word.to_owned()
    } else {
        quoted(word)
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
