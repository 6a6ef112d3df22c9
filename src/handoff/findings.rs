//! Findings, each with what to do about it; the same kind is said with the same words.

use super::model::{Finding, Step};
use crate::model::Entity;

/// What is said where lines could not be read.
pub const BROKEN: &str = "lines that are no record";

fn finding(
    kind: &'static str,
    about: impl Into<String>,
    what: impl Into<String>,
    todo: impl Into<String>,
) -> Finding {
    Finding {
        kind,
        about: about.into(),
        what: what.into(),
        todo: todo.into(),
    }
}

pub(super) fn no_workflow(about: &str, id: &str) -> Finding {
    finding(
        "steps without order",
        about,
        "the App API gives neither waits nor branches nor the order of steps; what is listed here is what it has",
        format!(
            "save the answer of `campaigns/{id}` of the UI's API (the vendor's own `cio api` reads it) as a file, then `mapwright capture add workflow FILE --into CAPTURE`, and write the hand-off again"
        ),
    )
}

pub(super) fn unknown_step(about: &str, step: &Step) -> Finding {
    finding(
        "unknown step",
        format!("{about}, step {}", step.id),
        format!(
            "the kind `{}` is not known here; all that it says stands in its row",
            step.kind
        ),
        "open the campaign in Customer.io and write down what the step does",
    )
}

pub(super) fn unknown_trigger(about: &str, kind: &str) -> Finding {
    finding(
        "unknown trigger",
        about,
        format!("what starts it is of the kind `{kind}`, which is not known here"),
        "open the campaign in Customer.io and write down what starts it",
    )
}

pub(super) fn unknown_condition(about: &str, what: &str) -> Finding {
    finding(
        "unknown condition",
        about,
        format!("a part of the condition is of a form that is not known here: {what}"),
        "read the condition in Customer.io; the exact form stands in this document",
    )
}

pub(super) fn step_not_saved(about: &str, id: &str) -> Finding {
    finding(
        "step not in the workflow",
        format!("{about}, step {id}"),
        "the App API lists the step and the saved workflow has no such step: it was saved before the step was made, or after it was taken out",
        "save the workflow again",
    )
}

pub(super) fn stray_step(id: &str, campaign: &str) -> Finding {
    finding(
        "step without campaign",
        format!("step {id}"),
        format!("its campaign {campaign} is not in the capture"),
        "the campaign was deleted or came after the capture: decide whether its message is still needed",
    )
}

pub(super) fn stray_deliveries(what: &str, count: u64) -> Finding {
    finding(
        "deliveries without sender",
        what,
        format!(
            "{count} deliveries were sent by it, and the capture has no such thing: it was deleted"
        ),
        "their history is moved with the people; there is nothing to rebuild",
    )
}

pub(super) fn segment_not_listed(id: &str, users: &[String]) -> Finding {
    finding(
        "segment not listed",
        format!("segment {id}"),
        format!(
            "Customer.io does not list it: it is archived, or gone. Named by {}",
            users.join("; ")
        ),
        "look into the archive of Customer.io; without its definition whoever uses it cannot be rebuilt as it was",
    )
}

pub(super) fn segment_undefined(id: &str, name: &str) -> Finding {
    finding(
        "segment without definition",
        format!("segment {id} “{name}”"),
        "it is dynamic, and the capture has no conditions of it",
        format!(
            "save the answer of `segments/{id}` of the UI's API as a file, then `mapwright capture add workflow FILE --into CAPTURE`"
        ),
    )
}

pub(super) fn segment_circle(circle: &[String]) -> Finding {
    finding(
        "segments in a circle",
        format!("segments {}", circle.join(" → ")),
        "each is asked for by the next, and the last by the first again",
        "take the circle apart before rebuilding: one of them becomes a list",
    )
}

pub(super) fn open_tags(template: &str, count: usize) -> Finding {
    let tags = if count == 1 { "tag" } else { "tags" };
    finding(
        "tags to see to",
        template,
        format!("{count} Liquid {tags} without a counterpart, marked `[[FIX n: …]]` in the file"),
        "see the table of tags; no template goes out while a mark stands in it",
    )
}

pub(super) fn no_content(template: &str, why: &str) -> Finding {
    finding(
        "message without content",
        template,
        why,
        "copy the content from Customer.io by hand",
    )
}

pub(super) fn unread_keys(about: &str, keys: &[String]) -> Finding {
    finding(
        "keys that are not known",
        about,
        format!("the capture says more of it: {}", keys.join(", ")),
        "look at them in the capture; nothing here speaks of them",
    )
}

pub(super) fn broken_lines(entity: Entity, lines: &[u64]) -> Finding {
    const SHOWN: usize = 5;
    let shown: Vec<String> = lines.iter().take(SHOWN).map(u64::to_string).collect();
    let more = match lines.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    finding(
        BROKEN,
        entity.file(),
        format!("line {}{more}", shown.join(", ")),
        "take the capture again; what stands on these lines is not in this document",
    )
}

pub(super) fn missing_file(entity: Entity, what: &str) -> Finding {
    finding(
        "not in the capture",
        entity.file(),
        format!("the capture has no such file: {what}"),
        "read that part too (`mapwright extract`), or write it down by hand",
    )
}

pub(super) fn no_rules() -> Finding {
    finding(
        "no rules given",
        "merge fields",
        "without rules nobody knows which field a trait lands in: every `customer.…` is marked",
        "give the rule file: `mapwright handoff RULES --from CAPTURE --into DIR`",
    )
}
