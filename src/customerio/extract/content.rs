//! Campaigns, newsletters, broadcasts, transactional messages with their contents, and what these refer to.

use super::ExtractError;
use super::fetch::{Fetch, number_key};
use super::shape;
use super::store::{Kept, Kind};
use crate::customerio::endpoints::content::{self, Kind as Sent};
use crate::customerio::endpoints::{Page, Raw, accept, id, list, text, workspace};

impl Fetch<'_> {
    /// Campaigns and their steps with content; both are read anew each time, as `updated` does not move when a step is
    /// edited (customerio.md 7, 21).
    pub(super) fn campaigns(&mut self) -> Result<(), ExtractError> {
        let key = Sent::Campaign.key();
        self.plain(
            "campaigns",
            &content::all(Sent::Campaign, ""),
            key,
            Kind::Campaign,
        )?;
        for campaign in self.ids(Kind::Campaign)? {
            self.actions(Sent::Campaign, &campaign)?;
        }
        Ok(())
    }

    /// Broadcasts, their steps, and when they were triggered.
    pub(super) fn broadcasts(&mut self) -> Result<(), ExtractError> {
        let key = Sent::Broadcast.key();
        self.plain(
            "broadcasts",
            &content::all(Sent::Broadcast, ""),
            key,
            Kind::Broadcast,
        )?;
        for broadcast in self.ids(Kind::Broadcast)? {
            self.actions(Sent::Broadcast, &broadcast)?;
            self.once(&format!("triggers/{broadcast}"), |fetch| {
                let request = content::triggers(&broadcast);
                let triggers = fetch.whole("triggers", &request, "triggers")?;
                fetch.with(Kind::Broadcast, &broadcast, |record| {
                    if !triggers.is_empty() {
                        shape::put(record, "triggers", &triggers);
                    }
                })
            })?;
        }
        Ok(())
    }

    /// Newsletters in pages, and every content: language by test group.
    pub(super) fn newsletters(&mut self) -> Result<(), ExtractError> {
        let ask = |start: &str| content::all(Sent::Newsletter, start);
        self.walk(
            "newsletters",
            ask,
            Sent::Newsletter.key(),
            &mut |record, kept| {
                let key = number_key(&id(&record, "id").unwrap_or_default());
                kept.push(Kept::new(
                    Kind::Newsletter,
                    key,
                    shape::line(&shape::bare(record)),
                ));
                Ok(())
            },
        )?;
        for newsletter in self.ids(Kind::Newsletter)? {
            self.contents(Sent::Newsletter, &newsletter)?;
        }
        Ok(())
    }

    /// Transactional messages and every content.
    pub(super) fn transactional(&mut self) -> Result<(), ExtractError> {
        let (ask, key) = (
            content::all(Sent::Transactional, ""),
            Sent::Transactional.key(),
        );
        self.plain("transactional messages", &ask, key, Kind::Transactional)?;
        for message in self.ids(Kind::Transactional)? {
            self.contents(Sent::Transactional, &message)?;
        }
        Ok(())
    }

    /// Steps with content; the id is a text in a capture (customerio.md 7, 6).
    fn actions(&mut self, of: Sent, owner: &str) -> Result<(), ExtractError> {
        let ask = |start: &str| content::actions(of, owner, start);
        let walk = format!("actions of {}/{owner}", of.key());
        self.walk(&walk, ask, "actions", &mut |record, kept| {
            let mut action = shape::bare(record);
            let own = id(&action, "id").unwrap_or_default();
            shape::put(&mut action, "id", &own);
            let key = format!("{} {} {}", of.key(), number_key(owner), number_key(&own));
            kept.push(Kept::new(Kind::Action, key, shape::line(&action)));
            Ok(())
        })?;
        if of == Sent::Broadcast {
            self.once(&format!("content of broadcast/{owner}"), |fetch| {
                let from = format!("{} {} ", of.key(), number_key(owner));
                let actions = fetch.store.after(Kind::Action, &from, usize::MAX)?;
                let own = actions.iter().filter(|(key, _)| key.starts_with(&from));
                let own: Vec<Raw> = own
                    .filter_map(|(_, line)| serde_json::from_str(line).ok())
                    .collect();
                fetch.with(Kind::Broadcast, owner, |record| inline(record, own.first()))
            })?;
        }
        Ok(())
    }

    /// Contents as templates; the default language's stands in its owner as well.
    fn contents(&mut self, of: Sent, owner: &str) -> Result<(), ExtractError> {
        let (kind, word) = match of {
            Sent::Newsletter | Sent::Campaign => (Kind::Newsletter, "newsletter"),
            Sent::Transactional | Sent::Broadcast => (Kind::Transactional, "transactional"),
        };
        self.once(&format!("contents of {word}/{owner}"), |fetch| {
            let request = content::contents(of, owner);
            let page = fetch.ask("contents", &request, |it| Page::read(it, "contents"))?;
            let all = page.map(|page| page.records).unwrap_or_default();
            let usual = |it: &&Raw| text(it, "language").unwrap_or_default().is_empty();
            let first = all.iter().find(usual).or(all.first());
            let mut kept = fetch.with(kind, owner, |record| inline(record, first))?;
            for content in all {
                let own = id(&content, "id").unwrap_or_default();
                let mut template = shape::bare(content);
                if let Some(raw) = template.remove("id") {
                    template.insert("content_id".to_owned(), raw);
                }
                shape::put(&mut template, "id", format!("{word}-{owner}-{own}"));
                shape::put(&mut template, "kind", word);
                let key = format!("{word} {} {}", number_key(owner), number_key(&own));
                kept.push(Kept::new(Kind::Content, key, shape::line(&template)));
            }
            Ok(kept)
        })
    }

    /// The record of a kind with something added.
    fn with(
        &self,
        kind: Kind,
        of: &str,
        change: impl FnOnce(&mut Raw),
    ) -> Result<Vec<Kept>, ExtractError> {
        let key = number_key(of);
        let line = self.store.line(kind, &key)?.unwrap_or_default();
        let mut record: Raw = serde_json::from_str(&line).unwrap_or_default();
        change(&mut record);
        Ok(vec![Kept::new(kind, key, shape::line(&record))])
    }

    /// Snippets, senders shown and hidden, collections with their rows.
    pub(super) fn resources(&mut self) -> Result<(), ExtractError> {
        self.once("snippets", |fetch| {
            let all = fetch.whole("snippets", &list("/v1/snippets"), "snippets")?;
            let kept = all.into_iter().map(|record| {
                let name = text(&record, "name").unwrap_or_default();
                resource(record, "snippet", &name)
            });
            Ok(kept.collect())
        })?;
        for hidden in [false, true] {
            let ask = |start: &str| workspace::senders(hidden, start);
            let walk = format!("senders/{hidden}");
            self.walk(&walk, ask, "sender_identities", &mut |record, kept| {
                let own = id(&record, "id").unwrap_or_default();
                kept.push(resource(record, "sender", &own));
                Ok(())
            })?;
        }
        self.once("collections", |fetch| {
            let all = fetch.whole("collections", &list("/v1/collections"), "collections")?;
            let kept = all.into_iter().map(|record| {
                let own = id(&record, "id").unwrap_or_default();
                resource(record, "collection", &own)
            });
            Ok(kept.collect())
        })?;
        let from = "collection ";
        let collections = self.store.after(Kind::Resource, from, usize::MAX)?;
        let of = collections.iter().filter(|(key, _)| key.starts_with(from));
        for (key, line) in of {
            self.rows(key, line)?;
        }
        Ok(())
    }

    /// The rows of a collection, one call each.
    fn rows(&mut self, key: &str, line: &str) -> Result<(), ExtractError> {
        let mut record: Raw = serde_json::from_str(line).unwrap_or_default();
        self.once(&format!("rows/{key}"), |fetch| {
            let request = workspace::collection(&id(&record, "own_id").unwrap_or_default());
            let rows = fetch.ask("collections", &request, accept::<Vec<Raw>>)?;
            shape::put(&mut record, "content", rows.unwrap_or_default());
            Ok(vec![Kept::new(Kind::Resource, key, shape::line(&record))])
        })
    }
}

/// Subject and body of a content, where the record has none of its own.
fn inline(record: &mut Raw, content: Option<&Raw>) {
    for key in ["subject", "body"] {
        if let Some(raw) = content.and_then(|content| content.get(key)) {
            record.entry(key.to_owned()).or_insert_with(|| raw.clone());
        }
    }
}

fn resource(record: Raw, kind: &str, own: &str) -> Kept {
    let mut record = shape::bare(record);
    if let Some(raw) = record.remove("id") {
        record.insert("own_id".to_owned(), raw);
    }
    shape::put(&mut record, "id", format!("{kind}-{own}"));
    shape::put(&mut record, "kind", kind);
    let key = format!("{kind} {}", number_key(own));
    Kept::new(Kind::Resource, key, shape::line(&record))
}
