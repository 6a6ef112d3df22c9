//! Asks, reads the answer, keeps the page: the one loop that every list goes through.

use std::cell::Cell;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::store::{Kept, Kind, Mark, Store};
use super::{Ask, ExtractError, Wanted, Watch, shape};
use crate::clock::Clock;
use crate::customerio::endpoints::{Page, Raw, Refused, id, integer, text, workspace};
use crate::http::{Request, Response};

/// How often a read whose answer is broken, or leads back, is sent again.
const AGAIN_MAX: u32 = 4;
/// The wait before that.
const AGAIN_AFTER: Duration = Duration::from_secs(1);
/// The service is from this year; no message is older.
const EARLIEST: &str = "2012-01-01T00:00:00Z";

/// The reading under way.
pub(super) struct Fetch<'a> {
    pub(super) store: Store,
    ask: &'a dyn Ask,
    clock: &'a dyn Clock,
    watch: &'a dyn Watch,
    calls: Cell<u64>,
    expected: u64,
    /// Nothing of deliveries and events is younger.
    pub(super) until: i64,
    pub(super) since: Option<i64>,
    /// Bodies of messages that are asked for.
    pub(super) bodies: usize,
}

/// What a walk makes of one record; the cursor is moved on with it.
pub(super) type Take<'t> = &'t mut dyn FnMut(Raw, &mut Vec<Kept>) -> Result<(), ExtractError>;

impl<'a> Fetch<'a> {
    pub(super) fn new(
        store: Store,
        ask: &'a dyn Ask,
        clock: &'a dyn Clock,
        watch: &'a dyn Watch,
    ) -> Result<Self, ExtractError> {
        let until = store.setting("until")?.and_then(|text| text.parse().ok());
        let since = store.setting("since")?.unwrap_or_default();
        let since = since.parse::<Timestamp>().ok().map(Timestamp::as_second);
        let bodies = store.setting("bodies")?.and_then(|text| text.parse().ok());
        Ok(Self {
            store,
            ask,
            clock,
            watch,
            calls: Cell::new(0),
            expected: 0,
            until: until.unwrap_or_default(),
            since,
            bodies: bodies.unwrap_or_default(),
        })
    }

    pub(super) fn calls(&self) -> u64 {
        self.calls.get()
    }

    pub(super) fn into_store(self) -> Store {
        self.store
    }

    /// The oldest moment that deliveries are asked for.
    pub(super) fn earliest() -> i64 {
        let earliest = EARLIEST.parse::<Timestamp>().map(Timestamp::as_second);
        earliest.unwrap_or_default()
    }

    /// Which workspace it is, and how large: the estimate of calls rests on it.
    pub(super) fn workspace(&mut self, wanted: &Wanted) -> Result<(), ExtractError> {
        let walk = "workspace";
        if self.store.mark(walk)? != Mark::Done {
            let all = self.whole("the workspace", &workspace::workspaces(), "workspaces");
            let all = match all {
                // The name and the estimate are all that is missed.
                Err(ExtractError::Key {
                    refused: Refused::Scope,
                    ..
                }) => Vec::new(),
                other => other?,
            };
            let named = |it: &&Raw| text(it, "name") == wanted.workspace;
            let found = match all.as_slice() {
                [only] => Some(only),
                several => several.iter().find(named),
            };
            let name = wanted.workspace.clone();
            let name = name.or_else(|| text(found?, "name")).unwrap_or_default();
            let number = |key: &str| found.and_then(|it| integer(it, key)).unwrap_or_default();
            let (people, objects) = (number("people"), number("objects"));
            // Pages and batches of people; two calls an object; pages of messages; the rest is small.
            let expected = people / 1000
                + people / 100
                + objects * 2
                + people / 10
                + number("messages_sent") / 1000
                + 100;
            self.store.settle("workspace", &name)?;
            self.store.settle("expected", &expected.to_string())?;
            self.store.keep(walk, &[], &Mark::Done)?;
        }
        let expected = self.store.setting("expected")?;
        self.expected = expected
            .and_then(|text| text.parse().ok())
            .unwrap_or_default();
        Ok(())
    }

    /// Sends a request until `read` can read its answer. One thing that was not found is `None`: it went away while we
    /// read. A list that is not found is a fault: taken for empty it would lose records.
    pub(super) fn ask<T>(
        &self,
        what: &str,
        request: &Request,
        read: impl Fn(&Response) -> Result<T, Refused>,
    ) -> Result<Option<T>, ExtractError> {
        let mut again = 0;
        loop {
            let answer = self.ask.ask(request);
            self.calls.set(self.calls.get() + 1);
            let calls = self.calls.get();
            self.watch.told(what, calls, self.expected.max(calls));
            let what = what.to_owned();
            let response = answer.map_err(|error| ExtractError::Http {
                what: what.clone(),
                error,
            })?;
            match read(&response) {
                Ok(found) => return Ok(Some(found)),
                Err(Refused::Gone) if is_of_one(&request.path) => return Ok(None),
                Err(Refused::Broken { .. }) if again < AGAIN_MAX => {
                    again += 1;
                    self.clock.sleep(AGAIN_AFTER);
                }
                Err(refused @ (Refused::Key | Refused::Scope)) => {
                    return Err(ExtractError::Key { what, refused });
                }
                Err(
                    refused @ (Refused::NoRoute(_)
                    | Refused::Gone
                    | Refused::TooMany
                    | Refused::Told { .. }
                    | Refused::Broken { .. }),
                ) => return Err(ExtractError::Answer { what, refused }),
            }
        }
    }

