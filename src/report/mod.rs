//! The reconciliation: what was read and what became of it, from the ledger alone. Never a value, but where somebody
//! asks for one record on their own terminal ([`Way`], [`WhyNot`]).

mod covered;
mod diff;
mod flow;
mod forecast;
mod hours;
mod measured;
mod reviewed;
mod statement;
mod strays;
mod table;
mod text;
mod way;
mod why_not;

pub use crate::page::{Cell, Sheet, mask, mask_json};
pub use covered::{Covered, CoveredField, CoveredPoint, CoveredSource};
pub use diff::Diff;
pub use forecast::Forecast;
pub use hours::{Hours, against};
pub use reviewed::{Firsts, Looked, Reviewed};
pub use statement::{SheetError, SheetName, Statement};
pub use strays::Stray;
pub use table::{Accepted, ReportLine, Row, Table, exit_code, is_within};
pub use way::{Values, Way, quote};
pub use why_not::WhyNot;
