//! What must be at the destination before a load beside the fields that the rules declare: look-ups to records of
//! named kinds.

use super::Plan;
use crate::model::{FieldKind, FieldWanted};

impl Plan {
    /// Every field that a load writes to and the destination may lack: the declared ones, then a look-up for each link
    /// to a kind with a name. The look-up is called as that is.
    #[must_use]
    pub fn wanted(&self) -> Vec<FieldWanted> {
        let mut wanted = self.fields_wanted.clone();
        for map in self.entities.iter().flat_map(|entity| &entity.maps) {
            let Some(target) = self.targets.get(usize::from(map.target.0)) else {
                continue;
            };
            for link in &map.links {
                let Some(field) = target.fields.get(usize::from(link.field)) else {
                    continue;
                };
                let label = field.name.split_once(" \"");
                let Some(label) = label.and_then(|(_, rest)| rest.strip_suffix('"')) else {
                    continue;
                };
                let FieldKind::Links { .. } = &field.kind else {
                    continue;
                };
                let look_up = FieldWanted {
                    target: target.name.clone(),
                    name: field.name.clone(),
                    label: label.to_owned(),
                    kind: field.kind.clone(),
                    unique: false,
                };
                if !wanted.contains(&look_up) {
                    wanted.push(look_up);
                }
            }
        }
        wanted
    }
}
