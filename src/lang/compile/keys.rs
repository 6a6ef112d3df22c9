//! Whether a key is one-to-one: a prefix and a unique field, nothing that could make two alike.

use crate::lang::codes::keys;
use crate::plan::{Expression, SlotId};
use crate::text::Span;

use super::values::Lowering;

impl Lowering<'_, '_> {
    /// Says what makes a key ambiguous, unless a `merge` says who wins.
    pub(super) fn one_to_one(&mut self, value: &Expression, span: Span, has_merge: bool) {
        if has_merge {
            return;
        }
        let why = match value {
            Expression::Slot(slot) => self.not_unique(*slot),
            Expression::Concat(parts) => {
                let mut moving = parts
                    .iter()
                    .filter(|it| !matches!(it, Expression::Constant(_)));
                match (moving.next(), moving.next()) {
                    (Some(Expression::Slot(slot)), None) => self.not_unique(*slot),
                    (Some(_), None) => {
                        Some("a function can make two different ids alike".to_owned())
                    }
                    (Some(_), Some(_)) => {
                        Some("two values end to end can be equal for two records".to_owned())
                    }
                    (None, _) => Some("it is the same for every record".to_owned()),
                }
            }
            Expression::Constant(_) => Some("it is the same for every record".to_owned()),
            Expression::Fact(_) | Expression::Via { .. } | Expression::Test(_) => {
                Some("it has only a few values".to_owned())
            }
            Expression::Call { .. } => {
                Some("a function can make two different ids alike".to_owned())
            }
            Expression::FirstFilled(_) | Expression::If { .. } => {
                Some("a choice of values can be equal for two records".to_owned())
            }
            Expression::User(_) => Some("a user owns many records".to_owned()),
        };
        let Some(why) = why else { return };
        let message = format!("the key is not one-to-one: {why}");
        self.file.error(keys::K401, span, message).help = Some(
            "write a prefix and a field that the .fields file declares `unique`, or say with `merge` who wins"
                .to_owned(),
        );
    }

    fn not_unique(&self, slot: SlotId) -> Option<String> {
        let spec = self.record.spec(slot)?;
        let shape = self.record.shape.as_ref()?;
        let is_it = |path: &[String]| shape.record_path(path) == spec.path;
        let declared = shape.fields.iter().find(|it| is_it(&it.declared.path));
        let unique = declared.is_some_and(|it| it.declared.unique) || is_it(&shape.id);
        (!unique).then(|| format!("`{}` is not declared `unique`", spec.name))
    }
}
