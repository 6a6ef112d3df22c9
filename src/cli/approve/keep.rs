//! Keeps the approved rule file and its neighbours, so that a later check can show both sides.
//!
//! They lie in `.mapwright/approved/NAME/` beside the rules, under their own names: that folder is a
//! rule folder like any other. The approval itself needs none of it; its digests tell whether a copy
//! is the approved one.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::approval::{Approval, FileInput, digest_of};
use crate::text::Source;

use super::super::{Exit, Failure, check, rulebook};

/// Where the copy of a rule file lies.
fn place(rules: &Path) -> PathBuf {
    let folder = rules.parent().unwrap_or(Path::new(""));
    let name = rules.file_stem().unwrap_or_default();
    folder.join(".mapwright").join("approved").join(name)
}

/// The rule file that was approved, where it was kept and neither it nor a neighbour was touched since.
pub(in super::super) fn kept(rules: &Path) -> Option<PathBuf> {
    let (approval, _) = Approval::read(&super::path_of(rules)).ok()?;
    let folder = place(rules);
    let is_same = |file: &FileInput| {
        let inside = rulebook::neighbour(&file.name).ok()?;
        let bytes = fs::read(folder.join(inside)).ok()?;
        Some(digest_of(&bytes) == file.digest)
    };
    let mut files = approval.inputs.files.iter();
    let is_whole = files.all(|file| is_same(file) == Some(true));
    let first = approval.inputs.files.first().filter(|_| is_whole)?;
    Some(folder.join(&first.name))
}

/// Replaces the copies of an earlier approval.
pub(super) fn keep(approval: &Approval, source: &Source, rules: &Path) -> Result<(), Failure> {
    let folder = rules.parent().unwrap_or(Path::new(""));
    let kept = place(rules);
    let failed = |path: &Path, error: std::io::Error| {
        let place = path.display();
        Failure::new(
            Exit::Findings,
            format!("could not keep the approved rules in `{place}`: {error}"),
        )
    };
    match fs::remove_dir_all(&kept) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(failed(&kept, error));
        }
        Ok(()) | Err(_) => {}
    }
    for (index, file) in approval.inputs.files.iter().enumerate() {
        let Ok(inside) = rulebook::neighbour(&file.name) else {
            continue;
        };
        let bytes = if index == 0 {
            source.text().as_bytes().to_vec()
        } else {
            let from = folder.join(inside);
            fs::read(&from).map_err(|error| failed(&from, error))?
        };
        let path = kept.join(inside);
        if let Some(above) = path.parent() {
            fs::create_dir_all(above).map_err(|error| failed(above, error))?;
        }
        // Lists may name customers.
        let mut copy = check::private_file(&path)?;
        copy.write_all(&bytes)
            .and_then(|()| copy.flush())
            .map_err(|error| failed(&path, error))?;
    }
    Ok(())
}
