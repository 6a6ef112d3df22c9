//! The story at the terminal: run, run again, reconcile, take back; and what an account lacks.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use assert_cmd::cargo::CommandCargoExt;
use mapwright::freshsales::sandbox::{Edition, Sandbox, Settings, Store, Switches};
use serde_json::Value;

use super::{CAPTURE, living};
use crate::stories::story;

struct Place {
    folder: tempfile::TempDir,
    edition: Edition,
}

impl Place {
    fn new(edition: Edition) -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            edition,
        }
    }

    fn rules(&self) -> PathBuf {
        story("kinds").join(match self.edition {
            Edition::Suite => "kinds.rules",
            Edition::Classic => "classic.rules",
        })
    }

    fn tell(&self, command: &str, words: &[&str]) -> Output {
        let mut told = Command::cargo_bin("mapwright").unwrap();
        told.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")));
        told.arg(command);
        if ["run", "prepare"].contains(&command) {
            told.arg(self.rules()).args(["--from", CAPTURE]);
        }
        let store = format!("sandbox:{}", self.folder.path().join("s.db").display());
        told.arg("--to").arg(store).arg("--ledger");
        told.arg(self.folder.path().join("l.db")).args(words);
        told.output().unwrap()
    }

    fn sandbox(&self) -> Sandbox {
        Sandbox::start(Settings {
            listen: ([127, 0, 0, 1], 0).into(),
            store: Store::File(self.folder.path().join("s.db")),
            edition: self.edition,
            seed: None,
            api_key: None,
            switches: Switches::default(),
        })
        .unwrap()
    }

    fn dump(&self) -> Value {
        let sandbox = self.sandbox();
        let dump = sandbox.dump();
        sandbox.stop();
        dump
    }
}

fn page(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn proved(output: &Output) -> String {
    let err = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{err}{}", page(output));
    page(output)
}

/// `UPDATE_EXPECT=1` writes the file, to be read before it is kept.
fn compare(name: &str, found: &str) {
    let path = story("kinds/out").join(name);
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&path, found).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(expected, found, "{name}");
}

fn arrives_once_and_can_be_taken_back(edition: Edition, name: &str) {
    let place = Place::new(edition);
    let first = proved(&place.tell("run", &[]));
    assert!(first.contains("Every row closes."), "{first}");
    assert!(first.contains("; 0 differences."), "{first}");
    let there = living(&place.dump());
    compare(name, &(there.join("\n") + "\n"));

    let second = proved(&place.tell("run", &[]));
    assert!(second.contains("Nothing was written"), "{second}");
    assert_eq!(living(&place.dump()), there);
    let reconciled = proved(&place.tell("reconcile", &[]));
    assert!(
        reconciled.contains("Everything that was read is as it was written."),
        "{reconciled}"
    );

    let back = page(&place.tell("rollback", &["1", "--yes"]));
    let left = living(&place.dump());
    // No call takes a file or a link away: they go with their records.
    let is_file =
        |line: &&String| line.starts_with("file on nobody") || line.starts_with("link on nobody");
    let others: Vec<&String> = left.iter().filter(|line| !is_file(line)).collect();
    let of_nobody = |line: &&&String| !line.contains(" nobody");
    assert!(
        others.iter().filter(of_nobody).count() == 0,
        "{back}{others:#?}"
    );
}

#[test]
fn all_kinds_arrive_in_suite_once_and_can_be_taken_back() {
    arrives_once_and_can_be_taken_back(Edition::Suite, "suite.txt");
}

#[test]
fn all_kinds_arrive_in_classic_once_and_can_be_taken_back() {
    arrives_once_and_can_be_taken_back(Edition::Classic, "classic.txt");
}

#[test]
fn prepare_makes_the_module_its_fields_and_the_look_up_and_a_load_makes_no_more() {
    let place = Place::new(Edition::Suite);
    let shown = proved(&place.tell("prepare", &["--dry-run"]));
    for line in [
        "to make  module \"Workspaces\"",
        "to make  cf_seats \"Seats\" of module \"Workspaces\"",
        "to make  modules \"Workspaces\" \"Workspaces\" of contact and lead",
        "there    activity type \"Test Activity\"",
    ] {
        assert!(shown.contains(line), "{line}: {shown}");
    }
    assert!(
        place.dump()["module_customizations"]
            .as_array()
            .unwrap()
            .is_empty()
    );

    let made = proved(&place.tell("prepare", &[]));
    for line in [
        "made     module \"Workspaces\"",
        "made     cf_cio_key \"Customer.io key\" of module \"Workspaces\"",
        "made     cf_seats \"Seats\" of module \"Workspaces\"",
        "made     modules \"Workspaces\" \"Workspaces\" of contact and lead",
        "made     cf_email_disposed \"E-mail disposed\" of email activity",
    ] {
        assert!(made.contains(line), "{line}: {made}");
    }
    let dump = place.dump();
    assert_eq!(
        dump["module_customizations"][0]["plural_name"],
        "Workspaces"
    );
    let fields = dump["fields"].as_array().unwrap();
    let look_up = fields
        .iter()
        .find(|field| field["type"] == "lookup")
        .unwrap();
    assert_eq!(look_up["lookup"], "cm_workspaces");
    let again = proved(&place.tell("prepare", &[]));
    assert!(again.contains("0 made, all read back"), "{again}");
    let run = proved(&place.tell("run", &[]));
    assert!(run.contains(" 0 custom fields made"), "{run}");
    assert_eq!(
        place.dump()["fields"].as_array().unwrap().len(),
        fields.len()
    );
}

#[test]
fn prepare_takes_back_the_empty_module_and_keeps_a_filled_one() {
    let place = Place::new(Edition::Suite);
    proved(&place.tell("prepare", &[]));
    let undone = page(&place.tell("prepare", &["--undo", "--yes"]));
    assert!(
        undone.contains("removed  module \"Workspaces\""),
        "{undone}"
    );
    proved(&place.tell("run", &[]));
    let kept = page(&place.tell("prepare", &["--undo", "--yes"]));
    assert!(
        kept.contains("module \"Workspaces\": it is not empty"),
        "{kept}"
    );
}

#[test]
fn what_the_account_cannot_make_is_a_numbered_list_and_nothing_is_loaded() {
    for (switch, words) in [
        (
            "module_creation=refused",
            "1. make a module called \"Workspaces\" (Admin settings → Modules",
        ),
        (
            "activity_field_creation=refused",
            "Admin settings → Sales activities → Fields: add a field, label \"E-mail disposed\", type checkbox",
        ),
    ] {
        let place = Place::new(Edition::Suite);
        let refused = place.tell("run", &["--switch", switch]);
        let err = String::from_utf8_lossy(&refused.stderr).replace('\n', " ");
        assert_eq!(refused.status.code(), Some(4), "{err}");
        let squeezed = err.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(squeezed.contains(words), "{switch}: {squeezed}");
        assert!(living(&place.dump()).is_empty());
    }
}
