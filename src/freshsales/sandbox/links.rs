//! Values that point elsewhere: choices of admin lists, tags, phone numbers, accounts of a contact.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::crm::Crm;
use super::entity::Entity;
use super::form;
use super::module::Module;
use super::positions::AccountsWrite;
use super::records::Draft;
use super::reply::Refusal;
use super::request::integer;
use super::samples;
use super::switches::Switches;
use super::values;
use super::values::Taken;

/// The ids that a dropdown of ids takes.
pub(super) fn choices(crm: &Crm, module: Module, name: &str) -> Result<Vec<i64>, Refusal> {
    let ids = |rows: &[Value]| rows.iter().filter_map(|row| integer(&row["id"])).collect();
    match name {
        "owner_id" => Ok(ids(&crm.users()?)),
        // The field lists of the capture have no territories, the selector has one.
        "territory_id" => Ok(samples::ids("selectors_territories.json", "territories")),
        _ => Ok(form::choice_ids(crm.edition, module, name)),
    }
}

/// One of `known`, or nothing.
pub(super) fn choice(label: &str, value: &Value, known: &[i64], switches: &Switches) -> Taken {
    match integer(value) {
        Some(id) if known.contains(&id) => Taken::Keep(json!(id)),
        None if value.is_null() || value.as_str() == Some("") => Taken::Keep(Value::Null),
        Some(_) | None => values::bad_choice(label, switches),
    }
}

/// Tags: a list of text, or one text joined by commas; each once.
pub(super) fn tags(value: &Value) -> Taken {
    let words: Option<Vec<String>> = match value {
        Value::Null => Some(Vec::new()),
        Value::String(text) => Some(text.split(',').map(str::to_owned).collect()),
        Value::Array(list) => list
            .iter()
            .map(|word| word.as_str().map(str::to_owned))
            .collect(),
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => None,
    };
    let Some(words) = words else {
        return Taken::Refuse("Tags must be a list of text".to_owned());
    };
    let mut tags: Vec<String> = Vec::new();
    for word in words {
        let word = word.trim().to_owned();
        if !word.is_empty() && !tags.contains(&word) {
            tags.push(word);
        }
    }
    Taken::Keep(json!(tags))
}

/// Other phone numbers: a list of text or of objects with `value`.
pub(super) fn phone_numbers(value: &Value) -> Taken {
    let list = match value {
        Value::Null => return Taken::Keep(json!([])),
        Value::String(_) => vec![value.clone()],
        Value::Array(list) => list.clone(),
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => {
            return Taken::Refuse("Other phone numbers is invalid".to_owned());
        }
    };
    let mut phones = Vec::new();
    for (at, phone) in list.iter().enumerate() {
        if phone.get("_destroy") == Some(&json!(true)) {
            continue;
        }
        let text = phone
            .as_str()
            .or_else(|| phone.get("value").and_then(Value::as_str));
        let Some(text) = text else {
            return Taken::Refuse("Other phone numbers is invalid".to_owned());
        };
        let label = phone.get("label").cloned().unwrap_or_default();
        let id = phone
            .get("id")
            .and_then(integer)
            .unwrap_or(31_000_000_201 + i64::try_from(at).unwrap_or(0));
        phones.push(json!({"id": id, "value": text, "label": label, "_destroy": false}));
    }
    Taken::Keep(json!(phones))
}

/// The accounts of a contact: `sales_accounts`, or `sales_account_id` for the primary one
/// (freshsales.md 5.3).
pub(super) fn write_accounts(
    crm: &Crm,
    draft: &mut Draft,
    input: &Map<String, Value>,
) -> Result<(), Refusal> {
    let current = links_of(&draft.body);
    let mut links = match input.get("sales_accounts") {
        None => current,
        Some(Value::Null) => Vec::new(),
        Some(Value::Array(list)) => {
            let given = given_links(list);
            let Some(given) = given else {
                draft.problems.push("Accounts is invalid".to_owned());
                return Ok(());
            };
            merged(crm, current, given)
        }
        Some(_) => {
            draft.problems.push("Accounts is invalid".to_owned());
            return Ok(());
        }
    };
    if let Some(id) = input.get("sales_account_id").and_then(integer) {
        links.retain(|link| link.0 != id);
        for link in &mut links {
            link.1 = false;
        }
        links.insert(0, (id, true));
    }
    let mut seen_primary = false;
    for link in &mut links {
        link.1 = link.1 && !seen_primary;
        seen_primary |= link.1;
    }
    if let (false, Some(first)) = (seen_primary, links.first_mut()) {
        first.1 = true;
    }
    let max = crm.switches.accounts_per_contact_max;
    if links.len() > max {
        draft
            .problems
            .push(format!("Accounts can't be more than {max}"));
    }
    for (id, _) in &links {
        let row = crm.books.get(Entity::SalesAccount, *id)?;
        if row.is_none_or(|row| row.deleted) {
            draft.problems.push("Account is invalid".to_owned());
        }
    }
    let links: Vec<Value> = links
        .iter()
        .map(|(id, primary)| json!({"id": id, "is_primary": primary}))
        .collect();
    draft
        .body
        .insert("sales_accounts".to_owned(), Value::from(links));
    Ok(())
}

/// The account links of a stored contact, each with whether it is the primary one.
pub(super) fn links_of(body: &Map<String, Value>) -> Vec<(i64, bool)> {
    let list = body.get("sales_accounts").and_then(Value::as_array);
    let link = |link: &Value| Some((integer(&link["id"])?, link["is_primary"] == json!(true)));
    list.into_iter().flatten().filter_map(link).collect()
}

fn given_links(list: &[Value]) -> Option<Vec<(i64, bool)>> {
    let kept = list
        .iter()
        .filter(|link| link.get("_destroy") != Some(&json!(true)));
    let link = |link: &Value| {
        let id = link.get("id").and_then(integer).or_else(|| integer(link))?;
        Some((id, link.get("is_primary") == Some(&json!(true))))
    };
    let mut links: Vec<(i64, bool)> = Vec::new();
    for found in kept.map(link) {
        let found = found?;
        if !links.iter().any(|link| link.0 == found.0) {
            links.push(found);
        }
    }
    Some(links)
}

fn merged(crm: &Crm, current: Vec<(i64, bool)>, given: Vec<(i64, bool)>) -> Vec<(i64, bool)> {
    match crm.switches.accounts_write {
        AccountsWrite::Replaces => given,
        AccountsWrite::Merges => {
            let mut links = given;
            let primary = links.iter().any(|link| link.1);
            for (id, is_primary) in current {
                if !links.iter().any(|link| link.0 == id) {
                    links.push((id, is_primary && !primary));
                }
            }
            links
        }
    }
}
