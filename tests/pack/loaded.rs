//! The sample workspace loaded by the standard pack, once an edition for all the stories: what the account has then, and
//! the statement of the load.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::OnceLock;

use mapwright::freshsales::sandbox::Edition;
use serde_json::Value;

use super::source::{Workspace, word};
use super::{CAPTURE, err, mapwright, out, pack};

pub(crate) struct Loaded {
    pub(crate) edition: Edition,
    pub(crate) rules: PathBuf,
    pub(crate) dump: Value,
    pub(crate) report: Value,
    pub(crate) documents: PathBuf,
    pub(crate) workspace: Workspace,
    _folder: tempfile::TempDir,
}

/// Both editions, each loaded by whoever asks first.
pub(crate) fn both() -> [&'static Loaded; 2] {
    static SUITE: OnceLock<Loaded> = OnceLock::new();
    static CLASSIC: OnceLock<Loaded> = OnceLock::new();
    [
        SUITE.get_or_init(|| Loaded::of(Edition::Suite)),
        CLASSIC.get_or_init(|| Loaded::of(Edition::Classic)),
    ]
}

pub(crate) fn rows<'d>(dump: &'d Value, kind: &str) -> &'d [Value] {
    dump[kind].as_array().unwrap()
}

impl Loaded {
    fn of(edition: Edition) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let rules = pack().join(match edition {
            Edition::Suite => "standard.rules",
            Edition::Classic => "classic.rules",
        });
        let store = folder.path().join("store.db");
        let ledger = folder.path().join("ledger.db");
        let to = format!("sandbox:{}", store.display());
        let (rule_file, ledger) = (rules.to_str().unwrap(), ledger.to_str().unwrap());
        let documents = folder.path().join("documents");
        let into = documents.to_str().unwrap();
        let run = [
            "run", rule_file, "--from", CAPTURE, "--to", &to, "--ledger", ledger,
        ];
        let told = mapwright(&[&run[..], &["--documents", into]].concat());
        // More is held than the pack accepts, which accepts nothing.
        assert_eq!(told.status.code(), Some(3), "{}", err(&told));
        let page = out(&told);
        assert!(page.contains("; 0 differences."), "{page}");
        assert!(page.contains("Every row closes"), "{page}");
        let report = mapwright(&["report", "--ledger", ledger, "--format", "json"]);
        let dump = crate::consent::dump(edition, folder.path());
        Self {
            edition,
            rules,
            dump,
            report: serde_json::from_str(&out(&report)).unwrap(),
            documents,
            workspace: Workspace::read(),
            _folder: folder,
        }
    }

    /// Records of ours that stand for people, by `cio_id`, with the kind of record that each is.
    pub(crate) fn people(&self) -> BTreeMap<&str, (&'static str, &Value)> {
        let mut found = BTreeMap::new();
        for (plural, name) in [("contacts", "Contact"), ("leads", "Lead")] {
            for record in rows(&self.dump, plural) {
                let key = match self.edition {
                    Edition::Suite => word(record, "external_id"),
                    Edition::Classic => word(&record["custom_field"], "cf_cio_key"),
                };
                if let Some(id) = key.strip_prefix("cio-p-") {
                    assert!(
                        found.insert(id, (name, record)).is_none(),
                        "{id} is there twice"
                    );
                }
            }
        }
        found
    }

    /// Whether a person's record stands as a lead.
    pub(crate) fn is_lead(&self, (kind, record): (&str, &Value)) -> bool {
        match self.edition {
            // The stage whose type is Lead, as a new account has it (freshsales.md 8).
            Edition::Suite => record["lifecycle_stage_id"] == 32_009_647_298_i64,
            Edition::Classic => kind == "Lead",
        }
    }

    /// What hangs on people: marker without its brackets, whose it is, the record.
    pub(crate) fn hanging(&self, plural: &str, body: &str) -> BTreeMap<String, (&str, &Value)> {
        let people = self.people();
        let owner = |record: &Value| {
            let target = &record["targetables"][0];
            let is_it =
                |(kind, it): &(&str, &Value)| *kind == target["type"] && it["id"] == target["id"];
            let mut found = people.iter().filter(|(_, it)| is_it(it));
            found.next().map(|(id, _)| *id)
        };
        let mut found = BTreeMap::new();
        for record in rows(&self.dump, plural) {
            let text = word(record, body);
            let marker = text.rsplit('[').next().unwrap().trim_end_matches(']');
            let owner = owner(record).expect("it hangs on somebody of ours");
            let before = found.insert(marker.to_owned(), (owner, record));
            assert!(before.is_none(), "{marker} is there twice");
        }
        found
    }

    /// A line of the statement: it closes, and nothing of it is open.
    pub(crate) fn row(&self, name: &str) -> Row<'_> {
        let rows = rows(&self.report["reconciliation"], "rows");
        let row = rows.iter().find(|row| row["row"] == name).unwrap();
        for nothing in ["rejected", "pending", "unproven", "open_by"] {
            assert_eq!(row[nothing], 0, "{name}: {row}");
        }
        Row(row)
    }

    /// A written file.
    pub(crate) fn document(&self, name: &str) -> String {
        fs::read_to_string(self.documents.join(name)).unwrap()
    }

    /// When the first, and when the last record of a kind was written, in the order of the account's own log.
    pub(crate) fn written(&self, kind: &str) -> (usize, usize) {
        let log = rows(&self.dump, "truth").iter().enumerate();
        let mut places = log.filter(|(_, it)| it["entity"] == kind && it["action"] == "created");
        let first = places.next().expect("some were written").0;
        (first, places.next_back().map_or(first, |(place, _)| place))
    }
}

/// A line of the statement.
pub(crate) struct Row<'r>(&'r Value);

impl Row<'_> {
    pub(crate) fn count(&self, column: &str) -> usize {
        usize::try_from(self.0[column].as_u64().unwrap()).unwrap()
    }

    /// Written or found as it should be.
    pub(crate) fn arrived(&self) -> usize {
        ["created", "updated", "unchanged"]
            .iter()
            .map(|it| self.count(it))
            .sum()
    }
}
