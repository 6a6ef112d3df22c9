//! Seeded faults: good rule files with one small fault each, and whether it is found, where, and in how many messages.
//!
//! A faulty file that is still lawful counts as found where one of its examples fails or a record of the capture
//! ends otherwise. One whose plan is the same means the same; one that cannot differ is left out by name.

mod mutants;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};

use mapwright::capture::Capture;
use mapwright::customerio::layout;
use mapwright::engine::{Options, walk};
use mapwright::lang::{Compiled, Diagnostic, Environment, Files, Severity, compile};
use mapwright::plan::Plan;
use mapwright::text::Source;

use crate::lang_semantics::destination::suite;
use mutants::{Mutant, Where, mutants};

/// How many of a hundred faults are found at least.
const WANTED: f64 = 99.0;

/// Faults that cannot change what becomes of any record, with the reason.
const SAME_MEANING: &[(&str, &str)] = &[
    (
        "acme:81 | any | customer | any | any except closed | contact |",
        "nobody anonymous has a domain",
    ),
    (
        "acme:82 | any | business | sql, opportunity, customer, evangelist | any except closed | contact |",
        "nobody anonymous has a domain",
    ),
    (
        "acme:83 | any | business | subscriber, lead, mql, blank | any except closed | lead |",
        "nobody anonymous has a domain",
    ),
    (
        "lists-and-facts:12 free when email_local(email) in free",
        "`free` and `business` stand in the same cells",
    ),
];

/// The least share of told faults with a message on their line, and with one message only.
const WANTED_THERE: f64 = 98.0;
const WANTED_ONE: f64 = 99.5;

/// A good file, its folder and records to try it on.
pub(crate) struct Base {
    pub(crate) name: &'static str,
    pub(crate) text: String,
    pub(crate) folder: PathBuf,
    capture: PathBuf,
}

struct Beside<'m> {
    folder: &'m Path,
    files: &'m BTreeMap<&'static str, String>,
}

impl Files for Beside<'_> {
    fn read(&self, name: &str) -> Result<Vec<u8>, String> {
        if let Some(text) = self.files.get(name) {
            return Ok(text.clone().into_bytes());
        }
        std::fs::read(self.folder.join(name)).map_err(|_| "there is no such file".to_owned())
    }
}

fn compiled(base: &Base, text: &str, files: &BTreeMap<&'static str, String>) -> Compiled {
    let (layout, schema) = (layout(), suite());
    let environment = Environment {
        layout: &layout,
        schema: Some(&schema),
    };
    let beside = Beside {
        folder: &base.folder,
        files,
    };
    compile(&Source::new("mutant.rules", text), &beside, &environment)
}

/// What becomes of every record, in words.
fn outcomes(base: &Base, plan: &Plan) -> BTreeSet<String> {
    let capture = Capture::open(&base.capture).unwrap();
    let options = Options {
        latest: "2026-01-22T12:53:20Z".parse().unwrap(),
        ..Options::new(std::env::temp_dir())
    };
    let mut found = BTreeSet::new();
    walk(plan, &capture, &layout(), &options, &mut |outcome| {
        found.insert(serde_json::to_string(&outcome).unwrap());
        Ok(())
    })
    .unwrap();
    found
}

/// Acme with its capture, and the accepted files of the language with people made for them.
fn bases(people: &Path) -> Vec<Base> {
    let mut made = String::new();
    let stages = ["\"lead\"", "\"mql\"", "\"customer\"", "\"odd\"", "null"];
    let emails = [
        "\"Jo@A.example\"",
        "\"x@b.example\"",
        "\"y@gmail.com\"",
        "\"no address\"",
        "\"z@firm.example \"",
        "null",
    ];
    let times = [1_600_000_000, 1_710_000_000, 1_719_700_000, 1_730_000_000];
    let seats = ["3", "10", "11", "null", "\"many\""];
    let mut count = 0;
    for stage in stages {
        for email in emails {
            for time in times {
                for seats in seats {
                    count += 1;
                    let vip = if count % 2 == 0 { "true" } else { "null" };
                    let name = match count % 7 {
                        0 | 3 => "null",
                        5 => "\"Wolfeschlegelsteinhausenbergerdorff\"",
                        _ => "\"Jo Anne\"",
                    };
                    writeln!(
                        made,
                        "{{\"cio_id\":\"p{count}\",\"id\":\"{count}\",\"email\":{email},\"stage\":{stage},\"vip\":{vip},\
                         \"seats\":{seats},\"created_at\":{time},\"first_name\":{name},\"languages\":[\"en\",\"fr\"]}}"
                    )
                    .unwrap();
                }
            }
        }
    }
    std::fs::write(people.join("people.ndjson"), made).unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| std::fs::read_to_string(root.join(path)).unwrap();
    let small = |name: &'static str| Base {
        name,
        text: read(&format!("tests/rules/good/meaning-{name}.rules")),
        folder: root.join("tests/rules/beside"),
        capture: people.to_path_buf(),
    };
    vec![
        Base {
            name: "acme",
            text: read("rules/acme/acme.rules"),
            folder: root.join("rules/acme"),
            capture: root.join("tests/stories/acme/in"),
        },
        small("lists-and-facts"),
        small("one-map"),
        small("ranges"),
    ]
}

