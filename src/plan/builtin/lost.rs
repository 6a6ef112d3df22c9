//! How much a call loses of its first argument, for the dry run to count.

use super::super::canonical::canonical_json;
use crate::model::Value;

/// Letters that are gone or are others now; for lists and objects, whether they are another one.
pub(super) fn changed(arguments: &[Value<'_>], given: &Value<'_>) -> u64 {
    match (arguments.first(), given) {
        (None | Some(Value::Absent | Value::Null), _) => 0,
        (Some(Value::Text(before)), Value::Text(after)) => {
            if before == after {
                return 0;
            }
            let (before_count, after_count) = (before.chars().count(), after.chars().count());
            let others = before
                .chars()
                .zip(after.chars())
                .filter(|(left, right)| left != right)
                .count();
            let gone = before_count.saturating_sub(after_count);
            u64::try_from(gone.max(others).max(1)).unwrap_or(u64::MAX)
        }
        (Some(Value::Json(before)), Value::Json(after)) => {
            let before = canonical_json(before).unwrap_or_else(|_| before.to_string());
            let after = canonical_json(after).unwrap_or_else(|_| after.to_string());
            u64::from(before != after)
        }
        (Some(before), after) => u64::from(before != after),
    }
}
