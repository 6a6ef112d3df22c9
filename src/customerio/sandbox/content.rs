//! Campaigns, newsletters, broadcasts, transactional messages and their contents (customerio.md 2.5 to 2.8).

use serde_json::{Value, json};

use super::cursor::put_list;
use super::reply::{Answer, Refusal, Reply};
use super::request::Request;
use super::world::{Object, World, by_id, integer, plain};

/// What has contents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Campaign,
    Newsletter,
    Broadcast,
    Transactional,
}

impl Kind {
    fn list(self, world: &World) -> &[Object] {
        match self {
            Kind::Campaign => &world.campaigns,
            Kind::Newsletter => &world.newsletters,
            Kind::Broadcast => &world.broadcasts,
            Kind::Transactional => &world.transactional,
        }
    }

    /// The key of a list and of one; transactional ones are `messages` (customerio.md 2.8).
    fn keys(self) -> (&'static str, &'static str) {
        match self {
            Kind::Campaign => ("campaigns", "campaign"),
            Kind::Newsletter => ("newsletters", "newsletter"),
            Kind::Broadcast => ("broadcasts", "broadcast"),
            Kind::Transactional => ("messages", "message"),
        }
    }

    /// What a content or an action calls its owner.
    fn owner(self) -> &'static str {
        match self {
            Kind::Campaign => "campaign_id",
            Kind::Newsletter => "newsletter_id",
            Kind::Broadcast => "broadcast_id",
            Kind::Transactional => "transactional_message_id",
        }
    }

    /// As the API shows it: no workflow, no inlined content.
    fn shown(self, world: &World, object: &Object) -> Value {
        let mut shown = object.clone();
        for key in ["workflow", "subject", "body", "body_plain", "triggers"] {
            shown.remove(key);
        }
        match self {
            Kind::Newsletter => {
                let of = contents(world, self, object);
                let ids = of.iter().filter_map(|it| it.get("id").cloned()).collect();
                shown.insert("content_ids".to_owned(), Value::Array(ids));
            }
            Kind::Campaign | Kind::Broadcast | Kind::Transactional => {}
        }
        Value::from(shown)
    }
}

/// The whole list, or a page of it for newsletters.
pub(super) fn list(world: &mut World, request: &Request, kind: Kind) -> Answer {
    let key = kind.keys().0;
    if kind != Kind::Newsletter {
        let shown = kind
            .list(world)
            .iter()
            .map(|it| kind.shown(world, it))
            .collect();
        let mut body = Object::new();
        put_list(&mut body, key, shown, &world.switches);
        return Ok(Reply::Json(Value::from(body)));
    }
    let limit = request.limit(50, 1000);
    let total = world.newsletters.len();
    let page = world
        .cursors
        .page(request, key, total, limit, &world.switches)?;
    let shown = world
        .newsletters
        .get(page.from..page.until)
        .unwrap_or_default();
    let shown = shown.iter().map(|it| kind.shown(world, it)).collect();
    Ok(Reply::Json(Value::from(page.show(
        key,
        shown,
        &world.switches,
    ))))
}

/// One of them.
pub(super) fn one(world: &World, kind: Kind, id: &str) -> Answer {
    let object = by_id(kind.list(world), id).ok_or_else(Refusal::missing)?;
    Ok(Reply::Json(
        json!({kind.keys().1: kind.shown(world, object)}),
    ))
}

/// `/actions`: only steps with content, no delays, branches, edges or conditions.
pub(super) fn actions(world: &mut World, request: &Request, kind: Kind, id: &str) -> Answer {
    let all = of_owner(world, kind, id)?;
    let scope = format!("actions {id}");
    // The route knows no limit; ten a page is a guess.
    let page = world
        .cursors
        .page(request, &scope, all.len(), 10, &world.switches)?;
    let shown = all.get(page.from..page.until).unwrap_or_default().to_vec();
    let body = page.show("actions", shown, &world.switches);
    Ok(Reply::Json(Value::from(body)))
}

/// `/actions/{id}`
pub(super) fn action(world: &World, kind: Kind, id: &str, action: &str) -> Answer {
    let all = of_owner(world, kind, id)?;
    let found = all
        .iter()
        .find(|it| it.get("id").map(plain).as_deref() == Some(action));
    found
        .map(|found| Reply::Json(json!({"action": found})))
        .ok_or_else(Refusal::missing)
}

/// `/actions/{id}/language/{lang}`: an action of the same step in another language; the step's own is `default`.
pub(super) fn translation(
    world: &World,
    kind: Kind,
    id: &str,
    (action, language): (&str, &str),
) -> Answer {
    let all = of_owner(world, kind, id)?;
    let is_of_step = |it: &Value| {
        let is = |key: &str| it.get(key).map(plain).as_deref() == Some(action);
        is("id") || is("parent_action_id")
    };
    let spoken = |it: &Value| match it.get("language").and_then(Value::as_str) {
        None | Some("") => language == "default",
        Some(spoken) => spoken == language,
    };
    let found = all.iter().find(|it| is_of_step(it) && spoken(it));
    found
        .map(|found| Reply::Json(json!({"action": found})))
        .ok_or_else(Refusal::missing)
}

