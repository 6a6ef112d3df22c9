//! People: search, attributes, relationships, preferences, opt-outs (customerio.md 2.1).

use serde_json::{Value, json};

use super::cursor::put_list;
use super::filter::{Filter, Subject};
use super::person::{Person, rendered};
use super::reply::{Answer, Refusal, Reply};
use super::request::Request;
use super::world::{Object, World};

struct Profile<'a>(&'a World, &'a Person);

impl Subject for Profile<'_> {
    fn attribute(&self, name: &str) -> Option<String> {
        let shown = self.1.shown(&self.0.topics, &self.0.switches);
        shown.get(name).map(super::world::plain)
    }

    fn is_in(&self, segment: i64) -> bool {
        let members = self.0.members.get(&segment);
        members.is_some_and(|members| members.contains(&self.1.cio_id))
    }
}

/// The people that a filter finds, by `cio_id`.
pub(super) fn found(world: &World, filter: Option<&Value>) -> Result<Vec<String>, Refusal> {
    let filter = filter.ok_or_else(|| Refusal::invalid("filter is required"))?;
    let filter = Filter::read(filter, "attribute")?;
    let listed = world.people.values().filter(|person| {
        person.is_there() && (world.switches.anonymous_listed || !person.is_anonymous())
    });
    Ok(listed
        .filter(|person| filter.fits(&Profile(world, person)))
        .map(|person| person.cio_id.clone())
        .collect())
}

/// POST /v1/customers
pub(super) fn search(world: &mut World, request: &Request) -> Answer {
    let found = found(world, request.body.get("filter"))?;
    let limit = request.limit(1000, 1000);
    let scope = format!("customers {}", Value::from(request.body.clone()));
    let page = world
        .cursors
        .page(request, &scope, found.len(), limit, &world.switches)?;
    let shown = found.get(page.from..page.until).unwrap_or_default();
    let identifiers = shown
        .iter()
        .map(|cio_id| world.identifiers(cio_id))
        .collect();
    let ids = shown.iter().filter_map(|cio_id| world.alive(cio_id));
    let ids = ids.map(|person| Value::from(person.id.as_deref().unwrap_or_default()));
    let mut body = page.show("identifiers", identifiers, &world.switches);
    put_list(&mut body, "ids", ids.collect(), &world.switches);
    Ok(Reply::Json(Value::from(body)))
}

/// GET /v1/customers?email=
pub(super) fn by_email(world: &World, request: &Request) -> Answer {
    let email = request.get("email").unwrap_or_default();
    if email.is_empty() {
        return Err(Refusal::invalid("email is required"));
    }
    let fits = |person: &&Person| {
        person.is_there()
            && person
                .email
                .as_deref()
                .is_some_and(|it| it.eq_ignore_ascii_case(email))
    };
    let results = world.people.values().filter(fits).map(Person::identifiers);
    Ok(Reply::Json(json!({"results": results.collect::<Vec<_>>()})))
}

/// POST /v1/customers/attributes
pub(super) fn bulk_attributes(world: &World, request: &Request) -> Answer {
    let id_type = id_type(world, request)?;
    let ids = request.body.get("ids").and_then(Value::as_array);
    let ids = ids.filter(|ids| !ids.is_empty());
    let ids = ids.ok_or_else(|| Refusal::invalid("ids must hold 1 to 100 ids"))?;
    if ids.len() > 100 {
        let status = world.switches.too_many_ids;
        return Err(Refusal::with(status, "ids must hold 1 to 100 ids"));
    }
    let found = ids.iter().filter_map(|id| {
        let cio_id = world.person_by(id_type, id.as_str()?)?;
        let customer = world
            .alive(&cio_id)?
            .customer(&world.topics, &world.switches);
        Some(if world.switches.wrapped_attributes {
            json!({"customer": customer})
        } else {
            customer
        })
    });
    let mut body = Object::new();
    put_list(&mut body, "customers", found.collect(), &world.switches);
    Ok(Reply::Json(Value::from(body)))
}

/// GET /v1/customers/{id}/attributes
pub(super) fn attributes(world: &World, request: &Request, id: &str) -> Answer {
    let person = one(world, request, id)?;
    let customer = person.customer(&world.topics, &world.switches);
    Ok(Reply::Json(json!({"customer": customer})))
}

/// GET /v1/customers/{id}/segments
pub(super) fn segments(world: &World, request: &Request, id: &str) -> Answer {
    let person = one(world, request, id)?;
    let of = world.segments.iter().filter(|segment| {
        let id = segment.get("id").and_then(Value::as_i64);
        let members = id.and_then(|id| world.members.get(&id));
        members.is_some_and(|members| members.contains(&person.cio_id))
    });
    let shown = of.map(|segment| {
        json!({"id": segment.get("id"), "name": segment.get("name"),
               "description": segment.get("description")})
    });
    let mut body = Object::new();
    put_list(&mut body, "segments", shown.collect(), &world.switches);
    Ok(Reply::Json(Value::from(body)))
}

