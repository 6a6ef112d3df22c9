//! Custom fields that are there twice because their creation arrived twice.

use crate::port::PortError;

use super::account::Account;
use super::endpoints::Entity;
use super::endpoints::settings::{self, Field};
use super::line::Line;
use super::prepare::refusal_told;
use super::snapshot::is_custom;

/// A creation can arrive twice, and no field had this label before: all but the first are ours and empty. Where the
/// account takes no field away, they stay, and a person is told.
pub(super) fn take(
    line: &Line,
    account: &mut Account,
    entity: Entity,
    (form, label): (i64, &str),
) -> Result<(), PortError> {
    let ours = |it: &&Field| is_custom(&it.name) && it.label == label;
    let fields = account.snapshot.fields(entity).iter().filter(ours);
    let mut ids: Vec<i64> = fields.filter_map(|it| it.id).collect();
    ids.sort_unstable();
    let doubles = ids.get(1..).unwrap_or_default();
    for id in doubles {
        let request = settings::delete_field(entity, form, *id);
        match line.tell(&request, settings::read_deleted_field) {
            // A deletion that arrives twice is refused as well: the fields tell what was done.
            Ok(()) => {}
            Err(failure) if refusal_told(&failure).is_some() => {}
            Err(failure) => return Err(failure.into()),
        }
    }
    if !doubles.is_empty() {
        account.read_fields(line)?;
    }
    Ok(())
}
