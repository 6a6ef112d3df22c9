//! One line changed at a time, of every kind that can change: each difference belongs to that line and to no other.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::sync::Mutex;

use mapwright::plan::{Basis, Changed, Difference};

use super::acme::{Found, Texts, between, change, compiled, diff, outcomes, with};

const RULES: &str = "acme.rules";
const FIELDS: &str = "acme.fields";

/// The file, a part of the line that is changed, what of it, and what comes instead.
type Mutant = (&'static str, &'static str, &'static str, &'static str);

const MUTANTS: &[Mutant] = &[
    // Rows of the tables.
    (RULES, "| known     | customer ", "| contact", "| lead   "),
    (
        RULES,
        "| known     | business       | sub",
        "| lead   ",
        "| contact",
    ),
    (
        RULES,
        "| personal, none | customer",
        "| contact",
        "| hold \"ask\"",
    ),
    (RULES, "| personal, none | sub", "| lead   ", "| contact"),
    (RULES, "| closed            |", "account closed", "gone"),
    (RULES, "| closed            |", "exclude", "hold"),
    (RULES, "| anonymous", "Pending enrichment", "Nobody yet"),
    (RULES, "otherwise hold", "is not on our list", "is odd"),
    (RULES, "otherwise hold", "hold", "exclude"),
    (RULES, "| any     | yes", "exclude |", "hold |"),
    (RULES, "| any     | yes", "billing cycle", "month"),
    (RULES, "| yes     | no", "exclude |", "hold |"),
    // Lines of facts.
    (RULES, "anonymous  when", " and ", " or "),
    (
        RULES,
        "anonymous  when",
        "id is blank and email is blank",
        "id is blank",
    ),
    (
        RULES,
        "customer  when",
        "in customer_sites",
        "not in customer_sites",
    ),
    (RULES, "personal  when", "in free_mail", "not in free_mail"),
    (RULES, "none      when", "email is blank", "id is blank"),
    (RULES, "bounced     when", "is \"bounced\"", "is \"spam\""),
    (RULES, "opted_out   when", " or all_topics_off", ""),
    // Lines of value maps.
    (RULES, "subscriber, blank =", "\"New\"", "\"Contacted\""),
    (RULES, "lead, mql         =", "\"Contacted\"", "\"New\""),
    (
        RULES,
        "sql, opportunity, customer, evangelist = ",
        "\"Interested\"",
        "\"New\"",
    ),
    (
        RULES,
        "customer, evangelist = \"Won\"",
        "\"Won\"",
        "\"Churned\"",
    ),
    (
        RULES,
        "blank = \"Qualified\"",
        "\"Qualified\"",
        "\"Negotiation\"",
    ),
    (
        RULES,
        "  bounced    =",
        "\"Bounced\"",
        "\"Reported as spam\" loses \"how\"",
    ),
    (
        RULES,
        "  subscribed =",
        "\"Subscribed\"",
        "\"Unsubscribed\" loses \"who asked\"",
    ),
    // Lines of the map of people.
    (RULES, "key external_id", "cio-p-", "cio-q-"),
    (RULES, "cf_cio_user_id       =", "= id", "= cio_id"),
    (
        RULES,
        "email                =",
        "else hold",
        "else blank, report",
    ),
    (RULES, "first_name           =", "traits.first_name, ", ""),
    (RULES, "last_name            =", "(no last name)", "(none)"),
    (RULES, "mobile_number        =", "\"GB\"", "\"US\""),
    (
        RULES,
        "mobile_number        =",
        "else blank, report",
        "else hold",
    ),
    (
        RULES,
        "cf_plan              =",
        "traits.plan.name",
        "upper(traits.plan.name) loses \"small letters\"",
    ),
    (
        RULES,
        "cf_plan_seats        =",
        "else blank, report",
        "else hold",
    ),
    (
        RULES,
        "cf_plan_seats        =",
        "else blank, report",
        "else stop",
    ),
    (
        RULES,
        "cf_plan_seats        =",
        "else blank, report",
        "else 0",
    ),
    (
        RULES,
        "cf_mrr               =",
        "traits.mrr, 2",
        "traits.mrr, 3",
    ),
    (
        RULES,
        "cf_birthday          =",
        "else blank, report",
        "else hold",
    ),
    (
        RULES,
        "cf_birthday          =",
        "date(traits.birthday)",
        "date(traits.birthday, \"DD/MM/YYYY\")",
    ),
    (
        RULES,
        "cf_signed_up         =",
        "Europe/London",
        "Asia/Tokyo",
    ),
    (RULES, "cf_languages         =", "\", \"", "\"; \""),
    (
        RULES,
        "cf_bio               =",
        "traits.bio",
        "upper(traits.bio) loses \"small letters\"",
    ),
    (
        RULES,
        "owner                =",
        "none \"Migration Queue\"",
        "none hold",
    ),
    (RULES, "cf_company_name =", "is business", "is personal"),
    (RULES, "ignore traits._*", "traits._*", "traits._x*"),
    // Lines of the map of companies.
    (RULES, "key cf_cio_key", "cio-o-", "cio-c-"),
    (
        RULES,
        "  name                 = first_filled(name, host(domain)) none",
        "name, host(domain)",
        "host(domain), name",
    ),
    (RULES, "collision name", "\" (\"", "\" [\""),
    (RULES, "website              =", "web_address", "host"),
    (
        RULES,
        "cf_industry          =",
        "= industry",
        "= upper(industry) loses \"small letters\"",
    ),
    (
        RULES,
        "city                 =",
        "= hq.city",
        "= upper(hq.city) loses \"small letters\"",
    ),
    (
        RULES,
        "cf_employees         =",
        "else blank, report",
        "else hold",
    ),
    (
        RULES,
        "ignore object \"workspace\"",
        "come with",
        "wait for",
    ),
    // Lines of the map of events, the limit, the merge, what is ignored.
    (
        RULES,
        "title                = words",
        "words(name)",
        "upper(name) loses \"small letters\"",
    ),
    (
        RULES,
        "exclude when name in",
        "\"page_view\", \"heartbeat\"",
        "\"page_view\", \"login\"",
    ),
    (
        RULES,
        "exclude when name in",
        "noise, agreed",
        "noise, settled",
    ),
    (RULES, "limit 100 notes", "100", "20"),
    (RULES, "limit 100 notes", "100", "60"),
    (RULES, "winner   newest", "newest", "oldest"),
    (RULES, "ignore delivery", "come with", "wait for"),
    // Lists and declarations.
    (
        "free-mail-domains.txt",
        "gmail.com",
        "gmail.com",
        "gmail.example",
    ),
    ("customers.csv", "carroll0", "carroll0", "carroll9"),
    (FIELDS, "traits.status ", "paused, ", ""),
    (
        FIELDS,
        "created_at              timestamp",
        "seconds",
        "milliseconds",
    ),
    (FIELDS, "traits.mrr ", "optional decimal", "optional text"),
];

