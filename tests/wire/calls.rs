//! One request of every endpoint, with the place that describes it.

use mapwright::freshsales::endpoints::activities::NewActivity;
use mapwright::freshsales::endpoints::appointments::{NewAppointment, When};
use mapwright::freshsales::endpoints::records::{BulkRow, Key};
use mapwright::freshsales::endpoints::search;
use mapwright::freshsales::endpoints::search::{Condition, Operator};
use mapwright::freshsales::endpoints::selectors;
use mapwright::freshsales::endpoints::selectors::Selector;
use mapwright::freshsales::endpoints::settings;
use mapwright::freshsales::endpoints::settings::{FieldKind, NewField};
use mapwright::freshsales::endpoints::tasks;
use mapwright::freshsales::endpoints::tasks::{NewTask, TaskState};
use mapwright::freshsales::endpoints::views;
use mapwright::freshsales::endpoints::{Entity, jobs, lists, modules, notes, records};
use mapwright::freshsales::endpoints::{activities, appointments, below, documents, leads};
use mapwright::http::Request;
use serde_json::Map;
use serde_json::Value as Json;
use serde_json::json;

type Call = (&'static str, &'static str, Request);

/// Every call: file stem, source, request.
pub(super) fn all() -> Vec<Call> {
    let mut calls = settings_calls();
    calls.extend(reading_calls());
    calls.extend(contact_calls());
    calls.extend(lead_calls());
    calls.extend(account_calls());
    calls.extend(around_calls());
    calls.extend(history_calls());
    calls.extend(document_calls());
    calls.extend(module_calls());
    calls
}

fn settings_calls() -> Vec<Call> {
    let choice = NewField {
        label: "Plan".into(),
        kind: FieldKind::Dropdown,
        unique: false,
        choices: vec!["Free".into(), "Paid".into()],
        lookup: None,
    };
    let key = NewField {
        label: "Customer.io key".into(),
        kind: FieldKind::Text,
        unique: true,
        choices: Vec::new(),
        lookup: None,
    };
    vec![
        (
            "settings-create-field-of-module",
            "reference/freshsales.md 10.3, 13",
            settings::create_field_of("cm_workspaces", 31_000_000_950, &key),
        ),
        (
            "settings-fields",
            "reference/freshsales.md 10.1",
            settings::fields(Entity::Contact),
        ),
        (
            "settings-forms",
            "reference/freshsales.md 10.1",
            settings::forms(Entity::SalesAccount),
        ),
        (
            "settings-create-field",
            "reference/freshsales.md 10.3",
            settings::create_field(Entity::SalesAccount, 31_000_000_021, &key),
        ),
        (
            "settings-create-dropdown",
            "reference/freshsales.md 10.3",
            settings::create_field(Entity::Contact, 31_000_000_020, &choice),
        ),
        (
            "selector-owners",
            "reference/freshsales.md 10.5",
            selectors::owners(),
        ),
        (
            "selector-lifecycle-stages",
            "reference/freshsales.md 10.5",
            selectors::lifecycle_stages(),
        ),
        (
            "selector-contact-statuses",
            "reference/freshsales.md 10.5",
            selectors::contact_statuses(),
        ),
        (
            "selector-lead-sources",
            "reference/freshsales.md 10.5",
            selectors::rows(Selector::LeadSources),
        ),
        (
            "selector-activity-kinds",
            "reference/freshsales.md 9.4, 10.5",
            selectors::activity_kinds(),
        ),
        (
            "settings-delete-field",
            "reference/freshsales.md 10.3",
            settings::delete_field(Entity::Lead, 31_000_000_105, 31_000_000_900),
        ),
        ("modules", "reference/freshsales.md 13", modules::all()),
        (
            "module-define",
            "reference/freshsales.md 13",
            modules::define("Work spaces & more"),
        ),
        (
            "module-delete",
            "reference/freshsales.md 13",
            modules::delete(31_000_000_950),
        ),
        (
            "module-filters",
            "reference/freshsales.md 13",
            modules::views("cm_workspaces"),
        ),
        (
            "module-page",
            "reference/freshsales.md 13",
            modules::page("cm_workspaces", 31_000_000_951, 1),
        ),
    ]
}

