//! The test contact before a load: asked for on the command line, told in the report.

use std::io::Write;

use clap::Args;

use super::address::Address;
use super::{Exit, Failure, written};
use crate::ledger::{LeftCanary, Quiet};
use crate::run;

/// How long a test contact is watched in an account: workflows run within seconds of what sets them off.
const WATCH_S: u32 = 30;

#[derive(Debug, Args)]
pub(super) struct CanaryArguments {
    /// Puts a test contact into a sandbox first and watches it, as is always done before an account
    #[arg(long)]
    canary: bool,
    /// How long each test contact is watched; 30 in an account, 0 in a sandbox
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(..=86_400))]
    canary_watch: Option<u32>,
    /// Loads although a test contact shows automation at work; the reason stays in the ledger and the report
    #[arg(long, value_name = "WHY")]
    accept_automation: Option<String>,
}

impl CanaryArguments {
    /// What the load is told; `None`: no test contact.
    pub(super) fn options(
        &self,
        to: &Address,
        is_demanded: bool,
    ) -> Result<Option<run::Canary>, Failure> {
        let accepted = self.accept_automation.as_deref().map(str::trim);
        if accepted.is_some_and(str::is_empty) {
            return Err(Failure::new(
                Exit::Usage,
                "expected a reason after `--accept-automation`, found none",
            ));
        }
        if !(is_demanded || self.canary || accepted.is_some() || self.canary_watch.is_some()) {
            return Ok(None);
        }
        let usual = match to {
            Address::Account(_) => WATCH_S,
            Address::Sandbox | Address::SandboxFile(_) | Address::Local(_) => 0,
        };
        Ok(Some(run::Canary {
            watch_s: self.canary_watch.unwrap_or(usual),
            accepted: accepted.map(str::to_owned),
        }))
    }
}

/// What test contacts showed before this run, for the report.
pub(super) fn print(quiet: &[Quiet], out: &mut dyn Write) -> Result<(), Failure> {
    for one in quiet {
        let Quiet {
            judged,
            targets,
            seen,
            accepted,
        } = one;
        let whom = targets.join(" and a test ");
        match accepted {
            _ if targets.is_empty() => {}
            Some(why) => {
                written(writeln!(
                    out,
                    "Automation was at work on a test {whom} ({judged}) and was accepted, because \"{why}\":"
                ))?;
                for one in seen {
                    written(writeln!(out, "  · {one}"))?;
                }
            }
            None if seen.is_empty() => written(writeln!(
                out,
                "A test {whom} was put there, watched and taken away before the first record ({judged}): nothing \
                 happened by itself."
            ))?,
            None => written(writeln!(
                out,
                "An earlier call stopped at automation on a test {whom} ({judged}); it wrote no record."
            ))?,
        }
    }
    Ok(())
}

/// What `status` says of test contacts that may still be there.
pub(super) fn left(left: &[LeftCanary]) -> Vec<String> {
    left.iter()
        .map(|it| {
            let LeftCanary {
                target, address, ..
            } = it;
            format!(
                "The test {target} {address} may still be there: the next `mapwright run` or `rollback` takes it away."
            )
        })
        .collect()
}
