//! What an approval is about, gathered: the rule file's items, its neighbours, the capture, the account.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::approval::{
    CaptureInput, DestinationInput, FileInput, FileKind, Inputs, ItemInput, ListInput, digest_of,
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
        items: items(&file, source),
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

/// The items, and the header as one of them.
fn items(file: &RuleFile, source: &Source) -> Vec<ItemInput> {
    let spans: Vec<Span> = file.items.iter().map(span_of).collect();
    let first = spans.iter().map(|it| it.start).min();
    let end = first.unwrap_or(source.text().len());
    let mut found = vec![item(
        source,
        Span::new(0, end),
        "(title, language, source, destination)",
    )];
    for span in spans {
        let text = source.slice(span);
        let head = text.lines().next().unwrap_or_default();
        found.push(item(source, span, uncommented(head).trim()));
    }
    found
}

fn item(source: &Source, span: Span, text: &str) -> ItemInput {
    let words: Vec<&str> = source
        .slice(span)
        .lines()
        .flat_map(|line| uncommented(line).split_whitespace())
        .collect();
    ItemInput {
        line: u32::try_from(source.place(span.start).line).unwrap_or(u32::MAX),
        text: text.split_whitespace().collect::<Vec<_>>().join(" "),
        digest: short(&digest_of(words.join(" ").as_bytes())),
    }
}

/// Enough to tell one of a few hundred from another; the whole file has its whole digest.
fn short(digest: &str) -> String {
    const DIGITS: usize = 16;
    digest.chars().take(DIGITS).collect()
}

/// A line without its comment; a `#` inside quotes begins none.
pub(super) fn uncommented(line: &str) -> &str {
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

/// The account as it is approved: without the custom fields that the rules make there.
pub(super) fn destination(schema: &Schema, address: &str, plan: &Plan) -> DestinationInput {
    let schema = without_own(schema, &plan.fields_wanted);
    let digest = |text: Result<Vec<u8>, serde_json::Error>| {
        digest_of(&text.expect("a schema has only text keys"))
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
    let system = (
        &schema.system,
        &schema.edition,
        schema.users_unknown,
        &schema.substitutions,
    );
    parts.insert("edition".to_owned(), digest(serde_json::to_vec(&system)));
    DestinationInput {
        address: address.to_owned(),
        parts,
    }
}

/// The digest of the plan that the rules make for the account without their own custom fields.
pub(super) fn plan_digest(
    source: &Source,
    rules: &Path,
    schema: &Schema,
    plan: &Plan,
) -> Result<String, Failure> {
    let schema = without_own(schema, &plan.fields_wanted);
    let compiled = rulebook::compile(source, rules, Some(&schema));
    compiled.plan.map(|it| it.digest()).ok_or_else(|| {
        Failure::new(
            Exit::Findings,
            "the rules lean on custom fields of the account that they declare otherwise",
        )
        .help("declare them as the account has them, or give them other names")
    })
}

/// What `prepare` made is as the rules declare it; a field that is otherwise is the account's own.
fn without_own(schema: &Schema, wanted: &[FieldWanted]) -> Schema {
    let mut schema = schema.clone();
    for target in &mut schema.targets {
        let name = &target.name;
        let is_own = |field: &Field| {
            wanted.iter().any(|it| {
                it.target == *name && it.name == field.name && is_alike(&it.kind, &field.kind)
            })
        };
        target.fields.retain(|field| !is_own(field));
    }
    schema
}

fn is_alike(wanted: &FieldKind, found: &FieldKind) -> bool {
    if let (
        FieldKind::Choice { choices, .. },
        FieldKind::Choice {
            choices: others, ..
        },
    ) = (wanted, found)
    {
        let labels = |all: &[crate::model::Choice]| -> Vec<String> {
            all.iter().map(|it| it.label.clone()).collect()
        };
        return labels(choices) == labels(others);
    }
    std::mem::discriminant(wanted) == std::mem::discriminant(found)
}
