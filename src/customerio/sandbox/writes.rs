//! What writes do to the workspace, whichever surface they came by (customerio.md 3.1, 3.2, 5).

use serde_json::{Value, json};

use super::person::{Person, means_unsubscribed};
use super::world::{Activity, Object, Thing, World, plain, text};

/// Whom a write names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Who {
    /// `id`, `email`, `phone` or `cio_id`; `anonymous_id` on Pipelines.
    pub(super) id_type: &'static str,
    pub(super) value: String,
}

/// An object by its type and id.
pub(super) type ObjectKey = (String, String);

impl World {
    /// Creates or changes a person; `None` where the write is accepted and ignored.
    pub(super) fn identify(&mut self, who: &Who, attributes: &Object) -> Option<String> {
        if self.blocked.contains(&who.value) {
            return None;
        }
        let named = self.named(who);
        let email = attributes.get("email").and_then(Value::as_str);
        let by_email = email.filter(|_| self.switches.email_identifier);
        let by_email = by_email.and_then(|email| self.person_by("email", email));
        let cio_id = match (named, by_email) {
            (Some(named), Some(other)) if named != other => {
                self.happen(&named, "failed_attribute_change", Object::new());
                return None;
            }
            (Some(named), _) => named,
            // A new id with a known address updates that person, who has no id yet.
            (None, Some(other)) if self.alive(&other).is_some_and(|it| it.id.is_none()) => other,
            (None, Some(_)) => return None,
            (None, None) => self.create(),
        };
        let now = self.now();
        let person = self.people.get_mut(&cio_id)?;
        match who.id_type {
            "id" => person.id = Some(who.value.clone()),
            "email" => person.email = Some(who.value.clone()),
            "anonymous_id" => person.anonymous_id = Some(who.value.clone()),
            "phone" => {
                let phone = Value::from(who.value.as_str());
                person.attributes.insert("phone".to_owned(), phone);
            }
            _ => {}
        }
        let changes = person.change(attributes, now);
        if !changes.is_empty() {
            let mut rest = Object::new();
            rest.insert("data".to_owned(), Value::from(changes));
            self.happen(&cio_id, "attribute_change", rest);
        }
        Some(cio_id)
    }

    /// The person that is there, also by `anonymous_id`.
    pub(super) fn named(&self, who: &Who) -> Option<String> {
        if who.id_type == "anonymous_id" {
            let mut all = self.people.values().filter(|person| person.is_there());
            let found = all.find(|it| it.anonymous_id.as_deref() == Some(who.value.as_str()));
            return found.map(|person| person.cio_id.clone());
        }
        self.person_by(who.id_type, &who.value)
    }

    fn create(&mut self) -> String {
        let now = self.now();
        let cio_id = loop {
            let cio_id = format!("07{:010x}", self.fresh());
            if !self.people.contains_key(&cio_id) {
                break cio_id;
            }
        };
        let person = Person {
            cio_id: cio_id.clone(),
            created_at: Some(Value::from(now)),
            updated_at: now,
            ..Person::default()
        };
        self.people.insert(cio_id.clone(), person);
        self.happen(&cio_id, "profile_create", Object::new());
        cio_id
    }

    /// Tells an activity that happens now.
    fn happen(&mut self, cio_id: &str, kind: &str, rest: Object) {
        let now = self.now();
        let id = format!("01SANDBOX{:017}", self.fresh());
        self.tell(Activity {
            id,
            cio_id: cio_id.to_owned(),
            kind: kind.to_owned(),
            timestamp: now,
            rest,
        });
    }

    /// Removes the profile; its deliveries stay, known by `cio_id` only.
    pub(super) fn delete(&mut self, who: &Who) {
        let Some(cio_id) = self.named(who) else {
            return;
        };
        let mut rest = Object::new();
        if let Some(person) = self.people.get_mut(&cio_id) {
            rest.insert("identifiers".to_owned(), person.identifiers());
            person.deleted = true;
        }
        self.happen(&cio_id, "profile_delete", rest);
        self.edges.retain(|(person, _, _), _| *person != cio_id);
        for members in self.members.values_mut() {
            members.remove(&cio_id);
        }
    }

