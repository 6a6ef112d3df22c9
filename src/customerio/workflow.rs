//! A campaign or a segment as its owner saved it from the UI: the graph that the App API never gives (customerio.md 6).
//!
//! Conditions come in two encodings: base64 of percent-encoded JSON, and raw trees; both are read, and a text that
//! holds JSON as well (customerio.md 2.5, 6.4).

use std::collections::BTreeSet;
use std::fmt;

use serde_json::{Map, Value, json};

use crate::http::local::decode;

/// What a saved file defines.
#[derive(Clone, Debug, PartialEq)]
pub enum Definition {
    /// `steps`, `edges` and how the campaign is entered and left.
    Campaign { id: i64, workflow: Value },
    /// The tree of conditions.
    Segment { id: i64, conditions: Value },
}

/// One thing that is wrong with a saved file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where in the file, such as `campaign.actions[2].conditions`.
    pub place: String,
    pub expected: &'static str,
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Problem { place, expected } = self;
        write!(
            formatter,
            "{place}: expected {expected}, found something else"
        )
    }
}

/// Keys whose value may be encoded.
const ENCODED: [&str; 8] = [
    "conditions",
    "multi_conditions",
    "preconditions",
    "filters",
    "anchors",
    "trigger",
    "attribute_filters",
    "global_exit_conditions",
];

/// What a campaign's entry and exit rest on, kept beside its steps (customerio.md 6.2).
const RULES: [&str; 16] = [
    "type",
    "trigger",
    "attribute_filters",
    "event",
    "date_triggered_attribute",
    "date_triggered_frequency",
    "date_triggered_start_time",
    "date_triggered_zone",
    "date_triggered_fallback_zone",
    "date_triggered_lead_days",
    "global_exit_conditions",
    "exit_on_trigger_or_filter_not_matched",
    "restart_mode",
    "restart_min_interval",
    "anchors",
    "preconditions",
];

/// Kinds of step that the hand-off has words for (customerio.md 6.3).
pub const STEPS: [&str; 26] = [
    "email_action",
    "push_action",
    "twilio_action",
    "whatsapp_action",
    "slack_action",
    "in_app_action",
    "webhook_action",
    "delay_seconds_action",
    "delay_time_window_action",
    "randomized_delay_action",
    "conditional_wait_action",
    "conditional_branch_action",
    "multi_split_branch_action",
    "split_randomized_action",
    "random_cohort_branch_action",
    "multi_lang_branch_action",
    "attribute_update_action",
    "batch_update_action",
    "static_seg_update_action",
    "create_event_action",
    "collection_query_action",
    "llm_action",
    "filter_match_delay_action",
    "grace_period_action",
    "exit_action",
    "trigger",
];

impl Definition {
    /// Reads a saved file.
    ///
    /// # Errors
    /// Every problem of it.
    pub fn read(text: &[u8]) -> Result<Definition, Vec<Problem>> {
        let wrong = |place: &str, expected| Problem {
            place: place.to_owned(),
            expected,
        };
        let Ok(Value::Object(file)) = serde_json::from_slice(text) else {
            return Err(vec![wrong("the file", "a JSON object")]);
        };
        let mut problems = Vec::new();
        let definition = if let Some(Value::Object(campaign)) = file.get("campaign") {
            of_campaign("campaign", campaign, &file, &mut problems)
        } else if let Some(Value::Object(segment)) = file.get("segment") {
            of_segment("segment", segment, &mut problems)
        } else if file.contains_key("actions") || file.contains_key("edges") {
            of_campaign("the file", &file, &file, &mut problems)
        } else if file.contains_key("conditions") {
            of_segment("the file", &file, &mut problems)
        } else {
            problems.push(wrong(
                "the file",
                "a campaign with `actions` or a segment with `conditions`",
            ));
            None
        };
        match definition {
            Some(definition) if problems.is_empty() => Ok(definition),
            Some(_) | None => Err(problems),
        }
    }

    /// Kinds of step that nobody has met, in order.
    #[must_use]
    pub fn unknown_steps(&self) -> Vec<String> {
        let Definition::Campaign { workflow, .. } = self else {
            return Vec::new();
        };
        let steps = workflow.get("steps").and_then(Value::as_array);
        let kinds = steps
            .into_iter()
            .flatten()
            .filter_map(|step| step.get("type")?.as_str());
        let unknown: BTreeSet<&str> = kinds.filter(|kind| !STEPS.contains(kind)).collect();
        unknown.into_iter().map(str::to_owned).collect()
    }
}

