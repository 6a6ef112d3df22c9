//! What `prepare` sees to beside custom fields: lists of queues, modules, the kind of activity; and
//! what it takes away again when it is empty and ours.

use serde_json::Value as Json;

use crate::model::FieldWanted;
use crate::port::PortError;

use super::caps::{Count, counts};
use super::destination::Freshsales;
use super::encode::is_look_up;
use super::endpoints::answer::RefusalKind;
use super::endpoints::records::Found as Record;
use super::endpoints::settings;
use super::endpoints::{lists, modules, views};
use super::module;
use super::plans::Plan;
use super::prepare::{Standing, look};
use super::snapshot::{Target, is_custom};
use super::value::is_blank;

/// Pages of records that are looked through for one value; more would mean that they have no end.
const PAGES_MAX: u32 = 100_000;

/// What became of something that was to be taken away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Removal {
    Removed,
    /// Somebody took it away before.
    Gone,
    /// It holds something, so it stays.
    Filled,
    /// The API does not; the text says what a person must do.
    ByHand(String),
}

impl Freshsales {
    /// How every wanted field stands now, in order; nothing is made.
    ///
    /// # Errors
    /// When the account cannot be asked.
    pub fn look(&self, wanted: &[FieldWanted]) -> Result<Vec<Standing>, PortError> {
        let mut account = (*self.read_again()?).clone();
        self.learn_modules(&mut account, wanted)?;
        let mut standings = look(&account, wanted);
        self.look_at_sheets(wanted, &mut standings)?;
        for (field, standing) in wanted.iter().zip(&mut standings) {
            // What waits for a module is made with it.
            let name = if is_look_up(&field.name) {
                Some(field.label.as_str())
            } else {
                module::name_of(&field.target)
            };
            if let Some(name) = name
                && self.module_called(name)?.is_none()
            {
                *standing = Standing::Missing;
            }
        }
        Ok(standings)
    }

    /// How many custom fields each form has and gets, and what a plan takes; from the last reading.
    #[must_use]
    pub fn field_counts(&self, wanted: &[FieldWanted], plan: Option<&Plan>) -> Vec<Count> {
        counts(&self.account(), wanted, plan)
    }

