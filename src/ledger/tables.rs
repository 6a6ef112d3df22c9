//! The tables of the ledger, and the indexes that are built only after staging.

/// Version of the format; a file with a higher one is refused.
pub(super) const FORMAT: i64 = 4;

/// From format 1: its runs were rehearsals, there was nothing else.
pub(super) const UPGRADE_FROM_1: &str = "
ALTER TABLE run ADD COLUMN approval TEXT NOT NULL DEFAULT 'rehearsal';
ALTER TABLE run ADD COLUMN approved_by TEXT;
";

/// `mapw`, in the file's header, tells a ledger from any other `SQLite` file.
pub(super) const APPLICATION: i64 = 0x6d61_7077;

/// Runs and rollbacks.
pub(super) const RUN: &str = "
CREATE TABLE run (
    id INTEGER PRIMARY KEY,
    plan TEXT NOT NULL, capture TEXT NOT NULL,
    started TEXT NOT NULL, ended TEXT,
    state TEXT NOT NULL CHECK (state IN
        ('staging', 'staged', 'done', 'replaced', 'rolled back', 'undoing', 'undone')),
    approval TEXT NOT NULL DEFAULT 'rehearsal',
    approved_by TEXT,
    -- The run that this one takes back.
    undoes INTEGER
) STRICT;
";

/// What format 3 brought: images, wanted fields, pace, forecasts.
pub(super) const ADDED: &str = "
-- What a run left of a record at the destination, and the draft that it was made from.
CREATE TABLE image (
    entity INTEGER NOT NULL, source TEXT NOT NULL, run INTEGER NOT NULL,
    sequence INTEGER NOT NULL, there TEXT NOT NULL,
    PRIMARY KEY (entity, source, run)
) STRICT, WITHOUT ROWID;
-- Custom fields that the rules of a run write to, as JSON: their names at the destination are learnt by them.
CREATE TABLE wanted (run INTEGER PRIMARY KEY, fields TEXT NOT NULL) STRICT;
-- When a process last worked with the ledger: the hour's quota is not whole so soon.
CREATE TABLE pace (one INTEGER PRIMARY KEY CHECK (one = 1), seen TEXT NOT NULL) STRICT;
-- What was foretold for a phase of a run, and what it took.
CREATE TABLE forecast (
    run INTEGER NOT NULL, phase TEXT NOT NULL,
    predicted INTEGER NOT NULL, calls INTEGER NOT NULL, seconds INTEGER NOT NULL,
    PRIMARY KEY (run, phase)
) STRICT, WITHOUT ROWID;
";

/// What format 4 brought: how far a load has come where it leaves no record behind.
pub(super) const PROGRESS: &str = "
CREATE TABLE progress (
    run INTEGER NOT NULL, phase TEXT NOT NULL,
    -- The staged record up to which the phase is through.
    after INTEGER NOT NULL,
    ended INTEGER NOT NULL,
    PRIMARY KEY (run, phase)
) STRICT, WITHOUT ROWID;
-- Staged children that stand more than once at the destination, until they have been looked after.
CREATE TABLE doubled (
    run INTEGER NOT NULL, sequence INTEGER NOT NULL,
    PRIMARY KEY (run, sequence)
) STRICT, WITHOUT ROWID;
";

/// From format 2: rollbacks are runs, and there was none.
pub(super) fn upgrade_from_2() -> String {
    format!(
        "ALTER TABLE run RENAME TO run_before; {RUN}
         INSERT INTO run (id, plan, capture, started, ended, state, approval, approved_by)
         SELECT id, plan, capture, started, ended, state, approval, approved_by FROM run_before;
         DROP TABLE run_before; {ADDED}"
    )
}

/// `staged` has no key but its sequence: a random unique key costs the factor 25 on insert.
pub(super) const TABLES: &str = "
CREATE TABLE binding (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    system TEXT NOT NULL, address TEXT NOT NULL, account TEXT NOT NULL, since TEXT NOT NULL
) STRICT;
CREATE TABLE holder (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    pid INTEGER NOT NULL, host TEXT NOT NULL, since TEXT NOT NULL
) STRICT;
CREATE TABLE word (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;
CREATE TABLE reading (
    run INTEGER NOT NULL, row INTEGER NOT NULL, count INTEGER NOT NULL,
    PRIMARY KEY (run, row)
) STRICT, WITHOUT ROWID;
CREATE TABLE staged (
    sequence INTEGER PRIMARY KEY,
    run INTEGER NOT NULL, row INTEGER NOT NULL,
    entity INTEGER NOT NULL, source TEXT NOT NULL, line INTEGER NOT NULL,
    fate INTEGER NOT NULL, reason INTEGER, target INTEGER,
    parent TEXT NOT NULL, draft TEXT, digest BLOB, reports TEXT
) STRICT;
CREATE TABLE opt_out (sequence INTEGER PRIMARY KEY, run INTEGER NOT NULL, content TEXT NOT NULL) STRICT;
CREATE TABLE landed (
    sequence INTEGER PRIMARY KEY,
    run INTEGER NOT NULL, state INTEGER NOT NULL, proven INTEGER NOT NULL,
    reason INTEGER, detail TEXT, reports TEXT
) STRICT;
CREATE TABLE operation (
    number INTEGER PRIMARY KEY,
    run INTEGER NOT NULL, sequence INTEGER, entity INTEGER, source TEXT,
    kind INTEGER NOT NULL, target INTEGER NOT NULL, destination INTEGER, adopted INTEGER NOT NULL,
    content TEXT NOT NULL, before TEXT,
    state INTEGER NOT NULL, message TEXT,
    intended TEXT NOT NULL, received TEXT
) STRICT;
CREATE INDEX operation_sequence ON operation (sequence) WHERE sequence IS NOT NULL;
CREATE INDEX operation_state ON operation (state, entity, source) WHERE state IN (0, 1);
CREATE TABLE crosswalk (
    entity INTEGER NOT NULL, source TEXT NOT NULL,
    target INTEGER NOT NULL, destination INTEGER NOT NULL,
    adopted INTEGER NOT NULL, digest BLOB,
    PRIMARY KEY (entity, source)
) STRICT, WITHOUT ROWID;
CREATE INDEX crosswalk_destination ON crosswalk (destination, target);
-- For people with any SQLite tool: what was staged, in words.
CREATE VIEW staged_readable AS
SELECT staged.sequence, staged.run, row.text AS row,
    CASE staged.fate WHEN 0 THEN 'draft' WHEN 1 THEN 'excluded' WHEN 2 THEN 'held'
        WHEN 3 THEN 'rejected' WHEN 4 THEN 'merged' WHEN 5 THEN 'carried' ELSE 'ignored' END AS fate,
    reason.text AS reason, target.text AS target, staged.source, staged.line, staged.parent,
    staged.draft
FROM staged
    JOIN word row ON row.id = staged.row
    LEFT JOIN word reason ON reason.id = staged.reason
    LEFT JOIN word target ON target.id = staged.target;
";

/// Dropped before staging, built when it is complete.
pub(super) const BUILD_INDEXES: &str = "
CREATE INDEX IF NOT EXISTS staged_work ON staged (run, target, parent, sequence) WHERE target IS NOT NULL;
CREATE INDEX IF NOT EXISTS staged_source ON staged (source, entity, run);
";

pub(super) const DROP_INDEXES: &str = "
DROP INDEX IF EXISTS staged_work;
DROP INDEX IF EXISTS staged_source;
";
