//! The part of the page that says which rules the records and the examples reach, and where each source field goes.

use std::fmt::Write;

use serde::Serialize;

use crate::model::SourceId;

/// Fields that nobody declared which are shown of one kind; all stand in the JSON.
const STRANGERS_SHOWN: usize = 12;

/// Rules and source fields with their counts.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Covered {
    /// In file order.
    pub points: Vec<CoveredPoint>,
    pub sources: Vec<CoveredSource>,
}

/// A row, a word or a policy.
#[derive(Clone, Debug, Serialize)]
pub struct CoveredPoint {
    pub item: String,
    pub kind: &'static str,
    pub rule_line: u32,
    /// As the rule file writes it.
    pub text: String,
    pub records: u64,
    pub examples: u64,
    /// Ready to be pasted, where nobody reaches it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub example: Option<String>,
    /// The first records that reach it, by their line in the capture.
    #[serde(skip)]
    pub firsts: Vec<(u64, SourceId)>,
    /// An earlier point's example reaches it as well.
    #[serde(skip)]
    pub is_shown_before: bool,
}

/// The fields of one kind of record.
#[derive(Clone, Debug, Serialize)]
pub struct CoveredSource {
    pub source: String,
    /// Records that could be read.
    pub records: u64,
    pub fields: Vec<CoveredField>,
}

/// A source field, how many records fill it, and where it goes.
#[derive(Clone, Debug, Serialize)]
pub struct CoveredField {
    pub field: String,
    pub declared: bool,
    pub filled: u64,
    /// In words.
    pub goes: String,
    /// No line takes it and no `ignore` speaks of it.
    pub is_lost: bool,
}

impl CoveredPoint {
    /// It says what becomes of a record.
    pub fn decides(&self) -> bool {
        matches!(self.kind, "row" | "exclude when")
    }

    /// Nobody reaches it.
    pub fn is_unreached(&self) -> bool {
        self.records == 0 && self.examples == 0
    }
}

impl Covered {
    /// Fields with values in the capture that no line takes.
    pub fn lost(&self) -> impl Iterator<Item = (&CoveredSource, &CoveredField)> {
        let all = self.sources.iter();
        let all = all.flat_map(|of| of.fields.iter().map(move |it| (of, it)));
        all.filter(|(_, it)| it.is_lost && it.filled > 0)
    }

    pub(super) fn write(&self, text: &mut String) {
        if self.points.is_empty() {
            return;
        }
        self.write_rows(text);
        self.write_unreached(text);
        for source in &self.sources {
            source.write(text);
        }
    }

    fn write_rows(&self, text: &mut String) {
        let _ = writeln!(text, "\nrows hit\n  records  examples");
        for of in self.points.chunk_by(|left, right| left.item == right.item) {
            let Some(first) = of.first() else { continue };
            let all = of.len();
            let records = of.iter().filter(|it| it.records > 0).count();
            let examples = of.iter().filter(|it| it.examples > 0).count();
            let (records, examples) = (format!("{records}/{all}"), format!("{examples}/{all}"));
            let _ = writeln!(text, "  {records:>7}  {examples:>8}  {}", first.item);
            for point in of.iter().filter(|it| it.kind == "row") {
                let CoveredPoint {
                    rule_line,
                    text: words,
                    records,
                    examples,
                    ..
                } = point;
                let words = shortened(words, 66);
                let _ = writeln!(
                    text,
                    "  {records:>7}  {examples:>8}    line {rule_line}: {words}"
                );
            }
        }
    }

    fn write_unreached(&self, text: &mut String) {
        let unreached: Vec<&CoveredPoint> =
            self.points.iter().filter(|it| it.is_unreached()).collect();
        if !unreached.is_empty() {
            let _ = writeln!(text, "\nreached by no record and no example");
        }
        for point in &unreached {
            let (line, item, words) = (point.rule_line, &point.item, shortened(&point.text, 60));
            let _ = write!(text, "  line {line}, {item}: {words}");
            match &point.example {
                None if point.kind == "merge" || point.kind == "limit" => {
                    let _ = writeln!(text, "\n    only records of a capture can reach it");
                }
                None => {
                    let _ = writeln!(text, "\n    no made-up record was found that reaches it");
                }
                Some(_) if point.is_shown_before => {
                    let _ = writeln!(text, "\n    the example above reaches it as well");
                }
                Some(example) => {
                    let _ = writeln!(text, "; an example to paste:");
                    for line in example.lines() {
                        let _ = writeln!(text, "      {line}");
                    }
                }
            }
        }
        let only_records = self
            .points
            .iter()
            .filter(|it| it.records > 0 && it.examples == 0)
            .count();
        if only_records > 0 {
            let _ = writeln!(
                text,
                "\n{only_records:>9}  more are reached by records and by no example; `mapwright example missing` writes them"
            );
        }
    }
}

impl CoveredSource {
    fn write(&self, text: &mut String) {
        let _ = writeln!(text, "\nfields of {}, {} read", self.source, self.records);
        let mut strangers: Vec<&CoveredField> =
            self.fields.iter().filter(|it| !it.declared).collect();
        strangers.sort_by_key(|it| std::cmp::Reverse(it.filled));
        let more = strangers.len().saturating_sub(STRANGERS_SHOWN);
        // What is lost is never left out.
        let (lost, others): (Vec<_>, Vec<_>) = strangers.into_iter().partition(|it| it.is_lost);
        let shown = STRANGERS_SHOWN.saturating_sub(lost.len());
        let strangers = lost.into_iter().chain(others.into_iter().take(shown));
        for field in self.fields.iter().filter(|it| it.declared).chain(strangers) {
            let CoveredField {
                field: name,
                declared,
                filled,
                goes,
                ..
            } = field;
            let percent = share(*filled, self.records);
            let stranger = if *declared { "" } else { " (not declared)" };
            let goes = shortened(goes, 60);
            let _ = writeln!(
                text,
                "  {filled:>7}  {percent:>5}  {name}{stranger}: {goes}"
            );
        }
        if more > 0 {
            let _ = writeln!(text, "           … and {more} more that are not declared");
        }
    }
}

/// `35 %`; what is there at all is never 0 %, and what is not all never 100 %.
fn share(part: u64, all: u64) -> String {
    if all == 0 {
        return "·".to_owned();
    }
    let percent = part.saturating_mul(100) / all;
    match percent {
        0 if part > 0 => "< 1 %".to_owned(),
        _ => format!("{percent} %"),
    }
}

fn shortened(text: &str, chars: usize) -> String {
    if text.chars().count() <= chars {
        return text.to_owned();
    }
    let start: String = text.chars().take(chars.saturating_sub(1)).collect();
    format!("{}…", start.trim_end())
}
