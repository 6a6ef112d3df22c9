//! What exports call the parts of a delivery, and what a capture calls them (reference/customerio.md 2.9, 4.1, 4.2).

/// Every metric that a source is known to tell; readers that see others keep them too.
const METRICS: [&str; 23] = [
    "created",
    "drafted",
    "attempted",
    "deferred",
    "sent",
    "delivered",
    "opened",
    "human_opened",
    "prefetch_opened",
    "machine_opened",
    "clicked",
    "human_clicked",
    "prefetch_clicked",
    "machine_clicked",
    "converted",
    "bounced",
    "dropped",
    "failed",
    "spammed",
    "undeliverable",
    "unsubscribed",
    "suppressed",
    "replied",
];

pub(super) fn is_metric(name: &str) -> bool {
    METRICS.contains(&name)
}

/// The channel in the words of a capture: the App API says `twilio` where everybody else says SMS.
pub(super) fn channel(word: &str) -> &str {
    match word {
        "twilio" => "sms",
        other => other.strip_suffix("_action").unwrap_or(other),
    }
}

/// The key of a capture for a column's name.
pub(super) fn known(column: &str) -> &str {
    match column {
        "type" | "delivery_type" | "object_type" => "channel",
        "email" | "email_address" => "recipient",
        other => other,
    }
}

/// Keys whose values are numbers in every answer of the App API.
pub(super) fn is_number(key: &str) -> bool {
    matches!(
        key,
        "campaign_id"
            | "newsletter_id"
            | "broadcast_id"
            | "transactional_message_id"
            | "action_id"
            | "parent_action_id"
            | "content_id"
            | "trigger_id"
    )
}
