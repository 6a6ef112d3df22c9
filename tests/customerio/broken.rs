//! Whatever goes wrong on the way, and wherever the reader dies: the same bytes.

use std::cell::Cell;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use mapwright::customerio::extract::{Ask, ExtractError, Part, extract};
use mapwright::http::{HttpError, Pace, Request, Response};
use serde_json::Value;

use super::client::{Client, acme, start};
use super::reading::{Breaks, Unseen, assert_same, files, http, read, read_as, small, wanted};

/// A workspace over the sample that shows all it has.
fn whole() -> Client {
    start(
        Some(acme()),
        &[("activities_days", "0"), ("anonymous_listed", "true")],
    )
}

#[test]
fn faults_of_every_kind_on_many_routes_leave_no_trace_in_the_capture() {
    let clean = read(&whole());
    let client = whole();
    for fault in [
        "GET /v1/workspaces 1 429",
        "GET /v1/activities 2 429",
        "GET /v1/activities 3 429_retry_after=3",
        "GET /v1/activities 7 empty_page",
        "GET /v1/activities 9 null_page",
        "GET /v1/activities 12 repeated_cursor",
        "GET /v1/activities 15 truncated",
        "GET /v1/activities 18 half_body",
        "POST /v1/customers 1 repeated_cursor",
        "POST /v1/customers 2 503",
        "POST /v1/customers/attributes 2 cut_before",
        "POST /v1/customers/attributes 4 cut_after",
        "POST /v1/customers/attributes 5 truncated",
        "POST /v1/objects 1 empty_page",
        "GET /v1/objects/*/*/attributes 5..7 500",
        "GET /v1/objects/*/*/relationships 9 null_page",
        "GET /v1/customers/*/relationships 30 truncated",
        "GET /v1/customers/*/relationships 40 drip=1",
        "GET /v1/segments 1 502",
        "GET /v1/segments/*/membership 2 repeated_cursor",
        "GET /v1/messages 3 429",
        "GET /v1/messages 5 empty_page",
        "GET /v1/messages 6 repeated_cursor",
        "GET /v1/messages 8 late=20",
        "GET /v1/messages 9 half_body",
        "GET /v1/esp/suppression/* 2 cut_before",
        "GET /v1/sender_identities 1 null_page",
        "GET /v1/campaigns 1 truncated",
        "GET /v1/newsletters 1 empty_page",
    ] {
        client.sandbox.set("faults", fault).unwrap();
    }
    let struck = read(&client);
    assert_same(clean.path(), struck.path());
}

#[test]
fn a_reader_that_dies_at_any_request_goes_on_to_the_same_bytes() {
    let source = small();
    let client = start(Some(source.path().to_owned()), &[("archived_per_day", "0")]);
    let recent = |into: &Path| {
        let mut wanted = wanted(&client, into);
        wanted.bodies = 2;
        wanted.since = Some("2026-01-20T00:00:00Z".parse().unwrap());
        wanted
    };
    let clean = tempfile::tempdir().unwrap();
    read_as(&client, &recent(clean.path())).unwrap();
    let mut requests = 0;
    for dies_at in 0.. {
        let folder = tempfile::tempdir().unwrap();
        let wanted = recent(folder.path());
        let http = http(&client, Pace::default());
        let breaks = Breaks {
            inner: &http,
            left: Cell::new(dies_at),
        };
        let ended = extract(&wanted, &breaks, client.clock.as_ref(), &Unseen);
        if ended.is_ok() {
            requests = dies_at;
            break;
        }
        assert!(
            matches!(ended, Err(ExtractError::Http { .. })),
            "request {dies_at}"
        );
        assert!(
            !folder.path().join("capture.json").exists(),
            "nothing half done is sealed"
        );
        let resumed = read_as(&client, &wanted).unwrap();
        assert!(resumed.was_resumed);
        assert_same(clean.path(), folder.path());
    }
    assert!(requests > 40, "{requests} requests are too few to prove it");
}

#[test]
fn a_reader_that_dies_after_each_single_request_comes_to_the_same_end() {
    let source = small();
    let client = start(Some(source.path().to_owned()), &[]);
    let clean = read(&client);
    let folder = tempfile::tempdir().unwrap();
    let wanted = wanted(&client, folder.path());
    let http = http(&client, Pace::default());
    let mut lives = 0;
    loop {
        let breaks = Breaks {
            inner: &http,
            left: Cell::new(1),
        };
        lives += 1;
        if extract(&wanted, &breaks, client.clock.as_ref(), &Unseen).is_ok() {
            break;
        }
        assert!(lives < 500, "it never gets further");
    }
    assert_same(clean.path(), folder.path());
}

