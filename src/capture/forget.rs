//! Takes one person's lines out of a capture: all files that speak of people, rewritten whole, the seal made anew.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Read, Write};

use flate2::Compression;
use flate2::write::GzEncoder;
use jiff::Timestamp;
use serde_json::Value;

use super::folder::unpack;
use super::seal::{Origin, seal_without};
use super::{Capture, CaptureError, CaptureFile, Packing, Tombstone};
use crate::model::{Entity, SourceId};

/// What a capture holds of the people who are forgotten.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Traces {
    /// The source's own ids of the person's profiles.
    pub people: BTreeSet<String>,
    /// Their e-mail addresses, in small letters, but those that somebody else has too.
    pub addresses: BTreeSet<String>,
    /// Addresses that stay: another person has them as well.
    pub shared: BTreeSet<String>,
    /// Every record that goes.
    pub sources: BTreeSet<SourceId>,
    /// Lines that go, by file.
    pub lines: BTreeMap<String, u64>,
    anonymous: BTreeSet<String>,
}

impl Traces {
    /// Looks for the profiles with these ids and for all that is theirs; changes nothing.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn of(capture: &Capture, people: &BTreeSet<String>) -> Result<Self, CaptureError> {
        let mut traces = Self {
            people: people.clone(),
            ..Self::default()
        };
        traces.profiles(capture)?;
        for file in capture.files() {
            let mut gone = 0;
            each_line(capture, file, &mut |line| {
                if traces.is_theirs(file.entity, line) {
                    gone += 1;
                    let record = serde_json::from_slice(line).ok();
                    let source = record.and_then(|record| source_of(file.entity, &record));
                    traces.sources.extend(source);
                }
                Ok(())
            })?;
            if gone > 0 {
                traces.lines.insert(file.name.clone(), gone);
            }
        }
        let people = traces.people.iter();
        let people = people.map(|id| SourceId::new(Entity::Person, id.as_str()));
        traces.sources.extend(people.collect::<Vec<_>>());
        Ok(traces)
    }

    /// Rewrites every file without their lines, the profiles last, and seals the folder anew with a tombstone.
    ///
    /// # Errors
    /// When a file cannot be read or written; the same call goes on.
    pub fn erase(&self, capture: &Capture, at: Timestamp) -> Result<(), CaptureError> {
        let is_profiles = |file: &&CaptureFile| file.entity == Entity::Person;
        let others = capture.files().iter().filter(|file| !is_profiles(file));
        for file in others.chain(capture.files().iter().filter(is_profiles)) {
            if self.lines.contains_key(&file.name) {
                self.rewrite(capture, file)?;
            }
        }
        let Some(manifest) = capture.manifest() else {
            return Ok(());
        };
        let origin = Origin {
            workspace: manifest.workspace.clone(),
            region: manifest.region.clone(),
            from: manifest.from,
            until: manifest.until,
        };
        let stones = self.people.iter().map(|id| Tombstone {
            person: Tombstone::hash(id),
            at,
        });
        seal_without(capture.dir(), &origin, stones.collect()).map(|_| ())
    }

    /// The person's addresses are known before anything else is looked at.
    fn profiles(&mut self, capture: &Capture) -> Result<(), CaptureError> {
        let Some(file) = capture.file(Entity::Person) else {
            return Ok(());
        };
        let mut theirs = BTreeSet::new();
        each_line(capture, file, &mut |line| {
            let Ok(person) = serde_json::from_slice::<Value>(line) else {
                return Ok(());
            };
            if !self.has_id(&person) {
                return Ok(());
            }
            theirs.extend(address_of(&person, "email"));
            self.anonymous.extend(text_of(&person, "anonymous_id"));
            Ok(())
        })?;
        let mut shared = BTreeSet::new();
        each_line(capture, file, &mut |line| {
            if let Ok(person) = serde_json::from_slice::<Value>(line)
                && !self.has_id(&person)
                && let Some(address) = address_of(&person, "email")
                && theirs.contains(&address)
            {
                shared.insert(address);
            }
            Ok(())
        })?;
        self.addresses = theirs.difference(&shared).cloned().collect();
        self.shared = shared;
        Ok(())
    }

    /// Whether a line goes.
    fn is_theirs(&self, entity: Entity, line: &[u8]) -> bool {
        if !entity.is_about_a_person() {
            return false;
        }
        let Ok(record) = serde_json::from_slice::<Value>(line) else {
            // Too broken to be read as a record, and whole enough to name somebody.
            let text = String::from_utf8_lossy(line);
            let named = self
                .people
                .iter()
                .any(|id| text.contains(&format!("\"{id}\"")));
            let lower = text.to_lowercase();
            let is_addressed = self.addresses.iter().any(|it| lower.contains(it.as_str()));
            return named || is_addressed;
        };
        let has_address = |key: &str| {
            address_of(&record, key).is_some_and(|address| self.addresses.contains(&address))
        };
        self.has_id(&record)
            || match entity {
                Entity::Event => {
                    text_of(&record, "anonymous_id").is_some_and(|it| self.anonymous.contains(&it))
                }
                Entity::Delivery => has_address("recipient"),
                Entity::Suppression => has_address("email"),
                Entity::Person
                | Entity::Object
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
                | Entity::Resource => false,
            }
    }

    fn has_id(&self, record: &Value) -> bool {
        text_of(record, "cio_id").is_some_and(|id| self.people.contains(&id))
    }

    fn rewrite(&self, capture: &Capture, file: &CaptureFile) -> Result<(), CaptureError> {
        let path = capture.dir().join(&file.name);
        let failed = |error| CaptureError::disk("rewriting", &path, error);
        // Written beside it and moved: a half-written file never stands there. Temporary files are 0600.
        let mut new = tempfile::NamedTempFile::new_in(capture.dir()).map_err(failed)?;
        {
            let mut out =
                packed(BufWriter::new(new.as_file_mut()), file.packing).map_err(failed)?;
            each_line(capture, file, &mut |line| {
                if !self.is_theirs(file.entity, line) {
                    out.write_all(line).map_err(failed)?;
                }
                Ok(())
            })?;
            out.finish().map_err(failed)?;
        }
        new.as_file().sync_all().map_err(failed)?;
        new.persist(&path).map_err(|error| failed(error.error))?;
        Ok(())
    }
}

