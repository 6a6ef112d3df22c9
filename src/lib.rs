//! mapwright moves companies from Customer.io to Freshsales by rules that are written, checked and
//! rehearsed before any record moves.
//!
//! # The house
//!
//! ```text
//!  5  cli                                            words in, words out; the only place that names systems
//!  4  customerio   freshsales                        one room per system
//!  3  lang  engine  run  verify  audit  propose  handoff  report  http  side by side, no door between them
//!  2  plan  capture  port  ledger  approval          what to do · what was read · where to · what was done · agreed to
//!  1  model  text  clock  page                       what moves · where words stand · time · how a page looks
//! ```
//!
//! An import goes to a lower floor or stays in its room; `tests/tidy.rs` enforces it. Four sentences
//! carry the design:
//!
//! 1. Only a [`plan::Plan`] goes from language to execution; [`lang`] and [`engine`] do not know each other.
//! 2. Only a [`capture::Capture`] goes from a source to execution.
//! 3. Only the [`port`] traits stand between [`run`] and a destination. `run` names no system.
//! 4. Only the [`ledger`] remembers.
//!
//! # The walk of one record
//!
//! Rule text → [`lang::compile`] → `Plan`. The capture's lines → [`engine`] → exactly one
//! [`model::Outcome`] each → staged in the ledger. [`run`] takes drafts in dependency order: what is
//! there already → create, update of what differs, or nothing → intent committed → request → receipt,
//! refusal or *unknown*, which is looked for before anything is sent again. [`verify`] reads all of it
//! back, [`report`] adds it up from the ledger alone.

pub mod approval;
pub mod audit;
pub mod capture;
pub mod cli;
pub mod clock;
pub mod customerio;
pub mod engine;
pub mod freshsales;
pub mod handoff;
pub mod http;
pub mod lang;
pub mod ledger;
pub mod model;
pub mod page;
pub mod plan;
pub mod port;
pub mod propose;
pub mod report;
pub mod run;
pub mod text;
pub mod verify;
