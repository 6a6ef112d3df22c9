//! Progress on standard error: bars at a terminal, one line a phase elsewhere.

use std::io::{IsTerminal, Write};
use std::sync::Mutex;

use indicatif::{ProgressBar, ProgressStyle};

use crate::run::Progress;

/// Draws what `run` tells.
pub(super) struct Bars {
    is_terminal: bool,
    current: Mutex<Option<Phase>>,
}

struct Phase {
    name: String,
    total: u64,
    done: u64,
    bar: Option<ProgressBar>,
}

impl Bars {
    pub(super) fn new() -> Self {
        Self {
            is_terminal: std::io::stderr().is_terminal(),
            current: Mutex::new(None),
        }
    }
}

impl Progress for Bars {
    fn started(&self, phase: &str, total: u64) {
        let bar = self.is_terminal.then(|| {
            let bar = ProgressBar::new(total);
            let style = ProgressStyle::with_template(
                "{prefix:>12} {bar:32} {pos:>7}/{len} {per_sec:>12} {eta:>5} left",
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
