//! Records read by the page instead of one by one: a whole small account, or what was changed last.

use crate::port::{DestinationId, Listed, PortError};

use super::destination::Freshsales;
use super::endpoints::Entity;
use super::endpoints::records::Found as Record;
use super::endpoints::views::{self, PAGE_ROWS, RecordPage};
use super::find::{is_living, present};
use super::snapshot::Target;

/// A page pays off when it stands for at least this many single reads.
const READS_PER_PAGE: usize = 4;
/// Pages of recent changes: twice what a batch can have written.
const RECENT_PAGES_MAX: usize = 2;

/// Records that need no further request.
#[derive(Debug, Default)]
pub(super) struct Stock {
    pub(super) records: Vec<Record>,
    /// Who is not here is not in the account.
    pub(super) is_complete: bool,
}

impl Stock {
    pub(super) fn by_id(&self, id: DestinationId) -> Option<&Record> {
        self.records.iter().find(|record| record.id == id.0)
    }

    fn take(&mut self, page: RecordPage) {
        for record in page.records {
            let id = DestinationId(record.id);
            if self.by_id(id).is_none() {
                self.records.push(record);
            }
        }
    }
}

impl Freshsales {
    /// The whole account when its pages are fewer than the `reads` they spare by far, else what was
    /// changed last when `written` records are wanted by id, else nothing.
    pub(super) fn stock(
        &self,
        entity: Entity,
        reads: usize,
        written: usize,
    ) -> Result<Stock, PortError> {
        if reads < READS_PER_PAGE {
            return Ok(Stock::default());
        }
        let Some(view) = self.view_of_all(entity)? else {
            return Ok(Stock::default());
        };
        let first = self.view_page(entity, &views::page(entity, view, 1))?;
        let (total, mut stock) = (first.meta.total, Stock::default());
        let pages = pages_of(&first);
        stock.take(first);
        if pages.is_some_and(|pages| pages.saturating_mul(READS_PER_PAGE) <= reads) {
            let pages = pages
                .and_then(|pages| u32::try_from(pages).ok())
                .unwrap_or(1);
            let mut is_steady = true;
            for page in 2..=pages {
                let next = self.view_page(entity, &views::page(entity, view, page))?;
                is_steady &= next.meta.total == total;
                stock.take(next);
            }
            // A record deleted meanwhile moves another one out of the pages: then nobody is ruled out.
            let count = u64::try_from(stock.records.len()).ok();
            stock.is_complete = is_steady && total.is_some() && count == total;
            return Ok(stock);
        }
        if written >= READS_PER_PAGE {
            return self.recent(entity, written);
        }
        Ok(stock)
    }

    /// The records that were changed last, at least `count` where there are so many.
    pub(super) fn recent(&self, entity: Entity, count: usize) -> Result<Stock, PortError> {
        let mut stock = Stock::default();
        let Some(view) = self.view_of_all(entity)? else {
            return Ok(stock);
        };
        let rows = usize::try_from(PAGE_ROWS).unwrap_or(1);
        let pages = count.div_ceil(rows).min(RECENT_PAGES_MAX);
        for page in (1..).take(pages) {
            stock.take(self.view_page(entity, &views::recent(entity, view, page))?);
        }
        Ok(stock)
    }

    /// One page of every record; `None` where the view was renamed, or its answer does not say how long it is.
    pub(super) fn page_of_all(
        &self,
        target: Target,
        page: u32,
    ) -> Result<Option<Listed>, PortError> {
        let account = self.account();
        let entity = account.snapshot.entity(target);
        let Some(view) = self.view_of_all(entity)? else {
            return Ok(None);
        };
        let found = self.view_page(entity, &views::page(entity, view, page))?;
        let Some(pages) = pages_of(&found) else {
            return Ok(None);
        };
        let is_last = usize::try_from(page).is_ok_and(|page| page >= pages);
        let living = found.records.iter().filter(|record| is_living(record));
        Ok(Some(Listed {
            records: living
                .map(|record| present(&account, target, record))
                .collect(),
            next: (!is_last).then(|| page.saturating_add(1)),
        }))
    }

    fn view_page(
        &self,
        entity: Entity,
        request: &crate::http::Request,
    ) -> Result<RecordPage, PortError> {
        let page = self
            .line
            .ask(request, |response| views::read_page(entity, response))?;
        Ok(page)
    }

    /// The view that shows every record; `None` where it was renamed or translated.
    pub(super) fn view_of_all(&self, entity: Entity) -> Result<Option<i64>, PortError> {
        let name = match entity {
            Entity::Contact => "All Contacts",
            Entity::Lead => "All Leads",
            Entity::SalesAccount => "All Accounts",
        };
        let mut known = self
            .views
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(view) = known.get(&entity) {
            return Ok(*view);
        }
        let views = self
            .line
            .ask(&views::filters(entity), views::read_filters)?;
        let view = views.iter().find(|view| view.name == name);
        let view = view.map(|view| view.id);
        known.insert(entity, view);
        Ok(view)
    }
}

fn pages_of(first: &RecordPage) -> Option<usize> {
    let from_total = || {
        let total = usize::try_from(first.meta.total?).ok()?;
        Some(total.div_ceil(usize::try_from(PAGE_ROWS).ok()?).max(1))
    };
    let told = first
        .meta
        .total_pages
        .and_then(|pages| usize::try_from(pages).ok());
    told.or_else(from_total)
}
