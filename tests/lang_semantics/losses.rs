//! What a line really loses on one record: counted exactly where something falls off.

use mapwright::model::Entity;
use mapwright::plan::{Decision, Evaluation, Reader, Record};

use super::{compiled, picture};

const RULES: &str = r#"rules "Counted"
language 1
source customerio fields "people.fields"
destination file "crm.schema"

values stages
  lead, mql    = "New"        loses "which of the two"
  customer     = "Won over"
  blank, other = "Contacted"  loses "whether there was a word"
end

map person to contact
  key external_id = "p-" + cio_id
  email           = lower(trim(email))               loses "capital letters"
  first_name      = cut(first_name, 4)               loses "the end"
  born            = date(created_at, "Europe/London") loses "time of day"
  tags            = join(languages, ", ")            loses "commas"
  status          = stage via stages
  rest other      = json
end
"#;

/// The losses of one person, as `what size`.
fn losses(line: &str) -> Vec<String> {
    let compiled = compiled("counted.rules", RULES, "tests/rules/beside");
    let plan = compiled
        .plan
        .as_ref()
        .unwrap_or_else(|| panic!("{}", picture(&compiled)));
    let entity = plan.entity(Entity::Person, None).unwrap();
    let mut record = Record::with_slots(entity.slots.len(), entity.facts.len());
    let reader = Reader::of(entity);
    reader.read(line.as_bytes(), &mut record).unwrap();
    let evaluation = Evaluation {
        plan,
        entity,
        record: &record,
        latest: "2026-01-22T12:53:20Z".parse().unwrap(),
    };
    let mut losses = Vec::new();
    let Decision::Draft(_) = evaluation.decide_losing(&mut Vec::new(), &mut losses) else {
        panic!("{line}");
    };
    losses
        .iter()
        .map(|it| format!("{} {}", it.what, it.size))
        .collect()
}

#[test]
fn nothing_is_counted_where_nothing_is_lost() {
    // 2023-07-01T00:00:00 in London is 23:00 of the day before in UTC.
    let found = losses(
        r#"{"cio_id":"a","email":" jo@x.example ","first_name":"Anna","created_at":1688166000,"languages":["de","en"],"stage":"customer"}"#,
    );
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn each_loss_is_counted_with_its_size() {
    let found = losses(
        r#"{"cio_id":"a","email":"Jo@X.example","first_name":"Annabel","created_at":1688166060,"languages":["de, at","en"],"stage":"mql"}"#,
    );
    assert_eq!(
        found,
        [
            "capital letters 2",
            "the end 3",
            "time of day 60",
            "commas 1",
            "which of the two 1"
        ]
    );
}

#[test]
fn blank_and_other_words_are_told_apart() {
    let found = losses(r#"{"cio_id":"a","created_at":1688166000}"#);
    assert_eq!(found, ["whether there was a word 1"]);
    let found = losses(r#"{"cio_id":"a","created_at":1688166000,"stage":"odd"}"#);
    assert_eq!(found, ["whether there was a word 1"]);
}

/// Their losses are marked and their tables have nothing to say of.
#[test]
fn the_rules_of_the_benchmark_have_no_word_of_loss_or_tables() {
    for name in ["events.rules", "joined.rules", "people.rules"] {
        let text = std::fs::read_to_string(format!("tests/bench/rules/{name}")).unwrap();
        let compiled = compiled(name, &text, "tests/bench/rules");
        let is_ours = |code: &str| code.starts_with(['L', 'D']);
        let mut found = compiled.diagnostics.iter();
        assert!(
            !found.any(|it| is_ours(it.code.as_str())),
            "{}",
            picture(&compiled)
        );
    }
}
