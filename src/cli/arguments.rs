//! The commands and their options.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::reconcile::Reconcile;
use super::retry::Retry;
use super::rollback::Rollback;
use super::status::Status;

/// What stands below `mapwright --help`.
const EXIT_CODES: &str = "Exit codes:
  0  clean: every row closes, nothing held beyond what the rules accept
  1  findings, rejected records, or a row that does not close
  2  the command line, or a file that it names
  3  more records held than the rule file accepts
  4  the destination is not what was expected
  130  stopped by Ctrl-C; the same command goes on where it stopped";

/// Moves companies from Customer.io to Freshsales by rules that are checked before any record moves.
#[derive(Debug, Parser)]
#[command(name = "mapwright", version, after_help = EXIT_CODES)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Loads a capture through a rule file and prints the reconciliation
    Run(Run),
    /// Compiles a rule file, applies every record of a capture, writes nothing
    Check(Check),
    /// Copies an account's settings into one file that `check --against` works with, offline
    Snapshot(Snapshot),
    /// Serves the local Freshsales until Ctrl-C, for curl or any client
    Sandbox(Sandbox),
    /// Maps records from standard input to drafts on standard output; keeps no state
    Apply(Apply),
    /// Formats rule files in place
    Fmt(Fmt),
    /// Tells what a code of a finding means, with a bad and a good example
    Explain(Explain),
    /// Prints one record's way: facts, tables cell by cell, every field with its line (shows personal data)
    Why(Why),
    /// Says why a record does not become TARGET: the nearest row and the cell that failed (shows personal data)
    WhyNot(WhyNot),
    /// Compares a finished run with what the destination has now
    Reconcile(Reconcile),
    /// Tells what a ledger knows: its runs, who holds it, the latest reconciliation, what may be done next
    Status(Status),
    /// Loads rejected or held records of the latest run once more
    Retry(Retry),
    /// Shows what taking a run back would do; `--yes` does it
    Rollback(Rollback),
    /// Serves an editor on standard input and output (Language Server Protocol)
    Lsp(Lsp),
}

#[derive(Debug, Args)]
pub(super) struct Run {
    /// The rule file
    pub(super) rules: PathBuf,
    /// The capture: a folder with `capture.json`
    #[arg(long, value_name = "CAPTURE")]
    pub(super) from: PathBuf,
    /// `sandbox` (new each time), `sandbox:FILE` (kept), or the http address of a running sandbox
    #[arg(long, value_name = "DESTINATION")]
    pub(super) to: String,
    /// Stops with 4 where the account is not as this snapshot says any more
    #[arg(long, value_name = "SNAPSHOT")]
    pub(super) against: Option<PathBuf>,
    /// The ledger's file; by default in `.mapwright/` beside the rule file
    #[arg(long, value_name = "FILE")]
    pub(super) ledger: Option<PathBuf>,
    /// How the reconciliation is printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(super) format: Format,
    /// A switch of the embedded sandbox, `name=value`; `mapwright sandbox --switches` lists them
    #[arg(long = "switch", value_name = "NAME=VALUE")]
    pub(super) switches: Vec<String>,
    /// The account's quota; without it the pace follows what the answers say is left
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) calls_per_hour: Option<u32>,
    /// Worker threads; by default one a core
    #[arg(long, value_name = "N")]
    pub(super) threads: Option<usize>,
}

#[derive(Debug, Args)]
pub(super) struct Check {
    /// The rule file
    pub(super) rules: PathBuf,
    /// The capture: a folder with NDJSON files
    #[arg(long, value_name = "CAPTURE")]
    pub(super) from: PathBuf,
    /// The account as `mapwright snapshot` copied it; without it, a new local Freshsales
    #[arg(long, value_name = "SNAPSHOT")]
    pub(super) against: Option<PathBuf>,
    /// Ends with 1 where there are warnings; `allow CODE because "…"` in the rules lets one pass
    #[arg(long, value_name = "WHAT")]
    pub(super) deny: Option<Denied>,
    /// How findings and the page are printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(super) format: Format,
    /// Writes each record's outcome as a line of JSON into this file (holds personal data)
    #[arg(long, value_name = "FILE")]
    pub(super) outcomes: Option<PathBuf>,
    /// Worker threads; by default one a core
    #[arg(long, value_name = "N")]
    pub(super) threads: Option<usize>,
}

