//! `/contacts/…`, `/sales_accounts/…`, `/leads/…`, `/deals/…` and `/custom_module/cm_x/…`
//! (freshsales.md 5.1, 6, 7, 8 and 13).

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::bulk;
use super::convert;
use super::crm::Crm;
use super::documents;
use super::entity::Entity;
use super::lists;
use super::module::Module;
use super::pages;
use super::positions::DeletedRead;
use super::records;
use super::render;
use super::render::Place;
use super::render::Sides;
use super::reply::Answer;
use super::reply::Refusal;
use super::reply::Reply;
use super::request::Request;
use super::request::Verb;
use super::routes::number;
use super::routes::only;
use super::team;
use super::timeline;

/// Answers an address below a module.
pub(super) fn answer(crm: &mut Crm, request: &Request, module: Module, rest: &[&str]) -> Answer {
    let entity = module.entity();
    match rest {
        [] => {
            // There is no collection to read (freshsales.md 4.1).
            only(request, Verb::Post)?;
            create(crm, request, module)
        }
        // Custom modules have neither upsert nor bulk upsert (freshsales.md 13).
        ["upsert" | "bulk_upsert"] if matches!(module, Module::Custom(_)) => Err(Refusal::NoRoute),
        ["upsert"] => only(request, Verb::Post).and_then(|()| upsert(crm, request, module)),
        ["filters"] => only(request, Verb::Get).map(|()| pages::filters(module)),
        ["view", id] => {
            only(request, Verb::Get)?;
            pages::view(crm, request, module, number(id)?)
        }
        ["lists", id] if module == Module::Contact => {
            only(request, Verb::Get)?;
            lists::contacts(crm, request, number(id)?)
        }
        ["bulk_upsert"] => {
            only(request, Verb::Post).and_then(|()| bulk::upsert(crm, request, module))
        }
        ["bulk_destroy"] => {
            only(request, Verb::Post).and_then(|()| bulk::destroy(crm, request, module))
        }
        ["bulk_assign_owner"] => {
            only(request, Verb::Post).and_then(|()| bulk::assign_owner(crm, request, module))
        }
        [id] => one(crm, request, module, number(id)?),
        [id, "forget"] => {
            only(request, Verb::Delete)?;
            records::forget(crm, entity, number(id)?)?;
            Ok(Reply::plain(json!(true)))
        }
        [id, "clone"] => {
            only(request, Verb::Post)?;
            clone(crm, request, module, number(id)?)
        }
        [id, "convert"] if module == Module::Lead => {
            only(request, Verb::Post)?;
            convert::answer(crm, request, number(id)?)
        }
        [id, "manage_team_members"] => team::manage(crm, request, module, number(id)?),
        [id, "document_associations"] => {
            only(request, Verb::Get)?;
            documents::of(crm, request, module, number(id)?)
        }
        [id, child @ ("notes" | "tasks" | "appointments")] => {
            only(request, Verb::Get)?;
            let child = match *child {
                "tasks" => Entity::Task,
                "appointments" => Entity::Appointment,
                _ => Entity::Note,
            };
            children(crm, request, module, number(id)?, child)
        }
        [id, "activities"] => {
            only(request, Verb::Get)?;
            timeline::answer(crm, request, module, number(id)?)
        }
        _ => Err(Refusal::NoRoute),
    }
}

/// Shows one record: side-loaded records first, then the record.
pub(super) fn show(
    crm: &Crm,
    request: &Request,
    module: Module,
    id: i64,
    place: Place,
) -> Result<Vec<(String, Value)>, Refusal> {
    let entity = module.entity();
    let row = crm.books.get(entity, id)?.ok_or(Refusal::NotFound)?;
    let mut sides = Sides::default();
    let includes = request.query.words("include");
    let record = render::record(crm, module, &row, place, &includes, &mut sides)?;
    let mut fields = sides.into_fields();
    fields.push((crm.envelope(module), Value::Object(record)));
    Ok(fields)
}

fn create(crm: &mut Crm, request: &Request, module: Module) -> Answer {
    let id = records::create(crm, module, request.record(&crm.envelope(module))?)?;
    let fields = show(crm, request, module, id, Place::Single)?;
    Ok(Reply {
        status: crm.switches.create_status,
        ..Reply::ordered(fields)
    })
}

