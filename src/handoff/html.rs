//! The hand-off as one page.

use maud::{Markup, html};

use super::chart::chart;
use super::effort;
use super::model::{Detail, Handoff, Journey, Segment, Volumes};
use super::sheets;
use super::template_sheets;
use super::templates::slug;
use crate::page::{Head, Sheet, Tile, Tone, page, told};

impl Handoff {
    /// The whole file.
    #[must_use]
    pub fn to_html(&self) -> String {
        let findings = sheets::findings(self);
        let stray = sheets::steps(&self.stray_steps, &Volumes::default());
        let newsletters = sheets::letters(
            "newsletters",
            "Broadcasts (newsletters)",
            NEWSLETTERS,
            &self.newsletters,
        );
        let transactional = sheets::letters(
            "transactional",
            "Transactional messages",
            TRANSACTIONAL,
            &self.transactional,
        );
        let rest = [
            template_sheets::templates(self),
            template_sheets::tags(self),
            template_sheets::merge_fields(self),
            sheets::integrations(self),
            sheets::resources(self),
            sheets::traps(self),
        ];
        let body = html! {
            (how_to_read(self))
            (findings.section())
            (journeys("campaigns", "Campaigns and journeys", CAMPAIGNS, &self.campaigns))
            (journeys("broadcasts", "API-triggered broadcasts", BROADCASTS, &self.broadcasts))
            @if !stray.is_empty() {
                section #stray-steps { h2 { "Steps without a campaign" } (stray.table()) }
            }
            (newsletters.section())
            (transactional.section())
            (segments(self))
            @for sheet in &rest { (sheet.section()) }
        };
        let sections = [
            ("how-to-read", "How to read this"),
            ("findings", "To be decided"),
            ("campaigns", "Campaigns"),
            ("broadcasts", "API broadcasts"),
            ("newsletters", "Newsletters"),
            ("transactional", "Transactional"),
            ("segments", "Segments"),
        ];
        let is_there = |anchor: &str| match anchor {
            "findings" => !findings.is_empty(),
            "campaigns" => !self.campaigns.is_empty(),
            "broadcasts" => !self.broadcasts.is_empty(),
            "newsletters" => !newsletters.is_empty(),
            "transactional" => !transactional.is_empty(),
            "segments" => !self.segments.is_empty(),
            _ => true,
        };
        let sections = sections.into_iter().filter(|(anchor, _)| is_there(anchor));
        let sections = sections.chain(rest.iter().filter(|it| !it.is_empty()).map(title));
        let head = Head {
            title: &format!("Hand-off of {}", self.workspace),
            verdict: &self.verdict(),
            is_good: self.findings.is_empty(),
            facts: self.facts(),
            tiles: self.tiles(),
            sections: sections.collect(),
        };
        page(&head, &body)
    }

    /// In one sentence.
    pub(super) fn verdict(&self) -> String {
        match self.findings.len() {
            0 => "nothing is left open: everything below can be rebuilt as it stands".to_owned(),
            1 => "1 thing needs a person's decision before it can be rebuilt".to_owned(),
            count => format!("{count} things need a person's decision before they can be rebuilt"),
        }
    }

    pub(super) fn facts(&self) -> Vec<(&'static str, String)> {
        let minutes: u64 = self
            .campaigns
            .iter()
            .chain(&self.broadcasts)
            .map(|it| it.effort_min)
            .chain(
                self.newsletters
                    .iter()
                    .chain(&self.transactional)
                    .map(|it| it.effort_min),
            )
            .sum();
        let edition = if self.masked {
            "masked: addresses and numbers of people are hidden; the workspace's own senders are shown"
        } else {
            "full: may hold personal data"
        };
        let rules = self.rules.clone();
        vec![
            ("Workspace", format!("{} {}", self.workspace, self.region)),
            (
                "As of",
                self.until
                    .clone()
                    .unwrap_or_else(|| "unsealed: not known".to_owned()),
            ),
            (
                "Merge fields by the rules",
                rules.unwrap_or_else(|| "none given".to_owned()),
            ),
            ("Effort, by a rule of thumb", effort::words(minutes)),
            ("Edition", edition.to_owned()),
        ]
    }

    fn tiles(&self) -> Vec<Tile> {
        let tile = |words, count: usize, tone| Tile {
            words,
            count: u64::try_from(count).unwrap_or(u64::MAX),
            tone,
        };
        let fix = self
            .templates
            .iter()
            .map(|it| it.open.len() + it.subject_open.len())
            .sum();
        let steps = self
            .campaigns
            .iter()
            .chain(&self.broadcasts)
            .map(|it| it.steps.len())
            .sum();
        vec![
            tile("campaigns", self.campaigns.len(), Tone::Read),
            tile("steps", steps, Tone::Read),
            tile("segments", self.segments.len(), Tone::Inside),
            tile("templates", self.templates.len(), Tone::Written),
            tile("tags to fix", fix, Tone::Waiting),
            tile("to be decided", self.findings.len(), Tone::Waiting),
        ]
    }
}

pub(super) const CAMPAIGNS: &str = "Nothing of this is created by a machine: each is rebuilt by hand, from top to bottom. Effort is a rule of thumb for somebody who knows both systems.";
pub(super) const BROADCASTS: &str = "Started by a call of your own system, with data of its own.";
pub(super) const NEWSLETTERS: &str =
    "Sent once to everybody in a segment: content, time and recipients as they were.";
