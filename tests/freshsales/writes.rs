//! Writing: people in bulk, accounts one by one; consent, links, queues; every row with its own verdict.

use mapwright::model::Scalar;
use mapwright::port::{Destination, DestinationId, Found, Step, Verdict};

use super::{account_key, create, fields, pair, pair_in_real_time, person, text, update, want_by};

fn people(count: usize) -> Vec<Step> {
    (0..count)
        .map(|n| {
            person(
                if n % 2 == 0 { "lead" } else { "contact" },
                &format!("p{n}"),
            )
        })
        .collect()
}

fn ids(verdicts: &[Verdict]) -> Vec<DestinationId> {
    let id = |verdict: &Verdict| match verdict {
        Verdict::Written(id) => *id,
        verdict => panic!("expected it to be written, got {verdict:?}"),
    };
    verdicts.iter().map(id).collect()
}

#[test]
fn of_250_people_exactly_the_double_is_refused_with_its_message() {
    let pair = pair(&[]);
    let mut steps = people(250);
    steps[149].fields[0].value = text("p7@example.org");
    let mut verdicts = pair.freshsales.write(&steps);
    let verdict = verdicts.remove(149);
    let Verdict::Refused { status, messages } = verdict else {
        panic!("{verdict:?}");
    };
    assert_eq!(
        (status, messages),
        (400, vec!["Email has already been taken".to_owned()])
    );
    assert_eq!(ids(&verdicts).len(), 249);
    let contact = pair.find("contact", "external_id", "p1");
    assert_eq!(contact.fields.get("status"), Some(&text("Qualified")));
    let lead = pair.find("lead", "external_id", "p0");
    assert_eq!(lead.fields.get("status"), Some(&text("New")));
    assert_eq!(pair.look("lead", "external_id", "p149"), Found::Nobody);
}

#[test]
fn bulk_costs_few_requests() {
    let pair = pair(&[]);
    let before = pair.freshsales.calls();
    ids(&pair.freshsales.write(&people(100)));
    // One call, one look at the job, the views once, one page read back.
    assert!(pair.freshsales.calls() - before <= 5);
}

#[test]
fn changes_go_by_id_and_only_what_differs_is_touched() {
    let pair = pair(&[]);
    let ids = ids(&pair.freshsales.write(&people(10)));
    let changes: Vec<Step> = ids
        .iter()
        .map(|id| update("contact", *id, fields([("job_title", text("Pilot"))])))
        .collect();
    pair.freshsales.write(&changes);
    let present = pair.by_id("contact", ids[3]);
    assert_eq!(present.fields.get("job_title"), Some(&text("Pilot")));
    assert_eq!(present.fields.get("email"), Some(&text("p3@example.org")));
    let gone = pair.write_one(&update(
        "contact",
        DestinationId(5),
        changes[0].fields.clone(),
    ));
    assert!(
        matches!(gone, Verdict::Refused { status: 404, .. }),
        "{gone:?}"
    );
}

#[test]
fn a_change_that_did_not_stick_is_seen_by_reading_back() {
    let pair = pair(&[]);
    let ids = ids(&pair.freshsales.write(&people(10)));
    let email = |address: &str| fields([("email", text(address))]);
    let changes = [
        update("lead", ids[0], email("new0@example.org")),
        // Taken: the job drops this row without a word, and the record is there all the same.
        update("contact", ids[1], email("p2@example.org")),
        update("lead", ids[4], email("new4@example.org")),
    ];
    let verdicts = pair.freshsales.write(&changes);
    assert_eq!(verdicts[0], Verdict::Written(ids[0]));
    assert!(
        matches!(verdicts[1], Verdict::Refused { status: 400, .. }),
        "{verdicts:?}"
    );
    assert_eq!(verdicts[2], Verdict::Written(ids[4]));
}

#[test]
fn a_create_without_a_key_goes_alone() {
    let pair = pair(&[]);
    let mut steps = people(3);
    for step in &mut steps {
        step.key = None;
    }
    assert_eq!(ids(&pair.freshsales.write(&steps)).len(), 3);
    assert_eq!(
        pair.find("lead", "email", "p0@example.org")
            .fields
            .get("external_id"),
        None
    );
}

