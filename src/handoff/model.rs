//! What the hand-off says, once; page, Markdown, JSON and templates are written from it.

use std::collections::BTreeMap;

use serde::Serialize;

use super::condition::Logic;
use super::fields::{Edition, MergeField};
use super::kinds::Fit;

/// All of it.
#[derive(Clone, Debug, Serialize)]
pub struct Handoff {
    pub workspace: String,
    pub region: String,
    /// The last moment of the capture; nothing of an unsealed one.
    pub until: Option<String>,
    /// Title of the rules that say where traits land.
    pub rules: Option<String>,
    pub edition: Edition,
    /// Personal data is masked.
    pub masked: bool,
    pub campaigns: Vec<Journey>,
    /// API-triggered broadcasts; they have steps as campaigns do.
    pub broadcasts: Vec<Journey>,
    /// Steps with content whose campaign is not in the capture.
    pub stray_steps: Vec<Step>,
    pub newsletters: Vec<Letter>,
    pub transactional: Vec<Letter>,
    pub segments: Vec<Segment>,
    pub templates: Vec<Template>,
    pub resources: Vec<Resource>,
    pub topics: Vec<Resource>,
    pub object_types: Vec<Resource>,
    pub integrations: Vec<Integration>,
    pub traps: Vec<Trap>,
    pub findings: Vec<Finding>,
}

/// A term and what stands for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Detail {
    pub term: &'static str,
    pub words: String,
}

/// Deliveries counted by what became of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Volumes {
    pub deliveries: u64,
    /// `sent`, `opened`, … with how many deliveries have it.
    pub metrics: BTreeMap<String, u64>,
    /// Creation of the first and of the last one, unix seconds.
    pub first: Option<i64>,
    pub last: Option<i64>,
}

/// A campaign or an API-triggered broadcast.
#[derive(Clone, Debug, Serialize)]
pub struct Journey {
    pub id: String,
    pub name: String,
    /// As Customer.io calls what starts it: `event`, `segment`, `triggered_broadcast`.
    pub kind: String,
    pub state: String,
    pub tags: Vec<String>,
    /// In one sentence: what starts it.
    pub trigger: String,
    /// Filters, exit, frequency, times.
    pub details: Vec<Detail>,
    /// Who comes in, in three forms.
    pub entry: Vec<Branch>,
    pub segments: Vec<SegmentUse>,
    /// The order and the links of the steps were saved from the UI.
    pub is_whole: bool,
    pub steps: Vec<Step>,
    pub edges: Vec<Edge>,
    pub volumes: Volumes,
    /// What it is best rebuilt as.
    pub feature: String,
    /// A rule of thumb, in minutes.
    pub effort_min: u64,
    /// Keys of the record that nothing here speaks of.
    pub unread: Vec<String>,
}

/// A segment that a campaign or newsletter names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SegmentUse {
    pub id: String,
    /// Nothing where the capture has no such segment.
    pub name: Option<String>,
    /// `starts it`, `filter`, `recipients`, `condition`, `exit`.
    pub role: &'static str,
}

/// A step of a campaign.
#[derive(Clone, Debug, Serialize)]
pub struct Step {
    pub id: String,
    /// Its place in the order of reading, from 1.
    pub number: usize,
    /// As the UI calls it: `email_action`.
    pub kind: String,
    pub is_known: bool,
    pub title: String,
    pub name: String,
    pub details: Vec<Detail>,
    /// What its branches ask.
    pub branches: Vec<Branch>,
    /// The template that it sends.
    pub template: Option<String>,
    pub feature: String,
    pub fit: Fit,
    pub effort_min: u64,
    pub volumes: Volumes,
    pub unread: Vec<String>,
}

/// A condition in three forms.
#[derive(Clone, Debug, Serialize)]
pub struct Branch {
    pub label: String,
    pub exact: String,
    pub english: String,
    pub logic: Logic,
}

