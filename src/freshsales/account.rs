//! The account as it is now: read whole at start, again for each schema, and after each change of forms.

use std::collections::{BTreeMap, BTreeSet};

use crate::port::PortError;

use super::edition::Edition;
use super::endpoints::Entity;
use super::endpoints::lists::{self, List};
use super::endpoints::settings::{Form, FormField};
use super::endpoints::{selectors, settings};
use super::line::Line;
use super::snapshot::Snapshot;

/// Pages of lists that are read; more would mean that the pages repeat themselves.
const LIST_PAGES_MAX: u32 = 1000;

/// What is known of the account beside its records.
#[derive(Debug, Clone, Default)]
pub(super) struct Account {
    pub(super) snapshot: Snapshot,
    /// Wire names of fields whose values no two records may share.
    pub(super) unique: BTreeSet<(Entity, String)>,
    /// Wire names of fields that every record needs.
    pub(super) required: BTreeSet<(Entity, String)>,
    /// What look-ups point at, by wire name, where an answer tells it.
    pub(super) look_ups: BTreeMap<(Entity, String), String>,
    /// The form that new fields go on.
    pub(super) forms: BTreeMap<Entity, i64>,
    /// Static lists: the queues among them.
    pub(super) lists: Vec<List>,
}

impl Account {
    /// Reads everything; bound names of `known` that still lead somewhere stay bound.
    pub(super) fn read(line: &Line, known: &Snapshot) -> Result<Self, PortError> {
        let mut account = Self::default();
        account.snapshot.edition = known.edition;
        account.snapshot.modules.clone_from(&known.modules);
        match known.edition {
            // Leads of the classic edition are on no list, and their states are choices of a field.
            Edition::Classic => {}
            Edition::Suite => {
                account.lists = read_lists(line)?;
                account.snapshot.stages = line.ask(
                    &selectors::lifecycle_stages(),
                    selectors::read_lifecycle_stages,
                )?;
                account.snapshot.statuses = line.ask(
                    &selectors::contact_statuses(),
                    selectors::read_contact_statuses,
                )?;
            }
        }
        account.snapshot.owners = line.ask(&selectors::owners(), selectors::read_owners)?;
        account.read_fields(line)?;
        for ((entity, name), wire) in &known.names {
            let fields = account.snapshot.fields(*entity);
            if fields.iter().any(|field| field.name == *wire) {
                let key = (*entity, name.clone());
                account.snapshot.names.insert(key, wire.clone());
            }
        }
        Ok(account)
    }

    /// Reads fields and forms again; all else stays.
    pub(super) fn read_fields(&mut self, line: &Line) -> Result<(), PortError> {
        self.unique.clear();
        self.required.clear();
        self.look_ups.clear();
        for entity in self.snapshot.edition.entities().iter().copied() {
            let fields = line.ask(&settings::fields(entity), settings::read_fields)?;
            for field in fields.iter().filter(|field| field.required) {
                self.required.insert((entity, field.name.clone()));
            }
            match entity {
                Entity::Contact => self.snapshot.contact_fields = fields,
                Entity::Lead => self.snapshot.lead_fields = fields,
                Entity::SalesAccount => self.snapshot.account_fields = fields,
            }
            let forms = line.ask(&settings::forms(entity), settings::read_forms)?;
            if let Some(form) = forms.first() {
                self.learn(entity, form);
            }
        }
        Ok(())
    }

    pub(super) fn is_unique(&self, entity: Entity, wire: &str) -> bool {
        self.unique.contains(&(entity, wire.to_owned()))
    }

    pub(super) fn is_required(&self, entity: Entity, wire: &str) -> bool {
        self.required.contains(&(entity, wire.to_owned()))
    }

    fn learn(&mut self, entity: Entity, form: &Form) {
        self.forms.insert(entity, form.id);
        for name in form.unique_names() {
            self.unique.insert((entity, name.to_owned()));
        }
        let mut waiting: Vec<&FormField> = form.fields.iter().collect();
        while let Some(field) = waiting.pop() {
            if field.required {
                self.required.insert((entity, field.name.clone()));
            }
            let options = field.field_options.as_ref();
            if let Some(to) = options.and_then(|options| options.lookup_type.clone()) {
                self.look_ups.insert((entity, field.name.clone()), to);
            }
            waiting.extend(&field.fields);
        }
    }
}

/// Every static list; each page is read until nothing new comes.
pub(super) fn read_lists(line: &Line) -> Result<Vec<List>, PortError> {
    let mut all: Vec<List> = Vec::new();
    for page in 1..=LIST_PAGES_MAX {
        let found = line.ask(&lists::all(page), lists::read_page)?;
        let before = all.len();
        let new = found.lists.into_iter();
        let new: Vec<List> = new
            .filter(|list| !all.iter().any(|known| known.id == list.id))
            .collect();
        all.extend(new);
        // An account that ignores `page` sends the same lists again.
        let is_last = found.meta.total_pages.is_some_and(|pages| page >= pages);
        if is_last || all.len() == before {
            return Ok(all);
        }
    }
    Err(PortError::Odd(format!(
        "GET /lists: expected an end within {LIST_PAGES_MAX} pages, found none"
    )))
}