/// What became of one fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// A message on the right line, and how many messages there are.
    Told {
        is_there: bool,
        messages: usize,
    },
    /// An example fails and nothing else is said.
    Example,
    /// A record ends otherwise.
    Record,
    SameMeaning,
    Missed,
}

fn messages(compiled: &Compiled) -> Vec<&Diagnostic> {
    let all = compiled.diagnostics.iter();
    all.filter(|it| it.severity != Severity::Note).collect()
}

fn judge(base: &Base, plan: &Plan, before: &BTreeSet<String>, mutant: &Mutant) -> Verdict {
    let compiled = compiled(base, &mutant.text, &mutant.files);
    let told = messages(&compiled);
    if !told.is_empty() && told.iter().all(|it| it.code.as_str() == "C503") {
        return Verdict::Example;
    }
    if !told.is_empty() {
        return Verdict::Told {
            is_there: told.iter().any(|it| is_there(it, &mutant.place)),
            messages: told.len(),
        };
    }
    let changed = compiled.plan.as_ref().expect("no message, so a plan");
    // A loss that nobody speaks of any more is a fault, though every record ends as before.
    let is_spoken_of = mutant.kind != "loss mark removed";
    if is_spoken_of && changed.digest() == plan.digest()
        || SAME_MEANING.iter().any(|(name, _)| *name == mutant.name)
    {
        return Verdict::SameMeaning;
    }
    if outcomes(base, changed) == *before {
        return Verdict::Missed;
    }
    Verdict::Record
}

fn is_there(diagnostic: &Diagnostic, place: &Where) -> bool {
    let source = &diagnostic.source;
    diagnostic.labels.iter().any(|(span, _)| {
        let (first, last) = (source.place(span.start).line, source.place(span.end).line);
        let in_rules = source.name() == "mutant.rules";
        match place {
            Where::Line(line) => in_rules && first <= *line && *line <= last,
            Where::Lines(from, to, word) => {
                let line = source.text().lines().nth(first - 1).unwrap_or("");
                let names_it = !word.is_empty() && line.contains(word.as_str());
                names_it || in_rules && first <= *to && *from <= last
            }
            Where::File(file, word) => {
                let line = source.text().lines().nth(first - 1).unwrap_or("");
                source.name() == *file || line.contains(word.as_str())
            }
        }
    })
}

#[derive(Default)]
struct Count {
    all: usize,
    told: usize,
    there: usize,
    one: usize,
    example: usize,
    record: usize,
    same: usize,
    missed: usize,
}

impl Count {
    fn add(&mut self, verdict: Verdict) {
        self.all += 1;
        match verdict {
            Verdict::Told { is_there, messages } => {
                self.told += 1;
                self.there += usize::from(is_there);
                self.one += usize::from(messages == 1);
            }
            Verdict::Example => self.example += 1,
            Verdict::Record => self.record += 1,
            Verdict::SameMeaning => self.same += 1,
            Verdict::Missed => self.missed += 1,
        }
    }

    fn found(&self) -> usize {
        self.told + self.example + self.record
    }

    fn row(&self, kind: &str) -> String {
        let Self {
            all,
            told,
            there,
            one,
            example,
            record,
            same,
            missed,
        } = self;
        format!(
            "{kind:<28}{all:>7}{told:>7}{there:>7}{one:>7}{example:>9}{record:>8}{same:>6}{missed:>8}\n"
        )
    }
}

/// The verdict of every fault, in the order of the faults.
fn verdicts(base: &Base, all: &[Mutant]) -> Vec<Verdict> {
    let good = compiled(base, &base.text, &BTreeMap::new());
    let false_alarms: Vec<String> = messages(&good)
        .iter()
        .map(|it| format!("{} {}", it.code, it.message))
        .collect();
    assert!(false_alarms.is_empty(), "{}: {false_alarms:?}", base.name);
    let plan = good.plan.expect("a good file has a plan");
    let before = outcomes(base, &plan);
    let judged = all.iter().map(|it| judge(base, &plan, &before, it));
    judged.collect()
}

