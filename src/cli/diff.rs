//! `mapwright diff`: what two versions of the rules make of one capture differently, and which changes made it so.

use std::io::Write;
use std::path::Path;

use super::arguments::{Diff, Format};
use super::{Exit, Failure, destination, rulebook, walk, written};
use crate::capture::Capture;
use crate::engine::{self, Comparison};
use crate::lang::{self, Changes, Diagnostic};
use crate::model::Schema;
use crate::plan::Plan;
use crate::report::{self, Values};
use crate::text::Source;

/// Prints the differences; nothing is written anywhere.
pub(super) fn diff(command: &Diff, out: &mut dyn Write) -> Result<Exit, Failure> {
    let capture = walk::open(&command.from)?;
    let old = Version::of(&command.old, &command.from)?;
    let new = Version::of(&command.new, &command.from)?;
    let (Ok(old), Ok(new)) = (&old, &new) else {
        let found = [old.err(), new.err()].into_iter().flatten().flatten();
        return refuse(&found.collect::<Vec<_>>(), command.format, out);
    };
    let values = if command.full {
        Values::Shown
    } else {
        Values::Masked
    };
    let changes = lang::changes(&old.sources, &new.sources);
    let names = (old.source.name(), new.source.name());
    let mut found = report::Diff::new(names, &changes.edits, values);
    compare((old, new), &changes, &capture, command.threads, &mut found)?;
    match command.format {
        Format::Text => written(write!(out, "{}", found.to_text()))?,
        Format::Json => {
            let page = found.to_json();
            written(serde_json::to_writer_pretty(&mut *out, &page).map_err(Into::into))?;
            written(writeln!(out))?;
        }
    }
    Ok(if found.is_empty() {
        Exit::Clean
    } else {
        Exit::Findings
    })
}

/// One version of the rules, compiled.
pub(super) struct Version<'v> {
    path: &'v Path,
    pub(super) source: Source,
    schema: Option<Schema>,
    pub(super) plan: Plan,
    /// All texts that were read, the rule file first.
    pub(super) sources: Vec<Source>,
}

impl<'v> Version<'v> {
    /// Reads and compiles; the inner error is what the compiler found.
    pub(super) fn of(
        path: &'v Path,
        from: &Path,
    ) -> Result<Result<Self, Vec<Diagnostic>>, Failure> {
        let source = rulebook::read(path)?;
        let schema = destination::schema_for(&source, from)?;
        Ok(Self::compiled(path, source, schema))
    }

    /// The same for an account whose fields are known.
    pub(super) fn compiled(
        path: &'v Path,
        source: Source,
        schema: Option<Schema>,
    ) -> Result<Self, Vec<Diagnostic>> {
        let compiled = rulebook::compile(&source, path, schema.as_ref());
        match compiled.plan {
            None => Err(compiled.diagnostics),
            Some(plan) => Ok(Self {
                path,
                source,
                schema,
                plan,
                sources: compiled.sources,
            }),
        }
    }

    /// The plan with one edit taken back.
    fn without(&self, changes: &Changes, edit: usize) -> Option<Plan> {
        let files = changes.taken_back(edit)?;
        rulebook::compile_changed(self.path, self.schema.as_ref(), &files)
    }
}

/// Walks the capture with both and counts what is different.
pub(super) fn compare(
    (old, new): (&Version<'_>, &Version<'_>),
    changes: &Changes,
    capture: &Capture,
    threads: Option<usize>,
    found: &mut report::Diff<'_>,
) -> Result<(), Failure> {
    let comparison = Comparison {
        old: &old.plan,
        new: &new.plan,
        edits: &changes.edits,
        take_back: &|edit| new.without(changes, edit),
    };
    let layout = crate::customerio::layout();
    let options = walk::options(capture, threads);
    let compared = engine::compare(&comparison, capture, &layout, &options, &mut |it| {
        found.count(&it);
        Ok(())
    });
    let compared = compared.map_err(|error| walk::failure(&error))?;
    found.read(compared.read);
    Ok(())
}

/// A file that does not compile is shown with its findings, as `check` does.
fn refuse(findings: &[Diagnostic], format: Format, out: &mut dyn Write) -> Result<Exit, Failure> {
    match format {
        Format::Text => {
            rulebook::render(findings);
            let errors = rulebook::errors(findings);
            written(writeln!(out, "{errors} findings; no record was read."))?;
        }
        Format::Json => {
            let failed = |error: serde_json::Error| Failure::new(Exit::Findings, error);
            let messages = lang::to_json(findings).map_err(failed)?;
            let messages: serde_json::Value = serde_json::from_str(&messages).map_err(failed)?;
            let page = serde_json::json!({ "diagnostics": messages });
            written(serde_json::to_writer_pretty(&mut *out, &page).map_err(Into::into))?;
            written(writeln!(out))?;
        }
    }
    Ok(Exit::Findings)
}
