//! Records of modules that the account defines itself (freshsales.md 13): a name, an owner, custom fields and a unique
//! key among them. There is no upsert and no bulk call, so each is looked for before it is made.

use serde_json::Map;
use serde_json::Value as Json;
use serde_json::json;

use crate::model::{FieldValue, Key, Scalar};
use crate::port::{
    Action, DestinationId, Found, FoundBy, PortError, Present, Step, Undo, UndoHow, Verdict, Want,
};

use super::arrange::is_called;
use super::destination::Freshsales;
use super::endpoints::answer::RefusalKind;
use super::endpoints::modules;
use super::endpoints::records::Found as Record;
use super::endpoints::views::{self, PAGE_ROWS};
use super::hanging::{field, gone, shown};
use super::sheet::Sheet;
use super::task::{owner, owner_told};
use super::write::refused;

/// Steps of one write: one request each, and found by the page before and after.
pub(super) const BATCH: usize = 50;

/// A page pays off when it stands for at least this many single reads.
const READS_PER_PAGE: usize = 4;

/// The name that people know a module by, `Workspaces` of `module "Workspaces"`.
pub(super) fn name_of(target: &str) -> Option<&str> {
    target.strip_prefix("module \"")?.strip_suffix('"')
}

/// Records of one module that need no further request.
#[derive(Default)]
struct Stock {
    records: Vec<Record>,
    /// Who is not here is not in the module.
    is_complete: bool,
}

impl Freshsales {
    /// What stands for a module in paths; `None` where there is no such module.
    pub(super) fn module_called(&self, name: &str) -> Result<Option<String>, PortError> {
        if let Some(entity_name) = self.known_modules().get(name) {
            return Ok(Some(entity_name.clone()));
        }
        let all = self.modules()?.unwrap_or_default();
        let found = all.into_iter().find(|module| is_called(module, name));
        let Some(module) = found else {
            return Ok(None);
        };
        self.known_modules()
            .insert(name.to_owned(), module.entity_name.clone());
        Ok(Some(module.entity_name))
    }

    /// Looks records of a module up, by id and by key.
    pub(super) fn find_in_module(
        &self,
        name: &str,
        wants: &[Want],
    ) -> Result<Vec<Found>, PortError> {
        let Some(module) = self.module_called(name)? else {
            return Ok(vec![Found::Nobody; wants.len()]);
        };
        let sheet = self.sheet(&module)?;
        let stock = self.module_stock(&module, wants.len())?;
        wants
            .iter()
            .map(|want| self.find_one_in(&module, &sheet, want, &stock))
            .collect()
    }

    fn find_one_in(
        &self,
        module: &str,
        sheet: &Sheet,
        want: &Want,
        stock: &Stock,
    ) -> Result<Found, PortError> {
        if let Some(id) = want.id {
            let known = stock.records.iter().find(|record| record.id == id.0);
            let record = match known {
                Some(record) => Some(record.clone()),
                None if stock.is_complete => None,
                None => self.module_record(module, id)?,
            };
            if let Some(record) = record {
                return Ok(Found::One(FoundBy::Id, self.present_in(sheet, &record)));
            }
        }
        let key = want.key.iter().map(|key| (key, FoundBy::Key));
        let also = want.also.iter();
        let also = also.map(|key| (key, FoundBy::Other(key.field.clone())));
        for (key, by) in key.chain(also) {
            let found = self.answering_in(module, sheet, key, stock)?;
            match found.as_slice() {
                [] => {}
                [record] => return Ok(Found::One(by, self.present_in(sheet, record))),
                several => {
                    let ids = several.iter().map(|record| DestinationId(record.id));
                    return Ok(Found::Several(ids.collect()));
                }
            }
        }
        Ok(Found::Nobody)
    }

    /// Every living record whose field answers to `key`.
    fn answering_in(
        &self,
        module: &str,
        sheet: &Sheet,
        key: &Key,
        stock: &Stock,
    ) -> Result<Vec<Record>, PortError> {
        let wire = sheet.wire_name(&key.field);
        let answers = |record: &&Record| value_of(record, wire).as_deref() == Some(&key.value);
        let known: Vec<Record> = stock.records.iter().filter(answers).cloned().collect();
        if stock.is_complete || !known.is_empty() {
            return Ok(known);
        }
        let request = modules::search(module, wire, &key.value);
        let read = |response: &_| modules::read_records(module, response);
        let (found, _) = self.line.ask(&request, read)?;
        let mut full = Vec::new();
        for record in found {
            // A search may show a part of the record, and compare in its own way.
            let whole = self.module_record(module, DestinationId(record.id))?;
            full.extend(whole.filter(|record| answers(&record)));
        }
        Ok(full)
    }

    /// All records where their pages spare reads, else the latest: a search may not know them yet.
    fn module_stock(&self, module: &str, reads: usize) -> Result<Stock, PortError> {
        let mut stock = Stock::default();
        let views = self
            .line
            .ask(&modules::views(module), views::read_filters)?;
        // A module has one view from the start, and it shows every record.
        let Some(view) = views.first().map(|view| view.id) else {
            return Ok(stock);
        };
        let read = |response: &_| modules::read_records(module, response);
        let (latest, meta) = self.line.ask(&modules::recent(module, view, 1), read)?;
        let total = meta.total.and_then(|total| usize::try_from(total).ok());
        let rows = usize::try_from(PAGE_ROWS).unwrap_or(1);
        let pages = total.map(|total| total.div_ceil(rows).max(1));
        stock.records = latest;
        let Some(pages) = pages.filter(|pages| *pages == 1 || pages * READS_PER_PAGE <= reads)
        else {
            return Ok(stock);
        };
        if pages > 1 {
            for page in (1..).take(pages) {
                let (records, _) = self.line.ask(&modules::page(module, view, page), read)?;
                for record in records {
                    if stock.records.iter().all(|known| known.id != record.id) {
                        stock.records.push(record);
                    }
                }
            }
        }
        stock.is_complete = total == Some(stock.records.len());
        Ok(stock)
    }

