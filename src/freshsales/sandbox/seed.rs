//! A new store's first records: the recorded owner and list, then those of a `destination.json`.

use std::path::Path;

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::Edition;
use super::crm::Crm;
use super::entity::Entity;
use super::module::Module;
use super::records;
use super::reply::Refusal;
use super::samples;

/// The id of the recorded owner, whose key it is.
pub(super) fn owner_id() -> i64 {
    let owner = samples::sample("selectors_users.json").pointer("/users/0/id");
    owner.and_then(Value::as_i64).unwrap_or(31_000_148_397)
}

/// A random name of 32 hexadecimal digits.
pub(super) fn random_text() -> String {
    use std::hash::BuildHasher;
    use std::hash::RandomState;
    // The standard library keys its states from the operating system, one key after another.
    let word = || RandomState::new().hash_one(std::process::id());
    format!("{:016x}{:016x}", word(), word())
}

/// Puts the first records into a new store.
///
/// # Errors
/// A seed that cannot be read, or whose records the account refuses.
pub(super) fn plant(crm: &mut Crm, seed: Option<&Path>) -> Result<(), String> {
    let owner = samples::sample("task_view.json")
        .pointer("/users/0")
        .and_then(Value::as_object);
    let owner = owner.cloned().unwrap_or_default();
    let id = crm.owner;
    crm.books
        .insert(Entity::User, id, &owner, &[])
        .map_err(|error| error.to_string())?;
    let Some(path) = seed else {
        return Ok(());
    };
    let at = path.display();
    let text = std::fs::read_to_string(path)
        .map_err(|error| format!("the seed {at} could not be read: {error}"))?;
    let seed: Value = serde_json::from_str(&text)
        .map_err(|error| format!("the seed {at} is not valid JSON: {error}"))?;
    for user in list(&seed, "users") {
        plant_user(crm, &user).map_err(|error| error.to_string())?;
    }
    for (key, module) in [
        ("sales_accounts", Module::SalesAccount),
        ("contacts", Module::Contact),
        ("leads", Module::Lead),
    ] {
        if module == Module::Lead && crm.edition == Edition::Suite {
            continue;
        }
        for (number, record) in list(&seed, key).iter().enumerate() {
            let refused = |refusal| refused(&format!("{at}: {key} {}", number + 1), refusal);
            records::create(crm, module, record).map_err(refused)?;
        }
    }
    Ok(())
}

fn list(seed: &Value, key: &str) -> Vec<Map<String, Value>> {
    let list = seed.get(key).and_then(Value::as_array);
    list.into_iter()
        .flatten()
        .filter_map(|value| value.as_object().cloned())
        .collect()
}

fn plant_user(crm: &mut Crm, user: &Map<String, Value>) -> rusqlite::Result<()> {
    let id = crm.books.next_id();
    let given = |key: &str| user.get(key).cloned().unwrap_or_default();
    let body = json!({
        "id": id, "display_name": given("display_name"), "avatar": null,
        "type": "FdMultitenant::User", "is_active": user.get("is_active").cloned().unwrap_or(json!(true)),
        "work_number": given("work_number"), "mobile_number": given("mobile_number"),
        "email": given("email"), "uuid": (100_000_000_000_000_000_i64 + id).to_string(),
    });
    crm.books.insert(
        Entity::User,
        id,
        &body.as_object().cloned().unwrap_or_default(),
        &[],
    )
}

fn refused(record: &str, refusal: Refusal) -> String {
    match refusal {
        Refusal::Invalid(messages) => {
            format!("the seed {record} was refused: {}", messages.join(", "))
        }
        Refusal::NoKey
        | Refusal::Forbidden
        | Refusal::NotFound
        | Refusal::NoRoute
        | Refusal::WrongMethod
        | Refusal::TooLarge
        | Refusal::TooMany
        | Refusal::Told { .. }
        | Refusal::Broken(_) => format!("the seed {record} was refused: {refusal:?}"),
    }
}
