//! Calls of the Pipelines API, or of any library that speaks the same, kept one a line (reference/customerio.md 5.2).

use serde_json::value::RawValue;

use super::capture::object_key;
use super::delivery::channel;
use super::error::{ImportError, Refusal};
use super::fact::{Fact, Fields, Who};
use super::person;
use super::read::{Pieces, Reader, fields, members};
use super::value::{raw, seconds, text_of};
use crate::model::Entity;

/// Reads the file; a `batch` line counts as its calls.
pub(super) fn read(reader: &mut Reader<'_>) -> Result<(), ImportError> {
    reader.lines(|reader, line, call| {
        let Some(batch) = call.get("batch") else {
            return Call::of(call, line)?.pieces(reader);
        };
        let calls: Vec<Box<RawValue>> =
            serde_json::from_str(batch.get()).map_err(|_| Refusal::NotOfItsKind)?;
        let mut found = Vec::new();
        for call in calls {
            let written = call.get().as_bytes();
            found.extend(Call::of(fields(written)?, written)?.pieces(reader)?);
        }
        Ok(found)
    })
}

/// One call.
struct Call {
    fields: Fields,
    kind: String,
    at: i64,
    who: Who,
    /// Names the call; a library sends the same one again when it is unsure.
    id: String,
}

impl Call {
    fn of(fields: Fields, written: &[u8]) -> Result<Self, Refusal> {
        let shape = || Refusal::NotOfItsKind;
        let text = |name: &str| {
            let text = fields.get(name).and_then(|it| text_of(it));
            text.filter(|it| !it.is_empty())
        };
        let kind = text("type").or_else(|| text("action")).ok_or_else(shape)?;
        let times = ["timestamp", "originalTimestamp", "sentAt", "receivedAt"];
        let at = times.iter().find_map(|it| seconds(&text(it)?));
        let id = text("messageId").unwrap_or_else(|| {
            let hash = blake3::hash(written).to_hex();
            format!("line-{}", hash.get(..32).unwrap_or_default())
        });
        let who = Who {
            cio_id: None,
            id: text("userId"),
            email: None,
            anonymous_id: text("anonymousId"),
        };
        Ok(Self {
            kind,
            at: at.unwrap_or_default(),
            who,
            id,
            fields,
        })
    }

    fn pieces(self, reader: &Reader<'_>) -> Pieces {
        match self.kind.as_str() {
            "identify" => self.identify(reader),
            "track" => self.track(reader),
            "page" | "screen" => self.event(reader),
            "group" => self.group(reader),
            "alias" => self.alias(reader),
            _ => Err(Refusal::NotOfItsKind),
        }
    }

    fn text(&self, name: &str) -> Option<String> {
        self.fields.get(name).and_then(|it| text_of(it))
    }

    fn members(&mut self, name: &str) -> Result<Fields, Refusal> {
        members(self.fields.remove(name))
    }

    fn fact(&self, reader: &Reader<'_>, entity: Entity) -> Fact {
        let mut fact = reader.fact(entity);
        fact.at = self.at;
        fact.who = Some(self.who.clone());
        fact
    }

    /// That there is such a person: a call makes one that was not there.
    fn person(&self, reader: &Reader<'_>) -> Result<Fact, Refusal> {
        if self.who.is_nobody() {
            return Err(Refusal::Nameless);
        }
        let mut fact = self.fact(reader, Entity::Person);
        person::name(&mut fact, self.who.clone());
        Ok(fact)
    }

    fn identify(mut self, reader: &Reader<'_>) -> Pieces {
        let traits = self.members("traits")?;
        let email = traits.get("email").and_then(|it| text_of(it));
        self.who.email = email.filter(|it| !it.is_empty());
        let mut fact = self.person(reader)?;
        for (name, value) in traits {
            person::set(&mut fact, &name, value);
        }
        fact.top
            .extend(raw(&self.at).map(|it| ("updated_at".to_owned(), it)));
        Ok(vec![fact])
    }

