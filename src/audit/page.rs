//! A page of headings, sentences and tables, written as text, HTML or Markdown; every value is escaped.

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
        head: Vec<String>,
        rows: Vec<Vec<String>>,
    },
}

/// How wide a cell of a text table may be, in characters; the last one of a row may be wider.
const CELL_MAX: usize = 60;
const LAST_CELL_MAX: usize = 240;

const STYLE: &str = "body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:75rem;padding:0 1rem;color:#1c2430}\
h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2.2rem;border-bottom:1px solid #d5dbe3}\
table{border-collapse:collapse;margin:.6rem 0;width:100%}th,td{text-align:left;vertical-align:top;padding:.25rem .6rem;\
border-bottom:1px solid #e6eaf0}th{background:#f4f6f9}td{overflow-wrap:anywhere}\
@media (prefers-color-scheme:dark){body{background:#14181f;color:#dfe5ee}th{background:#222936}th,td,h2{border-color:#333c4b}}";

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
    pub(super) fn table(&mut self, head: &[&str], rows: Vec<Vec<String>>) {
        if !rows.is_empty() {
            let head = head.iter().map(|it| (*it).to_owned()).collect();
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

    /// As one file of HTML that loads nothing.
    #[must_use]
    pub fn to_html(&self) -> String {
        let title = escape(&self.title);
        let mut html = format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
             <meta name=\"viewport\" content=\"width=device-width\">\n\
             <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n"
        );
        for part in &self.parts {
            match part {
                Part::Heading(heading) => {
                    let _ = writeln!(html, "<h2>{}</h2>", escape(heading));
                }
                Part::Text(sentence) => {
                    let _ = writeln!(html, "<p>{}</p>", escape(sentence));
                }
                Part::List(items) => {
                    html.push_str("<ul>\n");
                    for item in items {
                        let _ = writeln!(html, "<li>{}</li>", escape(item));
                    }
                    html.push_str("</ul>\n");
                }
                Part::Table { head, rows } => {
                    let _ = writeln!(html, "<table>\n<thead>{}</thead>\n<tbody>", row(head, "th"));
                    for cells in rows {
                        let _ = writeln!(html, "{}", row(cells, "td"));
                    }
                    html.push_str("</tbody>\n</table>\n");
                }
            }
        }
        html.push_str("</body>\n</html>\n");
        html
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
                    let bars = |cells: &[String]| {
                        let cells: Vec<String> = cells.iter().map(|cell| marked(cell)).collect();
                        format!("| {} |", cells.join(" | "))
                    };
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

fn row(cells: &[String], tag: &str) -> String {
    let mut row = String::from("<tr>");
    for cell in cells {
        let _ = write!(row, "<{tag}>{}</{tag}>", escape(cell));
    }
    row.push_str("</tr>");
    row
}

fn text_table(head: &[String], rows: &[Vec<String>], text: &mut String) {
    let last = head.len().saturating_sub(1);
    let cells = |cells: &[String]| -> Vec<String> {
        let maxes = (0..).map(|at| if at == last { LAST_CELL_MAX } else { CELL_MAX });
        cells
            .iter()
            .zip(maxes)
            .map(|(it, max)| cut(it, max))
            .collect()
    };
    let lines: Vec<Vec<String>> = std::iter::once(head)
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
        assert_eq!(html.matches('<').count(), html.matches('>').count());
        assert!(!html.contains("<script") && !html.contains("'x'"), "{html}");
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
