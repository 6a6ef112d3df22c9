//! What the settings answer of a module's fields: the recorded ones of its edition and the custom
//! ones created here.

use std::sync::LazyLock;

use serde_json::Value;
use serde_json::json;

use super::Edition;
use super::classic_fields;
use super::crm::Crm;
use super::field_types::FieldType;
use super::fields::CustomField;
use super::module::Module;
use super::positions::ContactNeeds;
use super::positions::EmailUnique;
use super::positions::LeadNeeds;
use super::samples;
use super::switches::Switches;

/// The fields that every account has.
pub(super) fn recorded(edition: Edition, module: Module) -> &'static [Value] {
    let sample = match (edition, module) {
        (Edition::Classic, Module::Contact) => return &classic_fields::CONTACT,
        (Edition::Classic | Edition::Suite, Module::Lead) => return &classic_fields::LEAD,
        (Edition::Classic | Edition::Suite, Module::Custom(_)) => return &OF_CUSTOM_MODULES,
        (Edition::Suite, Module::Contact) => "contact_fields.json",
        (Edition::Classic | Edition::Suite, Module::SalesAccount) => "account_fields.json",
        (Edition::Classic | Edition::Suite, Module::Deal) => "deal_fields.json",
        (Edition::Classic | Edition::Suite, Module::SalesActivity) => "sales_activity_fields.json",
    };
    let fields = samples::sample(sample).get("fields");
    let fields = fields.and_then(Value::as_array);
    fields.map(Vec::as_slice).unwrap_or_default()
}

/// One of the fields that every account has.
pub(super) fn recorded_field(
    edition: Edition,
    module: Module,
    name: &str,
) -> Option<&'static Value> {
    recorded(edition, module)
        .iter()
        .find(|field| field.get("name").and_then(Value::as_str) == Some(name))
}

/// The ids that a recorded dropdown takes.
pub(super) fn choice_ids(edition: Edition, module: Module, name: &str) -> Vec<i64> {
    let choices = recorded_field(edition, module, name).and_then(|field| field.get("choices"));
    let choices = choices.and_then(Value::as_array).into_iter().flatten();
    choices
        .filter_map(|choice| choice.get("id").and_then(super::request::integer))
        .collect()
}

/// The six fields of a new custom module (freshsales.md 13).
static OF_CUSTOM_MODULES: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let rows = [
        ("name", "Name", "text", true),
        ("owner_id", "Owner", "dropdown", false),
        ("creater_id", "Created by", "dropdown", false),
        ("created_at", "Created at", "date", false),
        ("updater_id", "Updated by", "dropdown", false),
        ("updated_at", "Updated at", "date", false),
    ];
    let field = |(at, (name, label, kind, required)): (usize, (&str, &str, &str, bool))| {
        json!({
            "id": 31_000_900_001 + at, "label": label, "name": name, "type": kind,
            "default": true, "actionable": true, "position": at + 1, "choices": [],
            "base_model": "CustomModule", "required": required, "quick_add_position": at + 1,
            "visible": true,
        })
    };
    rows.into_iter().enumerate().map(field).collect()
});

/// The answer of `/settings/…/fields`.
pub(super) fn wire(crm: &Crm, module: Module) -> Vec<Value> {
    let owners = owner_choices(&crm.users);
    let mut fields = recorded(crm.edition, module).to_vec();
    for field in &mut fields {
        let name = field
            .get("name")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned();
        match (module, name.as_str()) {
            (_, "owner_id" | "creater_id" | "updater_id") => {
                field["choices"] = Value::from(owners.clone());
            }
            (Module::Contact, "emails") => {
                let needed = crm.switches.contact_needs == ContactNeeds::Email;
                field["required"] = json!(needed);
            }
            (Module::Lead, "last_name") => {
                let needed = crm.switches.lead_needs == LeadNeeds::LastName;
                field["required"] = json!(needed);
            }
            (_, _) => {}
        }
    }
    let start = fields.len();
    for (at, field) in crm.fields.custom(module).iter().enumerate() {
        fields.push(json!({
            "id": field.id, "label": field.label, "name": field.name,
            "type": field.kind.name(), "default": false, "actionable": true,
            "position": start + at + 1, "choices": wire_choices(field),
            "base_model": module.class(), "required": field.required,
            "quick_add_position": null, "visible": true,
        }));
    }
    fields
}

