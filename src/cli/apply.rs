//! `mapwright apply`: records in, drafts out, on standard streams, no state.

use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::Path;

use super::arguments::Apply;
use super::walk::cores;
use super::{Exit, Failure, destination, rulebook, walk, written};
use crate::engine::{self, Options, StreamSummary, WalkError};
use crate::model::Entity;
use crate::plan::{EntityPlan, Plan};

/// Streams one kind of record, or joins children to people and groups them.
pub(super) fn apply(command: &Apply, out: &mut dyn Write) -> Result<Exit, Failure> {
    let source = rulebook::read(&command.rules)?;
    let mut schema = destination::schema_for(&source, Path::new(""))?;
    if let Some(schema) = &mut schema {
        // The stream has no account to ask who its users are.
        schema.users_unknown = true;
    }
    let compiled = rulebook::compile(&source, &command.rules, schema.as_ref());
    rulebook::render(&compiled.diagnostics);
    let Some(plan) = compiled.plan else {
        return Err(Failure::new(
            Exit::Findings,
            "findings in the rules; nothing was read",
        ));
    };
    let options = Options {
        threads: command.threads.unwrap_or_else(cores),
        ..Options::new(std::env::temp_dir())
    };
    let summary = if command.join {
        let (Some(people), Some(events)) = (&command.people, &command.events) else {
            return Err(Failure::new(
                Exit::Usage,
                "`--join` needs `--people` and `--events`",
            ));
        };
        let people = (entity(&plan, "person")?, open(people)?);
        let events = (entity(&plan, "event")?, open(events)?);
        engine::stream_joined(&plan, people, events, command.batch, &mut *out, &options)
    } else {
        let entity = entity(&plan, command.entity.as_deref().unwrap_or_default())?;
        match &command.input {
            Some(path) => engine::stream(&plan, entity, open(path)?, &mut *out, &options),
            None => engine::stream(&plan, entity, std::io::stdin(), &mut *out, &options),
        }
    };
    let summary = match summary {
        // A reader that went away (`| head`) ends the stream normally.
        Err(WalkError::Disk { source, .. }) if source.kind() == ErrorKind::BrokenPipe => {
            return Ok(Exit::Clean);
        }
        Err(error) => return Err(walk::failure(&error)),
        Ok(summary) => summary,
    };
    written(out.flush())?;
    let StreamSummary {
        read,
        drafts,
        excluded,
        held,
        rejected,
        stopped,
    } = summary;
    let mut stderr = std::io::stderr().lock();
    let _ = writeln!(
        stderr,
        "{read} read: {drafts} drafts, {excluded} excluded, {held} held, {rejected} rejected, {stopped} stopped"
    );
    Ok(if rejected + stopped > 0 {
        Exit::Findings
    } else {
        Exit::Clean
    })
}

/// `person`, `event`, `object:company`.
fn entity<'p>(plan: &'p Plan, words: &str) -> Result<&'p EntityPlan, Failure> {
    let (word, object_type) = words
        .split_once(':')
        .map_or((words, None), |(word, of)| (word, Some(of)));
    let entity: Entity = word
        .parse()
        .map_err(|error| Failure::new(Exit::Usage, error))?;
    plan.entity(entity, object_type).ok_or_else(|| {
        Failure::new(Exit::Usage, format!("the rules have no map for `{words}`"))
            .help("objects are written with their type, e.g. `object:company`")
    })
}

fn open(path: &Path) -> Result<File, Failure> {
    File::open(path).map_err(|error| {
        Failure::new(
            Exit::Usage,
            format!("could not read {}: {error}", path.display()),
        )
    })
}
