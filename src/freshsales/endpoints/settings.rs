//! Field metadata, forms, and the creation of custom fields (freshsales.md 10).

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Map;
use serde_json::Value as Json;
use serde_json::json;

use crate::http::{Method, Request, Response};

use super::Entity;
use super::answer::{Answer, accepted, read_key};

/// The kinds of custom field with their words and codes: one table for the client and the sandbox.
pub use super::super::sandbox::field_types::FieldType as FieldKind;

/// A field as `GET /settings/…/fields` tells it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Field {
    /// Told as a number; absent where an answer leaves it out.
    #[serde(default, deserialize_with = "maybe_number")]
    pub id: Option<i64>,
    /// The name on the wire.
    pub name: String,
    /// The name that people see.
    pub label: String,
    /// `text`, `dropdown`, … as the vendor writes it.
    #[serde(rename = "type")]
    pub kind: String,
    /// Whether a record needs it.
    #[serde(default)]
    pub required: bool,
    /// The closed choices, in order; empty when there are none.
    #[serde(default, deserialize_with = "null_is_default")]
    pub choices: Vec<Choice>,
}

/// One choice of a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// An integer for lists that an admin keeps, text for system lists.
    pub id: Json,
    /// The label.
    pub value: String,
}

/// A form of an entity with the facts that plain metadata lacks.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Form {
    /// The id that field creation asks for.
    #[serde(deserialize_with = "whole_number")]
    pub id: i64,
    /// The form's name.
    #[serde(default)]
    pub name: Option<String>,
    /// Fields, grouped ones inside their groups.
    #[serde(default, deserialize_with = "null_is_default")]
    pub fields: Vec<FormField>,
}

/// A field of a form, or a group of fields.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct FormField {
    /// The name on the wire.
    #[serde(default)]
    pub name: String,
    /// Whether two records may not share a value.
    #[serde(default, deserialize_with = "yes")]
    pub unique: bool,
    /// Whether a record needs it.
    #[serde(default)]
    pub required: bool,
    /// Unique as some answers say it, inside the options.
    #[serde(default, alias = "fieldOptions")]
    pub field_options: Option<FieldOptions>,
    /// The members of a group.
    #[serde(default, deserialize_with = "null_is_default")]
    pub fields: Vec<FormField>,
}

/// The options of a form field that matter here.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct FieldOptions {
    /// Whether two records may not share a value.
    #[serde(default, deserialize_with = "yes")]
    pub unique: bool,
    /// What a look-up points at; the word is not known for sure.
    #[serde(default, alias = "lookupType")]
    pub lookup_type: Option<String>,
}

/// A custom field to create.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewField {
    /// The name that people see; the wire name is read back, never derived (freshsales.md 10.2).
    pub label: String,
    /// What it holds.
    pub kind: FieldKind,
    /// Whether two records may not share a value.
    pub unique: bool,
    /// The labels of a dropdown; empty for all others.
    pub choices: Vec<String>,
    /// What a look-up points at: the name of a module.
    pub lookup: Option<String>,
}

/// Asks for an entity's fields with their groups.
#[must_use]
pub fn fields(entity: Entity) -> Request {
    fields_of(entity.plural())
}

/// Asks for the fields of what stands as `plural` in paths: a custom module stands by its name.
#[must_use]
pub fn fields_of(plural: &str) -> Request {
    let path = format!("/settings/{plural}/fields");
    Request::new(Method::Get, path).with_query("include", "field_group")
}

/// Reads an entity's fields, in form order.
///
/// # Errors
/// A refusal, or an answer without `fields`.
pub fn read_fields(response: &Response) -> Answer<Vec<Field>> {
    read_key(response, "fields")
}

/// Asks for an entity's forms: they say which fields are unique.
#[must_use]
pub fn forms(entity: Entity) -> Request {
    forms_of(entity.plural())
}

