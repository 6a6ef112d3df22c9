//! Search, lookup and filtered search (freshsales.md 4.4).

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::crm::Crm;
use super::emails;
use super::entity::Entity;
use super::fields::Module;
use super::filter::Rule;
use super::links;
use super::pages;
use super::render;
use super::render::Place;
use super::render::Sides;
use super::reply::Answer;
use super::reply::Refusal;
use super::reply::Reply;
use super::request::Request;
use super::store::Row;
use super::store::Slice;
use super::store::micros;
use super::unique;

const MODULES: [Module; 2] = [Module::Contact, Module::SalesAccount];

/// `GET /search?q=&include=`: fuzzy, a bare array, ids as text.
pub(super) fn search(crm: &Crm, request: &Request) -> Answer {
    let words = request
        .query
        .get("q")
        .unwrap_or_default()
        .trim()
        .to_lowercase();
    if words.is_empty() {
        return Ok(Reply::plain(json!([])));
    }
    let wanted = request.query.words("include");
    let limit = request.query.page().limit();
    let mut found = Vec::new();
    for module in MODULES {
        let Some(entity) = module.entity() else {
            continue;
        };
        if !wanted.is_empty() && !wanted.contains(&entity.name()) {
            continue;
        }
        for row in rows(crm, module, "id", crm.switches.search_delay_ms)? {
            if found.len() < limit && is_hit(&row.body, &words) {
                found.push(hit(crm, module, &row)?);
            }
        }
    }
    Ok(Reply::plain(Value::from(found)))
}

/// `GET /lookup?q=&f=&entities=`: exact.
pub(super) fn lookup(crm: &Crm, request: &Request) -> Answer {
    let text = request
        .query
        .get("q")
        .map(str::trim)
        .filter(|text| !text.is_empty());
    let text = text.ok_or_else(|| Refusal::invalid("q can't be blank"))?;
    let field = request.query.get("f").unwrap_or("email");
    let wanted = request.query.words("entities");
    let mut fields = Vec::new();
    for module in MODULES {
        let Some(entity) = module.entity() else {
            continue;
        };
        if !wanted.is_empty() && !wanted.contains(&entity.name()) {
            continue;
        }
        let mut found = Vec::new();
        for row in exact(crm, module, field, text)? {
            let mut sides = Sides::default();
            let record = render::record(crm, module, &row, Place::Listed, &[], &mut sides)?;
            found.push(Value::Object(record));
        }
        let found = json!({entity.plural(): found});
        fields.push((entity.plural().to_owned(), found));
    }
    Ok(Reply::ordered(fields))
}

/// `POST /filtered_search/{contact,sales_account}`.
pub(super) fn filtered(crm: &Crm, request: &Request, singular: &str) -> Answer {
    let module = MODULES
        .into_iter()
        .find(|module| {
            module
                .entity()
                .is_some_and(|entity| entity.name() == singular)
        })
        .ok_or(Refusal::NotFound)?;
    let entity = module.entity().ok_or(Refusal::NoRoute)?;
    let rules = match request.body.get("filter_rule") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(rules)) => rules
            .iter()
            .map(|rule| Rule::read(crm, rule))
            .collect::<Result<_, _>>()?,
        Some(_) => return Err(Refusal::invalid("filter_rule must be a list")),
    };
    let order = pages::order(request, "");
    let mut found = match rules.iter().find_map(Rule::indexed) {
        Some((name, values)) => by_keys(crm, module, name, &values)?,
        None => rows(crm, module, &order, crm.switches.search_delay_ms)?,
    };
    found.retain(|row| rules.iter().all(|rule| rule.holds(&row.body)));
    let page = request.query.page();
    let includes = request.query.words("include");
    let mut sides = Sides::default();
    let mut records = Vec::new();
    for row in found.iter().skip(page.offset()).take(page.limit()) {
        let mut record = render::record(crm, module, row, Place::Listed, &includes, &mut sides)?;
        let blank = match module {
            Module::Contact => &crm.blank_contact,
            Module::SalesAccount | Module::Deal | Module::SalesActivity => &crm.blank_account,
        };
        let asked = |name: &str| !blank.contains_key(name);
        record.retain(|name, _| partial_names(module).contains(&name.as_str()) || asked(name));
        record.insert("partial".to_owned(), json!(true));
        records.push(Value::Object(record));
    }
    let mut fields = vec![(entity.plural().to_owned(), Value::from(records))];
    fields.extend(sides.into_fields());
    fields.push(("meta".to_owned(), json!({"total": found.len()})));
    Ok(Reply::ordered(fields))
}

/// The keys of a partial record (as captured for contacts; for accounts from the derived view).
fn partial_names(module: Module) -> &'static [&'static str] {
    match module {
        Module::Contact => &[
            "id",
            "job_title",
            "lead_score",
            "email",
            "work_number",
            "mobile_number",
            "open_deals_amount",
            "display_name",
            "avatar",
            "last_contacted_mode",
            "last_contacted",
            "first_name",
            "last_name",
            "city",
            "country",
            "created_at",
            "updated_at",
        ],
        Module::SalesAccount | Module::Deal | Module::SalesActivity => &[
            "id",
            "name",
            "avatar",
            "website",
            "phone",
            "city",
            "state",
            "country",
            "last_contacted",
            "last_contacted_mode",
            "open_deals_amount",
            "created_at",
            "updated_at",
        ],
    }
}

