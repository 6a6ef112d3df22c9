//! A capture that was taken before, as a source of its own: an older one keeps events that no API tells any more.

use std::path::Path;

use super::error::{ImportError, Refusal};
use super::fact::{Fact, Fields, Who};
use super::read::{Reader, members};
use super::value::{raw, text_of};
use crate::capture::Capture;
use crate::model::Entity;

/// Every file of the folder, or only its people.
pub(super) fn read(
    reader: &mut Reader<'_>,
    folder: &Path,
    only_people: bool,
) -> Result<(), ImportError> {
    let capture = Capture::open(folder)?;
    for file in capture.files() {
        if only_people && file.entity != Entity::Person {
            continue;
        }
        reader.path = folder.join(&file.name);
        let entity = file.entity;
        reader.lines(|reader, _, fields| piece(reader.fact(entity), fields).map(|it| vec![it]))?;
    }
    Ok(())
}

fn piece(mut fact: Fact, mut fields: Fields) -> Result<Fact, Refusal> {
    let text = |fields: &Fields, name: &str| fields.get(name).and_then(|it| text_of(it));
    let inner = match fact.entity {
        Entity::Person => "traits",
        Entity::Object | Entity::Relationship => "attributes",
        Entity::Delivery => "metrics",
        Entity::Event
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
        | Entity::Resource => "",
    };
    let named = |name: &str| text(&fields, name).unwrap_or_default();
    fact.key = match fact.entity {
        Entity::Person => String::new(),
        Entity::Object | Entity::Relationship => {
            format!("{}\u{0}{}", named("object_type_id"), named("object_id"))
        }
        Entity::SegmentMember => named("segment_id"),
        // An address may be suppressed for several reasons.
        Entity::Suppression => format!("{}\u{0}{}", named("email"), named("reason")),
        Entity::Resource => {
            let own = text(&fields, "id").or_else(|| text(&fields, "name"));
            format!("{}\u{0}{}", named("kind"), own.unwrap_or_default())
        }
        Entity::SubscriptionTopic => text(&fields, "id")
            .or_else(|| text(&fields, "identifier"))
            .unwrap_or_default(),
        Entity::Event
        | Entity::Delivery
        | Entity::Segment
        | Entity::Campaign
        | Entity::CampaignAction
        | Entity::Newsletter
        | Entity::Broadcast
        | Entity::Transactional
        | Entity::Template
        | Entity::ObjectType
        | Entity::Resource => named("id"),
    };
    let who = Who {
        cio_id: text(&fields, "cio_id"),
        ..Who::default()
    };
    let is_person = fact.entity == Entity::Person;
    if (fact.key.trim_matches('\u{0}').is_empty() && !is_person)
        || (is_person && who.cio_id.is_none())
    {
        return Err(Refusal::Nameless);
    }
    fact.inner = members(fields.remove(inner))?;
    if is_person {
        fact.who = Some(Who {
            id: text(&fields, "id"),
            email: text(&fields, "email"),
            anonymous_id: text(&fields, "anonymous_id"),
            ..who
        });
    } else if who.cio_id.is_some() {
        fact.who = Some(who);
    }
    fields.remove("cio_id");
    fact.top = fields;
    Ok(fact)
}

/// Keys of an object or a relationship.
pub(super) fn object_key(object_type: &str, object: &str) -> (String, Fields) {
    let named = [("object_type_id", object_type), ("object_id", object)];
    let top = named
        .iter()
        .filter_map(|(name, value)| Some(((*name).to_owned(), raw(value)?)))
        .collect();
    (format!("{object_type}\u{0}{object}"), top)
}
