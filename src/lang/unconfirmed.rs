//! Drafted lines that wait for a person: marked `unconfirmed LANE`, listed by `check`, refused by a load.

use crate::text::{Source, Span};

use super::ast::{Clauses, Item, MapLine, RuleFile};
use super::codes::coverage::C507;
use super::diagnostic::Diagnostic;
use super::parse_rules;

/// The lines of one lane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// `proposed`, `choose`, `custom`, `split`, or what somebody wrote.
    pub lane: String,
    /// Numbers of the lines, from 1, in file order.
    pub lines: Vec<usize>,
    /// Where each mark stands.
    pub marks: Vec<Span>,
}

/// What waits in a rule file, lane by lane in the order that they are met.
#[must_use]
pub fn unconfirmed(source: &Source) -> Vec<Waiting> {
    waiting(source, &parse_rules(source).0)
}

/// The text without the marks of a lane.
#[must_use]
pub fn confirm(source: &Source, lane: &str) -> String {
    let mut text = source.text().to_owned();
    let waiting = unconfirmed(source).into_iter().filter(|it| it.lane == lane);
    let mut marks: Vec<Span> = waiting.flat_map(|it| it.marks).collect();
    // From the end on, so that the places before stay where they are.
    marks.sort_by_key(|mark| std::cmp::Reverse(mark.start));
    for mark in marks {
        let head = text.get(..mark.start).unwrap_or_default();
        let from = head.trim_end_matches([' ', '\t']).len();
        text.replace_range(from..mark.end, "");
    }
    text
}

/// A warning for each lane.
pub(super) fn findings(source: &Source, rules: &RuleFile) -> Vec<Diagnostic> {
    let lanes = waiting(source, rules).into_iter();
    lanes.filter_map(|it| finding(source, &it)).collect()
}

fn finding(source: &Source, waiting: &Waiting) -> Option<Diagnostic> {
    /// Line numbers that are told.
    const LINES_MAX: usize = 20;
    let Waiting { lane, lines, marks } = waiting;
    let first = marks.first()?;
    let (count, waits) = match lines.len() {
        1 => ("a line".to_owned(), "waits"),
        many => (format!("{many} lines"), "wait"),
    };
    let message = format!("{count} of the lane `{lane}` {waits} for a person");
    let shown: Vec<String> = lines.iter().take(LINES_MAX).map(usize::to_string).collect();
    let more = match lines.len().saturating_sub(LINES_MAX) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let help = format!(
        "read line {}{more}, and take the marks away: by hand, or with `mapwright propose RULES --confirm {lane}`",
        shown.join(", ")
    );
    Some(Diagnostic::warning(C507, source, *first, message).help(help))
}

fn waiting(source: &Source, rules: &RuleFile) -> Vec<Waiting> {
    let mut lanes: Vec<Waiting> = Vec::new();
    for item in &rules.items {
        let Item::Map(map) = item else { continue };
        for mark in map
            .lines
            .iter()
            .filter_map(clauses)
            .filter_map(|it| it.unconfirmed.as_ref())
        {
            let line = source.place(mark.span.start).line;
            let word = &mark.lane.text;
            if let Some(known) = lanes.iter_mut().find(|it| it.lane == *word) {
                known.lines.push(line);
                known.marks.push(mark.span);
            } else {
                lanes.push(Waiting {
                    lane: word.clone(),
                    lines: vec![line],
                    marks: vec![mark.span],
                });
            }
        }
    }
    lanes
}

fn clauses(line: &MapLine) -> Option<&Clauses> {
    match line {
        MapLine::Field(line) => Some(&line.clauses),
        MapLine::Each(line) => Some(&line.clauses),
        MapLine::Rest(line) => Some(&line.clauses),
        MapLine::Collision(line) => Some(&line.clauses),
        MapLine::Entry(line) => Some(&line.clauses),
        MapLine::Ignore(_)
        | MapLine::Exclude(_)
        | MapLine::Existing(_)
        | MapLine::Members(_)
        | MapLine::Document(_) => None,
    }
}
