//! What no call of the destination makes: templates as HTML files with a manifest, documents as JSON, in one folder.
//!
//! A template's body stands in its file as the source has it; nothing of it is translated here, its Liquid tags are
//! only named. A document holds the records as they were read, with those that they carry.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, Permissions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::value::RawValue;

use super::{Exit, Failure};
use crate::capture::Capture;
use crate::ledger::{Cursor, Drafted, Landed, Landing, Ledger, RunId, StagedRow};
use crate::model::{Entity, Scalar, Schema};
use crate::plan::Plan;

/// Drafts read from the ledger at once.
const PAGE: usize = 500;

/// The list of all templates.
const MANIFEST: &str = "templates.json";

/// Where everything is written, and what it is written from.
pub(super) struct Desk<'d> {
    pub(super) plan: &'d Plan,
    pub(super) capture: &'d Capture,
    pub(super) schema: &'d Schema,
    pub(super) folder: &'d Path,
}

/// What was written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Written {
    pub(super) folder: PathBuf,
    pub(super) templates: u64,
    pub(super) documents: u64,
}

/// One template in the manifest.
#[derive(Serialize)]
struct Template {
    source: String,
    name: Option<String>,
    subject: Option<String>,
    language: Option<String>,
    /// None where the source tells no body, as of a message whose body is hidden.
    file: Option<String>,
    bytes: usize,
    /// blake3 of the file.
    digest: Option<String>,
    /// Tags of the subject and the body, each once, in the order in which they stand there.
    liquid: Vec<String>,
}

/// One record of a document.
#[derive(Serialize)]
struct Entry {
    source: String,
    record: Box<RawValue>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    carries: Vec<Entry>,
}

#[derive(Serialize)]
struct Document<'d> {
    document: &'d str,
    records: Vec<Entry>,
}

