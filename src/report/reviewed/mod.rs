//! The page that a reviewer reads before agreeing: what `check` foretells, as one file.

mod firsts;
mod record;
mod sheets;

use maud::{Markup, html};

pub use self::firsts::Firsts;
use self::firsts::Links;
pub use self::record::Looked;
use self::record::{HEADS, Seen};
use self::sheets::{
    calls, decisions, fields, given_up, has_lost, kinds, losses, promises, reasons, rows, sheet,
    unreached,
};
use super::diff::Diff;
use super::flow::{Stream, flow};
use super::forecast::{Forecast, ForecastRow};
use super::hours::Hours;
use super::way::Values;
use crate::page::{Head, Sheet, Sides, Tile, Tone, grouped, page, sides, told};

/// All that the page says.
#[derive(Debug)]
pub struct Reviewed<'r> {
    /// Of the rules.
    pub title: &'r str,
    /// Digest of the plan.
    pub plan: &'r str,
    pub forecast: &'r Forecast,
    pub hours: &'r Hours,
    /// Code, where, and words of each finding.
    pub findings: Vec<(String, String, String)>,
    /// What the destination carries otherwise, and how.
    pub carried: Vec<(String, String)>,
    /// What is checked and cannot be loaded yet.
    pub later: Vec<String>,
    /// What the rule file accepts to be held.
    pub accepts: Vec<String>,
    /// Whether somebody agreed, line by line.
    pub standing: Vec<String>,
    /// What ends otherwise than under the approved rules; none where they are the same, or none were kept.
    pub since: Option<&'r Diff<'r>>,
    /// The records that are shown one by one, in the order of the page, and what they stand for.
    pub records: &'r [Looked],
    pub firsts: &'r Firsts,
    /// Whether their values may be read.
    pub values: Values,
    pub verdict: &'r str,
    pub is_good: bool,
}

