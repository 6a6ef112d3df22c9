//! The hand-off as Markdown: the same tables and words as the page, without pictures.

use std::fmt::Write as _;

use super::html::{BROADCASTS, CAMPAIGNS, NEWSLETTERS, READING, TRANSACTIONAL};
use super::model::{Handoff, Journey, Segment, Volumes};
use super::{effort, sheets, template_sheets};
use crate::page::Sheet;

/// Signs that Markdown would take for its own.
const SIGNS: &str = "\\`*_[]#|~<>&!";

/// A text that Markdown shows as it is, on one line.
pub(super) fn plain(text: &str) -> String {
    let mut done = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '\n' | '\r' | '\t' => done.push(' '),
            '<' => done.push_str("&lt;"),
            '>' => done.push_str("&gt;"),
            '&' => done.push_str("&amp;"),
            sign if SIGNS.contains(sign) => {
                done.push('\\');
                done.push(sign);
            }
            sign => done.push(sign),
        }
    }
    done
}

/// A text as code, whatever backticks it holds.
pub(super) fn code(text: &str) -> String {
    let text = text.replace(['\n', '\r', '\t'], " ");
    let longest = text
        .split(|it| it != '`')
        .map(str::len)
        .max()
        .unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    let pad = if longest > 0 || text.is_empty() {
        " "
    } else {
        ""
    };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// What stands between backticks as code, everything else escaped.
pub(super) fn told(text: &str) -> String {
    told_by(text, code)
}

/// The same within a table, where a `|` ends the cell even in code.
fn cell(text: &str) -> String {
    told_by(text, |it| code(it).replace('|', "\\|"))
}

fn told_by(text: &str, code: fn(&str) -> String) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return plain(text);
    }
    let parts = parts.iter().enumerate();
    parts
        .map(|(at, part)| if at % 2 == 1 { code(part) } else { plain(part) })
        .collect()
}

impl Handoff {
    /// The whole file.
    #[must_use]
    pub fn to_markdown(&self) -> String {
        let mut text = format!(
            "# Hand-off of {}\n\n**{}**\n\n",
            plain(&self.workspace),
            told(&self.verdict())
        );
        for (term, words) in self.facts() {
            let _ = writeln!(text, "- {term}: {}", told(&words));
        }
        text.push_str("\n## How to read this\n\n");
        for words in READING {
            let _ = writeln!(text, "- {}", told(words));
        }
        section(&sheets::findings(self), &mut text);
        section(
            &sheets::overview(
                "campaigns",
                "Campaigns and journeys",
                CAMPAIGNS,
                &self.campaigns,
            ),
            &mut text,
        );
        for journey in &self.campaigns {
            one(journey, &mut text);
        }
        section(
            &sheets::overview(
                "broadcasts",
                "API-triggered broadcasts",
                BROADCASTS,
                &self.broadcasts,
            ),
            &mut text,
        );
        for journey in &self.broadcasts {
            one(journey, &mut text);
        }
        let mut stray = sheets::steps(&self.stray_steps, &Volumes::default());
        stray.title = "Steps without a campaign";
        section(&stray, &mut text);
        section(
            &sheets::letters(
                "newsletters",
                "Broadcasts (newsletters)",
                NEWSLETTERS,
                &self.newsletters,
            ),
            &mut text,
        );
        section(
            &sheets::letters(
                "transactional",
                "Transactional messages",
                TRANSACTIONAL,
                &self.transactional,
            ),
            &mut text,
        );
        section(&sheets::segments(self), &mut text);
        for segment in &self.segments {
            segment_part(segment, &mut text);
        }
        for sheet in [
            template_sheets::templates(self),
            template_sheets::tags(self),
            template_sheets::merge_fields(self),
            sheets::integrations(self),
            sheets::resources(self),
            sheets::traps(self),
        ] {
            section(&sheet, &mut text);
        }
        text
    }
}

