//! One entity's items put together: facts, tables, maps, merge; checked as a whole.

use crate::lang::ast::{
    DecideTable, ExcludeTable, Fact, IgnoreEntity, Item, MapBlock, MergeBlock, Promise,
    PromiseKind, RuleFile, Target,
};
use crate::lang::codes::{decisions, names, types};
use crate::model::Entity;
use crate::plan::{EntityPlan, Plan, SlotId};
use crate::text::Span;

use super::checker::Checker;
use super::facts::facts;
use super::merge::settle_fields;
use super::promises::Ruled;
use super::record::RecordBuilder;
use super::values::Lowering;

/// All items of one kind of record, in file order.
pub(super) struct Group<'f> {
    pub(super) entity: Entity,
    pub(super) object_type: Option<String>,
    facts: Vec<&'f Fact>,
    excludes: Vec<&'f ExcludeTable>,
    decides: Vec<&'f DecideTable>,
    pub(super) maps: Vec<&'f MapBlock>,
    merges: Vec<&'f MergeBlock>,
    promises: Vec<&'f Promise>,
}

/// Sorts a file's items by the kind of record that they speak of; unknown kinds are reported.
pub(super) fn groups<'f>(file: &mut Checker<'_>, rules: &'f RuleFile) -> Vec<Group<'f>> {
    let mut groups: Vec<Group<'f>> = Vec::new();
    for item in &rules.items {
        match item {
            Item::Fact(it) => {
                if let Some(group) = group(file, &mut groups, &it.entity) {
                    group.facts.push(it);
                }
            }
            Item::Exclude(it) => {
                if let Some(group) = group(file, &mut groups, &it.entity) {
                    group.excludes.push(it);
                }
            }
            Item::Decide(it) => {
                if let Some(group) = group(file, &mut groups, &it.entity) {
                    group.decides.push(it);
                }
            }
            Item::Merge(it) => {
                if let Some(group) = group(file, &mut groups, &it.entity) {
                    group.merges.push(it);
                }
            }
            Item::Map(it) => {
                for entity in &it.entities {
                    if let Some(group) = group(file, &mut groups, entity) {
                        group.maps.push(it);
                    }
                }
            }
            Item::List(_)
            | Item::Values(_)
            | Item::CustomField(_)
            | Item::EveryOther(_)
            | Item::Ignore(IgnoreEntity { .. })
            | Item::Limit(_)
            | Item::Example(_)
            | Item::Promise(_)
            | Item::Allow(_)
            | Item::AcceptHeld(_) => {}
        }
    }
    promises(rules, &mut groups);
    groups
}

/// Gives promises to the groups that they speak of; what speaks of none is told at the end.
fn promises<'f>(rules: &'f RuleFile, groups: &mut [Group<'f>]) {
    for item in &rules.items {
        let Item::Promise(promise) = item else {
            continue;
        };
        let entity = match &promise.kind {
            PromiseKind::EndsInOne { entity, .. }
            | PromiseKind::NoneEnds { entity, .. }
            | PromiseKind::NoneAppears { entity, .. } => entity,
            PromiseKind::NoTwoShare { .. } => continue,
        };
        let Ok(kind) = entity.name.text.parse::<Entity>() else {
            continue;
        };
        let of = entity.of.as_ref().map(|it| it.value.as_str());
        let group = groups
            .iter_mut()
            .find(|it| it.entity == kind && it.object_type.as_deref() == of);
        if let Some(group) = group {
            group.promises.push(promise);
        }
    }
}

fn group<'g, 'f>(
    file: &mut Checker<'_>,
    groups: &'g mut Vec<Group<'f>>,
    entity: &crate::lang::ast::Entity,
) -> Option<&'g mut Group<'f>> {
    let (kind, object_type) = file.entity(entity)?;
    let is_it = |it: &Group<'_>| it.entity == kind && it.object_type == object_type;
    let index = groups.iter().position(is_it).unwrap_or_else(|| {
        groups.push(Group {
            entity: kind,
            object_type: object_type.clone(),
            facts: Vec::new(),
            excludes: Vec::new(),
            decides: Vec::new(),
            maps: Vec::new(),
            merges: Vec::new(),
            promises: Vec::new(),
        });
        groups.len() - 1
    });
    groups.get_mut(index)
}

