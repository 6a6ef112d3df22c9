//! `mapwright explain CODE`.

use std::io::Write;

use super::arguments::Explain;
use super::{Exit, Failure, written};
use crate::lang;

/// Prints the page of a code, or the list of all codes.
pub(super) fn explain(command: &Explain, out: &mut dyn Write) -> Result<Exit, Failure> {
    let Some(code) = &command.code else {
        for (code, title) in lang::codes() {
            written(writeln!(out, "{code}  {title}"))?;
        }
        return Ok(Exit::Clean);
    };
    match lang::explain(&code.to_uppercase()) {
        Some(page) => {
            written(writeln!(out, "{page}"))?;
            Ok(Exit::Clean)
        }
        None => Err(
            Failure::new(Exit::Usage, format!("there is no code `{code}`"))
                .help("`mapwright explain` lists all codes"),
        ),
    }
}
