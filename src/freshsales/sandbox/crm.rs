//! One Freshsales account: its records, fields and switches.

use std::path::Path;

use serde_json::Value;

use super::Edition;
use super::custom_modules::Customs;
use super::entity::Entity;
use super::fields::Fields;
use super::module::Module;
use super::positions::JobEnd;
use super::quota::Quota;
use super::reply::Refusal;
use super::seed;
use super::shapes::Shapes;
use super::store::Books;
use super::strike::Counts;
use super::switches::Switches;
use super::times;

/// What was really done to a record, for the hidden log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    Created,
    Updated,
    Deleted,
    Forgotten,
    Listed,
    Unlisted,
    Converted,
}

/// The account.
#[derive(Debug)]
pub(super) struct Crm {
    pub(super) books: Books,
    pub(super) fields: Fields,
    pub(super) switches: Switches,
    pub(super) quota: Quota,
    pub(super) key: String,
    pub(super) identity: String,
    /// The user whose key it is: the first of the recorded ones.
    pub(super) owner: i64,
    pub(super) edition: Edition,
    pub(super) shapes: Shapes,
    pub(super) customs: Customs,
    /// Every user, the owner of the key first.
    pub(super) users: Vec<Value>,
    /// Bulk jobs that are not applied yet, with the time at which they are.
    pub(super) waiting_jobs: Vec<(i64, i64)>,
    /// What becomes of a job that this request starts, when a fault says so.
    pub(super) job_end: Option<JobEnd>,
    pub(super) counts: Counts,
    /// How far the running read lags behind.
    pub(super) lag_ms: u64,
    pub(super) touched: Vec<(Entity, i64, Action)>,
    /// What the last request touched, for the account's workflows.
    pub(super) touched_last: Vec<(Entity, i64, Action)>,
}

impl Action {
    pub(super) fn name(self) -> &'static str {
        match self {
            Action::Created => "created",
            Action::Updated => "updated",
            Action::Deleted => "deleted",
            Action::Forgotten => "forgotten",
            Action::Listed => "listed",
            Action::Unlisted => "unlisted",
            Action::Converted => "converted",
        }
    }
}

impl Crm {
    /// Opens the account in the store at `path` or in memory, and seeds it when it is new.
    ///
    /// # Errors
    /// A store that cannot be opened, or a seed that cannot be read or is refused.
    pub(super) fn open(
        path: Option<&Path>,
        edition: Edition,
        switches: Switches,
        seed: Option<&Path>,
        key: Option<String>,
    ) -> Result<Crm, String> {
        let books = Books::open(path).map_err(|error| format!("the store failed: {error}"))?;
        let stored = |name: &str| books.setting(name).map_err(|error| error.to_string());
        let is_new = stored("identity")?.is_none();
        // Stores from before there were two editions are of the suite.
        let kept_edition = stored("edition")?.unwrap_or_else(|| Edition::Suite.name().to_owned());
        if !is_new && kept_edition != edition.name() {
            return Err(format!(
                "it holds the {kept_edition} edition, not the {} one",
                edition.name()
            ));
        }
        let kept_key = stored("api_key")?;
        let identity = stored("identity")?.unwrap_or_else(seed::random_text);
        let key = key.or(kept_key).unwrap_or_else(seed::random_text);
        let fields = Fields::load(&books).map_err(|error| error.to_string())?;
        let customs = Customs::load(&books).map_err(|error| error.to_string())?;
        let quota = Quota::new(&switches);
        let mut crm = Crm {
            books,
            fields,
            switches,
            quota,
            key,
            identity,
            owner: seed::owner_id(),
            edition,
            shapes: Shapes::new(edition),
            customs,
            users: Vec::new(),
            waiting_jobs: Vec::new(),
            job_end: None,
            counts: Counts::default(),
            lag_ms: 0,
            touched: Vec::new(),
            touched_last: Vec::new(),
        };
        let file = crm.switches.truth_file.clone();
        crm.books
            .print_truth_to(&file)
            .map_err(|error| format!("the truth file `{file}` could not be opened: {error}"))?;
        crm.found(is_new, seed)?;
        Ok(crm)
    }

    fn found(&mut self, is_new: bool, seed: Option<&Path>) -> Result<(), String> {
        let store = |error: rusqlite::Error| format!("the store failed: {error}");
        self.books.begin().map_err(store)?;
        self.books
            .set_setting("api_key", &self.key)
            .map_err(store)?;
        self.books
            .set_setting("identity", &self.identity)
            .map_err(store)?;
        self.books
            .set_setting("edition", self.edition.name())
            .map_err(store)?;
        if is_new {
            seed::plant(self, seed)?;
            self.touched.clear();
        }
        self.load_users().map_err(store)?;
        for job in self.books.all(Entity::Job).map_err(store)? {
            if job.body.get("results").is_none_or(Value::is_null) {
                let due = job.body.get("due").and_then(Value::as_i64).unwrap_or(0);
                self.waiting_jobs.push((job.id, due));
            }
        }
        self.books.commit().map_err(store)
    }

    /// Those of the records that a read sees, when it lags behind.
    pub(super) fn seen(&self, ids: Vec<i64>) -> Result<Vec<i64>, Refusal> {
        let seen_until = self.seen_until(0);
        if seen_until == i64::MAX {
            return Ok(ids);
        }
        let mut seen = Vec::new();
        for id in ids {
            if self.books.was_there(id, seen_until)? {
                seen.push(id);
            }
        }
        Ok(seen)
    }

    /// The time whose records a read sees, in microseconds: the present, unless it lags behind.
    pub(super) fn seen_until(&self, delay_ms: u64) -> i64 {
        match delay_ms.max(self.lag_ms) {
            0 => i64::MAX,
            lag_ms => {
                super::store::micros() - i64::try_from(lag_ms).unwrap_or(0).saturating_mul(1000)
            }
        }
    }

    /// Notes for the hidden log what was done.
    pub(super) fn touch(&mut self, entity: Entity, id: i64, action: Action) {
        self.touched.push((entity, id, action));
    }

    /// How much has been touched so far; for `forget_touches`.
    pub(super) fn touches(&self) -> usize {
        self.touched.len()
    }

    /// Drops what was touched after a point whose writes were undone.
    pub(super) fn forget_touches(&mut self, from: usize) {
        self.touched.truncate(from);
    }

    /// The present as an answer writes it.
    pub(super) fn now(&self) -> String {
        times::written(times::now(), &self.switches.zone())
    }

    /// The envelope of one record of a module.
    pub(super) fn envelope(&self, module: Module) -> String {
        match module {
            Module::Custom(id) => self.customs.name(id).unwrap_or_default().to_owned(),
            Module::Contact
            | Module::SalesAccount
            | Module::Lead
            | Module::Deal
            | Module::SalesActivity => module.entity().name().to_owned(),
        }
    }

    /// The key of several records of a module; that of a custom module is a guess.
    pub(super) fn plural(&self, module: Module) -> String {
        match module {
            Module::Custom(id) => self.customs.name(id).unwrap_or_default().to_owned(),
            Module::Contact
            | Module::SalesAccount
            | Module::Lead
            | Module::Deal
            | Module::SalesActivity => module.entity().plural().to_owned(),
        }
    }

    /// Reads the users, who change at the start alone.
    pub(super) fn load_users(&mut self) -> rusqlite::Result<()> {
        let rows = self.books.all(Entity::User)?;
        self.users = rows
            .into_iter()
            .map(|row| Value::Object(row.body))
            .collect();
        Ok(())
    }
}
