//! What rules can map to beside people, accounts and notes, the same in every account.
//!
//! Templates and documents no call makes (freshsales.md 12): they are written down.

use crate::model::{Choice, Field, FieldKind, Load, Removal, Target, Variety};

use super::edition::Edition;
use super::endpoints::below::SALES_ACTIVITY;
use super::task::STATES;

/// Characters of a record's name, and of a subject.
const NAME_MAX: u32 = 255;

/// E-mail activities, tasks, lists, templates, documents and modules, in the words of the rules.
#[must_use]
pub fn kinds(edition: Edition) -> Vec<Target> {
    vec![
        email_activity(),
        activity(),
        task(),
        file("file", "content"),
        file("link", "url"),
        list(edition),
        written(template()),
        // A document is written from the record as it is; no line says what goes into it.
        written(Target {
            variety: Variety::NamedWhole,
            ..target("document", Vec::new())
        }),
        // Custom modules have a name, an owner and their own fields (freshsales.md 13).
        Target {
            variety: Variety::Named,
            custom_fields: true,
            ..target("module", vec![name(), field("owner", FieldKind::User)])
        },
    ]
}

/// The look-ups of a person to modules; which one is said behind it: `modules "Workspaces"`.
pub(super) fn modules() -> Field {
    let target = "module".to_owned();
    let max = None;
    field("modules", FieldKind::Links { target, max })
}

/// A static list takes contacts and no leads of classic, has a name that is not known to be unique, and no call takes
/// it away (freshsales.md 12).
fn list(edition: Edition) -> Target {
    let members = match edition {
        Edition::Suite => vec!["contact".to_owned(), "lead".to_owned()],
        Edition::Classic => vec!["contact".to_owned()],
    };
    Target {
        members,
        removal: Removal::Never,
        ..target("list", vec![name()])
    }
}

/// A past e-mail becomes a sales activity (freshsales.md 9.4 and 9.5); opens and clicks are entries of it.
fn email_activity() -> Target {
    let time = |name| field(name, FieldKind::Timestamp);
    Target {
        custom_fields: true,
        child: true,
        kin: SALES_ACTIVITY.to_owned(),
        ..target(
            "email activity",
            vec![
                required(field("title", text(Some(NAME_MAX)))),
                required(time("time")),
                field("body", text(None)),
                time("entry sent"),
                time("entry delivered"),
                time("entry opened"),
                time("entry clicked"),
                time("entry bounced"),
                field("owner", FieldKind::User),
            ],
        )
    }
}

/// What `as activity` keeps of a note: its start and end are the time when it happened (freshsales.md 9.4).
fn activity() -> Target {
    Target {
        child: true,
        kin: SALES_ACTIVITY.to_owned(),
        ..target(
            "activity",
            vec![
                required(field("title", text(Some(NAME_MAX)))),
                required(field("time", FieldKind::Timestamp)),
                field("body", text(None)),
            ],
        )
    }
}

/// Title and due date are demanded, the status is open or done (freshsales.md 9.2).
fn task() -> Target {
    let status = FieldKind::Choice {
        choices: STATES
            .map(|(state, label)| Choice {
                id: (state as u8).to_string(),
                label: label.to_owned(),
            })
            .to_vec(),
        strictness: Vec::new(),
    };
    Target {
        child: true,
        ..target(
            "task",
            vec![
                required(field("title", text(Some(NAME_MAX)))),
                required(field("due", FieldKind::Timestamp)),
                field("description", text(None)),
                field("status", status),
                field("owner", FieldKind::User),
            ],
        )
    }
}

/// What no field holds goes along as a file; an address, as a link to one (freshsales.md 9.6).
fn file(name_of: &str, says: &str) -> Target {
    let fields = vec![
        required(field("name", text(None))),
        required(field(says, text(None))),
    ];
    Target {
        child: true,
        kin: "document".to_owned(),
        ..target(name_of, fields)
    }
}

/// Addresses in it are links that hang on the record, and no value of it.
pub(super) fn documents() -> Field {
    Field {
        label: "Documents".to_owned(),
        place: vec!["documents".to_owned()],
        ..field("documents", FieldKind::TextList)
    }
}

fn name() -> Field {
    required(field("name", text(Some(NAME_MAX))))
}

fn subject() -> Field {
    field("subject", text(Some(NAME_MAX)))
}

fn body() -> Field {
    field("body", text(None))
}

fn template() -> Target {
    let language = field("language", FieldKind::Text { max: None });
    target("email template", vec![name(), subject(), body(), language])
}

fn target(name: &str, fields: Vec<Field>) -> Target {
    Target {
        name: name.to_owned(),
        fields,
        ..Target::default()
    }
}

fn written(target: Target) -> Target {
    Target {
        load: Load::Written,
        ..target
    }
}

fn text(max: Option<u32>) -> FieldKind {
    FieldKind::Text { max }
}

fn required(field: Field) -> Field {
    Field {
        required: true,
        ..field
    }
}

fn field(name: &str, kind: FieldKind) -> Field {
    Field {
        name: name.to_owned(),
        label: name.to_owned(),
        kind,
        required: false,
        writable: true,
        unique: false,
        place: vec!["fields".to_owned()],
    }
}
