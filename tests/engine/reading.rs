//! The capture folder: chunks, packings, seals and what is wrong with files.

use std::io::Cursor;

use mapwright::capture::{Capture, CaptureError, FindingKind, LINE_BYTES_MAX, Lines};
use mapwright::model::Entity;

use super::folder::{Folder, gzip};

fn lines_of(content: &[u8], chunk_bytes: usize) -> Vec<(u64, Vec<u8>)> {
    let reader = Box::new(Cursor::new(content.to_vec()));
    let mut lines = Lines::of_stream("test", reader).with_chunk_bytes(chunk_bytes);
    let mut found = Vec::new();
    let mut buffer = Vec::new();
    while let Some(chunk) = lines.next(buffer).unwrap() {
        found.extend(chunk.lines().map(|(line, bytes)| (line, bytes.to_vec())));
        buffer = chunk.bytes;
    }
    found
}

#[test]
fn lines_do_not_depend_on_chunks() {
    let content = b"\xEF\xBB\xBF{\"a\":1}\r\n\r\n{\"b\":2}\n  \n{\"c\":3}";
    let wanted = vec![
        (1, b"{\"a\":1}".to_vec()),
        (3, b"{\"b\":2}".to_vec()),
        (5, b"{\"c\":3}".to_vec()),
    ];
    for chunk_bytes in 1..40 {
        assert_eq!(lines_of(content, chunk_bytes), wanted, "{chunk_bytes}");
    }
    assert_eq!(lines_of(b"", 8), vec![]);
    assert_eq!(lines_of(b"\n\n", 8), vec![]);
}

#[test]
fn a_line_that_is_too_long_is_skipped_and_counted() {
    let mut content = b"{}\n".to_vec();
    content.extend(std::iter::repeat_n(b'x', LINE_BYTES_MAX + 5));
    content.extend_from_slice(b"\n{\"after\":1}\n");
    let mut lines = Lines::of_stream("test", Box::new(Cursor::new(content)));
    let mut found = Vec::new();
    while let Some(chunk) = lines.next(Vec::new()).unwrap() {
        assert!(chunk.bytes.len() <= LINE_BYTES_MAX);
        let numbers: Vec<u64> = chunk.lines().map(|(line, _)| line).collect();
        found.push((chunk.is_too_long, numbers));
    }
    let wanted = vec![(false, vec![1]), (true, vec![2]), (false, vec![3])];
    assert_eq!(found, wanted);
}

#[test]
fn a_sealed_folder_has_nothing_wrong() {
    let folder = Folder::new()
        .with("people.ndjson", "{\"cio_id\":\"a\"}\n\n{\"cio_id\":\"b\"}")
        .with("events.ndjson.gz", gzip(b"{\"id\":1}\n"))
        .sealed();
    let capture = Capture::open(folder.path()).unwrap();
    assert!(capture.is_sealed());
    assert_eq!(capture.verify().unwrap(), vec![]);
    let manifest = capture.manifest().unwrap();
    assert_eq!(manifest.files["people.ndjson"].records, 2);
    assert_eq!(manifest.files["events.ndjson.gz"].records, 1);
    let again = Capture::open(folder.path()).unwrap();
    assert_eq!(capture.digest().unwrap(), again.digest().unwrap());
}

#[test]
fn a_changed_file_is_told_by_size_hash_and_count() {
    let folder = Folder::new()
        .with("people.ndjson", "{\"cio_id\":\"a\"}\n")
        .sealed()
        .with("people.ndjson", "{\"cio_id\":\"a\"}\n{\"cio_id\":\"b\"}\n");
    let findings = Capture::open(folder.path()).unwrap().verify().unwrap();
    let codes: Vec<&str> = findings
        .iter()
        .map(mapwright::capture::Finding::code)
        .collect();
    assert_eq!(codes, ["W118", "W111", "W112"]);
    for finding in &findings {
        assert_eq!(finding.file, "people.ndjson");
        assert!(!finding.help().is_empty() && finding.to_string().contains("people.ndjson"));
    }
}

