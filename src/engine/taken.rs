//! Values that the destination wants unique and that two drafts have.

use super::WalkError;
use super::index::Claims;
use super::walk::Ground;
use crate::model::{Entity, Fate, Outcome, Report, Scalar};
use crate::plan::Plan;

/// Says so where a value that the destination wants unique is taken by an earlier draft.
pub(super) fn report(
    ground: &Ground<'_>,
    claims: &Claims,
    outcome: &mut Outcome,
) -> Result<(), WalkError> {
    let Fate::Draft(draft) = &outcome.fate else {
        return Ok(());
    };
    let target = ground
        .plan
        .targets
        .iter()
        .find(|it| it.name == draft.target);
    let Some(target) = target else { return Ok(()) };
    for field in target.fields.iter().filter(|field| field.unique) {
        let Some(Scalar::Text(value)) = draft.field(&field.name) else {
            continue;
        };
        if claims.claim(&target.name, &field.name, &value.trim().to_lowercase())? {
            continue;
        }
        outcome.reports.push(Report {
            rule_line: rule_line_of(ground.plan, &target.name, &field.name),
            field: field.name.clone(),
            message: "taken by an earlier record of this capture".to_owned(),
        });
    }
    Ok(())
}

fn rule_line_of(plan: &Plan, target: &str, field: &str) -> u32 {
    let maps = plan
        .entities
        .iter()
        .filter(|it| it.entity == Entity::Object)
        .flat_map(|it| &it.maps);
    for map in maps {
        let Some(found) = plan.targets.get(usize::from(map.target.0)) else {
            continue;
        };
        let line = map.lines.iter().find(|line| {
            let named = found.fields.get(usize::from(line.field));
            found.name == target && named.is_some_and(|it| it.name == field)
        });
        if let Some(line) = line {
            return line.rule_line;
        }
    }
    0
}
