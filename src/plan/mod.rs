//! The compiled transform plan: what to do with each record, with no names left to look up.
//!
//! `lang` builds a [`Plan`]; `engine` reads records by it ([`Reader`]) and applies it
//! ([`EntityPlan::apply`]), which is pure: the same record always gives the same [`Decision`].

mod apply;
mod attached;
mod builtin;
mod canonical;
mod carried;
mod cell;
mod cover;
mod delivery;
mod edit;
mod escapes;
mod evaluate;
mod expression;
mod fields;
mod follow;
mod keys;
mod loadable;
mod losses;
mod merge;
mod odd;
mod output;
mod passes;
mod points;
mod reader;
mod record;
mod scan;
mod shape;
mod steps;
mod table;
mod touch;
mod trace;
mod tree;
mod wanted;
mod words;
mod writer;

pub use apply::{Decision, Shaped};
pub use builtin::{
    BUILTINS, Builtin, Example, Kind, Loses, On, Parameter, Sample, Shape, find_builtin,
};
pub use canonical::{CanonicalError, canonical_json};
pub use cell::{fits, is_integer};
pub use delivery::{DELIVERY_METRICS, METRICS};
pub use edit::{Basis, Changed, Difference, Edit, Place, Reach};
pub use evaluate::Evaluation;
pub use expression::{
    Arm, Comparison, Condition, Constant, Expression, Fact, FactId, FactLine, List, ListId,
    UserLookupId, ValueLoss, ValueMap, ValueMapId,
};
pub use fields::{Goes, SourceField, SourceFields};
pub use merge::{Differing, MergeChoice, MergeField, MergePlan, MergeWinner, Others};
pub use odd::OddBytes;
pub use output::scalar_of;
pub use passes::Pass;
pub use points::{Clause, Hits, Points, WordPoint};
pub use reader::{ReadError, Reader};
pub use record::{Cell, Extra, Record, Related, RelatedState};
pub use scan::{Broken, Quoted, Scanner};
pub use shape::{
    AboveLimit, Accept, ByValue, Collision, Consent, Document, EntityPlan, Every, ExcludeWhen,
    ExistingField, IgnorePattern, Ignored, Limit, LimitOrder, Line, LinkLine, ManyPolicy, MapPlan,
    Members, NonePolicy, ObjectRule, Plan, Policy, RecordKind, Rest, SlotId, SlotSpec, TargetId,
    TargetPlan, UserLookup,
};
pub use table::{Column, ColumnCodes, Cut, RowMask, RowResult, Table};
pub use touch::{Met, OPT_OUT, Touch, Word};
pub use trace::{
    CellTrace, ColumnTrace, FactTrace, LineResult, LineTrace, LinkTrace, RowTrace, Shown, Step,
    TableTrace, Trace, WhenTrace,
};
pub use words::scalar_words;
pub use writer::Writer;
