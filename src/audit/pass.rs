//! The pass: every file once, each thread with its own counts, added up at the end of a file.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use foldhash::HashSet;
use jiff::Timestamp;

use super::deliveries::{self, Deliveries};
use super::events::{self, Events};
use super::inventory::{self, Inventory};
use super::keys::{Counted, Keys};
use super::people::{self, People, Signals};
use super::profile::Profile;
use super::settle;
use super::stats::Bounds;
use super::tree::{NoRecord, Tree};
use super::words::plain;
use crate::capture::{Capture, CaptureError, Chunk, Finding, Lines};
use crate::model::{Entity, SourceEntity};
use crate::plan::{Broken, OddBytes, Scanner};

/// Known names and signals together; see [`people::KNOWN`].
const KNOWN_MAX: usize = 24;
/// Broken lines of a file that are named.
const BROKEN_MAX: usize = 3;

/// How to look at a capture.
pub struct Settings<'s> {
    pub threads: usize,
    /// Where temporary files are made: keys of records that do not fit into memory.
    pub spill: PathBuf,
    /// Set from outside: the pass ends soon.
    pub stop: Option<&'s AtomicBool>,
    /// Times after this are none.
    pub latest: Timestamp,
    /// Lengths in characters, smallest first, that texts are held against.
    pub lengths: Vec<u64>,
    /// Names of traits whose words may say where a person belongs; the first 16 are looked at.
    pub signals: Vec<String>,
    /// Mail domains that are nobody's own.
    pub personal_domains: Vec<String>,
    /// Where the source puts fields and what the engine derives.
    pub layout: &'s [SourceEntity],
    /// Makes an example of a value that shows its shape alone.
    pub mask: fn(&str) -> String,
}

/// Why there is no profile.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The user looks at the folder or the disk.
    #[error(transparent)]
    Capture(#[from] CaptureError),
    /// The user looks at the disk with the temporary files.
    #[error("keeping the keys of records in a temporary file in `{}`", folder.display())]
    Disk {
        folder: PathBuf,
        #[source]
        source: io::Error,
    },
    /// Somebody asked for it.
    #[error("stopped")]
    Stopped,
}

impl Settings<'_> {
    fn no_room(&self, source: io::Error) -> AuditError {
        let folder = self.spill.clone();
        AuditError::Disk { folder, source }
    }
}

/// Counts everything that a capture holds.
///
/// # Errors
/// When a file cannot be read, or the stop flag was set.
pub fn audit(capture: &Capture, settings: &Settings<'_>) -> Result<Profile, AuditError> {
    let bounds = Bounds {
        lengths: settings.lengths.clone(),
        latest: settings.latest,
    };
    let signals = Signals {
        traits: settings
            .signals
            .iter()
            .take(KNOWN_MAX - people::KNOWN.len())
            .cloned()
            .collect(),
        personal: settings
            .personal_domains
            .iter()
            .cloned()
            .collect::<HashSet<_>>(),
    };
    let mut profile = settle::begin(capture);
    let types = capture.object_types().unwrap_or_default();
    let mut findings = capture.findings().to_vec();
    for file in capture.files() {
        let Some(lines) = capture.verified_lines(file.entity)? else {
            continue;
        };
        let setting = Setting {
            entity: file.entity,
            bounds: &bounds,
            signals: &signals,
        };
        let (part, keys, found) = of_file(lines, &setting, settings)?;
        findings.extend(found);
        // What was counted of a file is settled before the next one is read, so that they never stand in memory together.
        settle::add(&mut profile, &(part, keys), &types, (settings, &signals));
    }
    Ok(settle::finish(profile, capture, &findings))
}

/// What a file is counted by.
struct Setting<'s> {
    entity: Entity,
    bounds: &'s Bounds,
    signals: &'s Signals,
}

/// What was counted of one file, or of a part of it.
pub(super) struct Part {
    pub(super) entity: Entity,
    /// One tree, or for objects one for each type's id.
    pub(super) trees: BTreeMap<String, Tree>,
    pub(super) watch: Watch,
    pub(super) broken: u64,
    /// The first broken lines.
    pub(super) broken_lines: Vec<(u64, NoRecord)>,
    room: OddBytes,
}

/// What is counted beside the fields.
pub(super) enum Watch {
    People(Box<People>),
    Events(Box<Events>),
    Deliveries(Box<Deliveries>),
    Inventory(Box<Inventory>),
    /// Objects: by type, each with its own id.
    Objects(Vec<u64>),
}

type Read = (Part, Vec<Counted>, Vec<Finding>);