fn upsert(crm: &mut Crm, request: &Request, module: Module) -> Answer {
    let identifier = request
        .body
        .get("unique_identifier")
        .and_then(Value::as_object);
    let identifier =
        identifier.ok_or_else(|| Refusal::invalid("unique_identifier must be an object"))?;
    let input = request.record(&crm.envelope(module))?;
    let (id, created) = records::upsert(crm, module, identifier, input)?;
    let fields = show(crm, request, module, id, Place::Listed)?;
    let status = if created {
        crm.switches.create_status
    } else {
        200
    };
    Ok(Reply {
        status,
        ..Reply::ordered(fields)
    })
}

fn one(crm: &mut Crm, request: &Request, module: Module, id: i64) -> Answer {
    let entity = module.entity();
    match request.verb {
        Verb::Get => {
            let row = crm.books.get(entity, id)?.ok_or(Refusal::NotFound)?;
            if row.deleted && crm.switches.deleted_read == DeletedRead::NotFound {
                return Err(Refusal::NotFound);
            }
        }
        Verb::Put => records::update(crm, module, id, request.record(&crm.envelope(module))?)?,
        Verb::Delete => {
            records::delete(crm, entity, id)?;
            return Ok(Reply::plain(json!(true)));
        }
        Verb::Post => return Err(Refusal::WrongMethod),
    }
    let mut fields = show(crm, request, module, id, Place::Single)?;
    fields.push(("meta".to_owned(), Value::Null));
    Ok(Reply::ordered(fields))
}

/// A copy with the sent fields written over it; unique values are not copied, since the copy
/// could not be kept.
fn clone(crm: &mut Crm, request: &Request, module: Module, id: i64) -> Answer {
    let entity = module.entity();
    let row = records::living(crm, entity, id)?;
    let mut input = row.body;
    for name in [
        "id",
        "emails",
        "email",
        "external_id",
        "created_at",
        "updated_at",
    ] {
        input.remove(name);
    }
    let unique: Vec<String> = crm
        .fields
        .custom(module)
        .iter()
        .filter(|field| field.unique)
        .map(|field| field.name.clone())
        .collect();
    let sent = request.record(&crm.envelope(module))?.clone();
    let mut custom = object(input.remove("custom_field"));
    custom.retain(|name, _| !unique.contains(name));
    let mut over = sent;
    custom.extend(object(over.remove("custom_field")));
    input.extend(over);
    input.insert("custom_field".to_owned(), Value::Object(custom));
    let id = records::create(crm, module, &input)?;
    let fields = show(crm, request, module, id, Place::Single)?;
    Ok(Reply {
        status: crm.switches.create_status,
        ..Reply::ordered(fields)
    })
}

/// The notes, tasks or appointments of a record, newest first.
fn children(crm: &Crm, request: &Request, module: Module, id: i64, entity: Entity) -> Answer {
    let parent = module.entity();
    crm.books.get(parent, id)?.ok_or(Refusal::NotFound)?;
    let mut ids = crm
        .books
        .find(entity, "target", &module.target_key(id), false)?;
    let seen_until = crm.seen_until(0);
    if seen_until < i64::MAX {
        let mut seen = Vec::new();
        for id in ids {
            if crm.books.was_there(id, seen_until)? {
                seen.push(id);
            }
        }
        ids = seen;
    }
    ids.reverse();
    let page = request.query.page();
    let mut sides = Sides::default();
    let mut rows = Vec::new();
    for id in ids.iter().skip(page.offset()).take(page.limit()) {
        let Some(row) = crm.books.get(entity, *id)? else {
            continue;
        };
        if request.query.words("include").contains(&"creater") {
            let creater = row.body.get("creater_id").cloned().unwrap_or_default();
            render::user_side(crm, &creater, &mut sides)?;
        }
        rows.push(Value::Object(row.body));
    }
    // The rows come first: clients take the first key of a list answer.
    let mut fields = vec![(entity.plural().to_owned(), Value::from(rows))];
    fields.extend(sides.into_fields());
    let meta = json!({"total_pages": page.pages(ids.len()), "total": ids.len()});
    fields.push(("meta".to_owned(), meta));
    Ok(Reply::ordered(fields))
}

fn object(value: Option<Value>) -> Map<String, Value> {
    match value {
        Some(Value::Object(map)) => map,
        Some(
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_),
        )
        | None => Map::new(),
    }
}
