//! Which address does what.

use super::appointments;
use super::bulk;
use super::crm::Crm;
use super::entity::Entity;
use super::fields;
use super::fields::Module;
use super::lists;
use super::modules;
use super::notes;
use super::pages;
use super::records;
use super::reply::Answer;
use super::reply::Refusal;
use super::reply::Reply;
use super::request::Request;
use super::request::Verb;
use super::sales_activities;
use super::search;
use super::selectors;
use super::tasks;

/// Answers one request.
pub(super) fn answer(crm: &mut Crm, request: &Request) -> Answer {
    let segments: Vec<&str> = request.segments.iter().map(String::as_str).collect();
    match segments.as_slice() {
        ["settings", plural, rest @ ..] => settings(crm, request, plural, rest),
        ["notes", rest @ ..] => note(crm, request, rest),
        ["contacts", rest @ ..] => modules::answer(crm, request, Module::Contact, rest),
        ["sales_accounts", rest @ ..] => modules::answer(crm, request, Module::SalesAccount, rest),
        ["tasks", rest @ ..] => tasks::answer(crm, request, rest),
        ["appointments", rest @ ..] => appointments::answer(crm, request, rest),
        ["sales_activities", rest @ ..] => sales_activities::answer(crm, request, rest),
        ["lists", rest @ ..] => lists::answer(crm, request, rest),
        ["selector", rest @ ..] => {
            only(request, Verb::Get).and_then(|()| selectors::answer(crm, rest))
        }
        ["search"] => only(request, Verb::Get).and_then(|()| search::search(crm, request)),
        ["lookup"] => only(request, Verb::Get).and_then(|()| search::lookup(crm, request)),
        ["filtered_search", singular] => {
            only(request, Verb::Post).and_then(|()| search::filtered(crm, request, singular))
        }
        ["job_statuses", id] => {
            only(request, Verb::Get)?;
            bulk::status(crm, number(id)?)
        }
        // Deals come with their own part; their views exist in every account.
        ["deals", "filters"] => only(request, Verb::Get).map(|()| pages::filters(Module::Deal)),
        _ => Err(Refusal::NoRoute),
    }
}

/// Refuses another method than `verb`.
pub(super) fn only(request: &Request, verb: Verb) -> Result<(), Refusal> {
    if request.verb == verb {
        Ok(())
    } else {
        Err(Refusal::WrongMethod)
    }
}

/// An id in an address; what is no number names no record.
pub(super) fn number(text: &str) -> Result<i64, Refusal> {
    text.parse().map_err(|_| Refusal::NotFound)
}

/// The delete answer of everything but contacts and accounts (freshsales.md 9.1).
pub(super) fn deleted_200() -> Reply {
    Reply::fields([("success", "200".into())])
}

fn note(crm: &mut Crm, request: &Request, rest: &[&str]) -> Answer {
    match (rest, request.verb) {
        ([], Verb::Post) => notes::create(crm, request),
        ([id], Verb::Put) => notes::update(crm, request, number(id)?),
        ([id], Verb::Delete) => {
            records::delete(crm, Entity::Note, number(id)?)?;
            Ok(deleted_200())
        }
        // Neither a single note nor all notes can be read (freshsales.md 9.1).
        ([] | [_], _) => Err(Refusal::WrongMethod),
        (_, _) => Err(Refusal::NoRoute),
    }
}

/// `/settings/…`: field lists, forms and the creation of fields (freshsales.md 10).
fn settings(crm: &mut Crm, request: &Request, plural: &str, rest: &[&str]) -> Answer {
    // `leads` has no fields in this edition, which is how a client tells the editions apart.
    let module = Module::of_plural(plural).ok_or(Refusal::NotFound)?;
    match rest {
        ["fields"] => {
            only(request, Verb::Get)?;
            let wire = crm.fields.wire(module, &crm.switches, &crm.users()?);
            Ok(Reply::fields([("fields", wire.into())]))
        }
        ["forms"] => {
            only(request, Verb::Get)?;
            let form = crm.fields.form(module, &crm.switches, &crm.users()?);
            Ok(Reply::fields([("forms", vec![form].into())]))
        }
        ["forms", id] if fields::is_form(module, id) => {
            only(request, Verb::Get)?;
            let form = crm.fields.form(module, &crm.switches, &crm.users()?);
            Ok(Reply::fields([("form", form)]))
        }
        ["forms", id, "fields"] if fields::is_form(module, id) => {
            only(request, Verb::Post)?;
            let field = fields::create(crm, module, &request.body)?;
            Ok(Reply::fields([(
                "field",
                fields::created_wire(module, &field),
            )]))
        }
        ["forms", _] | ["forms", _, "fields"] => Err(Refusal::NotFound),
        _ => Err(Refusal::NoRoute),
    }
}
