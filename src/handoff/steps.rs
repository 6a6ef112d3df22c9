//! One step of a campaign: what the App API says of it, and what was saved from the UI, as one (customerio.md 2.5, 6.3).

use serde_json::Value;

use super::condition::{Logic, Test, of_conditions};
use super::effort::UNKNOWN_MIN;
use super::english::{english, exact, span, value_words};
use super::fields::Edition;
use super::kinds::{Fit, find, ui_kind};
use super::masked::Personal;
use super::model::{Branch, Detail, Step, Volumes};
use super::read::Record;

/// What a step is read with.
pub(super) struct Reading<'r> {
    pub(super) edition: Edition,
    pub(super) personal: &'r Personal,
    pub(super) named: &'r dyn Fn(&Test) -> Option<String>,
}

/// Keys with conditions, and what they are called.
const ASKED: [(&str, &str); 6] = [
    ("conditions", "if"),
    ("multi_conditions", "branch"),
    ("preconditions", "only if"),
    ("filters", "filter"),
    ("anchors", "anchor"),
    ("exit_conditions", "exit"),
];

/// Keys of a message that its template tells.
const OF_TEMPLATE: [&str; 32] = [
    "id",
    "campaign_id",
    "broadcast_id",
    "parent_action_id",
    "deduplicate_id",
    "created",
    "updated",
    "type",
    "name",
    "layout",
    "body",
    "body_plain",
    "body_amp",
    "body_json",
    "language",
    "from",
    "from_id",
    "reply_to",
    "reply_to_id",
    "recipient",
    "subject",
    "cc",
    "bcc",
    "fake_bcc",
    "preheader_text",
    "preprocessor",
    "headers",
    "image_url",
    "url",
    "method",
    "template",
    "sender",
];

