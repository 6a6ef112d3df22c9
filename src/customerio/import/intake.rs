//! Takes in what the sources say, finds out whose it is, and hands it on grouped by record, in constant memory.
//!
//! Sources name people by `cio_id`, `id`, e-mail or `anonymous_id`. What names its person by a weaker name waits until
//! every source was read, then meets the lines that tie that name to a stronger one, name by name.

use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::error::{ImportError, Refusal, Refusals, Refused};
use super::fact::{Fact, Name, Who};
use crate::engine::spill::{Spill, Spilled, partitions_for};
use crate::model::Entity;

/// What waits at a name, or leads on from it.
#[derive(Serialize, Deserialize)]
enum AtName {
    /// The name is this person's.
    Link {
        who: Who,
        at: i64,
    },
    /// So is the e-mail, once the `cio_id` of the `id` is known.
    Onward {
        who: Who,
        at: i64,
    },
    Waiting(Box<Fact>),
}

/// Counts of what could not be told from the sources alone.
#[derive(Debug, Default, Serialize)]
pub struct Naming {
    /// Lines without `cio_id` whose person another line told.
    pub resolved: u64,
    /// Lines whose name belongs to several people; the one seen last was taken.
    pub ambiguous: u64,
    /// Lines whose person has no `cio_id` in any source; one was made of the name.
    pub made_up: u64,
}

/// Everything that was taken in so far.
pub(super) struct Intake {
    by_record: Spill,
    anonymous: Spill,
    by_id: Spill,
    by_email: Spill,
    place: u64,
    pub(super) naming: Naming,
    pub(super) refusals: Refusals,
}

impl Intake {
    /// Sorts in files below `folder`; `bytes` is about how much is coming.
    pub(super) fn new(folder: &Path, bytes: u64) -> Result<Self, ImportError> {
        /// Four times as many files are open at once, and a process has 1,024.
        const PARTITIONS_MAX: u64 = 192;
        let partitions = partitions_for(bytes).min(PARTITIONS_MAX);
        let spill = || Spill::by_hash(folder, partitions);
        Ok(Self {
            by_record: spill()?,
            anonymous: spill()?,
            by_id: spill()?,
            by_email: spill()?,
            place: 0,
            naming: Naming::default(),
            refusals: Refusals::default(),
        })
    }

    pub(super) fn refuse(&mut self, file: &Path, line: u64, why: Refusal) {
        self.refusals.add(Refused {
            file: file.to_owned(),
            line,
            why,
        });
    }

    /// Takes a piece in.
    pub(super) fn take(&mut self, mut fact: Fact) -> Result<(), ImportError> {
        fact.place = self.place;
        self.place += 1;
        if let Some(who) = fact.who.clone() {
            self.link(&who, fact.at)?;
            if who.cio_id.is_none() {
                return self.wait(fact, &Name::ALL);
            }
        }
        self.keep(&fact)
    }

    /// Says at each name which stronger ones go with it.
    fn link(&mut self, who: &Who, at: i64) -> Result<(), ImportError> {
        let link = || AtName::Link {
            who: who.clone(),
            at,
        };
        let has_cio_id = who.cio_id.is_some();
        if who.anonymous_id.is_some() && (has_cio_id || who.id.is_some() || who.email.is_some()) {
            self.put(Name::Anonymous, who, &link())?;
        }
        if has_cio_id {
            self.put(Name::Id, who, &link())?;
            self.put(Name::Email, who, &link())?;
        } else if who.email.is_some() {
            let who = who.clone();
            self.put(Name::Id, &who.clone(), &AtName::Onward { who, at })?;
        }
        Ok(())
    }

    /// Puts an item at a name, if the person has it.
    fn put(&mut self, name: Name, who: &Who, item: &AtName) -> Result<bool, ImportError> {
        let Some(text) = who.name(name) else {
            return Ok(false);
        };
        let spill = match name {
            Name::Anonymous => &mut self.anonymous,
            Name::Id => &mut self.by_id,
            Name::Email => &mut self.by_email,
        };
        push(spill, &text, item)?;
        Ok(true)
    }

    /// Lets it wait at the first of `names` that it has; without one its person is one of its own.
    fn wait(&mut self, mut fact: Fact, names: &[Name]) -> Result<(), ImportError> {
        let mut who = fact.who.clone().unwrap_or_default();
        if let Some(name) = names.iter().find(|name| who.name(**name).is_some()) {
            let waiting = AtName::Waiting(Box::new(fact));
            return self.put(*name, &who, &waiting).map(drop);
        }
        who.cio_id = Some(who.made_up());
        fact.who = Some(who);
        self.naming.made_up += 1;
        self.keep(&fact)
    }

    /// Its record is known: puts it there.
    fn keep(&mut self, fact: &Fact) -> Result<(), ImportError> {
        push(&mut self.by_record, &record_of(fact), fact)
    }

