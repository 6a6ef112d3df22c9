//! How long an editor waits for its findings: a rule file of 500 lines, read, compiled, its examples run.
//!
//! `cargo bench --bench feedback`; fails above 100 ms.
//!
//! Figures are of this machine and this run.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use mapwright::customerio::layout;
use mapwright::lang::{Environment, Files, Severity, compile, parse_rules};
use mapwright::text::Source;

/// Lines of the generated file.
const LINES: usize = 500;

/// Fields that are declared, mapped and tested; most of the other lines are examples.
const FIELDS: usize = 120;

/// What somebody who types does not notice.
const LIMIT: Duration = Duration::from_millis(100);

const ROUNDS: usize = 21;

/// The neighbours of the generated file.
struct Neighbours {
    fields: String,
    schema: String,
}

impl Files for Neighbours {
    fn read(&self, name: &str) -> Result<Vec<u8>, String> {
        match name {
            "g.fields" => Ok(self.fields.clone().into_bytes()),
            "g.schema" => Ok(self.schema.clone().into_bytes()),
            _ => Err("there is no such file".to_owned()),
        }
    }
}

fn neighbours() -> Neighbours {
    let mut fields = "fields of person
  cio_id text, unique
  email optional text
  traits.stage optional one of lead, mql, sql, customer
  traits.status optional one of active, paused, trial, closed
"
    .to_owned();
    let mut schema = "schema \"g\"
target contact, lead
  external_id text key
  email text
  stage text
  status text
"
    .to_owned();
    for at in 0..FIELDS {
        let _ = writeln!(fields, "  traits.f{at} optional text  # {at}");
        let _ = writeln!(schema, "  g{at} text");
    }
    fields.push_str("end\n");
    schema.push_str("end\n");
    Neighbours { fields, schema }
}

const HEAD: &str = "rules \"Generated\"
language 1
source customerio fields \"g.fields\"
destination file \"g.schema\"
list free = \"gmail.com\", \"gmx.de\"
list ours = \"a.example\", \"b.example\"
fact domain of person
  none when email is blank
  own when email_domain(email) in ours
  free when email_domain(email) in free
  business otherwise
end
decide person
  | domain | traits.stage | traits.status | becomes |
";

fn rules() -> String {
    let mut text = HEAD.to_owned();
    for domain in ["none", "own", "free", "business"] {
        for stage in ["lead", "mql", "sql", "customer", "blank", "other"] {
            for (status, is_open) in [("any except closed", true), ("closed", false)] {
                let is_contact = is_open && matches!(stage, "sql" | "customer");
                let becomes = if is_contact { "contact" } else { "lead" };
                let _ = writeln!(text, "  | {domain} | {stage} | {status} | {becomes} |");
            }
        }
    }
    text.push_str("  otherwise hold \"a status that is not on our list\"\nend\n");
    text.push_str("map person to contact, lead\n  key external_id = \"p-\" + cio_id\n");
    text.push_str("  email = email(email) else hold\n  stage = traits.stage\n");
    text.push_str("  status = traits.status\n");
    for at in 0..FIELDS {
        let value = match at % 4 {
            0 => format!("trim(squeeze(traits.f{at})) loses \"double blanks\""),
            1 => format!("first_filled(traits.f{at}, \"none of {at}\")"),
            2 => format!("if domain is own then traits.f{at} else \"other\""),
            _ => format!("traits.f{at}"),
        };
        let _ = writeln!(text, "  g{at} = {value}");
    }
    text.push_str("end\n");
    let mut at = 0;
    while text.lines().count() + 4 <= LINES {
        let _ = write!(
            text,
            "example \"number {at}\"
  given person cio_id \"c{at}\", email \"x@gmail.com\", traits.stage \"mql\", traits.f3 \"v\"
  expect lead external_id \"p-c{at}\", g3 \"v\"
end
"
        );
        at += 1;
    }
    while text.lines().count() < LINES {
        text.push_str("# a remark\n");
    }
    text
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn main() -> std::io::Result<ExitCode> {
    let (neighbours, text, layout) = (neighbours(), rules(), layout());
    let mut out = std::io::stdout().lock();
    let environment = Environment {
        layout: &layout,
        schema: None,
    };
    let faulty = text.replacen("traits.f77", "traits.f777x", 1);
    let mut slowest = Duration::ZERO;
    for (name, text, is_clean) in [
        ("a clean file", &text, true),
        ("a file with a fault", &faulty, false),
    ] {
        let source = Source::new("g.rules", text);
        let (mut parses, mut all) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let start = Instant::now();
            let _ = parse_rules(&source);
            parses.push(start.elapsed());
            let start = Instant::now();
            let _ = compile(&source, &neighbours, &environment);
            all.push(start.elapsed());
        }
        let compiled = compile(&source, &neighbours, &environment);
        let errors = compiled.diagnostics.iter();
        let errors = errors.filter(|it| it.severity == Severity::Error).count();
        let (parse, whole) = (median(parses), median(all));
        slowest = slowest.max(whole);
        writeln!(
            out,
            "{name}: {} lines, {} examples run, {errors} errors: read {:.1} ms, with everything {:.1} ms",
            text.lines().count(),
            compiled.examples.len(),
            parse.as_secs_f64() * 1e3,
            whole.as_secs_f64() * 1e3,
        )?;
        if (errors == 0) != is_clean {
            for it in compiled.diagnostics.iter().take(5) {
                writeln!(out, "  {} {}: {}", it.place().line, it.code, it.message)?;
            }
            return Ok(ExitCode::FAILURE);
        }
    }
    if slowest > LIMIT {
        writeln!(out, "above {} ms", LIMIT.as_millis())?;
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}
