//! `fact NAME of ENTITY … end`: ordered lines that turn free text into a closed word.

use crate::lang::ast::Fact as Item;
use crate::lang::codes::names;
use crate::plan::{Condition, Fact, FactLine};

use super::checker::{Checker, Named};
use super::record::RecordBuilder;
use super::values::Lowering;

/// Lowers the facts of one entity, in file order.
pub(super) fn facts(file: &mut Checker<'_>, record: &mut RecordBuilder, items: &[&Item]) {
    for item in items {
        let named = Named {
            name: item.name.text.clone(),
            span: item.name.span,
            used: false,
            broken: false,
            empty: None,
        };
        record.facts_ahead.push(named);
    }
    for item in items {
        let lowered = fact(file, record, item);
        let ahead = record
            .facts_ahead
            .iter()
            .position(|it| it.span == item.name.span);
        let Some(index) = ahead else { continue };
        match lowered {
            Some(fact) => {
                let mut named = record.facts_ahead.remove(index);
                named.broken = file.has_error_within(item.span) || rests_on_broken(record, &fact);
                record.fact_names.push(named);
                let lines = item.lines.iter().filter(|it| it.when.is_some());
                record.fact_lines.push(lines.map(|it| it.span).collect());
                record.facts.push(fact);
            }
            None => {
                if let Some(named) = record.facts_ahead.get_mut(index) {
                    named.broken = true;
                }
            }
        }
    }
}

/// Whether a line asks for another fact that could not be read as it was meant.
fn rests_on_broken(record: &RecordBuilder, fact: &Fact) -> bool {
    fn asks(record: &RecordBuilder, condition: &Condition) -> bool {
        match condition {
            Condition::FactIs { fact, .. } => {
                let named = record.fact_names.get(usize::from(fact.0));
                named.is_none_or(|it| it.broken)
            }
            Condition::Not(inner) => asks(record, inner),
            // What could not be read never holds, and has had its message.
            Condition::Any(parts) if parts.is_empty() => true,
            Condition::All(parts) | Condition::Any(parts) => {
                parts.iter().any(|it| asks(record, it))
            }
            Condition::Is { .. }
            | Condition::Blank(_)
            | Condition::InList { .. }
            | Condition::Compare { .. }
            | Condition::True(_) => false,
        }
    }
    fact.lines.iter().any(|it| asks(record, &it.when))
}

fn fact(file: &mut Checker<'_>, record: &mut RecordBuilder, item: &Item) -> Option<Fact> {
    let name = &item.name.text;
    if let Some(earlier) = record.fact_names.iter().find(|it| it.name == *name) {
        let span = earlier.span;
        let message = format!("the fact `{name}` is defined twice");
        let diagnostic = file.error(names::N213, item.name.span, message);
        diagnostic.labels.push((span, "the first one".to_owned()));
        diagnostic.help = Some("give one of them another name".to_owned());
        return None;
    }
    let same_field = record
        .shape
        .as_ref()
        .and_then(|it| it.find(std::slice::from_ref(name)).ok());
    if same_field.is_some() {
        let message = format!("the fact `{name}` has the name of a field of the record");
        file.error(names::N213, item.name.span, message).help =
            Some("rules could not tell the two apart; give the fact another name".to_owned());
        return None;
    }
    let mut words: Vec<String> = Vec::new();
    for line in &item.lines {
        if !words.contains(&line.word.text) {
            words.push(line.word.text.clone());
        }
    }
    let index = |word: &str| {
        let found = words.iter().position(|it| it == word).unwrap_or(0);
        u16::try_from(found).unwrap_or(u16::MAX)
    };
    let mut lines = Vec::new();
    let mut otherwise = None;
    for line in &item.lines {
        let word = index(&line.word.text);
        // Lines behind `otherwise`, and a fact without one, had their message from the parser.
        if otherwise.is_some() {
            continue;
        }
        let Some(when) = &line.when else {
            otherwise = Some(word);
            continue;
        };
        let mut lowering = Lowering { file, record };
        let when = lowering.condition(when);
        lines.push(FactLine { word, when });
    }
    let conditions: Vec<&Condition> = lines.iter().map(|it| &it.when).collect();
    Lowering { file, record }.blanks_pass(&conditions);
    let otherwise = otherwise?;
    Some(Fact {
        name: name.clone(),
        words,
        lines,
        otherwise,
    })
}