fn reading_calls() -> Vec<Call> {
    let rule = Condition {
        attribute: "contact_email.email".into(),
        operator: Operator::IsIn,
        value: json!("a+b@example.com"),
    };
    vec![
        (
            "filters",
            "reference/freshsales.md 4.1",
            views::filters(Entity::Contact),
        ),
        (
            "view-page",
            "reference/freshsales.md 4.1",
            views::page(Entity::Contact, 31_003_548_176, 2),
        ),
        (
            "lookup-contact",
            "reference/freshsales.md 4.4",
            search::lookup(Entity::Contact, "external_id", "cio-p-1"),
        ),
        (
            "lookup-account",
            "reference/freshsales.md 4.4",
            search::lookup(Entity::SalesAccount, "name", "Acme & Sons"),
        ),
        (
            "filtered-search",
            "reference/freshsales.md 4.4",
            search::filtered(Entity::Contact, &[rule], 1),
        ),
        (
            "job-status",
            "reference/freshsales.md 14",
            jobs::status("31000001234"),
        ),
    ]
}

fn contact_calls() -> Vec<Call> {
    let key = |field: &str, value: &str| Key {
        field: field.into(),
        value: value.into(),
    };
    let by_key = BulkRow {
        key: key("external_id", "cio-p-1"),
        fields: fields(&json!({"email": "a@example.com", "subscription_status": 0})),
    };
    let by_email = BulkRow {
        key: key("emails", "b@example.com"),
        fields: fields(&json!({"last_name": "B", "subscription_status": 1})),
    };
    let person = json!({"email": "a@example.com", "subscription_status": 0});
    vec![
        (
            "contact-get",
            "reference/freshsales.md 5.1",
            records::get(Entity::Contact, 31_016_358_306),
        ),
        (
            "contact-create",
            "reference/freshsales.md 5.1",
            records::create(Entity::Contact, fields(&person)),
        ),
        (
            "contact-update",
            "reference/freshsales.md 5.1",
            records::update(Entity::Contact, 31_016_358_306, fields(&person)),
        ),
        (
            "contact-upsert-email",
            "reference/freshsales.md 5.1",
            records::upsert(Entity::Contact, &key("emails", "a@example.com"), Map::new()),
        ),
        (
            "contact-upsert-external-id",
            "reference/freshsales.md 5.1",
            records::upsert(
                Entity::Contact,
                &key("external_id", "cio-p-1"),
                fields(&person),
            ),
        ),
        (
            "contact-bulk-upsert",
            "reference/freshsales.md 5.1",
            records::bulk_upsert(Entity::Contact, vec![by_key, by_email]),
        ),
        (
            "contact-delete",
            "reference/freshsales.md 5.1",
            records::delete(Entity::Contact, 31_016_358_306),
        ),
    ]
}

fn lead_calls() -> Vec<Call> {
    let key = Key {
        field: "cf_customerio_key".into(),
        value: "cio-p-1".into(),
    };
    let lead = json!({
        "last_name": "Doe", "email": "a@b.example", "do_not_disturb": true,
        "company": {"name": "Acme", "website": "acme.example"},
        "custom_field": {"cf_customerio_key": "cio-p-1"},
    });
    let lead = lead.as_object().cloned().unwrap();
    vec![
        (
            "lead-get",
            "reference/freshsales.md 4.2, 8",
            records::get(Entity::Lead, 31_000_000_200),
        ),
        (
            "lead-create",
            "reference/freshsales.md 8",
            records::create(Entity::Lead, lead.clone()),
        ),
        (
            "lead-upsert",
            "reference/freshsales.md 8",
            records::upsert(Entity::Lead, &key, lead),
        ),
        (
            "lead-page",
            "reference/freshsales.md 4.1, 8",
            views::page(Entity::Lead, 31_000_700_304, 1),
        ),
        (
            "lookup-lead",
            "reference/freshsales.md 4.4",
            search::lookup(Entity::Lead, "email", "a@b.example"),
        ),
        (
            "lead-note",
            "reference/freshsales.md 9.1",
            notes::create(Entity::Lead, 31_000_000_200, "hello"),
        ),
    ]
}