/// The answer of `/settings/…/forms`, with what is unique and what is required.
pub(super) fn form(crm: &Crm, module: Module) -> Value {
    let fields = wire(crm, module);
    let fields: Vec<Value> = fields
        .iter()
        .map(|field| form_field(crm, module, field))
        .collect();
    let class = module.class();
    json!({
        "id": module.form_id(), "name": class, "label": class, "fieldClass": class,
        "active": true, "description": null, "fields": fields,
    })
}

fn form_field(crm: &Crm, module: Module, field: &Value) -> Value {
    let text = |key: &str| field.get(key).and_then(Value::as_str).unwrap_or_default();
    let custom = crm.fields.find(module, text("name"));
    let unique = match custom {
        Some(custom) => custom.unique,
        None => standard_unique(module, text("name"), &crm.switches),
    };
    let kind = FieldType::of_name(text("type"));
    json!({
        "id": field["id"].to_string(), "formId": module.form_id(), "parentId": null,
        "name": text("name"), "label": text("label"), "originalLabel": text("label"),
        "type": text("type"), "fieldClass": module.class(), "position": field["position"],
        "quickAddPosition": field["quick_add_position"], "required": field["required"],
        "unique": unique, "visible": field["visible"], "editable": true,
        "custom": custom.is_some(), "choices": field["choices"], "fields": [],
        "defaultValue": null, "hint": null, "link": null, "placeholder": null,
        "originalPlaceholder": null, "allowClearingDefaultValue": false,
        "fieldOptions": {
            "systemField": custom.is_none(),
            "canRequiredBeChanged": true,
            "canUniquenessBeChanged": custom.is_some()
                && kind.is_some_and(FieldType::can_be_unique),
            "canLabelBeRenamed": true,
            "canChoicesBeCustomized": kind.is_some_and(FieldType::has_choices),
            "lookupType": custom.and_then(|custom| custom.lookup.clone()),
        },
    })
}

/// The answer of the create call (keys as in the derived description, freshsales.md 10.3).
pub(super) fn created_wire(module: Module, field: &CustomField) -> Value {
    json!({
        "id": field.id.to_string(), "form_id": module.form_id(), "parent_id": null,
        "name": field.name, "label": field.label, "type": field.kind.name(),
        "field_class": module.class(), "position": 0, "quick_add_position": null,
        "required": field.required, "visible": true, "editable": true, "custom": true,
        "choices": wire_choices(field), "fields": [], "default_value": null, "hint": null,
        "link": null, "placeholder": null, "allow_clearing_default_value": false,
        "field_options": {
            "unique": field.unique.to_string(), "system_field": false,
            "can_required_be_changed": true, "can_label_be_renamed": true,
            "can_uniqueness_be_changed": field.kind.can_be_unique(),
            "can_choices_be_customized": field.kind.has_choices(),
            "allow_fields_to_be_added": false, "can_not_be_hidden": false,
            "can_editable_be_changed": true, "can_editable_be_changed_field_permission": true,
        },
    })
}

/// Whether a recorded field is unique (freshsales.md 5.4).
fn standard_unique(module: Module, name: &str, switches: &Switches) -> bool {
    match (module, name) {
        (Module::Contact, "emails") => match switches.email_unique {
            EmailUnique::Primary | EmailUnique::Any => true,
            EmailUnique::No => false,
        },
        (Module::Lead, "emails") => switches.lead_email_unique,
        (Module::Contact, "external_id") | (Module::SalesAccount, "name") => true,
        (_, _) => false,
    }
}

fn owner_choices(users: &[Value]) -> Vec<Value> {
    let choice = |(at, user): (usize, &Value)| {
        json!({
            "id": user["id"], "value": user["display_name"], "position": at + 1,
            "is_active": user["is_active"], "deal_pipeline_id": 31_000_060_739_i64,
        })
    };
    users.iter().enumerate().map(choice).collect()
}

fn wire_choices(field: &CustomField) -> Vec<Value> {
    let base = field.id * 1000;
    let choice = |(at, value): (usize, &String)| {
        let at = i64::try_from(at).unwrap_or(0) + 1;
        json!({"id": base + at, "value": value, "position": at})
    };
    field.choices.iter().enumerate().map(choice).collect()
}