impl Reading<'_> {
    /// A condition in its three forms, masked as asked.
    pub(super) fn branch(&self, label: &str, logic: &Logic) -> Branch {
        let logic = self.personal.logic(logic);
        Branch {
            label: label.to_owned(),
            exact: exact(&logic),
            english: english(&logic, self.named),
            logic,
        }
    }

    /// The step of `saved`, or of `action` where nothing was saved; `content` is what the App API gives of it.
    pub(super) fn step(&self, of: &Record, content: Option<&Record>, volumes: Volumes) -> Step {
        let kind = ui_kind(&of.text("type"));
        let known = find(&kind);
        let (feature, fit) = known.map_or(
            (
                "a kind of step that is not known here: look at it in Customer.io",
                Fit::Nothing,
            ),
            |it| it.nearest(self.edition),
        );
        let text = |key: &str| {
            let own = of.text(key);
            if own.is_empty() {
                content.map(|it| it.text(key)).unwrap_or_default()
            } else {
                own
            }
        };
        let mut details = Vec::new();
        let state = text("sending_state");
        if !state.is_empty() {
            details.push(detail("sending", state));
        }
        let to_all = content.and_then(|it| it.flag("send_to_unsubscribed"));
        if of.flag("send_to_unsubscribed").or(to_all) == Some(true) {
            details.push(detail("opt-outs", "also sent to people who unsubscribed"));
        }
        let name = self.personal.text(&text("name"));
        of.pass_over(&OF_TEMPLATE);
        details.extend(self.details(&kind, of));
        let branches = self.branches(of);
        // What is said of a kind that nobody knows is shown as it stands.
        if known.is_none() {
            let rest: Vec<String> = of.unread();
            for key in &rest {
                if let Some(value) = of.value(key) {
                    let words = self.personal.json(key, value);
                    details.push(detail("says", format!("{key} = {words}")));
                }
            }
        }
        let mut unread = of.unread();
        if let Some(content) = content {
            content.pass_over(&OF_TEMPLATE);
            content.pass_over(&["sending_state"]);
            unread.extend(content.unread());
        }
        unread.sort();
        unread.dedup();
        Step {
            id: of.text("id"),
            number: 0,
            title: known.map_or_else(|| format!("Unknown: {kind}"), |it| it.title.to_owned()),
            is_known: known.is_some(),
            name,
            details,
            branches,
            template: None,
            feature: feature.to_owned(),
            fit,
            effort_min: known.map_or(UNKNOWN_MIN, |it| it.minutes),
            volumes,
            unread,
            kind,
        }
    }

    fn branches(&self, of: &Record) -> Vec<Branch> {
        let mut branches = Vec::new();
        for (key, word) in ASKED {
            let Some(value) = of.value(key) else { continue };
            if key == "multi_conditions" {
                for (at, one) in several(value).iter().enumerate() {
                    if let Some(logic) = of_conditions(one) {
                        branches.push(self.branch(&format!("{word} {}", at + 1), &logic));
                    }
                }
            } else if let Some(logic) = of_conditions(value) {
                branches.push(self.branch(word, &logic));
            }
        }
        branches
    }

    /// What the kind has to say, in the order in which somebody sets it up.
    fn details(&self, kind: &str, of: &Record) -> Vec<Detail> {
        let mut details = Vec::new();
        let mut said = |term, words: String| {
            if !words.is_empty() {
                details.push(detail(term, self.personal.text(&words)));
            }
        };
        let seconds = |key: &str| of.value(key).map(span_words).unwrap_or_default();
        match kind {
            "delay_seconds_action" | "grace_period_action" => said("wait", seconds("delay")),
            "randomized_delay_action" => {
                let (least, most) = (seconds("min_delay"), seconds("max_delay"));
                said("wait", format!("between {least} and {most}"));
            }
            "conditional_wait_action" => {
                said("at most", seconds("delay"));
                said("then", of.text("exit_type"));
            }
            "delay_time_window_action" => {
                let window = format!("{} to {}", of.text("start_time"), of.text("end_time"));
                said("window", window);
                said("days", listed(of.value("days")));
                said("zone", of.text("zone"));
                said("zone where none is known", of.text("fallback_zone"));
                if of.flag("customer_time_zone") == Some(true) {
                    said("zone of", "the person".to_owned());
                }
            }
            "attribute_update_action" => {
                said("attribute", of.text("attribute_name"));
                said("becomes", listed(of.value("attribute_value")));
            }
            "static_seg_update_action" => {
                let id = ["segment_id", "manual_segment_id"]
                    .into_iter()
                    .map(|key| of.text(key))
                    .find(|it| !it.is_empty())
                    .unwrap_or_default();
                let asked = Test::Segment {
                    id: id.clone(),
                    inverse: false,
                };
                let name = (self.named)(&asked).map_or_else(String::new, |it| format!(" “{it}”"));
                said("segment", format!("{id}{name}"));
                let adds = of.flag("add").or_else(|| of.flag("add_to_manual_segment"));
                if let Some(adds) = adds {
                    said("does", if adds { "adds" } else { "takes away" }.to_owned());
                }
            }
            "split_randomized_action" => {
                said("shares", listed(of.value("allocations")));
                said("between steps", listed(of.value("action_ids")));
            }
            "random_cohort_branch_action" => {
                said(
                    "cohorts, in tenths of a percent",
                    listed(of.value("cohorts")),
                );
                said("called", listed(of.value("cohort_names")));
            }
            "multi_lang_branch_action" => said("languages", listed(of.value("languages"))),
            "create_event_action" => said("event", of.text("event_name")),
            _ => {}
        }
        // Whatever else a known kind says stands beside it, key by key.
        if find(kind).is_some() {
            of.pass_over(&ASKED.map(|(key, _)| key));
            let rest = of.unread();
            for key in rest {
                if let Some(value) = of.value(&key) {
                    said(
                        "also",
                        format!("{key} = {}", self.personal.json(&key, value)),
                    );
                }
            }
        }
        details
    }
}

pub(super) fn detail(term: &'static str, words: impl Into<String>) -> Detail {
    Detail {
        term,
        words: words.into(),
    }
}

/// The conditions of several branches, one each.
fn several(value: &Value) -> Vec<Value> {
    let Some(items) = value.as_array() else {
        return vec![value.clone()];
    };
    let branch = |item: &Value| match item {
        Value::Object(map) => map.get("conditions").unwrap_or(item).clone(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            item.clone()
        }
    };
    items.iter().map(branch).collect()
}

fn span_words(value: &Value) -> String {
    match value.as_u64().or_else(|| value.as_str()?.parse().ok()) {
        Some(seconds) => span(seconds),
        None => value_words(value),
    }
}

/// A list or a value in words; nothing where there is none.
pub(super) fn listed(value: Option<&Value>) -> String {
    match value {
        None => String::new(),
        Some(Value::Array(items)) => {
            let items: Vec<String> = items.iter().map(|it| listed(Some(it))).collect();
            items.join(", ")
        }
        Some(Value::String(text)) => text.clone(),
        Some(value @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_))) => {
            value.to_string()
        }
    }
}
