//! `mapwright capture import`: exports, warehouse files and kept calls, put together into one sealed capture.

use std::io::Write;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use secrecy::SecretString;

use super::arguments;
use super::{Exit, Failure, key, rulebook, written};
use crate::capture::{Manifest, Origin};
use crate::customerio::import::{Declared, Import, Imported, Source, SourceKind, import};
use crate::lang::{self, Severity};

/// Where the secret of the webhooks is looked for.
const SECRET: &str = "MAPWRIGHT_WEBHOOK_SECRET";

/// Reads everything named and writes the capture, or nothing.
pub(super) fn import_capture(
    command: &arguments::Import,
    out: &mut dyn Write,
) -> Result<Exit, Failure> {
    let sources: Result<Vec<Source>, Failure> =
        command.sources.iter().map(|it| source(it)).collect();
    let sources = sources?;
    let origin = Origin {
        workspace: command.workspace.clone().unwrap_or_default(),
        region: command.region.clone().unwrap_or_default(),
        from: command.since.unwrap_or(Timestamp::UNIX_EPOCH),
        until: match command.until {
            Some(until) => until,
            None => newest(&sources)?,
        },
    };
    if origin.from > origin.until {
        let (from, until) = (origin.from, origin.until);
        return Err(Failure::new(
            Exit::Usage,
            format!("expected `--since` before `--until`, found {from} after {until}"),
        ));
    }
    let plan = Import {
        sources: &sources,
        declared: declared(command.fields.as_deref())?,
        webhook_secret: secret(command.webhook_secret_file.as_deref())?,
        origin,
        into: &command.into,
    };
    let (imported, manifest) =
        import(&plan).map_err(|error| Failure::new(Exit::Usage, &error).help(error.help()))?;
    tell(&imported, &manifest, out)?;
    written(writeln!(out, "Sealed: {}", command.into.display()))?;
    if imported.refusals.total() == 0 {
        return Ok(Exit::Clean);
    }
    Ok(Exit::Findings)
}

/// `KIND=PATH`.
fn source(words: &str) -> Result<Source, Failure> {
    let kinds = || {
        let words: Vec<&str> = SourceKind::ALL.iter().map(|(_, word)| *word).collect();
        format!("the kinds are {}", words.join(", "))
    };
    let Some((kind, path)) = words.split_once('=') else {
        return Err(Failure::new(
            Exit::Usage,
            format!("expected KIND=PATH, such as `people-csv=people.csv`, found `{words}`"),
        )
        .help(kinds()));
    };
    let found = SourceKind::ALL.iter().find(|(_, word)| *word == kind);
    let Some((kind, _)) = found else {
        let nearest = lang::nearest(kind, SourceKind::ALL.map(|(_, word)| word));
        let help = nearest.map_or_else(kinds, |it| format!("did you mean `{it}`?"));
        return Err(
            Failure::new(Exit::Usage, format!("there is no kind of source `{kind}`")).help(help),
        );
    };
    Ok(Source {
        kind: *kind,
        path: PathBuf::from(path),
    })
}

/// The types that texts are read as.
fn declared(file: Option<&Path>) -> Result<Declared, Failure> {
    let Some(file) = file else {
        return Ok(Declared::default());
    };
    let source = rulebook::read(file)?;
    let (fields, diagnostics) = lang::parse_fields(&source);
    rulebook::render(&diagnostics);
    if diagnostics.iter().any(|it| it.severity == Severity::Error) {
        return Err(Failure::new(
            Exit::Usage,
            format!("`{}` has findings; nothing was read", file.display()),
        ));
    }
    Ok(Declared::of(lang::declared_types(&fields)))
}

fn secret(file: Option<&Path>) -> Result<Option<SecretString>, Failure> {
    if let Some(file) = file {
        return key::from_file(file).map(Some);
    }
    let found = std::env::var(SECRET)
        .ok()
        .filter(|it| !it.trim().is_empty());
    Ok(found.map(|it| SecretString::from(it.trim().to_owned())))
}

/// A record cannot be younger than the last change of the file that tells it.
fn newest(sources: &[Source]) -> Result<Timestamp, Failure> {
    let mut newest = Timestamp::UNIX_EPOCH;
    let mut paths: Vec<PathBuf> = sources.iter().map(|it| it.path.clone()).collect();
    while let Some(path) = paths.pop() {
        let failed = |error: &dyn std::fmt::Display| {
            Failure::new(
                Exit::Usage,
                format!("could not look at `{}`: {error}", path.display()),
            )
        };
        let found = std::fs::metadata(&path).map_err(|error| failed(&error))?;
        if found.is_dir() {
            let listed = std::fs::read_dir(&path).map_err(|error| failed(&error))?;
            paths.extend(
                listed
                    .flatten()
                    .map(|it| it.path())
                    .filter(|it| it.is_file()),
            );
            continue;
        }
        let changed = found.modified().map_err(|error| failed(&error))?;
        let changed = Timestamp::try_from(changed).map_err(|error| failed(&error))?;
        newest = newest.max(changed);
    }
    Ok(newest)
}

fn tell(imported: &Imported, manifest: &Manifest, out: &mut dyn Write) -> Result<(), Failure> {
    written(writeln!(out, "read"))?;
    for file in &imported.files {
        written(writeln!(
            out,
            "  {:>12}  {}",
            file.read,
            file.path.display()
        ))?;
    }
    for path in &imported.not_read {
        written(writeln!(
            out,
            "  {:>12}  {}: a table that a capture has no place for",
            "not read",
            path.display()
        ))?;
    }
    for path in &imported.unconfirmed {
        written(writeln!(
            out,
            "  {:>12}  {}: no reference tells the columns of this table; they were taken by their names",
            "look at it",
            path.display()
        ))?;
    }
    written(writeln!(out, "\nwritten"))?;
    for (name, file) in &manifest.files {
        written(writeln!(out, "  {:>12}  {name}", file.records))?;
    }
    let naming = &imported.naming;
    let counts = [
        (imported.deleted, "people who were deleted"),
        (imported.suppressed, "people who are suppressed"),
        (
            imported.re_added,
            "people who were made again after they were deleted or suppressed",
        ),
        (
            naming.resolved,
            "lines without `cio_id`, told whose they are by other lines",
        ),
        (
            naming.made_up,
            "lines of people without `cio_id` in any source; it was made of their name",
        ),
        (
            naming.ambiguous,
            "lines whose name several people have; the one seen last was taken",
        ),
    ];
    written(writeln!(out, "\nfound"))?;
    for (count, words) in counts {
        written(writeln!(out, "  {count:>12}  {words}"))?;
    }
    if !imported.conflicts.is_empty() {
        written(writeln!(
            out,
            "\nsources that say different things; the first one was taken, and yes for unsubscribed, suppressed, deleted"
        ))?;
        for (field, count) in &imported.conflicts {
            written(writeln!(out, "  {count:>12}  {field}"))?;
        }
    }
    let refusals = &imported.refusals;
    if refusals.total() > 0 {
        written(writeln!(out, "\nlines that were left out"))?;
        for (why, count) in &refusals.counts {
            written(writeln!(
                out,
                "  {count:>12}  {}: {}",
                why.code(),
                why.words()
            ))?;
        }
        written(writeln!(out, "\nthe first of them"))?;
        for refused in &refusals.first {
            let (code, words) = (refused.why.code(), refused.why.words());
            let (file, line) = (refused.file.display(), refused.line);
            written(writeln!(out, "  {code}  {file}:{line}: {words}"))?;
        }
    }
    written(writeln!(out))
}
