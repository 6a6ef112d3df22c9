//! Modules that the customer defines: their definitions, and what a record of one takes
//! (freshsales.md 13). In the suite edition alone.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::crm::Action;
use super::crm::Crm;
use super::entity::Entity;
use super::links;
use super::module::Module;
use super::positions::Lenience;
use super::records;
use super::records::Draft;
use super::reply::Answer;
use super::reply::Refusal;
use super::reply::Reply;
use super::request::Request;
use super::request::Verb;
use super::routes::number;
use super::samples;
use super::store::Books;
use super::unique;
use super::values;

/// The ids and names (`cm_…`) of the defined modules.
#[derive(Debug, Default)]
pub(super) struct Customs(Vec<(i64, String)>);

const TEXTS: &[(&str, &str)] = &[
    ("singular_name", "Singular name"),
    ("plural_name", "Plural name"),
    ("icon", "Icon"),
    ("description", "Description"),
];

impl Customs {
    /// Reads the definitions from the store.
    pub(super) fn load(books: &Books) -> rusqlite::Result<Customs> {
        let rows = books.all(Entity::CustomModule)?;
        let named = rows.into_iter().filter_map(|row| {
            let name = row.body.get("entity_name")?.as_str()?;
            Some((row.id, name.to_owned()))
        });
        Ok(Customs(named.collect()))
    }

    /// The module called `cm_…`.
    pub(super) fn find(&self, name: &str) -> Option<Module> {
        let found = self.0.iter().find(|custom| custom.1 == name);
        found.map(|custom| Module::Custom(custom.0))
    }

    /// The name of a module by its id.
    pub(super) fn name(&self, id: i64) -> Option<&str> {
        let found = self.0.iter().find(|custom| custom.0 == id);
        found.map(|custom| custom.1.as_str())
    }
}

/// Answers `/settings/module_customizations…`.
pub(super) fn answer(crm: &mut Crm, request: &Request, rest: &[&str]) -> Answer {
    match (rest, request.verb) {
        ([], Verb::Get) => all(crm),
        ([], Verb::Post) => define(crm, request),
        ([id], Verb::Get) => show(crm, number(id)?),
        ([id], Verb::Put) => change(crm, request, number(id)?),
        ([id], Verb::Delete) => remove(crm, number(id)?),
        ([] | [_], _) => Err(Refusal::WrongMethod),
        (_, _) => Err(Refusal::NoRoute),
    }
}

/// A new record before anything was written to it.
pub(super) fn blank(id: i64) -> Map<String, Value> {
    let given = [("id", json!(id)), ("custom_field", json!({}))];
    given
        .map(|(key, value)| (key.to_owned(), value))
        .into_iter()
        .collect()
}

/// Writes `input` over the draft of a record and gathers every problem.
pub(super) fn write(
    crm: &Crm,
    draft: &mut Draft,
    input: &Map<String, Value>,
) -> Result<(), Refusal> {
    draft.set(input, "name", |value| {
        values::text("Name", value, crm.switches.standard_text_max, &crm.switches)
    });
    if input.contains_key("owner_id") {
        let owners = links::choices(crm, Module::Contact, "owner_id")?;
        draft.set(input, "owner_id", |value| {
            links::choice("Owner", value, &owners, &crm.switches)
        });
    }
    let name = draft.body.get("name").and_then(Value::as_str);
    if name.is_none_or(|name| name.trim().is_empty()) {
        draft.problems.push("Name can't be blank".to_owned());
    }
    Ok(())
}

/// The one view that a module surely has, in the form of the recorded views.
pub(super) fn views(id: i64) -> Vec<Value> {
    let pattern = samples::rows("contact_views.json", "filters");
    let mut view = pattern.first().cloned().unwrap_or_default();
    view["id"] = json!(id);
    view["name"] = json!("All Records");
    view["model_class_name"] = json!(Module::Custom(id).class());
    vec![view]
}

fn all(crm: &Crm) -> Answer {
    let rows = crm.books.all(Entity::CustomModule)?;
    let rows: Vec<Value> = rows
        .into_iter()
        .map(|row| Value::Object(row.body))
        .collect();
    Ok(Reply::fields([(
        Entity::CustomModule.plural(),
        Value::from(rows),
    )]))
}

