//! Which faults strike a request, and what they make of it together.

use super::fault::{Fault, FaultKind};
use super::reply::Refusal;
use super::request::{PageFault, Request};
use crate::http::local::Delivery;

/// How often each fault was met.
#[derive(Debug, Default)]
pub(super) struct Counts(Vec<u64>);

/// What the faults make of one request.
#[derive(Debug, Default)]
pub(super) struct Strike {
    /// Answered instead of done.
    pub(super) refusal: Option<Refusal>,
    pub(super) delivery: Delivery,
    pub(super) late_ms: u64,
    pub(super) page: PageFault,
    pub(super) is_truncated: bool,
}

impl Counts {
    /// Counts a request and gathers what strikes it.
    pub(super) fn strike(&mut self, request: &Request, faults: &[Fault]) -> Strike {
        let mut strike = Strike::default();
        self.0.resize(faults.len(), 0);
        for (fault, count) in faults.iter().zip(&mut self.0) {
            let Fault { aim, kind } = fault;
            if aim.fits(request.method, request.writes(), &request.segments) {
                *count += 1;
                if aim.strikes(*count) {
                    strike.add(*kind);
                }
            }
        }
        strike
    }
}

impl Strike {
    fn add(&mut self, kind: FaultKind) {
        match kind {
            FaultKind::TooMany => self.refuse(Refusal::TooMany { wait_s: None }),
            FaultKind::TooManyRetryAfter(wait_s) => self.refuse(Refusal::TooMany {
                wait_s: Some(wait_s),
            }),
            FaultKind::Status(status) => self.refuse(Refusal::Broken { status }),
            FaultKind::Html(status) => self.refuse(Refusal::Page { status }),
            FaultKind::CutBefore => {
                self.refuse(Refusal::Broken { status: 500 });
                self.delivery = Delivery::Cut;
            }
            FaultKind::CutAfter => self.delivery = Delivery::Cut,
            FaultKind::HalfBody => self.delivery = Delivery::Half,
            FaultKind::Truncated => self.is_truncated = true,
            FaultKind::Drip(wait_ms) => self.delivery = Delivery::Drip { wait_ms },
            FaultKind::Late(wait_ms) => self.late_ms = wait_ms,
            FaultKind::RepeatedCursor => self.page = PageFault::Repeated,
            FaultKind::EmptyPage => self.page = PageFault::Empty,
            FaultKind::NullPage => self.page = PageFault::Null,
        }
    }

    /// The first fault that answers wins.
    fn refuse(&mut self, refusal: Refusal) {
        self.refusal.get_or_insert(refusal);
    }
}
