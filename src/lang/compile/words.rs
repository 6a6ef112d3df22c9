//! Whether the words of a value and the lines of a value map belong together.

use crate::lang::codes::{Code, names, types};
use crate::text::Span;

use super::checker::{Checker, suggest};
use super::kinds::{Kind, Typed, some};

impl Checker<'_> {
    /// Whether the words of a value and the lines of a value map belong together.
    pub(super) fn check_words(&mut self, index: usize, value: &Typed, span: Span) {
        let Some(map) = self.maps.get_mut(index) else {
            return;
        };
        let Kind::Words { words, open } = &value.kind else {
            // Open text can hold any word, and of an unknown value nothing is known.
            map.met = None;
            self.check_blank_and_other(index, value, span);
            return;
        };
        if let Some(met) = &mut map.met {
            met.extend(words.iter().cloned());
        }
        map.used_at = Some(span);
        if *open {
            self.check_blank_and_other(index, value, span);
            return;
        }
        if map.broken || map.answers_other {
            return;
        }
        let lacks = |word: &&String| !map.plan.words.contains_key(*word);
        let missing: Vec<String> = words.iter().filter(lacks).cloned().collect();
        let head = map.head;
        if !missing.is_empty() && !self.is_told(types::T219, head) {
            let message = format!("the table has no line for {}", some(&missing));
            let diagnostic = self.error(types::T219, head, message);
            diagnostic
                .labels
                .push((span, "the value can be each of them".to_owned()));
            diagnostic.help = Some("add a line for each word, or one for `other`".to_owned());
        }
    }

    /// Words of a table that none of its uses can meet; called when all uses are known.
    pub(super) fn unmet_words(&mut self) {
        let mut found: Vec<(String, Span, Span, Vec<String>)> = Vec::new();
        for map in self.maps.iter().filter(|it| !it.broken) {
            let (Some(used_at), Some(met)) = (map.used_at, &map.met) else {
                continue;
            };
            for (word, place) in map.word_spans.iter().filter(|(it, _)| !met.contains(it)) {
                found.push((word.clone(), *place, used_at, met.iter().cloned().collect()));
            }
        }
        for (word, place, used_at, met) in found {
            let message = format!("`{word}` is none of the words that `via` can meet here");
            let diagnostic = self.error(names::N211, place, message);
            let known = met.iter().map(String::as_str);
            suggest(diagnostic, place, &word, known, || {
                format!("the words are {}", some(&met))
            });
            diagnostic
                .labels
                .push((used_at, "the table is used here".to_owned()));
        }
    }

    fn check_blank_and_other(&mut self, index: usize, value: &Typed, span: Span) {
        let Some(map) = self.maps.get(index).filter(|it| !it.broken) else {
            return;
        };
        if value.is_unknown() {
            return;
        }
        let mut lacking = Vec::new();
        if !map.answers_blank {
            lacking.push("`blank`");
        }
        if !map.answers_other {
            lacking.push("`other`");
        }
        let head = map.head;
        if !lacking.is_empty() && !self.is_told(types::T212, head) {
            let message = format!("the table says nothing of {}", lacking.join(" and "));
            let diagnostic = self.error(types::T212, head, message);
            diagnostic
                .labels
                .push((span, "the value can be that here".to_owned()));
            diagnostic.help = Some(format!(
                "add `{} = …` with a word of the destination, or `= hold`",
                lacking.join(", ").replace('`', "")
            ));
        }
    }

    /// Whether this was said of this place already.
    pub(super) fn is_told(&self, code: Code, span: Span) -> bool {
        self.diagnostics
            .iter()
            .any(|it| it.code == code && it.span() == span)
    }
}
