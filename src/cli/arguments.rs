//! The commands and their options.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::canary::CanaryArguments;
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
  5  a load into an account needs a fresh approval and a sealed capture
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
    /// Makes the custom fields, lists and modules that the rules need, before any record moves
    Prepare(Prepare),
    /// Shows the page of `check` and writes down that a person agrees to it
    Approve(Approve),
    /// Seals a capture, or shows its seal
    Capture(Capture),
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
    /// Shows which records end otherwise under new rules, and which changed line makes it (0 none, 1 some)
    Diff(Diff),
    /// Compares a finished run with what the destination has now
    Reconcile(Reconcile),
    /// Tells what a ledger knows: its runs, who holds it, the latest reconciliation, what may be done next
    Status(Status),
    /// Loads rejected or held records of the latest run once more
    Retry(Retry),
    /// Shows what taking a run back would do; `--yes` does it
    Rollback(Rollback),
    /// Prints `example` blocks: of one record with its private values made up, or for what no example reaches
    Example(Example),
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
    /// `sandbox` (new each time), `sandbox:FILE` (kept), the http address of a running sandbox, or an
    /// account such as `NAME.myfreshworks.com`, which needs a fresh approval
    #[arg(long, value_name = "DESTINATION")]
    pub(super) to: String,
    /// A file with the API key that only you may read; without it the key is in `MAPWRIGHT_FRESHSALES_KEY`
    #[arg(long, value_name = "FILE")]
    pub(super) key_file: Option<PathBuf>,
    /// Demands of a sandbox at an http address what an account demands: rehearses the approval itself
    #[arg(long)]
    pub(super) treat_as_account: bool,
    #[command(flatten)]
    pub(super) canary: CanaryArguments,
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
pub(super) struct Prepare {
    /// The rule file
    pub(super) rules: PathBuf,
    /// As for `run`
    #[arg(long, value_name = "DESTINATION")]
    pub(super) to: String,
    /// A file with the API key that only you may read; without it the key is in `MAPWRIGHT_FRESHSALES_KEY`
    #[arg(long, value_name = "FILE")]
    pub(super) key_file: Option<PathBuf>,
    /// A capture whose `destination.json` seeds an embedded sandbox; before an account, the approved one
    #[arg(long, value_name = "CAPTURE")]
    pub(super) from: Option<PathBuf>,
    /// Stops with 4 where the account is not as this snapshot says any more
    #[arg(long, value_name = "SNAPSHOT")]
    pub(super) against: Option<PathBuf>,
    /// What the account was sold as, `Growth`, `Pro` …: more fields than it takes are refused at once
    #[arg(long, value_name = "NAME")]
    pub(super) plan: Option<String>,
    /// Shows what is there, what would be made and what is left to a person; makes nothing
    #[arg(long, visible_alias = "plan-only")]
    pub(super) dry_run: bool,
    /// Takes away what this ledger says we made, where it is empty
    #[arg(long, conflicts_with = "against")]
    pub(super) undo: bool,
    /// The ledger's file; by default in `.mapwright/` beside the rule file
    #[arg(long, value_name = "FILE")]
    pub(super) ledger: Option<PathBuf>,
    /// A switch of the embedded sandbox, `name=value`
    #[arg(long = "switch", value_name = "NAME=VALUE")]
    pub(super) switches: Vec<String>,
}

#[derive(Debug, Args)]
pub(super) struct Approve {
    /// The rule file; the approval is written beside it, as `x.approval`
    pub(super) rules: PathBuf,
    /// The capture: a sealed folder
    #[arg(long, value_name = "CAPTURE")]
    pub(super) from: PathBuf,
    /// Whose approval it is
    #[arg(long, value_name = "NAME", env = "MAPWRIGHT_REVIEWER")]
    pub(super) by: Option<String>,
    /// The account that it is for: it is looked at, not written to; the local sandbox without it
    #[arg(long, value_name = "DESTINATION", default_value = "sandbox")]
    pub(super) to: String,
    /// The account as this snapshot has it, offline, in place of `--to`
    #[arg(long, value_name = "SNAPSHOT", conflicts_with = "to")]
    pub(super) against: Option<PathBuf>,
    /// A file with the API key that only you may read; without it the key is in `MAPWRIGHT_FRESHSALES_KEY`
    #[arg(long, value_name = "FILE")]
    pub(super) key_file: Option<PathBuf>,
    /// Worker threads; by default one a core
    #[arg(long, value_name = "N")]
    pub(super) threads: Option<usize>,
}

#[derive(Debug, Args)]
pub(super) struct Capture {
    #[command(subcommand)]
    pub(super) command: CaptureCommand,
}

#[derive(Debug, Subcommand)]
pub(super) enum CaptureCommand {
    /// Counts and hashes every file and writes `capture.json`
    Seal(Seal),
    /// Puts exports, warehouse files and kept calls together into a sealed capture
    Import(Import),
    /// Prints what was sealed and compares it with the files
    Show {
        /// The capture's folder
        folder: PathBuf,
    },
}

#[derive(Debug, Args)]
pub(super) struct Seal {
    /// The capture's folder
    pub(super) folder: PathBuf,
    /// Name of the workspace that the records were taken from
    #[arg(long, value_name = "NAME")]
    pub(super) workspace: Option<String>,
    /// `eu` or `us`
    #[arg(long, value_name = "REGION")]
    pub(super) region: Option<String>,
    /// Nothing in the capture is older; the beginning of time without it
    #[arg(long, value_name = "TIME")]
    pub(super) since: Option<jiff::Timestamp>,
    /// Nothing in the capture is younger; the newest change of a file without it
    #[arg(long, value_name = "TIME")]
    pub(super) until: Option<jiff::Timestamp>,
    /// Replaces the seal of a folder that is sealed already
    #[arg(long)]
    pub(super) again: bool,
}

