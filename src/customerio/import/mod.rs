//! Exports, warehouse files and kept calls as one capture: several sources, put together person by person.
//!
//! Every line becomes pieces of records. A piece waits on disk until it is known whose it is, then meets the other pieces
//! of its record; memory holds one part of them at a time. Between sources the one named first wins, and every
//! difference is counted. Nothing is written unless all of it is.

mod capture;
mod delivery;
mod error;
mod fact;
mod fold;
mod intake;
mod lists;
mod person;
mod pipelines;
mod read;
mod tables;
mod unconfirmed;
mod value;
mod warehouse;
mod webhook;
mod write;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use secrecy::SecretString;
use serde::Serialize;

pub use error::{ImportError, Refusal, Refusals, Refused};
pub use intake::Naming;

use crate::capture::{Capture, Limits, Manifest, Origin};
use crate::model::{Entity, Type};
use fact::Fact;
use intake::Intake;
use read::Reader;
use value::raw;
use warehouse::{Journeys, Table};

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceKind {
    /// An export of people as CSV.
    PeopleCsv,
    /// An export of deliveries as CSV.
    DeliveriesCsv,
    /// A list of suppressed people as CSV.
    SuppressedCsv,
    /// A mail service's list of addresses that it refuses, as CSV.
    SuppressionsCsv,
    /// A Parquet file of the warehouse sync, or a folder of them.
    Warehouse,
    /// Kept reporting webhooks, one a line.
    Webhooks,
    /// Kept Pipelines calls, one a line.
    Pipelines,
    /// Another capture.
    Capture,
    /// A capture of before: whoever is only in it is gone since.
    Previous,
}

impl SourceKind {
    /// Each with the word of the command line.
    pub const ALL: [(SourceKind, &'static str); 9] = [
        (SourceKind::PeopleCsv, "people-csv"),
        (SourceKind::DeliveriesCsv, "deliveries-csv"),
        (SourceKind::SuppressedCsv, "suppressed-csv"),
        (SourceKind::SuppressionsCsv, "suppressions-csv"),
        (SourceKind::Warehouse, "warehouse"),
        (SourceKind::Webhooks, "webhooks"),
        (SourceKind::Pipelines, "pipelines"),
        (SourceKind::Capture, "capture"),
        (SourceKind::Previous, "previous"),
    ];
}

/// One thing to read.
#[derive(Clone, Debug)]
pub struct Source {
    pub kind: SourceKind,
    pub path: PathBuf,
}

/// How the import goes.
pub struct Import<'a> {
    /// The first one wins where two differ.
    pub sources: &'a [Source],
    /// Types for values that come as text.
    pub declared: Declared,
    /// Signs the webhooks, where it is known.
    pub webhook_secret: Option<SecretString>,
    pub origin: Origin,
    /// Must not be there yet.
    pub into: &'a Path,
}

/// Declared types, by trait and by key of a delivery.
#[derive(Clone, Debug, Default)]
pub struct Declared {
    people: BTreeMap<String, Type>,
    deliveries: BTreeMap<String, Type>,
}