#[derive(Debug, Args)]
pub(super) struct Snapshot {
    /// As for `run`; nothing is written there
    #[arg(long, value_name = "DESTINATION")]
    pub(super) to: String,
    /// The file that is written (holds the users' addresses)
    #[arg(long, value_name = "SNAPSHOT")]
    pub(super) into: PathBuf,
    /// What the account was sold as, `Growth`, `Pro` …: it caps custom fields; no answer tells it for sure
    #[arg(long, value_name = "NAME")]
    pub(super) plan: Option<String>,
    /// A capture whose `destination.json` seeds an embedded sandbox
    #[arg(long, value_name = "CAPTURE")]
    pub(super) from: Option<PathBuf>,
    /// What a new embedded sandbox is; any other account is asked
    #[arg(long, value_enum, default_value_t = Edition::Suite)]
    pub(super) edition: Edition,
}

#[derive(Debug, Args)]
pub(super) struct Sandbox {
    /// Loopback address to listen on; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:4010")]
    pub(super) listen: SocketAddr,
    /// File that keeps the records; in memory without it
    #[arg(long, value_name = "FILE")]
    pub(super) store: Option<PathBuf>,
    #[arg(long, value_enum, default_value_t = Edition::Suite)]
    pub(super) edition: Edition,
    /// `destination.json` with users and records of a new store
    #[arg(long, value_name = "FILE")]
    pub(super) seed: Option<PathBuf>,
    /// A switch, `name=value`
    #[arg(long = "switch", value_name = "NAME=VALUE")]
    pub(super) switches: Vec<String>,
    /// Lists the switches and ends
    #[arg(long = "switches")]
    pub(super) list_switches: bool,
    /// The API key; a made-up one is printed without it
    #[arg(
        long,
        env = "MAPWRIGHT_SANDBOX_KEY",
        hide_env_values = true,
        value_name = "KEY",
        hide = true
    )]
    pub(super) key: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct Apply {
    /// The rule file
    pub(super) rules: PathBuf,
    /// Kind of the records on standard input: person, event, object:TYPE
    #[arg(long, value_name = "ENTITY", required_unless_present = "join")]
    pub(super) entity: Option<String>,
    /// Joins children to people and groups them: needs `--people` and `--events`
    #[arg(long, requires = "people", requires = "events")]
    pub(super) join: bool,
    /// People for `--join`
    #[arg(long, value_name = "FILE")]
    pub(super) people: Option<PathBuf>,
    /// Events for `--join`
    #[arg(long, value_name = "FILE")]
    pub(super) events: Option<PathBuf>,
    /// Children in one line at most, for `--join`
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub(super) batch: usize,
    /// Reads this file instead of standard input
    #[arg(long, value_name = "FILE")]
    pub(super) input: Option<PathBuf>,
    /// Worker threads; by default one a core
    #[arg(long, value_name = "N")]
    pub(super) threads: Option<usize>,
}

#[derive(Debug, Args)]
pub(super) struct Fmt {
    /// Rule files
    #[arg(required = true)]
    pub(super) files: Vec<PathBuf>,
    /// Changes nothing; ends with 1 and names the files that are not formatted
    #[arg(long)]
    pub(super) check: bool,
}

#[derive(Debug, Args)]
pub(super) struct Explain {
    /// A code such as `D301`; without it all codes are listed
    pub(super) code: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct Why {
    /// The rule file
    pub(super) rules: PathBuf,
    /// The capture: a folder with NDJSON files
    #[arg(long, value_name = "CAPTURE")]
    pub(super) from: PathBuf,
    /// `cio:CIO_ID` for people, `object:TYPE/ID`, `event:ID`
    pub(super) id: String,
    /// Letters and digits of the record's own values are replaced
    #[arg(long)]
    pub(super) masked: bool,
}

#[derive(Debug, Args)]
pub(super) struct WhyNot {
    /// What the record was expected to become: `contact`, `lead`, `account`, …
    pub(super) target: String,
    /// The rule file
    pub(super) rules: PathBuf,
    /// The capture: a folder with NDJSON files
    #[arg(long, value_name = "CAPTURE")]
    pub(super) from: PathBuf,
    /// `cio:CIO_ID` for people, `object:TYPE/ID`, `event:ID`
    pub(super) id: String,
    /// Letters and digits of the record's own values are replaced
    #[arg(long)]
    pub(super) masked: bool,
}

#[derive(Debug, Args)]
pub(super) struct Lsp {
    /// A capture whose `destination.json` names the users; without it any user is taken
    #[arg(long, value_name = "CAPTURE")]
    pub(super) from: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    Text,
    Json,
}

/// What `--deny` makes an error of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Denied {
    Warnings,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Edition {
    Suite,
    Classic,
}
