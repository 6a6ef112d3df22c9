//! `mapwright propose`: a drafted rule file for a capture and an account, and lanes of it confirmed.

use std::io::Write;
use std::path::Path;

use super::arguments::Propose;
use super::{
    Exit, Failure, audit, destination, interrupt, pair, rerank, rulebook, snapshot, walk, written,
};
use crate::audit::{EntityProfile, FieldProfile, Profile, Shape, fields};
use crate::customerio;
use crate::freshsales::edition::Edition;
use crate::lang;
use crate::model::{Entity, Schema};
use crate::propose::{self, Dictionary, Draft, Found, Lane, Looks, Proposal, Trait};
use crate::report;

/// Drafts, or takes the marks of a lane away.
pub(super) fn propose(command: &Propose, out: &mut dyn Write) -> Result<Exit, Failure> {
    if let Some(lane) = &command.confirm {
        return confirm(&command.from, lane, out);
    }
    let to = command.to.as_deref().unwrap_or(Path::new("sandbox"));
    let (schema, edition) = schema(to, &command.from)?;
    let capture = walk::open(&command.from)?;
    let stop = interrupt::watch();
    let Some(profile) = audit::profile(&capture, command.threads, report::mask, &stop)? else {
        return Ok(Exit::Stopped);
    };
    let dictionary = pair::dictionary()?;
    let found = found(&profile);
    if !found.has_keys() {
        return Err(Failure::new(
            Exit::Usage,
            "expected people with a text under `cio_id` each, found none: nothing would join them with what they did",
        )
        .help("look at the folder with `mapwright audit`; `mapwright capture import` puts exports together by `cio_id`"));
    }
    let proposals = proposals(&found, &schema, &dictionary);
    let pair = pair::pair(edition);
    let knowledge = (&dictionary, &pair);
    let proposals = rerank::rerank(&command.rerank, &found, proposals, &schema, knowledge)?;
    let file = command
        .into
        .as_deref()
        .unwrap_or(Path::new("drafted.rules"));
    let beside = file.with_extension("fields");
    let name = beside
        .file_name()
        .map(|it| it.to_string_lossy().into_owned());
    let workspace = match profile.capture.workspace.as_str() {
        "" => "Customer.io",
        known => known,
    };
    let draft = Draft {
        title: &format!("{workspace} to Freshsales"),
        fields: &name.unwrap_or_default(),
        found: &found,
        proposals: &proposals,
        schema: &schema,
        dictionary: &dictionary,
        pair: &pair,
    };
    let text = lang::format(&crate::text::Source::new("draft", &draft.text()));
    let text = text.unwrap_or_else(|_| draft.text());
    if command.into.is_none() {
        written(out.write_all(text.as_bytes()))?;
        return Ok(Exit::Clean);
    }
    for path in [file, &beside] {
        if path.exists() {
            let place = path.display();
            return Err(
                Failure::new(Exit::Usage, format!("{place} is there already"))
                    .help("a draft never replaces a file: somebody may have worked on it"),
            );
        }
    }
    snapshot::write(&beside, &fields(&profile, &customerio::layout()))?;
    snapshot::write(file, &text)?;
    tell(file, &beside, &proposals, out)?;
    Ok(Exit::Clean)
}

/// A lane for each trait of people.
pub(super) fn proposals(found: &Found, schema: &Schema, dictionary: &Dictionary) -> Vec<Proposal> {
    schema.target("contact").map_or_else(Vec::new, |target| {
        propose::propose(&found.traits, target, dictionary)
    })
}