    /// Every piece, grouped by record.
    pub(super) fn finish(mut self, folder: &Path) -> Result<Taken, ImportError> {
        for (round, rest) in [
            (Name::Anonymous, &[Name::Id, Name::Email][..]),
            (Name::Id, &[Name::Email]),
            (Name::Email, &[]),
        ] {
            let spill = match round {
                Name::Anonymous => &mut self.anonymous,
                Name::Id => &mut self.by_id,
                Name::Email => &mut self.by_email,
            };
            let waiting = std::mem::replace(spill, Spill::by_hash(folder, 1)?).finish()?;
            waiting.each(&mut |partition| {
                let items: Vec<(u64, &[u8])> = partition.items().collect();
                for group in items.chunk_by(|one, other| one.0 == other.0) {
                    self.settle(round, rest, group)?;
                }
                Ok::<(), ImportError>(())
            })?;
        }
        Ok(Taken {
            by_record: self.by_record.finish()?,
            naming: self.naming,
            refusals: self.refusals,
        })
    }

    /// Everything that meets at one name.
    fn settle(
        &mut self,
        round: Name,
        rest: &[Name],
        group: &[(u64, &[u8])],
    ) -> Result<(), ImportError> {
        let mut links = Vec::new();
        let mut others = Vec::new();
        for (_, item) in group {
            match serde_json::from_slice::<AtName>(item) {
                Ok(AtName::Link { who, at }) => links.push((who, at)),
                Ok(other) => others.push(other),
                Err(_) => {}
            }
        }
        for item in others {
            match item {
                AtName::Waiting(mut fact) => {
                    let mut who = fact.who.take().unwrap_or_default();
                    self.naming.ambiguous += u64::from(lead_on(round, &links, &mut who));
                    let is_known = who.cio_id.is_some();
                    fact.who = Some(who);
                    if is_known {
                        self.naming.resolved += 1;
                        self.keep(&fact)?;
                    } else {
                        self.wait(*fact, rest)?;
                    }
                }
                AtName::Onward { mut who, at } => {
                    lead_on(round, &links, &mut who);
                    self.put(Name::Email, &who.clone(), &AtName::Link { who, at })?;
                }
                AtName::Link { .. } => {}
            }
        }
        Ok(())
    }
}

/// Everything, in the order of its records.
pub(super) struct Taken {
    pub(super) by_record: Spilled,
    pub(super) naming: Naming,
    pub(super) refusals: Refusals,
}

/// Fills in the stronger names that the links tell; `true` where they tell several people.
fn lead_on(round: Name, links: &[(Who, i64)], who: &mut Who) -> bool {
    let name = who.name(round);
    let is_other = |link: &Who| {
        // People of one workspace may share an address: another `id` is another person.
        round == Name::Email && who.id.is_some() && link.id.is_some() && link.id != who.id
    };
    let mut fitting: Vec<&(Who, i64)> = links
        .iter()
        .filter(|(link, _)| link.name(round) == name && !is_other(link))
        .collect();
    fitting.sort_by_key(|(link, at)| (link.cio_id.is_some(), *at));
    let Some((link, _)) = fitting.last() else {
        return false;
    };
    let people: std::collections::BTreeSet<_> = fitting
        .iter()
        .filter(|(other, _)| other.cio_id.is_some() == link.cio_id.is_some())
        .map(|(other, _)| (&other.cio_id, other.cio_id.is_none().then_some(&other.id)))
        .collect();
    let is_ambiguous = people.len() > 1;
    let stronger = |own: &mut Option<String>, told: &Option<String>| {
        if own.is_none() {
            own.clone_from(told);
        }
    };
    stronger(&mut who.cio_id, &link.cio_id);
    stronger(&mut who.id, &link.id);
    if round == Name::Anonymous {
        stronger(&mut who.email, &link.email);
    }
    is_ambiguous
}

/// Names the record that a piece belongs to, over all kinds.
pub(super) fn record_of(fact: &Fact) -> String {
    let person = fact.who.as_ref().and_then(|who| who.cio_id.as_deref());
    let person = person.unwrap_or_default();
    let key = match fact.entity {
        Entity::Person => person.to_owned(),
        Entity::Relationship | Entity::SegmentMember => format!("{}\u{0}{person}", fact.key),
        Entity::Object
        | Entity::Event
        | Entity::Delivery
        | Entity::Segment
        | Entity::Campaign
        | Entity::CampaignAction
        | Entity::Newsletter
        | Entity::Broadcast
        | Entity::Transactional
        | Entity::Template
        | Entity::ObjectType
        | Entity::SubscriptionTopic
        | Entity::Suppression
        | Entity::Resource => fact.key.clone(),
    };
    format!("{}\u{0}{key}", fact.entity.word())
}

/// The first bytes of a hash that is the same on every machine: the order of the capture hangs on it.
fn number(name: &str) -> u64 {
    let hash = blake3::hash(name.as_bytes());
    let head = hash.as_bytes().first_chunk::<8>();
    head.map_or(0, |head| u64::from_le_bytes(*head))
}

/// Puts an item at a name.
pub(super) fn push(
    spill: &mut Spill,
    name: &str,
    item: &impl Serialize,
) -> Result<(), ImportError> {
    let bytes = serde_json::to_vec(item)
        .map_err(io::Error::from)
        .map_err(ImportError::disk("keeping", "a piece of a record"))?;
    Ok(spill.push(number(name), &bytes)?)
}
