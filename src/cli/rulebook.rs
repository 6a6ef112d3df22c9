//! A rule file and its neighbours from the disk, compiled; findings shown with their source.

use std::fs;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use super::{Exit, Failure};
use crate::lang::{self, Compiled, Diagnostic, Environment, Files, Severity};
use crate::model::Schema;
use crate::text::Source;

/// The folder of a rule file; a rule file names its lists and fields relative to it.
struct Folder(PathBuf);

impl Files for Folder {
    fn read(&self, name: &str) -> Result<Vec<u8>, String> {
        let path = Path::new(name);
        let is_inside = path
            .components()
            .all(|part| matches!(part, std::path::Component::Normal(_) | std::path::Component::CurDir));
        if !is_inside {
            return Err("a rule file may only name files of its own folder".to_owned());
        }
        fs::read(self.0.join(path)).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => "there is no such file beside the rule file".to_owned(),
            _ => error.to_string(),
        })
    }
}

/// The text of a rule file.
pub(super) fn read(path: &Path) -> Result<Source, Failure> {
    let bytes = fs::read(path).map_err(|error| {
        Failure::new(Exit::Usage, format!("could not read the rule file {}: {error}", path.display()))
    })?;
    // Other bytes than UTF-8 become the replacement character, which the compiler points at.
    let text = String::from_utf8_lossy(&bytes);
    Ok(Source::new(&path.display().to_string(), &text))
}

/// Compiles `source` against a destination; `schema` is `None` where the rules name a schema file.
pub(super) fn compile(source: &Source, path: &Path, schema: Option<&Schema>) -> Compiled {
    let folder = path.parent().unwrap_or(Path::new("")).to_path_buf();
    let layout = crate::customerio::layout();
    lang::compile(source, &Folder(folder), &Environment { layout: &layout, schema })
}

/// Shows findings on standard error.
pub(super) fn render(diagnostics: &[Diagnostic]) {
    let mut stderr = std::io::stderr().lock();
    let is_terminal = stderr.is_terminal();
    for diagnostic in diagnostics {
        let _ = writeln!(stderr, "{}", diagnostic.render(100, is_terminal));
    }
}

/// How many findings stop the work.
pub(super) fn errors(diagnostics: &[Diagnostic]) -> usize {
    diagnostics.iter().filter(|it| it.severity == Severity::Error).count()
}
