//! The reconciliation: what was read and what became of it, from the ledger alone. Never a value.

mod forecast;
mod measured;
mod table;
mod text;

pub use forecast::Forecast;
pub use table::{Accepted, ReportLine, Row, Table, exit_code, is_within};
