//! Lists that hang on a record, read page by page to their end.

use std::collections::BTreeSet;

use crate::http::{Request, Response};
use crate::port::PortError;

use super::endpoints::answer::{Answer, Meta};
use super::line::Line;

/// Pages of one list that are read; more would mean that the pages have no end.
const PAGES_MAX: u32 = 100_000;

/// Every row of a list, each once; `what` names the rows for people, `tasks of one contact`.
pub(super) fn all<T>(
    line: &Line,
    what: &str,
    request: impl Fn(u32) -> Request,
    read: impl Fn(&Response) -> Answer<(Vec<T>, Meta)>,
    id: impl Fn(&T) -> i64,
) -> Result<Vec<T>, PortError> {
    let (mut all, mut seen) = (Vec::new(), BTreeSet::new());
    for page in 1..=PAGES_MAX {
        let (rows, meta) = line.ask(&request(page), &read)?;
        let before = seen.len();
        for row in rows {
            if seen.insert(id(&row)) {
                all.push(row);
            }
        }
        let is_last = match (meta.total_pages, meta.total) {
            (Some(pages), _) => page >= pages,
            (None, Some(total)) => u64::try_from(seen.len()).is_ok_and(|seen| seen >= total),
            (None, None) => false,
        };
        // Without counts the end is a page that brings nothing new.
        if is_last || seen.len() == before {
            let count = u64::try_from(seen.len()).unwrap_or(u64::MAX);
            return match meta.total {
                Some(total) if count < total => Err(PortError::Unavailable(format!(
                    "expected {total} {what}, found {count}: they changed while they were read"
                ))),
                Some(_) | None => Ok(all),
            };
        }
    }
    Err(PortError::Odd(format!(
        "expected an end of the {what} within {PAGES_MAX} pages, found none"
    )))
}
