//! The App API of Customer.io: calls built and replies read, each named by a file in `tests/wire/customerio`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use mapwright::customerio::endpoints::content::{self, Kind};
use mapwright::customerio::endpoints::deliveries::{self, Window};
use mapwright::customerio::endpoints::{Page, list, objects, part, people, workspace};
use mapwright::http::{Request, Response};

use super::{compare, parsed, told};

fn calls() -> Vec<(&'static str, &'static str, Request)> {
    let window = Window {
        from: 1_760_000_000,
        until: 1_769_000_000,
    };
    let two = ["03000001".to_owned(), "03000002".to_owned()];
    vec![
        ("people-search", "2.1, 7 number 2", people::search("")),
        ("people-search-next", "1.5, 2.1", people::search("c+/=")),
        ("people-attributes", "2.1", people::attributes(&two)),
        (
            "people-relationships",
            "2.1, 7 number 18",
            people::relationships("03000001", ""),
        ),
        ("people-optouts", "2.1", people::optouts("c2")),
        ("activities", "2.2", people::activities("event", false, "")),
        (
            "activities-deleted",
            "2.2",
            people::activities("profile_delete", true, "c2"),
        ),
        ("segments", "2.3", list("/v1/segments")),
        ("segment-members", "2.3", people::members("7", "c2")),
        ("segment-used-by", "2.3", workspace::used_by("7")),
        ("object-types", "2.4", list("/v1/object_types")),
        ("objects-search", "2.4", objects::search("1", "")),
        (
            "object-attributes",
            "2.4, 7 number 9",
            objects::attributes("1", "a+b@c&d e/f"),
        ),
        (
            "object-relationships",
            "2.4",
            objects::relationships("1", "ob01", "c2"),
        ),
        ("campaigns", "2.5", content::all(Kind::Campaign, "")),
        (
            "campaign-actions",
            "2.5",
            content::actions(Kind::Campaign, "1", "c2"),
        ),
        ("newsletters", "2.6", content::all(Kind::Newsletter, "c2")),
        (
            "newsletter-contents",
            "2.6",
            content::contents(Kind::Newsletter, "5"),
        ),
        ("broadcasts", "2.7", content::all(Kind::Broadcast, "")),
        (
            "broadcast-actions",
            "2.7",
            content::actions(Kind::Broadcast, "6", ""),
        ),
        ("broadcast-triggers", "2.7", content::triggers("6")),
        (
            "transactional",
            "2.8",
            content::all(Kind::Transactional, ""),
        ),
        (
            "transactional-contents",
            "2.8",
            content::contents(Kind::Transactional, "11"),
        ),
        (
            "messages",
            "2.9, 7 number 11",
            deliveries::messages(window, "c2"),
        ),
        (
            "senders",
            "2.11, 7 number 20",
            workspace::senders(false, ""),
        ),
        (
            "senders-hidden",
            "2.11, 7 number 20",
            workspace::senders(true, "c2"),
        ),
        (
            "suppressions",
            "2.11",
            workspace::suppressions("bounces", 1000),
        ),
        ("collection", "2.11", workspace::collection("3")),
        ("workspaces", "1.1, 2.11", workspace::workspaces()),
    ]
}

fn page(key: &'static str) -> impl Fn(&Response) -> String {
    move |response| match Page::read(response, key) {
        Ok(page) => {
            let records: Vec<String> = page
                .records
                .iter()
                .map(|record| serde_json::to_string(record).unwrap())
                .collect();
            format!("{}\nnext {:?}\n", records.join("\n"), page.next)
        }
        Err(refused) => format!("refused: {refused}\n"),
    }
}

/// The reader of a reply, by the first word of its file.
fn read(name: &str, response: &Response) -> String {
    let one = |found: Result<String, String>| found.unwrap_or_else(|words| words);
    let lines = |records: &[mapwright::customerio::endpoints::Raw]| {
        let lines = records.iter().map(|it| serde_json::to_string(it).unwrap());
        lines.collect::<Vec<_>>().join("\n") + "\n"
    };
    match name {
        "people" => page("identifiers")(response),
        "exports" => page("exports")(response),
        "activities" => page("activities")(response),
        "actions" => page("actions")(response),
        "messages" => page("messages")(response),
        "senders" => page("sender_identities")(response),
        "campaigns" => page("campaigns")(response),
        "customers" => one(people::customers(response)
            .map(|all| lines(&all))
            .map_err(|refused| format!("refused: {refused}\n"))),
        "object" => one(objects::one(response)
            .map(|found| lines(&[found]))
            .map_err(|refused| format!("refused: {refused}\n"))),
        "users" => one(workspace::users(response)
            .map(|found| lines(&[found]))
            .map_err(|refused| format!("refused: {refused}\n"))),
        other => panic!("no reader `{other}`"),
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/wire/customerio")
}

fn stems(extension: &str) -> BTreeSet<String> {
    std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect()
}

#[test]
fn every_call_is_built_as_its_file_says() {
    let mut wrong = String::new();
    let mut names = BTreeSet::new();
    for (name, source, request) in calls() {
        let text = format!("# reference/customerio.md {source}\n{}", told(&request));
        compare(&folder().join(format!("{name}.call")), &text, &mut wrong);
        assert!(names.insert(name.to_owned()), "{name} twice");
    }
    assert_eq!(stems("call"), names, "files and built calls differ");
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn every_reply_is_read_as_its_want_says() {
    let mut wrong = String::new();
    for stem in stems("reply") {
        let reply = std::fs::read_to_string(folder().join(format!("{stem}.reply"))).unwrap();
        assert!(
            reply.starts_with("# reference/customerio.md "),
            "{stem} names no source"
        );
        let text = read(stem.split('.').next().unwrap(), &parsed(&reply));
        compare(&folder().join(format!("{stem}.want")), &text, &mut wrong);
    }
    assert_eq!(stems("reply"), stems("want"));
    assert!(stems("reply").len() >= 16);
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn windows_cover_every_second_once_and_none_is_wider_than_six_months() {
    let (from, until) = (1_325_376_000, 1_769_000_000);
    let windows = Window::all(from, until);
    assert_eq!(
        (windows[0].from, windows[windows.len() - 1].until),
        (from, until)
    );
    for pair in windows.windows(2) {
        assert_eq!(pair[0].until + 1, pair[1].from);
    }
    assert!(windows.iter().all(|it| it.until - it.from < 181 * 86_400));
    assert_eq!(Window::all(5, 5), [Window { from: 5, until: 5 }]);
    assert!(Window::all(6, 5).is_empty());
}

#[test]
fn every_sign_of_an_address_is_escaped_in_a_part() {
    assert_eq!(
        part("a+b@c&d e/f?g#h%i"),
        "a%2Bb%40c%26d%20e%2Ff%3Fg%23h%25i"
    );
    assert_eq!(part("010000000001-_.~"), "010000000001-_.~");
    assert_eq!(part("é"), "%C3%A9");
}