impl Desk<'_> {
    /// Writes all files of a run, and lands what stands in them; answers what was written, if anything had to be.
    pub(super) fn write(
        &self,
        ledger: &mut Ledger,
        run: RunId,
    ) -> Result<Option<Written>, Failure> {
        let failed = |error: &dyn std::fmt::Display| Failure::new(Exit::Findings, error);
        let targets = ledger.targets(run).map_err(|error| failed(&error))?;
        let targets = targets.into_iter().filter(|it| self.schema.is_written(it));
        let mut rows = Vec::new();
        for target in targets {
            rows.extend(waiting(ledger, run, &target)?);
        }
        let documents = self.documents();
        if rows.is_empty() && documents.is_empty() {
            return Ok(None);
        }
        fs::create_dir_all(self.folder).map_err(|error| unwritable(self.folder, &error))?;
        let is_template = |row: &&StagedRow| !row.draft.target.contains(" \"");
        let templates: Vec<&StagedRow> = rows.iter().filter(is_template).collect();
        self.templates(&templates)?;
        let mut written = Written {
            folder: self.folder.to_owned(),
            templates: count(templates.len()),
            documents: 0,
        };
        for (name, entities) in documents {
            let records = self.records(ledger, run, &entities)?;
            let document = Document {
                document: &name,
                records,
            };
            self.put(&format!("{}.json", plain(&name)), &pretty(&document)?)?;
            written.documents += 1;
        }
        let landings: Vec<Landing> = rows.into_iter().map(landing).collect();
        ledger
            .record(run, &[], &landings)
            .map_err(|error| failed(&error))?;
        Ok(Some(written))
    }

    /// One file a template, and the manifest of all of them.
    fn templates(&self, rows: &[&StagedRow]) -> Result<(), Failure> {
        if rows.is_empty() {
            return Ok(());
        }
        let mut manifest = Vec::new();
        for row in rows {
            let text = |name: &str| match row.draft.field(name) {
                Some(Scalar::Text(text)) if !text.trim().is_empty() => Some(text.clone()),
                _ => None,
            };
            let (subject, body) = (text("subject"), text("body"));
            let file = body.as_ref().map(|_| {
                let (entity, id) = (row.source.entity.word(), plain(&row.source.id));
                format!("{entity}-{id}.html")
            });
            if let Some((file, body)) = file.as_ref().zip(body.as_ref()) {
                self.put(file, body.as_bytes())?;
            }
            let mut liquid = Vec::new();
            for text in subject.iter().chain(&body) {
                tags(text, &mut liquid);
            }
            let digest = body.as_ref().map(|it| blake3::hash(it.as_bytes()));
            manifest.push(Template {
                source: row.source.to_string(),
                name: text("name"),
                language: text("language"),
                subject,
                file,
                bytes: body.as_ref().map_or(0, String::len),
                digest: digest.map(|it| it.to_hex().to_string()),
                liquid,
            });
        }
        self.put(MANIFEST, &pretty(&manifest)?)
    }

    /// Every document that the rules name, and the kinds of records in it.
    fn documents(&self) -> BTreeMap<String, BTreeSet<Entity>> {
        let mut documents: BTreeMap<String, BTreeSet<Entity>> = BTreeMap::new();
        for entity in &self.plan.entities {
            for map in &entity.maps {
                let target = self.plan.targets.get(usize::from(map.target.0));
                let whole = target.filter(|it| it.whole);
                let whole = whole.and_then(|it| it.name.split('"').nth(1));
                let beside = map.document.as_ref().map(|it| it.name.as_str());
                for name in whole.into_iter().chain(beside) {
                    let all = documents.entry(name.to_owned()).or_default();
                    all.insert(entity.entity);
                }
            }
        }
        documents
    }

    /// The records of these kinds that are written, as they were read.
    fn records(
        &self,
        ledger: &Ledger,
        run: RunId,
        entities: &BTreeSet<Entity>,
    ) -> Result<Vec<Entry>, Failure> {
        let mut records = Vec::new();
        for entity in entities {
            let mut own = self.lines(ledger, run, *entity)?;
            let carried = Entity::ALL.into_iter();
            let carried = carried.filter(|it| {
                self.plan.carried_by(*it) == Some(*entity) && *it != Entity::SegmentMember
            });
            for kind in carried {
                for (into, entry) in self.lines(ledger, run, kind)? {
                    let into = own
                        .iter_mut()
                        .find(|(_, own)| Some(&own.source) == into.as_ref());
                    if let Some((_, into)) = into {
                        into.carries.push(entry);
                    }
                }
            }
            records.extend(own.into_iter().map(|(_, entry)| entry));
        }
        Ok(records)
    }

    /// The lines of one kind that are written or carried, with what carries them.
    fn lines(
        &self,
        ledger: &Ledger,
        run: RunId,
        entity: Entity,
    ) -> Result<Vec<(Option<String>, Entry)>, Failure> {
        let failed = |error: &dyn std::fmt::Display| Failure::new(Exit::Findings, error);
        let mut wanted: BTreeMap<u64, Drafted> = ledger
            .drafted(run, entity)
            .map_err(|error| failed(&error))?
            .into_iter()
            .map(|one| (one.line, one))
            .collect();
        let mut found = Vec::new();
        let lines = self.capture.lines(entity).map_err(|error| failed(&error))?;
        let Some(mut lines) = lines.filter(|_| !wanted.is_empty()) else {
            return Ok(found);
        };
        let mut buffer = Vec::new();
        while let Some(chunk) = lines.next(buffer).map_err(|error| failed(&error))? {
            for (line, bytes) in chunk.lines() {
                let Some(one) = wanted.remove(&line) else {
                    continue;
                };
                let record = serde_json::from_slice(bytes).map_err(|error| failed(&error))?;
                let entry = Entry {
                    source: one.source.to_string(),
                    record,
                    carries: Vec::new(),
                };
                found.push((one.into.map(|it| it.to_string()), entry));
            }
            buffer = Vec::new();
        }
        Ok(found)
    }

    /// Writes one file, whole or not at all, for its owner alone.
    fn put(&self, name: &str, bytes: &[u8]) -> Result<(), Failure> {
        let path = self.folder.join(name);
        let failed = |error: &std::io::Error| unwritable(&path, error);
        let mut file = tempfile::Builder::new()
            .permissions(Permissions::from_mode(0o600))
            .tempfile_in(self.folder)
            .map_err(|error| failed(&error))?;
        file.write_all(bytes).map_err(|error| failed(&error))?;
        file.as_file().sync_all().map_err(|error| failed(&error))?;
        file.persist(&path).map_err(|error| failed(&error.error))?;
        let there = fs::read(&path).map_err(|error| failed(&error))?;
        if there != bytes {
            let place = path.display();
            return Err(Failure::new(
                Exit::Findings,
                format!("expected `{place}` as it was just written, found it otherwise"),
            ));
        }
        Ok(())
    }
}

