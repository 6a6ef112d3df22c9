//! Words in, words out: the command line, and the only place that names systems.

mod address;
mod apply;
mod approve;
mod arguments;
mod audit;
mod canary;
mod capture;
mod capture_add;
mod check;
mod covered;
mod demo;
mod destination;
mod diff;
mod documents;
mod example;
mod exit;
mod explain;
mod extract;
mod forget;
mod forgotten;
mod format;
mod handoff;
mod import;
mod interrupt;
mod key;
mod ledgers;
mod lsp;
mod pair;
mod phases;
mod prepare;
mod progress;
mod propose;
mod read_back;
mod reconcile;
mod records;
mod rehearse;
mod report;
mod rerank;
mod retry;
mod reviewed;
mod rollback;
mod rulebook;
mod run;
mod sandbox;
mod since;
mod snapshot;
mod status;
mod strays;
mod walk;
mod why;

use std::io::Write;

use clap::Parser;

use arguments::{Arguments, Command};
pub use exit::Exit;

/// Runs one command line; texts go to `out`, findings and progress to standard error.
pub fn main(words: impl Iterator<Item = std::ffi::OsString>, out: &mut dyn Write) -> Exit {
    let arguments = match Arguments::try_parse_from(words) {
        Ok(arguments) => arguments,
        Err(error) => {
            let exit = if error.use_stderr() {
                Exit::Usage
            } else {
                Exit::Clean
            };
            // A closed pipe on the way out is nobody's fault.
            let _ = error.print();
            return exit;
        }
    };
    watch_log();
    let result = match arguments.command {
        Command::Run(command) => run::run(&command, out),
        Command::Check(command) => check::check(&command, out),
        Command::Prepare(command) => prepare::prepare(&command, out),
        Command::Approve(command) => approve::approve(&command, out),
        Command::Capture(command) => capture::capture(&command, out),
        Command::Extract(command) => extract::run(&command, out),
        Command::Snapshot(command) => snapshot::snapshot(&command, out),
        Command::Sandbox(command) => sandbox::sandbox(&command, out),
        Command::Apply(command) => apply::apply(&command, out),
        Command::Fmt(command) => format::format(&command, out),
        Command::Lsp(command) => lsp::lsp(&command, out),
        Command::Explain(command) => explain::explain(&command, out),
        Command::Status(command) => status::status(&command, out),
        Command::Retry(command) => retry::retry(&command, out),
        Command::Rollback(command) => rollback::rollback(&command, out),
        Command::Audit(command) => audit::audit(&command, out),
        Command::Propose(command) => propose::propose(&command, out),
        Command::Example(command) => example::example(&command, out),
        Command::Why(command) => why::why(&command, out),
        Command::Diff(command) => diff::diff(&command, out),
        Command::Reconcile(command) => reconcile::reconcile(&command, out),
        Command::Forget(command) => forget::forget(&command, out),
        Command::Report(command) => report::report(&command, out),
        Command::Handoff(command) => handoff::handoff(&command, out),
        Command::Demo(command) => demo::demo(&command, out),
        Command::WhyNot(command) => why::why_not(&command, out),
    };
    match result {
        Ok(exit) => exit,
        Err(failure) => {
            let mut stderr = std::io::stderr().lock();
            let _ = writeln!(stderr, "mapwright: {}", failure.message);
            if let Some(help) = &failure.help {
                let _ = writeln!(stderr, "  help: {help}");
            }
            failure.exit
        }
    }
}

/// Logs go to standard error when `RUST_LOG` asks for them; they hold no secret and no trait value.
fn watch_log() {
    if std::env::var_os("RUST_LOG").is_some() {
        let filter = tracing_subscriber::EnvFilter::from_default_env();
        let log = tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_writer(std::io::stderr);
        // A second call in one process, as tests make it, finds the log already watched.
        let _ = log.try_init();
    }
}

/// Why a command could not do its work, in words for the person at the terminal.
#[derive(Debug)]
pub(crate) struct Failure {
    exit: Exit,
    message: String,
    help: Option<String>,
}

impl Failure {
    fn new(exit: Exit, message: impl std::fmt::Display) -> Self {
        Self {
            exit,
            message: message.to_string(),
            help: None,
        }
    }

    fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// A reader that went away (`| head`) ends the command normally.
fn written(result: std::io::Result<()>) -> Result<(), Failure> {
    match result {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(Failure::new(
            Exit::Findings,
            format!("could not write the answer: {error}"),
        )),
        Ok(()) | Err(_) => Ok(()),
    }
}
