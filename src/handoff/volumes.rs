//! Counts what is told of many: deliveries by who sent them, members of segments, people.

use std::borrow::Cow;
use std::collections::BTreeMap;

use foldhash::{HashMap, HashMapExt};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::model::Volumes;
use super::read::each;
use crate::capture::{Capture, CaptureError};
use crate::model::Entity;

/// What sent a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Sender {
    Campaign,
    Broadcast,
    Newsletter,
    Transactional,
    /// The step of a campaign or broadcast.
    Step,
}

/// Everything that was counted.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) volumes: HashMap<(Sender, String), Volumes>,
    /// Deliveries by channel.
    pub(super) channels: BTreeMap<String, u64>,
    /// Deliveries whose content the source did not keep.
    pub(super) forgotten: u64,
    /// By segment; nothing where the capture has no such file.
    pub(super) members: Option<HashMap<String, u64>>,
    pub(super) people: u64,
    pub(super) deleted: u64,
    pub(super) suppressed: u64,
    /// File and lines that could not be read.
    pub(super) broken: Vec<(Entity, Vec<u64>)>,
}

#[derive(Deserialize)]
struct Delivery<'d> {
    #[serde(borrow, default)]
    campaign_id: Option<&'d RawValue>,
    #[serde(borrow, default)]
    broadcast_id: Option<&'d RawValue>,
    #[serde(borrow, default)]
    newsletter_id: Option<&'d RawValue>,
    #[serde(borrow, default)]
    transactional_message_id: Option<&'d RawValue>,
    #[serde(borrow, default)]
    action_id: Option<&'d RawValue>,
    #[serde(borrow, default)]
    metrics: Option<&'d RawValue>,
    #[serde(borrow, default)]
    created: Option<&'d RawValue>,
    #[serde(borrow, default)]
    channel: Option<Cow<'d, str>>,
    #[serde(borrow, default)]
    forgotten: Option<&'d RawValue>,
}

#[derive(Deserialize)]
struct Member<'m> {
    #[serde(borrow)]
    segment_id: &'m RawValue,
}

#[derive(Deserialize)]
struct Person<'p> {
    #[serde(borrow, default)]
    deleted: Option<&'p RawValue>,
    #[serde(borrow, default)]
    suppressed: Option<&'p RawValue>,
}

impl Counts {
    /// Reads deliveries, members and people once.
    pub(super) fn of(capture: &Capture) -> Result<Self, CaptureError> {
        let mut counts = Self::default();
        let broken = each(capture, Entity::Delivery, &mut |line| counts.delivery(line))?;
        counts.broken.push((Entity::Delivery, broken));
        if capture.file(Entity::SegmentMember).is_some() {
            let mut members: HashMap<String, u64> = HashMap::new();
            let broken = each(capture, Entity::SegmentMember, &mut |line| {
                let Ok(member) = serde_json::from_slice::<Member<'_>>(line) else {
                    return false;
                };
                *members.entry(plain(member.segment_id)).or_default() += 1;
                true
            })?;
            counts.members = Some(members);
            counts.broken.push((Entity::SegmentMember, broken));
        }
        let broken = each(capture, Entity::Person, &mut |line| counts.person(line))?;
        counts.broken.push((Entity::Person, broken));
        counts.broken.retain(|(_, lines)| !lines.is_empty());
        Ok(counts)
    }

    /// What was sent by that sender; nothing is all zeros.
    pub(super) fn volumes(&self, sender: Sender, id: &str) -> Volumes {
        let found = self.volumes.get(&(sender, id.to_owned()));
        found.cloned().unwrap_or_default()
    }

    fn person(&mut self, line: &[u8]) -> bool {
        let Ok(person) = serde_json::from_slice::<Person<'_>>(line) else {
            return false;
        };
        self.people += 1;
        self.deleted += u64::from(is_yes(person.deleted));
        self.suppressed += u64::from(is_yes(person.suppressed));
        true
    }

    fn delivery(&mut self, line: &[u8]) -> bool {
        let Ok(delivery) = serde_json::from_slice::<Delivery<'_>>(line) else {
            return false;
        };
        let metrics: BTreeMap<Cow<'_, str>, Option<&RawValue>> = delivery
            .metrics
            .and_then(|raw| serde_json::from_str(raw.get()).ok())
            .unwrap_or_default();
        let time = |raw: &RawValue| raw.get().parse::<i64>().ok();
        let created = metrics
            .get("created")
            .copied()
            .flatten()
            .or(delivery.created);
        let created = created.and_then(time);
        let senders = [
            (Sender::Campaign, delivery.campaign_id),
            (Sender::Broadcast, delivery.broadcast_id),
            (Sender::Newsletter, delivery.newsletter_id),
            (Sender::Transactional, delivery.transactional_message_id),
            (Sender::Step, delivery.action_id),
        ];
        for (sender, id) in senders {
            let Some(id) = id.filter(|raw| raw.get() != "null") else {
                continue;
            };
            let volumes = self.volumes.entry((sender, plain(id))).or_default();
            volumes.deliveries += 1;
            for (metric, at) in &metrics {
                if at.is_some_and(|raw| raw.get() != "null") {
                    match volumes.metrics.get_mut(metric.as_ref()) {
                        Some(count) => *count += 1,
                        None => {
                            volumes.metrics.insert(metric.clone().into_owned(), 1);
                        }
                    }
                }
            }
            volumes.first = volumes.first.into_iter().chain(created).min();
            volumes.last = volumes.last.into_iter().chain(created).max();
        }
        let channel = delivery.channel.unwrap_or_default().into_owned();
        *self.channels.entry(channel).or_default() += 1;
        self.forgotten += u64::from(is_yes(delivery.forgotten));
        true
    }
}

/// An id, written as number or as text.
fn plain(raw: &RawValue) -> String {
    serde_json::from_str(raw.get()).unwrap_or_else(|_| raw.get().to_owned())
}

fn is_yes(raw: Option<&RawValue>) -> bool {
    raw.is_some_and(|it| it.get() == "true")
}