/// What an audit found, in the words of a proposal.
pub(super) fn found(profile: &Profile) -> Found {
    let of = |entity: Entity| {
        profile
            .entities
            .iter()
            .filter(move |it| it.entity == entity)
    };
    let traits = |entity: &EntityProfile| -> Vec<Trait> {
        entity
            .fields
            .iter()
            .filter(|it| it.is_reachable)
            .map(of_field)
            .collect()
    };
    let (mut own, mut given) = (Vec::new(), Vec::new());
    for person in of(Entity::Person) {
        for (field, found) in person
            .fields
            .iter()
            .filter(|it| it.is_reachable)
            .zip(traits(person))
        {
            if field.path.len() > 1 {
                given.push(found);
            } else {
                own.push(found);
            }
        }
    }
    let objects = of(Entity::Object).filter_map(|it| Some((it.object_type.clone()?, traits(it))));
    let others = profile
        .entities
        .iter()
        .filter(|it| !matches!(it.entity, Entity::Person | Entity::Object | Entity::Event));
    let others = others.map(|it| (it.entity, traits(it))).collect();
    let mut kinds: Vec<Entity> = profile.entities.iter().map(|it| it.entity).collect();
    kinds.dedup();
    Found {
        own,
        traits: given,
        objects: objects.collect(),
        events: of(Entity::Event).flat_map(traits).collect(),
        others,
        kinds,
        signals: pair::signals(),
    }
}

fn of_field(field: &FieldProfile) -> Trait {
    /// A share from which on texts look like something, in percent.
    const MOST: u64 = 60;
    let looks = |shape: Shape| match shape {
        Shape::Email => Some(Looks::Email),
        Shape::Phone => Some(Looks::Phone),
        Shape::Country => Some(Looks::Country),
        Shape::WebAddress | Shape::Uuid | Shape::Json | Shape::Day | Shape::Host | Shape::YesNo => {
            None
        }
    };
    Trait {
        name: field.path.last().cloned().unwrap_or_default(),
        path: field.name.clone(),
        r#type: field.drafted.r#type.clone(),
        filled: field.filled,
        of: field.of,
        misfits: field.drafted.misfits,
        longest: field.longest,
        looks: field
            .shapes
            .iter()
            .filter_map(|(shape, share)| Some((looks(*shape)?, *share)))
            .collect(),
        looks_otherwise: field.shapes.iter().any(|(shape, share)| {
            matches!(shape, Shape::Uuid | Shape::Json | Shape::Day | Shape::YesNo) && *share >= MOST
        }),
        words: field.words.iter().map(|word| word.text.clone()).collect(),
    }
}

fn schema(to: &Path, capture: &Path) -> Result<(Schema, Edition), Failure> {
    if to == Path::new("sandbox") {
        let edition = Edition::default();
        return Ok((destination::sandbox_schema(capture, edition)?, edition));
    }
    let copy = snapshot::read(to)?;
    Ok((copy.schema(), copy.edition()))
}

fn confirm(path: &Path, lane: &str, out: &mut dyn Write) -> Result<Exit, Failure> {
    let source = rulebook::read(path)?;
    let waiting = lang::unconfirmed(&source);
    let Some(found) = waiting.iter().find(|it| it.lane == lane) else {
        let lanes: Vec<&str> = waiting.iter().map(|it| it.lane.as_str()).collect();
        let left = match lanes.as_slice() {
            [] => "no line of it waits".to_owned(),
            lanes => format!("what waits is {}", lanes.join(", ")),
        };
        let message = format!(
            "{} has no line of the lane `{lane}`: {left}",
            path.display()
        );
        return Err(Failure::new(Exit::Usage, message));
    };
    snapshot::write(path, &lang::confirm(&source, lane))?;
    let left = waiting.iter().filter(|it| it.lane != lane);
    let left: Vec<String> = left
        .map(|it| format!("{} of `{}`", it.lines.len(), it.lane))
        .collect();
    let left = match left.as_slice() {
        [] => "nothing waits any more".to_owned(),
        left => format!("still waiting: {}", left.join(", ")),
    };
    written(writeln!(
        out,
        "{} lines of `{lane}` are confirmed; {left}.",
        found.lines.len()
    ))?;
    Ok(Exit::Clean)
}

fn tell(
    file: &Path,
    beside: &Path,
    proposals: &[Proposal],
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let of = |lane: Lane| proposals.iter().filter(|it| it.lane == lane).count();
    written(writeln!(
        out,
        "{} and {}: of {} traits {} are proposed, {} are for a person to choose, {} have no field there.",
        file.display(),
        beside.display(),
        proposals.len(),
        of(Lane::Proposed),
        of(Lane::Choose),
        of(Lane::Custom)
    ))?;
    written(writeln!(
        out,
        "Read each lane, correct it, then `mapwright propose {} --confirm LANE`; nothing loads before.",
        file.display()
    ))
}
