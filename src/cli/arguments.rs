//! The commands and their options.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::canary::CanaryArguments;
use super::demo::Demo;
use super::forget::Forget;
use super::handoff::Handoff;
use super::reconcile::Reconcile;
use super::report::Report;
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
    /// Reads a live Customer.io workspace into a sealed capture; an interrupted one goes on
    Extract(Extract),
    /// Copies an account's settings into one file that `check --against` works with, offline
    Snapshot(Snapshot),
    /// Serves the local Freshsales until Ctrl-C, or with `--customerio` the local Customer.io, for curl or any client
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
    /// Takes one person out of a capture, its ledger, a kept sandbox and reports, and says what remains
    Forget(Forget),
    /// Draws up a run's statement from its ledger: text, JSON, CSV, or a page that opens anywhere
    Report(Report),
    /// Writes down campaigns, segments, messages and templates for whoever rebuilds them in Freshsales
    Handoff(Handoff),
    /// Moves a sample workspace into a local Freshsales and ends with the pages to read; needs nothing
    Demo(Demo),
    /// Tells what a ledger knows: its runs, who holds it, the latest reconciliation, what may be done next
    Status(Status),
    /// Loads rejected or held records of the latest run once more
    Retry(Retry),
    /// Shows what taking a run back would do; `--yes` does it
    Rollback(Rollback),
    /// Tells what a capture holds: fields, events, people, what is missing; drafts a `.fields` file
    Audit(Audit),
    /// Drafts a rule file for a capture and an account; every line of it waits for a person
    Propose(Propose),
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
    /// The folder for templates and documents, which no call makes; by default beside the ledger
    #[arg(long, value_name = "FOLDER")]
    pub(super) documents: Option<PathBuf>,
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
    /// Ends with 1 where a promise is not shown
    #[arg(long)]
    pub(super) strict: bool,
    /// How findings and the page are printed; `html` is one file that asks nothing of any server
    #[arg(long, value_enum, default_value_t = CheckFormat::Text)]
    pub(super) format: CheckFormat,
    /// With the values of the records on the HTML page (personal data); without it letters and digits are replaced
    #[arg(long)]
    pub(super) full: bool,
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
    /// Shows what this ledger says we made; `--yes` takes away what of it is empty
    #[arg(long, conflicts_with = "against")]
    pub(super) undo: bool,
    /// Takes it away
    #[arg(long, requires = "undo", conflicts_with = "dry_run")]
    pub(super) yes: bool,
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
    /// Adds what the App API does not give, and seals again
    Add {
        #[command(subcommand)]
        what: Addition,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum Addition {
    /// The steps of a campaign or the conditions of a segment, as saved from the UI
    Workflow(AddWorkflow),
}

#[derive(Debug, Args)]
pub(super) struct AddWorkflow {
    /// The saved JSON: an answer of the UI's API for one campaign or one segment
    pub(super) file: PathBuf,
    /// The capture's folder
    #[arg(long, value_name = "CAPTURE")]
    pub(super) into: PathBuf,
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
    /// What is read, as KIND=PATH, the most trusted first: people-csv, deliveries-csv, suppressed-csv (people),
    /// suppressions-csv (addresses that a mail service refuses), warehouse (a Parquet file or a
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
pub(super) struct Extract {
    /// The source system
    #[arg(long, value_enum, default_value_t = SourceSystem::Cio)]
    pub(super) from: SourceSystem,
    /// The capture's folder: new, empty, or one with a reading that was broken off
    #[arg(long, value_name = "DIR")]
    pub(super) into: PathBuf,
    /// The http address of a local Customer.io, in place of the service
    #[arg(long, value_name = "URL")]
    pub(super) address: Option<String>,
    /// The account's region; without it each is asked which knows the key
    #[arg(long, value_enum)]
    pub(super) region: Option<Region>,
    /// A file with the App API key that only you may read; without it the key is in `MAPWRIGHT_CUSTOMERIO_KEY`
    #[arg(long, value_name = "FILE")]
    pub(super) key_file: Option<PathBuf>,
    /// Reads these parts only, such as `people,consent`
    #[arg(long, value_name = "PART", value_delimiter = ',')]
    pub(super) only: Vec<String>,
    /// Deliveries and events from here on; everything else is read whole
    #[arg(long, value_name = "TIME")]
    pub(super) since: Option<jiff::Timestamp>,
    /// Reads the bodies of the newest sent messages as well; the service gives 100 a day
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=100))]
    pub(super) bodies: u32,
    /// The workspace's name, where the account has several
    #[arg(long, value_name = "NAME")]
    pub(super) workspace: Option<String>,
    /// Requests a second at most, 7 without it; the bucket of 10 is shared with production
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10))]
    pub(super) per_second: Option<u32>,
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
    /// Serves a local Customer.io over this capture instead; `new` is an empty workspace
    #[arg(long, value_name = "CAPTURE", conflicts_with_all = ["store", "edition", "seed", "truth"])]
    pub(super) customerio: Option<PathBuf>,
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
    /// Lists the switches and the kinds of fault, with `--customerio` the other server's, and ends
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
pub(super) struct Audit {
    /// The capture: a folder with NDJSON files, sealed or not
    pub(super) folder: PathBuf,
    /// How the page is printed
    #[arg(long, value_enum, default_value_t = PageFormat::Text)]
    pub(super) format: PageFormat,
    /// What the scope is for
    #[arg(long, value_enum, default_value_t = Edition::Suite)]
    pub(super) edition: Edition,
    /// Writes audit and scope in every edition, and `drafted.fields`, into this folder (they hold words of the data)
    #[arg(long, value_name = "FOLDER", conflicts_with = "format")]
    pub(super) into: Option<PathBuf>,
    /// With example values as they are (personal data); without it letters and digits are replaced
    #[arg(long)]
    pub(super) full: bool,
    /// Worker threads; by default one a core
    #[arg(long, value_name = "N")]
    pub(super) threads: Option<usize>,
}

