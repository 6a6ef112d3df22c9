//! Temporary `SQLite` files for what one pass has to know about another: filled in bulk, indexed, then only read.

use std::path::{Path, PathBuf};

use rusqlite::config::DbConfig;
use rusqlite::{CachedStatement, Connection, OpenFlags, OptionalExtension, params};
use tempfile::TempDir;

use super::WalkError;
use crate::plan::TargetId;

/// Memory that one connection may keep pages in.
const CACHE_KB: i64 = 16 * 1024;

const JOIN_TABLES: &str = "
    CREATE TABLE object (id TEXT NOT NULL, target INTEGER, created INTEGER);
    CREATE TABLE relation (person TEXT NOT NULL, object TEXT NOT NULL, type TEXT NOT NULL,
                           is_primary INTEGER NOT NULL, line INTEGER NOT NULL);
    CREATE TABLE suppression (email TEXT NOT NULL, reason TEXT NOT NULL, severity INTEGER NOT NULL);";

const CLAIM_TABLES: &str = "
    CREATE TABLE claim (target TEXT NOT NULL, field TEXT NOT NULL, value TEXT NOT NULL,
                        PRIMARY KEY (target, field, value)) WITHOUT ROWID;";

const JOIN_INDEXES: &str = "
    CREATE INDEX object_id ON object (id);
    CREATE INDEX relation_person ON relation (person, object, line);
    CREATE INDEX suppression_email ON suppression (email, severity);";

/// For objects that look people up.
const OTHER_WAY: &str = "CREATE INDEX relation_object ON relation (object, person, line);";

/// A file that is filled and then indexed.
struct Table {
    dir: TempDir,
    connection: Connection,
}

impl Table {
    fn create(parent: &Path, tables: &str) -> Result<Self, WalkError> {
        let dir = tempfile::Builder::new()
            .prefix("mapwright-index-")
            .tempdir_in(parent)
            .map_err(WalkError::disk("making a temporary folder"))?;
        let failed = WalkError::index("making a temporary index");
        let connection = Connection::open(path_in(&dir)).map_err(&failed)?;
        // The file dies with the walk: nothing in it needs to survive a crash.
        connection
            .execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")
            .and_then(|()| connection.pragma_update(None, "cache_size", -CACHE_KB))
            .and_then(|()| connection.execute_batch(tables))
            .and_then(|()| connection.execute_batch("BEGIN"))
            .map_err(failed)?;
        Ok(Self { dir, connection })
    }

    fn statement(&self, words: &str) -> Result<CachedStatement<'_>, WalkError> {
        self.connection
            .prepare_cached(words)
            .map_err(WalkError::index("filling a temporary index"))
    }

    fn finish(self, indexes: &str) -> Result<TempDir, WalkError> {
        let failed = WalkError::index("indexing a temporary index");
        self.connection
            .execute_batch(indexes)
            .and_then(|()| self.connection.execute_batch("COMMIT"))
            .map_err(&failed)?;
        self.connection
            .close()
            .map_err(|(_, error)| failed(error))?;
        Ok(self.dir)
    }
}

fn path_in(dir: &TempDir) -> PathBuf {
    dir.path().join("index.db")
}

fn reader(dir: &TempDir) -> Result<Connection, WalkError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let failed = WalkError::index("opening a temporary index");
    let connection = Connection::open_with_flags(path_in(dir), flags).map_err(&failed)?;
    // Without the guarantee of one plan a statement is made anew for every value that it is given, and
    // without an open transaction every look locks the file: 60% of a walk's time went into the two.
    connection
        .set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)
        .and_then(|_| connection.pragma_update(None, "cache_size", -CACHE_KB))
        .and_then(|()| connection.execute_batch("BEGIN"))
        .map_err(failed)?;
    Ok(connection)
}

/// What people are joined with, being filled.
pub(super) struct JoinWriter(Table);

impl JoinWriter {
    pub(super) fn create(parent: &Path) -> Result<Self, WalkError> {
        Table::create(parent, JOIN_TABLES).map(Self)
    }

    /// `target` is what it becomes; nothing where it is not written.
    pub(super) fn object(
        &self,
        id: &str,
        target: Option<TargetId>,
        created: Option<i64>,
    ) -> Result<(), WalkError> {
        let mut statement = self.0.statement("INSERT INTO object VALUES (?1, ?2, ?3)")?;
        done(statement.execute(params![id, target.map(|it| it.0), created]))
    }

    pub(super) fn relation(&self, relation: &NewRelation) -> Result<(), WalkError> {
        let words = "INSERT INTO relation VALUES (?1, ?2, ?3, ?4, ?5)";
        let mut statement = self.0.statement(words)?;
        let NewRelation {
            person,
            object,
            type_id,
            is_primary,
            line,
        } = relation;
        done(statement.execute(params![
            person,
            object,
            type_id,
            is_primary,
            line.cast_signed()
        ]))
    }

    pub(super) fn suppression(
        &self,
        email: &str,
        reason: &str,
        severity: i64,
    ) -> Result<(), WalkError> {
        let words = "INSERT INTO suppression VALUES (?1, ?2, ?3)";
        let mut statement = self.0.statement(words)?;
        done(statement.execute(params![email, reason, severity]))
    }

    pub(super) fn finish(self) -> Result<JoinIndex, WalkError> {
        self.0.finish(JOIN_INDEXES).map(JoinIndex)
    }

