//! Changes as a specialist makes them, each told with its line, its records and its values.

use std::collections::BTreeMap;

use mapwright::plan::{Basis, Reach};
use mapwright::report::Values;

use super::acme::{Found, Texts, between, change, diff, text, with};

const RULES: &str = "acme.rules";

type Counts = BTreeMap<(String, String), usize>;

/// One changed line, with the page and the numbers of records by part.
fn told(file: &str, needle: &str, from: &str, into: &str) -> (Found, String, Counts) {
    let (texts, line) = with(file, needle, from, into);
    let found = diff(&texts);
    let (page, counts) = found.page(Values::Shown);
    assert!(page.contains(&format!("{file}:{line}, ")), "{page}");
    assert!(page.starts_with("old → new\n1 change, "), "{page}");
    (found, page, counts)
}

fn count(counts: &Counts, row: &str, what: &str) -> usize {
    let found = counts.get(&(row.to_owned(), what.to_owned()));
    found.copied().unwrap_or(0)
}

#[test]
fn a_widened_row_takes_people_from_one_hold_to_the_next_and_with_a_second_line_to_contact() {
    let row = "| any                                            |";
    let (_, page, counts) = told(RULES, "| known     | customer ", row, "| any, other |");
    let next = "held \"stage or status is not on our list\" → held \"status: the value is on no line of `values contact_status`\"";
    assert_eq!(count(&counts, "person", next), 2, "{page}");
    assert_eq!(counts.len(), 1, "{page}");
    let texts = "- | known | customer | any | any except closed | contact |\n     + | known | customer | any, other | any except closed | contact |";
    assert!(page.contains(texts), "{page}");
    let (mut texts, _) = with(RULES, "| known     | customer ", row, "| any, other |");
    let line = "  other                = hold";
    let other = "  other = \"Qualified\" loses \"an odd word\"";
    change(&mut texts, (RULES, line), line, other);
    let found = diff(&texts);
    let (page, counts) = found.page(Values::Shown);
    let contact = "held \"stage or status is not on our list\" → contact";
    assert_eq!(count(&counts, "person", contact), 2, "{page}");
    assert!(
        page.contains("by changes 1, 2: each of them is needed"),
        "{page}"
    );
    // Their events come along.
    assert!(
        count(&counts, "event", "held \"its person is held\" → note") > 0,
        "{page}"
    );
}

#[test]
fn an_entry_that_leaves_the_list_of_free_mail_takes_its_people_along() {
    let texts = Texts::from([(
        "free-mail-domains.txt".to_owned(),
        text("free-mail-domains.txt").replace("gmail.com\n", ""),
    )]);
    let found = diff(&texts);
    let (page, counts) = found.page(Values::Shown);
    assert!(
        page.contains(
            "free-mail-domains.txt:1, entry of the list free_mail, gone\n     - gmail.com\n"
        ),
        "{page}"
    );
    assert!(
        !counts.is_empty() && found.changes.edits.len() == 1,
        "{page}"
    );
    for difference in found.differences.iter().filter(|it| it.row == "person") {
        for part in &difference.parts {
            let mail = serde_json::to_string(&difference.before).unwrap();
            assert!(
                mail.contains("@gmail.com") && part.basis == Basis::Met,
                "{difference:?}"
            );
        }
    }
}

#[test]
fn a_line_of_a_value_map_changes_one_field() {
    let (found, page, counts) = told(RULES, "lead, mql         =", "\"Contacted\"", "\"New\"");
    assert_eq!(
        counts.keys().next().map(|it| it.1.as_str()),
        Some("lead.status"),
        "{page}"
    );
    assert_eq!(counts.len(), 1, "{page}");
    assert!(page.contains("  \"Contacted\" → \"New\"\n"), "{page}");
    // A word of the rules is nobody's own.
    let (masked, _) = found.page(Values::Masked);
    assert!(masked.contains("  \"Contacted\" → \"New\"\n"), "{masked}");
}

#[test]
fn values_of_records_are_masked_unless_somebody_asks() {
    let (found, page, _) = told(RULES, "cf_languages         =", "\", \"", "\"; \"");
    let (masked, _) = found.page(Values::Masked);
    assert!(
        page.contains("contact.cf_languages") || page.contains("lead.cf_languages"),
        "{page}"
    );
    assert!(
        page.contains("; ") && !page.contains("Values of records are masked"),
        "{page}"
    );
    assert!(
        masked.contains("Values of records are masked; `--full` shows them."),
        "{masked}"
    );
    let language = page
        .split(" → \"")
        .nth(1)
        .and_then(|it| it.split(';').next())
        .unwrap();
    assert!(!masked.contains(&format!("\"{language};")), "{masked}");
    assert!(masked.contains("\"xx, xx"), "{masked}");
}

#[test]
fn a_lower_limit_rolls_up_more_notes() {
    let (_, page, counts) = told(RULES, "limit 100 notes", "100", "60");
    assert!(
        count(&counts, "event", "note → above the limit") > 0,
        "{page}"
    );
    assert!(
        counts.keys().all(|it| it.0 == "event" || it.0 == "roll-up"),
        "{page}"
    );
    assert!(
        page.contains("- limit 100 notes per record\n     + limit 60 notes per record"),
        "{page}"
    );
    let (texts, _) = with(RULES, "limit 100 notes", "100", "60");
    let back = between(&texts, &Texts::new()).unwrap();
    let (page, raised) = back.page(Values::Shown);
    assert_eq!(
        count(&raised, "event", "above the limit → note"),
        count(&counts, "event", "note → above the limit"),
        "{page}"
    );
}

