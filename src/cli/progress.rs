//! Progress on standard error: bars at a terminal, one line a phase elsewhere.

use std::io::{IsTerminal, Write};
use std::sync::Mutex;

use indicatif::{ProgressBar, ProgressStyle};

use crate::freshsales::Freshsales;
use crate::port::Destination;
use crate::run::Progress;

/// Draws what `run` tells.
pub(super) struct Bars<'a> {
    /// Tells calls and what is left of the quota.
    freshsales: &'a Freshsales,
    is_terminal: bool,
    current: Mutex<Option<Phase>>,
}

struct Phase {
    name: String,
    total: u64,
    done: u64,
    bar: Option<ProgressBar>,
}

impl<'a> Bars<'a> {
    pub(super) fn new(freshsales: &'a Freshsales) -> Self {
        Self {
            freshsales,
            is_terminal: std::io::stderr().is_terminal(),
            current: Mutex::new(None),
        }
    }

    /// Calls so far, and what is left of the hour as the account told it.
    fn calls(&self) -> String {
        let calls = self.freshsales.calls();
        match self.freshsales.quota_left() {
            Some((limit, left)) => format!("{calls} calls, {left} of {limit} left this hour"),
            None => format!("{calls} calls"),
        }
    }
}

impl Progress for Bars<'_> {
    fn started(&self, phase: &str, total: u64) {
        let bar = self.is_terminal.then(|| {
            let bar = ProgressBar::new(total);
            let style = ProgressStyle::with_template(
                "{prefix:>12} {bar:24} {pos:>7}/{len} {eta:>5} left; {msg}",
            );
            if let Ok(style) = style {
                bar.set_style(style);
            }
            bar.set_prefix(phase.to_owned());
            bar
        });
        let phase = Phase {
            name: phase.to_owned(),
            total,
            done: 0,
            bar,
        };
        *self
            .current
            .lock()
            .expect("no holder of this lock can panic") = Some(phase);
    }

    fn advanced(&self, _phase: &str, records: u64) {
        let mut current = self
            .current
            .lock()
            .expect("no holder of this lock can panic");
        if let Some(phase) = current.as_mut() {
            phase.done += records;
            if let Some(bar) = &phase.bar {
                bar.set_message(self.calls());
                bar.inc(records);
            }
        }
    }

    fn finished(&self, _phase: &str) {
        let mut current = self
            .current
            .lock()
            .expect("no holder of this lock can panic");
        let Some(phase) = current.take() else { return };
        if let Some(bar) = phase.bar {
            bar.finish();
            return;
        }
        let (name, done, total) = (phase.name, phase.done, phase.total);
        let _ = writeln!(std::io::stderr().lock(), "{name:>12} {done} of {total}");
    }
}
