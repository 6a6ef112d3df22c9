//! What the language says and an edition carries otherwise; `check` prints it once.

use crate::model::Substitution;

use super::edition::Edition;

type Row = (&'static str, &'static str);

/// freshsales.md 8: suite has one record for leads and contacts.
const SUITE: [Row; 3] = [
    (
        "lead",
        "a contact in the lifecycle stage of type Lead, with a status of that stage",
    ),
    (
        "contact",
        "a contact in a stage beyond Lead, with a status of that stage",
    ),
    (
        "queue",
        "a tag with the queue's name, and a place on the list of that name",
    ),
];

/// freshsales.md 8 and 11.
const CLASSIC: [Row; 4] = [
    (
        "lead status",
        "the lead stage; a contact's status is one of its own list",
    ),
    (
        "lead company_…",
        "a field of the company inside the lead, which becomes an account when the lead is converted",
    ),
    (
        "do_not_disturb",
        "yes or no: why somebody opted out needs a field of its own",
    ),
    ("queue", "a tag `queue: NAME`: leads are on no list"),
];

/// freshsales.md 9.1 to 9.6, 13 and 18.
const NOTES: [Row; 9] = [
    ("note title", "the first line of the note's text"),
    (
        "note time",
        "the second line of the note's text, in ISO form: the account sets its own",
    ),
    (
        "note marker",
        "the last line of the note's text, in brackets: notes have no key",
    ),
    (
        "task",
        "a task, due to the second; its marker is the last line of the description",
    ),
    (
        "email activity",
        "a sales activity of a kind that an admin made, as no call makes a past e-mail; sent, delivered, \
         opened, clicked and bounced are lines below its text",
    ),
    (
        "as activity",
        "a sales activity beside the note, with the time when it happened as its start and end",
    ),
    (
        "attach",
        "a file on the record, named by its marker and what it holds; no call changes it or takes it away",
    ),
    (
        "documents",
        "a link on the record for each address; no call changes it or takes it away",
    ),
    (
        "modules \"…\"",
        "a look-up field of that name on contacts, which holds one record; others are told",
    ),
];

/// All of an edition.
pub(super) fn substitutions(edition: Edition) -> Vec<Substitution> {
    let of_edition: &[Row] = match edition {
        Edition::Suite => &SUITE,
        Edition::Classic => &CLASSIC,
    };
    let all = of_edition.iter().chain(&NOTES);
    let all = all.map(|(what, carried_as)| Substitution {
        what: (*what).to_owned(),
        carried_as: (*carried_as).to_owned(),
    });
    all.collect()
}
