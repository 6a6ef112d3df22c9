//! The field lists of the modules: the recorded fields and the custom ones created here.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::crm::Action;
use super::crm::Crm;
use super::entity::Entity;
use super::field_types::FieldType;
use super::positions::ContactNeeds;
use super::positions::Lenience;
use super::positions::Strictness;
use super::reply::Refusal;
use super::request::integer;
use super::samples;
use super::store::Books;
use super::switches::Switches;

/// A kind of record that has a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Module {
    Contact,
    SalesAccount,
    Deal,
    SalesActivity,
}

/// A field made by the create call.
#[derive(Clone, Debug)]
pub(super) struct CustomField {
    pub(super) id: i64,
    pub(super) name: String,
    pub(super) label: String,
    pub(super) kind: FieldType,
    pub(super) required: bool,
    pub(super) unique: bool,
    pub(super) choices: Vec<String>,
}

/// The custom fields of every module.
#[derive(Debug, Default)]
pub(super) struct Fields {
    contact: Vec<CustomField>,
    sales_account: Vec<CustomField>,
}

const CHOICES_MAX: usize = 300;

impl Module {
    /// The module whose plural stands in an address.
    pub(super) fn of_plural(plural: &str) -> Option<Module> {
        match plural {
            "contacts" => Some(Module::Contact),
            "sales_accounts" => Some(Module::SalesAccount),
            "deals" => Some(Module::Deal),
            "sales_activities" => Some(Module::SalesActivity),
            _ => None,
        }
    }

    /// The recorded field list.
    fn sample(self) -> &'static str {
        match self {
            Module::Contact => "contact_fields.json",
            Module::SalesAccount => "account_fields.json",
            Module::Deal => "deal_fields.json",
            Module::SalesActivity => "sales_activity_fields.json",
        }
    }

    fn class(self) -> &'static str {
        match self {
            Module::Contact => "Contact",
            Module::SalesAccount => "SalesAccount",
            Module::Deal => "Deal",
            Module::SalesActivity => "SalesActivity",
        }
    }

    /// The id of its form.
    fn form_id(self) -> i64 {
        match self {
            Module::Contact => 31_000_000_101,
            Module::SalesAccount => 31_000_000_102,
            Module::Deal => 31_000_000_103,
            Module::SalesActivity => 31_000_000_104,
        }
    }
}

impl Fields {
    /// Reads the custom fields from the store.
    pub(super) fn load(books: &Books) -> rusqlite::Result<Fields> {
        let mut fields = Fields::default();
        for row in books.all(Entity::Field)? {
            if let Some((module, field)) = read_field(row.id, &row.body) {
                fields.add(module, field);
            }
        }
        Ok(fields)
    }

    /// The custom fields of a module in the order of their creation.
    pub(super) fn custom(&self, module: Module) -> &[CustomField] {
        match module {
            Module::Contact => &self.contact,
            Module::SalesAccount => &self.sales_account,
            // Created fields of these forms come with the parts that write such records.
            Module::Deal | Module::SalesActivity => &[],
        }
    }

    /// The custom field called `name`.
    pub(super) fn find(&self, module: Module, name: &str) -> Option<&CustomField> {
        self.custom(module).iter().find(|field| field.name == name)
    }

    /// Puts a created field on its form.
    pub(super) fn add(&mut self, module: Module, field: CustomField) {
        match module {
            Module::Contact => self.contact.push(field),
            Module::SalesAccount => self.sales_account.push(field),
            Module::Deal | Module::SalesActivity => {}
        }
    }

    fn draft(
        &self,
        id: i64,
        switches: &Switches,
        module: Module,
        body: &Map<String, Value>,
    ) -> Result<CustomField, Refusal> {
        let label = body
            .get("label")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .trim();
        let mut problems = Vec::new();
        if label.is_empty() {
            problems.push("Label can't be blank".to_owned());
        }
        let kind = body
            .get("field_type")
            .and_then(|value| match integer(value) {
                Some(code) => FieldType::of_code(code),
                None => value.as_str().and_then(FieldType::of_name),
            });
        let Some(kind) = kind else {
            problems.push("Field type is not valid".to_owned());
            return Err(Refusal::Invalid(problems));
        };
        let choices = choice_labels(body.get("choices"));
        if kind.has_choices() && choices.is_empty() {
            problems.push("Choices can't be blank".to_owned());
        }
        if choices.len() > CHOICES_MAX {
            problems.push(format!("Choices can't be more than {CHOICES_MAX}"));
        }
        let flag = |name: &str| {
            let inside = body
                .get("field_options")
                .and_then(|options| options.get(name));
            body.get(name)
                .or(inside)
                .and_then(Value::as_bool)
                .unwrap_or(false)
        };
        let mut unique = flag("unique");
        if unique && !kind.can_be_unique() {
            match switches.unique_on_creation {
                Strictness::Refused => problems.push("Field can't be unique".to_owned()),
                Strictness::Ignored => unique = false,
            }
        }
        if !problems.is_empty() {
            return Err(Refusal::Invalid(problems));
        }
        Ok(CustomField {
            id,
            name: self.free_name(module, label),
            label: label.to_owned(),
            kind,
            required: flag("required"),
            unique,
            choices,
        })
    }

