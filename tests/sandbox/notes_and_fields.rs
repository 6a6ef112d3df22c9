//! Notes under a record, and custom fields from creation to read-back.

use serde_json::json;

use super::client::Client;

#[test]
fn a_note_needs_text_and_a_living_target() {
    let client = Client::new();
    let contact = client.contact("a@example.com");
    let note = |body| client.post("/notes", &json!({"note": body}));
    let whole = json!({"description": "x", "targetable_type": "Contact", "targetable_id": contact});
    let made = note(whole.clone()).ok().clone();
    assert_eq!(
        made["note"]["targetables"],
        json!([{"id": contact, "type": "Contact"}])
    );
    for missing in ["description", "targetable_type", "targetable_id"] {
        let mut body = whole.clone();
        body.as_object_mut().unwrap().remove(missing);
        assert!(!note(body).refused(400).is_empty());
    }
    let nobody = json!({"description": "x", "targetable_type": "Contact", "targetable_id": 1});
    note(nobody).refused(400);
    let listed = client.get(&format!("/contacts/{contact}/notes?include=creater"));
    assert_eq!(listed.ok()["notes"][0]["id"], made["note"]["id"]);
    assert!(listed.text.starts_with("{\"notes\":"));
    client.delete(&format!("/contacts/{contact}")).ok();
    note(whole).refused(400);
}

#[test]
fn custom_fields_are_named_after_their_label_and_typed_on_read() {
    let client = Client::new();
    let made = |label: &str, kind: &str| {
        let choices = json!(["Gold", "Silver"]);
        client.field(
            "contacts",
            &json!({"label": label, "field_type": kind, "choices": choices}),
        )
    };
    assert_eq!(made("Off-loading Site", "text"), "cf_off-loading_site");
    assert_eq!(made("Off-loading site", "text"), "cf_off-loading_site_1");
    assert_eq!(made("Seats", "number"), "cf_seats");
    assert_eq!(made("VIP", "checkbox"), "cf_vip");
    assert_eq!(made("Tier", "dropdown"), "cf_tier");
    assert_eq!(made("Colours", "multi_select_dropdown"), "cf_colours");
    assert_eq!(made("Born", "date"), "cf_born");
    let sent = json!({"emails": "a@example.com", "custom_field": {
        "cf_seats": "12", "cf_tier": "Gold", "cf_colours": ["Gold", "Silver"],
        "cf_born": "2020-02-29", "cf_unheard_of": 1,
    }});
    let made = client.post("/contacts", &sent).ok()["contact"].clone();
    assert_eq!(
        made["custom_field"],
        json!({
            "cf_off-loading_site": null, "cf_off-loading_site_1": null, "cf_seats": 12,
            "cf_vip": false, "cf_tier": "Gold", "cf_colours": "Gold;Silver",
            "cf_born": "2020-02-29T00:00:00Z",
        })
    );
    let wrong = |name: &str, value| {
        let body = json!({"contact": {"custom_field": {name: value}}});
        client
            .put(&format!("/contacts/{}", made["id"]), &body)
            .refused(400)
    };
    assert_eq!(
        wrong("cf_tier", json!("Bronze")),
        ["Tier is not a valid choice"]
    );
    wrong("cf_seats", json!("twelve"));
    wrong("cf_seats", json!(123_456_789_012_i64));
    wrong("cf_born", json!("yesterday"));
    wrong("cf_off-loading_site", json!("x".repeat(257)));
    let fields = client.get("/settings/contacts/fields").ok()["fields"].clone();
    assert_eq!(fields.as_array().unwrap().len(), 65 + 7);
}
