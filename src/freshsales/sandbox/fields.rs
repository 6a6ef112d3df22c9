//! The custom fields that are created here: their names, kinds and choices.
//!
//! What a form answers, recorded fields among them, is in `form`.

use std::collections::BTreeMap;

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::crm::Action;
use super::crm::Crm;
use super::entity::Entity;
use super::field_types::FieldType;
use super::module::Module;
use super::positions::Lenience;
use super::positions::Strictness;
use super::reply::Refusal;
use super::request::integer;
use super::store::Books;
use super::switches::Switches;
use super::unique as keys;

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
    /// What a look-up points at.
    pub(super) lookup: Option<String>,
}

/// The custom fields of every module.
#[derive(Debug, Default)]
pub(super) struct Fields(BTreeMap<Module, Vec<CustomField>>);

const CHOICES_MAX: usize = 300;

/// Custom fields of a kind of sales activity (freshsales.md 9.4).
const ACTIVITY_FIELDS_MAX: usize = 5;

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
        self.0.get(&module).map(Vec::as_slice).unwrap_or_default()
    }

    /// The custom field called `name`.
    pub(super) fn find(&self, module: Module, name: &str) -> Option<&CustomField> {
        self.custom(module).iter().find(|field| field.name == name)
    }

    /// Puts a created field on its form.
    pub(super) fn add(&mut self, module: Module, field: CustomField) {
        self.0.entry(module).or_default().push(field);
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
            lookup: body.get("lookup_type").and_then(keys::plain_text),
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
    // Whether the call takes fields of activities is not known (freshsales.md 9.4, 10.3): a switch.
    if module == Module::SalesActivity {
        if crm.switches.activity_field_creation == Lenience::Refused {
            return Err(Refusal::NotFound);
        }
        if crm.fields.custom(module).len() >= ACTIVITY_FIELDS_MAX {
            return Err(Refusal::invalid("No more fields can be created"));
        }
    }
    if crm.switches.field_creation == Lenience::Refused {
        return Err(Refusal::Forbidden);
    }
    let id = crm.books.next_id();
    let field = crm.fields.draft(id, &crm.switches, module, body)?;
    let stored = json!({
        "id": id, "module": module.class(), "name": field.name, "label": field.label,
        "type": field.kind.name(), "required": field.required, "unique": field.unique,
        "choices": field.choices, "lookup": field.lookup,
    });
    let stored = stored.as_object().cloned().unwrap_or_default();
    crm.books.insert(Entity::Field, id, &stored, &[])?;
    crm.fields.add(module, field.clone());
    crm.touch(Entity::Field, id, Action::Created);
    Ok(field)
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

/// Takes a created field off its form; recorded fields are no admin's to delete.
///
/// # Errors
/// No such field on the form.
pub(super) fn remove(crm: &mut Crm, module: Module, id: i64) -> Result<(), Refusal> {
    if !crm.fields.custom(module).iter().any(|field| field.id == id) {
        return Err(Refusal::NotFound);
    }
    crm.books.forget(id)?;
    if let Some(fields) = crm.fields.0.get_mut(&module) {
        fields.retain(|field| field.id != id);
    }
    crm.touch(Entity::Field, id, Action::Deleted);
    Ok(())
}

fn read_field(id: i64, body: &Map<String, Value>) -> Option<(Module, CustomField)> {
    let text = |key: &str| body.get(key).and_then(Value::as_str);
    let flag = |key: &str| body.get(key).and_then(Value::as_bool).unwrap_or(false);
    let module = Module::of_class(text("module")?)?;
    let field = CustomField {
        id,
        name: text("name")?.to_owned(),
        label: text("label")?.to_owned(),
        kind: FieldType::of_name(text("type")?)?,
        required: flag("required"),
        unique: flag("unique"),
        choices: choice_labels(body.get("choices")),
        lookup: text("lookup").map(str::to_owned),
    };
    Some((module, field))
}
