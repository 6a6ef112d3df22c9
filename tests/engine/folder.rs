//! Captures made for a test, and walks over them.

use std::fs;
use std::io::Write;
use std::path::Path;

use mapwright::capture::{Capture, Origin, seal};
use mapwright::engine::{Options, WalkSummary, walk};
use mapwright::model::{Entity, Fate, Outcome};
use mapwright::plan::Plan;

pub(super) struct Folder {
    dir: tempfile::TempDir,
}

impl Folder {
    pub(super) fn new() -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
        }
    }

    pub(super) fn path(&self) -> &Path {
        self.dir.path()
    }

    pub(super) fn with(self, name: &str, content: impl AsRef<[u8]>) -> Self {
        fs::write(self.dir.path().join(name), content).unwrap();
        self
    }

    pub(super) fn sealed(self) -> Self {
        let origin = Origin {
            workspace: "test".into(),
            region: "eu".into(),
            from: "2020-01-01T00:00:00Z".parse().unwrap(),
            until: "2026-01-01T00:00:00Z".parse().unwrap(),
        };
        seal(self.path(), &origin).unwrap();
        self
    }

    pub(super) fn walk(&self, plan: &Plan) -> Walked {
        self.walk_with(plan, 2, 1 << 18)
    }

    pub(super) fn walk_with(&self, plan: &Plan, threads: usize, chunk_bytes: usize) -> Walked {
        walk_at(self.path(), plan, threads, chunk_bytes)
    }
}

pub(super) fn walk_at(dir: &Path, plan: &Plan, threads: usize, chunk_bytes: usize) -> Walked {
    let spill = tempfile::tempdir().unwrap();
    let mut options = Options::new(spill.path());
    options.threads = threads;
    options.chunk_bytes = chunk_bytes;
    let capture = Capture::open(dir).unwrap();
    let mut outcomes = Vec::new();
    let summary = walk(plan, &capture, &[], &options, &mut |outcome| {
        outcomes.push(outcome);
        Ok(())
    });
    let summary = summary.unwrap();
    let left = fs::read_dir(spill.path()).unwrap().count();
    assert_eq!(left, 0, "temporary files are gone");
    Walked { outcomes, summary }
}

pub(super) struct Walked {
    pub(super) outcomes: Vec<Outcome>,
    pub(super) summary: WalkSummary,
}

impl Walked {
    /// The outcome of one line.
    pub(super) fn at(&self, entity: Entity, line: u64) -> &Outcome {
        let mut found = self
            .outcomes
            .iter()
            .filter(|it| it.entity() == entity && it.line == line && it.row != "roll-up");
        let only = found.next().expect("the line has an outcome");
        assert!(found.next().is_none(), "the line has one outcome");
        only
    }

    pub(super) fn of(&self, entity: Entity) -> Vec<&Outcome> {
        let all = self.outcomes.iter();
        all.filter(|it| it.entity() == entity && it.row != "roll-up")
            .collect()
    }
}

/// A fate in few words.
pub(super) fn words(outcome: &Outcome) -> String {
    match &outcome.fate {
        Fate::Draft(draft) => draft.target.clone(),
        Fate::Excluded { because } => format!("excluded: {because}"),
        Fate::Held { reason } => format!("held: {reason}"),
        Fate::Rejected { code, .. } => code.clone(),
        Fate::Merged { into, because } => format!("into {}: {because}", into.id),
        Fate::Carried { into } => format!("carried by {}", into.id),
        Fate::Ignored { because } => format!("ignored: {because}"),
    }
}

pub(super) fn gzip(content: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(content).unwrap();
    packed.finish().unwrap()
}