    fn module_record(&self, module: &str, id: DestinationId) -> Result<Option<Record>, PortError> {
        let read = |response: &_| modules::read_record(module, response);
        match self.line.ask(&modules::get(module, id.0), read) {
            Ok(record) => {
                let is_gone = record.fields.get("is_deleted") == Some(&Json::Bool(true));
                Ok((!is_gone).then_some(record))
            }
            Err(failure) if failure.refusal() == Some(RefusalKind::Missing) => Ok(None),
            Err(failure) => Err(failure.into()),
        }
    }

    fn present_in(&self, sheet: &Sheet, record: &Record) -> Present {
        let account = self.account();
        let custom = record.fields.get("custom_field").and_then(Json::as_object);
        let mut fields = custom
            .map(|custom| sheet.decode(custom))
            .unwrap_or_default();
        if let Some(name) = value_of(record, "name") {
            fields.insert("name".to_owned(), Scalar::Text(name));
        }
        let whose = record.fields.get("owner_id").and_then(Json::as_i64);
        if let Some(owner) = whose.and_then(|id| owner_told(&account.snapshot, id)) {
            fields.insert("owner".to_owned(), owner);
        }
        Present {
            id: DestinationId(record.id),
            fields,
            links: std::collections::BTreeMap::new(),
        }
    }

    /// Writes one record of a module.
    pub(super) fn write_in_module(&self, name: &str, step: &Step) -> Verdict {
        let module = match self.module_called(name) {
            Ok(Some(module)) => module,
            Ok(None) => return refused(format!("the account has no module called \"{name}\"")),
            Err(error) => return unsent(&error),
        };
        let mut fields = step.fields.clone();
        if let (Action::Create, Some(key)) = (step.action, &step.key) {
            fields.push(FieldValue {
                name: key.field.clone(),
                value: Scalar::Text(key.value.clone()),
            });
        }
        let wire = match self.encode_in(&module, &fields) {
            Ok(wire) => wire,
            Err(verdict) => return verdict,
        };
        let request = match step.action {
            Action::Create => modules::create(&module, wire),
            Action::Update(id) => modules::update(&module, id.0, wire),
        };
        let read = |response: &_| modules::read_record(&module, response);
        match self.line.tell(&request, read) {
            Ok(record) => Verdict::Written(DestinationId(record.id)),
            Err(failure) => failure.verdict(),
        }
    }

    /// Takes a record of a module back.
    pub(super) fn undo_in_module(&self, name: &str, undo: &Undo) -> Verdict {
        let module = match self.module_called(name) {
            Ok(Some(module)) => module,
            // With the module its records went.
            Ok(None) => return Verdict::Written(undo.id),
            Err(error) => return unsent(&error),
        };
        match &undo.how {
            UndoHow::Remove => {
                let request = modules::remove(&module, undo.id.0);
                gone(self.line.tell(&request, modules::read_deleted), undo.id)
            }
            UndoHow::Restore(restored) => {
                let wire = match self.encode_in(&module, &restored.fields) {
                    Ok(wire) => wire,
                    Err(verdict) => return verdict,
                };
                let request = modules::update(&module, undo.id.0, wire);
                let read = |response: &_| modules::read_record(&module, response);
                match self.line.tell(&request, read) {
                    Ok(_) => Verdict::Written(undo.id),
                    Err(failure) => failure.verdict(),
                }
            }
        }
    }

    fn encode_in(&self, module: &str, fields: &[FieldValue]) -> Result<Map<String, Json>, Verdict> {
        let sheet = self.sheet(module).map_err(|error| unsent(&error))?;
        let account = self.account();
        let mut wire = Map::new();
        if let Some(name) = field(fields, "name") {
            wire.insert("name".to_owned(), json!(shown(name)));
        }
        match field(fields, "owner") {
            None => {}
            Some(Scalar::Text(text)) if text.is_empty() => {
                wire.insert("owner_id".to_owned(), Json::Null);
            }
            Some(value) => {
                let (id, _) = owner(&account.snapshot, value).map_err(refused)?;
                wire.insert("owner_id".to_owned(), json!(id));
            }
        }
        let custom = sheet.encode(fields).map_err(refused)?;
        if !custom.is_empty() {
            wire.insert("custom_field".to_owned(), Json::Object(custom));
        }
        Ok(wire)
    }
}

/// The text of a field, built in or custom.
fn value_of(record: &Record, wire: &str) -> Option<String> {
    let custom = || record.fields.get("custom_field")?.get(wire);
    let value = record.fields.get(wire).or_else(custom)?;
    value.as_str().map(str::to_owned)
}

fn unsent(error: &PortError) -> Verdict {
    Verdict::NotSent {
        because: error.to_string(),
    }
}