#[test]
fn a_reading_is_not_gone_on_with_other_words_or_in_a_folder_with_other_files() {
    let source = small();
    let client = start(Some(source.path().to_owned()), &[]);
    let folder = tempfile::tempdir().unwrap();
    let wanted = wanted(&client, folder.path());
    let http = http(&client, Pace::default());
    let breaks = Breaks {
        inner: &http,
        left: Cell::new(9),
    };
    extract(&wanted, &breaks, client.clock.as_ref(), &Unseen).unwrap_err();
    let mut other = wanted.clone();
    other.since = Some("2026-01-01T00:00:00Z".parse().unwrap());
    let error = read_as(&client, &other).unwrap_err();
    assert!(error.to_string().contains("since"), "{error}");
    let mut elsewhere = wanted.clone();
    elsewhere.address = "http://127.0.0.1:1".to_owned();
    assert!(read_as(&client, &elsewhere).is_err());
    read_as(&client, &wanted).unwrap();
    let error = read_as(&client, &wanted).unwrap_err();
    assert!(
        matches!(error, ExtractError::Other { .. }),
        "a sealed capture is not read over: {error}"
    );
}

/// The folder's files without what tells the hour of the reading.
fn told(folder: &Path) -> Vec<(String, String)> {
    let all = files(folder).into_iter().map(|(name, text)| {
        if name != "capture.json" {
            return (name, text);
        }
        let mut seal: Value = serde_json::from_str(&text).unwrap();
        seal["until"] = Value::Null;
        seal["files"]["events.ndjson"]["horizon"] = Value::Null;
        (name, seal.to_string())
    });
    all.collect()
}

#[test]
fn a_process_that_is_killed_goes_on_to_the_same_bytes() {
    let source = small();
    let client = start(Some(source.path().to_owned()), &[]);
    let clean = read(&client);
    let folder = tempfile::tempdir().unwrap();
    let command = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mapwright"));
        command
            .args([
                "extract",
                "--region",
                "eu",
                "--per-second",
                "10",
                "--address",
            ])
            .arg(client.sandbox.url())
            .arg("--into")
            .arg(folder.path())
            .env("MAPWRIGHT_CUSTOMERIO_KEY", &client.sandbox.keys().app)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    };
    for kill_after in [7, 25] {
        let before = client.sandbox.requests().len();
        let mut child = command().spawn().unwrap();
        let patience = Instant::now() + Duration::from_mins(5);
        while client.sandbox.requests().len() < before + kill_after {
            assert!(Instant::now() < patience, "it never asked");
            std::thread::sleep(Duration::from_millis(5));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(!folder.path().join("capture.json").exists());
    }
    assert!(command().status().unwrap().success());
    assert_eq!(told(folder.path()), told(clean.path()));
}

/// Answers one path with a status of its own.
struct Instead<'a> {
    inner: &'a dyn Ask,
    path: &'static str,
    status: u16,
}

impl Ask for Instead<'_> {
    fn ask(&self, request: &Request) -> Result<Response, HttpError> {
        if request.path != self.path {
            return self.inner.ask(request);
        }
        let json = ("content-type".to_owned(), "application/json".to_owned());
        Ok(Response {
            status: self.status,
            headers: vec![json],
            body: b"{\"errors\":[{\"detail\":\"no\",\"status\":\"0\"}]}".to_vec(),
        })
    }
}

#[test]
fn a_list_that_is_not_found_is_a_fault_and_one_thing_that_is_gone_is_not() {
    let source = small();
    let client = start(Some(source.path().to_owned()), &[]);
    let http = http(&client, Pace::default());
    let ends = |path: &'static str| {
        let folder = tempfile::tempdir().unwrap();
        let instead = Instead {
            inner: &http,
            path,
            status: 404,
        };
        extract(
            &wanted(&client, folder.path()),
            &instead,
            client.clock.as_ref(),
            &Unseen,
        )
    };
    for path in ["/v1/optouts", "/v1/esp/suppression/bounces", "/v1/segments"] {
        assert!(
            matches!(ends(path), Err(ExtractError::Answer { .. })),
            "{path}"
        );
    }
    assert!(ends("/v1/segments/4/membership").is_ok());
    let manifest = ends("/v1/objects/1/ob2/attributes").unwrap().manifest;
    assert!(
        manifest
            .notes
            .iter()
            .any(|note| note.starts_with("objects: 1 were listed and gone"))
    );
}

#[test]
fn a_part_that_the_key_may_not_read_can_be_left_out_of_a_reading_that_was_begun() {
    let source = small();
    let client = start(Some(source.path().to_owned()), &[]);
    let http = http(&client, Pace::default());
    let instead = Instead {
        inner: &http,
        path: "/v1/collections",
        status: 403,
    };
    let folder = tempfile::tempdir().unwrap();
    let mut wanted = wanted(&client, folder.path());
    let error = extract(&wanted, &instead, client.clock.as_ref(), &Unseen).unwrap_err();
    assert!(error.help().contains("--only"), "{error}");
    let rest = Part::ALL
        .into_iter()
        .filter(|part| *part != Part::Resources);
    wanted.only = rest.collect();
    let done = extract(&wanted, &instead, client.clock.as_ref(), &Unseen).unwrap();
    assert!(done.was_resumed);
    assert!(
        done.manifest
            .notes
            .iter()
            .any(|note| note == "not read, as `--only` says: resources")
    );
}
