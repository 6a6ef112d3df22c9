//! `mapwright why` and `why-not`: one record's way, through the walk that `run` makes.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::Path;
use std::sync::Mutex;

use super::arguments::{Why, WhyNot};
use super::{Exit, Failure, destination, rulebook, walk, written};
use crate::capture::Capture;
use crate::engine::{Watch, Watched};
use crate::lang::{self, ast};
use crate::model::{Entity, Fate, Outcome, SourceId};
use crate::page::harmless;
use crate::plan::{Plan, Shown, Trace};
use crate::report::{self, Values, Way, mask};
use crate::text::Source;

/// Prints the way of one record.
pub(super) fn why(command: &Why, out: &mut dyn Write) -> Result<Exit, Failure> {
    let asked = Asked::of(&command.rules, &command.from, &command.id)?;
    let Some(found) = asked.follow(&command.id)? else {
        return Ok(Exit::Stopped);
    };
    let values = values(command.masked);
    for one in &found.records {
        let line = source_line(&asked.capture, &one.outcome)?;
        let file = asked.capture.file(one.outcome.entity());
        let file = file.map_or("", |it| it.name.as_str());
        let fact_lines = one.trace.as_ref().map_or_else(Vec::new, |trace| {
            fact_lines(&asked.rules, one.outcome.entity(), trace)
        });
        let way = Way {
            rules: &asked.rules,
            outcome: &one.outcome,
            trace: one.trace.as_ref(),
            fact_lines: &fact_lines,
            found: (file, &line),
            merged: &found.merged,
            children: &found.children,
            values,
        };
        written(writeln!(out, "{}", harmless(&way.to_text())))?;
    }
    Ok(Exit::Clean)
}

/// Says why a record does not become what somebody expected.
pub(super) fn why_not(command: &WhyNot, out: &mut dyn Write) -> Result<Exit, Failure> {
    let asked = Asked::of(&command.rules, &command.from, &command.id)?;
    let target = &command.target;
    let entities = asked.plan.entities.iter();
    let entities = entities.filter(|it| it.entity == asked.source.entity);
    let known: BTreeSet<&str> = entities.flat_map(|it| it.targets(&asked.plan)).collect();
    if !known.contains(target.as_str()) {
        let known: Vec<&str> = known.into_iter().collect();
        let entity = asked.source.entity;
        return Err(Failure::new(
            Exit::Usage,
            format!("expected a target of the maps of {entity}, found `{target}`"),
        )
        .help(format!("the rules map {entity} to {}", known.join(", "))));
    }
    let Some(found) = asked.follow(&command.id)? else {
        return Ok(Exit::Stopped);
    };
    let values = values(command.masked);
    for one in &found.records {
        let way = Way {
            rules: &asked.rules,
            outcome: &one.outcome,
            trace: None,
            fact_lines: &[],
            found: ("", ""),
            merged: &[],
            children: &found.children,
            values,
        };
        let answer = report::WhyNot {
            rules: &asked.rules,
            target,
            outcome: &one.outcome,
            trace: one.trace.as_ref(),
            show: &|shown| show(shown, values),
        };
        let told = answer.to_text(&way.ending());
        written(write!(out, "{}", harmless(&told)))?;
    }
    Ok(Exit::Clean)
}

fn values(masked: bool) -> Values {
    if masked {
        Values::Masked
    } else {
        Values::Shown
    }
}

fn show(shown: &Shown, values: Values) -> String {
    match (shown, values) {
        (Shown::Blank, _) => "blank".to_owned(),
        (Shown::Private(value), Values::Masked) => mask(value),
        (Shown::Word(words) | Shown::Private(words) | Shown::Fault(words), _) => words.clone(),
    }
}

/// A record that somebody asked about, with the rules and the capture.
pub(super) struct Asked {
    pub(super) rules: Source,
    pub(super) plan: Plan,
    pub(super) capture: Capture,
    pub(super) source: SourceId,
}

