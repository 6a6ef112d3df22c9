//! Appointments (freshsales.md 9.3); past dates are accepted.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::crm::Action;
use super::crm::Crm;
use super::entity::Entity;
use super::records;
use super::records::Draft;
use super::render;
use super::render::Sides;
use super::reply::Answer;
use super::reply::Refusal;
use super::reply::Reply;
use super::request::Request;
use super::request::Verb;
use super::routes::deleted_200;
use super::routes::number;
use super::samples;
use super::targets;
use super::tasks;
use super::times;
use super::values;
use super::values::Taken;

/// Answers `/appointments…`.
pub(super) fn answer(crm: &mut Crm, request: &Request, rest: &[&str]) -> Answer {
    match (rest, request.verb) {
        ([], Verb::Get) => list(crm, request),
        ([], Verb::Post) => create(crm, request),
        ([id], Verb::Get) => show(crm, number(id)?, &request.query.words("include")),
        ([id], Verb::Put) => update(crm, request, number(id)?),
        ([id], Verb::Delete) => {
            records::delete(crm, Entity::Appointment, number(id)?)?;
            Ok(deleted_200())
        }
        ([] | [_], _) => Err(Refusal::WrongMethod),
        (_, _) => Err(Refusal::NoRoute),
    }
}

fn create(crm: &mut Crm, request: &Request) -> Answer {
    let input = request.record("appointment")?;
    let id = crm.books.next_id();
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
    let mut draft = Draft {
        body,
        problems: Vec::new(),
        is_new: true,
    };
    write(crm, &mut draft, input)?;
    if !draft.problems.is_empty() {
        return Err(Refusal::Invalid(draft.problems));
    }
    let keys = targets::keys_of(&draft.body);
    crm.books
        .insert(Entity::Appointment, id, &draft.body, &keys)?;
    crm.touch(Entity::Appointment, id, Action::Created);
    let reply = show(crm, id, &request.query.words("include"))?;
    Ok(Reply {
        status: crm.switches.create_status,
        ..reply
    })
}

fn update(crm: &mut Crm, request: &Request, id: i64) -> Answer {
    let input = request.record("appointment")?;
    let row = records::living(crm, Entity::Appointment, id)?;
    let mut draft = Draft {
        body: row.body,
        problems: Vec::new(),
        is_new: false,
    };
    draft.body.insert("updated_at".to_owned(), json!(crm.now()));
    write(crm, &mut draft, input)?;
    if !draft.problems.is_empty() {
        return Err(Refusal::Invalid(draft.problems));
    }
    let keys = targets::keys_of(&draft.body);
    crm.books
        .replace(Entity::Appointment, id, &draft.body, &keys)?;
    crm.touch(Entity::Appointment, id, Action::Updated);
    // The captured answer of an update shows the target unasked.
    show(crm, id, &["targetable"])
}

fn write(crm: &Crm, draft: &mut Draft, input: &Map<String, Value>) -> Result<(), Refusal> {
    for (name, label) in [
        ("title", "Title"),
        ("description", "Description"),
        ("location", "Location"),
        ("time_zone", "Time zone"),
    ] {
        draft.set(input, name, |value| {
            values::text(label, value, 0, &crm.switches)
        });
    }
    for (name, label) in [("from_date", "From date"), ("end_date", "End date")] {
        draft.set(input, name, |value| tasks::time(label, value, crm));
    }
    draft.set(input, "is_allday", |value| match value.as_bool() {
        Some(flag) => Taken::Keep(json!(flag)),
        None => Taken::Refuse("All day must be true or false".to_owned()),
    });
    // Title and both dates are required, a target is not (freshsales.md 9.3).
    let required = [
        ("title", "Title"),
        ("from_date", "From date"),
        ("end_date", "End date"),
    ];
    tasks::require(draft, &required);
    if targets::is_named(input)
        && let Some(target) = targets::read(crm, input, &mut draft.problems)?
    {
        draft
            .body
            .insert("targetables".to_owned(), json!([target.wire()]));
    }
    Ok(())
}

fn show(crm: &Crm, id: i64, includes: &[&str]) -> Answer {
    let mut body = records::living(crm, Entity::Appointment, id)?.body;
    let mut sides = Sides::default();
    sides.open("appointment_attendees");
    if includes.contains(&"targetable")
        && let Some(target) = targets::of(&body)
    {
        render::target_side(crm, target.entity, target.id, &mut sides)?;
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
fn list(crm: &Crm, request: &Request) -> Answer {
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
    let mut rows = crm.books.all(Entity::Appointment)?;
    rows.retain(|row| past.is_none_or(|past| is_past(&row.body) == past));
    let page = request.query.page();
    let total = rows.len();
    let mut appointments = Vec::new();
    for row in rows.into_iter().skip(page.offset()).take(page.limit()) {
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
