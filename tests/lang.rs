//! Tests: the front half of the language: files that are refused with the picture a user sees, files that are read,
//! and properties of both. `UPDATE_EXPECT=1` writes the pictures anew; read every one before keeping it.

pub(crate) mod format;
mod pictures;
mod properties;

use std::path::{Path, PathBuf};

use mapwright::lang::{Diagnostic, decode, parse_fields, parse_rules, parse_schema, read_list};

/// The endings of files that are read; what else lies beside them is an expectation.
const READ: &[&str] = &["rules", "fields", "schema", "txt", "csv"];

/// The files of a folder that are read, in order of their names.
fn files(folder: &str) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("the folder is there")
        .map(|entry| entry.expect("the folder can be read").path())
        .filter(|path| {
            path.extension()
                .is_some_and(|it| READ.iter().any(|known| it == *known))
        })
        .collect();
    found.sort();
    found
}

/// Everything that the front half says about the bytes of a file of this name.
fn look(name: &str, bytes: &[u8]) -> Vec<Diagnostic> {
    let source = match decode(name, bytes) {
        Ok(source) => source,
        Err(diagnostic) => return vec![*diagnostic],
    };
    match Path::new(name).extension().and_then(|it| it.to_str()) {
        Some("fields") => parse_fields(&source).1,
        Some("schema") => parse_schema(&source).1,
        Some("txt") => read_list(&source, None).1,
        Some("csv") => read_list(&source, Some("domain")).1,
        Some(_) | None => parse_rules(&source).1,
    }
}

fn name(path: &Path) -> String {
    path.file_name()
        .expect("a file has a name")
        .to_string_lossy()
        .into_owned()
}