/// Parts that other records decide: who shares an identity, whose child it is, how many notes there are.
fn is_made_by_others(difference: &Difference, part: &Changed) -> bool {
    let what = part.what.as_str();
    matches!(difference.row.as_str(), "roll-up" | "relationship")
        || [
            "merged",
            "above the limit",
            "its person",
            "subscription_status",
            "accounts",
        ]
        .iter()
        .any(|it| what.contains(it))
}

/// What went wrong with one mutant, how many records differ, and how many of their parts the trace explains.
fn judge(mutant: &Mutant, before: &BTreeMap<String, String>) -> (String, usize, usize, usize) {
    let (file, needle, from, into) = *mutant;
    let (texts, line) = with(file, needle, from, into);
    let found = match between(&Texts::new(), &texts) {
        Ok(found) => found,
        Err(told) => return (format!("{needle}: {told}\n"), 0, 0, 0),
    };
    let mut wrong = String::new();
    let edits = found.edits();
    let [edit] = edits.as_slice() else {
        return (format!("{needle}: {:?}\n", found.changes.edits), 0, 0, 0);
    };
    let places = &found.changes.edits[*edit];
    for place in [&places.old, &places.new].into_iter().flatten() {
        if place.file != file || place.line != line {
            writeln!(wrong, "{needle}: {place:?}, changed was {file}:{line}").unwrap();
        }
    }
    let after = outcomes(&found.new);
    let keys: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let differ = keys.iter().filter(|it| before.get(**it) != after.get(**it));
    let (differ, told) = (differ.count(), found.differences.len());
    // A rule that stops the run holds its record with the same words.
    if differ != told && into != "else stop" {
        writeln!(wrong, "{needle}: {told} told, {differ} differ").unwrap();
    }
    let (mut met, mut parts) = (0, 0);
    for difference in &found.differences {
        for part in &difference.parts {
            parts += 1;
            met += usize::from(part.basis == Basis::Met);
            let is_sure = match part.basis {
                Basis::Met => true,
                Basis::OnlyEdit => is_made_by_others(difference, part),
                Basis::TakenBack | Basis::Together => false,
            };
            if part.by != [*edit] || !is_sure {
                writeln!(wrong, "{needle} → {into}: {} {part:?}", difference.source).unwrap();
            }
        }
    }
    (wrong, told, met, parts)
}

