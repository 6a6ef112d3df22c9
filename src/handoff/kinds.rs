//! Every kind of step, in words, with the nearest thing that Freshsales has (customerio.md 6.3).
//!
//! What a journey or a workflow of Freshsales offers stands in no API: it is told by the vendor's articles 50000002625
//! (journeys), 50000002621 (segments) and 50000002143 (workflows). What they do not name is marked as a guess.

use serde::Serialize;

use super::fields::Edition;

/// How near the nearest thing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fit {
    /// The same thing.
    Same,
    /// Something like it, with a difference that is named.
    Near,
    /// Nothing; a person decides what to do instead.
    Nothing,
}

impl Fit {
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Fit::Same => "same",
            Fit::Near => "near",
            Fit::Nothing => "no match",
        }
    }
}

/// What a step is, for the eye.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Message,
    Wait,
    Branch,
    Change,
    Gate,
    Unknown,
}

/// A kind of step.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// As the UI calls it.
    pub kind: &'static str,
    pub title: &'static str,
    pub shape: Shape,
    /// Of the suite.
    pub feature: &'static str,
    /// Of the classic edition, which has no journeys.
    pub classic: &'static str,
    pub fit: Fit,
    /// A rule of thumb for somebody who knows both systems.
    pub minutes: u64,
}

/// A workflow of the classic edition can do it; waits and branches are conditions of further workflows.
const WORKFLOW: &str = "workflow";
const BY_HAND: &str = "by hand: workflows have no such step";

