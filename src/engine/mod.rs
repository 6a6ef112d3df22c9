//! Streams a capture through a plan on all cores, in constant memory, with output in input order.
//!
//! [`walk`] gives exactly one outcome for every record of a capture; [`stream`] and
//! [`stream_joined`] are the pure transform, without a capture and without state.

mod beside;
mod carried;
mod children;
mod compare;
mod coverage;
mod decided;
mod derived;
mod fates;
mod found;
mod index;
mod limit;
mod lookup;
mod marks;
mod merge;
mod object_types;
mod objects;
mod others;
mod passed;
mod people;
mod person;
mod pipeline;
mod probe;
mod relationships;
mod settings;
pub(crate) mod spill;
mod stream;
mod summary;
mod taken;
mod twins;
mod walk;

pub use compare::{Compared, Comparison, compare};
pub use coverage::{Coverage, Filled};
pub use settings::{Detail, Options, SinkError, WalkError, Watch, Watched};
pub use stream::{StreamSummary, stream, stream_joined};
pub use summary::{RowCounts, Stop, WalkSummary};
pub use walk::walk;