    /// The plan that the account's quota tells, where only one has it.
    #[must_use]
    pub fn plan_by_quota(&self) -> Option<&'static Plan> {
        Plan::of_quota(self.edition(), self.line.quota()?)
    }

    /// Whether there is a list called `name`; from the last reading.
    #[must_use]
    pub fn has_list(&self, name: &str) -> bool {
        self.account().lists.iter().any(|list| list.name == name)
    }

    /// Makes the list called `name`, where there is none.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn make_list(&self, name: &str) -> Result<(), PortError> {
        self.list_called(name).map(|_| ())
    }

    /// The kinds of sales activity that an admin made: the vendor's own may not be written
    /// (freshsales.md 9.4).
    ///
    /// # Errors
    /// When the account cannot be asked.
    pub fn activity_kinds(&self) -> Result<Vec<String>, PortError> {
        let own = self.own_activity_kinds()?;
        Ok(own.into_iter().map(|(_, name)| name).collect())
    }

    /// Whether there is a module that people call `name`; `None` where the account does not tell.
    ///
    /// # Errors
    /// When the account cannot be asked.
    pub fn has_module(&self, name: &str) -> Result<Option<bool>, PortError> {
        Ok(self
            .modules()?
            .map(|all| all.iter().any(|module| is_called(module, name))))
    }

    /// Defines a module; `false` where the account does not do so by API.
    ///
    /// # Errors
    /// When the account cannot be asked.
    pub fn make_module(&self, name: &str) -> Result<bool, PortError> {
        match self.line.tell(&modules::define(name), modules::read_one) {
            Ok(_) => Ok(true),
            Err(failure) => match failure.refusal() {
                Some(
                    RefusalKind::Missing
                    | RefusalKind::Rights
                    | RefusalKind::Record
                    | RefusalKind::Other,
                ) => Ok(false),
                Some(RefusalKind::Key | RefusalKind::Throttled | RefusalKind::Server) | None => {
                    Err(failure.into())
                }
            },
        }
    }

    /// Takes away a custom field, list or module that `prepare` made, unless it holds something.
    /// `target` and `label` are those of its intent.
    ///
    /// # Errors
    /// When the account cannot be asked.
    pub fn take_away(&self, target: &str, label: &str) -> Result<Removal, PortError> {
        match (target, Target::of_word(target)) {
            ("list", _) => self.take_list(label),
            ("module", _) => self.take_module(label),
            (_, Some(target)) => self.take_field(target, label),
            (_, None) => Ok(Removal::ByHand(format!(
                "delete the field \"{label}\" of {target}, where it is empty"
            ))),
        }
    }

    fn take_field(&self, target: Target, label: &str) -> Result<Removal, PortError> {
        let account = self.read_again()?;
        let entity = account.snapshot.entity(target);
        let fields = account.snapshot.fields(entity).iter();
        let mut found = fields.filter(|field| is_custom(&field.name) && field.label == label);
        let field = match (found.next(), found.next()) {
            (None, _) => return Ok(Removal::Gone),
            (Some(field), None) => field,
            (Some(_), Some(_)) => {
                return Ok(Removal::ByHand(format!(
                    "several custom fields are called \"{label}\": delete the empty one of ours"
                )));
            }
        };
        let hand = || {
            let module = entity.plural().replace('_', " ");
            Ok(Removal::ByHand(format!(
                "delete the custom field \"{label}\" of {module}: no record has a value in it"
            )))
        };
        let Some(view) = self.view_of_all(entity)? else {
            return Ok(Removal::ByHand(format!(
                "delete the custom field \"{label}\", where no record has a value in it: the view of all \
                 records is not there to look through"
            )));
        };
        let is_filled = |record: &Record| {
            let value = record
                .fields
                .get("custom_field")
                .and_then(|it| it.get(&field.name));
            // An unset checkbox reads `false` (freshsales.md 10.2).
            value.is_some_and(|value| !is_blank(value) && *value != Json::Bool(false))
        };
        for page in 1..=PAGES_MAX {
            let request = views::page(entity, view, page);
            let found = self
                .line
                .ask(&request, |response| views::read_page(entity, response))?;
            if found.records.iter().any(is_filled) {
                return Ok(Removal::Filled);
            }
            let is_last = found.meta.total_pages.is_some_and(|pages| page >= pages);
            if is_last || found.records.is_empty() {
                break;
            }
        }
        let (Some(form), Some(id)) = (account.forms.get(&entity), field.id) else {
            return hand();
        };
        let request = settings::delete_field(entity, *form, id);
        match self.line.tell(&request, settings::read_deleted_field) {
            Ok(()) => {}
            Err(failure) => match failure.refusal() {
                Some(RefusalKind::Key | RefusalKind::Throttled | RefusalKind::Server) => {
                    return Err(failure.into());
                }
                Some(_) => return hand(),
                None => return Err(failure.into()),
            },
        }
        let left = self.read_again()?;
        let fields = left.snapshot.fields(entity);
        if fields.iter().any(|it| it.name == field.name) {
            return hand();
        }
        Ok(Removal::Removed)
    }

    /// No call takes a list away (freshsales.md 12).
    fn take_list(&self, name: &str) -> Result<Removal, PortError> {
        let account = self.read_again()?;
        let Some(list) = account.lists.iter().find(|list| list.name == name) else {
            return Ok(Removal::Gone);
        };
        let contact = super::endpoints::Entity::Contact;
        let first = self.line.ask(&lists::contacts(list.id, 1), |response| {
            views::read_page(contact, response)
        })?;
        if first.records.is_empty() {
            return Ok(Removal::ByHand(format!(
                "delete the list \"{name}\": nobody is on it"
            )));
        }
        Ok(Removal::Filled)
    }

    fn take_module(&self, name: &str) -> Result<Removal, PortError> {
        let Some(all) = self.modules()? else {
            return Ok(Removal::Gone);
        };
        let Some(module) = all.iter().find(|module| is_called(module, name)) else {
            return Ok(Removal::Gone);
        };
        if self.has_records(&module.entity_name)? {
            return Ok(Removal::Filled);
        }
        let deleted = self
            .line
            .tell(&modules::delete(module.id), modules::read_deleted);
        match deleted {
            Ok(()) => Ok(Removal::Removed),
            Err(failure)
                if matches!(
                    failure.refusal(),
                    Some(RefusalKind::Missing | RefusalKind::Rights)
                ) =>
            {
                Ok(Removal::ByHand(format!(
                    "delete the module \"{name}\": it has no records"
                )))
            }
            Err(failure) => Err(failure.into()),
        }
    }

    /// Whether any view of a module shows a record.
    fn has_records(&self, entity_name: &str) -> Result<bool, PortError> {
        let views = self
            .line
            .ask(&modules::views(entity_name), views::read_filters)?;
        for view in views {
            let request = modules::page(entity_name, view.id, 1);
            let read = |response: &_| modules::read_records(entity_name, response);
            if !self.line.ask(&request, read)?.0.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    pub(super) fn modules(&self) -> Result<Option<Vec<modules::Module>>, PortError> {
        match self.line.ask(&modules::all(), modules::read_all) {
            Ok(all) => Ok(Some(all)),
            // A plan or an edition without modules, or one that shows them one by one.
            Err(failure)
                if failure.is_strange()
                    || matches!(
                        failure.refusal(),
                        Some(RefusalKind::Missing | RefusalKind::Rights | RefusalKind::Other)
                    ) =>
            {
                Ok(None)
            }
            Err(failure) => Err(failure.into()),
        }
    }
}

pub(super) fn is_called(module: &modules::Module, name: &str) -> bool {
    module.plural_name.as_deref() == Some(name)
}
