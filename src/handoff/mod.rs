//! The hand-off: campaigns, segments, messages and templates of a capture, written down for whoever rebuilds them.
//!
//! [`Handoff::of`] reads a capture into one model; the page, the Markdown, the JSON and the folder of templates are all
//! written from it. Nothing of the capture is left out silently: what is not understood stands there as a finding.

mod campaign;
mod chart;
mod condition;
mod contents;
mod edges;
mod effort;
mod english;
mod fields;
mod findings;
mod gather;
mod html;
mod integrations;
mod kinds;
mod layout;
mod letters;
mod liquid;
mod markdown;
mod masked;
mod model;
mod order;
mod read;
mod rebuild;
mod resources;
mod segments;
mod sheets;
mod starts;
mod steps;
mod template_sheets;
mod templates;
mod translate;
mod traps;
mod volumes;

pub use condition::{Logic, Test, of_conditions};
pub use english::{english, exact};
pub use fields::{Edition, Fields, MergeField};
pub use findings::BROKEN;
pub use gather::Settings;
pub use kinds::{Fit, KINDS, Kind};
pub use liquid::{Tag, TagKind, tags};
pub use masked::Personal;
pub use model::{
    Branch, Detail, Edge, Finding, Handoff, Integration, Journey, Letter, Resource, Segment,
    SegmentUse, Step, Template, Trap, Untranslated, Volumes, Whole,
};
pub use templates::{TemplateFile, template_files};
pub use translate::{Remark, Translated, translate};