fn section(sheet: &Sheet, text: &mut String) {
    if sheet.is_empty() {
        return;
    }
    let _ = write!(text, "\n## {}\n\n", sheet.title);
    if !sheet.note.is_empty() {
        let _ = write!(text, "{}\n\n", told(&sheet.note));
    }
    table(sheet, text);
}

fn table(sheet: &Sheet, text: &mut String) {
    let _ = writeln!(text, "| {} |", sheet.columns.join(" | "));
    let _ = writeln!(text, "|{}", "---|".repeat(sheet.columns.len()));
    for row in &sheet.rows {
        let cells: Vec<String> = row.iter().map(|it| cell(&it.words())).collect();
        let _ = writeln!(text, "| {} |", cells.join(" | "));
    }
}

fn one(journey: &Journey, text: &mut String) {
    let _ = write!(
        text,
        "\n### {} (id {}, {})\n\nStarts when {}. Rebuild as: {}.\n\n",
        plain(&journey.name),
        plain(&journey.id),
        plain(&journey.state),
        told(&journey.trigger),
        told(&journey.feature)
    );
    for detail in &journey.details {
        let _ = writeln!(text, "- {}: {}", detail.term, told(&detail.words));
    }
    for used in &journey.segments {
        let name = used.name.as_deref();
        let name = name.map_or("not listed".to_owned(), |it| format!("“{}”", plain(it)));
        let _ = writeln!(text, "- segment {}, {name}: {}", plain(&used.id), used.role);
    }
    if !journey.tags.is_empty() {
        let _ = writeln!(text, "- tags: {}", plain(&journey.tags.join(", ")));
    }
    let _ = writeln!(text, "- volume: {}", sheets::volumes(&journey.volumes));
    let _ = writeln!(text, "- effort: {}\n", effort::words(journey.effort_min));
    let steps = sheets::steps(&journey.steps, &journey.volumes);
    if !steps.is_empty() {
        table(&steps, text);
    }
    ways(journey, text);
    let conditions = sheets::conditions(journey);
    if !conditions.is_empty() {
        text.push('\n');
        table(&conditions, text);
    }
}

/// How the steps follow one another, as the picture of the page shows it.
fn ways(journey: &Journey, text: &mut String) {
    let number = |id: &str| {
        let step = journey.steps.iter().find(|it| it.id == id);
        step.map_or_else(|| format!("({id})"), |it| it.number.to_string())
    };
    let ways: Vec<String> = journey
        .edges
        .iter()
        .map(|edge| {
            let to = edge.to.as_deref().map_or_else(|| "end".to_owned(), number);
            let word = if edge.label.is_empty() {
                String::new()
            } else {
                format!(" ({})", plain(&edge.label))
            };
            format!("{} → {to}{word}", number(&edge.from))
        })
        .collect();
    if !ways.is_empty() {
        let known = if journey.is_whole {
            ""
        } else {
            ", as listed, not known"
        };
        let _ = write!(text, "\nOrder{known}: {}\n", ways.join(", "));
    }
}

fn segment_part(segment: &Segment, text: &mut String) {
    let _ = write!(
        text,
        "\n### {} (id {}, {})\n\n{}\n",
        plain(&segment.name),
        plain(&segment.id),
        plain(&segment.kind),
        plain(&segment.english)
    );
    if !segment.description.is_empty() {
        let _ = write!(text, "\n{}\n", plain(&segment.description));
    }
    if !segment.exact.is_empty() {
        let _ = write!(text, "\nExact: {}\n", code(&segment.exact));
    }
    if !segment.circle.is_empty() {
        let _ = write!(
            text,
            "\nAsks for itself, by way of {}\n",
            plain(&segment.circle.join(" → "))
        );
    }
    for (head, lines) in [
        ("To set up", &segment.rebuild),
        ("Cannot be said there", &segment.cannot),
    ] {
        if lines.is_empty() {
            continue;
        }
        let _ = write!(text, "\n{head}:\n\n");
        for line in lines {
            let _ = writeln!(text, "- {}", told(line));
        }
    }
}
