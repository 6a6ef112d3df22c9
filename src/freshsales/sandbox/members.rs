//! Which contacts are on which list.

use super::store::Books;

impl Books {
    pub(super) fn add_member(&self, list: i64, contact: i64) -> rusqlite::Result<bool> {
        let sql = "INSERT OR IGNORE INTO member (list, contact) VALUES (?1, ?2)";
        Ok(self
            .connection
            .prepare_cached(sql)?
            .execute([list, contact])?
            > 0)
    }

    pub(super) fn remove_member(&self, list: i64, contact: i64) -> rusqlite::Result<bool> {
        let sql = "DELETE FROM member WHERE list = ?1 AND contact = ?2";
        Ok(self
            .connection
            .prepare_cached(sql)?
            .execute([list, contact])?
            > 0)
    }

    pub(super) fn clear_list(&self, list: i64) -> rusqlite::Result<()> {
        self.connection
            .prepare_cached("DELETE FROM member WHERE list = ?1")?
            .execute([list])
            .map(drop)
    }

    /// The living contacts of a list, oldest first.
    pub(super) fn members(&self, list: i64) -> rusqlite::Result<Vec<i64>> {
        self.connection
            .prepare_cached(
                "SELECT contact FROM member JOIN record ON record.id = contact \
                 WHERE list = ?1 AND deleted = 0 ORDER BY contact",
            )?
            .query_map([list], |row| row.get(0))?
            .collect()
    }

    pub(super) fn lists_of(&self, contact: i64) -> rusqlite::Result<Vec<i64>> {
        self.connection
            .prepare_cached("SELECT list FROM member WHERE contact = ?1 ORDER BY list")?
            .query_map([contact], |row| row.get(0))?
            .collect()
    }
}
