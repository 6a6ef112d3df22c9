//! A suite account as its snapshot shows it.

use mapwright::model::{Choice, Field, FieldKind, Needs, Schema, Target, User};

/// Fields that one value fills; the words are those of a real account.
pub(crate) fn suite() -> Schema {
    let mut targets = vec![
        person(
            "contact",
            &["Qualified", "Negotiation", "Lost", "Won", "Churned"],
        ),
        person("lead", &["New", "Contacted", "Interested", "Unqualified"]),
        account(),
        note(),
    ];
    targets.extend(mapwright::freshsales::kinds(
        mapwright::freshsales::edition::Edition::Suite,
    ));
    Schema {
        system: "freshsales".to_owned(),
        edition: "suite".to_owned(),
        targets,
        users: vec![
            user(1, "csm0@acme.example", "CSM 0", true),
            user(2, "csm3@acme.example", "CSM 3", false),
            user(3, "migration@acme.example", "Migration Queue", true),
        ],
        users_unknown: false,
        account_plan: None,
        substitutions: Vec::new(),
    }
}

fn user(id: i64, email: &str, name: &str, active: bool) -> User {
    User {
        id,
        email: email.to_owned(),
        display_name: name.to_owned(),
        active,
    }
}

fn person(name: &str, statuses: &[&str]) -> Target {
    let consent = [
        "Reported as spam",
        "Bounced",
        "Unsubscribed",
        "Not subscribed",
        "Subscribed",
    ];
    let mut fields = vec![
        Field {
            unique: true,
            place: Vec::new(),
            ..text("external_id")
        },
        text("email"),
        text("first_name"),
        Field {
            required: true,
            ..text("last_name")
        },
        text("mobile_number"),
        text("work_number"),
        text("job_title"),
        text("city"),
        text("country"),
        field("status", choice(statuses, &[])),
        field("subscription_status", choice(&consent, &consent)),
        field("owner", FieldKind::User),
        field("tags", FieldKind::TextList),
        Field {
            writable: false,
            ..field("lead_score", FieldKind::Decimal)
        },
    ];
    let links = FieldKind::Links {
        target: "account".to_owned(),
        max: Some(10),
    };
    fields.push(field("accounts", links));
    let links = FieldKind::Links {
        target: "module".to_owned(),
        max: None,
    };
    fields.push(field("modules", links));
    Target {
        name: name.to_owned(),
        fields,
        custom_fields: true,
        child: false,
        consent: true,
        needs: Needs::Nothing,
        ..Target::default()
    }
}

fn account() -> Target {
    Target {
        name: "account".to_owned(),
        fields: vec![
            Field {
                required: true,
                unique: true,
                ..text("name")
            },
            text("website"),
            text("phone"),
            text("city"),
            text("country"),
            field("annual_revenue", FieldKind::Decimal),
            field("owner", FieldKind::User),
            field("tags", FieldKind::TextList),
            field(
                "parent_accounts",
                FieldKind::Links {
                    target: "account".to_owned(),
                    max: None,
                },
            ),
        ],
        custom_fields: true,
        ..Target::default()
    }
}

fn note() -> Target {
    Target {
        name: "note".to_owned(),
        fields: vec![
            text("title"),
            field("time", FieldKind::Timestamp),
            text("body"),
        ],
        child: true,
        ..Target::default()
    }
}

fn text(name: &str) -> Field {
    field(name, FieldKind::Text { max: None })
}

fn choice(labels: &[&str], strictness: &[&str]) -> FieldKind {
    let choices = labels.iter().enumerate().map(|(index, label)| Choice {
        id: index.to_string(),
        label: (*label).to_owned(),
    });
    FieldKind::Choice {
        choices: choices.collect(),
        strictness: strictness.iter().map(|it| (*it).to_owned()).collect(),
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
