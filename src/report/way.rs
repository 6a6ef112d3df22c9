//! One record's way as text: what was found, each table cell by cell, each field from source to destination.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::model::{Draft, Fate, FieldValue, Outcome, Scalar, SourceId};
use crate::page::{mask, mask_json};
use crate::plan::{LineResult, Shown, Step, TableTrace, Trace, scalar_words};
use crate::text::Source;

/// Whether a person's own values may be read by whoever stands behind the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Values {
    Shown,
    /// Letters and digits by others of their kind; words of the rules stay.
    Masked,
}

/// All that is told of one record.
pub struct Way<'w> {
    pub rules: &'w Source,
    /// What the walk made of the record, as `run` would.
    pub outcome: &'w Outcome,
    /// `None` where no plan reads the record: it was settled by what it is.
    pub trace: Option<&'w Trace>,
    /// For each fact of the trace, the lines of its rows in the rule file, `otherwise` last.
    pub fact_lines: &'w [Vec<usize>],
    /// Name of the file of the capture, and the line itself.
    pub found: (&'w str, &'w str),
    /// Records whose content went into this one.
    pub merged: &'w [SourceId],
    /// How many children of each row ended how.
    pub children: &'w BTreeMap<(String, String), u64>,
    pub values: Values,
}

impl Way<'_> {
    /// The page.
    pub fn to_text(&self) -> String {
        let mut page = String::new();
        let Outcome { source, line, .. } = self.outcome;
        let (file, text) = self.found;
        let text = match self.values {
            Values::Shown => text.to_owned(),
            Values::Masked => mask_json(text),
        };
        let _ = writeln!(page, "{}: {}", source, self.ending());
        let _ = writeln!(page, "\nfound in {file}, line {line}\n  {text}");
        if let Some(trace) = self.trace {
            self.facts(trace, &mut page);
            for (name, table) in [("exclude", &trace.exclude), ("decide", &trace.decide)] {
                if let Some(table) = table {
                    self.table(name, table, &mut page);
                }
            }
            self.leaves_out(trace, &mut page);
            self.fields(trace, &mut page);
            self.links(trace, &mut page);
        }
        self.others(&mut page);
        page
    }

    /// What became of the record, in a line: the engine's own outcome.
    pub fn ending(&self) -> String {
        ending(self.outcome)
    }

    fn facts(&self, trace: &Trace, page: &mut String) {
        if trace.facts.is_empty() {
            return;
        }
        page.push_str("\nfacts\n");
        for (index, fact) in trace.facts.iter().enumerate() {
            let word = match &fact.word {
                Ok(word) => format!("is {word}"),
                Err(fault) => format!("cannot be told: {fault}"),
            };
            let lines = self.fact_lines.get(index);
            let line = lines.and_then(|lines| match fact.line {
                Some(line) => lines.get(line),
                None => lines.last(),
            });
            let _ = writeln!(page, "  {} {word}", fact.name);
            if let Some(line) = line {
                let _ = writeln!(page, "    by {}", self.quote(*line));
            }
            self.steps(&fact.steps, page);
        }
    }

    fn table(&self, name: &str, table: &TableTrace, page: &mut String) {
        let _ = writeln!(page, "\n{name} {}", self.outcome.source.entity);
        let mut grid = vec![
            std::iter::once(String::new())
                .chain(table.columns.iter().map(|it| it.name.clone()))
                .collect(),
            std::iter::once("found".to_owned())
                .chain(table.columns.iter().map(|it| self.show(&it.found)))
                .collect::<Vec<_>>(),
        ];
        for row in &table.rows {
            let mark = |fits: bool| if fits { "fits" } else { "NOT" };
            let cells = row.cells.iter();
            let cells = cells.map(|it| format!("{} {}", mark(it.fits), it.words));
            let line = std::iter::once(format!("line {}", row.rule_line)).chain(cells);
            grid.push(line.chain([format!("-> {}", row.result)]).collect());
        }
        page.push_str(&aligned(&grid));
        let chosen = table.chosen.and_then(|it| table.rows.get(it));
        let _ = match chosen {
            Some(row) => writeln!(
                page,
                "  the row of line {} fits: {}",
                row.rule_line, row.result
            ),
            None if table.columns.iter().any(|it| is_fault(&it.found)) => {
                writeln!(page, "  no row can be chosen: a value cannot be read")
            }
            None => writeln!(page, "  no row fits: otherwise {}", table.otherwise),
        };
    }

    fn leaves_out(&self, trace: &Trace, page: &mut String) {
        for rule in &trace.leaves_out {
            let holds = match &rule.holds {
                Ok(true) => format!("holds: excluded, \"{}\"", rule.because),
                Ok(false) => "does not hold".to_owned(),
                Err(fault) => format!("cannot be told: {fault}"),
            };
            let _ = writeln!(page, "\nexclude when {}\n  {holds}", rule.condition);
            self.steps(&rule.steps, page);
        }
    }

    fn fields(&self, trace: &Trace, page: &mut String) {
        let Some(target) = &trace.target else { return };
        if trace.lines.is_empty() {
            return;
        }
        let draft = self.draft();
        let _ = match draft {
            Some(_) => writeln!(page, "\nfields of the {target}"),
            None => writeln!(page, "\nfields that the {target} would have"),
        };
        for line in &trace.lines {
            let value = match &line.result {
                LineResult::Value(value) => format!("= {}", self.show(value)),
                LineResult::Hold(reason) => format!("holds the record: {reason}"),
                LineResult::Stop(reason) => format!("stops the run: {reason}"),
            };
            let _ = writeln!(page, "  {} {value}", line.field);
            let rule_line = usize::try_from(line.rule_line).unwrap_or(0);
            let _ = writeln!(page, "    by {}", self.quote(rule_line));
            self.steps(&line.steps, page);
            for report in &line.reports {
                let _ = writeln!(page, "    reported: {report}");
            }
            if let Some(how) = draft.and_then(|it| it.existing_fields.get(&line.field)) {
                let words = how.words();
                let _ = writeln!(page, "    on a record that is there already: {words}");
            }
            tightened(draft, line, page);
        }
        let by_no_line = draft.into_iter().flat_map(|it| &it.fields);
        let named = |it: &&FieldValue| trace.lines.iter().all(|line| line.field != it.name);
        for FieldValue { name, value } in by_no_line.filter(named) {
            let value = match self.values {
                Values::Shown => scalar_words(value),
                Values::Masked => mask_json(&scalar_words(value)),
            };
            let _ = writeln!(page, "  {name} = {value}\n    what no other line keeps");
        }
    }

    fn links(&self, trace: &Trace, page: &mut String) {
        for link in &trace.links {
            let ends = match &link.result {
                Ok(ends) if ends.is_empty() => "links nothing".to_owned(),
                Ok(ends) => format!("links {}", ends.join(", ")),
                Err(reason) => format!("holds the record: {reason}"),
            };
            let _ = writeln!(page, "  {} {ends}", link.field);
            let rule_line = usize::try_from(link.rule_line).unwrap_or(0);
            let _ = writeln!(page, "    by {}", self.quote(rule_line));
            for (to, is_there) in &link.met {
                let there = if *is_there {
                    "will be there"
                } else {
                    "will not be there"
                };
                let _ = writeln!(page, "    related to {to}, which {there}");
            }
            for report in &link.reports {
                let _ = writeln!(page, "    reported: {report}");
            }
        }
    }

    fn others(&self, page: &mut String) {
        if !self.merged.is_empty() {
            page.push_str("\nmerged into this one\n");
            for source in self.merged {
                let _ = writeln!(page, "  {source}");
            }
        }
        if let Some(opt_out) = &self.outcome.opt_out {
            let Scalar::Text(word) = &opt_out.set.value else {
                return;
            };
            let found_by = opt_out.find.as_ref().map_or("the ledger", |key| &key.field);
            let _ = writeln!(
                page,
                "\nsets {} to \"{word}\" on a record that exists already, found by {}",
                opt_out.set.name, found_by
            );
        }
        if !self.children.is_empty() {
            page.push_str("\nchildren\n");
            for ((row, fate), count) in self.children {
                let _ = writeln!(page, "  {count} {row}: {fate}");
            }
        }
    }

    fn steps(&self, steps: &[Step], page: &mut String) {
        for Step { what, value } in steps {
            let _ = match value {
                Shown::Fault(fault) => writeln!(page, "      {what}: {fault}"),
                Shown::Blank | Shown::Word(_) | Shown::Private(_) => {
                    writeln!(page, "      {what} = {}", self.show(value))
                }
            };
        }
    }

    fn show(&self, shown: &Shown) -> String {
        match (shown, self.values) {
            (Shown::Blank, _) => "blank".to_owned(),
            (Shown::Word(word), _) => word.clone(),
            (Shown::Private(value), Values::Shown) => value.clone(),
            (Shown::Private(value), Values::Masked) => mask(value),
            (Shown::Fault(fault), _) => fault.clone(),
        }
    }

    fn draft(&self) -> Option<&Draft> {
        match &self.outcome.fate {
            Fate::Draft(draft) => Some(draft),
            Fate::Excluded { .. }
            | Fate::Held { .. }
            | Fate::Rejected { .. }
            | Fate::Merged { .. }
            | Fate::Carried { .. }
            | Fate::Ignored { .. } => None,
        }
    }

    fn quote(&self, line: usize) -> String {
        quote(self.rules, line)
    }
}

