//! One Freshsales account: its records, fields and switches, and the frame around each request.

use std::path::Path;

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::bulk;
use super::entity::Entity;
use super::fields::Fields;
use super::positions::Lenience;
use super::positions::LostAnswer;
use super::quota::Quota;
use super::reply::Answer;
use super::reply::Refusal;
use super::request::Request;
use super::request::Verb;
use super::routes;
use super::samples;
use super::seed;
use super::store::Books;
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
    pub(super) blank_contact: Map<String, Value>,
    pub(super) blank_account: Map<String, Value>,
    /// Bulk jobs that are not applied yet, with the time at which they are.
    pub(super) waiting_jobs: Vec<(i64, i64)>,
    touched: Vec<(Entity, i64, Action)>,
    requests: u64,
    writes: u64,
}

/// An answer, and whether the caller gets to see it.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) answer: Answer,
    pub(super) lost: bool,
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
        switches: Switches,
        seed: Option<&Path>,
        key: Option<String>,
    ) -> Result<Crm, String> {
        let books = Books::open(path).map_err(|error| format!("the store failed: {error}"))?;
        let stored = |name: &str| books.setting(name).map_err(|error| error.to_string());
        let is_new = stored("identity")?.is_none();
        let kept_key = stored("api_key")?;
        let identity = stored("identity")?.unwrap_or_else(seed::random_text);
        let key = key.or(kept_key).unwrap_or_else(seed::random_text);
        let fields = Fields::load(&books).map_err(|error| error.to_string())?;
        let quota = Quota::new(&switches);
        let mut blank_contact = samples::blank("contact.json", "contact");
        blank_contact.retain(|name, _| name != "sales_accounts");
        let mut crm = Crm {
            books,
            fields,
            switches,
            quota,
            key,
            identity,
            owner: seed::owner_id(),
            blank_contact,
            blank_account: samples::blank("account.json", "sales_account"),
            waiting_jobs: Vec::new(),
            touched: Vec::new(),
            requests: 0,
            writes: 0,
        };
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

    /// Does one request: all of its writes or none.
    pub(super) fn handle(&mut self, request: &Request, hash: &str) -> Outcome {
        self.requests += 1;
        if self.requests == self.switches.fail_at {
            let answer = Err(Refusal::Broken("Something went wrong".to_owned()));
            return Outcome {
                answer,
                lost: false,
            };
        }
        if let Err(refusal) = self.run_jobs() {
            return Outcome {
                answer: Err(refusal),
                lost: false,
            };
        }
        if request.verb == Verb::Get || is_reading_post(request) {
            return Outcome {
                answer: routes::answer(self, request),
                lost: false,
            };
        }
        self.writes += 1;
        let lost = self.writes == self.switches.lose_answer_at;
        if lost && self.switches.lost_answer == LostAnswer::NotApplied {
            return Outcome {
                answer: Err(Refusal::Broken(String::new())),
                lost,
            };
        }
        Outcome {
            answer: self.write(request, hash),
            lost,
        }
    }

    /// Applies the jobs whose time has come before the request is looked at.
    fn run_jobs(&mut self) -> Result<(), Refusal> {
        let now = super::store::micros();
        if !self.waiting_jobs.iter().any(|job| job.1 <= now) {
            return Ok(());
        }
        self.touched.clear();
        self.books.roll_back()?;
        self.books.begin()?;
        let due: Vec<i64> = self
            .waiting_jobs
            .iter()
            .filter(|job| job.1 <= now)
            .map(|job| job.0)
            .collect();
        self.waiting_jobs.retain(|job| job.1 > now);
        for id in due {
            bulk::run(self, id)?;
            for (entity, touched, action) in std::mem::take(&mut self.touched) {
                let truth = Truth {
                    method: "JOB",
                    path: &format!("/job_statuses/{id}"),
                    entity: entity.name(),
                    id: Some(touched),
                    action: action.name(),
                    request_hash: "",
                };
                self.books.tell_truth(&truth)?;
            }
        }
        Ok(self.books.commit()?)
    }

    fn write(&mut self, request: &Request, hash: &str) -> Answer {
        if self.switches.writes == Lenience::Refused {
            return Err(Refusal::Forbidden);
        }
        self.touched.clear();
        // A request that broke half-way may have left its transaction open.
        self.books.roll_back()?;
        self.books.begin()?;
        let answer = routes::answer(self, request);
        if answer.is_err() {
            self.books.roll_back()?;
            // What the refused request had changed in memory goes as well.
            self.fields = Fields::load(&self.books)?;
            self.books.begin()?;
            self.log(request, hash, "", None, "refused")?;
            self.books.commit()?;
            return answer;
        }
        for (entity, id, action) in std::mem::take(&mut self.touched) {
            self.log(request, hash, entity.name(), Some(id), action.name())?;
        }
        self.books.commit()?;
        answer
    }

    fn log(
        &self,
        request: &Request,
        hash: &str,
        entity: &str,
        id: Option<i64>,
        action: &str,
    ) -> Result<(), Refusal> {
        let (method, path) = (request.verb.name(), request.path.as_str());
        let truth = Truth {
            method,
            path,
            entity,
            id,
            action,
            request_hash: hash,
        };
        Ok(self.books.tell_truth(&truth)?)
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
            let slice = super::store::Slice {
                entity,
                deleted: true,
                order: "id",
                updated_until: i64::MAX,
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

/// `filtered_search` posts its question and writes nothing.
fn is_reading_post(request: &Request) -> bool {
    request
        .segments
        .first()
        .is_some_and(|word| word == "filtered_search")
}
