//! What a capture does not tell, said out loud: a count that is missing must not be read as a zero.

use super::profile::Profile;
use crate::capture::Capture;
use crate::model::Entity;

/// A sentence for each thing that could not be known.
pub(super) fn unknown(capture: &Capture, profile: &Profile) -> Vec<String> {
    let mut said: Vec<String> = Entity::ALL
        .into_iter()
        .filter(|entity| capture.file(*entity).is_none())
        .map(|entity| format!("`{}` is not there: {}", entity.file(), absent(entity)))
        .collect();
    if let Some(people) = &profile.people {
        let flags = [
            ("deleted", people.deleted, "who was deleted"),
            (
                "re_added",
                people.re_added,
                "who was deleted and added again within a billing cycle",
            ),
            (
                "suppressed",
                people.suppressed,
                "who must not be written to, beside the unsubscribed",
            ),
        ];
        for (flag, told, what) in flags {
            if told.is_none() && people.all > 0 {
                said.push(format!("no person says `{flag}`: it is unknown {what}"));
            }
        }
    }
    if let Some(events) = &profile.events {
        match (&events.earliest, &profile.capture.until) {
            (Some(earliest), _) => said.push(format!(
                "events reach back to {earliest}; what happened before is not in the capture"
            )),
            (None, _) if events.all > 0 => {
                said.push("no event has a time that can be read".to_owned());
            }
            (None, _) => {}
        }
        if events.nobody > 0 {
            said.push(format!("{} events name no person", events.nobody));
        }
    }
    if let Some(deliveries) = &profile.deliveries {
        let all = deliveries.by_channel.all;
        if deliveries.forgotten > 0 {
            said.push(format!(
                "the content of {} of {all} deliveries was not kept by the source",
                deliveries.forgotten
            ));
        }
        let without = all.saturating_sub(deliveries.bodies + deliveries.forgotten);
        if without > 0 {
            said.push(format!(
                "{without} of {all} deliveries came without their content"
            ));
        }
    }
    let whole = |entity: Entity| {
        let listed = profile.listed.iter().find(|(kind, _)| *kind == entity);
        listed.map_or(0, |(_, listed)| {
            listed.iter().filter(|it| !it.is_whole).count()
        })
    };
    let (segments, campaigns) = (whole(Entity::Segment), whole(Entity::Campaign));
    if segments > 0 {
        said.push(format!("{segments} segments came without their conditions"));
    }
    if campaigns > 0 {
        said.push(format!("{campaigns} campaigns came without their workflow"));
    }
    if !profile.capture.is_sealed {
        said.push(
            "the folder is not sealed: nobody can tell whether it is as it was taken".to_owned(),
        );
    }
    said
}

/// What its absence means.
const fn absent(entity: Entity) -> &'static str {
    match entity {
        Entity::Person => "nobody can be moved",
        Entity::Object => "companies and other objects are unknown",
        Entity::Event => "what people did is unknown",
        Entity::Delivery => "what was sent to whom, and what became of it, is unknown",
        Entity::Relationship => "who belongs to which company is unknown",
        Entity::Segment => "segments are unknown",
        Entity::SegmentMember => "who is in which segment is unknown",
        Entity::Campaign => "campaigns are unknown",
        Entity::CampaignAction => "what campaigns send is unknown",
        Entity::Newsletter => "newsletters are unknown",
        Entity::Broadcast => "broadcasts are unknown",
        Entity::Transactional => "transactional messages are unknown",
        Entity::Template => "templates are unknown, beside what messages hold themselves",
        Entity::ObjectType => "object types go by their numbers",
        Entity::SubscriptionTopic => "which topics a person is asked for by default is unknown",
        Entity::Resource => "snippets, senders and collections are unknown",
        Entity::Suppression => "addresses that bounced or complained are unknown",
    }
}
