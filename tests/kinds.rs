//! Everything that hangs on people and companies, from the capture to the account and back: tasks, past e-mails and
//! what happened `as activity`, files, links, records of modules. Both editions, against the local Freshsales.

mod children;
mod deaths;
mod edits;
mod modules;
mod pairs;
mod story;
mod unmarked;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

pub(crate) const CAPTURE: &str = "tests/stories/kinds/in";

/// The living records of an account, a line each, without what every write stamps anew: what a person would see.
pub(crate) fn living(dump: &Value) -> Vec<String> {
    let truth = dump["truth"].as_array().unwrap();
    let deleted: BTreeSet<i64> = truth
        .iter()
        .filter(|line| line["action"] == "deleted")
        .filter_map(|line| line["id"].as_i64())
        .collect();
    let rows = |kind: &str| {
        let rows = dump[kind].as_array().cloned().unwrap_or_default();
        let is_living = |row: &Value| !deleted.contains(&row["id"].as_i64().unwrap());
        rows.into_iter().filter(is_living).collect::<Vec<Value>>()
    };
    let mut names: BTreeMap<i64, String> = BTreeMap::new();
    for kind in ["contacts", "leads", "sales_accounts", "custom_records"] {
        for row in rows(kind) {
            let name = row["email"].as_str().or(row["name"].as_str());
            let name = name.unwrap_or("?").to_owned();
            names.insert(row["id"].as_i64().unwrap(), name);
        }
    }
    let on = |row: &Value| {
        let target = &row["targetables"][0];
        let id = target["id"].as_i64().unwrap_or_default();
        let name = names.get(&id).map_or("nobody", String::as_str);
        format!("{} {name}", target["type"].as_str().unwrap_or("nothing"))
    };
    let mut lines = Vec::new();
    for kind in ["contacts", "leads"] {
        for row in rows(kind) {
            let pointed = |value: &Value| {
                let id = value.as_i64();
                id.and_then(|id| names.get(&id).cloned())
                    .unwrap_or_default()
            };
            lines.push(format!(
                "{kind} {} | status {} | workspace {}",
                row["email"].as_str().unwrap_or("-"),
                row["contact_status_id"],
                pointed(&row["custom_field"]["cf_workspaces"]),
            ));
        }
    }
    for row in rows("sales_accounts").iter().chain(&rows("custom_records")) {
        lines.push(format!("{} | {}", row["name"], row["custom_field"]));
    }
    for row in rows("tasks") {
        lines.push(format!(
            "task on {} | {} | due {} | status {} | {}",
            on(&row),
            row["title"],
            row["due_date"],
            row["status"],
            row["description"],
        ));
    }
    for row in rows("sales_activities") {
        lines.push(format!(
            "activity on {} | {} | {} to {} | {} | {}",
            on(&row),
            row["title"],
            row["start_date"],
            row["end_date"],
            row["notes"],
            row["custom_field"],
        ));
    }
    for row in rows("documents") {
        let size = row["content_size"].as_i64().unwrap_or_default();
        let at = row["url"].as_str().filter(|_| size == 0).unwrap_or("-");
        lines.push(format!(
            "{} on {} | {} | {size} bytes | {at}",
            row["document_type"].as_str().unwrap_or("?"),
            on(&row),
            row["name"],
        ));
    }
    for row in rows("notes") {
        lines.push(format!("note on {} | {}", on(&row), row["description"]));
    }
    lines.sort();
    lines
}