fn account_calls() -> Vec<Call> {
    let name = Key {
        field: "name".into(),
        value: "Acme Inc".into(),
    };
    let cf_key = Key {
        field: "cf_cio_key".into(),
        value: "cio-o-1".into(),
    };
    let company = json!({"name": "Acme Inc", "custom_field": {"cf_cio_key": "cio-o-1"}});
    let row = BulkRow {
        key: name.clone(),
        fields: fields(&company),
    };
    vec![
        (
            "account-get",
            "reference/freshsales.md 6",
            records::get(Entity::SalesAccount, 31_003_638_276),
        ),
        (
            "account-create",
            "reference/freshsales.md 6",
            records::create(Entity::SalesAccount, fields(&company)),
        ),
        (
            "account-upsert-name",
            "reference/freshsales.md 6",
            records::upsert(
                Entity::SalesAccount,
                &name,
                fields(&json!({"website": "acme.io"})),
            ),
        ),
        (
            "account-upsert-custom-key",
            "reference/freshsales.md 5.4",
            records::upsert(Entity::SalesAccount, &cf_key, fields(&company)),
        ),
        (
            "account-bulk-upsert",
            "reference/freshsales.md 6",
            records::bulk_upsert(Entity::SalesAccount, vec![row]),
        ),
    ]
}

fn around_calls() -> Vec<Call> {
    let task = NewTask {
        title: "SMS: hello".into(),
        due_date: "2026-05-01T09:00:00Z".into(),
        description: Some("hello".into()),
        owner_id: Some(31_000_148_397),
        state: TaskState::Done,
    };
    let person = 31_016_358_306;
    vec![
        (
            "note-create",
            "reference/freshsales.md 9.1",
            notes::create(
                Entity::Contact,
                person,
                "plan changed\n2026-05-01T09:00:00Z",
            ),
        ),
        (
            "note-update",
            "reference/freshsales.md 9.1",
            notes::update(31_004_348_670, "plan changed"),
        ),
        (
            "note-delete",
            "reference/freshsales.md 9.1",
            notes::delete(31_004_348_670),
        ),
        (
            "note-list",
            "reference/freshsales.md 4.3",
            notes::list(Entity::Contact, person, 1),
        ),
        ("list-all", "reference/freshsales.md 12", lists::all(1)),
        (
            "list-create",
            "reference/freshsales.md 12",
            lists::create("CIO Newsletter"),
        ),
        (
            "list-add-contacts",
            "reference/freshsales.md 12",
            lists::add_contacts(31_000_045_356, &[person, 31_016_358_307]),
        ),
        (
            "list-contacts",
            "reference/freshsales.md 12",
            lists::contacts(31_000_045_356, 3),
        ),
        (
            "list-remove-contacts",
            "reference/freshsales.md 12",
            lists::remove_contacts(31_000_045_356, &[person]),
        ),
        (
            "record-with-below",
            "reference/freshsales.md 4.2",
            below::with_below(Entity::SalesAccount, 31_006_060_943),
        ),
        (
            "record-timeline",
            "reference/freshsales.md 4.3",
            below::timeline(Entity::Contact, person, 2),
        ),
        (
            "task-update",
            "reference/freshsales.md 9.2",
            tasks::update(31_001_308_220, &task),
        ),
        (
            "task-delete",
            "reference/freshsales.md 9.2",
            tasks::delete(31_001_308_220),
        ),
        (
            "task-list",
            "reference/freshsales.md 4.3",
            tasks::list(Entity::Lead, person, 2),
        ),
        (
            "task-create",
            "reference/freshsales.md 9.2",
            tasks::create(Entity::Contact, person, &task),
        ),
    ]
}

