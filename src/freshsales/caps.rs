//! How many custom fields each form has, gets, and may have.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::FieldWanted;

use super::account::Account;
use super::endpoints::Entity;
use super::endpoints::settings::FieldKind;
use super::plans::{Plan, Sort};
use super::prepare::{existing, new_field};
use super::snapshot::{Target, is_custom};

/// The custom fields of one sort on one form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    /// `contacts`, `leads`, `sales accounts`.
    pub form: String,
    /// `text`, `number` …; `all` for all sorts together.
    pub sort: &'static str,
    /// On the form now.
    pub there: usize,
    /// Wanted and not there.
    pub new: usize,
    /// What the plan takes; absent where the plan is unknown or says nothing of the sort.
    pub cap: Option<usize>,
}

impl Count {
    /// More than the plan takes.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.cap.is_some_and(|cap| self.there + self.new > cap)
    }
}

/// Every sort that a form has or gets, form by form.
pub(super) fn counts(account: &Account, wanted: &[FieldWanted], plan: Option<&Plan>) -> Vec<Count> {
    let entities = account.snapshot.edition.entities().iter().copied();
    entities
        .flat_map(|entity| of_form(account, entity, wanted, plan))
        .collect()
}

fn of_form(
    account: &Account,
    entity: Entity,
    wanted: &[FieldWanted],
    plan: Option<&Plan>,
) -> Vec<Count> {
    let mut sorts: BTreeMap<Sort, (usize, usize)> = BTreeMap::new();
    let fields = account.snapshot.fields(entity).iter();
    for field in fields.filter(|field| is_custom(&field.name)) {
        let kind = FieldKind::of_name(&field.kind);
        let sort = Sort::of(kind.unwrap_or(FieldKind::Textarea));
        sorts.entry(sort).or_default().0 += 1;
    }
    // Lead and contact share one form in suite, and so one field.
    let mut seen = BTreeSet::new();
    for field in wanted {
        let target = Target::of_word(&field.target);
        let is_here = target.is_some_and(|target| account.snapshot.entity(target) == entity);
        let is_missing = existing(account, entity, field).is_none();
        if let Some(new) = new_field(field)
            && is_here
            && is_missing
            && seen.insert(&field.label)
        {
            sorts.entry(Sort::of(new.kind)).or_default().1 += 1;
        }
    }
    if sorts.is_empty() {
        return Vec::new();
    }
    let form = entity.plural().replace('_', " ");
    let (mut there, mut new) = (0, 0);
    let mut counts = Vec::new();
    for (sort, (of_sort, new_of_sort)) in sorts {
        there += of_sort;
        new += new_of_sort;
        counts.push(Count {
            form: form.clone(),
            sort: sort.word(),
            there: of_sort,
            new: new_of_sort,
            cap: plan.and_then(|plan| plan.cap(sort)),
        });
    }
    counts.push(Count {
        form,
        sort: "all",
        there,
        new,
        cap: plan.map(|plan| plan.fields),
    });
    counts
}