/// `mapwright propose CAPTURE --to SNAPSHOT --into x.rules`, then `mapwright propose x.rules --confirm LANE`.
#[derive(Debug, Args)]
pub(super) struct Propose {
    /// The capture: a folder with NDJSON files; with `--confirm` the drafted rule file
    pub(super) from: PathBuf,
    /// The account as `mapwright snapshot` copied it, or `sandbox` for a new local Freshsales
    #[arg(long, value_name = "SNAPSHOT", required_unless_present = "confirm")]
    pub(super) to: Option<PathBuf>,
    /// The rule file that is written, with its `.fields` beside it; printed without it
    #[arg(long, value_name = "FILE", conflicts_with = "confirm")]
    pub(super) into: Option<PathBuf>,
    /// Takes the marks of this lane out of a rule file whose lines you have read: `proposed`, `choose`, `custom`, `split`
    #[arg(long, value_name = "LANE", conflicts_with = "to")]
    pub(super) confirm: Option<String>,
    /// Worker threads; by default one a core
    #[arg(long, value_name = "N")]
    pub(super) threads: Option<usize>,
    #[command(flatten)]
    pub(super) rerank: RerankArguments,
}

/// A second opinion on the order of candidates; nothing is sent without it.
#[derive(Debug, Args)]
pub(super) struct RerankArguments {
    /// Asks a language model at this OpenAI-style address, such as `https://HOST/v1`, which candidate comes first: it is
    /// sent names and profiles of traits, never a value, and may only reorder what has passed every gate
    #[arg(
        long,
        value_name = "URL",
        requires = "rerank_model",
        conflicts_with = "confirm"
    )]
    pub(super) rerank: Option<String>,
    /// The model's name at that address
    #[arg(long, value_name = "NAME", requires = "rerank")]
    pub(super) rerank_model: Option<String>,
    /// A file with the key of that address that only you may read; without it the key is in `MAPWRIGHT_RERANK_KEY`,
    /// and a server on this machine needs none
    #[arg(long, value_name = "FILE", requires = "rerank")]
    pub(super) rerank_key_file: Option<PathBuf>,
    /// How long an answer is waited for; after that the order stays as it is
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 60,
        requires = "rerank"
    )]
    pub(super) rerank_within: u64,
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

/// How `check` prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum CheckFormat {
    Text,
    Json,
    /// The reviewer's page
    Html,
}

/// How a page for people is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum PageFormat {
    Text,
    Html,
    Md,
    Json,
}

/// What `--deny` makes an error of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Denied {
    Warnings,
}

/// What `extract` can read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum SourceSystem {
    Cio,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Region {
    Us,
    Eu,
}

impl Region {
    /// As it stands in a capture.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Region::Us => "us",
            Region::Eu => "eu",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Edition {
    Suite,
    Classic,
}
