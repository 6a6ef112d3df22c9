//! Children: listed under their records, deleted or put back where the text is still ours.

use std::collections::BTreeMap;

use crate::ledger::Touched;
use crate::model::FieldValue;
use crate::port::{Action, Child, DestinationId, Restored, Step, UndoHow};
use crate::run::error::Halt;

use super::Back;
use super::batch::{Item, Plan};
use super::deeds::Deeds;

/// Children read from the ledger at once.
const PAGE: usize = 500;

/// Members of lists read from the ledger at once: each time all of their list is read.
const MEMBERS: usize = 20_000;

impl Back<'_> {
    /// Takes back all children of one kind, the latest first.
    pub(super) fn children(&mut self, kind: &str, phase: &str) -> Result<(), Halt> {
        let mut below = i64::MAX;
        let limit = match self.schema.listing(kind) {
            Some(_) => MEMBERS,
            None => PAGE,
        };
        loop {
            let page = self.ledger.touched(self.run, kind, below, limit)?;
            let Some(last) = page.last() else {
                return Ok(());
            };
            below = last.number;
            let mut families: BTreeMap<(String, DestinationId), Vec<Touched>> = BTreeMap::new();
            for touched in page {
                if let Some(parent) = Deeds::of(&touched.deeds)?.last.parent {
                    families.entry(parent).or_default().push(touched);
                }
            }
            for (parent, family) in families {
                if self.patience.stop.is_asked() {
                    return Err(Halt::Stopped);
                }
                let count = u64::try_from(family.len()).unwrap_or(u64::MAX);
                self.family(kind, &parent, family)?;
                self.progress.advanced(phase, count);
            }
        }
    }

    fn family(
        &mut self,
        kind: &str,
        parent: &(String, DestinationId),
        family: Vec<Touched>,
    ) -> Result<(), Halt> {
        let mut open: Vec<Item> = family
            .into_iter()
            .map(|touched| self.item(touched, Some(parent.clone())))
            .collect();
        while !open.is_empty() {
            let there = self.patience.ask("listing children", || {
                self.destination.children(kind, (&parent.0, parent.1))
            })?;
            let by_id: BTreeMap<i64, &Child> =
                there.iter().map(|child| (child.id.0, child)).collect();
            let mut planned = Vec::new();
            for item in open {
                let is_removed = Deeds::of(&item.touched.deeds)?.is_removed;
                let plan = match by_id.get(&item.touched.destination) {
                    Some(_) if is_removed => Plan::AsBefore(Vec::new()),
                    None if is_removed => {
                        Plan::Act(UndoHow::Restore(Restored::default()), Vec::new())
                    }
                    Some(child) => self.plan_child(&item.touched, child)?,
                    None => Plan::Gone,
                };
                planned.push((item, plan));
            }
            open = self.act(planned)?;
        }
        Ok(())
    }

    fn plan_child(&self, touched: &Touched, child: &Child) -> Result<Plan, Halt> {
        let deeds = Deeds::of(&touched.deeds)?;
        let rendered = self.destination.rendered(&Step {
            number: 0,
            target: touched.target.clone(),
            action: Action::Create,
            key: deeds.last.key.clone(),
            fields: deeds.last.fields.clone(),
            off: BTreeMap::new(),
            links: BTreeMap::new(),
            queue: None,
            parent: deeds.last.parent.clone(),
            marker: deeds.last.marker.clone(),
        });
        let is_ours = rendered
            .iter()
            .all(|(name, value)| child.fields.get(name) == Some(value));
        if deeds.is_created {
            return Ok(if is_ours {
                Plan::Act(UndoHow::Remove, Vec::new())
            } else {
                Plan::Keep(Vec::new(), "changed at the destination since".to_owned())
            });
        }
        let before: Vec<FieldValue> = deeds
            .before
            .iter()
            .filter_map(|(name, value)| {
                Some(FieldValue {
                    name: name.clone(),
                    value: value.clone()?,
                })
            })
            .collect();
        let is_as_before = before
            .iter()
            .all(|field| child.fields.get(&field.name) == Some(&field.value));
        if is_as_before {
            return Ok(Plan::AsBefore(Vec::new()));
        }
        if !is_ours {
            let fields = before.into_iter().map(|field| field.name);
            return Ok(Plan::AsBefore(fields.collect()));
        }
        let restored = Restored {
            fields: before,
            ..Restored::default()
        };
        Ok(Plan::Act(UndoHow::Restore(restored), Vec::new()))
    }
}
