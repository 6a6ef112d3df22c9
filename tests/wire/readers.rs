//! What each reader makes of a reply, as text for the `.want` files.

use std::fmt::{Debug, Write as _};

use mapwright::freshsales::decode::decode;
use mapwright::freshsales::endpoints::Entity;
use mapwright::freshsales::endpoints::answer::{Answer, Unread};
use mapwright::freshsales::endpoints::records::Found;
use mapwright::freshsales::endpoints::selectors::Selector;
use mapwright::freshsales::endpoints::{activities, appointments, below, documents, leads};
use mapwright::freshsales::endpoints::{jobs, lists, notes, records};
use mapwright::freshsales::endpoints::{search, selectors};
use mapwright::freshsales::endpoints::{settings, tasks, views};
use mapwright::freshsales::snapshot::Target;
use mapwright::http::Response;

use super::account;

type Reader = fn(&Response) -> String;

const READERS: [(&str, Reader); 31] = [
    ("fields", |r| {
        let read = settings::read_fields(r);
        told(read.map(|fields| {
            let line = |field: &settings::Field| {
                let choices: Vec<String> = field
                    .choices
                    .iter()
                    .take(6)
                    .map(|choice| format!("{} {}", choice.id, choice.value))
                    .collect();
                let required = if field.required { " required" } else { "" };
                format!(
                    "{} \"{}\" {}{required} {choices:?}",
                    field.name, field.label, field.kind
                )
            };
            Lines(fields.iter().map(line).collect())
        }))
    }),
    ("forms", |r| {
        let read = settings::read_forms(r);
        told(read.map(|forms| {
            let line = |form: &settings::Form| format!("{} {:?}", form.id, form.unique_names());
            Lines(forms.iter().map(line).collect())
        }))
    }),
    ("tasks", |r| told(tasks::read_page(r))),
    ("activity", |r| told(activities::read_one(r))),
    ("activities", |r| told(activities::read_page(r))),
    ("activity-kinds", |r| {
        told(selectors::read_activity_kinds(r))
    }),
    ("appointment", |r| told(appointments::read_one(r))),
    ("appointments", |r| told(appointments::read_page(r))),
    ("documents", |r| told(documents::read_page(r))),
    ("document", |r| told(documents::read_made(r))),
    ("timeline", |r| told(below::read_timeline(r))),
    ("converted", |r| told(leads::read_converted(r))),
    ("created-field", |r| told(settings::read_created_field(r))),
    ("owners", |r| told(selectors::read_owners(r))),
    ("lifecycle-stages", |r| {
        told(selectors::read_lifecycle_stages(r))
    }),
    ("contact-statuses", |r| {
        told(selectors::read_contact_statuses(r))
    }),
    ("lead-sources", |r| {
        told(selectors::read_rows(Selector::LeadSources, r))
    }),
    ("filters", |r| told(views::read_filters(r))),
    ("contact", |r| {
        told(records::read_one(Entity::Contact, r).map(|found| person(&found)))
    }),
    ("contact-updated", |r| {
        let read = records::read_updated(Entity::Contact, r);
        told(read.map(|found| found.map(|found| found.id)))
    }),
    ("account", |r| {
        let read = records::read_one(Entity::SalesAccount, r);
        told(read.map(|found| decode(&account::sampled(), Target::Account, &found)))
    }),
    ("contact-page", |r| {
        told(views::read_page(Entity::Contact, r).map(|page| brief(&page)))
    }),
    ("account-page", |r| {
        told(views::read_page(Entity::SalesAccount, r).map(|page| brief(&page)))
    }),
    ("lookup", |r| {
        let read = search::read_lookup(Entity::Contact, r);
        told(read.map(|all| Lines(all.iter().map(line).collect())))
    }),
    ("bulk", |r| told(records::read_bulk(r))),
    ("job", |r| {
        let read = jobs::read_status(r);
        told(read.map(|job| (job.is_finished(), job)))
    }),
    ("deleted", |r| told(records::read_deleted(r))),
    ("note", |r| told(notes::read_one(r))),
    ("note-page", |r| told(notes::read_page(r))),
    ("lists", |r| told(lists::read_page(r))),
    ("task", |r| told(tasks::read_one(r))),
];

/// The reader called `name`.
pub(super) fn called(name: &str) -> Option<Reader> {
    let found = READERS.iter().find(|(known, _)| *known == name)?;
    Some(found.1)
}

/// The names of all readers.
pub(super) fn names() -> Vec<&'static str> {
    READERS.iter().map(|(name, _)| *name).collect()
}

struct Lines(Vec<String>);

impl Debug for Lines {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

fn told<T: Debug>(read: Answer<T>) -> String {
    match read {
        Ok(facts) => format!("{facts:#?}\n"),
        Err(unread) => {
            let mut text = format!("{unread}\n");
            if let Unread::Refused(refusal) = &unread {
                writeln!(text, "kind: {:?}", refusal.kind()).unwrap();
            }
            text
        }
    }
}

fn person(found: &Found) -> impl Debug + use<> {
    let snapshot = account::sampled();
    let target = snapshot.target_of(found);
    (
        target,
        decode(&snapshot, target.unwrap_or(Target::Contact), found),
    )
}

fn brief(page: &views::RecordPage) -> impl Debug + use<> {
    let mut lines: Vec<String> = page.records.iter().map(line).collect();
    lines.push(format!("{:?}", page.meta));
    Lines(lines)
}

fn line(found: &Found) -> String {
    let text = |name: &str| found.fields.get(name).map(ToString::to_string);
    let names = ["email", "name", "external_id", "mcr_id"];
    let shown: Vec<String> = names
        .iter()
        .filter_map(|name| Some(format!("{name}={}", text(name)?)))
        .collect();
    format!("{} {}", found.id, shown.join(" "))
}
