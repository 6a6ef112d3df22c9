//! Lists and their members (freshsales.md 12).

use serde_json::Value;
use serde_json::json;

use super::crm::Action;
use super::crm::Crm;
use super::entity::Entity;
use super::module::Module;
use super::pages;
use super::records;
use super::reply::Answer;
use super::reply::Refusal;
use super::reply::Reply;
use super::request::Request;
use super::request::Verb;
use super::request::integer;
use super::routes::number;
use super::unique;

/// Answers `/lists…`.
pub(super) fn answer(crm: &mut Crm, request: &Request, rest: &[&str]) -> Answer {
    match (rest, request.verb) {
        ([], Verb::Get) => all(crm, request),
        ([], Verb::Post) => create(crm, request),
        ([id], Verb::Put) => rename(crm, request, number(id)?),
        ([id, "add_contacts"], Verb::Put) => add(crm, request, number(id)?),
        ([id, "remove_contacts"], Verb::Put) => remove(crm, request, number(id)?),
        ([id, "move_contacts"], Verb::Put) => shift(crm, request, number(id)?),
        ([] | [_] | [_, "add_contacts" | "remove_contacts" | "move_contacts"], _) => {
            Err(Refusal::WrongMethod)
        }
        (_, _) => Err(Refusal::NoRoute),
    }
}

/// `GET /contacts/lists/:id`.
pub(super) fn contacts(crm: &Crm, request: &Request, id: i64) -> Answer {
    records::living(crm, Entity::List, id)?;
    let ids = crm.books.members(id)?;
    let page = request.query.page();
    let mut rows = Vec::new();
    for id in ids.iter().skip(page.offset()).take(page.limit()) {
        rows.extend(crm.books.get(Entity::Contact, *id)?);
    }
    pages::show(crm, request, Module::Contact, &rows, ids.len())
}

fn all(crm: &Crm, request: &Request) -> Answer {
    let rows = crm.books.all(Entity::List)?;
    let page = request.query.page();
    let lists: Vec<Value> = rows
        .iter()
        .skip(page.offset())
        .take(page.limit())
        .map(|row| Value::Object(row.body.clone()))
        .collect();
    let meta = json!({"total_pages": page.pages(rows.len()), "total": rows.len()});
    Ok(Reply::fields([
        ("lists", Value::from(lists)),
        ("meta", meta),
    ]))
}

fn create(crm: &mut Crm, request: &Request) -> Answer {
    let name = name(crm, request, None)?;
    let id = crm.books.next_id();
    let list = json!({"id": id, "name": name});
    let body = list.as_object().cloned().unwrap_or_default();
    crm.books.insert(
        Entity::List,
        id,
        &body,
        &[("name".to_owned(), name.to_lowercase())],
    )?;
    crm.touch(Entity::List, id, Action::Created);
    Ok(Reply {
        status: crm.switches.create_status,
        ..Reply::fields([("list", list)])
    })
}

fn rename(crm: &mut Crm, request: &Request, id: i64) -> Answer {
    records::living(crm, Entity::List, id)?;
    let name = name(crm, request, Some(id))?;
    let list = json!({"id": id, "name": name});
    let body = list.as_object().cloned().unwrap_or_default();
    crm.books.replace(
        Entity::List,
        id,
        &body,
        &[("name".to_owned(), name.to_lowercase())],
    )?;
    crm.touch(Entity::List, id, Action::Updated);
    Ok(Reply::fields([("list", list)]))
}

fn name(crm: &Crm, request: &Request, own: Option<i64>) -> Result<String, Refusal> {
    let name = request
        .record("list")?
        .get("name")
        .and_then(unique::plain_text);
    let name = name.ok_or_else(|| Refusal::invalid("Name can't be blank"))?;
    if crm.switches.list_name_unique {
        let others = crm
            .books
            .find(Entity::List, "name", &name.to_lowercase(), false)?;
        if others.iter().any(|id| Some(*id) != own) {
            return Err(Refusal::invalid("Name has already been taken"));
        }
    }
    Ok(name)
}

fn add(crm: &mut Crm, request: &Request, id: i64) -> Answer {
    records::living(crm, Entity::List, id)?;
    let contacts = living_contacts(crm, request)?;
    for contact in &contacts {
        if crm.books.add_member(id, *contact)? {
            crm.touch(Entity::List, id, Action::Listed);
        }
    }
    Ok(updated(contacts.len()))
}

fn remove(crm: &mut Crm, request: &Request, id: i64) -> Answer {
    records::living(crm, Entity::List, id)?;
    if is_all(request) {
        crm.books.clear_list(id)?;
        crm.touch(Entity::List, id, Action::Unlisted);
        return Ok(updating());
    }
    let contacts = living_contacts(crm, request)?;
    for contact in &contacts {
        if crm.books.remove_member(id, *contact)? {
            crm.touch(Entity::List, id, Action::Unlisted);
        }
    }
    Ok(updated(contacts.len()))
}

/// Moves contacts into this list out of `from_list_id`.
fn shift(crm: &mut Crm, request: &Request, id: i64) -> Answer {
    records::living(crm, Entity::List, id)?;
    let from = request.body.get("from_list_id").and_then(integer);
    if let Some(from) = from {
        records::living(crm, Entity::List, from)?;
    }
    let contacts = match (is_all(request), from) {
        (true, Some(from)) => crm.books.members(from)?,
        (true, None) => return Err(Refusal::invalid("from_list_id can't be blank")),
        (false, _) => living_contacts(crm, request)?,
    };
    for contact in &contacts {
        if let Some(from) = from
            && crm.books.remove_member(from, *contact)?
        {
            crm.touch(Entity::List, from, Action::Unlisted);
        }
        if crm.books.add_member(id, *contact)? {
            crm.touch(Entity::List, id, Action::Listed);
        }
    }
    if is_all(request) {
        Ok(updating())
    } else {
        Ok(updated(contacts.len()))
    }
}

fn is_all(request: &Request) -> bool {
    request.body.get("all") == Some(&json!(true))
}

/// The ids that name living contacts; the others are passed over.
fn living_contacts(crm: &Crm, request: &Request) -> Result<Vec<i64>, Refusal> {
    let mut living = Vec::new();
    for id in request.ids("ids")? {
        let row = crm.books.get(Entity::Contact, id)?;
        if row.is_some_and(|row| !row.deleted) && !living.contains(&id) {
            living.push(id);
        }
    }
    Ok(living)
}

fn updated(count: usize) -> Reply {
    Reply::fields([("message", Value::from(format!("{count} contacts updated.")))])
}

/// The asynchronous answer (freshsales.md 12).
fn updating() -> Reply {
    let text = "Updating now... we'll let you know once this is done.";
    Reply::fields([("message", Value::from(text))])
}
