//! People, their consent, and those whom only other records name.

use super::ExtractError;
use super::fetch::Fetch;
use super::shape;
use super::store::{Kept, Kind, Mark};
use crate::customerio::endpoints::people::{self, ATTRIBUTES_MAX};
use crate::customerio::endpoints::workspace::{self, SUPPRESSIONS, SUPPRESSIONS_PAGE};
use crate::customerio::endpoints::{Raw, id, integer, list, object, text};

impl Fetch<'_> {
    /// Topics, suppressed addresses by category, opt-outs of text messages.
    pub(super) fn consent(&mut self) -> Result<(), ExtractError> {
        let topics = list("/v1/subscription_topics");
        self.plain("subscription topics", &topics, "topics", Kind::Topic)?;
        for (category, reason) in SUPPRESSIONS {
            self.suppressions(category, reason)?;
        }
        self.walk(
            "opt-outs",
            people::optouts,
            "optouts",
            &mut |record, kept| {
                if let Some(cio_id) = id(&record, "cio_id") {
                    let line = record.get("optouts").map_or("[]", |raw| raw.get());
                    kept.push(Kept::new(Kind::Optouts, cio_id, line));
                }
                Ok(())
            },
        )
    }

    /// By place: a page is the last one when it is short (customerio.md 1.5).
    fn suppressions(&mut self, category: &str, reason: &str) -> Result<(), ExtractError> {
        let walk = format!("suppressions/{category}");
        while let Mark::At(at) = self.store.mark(&walk)? {
            let offset: usize = at.parse().unwrap_or_default();
            let request = workspace::suppressions(category, offset);
            let found = self.whole("suppressions", &request, "suppressions")?;
            let mark = if found.len() < SUPPRESSIONS_PAGE {
                Mark::Done
            } else {
                Mark::At((offset + found.len()).to_string())
            };
            let kept: Vec<Kept> = found
                .into_iter()
                .map(|mut record| {
                    let email = text(&record, "email").unwrap_or_default();
                    let created = integer(&record, "created").unwrap_or_default();
                    let detail = text(&record, "reason").filter(|it| !it.is_empty());
                    shape::put(&mut record, "reason", reason);
                    if let Some(detail) = detail {
                        shape::put(&mut record, "detail", detail);
                    }
                    let key = format!("{reason} {email} {created}");
                    Kept::new(Kind::Suppression, key, shape::line(&record))
                })
                .collect();
            self.store.keep(&walk, &kept, &mark)?;
        }
        Ok(())
    }

    /// Everybody whom the search finds, then their attributes, a hundred a call.
    pub(super) fn people(&mut self) -> Result<(), ExtractError> {
        self.walk(
            "people",
            people::search,
            "identifiers",
            &mut |record, kept| {
                if let Some(cio_id) = id(&record, "cio_id") {
                    kept.push(Kept::new(Kind::Listed, cio_id, ""));
                }
                Ok(())
            },
        )?;
        self.attributes("attributes", Kind::Listed)
    }

    /// The attributes of a kind's people, in the order of `cio_id`; the walk's cursor is the last one.
    fn attributes(&mut self, walk: &str, kind: Kind) -> Result<(), ExtractError> {
        while let Mark::At(last) = self.store.mark(walk)? {
            let batch = self.store.after(kind, &last, ATTRIBUTES_MAX)?;
            let Some((end, _)) = batch.last().cloned() else {
                self.store.keep(walk, &[], &Mark::Done)?;
                return Ok(());
            };
            let mut wanted = Vec::new();
            for (cio_id, _) in batch {
                if kind == Kind::Listed || self.store.line(Kind::Person, &cio_id)?.is_none() {
                    wanted.push(cio_id);
                }
            }
            let mut kept = Vec::new();
            if !wanted.is_empty() {
                let request = people::attributes(&wanted);
                let found = self.ask("attributes", &request, people::customers)?;
                for customer in found.unwrap_or_default() {
                    let person = shape::person(&customer);
                    let cio_id = person.as_ref().and_then(|person| id(person, "cio_id"));
                    if let (Some(person), Some(cio_id)) = (person, cio_id) {
                        kept.push(Kept::new(Kind::Person, cio_id, shape::line(&person)));
                    }
                }
            }
            self.store.keep(walk, &kept, &Mark::At(end))?;
        }
        Ok(())
    }

    /// Asks for those whom deliveries, events, relationships or segments name and the search did not list: anonymous
    /// profiles show themselves this way, and nothing else shows them (customerio.md 3.1).
    pub(super) fn named(&mut self) -> Result<(), ExtractError> {
        self.attributes("people found elsewhere", Kind::Named)
    }

    /// Events, pages and screens, and who was deleted; newest first, no filter by time (customerio.md 7, 12).
    pub(super) fn events(&mut self) -> Result<(), ExtractError> {
        let (until, since) = (self.until, self.since);
        for kind in ["event", "page", "screen"] {
            let ask = |start: &str| people::activities(kind, false, start);
            self.walk(
                &format!("events/{kind}"),
                ask,
                "activities",
                &mut |activity, kept| {
                    let at = integer(&activity, "timestamp").unwrap_or_default();
                    // What is younger belongs to the delta.
                    if at <= until && since.is_none_or(|since| at >= since) {
                        keep_event(&activity, at, kept);
                    }
                    Ok(())
                },
            )?;
        }
        // Whether `deleted=true` adds or only shows is not known: both are read (customerio.md 2.2).
        for deleted in [false, true] {
            let ask = |start: &str| people::activities("profile_delete", deleted, start);
            let walk = format!("deletions/{deleted}");
            self.walk(&walk, ask, "activities", &mut |activity, kept| {
                keep_deletion(&activity, kept);
                Ok(())
            })?;
        }
        self.settle_horizon()
    }
}

fn keep_event(activity: &Raw, at: i64, kept: &mut Vec<Kept>) {
    let Some(event) = shape::event(activity) else {
        return;
    };
    name(&event, kept);
    let id = id(&event, "id").unwrap_or_default();
    kept.push(Kept::new(
        Kind::Event,
        format!("{at:020} {id}"),
        shape::line(&event),
    ));
}

fn keep_deletion(activity: &Raw, kept: &mut Vec<Kept>) {
    let identifiers = object(activity, "customer_identifiers");
    let Some(cio_id) = id(&identifiers, "cio_id") else {
        return;
    };
    let at = integer(activity, "timestamp");
    if let Some(person) = shape::deleted(&identifiers, at) {
        kept.push(Kept::new(
            Kind::Deleted,
            cio_id.as_str(),
            shape::line(&person),
        ));
    }
    for key in deleted_as(&identifiers) {
        kept.push(Kept::new(Kind::DeletedAs, key, cio_id.as_str()));
    }
}

/// What a profile that comes back is known by.
pub(super) fn deleted_as(of: &Raw) -> Vec<String> {
    let own = id(of, "id").map(|id| format!("id:{id}"));
    let email = id(of, "email").map(|email| format!("email:{}", email.trim().to_lowercase()));
    own.into_iter().chain(email).collect()
}

/// Remembers whom a record names.
pub(super) fn name(record: &Raw, kept: &mut Vec<Kept>) {
    if let Some(cio_id) = id(record, "cio_id") {
        kept.push(Kept::new(Kind::Named, cio_id, ""));
    }
}
