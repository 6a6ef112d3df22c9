//! Records that have no rule of their own and arrive with another one.

use super::Plan;
use crate::model::{Entity, MEMBER};

impl Plan {
    /// The target of those who stand on a segment's list, `list member`; none where no list has members.
    pub fn member_target(&self) -> Option<String> {
        let segment = self.entity(Entity::Segment, None)?;
        let list = segment.maps.iter().find(|map| map.members.is_some())?;
        let list = self.targets.get(usize::from(list.target.0))?;
        Some(format!("{}{MEMBER}", list.name))
    }

    /// The kind of record that takes records of `entity` along: members stand on their segment's list, actions in
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