#[test]
fn consent_is_sent_with_every_create_and_stays_what_it_was() {
    let pair = pair(&[]);
    for (n, word) in [
        "Unsubscribed",
        "Not subscribed",
        "Reported as spam",
        "Bounced",
    ]
    .into_iter()
    .enumerate()
    {
        let mut step = person("lead", &format!("p{n}"));
        step.fields[2].value = text(word);
        let id = pair.arrive(&step);
        let present = pair.by_id("lead", id);
        assert_eq!(present.fields.get("subscription_status"), Some(&text(word)));
    }
    let mut silent = person("lead", "p9");
    silent.fields.remove(2);
    let verdict = pair.write_one(&silent);
    assert!(
        matches!(verdict, Verdict::Refused { status: 0, .. }),
        "{verdict:?}"
    );
    assert_eq!(pair.look("lead", "external_id", "p9"), Found::Nobody);
}

#[test]
fn what_no_field_holds_is_refused_before_it_is_sent() {
    let pair = pair(&[]);
    let refused = |field: (&str, Scalar)| {
        let mut step = person("lead", "p1");
        step.fields.extend(fields([field]));
        match pair.write_one(&step) {
            Verdict::Refused {
                status: 0,
                messages,
            } => messages.join(" "),
            verdict => panic!("{verdict:?}"),
        }
    };
    assert!(refused(("owner", text("nobody@example.org"))).contains("`owner`: no user"));
    assert!(refused(("status", text("Won"))).contains("expected a status of a lead"));
    let told = refused(("mobile_number", text(&"1".repeat(31))));
    assert!(
        told.contains("expected at most 30 characters, found 31"),
        "{told}"
    );
    assert!(refused(("cf_nowhere", text("x"))).contains("no such field"));
    // A field without a published length: the account says so itself.
    let mut step = person("lead", "p1");
    step.fields
        .extend(fields([("job_title", text(&"x".repeat(257)))]));
    let verdict = pair.write_one(&step);
    assert!(
        matches!(verdict, Verdict::Refused { status: 400, .. }),
        "{verdict:?}"
    );
}

#[test]
fn accounts_settle_by_their_key_and_links_have_one_primary() {
    let pair = pair(&[]);
    pair.freshsales.prepare(&[account_key()]).unwrap();
    let company = |key: &str, name: &str| {
        create(
            "account",
            ("cf_cio_key", key),
            fields([("name", text(name))]),
        )
    };
    let first = pair.arrive(&company("o1", "One"));
    let second = pair.arrive(&company("o2", "Two"));
    assert_eq!(pair.arrive(&company("o1", "One")), first);
    let taken = pair.write_one(&company("o3", "One"));
    assert!(
        matches!(taken, Verdict::Refused { status: 400, .. }),
        "{taken:?}"
    );
    let mut step = person("contact", "p1");
    step.links
        .insert("accounts".to_owned(), vec![second, first]);
    let id = pair.arrive(&step);
    assert_eq!(pair.by_id("contact", id).links["accounts"], [second, first]);
    let third = pair.arrive(&company("o4", "Four"));
    let mut change = update("contact", id, Vec::new());
    change.links.insert("accounts".to_owned(), vec![third]);
    pair.arrive(&change);
    assert_eq!(
        pair.by_id("contact", id).links["accounts"],
        [third, second, first]
    );
    let website = fields([
        ("website", text("https://one.example")),
        ("number_of_employees", text("11-50")),
        ("annual_revenue", Scalar::Number("1250000.5".to_owned())),
        ("tags", Scalar::TextList(vec!["b".to_owned()])),
    ]);
    pair.arrive(&update("account", first, website.clone()));
    let present = pair.by_id("account", first);
    for field in &website {
        assert_eq!(
            present.fields.get(&field.name),
            Some(&field.value),
            "{}",
            field.name
        );
    }
}