/// What the walk gave.
pub(super) struct Followed {
    /// One a line with this id.
    pub(super) records: Vec<FollowedRecord>,
    merged: Vec<SourceId>,
    /// By row and fate.
    children: BTreeMap<(String, String), u64>,
}

pub(super) struct FollowedRecord {
    pub(super) outcome: Outcome,
    pub(super) trace: Option<Trace>,
}

/// What the workers see, by line.
#[derive(Default)]
struct Seen {
    traces: BTreeMap<u64, Trace>,
    children: BTreeSet<(Entity, u64)>,
}

impl Asked {
    pub(super) fn of(rules: &Path, from: &Path, id: &str) -> Result<Self, Failure> {
        let source = rulebook::read(rules)?;
        let capture = walk::open(from)?;
        let schema = destination::schema_for(&source, from)?;
        let compiled = rulebook::compile(&source, rules, schema.as_ref());
        let Some(plan) = compiled.plan else {
            rulebook::render(&compiled.diagnostics);
            return Err(Failure::new(
                Exit::Findings,
                "findings in the rules; nothing was read",
            ));
        };
        let wanted = source_id(id, &capture)?;
        Ok(Self {
            rules: source,
            plan,
            capture,
            source: wanted,
        })
    }

    /// Walks the capture as `run` does, with an eye on the record and its children; `None` when it was stopped.
    pub(super) fn follow(&self, id: &str) -> Result<Option<Followed>, Failure> {
        let seen: Mutex<Seen> = Mutex::default();
        let watch = |watched: &Watched<'_>| {
            let is_it = *watched.source == self.source;
            let is_child = watched.parent.as_ref() == Some(&self.source);
            if !is_it && !is_child {
                return;
            }
            let mut seen = seen
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner);
            if is_it {
                let trace = watched.evaluation.trace();
                seen.traces.insert(watched.line, trace);
            } else {
                seen.children.insert((watched.source.entity, watched.line));
            }
        };
        let mut outcomes = Vec::new();
        let mut merged = Vec::new();
        let mut children: BTreeMap<(String, String), u64> = BTreeMap::new();
        let summary = walk::watched(
            &self.plan,
            &self.capture,
            Watch::with_parents(&watch),
            &mut |outcome| {
                let is_child =
                    |seen: &Seen| seen.children.contains(&(outcome.entity(), outcome.line));
                let seen = seen
                    .lock()
                    .unwrap_or_else(std::sync::PoisonError::into_inner);
                if outcome.source == self.source {
                    outcomes.push(outcome);
                } else if matches!(&outcome.fate, Fate::Merged { into, .. } if *into == self.source)
                {
                    merged.push(outcome.source);
                } else if is_child(&seen) || self.is_made_for(&outcome) {
                    let fate = fate_words(&outcome.fate);
                    *children
                        .entry((outcome.row.into_owned(), fate))
                        .or_default() += 1;
                }
                Ok(())
            },
        )?;
        if summary.is_none() {
            return Ok(None);
        }
        if outcomes.is_empty() {
            return Err(Failure::new(
                Exit::Usage,
                format!("the capture has no record `{id}`"),
            )
            .help("people are asked for as `cio:CIO_ID`, objects as `object:TYPE/ID`, events as `event:ID`"));
        }
        let mut seen = seen
            .into_inner()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let records = outcomes.into_iter().map(|outcome| FollowedRecord {
            trace: seen.traces.remove(&outcome.line),
            outcome,
        });
        Ok(Some(Followed {
            records: records.collect(),
            merged,
            children,
        }))
    }

    /// A rolled-up note is read from no line.
    fn is_made_for(&self, outcome: &Outcome) -> bool {
        let parent = match &outcome.fate {
            Fate::Draft(draft) => draft.parent.as_ref(),
            Fate::Excluded { .. }
            | Fate::Held { .. }
            | Fate::Rejected { .. }
            | Fate::Merged { .. }
            | Fate::Carried { .. }
            | Fate::Ignored { .. } => None,
        };
        outcome.line == 0 && parent == Some(&self.source)
    }
}

