//! A statement as a page: one file, readable on a phone and in print.

use maud::html;

use super::super::flow::{Stream, flow};
use super::sheets::{seconds, short};
use super::{SheetName, Statement, record};
use crate::ledger::{End, Route};
use crate::page::{Head, Sheet, Sides, Tile, Tone, page, sides, told};

impl Statement {
    /// The whole file.
    #[must_use]
    pub fn to_html(&self) -> String {
        let sheet = |name| self.sheet(name);
        let after_flow: Vec<Sheet> = [
            SheetName::Reasons,
            SheetName::Waiting,
            SheetName::GivenUp,
            SheetName::OptOuts,
            SheetName::Calls,
            SheetName::Delta,
            SheetName::Gone,
            SheetName::Runs,
            SheetName::Automation,
        ]
        .map(sheet)
        .into_iter()
        .collect();
        let first = sheet(SheetName::Reconciliation);
        let routes = sheet(SheetName::Routes);
        let streams: Vec<Stream> = self.routes.iter().map(stream).collect();
        let differences = sheet(SheetName::Differences);
        let records = self.samples.iter();
        let records: Vec<Sides> = records.map(|it| record::sides(it, self.values)).collect();
        let body = html! {
            (first.section())
            section id="flow" {
                h2 { "Flow of the records, and decisions" }
                (flow(&streams))
                details open { summary { (routes.note) } (routes.table()) }
            }
            @for sheet in after_flow.iter().take(3) { (sheet.section()) }
            section id=(differences.name) {
                h2 { (differences.title) }
                @match &self.read_back {
                    None => p .note { "Nothing was read back yet; `mapwright reconcile` does." },
                    Some(read) => {
                        p .note {
                            (seconds(&read.at)) ": " (read.counts.scope) ". "
                            @for (target, count, landed) in &read.counts.records {
                                (count) " of " (landed) " " (target) "; "
                            }
                            (read.counts.values) " values, " (read.counts.links) " links, the children of "
                            (read.counts.families) " records: " b { (read.differences.len()) " differences" } "."
                        }
                        @if !differences.is_empty() { (differences.table()) }
                    },
                }
            }
            @for sheet in after_flow.iter().skip(3) { (sheet.section()) }
            @if !self.samples.is_empty() {
                section #records {
                    h2 { "Records, found, meant and there" }
                    p .note { "The first records of each way that the decisions point to. " code { "mapwright reconcile --beside 25" } " reads random ones again." }
                    (sides(record::HEADS, &records))
                }
            }
            section #cannot-be-undone {
                h2 { "What cannot be undone" }
                ul .plain { @for stays in &self.stays { li { (told(stays)) } } }
            }
        };
        let sections = std::iter::once((first.name, first.title))
            .chain([("flow", "Flow and decisions")])
            .chain(titles(after_flow.iter().take(3)))
            .chain([(differences.name, differences.title)])
            .chain(titles(after_flow.iter().skip(3)))
            .chain([
                ("records", "Records"),
                ("cannot-be-undone", "What cannot be undone"),
            ]);
        let head = Head {
            title: &format!("What became of it: run {}", self.run),
            verdict: &self.verdict(),
            is_good: self.is_sound(),
            facts: self.facts(),
            tiles: self.tiles(),
            sections: sections.collect(),
        };
        page(&head, &body)
    }

    fn facts(&self) -> Vec<(&'static str, String)> {
        let mut facts = Vec::new();
        if let Some(destination) = &self.destination {
            facts.push(("Destination", destination.replace('`', "")));
        }
        if let Some(line) = self.current() {
            let ended = line.ended.as_deref().map_or("now".to_owned(), seconds);
            let started = seconds(&line.started);
            facts.push(("Loaded", format!("{started} to {ended}")));
            facts.push(("State", line.state.to_owned()));
            facts.push(match &line.approval {
                Some((seal, by)) => ("Approved by", format!("{by}, seal {}", short(seal))),
                None => ("Approved by", "nobody: a rehearsal in a sandbox".to_owned()),
            });
            let digests = format!("{} and {}", short(&line.plan), short(&line.capture));
            facts.push(("Rules and capture", digests));
        }
        if let Some(holder) = &self.held_by {
            facts.push(("At work", holder.replace('`', "")));
        }
        facts.push(("Drawn up", seconds(&self.at)));
        let edition = if self.full {
            "with values: personal data"
        } else {
            "masked: ids and no values"
        };
        facts.push(("Edition", edition.to_owned()));
        facts
    }

    fn tiles(&self) -> Vec<Tile> {
        let rows = self.reconciliation.rows.iter();
        let read = rows.map(|row| row.totals.read).sum();
        let mut tiles = vec![Tile {
            words: "read",
            count: read,
            tone: Tone::Read,
        }];
        for end in End::ALL {
            let count = self.total(end);
            let always = matches!(end, End::Created | End::Held | End::Rejected);
            if count > 0 || always {
                tiles.push(Tile {
                    words: end.word(),
                    count,
                    tone: tone(end),
                });
            }
        }
        tiles
    }
}

fn titles<'s>(
    sheets: impl Iterator<Item = &'s Sheet>,
) -> impl Iterator<Item = (&'static str, &'static str)> {
    let there = sheets.filter(|sheet| !sheet.is_empty());
    there.map(|sheet| (sheet.name, sheet.title))
}

/// What the rules do not write has come to its end where it is decided.
fn stream(route: &Route) -> Stream {
    let Route {
        row,
        target,
        end,
        count,
    } = route;
    let (into, into_tone, end) = match target {
        Some(target) => (
            target.clone(),
            Tone::Written,
            Some((end.word().to_owned(), tone(*end))),
        ),
        None => (end.word().to_owned(), tone(*end), None),
    };
    Stream {
        from: row.clone(),
        into,
        into_tone,
        end,
        count: *count,
    }
}

const fn tone(end: End) -> Tone {
    match end {
        End::Created | End::Updated | End::Unchanged | End::Written => Tone::Written,
        End::Merged | End::Carried => Tone::Inside,
        End::Excluded | End::Ignored => Tone::Left,
        End::Held | End::Pending => Tone::Waiting,
        End::Rejected => Tone::Refused,
    }
}
