//! The frame around each request: its faults, one transaction, the hidden log, and what the account
//! does by itself before and after it.

use serde_json::Map;
use serde_json::json;

use super::bulk;
use super::crm::Action;
use super::crm::Crm;
use super::custom_modules::Customs;
use super::entity::Entity;
use super::fields::Fields;
use super::module::Module;
use super::notes;
use super::positions::Lenience;
use super::records;
use super::reply::Answer;
use super::reply::Refusal;
use super::request::Request;
use super::routes;
use super::strike::Strike;
use super::targets::Target;
use super::tasks;
use super::truth::Truth;
use crate::http::local::Delivery;

impl Crm {
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
            method: request.verb.word(),
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
                let target = Target { module, id };
                if field == "note" {
                    notes::write(self, target, value)?;
                } else if field == "task" {
                    tasks::plant(self, target, value)?;
                } else if field.starts_with("cf_") {
                    let custom = input.entry("custom_field").or_insert_with(|| json!({}));
                    custom[field] = json!(value);
                } else {
                    input.insert(field.clone(), json!(value));
                }
            }
            if input.is_empty() {
                continue;
            }
            // A workflow that may not write fails for itself; the request is done by then.
            if records::update(self, module, id, &input).is_err() {
                self.touched.clear();
                self.books.roll_back()?;
                return Ok(());
            }
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
}
