//! Records: made by the run, deleted; changed by it, changed back where the value is still ours.

use std::collections::{BTreeMap, BTreeSet};

use crate::ledger::Touched;
use crate::model::{FieldValue, Removal, Scalar};
use crate::port::{DestinationId, Found, Present, Restored, UndoHow, Want};
use crate::run::base::There;
use crate::run::error::Halt;

use super::Back;
use super::batch::{Item, Plan};
use super::deeds::{Content, Deeds};

/// Records read from the ledger at once.
const PAGE: usize = 500;

/// Records looked up at once.
const BATCH: usize = 100;

impl Back<'_> {
    /// Takes back all records of one target, the latest first.
    pub(super) fn records(&mut self, target: &str, phase: &str) -> Result<(), Halt> {
        let mut below = i64::MAX;
        loop {
            let mut page = self.ledger.touched(self.run, target, below, PAGE)?;
            let Some(last) = page.last() else {
                return Ok(());
            };
            below = last.number;
            while !page.is_empty() {
                if self.patience.stop.is_asked() {
                    return Err(Halt::Stopped);
                }
                let rest = page.split_off(BATCH.min(page.len()));
                let batch = std::mem::replace(&mut page, rest);
                let count = u64::try_from(batch.len()).unwrap_or(u64::MAX);
                self.record_batch(target, batch)?;
                self.progress.advanced(phase, count);
            }
        }
    }

    fn record_batch(&mut self, target: &str, batch: Vec<Touched>) -> Result<(), Halt> {
        let mut open: Vec<Item> = batch.into_iter().map(|it| self.item(it, None)).collect();
        while !open.is_empty() {
            let wants: Vec<Want> = open
                .iter()
                .map(|item| Want {
                    id: Some(DestinationId(item.touched.destination)),
                    key: None,
                    also: Vec::new(),
                })
                .collect();
            let founds = self.find(target, &wants)?;
            let mut planned = Vec::new();
            for (item, found) in open.into_iter().zip(founds) {
                let plan = match found {
                    Found::One(_, present) => self.plan_record(&item.touched, &present)?,
                    Found::Nobody | Found::Several(_) => Plan::Gone,
                };
                planned.push((item, plan));
            }
            open = self.act(planned)?;
        }
        Ok(())
    }

    /// What must be done to a record that is there.
    fn plan_record(&mut self, touched: &Touched, present: &Present) -> Result<Plan, Halt> {
        let deeds = Deeds::of(&touched.deeds)?;
        self.queues.extend(deeds.last.queue.clone());
        let image = self.image_of(touched)?;
        if !deeds.is_created {
            return Ok(self.plan_restore(touched, &deeds, image.as_ref(), present));
        }
        let consent = self.consent(&touched.target);
        let mut changed = changed(&deeds, image.as_ref(), present, &consent);
        // Later loads are taken back, but for their opt-outs: those are no change of somebody else's.
        if changed.contains(&consent) && self.is_opt_out_of_ours(touched, present, &consent)? {
            changed.retain(|field| *field != consent);
        }
        if !changed.is_empty() {
            return Ok(Plan::Keep(
                changed,
                "changed at the destination since".to_owned(),
            ));
        }
        let (target, id) = (&touched.target, present.id);
        if self
            .schema
            .target(target)
            .is_some_and(|it| it.removal == Removal::Never)
        {
            let why = "the destination has no call that takes it away".to_owned();
            return Ok(Plan::Keep(Vec::new(), why));
        }
        let attached = self.patience.ask("asking what hangs on a record", || {
            self.destination.attached(target, id)
        })?;
        let mut foreign: BTreeMap<String, u64> = BTreeMap::new();
        for one in attached {
            let is_ours = self.removed.contains(&(self.kin(&one.kind), one.id))
                || self.unlinked.contains(&(one.id, id));
            if !is_ours {
                *foreign.entry(one.kind).or_default() += 1;
            }
        }
        if foreign.is_empty() {
            return Ok(Plan::Act(UndoHow::Remove, Vec::new()));
        }
        let words: Vec<String> = foreign
            .iter()
            .map(|(kind, count)| format!("{count} {kind}"))
            .collect();
        let why = format!("{} that stay would lose it", words.join(", "));
        Ok(Plan::Keep(Vec::new(), why))
    }

    fn is_opt_out_of_ours(
        &self,
        touched: &Touched,
        present: &Present,
        consent: &str,
    ) -> Result<bool, Halt> {
        let mut last = None;
        for content in self.ledger.written_later(self.run, touched.destination)? {
            let fields = Content::of(&content)?.fields;
            last = fields.into_iter().find(|it| it.name == consent).or(last);
        }
        Ok(last.is_some_and(|last| present.fields.get(consent) == Some(&last.value)))
    }

    fn image_of(&self, touched: &Touched) -> Result<Option<There>, Halt> {
        let Some(source) = &touched.source else {
            return Ok(None);
        };
        let image = self.ledger.images(&[source])?.pop().flatten();
        let image = image.filter(|image| image.run == self.run);
        Ok(image.and_then(|image| serde_json::from_str(&image.there).ok()))
    }

    pub(super) fn consent(&self, target: &str) -> String {
        let field = self
            .schema
            .target(target)
            .and_then(|target| target.consent_field());
        field.map_or_else(String::new, |field| field.name.clone())
    }

    fn plan_restore(
        &mut self,
        touched: &Touched,
        deeds: &Deeds,
        image: Option<&There>,
        present: &Present,
    ) -> Plan {
        let consent = self.consent(&touched.target);
        let mut restored = Restored::default();
        let mut kept = Vec::new();
        for (name, ours) in &deeds.ours {
            let before = deeds.before.get(name).cloned().flatten();
            let there = present.fields.get(name);
            if there == before.as_ref() {
                continue;
            }
            // Whoever opted out stays so, whatever else is taken back.
            if *name == consent {
                kept.push(name.clone());
                continue;
            }
            let left = image
                .and_then(|image| image.fields.get(name))
                .or(Some(ours));
            match back(left, before.as_ref(), there) {
                Some(value) => restored.fields.push(FieldValue {
                    name: name.clone(),
                    value,
                }),
                None => kept.push(name.clone()),
            }
        }
        for (name, ours) in &deeds.links {
            let before = deeds.links_before.get(name).cloned().unwrap_or_default();
            let there = present.links.get(name).cloned().unwrap_or_default();
            let left = image.and_then(|it| it.links.get(name)).unwrap_or(ours);
            let wanted = links_back(left, &before, &there);
            let gone = there.iter().filter(|id| !wanted.contains(id));
            self.unlinked.extend(gone.map(|id| (present.id, *id)));
            if wanted != there {
                restored.links.insert(name.clone(), wanted);
            }
        }
        restored.leaves = deeds
            .queue
            .clone()
            .filter(|queue| present.fields.get("queue") == Some(&Scalar::Text(queue.clone())));
        if restored == Restored::default() {
            return Plan::AsBefore(kept);
        }
        Plan::Act(UndoHow::Restore(restored), kept)
    }
}