/// Compiles one group; `None` where it has no map that could be read.
pub(super) fn entity_plan(file: &mut Checker<'_>, group: &Group<'_>) -> Option<EntityPlan> {
    let shape = file
        .shape(group.entity, group.object_type.as_deref())
        .cloned();
    let mut record = RecordBuilder::new(group.entity, group.object_type.clone(), shape);
    facts(file, &mut record, &group.facts);
    let mut lowering = Lowering {
        file,
        record: &mut record,
    };
    super::proof::fact_lines(&mut lowering);
    let exclude = lowering
        .one(&group.excludes, |it| it.head, "exclude")
        .and_then(|it| lowering.exclude_table(it));
    let merge_block = lowering.one(&group.merges, |it| it.head, "merge");
    let mut merge = merge_block.and_then(|it| lowering.merge(it));
    lowering.record.merge_by = merge.as_ref().map(|it| it.by.clone());
    let mapped: Vec<String> = group
        .maps
        .iter()
        .flat_map(|it| &it.targets)
        .map(Target::written)
        .collect();
    let decide_block = lowering.one(&group.decides, |it| it.head, "decide");
    let decided = decide_block.and_then(|it| lowering.decide_table(it, &mapped));
    let mut drafts = Vec::new();
    for block in &group.maps {
        for draft in lowering.map_block(block, merge_block.is_some()) {
            lowering.check_twice(&drafts, &draft);
            drafts.push(draft);
        }
    }
    let unread = lowering.file.is_unread("decide", group.entity.word());
    if (decide_block.is_none() && !unread) || decided.is_some() {
        let rows = decided.as_ref().zip(decide_block);
        let rows = rows.map(|(decided, block)| (decided.targets.as_slice(), block.head));
        lowering.targets_and_maps(rows, &drafts);
    }
    if group.maps.is_empty() {
        lowering.no_map(decide_block.map(|it| it.head));
    }
    if let Some(block) = group.maps.first() {
        lowering.account(&drafts, block.head);
    }
    let consent = lowering.consent_of(&drafts);
    let ruled = Ruled {
        exclude: exclude.as_ref(),
        decide: decided.as_ref().map(|it| &it.table),
        drafts: &drafts,
        consent: consent.as_ref(),
    };
    if !drafts.is_empty() && decide_block.is_some() == decided.is_some() {
        lowering.heed_signs(&ruled);
        lowering.promises(&group.promises, &ruled);
    }
    let id = lowering.id(group.maps.first().map(|it| it.head));
    let parent = lowering.parent_slot();
    let known_to_children_by = lowering.known_to_children_by(id);
    lowering.unused_facts();
    if let Some(merge) = &mut merge {
        settle_fields(merge, &record.slots);
    }
    if record.slots.len() > usize::from(u16::MAX) {
        let head = group.maps.first().map_or_else(Span::default, |it| it.head);
        let message = format!("the rules of {} read more than 65,535 fields", group.entity);
        file.error(types::T221, head, message).help = Some("leave the rest to `rest`".to_owned());
    }
    if drafts.is_empty() {
        return None;
    }
    Some(EntityPlan {
        entity: group.entity,
        object_type: group.object_type.clone(),
        id: id?,
        slots: record.slots,
        ignore: record.ignore,
        exclude,
        facts: record.facts,
        decide: decided.map(|it| it.table),
        merge,
        maps: drafts.into_iter().map(|it| it.plan).collect(),
        consent,
        parent,
        known_to_children_by,
        user_lookups: record.lookups,
    })
}

