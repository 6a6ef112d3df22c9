//! What a capture holds: one pass over all of its files, in constant memory, on all cores.
//!
//! [`audit`] gives a [`Profile`]; [`fields`] drafts the `.fields` file from it, [`page`] makes it readable.
//! It names no system: what a destination would make of it is for those who know one.

mod deliveries;
mod different;
mod events;
mod fields;
mod held;
mod html;
mod inventory;
mod keys;
mod name;
mod page;
mod pass;
mod people;
mod profile;
mod sample;
mod scope;
mod settle;
mod shapes;
mod stats;
mod told;
mod tree;
mod types;
mod unknown;
mod words;

pub use fields::fields;
pub use page::{Page, Part};
pub use pass::{AuditError, Settings, audit};
pub use profile::{
    Breakdown, Captured, Deliveries, Distinct, EntityProfile, Events, FieldProfile, Held, Listed,
    Months, People, Profile, Shape, Split, Uniqueness, Word,
};
pub use scope::{CapRow, Grade, Load, PlanRow, Scope, Sides, TraitRow, scope_page};
pub use told::page;
pub use types::Drafted;