/// The value to write so that a field is as before; none where it is not ours any more.
fn back(left: Option<&Scalar>, before: Option<&Scalar>, there: Option<&Scalar>) -> Option<Scalar> {
    let blank = || Scalar::Text(String::new());
    // Others may have put more into a list: only ours goes.
    if let (Some(Scalar::TextList(left)), Some(Scalar::TextList(there))) = (left, there) {
        let before = match before {
            Some(Scalar::TextList(before)) => before.as_slice(),
            Some(_) | None => &[],
        };
        let is_ours = |it: &String| left.contains(it) && !before.contains(it);
        let rest: Vec<String> = there.iter().filter(|it| !is_ours(it)).cloned().collect();
        return Some(if rest.is_empty() {
            blank()
        } else {
            Scalar::TextList(rest)
        });
    }
    // An empty text is what was written to make a field blank.
    let was_cleared = left == Some(&blank()) && there.is_none();
    if there != left && !was_cleared {
        return None;
    }
    Some(before.cloned().unwrap_or_else(blank))
}

/// The links to write: those of before, or all but the ones that we added where somebody changed them since.
fn links_back(
    left: &[DestinationId],
    before: &[DestinationId],
    there: &[DestinationId],
) -> Vec<DestinationId> {
    if there == left {
        return before.to_vec();
    }
    let added = |id: &DestinationId| left.contains(id) && !before.contains(id);
    there.iter().copied().filter(|id| !added(id)).collect()
}

/// The fields of a created record that are not as we left them. Without an image (the load was broken off before
/// the proof) only what was sent can be compared.
fn changed(deeds: &Deeds, image: Option<&There>, present: &Present, consent: &str) -> Vec<String> {
    let mut changed = BTreeSet::new();
    let Some(image) = image else {
        for (name, ours) in &deeds.ours {
            let there = present.fields.get(name);
            let instead = deeds.instead.get(name).and_then(Option::as_ref);
            if there != Some(ours) && (instead.is_none() || there != instead) {
                changed.insert(name.clone());
            }
        }
        return changed.into_iter().collect();
    };
    let mut left = image.fields.clone();
    // An opt-out may come after the proof; and where the address was opted out already, the record was made so.
    let is_as_proven = image.fields.get(consent) == present.fields.get(consent);
    if let Some(last) = deeds.ours.get(consent).filter(|_| !is_as_proven) {
        left.insert(consent.to_owned(), last.clone());
    }
    for name in left.keys().chain(present.fields.keys()) {
        if left.get(name) != present.fields.get(name) {
            changed.insert(name.clone());
        }
    }
    for name in image.links.keys().chain(present.links.keys()) {
        let (left, there) = (image.links.get(name), present.links.get(name));
        if left.map_or(&[][..], Vec::as_slice) != there.map_or(&[][..], Vec::as_slice) {
            changed.insert(name.clone());
        }
    }
    changed.into_iter().collect()
}
