//! The forms beside those of people and accounts, read when something is written there and kept while the process
//! lives.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::model::FieldWanted;
use crate::port::{PortError, Prepared};

use super::destination::Freshsales;
use super::endpoints::activities;
use super::hanging::Hanging;
use super::module;
use super::prepare::Standing;
use super::sheet::Sheet;

/// By what stands for them in paths.
pub(super) type Sheets = Mutex<BTreeMap<String, Arc<Sheet>>>;

impl Freshsales {
    /// The form of what stands as `plural` in paths.
    pub(super) fn sheet(&self, plural: &str) -> Result<Arc<Sheet>, PortError> {
        if let Some(sheet) = self.known_sheets().get(plural) {
            return Ok(Arc::clone(sheet));
        }
        self.read_sheet(plural)
    }

    /// The same, as it is now.
    fn read_sheet(&self, plural: &str) -> Result<Arc<Sheet>, PortError> {
        let known = self.known_sheets().get(plural).cloned().unwrap_or_default();
        let sheet = Sheet::read(&self.line, plural, &known)?;
        Ok(self.keep_sheet(plural, sheet))
    }

    fn keep_sheet(&self, plural: &str, sheet: Sheet) -> Arc<Sheet> {
        let sheet = Arc::new(sheet);
        self.known_sheets()
            .insert(plural.to_owned(), Arc::clone(&sheet));
        sheet
    }

    fn known_sheets(&self) -> MutexGuard<'_, BTreeMap<String, Arc<Sheet>>> {
        self.sheets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What stands in paths for a target with such a form; `None` for all others, and for what is not there yet.
    fn plural_of(&self, target: &str) -> Result<Option<String>, PortError> {
        match Hanging::of_word(target) {
            Some(Hanging::Activity) => Ok(Some(activities::PLURAL.to_owned())),
            Some(Hanging::Note | Hanging::Task | Hanging::File | Hanging::Link) => Ok(None),
            None => match module::name_of(target) {
                Some(name) => self.module_called(name),
                None => Ok(None),
            },
        }
    }

    /// Sees to the wanted fields on such forms; the answers for all others stay.
    pub(super) fn prepare_sheets(
        &self,
        wanted: &[FieldWanted],
        prepared: &mut [Prepared],
    ) -> Result<(), PortError> {
        for (plural, places) in self.on_sheets(wanted)? {
            let mut sheet = (*self.read_sheet(&plural)?).clone();
            for place in places {
                if let (Some(field), Some(answer)) = (wanted.get(place), prepared.get_mut(place)) {
                    *answer = sheet.see_to(&self.line, field)?;
                }
            }
            self.keep_sheet(&plural, sheet);
        }
        Ok(())
    }

    /// Binds the names of the wanted fields that are there.
    pub(super) fn recognise_sheets(&self, wanted: &[FieldWanted]) -> Result<(), PortError> {
        for (plural, places) in self.on_sheets(wanted)? {
            let mut sheet = (*self.read_sheet(&plural)?).clone();
            let fields = places.into_iter().filter_map(|place| wanted.get(place));
            fields.for_each(|field| sheet.bind(field));
            self.keep_sheet(&plural, sheet);
        }
        Ok(())
    }

    /// How the wanted fields on such forms stand; the answers for all others stay.
    pub(super) fn look_at_sheets(
        &self,
        wanted: &[FieldWanted],
        standings: &mut [Standing],
    ) -> Result<(), PortError> {
        for (plural, places) in self.on_sheets(wanted)? {
            let sheet = self.read_sheet(&plural)?;
            for place in places {
                if let (Some(field), Some(answer)) = (wanted.get(place), standings.get_mut(place)) {
                    *answer = sheet.look(field);
                }
            }
        }
        Ok(())
    }

    /// The places of the wanted fields on such forms, by form.
    fn on_sheets(&self, wanted: &[FieldWanted]) -> Result<BTreeMap<String, Vec<usize>>, PortError> {
        let mut places: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (place, field) in wanted.iter().enumerate() {
            if let Some(plural) = self.plural_of(&field.target)? {
                places.entry(plural).or_default().push(place);
            }
        }
        Ok(places)
    }
}