#[test]
fn another_policy_holds_and_another_one_stops() {
    let (_, page, counts) = told(
        RULES,
        "cf_plan_seats        =",
        "else blank, report",
        "else hold",
    );
    assert!(
        counts
            .keys()
            .any(|it| it.1.contains("→ held \"cf_plan_seats: ")),
        "{page}"
    );
    let (texts, _) = with(
        RULES,
        "cf_plan_seats        =",
        "else blank, report",
        "else hold",
    );
    let mut stopping = texts.clone();
    change(
        &mut stopping,
        (RULES, "cf_plan_seats        ="),
        "else hold",
        "else stop",
    );
    let found = between(&texts, &stopping).unwrap();
    let (page, counts) = found.page(Values::Shown);
    // The record waits with the same words; what is new is that nothing may go on.
    assert!(
        counts
            .keys()
            .all(|it| it.1.starts_with("held \"cf_plan_seats")
                && it.1.contains("→ stops the run \"cf_plan_seats")),
        "{page}"
    );
    assert!(!counts.is_empty(), "{page}");
}

#[test]
fn another_winner_of_a_merge_is_told_for_both_records() {
    let (_, page, counts) = told(RULES, "winner   newest", "newest", "oldest");
    let lost = counts
        .keys()
        .any(|it| it.0 == "person" && it.1.contains("→ merged \"same email as another record\""));
    let won = counts.keys().any(|it| {
        it.0 == "person"
            && it
                .1
                .starts_with("merged \"same email as another record\" →")
    });
    assert!(lost && won, "{page}");
    assert!(page.contains("line of merge person"), "{page}");
}

#[test]
fn another_conversion_and_another_declared_type_are_told() {
    let (_, page, counts) = told(
        RULES,
        "cf_signed_up         =",
        "Europe/London",
        "Asia/Tokyo",
    );
    assert!(
        counts.keys().all(|it| it.1.ends_with(".cf_signed_up")) && !counts.is_empty(),
        "{page}"
    );
    let (_, page, counts) = told(
        "acme.fields",
        "created_at              timestamp",
        "seconds",
        "milliseconds",
    );
    assert!(page.contains("line of fields of person\n     - created_at timestamp seconds\n     + created_at timestamp milliseconds"), "{page}");
    assert!(!counts.is_empty(), "{page}");
}

#[test]
fn lines_that_moved_are_no_change() {
    let mut rules: Vec<String> = text(RULES).lines().map(str::to_owned).collect();
    let at =
        |rules: &[String], words: &str| rules.iter().position(|it| it.contains(words)).unwrap();
    // Rows of a table, words of a cell, lines of a value map and of a map, and a whole block.
    let (one, other) = (
        at(&rules, "| known     | customer "),
        at(&rules, "| personal, none | customer"),
    );
    rules.swap(one, other);
    let row = at(&rules, "| known     | business       | sql, opportunity");
    rules[row] = rules[row].replace("sql, opportunity", "opportunity,   sql");
    let (one, other) = (
        at(&rules, "subscriber, blank ="),
        at(&rules, "lead, mql         ="),
    );
    rules.swap(one, other);
    let (one, other) = (
        at(&rules, "cf_utm               ="),
        at(&rules, "cf_languages         ="),
    );
    rules.swap(one, other);
    let (from, to) = (
        at(&rules, "values consent_words"),
        at(&rules, "map event to note"),
    );
    let block: Vec<String> = rules.splice(from..from + 6, []).collect();
    rules.splice(to - 6..to - 6, block);
    rules.insert(0, "# a comment".to_owned());
    rules.push("# another".to_owned());
    let list = text("free-mail-domains.txt");
    let mut words: Vec<&str> = list.lines().collect();
    words.reverse();
    let texts = Texts::from([
        (RULES.to_owned(), rules.join("\n") + "\n"),
        ("free-mail-domains.txt".to_owned(), words.join("\n") + "\n"),
    ]);
    let found = diff(&texts);
    let (page, counts) = found.page(Values::Shown);
    assert!(counts.is_empty(), "{page}");
    assert!(
        found
            .changes
            .edits
            .iter()
            .all(|it| it.reach == Reach::Order),
        "{:?}",
        found.changes.edits
    );
    assert!(page.contains("The two say the same"), "{page}");
}

#[test]
fn what_reaches_no_record_is_said() {
    let (_, page, counts) = told(RULES, "accept up to 47", "47", "50");
    assert!(counts.is_empty(), "{page}");
    assert!(
        page.contains("no record of") && page.contains("no record can end otherwise by it"),
        "{page}"
    );
}

#[test]
fn a_kind_that_is_mapped_now_is_one_change_and_a_rule_less() {
    let mut texts = Texts::new();
    let map = "map delivery to note on person\n  title = \"sent\"\n  time = sent_at\n  body = json(metrics)\nend";
    let line = "ignore delivery because \"deliveries come with a later version\"";
    change(&mut texts, (RULES, line), line, map);
    match between(&Texts::new(), &texts) {
        Err(told) => assert!(told.contains("delivery"), "{told}"),
        Ok(found) => {
            let (page, counts) = found.page(Values::Shown);
            assert_eq!(found.edits().len(), 2, "{page}");
            assert!(counts.keys().any(|it| it.0 == "delivery"), "{page}");
        }
    }
}
