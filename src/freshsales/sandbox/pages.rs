//! Views and pages of records (freshsales.md 4.1).

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::classic;
use super::crm::Crm;
use super::custom_modules;
use super::module::Module;
use super::reads::Slice;
use super::render;
use super::render::Place;
use super::render::Sides;
use super::reply::Answer;
use super::reply::Refusal;
use super::reply::Reply;
use super::request::Request;
use super::samples;
use super::store::Row;

/// `GET /{contacts,leads,…}/filters`: the views of a new account.
pub(super) fn filters(module: Module) -> Reply {
    Reply::fields([("filters", Value::from(views(module))), ("meta", json!({}))])
}

fn views(module: Module) -> Vec<Value> {
    let sample = match module {
        Module::Contact => "contact_views.json",
        Module::SalesAccount => "account_views.json",
        Module::Deal => "deal_views.json",
        Module::Lead => return classic::lead_views(),
        Module::Custom(id) => return custom_modules::views(id),
        Module::SalesActivity => return Vec::new(),
    };
    samples::rows(sample, "filters")
}

/// `GET /{…}/view/:id?page=&per_page=&sort=&sort_type=&include=`.
pub(super) fn view(crm: &Crm, request: &Request, module: Module, id: i64) -> Answer {
    let views = views(module);
    let view = views.iter().find(|view| view["id"] == json!(id));
    let name = view.and_then(|view| view["name"].as_str());
    let name = name.ok_or(Refusal::NotFound)?;
    let order = order(request, name);
    let slice = Slice {
        entity: module.entity(),
        deleted: name == "Recycle Bin",
        order: &order,
        seen_until: crm.seen_until(0),
    };
    let page = request.query.page();
    if let Module::Custom(id) = module {
        let key = (module.entity(), "module", id.to_string());
        let total = crm.books.count_key(key.0, key.1, &key.2)?;
        let found = (key.0, key.1, key.2.as_str());
        let is_last_first = request.query.get("sort_type") == Some("desc");
        let (limit, offset) = if is_last_first {
            // The same page, counted from the end.
            let end = total.saturating_sub(page.offset());
            let start = end.saturating_sub(page.limit());
            (end - start, start)
        } else {
            (page.limit(), page.offset())
        };
        let mut rows = Vec::new();
        for id in crm.books.find_page(found, limit, offset)? {
            rows.extend(crm.books.get(module.entity(), id)?);
        }
        if is_last_first {
            rows.reverse();
        }
        return show(crm, request, module, &rows, total);
    }
    if shows_all(name) && slice.seen_until == i64::MAX {
        let total = crm.books.count(slice.entity, slice.deleted)?;
        let rows = crm.books.page(slice, page.limit(), page.offset())?;
        return show(crm, request, module, &rows, total);
    }
    let (mut rows, mut total) = (Vec::new(), 0_usize);
    crm.books.each(slice, |row| {
        if shows_all(name) || is_in_view(name, crm.owner, &row.body) {
            if total >= page.offset() && rows.len() < page.limit() {
                rows.push(row);
            }
            total += 1;
        }
    })?;
    show(crm, request, module, &rows, total)
}

/// `GET /{…}/scroll/:view?limit=&last_fetched_id=`: those behind an id, oldest first. One client
/// alone describes it (freshsales.md 4.1).
pub(super) fn scroll(crm: &Crm, request: &Request, module: Module, id: i64) -> Answer {
    if !views(module).iter().any(|view| view["id"] == json!(id)) {
        return Err(Refusal::NotFound);
    }
    let number = |name: &str| request.query.get(name)?.parse::<i64>().ok();
    let limit = usize::try_from(number("limit").unwrap_or(25)).unwrap_or(25);
    let after = number("last_fetched_id").unwrap_or(0);
    let rows = crm
        .books
        .after(module.entity(), after, limit.clamp(1, 100))?;
    let total = crm.books.count(module.entity(), false)?;
    show(crm, request, module, &rows, total)
}

/// One page of records in the recorded frame.
pub(super) fn show(
    crm: &Crm,
    request: &Request,
    module: Module,
    rows: &[Row],
    total: usize,
) -> Answer {
    let includes = request.query.words("include");
    let mut sides = Sides::default();
    let mut records = Vec::new();
    let mut avatars = Map::new();
    for row in rows {
        if module == Module::Contact {
            avatars.insert(row.id.to_string(), Value::Null);
        }
        let record = render::record(crm, module, row, Place::Listed, &includes, &mut sides)?;
        records.push(Value::Object(record));
    }
    // The rows come first, side-loaded records behind: clients exist that take the first key.
    let mut fields = vec![(crm.plural(module), Value::from(records))];
    fields.extend(sides.into_fields());
    let pages = request.query.page().pages(total);
    let meta = json!({
        "total_pages": pages, "total": total, "avatar_data": {"Contact": avatars},
    });
    fields.push(("meta".to_owned(), meta));
    Ok(Reply::ordered(fields))
}

/// The SQL order for the sort words of freshsales.md 4.1; our text, never the client's.
pub(super) fn order(request: &Request, view: &str) -> String {
    let column = match request.query.get("sort") {
        Some("updated_at") => "updated",
        Some("lead_score") => "json_extract(body, '$.lead_score')",
        Some("open_deals_amount") => "json_extract(body, '$.open_deals_amount')",
        Some("last_contacted") => "json_extract(body, '$.last_contacted')",
        // Ids are given in the order of creation.
        Some("id" | "created_at") => "id",
        Some(_) | None if view == "Recently Modified" => "updated",
        Some(_) | None => "id",
    };
    let default = if view == "Recently Modified" {
        "desc"
    } else {
        "asc"
    };
    let direction = match request.query.get("sort_type").unwrap_or(default) {
        "desc" => "DESC",
        _ => "ASC",
    };
    match column {
        "id" => format!("id {direction}"),
        column => format!("{column} {direction}, id {direction}"),
    }
}

fn shows_all(name: &str) -> bool {
    matches!(
        name,
        "All Contacts"
            | "All Accounts"
            | "All Leads"
            | "Recently Modified"
            | "Recent Deals"
            | "Recycle Bin"
    )
}

/// What the other views hold; their true conditions were not recorded, so these are guesses
/// from their names.
fn is_in_view(name: &str, owner: i64, body: &Map<String, Value>) -> bool {
    let value = |name: &str| body.get(name).cloned().unwrap_or_default();
    match name {
        "My Contacts" | "My Accounts" | "My Leads" | "My Deals" => {
            value("owner_id") == json!(owner)
        }
        "Open Deals" => value("closed_date").is_null(),
        "New Contacts" | "New Leads" | "Never Contacted" => value("last_contacted").is_null(),
        "Bounced contacts" => value("subscription_status") == json!(4),
        // Imports, territories, follow-ups and activity scores do not exist here.
        _ => false,
    }
}
