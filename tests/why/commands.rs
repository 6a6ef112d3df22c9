//! The commands as people use them.

use std::process::Command;

use assert_cmd::cargo::CommandCargoExt;
use serde_json::Value;

fn ask(words: &[&str]) -> (i32, String, String) {
    let mut command = Command::cargo_bin("mapwright").unwrap();
    let output = command.args(words).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (
        output.status.code().unwrap(),
        text(output.stdout),
        text(output.stderr),
    )
}

const RULES: &str = "rules/acme/acme.rules";
const CAPTURE: &str = "tests/stories/acme/in";

fn why(id: &str) -> String {
    let (code, out, err) = ask(&["why", RULES, "--from", CAPTURE, id]);
    assert_eq!(code, 0, "{err}");
    out
}

fn why_not(target: &str, id: &str) -> String {
    let (code, out, err) = ask(&["why-not", target, RULES, "--from", CAPTURE, id]);
    assert_eq!(code, 0, "{err}");
    out
}

/// The first person that the test means.
fn person(is_it: impl Fn(&Value) -> bool) -> Value {
    let text = std::fs::read_to_string(format!("{CAPTURE}/people.ndjson")).unwrap();
    let mut people = text.lines().map(|it| serde_json::from_str(it).unwrap());
    people.find(is_it).unwrap()
}

fn id_of(person: &Value) -> String {
    format!("cio:{}", person["cio_id"].as_str().unwrap())
}

fn stage(person: &Value) -> &str {
    person["traits"]["lifecycle_stage"].as_str().unwrap_or("")
}

#[test]
fn a_lead_is_told_with_line_facts_table_fields_and_children() {
    let page = why("cio:010000000002");
    for part in [
        "person 010000000002: merged into person 010000000003",
        "found in people.ndjson, line 3\n  {\"cio_id\":\"010000000002\"",
        "  domain is personal\n    by line 60: personal when email_domain(email) in free_mail\n",
        "      email_domain(email) = \"icloud.com\"",
        "NOT customer, evangelist",
        "the row of line 85 fits: lead",
        "    by line 96: mobile_number = phone(traits.phone, \"GB\") else blank, report\n      \
         traits.phone = \"(0118)4960011\"\n      phone(traits.phone, \"GB\") = \"+441184960011\"",
    ] {
        assert!(page.contains(part), "{part}\n{page}");
    }
    let winner = why("cio:010000000003");
    assert!(
        winner.contains("merged into this one\n  person 010000000002"),
        "{winner}"
    );
}

#[test]
fn an_object_goes_by_the_name_of_its_type_or_its_id() {
    let text = std::fs::read_to_string(format!("{CAPTURE}/objects.ndjson")).unwrap();
    let first: Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    let of = first["object_type_id"].to_string();
    let of = of.trim_matches('"');
    let id = first["object_id"].as_str().unwrap();
    let page = why(&format!("object:{of}/{id}"));
    assert!(
        page.starts_with(&format!("object {of}/{id}: becomes account")),
        "{page}"
    );
    assert_eq!(page, why(&format!("object:company/{id}")));
}

#[test]
fn masked_shows_no_value_of_the_person() {
    let words = [
        "why",
        RULES,
        "--from",
        CAPTURE,
        "cio:010000000002",
        "--masked",
    ];
    let (_, page, _) = ask(&words);
    for private in ["contreras", "icloud", "4960011", "1984-02-29"] {
        assert!(!page.contains(private), "{private}\n{page}");
    }
    assert!(
        page.contains("email(email) = \"x'xxxxxxxxx9@xxxxxx.xxx\""),
        "{page}"
    );
    assert!(page.contains("the row of line 85 fits: lead"), "{page}");
}

#[test]
fn why_not_names_the_nearest_row_and_its_cell() {
    let page = why_not("contact", "cio:010000000002");
    assert!(
        page.contains("The nearest row that would give contact is line"),
        "{page}"
    );
    let cell = "traits.lifecycle_stage is lead, and the cell says customer, evangelist";
    assert!(page.contains(cell), "{page}");
    let page = why_not("lead", "cio:010000000002");
    assert!(page.contains("The table says lead"), "{page}");
    assert!(
        page.contains("into another record with the same identity"),
        "{page}"
    );
}

#[test]
fn why_not_tells_the_fall_through_the_exclusion_and_the_held_line() {
    let vip = person(|it| stage(it) == "vip" && it["deleted"] == false);
    let page = why_not("lead", &id_of(&vip));
    assert!(page.contains("falls through to otherwise hold"), "{page}");
    assert!(
        page.contains("traits.lifecycle_stage is \"vip\", and the cell says"),
        "{page}"
    );
    let gone = person(|it| it["deleted"] == true && it["re_added"] == false);
    let page = why_not("contact", &id_of(&gone));
    assert!(page.contains("The `exclude` table comes first"), "{page}");
    assert!(
        page.contains("deleted is yes, and the cell says no"),
        "{page}"
    );
    let odd = person(|it| it["email"].as_str().unwrap_or("").contains(" at "));
    let (lead, contact) = (
        why_not("lead", &id_of(&odd)),
        why_not("contact", &id_of(&odd)),
    );
    let held = [&lead, &contact].iter().any(|it| {
        it.contains("This line does not let it go: line 93: email = email(email) else hold")
    });
    assert!(held, "{lead}{contact}");
}

#[test]
fn who_is_not_there_and_what_nobody_becomes_are_said() {
    let (code, _, err) = ask(&["why", RULES, "--from", CAPTURE, "cio:nobody"]);
    assert_eq!(code, 2);
    assert!(
        err.contains("the capture has no record `cio:nobody`"),
        "{err}"
    );
    let (code, _, err) = ask(&["why", RULES, "--from", CAPTURE, "nobody"]);
    assert_eq!(code, 2);
    assert!(err.contains("expected a kind and an id"), "{err}");
    let words = [
        "why-not",
        "deal",
        RULES,
        "--from",
        CAPTURE,
        "cio:010000000002",
    ];
    let (code, _, err) = ask(&words);
    assert_eq!(code, 2);
    assert!(
        err.contains("the rules map person to contact, lead"),
        "{err}"
    );
}
