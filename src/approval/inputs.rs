//! What went into an approved check: files by digest, rule items, lists, the capture, the destination.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Change;
use super::words::{Word, row};

/// The digest that files and texts are named by.
pub fn digest_of(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex().to_string()
}

/// What a rule file and its neighbours, the capture and the destination are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inputs {
    /// The rule file first.
    pub files: Vec<FileInput>,
    pub lists: Vec<ListInput>,
    /// In file order.
    pub items: Vec<ItemInput>,
    pub capture: CaptureInput,
}

/// A capture by its digest, and how a person knows it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaptureInput {
    pub digest: String,
    pub workspace: String,
    pub until: String,
}

/// One file that the rules are made of.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileInput {
    /// Relative to the rule file.
    pub name: String,
    pub kind: FileKind,
    pub digest: String,
}

/// What a file is to the rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileKind {
    Rules,
    Fields,
    List,
}

impl FileKind {
    pub(super) const fn word(self) -> &'static str {
        match self {
            FileKind::Rules => "rules",
            FileKind::Fields => "fields",
            FileKind::List => "list",
        }
    }
}

/// One closed list that a file holds.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListInput {
    pub name: String,
    pub file: String,
    pub entries: u64,
    /// Of the entries, whatever their order and comments.
    pub digest: String,
}

/// One item of the rule file.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ItemInput {
    /// Where it begins, 1-based.
    pub line: u32,
    /// Its first line.
    pub text: String,
    /// Of its words, whatever the blanks between them.
    pub digest: String,
}

/// The account that the check was made for.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DestinationInput {
    /// Its address; `local sandbox` for the one that the capture seeds.
    pub address: String,
    /// A digest for each kind of record and for the users, without the custom fields that the rules
    /// make there themselves: a load that was broken off goes on under the same approval.
    pub parts: BTreeMap<String, String>,
}

impl Inputs {
    /// What differs in `now`, in words for a person; empty where all is the same.
    pub fn changes(&self, now: &Inputs) -> Vec<Change> {
        let mut changes = Vec::new();
        self.item_changes(now, &mut changes);
        for list in &now.lists {
            let known = self.lists.iter().find(|it| it.name == list.name);
            if let Some(known) = known.filter(|it| it.digest != list.digest) {
                changes.push(Change::List {
                    name: list.name.clone(),
                    file: list.file.clone(),
                    then: known.entries,
                    now: list.entries,
                });
            }
        }
        self.file_changes(now, &mut changes);
        if self.capture.digest != now.capture.digest {
            changes.push(Change::Capture {
                then: self.capture.words(),
                now: now.capture.words(),
            });
        }
        changes
    }

    fn item_changes(&self, now: &Inputs, changes: &mut Vec<Change>) {
        let is_in =
            |items: &[ItemInput], item: &ItemInput| items.iter().any(|it| it.digest == item.digest);
        let mut gone: Vec<&ItemInput> = self
            .items
            .iter()
            .filter(|item| !is_in(&now.items, item))
            .collect();
        for item in now.items.iter().filter(|item| !is_in(&self.items, item)) {
            let same = gone.iter().position(|it| it.head() == item.head());
            let (line, text) = (item.line, item.text.clone());
            changes.push(match same {
                Some(place) => {
                    gone.remove(place);
                    Change::ItemChanged { line, text }
                }
                None => Change::ItemNew { line, text },
            });
        }
        changes.extend(gone.into_iter().map(|item| Change::ItemGone {
            line: item.line,
            text: item.text.clone(),
        }));
    }

    fn file_changes(&self, now: &Inputs, changes: &mut Vec<Change>) {
        for file in &now.files {
            let known = self
                .files
                .iter()
                .find(|it| it.kind == file.kind && it.name == file.name);
            let name = file.name.clone();
            match known {
                Some(known) if known.digest == file.digest => {}
                Some(_) if is_told(file, changes) => {}
                Some(_) if file.kind == FileKind::Fields => {
                    changes.push(Change::Fields { file: name });
                }
                Some(_) => changes.push(Change::Layout { file: name }),
                // Another name of the rule file itself is no change of what it says.
                None if file.kind == FileKind::Rules => {}
                None => changes.push(Change::FileNew { file: name }),
            }
        }
    }
}

/// Whether the changes so far say already why this file is another one.
fn is_told(file: &FileInput, changes: &[Change]) -> bool {
    changes.iter().any(|change| match change {
        Change::ItemChanged { .. } | Change::ItemNew { .. } | Change::ItemGone { .. } => {
            file.kind == FileKind::Rules
        }
        Change::List { file: of, .. } => *of == file.name,
        Change::Layout { .. }
        | Change::Fields { .. }
        | Change::FileNew { .. }
        | Change::Capture { .. }
        | Change::SourceField(_)
        | Change::OtherDestination { .. }
        | Change::Destination { .. }
        | Change::Plan { .. }
        | Change::More { .. }
        | Change::Split { .. } => false,
    })
}

impl CaptureInput {
    fn words(&self) -> String {
        let short: String = self.digest.chars().take(12).collect();
        let workspace = if self.workspace.is_empty() {
            "a workspace without a name"
        } else {
            &self.workspace
        };
        format!("{workspace} until {} ({short})", self.until)
    }
}

impl ItemInput {
    /// What it is called, as far as its first line tells: `map person to contact, lead`, `list free_mail`.
    fn head(&self) -> String {
        let words = self.text.split('=').next().unwrap_or_default();
        let words = words.split(" from ").next().unwrap_or_default();
        words
            .split_whitespace()
            .take(6)
            .collect::<Vec<_>>()
            .join(" ")
    }

    pub(super) fn row(&self) -> String {
        row(&[
            ("line", Word::Number(u64::from(self.line))),
            ("text", Word::Text(&self.text)),
            ("digest", Word::Text(&self.digest)),
        ])
    }
}

impl FileInput {
    pub(super) fn row(&self) -> String {
        row(&[
            ("name", Word::Text(&self.name)),
            ("kind", Word::Text(self.kind.word())),
            ("digest", Word::Text(&self.digest)),
        ])
    }
}

impl ListInput {
    pub(super) fn row(&self) -> String {
        row(&[
            ("name", Word::Text(&self.name)),
            ("file", Word::Text(&self.file)),
            ("entries", Word::Number(self.entries)),
            ("digest", Word::Text(&self.digest)),
        ])
    }
}

impl CaptureInput {
    pub(super) fn row(&self) -> String {
        row(&[
            ("workspace", Word::Text(&self.workspace)),
            ("until", Word::Text(&self.until)),
            ("digest", Word::Text(&self.digest)),
        ])
    }
}

impl DestinationInput {
    /// What differs in `now`.
    pub fn changes(&self, now: &DestinationInput) -> Vec<Change> {
        if self.address != now.address {
            return vec![Change::OtherDestination {
                then: self.address.clone(),
                now: now.address.clone(),
            }];
        }
        let mut parts: Vec<&String> = self.parts.keys().chain(now.parts.keys()).collect();
        parts.sort();
        parts.dedup();
        parts
            .into_iter()
            .filter(|part| self.parts.get(*part) != now.parts.get(*part))
            .map(|part| Change::Destination { part: part.clone() })
            .collect()
    }
}
