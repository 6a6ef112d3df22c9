//! Every record of acme: its trace tells what became of it, field by field.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;

use mapwright::capture::Capture;
use mapwright::customerio::layout;
use mapwright::engine::{Options, Watch, Watched, walk};
use mapwright::lang::{Environment, Files, compile};
use mapwright::model::{Draft, Entity, Fate, Outcome, SourceId};
use mapwright::plan::{LineResult, Plan, Shown, Trace, scalar_words};
use mapwright::report::{Values, Way};
use mapwright::text::Source;

struct Rules;

impl Files for Rules {
    fn read(&self, name: &str) -> Result<Vec<u8>, String> {
        std::fs::read(Path::new("rules/acme").join(name)).map_err(|error| error.to_string())
    }
}

fn plan(source: &Source) -> Plan {
    let (layout, schema) = (layout(), crate::lang_semantics::suite());
    let environment = Environment {
        layout: &layout,
        schema: Some(&schema),
    };
    compile(source, &Rules, &environment).plan.unwrap()
}

type Traces = BTreeMap<(SourceId, u64), Trace>;

fn walked(plan: &Plan) -> (Vec<Outcome>, Traces) {
    let capture = Capture::open(Path::new("tests/stories/acme/in")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let traces: Mutex<Traces> = Mutex::default();
    let watch = |watched: &Watched<'_>| {
        let key = (watched.source.clone(), watched.line);
        let trace = watched.evaluation.trace();
        traces.lock().unwrap().insert(key, trace);
    };
    let options = Options {
        threads: 2,
        watch: Some(Watch::new(&watch)),
        ..Options::new(folder.path())
    };
    let mut outcomes = Vec::new();
    walk(plan, &capture, &layout(), &options, &mut |outcome| {
        outcomes.push(outcome);
        Ok(())
    })
    .unwrap();
    (outcomes, traces.into_inner().unwrap())
}

/// Each field that the trace names has the draft's value, unless a twin's consent is stricter.
fn same_fields(trace: &Trace, draft: &Draft, source: &SourceId) {
    assert_eq!(trace.target.as_deref(), Some(&*draft.target), "{source}");
    for line in &trace.lines {
        let value = match draft.key.as_ref().filter(|it| it.field == line.field) {
            Some(key) => Some(serde_json::Value::from(key.value.as_str()).to_string()),
            None => draft.field(&line.field).map(scalar_words),
        };
        let LineResult::Value(shown) = &line.result else {
            panic!("{source}: {line:?}");
        };
        let told = match shown {
            Shown::Blank => None,
            Shown::Word(word) | Shown::Private(word) => Some(word.clone()),
            Shown::Fault(fault) => panic!("{source}: {fault}"),
        };
        if line.field == "subscription_status" && told != value {
            assert_ne!(value.as_deref(), Some("\"Subscribed\""), "{source}");
            continue;
        }
        let told = told.map(|it| it.trim_matches('"').to_owned());
        let value = value.map(|it| it.trim_matches('"').to_owned());
        assert_eq!(told, value, "{source}, {}", line.field);
    }
    let links = draft.links.iter().map(|it| it.to.len()).sum::<usize>();
    let told = trace
        .links
        .iter()
        .map(|it| it.result.as_ref().unwrap().len());
    assert_eq!(told.sum::<usize>(), links, "{source}");
}

/// Where a held record's reason comes from, told by the trace alone.
fn reason_of(trace: &Trace) -> Option<String> {
    let line = trace.lines.iter().find_map(|line| match &line.result {
        LineResult::Hold(reason) | LineResult::Stop(reason) => Some(reason.clone()),
        LineResult::Value(_) => None,
    });
    let table = || {
        let table = trace.decide.as_ref()?;
        let result = match table.chosen {
            Some(row) => &table.rows[row].result,
            None => &table.otherwise,
        };
        let reason = result.strip_prefix("hold \"")?;
        Some(reason.trim_end_matches('"').to_owned())
    };
    line.or_else(table)
}

#[test]
fn what_is_told_of_every_record_is_what_became_of_it() {
    let text = std::fs::read_to_string("rules/acme/acme.rules").unwrap();
    let rules = Source::new("acme.rules", &text);
    let plan = plan(&rules);
    let (outcomes, traces) = walked(&plan);
    let (mut people, mut told) = (0, 0);
    let nobody = BTreeMap::new();
    for outcome in &outcomes {
        let source = &outcome.source;
        people += u32::from(source.entity == Entity::Person);
        let trace = traces.get(&(source.clone(), outcome.line));
        let way = Way {
            rules: &rules,
            outcome,
            trace,
            fact_lines: &[],
            found: ("people.ndjson", "{}"),
            merged: &[],
            children: &nobody,
            values: Values::Shown,
        };
        let page = way.to_text();
        assert!(
            page.starts_with(&format!("{source}: {}\n", way.ending())),
            "{page}"
        );
        let Some(trace) = trace else {
            assert_ne!(source.entity, Entity::Person);
            continue;
        };
        told += 1;
        match &outcome.fate {
            Fate::Draft(draft) => same_fields(trace, draft, source),
            Fate::Held { reason } if source.entity == Entity::Person => {
                assert_eq!(reason_of(trace).as_ref(), Some(reason), "{source}");
            }
            Fate::Excluded { because } if source.entity == Entity::Person => {
                assert!(page.contains(&format!("\"{because}\"")), "{page}");
            }
            Fate::Held { .. }
            | Fate::Excluded { .. }
            | Fate::Rejected { .. }
            | Fate::Merged { .. }
            | Fate::Carried { .. }
            | Fate::Ignored { .. } => {}
        }
    }
    assert_eq!(people, 600);
    assert!(told > 4000, "{told}");
}
