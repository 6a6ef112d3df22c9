//! Records of every module: create, update, upsert, delete, with unique values kept.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::accounts;
use super::contacts;
use super::crm::Action;
use super::crm::Crm;
use super::custom_modules;
use super::deals;
use super::entity::Entity;
use super::field_types::FieldType;
use super::form;
use super::leads;
use super::module::Module;
use super::positions::Strictness;
use super::reply::Refusal;
use super::request::integer;
use super::store::Row;
use super::times;
use super::unique;
use super::values;
use super::values::Taken;

/// A record while it is written: its body so far and what is wrong with the input.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) body: Map<String, Value>,
    pub(super) problems: Vec<String>,
    pub(super) is_new: bool,
}

impl Draft {
    /// Takes `input[name]`, when it was sent, as `take` says.
    pub(super) fn set(
        &mut self,
        input: &Map<String, Value>,
        name: &str,
        take: impl Fn(&Value) -> Taken,
    ) {
        let Some(value) = input.get(name) else { return };
        match take(value) {
            Taken::Keep(value) => {
                self.body.insert(name.to_owned(), value);
            }
            Taken::Skip => {}
            Taken::Refuse(problem) => self.problems.push(problem),
        }
    }

    /// As `set`, with `null` as if it had not been sent: a default stays.
    pub(super) fn set_unless_null(
        &mut self,
        input: &Map<String, Value>,
        name: &str,
        take: impl Fn(&Value) -> Taken,
    ) {
        if input.get(name).is_some_and(|value| !value.is_null()) {
            self.set(input, name, take);
        }
    }
}

/// The living record, or a refusal.
pub(super) fn living(crm: &Crm, entity: Entity, id: i64) -> Result<Row, Refusal> {
    let row = crm.books.get(entity, id)?;
    row.filter(|row| !row.deleted).ok_or(Refusal::NotFound)
}

/// Creates a record and gives its id.
///
/// # Errors
/// Every problem of the input at once.
pub(super) fn create(
    crm: &mut Crm,
    module: Module,
    input: &Map<String, Value>,
) -> Result<i64, Refusal> {
    let entity = module.entity();
    let id = crm.books.next_id();
    let mut body = match module {
        Module::Contact => contacts::blank(crm, id),
        Module::SalesAccount => accounts::blank(id),
        Module::Lead => leads::blank(crm, id),
        Module::Deal => deals::blank(crm, id),
        Module::Custom(module) => custom_modules::blank(module, id),
        Module::SalesActivity => return Err(Refusal::NoRoute),
    };
    let now = crm.now();
    for name in ["created_at", "updated_at"] {
        let sent = input.get(name).and_then(Value::as_str);
        let sent = sent.filter(|_| crm.switches.created_at_honoured);
        let zone = crm.switches.zone();
        let kept = sent.and_then(|text| times::read(text, &zone));
        let text = kept.map_or_else(|| now.clone(), |time| times::written(time, &zone));
        body.insert(name.to_owned(), json!(text));
    }
    body.insert("creater_id".to_owned(), json!(crm.owner));
    body.insert("updater_id".to_owned(), json!(crm.owner));
    if crm.switches.owner_by_default {
        body.insert("owner_id".to_owned(), json!(crm.owner));
    }
    let mut draft = Draft {
        body,
        problems: Vec::new(),
        is_new: true,
    };
    write(crm, module, &mut draft, input)?;
    let keys = unique::keys(crm, module, &draft.body);
    unique::check(crm, module, &keys, id, &mut draft.problems)?;
    let body = finished(draft)?;
    crm.books.insert(entity, id, &body, &keys)?;
    write_lists(crm, entity, id, input)?;
    crm.touch(entity, id, Action::Created);
    Ok(id)
}

/// Changes a record.
///
/// # Errors
/// No such living record, or every problem of the input at once.
pub(super) fn update(
    crm: &mut Crm,
    module: Module,
    id: i64,
    input: &Map<String, Value>,
) -> Result<(), Refusal> {
    let entity = module.entity();
    let row = living(crm, entity, id)?;
    let mut draft = Draft {
        body: row.body,
        problems: Vec::new(),
        is_new: false,
    };
    let now = crm.now();
    draft.body.insert("updated_at".to_owned(), json!(now));
    draft.body.insert("updater_id".to_owned(), json!(crm.owner));
    write(crm, module, &mut draft, input)?;
    let keys = unique::keys(crm, module, &draft.body);
    unique::check(crm, module, &keys, id, &mut draft.problems)?;
    let body = finished(draft)?;
    crm.books.replace(entity, id, &body, &keys)?;
    write_lists(crm, entity, id, input)?;
    crm.touch(entity, id, Action::Updated);
    Ok(())
}

/// Creates or updates by `unique_identifier`, and says whether it created (freshsales.md 5.1).
///
/// # Errors
/// An identifier of no, two or unknown keys; otherwise as create and update.
pub(super) fn upsert(
    crm: &mut Crm,
    module: Module,
    identifier: &Map<String, Value>,
    input: &Map<String, Value>,
) -> Result<(i64, bool), Refusal> {
    let mut pairs = identifier.iter();
    let (Some((name, value)), None) = (pairs.next(), pairs.next()) else {
        return Err(Refusal::invalid("unique_identifier must have one key"));
    };
    let text = unique::plain_text(value)
        .ok_or_else(|| Refusal::invalid("unique_identifier must have a value"))?;
    if let Some(id) = unique::find(crm, module, name, &text)? {
        update(crm, module, id, input)?;
        return Ok((id, false));
    }
    if name == "id" {
        return Err(Refusal::NotFound);
    }
    let mut input = input.clone();
    if name.starts_with("cf_") {
        let custom = input.entry("custom_field").or_insert_with(|| json!({}));
        if let Some(custom) = custom.as_object_mut() {
            custom.entry(name.clone()).or_insert_with(|| value.clone());
        }
    } else if !input.contains_key("emails") && !input.contains_key("email")
        || !matches!(name.as_str(), "emails" | "email")
    {
        input.entry(name.clone()).or_insert_with(|| value.clone());
    }
    create(crm, module, &input).map(|id| (id, true))
}