    /// Deletes and blocks the identifier.
    pub(super) fn suppress(&mut self, who: &Who) {
        self.delete(who);
        self.blocked.insert(who.value.clone());
    }

    /// Lets the identifier in again; nothing comes back.
    pub(super) fn unsuppress(&mut self, who: &Who) {
        self.blocked.remove(&who.value);
    }

    /// The primary wins, its blanks are filled; the secondary is gone for good.
    pub(super) fn merge(&mut self, primary: &Who, secondary: &Who) -> bool {
        let (Some(into), Some(from)) = (self.named(primary), self.named(secondary)) else {
            return false;
        };
        if into == from {
            return false;
        }
        let Some(gone) = self.people.remove(&from) else {
            return false;
        };
        if let Some(person) = self.people.get_mut(&into) {
            person.email = person.email.take().or(gone.email);
            for (name, value) in gone.attributes {
                person.attributes.entry(name).or_insert(value);
            }
        }
        for activity in &mut self.activities {
            if activity.cio_id == from {
                activity.cio_id.clone_from(&into);
            }
        }
        for delivery in &mut self.deliveries {
            if delivery.get("cio_id").and_then(Value::as_str) == Some(from.as_str()) {
                delivery.insert("cio_id".to_owned(), Value::from(into.as_str()));
            }
        }
        let moved: Vec<_> = self
            .edges
            .keys()
            .filter(|key| key.0 == from)
            .cloned()
            .collect();
        for key in moved {
            if let Some(attributes) = self.edges.remove(&key) {
                let key = (into.clone(), key.1, key.2);
                self.edges.entry(key).or_insert(attributes);
            }
        }
        for members in self.members.values_mut() {
            if members.remove(&from) {
                members.insert(into.clone());
            }
        }
        self.happen(&into, "profile_merge", Object::new());
        true
    }

    /// An event, page or screen; the person is made where there is none.
    pub(super) fn event(&mut self, who: &Who, kind: &str, event: &Object) {
        if self.blocked.contains(&who.value) {
            return;
        }
        let cio_id = match self.named(who) {
            Some(cio_id) => cio_id,
            None => match self.identify(who, &Object::new()) {
                Some(cio_id) => cio_id,
                None => return,
            },
        };
        let id = match event.get("id").and_then(Value::as_str) {
            Some(id) if self.activities.iter().any(|it| it.id == id) => return,
            Some(id) => id.to_owned(),
            None => format!("01SANDBOX{:017}", self.fresh()),
        };
        let timestamp = event.get("timestamp").and_then(Value::as_i64);
        let timestamp = timestamp.unwrap_or_else(|| self.now());
        let data = event
            .get("data")
            .or_else(|| event.get("attributes"))
            .cloned();
        let mut rest = Object::new();
        let name = event.get("name").cloned().unwrap_or_default();
        let key = if kind == "page" { "url" } else { "name" };
        rest.insert(key.to_owned(), name);
        rest.insert("data".to_owned(), data.unwrap_or_else(|| json!({})));
        self.tell(Activity {
            id,
            cio_id,
            kind: kind.to_owned(),
            timestamp,
            rest,
        });
    }

    /// Creates or changes an object, and its type where that is new.
    pub(super) fn identify_object(&mut self, key: &ObjectKey, attributes: &Object) {
        if !self
            .object_types
            .iter()
            .any(|it| it.get("id").map(plain).as_ref() == Some(&key.0))
        {
            let made = json!({"id": key.0, "name": format!("Objects {}", key.0),
                "singular_name": format!("Object {}", key.0), "slug": format!("objects-{}", key.0),
                "singular_slug": format!("object-{}", key.0), "enabled": true, "icon": ""});
            self.object_types.extend(made.as_object().cloned());
        }
        let now = self.now();
        let number = self.fresh();
        let thing = self.objects.entry(key.clone()).or_insert_with(|| Thing {
            cio_object_id: format!("ob07{number:06x}"),
            ..Thing::default()
        });
        thing.updated_at = now;
        for (name, value) in attributes {
            if value.is_null() || value.as_str() == Some("") {
                thing.attributes.remove(name);
            } else {
                thing.attributes.insert(name.clone(), value.clone());
            }
        }
    }

