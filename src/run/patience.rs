//! Trying again, with growing pauses, until an answer comes or it is no use.

use std::time::Duration;

use crate::clock::Clock;
use crate::port::PortError;

use super::error::{Halt, RunError, give_up};
use super::options::Stop;

/// Tries of one call before the load ends; the pauses between them add up to 15 seconds. Waiting for a
/// quota is not among them: that is the port's own business.
pub(super) const TRIES: u32 = 5;

/// How long and how often to wait.
#[derive(Clone, Copy)]
pub(super) struct Patience<'a> {
    pub(super) clock: &'a dyn Clock,
    pub(super) stop: &'a Stop,
}

impl Patience<'_> {
    /// Calls until there is an answer; only what time can heal is tried again.
    pub(super) fn ask<T>(
        &self,
        doing: &'static str,
        mut call: impl FnMut() -> Result<T, PortError>,
    ) -> Result<T, Halt> {
        let mut tries = 0;
        loop {
            tries += 1;
            match call() {
                Ok(answer) => return Ok(answer),
                Err(PortError::Unavailable(_)) if tries < TRIES => self.pause(tries)?,
                Err(
                    error @ (PortError::Unavailable(_)
                    | PortError::Denied(_)
                    | PortError::Mismatch(_)
                    | PortError::Odd(_)),
                ) => return Err(give_up(doing, tries, error).into()),
            }
        }
    }

    /// Waits 1, 2, 4 … seconds; ends the load when there were too many tries or somebody asked to stop.
    pub(super) fn pause(&self, tries: u32) -> Result<(), Halt> {
        if self.stop.is_asked() {
            return Err(Halt::Stopped);
        }
        if tries >= TRIES {
            return Err(RunError::Unavailable {
                doing: "writing records",
                tries,
                because: "the destination did not say what became of them".to_owned(),
            }
            .into());
        }
        let seconds = 1_u64 << tries.saturating_sub(1).min(6);
        self.clock.sleep(Duration::from_secs(seconds));
        Ok(())
    }
}

/// As long as the destination's answer must be; a shorter or longer one is not understood.
pub(super) fn prove_length<T>(
    doing: &'static str,
    answer: Vec<T>,
    wanted: usize,
) -> Result<Vec<T>, Halt> {
    if answer.len() == wanted {
        return Ok(answer);
    }
    Err(RunError::Odd {
        doing,
        because: format!("{} answers to {wanted} questions", answer.len()),
    }
    .into())
}
