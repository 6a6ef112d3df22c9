//! A page of headings, sentences and tables, written as text or Markdown, and by `html` as HTML; every value is escaped.

use std::fmt::Write;

/// A page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    pub title: String,
    pub parts: Vec<Part>,
}

/// One part of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    Heading(String),
    Text(String),
    List(Vec<String>),
    Table {
        head: Vec<&'static str>,
        rows: Vec<Vec<String>>,
    },
}

/// How wide a cell of a text table may be, in characters; the last one of a row may be wider.
const CELL_MAX: usize = 60;
const LAST_CELL_MAX: usize = 240;

impl Page {
    pub(super) fn titled(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            parts: Vec::new(),
        }
    }

    /// One page of two; the second one's title becomes a heading.
    #[must_use]
    pub fn followed_by(mut self, other: Self) -> Self {
        self.heading(other.title);
        self.parts.extend(other.parts);
        self
    }

    pub(super) fn heading(&mut self, text: impl Into<String>) {
        self.parts.push(Part::Heading(text.into()));
    }

    pub(super) fn text(&mut self, text: impl Into<String>) {
        self.parts.push(Part::Text(text.into()));
    }

    /// Nothing where there are no items.
    pub(super) fn list(&mut self, items: Vec<String>) {
        if !items.is_empty() {
            self.parts.push(Part::List(items));
        }
    }

    /// Nothing where there are no rows.
    pub(super) fn table(&mut self, head: &[&'static str], rows: Vec<Vec<String>>) {
        if !rows.is_empty() {
            let head = head.to_vec();
            self.parts.push(Part::Table { head, rows });
        }
    }

    /// As plain text for a terminal.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = format!("{}\n", line(&self.title));
        for part in &self.parts {
            match part {
                Part::Heading(heading) => {
                    let heading = line(heading);
                    let rule = "─".repeat(heading.chars().count());
                    let _ = writeln!(text, "\n{heading}\n{rule}");
                }
                Part::Text(sentence) => {
                    let _ = writeln!(text, "{}", line(sentence));
                }
                Part::List(items) => {
                    for item in items {
                        let _ = writeln!(text, "  - {}", line(item));
                    }
                }
                Part::Table { head, rows } => text_table(head, rows, &mut text),
            }
        }
        text
    }

    /// As Markdown with tables of bars.
    #[must_use]
    pub fn to_markdown(&self) -> String {
        let mut text = format!("# {}\n", marked(&self.title));
        for part in &self.parts {
            match part {
                Part::Heading(heading) => {
                    let _ = writeln!(text, "\n## {}\n", marked(heading));
                }
                Part::Text(sentence) => {
                    let _ = writeln!(text, "{}\n", marked(sentence));
                }
                Part::List(items) => {
                    for item in items {
                        let _ = writeln!(text, "- {}", marked(item));
                    }
                    text.push('\n');
                }
                Part::Table { head, rows } => {
                    let rule = vec!["---"; head.len()].join(" | ");
                    let _ = writeln!(text, "{}\n| {rule} |", bars(head));
                    for cells in rows {
                        let _ = writeln!(text, "{}", bars(cells));
                    }
                    text.push('\n');
                }
            }
        }
        text
    }
}

fn bars<T: AsRef<str>>(cells: &[T]) -> String {
    let cells: Vec<String> = cells.iter().map(|it| marked(it.as_ref())).collect();
    format!("| {} |", cells.join(" | "))
}

fn text_table(head: &[&str], rows: &[Vec<String>], text: &mut String) {
    let last = head.len().saturating_sub(1);
    let cells = |cells: &[String]| -> Vec<String> {
        let maxes = (0..).map(|at| if at == last { LAST_CELL_MAX } else { CELL_MAX });
        cells
            .iter()
            .zip(maxes)
            .map(|(it, max)| cut(it, max))
            .collect()
    };
    let head: Vec<String> = head.iter().map(|it| (*it).to_owned()).collect();
    let lines: Vec<Vec<String>> = std::iter::once(head.as_slice())
        .chain(rows.iter().map(Vec::as_slice))
        .map(cells)
        .collect();
    let widths: Vec<usize> = (0..head.len())
        .map(|column| {
            let cells = lines.iter().filter_map(|cells| cells.get(column));
            cells.map(|it| it.chars().count()).max().unwrap_or(0)
        })
        .collect();
    for cells in &lines {
        let padded: Vec<String> = cells
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:width$}"))
            .collect();
        let _ = writeln!(text, "  {}", padded.join("  ").trim_end());
    }
}

fn cut(cell: &str, max: usize) -> String {
    let cell = line(cell);
    if cell.chars().count() <= max {
        return cell;
    }
    let cut: String = cell.chars().take(max - 1).collect();
    format!("{cut}…")
}

/// One line without control characters, which would steer a terminal.
fn line(text: &str) -> String {
    text.chars()
        .map(|it| if it.is_control() { ' ' } else { it })
        .collect()
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in line(text).chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// Signs that Markdown reads as its own get a backslash, and those of HTML inside it their names.
fn marked(text: &str) -> String {
    let mut marked = String::with_capacity(text.len());
    for letter in escape(text).chars() {
        if "\\`*_[]|#!".contains(letter) {
            marked.push('\\');
        }
        marked.push(letter);
    }
    marked
}

#[cfg(test)]
mod tests {
    use super::Page;

    #[test]
    fn nothing_of_the_data_is_read_as_markup() {
        let evil = "<script>alert('x')</script> | **b** `c` \u{1b}[31m\nnext & \"q\"";
        let mut page = Page::titled(evil);
        page.heading(evil);
        page.text(evil);
        page.list(vec![evil.to_owned()]);
        page.table(&[evil], vec![vec![evil.to_owned()]]);
        let html = page.to_html();
        assert_eq!(html.matches("<script").count(), 1, "the page's own");
        assert!(html.contains("&lt;script&gt;alert"), "{html}");
        assert!(!page.to_text().contains('\u{1b}'));
        let markdown = page.to_markdown();
        assert!(
            !markdown.contains("<script") && !markdown.contains(" **b"),
            "{markdown}"
        );
        let bars = markdown.lines().filter(|line| line.starts_with('|'));
        for line in bars {
            let open = line.replace("\\|", "").matches('|').count();
            assert_eq!(open, 2, "{line}");
        }
    }
}
