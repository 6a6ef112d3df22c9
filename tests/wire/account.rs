//! An account put together from the recorded answers, with a few custom fields beside them.

use mapwright::freshsales::endpoints::{Entity, selectors, settings};
use mapwright::freshsales::snapshot::Snapshot;
use serde_json::json;

use super::{answer, sample};

/// The recorded account.
pub(super) fn sampled() -> Snapshot {
    let read = |name: &str| answer(200, &sample(name));
    let mut contact_fields = sample("contact_fields.json");
    let custom = json!([
        field("cf_is_active", "Is active", "checkbox", &[]),
        field("cf_plan_seats", "Plan seats", "number", &[]),
        field("cf_mrr", "MRR", "decimal", &[]),
        field("cf_signed_up", "Signed up", "date", &[]),
        field("cf_plan", "Plan", "dropdown", &["Free", "Paid"]),
        field(
            "cf_topics",
            "Topics",
            "multi_select_dropdown",
            &["News", "Offers", "Events"]
        ),
        field("cf_languages", "Languages", "text", &[]),
        field("cf_other_traits", "Other traits", "textarea", &[]),
        field("cf_customer.io_id", "Customer.io id", "text", &[]),
    ]);
    let rows = contact_fields["fields"].as_array_mut().unwrap();
    rows.extend(custom.as_array().unwrap().iter().cloned());
    let mut account_fields = sample("account_fields.json");
    let rows = account_fields["fields"].as_array_mut().unwrap();
    rows.push(field("cf_is_vip", "Is VIP", "checkbox", &[]));
    let mut snapshot = Snapshot {
        contact_fields: settings::read_fields(&answer(200, &contact_fields)).unwrap(),
        account_fields: settings::read_fields(&answer(200, &account_fields)).unwrap(),
        owners: selectors::read_owners(&read("selectors_users.json")).unwrap(),
        stages: selectors::read_lifecycle_stages(&read("selectors_lifecycle_stages.json")).unwrap(),
        statuses: selectors::read_contact_statuses(&read("selectors_contact_statuses.json"))
            .unwrap(),
        ..Snapshot::default()
    };
    assert!(snapshot.bind(Entity::Contact, "cf_cio_user_id", "Customer.io id"));
    snapshot
}

fn field(name: &str, label: &str, kind: &str, choices: &[&str]) -> serde_json::Value {
    let choices: Vec<serde_json::Value> = choices
        .iter()
        .zip(1..)
        .map(|(value, id)| json!({"id": id, "value": value, "position": id}))
        .collect();
    json!({"name": name, "label": label, "type": kind, "required": false, "choices": choices})
}