fn of_file(
    lines: Lines<'static>,
    setting: &Setting<'_>,
    settings: &Settings<'_>,
) -> Result<Read, AuditError> {
    let keys = keys_of(setting.entity, &settings.spill);
    let lines = Mutex::new(lines);
    let parts = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..settings.threads.max(1))
            .map(|_| scope.spawn(|| work(&lines, &keys, setting, settings)))
            .collect();
        let ends = workers.into_iter().map(|worker| {
            worker
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        });
        ends.collect::<Result<Vec<Part>, AuditError>>()
    })?;
    let mut whole = Part::new(setting);
    for part in parts {
        whole.merge(part);
    }
    let lines = lines
        .into_inner()
        .expect("no holder of this lock can panic");
    let counted = keys.iter().map(Keys::counted).collect::<io::Result<_>>();
    let counted = counted.map_err(|error| settings.no_room(error))?;
    Ok((whole, counted, lines.finish()))
}

fn keys_of(entity: Entity, spill: &Path) -> Vec<Keys> {
    match entity {
        Entity::Person => people::keys(spill),
        Entity::Event | Entity::Delivery | Entity::Object => vec![Keys::beside(spill)],
        Entity::Relationship
        | Entity::Segment
        | Entity::SegmentMember
        | Entity::Campaign
        | Entity::CampaignAction
        | Entity::Newsletter
        | Entity::Broadcast
        | Entity::Transactional
        | Entity::Template
        | Entity::ObjectType
        | Entity::SubscriptionTopic
        | Entity::Suppression
        | Entity::Resource => Vec::new(),
    }
}

/// Takes chunks until there are none: their order does not matter to any count.
fn work(
    lines: &Mutex<Lines<'static>>,
    keys: &[Keys],
    setting: &Setting<'_>,
    settings: &Settings<'_>,
) -> Result<Part, AuditError> {
    let mut part = Part::new(setting);
    let mut buffer = Vec::new();
    loop {
        if settings
            .stop
            .is_some_and(|stop| stop.load(Ordering::Relaxed))
        {
            return Err(AuditError::Stopped);
        }
        let next = lines
            .lock()
            .expect("no holder of this lock can panic")
            .next(buffer)?;
        let Some(chunk) = next else {
            return Ok(part);
        };
        part.read(&chunk, setting);
        part.flush(keys).map_err(|error| settings.no_room(error))?;
        buffer = chunk.bytes;
    }
}

impl Part {
    fn new(setting: &Setting<'_>) -> Self {
        let latest = setting.bounds.latest.as_second();
        let watch = match setting.entity {
            Entity::Person => Watch::People(Box::new(People::new())),
            Entity::Event => Watch::Events(Box::new(Events::until(latest))),
            Entity::Delivery => Watch::Deliveries(Box::new(Deliveries::until(latest))),
            Entity::Object => Watch::Objects(Vec::new()),
            Entity::Relationship
            | Entity::Segment
            | Entity::SegmentMember
            | Entity::Campaign
            | Entity::CampaignAction
            | Entity::Newsletter
            | Entity::Broadcast
            | Entity::Transactional
            | Entity::Template
            | Entity::ObjectType
            | Entity::SubscriptionTopic
            | Entity::Suppression
            | Entity::Resource => Watch::Inventory(Box::new(Inventory::of(setting.entity))),
        };
        Self {
            entity: setting.entity,
            trees: BTreeMap::new(),
            watch,
            broken: 0,
            broken_lines: Vec::new(),
            room: OddBytes::default(),
        }
    }

    fn read(&mut self, chunk: &Chunk, setting: &Setting<'_>) {
        if chunk.is_too_long {
            self.broken(chunk.first_line, NoRecord::TooLong);
            return;
        }
        for (number, line) in chunk.lines() {
            if let Err(why) = self.line(line, setting) {
                self.broken(number, why);
            }
        }
    }

    fn line(&mut self, line: &[u8], setting: &Setting<'_>) -> Result<(), NoRecord> {
        let kind = if self.entity == Entity::Object {
            self.object_type(line)?
        } else {
            ""
        };
        if !self.trees.contains_key(kind) {
            self.trees.insert(kind.to_owned(), tree(setting));
        }
        let Some(tree) = self.trees.get_mut(kind) else {
            return Ok(());
        };
        let mut known = [None; KNOWN_MAX];
        tree.read(line, setting.bounds, &mut known)?;
        match &mut self.watch {
            Watch::People(people) => people.observe(&known, setting.signals),
            Watch::Events(events) => events.observe(&known),
            Watch::Deliveries(deliveries) => deliveries.observe(&known),
            Watch::Inventory(inventory) => inventory.observe(&known),
            Watch::Objects(hashes) => {
                let id = known.first().copied().flatten().map(plain);
                let id = format!("{kind}/{}", id.unwrap_or_default());
                hashes.push(super::sample::hash(id.as_bytes()));
            }
        }
        Ok(())
    }

