//! Files and links that hang on a record (freshsales.md 9.6). The content of a file is not kept,
//! its size and hash are.

use serde_json::Value;
use serde_json::json;

use super::crm::Action;
use super::crm::Crm;
use super::entity::Entity;
use super::module::Module;
use super::reply::Answer;
use super::reply::Refusal;
use super::reply::Reply;
use super::request::Request;
use super::targets;
use super::targets::Target;
use super::unique;

/// Largest file (freshsales.md 9.6).
const FILE_MAX: usize = 150 * 1024 * 1024;

/// `POST /documents`, a form with `file`, `file_name`, `is_shared` and the target.
pub(super) fn upload(crm: &mut Crm, request: &Request) -> Answer {
    let mut problems = Vec::new();
    let target = targets::read(crm, &request.body, &mut problems)?;
    let size = request.file.as_ref().map(|file| file.bytes);
    if size.is_none_or(|size| size == 0) {
        problems.push("File can't be blank".to_owned());
    }
    if size.is_some_and(|size| size > FILE_MAX) {
        problems.push("File is too large".to_owned());
    }
    let (Some(target), Some(file), true) = (target, &request.file, problems.is_empty()) else {
        return Err(Refusal::Invalid(problems));
    };
    let name = request.body.get("file_name").and_then(unique::plain_text);
    let document = json!({
        "name": name.unwrap_or_else(|| file.name.clone()), "content_type": file.content_type,
        "content_size": file.bytes, "content_hash": file.hash, "document_type": "file",
    });
    keep(crm, request, target, &document)
}

/// `POST /document_links {"url","name","is_shared","targetable_id","targetable_type"}`.
pub(super) fn link(crm: &mut Crm, request: &Request) -> Answer {
    let mut problems = Vec::new();
    let target = targets::read(crm, &request.body, &mut problems)?;
    let url = request.body.get("url").and_then(unique::plain_text);
    if url.is_none() {
        problems.push("URL can't be blank".to_owned());
    }
    let (Some(target), Some(url)) = (target, url) else {
        return Err(Refusal::Invalid(problems));
    };
    let name = request.body.get("name").and_then(unique::plain_text);
    let document = json!({
        "name": name.unwrap_or_else(|| url.clone()), "url": url, "document_type": "link",
    });
    keep(crm, request, target, &document)
}

/// `GET /contacts/:id/document_associations`; the key of the rows is a guess, `meta` is described.
pub(super) fn of(crm: &Crm, request: &Request, module: Module, id: i64) -> Answer {
    crm.books
        .get(module.entity(), id)?
        .ok_or(Refusal::NotFound)?;
    let key = module.target_key(id);
    let page = request.query.page();
    let total = crm.books.count_key(Entity::Document, "target", &key)?;
    let found = (Entity::Document, "target", key.as_str());
    let mut rows = Vec::new();
    for id in crm.books.find_page(found, page.limit(), page.offset())? {
        if let Some(row) = crm.books.get(Entity::Document, id)? {
            rows.push(Value::Object(row.body));
        }
    }
    Ok(Reply::fields([
        ("document_associations", Value::from(rows)),
        (
            "meta",
            json!({"total": total, "totalPages": page.pages(total)}),
        ),
    ]))
}

fn keep(crm: &mut Crm, request: &Request, target: Target, document: &Value) -> Answer {
    let id = crm.books.next_id();
    let mut body = document.as_object().cloned().unwrap_or_default();
    let is_shared = match request.body.get("is_shared") {
        Some(Value::String(text)) => text == "true",
        other => other == Some(&json!(true)),
    };
    let url = body.get("url").cloned();
    let url = url.unwrap_or_else(|| json!(format!("/crm/sales/documents/{id}")));
    let given = [
        ("id", json!(id)),
        ("url", url.clone()),
        ("is_shared", json!(is_shared)),
        ("created_at", json!(crm.now())),
        ("creater_id", json!(crm.owner)),
        ("targetables", json!([target.wire()])),
    ];
    body.extend(given.map(|(key, value)| (key.to_owned(), value)));
    crm.books
        .insert(Entity::Document, id, &body, &[target.key()])?;
    crm.touch(Entity::Document, id, Action::Created);
    Ok(Reply {
        status: crm.switches.create_status,
        ..Reply::fields([("id", json!(id)), ("url", url), ("msg", "success".into())])
    })
}
