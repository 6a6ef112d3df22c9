//! The signs that somebody wants no mail: the consent of a record looks at each of them that is declared, or a table
//! does.

use crate::lang::codes::types;
use crate::plan::{Column, ColumnCodes, Condition, Constant, Expression, FactId, SlotId, Table};

use super::maps::MapDraft;
use super::promises::Ruled;
use super::record::RecordBuilder;
use super::values::Lowering;

/// Each sign with the words that count; none: yes counts.
pub(super) const SIGNS: [(&str, &[&str]); 4] = [
    ("unsubscribed", &[]),
    ("suppressed", &[]),
    ("all_topics_off", &[]),
    // Blocks, bounces, spam reports and invalid addresses: customerio.md, ESP suppression.
    (
        "esp_suppression",
        &["bounced", "spam", "blocked", "invalid"],
    ),
];

impl Lowering<'_, '_> {
    /// A consent that no opt-out can change would subscribe those who opted out, whatever `ignore` says of the sign.
    pub(super) fn heed_signs(&mut self, ruled: &Ruled<'_>) {
        let Some(consent) = ruled.consent else { return };
        let weakest = consent.strictness.last();
        // Nobody is subscribed by it.
        if let Expression::Constant(Constant::Text(word)) = &consent.value
            && weakest != Some(word)
        {
            return;
        }
        let mut read = Read::default();
        read.value(self.record, &consent.value);
        for table in [ruled.exclude, ruled.decide].into_iter().flatten() {
            read.table(self.record, table);
        }
        // What could not be read has had its message.
        let is_broken = |fact: &FactId| {
            let named = self.record.fact_names.get(usize::from(fact.0));
            named.is_none_or(|it| it.broken)
        };
        if read.facts.iter().any(is_broken) {
            return;
        }
        let declared = self.record.shape.iter().flat_map(|it| &it.fields);
        let declared = declared.filter(|it| !it.derived);
        let names: Vec<String> = declared.map(|it| it.declared.path.join(".")).collect();
        let is_read = |sign: &str| {
            let mut slots = read.slots.iter().filter_map(|it| self.record.spec(*it));
            slots.any(|it| it.name == sign)
        };
        let left_out: Vec<&str> = SIGNS
            .iter()
            .map(|(name, _)| *name)
            .filter(|sign| names.iter().any(|it| it == sign) && !is_read(sign))
            .collect();
        let Some(line) = consent_line(ruled.drafts, &consent.field) else {
            return;
        };
        for sign in left_out {
            let message = format!(
                "`{}` does not look at `{sign}`, so that it could subscribe people who opted out",
                consent.field
            );
            self.file.error(types::T209, line, message).help = Some(format!(
                "ask for it in the fact that tells consent, such as `opted_out when {sign}`; it cannot be ignored"
            ));
        }
    }
}

fn consent_line(drafts: &[MapDraft], field: &str) -> Option<crate::text::Span> {
    let written = drafts.iter().flat_map(|it| &it.written);
    let mut lines = written.filter(|it| it.name == field);
    lines.next().map(|it| it.span)
}

/// What is looked at on the way to a value, through facts and conditions.
#[derive(Default)]
struct Read {
    slots: Vec<SlotId>,
    facts: Vec<FactId>,
}

impl Read {
    fn table(&mut self, record: &RecordBuilder, table: &Table) {
        for Column { codes, .. } in &table.columns {
            match codes {
                ColumnCodes::Fact(fact) => self.fact(record, *fact),
                ColumnCodes::Words { value, .. }
                | ColumnCodes::Boolean(value)
                | ColumnCodes::Ranges { value, .. } => self.value(record, value),
            }
        }
    }

    fn fact(&mut self, record: &RecordBuilder, fact: FactId) {
        if self.facts.contains(&fact) {
            return;
        }
        self.facts.push(fact);
        let found = record.facts.get(usize::from(fact.0));
        for line in found.iter().flat_map(|it| &it.lines) {
            self.condition(record, &line.when);
        }
    }

    fn value(&mut self, record: &RecordBuilder, value: &Expression) {
        match value {
            Expression::Slot(slot) => self.slots.push(*slot),
            Expression::Constant(_) => {}
            Expression::Fact(fact) => self.fact(record, *fact),
            Expression::Call {
                arguments: parts, ..
            }
            | Expression::Concat(parts)
            | Expression::FirstFilled(parts) => {
                for part in parts {
                    self.value(record, part);
                }
            }
            Expression::Via { value, .. } => self.value(record, value),
            Expression::If {
                when,
                then,
                otherwise,
            } => {
                self.condition(record, when);
                self.value(record, then);
                self.value(record, otherwise);
            }
            Expression::Test(condition) => self.condition(record, condition),
            Expression::User(lookup) => {
                if let Some(lookup) = record.lookups.get(usize::from(lookup.0)) {
                    self.value(record, &lookup.email);
                }
            }
        }
    }

    fn condition(&mut self, record: &RecordBuilder, condition: &Condition) {
        match condition {
            Condition::Is { value, .. }
            | Condition::Blank(value)
            | Condition::InList { value, .. }
            | Condition::True(value) => self.value(record, value),
            Condition::Compare { value, with, .. } => {
                self.value(record, value);
                self.value(record, with);
            }
            Condition::FactIs { fact, .. } => self.fact(record, *fact),
            Condition::Not(inner) => self.condition(record, inner),
            Condition::All(parts) | Condition::Any(parts) => {
                for part in parts {
                    self.condition(record, part);
                }
            }
        }
    }
}