impl Written {
    /// For people; `is_passing` where the folder ends with the process.
    pub(super) fn words(&self, is_passing: bool) -> String {
        let Self {
            folder,
            templates,
            documents,
        } = self;
        let place = if is_passing {
            "a folder that ends with this process (`--documents FOLDER` keeps them)".to_owned()
        } else {
            format!("`{}`", folder.display())
        };
        format!(
            "Written down, as no call makes them: {templates} templates, {documents} documents, in {place}."
        )
    }
}

/// Drafts of a target that have not landed.
fn waiting(ledger: &Ledger, run: RunId, target: &str) -> Result<Vec<StagedRow>, Failure> {
    let mut rows: Vec<StagedRow> = Vec::new();
    let mut cursor = Cursor::default();
    loop {
        let page = ledger
            .page(run, target, &cursor, PAGE)
            .map_err(|error| Failure::new(Exit::Findings, error))?;
        let Some(last) = page.last() else {
            return Ok(rows);
        };
        cursor = last.cursor.clone();
        rows.extend(page);
    }
}

fn landing(row: StagedRow) -> Landing {
    Landing {
        sequence: row.sequence,
        source: row.source,
        state: Landed::Written,
        proven: true,
        reason: None,
        detail: None,
        reports: Vec::new(),
        at: None,
        image: None,
    }
}

/// Adds the Liquid tags of a text, blanks drawn together; one that does not close is named up to its line's end.
fn tags(text: &str, found: &mut Vec<String>) {
    let mut rest = text;
    while let Some(start) = rest.find("{{").into_iter().chain(rest.find("{%")).min() {
        let tag = rest.get(start..).unwrap_or_default();
        let close = if tag.starts_with("{{") { "}}" } else { "%}" };
        let end = match tag.find(close) {
            Some(end) => end + close.len(),
            None => tag.find('\n').unwrap_or(tag.len()),
        };
        let (tag, behind) = tag.split_at_checked(end).unwrap_or((tag, ""));
        let tag = tag.split_whitespace().collect::<Vec<_>>().join(" ");
        if !found.contains(&tag) {
            found.push(tag);
        }
        rest = behind;
    }
}

/// A name that any file system takes; where it had to change, two of them stay apart.
fn plain(name: &str) -> String {
    let is_plain = |it: char| it.is_ascii_alphanumeric() || matches!(it, '-' | '_');
    if !name.is_empty() && name.chars().all(is_plain) {
        return name.to_owned();
    }
    let letters: String = name
        .chars()
        .map(|it| if is_plain(it) { it } else { '-' })
        .take(60)
        .collect();
    let digest = blake3::hash(name.as_bytes()).to_hex();
    format!("{letters}-{}", digest.get(..8).unwrap_or_default())
}

fn pretty(value: &impl Serialize) -> Result<Vec<u8>, Failure> {
    let mut bytes =
        serde_json::to_vec_pretty(value).map_err(|error| Failure::new(Exit::Findings, error))?;
    bytes.push(b'\n');
    Ok(bytes)
}

fn count(of: usize) -> u64 {
    u64::try_from(of).unwrap_or(u64::MAX)
}

fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    let place = path.display();
    Failure::new(Exit::Usage, format!("could not write `{place}`: {error}"))
        .help("`--documents FOLDER` puts them where you may write")
}

#[cfg(test)]
mod tests {
    use super::{plain, tags};

    #[test]
    fn every_tag_is_named_once() {
        let text = "Hi {{ customer.name }}{% if a %}x{%  endif %} {{customer.name}} {{ customer.name }} {{ open\nnext";
        let mut found = Vec::new();
        tags(text, &mut found);
        assert_eq!(
            found,
            [
                "{{ customer.name }}",
                "{% if a %}",
                "{% endif %}",
                "{{customer.name}}",
                "{{ open"
            ]
        );
    }

    #[test]
    fn no_name_leaves_the_folder() {
        assert_eq!(plain("campaigns"), "campaigns");
        let names = ["../etc", "", "a/b", "a b"].map(plain);
        assert!(
            names.iter().all(|it| !it.contains(['/', '.', ' '])),
            "{names:?}"
        );
        assert_ne!(plain("a/b"), plain("a b"));
    }
}