/// `cio:0100…`, `object:TYPE/ID`, `event:ID`, and every other kind by its word.
pub(super) fn source_id(words: &str, capture: &Capture) -> Result<SourceId, Failure> {
    let failed = |message: String| {
        Failure::new(Exit::Usage, message).help(
            "people are asked for as `cio:CIO_ID`, objects as `object:TYPE/ID`, events as `event:ID`",
        )
    };
    let Some((kind, id)) = words.split_once(':') else {
        return Err(failed(format!(
            "expected a kind and an id with `:` between them, found `{words}`"
        )));
    };
    if kind == "cio" {
        return Ok(SourceId::new(Entity::Person, id));
    }
    let entity: Entity = kind.parse().map_err(|error| {
        let error: crate::model::UnknownEntity = error;
        failed(error.to_string())
    })?;
    if entity != Entity::Object {
        return Ok(SourceId::new(entity, id));
    }
    let Some((of, id)) = id.split_once('/') else {
        return Err(failed(format!(
            "expected `object:TYPE/ID`, found `{words}`"
        )));
    };
    let types = capture.object_types();
    let types = types.map_err(|error| Failure::new(Exit::Usage, error))?;
    let named = types.iter().find(|it| it.names.iter().any(|it| it == of));
    let of = named.map_or(of, |it| &it.id);
    Ok(SourceId::new(entity, format!("{of}/{id}")))
}

fn fate_words(fate: &Fate) -> String {
    match fate {
        Fate::Draft(draft) => draft.target.clone(),
        Fate::Excluded { because } => format!("excluded, \"{because}\""),
        Fate::Held { reason } => format!("held, \"{reason}\""),
        Fate::Rejected { reason, .. } => format!("rejected, {reason}"),
        Fate::Merged { .. } => "merged".to_owned(),
        Fate::Carried { .. } => "carried in the rolled-up note".to_owned(),
        Fate::Ignored { because } => format!("ignored, \"{because}\""),
    }
}

/// The line of the capture that the outcome came from.
fn source_line(capture: &Capture, outcome: &Outcome) -> Result<String, Failure> {
    let failed = |error: crate::capture::CaptureError| Failure::new(Exit::Usage, error);
    let Some(mut lines) = capture.lines(outcome.entity()).map_err(failed)? else {
        return Ok(String::new());
    };
    let mut buffer = Vec::new();
    while let Some(chunk) = lines.next(std::mem::take(&mut buffer)).map_err(failed)? {
        if let Some((_, bytes)) = chunk.lines().find(|(line, _)| *line == outcome.line) {
            return Ok(String::from_utf8_lossy(bytes).into_owned());
        }
    }
    Ok(String::new())
}

/// For each traced fact, the lines of its rows in the rule file: a plan does not keep them.
pub(super) fn fact_lines(rules: &Source, entity: Entity, trace: &Trace) -> Vec<Vec<usize>> {
    let (file, _) = lang::parse_rules(rules);
    let facts: Vec<&ast::Fact> = file
        .items
        .iter()
        .filter_map(|item| match item {
            ast::Item::Fact(fact) if fact.entity.name.text == entity.word() => Some(fact),
            ast::Item::List(_)
            | ast::Item::Values(_)
            | ast::Item::CustomField(_)
            | ast::Item::Exclude(_)
            | ast::Item::Fact(_)
            | ast::Item::Decide(_)
            | ast::Item::Map(_)
            | ast::Item::EveryOther(_)
            | ast::Item::Ignore(_)
            | ast::Item::Limit(_)
            | ast::Item::Merge(_)
            | ast::Item::Example(_)
            | ast::Item::Promise(_)
            | ast::Item::Allow(_)
            | ast::Item::AcceptHeld(_) => None,
        })
        .collect();
    let lines = |name: &str| {
        let fact = facts.iter().find(|it| it.name.text == name);
        let lines = fact.into_iter().flat_map(|it| &it.lines);
        lines.map(|it| rules.place(it.span.start).line).collect()
    };
    trace.facts.iter().map(|it| lines(&it.name)).collect()
}
