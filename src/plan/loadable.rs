//! What a plan says that `check` counts and this version cannot load yet.

use super::{EntityPlan, LinkLine, MapPlan, Plan, TargetId, TargetPlan};

impl Plan {
    /// One sentence for each such thing, in the order of the rules; `run` refuses a plan that has any.
    pub fn not_loadable(&self) -> Vec<String> {
        let mut found = Vec::new();
        for entity in &self.entities {
            for map in &entity.maps {
                self.map_not_loadable(entity, map, &mut found);
            }
        }
        // Two targets of one block share their lines.
        found.dedup();
        found
    }

    fn map_not_loadable(&self, entity: &EntityPlan, map: &MapPlan, found: &mut Vec<String>) {
        let words = entity_words(entity);
        for link in &map.links {
            if let Some(field) = self.custom_look_up(map, link) {
                let line = link.rule_line;
                found.push(format!("line {line}: look-up field `{field}` of {words}"));
            } else if let Some(target) = self.planned_only(link.target) {
                let line = link.rule_line;
                found.push(format!("line {line}: links of {words} to {}", target.name));
            }
        }
    }

    /// The field's name where it is a custom field, whose links no record shows by their target.
    fn custom_look_up(&self, map: &MapPlan, link: &LinkLine) -> Option<&str> {
        let target = self.targets.get(usize::from(map.target.0))?;
        let field = target.fields.get(usize::from(link.field))?;
        let is_custom = field.place.iter().any(|it| it == "custom_field");
        is_custom.then_some(field.name.as_str())
    }

    fn planned_only(&self, target: TargetId) -> Option<&TargetPlan> {
        let target = self.targets.get(usize::from(target.0))?;
        target.planned_only.then_some(target)
    }
}

/// `person`, `object "company"`.
fn entity_words(entity: &EntityPlan) -> String {
    match &entity.object_type {
        Some(object_type) => format!("{} \"{object_type}\"", entity.entity),
        None => entity.entity.to_string(),
    }
}
