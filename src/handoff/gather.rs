//! Reads a capture into the model: every record of the small files once, deliveries, members and people counted.

use std::collections::{BTreeMap, BTreeSet};

use super::campaign::{Campaigns, What};
use super::condition::Test;
use super::contents::Templates;
use super::fields::{Edition, Fields};
use super::findings;
use super::integrations;
use super::letters::Letters;
use super::masked::Personal;
use super::model::{Finding, Handoff, Journey, Letter};
use super::read::{Record, Records, records};
use super::rebuild::Rebuilding;
use super::resources;
use super::segments::{self, Segments};
use super::steps;
use super::templates;
use super::traps::traps;
use super::volumes::{Counts, Sender};
use crate::capture::{Capture, CaptureError};
use crate::model::Entity;

/// How the hand-off is drawn up.
#[derive(Clone, Debug)]
pub struct Settings<'s> {
    pub fields: Fields<'s>,
    pub edition: Edition,
    /// Personal data is shown.
    pub full: bool,
}

impl Settings<'_> {
    /// What becomes of personal data in the texts of the workspace.
    fn personal(&self, files: &Files) -> Personal {
        if self.full {
            return Personal::Shown;
        }
        Personal::Masked {
            own: own_domains(files),
        }
    }
}

/// The small files of a capture.
pub(super) struct Files {
    pub(super) campaigns: Records,
    pub(super) actions: Records,
    pub(super) newsletters: Records,
    pub(super) broadcasts: Records,
    pub(super) transactional: Records,
    pub(super) contents: Records,
    pub(super) segments: Records,
    pub(super) topics: Records,
    pub(super) object_types: Records,
    pub(super) resources: Records,
}

impl Handoff {
    /// Reads the capture.
    ///
    /// # Errors
    /// When a file of it cannot be read; lines that are no record are findings.
    pub fn of(capture: &Capture, settings: &Settings<'_>) -> Result<Self, CaptureError> {
        let mut found = Vec::new();
        let files = Files::of(capture, &mut found)?;
        let counts = Counts::of(capture)?;
        for (entity, lines) in &counts.broken {
            found.push(findings::broken_lines(*entity, lines));
        }
        let personal = settings.personal(&files);
        let listed = Names::of(&files, &personal);
        let named = |test: &Test| listed.of_test(test);
        let snippets = resources::snippets(&files.resources.records);
        let reading = templates::Reading {
            fields: &settings.fields,
            personal: &personal,
            snippets: &snippets,
        };
        let mut all = Templates {
            reading,
            written: Vec::new(),
            integrations: Vec::new(),
        };
        let work = Campaigns {
            reading: steps::Reading {
                edition: settings.edition,
                personal: &personal,
                named: &named,
            },
            counts: &counts,
            segments: &listed.segments,
        };
        let campaigns = all.journeys(What::Campaign, &work, &files, &mut found);
        let broadcasts = all.journeys(What::Broadcast, &work, &files, &mut found);
        let stray_steps = all.stray_steps(&work, &files, &mut found);
        let topic_names = resources::topic_names(&files.topics.records);
        let letters = Letters {
            edition: settings.edition,
            personal: &personal,
            counts: &counts,
            segments: &listed.segments,
            topics: &topic_names,
        };
        let newsletters = all.letters("newsletter", &files, &|of, ids| letters.newsletter(of, ids));
        let transactional = all.letters("transactional", &files, &|of, ids| {
            letters.transactional(of, ids)
        });
        all.stray_contents(&files, &newsletters, &transactional);
        let callers = integrations::callers(&campaigns, &broadcasts, &transactional);
        let (templates, integrations) = all.finish(callers, &mut found);
        let users = segments::users(&campaigns, &broadcasts, &newsletters);
        let segments = Segments {
            rebuilding: Rebuilding {
                edition: settings.edition,
                fields: &settings.fields,
                types: &listed.types,
                named: &named,
            },
            personal: &personal,
            counts: &counts,
            loads_lists: settings.fields.loads_lists(),
        }
        .all(&files.segments.records, &users, &mut found);
        let traps = traps(&counts, (&campaigns, &broadcasts), &transactional);
        stray_deliveries(
            &counts,
            [&campaigns, &broadcasts],
            [&newsletters, &transactional],
            &mut found,
        );
        let resources = resources::of(&files.resources.records, &templates, &personal);
        if !settings.fields.is_known() && templates.iter().any(|it| it.tags > 0) {
            found.push(findings::no_rules());
        }
        let (workspace, region, until) = origin(capture);
        let mut handoff = Handoff {
            workspace,
            region,
            until,
            rules: settings.fields.title().map(str::to_owned),
            edition: settings.edition,
            masked: !settings.full,
            campaigns,
            broadcasts,
            stray_steps,
            newsletters,
            transactional,
            segments,
            templates,
            resources,
            topics: resources::topics(&files.topics.records),
            object_types: resources::object_types(&files.object_types.records),
            integrations,
            traps,
            findings: Vec::new(),
        };
        handoff.find_unread(&mut found);
        found.sort();
        found.dedup();
        handoff.findings = found;
        Ok(handoff)
    }

    /// Keys that nothing here speaks of, for every record that has some.
    fn find_unread(&self, found: &mut Vec<Finding>) {
        let mut add = |about: String, keys: &[String]| {
            if !keys.is_empty() {
                found.push(findings::unread_keys(&about, keys));
            }
        };
        for (word, journeys) in [
            ("campaign", &self.campaigns),
            ("broadcast", &self.broadcasts),
        ] {
            for journey in journeys {
                add(
                    format!("{word} {} “{}”", journey.id, journey.name),
                    &journey.unread,
                );
                for step in &journey.steps {
                    add(
                        format!("{word} {}, step {}", journey.id, step.id),
                        &step.unread,
                    );
                }
            }
        }
        for (word, letters) in [
            ("newsletter", &self.newsletters),
            ("transactional", &self.transactional),
        ] {
            for letter in letters {
                add(
                    format!("{word} {} “{}”", letter.id, letter.name),
                    &letter.unread,
                );
            }
        }
        for segment in &self.segments {
            add(
                format!("segment {} “{}”", segment.id, segment.name),
                &segment.unread,
            );
        }
    }
}

