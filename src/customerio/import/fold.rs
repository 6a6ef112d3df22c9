//! Puts the pieces of one record together: later ones over earlier ones within a source, then source over source.

use std::collections::{BTreeMap, BTreeSet};

use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;

use super::fact::{Fact, Fields};
use super::value::{is_nothing, is_same, raw};
use crate::model::Entity;

/// What `true` in any source decides: whoever opted out stays out, and a `cio_id` that was deleted or suppressed never
/// comes back (reference/customerio.md 3.1).
const YES_WINS: [&str; 3] = ["unsubscribed", "suppressed", "deleted"];

/// A record, whole.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Folded {
    pub(super) entity: Entity,
    pub(super) cio_id: Option<String>,
    pub(super) top: Fields,
    pub(super) inner: Fields,
}

/// How often sources said different things, by kind and field.
pub(super) type Conflicts = BTreeMap<String, u64>;

/// The pieces of one record as one; `None` for a record that is gone.
///
/// `previous` are the sources that only tell who was there once.
pub(super) fn fold(
    mut facts: Vec<Fact>,
    previous: &BTreeSet<u16>,
    conflicts: &mut Conflicts,
) -> Option<Folded> {
    facts.sort_by_key(|fact| (fact.source, fact.at, fact.place));
    let is_of_today = |fact: &Fact| !previous.contains(&fact.source);
    let is_lost = !facts.iter().any(is_of_today);
    if !is_lost {
        facts.retain(is_of_today);
    }
    let first = facts.first()?;
    let entity = first.entity;
    let cio_id = first.who.as_ref().and_then(|who| who.cio_id.clone());
    let mut sources: BTreeMap<u16, State> = BTreeMap::new();
    for fact in facts {
        sources.entry(fact.source).or_default().add(fact);
    }
    let mut states = sources.into_values();
    let mut whole = states.next()?;
    if whole.is_gone {
        return None;
    }
    for state in states.filter(|it| !it.is_gone) {
        whole.fill(state, entity, conflicts);
    }
    if is_lost {
        whole.top.insert("deleted".to_owned(), raw(&true)?);
    }
    Some(Folded {
        entity,
        cio_id,
        top: whole.top,
        inner: whole.inner,
    })
}

/// What one source says of a record.
#[derive(Default)]
struct State {
    top: Fields,
    inner: Fields,
    is_gone: bool,
}

impl State {
    fn add(&mut self, fact: Fact) {
        if fact.gone {
            *self = Self {
                is_gone: true,
                ..Self::default()
            };
            return;
        }
        self.is_gone = false;
        for (name, value) in fact.top {
            // `null` is no knowledge, and no reason to forget what was known.
            if value.get() != "null" {
                self.top.insert(name, value);
            }
        }
        for name in fact.unset {
            self.inner.remove(&name);
        }
        for (name, value) in fact.inner {
            if fact.entity == Entity::Delivery {
                earliest(&mut self.inner, name, value);
            } else {
                self.inner.insert(name, value);
            }
        }
    }

    /// Takes over what it does not say itself.
    fn fill(&mut self, other: State, entity: Entity, conflicts: &mut Conflicts) {
        for (name, value) in other.top {
            if entity == Entity::Person && YES_WINS.contains(&name.as_str()) {
                self.agree(name, value, conflicts);
            } else {
                keep_first(&mut self.top, name, value, entity.word(), conflicts);
            }
        }
        for (name, value) in other.inner {
            keep_first(&mut self.inner, name, value, entity.word(), conflicts);
        }
    }

    fn agree(&mut self, name: String, value: Box<RawValue>, conflicts: &mut Conflicts) {
        let own = self.top.get(&name).map(|it| it.get() == "true");
        let told = value.get() == "true";
        if own.is_some_and(|own| own != told) {
            count(conflicts, Entity::Person.word(), &name);
        }
        if told || own.is_none() {
            self.top.insert(name, value);
        }
    }
}

/// A metric that was told twice happened when it was told first.
fn earliest(metrics: &mut Fields, name: String, value: Box<RawValue>) {
    let time = |it: &RawValue| it.get().parse::<i64>().unwrap_or(i64::MAX);
    let is_earlier = metrics.get(&name).is_none_or(|it| time(&value) < time(it));
    if is_earlier {
        metrics.insert(name, value);
    }
}

