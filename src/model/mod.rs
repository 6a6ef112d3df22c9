//! What moves: values, types, the destination's schema, drafts and outcomes.

mod consent;
mod draft;
mod entity;
mod schema;
mod types;
mod value;

pub use draft::{
    Alternative, Attachment, AttachmentKind, Draft, Existing, Fate, FieldValue, Key, LOOKED_UP,
    Link, LinkTo, Loss, OptOut, Outcome, Report, Scalar,
};
pub use entity::{Entity, SourceId, UnknownEntity};
pub use schema::{
    Choice, Field, FieldKind, FieldWanted, Load, MEMBER, Needs, Removal, Schema, Substitution,
    Target, User, Variety,
};
pub use types::{
    DeclaredField, Member, SourceEntity, SourceFields, TimeUnit, Type, WrongTypePolicy,
};
pub use value::{Fault, FaultKind, Value};