impl Lowering<'_, '_> {
    /// The one item of its kind; a second one is reported.
    fn one<'f, T>(
        &mut self,
        items: &[&'f T],
        head: impl Fn(&T) -> Span,
        word: &str,
    ) -> Option<&'f T> {
        let (first, rest) = items.split_first()?;
        for other in rest {
            let message = format!("{} has a second `{word}`", self.record.entity);
            let diagnostic = self.file.error(names::N213, head(other), message);
            diagnostic
                .labels
                .push((head(first), "the first one".to_owned()));
            diagnostic.help = Some("put all of it into one block".to_owned());
        }
        Some(first)
    }

    fn check_twice(&mut self, drafts: &[super::maps::MapDraft], draft: &super::maps::MapDraft) {
        let Some(first) = drafts.iter().find(|it| it.id == draft.id) else {
            return;
        };
        let first = first.head;
        let message = format!(
            "a second map of {} to {}",
            self.record.entity, draft.target.name
        );
        let diagnostic = self.file.error(names::N213, draft.head, message);
        diagnostic.labels.push((first, "the first one".to_owned()));
        diagnostic.help = Some("put all lines into one block".to_owned());
    }

    fn no_map(&mut self, decide: Option<Span>) {
        let Some(head) = decide else { return };
        let entity = self.record.entity;
        if self.file.has_error_within(head) || self.file.is_unread("map", entity.word()) {
            return;
        }
        let message = format!(
            "the table decides what {} becomes, but no map says how",
            super::checker::a(entity.word())
        );
        self.file.error(decisions::D306, head, message).help =
            Some(format!("write `map {entity} to … end`"));
    }

    fn id(&mut self, head: Option<Span>) -> Option<SlotId> {
        let path = self.record.shape.as_ref().map(|it| it.id.clone())?;
        if path.is_empty() {
            let words =
                super::shape::entity_words(self.record.entity, self.record.object_type.as_deref());
            let message = format!("nothing says which field is the id of {words}");
            self.file.error(types::T222, head?, message).help =
                Some("mark it in the .fields file: `id text, key`".to_owned());
            return None;
        }
        Some(self.record.layout_slot(&path))
    }

    fn parent_slot(&mut self) -> Option<(SlotId, Entity)> {
        let parent = self.record.shape.as_ref()?.parent.clone()?;
        Some((self.record.layout_slot(&parent.path), parent.entity))
    }

    /// The field that children name this record by, where it is not the id.
    fn known_to_children_by(&mut self, id: Option<SlotId>) -> Option<SlotId> {
        let entity = self.record.entity;
        let equals = self
            .file
            .shapes
            .iter()
            .filter_map(|it| it.parent.as_ref())
            .find(|it| it.entity == entity)
            .map(|it| it.equals.clone())?;
        let own = self.record.shape.as_ref().map(|it| it.id.clone())?;
        if equals == own {
            return None;
        }
        let slot = self.record.layout_slot(&equals);
        (Some(slot) != id).then_some(slot)
    }

    fn unused_facts(&mut self) {
        let found: Vec<(Span, String)> = self
            .record
            .fact_names
            .iter()
            .filter(|it| !it.used)
            .map(|it| (it.span, it.name.clone()))
            .collect();
        for (span, name) in found {
            let message = format!("the fact `{name}` is never used");
            self.file.warning(names::N214, span, message).help =
                Some("use it, or take it out".to_owned());
        }
    }

    /// A plan of this entity alone, to run made-up records through.
    pub(super) fn plan_so_far(&self) -> Plan {
        let record = &self.record;
        Plan {
            title: String::new(),
            source: String::new(),
            destination: String::new(),
            edition: String::new(),
            targets: Vec::new(),
            lists: self.file.lists.clone(),
            values: self.file.maps.iter().map(|it| it.plan.clone()).collect(),
            users: Vec::new(),
            users_unknown: false,
            entities: vec![EntityPlan {
                entity: record.entity,
                object_type: record.object_type.clone(),
                id: SlotId(0),
                slots: record.slots.clone(),
                ignore: Vec::new(),
                exclude: None,
                facts: record.facts.clone(),
                decide: None,
                merge: None,
                maps: Vec::new(),
                consent: None,
                parent: None,
                known_to_children_by: None,
                user_lookups: Vec::new(),
            }],
            other_objects: None,
            ignored: Vec::new(),
            limit: None,
            no_markers: false,
            accepts: Vec::new(),
            fields_wanted: Vec::new(),
        }
    }
}