    /// `cf_` and the label in lower case, spaces as underscores, hyphens kept; a number behind it
    /// when the name is taken (freshsales.md 10.2).
    fn free_name(&self, module: Module, label: &str) -> String {
        let mut name = String::from("cf_");
        for letter in label.to_lowercase().chars() {
            match letter {
                ' ' => name.push('_'),
                '-' | '_' => name.push(letter),
                _ if letter.is_alphanumeric() => name.push(letter),
                _ => {}
            }
        }
        let taken = |name: &str| self.find(module, name).is_some();
        if !taken(&name) {
            return name;
        }
        // One more number than there are fields, so one of them is free.
        (1..=self.custom(module).len())
            .map(|number| format!("{name}_{number}"))
            .find(|name| !taken(name))
            .unwrap_or(name)
    }

    /// The answer of `/settings/…/fields`.
    pub(super) fn wire(&self, module: Module, switches: &Switches, users: &[Value]) -> Vec<Value> {
        let mut fields = samples::rows(module.sample(), "fields");
        for field in &mut fields {
            let name = field
                .get("name")
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned();
            if matches!(name.as_str(), "owner_id" | "creater_id" | "updater_id") {
                field["choices"] = Value::from(owner_choices(users));
            }
            if name == "emails" && module == Module::Contact {
                field["required"] = json!(switches.contact_needs == ContactNeeds::Email);
            }
        }
        let start = fields.len();
        for (at, field) in self.custom(module).iter().enumerate() {
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
    pub(super) fn form(&self, module: Module, switches: &Switches, users: &[Value]) -> Value {
        let fields = self.wire(module, switches, users);
        let fields: Vec<Value> = fields
            .iter()
            .map(|field| self.form_field(module, switches, field))
            .collect();
        json!({
            "id": module.form_id(), "name": module.class(), "label": module.class(),
            "fieldClass": module.class(), "active": true, "description": null, "fields": fields,
        })
    }

    fn form_field(&self, module: Module, switches: &Switches, field: &Value) -> Value {
        let text = |key: &str| field.get(key).and_then(Value::as_str).unwrap_or_default();
        let custom = self.find(module, text("name"));
        let unique = match custom {
            Some(custom) => custom.unique,
            None => standard_unique(module, text("name"), switches),
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
                "lookupType": null,
            },
        })
    }
}

/// Makes a field from the bare body of the create call (freshsales.md 10.3).
///
/// # Errors
/// A form without creation, or a body that names no label, kind or choices.
pub(super) fn create(
    crm: &mut Crm,
    module: Module,
    body: &Map<String, Value>,
) -> Result<CustomField, Refusal> {
    if matches!(module, Module::Deal | Module::SalesActivity) {
        return Err(Refusal::NotFound);
    }
    if crm.switches.field_creation == Lenience::Refused {
        return Err(Refusal::Forbidden);
    }
    let id = crm.books.next_id();
    let field = crm.fields.draft(id, &crm.switches, module, body)?;
    let stored = json!({
        "id": id, "module": module.class(), "name": field.name, "label": field.label,
        "type": field.kind.name(), "required": field.required, "unique": field.unique,
        "choices": field.choices,
    });
    let stored = stored.as_object().cloned().unwrap_or_default();
    crm.books.insert(Entity::Field, id, &stored, &[])?;
    crm.fields.add(module, field.clone());
    crm.touch(Entity::Field, id, Action::Created);
    Ok(field)
}

/// Finds the form that an address names.
pub(super) fn is_form(module: Module, form_id: &str) -> bool {
    form_id.parse() == Ok(module.form_id())
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
    use super::positions::EmailUnique;
    match (module, name) {
        (Module::Contact, "emails") => match switches.email_unique {
            EmailUnique::Primary | EmailUnique::Any => true,
            EmailUnique::No => false,
        },
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

fn choice_labels(value: Option<&Value>) -> Vec<String> {
    let label = |choice: &Value| {
        let text = choice
            .as_str()
            .or_else(|| choice.get("value").and_then(Value::as_str));
        text.map(|text| text.trim().to_owned())
            .filter(|text| !text.is_empty())
    };
    value
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(label)
        .collect()
}

fn read_field(id: i64, body: &Map<String, Value>) -> Option<(Module, CustomField)> {
    let text = |key: &str| body.get(key).and_then(Value::as_str);
    let flag = |key: &str| body.get(key).and_then(Value::as_bool).unwrap_or(false);
    let module = match text("module")? {
        "Contact" => Module::Contact,
        "SalesAccount" => Module::SalesAccount,
        _ => return None,
    };
    let field = CustomField {
        id,
        name: text("name")?.to_owned(),
        label: text("label")?.to_owned(),
        kind: FieldType::of_name(text("type")?)?,
        required: flag("required"),
        unique: flag("unique"),
        choices: choice_labels(body.get("choices")),
    };
    Some((module, field))
}