    /// An event, or a change of state under a reserved name.
    fn track(mut self, reader: &Reader<'_>) -> Pieces {
        let event = self.text("event").ok_or(Refusal::NotOfItsKind)?;
        let flag = |fact: &mut Fact, name: &str, is_so: bool| {
            fact.top.extend(raw(&is_so).map(|it| (name.to_owned(), it)));
        };
        match event.as_str() {
            "User Deleted" | "User Suppressed" | "User Unsuppressed" => {
                let mut fact = self.person(reader)?;
                if event == "User Deleted" {
                    flag(&mut fact, "deleted", true);
                } else {
                    flag(&mut fact, "suppressed", event == "User Suppressed");
                }
                Ok(vec![fact])
            }
            "Relationship Deleted" | "Object Deleted" => {
                let properties = self.members("properties")?;
                let text = |name: &str| properties.get(name).and_then(|it| text_of(it));
                let object = text("objectId").or_else(|| text("object_id"));
                let object = object.or_else(|| self.text("groupId"));
                let of = text("objectTypeId").or_else(|| text("object_type_id"));
                let entity = if event == "Object Deleted" {
                    Entity::Object
                } else {
                    Entity::Relationship
                };
                let object = object.ok_or(Refusal::Nameless)?;
                let mut fact = self.fact(reader, entity);
                (fact.key, fact.top) = object_key(&of.unwrap_or_else(first_type), &object);
                fact.gone = true;
                if entity == Entity::Object {
                    fact.who = None;
                } else if self.who.is_nobody() {
                    return Err(Refusal::Nameless);
                }
                Ok(vec![fact])
            }
            "Report Delivery Event" => self.delivery(reader),
            // A device is no record that a capture has, and content reports name no delivery.
            "Device Created or Updated" | "Device Deleted" | "Report Content Event" => {
                Ok(vec![self.person(reader)?])
            }
            _ => self.event(reader),
        }
    }

    fn event(mut self, reader: &Reader<'_>) -> Pieces {
        let person = self.person(reader)?;
        let mut fact = self.fact(reader, Entity::Event);
        fact.key.clone_from(&self.id);
        let kind = match self.kind.as_str() {
            "track" => "event",
            other => other,
        };
        let named = self.text("event").or_else(|| self.text("name"));
        let data = self
            .fields
            .remove("properties")
            .or_else(|| raw(&Fields::new()));
        let parts = [
            ("id", raw(&self.id)),
            ("type", raw(&kind)),
            ("name", raw(&named.unwrap_or_else(|| kind.to_owned()))),
            ("timestamp", raw(&self.at)),
            ("data", data),
        ];
        let given = parts
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?)));
        fact.top.extend(given);
        Ok(vec![person, fact])
    }

    /// An object, and how the person stands to it.
    fn group(mut self, reader: &Reader<'_>) -> Pieces {
        let object = self.text("groupId").ok_or(Refusal::Nameless)?;
        let mut traits = self.members("traits")?;
        let mut type_of = |name: &str| traits.remove(name).and_then(|it| text_of(&it));
        let of = type_of("object_type_id").or_else(|| type_of("objectTypeId"));
        let (key, top) = object_key(&of.unwrap_or_else(first_type), &object);
        let relation = members(traits.remove("relationshipAttributes"))?;
        let mut fact = self.fact(reader, Entity::Object);
        fact.who = None;
        (fact.key, fact.top) = (key.clone(), top.clone());
        fact.top
            .extend(raw(&self.at).map(|it| ("updated_at".to_owned(), it)));
        fact.inner = traits;
        let mut found = vec![fact];
        if !self.who.is_nobody() {
            found.push(self.person(reader)?);
            let mut relationship = self.fact(reader, Entity::Relationship);
            (relationship.key, relationship.top, relationship.inner) = (key, top, relation);
            found.push(relationship);
        }
        Ok(found)
    }

    /// What a message's own library reports of it.
    fn delivery(mut self, reader: &Reader<'_>) -> Pieces {
        let properties = self.members("properties")?;
        let text = |name: &str| properties.get(name).and_then(|it| text_of(it));
        let id = text("deliveryId").or_else(|| text("delivery_id"));
        let id = id.ok_or(Refusal::Nameless)?;
        let metric = text("metric").ok_or(Refusal::NotOfItsKind)?;
        let mut fact = self.fact(reader, Entity::Delivery);
        fact.inner.extend(raw(&self.at).map(|it| (metric, it)));
        fact.top.extend(raw(&id).map(|it| ("id".to_owned(), it)));
        let kind = text("channel").map(|it| channel(&it).to_owned());
        fact.top.extend(
            kind.and_then(|it| raw(&it))
                .map(|it| ("channel".to_owned(), it)),
        );
        fact.key = id;
        if self.who.is_nobody() {
            fact.who = None;
        }
        Ok(vec![fact])
    }

    /// Two names of one person.
    fn alias(mut self, reader: &Reader<'_>) -> Pieces {
        let before = self.text("previousId").ok_or(Refusal::NotOfItsKind)?;
        self.who.anonymous_id = Some(before);
        Ok(vec![self.person(reader)?])
    }
}

/// Calls without `object_type_id` mean the first type (reference/customerio.md 5.2, a guess).
fn first_type() -> String {
    "1".to_owned()
}
