//! The account in the words of the rules: lead, contact, account and note with their fields.

use crate::model::{Choice, Field, FieldKind, Needs, Schema, Target as Described, User};

use super::account::Account;
use super::edition::Edition;
use super::encode::{ACCOUNTS_MAX, PARENT_ACCOUNT, PARENT_ACCOUNT_WIRE};
use super::endpoints::Entity;
use super::endpoints::settings::Field as WireField;
use super::kinds::{documents, kinds, modules};
use super::snapshot::{Carrier, Target, is_custom};
use super::substitutions::substitutions;
use super::value::{NO, Shape, YES};

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
    targets.extend(kinds(account.snapshot.edition));
    Schema {
        system: "freshsales".to_owned(),
        edition: account.snapshot.edition.word().to_owned(),
        account_plan: None,
        targets,
        users: users.collect(),
        users_unknown: false,
        substitutions: substitutions(account.snapshot.edition),
    }
}

fn person(account: &Account, target: Target) -> Described {
    let entity = account.snapshot.entity(target);
    let is_required = |wire: &str| account.is_required(entity, wire);
    let needs_email = is_required("emails") || is_required("email");
    let email = Field {
        required: needs_email,
        unique: account.is_unique(entity, "emails"),
        ..field("email", "Email", FieldKind::Text { max: None })
    };
    let mut fields = vec![
        email,
        Field {
            required: is_required("contact_status_id") || is_required("lead_stage_id"),
            ..field("status", "Status", statuses(account, target))
        },
        Field {
            required: is_required("owner_id"),
            ..field("owner", "Sales owner", FieldKind::User)
        },
    ];
    match account.snapshot.edition {
        Edition::Suite => {}
        Edition::Classic => fields.push(do_not_disturb()),
    }
    match entity {
        Entity::Contact => {
            let links = FieldKind::Links {
                target: "account".to_owned(),
                max: u32::try_from(ACCOUNTS_MAX).ok(),
            };
            fields.extend([field("accounts", "Accounts", links), modules()]);
        }
        Entity::Lead => fields.extend(company_inside(account)),
        Entity::SalesAccount => {}
    }
    fields.push(documents());
    for field in from_metadata(account, target) {
        if fields.iter().all(|known| known.name != field.name) {
            fields.push(field);
        }
    }
    Described {
        name: target.word().to_owned(),
        fields,
        custom_fields: true,
        child: false,
        consent: true,
        // A look-up field holds the id of one record (freshsales.md 10.2, 13).
        look_up_max: Some(1),
        needs: if needs_email {
            Needs::Email
        } else {
            Needs::Nothing
        },
        ..Described::default()
    }
}

/// The states that a target may be in.
fn statuses(account: &Account, target: Target) -> FieldKind {
    let snapshot = &account.snapshot;
    if let Some(Carrier::BuiltIn(wire, _)) = snapshot.carrier(target, "status") {
        let fields = snapshot.fields(snapshot.entity(target));
        if let Some(field) = fields.iter().find(|field| field.name == wire) {
            return choice_kind(field);
        }
    }
    let statuses = snapshot.statuses_of(target).map(|status| Choice {
        id: status.id.to_string(),
        label: status.name.clone(),
    });
    FieldKind::Choice {
        choices: statuses.collect(),
        strictness: Vec::new(),
    }
}

/// Consent in classic: one word or the other, and nobody whom it holds back gets bulk mail
/// (freshsales.md 11). It is told whatever the form says, for no map to people may leave it out.
fn do_not_disturb() -> Field {
    let choice = |(id, label): (bool, &str)| Choice {
        id: id.to_string(),
        label: label.to_owned(),
    };
    let kind = FieldKind::Choice {
        choices: [(true, YES), (false, NO)].map(choice).to_vec(),
        strictness: [YES, NO].map(str::to_owned).to_vec(),
    };
    field(Edition::Classic.consent(), "Do not disturb", kind)
}

/// What the company inside a lead holds.
fn company_inside(account: &Account) -> Vec<Field> {
    let fields = account.snapshot.company_fields();
    let fields = fields.filter_map(|(name, wire)| {
        let kind = kind_of(wire, Shape::of(wire)?);
        Some(Field {
            place: vec!["company".to_owned()],
            ..field(&name, &format!("Company: {}", wire.label), kind)
        })
    });
    fields.collect()
}

fn company(account: &Account) -> Described {
    let mut fields = vec![Field {
        required: account.is_required(Entity::SalesAccount, "owner_id"),
        ..field("owner", "Sales owner", FieldKind::User)
    }];
    fields.push(documents());
    let parent = FieldKind::Links {
        target: Target::Account.word().to_owned(),
        max: Some(1),
    };
    fields.push(field(PARENT_ACCOUNT, "Parent account", parent));
    fields.extend(
        from_metadata(account, Target::Account)
            .into_iter()
            .filter(|it| it.name != PARENT_ACCOUNT_WIRE),
    );
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
    let entity = snapshot.entity(target);
    let mut fields = Vec::new();
    // What stands inside another record, `company[name]` of a lead, has words of its own.
    let whole = |wire: &&WireField| !wire.name.contains('[');
    for wire in snapshot.fields(entity).iter().filter(whole) {
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
            // Told by their own words, `status`, `owner` and `company_…`.
            Carrier::Status | Carrier::Owner | Carrier::Company(..) => continue,
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
        // Only consent is told so, and its words are ranked.
        Shape::YesNo => do_not_disturb().kind,
        Shape::Date => FieldKind::Date,
        Shape::Label(_) | Shape::ChoiceId(_) | Shape::ChoiceNumber(_) => choice_kind(wire),
        Shape::Labels(_) | Shape::TextList => FieldKind::TextList,
        Shape::Types(_) => FieldKind::Text { max: None },
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
