//! The real rule file: it compiles, its examples hold, and every record of the capture falls where it says.

use std::collections::BTreeMap;

use mapwright::model::Entity;
use mapwright::plan::{Decision, Evaluation, Plan, Reader, Record};

use super::{compiled, picture};

fn plan() -> Plan {
    let text = std::fs::read_to_string("rules/acme/acme.rules").unwrap();
    let compiled = compiled("acme.rules", &text, "rules/acme");
    let examples: Vec<_> = compiled.examples.iter().map(|it| it.passed).collect();
    let picture = picture(&compiled);
    let plan = compiled.plan.unwrap_or_else(|| panic!("{picture}"));
    assert_eq!(examples, vec![true; 8]);
    plan
}

/// How many records of a file end how, each on its own: no joins, no derived fields.
fn fates(plan: &Plan, entity: Entity, object_type: Option<&str>) -> BTreeMap<String, usize> {
    let folder = std::path::Path::new("tests/stories/acme/in");
    let text = std::fs::read_to_string(folder.join(entity.file())).unwrap();
    let entity = plan.entity(entity, object_type).unwrap();
    let reader = Reader::of(entity);
    let mut found = BTreeMap::new();
    // Companies and workspaces stand in one file.
    let is_other = |line: &&str| object_type.is_none() || line.contains("\"object_type_id\":\"1\"");
    for line in text.lines().filter(is_other) {
        let mut record = Record::with_slots(entity.slots.len(), entity.facts.len());
        reader.read(line.as_bytes(), &mut record).unwrap();
        let evaluation = Evaluation {
            plan,
            entity,
            record: &record,
            latest: "2026-01-22T12:53:20Z".parse().unwrap(),
        };
        let fate = match evaluation.decide(&mut Vec::new()) {
            Decision::Draft(shaped) => match shaped.queue {
                Some(queue) => format!("{} in {queue}", shaped.target.name),
                None => shaped.target.name.clone(),
            },
            Decision::Excluded(because) => format!("excluded: {because}"),
            Decision::Held(reason) => format!("held: {reason}"),
            Decision::Rejected(reason) => format!("rejected: {reason}"),
            Decision::Stop(reason) => format!("stop: {reason}"),
        };
        *found.entry(fate).or_insert(0) += 1;
    }
    found
}

#[test]
fn the_acme_rules_compile_and_only_lack_examples() {
    let text = std::fs::read_to_string("rules/acme/acme.rules").unwrap();
    let compiled = compiled("acme.rules", &text, "rules/acme");
    // Rows that no example reaches are notes, `tests/coverage.rs` fills them.
    let codes = compiled.diagnostics.iter().map(|it| it.code.as_str());
    let mut others = codes.filter(|it| !matches!(*it, "C504" | "C505" | "C506"));
    assert_eq!(others.next(), None, "{}", picture(&compiled));
    assert!(compiled.plan.is_some());
}

#[test]
fn every_person_of_acme_falls_where_the_rules_say() {
    let plan = plan();
    let found = fates(&plan, Entity::Person, None);
    assert_eq!(found.values().sum::<usize>(), 600);
    assert_eq!(found["held: stage or status is not on our list"], 47);
    assert_eq!(found["excluded: erased in Customer.io"], 11);
    let re_added = "excluded: deleted and re-added within the billing cycle";
    assert_eq!(found[re_added], 13);
    assert_eq!(found["lead in Pending enrichment"], 31);
    assert!(found.keys().all(|it| !it.starts_with("stop")), "{found:#?}");
}

#[test]
fn every_company_and_event_of_acme_falls_where_the_rules_say() {
    let plan = plan();
    let found = fates(&plan, Entity::Object, Some("company"));
    assert_eq!(found, BTreeMap::from([("account".to_owned(), 50)]));
    let found = fates(&plan, Entity::Event, None);
    assert_eq!(
        found["excluded: noise, agreed with the customer"],
        850 + 465
    );
    assert_eq!(found["note"], 3565 - 850 - 465);
}