/// The living records that the index has seen by now.
fn rows(crm: &Crm, module: Module, order: &str, delay_ms: u64) -> Result<Vec<Row>, Refusal> {
    let Some(entity) = module.entity() else {
        return Ok(Vec::new());
    };
    let updated_until = match delay_ms {
        0 => i64::MAX,
        delay_ms => micros() - i64::try_from(delay_ms).unwrap_or(0).saturating_mul(1000),
    };
    let slice = Slice {
        entity,
        deleted: false,
        order,
        updated_until,
    };
    Ok(crm.books.page(slice, usize::MAX, 0)?)
}

fn by_keys(crm: &Crm, module: Module, name: &str, values: &[String]) -> Result<Vec<Row>, Refusal> {
    let Some(entity) = module.entity() else {
        return Ok(Vec::new());
    };
    let mut ids = Vec::new();
    for value in values {
        ids.extend(crm.books.find(entity, name, value, false)?);
    }
    ids.sort_unstable();
    ids.dedup();
    let mut rows = Vec::new();
    for id in ids {
        rows.extend(crm.books.get(entity, id)?);
    }
    if crm.switches.search_delay_ms > 0 {
        let seen = self::rows(crm, module, "id", crm.switches.search_delay_ms)?;
        rows.retain(|row| seen.iter().any(|seen| seen.id == row.id));
    }
    Ok(rows)
}

fn exact(crm: &Crm, module: Module, field: &str, text: &str) -> Result<Vec<Row>, Refusal> {
    let key = match (module, field) {
        (Module::Contact, "email" | "emails") => Some(("email", emails::folded(text))),
        (_, "name") => Some(("name", text.to_lowercase())),
        (Module::Contact, "mobile_number" | "work_number" | "phone" | "external_id")
        | (Module::SalesAccount, "phone" | "website") => Some((field, text.to_owned())),
        (_, _) => None,
    };
    let unique = crm
        .fields
        .find(module, field)
        .is_some_and(|field| field.unique);
    let mut found = match (key, unique) {
        (Some((name, value)), _) => by_keys(crm, module, name, &[value])?,
        (None, true) => by_keys(crm, module, field, &[text.to_owned()])?,
        (None, false) if field.starts_with("cf_") => {
            let mut rows = rows(crm, module, "id", 0)?;
            rows.retain(|row| {
                let value = row
                    .body
                    .get("custom_field")
                    .and_then(|custom| custom.get(field));
                value.and_then(unique::plain_text).as_deref() == Some(text)
            });
            rows
        }
        (None, false) => Vec::new(),
    };
    if crm.switches.lookup_delay_ms > 0 {
        let seen = rows(crm, module, "id", crm.switches.lookup_delay_ms)?;
        found.retain(|row| seen.iter().any(|seen| seen.id == row.id));
    }
    Ok(found)
}

fn is_hit(body: &Map<String, Value>, words: &str) -> bool {
    let names = [
        "display_name",
        "name",
        "email",
        "mobile_number",
        "work_number",
        "website",
        "phone",
    ];
    names.iter().any(|name| {
        let text = body.get(*name).and_then(Value::as_str).unwrap_or_default();
        text.to_lowercase().contains(words)
    })
}

/// One search result; the keys of freshsales.md 4.4.
fn hit(crm: &Crm, module: Module, row: &Row) -> Result<Value, Refusal> {
    let value = |name: &str| row.body.get(name).cloned().unwrap_or_default();
    let mut sides = Sides::default();
    render::user_side(crm, &value("owner_id"), &mut sides)?;
    let users = sides
        .into_fields()
        .pop()
        .map(|side| side.1)
        .unwrap_or_default();
    let owner = match users.get(0) {
        Some(user) => json!({"id": user["id"], "name": user["display_name"]}),
        None => json!({}),
    };
    let mut hit = Map::new();
    hit.insert("id".to_owned(), json!(row.id.to_string()));
    hit.insert("owner".to_owned(), owner);
    hit.insert("avatar".to_owned(), Value::Null);
    for name in ["email", "country", "website", "updated_at"] {
        hit.insert(name.to_owned(), value(name));
    }
    if module == Module::Contact {
        let accounts = links::links_of(&row.body);
        let account = match accounts.iter().find(|link| link.1) {
            Some(link) => crm.books.get(Entity::SalesAccount, link.0)?,
            None => None,
        };
        let account = account.and_then(|row| row.body.get("name").cloned());
        hit.insert("type".to_owned(), json!("contact"));
        hit.insert("name".to_owned(), value("display_name"));
        hit.insert("mcr_id".to_owned(), value("mcr_id"));
        hit.insert("primary_sales_account_name".to_owned(), json!(account));
    } else {
        hit.insert("type".to_owned(), json!("sales_account"));
        hit.insert("name".to_owned(), value("name"));
    }
    Ok(Value::Object(hit))
}
