//! The workspace: what it holds, its time, its counters.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::bucket::{Bucket, Daily};
use super::cursor::Cursors;
use super::exports::Export;
use super::person::Person;
use super::switches::Switches;
use crate::clock::Clock;

/// A JSON object.
pub(super) type Object = Map<String, Value>;

/// Everything that the workspace holds.
pub(super) struct World {
    pub(super) switches: Switches,
    clock: Arc<dyn Clock>,
    /// When the capture was taken.
    pub(super) taken: Option<Timestamp>,
    pub(super) workspace: String,
    pub(super) region: String,
    pub(super) address: String,
    pub(super) bucket: Bucket,
    pub(super) archived: Daily,
    pub(super) cursors: Cursors,
    pub(super) people: BTreeMap<String, Person>,
    /// Ids and addresses that writes are ignored for.
    pub(super) blocked: BTreeSet<String>,
    pub(super) object_types: Vec<Object>,
    /// By type and id.
    pub(super) objects: BTreeMap<(String, String), Thing>,
    /// By `cio_id`, type and object id.
    pub(super) edges: BTreeMap<(String, String, String), Object>,
    pub(super) segments: Vec<Object>,
    pub(super) members: BTreeMap<i64, BTreeSet<String>>,
    pub(super) campaigns: Vec<Object>,
    /// Of campaigns and broadcasts.
    pub(super) actions: Vec<Object>,
    pub(super) newsletters: Vec<Object>,
    pub(super) broadcasts: Vec<Object>,
    pub(super) transactional: Vec<Object>,
    /// Contents of newsletters and transactional messages.
    pub(super) contents: Vec<Object>,
    pub(super) topics: Vec<Object>,
    /// By category of the route.
    pub(super) suppressions: BTreeMap<&'static str, Vec<Object>>,
    pub(super) snippets: Vec<Object>,
    pub(super) senders: Vec<Object>,
    pub(super) collections: Vec<Object>,
    /// As the capture has them, newest first.
    pub(super) deliveries: Vec<Object>,
    /// Newest first.
    pub(super) activities: Vec<Activity>,
    pub(super) exports: Vec<Export>,
    made: u64,
}

/// A custom object.
#[derive(Clone, Debug, Default)]
pub(super) struct Thing {
    pub(super) cio_object_id: String,
    pub(super) attributes: Object,
    pub(super) updated_at: i64,
}

/// Something that happened to a person.
#[derive(Clone, Debug)]
pub(super) struct Activity {
    pub(super) id: String,
    pub(super) cio_id: String,
    pub(super) kind: String,
    pub(super) timestamp: i64,
    /// Name, url, `delivery_id` and the like, and `data`.
    pub(super) rest: Object,
}

/// The categories of the suppression routes and the words of a capture (customerio.md 2.11).
pub(super) const SUPPRESSIONS: [(&str, &str); 4] = [
    ("blocks", "blocked"),
    ("bounces", "bounced"),
    ("spam_reports", "spam"),
    ("invalid_emails", "invalid"),
];

impl World {
    pub(super) fn new(switches: Switches, clock: Arc<dyn Clock>) -> World {
        let bucket = Bucket::full(switches.requests_per_second, clock.now());
        World {
            switches,
            clock,
            taken: None,
            workspace: "local".to_owned(),
            region: "us".to_owned(),
            address: String::new(),
            bucket,
            archived: Daily::default(),
            cursors: Cursors::new("a cursor of this workspace"),
            people: BTreeMap::new(),
            blocked: BTreeSet::new(),
            object_types: Vec::new(),
            objects: BTreeMap::new(),
            edges: BTreeMap::new(),
            segments: Vec::new(),
            members: BTreeMap::new(),
            campaigns: Vec::new(),
            actions: Vec::new(),
            newsletters: Vec::new(),
            broadcasts: Vec::new(),
            transactional: Vec::new(),
            contents: Vec::new(),
            topics: Vec::new(),
            suppressions: BTreeMap::new(),
            snippets: Vec::new(),
            senders: Vec::new(),
            collections: Vec::new(),
            deliveries: Vec::new(),
            activities: Vec::new(),
            exports: Vec::new(),
            made: 0,
        }
    }

    /// The time of buckets and exports.
    pub(super) fn clock_now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The workspace's time, in unix seconds.
    pub(super) fn now(&self) -> i64 {
        match (self.switches.now, self.taken) {
            (0, Some(taken)) => taken.as_second(),
            (0, None) => self.clock.now().as_second(),
            (now, _) => now,
        }
    }

    /// A number that no earlier call gave.
    pub(super) fn fresh(&mut self) -> u64 {
        self.made += 1;
        self.made
    }

    /// The person behind a capture's `cio_id`, when it is still there.
    pub(super) fn alive(&self, cio_id: &str) -> Option<&Person> {
        self.people.get(cio_id).filter(|person| person.is_there())
    }

    /// `identifiers` of whoever this is; a deleted person has only the `cio_id` left (customerio.md 2.9).
    pub(super) fn identifiers(&self, cio_id: &str) -> Value {
        match self.alive(cio_id) {
            Some(person) => person.identifiers(),
            None => json!({"id": null, "email": null, "cio_id": cio_id}),
        }
    }

    /// The `cio_id` of the person that `value` names in the way of `id_type`.
    pub(super) fn person_by(&self, id_type: &str, value: &str) -> Option<String> {
        if id_type == "cio_id" {
            // Some surfaces want the value prefixed (customerio.md 2.1).
            let bare = value.strip_prefix("cio_").unwrap_or(value);
            return self.alive(bare).map(|person| person.cio_id.clone());
        }
        let fits = |person: &&Person| match id_type {
            "email" => person
                .email
                .as_deref()
                .is_some_and(|email| email.eq_ignore_ascii_case(value)),
            "phone" => person.attributes.get("phone").and_then(Value::as_str) == Some(value),
            _ => person.id.as_deref() == Some(value),
        };
        let mut found = self.people.values().filter(|person| person.is_there());
        found.find(fits).map(|person| person.cio_id.clone())
    }

    /// Puts an activity where its time belongs.
    pub(super) fn tell(&mut self, activity: Activity) {
        let place = self
            .activities
            .partition_point(|other| other.timestamp > activity.timestamp);
        self.activities.insert(place, activity);
    }

    /// How many of each kind there are.
    pub(super) fn counts(&self) -> Value {
        let events = self.activities.iter().filter(|it| it.kind == "event");
        json!({
            "people": self.people.values().filter(|person| person.is_there()).count(),
            "deleted": self.people.values().filter(|person| person.deleted).count(),
            "objects": self.objects.len(),
            "relationships": self.edges.len(),
            "segments": self.segments.len(),
            "members": self.members.values().map(BTreeSet::len).sum::<usize>(),
            "campaigns": self.campaigns.len(),
            "deliveries": self.deliveries.len(),
            "events": events.count(),
            "activities": self.activities.len(),
        })
    }
}

/// The integer under `key`, also where it is written as text.
pub(super) fn integer(object: &Object, key: &str) -> Option<i64> {
    let value = object.get(key)?;
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

/// The text under `key`, if there is any.
pub(super) fn text<'a>(object: &'a Object, key: &str) -> Option<&'a str> {
    object.get(key)?.as_str().filter(|text| !text.is_empty())
}

/// A value as it is written: text as it stands, anything else as JSON.
pub(super) fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// The record of `list` whose `id` is `wanted`.
pub(super) fn by_id<'a>(list: &'a [Object], wanted: &str) -> Option<&'a Object> {
    list.iter()
        .find(|object| object.get("id").is_some_and(|id| plain(id) == wanted))
}
