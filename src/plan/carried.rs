//! Records that have no rule of their own and arrive inside another one.

use super::Plan;
use crate::model::Entity;

impl Plan {
    /// The kind of record that takes records of `entity` along: members go with their segment's list, actions with
    /// their campaign's document.
    pub fn carried_by(&self, entity: Entity) -> Option<Entity> {
        if self.entity(entity, None).is_some() || self.ignored.iter().any(|it| it.entity == entity)
        {
            return None;
        }
        match entity {
            Entity::SegmentMember => {
                let segment = self.entity(Entity::Segment, None)?;
                let takes = segment.maps.iter().any(|map| map.members.is_some());
                takes.then_some(Entity::Segment)
            }
            Entity::CampaignAction => {
                let campaign = self.entity(Entity::Campaign, None)?;
                let takes = |map: &super::MapPlan| {
                    let target = self.targets.get(usize::from(map.target.0));
                    map.document.is_some() || target.is_some_and(|it| it.whole)
                };
                campaign.maps.iter().any(takes).then_some(Entity::Campaign)
            }
            Entity::Person
            | Entity::Object
            | Entity::Event
            | Entity::Delivery
            | Entity::Relationship
            | Entity::Segment
            | Entity::Campaign
            | Entity::Newsletter
            | Entity::Broadcast
            | Entity::Transactional
            | Entity::Template
            | Entity::ObjectType
            | Entity::SubscriptionTopic
            | Entity::Suppression
            | Entity::Resource => None,
        }
    }
}
