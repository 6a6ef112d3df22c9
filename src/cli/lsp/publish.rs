//! Findings of every open rule file, sent to the file that they stand in and taken back when they are gone.

use std::collections::{BTreeMap, BTreeSet};

use lsp_server::Notification;
use serde_json::json;

use super::Desk;
use super::documents::FileKind;
use super::messages::{Finding, Location, Related};
use super::positions::range;
use crate::lang::{self, Diagnostic, Environment, Severity};
use crate::text::Source;

/// Files that show findings now.
#[derive(Default)]
pub(super) struct Published(BTreeSet<String>);

impl Published {
    /// Checks everything that is open.
    pub(super) fn check(&mut self, desk: &Desk) -> Vec<Notification> {
        let mut found: BTreeMap<String, Vec<Finding>> = BTreeMap::new();
        // An open file without findings is said to have none.
        for (uri, _) in desk.documents.iter() {
            found.insert(uri.to_owned(), Vec::new());
        }
        for (uri, text) in desk.documents.iter() {
            for (at, diagnostic) in diagnostics(desk, uri, text) {
                let findings = found.entry(at.clone()).or_default();
                let finding = finding(&diagnostic, &at);
                if !findings.contains(&finding) {
                    findings.push(finding);
                }
            }
        }
        for gone in &self.0 {
            found.entry(gone.clone()).or_default();
        }
        self.0 = found
            .iter()
            .filter(|(_, findings)| !findings.is_empty())
            .map(|(uri, _)| uri.clone())
            .collect();
        found
            .into_iter()
            .map(|(uri, findings)| {
                let params = json!({ "uri": uri, "diagnostics": findings });
                Notification::new("textDocument/publishDiagnostics".to_owned(), params)
            })
            .collect()
    }
}

/// Everything to say about an open file and its neighbours, with the address that each stands at.
pub(super) fn diagnostics(desk: &Desk, uri: &str, text: &str) -> Vec<(String, Diagnostic)> {
    let source = Source::new(uri, text);
    let here = |found: Vec<Diagnostic>| found.into_iter().map(|it| (uri.to_owned(), it)).collect();
    match FileKind::of(uri) {
        FileKind::Rules => {
            let beside = desk.documents.beside(uri);
            let environment = Environment {
                layout: &desk.layout,
                schema: desk.schema.as_ref(),
            };
            let compiled = lang::compile(&source, &beside, &environment);
            let place = |it: &Diagnostic| match it.source.name() {
                name if name == uri => uri.to_owned(),
                name => beside.uri(name),
            };
            let found = compiled.diagnostics.into_iter();
            found.map(|it| (place(&it), it)).collect()
        }
        FileKind::Fields => here(lang::parse_fields(&source).1),
        FileKind::Schema => here(lang::parse_schema(&source).1),
        FileKind::Other => Vec::new(),
    }
}

pub(super) fn finding(diagnostic: &Diagnostic, uri: &str) -> Finding {
    let text = diagnostic.source.text();
    let mut message = diagnostic.message.clone();
    let mut labels = diagnostic.labels.iter();
    if let Some((_, here)) = labels.next().filter(|(_, words)| !words.is_empty()) {
        message = format!("{message}: {here}");
    }
    if let Some(help) = &diagnostic.help {
        message = format!("{message}\nhelp: {help}");
    }
    Finding {
        range: range(text, diagnostic.span()),
        severity: match diagnostic.severity {
            Severity::Error => 1,
            Severity::Warning => 2,
            Severity::Note => 3,
        },
        code: diagnostic.code.as_str(),
        source: "mapwright",
        message,
        related_information: diagnostic
            .labels
            .iter()
            .skip(1)
            .map(|(span, words)| Related {
                location: Location {
                    uri: uri.to_owned(),
                    range: range(text, *span),
                },
                message: words.clone(),
            })
            .collect(),
    }
}
