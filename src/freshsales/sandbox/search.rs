//! Search, lookup and filtered search (freshsales.md 4.4).

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::crm::Crm;
use super::emails;
use super::entity::Entity;
use super::filter::Rule;
use super::links;
use super::module::Module;
use super::pages;
use super::reads::Slice;
use super::render;
use super::render::Place;
use super::render::Sides;
use super::reply::Answer;
use super::reply::Refusal;
use super::reply::Reply;
use super::request::Request;
use super::store::Row;
use super::unique;

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
    for module in Module::searched(crm.edition).iter().copied() {
        let entity = module.entity();
        if !wanted.is_empty() && !wanted.contains(&entity.name()) {
            continue;
        }
        let mut hits = Vec::new();
        let slice = slice(crm, module, "id", crm.switches.search_delay_ms);
        crm.books.each(slice, |row| {
            if hits.len() < limit && is_hit(&row.body, &words) {
                hits.push(row);
            }
        })?;
        for row in hits {
            if found.len() < limit {
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
    for module in Module::searched(crm.edition).iter().copied() {
        let entity = module.entity();
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

/// `POST /filtered_search/{contact,lead,…,cm_x}`; the page may stand in the body, as one client
/// sends it.
pub(super) fn filtered(crm: &Crm, request: &Request, singular: &str) -> Answer {
    let mut modules = Module::searched(crm.edition).iter().copied();
    let module = modules
        .find(|module| module.entity().name() == singular)
        .or_else(|| crm.customs.find(singular))
        .ok_or(Refusal::NotFound)?;
    let rules = match request.body.get("filter_rule") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(rules)) => rules
            .iter()
            .map(|rule| Rule::read(crm, rule))
            .collect::<Result<_, _>>()?,
        Some(_) => return Err(Refusal::invalid("filter_rule must be a list")),
    };
    let (found, total) = matching(crm, request, module, &rules)?;
    let includes = request.query.words("include");
    let mut sides = Sides::default();
    let mut records = Vec::new();
    for row in &found {
        let mut record = render::record(crm, module, row, Place::Listed, &includes, &mut sides)?;
        let asked = |name: &str| !crm.shapes.shown(module).contains_key(name);
        record.retain(|name, _| partial_names(module).contains(&name.as_str()) || asked(name));
        record.insert("partial".to_owned(), json!(true));
        records.push(Value::Object(record));
    }
    let mut fields = vec![(crm.plural(module), Value::from(records))];
    fields.extend(sides.into_fields());
    fields.push(("meta".to_owned(), json!({"total": total})));
    Ok(Reply::ordered(fields))
}

/// The asked page of what satisfies every rule, and how many there are in all.
fn matching(
    crm: &Crm,
    request: &Request,
    module: Module,
    rules: &[Rule],
) -> Result<(Vec<Row>, usize), Refusal> {
    let order = pages::order(request, "");
    let page = request.page();
    let (mut found, mut total) = (Vec::new(), 0_usize);
    let mut take = |row: Row| {
        if rules.iter().all(|rule| rule.holds(&row.body)) {
            if total >= page.offset() && found.len() < page.limit() {
                found.push(row);
            }
            total += 1;
        }
    };
    let delay_ms = crm.switches.search_delay_ms;
    match (rules.iter().find_map(Rule::indexed), module) {
        (Some((name, values)), _) => {
            let rows = by_keys(crm, module, name, &values, delay_ms)?;
            rows.into_iter().for_each(take);
        }
        (None, Module::Custom(id)) => {
            let rows = by_keys(crm, module, "module", &[id.to_string()], delay_ms)?;
            rows.into_iter().for_each(take);
        }
        (None, _) => {
            let slice = slice(crm, module, &order, delay_ms);
            crm.books.each(slice, &mut take)?;
        }
    }
    Ok((found, total))
}

/// The keys of a partial record (as captured for contacts; for accounts from the derived view).
fn partial_names(module: Module) -> &'static [&'static str] {
    match module {
        Module::Contact | Module::Lead => &[
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
        Module::SalesAccount | Module::Deal | Module::SalesActivity | Module::Custom(_) => &[
            "id",
            "name",
            "amount",
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
fn slice<'a>(crm: &Crm, module: Module, order: &'a str, delay_ms: u64) -> Slice<'a> {
    Slice {
        entity: module.entity(),
        deleted: false,
        order,
        seen_until: crm.seen_until(delay_ms),
    }
}

fn by_keys(
    crm: &Crm,
    module: Module,
    name: &str,
    values: &[String],
    delay_ms: u64,
) -> Result<Vec<Row>, Refusal> {
    let entity = module.entity();
    let mut ids = Vec::new();
    for value in values {
        ids.extend(crm.books.find(entity, name, value, false)?);
    }
    ids.sort_unstable();
    ids.dedup();
    let seen_until = crm.seen_until(delay_ms);
    let mut rows = Vec::new();
    for id in ids {
        if seen_until < i64::MAX && !crm.books.was_there(id, seen_until)? {
            continue;
        }
        let Some(mut row) = crm.books.get(entity, id)? else {
            continue;
        };
        if seen_until < i64::MAX {
            crm.books.look_back(&mut row, seen_until)?;
        }
        rows.push(row);
    }
    Ok(rows)
}

fn exact(crm: &Crm, module: Module, field: &str, text: &str) -> Result<Vec<Row>, Refusal> {
    let delay_ms = crm.switches.lookup_delay_ms;
    let key = match (module, field) {
        (Module::Contact | Module::Lead, "email" | "emails") => {
            Some(("email", emails::folded(text)))
        }
        (_, "name") => Some(("name", text.to_lowercase())),
        (Module::Contact | Module::Lead, "mobile_number" | "work_number" | "phone")
        | (Module::Contact, "external_id")
        | (Module::SalesAccount, "phone" | "website") => Some((field, text.to_owned())),
        (_, _) => None,
    };
    let unique = crm
        .fields
        .find(module, field)
        .is_some_and(|field| field.unique);
    match (key, unique) {
        (Some((name, value)), _) => by_keys(crm, module, name, &[value], delay_ms),
        (None, true) => by_keys(crm, module, field, &[text.to_owned()], delay_ms),
        (None, false) if field.starts_with("cf_") => {
            let mut found = Vec::new();
            crm.books.each(slice(crm, module, "id", delay_ms), |row| {
                let value = row
                    .body
                    .get("custom_field")
                    .and_then(|custom| custom.get(field));
                if value.and_then(unique::plain_text).as_deref() == Some(text) {
                    found.push(row);
                }
            })?;
            Ok(found)
        }
        (None, false) => Ok(Vec::new()),
    }
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
    if matches!(module, Module::Contact | Module::Lead) {
        let accounts = links::links_of(&row.body);
        let account = match accounts.iter().find(|link| link.1) {
            Some(link) => crm.books.get(Entity::SalesAccount, link.0)?,
            None => None,
        };
        let account = account.and_then(|row| row.body.get("name").cloned());
        hit.insert("name".to_owned(), value("display_name"));
        hit.insert("mcr_id".to_owned(), value("mcr_id"));
        hit.insert("primary_sales_account_name".to_owned(), json!(account));
    } else {
        hit.insert("name".to_owned(), value("name"));
    }
    hit.insert("type".to_owned(), json!(module.entity().name()));
    Ok(Value::Object(hit))
}