/// A file on its way to the disk, packed as it was.
enum Packed<W: Write> {
    Plain(W),
    Gzip(GzEncoder<W>),
    Zstd(zstd::stream::write::Encoder<'static, W>),
}

fn packed<W: Write>(out: W, packing: Packing) -> std::io::Result<Packed<W>> {
    Ok(match packing {
        Packing::Plain => Packed::Plain(out),
        Packing::Gzip => Packed::Gzip(GzEncoder::new(out, Compression::default())),
        Packing::Zstd => Packed::Zstd(zstd::stream::write::Encoder::new(out, 0)?),
    })
}

impl<W: Write> Packed<W> {
    fn write_all(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        match self {
            Packed::Plain(out) => out.write_all(bytes),
            Packed::Gzip(out) => out.write_all(bytes),
            Packed::Zstd(out) => out.write_all(bytes),
        }
    }

    fn finish(self) -> std::io::Result<()> {
        let mut out = match self {
            Packed::Plain(out) => out,
            Packed::Gzip(out) => out.finish()?,
            Packed::Zstd(out) => out.finish()?,
        };
        out.flush()
    }
}

/// Every line with its newline, as it lies there.
fn each_line(
    capture: &Capture,
    file: &CaptureFile,
    take: &mut dyn FnMut(&[u8]) -> Result<(), CaptureError>,
) -> Result<(), CaptureError> {
    let path = capture.dir().join(&file.name);
    let failed = |error| CaptureError::disk("reading", &path, error);
    let stored: Box<dyn Read + Send> = Box::new(File::open(&path).map_err(failed)?);
    let mut lines = BufReader::new(unpack(stored, file.packing).map_err(failed)?);
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line).map_err(failed)? > 0 {
        take(&line)?;
        line.clear();
    }
    Ok(())
}

fn text_of(record: &Value, key: &str) -> Option<String> {
    match record.get(key)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

fn address_of(record: &Value, key: &str) -> Option<String> {
    let address = text_of(record, key)?.trim().to_lowercase();
    address.contains('@').then_some(address)
}

/// The id that the engine gives a record, where the line holds its parts.
fn source_of(entity: Entity, record: &Value) -> Option<SourceId> {
    let part = |key| text_of(record, key);
    let id = match entity {
        Entity::Person => part("cio_id")?,
        Entity::Relationship => {
            let (person, kind) = (part("cio_id")?, part("object_type_id")?);
            format!("{person}/{kind}/{}", part("object_id")?)
        }
        Entity::SegmentMember => format!("{}/{}", part("segment_id")?, part("cio_id")?),
        Entity::Suppression => part("email")?,
        Entity::Event
        | Entity::Delivery
        | Entity::Object
        | Entity::Segment
        | Entity::Campaign
        | Entity::CampaignAction
        | Entity::Newsletter
        | Entity::Broadcast
        | Entity::Transactional
        | Entity::Template
        | Entity::ObjectType
        | Entity::SubscriptionTopic
        | Entity::Resource => part("id")?,
    };
    Some(SourceId::new(entity, id))
}
