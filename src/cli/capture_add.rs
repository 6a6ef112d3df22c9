//! `mapwright capture add workflow`: a campaign or segment saved from the UI, beside what the App API gave of it.

use std::io::Write;
use std::path::Path;

use serde_json::value::{RawValue, to_raw_value};

use super::arguments::AddWorkflow;
use super::{Exit, Failure, walk, written};
use crate::capture::{Capture, CaptureError, Origin, amend, seal};
use crate::customerio::endpoints::{Raw, integer};
use crate::customerio::workflow::Definition;
use crate::model::Entity;

/// A saved definition is far below it.
const FILE_MAX_BYTES: u64 = 64 * 1024 * 1024;

/// Checks the file, puts it into its record and seals the capture again.
pub(super) fn workflow(command: &AddWorkflow, out: &mut dyn Write) -> Result<Exit, Failure> {
    let definition = definition(&command.file)?;
    let capture = walk::open(&command.into)?;
    let place = command.into.display();
    let found = capture.verify().map_err(|error| failure(&error))?;
    if walk::show(&found) > 0 {
        return Err(Failure::new(
            Exit::Findings,
            format!("`{place}` is not as it was sealed; nothing was changed"),
        )
        .help("look at `capture show`; where the changes are yours, `capture seal --again`"));
    }
    let (entity, word, id, key, tree) = match &definition {
        Definition::Campaign { id, workflow } => {
            (Entity::Campaign, "campaign", *id, "workflow", workflow)
        }
        Definition::Segment { id, conditions } => {
            (Entity::Segment, "segment", *id, "conditions", conditions)
        }
    };
    let tree = to_raw_value(tree).map_err(|error| Failure::new(Exit::Usage, error))?;
    let changed = amend(&capture, entity, |line| with(line, id, key, &tree));
    if changed.map_err(|error| failure(&error))? == 0 {
        return Err(Failure::new(
            Exit::Usage,
            format!("expected {word} {id} in `{}`, found none", entity.file()),
        )
        .help("the file is of another workspace, or the capture was taken before it was made"));
    }
    written(writeln!(
        out,
        "{word} {id}: `{key}` is in {}",
        entity.file()
    ))?;
    let unknown = definition.unknown_steps();
    if !unknown.is_empty() {
        written(writeln!(
            out,
            "note: kinds of step that are not known here, kept as they are: {}",
            unknown.join(", ")
        ))?;
    }
    reseal(&capture, &command.into, out)?;
    Ok(Exit::Clean)
}

fn definition(path: &Path) -> Result<Definition, Failure> {
    let place = path.display();
    let failed = |error: std::io::Error| {
        Failure::new(Exit::Usage, format!("could not read `{place}`: {error}"))
    };
    let size = std::fs::metadata(path).map_err(failed)?.len();
    if size > FILE_MAX_BYTES {
        return Err(Failure::new(
            Exit::Usage,
            format!("expected a saved campaign or segment in `{place}`, found {size} bytes"),
        ));
    }
    let text = std::fs::read(path).map_err(failed)?;
    Definition::read(&text).map_err(|problems| {
        let lines: Vec<String> = problems.iter().map(|it| format!("  {it}")).collect();
        Failure::new(
            Exit::Usage,
            format!(
                "`{place}` cannot be taken; nothing was changed:\n{}",
                lines.join("\n")
            ),
        )
        .help("save the answer of `campaigns/ID` or `segments/ID` of the UI's API as it is")
    })
}

/// The record with the tree under `key`; every other value stays as it was written.
fn with(line: &[u8], id: i64, key: &str, tree: &RawValue) -> Option<String> {
    let mut record: Raw = serde_json::from_slice(line).ok()?;
    if integer(&record, "id") != Some(id) {
        return None;
    }
    record.insert(key.to_owned(), tree.to_owned());
    serde_json::to_string(&record).ok()
}

/// A capture that was sealed is sealed again with the same words.
fn reseal(capture: &Capture, folder: &Path, out: &mut dyn Write) -> Result<(), Failure> {
    let place = folder.display();
    let Some(old) = capture.manifest() else {
        return written(writeln!(
            out,
            "`{place}` is not sealed: `mapwright capture seal {place}`"
        ));
    };
    let origin = Origin {
        workspace: old.workspace.clone(),
        region: old.region.clone(),
        from: old.from,
        until: old.until,
    };
    seal(folder, &origin).map_err(|error| failure(&error))?;
    written(writeln!(
        out,
        "Sealed again: {place}/capture.json; approvals of the old seal are stale"
    ))
}

fn failure(error: &CaptureError) -> Failure {
    Failure::new(Exit::Findings, error).help(error.help())
}
