//! Segments and their members (customerio.md 2.3).

use serde_json::{Value, json};

use super::reply::{Answer, Refusal, Reply};
use super::request::Request;
use super::world::{Object, World, by_id, integer};

/// GET `/v1/segments`
pub(super) fn list(world: &World) -> Reply {
    let shown = world.segments.iter().map(shown).collect();
    let mut body = Object::new();
    super::cursor::put_list(&mut body, "segments", shown, &world.switches);
    Reply::Json(Value::from(body))
}

/// GET `/v1/segments/{id}`
pub(super) fn one(world: &World, id: &str) -> Answer {
    let segment = by_id(&world.segments, id).ok_or_else(Refusal::missing)?;
    Ok(Reply::Json(json!({"segment": shown(segment)})))
}

/// GET `/v1/segments/{id}/customer_count`
pub(super) fn count(world: &World, id: &str) -> Answer {
    let segment = segment(world, id)?;
    let count = world
        .members
        .get(&segment)
        .map_or(0, std::collections::BTreeSet::len);
    Ok(Reply::Json(json!({"segment_id": segment, "count": count})))
}

/// GET `/v1/segments/{id}/membership`
pub(super) fn membership(world: &mut World, request: &Request, id: &str) -> Answer {
    let segment = segment(world, id)?;
    let members: Vec<&str> = world
        .members
        .get(&segment)
        .into_iter()
        .flatten()
        .filter(|cio_id| world.alive(cio_id).is_some())
        .map(String::as_str)
        .collect();
    let limit = request.limit(30_000, 30_000);
    let scope = format!("segment {segment}");
    let page = world
        .cursors
        .page(request, &scope, members.len(), limit, &world.switches)?;
    let shown = members.get(page.from..page.until).unwrap_or_default();
    let identifiers = shown.iter().map(|cio_id| world.identifiers(cio_id));
    let mut body = page.show("identifiers", identifiers.collect(), &world.switches);
    let ids = shown.iter().filter_map(|cio_id| world.alive(cio_id));
    let ids = ids.map(|person| Value::from(person.id.as_deref().unwrap_or_default()));
    super::cursor::put_list(&mut body, "ids", ids.collect(), &world.switches);
    body.insert("segment_id".to_owned(), Value::from(segment));
    Ok(Reply::Json(Value::from(body)))
}

/// GET `/v1/segments/{id}/used_by`
pub(super) fn used_by(world: &World, id: &str) -> Answer {
    let segment = segment(world, id)?;
    let names = |list: &[Object], keys: &[&str]| -> Vec<Value> {
        let uses = |object: &&Object| {
            keys.iter().any(|key| {
                let of = object.get(*key).and_then(Value::as_array);
                of.is_some_and(|of| of.contains(&Value::from(segment)))
            })
        };
        let found = list.iter().filter(uses);
        found
            .filter_map(|object| object.get("id").cloned())
            .collect()
    };
    let (sent, drafts): (Vec<Object>, Vec<Object>) = world
        .newsletters
        .iter()
        .cloned()
        .partition(|newsletter| integer(newsletter, "sent_at").is_some());
    let recipients = ["recipient_segment_ids"];
    Ok(Reply::Json(json!({"segment_id": segment, "used_by": {
        "campaigns": names(&world.campaigns, &["trigger_segment_ids", "filter_segment_ids"]),
        "sent_newsletters": names(&sent, &recipients),
        "draft_newsletters": names(&drafts, &recipients),
    }})))
}

fn segment(world: &World, id: &str) -> Result<i64, Refusal> {
    let found = by_id(&world.segments, id).and_then(|segment| integer(segment, "id"));
    found.ok_or_else(Refusal::missing)
}

/// `used_by` has a route of its own.
fn shown(segment: &Object) -> Value {
    let mut segment = segment.clone();
    segment.remove("used_by");
    Value::from(segment)
}
