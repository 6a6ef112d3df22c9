//! Objects and the people they are related to (customerio.md 2.4).

use serde_json::{Value, json};

use super::filter::{Filter, Subject};
use super::person::rendered;
use super::reply::{Answer, Refusal, Reply};
use super::request::Request;
use super::world::{Object, Thing, World, plain};

struct Shape<'a>(&'a str, &'a Thing);

impl Subject for Shape<'_> {
    fn attribute(&self, name: &str) -> Option<String> {
        match name {
            "object_id" => Some(self.0.to_owned()),
            "cio_object_id" => Some(self.1.cio_object_id.clone()),
            other => self.1.attributes.get(other).map(plain),
        }
    }

    fn is_in(&self, _segment: i64) -> bool {
        false
    }
}

/// POST /v1/objects
pub(super) fn search(world: &mut World, request: &Request) -> Answer {
    let kind = request.body.get("object_type_id").map(plain);
    let kind = kind.ok_or_else(|| Refusal::invalid("object_type_id is required"))?;
    let filter = request.body.get("filter");
    let filter = filter.ok_or_else(|| Refusal::invalid("filter is required"))?;
    let filter = Filter::read(filter, "object_attribute")?;
    let found: Vec<(&str, &Thing)> = world
        .objects
        .iter()
        .filter(|((of, id), thing)| *of == kind && filter.fits(&Shape(id, thing)))
        .map(|((_, id), thing)| (id.as_str(), thing))
        .collect();
    let scope = format!("objects {}", Value::from(request.body.clone()));
    let limit = request.limit(50, 1000);
    let page = world
        .cursors
        .page(request, &scope, found.len(), limit, &world.switches)?;
    let shown = found.get(page.from..page.until).unwrap_or_default();
    let identifiers = shown
        .iter()
        .map(|(id, thing)| json!({"cio_object_id": thing.cio_object_id, "object_id": id}));
    let mut body = page.show("identifiers", identifiers.collect(), &world.switches);
    let ids: Vec<Value> = shown.iter().map(|(id, _)| Value::from(*id)).collect();
    super::cursor::put_list(&mut body, "ids", ids, &world.switches);
    Ok(Reply::Json(Value::from(body)))
}

/// GET /v1/objects/{type}/{id}/attributes
pub(super) fn attributes(world: &World, request: &Request, kind: &str, id: &str) -> Answer {
    let id = own_id(world, request, kind, id)?;
    let key = (kind.to_owned(), id);
    let thing = world.objects.get(&key).ok_or_else(Refusal::missing)?;
    let switches = &world.switches;
    let mut attributes: Object = thing
        .attributes
        .iter()
        .filter_map(|(name, value)| {
            Some((
                name.clone(),
                rendered(value, switches.object_values, switches.nested)?,
            ))
        })
        .collect();
    let timestamps: Object = attributes
        .keys()
        .map(|name| (name.clone(), Value::from(thing.updated_at)))
        .collect();
    attributes.insert("object_id".to_owned(), Value::from(key.1.as_str()));
    attributes.insert(
        "cio_object_id".to_owned(),
        Value::from(thing.cio_object_id.as_str()),
    );
    Ok(Reply::Json(json!({"object": {
        "object_type_id": kind,
        "identifiers": {"cio_object_id": thing.cio_object_id, "object_id": key.1},
        "attributes": attributes,
        "timestamps": timestamps,
    }})))
}

/// GET /v1/objects/{type}/{id}/relationships: whom, and nothing of how.
pub(super) fn relationships(world: &mut World, request: &Request, kind: &str, id: &str) -> Answer {
    let id = own_id(world, request, kind, id)?;
    let people: Vec<&str> = world
        .edges
        .keys()
        .filter(|(_, of, object)| of == kind && *object == id)
        .map(|(cio_id, _, _)| cio_id.as_str())
        .collect();
    let limit = request.limit(50, 1000);
    let scope = format!("object {kind} {id}");
    let page = world
        .cursors
        .page(request, &scope, people.len(), limit, &world.switches)?;
    let shown = people.get(page.from..page.until).unwrap_or_default();
    let shown = shown.iter().map(|cio_id| {
        json!({
            "object_type_id": kind.parse::<i64>().map_or(Value::from(kind), Value::from),
            "object_type_disabled": false,
            "identifiers": world.identifiers(cio_id),
        })
    });
    let body = page.show("cio_relationships", shown.collect(), &world.switches);
    Ok(Reply::Json(Value::from(body)))
}

/// The `object_id` of the object that a path names.
fn own_id(world: &World, request: &Request, kind: &str, id: &str) -> Result<String, Refusal> {
    let found = match request.get("id_type").unwrap_or("object_id") {
        "object_id" => Some(id.to_owned()),
        "cio_object_id" => {
            let mut of = world.objects.iter().filter(|((of, _), _)| of == kind);
            of.find(|(_, thing)| thing.cio_object_id == id)
                .map(|((_, own), _)| own.clone())
        }
        _ => {
            return Err(Refusal::invalid(
                "id_type must be object_id or cio_object_id",
            ));
        }
    };
    found
        .filter(|id| world.objects.contains_key(&(kind.to_owned(), id.clone())))
        .ok_or_else(Refusal::missing)
}
