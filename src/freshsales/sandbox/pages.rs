//! Views and pages of records (freshsales.md 4.1).

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::crm::Crm;
use super::fields::Module;
use super::render;
use super::render::Place;
use super::render::Sides;
use super::reply::Answer;
use super::reply::Refusal;
use super::reply::Reply;
use super::request::Request;
use super::samples;
use super::store::Row;
use super::store::Slice;

/// `GET /{contacts,sales_accounts}/filters`: the views of a new account.
pub(super) fn filters(module: Module) -> Reply {
    let sample = match module {
        Module::Contact => "contact_views.json",
        Module::SalesAccount => "account_views.json",
        Module::Deal | Module::SalesActivity => "deal_views.json",
    };
    let filters = samples::rows(sample, "filters");
    Reply::fields([("filters", Value::from(filters)), ("meta", json!({}))])
}

/// `GET /{…}/view/:id?page=&per_page=&sort=&sort_type=&include=`.
pub(super) fn view(crm: &Crm, request: &Request, module: Module, id: i64) -> Answer {
    let entity = module.entity().ok_or(Refusal::NoRoute)?;
    let Reply { body, .. } = filters(module);
    let name = match body {
        super::reply::Body::Fields(fields) => view_name(&fields, id),
        super::reply::Body::Plain(_) => None,
    };
    let name = name.ok_or(Refusal::NotFound)?;
    let order = order(request, &name);
    let slice = Slice {
        entity,
        deleted: name == "Recycle Bin",
        order: &order,
        updated_until: i64::MAX,
    };
    let page = request.query.page();
    if shows_all(&name) {
        let total = crm.books.count(entity, slice.deleted)?;
        let rows = crm.books.page(slice, page.limit(), page.offset())?;
        return show(crm, request, module, &rows, total);
    }
    let mut rows = crm.books.page(slice, usize::MAX, 0)?;
    rows.retain(|row| is_in_view(&name, crm.owner, &row.body));
    let total = rows.len();
    let rows: Vec<Row> = rows
        .into_iter()
        .skip(page.offset())
        .take(page.limit())
        .collect();
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
    let entity = module.entity().ok_or(Refusal::NoRoute)?;
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
    let mut fields = vec![(entity.plural().to_owned(), Value::from(records))];
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
        Some("created_at") => "created",
        Some("updated_at") => "updated",
        Some("lead_score") => "json_extract(body, '$.lead_score')",
        Some("open_deals_amount") => "json_extract(body, '$.open_deals_amount')",
        Some("last_contacted") => "json_extract(body, '$.last_contacted')",
        Some("id") => "id",
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

fn view_name(fields: &[(String, Value)], id: i64) -> Option<String> {
    let views = fields
        .iter()
        .find(|field| field.0 == "filters")?
        .1
        .as_array()?;
    let view = views.iter().find(|view| view["id"] == json!(id))?;
    view["name"].as_str().map(str::to_owned)
}

fn shows_all(name: &str) -> bool {
    matches!(
        name,
        "All Contacts" | "All Accounts" | "Recently Modified" | "Recycle Bin"
    )
}

/// What the other views hold; their true conditions were not recorded, so these are guesses
/// from their names.
fn is_in_view(name: &str, owner: i64, body: &Map<String, Value>) -> bool {
    let value = |name: &str| body.get(name).cloned().unwrap_or_default();
    match name {
        "My Contacts" | "My Accounts" => value("owner_id") == json!(owner),
        "New Contacts" | "Never Contacted" => value("last_contacted").is_null(),
        "Bounced contacts" => value("subscription_status") == json!(4),
        // Imports, territories, follow-ups and activity scores do not exist here.
        _ => false,
    }
}
