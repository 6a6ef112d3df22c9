//! Pages: opaque, signed cursors, and what faults make of them (customerio.md 1.5).

use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::reply::Refusal;
use super::request::{PageFault, Request};
use super::switches::{EmptyList, Switches};

/// Which of a list's records are shown, and the cursor to the next ones.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) from: usize,
    pub(super) until: usize,
    next: String,
    is_null: bool,
}

/// Makes cursors that only this sandbox can read.
#[derive(Debug)]
pub(super) struct Cursors {
    secret: [u8; 32],
    /// So that two cursors to one place differ.
    made: u64,
}

impl Cursors {
    pub(super) fn new(seed: &str) -> Cursors {
        Cursors {
            secret: *blake3::hash(seed.as_bytes()).as_bytes(),
            made: 0,
        }
    }

    fn sign(&self, payload: &str) -> String {
        let hash = blake3::keyed_hash(&self.secret, payload.as_bytes());
        hash.to_hex().chars().take(16).collect()
    }

    fn make(&mut self, scope: &str, place: usize) -> String {
        self.made += 1;
        let payload = format!("{place} {} {scope}", self.made);
        let mut text = String::new();
        for byte in payload.bytes() {
            // Writing into a text cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        format!("{text}{}", self.sign(&payload))
    }

    fn read(&self, scope: &str, cursor: &str) -> Option<usize> {
        let (text, sign) = cursor.split_at_checked(cursor.len().checked_sub(16)?)?;
        let bytes: Option<Vec<u8>> = (0..text.len() / 2)
            .map(|at| u8::from_str_radix(text.get(at * 2..at * 2 + 2)?, 16).ok())
            .collect();
        let payload = String::from_utf8(bytes?).ok()?;
        let mut words = payload.splitn(3, ' ');
        let place = words.next()?.parse().ok()?;
        let of = words.nth(1)?;
        (self.sign(&payload) == sign && of == scope).then_some(place)
    }

    /// The page of a list of `total` records that `request` asks for; `scope` names the list and its filters.
    pub(super) fn page(
        &mut self,
        request: &Request,
        scope: &str,
        total: usize,
        limit: usize,
        switches: &Switches,
    ) -> Result<Page, Refusal> {
        let start = request.get("start").unwrap_or_default();
        let from = match start {
            "" => 0,
            cursor => self
                .read(scope, cursor)
                .ok_or_else(|| Refusal::with(switches.bad_cursor, "the cursor is invalid"))?,
        };
        let until = total.min(from.saturating_add(limit));
        let next = if until < total {
            self.make(scope, until)
        } else {
            String::new()
        };
        Ok(match request.page {
            PageFault::None => Page {
                from,
                until,
                next,
                is_null: false,
            },
            PageFault::Repeated => {
                let next = if start.is_empty() {
                    self.make(scope, 0)
                } else {
                    start.to_owned()
                };
                Page {
                    from,
                    until,
                    next,
                    is_null: false,
                }
            }
            PageFault::Empty | PageFault::Null => Page {
                from,
                until: from,
                next: self.make(scope, from),
                is_null: request.page == PageFault::Null,
            },
        })
    }

    /// Whether `start` of `request` leads to the end of a list: sender identities hand out such a cursor.
    pub(super) fn end(&mut self, scope: &str, total: usize) -> String {
        self.make(scope, total)
    }
}

impl Page {
    /// Shows `items`, the records of this page, under `key`.
    pub(super) fn show(
        &self,
        key: &str,
        items: Vec<Value>,
        switches: &Switches,
    ) -> Map<String, Value> {
        let mut body = Map::new();
        if self.is_null {
            body.insert(key.to_owned(), Value::Null);
        } else {
            put_list(&mut body, key, items, switches);
        }
        if !self.next.is_empty() || switches.next_key_on_last {
            body.insert("next".to_owned(), Value::from(self.next.as_str()));
        }
        body
    }

    /// Whether more follows.
    pub(super) fn is_last(&self) -> bool {
        self.next.is_empty()
    }
}

/// Puts a list as the switches want an empty one.
pub(super) fn put_list(
    body: &mut Map<String, Value>,
    key: &str,
    items: Vec<Value>,
    switches: &Switches,
) {
    let list = match (items.is_empty(), switches.empty_lists) {
        (false, _) | (true, EmptyList::List) => Value::from(items),
        (true, EmptyList::Null) => Value::Null,
        (true, EmptyList::Missing) => return,
    };
    body.insert(key.to_owned(), list);
}
