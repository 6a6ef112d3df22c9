//! The header lines: the two systems, the declared source fields, the destination's schema.

use crate::lang::ast::{DestinationKind, Header, Name};
use crate::lang::codes::names;
use crate::lang::parse::{parse_fields, parse_schema};
use crate::text::Span;

use super::checker::{Checker, suggest};
use super::destination::schema_of;
use super::source_fields::check_choices;

/// What the header says, in the plan's words.
#[derive(Debug, Default)]
pub(super) struct Systems {
    pub(super) title: String,
    pub(super) source: String,
    pub(super) destination: String,
    pub(super) edition: String,
    pub(super) no_markers: bool,
}

impl Checker<'_> {
    pub(super) fn header(&mut self, header: &Header) -> Systems {
        let mut systems = Systems {
            title: header
                .title
                .as_ref()
                .map_or_else(String::new, |it| it.value.clone()),
            ..Systems::default()
        };
        self.no_fields = true;
        if let Some(system) = &header.source {
            systems.source.clone_from(&system.system.text);
            if let Some(source) = self.read(&system.fields) {
                let (file, findings) = parse_fields(&source);
                self.no_fields = !findings.is_empty();
                self.diagnostics.extend(findings);
                self.diagnostics.extend(check_choices(&file, &source));
                self.read_shapes(&file, &source);
            }
        }
        self.blind = true;
        match header.destination.as_ref().map(|it| (&it.kind, it.span)) {
            None => {}
            Some((
                DestinationKind::System {
                    system,
                    edition,
                    no_markers,
                },
                span,
            )) => {
                systems.no_markers = no_markers.is_some();
                systems.destination.clone_from(&system.text);
                systems.edition.clone_from(&edition.text);
                self.snapshot(system, edition, span);
            }
            Some((DestinationKind::File(file), _)) => {
                systems.destination.clone_from(&file.value);
                if let Some(source) = self.read(file) {
                    let (tree, findings) = parse_schema(&source);
                    self.blind = !findings.is_empty();
                    self.diagnostics.extend(findings);
                    let (schema, findings) = schema_of(&tree, &source);
                    self.diagnostics.extend(findings);
                    systems.destination.clone_from(&schema.system);
                    self.schema = schema;
                }
            }
        }
        systems
    }

    /// Takes the destination's snapshot where it is the one that the rules name.
    fn snapshot(&mut self, system: &Name, edition: &Name, span: Span) {
        let Some(schema) = self.environment.schema else {
            let message = format!(
                "nothing is known of `{}` here, so its fields cannot be checked",
                system.text
            );
            self.error(names::N202, span, message).help = Some(
                "read its settings first; the snapshot lists its fields, choices and users".into(),
            );
            return;
        };
        let known = schema.system.clone();
        if known != system.text {
            let message = format!(
                "the destination that was read is `{known}`, found `{}`",
                system.text
            );
            let diagnostic = self.error(names::N202, system.span, message);
            suggest(
                diagnostic,
                system.span,
                &system.text,
                [known.as_str()],
                || format!("write `destination {known}`, or read the other system's settings"),
            );
            return;
        }
        if schema.edition != edition.text {
            let message = format!(
                "the destination that was read is the {} edition, found `{}`",
                schema.edition, edition.text
            );
            let diagnostic = self.error(names::N202, edition.span, message);
            let known = schema.edition.as_str();
            suggest(diagnostic, edition.span, &edition.text, [known], || {
                format!(
                    "write `edition {known}`; each edition carries leads and contacts in its own way"
                )
            });
            return;
        }
        self.schema = schema.clone();
        self.blind = false;
    }
}