impl Files {
    fn of(capture: &Capture, found: &mut Vec<Finding>) -> Result<Self, CaptureError> {
        let mut read = |entity: Entity, without: Option<&str>| -> Result<Records, CaptureError> {
            match (records(capture, entity)?, without) {
                (Some(records), _) => {
                    if !records.broken.is_empty() {
                        found.push(findings::broken_lines(entity, &records.broken));
                    }
                    Ok(records)
                }
                (None, Some(what)) => {
                    found.push(findings::missing_file(entity, what));
                    Ok(Records::default())
                }
                (None, None) => Ok(Records::default()),
            }
        };
        Ok(Self {
            campaigns: read(Entity::Campaign, Some("no campaign is written down"))?,
            actions: read(Entity::CampaignAction, Some("steps have no content"))?,
            newsletters: read(Entity::Newsletter, Some("no newsletter is written down"))?,
            broadcasts: read(
                Entity::Broadcast,
                Some("no API-triggered broadcast is written down"),
            )?,
            transactional: read(
                Entity::Transactional,
                Some("no transactional message is written down"),
            )?,
            contents: read(Entity::Template, None)?,
            segments: read(Entity::Segment, Some("no segment is written down"))?,
            topics: read(Entity::SubscriptionTopic, None)?,
            object_types: read(Entity::ObjectType, None)?,
            resources: read(
                Entity::Resource,
                Some("snippets, senders and collections are not written down"),
            )?,
        })
    }
}

/// Workspace, region and the day that a capture is of.
fn origin(capture: &Capture) -> (String, String, Option<String>) {
    let Some(manifest) = capture.manifest() else {
        return ("an unsealed capture".to_owned(), String::new(), None);
    };
    let until = manifest.until.strftime("%F %H:%M UTC").to_string();
    let (workspace, region) = (manifest.workspace.clone(), manifest.region.clone());
    (workspace, region, Some(until))
}

/// Domains of senders, of `from` and of `reply_to`, in small letters.
fn own_domains(files: &Files) -> Vec<String> {
    let mut domains = BTreeSet::new();
    let mut add = |text: String| {
        for word in text.split(|it: char| !(it.is_alphanumeric() || "@._-+".contains(it))) {
            if let Some((_, domain)) = word.split_once('@') {
                domains.insert(domain.trim_end_matches('.').to_lowercase());
            }
        }
    };
    for sender in &files.resources.records {
        if sender.text("kind") == "sender" {
            add(sender.text("email"));
            add(sender.text("address"));
        }
    }
    let contents = [
        &files.actions,
        &files.contents,
        &files.newsletters,
        &files.transactional,
    ];
    for content in contents.into_iter().flat_map(|it| &it.records) {
        add(content.text("from"));
        add(content.text("reply_to"));
    }
    domains.into_iter().filter(|it| !it.is_empty()).collect()
}

/// Steps by their id, as their owners call them.
fn titles(actions: &[Record], personal: &Personal) -> BTreeMap<String, String> {
    let title = |it: &Record| (it.text("id"), personal.text(&it.text("name")));
    actions
        .iter()
        .map(title)
        .filter(|(_, name)| !name.is_empty())
        .collect()
}

/// What ids are called.
struct Names {
    segments: BTreeMap<String, String>,
    steps: BTreeMap<String, String>,
    types: BTreeMap<String, Vec<String>>,
}

impl Names {
    fn of(files: &Files, personal: &Personal) -> Self {
        Self {
            segments: segments::names(&files.segments.records, personal),
            steps: titles(&files.actions.records, personal),
            types: resources::type_names(&files.object_types.records),
        }
    }

    /// What an id of a condition is called.
    fn of_test(&self, test: &Test) -> Option<String> {
        match test {
            Test::Segment { id, .. } => self.segments.get(id).cloned(),
            Test::Message { action, .. } => self.steps.get(action).cloned(),
            Test::Attribute { of, .. } => {
                let (_, id) = of.split_once(' ')?;
                self.types.get(id)?.first().cloned()
            }
            Test::Event { .. } | Test::Change { .. } => None,
        }
    }
}

/// Deliveries of what nobody lists any more.
fn stray_deliveries(
    counts: &Counts,
    journeys: [&Vec<Journey>; 2],
    letters: [&Vec<Letter>; 2],
    found: &mut Vec<Finding>,
) {
    let [campaigns, broadcasts] =
        journeys.map(|all| -> BTreeSet<&str> { all.iter().map(|it| it.id.as_str()).collect() });
    let [newsletters, messages] =
        letters.map(|all| -> BTreeSet<&str> { all.iter().map(|it| it.id.as_str()).collect() });
    for ((sender, id), volumes) in &counts.volumes {
        let (word, known) = match sender {
            Sender::Campaign => ("campaign", &campaigns),
            Sender::Broadcast => ("broadcast", &broadcasts),
            Sender::Newsletter => ("newsletter", &newsletters),
            Sender::Transactional => ("transactional", &messages),
            Sender::Step => continue,
        };
        if !known.contains(id.as_str()) {
            found.push(findings::stray_deliveries(
                &format!("{word} {id}"),
                volumes.deliveries,
            ));
        }
    }
}
