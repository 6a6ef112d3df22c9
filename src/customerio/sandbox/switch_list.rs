//! What each switch does, in one sentence; the reference names those that are guesses.

/// Name and sentence of every switch.
pub(super) const LIST: &[(&str, &str)] = &[
    (
        "requests_per_second",
        "Size and refill of the workspace's bucket; 0 takes any number.",
    ),
    (
        "retry_after",
        "Whether a 429 of the bucket carries Retry-After: 1; the sources contradict each other.",
    ),
    (
        "archived_per_day",
        "Archived message bodies that a day allows; 0 takes any number.",
    ),
    (
        "activities_days",
        "How far back activities reach, in days; 0 shows all.",
    ),
    (
        "wrapped_attributes",
        "Whether bulk attributes wrap each person in `customer`, as the specification says and live answers do not.",
    ),
    ("values", "Numbers and booleans of people: text or typed."),
    (
        "nested",
        "Objects and lists among a person's attributes: text (JSON as text, a guess) or typed.",
    ),
    (
        "object_values",
        "Attributes of objects: text (a guess) or typed.",
    ),
    (
        "relationship_values",
        "Attributes of relationships: text or typed (a guess).",
    ),
    (
        "computed_preferences",
        "Whether people carry _cio_subscription_preferences_computed.",
    ),
    (
        "anonymous_listed",
        "Whether the search for people lists profiles with neither id nor email (a guess: it does not).",
    ),
    (
        "empty_lists",
        "A list with nothing in it: list, null or missing. Exports are null whatever this says.",
    ),
    (
        "next_key_on_last",
        "Whether the last page says next: \"\" or leaves the key out.",
    ),
    (
        "too_many_ids",
        "Status of bulk attributes for more than 100 ids (a guess).",
    ),
    (
        "window_too_wide",
        "Status of a window of messages wider than 6 months (a guess).",
    ),
    (
        "bad_cursor",
        "Status of a cursor that was altered (a guess).",
    ),
    (
        "email_identifier",
        "Whether an email identifies a person; without it many may share one.",
    ),
    (
        "text_action_ids",
        "Whether ids in campaign actions are text, as live answers have them, or numbers.",
    ),
    (
        "deleted_activities",
        "What deleted=true of the activities gives: only those of deleted people, or those as well (a guess).",
    ),
    (
        "export_polls",
        "How often an export is asked for before it is done.",
    ),
    (
        "own_smtp",
        "Whether the customer brings an SMTP server, so that the suppression lists are empty.",
    ),
    (
        "region",
        "What the region look-up answers, eu or us; the capture's region when empty.",
    ),
    (
        "now",
        "The workspace's time in unix seconds; 0 is the capture's end, or the machine's time without one.",
    ),
    (
        "faults",
        "A fault, METHOD PATH COUNT KIND; may be set again and again, a blank clears them.",
    ),
];
