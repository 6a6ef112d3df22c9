//! What `prepare` tells: a line for each thing, then the numbered checklist for a person.

use std::io::Write;

use super::super::{Exit, Failure, written};
use crate::freshsales::edition::Edition;
use crate::model::FieldWanted;

/// All lines, in order.
#[derive(Default)]
pub(super) struct Told {
    /// Word, thing, and the targets that share it.
    lines: Vec<(&'static str, String, Vec<String>)>,
    by_hand: Vec<String>,
}

impl Told {
    /// A field; lead and contact have one form in suite, and so one field and one line.
    pub(super) fn field(
        &mut self,
        field: &FieldWanted,
        (word, how): (&'static str, Option<String>),
        edition: Edition,
    ) {
        let is_person = |target: &str| matches!(target, "lead" | "contact");
        let what = format!("{} \"{}\"", field.name, field.label);
        if edition == Edition::Suite && is_person(&field.target) {
            let same = self.lines.iter_mut().find(|(_, known, targets)| {
                *known == what && targets.iter().all(|it| is_person(it))
            });
            if let Some((_, _, targets)) = same {
                targets.push(field.target.clone());
                return;
            }
        }
        self.lines.push((word, what, vec![field.target.clone()]));
        self.by_hand.extend(how);
    }

    /// Anything else.
    pub(super) fn thing(&mut self, what: String, (word, how): (&'static str, Option<String>)) {
        self.lines.push((word, what, Vec::new()));
        self.by_hand.extend(how);
    }

    /// How many things have a word.
    pub(super) fn count(&self, word: &str) -> usize {
        let words = self.lines.iter().map(|(known, _, _)| *known);
        words.filter(|known| *known == word).count()
    }

    /// Whether something is left to a person.
    pub(super) fn exit(&self) -> Exit {
        if self.by_hand.is_empty() {
            Exit::Clean
        } else {
            Exit::Drift
        }
    }

    pub(super) fn print(&self, out: &mut dyn Write) -> Result<(), Failure> {
        for (word, what, targets) in &self.lines {
            let of = match targets.as_slice() {
                [] => String::new(),
                targets => format!(" of {}", targets.join(" and ")),
            };
            written(writeln!(out, "  {word:<8} {what}{of}"))?;
        }
        if self.by_hand.is_empty() {
            return Ok(());
        }
        written(writeln!(out, "\nTo be done by a person in Freshsales:"))?;
        for (place, how) in self.by_hand.iter().enumerate() {
            written(writeln!(out, "  {}. {how}", place + 1))?;
        }
        Ok(())
    }
}
