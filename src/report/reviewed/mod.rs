//! The page that a reviewer reads before agreeing: what `check` foretells, as one file.

mod sheets;

use maud::{Markup, html};

use self::sheets::{
    calls, decisions, fields, given_up, has_lost, losses, promises, reasons, rows, sheet, unreached,
};
use super::forecast::{Forecast, ForecastRow};
use super::hours::Hours;
use super::mask::mask;
use super::page::{Head, Sheet, Stream, Tile, Tone, flow, page, told};
use crate::model::{Fate, Outcome};
use crate::plan::scalar_words;

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
    pub samples: &'r [Sample],
    pub verdict: &'r str,
    pub is_good: bool,
}

/// One record as it would be written, its values masked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    row: String,
    target: String,
    record: String,
    /// Field and masked value.
    fields: Vec<(String, String)>,
}

impl Sample {
    /// What would be written of a record; `None` where nothing is.
    #[must_use]
    pub fn of(outcome: &Outcome) -> Option<Self> {
        let Fate::Draft(draft) = &outcome.fate else {
            return None;
        };
        let fields = draft.fields.iter();
        let fields = fields.map(|it| (it.name.clone(), mask(&scalar_words(&it.value))));
        let key = draft.key.iter();
        let key = key.map(|it| (it.field.clone(), mask(&it.value)));
        Some(Self {
            row: outcome.row.to_string(),
            target: draft.target.clone(),
            record: outcome.source.to_string(),
            fields: key.chain(fields).collect(),
        })
    }

    /// Whether it went the same way as the other one.
    #[must_use]
    pub fn is_like(&self, other: &Self) -> bool {
        (&self.row, &self.target) == (&other.row, &other.target)
    }
}

impl Reviewed<'_> {
    /// The whole file.
    #[must_use]
    pub fn to_html(&self) -> String {
        let streams: Vec<Stream> = self.forecast.rows.iter().flat_map(streams).collect();
        let coverage = &self.forecast.coverage;
        let sheets = [
            self.findings(),
            rows(self.forecast),
            decisions(coverage),
            reasons(self.forecast),
            losses(self.forecast),
            given_up(self.forecast),
            promises(self.forecast),
            unreached(coverage),
            calls(self.hours),
        ];
        let [findings, rows, decisions, rest @ ..] = &sheets;
        let body = html! {
            (findings.section())
            (rows.section())
            section id="flow" {
                h2 { "Flow of the records" }
                (flow(&streams))
            }
            (decisions.section())
            @for sheet in rest { (sheet.section()) }
            (self.fields_section())
            (self.samples_section())
            (self.words_section())
        };
        let there = |sheet: &&Sheet| !sheet.is_empty();
        let title = |sheet: &Sheet| (sheet.name, sheet.title);
        let sections = sheets.iter().take(2).filter(there).map(title);
        let sections = sections
            .chain([("flow", "Flow of the records")])
            .chain(sheets.iter().skip(2).filter(there).map(title))
            .chain([
                ("fields", "Fields accounted for"),
                ("examples", "Examples"),
                ("words", "Also to be known"),
            ]);
        let head = Head {
            title: self.title,
            verdict: self.verdict,
            is_good: self.is_good,
            facts: vec![
                ("Plan", self.plan.to_owned()),
                ("Approval", self.standing.join(" ")),
                ("Written", "nothing: this is what `run` would do".to_owned()),
                ("Edition", "masked: ids and no values".to_owned()),
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
                            summary { (source.source) ": " (source.fields.len()) " fields, " (source.records) " records"
                                @if has_lost(source) { b .bad { " — some go nowhere" } } }
                            (fields(source).table())
                        }
                    }
                }
            }
        }
    }

    fn samples_section(&self) -> Markup {
        html! {
            @if !self.samples.is_empty() {
                section #examples {
                    h2 { "Examples" }
                    p .note { "The first records of each kind as they would be written; letters and digits are replaced. "
                        code { "mapwright why" } " shows one record's whole way." }
                    @for sample in self.samples {
                        details {
                            summary { (sample.row) " → " (sample.target) ": " (sample.record) }
                            (sample.table())
                        }
                    }
                }
            }
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
                    @for words in &self.standing { li { (told(words)) } }
                }
            }
        }
    }
}

impl Sample {
    fn table(&self) -> Markup {
        let rows = self
            .fields
            .iter()
            .map(|(field, value)| vec![field.as_str().into(), value.as_str().into()]);
        let sheet = sheet("example", "Example", &["field", "masked value"]);
        sheet.whole(rows.collect()).table()
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
