//! Which address does what.

use super::Edition;
use super::activity;
use super::activity::Activity;
use super::bulk;
use super::crm::Crm;
use super::custom_modules;
use super::documents;
use super::entity::Entity;
use super::fields;
use super::form;
use super::lists;
use super::module::Module;
use super::modules;
use super::notes;
use super::phone_calls;
use super::records;
use super::reply::Answer;
use super::reply::Refusal;
use super::reply::Reply;
use super::request::Request;
use super::request::Verb;
use super::search;
use super::selectors;

/// Answers one request.
pub(super) fn answer(crm: &mut Crm, request: &Request) -> Answer {
    let segments: Vec<&str> = request.segments.iter().map(String::as_str).collect();
    match segments.as_slice() {
        ["settings", "module_customizations", rest @ ..] if crm.edition == Edition::Suite => {
            custom_modules::answer(crm, request, rest)
        }
        ["settings", plural, rest @ ..] => settings(crm, request, plural, rest),
        ["custom_module", name, rest @ ..] => {
            let module = crm.customs.find(name).ok_or(Refusal::NotFound)?;
            modules::answer(crm, request, module, rest)
        }
        ["notes", rest @ ..] => note(crm, request, rest),
        ["tasks", rest @ ..] => activity::answer(crm, request, Activity::Task, rest),
        ["appointments", rest @ ..] => activity::answer(crm, request, Activity::Appointment, rest),
        ["sales_activities", rest @ ..] => {
            activity::answer(crm, request, Activity::SalesActivity, rest)
        }
        ["lists", rest @ ..] => lists::answer(crm, request, rest),
        ["phone_calls"] => {
            only(request, Verb::Post).and_then(|()| phone_calls::create(crm, request))
        }
        ["documents"] => only(request, Verb::Post).and_then(|()| documents::upload(crm, request)),
        ["document_links"] => {
            only(request, Verb::Post).and_then(|()| documents::link(crm, request))
        }
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
        [plural, rest @ ..] => {
            let module = Module::of_plural(plural, crm.edition).ok_or(Refusal::NoRoute)?;
            modules::answer(crm, request, module, rest)
        }
        [] => Err(Refusal::NoRoute),
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
    // `leads` has no fields in the suite, which is how a client tells the editions apart.
    let module = Module::of_plural(plural, crm.edition)
        .or_else(|| crm.customs.find(plural))
        .ok_or(Refusal::NotFound)?;
    match rest {
        ["fields"] => {
            only(request, Verb::Get)?;
            Ok(Reply::fields([("fields", form::wire(crm, module)?.into())]))
        }
        ["forms"] => {
            only(request, Verb::Get)?;
            Ok(Reply::fields([(
                "forms",
                vec![form::form(crm, module)?].into(),
            )]))
        }
        ["forms", id] if number(id).ok() == Some(module.form_id()) => {
            only(request, Verb::Get)?;
            Ok(Reply::fields([("form", form::form(crm, module)?)]))
        }
        ["forms", id, "fields"] if number(id).ok() == Some(module.form_id()) => {
            only(request, Verb::Post)?;
            let field = fields::create(crm, module, &request.body)?;
            Ok(Reply::fields([(
                "field",
                form::created_wire(module, &field),
            )]))
        }
        ["forms", _] | ["forms", _, "fields"] => Err(Refusal::NotFound),
        _ => Err(Refusal::NoRoute),
    }
}
