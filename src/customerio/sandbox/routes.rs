//! The App API by path (customerio.md 2).

use serde_json::{Value, json};

use super::content::{self, Kind};
use super::cursor::put_list;
use super::reply::{Answer, Refusal, Reply};
use super::request::Request;
use super::world::{Object, SUPPRESSIONS, World, by_id, text};
use super::{activities, deliveries, exports, objects, people, segments, sends};
use crate::http::Method;

/// Answers a request below `/v1/`.
pub(super) fn answer(world: &mut World, request: &Request) -> Answer {
    match request.method {
        Method::Get => read(world, request),
        Method::Post => ask(world, request),
        Method::Put | Method::Delete => Err(Refusal::NoRoute),
    }
}

fn ask(world: &mut World, request: &Request) -> Answer {
    match request.parts().as_slice() {
        ["customers"] => people::search(world, request),
        ["customers", "attributes"] => people::bulk_attributes(world, request),
        ["objects"] => objects::search(world, request),
        ["exports", "customers"] => exports::of_customers(world, request),
        ["exports", "deliveries"] => exports::of_deliveries(world, request),
        ["segments"] => make_segment(world, request),
        ["send", channel] => sends::send(world, request, channel),
        ["campaigns", id, "triggers"] => sends::trigger(world, id),
        _ => Err(Refusal::NoRoute),
    }
}

fn read(world: &mut World, request: &Request) -> Answer {
    match request.parts().as_slice() {
        ["customers"] => people::by_email(world, request),
        ["customers", id, rest] => of_person(world, request, id, rest),
        ["optouts"] => people::optouts(world, request),
        ["activities"] => activities::all(world, request),
        ["segments"] => Ok(segments::list(world)),
        ["segments", id] => segments::one(world, id),
        ["segments", id, "customer_count"] => segments::count(world, id),
        ["segments", id, "membership"] => segments::membership(world, request, id),
        ["segments", id, "used_by"] => segments::used_by(world, id),
        ["objects", kind, id, "attributes"] => objects::attributes(world, request, kind, id),
        ["objects", kind, id, "relationships"] => objects::relationships(world, request, kind, id),
        ["messages"] => deliveries::list(world, request, None),
        ["messages", id] => deliveries::one(world, id),
        ["messages", id, "archived_message"] => deliveries::archived(world, id),
        ["exports"] => Ok(exports::list(world)),
        ["exports", id] => exports::one(world, id),
        ["exports", id, "download"] => exports::download(world, id),
        // Under campaigns, though they are of broadcasts (customerio.md 2.7).
        ["campaigns", id, "triggers", trigger] => sends::status(world, id, trigger),
        ["campaigns", id, "triggers", trigger, "errors"] => {
            sends::status(world, id, trigger)?;
            Ok(listed(world, "errors", &[]))
        }
        [
            kind @ ("campaigns" | "newsletters" | "broadcasts" | "transactional"),
            rest @ ..,
        ] => {
            let kind = match *kind {
                "campaigns" => Kind::Campaign,
                "newsletters" => Kind::Newsletter,
                "broadcasts" => Kind::Broadcast,
                _ => Kind::Transactional,
            };
            of_content(world, request, kind, rest)
        }
        rest => of_workspace(world, request, rest),
    }
}

fn of_person(world: &mut World, request: &Request, id: &str, rest: &str) -> Answer {
    match rest {
        "attributes" => people::attributes(world, request, id),
        "segments" => people::segments(world, request, id),
        "relationships" => people::relationships(world, request, id),
        "subscription_preferences" => people::preferences(world, request, id),
        "optouts" => people::optouts_of(world, request, id),
        "activities" => activities::of_person(world, request, id),
        "messages" => {
            let cio_id = people::one(world, request, id)?.cio_id.clone();
            deliveries::list(world, request, Some(("cio_id", &cio_id)))
        }
        _ => Err(Refusal::NoRoute),
    }
}

fn of_content(world: &mut World, request: &Request, kind: Kind, rest: &[&str]) -> Answer {
    let has_actions = matches!(kind, Kind::Campaign | Kind::Broadcast);
    match rest {
        [] => content::list(world, request, kind),
        [id] => content::one(world, kind, id),
        [id, "actions"] if has_actions => content::actions(world, request, kind, id),
        [id, "actions", action] if has_actions => content::action(world, kind, id, action),
        [id, "actions", action, "language", language] if has_actions => {
            content::translation(world, kind, id, (action, language))
        }
        [id, "triggers"] if kind == Kind::Broadcast => content::triggers(world, id),
        [id, "test_groups"] if kind == Kind::Newsletter => content::test_groups(world, id),
        [id, "contents"] if !has_actions => content::contents_of(world, kind, id),
        [id, "contents", wanted] if !has_actions => content::content(world, kind, id, "id", wanted),
        [id, "language", wanted] if !has_actions => {
            content::content(world, kind, id, "language", wanted)
        }
        [id, "messages"] => {
            let key = match kind {
                Kind::Campaign => "campaign_id",
                Kind::Newsletter => "newsletter_id",
                Kind::Broadcast => "broadcast_id",
                Kind::Transactional => "transactional_message_id",
            };
            deliveries::list(world, request, Some((key, id)))
        }
        _ => Err(Refusal::NoRoute),
    }
}