/// GET /v1/customers/{id}/relationships: the only place with a relationship's attributes (customerio.md 2.4).
pub(super) fn relationships(world: &mut World, request: &Request, id: &str) -> Answer {
    let cio_id = one(world, request, id)?.cio_id.clone();
    let from = (cio_id.clone(), String::new(), String::new());
    let edges: Vec<_> = world
        .edges
        .range(from..)
        .take_while(|((person, _, _), _)| *person == cio_id)
        .collect();
    let scope = format!("relationships {cio_id}");
    let limit = request.limit(50, 1000);
    let page = world
        .cursors
        .page(request, &scope, edges.len(), limit, &world.switches)?;
    let switches = &world.switches;
    let shown = edges.get(page.from..page.until).unwrap_or_default();
    let shown = shown.iter().map(|((_, kind, object), attributes)| {
        let thing = world.objects.get(&(kind.clone(), object.clone()));
        let attributes: Object = attributes
            .iter()
            .filter_map(|(name, value)| {
                let value = rendered(value, switches.relationship_values, switches.nested)?;
                Some((name.clone(), value))
            })
            .collect();
        let timestamps: Object = attributes
            .keys()
            .map(|name| (name.clone(), Value::from(0)))
            .collect();
        json!({
            // An integer here, text elsewhere (customerio.md 2.4).
            "object_type_id": kind.parse::<i64>().map_or(Value::from(kind.as_str()), Value::from),
            "identifiers": {
                "object_id": object,
                "cio_object_id": thing.map(|thing| thing.cio_object_id.as_str()),
            },
            "attributes": attributes,
            "timestamps": timestamps,
        })
    });
    let body = page.show("cio_relationships", shown.collect(), switches);
    Ok(Reply::Json(Value::from(body)))
}

/// GET `/v1/customers/{id}/subscription_preferences`
pub(super) fn preferences(world: &World, request: &Request, id: &str) -> Answer {
    let person = one(world, request, id)?;
    let computed = person.computed(&world.topics);
    let topics = world.topics.iter().map(|topic| {
        let name = topic.get("identifier").and_then(Value::as_str);
        let subscribed = name
            .and_then(|name| computed.get("topics")?.get(name))
            .cloned();
        json!({
            "id": name, "name": topic.get("name"), "description": topic.get("description"),
            "subscribed": subscribed.unwrap_or(Value::Bool(false)),
        })
    });
    Ok(Reply::Json(json!({"customer": {
        "id": person.id.as_deref().unwrap_or_default(),
        "identifiers": person.identifiers(),
        "topics": topics.collect::<Vec<_>>(),
        "unsubscribed": person.unsubscribed,
        "header": {"title": "", "subtitle": ""},
    }})))
}

/// GET /v1/customers/{id}/optouts
pub(super) fn optouts_of(world: &World, request: &Request, id: &str) -> Answer {
    let person = one(world, request, id)?;
    let mut body = Object::new();
    put_list(
        &mut body,
        "optouts",
        person.optouts.clone(),
        &world.switches,
    );
    Ok(Reply::Json(Value::from(body)))
}

/// GET /v1/optouts
pub(super) fn optouts(world: &mut World, request: &Request) -> Answer {
    let out: Vec<Value> = world
        .people
        .values()
        .filter(|person| person.is_there() && !person.optouts.is_empty())
        .map(|person| {
            json!({"customer_id": person.id.as_deref().unwrap_or_default(),
                   "cio_id": person.cio_id, "optouts": person.optouts})
        })
        .collect();
    let limit = request.limit(50, 1000);
    let page = world
        .cursors
        .page(request, "optouts", out.len(), limit, &world.switches)?;
    let shown = out.get(page.from..page.until).unwrap_or_default().to_vec();
    let body = page.show("optouts", shown, &world.switches);
    Ok(Reply::Json(Value::from(body)))
}

/// The person that a path names.
pub(super) fn one<'a>(
    world: &'a World,
    request: &Request,
    id: &str,
) -> Result<&'a Person, Refusal> {
    let id_type = id_type(world, request)?;
    let found = world.person_by(id_type, id);
    found
        .and_then(|cio_id| world.alive(&cio_id))
        .ok_or_else(Refusal::missing)
}

fn id_type<'a>(world: &World, request: &'a Request) -> Result<&'a str, Refusal> {
    match request.get("id_type").unwrap_or("id") {
        "email" if !world.switches.email_identifier => {
            Err(Refusal::invalid("email is no identifier of this workspace"))
        }
        known @ ("id" | "email" | "phone" | "cio_id") => Ok(known),
        _ => Err(Refusal::invalid(
            "id_type must be id, email, phone or cio_id",
        )),
    }
}