/// Several sources become one capture, put together person by person; where two differ, the one named first wins and the
/// difference is counted. Nothing is written unless every file is what it is named as.
#[derive(Debug, Args)]
pub(super) struct Import {
    /// What is read, as KIND=PATH, the most trusted first: people-csv, deliveries-csv, warehouse (a Parquet file or a
    /// folder of them), webhooks (kept reporting webhooks, one a line), pipelines (kept calls, one a line), capture,
    /// previous (a capture of before: whoever is only in it is gone since). Any of them may be gzip or zstd
    #[arg(required = true, value_name = "KIND=PATH")]
    pub(super) sources: Vec<String>,
    /// The capture's folder; it must be new or empty
    #[arg(long, value_name = "DIR")]
    pub(super) into: PathBuf,
    /// A `.fields` file: texts of CSV and Parquet become what it declares
    #[arg(long, value_name = "FILE")]
    pub(super) fields: Option<PathBuf>,
    /// A file with the webhooks' signing secret that only you may read, or `MAPWRIGHT_WEBHOOK_SECRET`; lines without a
    /// signature that fits are left out then
    #[arg(long, value_name = "FILE")]
    pub(super) webhook_secret_file: Option<PathBuf>,
    /// Name of the workspace that the records were taken from
    #[arg(long, value_name = "NAME")]
    pub(super) workspace: Option<String>,
    /// `eu` or `us`
    #[arg(long, value_name = "REGION")]
    pub(super) region: Option<String>,
    /// Nothing in the capture is older; the beginning of time without it
    #[arg(long, value_name = "TIME")]
    pub(super) since: Option<jiff::Timestamp>,
    /// Nothing in the capture is younger; the newest change of a file without it
    #[arg(long, value_name = "TIME")]
    pub(super) until: Option<jiff::Timestamp>,
}

#[derive(Debug, Args)]
pub(super) struct Snapshot {
    /// As for `run`; nothing is written there
    #[arg(long, value_name = "DESTINATION")]
    pub(super) to: String,
    /// A file with the API key that only you may read; without it the key is in `MAPWRIGHT_FRESHSALES_KEY`
    #[arg(long, value_name = "FILE")]
    pub(super) key_file: Option<PathBuf>,
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
    /// A fault, `METHOD PATH COUNT KIND`, such as `POST /notes 3..5 cut_after_commit`
    #[arg(long = "fault", value_name = "FAULT")]
    pub(super) faults: Vec<String>,
    /// File to which every committed write is told, one JSON object a line
    #[arg(long, value_name = "FILE")]
    pub(super) truth: Option<PathBuf>,
    /// Lists the switches and the kinds of fault, and ends
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

/// Shows which records end otherwise under new rules, grouped, each group with the changed line that makes it.
///
/// Both rule files are compiled with the files beside them and applied to the whole capture; nothing is written. Lines
/// that moved, comments and blanks are no change. Ends with 0 where no record ends otherwise, 1 where some do or a file
/// has findings.
#[derive(Debug, Args)]
pub(super) struct Diff {
    /// The rule file as it was, with its lists and `.fields` beside it
    pub(super) old: PathBuf,
    /// The rule file as it is
    pub(super) new: PathBuf,
    /// The capture: a folder with NDJSON files
    #[arg(long, value_name = "CAPTURE")]
    pub(super) from: PathBuf,
    /// Shows the records' own values before and after (personal data); without it they are masked
    #[arg(long)]
    pub(super) full: bool,
    /// How the differences are printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(super) format: Format,
    /// Worker threads; by default one a core
    #[arg(long, value_name = "N")]
    pub(super) threads: Option<usize>,
}

/// `mapwright example RULES --from CAPTURE cio:ID`, `example from cio:ID RULES --from CAPTURE`, `example missing RULES`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(super) struct Example {
    #[command(subcommand)]
    pub(super) of: Option<ExampleOf>,
    /// The rule file
    #[arg(required = true)]
    pub(super) rules: Option<PathBuf>,
    /// The capture: a folder with NDJSON files
    #[arg(long, value_name = "CAPTURE", required = true)]
    pub(super) from: Option<PathBuf>,
    /// `cio:CIO_ID` for people, `object:TYPE/ID`, `event:ID`
    #[arg(required = true)]
    pub(super) id: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(super) enum ExampleOf {
    /// Of one record, the same as `example RULES --from CAPTURE cio:ID`
    From(ExampleFrom),
    /// For each row, word and policy that no example reaches; with `--from` only where no record does either
    Missing(ExampleMissing),
}

#[derive(Debug, Args)]
pub(super) struct ExampleFrom {
    /// `cio:CIO_ID` for people, `object:TYPE/ID`, `event:ID`
    pub(super) id: String,
    /// The rule file
    pub(super) rules: PathBuf,
    /// The capture: a folder with NDJSON files
    #[arg(long, value_name = "CAPTURE")]
    pub(super) from: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct ExampleMissing {
    /// The rule file
    pub(super) rules: PathBuf,
    /// The capture: a folder with NDJSON files
    #[arg(long, value_name = "CAPTURE")]
    pub(super) from: Option<PathBuf>,
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
