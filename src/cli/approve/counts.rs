//! What a walk counted, as an approval holds it; and which fields of the records no line names.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{PoisonError, RwLock};

use crate::approval::{Becomes, Counts, LineCount, RowCount, WildField};
use crate::engine::Watched;
use crate::plan::{EntityPlan, Plan, Reader};
use crate::report::Forecast;
use crate::text::Source;

use super::inputs::squeezed;

/// An entity's number within the plan, and the object of its records that a key stands in.
type Place = (usize, usize);

/// An object of a kind of record, and its keys that no slot takes.
struct Met {
    path: Vec<String>,
    keys: HashSet<String>,
}

/// Gathers, on all workers, the keys that no slot of the plan takes.
pub(in super::super) struct Sightings<'p> {
    plan: &'p Plan,
    met: RwLock<HashMap<Place, Met>>,
}

impl<'p> Sightings<'p> {
    pub(in super::super) fn new(plan: &'p Plan) -> Self {
        Self {
            plan,
            met: RwLock::default(),
        }
    }

    /// Looks at one record.
    pub(in super::super) fn look(&self, watched: &Watched<'_>) {
        let evaluation = watched.evaluation;
        let mut entities = self.plan.entities.iter();
        // The engine's plan of an entity may have slots of its own, so it is found by what it is of.
        let wanted = evaluation.entity;
        let place = entities
            .position(|it| it.entity == wanted.entity && it.object_type == wanted.object_type);
        let Some(entity) = place else {
            return;
        };
        let new: Vec<(Place, String)> = {
            let met = self.met.read().unwrap_or_else(PoisonError::into_inner);
            let strangers = evaluation.record.strangers();
            strangers
                .map(|(object, key)| ((entity, object), key))
                .filter(|(place, key)| !met.get(place).is_some_and(|it| it.keys.contains(*key)))
                .map(|(place, key)| (place, key.to_owned()))
                .collect()
        };
        if new.is_empty() {
            return;
        }
        let reader = Reader::of(wanted);
        let mut met = self.met.write().unwrap_or_else(PoisonError::into_inner);
        for (place, key) in new {
            let object = met.entry(place).or_insert_with(|| Met {
                path: reader.object_path(place.1).to_vec(),
                keys: HashSet::new(),
            });
            object.keys.insert(key);
        }
    }

    /// The fields with what takes them, in order; those that a line leaves out by name are not among them.
    pub(in super::super) fn fields(&self) -> Vec<WildField> {
        let met = self.met.read().unwrap_or_else(PoisonError::into_inner);
        let mut fields = BTreeSet::new();
        for ((entity, _), object) in met.iter() {
            let Some(entity) = self.plan.entities.get(*entity) else {
                continue;
            };
            for key in &object.keys {
                let mut path = object.path.clone();
                path.push(key.clone());
                if let Some(under) = self.under(entity, &path) {
                    fields.insert(WildField {
                        of: words(entity),
                        path: path.join("."),
                        under,
                    });
                }
            }
        }
        fields.into_iter().collect()
    }

    fn under(&self, entity: &EntityPlan, path: &[String]) -> Option<String> {
        for pattern in &entity.ignore {
            let Some((last, parents)) = pattern.path.split_last() else {
                continue;
            };
            if !path.starts_with(parents) {
                continue;
            }
            let key = path.get(parents.len())?;
            match last.strip_suffix('*') {
                Some(start) if key.starts_with(start) => {
                    return Some(format!("ignore {}", pattern.path.join(".")));
                }
                None if key == last => return None,
                Some(_) | None => {}
            }
        }
        let mut rests: Vec<&str> = entity
            .maps
            .iter()
            .filter_map(|map| {
                let target = self.plan.targets.get(usize::from(map.target.0))?;
                let field = target.fields.get(usize::from(map.rest.as_ref()?.field))?;
                Some(field.name.as_str())
            })
            .collect();
        rests.dedup();
        Some(if rests.is_empty() {
            "no line".to_owned()
        } else {
            format!("rest {}", rests.join(", "))
        })
    }
}

fn words(entity: &EntityPlan) -> String {
    match &entity.object_type {
        Some(object_type) => format!("{} \"{object_type}\"", entity.entity),
        None => entity.entity.to_string(),
    }
}

/// Everything that is accepted up to its count, in order.
pub(in super::super) fn counts(
    forecast: &Forecast,
    fields: Vec<WildField>,
    source: &Source,
) -> Counts {
    let lines: Vec<&str> = source.text().lines().collect();
    let at_line = |(line, field, what, up_to): (u32, &str, &str, u64)| {
        let place = usize::try_from(line).unwrap_or(0).checked_sub(1);
        let rule = place.and_then(|it| lines.get(it)).copied();
        LineCount {
            line,
            rule: squeezed(rule.unwrap_or_default()),
            field: field.to_owned(),
            what: what.to_owned(),
            up_to,
        }
    };
    let of_fate = |wanted: &str| {
        let found = forecast.reasons().filter(|(_, fate, _, _)| *fate == wanted);
        found
            .map(|(row, _, reason, up_to)| RowCount {
                row: row.to_owned(),
                reason: reason.to_owned(),
                up_to,
            })
            .collect()
    };
    let becomes = forecast.drafts().map(|(row, target, count)| Becomes {
        row: row.to_owned(),
        target: target.to_owned(),
        count,
    });
    Counts {
        becomes: becomes.collect(),
        held: of_fate("held"),
        excluded: of_fate("excluded"),
        losses: forecast.losses().map(at_line).collect(),
        given_up: forecast.given_up().map(at_line).collect(),
        source_fields: fields,
    }
}
