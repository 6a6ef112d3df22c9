//! The line to one account: a request out, an answer read, and who moves next when there is none.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use crate::clock::Clock;
use crate::http::{Client, HttpError, Repeat, Request, Response, Settings};
use crate::port::{PortError, Verdict};

use super::endpoints::answer::{Answer, RefusalKind, Unread};

/// A client that reads what it is answered.
pub(super) struct Line {
    client: Client,
    /// What the local sandbox calls its store; a real account sends no such header.
    store: OnceLock<String>,
    /// The size of the window, where an answer told it (freshsales.md 2).
    quota: OnceLock<u32>,
}

/// Why a request yielded no facts.
#[derive(Debug)]
pub(super) struct Failure {
    /// Method and path: paths hold ids, never values.
    asked: String,
    why: Why,
}

#[derive(Debug)]
enum Why {
    Silent(HttpError),
    Unread(Unread),
}

impl Line {
    pub(super) fn open(settings: &Settings, clock: Arc<dyn Clock>) -> Result<Self, PortError> {
        let client =
            Client::new(settings, clock).map_err(|error| PortError::Mismatch(error.to_string()))?;
        Ok(Self {
            client,
            store: OnceLock::new(),
            quota: OnceLock::new(),
        })
    }

    /// Sends what may be sent twice: a read, or a write that changes nothing the second time.
    pub(super) fn ask<T>(
        &self,
        request: &Request,
        read: impl FnOnce(&Response) -> Answer<T>,
    ) -> Result<T, Failure> {
        self.call(request, Repeat::Safe, read)
    }

    /// Sends a write once; after a doubtful end somebody must look.
    pub(super) fn tell<T>(
        &self,
        request: &Request,
        read: impl FnOnce(&Response) -> Answer<T>,
    ) -> Result<T, Failure> {
        self.call(request, Repeat::Unsafe, read)
    }

    /// The status of a harmless read, whatever it is.
    pub(super) fn status(&self, request: &Request) -> Result<u16, Failure> {
        self.ask(request, |response| Ok(response.status))
    }

    pub(super) fn pause(&self, wait: Duration) -> Result<(), HttpError> {
        self.client.pause(wait)
    }

    pub(super) fn address(&self) -> String {
        self.client.address()
    }

    pub(super) fn store(&self) -> Option<&str> {
        self.store.get().map(String::as_str)
    }

    /// Requests that the account takes in an hour.
    pub(super) fn quota(&self) -> Option<u32> {
        self.quota.get().copied()
    }

    pub(super) fn calls(&self) -> u64 {
        self.client.calls()
    }

    fn call<T>(
        &self,
        request: &Request,
        repeat: Repeat,
        read: impl FnOnce(&Response) -> Answer<T>,
    ) -> Result<T, Failure> {
        let failure = |why| Failure {
            asked: format!("{} {}", request.method, request.path),
            why,
        };
        let response = self
            .client
            .call(request, repeat)
            .map_err(|error| failure(Why::Silent(error)))?;
        if let Some(store) = response.header("x-sandbox-store") {
            self.store.get_or_init(|| store.to_owned());
        }
        if let Some(quota) = response.header("x-ratelimit-limit")
            && let Ok(quota) = quota.trim().parse()
        {
            self.quota.get_or_init(|| quota);
        }
        read(&response).map_err(|unread| failure(Why::Unread(unread)))
    }
}

impl Failure {
    /// What the refusal asks for, when it was one.
    pub(super) fn refusal(&self) -> Option<RefusalKind> {
        match &self.why {
            Why::Unread(Unread::Refused(refusal)) => Some(refusal.kind()),
            Why::Unread(Unread::Strange { .. }) | Why::Silent(_) => None,
        }
    }

    /// Whether there was an answer, and not one that the reference describes.
    pub(super) fn is_strange(&self) -> bool {
        matches!(&self.why, Why::Unread(Unread::Strange { .. }))
    }

    /// The verdict on a write.
    pub(super) fn verdict(self) -> Verdict {
        let because = self.told();
        let refusal = match self.why {
            // A stopped, unsent or unusable call changed nothing.
            Why::Silent(HttpError::Unusable { .. } | HttpError::NotSent { .. }) => {
                return Verdict::NotSent { because };
            }
            // Accepted, perhaps: an answer that cannot be read proves nothing either way.
            Why::Silent(HttpError::Unknown { .. }) | Why::Unread(Unread::Strange { .. }) => {
                return Verdict::Unknown { because };
            }
            Why::Unread(Unread::Refused(refusal)) => refusal,
        };
        match refusal.kind() {
            RefusalKind::Throttled => Verdict::NotSent { because },
            RefusalKind::Server => Verdict::Unknown { because },
            RefusalKind::Key
            | RefusalKind::Rights
            | RefusalKind::Missing
            | RefusalKind::Record
            | RefusalKind::Other => Verdict::Refused {
                status: refusal.status,
                messages: refusal.messages,
            },
        }
    }

    fn told(&self) -> String {
        match &self.why {
            Why::Silent(error) => format!("{}: {error}", self.asked),
            Why::Unread(unread) => format!("{}: {unread}", self.asked),
        }
    }
}

impl From<Failure> for PortError {
    fn from(failure: Failure) -> Self {
        let told = failure.told();
        match (&failure.why, failure.refusal()) {
            (Why::Silent(HttpError::Unusable { .. }), _) => Self::Mismatch(told),
            (Why::Silent(HttpError::NotSent { .. } | HttpError::Unknown { .. }), _)
            | (_, Some(RefusalKind::Throttled | RefusalKind::Server)) => Self::Unavailable(told),
            (_, Some(RefusalKind::Key | RefusalKind::Rights)) => Self::Denied(told),
            (_, Some(RefusalKind::Missing | RefusalKind::Record | RefusalKind::Other) | None) => {
                Self::Odd(told)
            }
        }
    }
}
