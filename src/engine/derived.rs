//! Values that no record holds itself: suppression by the mail provider, topics all off.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use super::probe::raw_text;
use crate::capture::Topic;

/// E-mail addresses are compared without blanks around them and without case.
pub(super) fn plain_email(email: &str) -> String {
    email.trim().to_lowercase()
}

/// Which reason counts where an address was suppressed for several: the lower the stricter.
pub(super) fn severity(reason: &str) -> i64 {
    match reason {
        "spam" => 0,
        "bounced" => 1,
        "blocked" => 2,
        "invalid" => 3,
        _ => 4,
    }
}

/// Whether the person gets no topic at all; a topic without an answer keeps its default
/// (reference/customerio.md, preferences). No topics: nothing is off.
///
/// An answer that cannot be read counts as off: it must not subscribe anybody.
pub(super) fn all_topics_off(preferences: Option<&str>, topics: &[Topic]) -> bool {
    if topics.is_empty() {
        return false;
    }
    let Ok(answers) = answers(preferences) else {
        return true;
    };
    topics
        .iter()
        .all(|topic| match answers.get(&topic.identifier) {
            Some(Some(is_on)) => !is_on,
            Some(None) => true,
            None => !topic.subscribed_by_default,
        })
}

/// By topic; `None` for an answer that is neither yes nor no.
type Answers = BTreeMap<String, Option<bool>>;

struct Unreadable;

fn answers(preferences: Option<&str>) -> Result<Answers, Unreadable> {
    let Some(raw) = preferences.filter(|raw| !matches!(*raw, "null" | "\"\"")) else {
        return Ok(Answers::new());
    };
    // The App API sends preferences as JSON inside a text.
    let inner = if raw.starts_with('"') {
        raw_text(raw).ok_or(Unreadable)?.into_owned()
    } else {
        raw.to_owned()
    };
    let members: BTreeMap<String, &RawValue> =
        serde_json::from_str(&inner).map_err(|_| Unreadable)?;
    let Some(topics) = members.get("topics").filter(|it| it.get() != "null") else {
        return Ok(Answers::new());
    };
    let topics: BTreeMap<String, &RawValue> =
        serde_json::from_str(topics.get()).map_err(|_| Unreadable)?;
    let answers = topics.into_iter().filter_map(|(topic, answer)| {
        match answer.get().trim_matches('"').to_ascii_lowercase().as_str() {
            "null" | "" => None,
            "true" => Some((topic, Some(true))),
            "false" => Some((topic, Some(false))),
            _ => Some((topic, None)),
        }
    });
    Ok(answers.collect())
}