    /// The id of an object's type, as it stands in the line.
    fn object_type<'l>(&mut self, line: &'l [u8]) -> Result<&'l str, NoRecord> {
        let text = std::str::from_utf8(line).map_err(|_| NoRecord::NotUtf8)?;
        let mut scanner = Scanner::over(text, std::mem::take(&mut self.room));
        let mut find = || -> Result<&'l str, Broken> {
            scanner.open_object()?;
            let mut next = scanner.first_key()?;
            while let Some(key) = next {
                let value = scanner.value()?;
                if key.inner() == "object_type_id" {
                    return Ok(value);
                }
                next = scanner.next_key()?;
            }
            Ok("\"\"")
        };
        let found = find();
        self.room = scanner.into_room();
        let found = found?;
        let inner = found.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
        Ok(inner.unwrap_or(found))
    }

    fn broken(&mut self, line: u64, why: NoRecord) {
        self.broken += 1;
        self.broken_lines.push((line, why));
        self.broken_lines.sort_unstable();
        self.broken_lines.truncate(BROKEN_MAX);
    }

    fn flush(&mut self, keys: &[Keys]) -> io::Result<()> {
        match &mut self.watch {
            Watch::People(people) => people.flush(keys),
            Watch::Events(events) => events.flush(keys),
            Watch::Deliveries(deliveries) => deliveries.flush(keys),
            Watch::Objects(hashes) => {
                for keys in keys {
                    keys.take(hashes)?;
                }
                Ok(())
            }
            Watch::Inventory(_) => Ok(()),
        }
    }

    fn merge(&mut self, other: Self) {
        for (kind, tree) in other.trees {
            match self.trees.get_mut(&kind) {
                Some(ours) => ours.merge(tree),
                None => {
                    self.trees.insert(kind, tree);
                }
            }
        }
        match (&mut self.watch, other.watch) {
            (Watch::People(ours), Watch::People(theirs)) => ours.merge(*theirs),
            (Watch::Events(ours), Watch::Events(theirs)) => ours.merge(*theirs),
            (Watch::Deliveries(ours), Watch::Deliveries(theirs)) => ours.merge(*theirs),
            (Watch::Inventory(ours), Watch::Inventory(theirs)) => ours.merge(*theirs),
            // Parts of one file watch the same, and objects leave nothing here.
            _ => {}
        }
        self.broken += other.broken;
        self.broken_lines.extend(other.broken_lines);
        self.broken_lines.sort_unstable();
        self.broken_lines.truncate(BROKEN_MAX);
    }
}

fn tree(setting: &Setting<'_>) -> Tree {
    let known: &[&str] = match setting.entity {
        Entity::Person => &people::KNOWN,
        Entity::Event => &events::KNOWN,
        Entity::Delivery => &deliveries::KNOWN,
        Entity::Object => &["object_id"],
        Entity::Relationship
        | Entity::Segment
        | Entity::SegmentMember
        | Entity::Campaign
        | Entity::CampaignAction
        | Entity::Newsletter
        | Entity::Broadcast
        | Entity::Transactional
        | Entity::Template
        | Entity::ObjectType
        | Entity::SubscriptionTopic
        | Entity::Suppression
        | Entity::Resource => &inventory::KNOWN,
    };
    let mut paths: Vec<Vec<&str>> = known.iter().map(|name| vec![*name]).collect();
    if setting.entity == Entity::Person {
        let signals = setting.signals.traits.iter();
        paths.extend(signals.map(|name| vec!["traits", name.as_str()]));
    }
    Tree::of_depth(depth(setting.entity), &paths)
}

/// How many levels of objects are looked into: people and objects have fields inside a field.
fn depth(entity: Entity) -> usize {
    match entity {
        Entity::Person | Entity::Object => 4,
        Entity::Event => 3,
        Entity::Delivery
        | Entity::Relationship
        | Entity::Segment
        | Entity::SegmentMember
        | Entity::Campaign
        | Entity::CampaignAction
        | Entity::Newsletter
        | Entity::Broadcast
        | Entity::Transactional
        | Entity::Template
        | Entity::ObjectType
        | Entity::SubscriptionTopic
        | Entity::Suppression
        | Entity::Resource => 2,
    }
}
