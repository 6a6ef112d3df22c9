//! `mapwright fmt`: the same words in a tidy shape. Only blanks are changed, so the meaning cannot be.

mod layout;
mod rows;

use super::ast::{FieldsFile, RuleFile, SchemaFile};
use super::diagnostic::{Diagnostic, Severity};
use super::parse::files::{FIELDS, SCHEMA};
use super::parse::rules::OPENERS;
use super::parse::statements::{self, Opener, Statement};
use super::parse::tokens::{self, Line};
use super::parse::{parse_fields, parse_rules, parse_schema};
use crate::text::Source;
use layout::Row;

/// The tidy text of a rule file, or by the ending of its name of a `.fields` or `.schema` file.
///
/// # Errors
/// The messages of a file that cannot be read in full; nothing is changed in such a file.
pub fn format(source: &Source) -> Result<String, Vec<Diagnostic>> {
    let (openers, findings) = read(source);
    if findings.iter().any(|it| it.severity == Severity::Error) {
        return Err(findings);
    }
    let (lines, _) = tokens::lines(source);
    let statements = statements::regroup(source, &lines, openers);
    let mut rows: Vec<Row> = Vec::with_capacity(lines.len());
    let mut open = None;
    for line in &lines {
        let opened = statements.iter().find(|it| it.head.start == line.start);
        if let Some(statement) = opened.filter(|_| !line.is_blank()) {
            rows.push(rows::head(source, statement));
            open = Some(statement).filter(|it| it.span.end > it.head.span().end);
        } else if let Some(statement) = open {
            rows.push(inside(source, statement, line));
        } else {
            rows.push(rows::loose(source, line));
        }
        if open.is_some() && !line.is_blank() && statements::is_end(source, line) {
            open = None;
        }
    }
    Ok(layout::write(rows))
}

fn read(source: &Source) -> (&'static [Opener], Vec<Diagnostic>) {
    match source.name().rsplit_once('.').map(|(_, ending)| ending) {
        Some("fields") => {
            let (FieldsFile { .. }, findings) = parse_fields(source);
            (FIELDS, findings)
        }
        Some("schema") => {
            let (SchemaFile { .. }, findings) = parse_schema(source);
            (SCHEMA, findings)
        }
        Some(_) | None => {
            let (RuleFile { .. }, findings) = parse_rules(source);
            (OPENERS, findings)
        }
    }
}

fn inside(source: &Source, statement: &Statement<'_>, line: &Line) -> Row {
    if line.is_blank() {
        return Row {
            indent: layout::INDENT,
            ..rows::loose(source, line)
        };
    }
    if statements::is_end(source, line) {
        return rows::end(source, line);
    }
    rows::body(source, statement.word, line)
}