impl Reviewed<'_> {
    /// The whole file.
    #[must_use]
    pub fn to_html(&self) -> String {
        let streams: Vec<Stream> = self.forecast.rows.iter().flat_map(streams).collect();
        let coverage = &self.forecast.coverage;
        let places: Vec<_> = self
            .records
            .iter()
            .map(|it| (it.outcome.line, it.outcome.source.clone()))
            .collect();
        let links = Links::of(places.iter());
        let sheets = [
            self.findings(),
            rows(self.forecast),
            kinds(self.forecast, self.firsts, &links),
            decisions(coverage, &links),
            reasons(self.forecast, self.firsts, &links),
            losses(self.forecast, self.firsts, &links),
            given_up(self.forecast, self.firsts, &links),
            promises(self.forecast),
            unreached(coverage),
            calls(self.hours),
        ];
        let [findings, rows, rest @ ..] = &sheets;
        let body = html! {
            (findings.section())
            (rows.section())
            section id="flow" {
                h2 { "Flow of the records" }
                (flow(&streams))
            }
            (self.since_section())
            @for sheet in rest { (sheet.section()) }
            (self.fields_section())
            (self.records_section())
            (self.words_section())
        };
        let there = |sheet: &&Sheet| !sheet.is_empty();
        let title = |sheet: &Sheet| (sheet.name, sheet.title);
        let sections = sheets.iter().take(2).filter(there).map(title);
        let sections = sections
            .chain([("flow", "Flow of the records")])
            .chain([("since", "Since the approval")])
            .chain(sheets.iter().skip(2).filter(there).map(title))
            .chain([
                ("fields", "Fields accounted for"),
                ("records", "Records, before and after"),
                ("words", "Also to be known"),
            ]);
        let head = Head {
            title: self.title,
            verdict: &self.verdict.replace("stands above", "stands here"),
            is_good: self.is_good,
            facts: vec![
                ("Plan", self.plan.chars().take(12).collect()),
                (
                    "Approval",
                    self.standing.first().cloned().unwrap_or_default(),
                ),
                ("Written", "nothing: this is what `run` would do".to_owned()),
                ("Edition", self.edition().to_owned()),
            ],
            tiles: tiles(&self.forecast.rows),
            sections: sections.collect(),
        };
        page(&head, &body)
    }

    fn findings(&self) -> Sheet {
        let rows = self.findings.iter().map(|(code, place, words)| {
            vec![
                code.as_str().into(),
                place.as_str().into(),
                words.as_str().into(),
            ]
        });
        sheet("findings", "Findings", &["code", "where", "what"]).whole(rows.collect())
    }

    fn fields_section(&self) -> Markup {
        let sources = &self.forecast.coverage.sources;
        html! {
            @if !sources.is_empty() {
                section #fields {
                    h2 { "Fields accounted for" }
                    p .note { "Every source field, how many records fill it, and where it goes." }
                    @for source in sources {
                        details open[has_lost(source)] {
                            summary { (source.source) ": " (source.fields.len()) " fields, " (grouped(source.records)) " records"
                                @if has_lost(source) { b .bad { " — some go nowhere" } } }
                            (fields(source).table_called(&format!("Fields of {}", source.source)))
                        }
                    }
                }
            }
        }
    }

    fn since_section(&self) -> Markup {
        html! {
            section #since {
                h2 { "Differences to the approved version" }
                @match self.standing.split_first() {
                    None => p .note { "There is nothing to approve: the rules write to a file." },
                    Some((first, others)) => {
                        p { (told(first)) }
                        @if !others.is_empty() {
                            ul .plain { @for words in others { li { (told(words.trim_start_matches("· "))) } } }
                        }
                    },
                }
                @if let Some(since) = self.since { (since.to_markup()) }
            }
        }
    }

    fn records_section(&self) -> Markup {
        let (coverage, values) = (&self.forecast.coverage, self.values);
        let seen = |looked| Seen {
            looked,
            coverage,
            values,
        };
        let all: Vec<Sides> = self.records.iter().map(|it| seen(it).sides()).collect();
        html! {
            @if !all.is_empty() {
                section #records {
                    h2 { "Records, before and after" }
                    p .note { "The records that the tables above point to, " (self.edition()) ". "
                        code { "mapwright why" } " shows the whole way of any other one." }
                    (sides(HEADS, &all))
                }
            }
        }
    }

    fn edition(&self) -> &'static str {
        match self.values {
            Values::Masked => "masked: letters and digits of people's values are replaced",
            Values::Shown => "with values: personal data",
        }
    }

    fn words_section(&self) -> Markup {
        let carried = self.carried.iter();
        let carried = carried.map(|(what, how)| format!("{what}: carried as {how}"));
        let later = self.later.iter();
        let later = later.map(|it| format!("planned and checked here, and not loaded yet: {it}"));
        let opt_outs = self.forecast.opt_outs();
        html! {
            section #words {
                h2 { "Also to be known" }
                ul .plain {
                    @for words in carried.chain(later).chain(self.accepts.iter().cloned()) { li { (told(&words)) } }
                    @if let Some((most, on)) = self.forecast.most_notes() {
                        li { "at most " (most) " notes on one record, on " (on) }
                    }
                    @if opt_outs > 0 {
                        li { (opt_outs) " opt-outs of people who are not written will be looked for on what is at the destination already" }
                    }
                }
            }
        }
    }
}

fn tiles(rows: &[ForecastRow]) -> Vec<Tile> {
    let sum = |count: fn(&ForecastRow) -> u64| rows.iter().map(count).sum();
    let tile = |words, tone, count| Tile { words, count, tone };
    vec![
        tile("read", Tone::Read, sum(|row| row.read)),
        tile("would be written", Tone::Written, sum(ForecastRow::drafted)),
        tile(
            "merged or carried",
            Tone::Inside,
            sum(|row| row.merged + row.carried),
        ),
        tile("held", Tone::Waiting, sum(|row| row.held)),
        tile("rejected", Tone::Refused, sum(|row| row.rejected)),
        tile(
            "left out",
            Tone::Left,
            sum(|row| row.excluded + row.ignored),
        ),
    ]
}

fn streams(row: &ForecastRow) -> Vec<Stream> {
    let stream = |into: &str, into_tone, count| Stream {
        from: row.row.clone(),
        into: into.to_owned(),
        into_tone,
        end: None,
        count,
    };
    let drafts = row.drafts.iter();
    let mut streams: Vec<Stream> = drafts
        .map(|(target, count)| stream(target, Tone::Written, *count))
        .collect();
    streams.extend([
        stream("merged", Tone::Inside, row.merged),
        stream("carried", Tone::Inside, row.carried),
        stream("excluded", Tone::Left, row.excluded),
        stream("ignored", Tone::Left, row.ignored),
        stream("held", Tone::Waiting, row.held),
        stream("rejected", Tone::Refused, row.rejected),
    ]);
    streams
}
