//! The bodies that were sent, of the newest messages: the service gives a hundred a day, so only who asks for some gets
//! them (customerio.md 1.2, 2.9, 7 number 13).

use std::collections::BTreeSet;

use super::ExtractError;
use super::fetch::Fetch;
use super::shape;
use super::store::{Kept, Kind, Mark};
use crate::customerio::endpoints::deliveries;
use crate::customerio::endpoints::{Raw, Refused, id};

/// The walk that asks for them.
const WALK: &str = "bodies";
/// Deliveries of one look into the store.
const LOOK: usize = 500;

impl Fetch<'_> {
    /// Asks for the bodies of the newest deliveries whose content was kept, as many as are wanted. When the day's are
    /// used up the others stay without, and the seal says how many came.
    pub(super) fn bodies(&mut self) -> Result<(), ExtractError> {
        let Mark::At(last) = self.store.mark(WALK)? else {
            return Ok(());
        };
        let wanted = self.newest(self.bodies)?;
        let asked = wanted.iter().position(|(key, _)| *key == last);
        for (key, line) in wanted.into_iter().skip(asked.map_or(0, |at| at + 1)) {
            let delivery: Raw = serde_json::from_str(&line).unwrap_or_default();
            let own = id(&delivery, "id").unwrap_or_default();
            let request = deliveries::archived(&own);
            let archived = match self.ask(WALK, &request, deliveries::archive) {
                Err(ExtractError::Answer {
                    refused: Refused::TooMany,
                    ..
                }) => break,
                other => other?,
            };
            let kept = archived.map(|archived| {
                let whole = shape::with_body(delivery, &archived);
                Kept::new(Kind::Delivery, key.as_str(), shape::line(&whole))
            });
            let kept: Vec<Kept> = kept.into_iter().collect();
            self.store.keep(WALK, &kept, &Mark::At(key))?;
        }
        self.store.keep(WALK, &[], &Mark::Done)
    }

    /// The newest deliveries whose content the service may have, newest first.
    fn newest(&self, count: usize) -> Result<Vec<(String, String)>, ExtractError> {
        let hidden = self.hidden()?;
        let mut newest = Vec::new();
        let mut before = None;
        while newest.len() < count {
            let some = self.store.before(Kind::Delivery, before.as_deref(), LOOK)?;
            let Some((end, _)) = some.last().cloned() else {
                break;
            };
            before = Some(end);
            newest.extend(some.into_iter().filter(|(_, line)| {
                let delivery: Raw = serde_json::from_str(line).unwrap_or_default();
                let is_forgotten = delivery
                    .get("forgotten")
                    .is_some_and(|raw| raw.get() == "true");
                let sent_as = id(&delivery, "transactional_message_id");
                !is_forgotten && !sent_as.is_some_and(|it| hidden.contains(&it))
            }));
        }
        newest.truncate(count);
        Ok(newest)
    }

    /// Transactional messages whose sent bodies are not kept (customerio.md 2.8).
    fn hidden(&self) -> Result<BTreeSet<String>, ExtractError> {
        let all = self.store.after(Kind::Transactional, "", usize::MAX)?;
        let hidden = all.iter().filter_map(|(_, line)| {
            let message: Raw = serde_json::from_str(line).ok()?;
            let is_hidden = message.get("hide_message_body")?.get() == "true";
            id(&message, "id").filter(|_| is_hidden)
        });
        Ok(hidden.collect())
    }
}