    /// A list that comes whole.
    pub(super) fn whole(
        &self,
        what: &str,
        request: &Request,
        key: &str,
    ) -> Result<Vec<Raw>, ExtractError> {
        let page = self.ask(what, request, |response| Page::read(response, key))?;
        Ok(page.map(|page| page.records).unwrap_or_default())
    }

    /// Walks a list page by page from where it stood; an empty page is not the end, a missing cursor is.
    pub(super) fn walk(
        &mut self,
        walk: &str,
        request: impl Fn(&str) -> Request,
        key: &str,
        take: Take<'_>,
    ) -> Result<(), ExtractError> {
        while let Mark::At(start) = self.store.mark(walk)? {
            let page = self.new_page(walk, &request(&start), key, &start)?;
            // What went away in between has nothing to give.
            let page = page.unwrap_or(Page {
                records: Vec::new(),
                next: None,
            });
            let mut kept = Vec::new();
            for record in page.records {
                take(record, &mut kept)?;
            }
            let mark = page.next.map_or(Mark::Done, Mark::At);
            self.store.keep(walk, &kept, &mark)?;
        }
        Ok(())
    }

    /// A page whose cursor leads on: one that was followed before is asked for again.
    fn new_page(
        &self,
        walk: &str,
        request: &Request,
        key: &str,
        start: &str,
    ) -> Result<Option<Page>, ExtractError> {
        // What stands before the slash, without ids.
        let what = walk.split('/').next().unwrap_or(walk);
        for _ in 0..=AGAIN_MAX {
            let page = self.ask(what, request, |response| Page::read(response, key))?;
            let Some(page) = page else { return Ok(None) };
            let is_circle = match &page.next {
                None => false,
                Some(next) => next == start || self.store.has_seen(walk, next)?,
            };
            if !is_circle {
                return Ok(Some(page));
            }
            self.clock.sleep(AGAIN_AFTER);
        }
        let what = what.to_owned();
        Err(ExtractError::Circle { what })
    }

    /// Reads one thing once.
    pub(super) fn once(
        &mut self,
        walk: &str,
        read: impl FnOnce(&Self) -> Result<Vec<Kept>, ExtractError>,
    ) -> Result<(), ExtractError> {
        if self.store.mark(walk)? == Mark::Done {
            return Ok(());
        }
        let kept = read(self)?;
        self.store.keep(walk, &kept, &Mark::Done)
    }

    /// A list that comes whole, each record as it is, by its `id`.
    pub(super) fn plain(
        &mut self,
        walk: &str,
        request: &Request,
        key: &str,
        kind: Kind,
    ) -> Result<(), ExtractError> {
        self.once(walk, |fetch| {
            let all = fetch.whole(walk, request, key)?;
            let kept = all.into_iter().map(|record| {
                let key = number_key(&id(&record, "id").unwrap_or_default());
                Kept::new(kind, key, shape::line(&shape::bare(record)))
            });
            Ok(kept.collect())
        })
    }

    /// The ids of a kind, in order.
    pub(super) fn ids(&self, kind: Kind) -> Result<Vec<String>, ExtractError> {
        let all = self.store.after(kind, "", usize::MAX)?;
        let ids = all.iter().filter_map(|(_, line)| {
            let record: Raw = serde_json::from_str(line).ok()?;
            id(&record, "id")
        });
        Ok(ids.collect())
    }

    /// The moment before which events may be missing, rounded up to a whole day: read that long ago, kept 30 days.
    pub(super) fn settle_horizon(&self) -> Result<(), ExtractError> {
        /// Days of activities that the service keeps (customerio.md 2.2).
        const KEPT_DAYS: i64 = 30;
        const DAY_S: i64 = 86_400;
        let kept = SignedDuration::from_hours(KEPT_DAYS * 24);
        let horizon = self
            .clock
            .now()
            .saturating_sub(kept)
            .unwrap_or(Timestamp::MIN);
        let days = (horizon.as_second() + DAY_S - 1).div_euclid(DAY_S);
        self.store.settle("horizon", &(days * DAY_S).to_string())
    }
}

/// Whether a path asks about one thing, such as `/v1/segments/7/membership`; suppression lists are as long.
fn is_of_one(path: &str) -> bool {
    path.split('/').count() > 4 && !path.starts_with("/v1/esp/")
}

/// A key that sorts numbers by their size.
pub(super) fn number_key(id: &str) -> String {
    format!("{id:0>20}")
}
