//! Activities: newest first, the last 30 days (customerio.md 2.2).

use serde_json::{Value, json};

use super::people;
use super::reply::{Answer, Refusal, Reply};
use super::request::Request;
use super::switches::DeletedActivities;
use super::world::{Activity, World};

/// GET /v1/activities
pub(super) fn all(world: &mut World, request: &Request) -> Answer {
    let of = match request.get("customer_id") {
        None => None,
        Some(id) => {
            let id_type = request.get("id_type").unwrap_or("id");
            let cio_id = world.person_by(id_type, id).ok_or_else(Refusal::missing)?;
            Some(cio_id)
        }
    };
    list(world, request, of.as_deref())
}

/// GET /v1/customers/{id}/activities
pub(super) fn of_person(world: &mut World, request: &Request, id: &str) -> Answer {
    let cio_id = people::one(world, request, id)?.cio_id.clone();
    list(world, request, Some(&cio_id))
}

fn list(world: &mut World, request: &Request, of: Option<&str>) -> Answer {
    let horizon = match world.switches.activities_days {
        0 => i64::MIN,
        days => world.now() - i64::from(days) * 86_400,
    };
    let is_deleted = |activity: &Activity| {
        world
            .people
            .get(&activity.cio_id)
            .is_some_and(|person| !person.is_there())
    };
    let asks_deleted = request.is_set("deleted");
    let fits = |activity: &&Activity| {
        let shown = match (asks_deleted, world.switches.deleted_activities) {
            (false, _) => !is_deleted(activity),
            (true, DeletedActivities::Only) => is_deleted(activity),
            (true, DeletedActivities::Added) => true,
        };
        shown
            && activity.timestamp >= horizon
            && of.is_none_or(|of| of == activity.cio_id)
            && request.get("type").is_none_or(|kind| kind == activity.kind)
            && request
                .get("name")
                .is_none_or(|name| activity.rest.get("name").and_then(Value::as_str) == Some(name))
    };
    let found: Vec<&Activity> = world.activities.iter().filter(fits).collect();
    let limit = request.limit(10, 100);
    let (kind, name) = (request.get("type"), request.get("name"));
    let scope = format!("activities {of:?} {kind:?} {name:?} {asks_deleted}");
    let page = world
        .cursors
        .page(request, &scope, found.len(), limit, &world.switches)?;
    let shown = found.get(page.from..page.until).unwrap_or_default();
    let shown = shown.iter().map(|activity| show(world, activity)).collect();
    let mut body = page.show("activities", shown, &world.switches);
    // Always there (customerio.md 1.5).
    body.entry("next").or_insert(Value::from(""));
    Ok(Reply::Json(Value::from(body)))
}

fn show(world: &World, activity: &Activity) -> Value {
    let mut shown = activity.rest.clone();
    // A deleted profile is known by what it was.
    let was = shown.remove("identifiers");
    let identifiers = match world.alive(&activity.cio_id) {
        Some(person) => person.identifiers(),
        None => was.unwrap_or_else(|| world.identifiers(&activity.cio_id)),
    };
    let customer_id = identifiers.get("id").cloned().unwrap_or_default();
    let fixed = [
        ("id", Value::from(activity.id.as_str())),
        ("customer_id", customer_id),
        ("customer_identifiers", identifiers),
        ("type", Value::from(activity.kind.as_str())),
        ("timestamp", Value::from(activity.timestamp)),
    ];
    for (key, value) in fixed {
        shown.insert(key.to_owned(), value);
    }
    shown.entry("data").or_insert_with(|| json!({}));
    Value::from(shown)
}
