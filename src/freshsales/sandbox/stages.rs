//! Lifecycle stages and the statuses that belong to them (freshsales.md 8).

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::crm::Crm;
use super::positions::StageMismatch;
use super::records::Draft;
use super::request::integer;
use super::samples;
use super::values;
use super::values::Taken;

/// The first stage and its first status, where a new contact starts.
pub(super) fn first() -> (Option<i64>, Option<i64>) {
    let stages = samples::sample("selectors_lifecycle_stages.json");
    let stage = stages
        .pointer("/lifecycle_stages/0/id")
        .and_then(Value::as_i64);
    (stage, stage.and_then(first_status))
}

/// Keeps stage and status consistent: a status alone sets its stage, a new stage alone its first
/// status, and a pair that does not belong together is what the switch says.
pub(super) fn write(crm: &Crm, draft: &mut Draft, input: &Map<String, Value>) {
    let stage = given(
        crm,
        draft,
        input,
        "lifecycle_stage_id",
        "Lifecycle stage",
        is_stage,
    );
    let status = given(crm, draft, input, "contact_status_id", "Status", |id| {
        stage_of(id).is_some()
    });
    let (stage, status) = match (stage, status) {
        (None, None) => return,
        (None, Some(status)) => (stage_of(status), Some(status)),
        (Some(stage), None) => {
            let current = draft.body.get("contact_status_id").and_then(Value::as_i64);
            let kept = current.filter(|status| stage_of(*status) == Some(stage));
            (Some(stage), kept.or_else(|| first_status(stage)))
        }
        (Some(stage), Some(status)) if stage_of(status) == Some(stage) => {
            (Some(stage), Some(status))
        }
        (Some(stage), Some(status)) => match crm.switches.stage_mismatch {
            StageMismatch::StatusWins => (stage_of(status), Some(status)),
            StageMismatch::StageWins => (Some(stage), first_status(stage)),
            StageMismatch::Refused => {
                draft
                    .problems
                    .push("Status does not belong to the lifecycle stage".to_owned());
                return;
            }
        },
    };
    draft
        .body
        .insert("lifecycle_stage_id".to_owned(), json!(stage));
    draft
        .body
        .insert("contact_status_id".to_owned(), json!(status));
}

fn given(
    crm: &Crm,
    draft: &mut Draft,
    input: &Map<String, Value>,
    name: &str,
    label: &str,
    is_known: impl Fn(i64) -> bool,
) -> Option<i64> {
    let value = input.get(name).filter(|value| !value.is_null())?;
    let id = integer(value).filter(|id| is_known(*id));
    if id.is_none()
        && let Taken::Refuse(problem) = values::bad_choice(label, &crm.switches)
    {
        draft.problems.push(problem);
    }
    id
}

fn is_stage(id: i64) -> bool {
    first_status(id).is_some()
}

fn statuses() -> &'static [Value] {
    let statuses = samples::sample("selectors_contact_statuses.json").get("contact_statuses");
    statuses
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default()
}

fn first_status(stage: i64) -> Option<i64> {
    let of_stage = |status: &&Value| status["lifecycle_stage_id"] == json!(stage);
    statuses()
        .iter()
        .find(of_stage)
        .and_then(|status| status["id"].as_i64())
}

fn stage_of(status: i64) -> Option<i64> {
    let row = statuses().iter().find(|row| row["id"] == json!(status))?;
    row["lifecycle_stage_id"].as_i64()
}
