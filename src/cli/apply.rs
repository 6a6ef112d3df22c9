//! `mapwright apply`: records in, drafts out, on standard streams, no state.

use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;

use super::arguments::Apply;
use super::walk::cores;
use super::{Exit, Failure, destination, rulebook, written};
use crate::engine::{self, WalkError};
use crate::model::Entity;

/// Streams one kind of record, or joins children to people and groups them.
pub(super) fn apply(command: &Apply, out: &mut dyn Write) -> Result<Exit, Failure> {
    let source = rulebook::read(&command.rules)?;
    let schema = destination::schema_for(&source, Path::new(""))?;
    let compiled = rulebook::compile(&source, &command.rules, schema.as_ref());
    rulebook::render(&compiled.diagnostics);
    let Some(plan) = compiled.plan else {
        return Err(Failure::new(
            Exit::Findings,
            "findings in the rules; nothing was read",
        ));
    };
    let threads = command.threads.unwrap_or_else(cores);
    let summary = if command.join {
        let (Some(people), Some(events)) = (&command.people, &command.events) else {
            return Err(Failure::new(
                Exit::Usage,
                "`--join` needs `--people` and `--events`",
            ));
        };
        engine::stream_joined(
            &plan,
            open(people)?,
            open(events)?,
            command.batch,
            &mut *out,
        )
    } else {
        let (entity, object_type) = kind(command.entity.as_deref().unwrap_or_default())?;
        let input: Box<dyn Read + Send> = match &command.input {
            Some(path) => Box::new(open(path)?),
            None => Box::new(std::io::stdin()),
        };
        engine::stream(
            &plan,
            entity,
            object_type.as_deref(),
            input,
            &mut *out,
            threads,
        )
    };
    let summary = match summary {
        Err(WalkError::Sink(_)) => return Ok(Exit::Clean),
        Err(error) => return Err(Failure::new(Exit::Findings, error)),
        Ok(summary) => summary,
    };
    written(out.flush())?;
    let mut stderr = std::io::stderr().lock();
    let _ = writeln!(stderr, "{summary}");
    Ok(if summary.rejected > 0 {
        Exit::Findings
    } else {
        Exit::Clean
    })
}

fn kind(words: &str) -> Result<(Entity, Option<String>), Failure> {
    let (word, object_type) = words
        .split_once(':')
        .map_or((words, None), |(word, of)| (word, Some(of.to_owned())));
    let entity = word
        .parse()
        .map_err(|error| Failure::new(Exit::Usage, error))?;
    Ok((entity, object_type))
}

fn open(path: &Path) -> Result<File, Failure> {
    File::open(path).map_err(|error| {
        Failure::new(
            Exit::Usage,
            format!("could not read {}: {error}", path.display()),
        )
    })
}