fn of_campaign(
    place: &str,
    campaign: &Map<String, Value>,
    file: &Map<String, Value>,
    problems: &mut Vec<Problem>,
) -> Option<Definition> {
    let list = |key: &str| {
        let found = campaign.get(key).or_else(|| file.get(key));
        found.and_then(Value::as_array).cloned()
    };
    let mut wrong = |key: &str, expected| {
        problems.push(Problem {
            place: format!("{place}{key}"),
            expected,
        });
    };
    let id = campaign.get("id").and_then(number);
    if id.is_none() {
        wrong(".id", "the campaign's number");
    }
    let steps = list("actions");
    if steps.is_none() {
        wrong(".actions", "the list of steps");
    }
    let steps = steps.unwrap_or_default();
    let edges = list("edges").unwrap_or_default();
    if edges.is_empty() && steps.len() > 1 {
        wrong(".edges", "how the steps follow one another");
    }
    let known: BTreeSet<i64> = steps
        .iter()
        .filter_map(|it| number(it.get("id")?))
        .collect();
    for (at, step) in steps.iter().enumerate() {
        if step.get("id").and_then(number).is_none() {
            wrong(&format!(".actions[{at}].id"), "the step's number");
        }
        if step.get("type").and_then(Value::as_str).is_none() {
            wrong(&format!(".actions[{at}].type"), "the kind of step");
        }
    }
    for (at, edge) in edges.iter().enumerate() {
        for end in ["from", "to"] {
            let found = edge.get(end).filter(|it| !it.is_null());
            // An edge may lead nowhere: the campaign ends there.
            if end == "to" && found.is_none() {
                continue;
            }
            let step = found.and_then(number);
            if step.is_none_or(|step| !known.contains(&step)) {
                wrong(
                    &format!(".edges[{at}].{end}"),
                    "the number of a step in `actions`",
                );
            }
        }
    }
    let steps = ordered(steps, campaign.get("workflow_action_ids"));
    let mut steps = Value::from(steps);
    unpack(&mut steps, &format!("{place}.actions"), false, problems);
    let mut rules = Map::new();
    for key in RULES {
        if let Some(value) = campaign.get(key) {
            let mut value = value.clone();
            let is_encoded = ENCODED.contains(&key);
            unpack(&mut value, &format!("{place}.{key}"), is_encoded, problems);
            rules.insert(key.to_owned(), value);
        }
    }
    rules.insert("steps".to_owned(), steps);
    rules.insert("edges".to_owned(), json!(edges));
    let workflow = Value::from(rules);
    Some(Definition::Campaign { id: id?, workflow })
}

fn of_segment(
    place: &str,
    segment: &Map<String, Value>,
    problems: &mut Vec<Problem>,
) -> Option<Definition> {
    let id = segment.get("id").and_then(number);
    if id.is_none() {
        problems.push(Problem {
            place: format!("{place}.id"),
            expected: "the segment's number",
        });
    }
    let mut conditions = segment.get("conditions").cloned().unwrap_or_default();
    unpack(
        &mut conditions,
        &format!("{place}.conditions"),
        true,
        problems,
    );
    if !conditions.is_object() && !conditions.is_array() {
        problems.push(Problem {
            place: format!("{place}.conditions"),
            expected: "the tree of conditions",
        });
    }
    Some(Definition::Segment {
        id: id?,
        conditions,
    })
}

/// The steps in the order of `workflow_action_ids`; what that does not name comes last.
fn ordered(mut steps: Vec<Value>, order: Option<&Value>) -> Vec<Value> {
    let order: Vec<i64> = order
        .and_then(Value::as_array)
        .map(|ids| ids.iter().filter_map(number).collect())
        .unwrap_or_default();
    let place = |step: &Value| {
        let id = step.get("id").and_then(number);
        order
            .iter()
            .position(|it| Some(*it) == id)
            .unwrap_or(usize::MAX)
    };
    steps.sort_by_key(place);
    steps
}

/// Decodes every encoded value below `value`.
fn unpack(value: &mut Value, place: &str, is_encoded: bool, problems: &mut Vec<Problem>) {
    match value {
        Value::String(text) if is_encoded && !text.is_empty() => match decoded(text) {
            Some(tree) => *value = tree,
            None => problems.push(Problem {
                place: place.to_owned(),
                expected: "JSON, or base64 of percent-encoded JSON",
            }),
        },
        Value::Array(items) => {
            for (at, item) in items.iter_mut().enumerate() {
                unpack(item, &format!("{place}[{at}]"), is_encoded, problems);
            }
        }
        Value::Object(object) => {
            for (key, inner) in object.iter_mut() {
                // Within a tree a key such as `filters` holds a tree as well, never a word.
                let is_encoded = ENCODED.contains(&key.as_str());
                unpack(inner, &format!("{place}.{key}"), is_encoded, problems);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The tree within a text; a scalar is no tree.
fn decoded(text: &str) -> Option<Value> {
    let tree = |json: &str| {
        let value: Value = serde_json::from_str(json).ok()?;
        (value.is_object() || value.is_array()).then_some(value)
    };
    tree(text).or_else(|| {
        let bytes = base64(text.trim())?;
        tree(&decode(&String::from_utf8(bytes).ok()?))
    })
}

/// Undoes standard base64, with or without padding.
fn base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let (mut group, mut bits) = (0_u32, 0_u32);
    for sign in text.trim_end_matches('=').bytes() {
        let value = match sign {
            b'A'..=b'Z' => sign - b'A',
            b'a'..=b'z' => sign - b'a' + 26,
            b'0'..=b'9' => sign - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        group = group << 6 | u32::from(value);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(group >> bits & 0xff).ok()?);
        }
    }
    Some(bytes)
}

/// A number, also where it is written as text.
fn number(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}
