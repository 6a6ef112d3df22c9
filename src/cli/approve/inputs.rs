//! What an approval is about, gathered: the rule file's items, its neighbours, the capture, the account.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::approval::{
    CaptureInput, DestinationInput, FileInput, FileKind, Inputs, ListInput, Made, RuleLine,
    digest_of,
};
use crate::capture::Capture;
use crate::lang::ast::{DestinationKind, Item, List, ListSource, RuleFile};
use crate::lang::{decode, parse_rules, read_list};
use crate::model::{Field, FieldKind, FieldWanted, Schema};
use crate::plan::Plan;
use crate::text::{Source, Span};

use super::super::{Exit, Failure, rulebook};

/// Everything but the plan and the account; reads no record of a sealed capture.
pub(super) fn inputs(source: &Source, rules: &Path, capture: &Capture) -> Result<Inputs, Failure> {
    let (file, _) = parse_rules(source);
    let folder = rules.parent().unwrap_or(Path::new(""));
    let name = rules.file_name().unwrap_or_default();
    let mut files = vec![FileInput {
        name: name.to_string_lossy().into_owned(),
        kind: FileKind::Rules,
        digest: digest_of(source.text().as_bytes()),
    }];
    let mut lists = Vec::new();
    for (kind, name) in neighbours(&file) {
        // A file that cannot be read is the compiler's to tell; here it is one that changed.
        let bytes = rulebook::neighbour(&name)
            .ok()
            .and_then(|path| fs::read(folder.join(path)).ok())
            .unwrap_or_default();
        let known = files.iter().any(|it| it.name == name);
        if !known {
            let digest = digest_of(&bytes);
            files.push(FileInput {
                name: name.clone(),
                kind,
                digest,
            });
        }
        if kind == FileKind::List && !known {
            let all = file.items.iter().filter_map(list_of);
            lists.extend(all.filter_map(|it| list_input(it, &name, &bytes)));
        }
    }
    let digest = capture
        .digest()
        .map_err(|error| Failure::new(Exit::Usage, &error).help(error.help()))?;
    let (workspace, until) = capture.manifest().map_or_else(
        || (String::new(), "not sealed".to_owned()),
        |it| (it.workspace.clone(), it.until.to_string()),
    );
    Ok(Inputs {
        files,
        lists,
        rules: rule_lines(&file, source),
        capture: CaptureInput {
            digest,
            workspace,
            until,
        },
    })
}

/// The files that a rule file names, each once for each use.
pub(super) fn neighbours(file: &RuleFile) -> Vec<(FileKind, String)> {
    let mut found = Vec::new();
    if let Some(system) = &file.header.source {
        found.push((FileKind::Fields, system.fields.value.clone()));
    }
    if let Some(DestinationKind::File(text)) = file.header.destination.as_ref().map(|it| &it.kind) {
        found.push((FileKind::Fields, text.value.clone()));
    }
    for list in file.items.iter().filter_map(list_of) {
        if let ListSource::File { file, .. } = &list.source {
            found.push((FileKind::List, file.value.clone()));
        }
    }
    found
}

fn list_of(item: &Item) -> Option<&List> {
    if let Item::List(list) = item {
        return Some(list);
    }
    None
}

/// `list`, where it comes from the file of this name.
fn list_input(list: &List, name: &str, bytes: &[u8]) -> Option<ListInput> {
    let ListSource::File { file, column } = &list.source else {
        return None;
    };
    if file.value != name {
        return None;
    }
    let source = decode(name, bytes).ok()?;
    let (entries, _) = read_list(&source, column.as_ref().map(|it| it.text.as_str()));
    let mut words: Vec<&str> = entries.iter().map(|it| it.value.as_str()).collect();
    words.sort_unstable();
    Some(ListInput {
        name: list.name.text.clone(),
        file: name.to_owned(),
        entries: u64::try_from(words.len()).unwrap_or(u64::MAX),
        digest: digest_of(words.join("\n").as_bytes()),
    })
}

/// Every line that says something, with the block that it stands in.
fn rule_lines(file: &RuleFile, source: &Source) -> Vec<RuleLine> {
    let spans: Vec<Span> = file.items.iter().map(span_of).collect();
    let mut found = Vec::new();
    let mut start = 0;
    for (number, line) in (1..).zip(source.text().split_inclusive('\n')) {
        let text = squeezed(line);
        let place = start + line.len().saturating_sub(line.trim_start().len());
        start += line.len();
        if text.is_empty() || text == "end" {
            continue;
        }
        let block = spans.iter().find(|it| it.start < place && place < it.end);
        let of = block.map(|it| source.slice(*it).lines().next().unwrap_or_default());
        found.push(RuleLine {
            line: number,
            text,
            of: squeezed(of.unwrap_or_default()),
        });
    }
    found
}

