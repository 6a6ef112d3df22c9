//! Which faults strike a request, and what they make of it together.

use super::fault::Fault;
use super::fault::FaultKind;
use super::positions::JobEnd;
use super::positions::LostAnswer;
use super::reply::Refusal;
use super::request::Request;
use super::switches::Switches;
use crate::http::local::Delivery;

/// How often each fault was met, and the requests in all.
#[derive(Debug, Default)]
pub(super) struct Counts {
    requests: u64,
    writes: u64,
    of: Vec<u64>,
}

/// What the faults make of one request.
#[derive(Debug, Default)]
pub(super) struct Strike {
    /// Answered instead of done.
    pub(super) refusal: Option<Refusal>,
    pub(super) rate: RateHeaders,
    pub(super) delivery: Delivery,
    pub(super) late_ms: u64,
    pub(super) twice: bool,
    pub(super) stale_ms: u64,
    pub(super) job_end: Option<JobEnd>,
    pub(super) automations: Vec<(String, String)>,
    pub(super) eaten: u32,
}

/// What an answer says of the quota.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum RateHeaders {
    #[default]
    Counted,
    Spent {
        retry_after_s: Option<u32>,
    },
    Missing,
}

impl Counts {
    /// The number of the request that was struck last, from 1.
    pub(super) fn request(&self) -> u64 {
        self.requests
    }

    /// Counts a request and gathers what strikes it.
    pub(super) fn strike(&mut self, request: &Request, switches: &Switches) -> Strike {
        let writes = request.writes();
        self.requests += 1;
        self.writes += u64::from(writes);
        let mut strike = Strike::default();
        if self.requests == switches.fail_at {
            strike.add(&FaultKind::Status(500));
        }
        if writes && self.writes == switches.lose_answer_at {
            strike.add(match switches.lost_answer {
                LostAnswer::Applied => &FaultKind::CutAfterCommit,
                LostAnswer::NotApplied => &FaultKind::CutBeforeCommit,
            });
        }
        self.of.resize(switches.faults.len(), 0);
        for (fault, count) in switches.faults.iter().zip(&mut self.of) {
            let Fault { aim, kind } = fault;
            if aim.fits(request.verb, writes, &request.segments) {
                *count += 1;
                if aim.strikes(*count) {
                    strike.add(kind);
                }
            }
        }
        strike
    }
}

impl Strike {
    fn add(&mut self, kind: &FaultKind) {
        match kind {
            FaultKind::TooMany => {
                self.refuse(Refusal::TooMany);
                self.rate = RateHeaders::Spent {
                    retry_after_s: None,
                };
            }
            FaultKind::TooManyBare => {
                self.refuse(Refusal::TooMany);
                self.rate = RateHeaders::Missing;
            }
            FaultKind::TooManyRetryAfter(wait_s) => {
                self.refuse(Refusal::TooMany);
                self.rate = RateHeaders::Spent {
                    retry_after_s: Some(*wait_s),
                };
            }
            FaultKind::TooManyAs400 => self.refuse(Refusal::invalid("Too many requests")),
            FaultKind::Status(status) => self.refuse(Refusal::Told {
                status: *status,
                is_page: false,
            }),
            FaultKind::Html(status) => self.refuse(Refusal::Told {
                status: *status,
                is_page: true,
            }),
            FaultKind::CutBeforeCommit => {
                self.refuse(Refusal::Broken(String::new()));
                self.delivery = Delivery::Cut;
            }
            FaultKind::CutAfterCommit => self.delivery = Delivery::Cut,
            FaultKind::HalfBody => self.delivery = Delivery::Half,
            FaultKind::Drip(wait_ms) => self.delivery = Delivery::Drip { wait_ms: *wait_ms },
            FaultKind::Late(wait_ms) => self.late_ms = *wait_ms,
            FaultKind::Twice => self.twice = true,
            FaultKind::Stale(age_ms) => self.stale_ms = *age_ms,
            FaultKind::Job(end) => self.job_end = Some(*end),
            FaultKind::Automation { field, value } => {
                self.automations.push((field.clone(), value.clone()));
            }
            FaultKind::Eat(count) => self.eaten = self.eaten.saturating_add(*count),
        }
    }

    /// The first fault that answers wins.
    fn refuse(&mut self, refusal: Refusal) {
        self.refusal.get_or_insert(refusal);
    }
}