/// What stands for itself (customerio.md 2.4, 2.11).
fn of_workspace(world: &mut World, request: &Request, rest: &[&str]) -> Answer {
    match rest {
        ["object_types"] => Ok(listed(world, "types", &world.object_types)),
        ["subscription_topics"] => Ok(listed(world, "topics", &world.topics)),
        ["subscription_channels"] => Ok(listed(world, "channels", &[])),
        ["reporting_webhooks"] => Ok(listed(world, "reporting_webhooks", &[])),
        ["snippets"] => Ok(listed(world, "snippets", &world.snippets)),
        ["collections"] => {
            let bare = world.collections.iter().map(|collection| {
                let mut collection = collection.clone();
                collection.remove("content");
                collection
            });
            let bare: Vec<Object> = bare.collect();
            Ok(listed(world, "collections", &bare))
        }
        ["collections", id] => {
            let mut collection = by_id(&world.collections, id)
                .cloned()
                .ok_or_else(Refusal::missing)?;
            collection.remove("content");
            Ok(Reply::Json(json!({"collection": collection})))
        }
        ["collections", id, "content"] => {
            let collection = by_id(&world.collections, id).ok_or_else(Refusal::missing)?;
            let rows = collection.get("content").cloned();
            Ok(Reply::Json(rows.unwrap_or_else(|| json!([]))))
        }
        ["sender_identities"] => senders(world, request),
        ["sender_identities", id] => {
            let sender = by_id(&world.senders, id).ok_or_else(Refusal::missing)?;
            Ok(Reply::Json(json!({"sender_identity": sender})))
        }
        // A capture holds neither, so there is none to show.
        ["reporting_webhooks" | "imports", _] => Err(Refusal::missing()),
        ["esp", "suppression", category] => suppressions(world, request, category),
        ["esp", "search_suppression", email] => {
            let all = world.suppressions.values().flatten();
            let found = all.filter(|it| {
                text(it, "email").is_some_and(|known| known.eq_ignore_ascii_case(email))
            });
            let found: Vec<Value> = found.cloned().map(Value::from).collect();
            Ok(Reply::Json(json!({"category": "", "suppressions": found})))
        }
        ["workspaces"] => Ok(workspaces(world)),
        ["info", "ip_addresses"] => Ok(Reply::Json(json!({"ip_addresses": ["192.0.2.1"]}))),
        _ => Err(Refusal::NoRoute),
    }
}

fn listed(world: &World, key: &str, list: &[Object]) -> Reply {
    let mut body = Object::new();
    let list = list.iter().cloned().map(Value::from).collect();
    put_list(&mut body, key, list, &world.switches);
    Reply::Json(Value::from(body))
}

/// `hidden=true` shows only the hidden ones; after the last page comes a cursor to an empty one.
fn senders(world: &mut World, request: &Request) -> Answer {
    let is_hidden = |sender: &Object| sender.get("hidden") == Some(&Value::Bool(true));
    let wants_hidden = request.is_set("hidden");
    let all = world.senders.iter();
    let all: Vec<Value> = all
        .filter(|sender| is_hidden(sender) == wants_hidden)
        .cloned()
        .map(Value::from)
        .collect();
    let scope = format!("senders {wants_hidden}");
    let limit = request.limit(50, 1000);
    let page = world
        .cursors
        .page(request, &scope, all.len(), limit, &world.switches)?;
    let shown = all.get(page.from..page.until).unwrap_or_default().to_vec();
    let is_beyond = shown.is_empty();
    let mut body = page.show("sender_identities", shown, &world.switches);
    if page.is_last() && !is_beyond {
        let end = world.cursors.end(&scope, all.len());
        body.insert("next".to_owned(), Value::from(end));
    }
    Ok(Reply::Json(Value::from(body)))
}

fn suppressions(world: &World, request: &Request, category: &str) -> Answer {
    if !SUPPRESSIONS.iter().any(|(known, _)| *known == category) {
        return Err(Refusal::missing());
    }
    let all = world.suppressions.get(category);
    let all = all
        .filter(|_| !world.switches.own_smtp)
        .cloned()
        .unwrap_or_default();
    let offset = request
        .number("offset")
        .and_then(|it| usize::try_from(it).ok());
    let limit = request.limit(100, 1000);
    let shown = all.into_iter().skip(offset.unwrap_or_default()).take(limit);
    let mut body = Object::new();
    body.insert("category".to_owned(), Value::from(category));
    let shown = shown.map(Value::from).collect();
    put_list(&mut body, "suppressions", shown, &world.switches);
    Ok(Reply::Json(Value::from(body)))
}

fn workspaces(world: &World) -> Reply {
    let people = world
        .people
        .values()
        .filter(|person| person.is_there())
        .count();
    Reply::Json(json!({"workspaces": [{
        "id": 1, "name": world.workspace, "messages_sent": world.deliveries.len(),
        "billable_messages_sent": world.deliveries.len(), "people": people,
        "object_types": world.object_types.len(), "objects": world.objects.len(),
    }]}))
}

/// Only manual ones can be made (customerio.md 2.3).
fn make_segment(world: &mut World, request: &Request) -> Answer {
    let asked = request.body.get("segment").and_then(Value::as_object);
    let asked = asked.filter(|it| text(it, "name").is_some());
    let asked = asked.ok_or_else(|| Refusal::with(422, "name is required"))?;
    let ids = world
        .segments
        .iter()
        .filter_map(|it| it.get("id")?.as_i64());
    let id = ids.max().unwrap_or_default() + 1;
    let segment = json!({"id": id, "name": asked.get("name"), "type": "manual",
        "description": asked.get("description"), "state": "finished", "progress": null});
    world.segments.extend(segment.as_object().cloned());
    Ok(Reply::Json(json!({"segment": segment})))
}
