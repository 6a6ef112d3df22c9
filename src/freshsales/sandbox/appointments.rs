//! Appointments (freshsales.md 9.3); past dates are accepted.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::activity;
use super::activity::Activity;
use super::crm::Crm;
use super::records::Draft;
use super::render;
use super::render::Sides;
use super::reply::Answer;
use super::reply::Refusal;
use super::reply::Reply;
use super::request::Request;
use super::samples;
use super::store::Row;
use super::targets;
use super::times;
use super::values;

/// A new appointment before anything was written to it.
pub(super) fn blank(crm: &Crm, id: i64) -> Map<String, Value> {
    let now = crm.now();
    let mut body = samples::blank("appointment.json", "appointment");
    let given = [
        ("id", json!(id)),
        ("time_zone", json!("UTC")),
        ("is_allday", json!(false)),
        ("created_at", json!(now)),
        ("updated_at", json!(now)),
        ("provider", json!("freshsales")),
        ("creater_id", json!(crm.owner)),
        ("can_checkin_checkout", json!(true)),
        ("can_checkin", json!(true)),
        ("targetables", json!([])),
        ("appointment_attendee_ids", json!([])),
    ];
    body.extend(given.map(|(name, value)| (name.to_owned(), value)));
    body
}

/// Writes `input` over the draft; title and both dates are required.
pub(super) fn write(crm: &Crm, draft: &mut Draft, input: &Map<String, Value>) {
    let texts = ["title", "description", "location", "time_zone"];
    activity::text(crm, draft, input, &texts);
    for (name, label) in [("from_date", "From date"), ("end_date", "End date")] {
        draft.set(input, name, |value| activity::time(label, value, crm));
    }
    draft.set(input, "is_allday", |value| {
        values::checkbox("All day", value)
    });
    activity::require(draft, &["title", "from_date", "end_date"]);
}

/// One appointment, with what it always brings along.
pub(super) fn show(crm: &Crm, row: Row, includes: &[&str]) -> Answer {
    let mut body = row.body;
    let mut sides = Sides::default();
    sides.open("appointment_attendees");
    if includes.contains(&"targetable")
        && let Some(target) = targets::of(&body)
    {
        render::target_side(crm, target.module, target.id, &mut sides)?;
        body.insert("targetable".to_owned(), target.wire_lower());
    }
    if includes.contains(&"creater") {
        let creater = body.get("creater_id").cloned().unwrap_or_default();
        render::user_side(crm, &creater, &mut sides)?;
    }
    sides.open("conferences");
    sides.open("notes");
    let mut fields = sides.into_fields();
    fields.push(("appointment".to_owned(), Value::Object(body)));
    Ok(Reply::ordered(fields))
}

/// `GET /appointments?filter=past` or `upcoming`.
pub(super) fn list(crm: &Crm, request: &Request) -> Answer {
    let past = match request.query.get("filter") {
        Some("past") => Some(true),
        Some("upcoming") => Some(false),
        Some(_) => return Err(Refusal::invalid("filter is not valid")),
        None => None,
    };
    let offset = crm.switches.offset();
    let now = times::now();
    let is_past = |body: &Map<String, Value>| {
        let end = body.get("end_date").and_then(Value::as_str);
        end.and_then(|text| times::read(text, offset))
            .is_some_and(|end| end < now)
    };
    let (rows, total) = activity::wanted(crm, request, Activity::Appointment, |body| {
        past.is_none_or(|past| is_past(body) == past)
    })?;
    let mut appointments = Vec::new();
    for row in rows {
        let mut body = row.body;
        body.remove("appointment_attendee_ids");
        body.remove("note_id");
        appointments.push(Value::Object(body));
    }
    let meta = json!({"total": total});
    Ok(Reply::fields([
        ("appointments", Value::from(appointments)),
        ("meta", meta),
    ]))
}