/// Each mutant on one of two threads.
fn judged() -> Vec<(String, usize, usize, usize)> {
    let before = outcomes(&compiled(&Texts::new()).plan.unwrap());
    let verdicts = Mutex::new(BTreeMap::new());
    std::thread::scope(|scope| {
        for half in 0..2 {
            let (before, verdicts) = (&before, &verdicts);
            scope.spawn(move || {
                for (index, mutant) in MUTANTS.iter().enumerate().skip(half).step_by(2) {
                    let verdict = judge(mutant, before);
                    verdicts.lock().unwrap().insert(index, verdict);
                }
            });
        }
    });
    verdicts.into_inner().unwrap().into_values().collect()
}

#[test]
fn every_difference_belongs_to_the_line_that_was_changed() {
    let verdicts = judged();
    let wrong: String = verdicts.iter().map(|it| it.0.as_str()).collect();
    let silent = MUTANTS.iter().zip(&verdicts).filter(|(_, it)| it.1 == 0);
    let silent: Vec<&Mutant> = silent.map(|(mutant, _)| mutant).collect();
    let (met, parts) = verdicts
        .iter()
        .fold((0, 0), |sum, it| (sum.0 + it.2, sum.1 + it.3));
    println!(
        "met {met} of {parts}; of {} shown by no record: {silent:#?}",
        MUTANTS.len()
    );
    assert!(wrong.is_empty(), "{wrong}");
    assert!(MUTANTS.len() - silent.len() >= 60, "{silent:?}");
    assert!(met * 10 > parts * 7, "{met} of {parts}");
}

/// Records and parts of one comparison.
fn parts(found: &Found) -> BTreeMap<(String, u64, String), Vec<usize>> {
    let differences = found.differences.iter();
    let parts = differences.flat_map(|it| {
        let place = (it.source.to_string(), it.line);
        let parts = it.parts.iter();
        parts.map(move |part| {
            (
                (place.0.clone(), place.1, part.what.clone()),
                part.by.clone(),
            )
        })
    });
    parts.collect()
}

fn mutant((needle, into): (&str, &str)) -> Mutant {
    let is_it = |it: &&Mutant| it.1.starts_with(needle) && it.3 == into;
    *MUTANTS.iter().find(is_it).unwrap()
}

#[test]
fn two_changes_share_their_records_as_each_alone_would_have_them() {
    // Some meet in one record, some decide for the other's records.
    let pairs = [
        (
            ("| known     | business", "| contact"),
            ("cf_signed_up", "Asia/Tokyo"),
        ),
        (
            ("| personal, none | sub", "| contact"),
            ("winner", "oldest"),
        ),
        (
            ("anonymous  when", " or "),
            ("subscriber, blank", "\"Contacted\""),
        ),
        (("opted_out", ""), ("gmail.com", "gmail.example")),
        (
            ("email                =", "else blank, report"),
            ("limit", "20"),
        ),
        (
            ("cf_plan_seats", "else hold"),
            ("| known     | business", "| contact"),
        ),
        (("cf_languages", "\"; \""), ("winner", "oldest")),
    ];
    for (left, right) in pairs {
        let (one, other) = (mutant(left), mutant(right));
        let alone = [one, other].map(|it| parts(&diff(&with(it.0, it.1, it.2, it.3).0)));
        let (mut texts, _) = with(one.0, one.1, one.2, one.3);
        change(&mut texts, (other.0, other.1), other.2, other.3);
        let both = diff(&texts);
        assert_eq!(both.edits().len(), 2, "{one:?} {other:?}");
        let is_of = |index: usize, mutant: Mutant| {
            let edit = &both.changes.edits[index];
            let either = edit.new.as_ref().or(edit.old.as_ref()).unwrap();
            either.file == mutant.0 && with(mutant.0, mutant.1, mutant.2, mutant.3).1 == either.line
        };
        let touched = |at: usize, key: &(String, u64, String)| {
            alone[at].keys().any(|it| it.0 == key.0 && it.1 == key.1)
        };
        for (key, by) in parts(&both) {
            let (first, second) = (touched(0, &key), touched(1, &key));
            let names = |mutant: Mutant| by.iter().any(|it| is_of(*it, mutant));
            match (first, second) {
                (true, false) => assert!(by.len() == 1 && names(one), "{key:?} {by:?} {one:?}"),
                (false, true) => assert!(by.len() == 1 && names(other), "{key:?} {by:?} {other:?}"),
                (true, true) => assert!(!by.is_empty(), "{key:?}"),
                (false, false) => assert!(by.len() == 2, "{key:?} {by:?}"),
            }
        }
    }
}
