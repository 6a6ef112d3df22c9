//! Everything that the account holds, for tests.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::crm::Crm;
use super::entity::Entity;
use super::reads::Slice;

impl Crm {
    /// All records by kind, with every stored field, for tests.
    pub(super) fn dump(&self) -> rusqlite::Result<Value> {
        let mut dump = Map::new();
        for entity in Entity::ALL {
            let mut rows = self.books.all(entity)?;
            let slice = Slice {
                entity,
                deleted: true,
                order: "id",
                seen_until: i64::MAX,
            };
            rows.extend(self.books.page(slice, usize::MAX, 0)?);
            rows.sort_by_key(|row| row.id);
            let rows: Result<Vec<Value>, rusqlite::Error> = rows
                .into_iter()
                .map(|row| {
                    let mut body = row.body;
                    if entity == Entity::List {
                        body.insert("contact_ids".to_owned(), json!(self.books.members(row.id)?));
                    }
                    Ok(Value::Object(body))
                })
                .collect();
            dump.insert(entity.plural().to_owned(), Value::from(rows?));
        }
        dump.insert("truth".to_owned(), Value::from(self.books.truth()?));
        Ok(Value::Object(dump))
    }
}
