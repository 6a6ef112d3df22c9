//! The four lines that a rule file begins with.

use super::grammar::{Node, Rule};
use super::leaves;
use super::reader::Reader;
use super::rules::tail;
use super::statements::Statement;
use super::tokens::Line;
use crate::lang::ast::{Destination, DestinationKind, Header, SourceSystem};
use crate::lang::codes::syntax::{S119, S120, S121};
use crate::lang::diagnostic::Diagnostic;
use crate::text::Span;

/// The versions of the language that this program reads.
const VERSIONS: &[&str] = &["1"];

/// Takes a header line and says whether it was one.
pub(super) fn take(
    reader: &mut Reader<'_>,
    header: &mut Header,
    statement: &Statement<'_>,
) -> bool {
    let source = reader.source;
    let twice =
        match statement.word {
            "rules" => {
                let title = tail(reader, statement, Rule::rules_line, |node, _| {
                    Some(leaves::text(&node.children().next()?))
                });
                put(&mut header.title, title)
            }
            "language" => {
                let version = tail(reader, statement, Rule::language_line, |node, _| {
                    Some(leaves::number(&node.children().next()?))
                });
                if let Some(version) = &version
                    && !VERSIONS.contains(&version.digits.as_str())
                {
                    let message = format!(
                        "version {} of the language is not known here",
                        version.digits
                    );
                    reader.findings.push(
                        Diagnostic::error(S120, source, version.span, message).help(format!(
                            "this program reads version {}",
                            VERSIONS.join(", ")
                        )),
                    );
                }
                put(&mut header.language, version)
            }
            "source" => {
                let system = tail(reader, statement, Rule::source_line, source_system);
                put(&mut header.source, system)
            }
            "destination" => {
                let destination = tail(reader, statement, Rule::destination_line, destination);
                put(&mut header.destination, destination)
            }
            _ => return false,
        };
    if twice {
        let message = format!("`{}` is said a second time", statement.word);
        reader.findings.push(
            Diagnostic::error(S121, source, statement.span, message)
                .help("a rule file says it once; take one of the two out"),
        );
    }
    true
}

/// Fills an empty place; says whether it was full already.
fn put<T>(place: &mut Option<T>, found: Option<T>) -> bool {
    match found {
        Some(_) if place.is_some() => true,
        Some(found) => {
            *place = Some(found);
            false
        }
        None => false,
    }
}

/// Names the header lines that are not there.
pub(super) fn missing(reader: &mut Reader<'_>, lines: &[Line]) {
    let source = reader.source;
    let wanted = [
        ("rules", "rules \"title\""),
        ("language", "language 1"),
        ("source", "source customerio fields \"x.fields\""),
        ("destination", "destination freshsales edition suite"),
    ];
    let misspelt: Vec<String> = reader
        .findings
        .iter()
        .filter_map(|it| it.fix.as_ref())
        .map(|it| it.replacement.clone())
        .collect();
    let missing: Vec<&(&str, &str)> = wanted
        .iter()
        .filter(|(word, _)| !lines.iter().any(|line| line.word(source, 0) == *word))
        .filter(|(word, _)| !misspelt.iter().any(|it| it == word))
        .collect();
    let Some((first, _)) = missing.first() else {
        return;
    };
    let names: Vec<String> = missing
        .iter()
        .map(|(word, _)| format!("`{word}`"))
        .collect();
    let are = if missing.len() == 1 {
        "line is"
    } else {
        "lines are"
    };
    let message = format!("the header {are} missing: {}", names.join(", "));
    let place = lines
        .iter()
        .find(|line| !line.is_blank())
        .and_then(|line| line.tokens.first())
        .map_or_else(Span::default, |token| token.span);

    let diagnostic = Diagnostic::error(S119, source, place, message).help(format!(
        "a rule file begins with\n{}",
        wanted.map(|(_, example)| format!("  {example}")).join("\n")
    ));
    // `language` is the one line that nobody has to decide about.
    reader
        .findings
        .push(if missing.len() == 1 && *first == "language" {
            diagnostic.fix(
                Span::new(place.start, place.start),
                "language 1\n",
                "add `language 1`",
            )
        } else {
            diagnostic
        });
}

fn source_system(node: &Node<'_>, span: Span) -> Option<SourceSystem> {
    let mut children = node.children();
    let system = leaves::name(&children.seek(Rule::name)?);
    let fields = leaves::text(&children.seek(Rule::text)?);
    Some(SourceSystem {
        system,
        fields,
        span,
    })
}

fn destination(node: &Node<'_>, span: Span) -> Option<Destination> {
    let mut children = node.children();
    let kind = if children.next_if(Rule::kw_file).is_some() {
        DestinationKind::File(leaves::text(&children.next()?))
    } else {
        let system = leaves::name(&children.seek(Rule::name)?);
        let edition = leaves::name(&children.seek(Rule::name)?);
        let no_markers = children.seek(Rule::no_markers).map(|it| it.span());
        DestinationKind::System {
            system,
            edition,
            no_markers,
        }
    };
    Some(Destination { kind, span })
}
