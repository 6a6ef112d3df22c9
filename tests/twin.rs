//! The slow twin: an obvious evaluator, one record and one row at a time, over JSON and nothing else. Generated rule
//! files and records must end alike in it and in the compiled plan, and what it meets on a whole small domain must be
//! what the checker says of the table.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "the twin is short, so that it is obvious"
)]

mod gathered;
pub(crate) mod generate;
mod linked;
mod rules;
mod slow;

use jiff::Timestamp;
use mapwright::customerio::layout;
use mapwright::lang::{Compiled, Environment, Files, Look, compile, to_text};
use mapwright::model::Entity;
use mapwright::plan::{Decision, Evaluation, Plan, Reader, Record};
use mapwright::text::Source;

use generate::Dice;
use rules::Rules;
use slow::{Ending, Met};

struct Memory;

impl Files for Memory {
    fn read(&self, name: &str) -> Result<Vec<u8>, String> {
        match name {
            "twin.fields" => Ok(rules::FIELDS.as_bytes().to_vec()),
            "twin.schema" => Ok(rules::SCHEMA.as_bytes().to_vec()),
            _ => Err("there is no such file".to_owned()),
        }
    }
}

fn compiled(text: &str) -> Compiled {
    let layout = layout();
    let environment = Environment {
        layout: &layout,
        schema: None,
    };
    compile(&Source::new("twin.rules", text), &Memory, &environment)
}

fn picture(compiled: &Compiled) -> String {
    to_text(&compiled.diagnostics, Look::Plain { width: 100 })
}

/// What the plan makes of a record, in the words of the twin.
fn fast(plan: &Plan, line: &str) -> Ending {
    let entity = plan.entity(Entity::Person, None).unwrap();
    let reader = Reader::of(entity);
    let mut record = Record::with_slots(entity.slots.len(), entity.facts.len());
    reader.read(line.as_bytes(), &mut record).unwrap();
    let evaluation = Evaluation {
        plan,
        entity,
        record: &record,
        latest: Timestamp::MAX,
    };
    match evaluation.decide(&mut Vec::new()) {
        Decision::Draft(shaped) => {
            let draft = shaped.to_draft(None);
            let mut fields: Vec<(String, serde_json::Value)> = Vec::new();
            for field in &draft.fields {
                let value = serde_json::to_value(&field.value).unwrap();
                let value = value.as_object().unwrap().values().next().unwrap().clone();
                let value = match &value {
                    serde_json::Value::String(json) if field.name == "others" => {
                        serde_json::from_str(json).unwrap()
                    }
                    _ => value,
                };
                fields.push((field.name.clone(), value));
            }
            fields.sort_by(|left, right| left.0.cmp(&right.0));
            Ending::Draft {
                target: draft.target.clone(),
                key: draft.key.unwrap().value,
                fields,
            }
        }
        Decision::Excluded(because) => Ending::Excluded(because.into_owned()),
        Decision::Held(reason) => match reason.strip_prefix("row ") {
            Some(_) => Ending::Held(reason),
            None => Ending::Fault(slow::field_of(&reason)),
        },
        Decision::Rejected(reason) | Decision::Stop(reason) => panic!("{reason}"),
    }
}

/// How often each kind of ending came, so that nobody celebrates an empty test.
#[derive(Debug, Default)]
struct Seen {
    drafts: u32,
    excluded: u32,
    held: u32,
    faults: u32,
}

fn agree(rules: &Rules, plan: &Plan, line: &str, seen: &mut Seen) {
    let record = serde_json::from_str(line).unwrap();
    let slow = slow::ending(rules, &record);
    match &slow {
        Ending::Draft { .. } => seen.drafts += 1,
        Ending::Excluded(_) => seen.excluded += 1,
        Ending::Held(_) => seen.held += 1,
        Ending::Fault(_) => seen.faults += 1,
    }
    assert_eq!(fast(plan, line), slow, "{line}\n{}", rules.to_text());
}

#[test]
fn generated_rules_and_records_end_alike() {
    let mut seen = Seen::default();
    for seed in 0..250 {
        let mut dice = Dice::new(seed);
        let rules = generate::sound_rules(&mut dice);
        let text = rules.to_text();
        let compiled = compiled(&text);
        let picture = picture(&compiled);
        let plan = compiled
            .plan
            .unwrap_or_else(|| panic!("seed {seed}\n{picture}\n{text}"));
        for _ in 0..60 {
            let line = generate::record(&mut dice);
            agree(&rules, &plan, &line, &mut seen);
        }
    }
    let Seen {
        drafts,
        excluded,
        held,
        faults,
    } = seen;
    assert!(
        drafts > 3000 && excluded > 300 && held > 300 && faults > 300,
        "{seen:?}"
    );
}

#[test]
fn brute_force_finds_the_gaps_and_overlaps_that_the_checker_finds() {
    let domain = generate::domain();
    let (mut gaps, mut overlaps, mut sound, mut unreached) = (0, 0, 0, 0);
    for seed in 1000..1220 {
        let mut dice = Dice::new(seed);
        let rules = generate::odd_rules(&mut dice);
        let text = rules.to_text();
        let compiled = compiled(&text);
        let has = |code: &str| {
            compiled
                .diagnostics
                .iter()
                .any(|it| it.code.as_str() == code)
        };
        let mut rows = vec![false; rules.rows.len()];
        let (mut gap, mut overlap) = (false, false);
        for record in &domain {
            let Met::Rows(met) = slow::rows(&rules, record) else {
                continue;
            };
            // `otherwise` is for words that no list has; all others must have a row.
            gap |= met.is_empty() && !(rules.otherwise && slow::has_other(&rules, record));
            overlap |= met.len() > 1;
            for row in met {
                rows[row] = true;
            }
        }
        let picture = || format!("seed {seed}\n{}\n{text}", picture(&compiled));
        // What follows from another finding of the table is a label of that one.
        let labelled = |words: &str| {
            let labels = compiled.diagnostics.iter().flat_map(|it| &it.labels);
            labels
                .into_iter()
                .any(|(_, label)| label.starts_with(words))
        };
        let open = has("D301") || labelled("and no row says what becomes of");
        assert_eq!(open, gap, "gaps: {}", picture());
        // A row wholly inside another one is an overlap with a code of its own.
        let told = has("D302") || has("D307");
        assert_eq!(told, overlap, "overlaps: {}", picture());
        let lonely = rows.contains(&false);
        assert_eq!(
            has("D304") || labelled("so no record can ever fit this row"),
            lonely,
            "rows that nobody reaches: {}",
            picture()
        );
        gaps += u32::from(gap);
        overlaps += u32::from(overlap);
        unreached += u32::from(lonely);
        if !gap && !overlap {
            sound += 1;
            let plan = compiled
                .plan
                .as_ref()
                .unwrap_or_else(|| panic!("{}", picture()));
            for record in domain.iter().step_by(7) {
                agree(&rules, plan, &record.to_string(), &mut Seen::default());
            }
        }
    }
    assert!(
        gaps > 30 && overlaps > 30 && sound > 30 && unreached > 5,
        "{gaps} gaps, {overlaps} overlaps, {sound} sound, {unreached} with unreached rows"
    );
}