#[test]
fn a_queue_is_a_tag_and_a_list_and_read_back_as_a_queue() {
    let pair = pair(&[]);
    let mut steps = people(3);
    for step in &mut steps {
        step.queue = Some("Pending enrichment".to_owned());
    }
    steps[1]
        .fields
        .extend(fields([("tags", Scalar::TextList(vec!["vip".to_owned()]))]));
    let ids = ids(&pair.freshsales.write(&steps));
    let queue = text("Pending enrichment");
    assert_eq!(pair.by_id("lead", ids[0]).fields.get("queue"), Some(&queue));
    assert_eq!(pair.by_id("lead", ids[0]).fields.get("tags"), None);
    let mut change = update("contact", ids[1], Vec::new());
    change.queue = Some("Second".to_owned());
    pair.arrive(&change);
    let tags = pair.by_id("contact", ids[1]).fields.remove("tags");
    assert_eq!(
        tags,
        Some(Scalar::TextList(vec![
            "vip".to_owned(),
            "Second".to_owned()
        ]))
    );
    let dump = pair.sandbox.dump().to_string();
    assert_eq!(dump.matches("\"name\":\"Pending enrichment\"").count(), 1);
}

#[test]
fn owners_are_written_by_address_and_read_back_by_it() {
    let pair = pair(&[]);
    let owner = pair.freshsales.schema().unwrap().users[0].email.clone();
    let mut step = person("contact", "p1");
    step.fields.extend(fields([
        ("owner", text(&owner)),
        ("lead_source", text("Web")),
    ]));
    let id = pair.arrive(&step);
    let present = pair.by_id("contact", id);
    assert_eq!(present.fields.get("owner"), Some(&text(&owner)));
    assert_eq!(present.fields.get("lead_source"), Some(&text("Web")));
}

#[test]
fn a_slow_job_is_waited_for_and_one_that_fails_is_done_row_by_row() {
    let slow = pair_in_real_time(&[("job_delay_ms", "300")]);
    assert_eq!(ids(&slow.freshsales.write(&people(20))).len(), 20);
    let failing = pair(&[("job_end", "all_fail")]);
    assert_eq!(ids(&failing.freshsales.write(&people(20))).len(), 20);
}

#[test]
fn a_job_without_end_leaves_its_rows_unknown() {
    let pair = pair(&[("job_end", "never_ending")]);
    let verdicts = pair.freshsales.write(&people(5));
    assert!(
        verdicts
            .iter()
            .all(|verdict| matches!(verdict, Verdict::Unknown { .. }))
    );
}

#[test]
fn a_lost_answer_is_unknown_and_the_rows_are_found_afterwards() {
    let pair = pair(&[]);
    pair.sandbox.set("lose_answer_at", "1").unwrap();
    let verdicts = pair.freshsales.write(&people(5));
    assert!(
        verdicts
            .iter()
            .all(|verdict| matches!(verdict, Verdict::Unknown { .. }))
    );
    let wants: Vec<_> = (0..5)
        .map(|n| want_by("external_id", &format!("p{n}")))
        .collect();
    let found = pair.freshsales.find("contact", &wants).unwrap();
    assert!(
        found.iter().all(|found| matches!(found, Found::One(_, _))),
        "{found:?}"
    );
}

#[test]
fn a_used_up_hour_is_waited_out() {
    // A window of one second instead of an hour; the wait itself is real.
    let switches = [
        ("quota_per_hour", "12"),
        ("quota_window_s", "1"),
        ("retry_after", "true"),
    ];
    let pair = pair_in_real_time(&switches);
    for n in 0..8 {
        pair.arrive(&person("lead", &format!("p{n}")));
    }
    assert_eq!(
        pair.find("lead", "external_id", "p7")
            .fields
            .get("last_name"),
        Some(&text("Doe"))
    );
}

#[test]
fn one_key_twice_in_a_batch_is_refused_the_second_time() {
    let pair = pair(&[]);
    let steps = [
        person("lead", "p1"),
        person("lead", "p2"),
        person("lead", "p1"),
    ];
    let verdicts = pair.freshsales.write(&steps);
    assert!(matches!(verdicts[1], Verdict::Written(_)));
    assert!(matches!(verdicts[2], Verdict::Refused { status: 0, .. }));
}