/// Every kind that is known.
pub const KINDS: [Kind; 26] = [
    kind(
        "email_action",
        "Send e-mail",
        Shape::Message,
        "journey: send email campaign, with the template of `templates/`",
        "workflow: send e-mail with a template, or a sales sequence",
        Fit::Same,
        20,
    ),
    kind(
        "push_action",
        "Send push",
        Shape::Message,
        "nothing: push needs a new release of the app with another SDK",
        BY_HAND,
        Fit::Nothing,
        60,
    ),
    kind(
        "twilio_action",
        "Send SMS",
        Shape::Message,
        "journey: send SMS campaign; an SMS provider must be connected first",
        BY_HAND,
        Fit::Near,
        25,
    ),
    kind(
        "whatsapp_action",
        "Send WhatsApp",
        Shape::Message,
        "journey: send WhatsApp message; the template must be approved anew",
        BY_HAND,
        Fit::Near,
        45,
    ),
    kind(
        "slack_action",
        "Send to Slack",
        Shape::Message,
        "journey: internal notification, or a webhook to Slack",
        "workflow: webhook to Slack",
        Fit::Near,
        20,
    ),
    kind(
        "in_app_action",
        "Show in-app message",
        Shape::Message,
        "journey: send chat or bot message, where its widget is in the app",
        BY_HAND,
        Fit::Near,
        60,
    ),
    kind(
        "webhook_action",
        "Call webhook",
        Shape::Message,
        "journey: webhook; headers and keys are entered anew",
        "workflow: webhook; headers and keys are entered anew",
        Fit::Same,
        30,
    ),
    kind(
        "delay_seconds_action",
        "Wait",
        Shape::Wait,
        "journey: a wait between two blocks [guess]",
        "sales sequence: days between two steps",
        Fit::Same,
        5,
    ),
    kind(
        "delay_time_window_action",
        "Wait for a time of day",
        Shape::Wait,
        "journey: a wait [guess]; the hours are a setting of the send, if at all",
        "sales sequence: sending hours",
        Fit::Near,
        15,
    ),
    kind(
        "randomized_delay_action",
        "Wait a random time",
        Shape::Wait,
        "nothing: take the middle as a fixed wait",
        BY_HAND,
        Fit::Nothing,
        10,
    ),
    kind(
        "conditional_wait_action",
        "Wait until",
        Shape::Wait,
        "journey: a wait, then a condition; who meets it in between is seen only when the wait is over",
        BY_HAND,
        Fit::Near,
        30,
    ),
    kind(
        "conditional_branch_action",
        "True or false branch",
        Shape::Branch,
        "journey: condition block (is in segment, contact field, email activity, page visited)",
        "two workflows with opposite conditions",
        Fit::Same,
        20,
    ),
    kind(
        "multi_split_branch_action",
        "Several branches",
        Shape::Branch,
        "journey: condition blocks one behind another, in the order of the branches",
        "a workflow for each branch",
        Fit::Near,
        40,
    ),
    kind(
        "split_randomized_action",
        "Random split (A/B)",
        Shape::Branch,
        "nothing: split the list beforehand by a field, or keep the better half",
        BY_HAND,
        Fit::Nothing,
        45,
    ),
    kind(
        "random_cohort_branch_action",
        "Random cohorts",
        Shape::Branch,
        "nothing: split the list beforehand by a field",
        BY_HAND,
        Fit::Nothing,
        45,
    ),
    kind(
        "multi_lang_branch_action",
        "Branch by language",
        Shape::Branch,
        "journey: condition on the language field, and a template for each language",
        "a workflow for each language",
        Fit::Near,
        30,
    ),
    kind(
        "attribute_update_action",
        "Set attribute",
        Shape::Change,
        "journey: update contact field",
        "workflow: update field",
        Fit::Same,
        10,
    ),
    kind(
        "batch_update_action",
        "Set several attributes",
        Shape::Change,
        "journey: update contact field, a block for each",
        "workflow: update fields",
        Fit::Same,
        20,
    ),
    kind(
        "static_seg_update_action",
        "Add to or take from a manual segment",
        Shape::Change,
        "journey: add to list, or remove from list",
        "workflow: add a tag",
        Fit::Same,
        10,
    ),
    kind(
        "create_event_action",
        "Create event",
        Shape::Change,
        "nothing: journeys make no events; a webhook to your own system can",
        BY_HAND,
        Fit::Nothing,
        45,
    ),
    kind(
        "collection_query_action",
        "Query collection",
        Shape::Change,
        "nothing: collections have no counterpart",
        BY_HAND,
        Fit::Nothing,
        60,
    ),
    kind(
        "llm_action",
        "Ask a language model",
        Shape::Change,
        "nothing: a webhook to your own system can",
        BY_HAND,
        Fit::Nothing,
        60,
    ),
    kind(
        "filter_match_delay_action",
        "Wait for the filter",
        Shape::Gate,
        "journey: the condition joins the trigger's segment",
        "condition of the workflow",
        Fit::Near,
        15,
    ),
    kind(
        "grace_period_action",
        "Grace period",
        Shape::Wait,
        "journey: a wait, then the trigger's condition once more",
        BY_HAND,
        Fit::Near,
        10,
    ),
    kind(
        "exit_action",
        "Exit",
        Shape::Gate,
        "the branch ends here",
        "the workflow ends here",
        Fit::Same,
        0,
    ),
    kind(
        "trigger",
        "Start",
        Shape::Gate,
        "the journey's trigger",
        WORKFLOW,
        Fit::Same,
        0,
    ),
];

const fn kind(
    kind: &'static str,
    title: &'static str,
    shape: Shape,
    feature: &'static str,
    classic: &'static str,
    fit: Fit,
    minutes: u64,
) -> Kind {
    Kind {
        kind,
        title,
        shape,
        feature,
        classic,
        fit,
        minutes,
    }
}

impl Kind {
    /// The nearest thing of an edition, and how near it is.
    #[must_use]
    pub fn nearest(&self, edition: Edition) -> (&'static str, Fit) {
        match edition {
            Edition::Suite => (self.feature, self.fit),
            Edition::Classic if self.classic == BY_HAND => (self.classic, Fit::Nothing),
            Edition::Classic => (self.classic, self.fit.max(Fit::Near)),
        }
    }
}

/// The name that the UI has for a step; the App API leaves `_action` out (customerio.md 6.3).
pub(super) fn ui_kind(kind: &str) -> String {
    let is_whole = kind.ends_with("_action") || kind == "trigger" || kind.is_empty();
    if is_whole {
        kind.to_owned()
    } else {
        format!("{kind}_action")
    }
}

/// The kind of that name.
pub(super) fn find(kind: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|it| it.kind == kind)
}

/// The shape of that kind.
pub(super) fn shape(kind: &str) -> Shape {
    find(kind).map_or(Shape::Unknown, |it| it.shape)
}