pub(super) const TRANSACTIONAL: &str = "Sent by a call of your own system. Point those calls elsewhere before Customer.io is switched off.";
/// What a reader has to know beforehand.
pub(super) const READING: [&str; 4] = [
    "Work from the top: decide what is open, set up senders and fields, import the templates, rebuild segments, then campaigns, the running ones first. Switch each on only when its old one is off.",
    "`same`, `near` and `no match` say how much of a step the nearest thing in Freshsales does. Blocks of journeys and the form of placeholders stand in no API: what is marked `[guess]` is to be looked at in the account first.",
    "Of a true or false branch the first way is taken for `yes`: compare one with Customer.io. A dashed line is the order of a list, not an order that is known; a dashed box does not send by itself, or is of a kind that is not known here.",
    "Conditions stand in two forms: plain English to read, and the exact form to compare with. Volumes are counted from the deliveries of the capture.",
];

fn how_to_read(handoff: &Handoff) -> Markup {
    html! {
        section #how-to-read {
            h2 { "How to read this" }
            ul .plain {
                @for words in READING { li { (told(words)) } }
                @if handoff.rules.is_none() {
                    li { "No rules were given, so every tag of a person's attribute is marked: give the rule file and write this again." }
                }
            }
        }
    }
}

fn title(sheet: &Sheet) -> (&'static str, &'static str) {
    (sheet.name, sheet.title)
}

fn journeys(
    name: &'static str,
    title: &'static str,
    note: &'static str,
    journeys: &[Journey],
) -> Markup {
    let overview = sheets::overview(name, title, note, journeys);
    html! {
        (overview.section())
        @for journey in journeys { (one(name, journey)) }
    }
}

fn one(word: &str, journey: &Journey) -> Markup {
    let anchor = format!("{word}-{}", slug(&journey.id));
    let steps = sheets::steps(&journey.steps, &journey.volumes);
    let conditions = sheets::conditions(journey);
    html! {
        article .sheet id=(anchor) aria-labelledby={ (anchor) "-title" } {
            h3 id={ (anchor) "-title" } {
                (journey.name) " "
                small { "id " (journey.id) @if !journey.state.is_empty() { ", " (journey.state) } }
            }
            p { b { "Starts when " } (told(&journey.trigger)) ". " b { "Rebuild as: " } (told(&journey.feature)) "." }
            (facts(&journey.details, journey))
            (chart(journey, &anchor))
            @if !steps.is_empty() { (steps.table_called(&format!("Steps of {word} {}", journey.id))) }
            @if steps.is_empty() { p .note { "The capture names no steps of it." } }
            @if !conditions.is_empty() {
                h4 { "Conditions" }
                (conditions.table_called(&format!("Conditions of {word} {}", journey.id)))
            }
        }
    }
}

fn facts(details: &[Detail], journey: &Journey) -> Markup {
    let uses: Vec<String> = journey
        .segments
        .iter()
        .map(|it| match &it.name {
            Some(name) => format!("{} “{name}” ({})", it.id, it.role),
            None => format!("{} (not listed; {})", it.id, it.role),
        })
        .collect();
    html! {
        dl .facts {
            @for detail in details { div { dt { (detail.term) } dd { (told(&detail.words)) } } }
            @if !uses.is_empty() { div { dt { "segments" } dd { (uses.join(", ")) } } }
            @if !journey.tags.is_empty() { div { dt { "tags" } dd { (journey.tags.join(", ")) } } }
            div { dt { "volume" } dd { (sheets::volumes(&journey.volumes)) } }
            div { dt { "effort" } dd { (effort::words(journey.effort_min)) } }
        }
    }
}

fn segments(handoff: &Handoff) -> Markup {
    html! {
        (sheets::segments(handoff).section())
        @for segment in &handoff.segments { (segment_sheet(segment)) }
    }
}

fn segment_sheet(segment: &Segment) -> Markup {
    let anchor = format!("segment-{}", slug(&segment.id));
    let members = segment
        .members
        .map_or_else(|| "not read".to_owned(), |it| it.to_string());
    html! {
        article .sheet id=(anchor) aria-labelledby={ (anchor) "-title" } {
            h3 id={ (anchor) "-title" } {
                (segment.name) " "
                small { "id " (segment.id) ", " (segment.kind) ", " (members) " members" @if !segment.state.is_empty() { ", " (segment.state) } }
            }
            @if !segment.description.is_empty() { p .note { (segment.description) } }
            p { (segment.english) }
            @if !segment.exact.is_empty() { pre tabindex="0" { (segment.exact) } }
            @if !segment.circle.is_empty() {
                p .bad { "Asks for itself, by way of " (segment.circle.join(" → ")) "." }
            }
            @if !segment.rebuild.is_empty() {
                h4 { "To set up" }
                ul .plain { @for line in &segment.rebuild { li { (told(line)) } } }
            }
            @if !segment.cannot.is_empty() {
                h4 { "Cannot be said there" }
                ul .plain { @for line in &segment.cannot { li { (told(line)) } } }
            }
            @if !segment.used_by.is_empty() { p .note { "Used by " (segment.used_by.join("; ")) "." } }
        }
    }
}
