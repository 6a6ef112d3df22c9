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
    pub rules: Vec<RuleLine>,
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

/// One line of the rule file that says something.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleLine {
    /// 1-based.
    pub line: u32,
    /// Without its comment, with single blanks between its words.
    pub text: String,
    /// The opening line of the block that it stands in; empty for one of its own.
    #[serde(default)]
    pub of: String,
}

/// A custom field that the load makes in the account.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Made {
    pub on: String,
    pub name: String,
    pub label: String,
    /// `text`, `number`, `dropdown A, B` …
    pub kind: String,
}

/// The account that the check was made for.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DestinationInput {
    /// Its address; `local sandbox` for the one that the capture seeds.
    pub address: String,
    /// A digest for each kind of record and for the users, without the custom fields that the load
    /// makes there itself: one that was broken off goes on under the same approval.
    pub parts: BTreeMap<String, String>,
}

impl Inputs {
    /// What differs in `now`, in words for a person; empty where all is the same.
    pub fn changes(&self, now: &Inputs) -> Vec<Change> {
        let mut changes = Vec::new();
        self.line_changes(now, &mut changes);
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

    fn line_changes(&self, now: &Inputs, changes: &mut Vec<Change>) {
        let mut gone: Vec<&RuleLine> = self.rules.iter().collect();
        let mut new: Vec<&RuleLine> = Vec::new();
        for line in &now.rules {
            let same = |it: &&RuleLine| it.text == line.text && it.of == line.of;
            match gone.iter().position(same) {
                Some(place) => {
                    gone.remove(place);
                }
                None => new.push(line),
            }
        }
        for line in new {
            let same = |it: &&RuleLine| it.of == line.of && it.head() == line.head();
            let then = gone.iter().position(same).map(|place| gone.remove(place));
            let line = line.clone();
            changes.push(match then {
                Some(then) => Change::LineChanged {
                    then: then.text.clone(),
                    now: line,
                },
                None => Change::LineNew(line),
            });
        }
        changes.extend(gone.into_iter().cloned().map(Change::LineGone));
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
        Change::LineChanged { .. } | Change::LineNew(_) | Change::LineGone(_) => {
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

impl RuleLine {
    /// What the line is about: the left side of its `=`, the first cells of a row, its first words.
    fn head(&self) -> String {
        if let Some(row) = self.text.strip_prefix('|') {
            return row.split('|').take(2).collect();
        }
        let words = self.text.split(" = ").next().unwrap_or_default();
        words
            .split_whitespace()
            .take(2)
            .collect::<Vec<_>>()
            .join(" ")
    }

    pub(super) fn row(&self) -> String {
        let mut members = vec![
            ("line", Word::Number(u64::from(self.line))),
            ("text", Word::Text(&self.text)),
        ];
        if !self.of.is_empty() {
            members.push(("of", Word::Text(&self.of)));
        }
        row(&members)
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

impl Made {
    pub(super) fn row(&self) -> String {
        row(&[
            ("on", Word::Text(&self.on)),
            ("name", Word::Text(&self.name)),
            ("label", Word::Text(&self.label)),
            ("kind", Word::Text(&self.kind)),
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
