//! Calls built and replies read, each named by a file in `tests/wire/freshsales`; the client on loopback.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "the helpers of a test stop where they fail, as the tests themselves do"
)]

mod account;
mod calls;
mod client;
mod customerio;
mod pace;
mod readers;
mod values;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use mapwright::http::{Request, Response};

/// Set to write the files anew; every one is read by a person before it is kept.
const BLESS: &str = "MAPWRIGHT_BLESS";

#[test]
fn every_call_is_built_as_its_file_says() {
    let calls = calls::all();
    let names: BTreeSet<String> = calls.iter().map(|call| call.0.to_owned()).collect();
    assert_eq!(calls.len(), names.len(), "two calls share a name");
    let mut wrong = String::new();
    for (name, source, request) in &calls {
        let text = format!("# {source}\n{}", told(request));
        compare(&folder().join(format!("{name}.call")), &text, &mut wrong);
    }
    assert_eq!(stems("call"), names, "files and built calls differ");
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn every_reply_is_read_as_its_want_says() {
    let mut wrong = String::new();
    let mut used = BTreeSet::new();
    for stem in stems("reply") {
        let reader_name = stem.split('.').next().unwrap();
        let reader = readers::called(reader_name)
            .unwrap_or_else(|| panic!("no reader `{reader_name}` for {stem}.reply"));
        used.insert(reader_name.to_owned());
        let reply = std::fs::read_to_string(folder().join(format!("{stem}.reply"))).unwrap();
        let text = reader(&parsed(&reply));
        compare(&folder().join(format!("{stem}.want")), &text, &mut wrong);
    }
    assert_eq!(
        stems("reply"),
        stems("want"),
        "a reply without want or a want without reply"
    );
    let all: BTreeSet<String> = readers::names().into_iter().map(str::to_owned).collect();
    assert_eq!(used, all, "a reader without a reply");
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn every_file_names_its_source_and_none_is_forgotten() {
    for entry in std::fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        let extension = path
            .extension()
            .and_then(|text| text.to_str())
            .unwrap_or_default();
        assert!(
            ["call", "reply", "want"].contains(&extension),
            "{} is of no known kind",
            path.display()
        );
        let text = std::fs::read_to_string(&path).unwrap();
        let first = text.lines().next().unwrap_or_default();
        assert!(
            extension == "want" || first.starts_with("# reference/freshsales.md "),
            "{} does not begin with its source",
            path.display()
        );
    }
    assert!(stems("call").len() + stems("reply").len() >= 25);
}

/// A recorded answer by its name in the samples file.
pub(crate) fn sample(name: &str) -> serde_json::Value {
    let path = root().join("samples/freshsales-suite.samples.json");
    let all: serde_json::Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let found = all["samples"].get(name);
    found
        .unwrap_or_else(|| panic!("no sample `{name}`"))
        .clone()
}

/// An answer with a JSON body.
pub(crate) fn answer(status: u16, body: &serde_json::Value) -> Response {
    Response {
        status,
        headers: Vec::new(),
        body: body.to_string().into_bytes(),
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/wire")
}

fn folder() -> PathBuf {
    root().join("freshsales")
}

fn stems(extension: &str) -> BTreeSet<String> {
    let files = std::fs::read_dir(folder()).unwrap();
    files
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect()
}

/// Method, path and each query pair on a line, then the body over several lines.
fn told(request: &Request) -> String {
    let mut text = format!("{} {}\n", request.method, request.path);
    for (name, value) in &request.query {
        writeln!(text, "? {name} = {value}").unwrap();
    }
    if let Some(body) = &request.body {
        if let Ok(body) = serde_json::from_slice::<serde_json::Value>(body) {
            writeln!(text, "\n{body:#}").unwrap();
        } else {
            // A form: its breaks are those of the wire.
            let body = String::from_utf8_lossy(body).replace("\r\n", "\n");
            writeln!(text, "{}\n\n{body}", request.content_type).unwrap();
        }
    }
    text
}

/// `# source`, `STATUS`, headers, a blank line, then the body or `sample NAME`.
fn parsed(reply: &str) -> Response {
    let (head, body) = reply.split_once("\n\n").unwrap_or((reply.trim_end(), ""));
    let mut lines = head.lines().skip_while(|line| line.starts_with('#'));
    let status = lines.next().unwrap().trim().parse().unwrap();
    let headers = lines
        .map(|line| line.split_once(": ").unwrap())
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let body = match body.trim().strip_prefix("sample ") {
        Some(name) => sample(name).to_string(),
        None => body.trim().to_owned(),
    };
    Response {
        status,
        headers,
        body: body.into_bytes(),
    }
}

fn compare(path: &Path, text: &str, wrong: &mut String) {
    if std::env::var_os(BLESS).is_some() {
        std::fs::write(path, text).unwrap();
        return;
    }
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    if kept != text {
        let name = path.file_name().unwrap().to_string_lossy();
        writeln!(wrong, "--- {name} has:\n{kept}\n--- but it is:\n{text}").unwrap();
    }
}
