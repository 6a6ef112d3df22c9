//! The account in the words of the rules: lead, contact, account and note with their fields.

use crate::model::{
    Choice, Field, FieldKind, Needs, Schema, Substitution, Target as Described, User,
};

use super::account::Account;
use super::encode::ACCOUNTS_MAX;
use super::endpoints::Entity;
use super::endpoints::settings::Field as WireField;
use super::planned::{modules, planned};
use super::snapshot::{Carrier, Target, is_custom};
use super::value::Shape;

/// Consent words as the vendor spells them, strictest first (freshsales.md 11).
const STRICTNESS: [&str; 5] = [
    "Reported as spam",
    "Bounced",
    "Unsubscribed",
    "Not subscribed",
    "Subscribed",
];

/// No include shows it again, so a write of it could not be proven (freshsales.md 4.2).
const UNPROVABLE: [&str; 1] = ["lost_reason_id"];

/// What the account offers now.
pub(super) fn schema(account: &Account) -> Schema {
    let users = account.snapshot.owners.iter().map(|owner| User {
        id: owner.id,
        email: owner.email.clone(),
        display_name: owner.display_name.clone(),
        active: owner.is_active,
    });
    let mut targets = vec![
        person(account, Target::Contact),
        person(account, Target::Lead),
        company(account),
        note(),
    ];
    targets.extend(planned());
    Schema {
        system: "freshsales".to_owned(),
        edition: "suite".to_owned(),
        targets,
        users: users.collect(),
        users_unknown: false,
        substitutions: substitutions(),
    }
}

fn person(account: &Account, target: Target) -> Described {
    let entity = target.entity();
    let statuses = account.snapshot.statuses_of(target).map(|status| Choice {
        id: status.id.to_string(),
        label: status.name.clone(),
    });
    let status = FieldKind::Choice {
        choices: statuses.collect(),
        strictness: Vec::new(),
    };
    let needs_email = account.is_required(entity, "emails");
    let email = Field {
        required: needs_email,
        unique: account.is_unique(entity, "emails"),
        ..field("email", "Email", FieldKind::Text { max: None })
    };
    let links = FieldKind::Links {
        target: "account".to_owned(),
        max: u32::try_from(ACCOUNTS_MAX).ok(),
    };
    let mut fields = vec![
        email,
        Field {
            required: account.is_required(entity, "contact_status_id"),
            ..field("status", "Status", status)
        },
        Field {
            required: account.is_required(entity, "owner_id"),
            ..field("owner", "Sales owner", FieldKind::User)
        },
        field("accounts", "Accounts", links),
        modules(),
    ];
    fields.extend(from_metadata(account, target));
    Described {
        name: target.word().to_owned(),
        fields,
        custom_fields: true,
        child: false,
        consent: true,
        needs: if needs_email {
            Needs::Email
        } else {
            Needs::Nothing
        },
        ..Described::default()
    }
}

fn company(account: &Account) -> Described {
    let mut fields = vec![Field {
        required: account.is_required(Entity::SalesAccount, "owner_id"),
        ..field("owner", "Sales owner", FieldKind::User)
    }];
    fields.extend(from_metadata(account, Target::Account));
    Described {
        name: Target::Account.word().to_owned(),
        fields,
        custom_fields: true,
        ..Described::default()
    }
}

fn note() -> Described {
    let text = || FieldKind::Text { max: None };
    Described {
        name: "note".to_owned(),
        fields: vec![
            field("title", "Title", text()),
            field("time", "Time", FieldKind::Timestamp),
            field("body", "Body", text()),
        ],
        child: true,
        ..Described::default()
    }
}

/// Every field of the form that one value can fill or show, in form order.
fn from_metadata(account: &Account, target: Target) -> Vec<Field> {
    let snapshot = &account.snapshot;
    let entity = target.entity();
    let mut fields = Vec::new();
    for wire in snapshot.fields(entity) {
        let name = snapshot.logical_name(entity, &wire.name);
        let Some(carrier) = snapshot.carrier(target, name) else {
            continue;
        };
        let (kind, writable) = match carrier {
            Carrier::BuiltIn(_, shape) | Carrier::Custom(_, shape) => {
                let writable = !UNPROVABLE.contains(&wire.name.as_str());
                (kind_of(wire, shape), writable)
            }
            Carrier::ReadOnly => (kind_shown(wire), false),
            // Told by their own words, `status` and `owner`.
            Carrier::Status | Carrier::Owner => continue,
        };
        fields.push(Field {
            required: account.is_required(entity, &wire.name),
            writable,
            unique: account.is_unique(entity, &wire.name),
            place: place(&wire.name),
            ..field(name, &wire.label, kind)
        });
    }
    fields
}

/// `external_id` is the key and stands at the top of a draft.
fn place(wire: &str) -> Vec<String> {
    match wire {
        "external_id" => Vec::new(),
        _ if is_custom(wire) => vec!["custom_field".to_owned()],
        _ => vec!["fields".to_owned()],
    }
}

fn kind_of(wire: &WireField, shape: Shape<'_>) -> FieldKind {
    match shape {
        Shape::Text { max } => FieldKind::Text {
            max: max.and_then(|max| u32::try_from(max).ok()),
        },
        Shape::Number | Shape::SmallNumber => FieldKind::Decimal,
        Shape::Checkbox => FieldKind::Boolean,
        Shape::Date => FieldKind::Date,
        Shape::Label(_) | Shape::ChoiceId(_) | Shape::ChoiceNumber(_) => choice_kind(wire),
        Shape::Labels(_) | Shape::TextList => FieldKind::TextList,
    }
}

/// The kind of a field that is only shown: its dates are moments.
fn kind_shown(wire: &WireField) -> FieldKind {
    match wire.kind.as_str() {
        "date" => FieldKind::Timestamp,
        "number" | "decimal" => FieldKind::Decimal,
        "dropdown" => choice_kind(wire),
        "multi_select_dropdown" => FieldKind::TextList,
        _ => FieldKind::Text { max: None },
    }
}

fn choice_kind(wire: &WireField) -> FieldKind {
    let choices = wire.choices.iter().map(|choice| Choice {
        id: choice
            .id
            .as_str()
            .map_or_else(|| choice.id.to_string(), str::to_owned),
        label: choice.value.clone(),
    });
    let choices: Vec<Choice> = choices.collect();
    let mut strictness = Vec::new();
    if wire.name == "subscription_status" {
        let known = |word: &&str| choices.iter().any(|choice| choice.label == **word);
        strictness = STRICTNESS
            .iter()
            .copied()
            .filter(known)
            .map(str::to_owned)
            .collect();
    }
    FieldKind::Choice {
        choices,
        strictness,
    }
}

fn field(name: &str, label: &str, kind: FieldKind) -> Field {
    Field {
        name: name.to_owned(),
        label: label.to_owned(),
        kind,
        required: false,
        writable: true,
        unique: false,
        place: vec!["fields".to_owned()],
    }
}

fn substitutions() -> Vec<Substitution> {
    let all = [
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
        ("note title", "the first line of the note's text"),
        (
            "note time",
            "the second line of the note's text, in ISO form: the account sets its own",
        ),
        (
            "note marker",
            "the last line of the note's text, in brackets: notes have no key",
        ),
    ];
    let all = all.into_iter().map(|(what, carried_as)| Substitution {
        what: what.to_owned(),
        carried_as: carried_as.to_owned(),
    });
    all.collect()
}