/// Puts a record into the recycle bin.
///
/// # Errors
/// No such living record.
pub(super) fn delete(crm: &mut Crm, entity: Entity, id: i64) -> Result<(), Refusal> {
    living(crm, entity, id)?;
    crm.books.mark_deleted(id)?;
    crm.touch(entity, id, Action::Deleted);
    Ok(())
}

/// Removes a record for good; one in the recycle bin as well.
///
/// # Errors
/// No such record.
pub(super) fn forget(crm: &mut Crm, entity: Entity, id: i64) -> Result<(), Refusal> {
    crm.books.get(entity, id)?.ok_or(Refusal::NotFound)?;
    crm.books.forget(id)?;
    crm.touch(entity, id, Action::Forgotten);
    Ok(())
}

fn write(
    crm: &mut Crm,
    module: Module,
    draft: &mut Draft,
    input: &Map<String, Value>,
) -> Result<(), Refusal> {
    match module {
        Module::Contact => contacts::write(crm, draft, input)?,
        Module::SalesAccount => accounts::write(crm, draft, input)?,
        Module::Lead => leads::write(crm, draft, input),
        Module::Deal => deals::write(crm, draft, input)?,
        Module::Custom(_) => custom_modules::write(crm, draft, input),
        Module::SalesActivity => return Err(Refusal::NoRoute),
    }
    write_custom(crm, module, draft, input);
    if draft
        .body
        .get("owner_id")
        .is_some_and(|owner| !owner.is_null())
        && (draft.is_new || input.contains_key("owner_id"))
    {
        let now = crm.now();
        draft.body.insert("last_assigned_at".to_owned(), json!(now));
    }
    if crm.switches.unknown_field == Strictness::Refused {
        refuse_unknown(crm, module, draft, input);
    }
    Ok(())
}

/// Writes the custom fields of `input` over the draft.
pub(super) fn write_custom(
    crm: &Crm,
    module: Module,
    draft: &mut Draft,
    input: &Map<String, Value>,
) {
    let sent = match input.get("custom_field") {
        None | Some(Value::Null) => None,
        Some(Value::Object(sent)) => Some(sent),
        Some(_) => {
            draft
                .problems
                .push("Custom field must be an object".to_owned());
            None
        }
    };
    let kept = draft.body.remove("custom_field");
    let mut kept = kept
        .and_then(|value| value.as_object().cloned())
        .unwrap_or_default();
    for (name, value) in sent.into_iter().flatten() {
        let Some(field) = crm.fields.find(module, name) else {
            if crm.switches.unknown_field == Strictness::Refused {
                draft.problems.push(format!("{name} is not a field"));
            }
            continue;
        };
        match values::custom(field, value, &crm.switches) {
            Taken::Keep(Value::Null) => drop(kept.remove(name)),
            Taken::Keep(value) => drop(kept.insert(name.clone(), value)),
            Taken::Skip => {}
            Taken::Refuse(problem) => draft.problems.push(problem),
        }
    }
    for field in crm
        .fields
        .custom(module)
        .iter()
        .filter(|field| field.required)
    {
        let concerned = draft.is_new || sent.is_some_and(|sent| sent.contains_key(&field.name));
        if concerned && field.kind != FieldType::Checkbox && !kept.contains_key(&field.name) {
            draft
                .problems
                .push(format!("{} can't be blank", field.label));
        }
    }
    draft
        .body
        .insert("custom_field".to_owned(), Value::Object(kept));
}

fn refuse_unknown(crm: &Crm, module: Module, draft: &mut Draft, input: &Map<String, Value>) {
    const MORE: [&str; 8] = [
        "id",
        "email",
        "emails",
        "custom_field",
        "sales_accounts",
        "sales_account_id",
        "list_ids",
        "unique_identifier",
    ];
    for name in input.keys() {
        let known = MORE.contains(&name.as_str())
            || crm.shapes.takes(module, name)
            || form::recorded_field(crm.edition, module, name).is_some();
        if !known {
            draft.problems.push(format!("{name} is not a field"));
        }
    }
}

fn finished(draft: Draft) -> Result<Map<String, Value>, Refusal> {
    if draft.problems.is_empty() {
        // What is unset is not kept: an answer knows its keys from the module's shape.
        let mut body = draft.body;
        body.retain(|_, value| !value.is_null());
        Ok(body)
    } else {
        Err(Refusal::Invalid(draft.problems))
    }
}

/// `list_ids` adds a contact to lists (freshsales.md 5.2); unknown lists are passed over.
fn write_lists(
    crm: &mut Crm,
    entity: Entity,
    id: i64,
    input: &Map<String, Value>,
) -> Result<(), Refusal> {
    if entity != Entity::Contact {
        return Ok(());
    }
    let lists = input.get("list_ids").and_then(Value::as_array);
    for list in lists.into_iter().flatten().filter_map(integer) {
        if crm.books.get(Entity::List, list)?.is_some() && crm.books.add_member(list, id)? {
            crm.touch(Entity::List, list, Action::Listed);
        }
    }
    Ok(())
}
