//! The relative addresses that a record carries under `links` (freshsales.md 4.3).

use serde_json::Map;
use serde_json::Value;

use super::Edition;
use super::crm::Crm;
use super::module::Module;

/// The addresses of a record; classic has no `/crm/sales` before them.
pub(super) fn of(crm: &Crm, module: Module, id: i64) -> Value {
    let base = match crm.edition {
        Edition::Suite => "/crm/sales",
        Edition::Classic => "",
    };
    let own = match module {
        Module::Custom(custom) => {
            format!(
                "custom_module/{}",
                crm.customs.name(custom).unwrap_or_default()
            )
        }
        Module::Contact
        | Module::SalesAccount
        | Module::Lead
        | Module::Deal
        | Module::SalesActivity => module.entity().plural().to_owned(),
    };
    let is_person = matches!(module, Module::Contact | Module::Lead);
    let mut links = Map::new();
    for (name, address, rest) in LINKS {
        let shown = match *rest {
            Rest::All => true,
            Rest::People => is_person,
            Rest::SuiteContacts => module == Module::Contact && crm.edition == Edition::Suite,
        };
        if shown {
            let link = format!("{base}/{own}/{id}/{address}");
            links.insert((*name).to_owned(), Value::from(link));
        }
    }
    Value::Object(links)
}

/// Whose records have a link.
#[derive(Clone, Copy)]
enum Rest {
    All,
    People,
    SuiteContacts,
}

const LINKS: &[(&str, &str, Rest)] = &[
    (
        "conversations",
        "conversations/all?include=email_conversation_recipients%2Ctargetable%2Cphone_number%2Cphone_caller%2Cnote%2Cuser&per_page=3",
        Rest::All,
    ),
    ("timeline_feeds", "timeline_feeds", Rest::People),
    ("document_associations", "document_associations", Rest::All),
    ("notes", "notes?include=creater", Rest::All),
    (
        "tasks",
        "tasks?include=creater,owner,updater,targetable,users,task_type",
        Rest::All,
    ),
    (
        "appointments",
        "appointments?include=creater,owner,updater,targetable,appointment_attendees,conference,note",
        Rest::All,
    ),
    (
        "reminders",
        "reminders?include=creater,owner,updater,targetable",
        Rest::SuiteContacts,
    ),
    ("duplicates", "duplicates", Rest::SuiteContacts),
    ("connections", "connections", Rest::SuiteContacts),
];