/// What became of a record, in a line.
pub(super) fn ending(outcome: &Outcome) -> String {
    match &outcome.fate {
        Fate::Draft(draft) => match &draft.queue {
            Some(queue) => format!("becomes {} in queue \"{queue}\"", draft.target),
            None => format!("becomes {}", draft.target),
        },
        Fate::Excluded { because } => format!("excluded, \"{because}\""),
        Fate::Held { reason } => format!("held, \"{reason}\""),
        Fate::Rejected { code, reason } => format!("rejected, {code}: {reason}"),
        Fate::Merged { into, because } => {
            format!("merged into {into}, {because}")
        }
        Fate::Carried { into } => format!("carried in {into}"),
        Fate::Ignored { because } => format!("ignored, \"{because}\""),
    }
}

/// The strictest consent of all with one identity stands above the line.
fn tightened(draft: Option<&Draft>, line: &crate::plan::LineTrace, page: &mut String) {
    let (Some(Scalar::Text(last)), LineResult::Value(Shown::Word(first))) =
        (draft.and_then(|it| it.field(&line.field)), &line.result)
    else {
        return;
    };
    let last = serde_json::Value::from(last.as_str()).to_string();
    if last != *first {
        let _ = writeln!(
            page,
            "    written as {last}: another record with this identity says so"
        );
    }
}

/// `line 12: email = email(email) else hold`, blanks squeezed.
pub fn quote(rules: &Source, line: usize) -> String {
    let text = line
        .checked_sub(1)
        .and_then(|it| rules.text().lines().nth(it));
    let words: Vec<&str> = text.unwrap_or_default().split_whitespace().collect();
    format!("line {line}: {}", words.join(" "))
}

fn is_fault(shown: &Shown) -> bool {
    matches!(shown, Shown::Fault(_))
}

/// Rows of words, two blanks between columns, the last column ragged.
pub(super) fn aligned(grid: &[Vec<String>]) -> String {
    let columns = grid.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        let cells = grid.iter().filter_map(|row| row.get(column));
        cells.map(|it| it.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in grid {
        let cells = row.iter().zip(&widths);
        let cells: Vec<String> = cells.map(|(it, width)| format!("{it:<width$}")).collect();
        let _ = writeln!(text, "  {}", cells.join("  ").trim_end());
    }
    text
}