#[expect(clippy::cast_precision_loss, reason = "hundreds need no more digits")]
fn percent(part: usize, of: usize) -> f64 {
    100.0 * part as f64 / of as f64
}

#[test]
fn seeded_faults_are_found_before_a_record_moves() {
    let people = tempfile::tempdir().unwrap();
    let mut kinds: BTreeMap<&str, Count> = BTreeMap::new();
    let mut whole = Count::default();
    let mut notes = String::new();
    for base in bases(people.path()) {
        let all = mutants(&base);
        for (mutant, verdict) in all.iter().zip(verdicts(&base, &all)) {
            kinds.entry(mutant.kind).or_default().add(verdict);
            whole.add(verdict);
            let word = match verdict {
                Verdict::Missed => "missed",
                Verdict::SameMeaning => "same meaning",
                Verdict::Told {
                    is_there: false, ..
                } => "elsewhere",
                Verdict::Told { messages: 2.., .. } => "several messages",
                Verdict::Told { .. } | Verdict::Example | Verdict::Record => continue,
            };
            writeln!(notes, "{word}: {}: {}", mutant.kind, mutant.name).unwrap();
        }
    }
    let mut table = format!(
        "{:<28}{:>7}{:>7}{:>7}{:>7}{:>9}{:>8}{:>6}{:>8}\n",
        "kind", "faults", "told", "there", "one", "example", "record", "same", "missed"
    );
    for (kind, count) in &kinds {
        table.push_str(&count.row(kind));
    }
    table.push_str(&whole.row("all"));
    let meant = whole.all - whole.same;
    let found = percent(whole.found(), meant);
    writeln!(
        table,
        "\nfound {found:.1} % of {meant}; of {} told: on the right line {:.1} %, in one message {:.1} %",
        whole.told,
        percent(whole.there, whole.told),
        percent(whole.one, whole.told)
    )
    .unwrap();
    println!("{table}\n{notes}");
    assert!(kinds.len() >= 15 && whole.all >= 150, "{table}");
    assert!(found >= WANTED, "{table}\n{notes}");
    let there = percent(whole.there, whole.told);
    assert!(there >= WANTED_THERE, "{table}\n{notes}");
    let one = percent(whole.one, whole.told);
    assert!(one >= WANTED_ONE, "{table}\n{notes}");
}

/// The least share of pairs of faults that are both told; what a table says cannot be proven while its facts are broken.
const WANTED_BOTH: f64 = 97.0;

/// A fault that has one message of its own keeps it when there is another one elsewhere: nothing is folded away.
#[test]
fn two_faults_are_both_told() {
    let people = tempfile::tempdir().unwrap();
    let base = bases(people.path()).swap_remove(0);
    let told: Vec<(Mutant, usize)> = mutants(&base)
        .into_iter()
        .filter_map(|mutant| {
            let Where::Line(line) = mutant.place else {
                return None;
            };
            let compiled = compiled(&base, &mutant.text, &mutant.files);
            let [only] = messages(&compiled)[..] else {
                return None;
            };
            let is_certain = only.severity == Severity::Error && only.code.as_str() != "C503";
            (is_certain && is_there(only, &mutant.place)).then_some((mutant, line))
        })
        .collect();
    let half = told.len() / 2;
    let (mut pairs, mut both) = (0, 0);
    let mut notes = String::new();
    for ((first, at), (second, other)) in told.iter().zip(told.iter().skip(half)) {
        if at == other {
            continue;
        }
        let changed = second.text.lines().nth(other - 1).unwrap();
        let mut lines: Vec<&str> = first.text.lines().collect();
        lines[other - 1] = changed;
        let compiled = compiled(&base, &(lines.join("\n") + "\n"), &BTreeMap::new());
        let found = messages(&compiled);
        pairs += 1;
        let tells = |place: &Where| found.iter().any(|it| is_there(it, place));
        if found.len() >= 2 && tells(&first.place) && tells(&second.place) {
            both += 1;
        } else {
            let said: Vec<String> = found
                .iter()
                .map(|it| format!("{} {}", it.place().line, it.code))
                .collect();
            writeln!(
                notes,
                "{} ({}) and {} ({}): {said:?}",
                first.name, first.kind, second.name, second.kind
            )
            .unwrap();
        }
    }
    let share = percent(both, pairs);
    println!("{both} of {pairs} pairs are both told: {share:.1} %\n{notes}");
    assert!(pairs >= 80, "{pairs}");
    assert!(share >= WANTED_BOTH, "{share:.1} %\n{notes}");
}