#[test]
fn packed_files_fit_the_seal_of_the_plain_ones() {
    let content = b"{\"cio_id\":\"a\"}\n{\"cio_id\":\"b\"}\n".as_slice();
    let (first, second) = content.split_at(20);
    // Two members end to end, as `cat a.gz b.gz` makes them.
    let members = [gzip(first), gzip(second)].concat();
    for (name, packed) in [
        ("people.ndjson.gz", members),
        ("people.ndjson.zst", zstd::encode_all(content, 1).unwrap()),
    ] {
        let folder = Folder::new().with("people.ndjson", content).sealed();
        std::fs::remove_file(folder.path().join("people.ndjson")).unwrap();
        let folder = folder.with(name, packed);
        let capture = Capture::open(folder.path()).unwrap();
        assert_eq!(capture.verify().unwrap(), vec![], "{name}");
        assert_eq!(capture.file(Entity::Person).unwrap().name, name);
    }
}

#[test]
fn a_cut_gzip_breaks_off_in_a_line_and_gives_what_stood_before() {
    let lines: String = (0..20_000)
        .map(|id| format!("{{\"id\":\"{id:x}-{}\"}}\n", id * 7919))
        .collect();
    let mut packed = gzip(lines.as_bytes());
    packed.truncate(packed.len() / 2);
    for packed in [packed, gzip(b"")[..4].to_vec()] {
        let folder = Folder::new().with("events.ndjson.gz", packed);
        let capture = Capture::open(folder.path()).unwrap();
        let findings = capture.verify().unwrap();
        let [finding] = findings.as_slice() else {
            panic!("one finding: {findings:?}");
        };
        assert_eq!(finding.code(), "W113");
        let mut lines = capture.lines(Entity::Event).unwrap().unwrap();
        let mut last = 0;
        while let Some(chunk) = lines.next(Vec::new()).unwrap() {
            last = chunk.lines().map(|(line, _)| line).last().unwrap_or(last);
        }
        assert_eq!(finding.line(), Some(last + 1));
    }
}

#[test]
fn files_that_do_not_belong_are_named() {
    let folder = Folder::new()
        .with("people.ndjson", "{\"cio_id\":\"a\"}\n")
        .with("segments.ndjson", "")
        .sealed()
        .with("persons.ndjson", "")
        .with("objects.ndjson", "")
        .with("people.ndjson.gz", gzip(b""))
        .with("destination.json", "{}");
    std::fs::remove_file(folder.path().join("segments.ndjson")).unwrap();
    let capture = Capture::open(folder.path()).unwrap();
    let found: Vec<(&str, &FindingKind)> = capture
        .findings()
        .iter()
        .map(|it| (it.file.as_str(), &it.kind))
        .collect();
    let second = FindingKind::SecondFile {
        read: "people.ndjson".into(),
    };
    let wanted = [
        ("people.ndjson.gz", &second),
        ("persons.ndjson", &FindingKind::UnknownFile),
        ("segments.ndjson", &FindingKind::MissingFile),
        ("objects.ndjson", &FindingKind::NotSealed),
    ];
    assert_eq!(found, wanted);
}

#[test]
fn a_manifest_that_cannot_be_read_is_refused() {
    let missing = Capture::open(std::path::Path::new("no/such/folder"));
    assert!(matches!(missing, Err(CaptureError::NoFolder(_))));
    let bad = Folder::new().with("capture.json", "{");
    let error = Capture::open(bad.path()).unwrap_err();
    assert!(matches!(error, CaptureError::BadManifest { .. }));
    let newer = Folder::new().with("capture.json", "{\"format\":9}");
    let error = Capture::open(newer.path()).unwrap_err();
    assert_eq!(error.to_string(), "expected capture format 1, found 9");
    assert!(!error.help().is_empty());
}
