//! `cargo bench --bench tables`: how long a table of 6 columns, 10 words a column and 40 rows takes to be proven.

use std::fmt::Write as _;
use std::io::Write as _;
use std::time::{Duration, Instant};

use mapwright::customerio::layout;
use mapwright::lang::{Environment, Files, compile};
use mapwright::text::Source;

const COLUMNS: usize = 6;
const WORDS: usize = 10;
const ROUNDS: usize = 20;

/// The two files beside the rules.
struct Beside;

impl Files for Beside {
    fn read(&self, name: &str) -> Result<Vec<u8>, String> {
        match name {
            "t.fields" => Ok(fields().into_bytes()),
            "t.schema" => Ok(SCHEMA.as_bytes().to_vec()),
            _ => Err("there is no such file".to_owned()),
        }
    }
}

const SCHEMA: &str =
    "schema \"crm\"\n\ntarget contact, lead\n  external_id  text  key\n  other        json\nend\n";

fn words(from: usize, to: usize) -> String {
    let words: Vec<String> = (from..to).map(|it| format!("w{it}")).collect();
    words.join(", ")
}

fn fields() -> String {
    let mut text = "fields of person\n  cio_id  text, unique\n".to_owned();
    for column in 0..COLUMNS {
        let _ = writeln!(text, "  c{column}  optional one of {}", words(0, WORDS));
    }
    text.push_str("end\n");
    text
}

/// Forty rows that take every record exactly once; every column decides somewhere.
fn rules(with_table: bool) -> String {
    let mut text = "rules \"Bench\"\nlanguage 1\nsource customerio fields \"t.fields\"\ndestination file \"t.schema\"\n\n".to_owned();
    if with_table {
        text.push_str("decide person\n  | c0 | c1 | c2 | c3 | c4 | c5 | becomes |\n");
        let low = words(0, WORDS / 2);
        let high = format!("{}, blank, other", words(WORDS / 2, WORDS));
        for first in 0..WORDS {
            let own = if first == 0 {
                "w0, blank, other".to_owned()
            } else {
                format!("w{first}")
            };
            let mut row = |c1: &str, at: usize, cell: &str, to: &str| {
                let mut cells = ["any, other"; COLUMNS];
                if let Some(place) = cells.get_mut(1) {
                    *place = c1;
                }
                if let Some(place) = cells.get_mut(at) {
                    *place = cell;
                }
                let rest = cells.get(1..).unwrap_or_default().join(" | ");
                let _ = writeln!(text, "  | {own} | {rest} | {to} |");
            };
            let (left, right) = if first % 2 == 0 { (2, 3) } else { (4, 5) };
            row(&low, left, &low, "contact");
            row(&low, left, &high, "lead");
            row(&high, right, &low, "lead");
            row(&high, right, &high, "contact");
        }
        text.push_str("end\n\n");
    }
    let targets = if with_table {
        "contact, lead"
    } else {
        "contact"
    };
    let _ = write!(
        text,
        "map person to {targets}\n  key external_id = cio_id\n  rest other = json\nend\n"
    );
    text
}

fn median(text: &str) -> Duration {
    let layout = layout();
    let environment = Environment {
        layout: &layout,
        schema: None,
    };
    let mut times: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            let compiled = compile(&Source::new("t.rules", text), &Beside, &environment);
            let took = start.elapsed();
            let found = compiled.diagnostics.iter().map(|it| it.message.as_str());
            let found: Vec<&str> = found.collect();
            assert!(compiled.plan.is_some(), "{found:?}");
            took
        })
        .collect();
    times.sort_unstable();
    times.get(ROUNDS / 2).copied().unwrap_or_default()
}

fn main() {
    let table = median(&rules(true));
    let without = median(&rules(false));
    let _ = writeln!(
        std::io::stdout().lock(),
        "a file with a table of {COLUMNS} columns, {WORDS} words and 40 rows: {table:.2?}; without the table {without:.2?}"
    );
}