/// What happened, what will, and what hangs on a record.
fn history_calls() -> Vec<Call> {
    let person = 31_016_358_306;
    let activity = NewActivity {
        title: "Hello".into(),
        start_date: "2017-12-04T11:30:00Z".into(),
        end_date: "2017-12-04T11:30:00Z".into(),
        kind: 31_000_559_503,
        owner_id: None,
        notes: Some("Hello Ann\n\nopened 2017-12-04T12:00:00Z".into()),
        custom: fields(&json!({"cf_email_disposed": true})),
    };
    let appointment = NewAppointment {
        title: "Demo".into(),
        from_date: "2016-06-20T05:00:00Z".into(),
        end_date: "2016-06-20T05:30:00Z".into(),
        time_zone: Some("Chennai".into()),
        description: Some("Shown the blue room".into()),
        location: None,
        is_all_day: false,
    };
    vec![
        (
            "activity-create",
            "reference/freshsales.md 9.4",
            activities::create(Entity::Contact, person, &activity),
        ),
        (
            "activity-update",
            "reference/freshsales.md 9.4",
            activities::update(31_000_274_656, &activity),
        ),
        (
            "activity-get",
            "reference/freshsales.md 9.4",
            activities::get(31_000_274_656),
        ),
        (
            "activity-page",
            "reference/freshsales.md 9.4",
            activities::page(3),
        ),
        (
            "activity-delete",
            "reference/freshsales.md 9.4",
            activities::delete(31_000_274_656),
        ),
        (
            "appointment-create",
            "reference/freshsales.md 9.3",
            appointments::create(Entity::Contact, person, &appointment),
        ),
        (
            "appointment-update",
            "reference/freshsales.md 9.3",
            appointments::update(31_000_081_523, &appointment),
        ),
        (
            "appointment-get",
            "reference/freshsales.md 9.3",
            appointments::get(31_000_081_523),
        ),
        (
            "appointment-page",
            "reference/freshsales.md 9.3",
            appointments::page(When::Past, 1),
        ),
        (
            "appointment-list",
            "reference/freshsales.md 4.3",
            appointments::list(Entity::Contact, person, 1),
        ),
        (
            "appointment-delete",
            "reference/freshsales.md 9.3",
            appointments::delete(31_000_081_523),
        ),
    ]
}

/// Files and links, and the conversion of a lead.
fn document_calls() -> Vec<Call> {
    let person = 31_016_358_306;
    vec![
        (
            "document-upload",
            "reference/freshsales.md 9.6",
            documents::upload(Entity::Contact, person, "other.json", b"{\"a\":1}"),
        ),
        (
            "document-link",
            "reference/freshsales.md 9.6",
            documents::link(
                Entity::SalesAccount,
                31_006_060_943,
                "contract.pdf",
                "https://files.example/contract.pdf",
            ),
        ),
        (
            "document-list",
            "reference/freshsales.md 9.6",
            documents::list(Entity::Contact, person, 1),
        ),
        (
            "lead-convert",
            "reference/freshsales.md 8",
            leads::convert(31_000_000_777, fields(&json!({"last_name": "Doe"}))),
        ),
    ]
}

const MODULE: &str = "cm_workspaces";

fn module_calls() -> Vec<Call> {
    let look_up = NewField {
        label: "Workspaces".into(),
        kind: FieldKind::Lookup,
        unique: false,
        choices: Vec::new(),
        lookup: Some("cm_workspaces".into()),
    };
    let record = fields(&json!({"name": "Blue", "custom_field": {"cf_cio_key": "cio-w-1"}}));
    vec![
        (
            "settings-create-look-up",
            "reference/freshsales.md 10.3, 13",
            settings::create_field(Entity::Contact, 31_000_000_020, &look_up),
        ),
        (
            "module-recent",
            "reference/freshsales.md 13",
            modules::recent(MODULE, 31_000_000_951, 1),
        ),
        (
            "module-record-get",
            "reference/freshsales.md 13",
            modules::get(MODULE, 31_000_000_960),
        ),
        (
            "module-record-create",
            "reference/freshsales.md 13",
            modules::create(MODULE, record.clone()),
        ),
        (
            "module-record-update",
            "reference/freshsales.md 13",
            modules::update(MODULE, 31_000_000_960, record),
        ),
        (
            "module-record-delete",
            "reference/freshsales.md 13",
            modules::remove(MODULE, 31_000_000_960),
        ),
        (
            "module-search",
            "reference/freshsales.md 4.4, 13",
            modules::search(MODULE, "cf_cio_key", "cio-w-1"),
        ),
    ]
}

fn fields(value: &Json) -> Map<String, Json> {
    value.as_object().unwrap().clone()
}