fn show(crm: &Crm, id: i64) -> Answer {
    let row = records::living(crm, Entity::CustomModule, id)?;
    Ok(Reply::fields([(
        Entity::CustomModule.name(),
        Value::Object(row.body),
    )]))
}

fn define(crm: &mut Crm, request: &Request) -> Answer {
    if crm.switches.module_creation == Lenience::Refused {
        return Err(Refusal::Forbidden);
    }
    let input = request.record(Entity::CustomModule.name())?;
    let text = |name: &str| input.get(name).and_then(unique::plain_text);
    let mut problems = Vec::new();
    for (name, label) in [
        ("entity_name", "Entity name"),
        ("singular_name", "Singular name"),
        ("plural_name", "Plural name"),
        ("icon", "Icon"),
    ] {
        if text(name).is_none() {
            problems.push(format!("{label} can't be blank"));
        }
    }
    let name = entity_name(&text("entity_name").unwrap_or_default());
    if crm.customs.find(&name).is_some() {
        problems.push("Entity name has already been taken".to_owned());
    }
    if !problems.is_empty() {
        return Err(Refusal::Invalid(problems));
    }
    let id = crm.books.next_id();
    let (now, position) = (crm.now(), crm.customs.0.len() + 1);
    let shown = input.get("show_in_navigation_menu") != Some(&json!(false));
    let module = json!({
        "id": id, "entity_name": name, "singular_name": text("singular_name"),
        "plural_name": text("plural_name"), "icon": text("icon"),
        "description": text("description"), "show_in_navigation_menu": shown, "custom": true,
        "coll_id": name, "table_name": name, "status": 1, "position": position,
        "configs": {"filters_v2_enabled": true}, "renaming_customizations": {},
        "layout_customizations": {"lookup_sections": [], "section_config": []},
        "resource_path_for_navigation": format!("/crm/sales/custom_module/{name}"),
        "created_at": now, "updated_at": now,
    });
    let body = module.as_object().cloned().unwrap_or_default();
    crm.books.insert(Entity::CustomModule, id, &body, &[])?;
    crm.customs.0.push((id, name));
    crm.touch(Entity::CustomModule, id, Action::Created);
    Ok(Reply {
        status: crm.switches.create_status,
        ..show(crm, id)?
    })
}

/// `cm_` stands before the name, given or not; letters, digits and underscores stay.
fn entity_name(text: &str) -> String {
    let mut name = String::from("cm_");
    let bare = text.trim().to_lowercase();
    for letter in bare.strip_prefix("cm_").unwrap_or(&bare).chars() {
        match letter {
            ' ' | '-' | '_' => name.push('_'),
            _ if letter.is_alphanumeric() => name.push(letter),
            _ => {}
        }
    }
    name
}

fn change(crm: &mut Crm, request: &Request, id: i64) -> Answer {
    let input = request.record(Entity::CustomModule.name())?;
    let row = records::living(crm, Entity::CustomModule, id)?;
    let mut draft = Draft {
        body: row.body,
        problems: Vec::new(),
        is_new: false,
    };
    for (name, label) in TEXTS {
        draft.set_unless_null(input, name, |value| {
            values::text(label, value, 0, &crm.switches)
        });
    }
    draft.set_unless_null(input, "show_in_navigation_menu", |value| {
        values::checkbox("Show in navigation menu", value)
    });
    if !draft.problems.is_empty() {
        return Err(Refusal::Invalid(draft.problems));
    }
    draft.body.insert("updated_at".to_owned(), json!(crm.now()));
    crm.books
        .replace(Entity::CustomModule, id, &draft.body, &[])?;
    crm.touch(Entity::CustomModule, id, Action::Updated);
    show(crm, id)
}

fn remove(crm: &mut Crm, id: i64) -> Answer {
    records::delete(crm, Entity::CustomModule, id)?;
    crm.customs.0.retain(|custom| custom.0 != id);
    Ok(Reply::fields([(
        "message",
        "The module will be deleted in a while".into(),
    )]))
}
