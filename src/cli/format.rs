//! `mapwright fmt`: aligned tables and `=`, in place or checked.

use std::fs;
use std::io::Write;
use std::path::Path;

use super::arguments::Fmt;
use super::rulebook::render;
use super::{Exit, Failure, written};
use crate::lang;
use crate::text::Source;

/// Formats each file; a file with faults stays as it is and its findings are shown.
pub(super) fn format(command: &Fmt, out: &mut dyn Write) -> Result<Exit, Failure> {
    let mut exit = Exit::Clean;
    for path in &command.files {
        let bytes = fs::read(path).map_err(|error| {
            Failure::new(
                Exit::Usage,
                format!("could not read {}: {error}", path.display()),
            )
        })?;
        let text = String::from_utf8(bytes).map_err(|_| {
            Failure::new(
                Exit::Usage,
                format!("{}: expected UTF-8 text, found other bytes", path.display()),
            )
        })?;
        let source = Source::new(&path.display().to_string(), &text);
        match lang::format(&source) {
            Err(diagnostics) => {
                render(&diagnostics);
                exit = Exit::Findings;
            }
            Ok(formatted) if formatted == source.text() => {}
            Ok(_) if command.check => {
                written(writeln!(out, "{} is not formatted", path.display()))?;
                exit = Exit::Findings;
            }
            Ok(formatted) => {
                replace(path, &formatted)?;
                written(writeln!(out, "{} formatted", path.display()))?;
            }
        }
    }
    Ok(exit)
}

/// Writes beside the file and renames, so that a full disk leaves the old text.
fn replace(path: &Path, text: &str) -> Result<(), Failure> {
    let failure = |error: std::io::Error| {
        Failure::new(
            Exit::Findings,
            format!("could not write {}: {error}", path.display()),
        )
    };
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let mut fresh =
        tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new("."))).map_err(failure)?;
    fresh.write_all(text.as_bytes()).map_err(failure)?;
    let permissions = fs::metadata(path).map_err(failure)?.permissions();
    fs::set_permissions(fresh.path(), permissions).map_err(failure)?;
    fresh.persist(path).map_err(|error| failure(error.error))?;
    Ok(())
}