    /// The same, where objects look people up too.
    pub(super) fn finish_both_ways(self) -> Result<JoinIndex, WalkError> {
        let indexes = format!("{JOIN_INDEXES}{OTHER_WAY}");
        self.0.finish(&indexes).map(JoinIndex)
    }
}

/// Values that the destination wants unique, and that some draft has taken.
pub(super) struct Claims(Table);

impl Claims {
    pub(super) fn create(parent: &Path) -> Result<Self, WalkError> {
        Table::create(parent, CLAIM_TABLES).map(Self)
    }

    /// Whether the value was free until now.
    pub(super) fn claim(&self, target: &str, field: &str, value: &str) -> Result<bool, WalkError> {
        let words = "INSERT OR IGNORE INTO claim VALUES (?1, ?2, ?3)";
        let mut statement = self.0.statement(words)?;
        let added = statement.execute(params![target, field, value]);
        added
            .map(|rows| rows > 0)
            .map_err(WalkError::index("filling a temporary index"))
    }
}

fn done(result: rusqlite::Result<usize>) -> Result<(), WalkError> {
    result
        .map(|_| ())
        .map_err(WalkError::index("filling a temporary index"))
}

/// A relationship as it was read.
pub(super) struct NewRelation {
    pub(super) person: String,
    pub(super) object: String,
    pub(super) type_id: String,
    pub(super) is_primary: bool,
    pub(super) line: u64,
}

/// What people are joined with.
pub(super) struct JoinIndex(TempDir);

impl JoinIndex {
    /// One reader for one worker.
    pub(super) fn reader(&self) -> Result<JoinReader, WalkError> {
        let connection = reader(&self.0)?;
        let has_any = |table: &str| {
            let words = format!("SELECT EXISTS (SELECT 1 FROM {table})");
            let answer = connection.query_row(&words, [], |row| row.get(0));
            answer.map_err(WalkError::index("reading a temporary index"))
        };
        Ok(JoinReader {
            has_relations: has_any("relation")?,
            has_suppressions: has_any("suppression")?,
            connection,
        })
    }
}

/// A relationship with the other end's fate; `target` is `None` where the object is not written.
pub(super) struct Relation {
    pub(super) object: String,
    pub(super) type_id: String,
    pub(super) is_primary: bool,
    pub(super) target: Option<TargetId>,
    pub(super) created: Option<i64>,
}

pub(super) struct JoinReader {
    connection: Connection,
    has_relations: bool,
    has_suppressions: bool,
}

impl JoinReader {
    /// The objects of one person, each once, in the order of the capture.
    pub(super) fn related(&self, person: &str) -> Result<Vec<Relation>, WalkError> {
        if !self.has_relations {
            return Ok(Vec::new());
        }
        let failed = WalkError::index("reading a temporary index");
        let words = "SELECT r.object, r.type, MAX(r.is_primary), MAX(o.target), MAX(o.created)
            FROM relation r LEFT JOIN object o ON o.id = r.object
            WHERE r.person = ?1 GROUP BY r.object ORDER BY MIN(r.line)";
        let mut statement = self.connection.prepare_cached(words).map_err(&failed)?;
        let rows = statement.query_map([person], |row| {
            Ok(Relation {
                object: row.get(0)?,
                type_id: row.get(1)?,
                is_primary: row.get(2)?,
                target: row.get::<_, Option<u16>>(3)?.map(TargetId),
                created: row.get(4)?,
            })
        });
        rows.and_then(Iterator::collect).map_err(failed)
    }

    /// The people of one object, each once, in the order of the capture, and whether the
    /// relationship is marked.
    pub(super) fn people_of(&self, object: &str) -> Result<Vec<(String, bool)>, WalkError> {
        let failed = WalkError::index("reading a temporary index");
        let words = "SELECT person, MAX(is_primary) FROM relation
            WHERE object = ?1 GROUP BY person ORDER BY MIN(line)";
        let mut statement = self.connection.prepare_cached(words).map_err(&failed)?;
        let rows = statement.query_map([object], |row| Ok((row.get(0)?, row.get(1)?)));
        rows.and_then(Iterator::collect).map_err(failed)
    }

    /// The strictest reason that the mail provider has against an address.
    pub(super) fn suppression(&self, email: &str) -> Result<Option<String>, WalkError> {
        if !self.has_suppressions {
            return Ok(None);
        }
        let words = "SELECT reason FROM suppression WHERE email = ?1 ORDER BY severity LIMIT 1";
        self.one(words, [email])
    }

    /// Whether the object is drafted; `None` where there is none.
    pub(super) fn object(&self, id: &str) -> Result<Option<bool>, WalkError> {
        let words = "SELECT target IS NOT NULL FROM object WHERE id = ?1 LIMIT 1";
        self.one(words, [id])
    }

    /// The line of the first relationship between the two.
    pub(super) fn first_line(&self, person: &str, object: &str) -> Result<Option<i64>, WalkError> {
        let words = "SELECT line FROM relation WHERE person = ?1 AND object = ?2
            ORDER BY line LIMIT 1";
        self.one(words, [person, object])
    }

    fn one<T: rusqlite::types::FromSql>(
        &self,
        words: &str,
        with: impl rusqlite::Params,
    ) -> Result<Option<T>, WalkError> {
        let failed = WalkError::index("reading a temporary index");
        let mut statement = self.connection.prepare_cached(words).map_err(&failed)?;
        statement
            .query_row(with, |row| row.get(0))
            .optional()
            .map_err(failed)
    }
}
