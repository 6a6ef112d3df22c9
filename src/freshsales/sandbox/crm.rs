//! One Freshsales account: its records, fields and switches, and the frame around each request.

use std::path::Path;

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::Edition;
use super::bulk;
use super::custom_modules::Customs;
use super::entity::Entity;
use super::fields::Fields;
use super::module::Module;
use super::positions::JobEnd;
use super::positions::Lenience;
use super::quota::Quota;
use super::records;
use super::reply::Answer;
use super::reply::Refusal;
use super::request::Request;
use super::routes;
use super::seed;
use super::shapes::Shapes;
use super::store::Books;
use super::strike::Counts;
use super::strike::Delivery;
use super::strike::Strike;
use super::switches::Switches;
use super::times;
use super::truth::Truth;

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
    /// Bulk jobs that are not applied yet, with the time at which they are.
    pub(super) waiting_jobs: Vec<(i64, i64)>,
    /// What becomes of a job that this request starts, when a fault says so.
    pub(super) job_end: Option<JobEnd>,
    pub(super) counts: Counts,
    lag_ms: u64,
    touched: Vec<(Entity, i64, Action)>,
    touched_last: Vec<(Entity, i64, Action)>,
}

impl Action {
    fn name(self) -> &'static str {
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
        for job in self.books.all(Entity::Job).map_err(store)? {
            if job.body.get("results").is_none_or(Value::is_null) {
                let due = job.body.get("due").and_then(Value::as_i64).unwrap_or(0);
                self.waiting_jobs.push((job.id, due));
            }
        }
        self.books.commit().map_err(store)
    }

    /// Does one request, as far as its faults let it: all of its writes or none.
    pub(super) fn handle(&mut self, request: &Request, hash: &str, strike: &mut Strike) -> Answer {
        if let Some(refusal) = strike.refusal.take() {
            return Err(refusal);
        }
        self.run_jobs()?;
        if !request.writes() {
            self.lag_ms = strike.stale_ms;
            let answer = routes::answer(self, request);
            self.lag_ms = 0;
            return answer;
        }
        self.job_end = strike.job_end;
        let mut answer = self.write(request, hash, strike.delivery);
        if strike.twice {
            answer = self.write(request, hash, strike.delivery);
        }
        self.job_end = None;
        if answer.is_ok() && !strike.automations.is_empty() {
            self.automate(&strike.automations)?;
        }
        answer
    }

    /// Applies the jobs whose time has come before the request is looked at.
    fn run_jobs(&mut self) -> Result<(), Refusal> {
        let now = super::store::micros();
        if !self.waiting_jobs.iter().any(|job| job.1 <= now) {
            return Ok(());
        }
        self.begin()?;
        let due: Vec<i64> = self
            .waiting_jobs
            .iter()
            .filter(|job| job.1 <= now)
            .map(|job| job.0)
            .collect();
        self.waiting_jobs.retain(|job| job.1 > now);
        for id in due {
            bulk::run(self, id)?;
            self.tell("JOB", &format!("/job_statuses/{id}"))?;
        }
        self.commit()
    }

    fn write(&mut self, request: &Request, hash: &str, delivery: Delivery) -> Answer {
        if self.switches.writes == Lenience::Refused {
            return Err(Refusal::Forbidden);
        }
        self.begin()?;
        let answer = routes::answer(self, request);
        let mut truth = Truth {
            request: self.counts.request(),
            method: request.verb.name(),
            path: &request.path,
            entity: "",
            id: None,
            action: "refused",
            request_hash: hash,
            delivered: delivery.name(),
        };
        if answer.is_err() {
            self.books.roll_back()?;
            // What the refused request had changed in memory goes as well.
            self.fields = Fields::load(&self.books)?;
            self.customs = Customs::load(&self.books)?;
            self.begin()?;
            self.books.tell_truth(&truth)?;
            self.commit()?;
            return answer;
        }
        self.touched_last.clone_from(&self.touched);
        for (entity, id, action) in std::mem::take(&mut self.touched) {
            truth.entity = entity.name();
            truth.id = Some(id);
            truth.action = action.name();
            self.books.tell_truth(&truth)?;
        }
        self.commit()?;
        answer
    }

    /// A workflow of the account edits what the request has just written.
    fn automate(&mut self, edits: &[(String, String)]) -> Result<(), Refusal> {
        self.begin()?;
        for (entity, id, action) in std::mem::take(&mut self.touched_last) {
            let module = match (entity, action) {
                (Entity::Contact, Action::Created | Action::Updated) => Module::Contact,
                (Entity::SalesAccount, Action::Created | Action::Updated) => Module::SalesAccount,
                (Entity::Lead, Action::Created | Action::Updated) => Module::Lead,
                (Entity::Deal, Action::Created | Action::Updated) => Module::Deal,
                (_, _) => continue,
            };
            let mut input = Map::new();
            for (field, value) in edits {
                if field.starts_with("cf_") {
                    let custom = input.entry("custom_field").or_insert_with(|| json!({}));
                    custom[field] = json!(value);
                } else {
                    input.insert(field.clone(), json!(value));
                }
            }
            records::update(self, module, id, &input)?;
        }
        self.tell("AUTOMATION", "")?;
        self.commit()
    }

    /// Writes what was touched into the hidden log, as done by the account itself.
    fn tell(&mut self, method: &str, path: &str) -> Result<(), Refusal> {
        for (entity, id, action) in std::mem::take(&mut self.touched) {
            self.books.tell_truth(&Truth {
                request: self.counts.request(),
                method,
                path,
                entity: entity.name(),
                id: Some(id),
                action: action.name(),
                request_hash: "",
                delivered: "none",
            })?;
        }
        Ok(())
    }

    fn begin(&mut self) -> Result<(), Refusal> {
        self.touched.clear();
        // A request that broke half-way may have left its transaction open.
        self.books.roll_back()?;
        self.books.keeps_past = self.switches.lags();
        Ok(self.books.begin()?)
    }

    fn commit(&mut self) -> Result<(), Refusal> {
        self.books.commit()?;
        self.books
            .print_truth()
            .map_err(|error| Refusal::Broken(format!("the truth file failed: {error}")))
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
        times::written(times::now(), self.switches.offset())
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

    /// Every user, the owner of the key first.
    pub(super) fn users(&self) -> Result<Vec<Value>, Refusal> {
        let rows = self.books.all(Entity::User)?;
        Ok(rows
            .into_iter()
            .map(|row| Value::Object(row.body))
            .collect())
    }

    /// All records by kind, with every stored field, for tests.
    pub(super) fn dump(&self) -> rusqlite::Result<Value> {
        let mut dump = Map::new();
        for entity in Entity::ALL {
            let mut rows = self.books.all(entity)?;
            let slice = super::reads::Slice {
                entity,
                deleted: true,
                order: "id",
                seen_until: i64::MAX,
            };
            rows.extend(self.books.page(slice, usize::MAX, 0)?);
            rows.sort_by_key(|row| row.id);
            let rows: Result<Vec<Value>, rusqlite::Error> = rows
                .into_iter()
                .map(|row| {
                    let mut body = row.body;
                    if entity == Entity::List {
                        body.insert("contact_ids".to_owned(), json!(self.books.members(row.id)?));
                    }
                    Ok(Value::Object(body))
                })
                .collect();
            dump.insert(entity.plural().to_owned(), Value::from(rows?));
        }
        dump.insert("truth".to_owned(), Value::from(self.books.truth()?));
        Ok(Value::Object(dump))
    }
}