    /// Removes an object and its relationships.
    pub(super) fn delete_object(&mut self, key: &ObjectKey) {
        self.objects.remove(key);
        self.edges
            .retain(|edge, _| edge.1 != key.0 || edge.2 != key.1);
    }

    /// Relates a person to an object; both are made where they are new.
    pub(super) fn relate(&mut self, cio_id: &str, key: &ObjectKey, attributes: &Object) {
        if !self.objects.contains_key(key) {
            self.identify_object(key, &Object::new());
        }
        let edge = (cio_id.to_owned(), key.0.clone(), key.1.clone());
        let known = self.edges.entry(edge).or_default();
        known.extend(attributes.clone());
    }

    /// Ends a relationship.
    pub(super) fn unrelate(&mut self, cio_id: &str, key: &ObjectKey) {
        let edge = (cio_id.to_owned(), key.0.clone(), key.1.clone());
        self.edges.remove(&edge);
    }

    /// Adds or replaces a device.
    pub(super) fn add_device(&mut self, who: &Who, device: &Object) {
        let token = device.get("token").or_else(|| device.get("id")).cloned();
        if let Some(person) = self
            .named(who)
            .and_then(|cio_id| self.people.get_mut(&cio_id))
        {
            let token = token.unwrap_or_default();
            person
                .devices
                .retain(|known| known.get("id") != Some(&token));
            person
                .devices
                .push(json!({"id": token, "platform": device.get("platform"),
                "last_used": device.get("last_used"),
                "attributes": device.get("attributes").cloned().unwrap_or_else(|| json!({}))}));
        }
    }

    /// Removes a device.
    pub(super) fn delete_device(&mut self, who: &Who, token: &str) {
        if let Some(person) = self
            .named(who)
            .and_then(|cio_id| self.people.get_mut(&cio_id))
        {
            person
                .devices
                .retain(|known| known.get("id").and_then(Value::as_str) != Some(token));
        }
    }

    /// Whom a delivery went to, by `cio_id`.
    pub(super) fn recipient_of(&self, delivery: &str) -> Option<String> {
        let mut all = self.deliveries.iter();
        let found = all.find(|it| text(it, "id") == Some(delivery))?;
        text(found, "cio_id").map(str::to_owned)
    }

    /// A metric that a client reports of a delivery.
    pub(super) fn report(&mut self, delivery: &str, metric: &str, at: Option<i64>) {
        let now = self.now();
        let mut all = self.deliveries.iter_mut();
        let found = all.find(|it| it.get("id").and_then(Value::as_str) == Some(delivery));
        let metrics = found.and_then(|it| it.get_mut("metrics")?.as_object_mut());
        if let Some(metrics) = metrics {
            metrics.insert(metric.to_owned(), Value::from(at.unwrap_or(now)));
        }
    }
}

impl Person {
    /// Takes the attributes of a write; gives what changed, from what to what.
    fn change(&mut self, attributes: &Object, now: i64) -> Object {
        let mut changes = Object::new();
        for (name, value) in attributes {
            let is_blank = value.is_null() || value.as_str() == Some("");
            let kept = (!is_blank).then(|| value.clone());
            let text = kept.as_ref().map(plain);
            match name.as_str() {
                "id" => self.id = text,
                "email" => self.email = text,
                "anonymous_id" => self.anonymous_id = text,
                "created_at" => self.created_at = kept,
                "unsubscribed" => self.unsubscribed = means_unsubscribed(value),
                "cio_subscription_preferences" => self.preferences = kept,
                // Computed by the service, or ours to give.
                "cio_id" => continue,
                other if other.starts_with('_') => continue,
                other => {
                    let was = self.attributes.remove(other);
                    if was == kept {
                        self.attributes
                            .extend(was.map(|was| (other.to_owned(), was)));
                        continue;
                    }
                    let from = was.as_ref().map(plain).unwrap_or_default();
                    let told = json!({"from": from, "to": text.unwrap_or_default()});
                    changes.insert(other.to_owned(), told);
                    self.attributes
                        .extend(kept.map(|kept| (other.to_owned(), kept)));
                }
            }
            self.set_at.insert(name.clone(), now);
        }
        if !attributes.is_empty() {
            self.updated_at = now;
        }
        changes
    }
}