fn keep_first(
    fields: &mut Fields,
    name: String,
    value: Box<RawValue>,
    word: &str,
    conflicts: &mut Conflicts,
) {
    match fields.get(&name) {
        None => {
            fields.insert(name, value);
        }
        Some(own) if is_same(own, &value) || is_nothing(&value) => {}
        Some(_) => count(conflicts, word, &name),
    }
}

fn count(conflicts: &mut Conflicts, word: &str, name: &str) {
    *conflicts.entry(format!("{word}.{name}")).or_default() += 1;
}

impl Folded {
    /// Name by which a person that was deleted and made again is found: the `id`, else the address.
    pub(super) fn lasting_name(&self) -> Option<String> {
        let text = |name: &str| self.top.get(name).and_then(|it| super::value::text_of(it));
        text("id").or_else(|| text("email").map(|it| it.trim().to_lowercase()))
    }

    pub(super) fn says(&self, name: &str) -> bool {
        self.top.get(name).is_some_and(|it| it.get() == "true")
    }

    /// The line of the capture (architecture.md section 3), with its newline.
    pub(super) fn line(mut self) -> serde_json::Result<Vec<u8>> {
        let null = || RawValue::from_string("null".to_owned());
        let (lead, inner): (&[&str], Option<&str>) = match self.entity {
            Entity::Person => {
                for name in ["id", "email", "anonymous_id"] {
                    self.top.entry(name.to_owned()).or_insert(null()?);
                }
                // What is computed has the defaults of topics in it already (reference/customerio.md 3.2).
                if let (None, Some(computed)) = (
                    self.top.get("preferences"),
                    self.top.get("preferences_computed").cloned(),
                ) {
                    self.top.insert("preferences".to_owned(), computed);
                }
                for name in ["unsubscribed", "suppressed", "deleted", "re_added"] {
                    let no = RawValue::from_string("false".to_owned())?;
                    self.top.entry(name.to_owned()).or_insert(no);
                }
                (
                    &[
                        "cio_id",
                        "id",
                        "email",
                        "anonymous_id",
                        "created_at",
                        "updated_at",
                        "unsubscribed",
                        "suppressed",
                        "deleted",
                        "re_added",
                    ],
                    Some("traits"),
                )
            }
            Entity::Object => (
                &["object_type_id", "object_id", "cio_object_id"],
                Some("attributes"),
            ),
            Entity::Relationship => (
                &["cio_id", "object_type_id", "object_id"],
                Some("attributes"),
            ),
            Entity::Event => (&["id", "type", "name", "timestamp", "cio_id"], None),
            Entity::Delivery => (
                &["id", "channel", "cio_id", "recipient", "subject", "body"],
                Some("metrics"),
            ),
            Entity::SegmentMember => (&["segment_id", "cio_id"], None),
            Entity::Segment
            | Entity::Campaign
            | Entity::CampaignAction
            | Entity::Newsletter
            | Entity::Broadcast
            | Entity::Transactional
            | Entity::Template
            | Entity::ObjectType
            | Entity::SubscriptionTopic
            | Entity::Suppression
            | Entity::Resource => (&["id", "name"], None),
        };
        if let Some(cio_id) = self.cio_id.as_ref().and_then(raw) {
            self.top.insert("cio_id".to_owned(), cio_id);
        }
        if let Some(inner) = inner {
            let held = serde_json::value::to_raw_value(&self.inner)?;
            self.top.insert(inner.to_owned(), held);
        }
        let mut line = serde_json::to_vec(&Ordered {
            lead,
            fields: &self.top,
        })?;
        line.push(b'\n');
        Ok(line)
    }
}

/// Known keys first and in their order, the others after them by name.
struct Ordered<'a> {
    lead: &'a [&'a str],
    fields: &'a Fields,
}

impl Serialize for Ordered<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.fields.len()))?;
        for name in self.lead {
            if let Some(value) = self.fields.get(*name) {
                map.serialize_entry(name, value)?;
            }
        }
        for (name, value) in self.fields {
            if !self.lead.contains(&name.as_str()) {
                map.serialize_entry(name, value)?;
            }
        }
        map.end()
    }
}
