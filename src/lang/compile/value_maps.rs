//! `values NAME … end`: value maps.

use std::collections::{BTreeMap, BTreeSet};

use crate::lang::ast::{Literal, LiteralKind, PolicyKind, ValueWord, Values, ValuesLine};
use crate::lang::codes::{losses, names, types};
use crate::lang::diagnostic::Counted;
use crate::plan::{Arm, Constant, ValueLoss, ValueMap};
use crate::text::Span;

use super::checker::{Checker, Named};
use super::kinds::some;

/// A value map and where its words stand.
#[derive(Debug)]
pub(super) struct CheckedMap {
    pub(super) plan: ValueMap,
    pub(super) head: Span,
    pub(super) word_spans: Vec<(String, Span)>,
    /// The right-hand sides.
    pub(super) result_spans: Vec<(Arm, Span)>,
    pub(super) answers_blank: bool,
    pub(super) answers_other: bool,
    /// A line could not be read; nothing is said of missing words.
    pub(super) broken: bool,
    /// Words that the values of its uses can be; `None`: any word at all.
    pub(super) met: Option<BTreeSet<String>>,
    pub(super) used_at: Option<Span>,
}

impl Checker<'_> {
    pub(super) fn value_map(&mut self, item: &Values) {
        let name = &item.name.text;
        if let Some(earlier) = self.map_names.iter().find(|it| it.name == *name) {
            let span = earlier.span;
            let message = format!("the table `{name}` is defined twice");
            let diagnostic = self.error(names::N213, item.name.span, message);
            diagnostic.labels.push((span, "the first one".to_owned()));
            diagnostic.help = Some("give one of them another name".to_owned());
            return;
        }
        self.map_names.push(Named {
            name: name.clone(),
            span: item.name.span,
            used: false,
            broken: false,
            empty: None,
        });
        let mut map = CheckedMap {
            plan: ValueMap {
                name: name.clone(),
                words: BTreeMap::new(),
                blank: Arm::Hold,
                other: Arm::Hold,
                losses: Vec::new(),
            },
            head: item.head,
            word_spans: Vec::new(),
            result_spans: Vec::new(),
            answers_blank: false,
            answers_other: false,
            broken: self.has_error_within(item.span),
            met: Some(BTreeSet::new()),
            used_at: None,
        };
        for line in &item.lines {
            self.values_line(line, &mut map);
        }
        let untold = self.merged_words(item, &map);
        map.plan.losses.extend(untold);
        self.maps.push(map);
    }

    fn values_line(&mut self, line: &ValuesLine, map: &mut CheckedMap) {
        let Some(arm) = self.arm(line) else {
            map.broken = true;
            return;
        };
        map.result_spans.push((arm.clone(), line.destination.span));
        if let Some(loses) = &line.loses {
            map.plan.losses.push(self.loss_of_words(line, &loses.value));
        }
        for word in &line.words {
            let (said, earlier) = match &word.node {
                ValueWord::Word(name) => {
                    let earlier = map.word_spans.iter().find(|(it, _)| *it == name.text);
                    (format!("`{}`", name.text), earlier.map(|(_, span)| *span))
                }
                ValueWord::Blank => ("`blank`".to_owned(), None),
                ValueWord::Other => ("`other`".to_owned(), None),
            };
            let twice = match &word.node {
                ValueWord::Word(_) => earlier.is_some(),
                ValueWord::Blank => map.answers_blank,
                ValueWord::Other => map.answers_other,
            };
            if twice {
                let message = format!("{said} stands in the table twice");
                let diagnostic = self.error(names::N213, word.span, message);
                if let Some(span) = earlier {
                    diagnostic.labels.push((span, "the first one".to_owned()));
                }
                diagnostic.help = Some("each word has one line".to_owned());
                continue;
            }
            match &word.node {
                ValueWord::Word(name) => {
                    map.word_spans.push((name.text.clone(), word.span));
                    map.plan.words.insert(name.text.clone(), arm.clone());
                }
                ValueWord::Blank => {
                    map.answers_blank = true;
                    map.plan.blank = arm.clone();
                }
                ValueWord::Other => {
                    map.answers_other = true;
                    map.plan.other = arm.clone();
                }
            }
        }
    }

    fn loss_of_words(&self, line: &ValuesLine, said: &str) -> ValueLoss {
        let mut loss = ValueLoss {
            rule_line: self.line_of(line.span),
            words: Vec::new(),
            blank: false,
            other: false,
            loses: said.to_owned(),
        };
        for word in &line.words {
            match &word.node {
                ValueWord::Word(name) => loss.words.push(name.text.clone()),
                ValueWord::Blank => loss.blank = true,
                ValueWord::Other => loss.other = true,
            }
        }
        loss
    }

    fn arm(&mut self, line: &ValuesLine) -> Option<Arm> {
        let span = line.destination.span;
        match &line.destination.kind {
            PolicyKind::Hold => Some(Arm::Hold),
            PolicyKind::Value(literal) => self.literal(literal).map(Arm::Give),
            PolicyKind::Stop | PolicyKind::BlankReport => {
                let message = "expected the destination's word, `blank` or `hold`, found a policy";
                self.error(types::T215, span, message).help = Some(
                    "a word that must not pass is answered by `= hold`; `= blank` leaves the field empty"
                        .to_owned(),
                );
                None
            }
        }
    }

    /// Two source words that become one destination word are a loss that is written down;
    /// what `blank` and `other` alone become is an answer, not a loss.
    /// Gives the losses that no line tells.
    fn merged_words(&mut self, item: &Values, map: &CheckedMap) -> Vec<ValueLoss> {
        let mut untold = Vec::new();
        let has_word = |line: &ValuesLine| {
            let mut words = line.words.iter();
            words.any(|it| matches!(it.node, ValueWord::Word(_)))
        };
        self.needless_marks(item, map);
        for (index, line) in item.lines.iter().enumerate().filter(|(_, it)| has_word(it)) {
            let Some((Arm::Give(constant), _)) = map.result_spans.get(index) else {
                continue;
            };
            if map.broken || line.loses.is_some() || *constant == Constant::Blank {
                continue;
            }
            let twins: Vec<Span> = item
                .lines
                .iter()
                .zip(&map.result_spans)
                .enumerate()
                .filter(|(other, (_, (arm, _)))| {
                    *other != index && *arm == Arm::Give(constant.clone())
                })
                .filter(|(other, (line, _))| {
                    line.loses.is_none() && *other < index && has_word(line)
                })
                .map(|(_, (line, _))| line.span)
                .collect();
            if line.words.len() < 2 && twins.is_empty() {
                continue;
            }
            let loss = self.loss_of_words(line, "which word it was");
            let rule_line = loss.rule_line;
            untold.push(loss);
            let words: Vec<String> = line.words.iter().map(|it| word_text(&it.node)).collect();
            let message = if line.words.len() > 1 {
                format!(
                    "{} become one word, which loses which of them it was",
                    some(&words)
                )
            } else {
                format!(
                    "{} becomes a word that another line gives as well",
                    some(&words)
                )
            };
            let diagnostic = self.error(losses::L701, line.span, message);
            for twin in twins {
                diagnostic
                    .labels
                    .push((twin, "the same word here".to_owned()));
            }
            diagnostic.help = Some("say what is lost at the end of the line: `loses \"…\"`".into());
            diagnostic.counted = Some(Counted::Lost { rule_line });
        }
        untold
    }

    /// A word of its own that nothing else becomes is not lost.
    fn needless_marks(&mut self, item: &Values, map: &CheckedMap) {
        if map.broken {
            return;
        }
        for (index, line) in item.lines.iter().enumerate() {
            let ([word], Some(loses)) = (line.words.as_slice(), &line.loses) else {
                continue;
            };
            let arm = map.result_spans.get(index).map(|(arm, _)| arm);
            let is_alone = map
                .result_spans
                .iter()
                .enumerate()
                .all(|(other, (it, _))| other == index || Some(it) != arm);
            let is_held = arm == Some(&Arm::Hold);
            let is_word =
                matches!(word.node, ValueWord::Word(_)) && arm != Some(&Arm::Give(Constant::Blank));
            if is_held || (is_word && is_alone) {
                let said = word_text(&word.node);
                let message = if is_held {
                    format!("`{said}` is held, so nothing of it is lost")
                } else {
                    format!("nothing else becomes what `{said}` becomes, so nothing is lost")
                };
                self.note(losses::L703, loses.span, message).help =
                    Some("leave `loses …` out".to_owned());
            }
        }
    }

    /// A literal as a constant; a list has no place in a plan.
    pub(super) fn literal(&mut self, literal: &Literal) -> Option<Constant> {
        match &literal.kind {
            LiteralKind::Text(text) | LiteralKind::Word(text) => Some(Constant::Text(text.clone())),
            LiteralKind::Number(digits) => Some(Constant::Number(digits.clone())),
            // One that is no day of the calendar had its message from the parser.
            LiteralKind::Date(digits) => digits.parse().ok().map(Constant::Date),
            LiteralKind::Boolean(yes) => Some(Constant::Boolean(*yes)),
            LiteralKind::Blank => Some(Constant::Blank),
            LiteralKind::List(_) => {
                let message = "expected one value, found a list";
                self.error(types::T214, literal.span, message).help =
                    Some("write one text, number or date".to_owned());
                None
            }
        }
    }
}

fn word_text(word: &ValueWord) -> String {
    match word {
        ValueWord::Word(name) => name.text.clone(),
        ValueWord::Blank => "blank".to_owned(),
        ValueWord::Other => "other".to_owned(),
    }
}
