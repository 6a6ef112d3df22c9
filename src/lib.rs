//! mapwright moves companies from Customer.io to Freshsales by rules that are written, checked and
//! rehearsed before any record moves.

pub mod capture;
pub mod cli;
pub mod clock;
pub mod customerio;
pub mod engine;
pub mod freshsales;
pub mod http;
pub mod lang;
pub mod ledger;
pub mod model;
pub mod plan;
pub mod port;
pub mod report;
pub mod run;
pub mod text;
pub mod verify;