/// As [`fields_of`], the forms.
#[must_use]
pub fn forms_of(plural: &str) -> Request {
    Request::new(Method::Get, format!("/settings/{plural}/forms"))
}

/// Reads an entity's forms.
///
/// # Errors
/// A refusal, or an answer without `forms`.
pub fn read_forms(response: &Response) -> Answer<Vec<Form>> {
    read_key(response, "forms")
}

/// Asks to create a custom field on a form. The body is bare (freshsales.md 10.3); `unique`,
/// `choices` and `lookup_type` are our guess, so the fields are read back to see what was made.
#[must_use]
pub fn create_field(entity: Entity, form_id: i64, field: &NewField) -> Request {
    create_field_of(entity.plural(), form_id, field)
}

/// As [`create_field`], on what stands as `plural` in paths.
#[must_use]
pub fn create_field_of(plural: &str, form_id: i64, field: &NewField) -> Request {
    let path = format!("/settings/{plural}/forms/{form_id}/fields");
    let mut body = Map::new();
    body.insert("label".to_owned(), json!(field.label));
    body.insert("field_type".to_owned(), json!(field.kind.code()));
    body.insert("required".to_owned(), json!(false));
    if field.unique {
        body.insert("unique".to_owned(), json!(true));
    }
    if let Some(lookup) = &field.lookup {
        body.insert("lookup_type".to_owned(), json!(lookup));
    }
    if !field.choices.is_empty() {
        let choices = field.choices.iter().zip(1_u32..);
        let choices =
            choices.map(|(value, position)| json!({"value": value, "position": position}));
        body.insert("choices".to_owned(), choices.collect());
    }
    Request::new(Method::Post, path).with_json(&Json::Object(body))
}

/// Asks to take a custom field off a form. The reference knows the creation alone (freshsales.md
/// 10.3); that the same address takes a delete is our guess, and a 404 sends a person.
#[must_use]
pub fn delete_field(entity: Entity, form_id: i64, field_id: i64) -> Request {
    let plural = entity.plural();
    let path = format!("/settings/{plural}/forms/{form_id}/fields/{field_id}");
    Request::new(Method::Delete, path)
}

/// Reads the answer to taking a field away.
///
/// # Errors
/// A refusal.
pub fn read_deleted_field(response: &Response) -> Answer<()> {
    accepted(response).map(|_| ())
}

/// Reads the created field.
///
/// # Errors
/// A refusal, or an answer without `field`.
pub fn read_created_field(response: &Response) -> Answer<Field> {
    read_key(response, "field")
}

impl Form {
    /// The names of all unique fields, groups included.
    #[must_use]
    pub fn unique_names(&self) -> Vec<&str> {
        let mut names = Vec::new();
        // Groups nest one level in what was seen; a stack follows any depth without recursion.
        let mut waiting: Vec<&FormField> = self.fields.iter().rev().collect();
        while let Some(field) = waiting.pop() {
            let in_options = field
                .field_options
                .as_ref()
                .is_some_and(|options| options.unique);
            if field.unique || in_options {
                names.push(field.name.as_str());
            }
            waiting.extend(field.fields.iter().rev());
        }
        names
    }
}

fn null_is_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// `true` and the text `"true"`; both are described (freshsales.md 10.1).
fn yes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    let value = Json::deserialize(deserializer)?;
    Ok(value.as_bool().unwrap_or(value.as_str() == Some("true")))
}

/// An id that may be left out.
fn maybe_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    let value = Json::deserialize(deserializer)?;
    let from_text = || value.as_str().and_then(|text| text.trim().parse().ok());
    Ok(value.as_i64().or_else(from_text))
}

/// An id as a number or as text; descriptions show both.
pub(super) fn whole_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    let value = Json::deserialize(deserializer)?;
    let from_text = || value.as_str().and_then(|text| text.trim().parse().ok());
    value
        .as_i64()
        .or_else(from_text)
        .ok_or_else(|| serde::de::Error::custom("expected a whole number"))
}
