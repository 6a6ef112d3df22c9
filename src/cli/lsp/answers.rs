//! Answers to single questions; an unknown file has none.

use serde_json::{Value, json};

use super::Desk;
use super::documents::FileKind;
use super::messages::{At, Edit, Range, Whole, Within};
use super::positions::{offset, range};
use super::publish;
use crate::lang::assist::{self, ProposalKind};
use crate::lang::{self, Environment};
use crate::text::{Source, Span};

/// The text and the words about the word at a place.
pub(super) fn hover(desk: &Desk, at: &At) -> Value {
    let answer = assisted(desk, at, |source, beside, environment, offset| {
        let hover = assist::hover(source, beside, environment, offset)?;
        Some(json!({
            "contents": { "kind": "markdown", "value": hover.text },
            "range": range(source.text(), hover.span),
        }))
    });
    answer.unwrap_or(Value::Null)
}

/// What may stand at a place.
pub(super) fn completion(desk: &Desk, at: &At) -> Value {
    let answer = assisted(desk, at, |source, beside, environment, offset| {
        let found = assist::complete(source, beside, environment, offset);
        let range = range(source.text(), found.span);
        let items = found.items.into_iter().map(|it| {
            json!({
                "label": it.text,
                "kind": item_kind(it.kind),
                "detail": it.detail,
                "documentation": it.words,
                "sortText": format!("{}{}", it.kind as u8, it.text),
                "filterText": it.text,
                "textEdit": { "range": range, "newText": it.text },
            })
        });
        Some(Value::Array(items.collect()))
    });
    json!({ "isIncomplete": false, "items": answer.unwrap_or(json!([])) })
}

/// The whole text anew, where it changes; nothing for a text with faults.
pub(super) fn formatting(desk: &Desk, whole: &Whole) -> Value {
    let uri = &whole.text_document.uri;
    let Some(text) = desk.documents.text(uri) else {
        return Value::Null;
    };
    let source = Source::new(uri, text);
    match (FileKind::of(uri), lang::format(&source)) {
        (FileKind::Other, _) | (_, Err(_)) => Value::Null,
        (_, Ok(tidy)) if tidy == text => json!([]),
        (_, Ok(tidy)) => json!([Edit {
            range: range(text, Span::new(0, text.len())),
            new_text: tidy,
        }]),
    }
}

/// The fixes of the findings that touch a range.
pub(super) fn code_actions(desk: &Desk, within: &Within) -> Value {
    let uri = &within.text_document.uri;
    let Some(text) = desk.documents.text(uri) else {
        return json!([]);
    };
    let mut actions = Vec::new();
    for (at, diagnostic) in publish::diagnostics(desk, uri, text) {
        let finding = publish::finding(&diagnostic, &at);
        let Some(fix) = &diagnostic.fix else { continue };
        if at != *uri || !touches(finding.range, within.range) {
            continue;
        }
        let edit = Edit {
            range: range(text, fix.span),
            new_text: fix.replacement.clone(),
        };
        actions.push(json!({
            "title": fix.title,
            "kind": "quickfix",
            "diagnostics": [finding],
            "isPreferred": true,
            "edit": { "changes": { uri.as_str(): [edit] } },
        }));
    }
    Value::Array(actions)
}

/// Asks the language about a place of an open rule file.
fn assisted<T>(
    desk: &Desk,
    at: &At,
    ask: impl FnOnce(&Source, &dyn lang::Files, &Environment<'_>, usize) -> Option<T>,
) -> Option<T> {
    let uri = &at.text_document.uri;
    let text = desk.documents.text(uri)?;
    if FileKind::of(uri) != FileKind::Rules {
        return None;
    }
    let source = Source::new(uri, text);
    let environment = Environment {
        layout: &desk.layout,
        schema: desk.schema.as_ref(),
    };
    let beside = desk.documents.beside(uri);
    ask(&source, &beside, &environment, offset(text, at.position))
}

fn touches(found: Range, asked: Range) -> bool {
    let key = |it: super::messages::Position| (it.line, it.character);
    key(found.start) <= key(asked.end) && key(asked.start) <= key(found.end)
}

/// The protocol's number for the kind of an item (specification 3.17, `CompletionItemKind`).
fn item_kind(kind: ProposalKind) -> u8 {
    match kind {
        ProposalKind::Function => 3,
        ProposalKind::Field => 5,
        ProposalKind::Fact => 6,
        ProposalKind::Target => 7,
        ProposalKind::Table => 9,
        ProposalKind::Property => 10,
        ProposalKind::Choice => 12,
        ProposalKind::Keyword => 14,
    }
}