/// A line without its comment, with single blanks.
pub(super) fn squeezed(line: &str) -> String {
    let words: Vec<&str> = uncommented(line).split_whitespace().collect();
    words.join(" ")
}

/// Enough to tell one of a few from another.
fn short(digest: &str) -> String {
    const DIGITS: usize = 16;
    digest.chars().take(DIGITS).collect()
}

/// A line without its comment; a `#` inside quotes begins none.
fn uncommented(line: &str) -> &str {
    let mut in_text = false;
    let mut escaped = false;
    for (place, letter) in line.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' if in_text => escaped = true,
            '"' => in_text = !in_text,
            '#' if !in_text => return line.get(..place).unwrap_or(line),
            _ => {}
        }
    }
    line
}

fn span_of(item: &Item) -> Span {
    match item {
        Item::List(it) => it.span,
        Item::Values(it) => it.span,
        Item::CustomField(it) => it.span,
        Item::Exclude(it) => it.span,
        Item::Fact(it) => it.span,
        Item::Decide(it) => it.span,
        Item::Map(it) => it.span,
        Item::EveryOther(it) => it.span,
        Item::Ignore(it) => it.span,
        Item::Limit(it) => it.span,
        Item::Merge(it) => it.span,
        Item::Example(it) => it.span,
        Item::Promise(it) => it.span,
        Item::Allow(it) => it.span,
        Item::AcceptHeld(it) => it.span,
    }
}

/// The account as it is approved: without the custom fields that the load makes there.
pub(super) fn destination(schema: &Schema, address: &str, makes: &[Made]) -> DestinationInput {
    let schema = without(makes, schema);
    let digest = |text: Result<Vec<u8>, serde_json::Error>| {
        short(&digest_of(&text.expect("a schema has only text keys")))
    };
    let mut parts: BTreeMap<String, String> = schema
        .targets
        .iter()
        .map(|target| (target.name.clone(), digest(serde_json::to_vec(target))))
        .collect();
    parts.insert(
        "users".to_owned(),
        digest(serde_json::to_vec(&schema.users)),
    );
    let edition = (
        &schema.system,
        &schema.edition,
        schema.users_unknown,
        &schema.substitutions,
    );
    parts.insert("edition".to_owned(), digest(serde_json::to_vec(&edition)));
    DestinationInput {
        address: address.to_owned(),
        parts,
    }
}

/// The digest of the plan that the rules make for the account without those fields.
pub(super) fn plan_digest(
    source: &Source,
    rules: &Path,
    schema: &Schema,
    makes: &[Made],
) -> Result<String, Failure> {
    let schema = without(makes, schema);
    let compiled = rulebook::compile(source, rules, Some(&schema));
    compiled.plan.map(|it| it.digest()).ok_or_else(|| {
        Failure::new(
            Exit::Findings,
            "the rules compile only with custom fields that an earlier load has made",
        )
        .help("declare each of them with a `field` line")
    })
}

/// What the account lacks and the load makes.
pub(super) fn makes(plan: &Plan) -> Vec<Made> {
    let made = |it: &FieldWanted| Made {
        on: it.target.clone(),
        name: it.name.clone(),
        label: it.label.clone(),
        kind: kind_words(&it.kind),
    };
    plan.fields_wanted.iter().map(made).collect()
}

/// A field that is there as the load makes it is the load's own, on leads and contacts alike: both are
/// one kind of record in the suite. Freshsales names fields by their labels (freshsales.md 16).
fn without(makes: &[Made], schema: &Schema) -> Schema {
    let mut schema = schema.clone();
    let is_made = |field: &Field| {
        let kind = kind_words(&field.kind);
        makes.iter().any(|it| {
            (it.name == field.name || it.label == field.label)
                && it.kind == kind
                && field.place.first().is_some_and(|it| it == "custom_field")
        })
    };
    for target in &mut schema.targets {
        target.fields.retain(|field| !is_made(field));
    }
    schema
}

/// The kind as an account keeps it: one for all numbers, one for all texts.
fn kind_words(kind: &FieldKind) -> String {
    match kind {
        FieldKind::Text { .. } | FieldKind::Json | FieldKind::Timestamp | FieldKind::User => {
            "text".to_owned()
        }
        FieldKind::Integer | FieldKind::Decimal => "number".to_owned(),
        FieldKind::Boolean => "checkbox".to_owned(),
        FieldKind::Date => "date".to_owned(),
        FieldKind::Choice { choices, .. } => {
            let labels: Vec<&str> = choices.iter().map(|it| it.label.as_str()).collect();
            format!("dropdown {}", labels.join(", "))
        }
        FieldKind::TextList => "several words".to_owned(),
        FieldKind::Links { target, .. } => format!("look-up of {target}"),
    }
}