/// `/test_groups` of a newsletter: one group of all contents, as a capture knows no others.
pub(super) fn test_groups(world: &World, id: &str) -> Answer {
    let newsletter = by_id(&world.newsletters, id).ok_or_else(Refusal::missing)?;
    let of = contents(world, Kind::Newsletter, newsletter);
    let ids: Vec<Value> = of.iter().filter_map(|it| it.get("id").cloned()).collect();
    // The shape of an item is not known (customerio.md 9).
    let group = json!({"id": newsletter.get("id"), "label": "A", "content_ids": ids});
    Ok(Reply::Json(json!({"test_groups": [group]})))
}

/// `/contents`
pub(super) fn contents_of(world: &World, kind: Kind, id: &str) -> Answer {
    let owner = by_id(kind.list(world), id).ok_or_else(Refusal::missing)?;
    let mut body = Object::new();
    put_list(
        &mut body,
        "contents",
        contents(world, kind, owner),
        &world.switches,
    );
    Ok(Reply::Json(Value::from(body)))
}

/// `/contents/{id}` and `/language/{lang}`
pub(super) fn content(world: &World, kind: Kind, id: &str, key: &str, wanted: &str) -> Answer {
    let owner = by_id(kind.list(world), id).ok_or_else(Refusal::missing)?;
    let all = contents(world, kind, owner);
    let found = all
        .iter()
        .find(|it| it.get(key).map(plain).as_deref() == Some(wanted));
    found
        .map(|found| Reply::Json(json!({"content": found})))
        .ok_or_else(Refusal::missing)
}

/// `/triggers` of a broadcast
pub(super) fn triggers(world: &World, id: &str) -> Answer {
    let broadcast = by_id(&world.broadcasts, id).ok_or_else(Refusal::missing)?;
    let triggers = broadcast.get("triggers").and_then(Value::as_array).cloned();
    let mut body = Object::new();
    put_list(
        &mut body,
        "triggers",
        triggers.unwrap_or_default(),
        &world.switches,
    );
    Ok(Reply::Json(Value::from(body)))
}

fn of_owner(world: &World, kind: Kind, id: &str) -> Result<Vec<Value>, Refusal> {
    let owner = by_id(kind.list(world), id).ok_or_else(Refusal::missing)?;
    let key = kind.owner();
    let of = world
        .actions
        .iter()
        .filter(|action| action.get(key).map(plain).as_deref() == Some(id));
    let mut all: Vec<Object> = of.cloned().collect();
    if all.is_empty() && kind == Kind::Broadcast {
        all.extend(inlined(owner, key));
        let step = owner
            .get("actions")
            .and_then(|steps| steps.get(0)?.get("id"));
        if let (Some(action), Some(step)) = (all.first_mut(), step) {
            action.insert("id".to_owned(), step.clone());
        }
    }
    for action in &mut all {
        // Text of digits live, a number in the specification (customerio.md 2.5).
        let own = action.get("id").map(plain).unwrap_or_default();
        let own = match own.parse::<i64>() {
            Ok(number) if !world.switches.text_action_ids => Value::from(number),
            Ok(_) | Err(_) => Value::from(own),
        };
        action.insert("id".to_owned(), own);
    }
    Ok(all.into_iter().map(Value::from).collect())
}

/// Of a newsletter or a transactional message.
fn contents(world: &World, kind: Kind, owner: &Object) -> Vec<Value> {
    let key = kind.owner();
    let id = owner.get("id").map(plain);
    let of = world
        .contents
        .iter()
        .filter(|content| content.get(key).map(plain) == id);
    let mut all: Vec<Object> = of
        .cloned()
        .map(|mut content| {
            content.remove("kind");
            if let Some(id) = content.remove("content_id") {
                content.insert("id".to_owned(), id);
            }
            content
        })
        .collect();
    if all.is_empty() {
        all.extend(inlined(owner, key));
    }
    all.into_iter().map(Value::from).collect()
}

/// A content from what a capture holds inside its owner.
fn inlined(owner: &Object, key: &str) -> Option<Object> {
    let id = integer(owner, "id")?;
    owner.get("body").or_else(|| owner.get("subject"))?;
    let mut content = Object::new();
    content.insert("id".to_owned(), Value::from(id * 1000 + 1));
    content.insert(key.to_owned(), Value::from(id));
    content.insert("language".to_owned(), Value::from(""));
    content.insert("type".to_owned(), Value::from("email"));
    for from in ["name", "subject", "body"] {
        if let Some(value) = owner.get(from) {
            content.insert(from.to_owned(), value.clone());
        }
    }
    Some(content)
}