/// From one step to the next; `to` is nothing where the campaign ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Edge {
    pub from: String,
    pub to: Option<String>,
    /// `yes`, `no`, `otherwise`, `80 %`; empty for what simply follows.
    pub label: String,
    /// Read from the order of the steps alone.
    pub is_guessed: bool,
}

/// How much of something the destination can say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Whole {
    All,
    Partly,
    Nothing,
}

/// A segment.
#[derive(Clone, Debug, Serialize)]
pub struct Segment {
    pub id: String,
    pub name: String,
    pub description: String,
    /// `dynamic`, `manual`.
    pub kind: String,
    pub state: String,
    pub tags: Vec<String>,
    /// It is named by something and not listed: archived, or gone.
    pub is_listed: bool,
    /// At the time of the capture; nothing where no members were read.
    pub members: Option<u64>,
    pub exact: String,
    pub english: String,
    pub logic: Option<Logic>,
    /// Line by line, what to set up.
    pub rebuild: Vec<String>,
    pub cannot: Vec<String>,
    pub verdict: Whole,
    /// `campaign 2 “Win back”: filter`.
    pub used_by: Vec<String>,
    /// Names itself, by way of these segments.
    pub circle: Vec<String>,
    pub unread: Vec<String>,
}

/// A newsletter or a transactional message.
#[derive(Clone, Debug, Serialize)]
pub struct Letter {
    pub id: String,
    pub name: String,
    pub kind: String,
    pub tags: Vec<String>,
    /// In one sentence: how and to whom it is sent.
    pub sends: String,
    pub details: Vec<Detail>,
    pub segments: Vec<SegmentUse>,
    pub templates: Vec<String>,
    pub volumes: Volumes,
    pub feature: String,
    pub effort_min: u64,
    pub unread: Vec<String>,
}

/// A tag that a person has to see to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Untranslated {
    /// As `[[FIX n: …]]` in the file.
    pub number: usize,
    /// Of the text as it stands in Customer.io, from 1.
    pub line: usize,
    pub tag: String,
    pub why: String,
    pub todo: String,
}

/// The content of one message in one language.
#[derive(Clone, Debug, Serialize)]
pub struct Template {
    /// `campaign-1-step-10`, `newsletter-5`.
    pub id: String,
    pub name: String,
    /// `email`, `sms`, `push`, `in_app`, `slack`, `whatsapp`, `webhook`.
    pub channel: String,
    /// What sends it: `campaign 1 “Welcome”, step 10`.
    pub of: String,
    pub language: String,
    /// Within `templates/`; nothing for what is no e-mail.
    pub file: Option<String>,
    pub subject: String,
    pub preheader: String,
    pub from: String,
    pub reply_to: String,
    /// As Customer.io has it; of a webhook nothing, it may hold a key.
    pub source: String,
    /// The subject with merge fields.
    pub subject_translated: String,
    /// The content with merge fields.
    pub translated: String,
    /// In the subject, then in the content.
    pub subject_open: Vec<Untranslated>,
    pub open: Vec<Untranslated>,
    /// Line, tag and what the merge field does not say.
    pub remarks: Vec<(usize, String, String)>,
    pub fields: Vec<MergeField>,
    pub tags: usize,
    /// It holds no content, and why.
    pub missing: Option<String>,
}

/// A snippet, a sender, a collection, a topic: what others refer to.
#[derive(Clone, Debug, Serialize)]
pub struct Resource {
    pub id: String,
    pub kind: String,
    pub name: String,
    pub details: Vec<Detail>,
    pub todo: String,
    pub used_by: Vec<String>,
}

/// Something outside that Customer.io talks to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Integration {
    pub what: String,
    /// Without what may be a secret.
    pub address: String,
    pub of: String,
    pub todo: String,
}

/// A known trap, and what this workspace has of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Trap {
    /// `Customer.io`, `Freshsales`.
    pub side: &'static str,
    pub what: &'static str,
    pub here: String,
}

/// Something that a person has to know or to decide.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Finding {
    /// `unknown step`, `segment not listed`.
    pub kind: &'static str,
    pub about: String,
    pub what: String,
    pub todo: String,
}