impl Declared {
    /// From fields by kind and path.
    #[must_use]
    pub fn of(fields: Vec<(Entity, Vec<String>, Type)>) -> Self {
        let mut declared = Self::default();
        for (entity, path, r#type) in fields {
            match (entity, path.as_slice()) {
                (Entity::Person, [traits, name]) if traits == "traits" => {
                    declared.people.insert(name.clone(), r#type);
                }
                (Entity::Delivery, [name]) => {
                    declared.deliveries.insert(name.clone(), r#type);
                }
                _ => {}
            }
        }
        declared
    }

    fn person_trait(&self, name: &str) -> Option<&Type> {
        self.people.get(name)
    }

    fn delivery(&self, name: &str) -> Option<&Type> {
        self.deliveries.get(name)
    }
}

/// What was imported; counts only, no value.
#[derive(Debug, Serialize)]
pub struct Imported {
    pub files: Vec<ReadFile>,
    /// Parquet files of tables that a capture has no place for.
    pub not_read: Vec<PathBuf>,
    /// Parquet files of tables whose columns no reference confirms: taken by their names.
    pub unconfirmed: Vec<PathBuf>,
    pub naming: Naming,
    /// How often sources said different things; the first source was taken.
    pub conflicts: BTreeMap<String, u64>,
    pub deleted: u64,
    pub suppressed: u64,
    /// People whose `id`, or address, belonged to another `cio_id` that was deleted.
    pub re_added: u64,
    pub refusals: Refusals,
}

/// One file and how many lines or rows it had.
#[derive(Debug, Serialize)]
pub struct ReadFile {
    pub path: PathBuf,
    pub read: u64,
}

/// Reads every source and writes a sealed capture.
///
/// # Errors
/// When a file is not what it is named as, or the machine fails; nothing is written then.
pub fn import(import: &Import<'_>) -> Result<(Imported, Manifest), ImportError> {
    let into = write::Folder::beside(import.into)?;
    let scratch = into.scratch()?;
    let mut files = Vec::new();
    let (mut not_read, mut unconfirmed) = (Vec::new(), Vec::new());
    let bytes = import.sources.iter().map(|it| size_of(&it.path)).sum();
    let mut intake = Intake::new(scratch.path(), bytes)?;
    let mut journeys = Journeys::new(scratch.path(), 16)?;
    let mut previous = BTreeSet::new();
    for (place, source) in (0..).zip(import.sources) {
        if source.kind == SourceKind::Previous {
            previous.insert(place);
        }
        for path in paths(source)? {
            let mut reader = Reader {
                intake: &mut intake,
                path: path.clone(),
                source: place,
                declared: &import.declared,
                read: 0,
            };
            match source.kind {
                SourceKind::PeopleCsv => tables::people(&mut reader)?,
                SourceKind::DeliveriesCsv => tables::deliveries(&mut reader)?,
                SourceKind::SuppressedCsv => lists::suppressed(&mut reader)?,
                SourceKind::SuppressionsCsv => lists::suppressions(&mut reader)?,
                SourceKind::Warehouse => {
                    if let Some(table) = Table::of(&path) {
                        warehouse::read(&mut reader, table, &mut journeys)?;
                    } else if unconfirmed::read(&mut reader, &path)? {
                        unconfirmed.push(path.clone());
                    } else {
                        not_read.push(path);
                        continue;
                    }
                }
                SourceKind::Webhooks => webhook::read(&mut reader, import.webhook_secret.as_ref())?,
                SourceKind::Pipelines => pipelines::read(&mut reader)?,
                SourceKind::Capture => capture::read(&mut reader, &path, false)?,
                SourceKind::Previous => capture::read(&mut reader, &path, true)?,
            }
            let read = reader.read;
            files.push(ReadFile { path, read });
        }
    }
    let last = u16::try_from(import.sources.len()).unwrap_or(u16::MAX);
    for fact in steps(journeys, last)? {
        intake.take(fact)?;
    }
    let taken = intake.finish(scratch.path())?;
    let written = into.write(&taken.by_record, &previous, scratch.path(), bytes)?;
    let imported = Imported {
        files,
        not_read,
        unconfirmed,
        naming: taken.naming,
        conflicts: written.conflicts,
        deleted: written.deleted,
        suppressed: written.suppressed,
        re_added: written.re_added,
        refusals: taken.refusals,
    };
    let manifest = into.finish(
        import.into,
        (&import.origin, limits(import.sources, &imported)?),
        &imported,
    )?;
    Ok((imported, manifest))
}

/// The steps that people were seen to go through; the App API tells only those with content (reference/customerio.md 2.5).
fn steps(journeys: Journeys, source: u16) -> Result<Vec<Fact>, ImportError> {
    let steps = journeys.finish()?.into_iter();
    let facts = steps.map(|((campaign, action, kind), count)| {
        let mut fact = Fact::of(Entity::CampaignAction, source);
        fact.key = action.to_string();
        let parts = [
            ("id", raw(&action)),
            ("campaign_id", raw(&campaign)),
            ("type", raw(&kind)),
            ("passed", raw(&count)),
        ];
        let given = parts
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?)));
        fact.top.extend(given);
        fact
    });
    Ok(facts.collect())
}

/// What the captures among the sources could not read stays unread: of two horizons the later one is sure.
fn limits(sources: &[Source], imported: &Imported) -> Result<Limits, ImportError> {
    let mut limits = Limits::default();
    for path in &imported.unconfirmed {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        limits.notes.push(format!(
            "{name}: no reference tells the columns of this table; they were taken by their names"
        ));
    }
    let captures = sources.iter().filter(|it| it.kind == SourceKind::Capture);
    for source in captures {
        let capture = Capture::open(&source.path)?;
        let Some(manifest) = capture.manifest() else {
            continue;
        };
        for (name, file) in &manifest.files {
            if let Some(horizon) = file.horizon {
                let known = limits.horizons.entry(name.clone()).or_insert(horizon);
                *known = horizon.max(*known);
            }
        }
        for note in &manifest.notes {
            if !limits.notes.contains(note) {
                limits.notes.push(note.clone());
            }
        }
    }
    Ok(limits)
}

/// The files of a source, in the order of their names: the warehouse numbers them.
fn paths(source: &Source) -> Result<Vec<PathBuf>, ImportError> {
    let path = &source.path;
    let is_whole = matches!(source.kind, SourceKind::Capture | SourceKind::Previous);
    if is_whole || !path.is_dir() {
        return Ok(vec![path.clone()]);
    }
    let listed = std::fs::read_dir(path).map_err(ImportError::disk("listing", path))?;
    let mut found = Vec::new();
    for entry in listed {
        let entry = entry.map_err(ImportError::disk("listing", path))?.path();
        if entry.is_file() {
            found.push(entry);
        }
    }
    found.sort();
    Ok(found)
}

/// About how many bytes of pieces the files below `path` make.
fn size_of(path: &Path) -> u64 {
    /// What packed files hold, roughly; and Parquet packs its columns.
    const PACKED: u64 = 8;
    let of_file = |path: &Path| {
        let bytes = std::fs::metadata(path).map_or(0, |it| it.len());
        let ending = path
            .extension()
            .and_then(|it| it.to_str())
            .unwrap_or_default();
        let is_packed = matches!(ending, "gz" | "zst" | "parquet");
        if is_packed {
            bytes.saturating_mul(PACKED)
        } else {
            bytes
        }
    };
    if !path.is_dir() {
        return of_file(path);
    }
    let listed = std::fs::read_dir(path).into_iter().flatten().flatten();
    listed.map(|it| of_file(&it.path())).sum()
}
