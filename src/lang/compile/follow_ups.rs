//! One cause, one message: what follows from another finding becomes a label of it. Nothing is lost by that, its
//! words stay, and what had another cause is told when the first one is mended.

use crate::lang::ast::{
    Entity, Example, ExpectKind, GivenField, Item, LiteralKind, PromiseKind, RuleFile,
};
use crate::lang::codes::{coverage, decisions, names};
use crate::lang::diagnostic::{Diagnostic, Severity};
use crate::text::Span;

use super::checker::{Checker, quoted};

/// Names that several lines use, and none of them is there.
const NAMES: [crate::lang::codes::Code; 4] = [names::N204, names::N208, names::N209, names::N211];

impl Checker<'_> {
    /// Whether an error stands where the rules of a promise are written, so that it cannot be judged yet.
    pub(super) fn is_unsettled(&self, promise: Span, rules: &RuleFile) -> bool {
        let mut promises = rules.items.iter().filter_map(|item| {
            let Item::Promise(it) = item else { return None };
            (it.span == promise).then_some(&it.kind)
        });
        let about = promises.next();
        let about = match about {
            Some(
                PromiseKind::EndsInOne { entity, .. }
                | PromiseKind::NoneEnds { entity, .. }
                | PromiseKind::NoneAppears { entity, .. },
            ) => Some(&entity.name.text),
            Some(PromiseKind::NoTwoShare { .. }) | None => None,
        };
        let elsewhere: Vec<Span> = rules
            .items
            .iter()
            .filter_map(|it| beside(it, about))
            .collect();
        self.diagnostics.iter().any(|it| {
            let is_here = it.source.name() != self.source.name()
                || !elsewhere.iter().any(|span| is_within(it.span(), *span));
            it.severity == Severity::Error && is_here
        })
    }

    /// Draws together what has one cause; called when everything has been found.
    pub(super) fn draw_together(&mut self, rules: &RuleFile) {
        self.repeated_names(rules);
        self.lines_taken_before();
        self.lost_lines(rules);
        self.failing_examples(rules);
    }

    /// A name that is wrong in several places is one mistake, here or where it is declared.
    fn repeated_names(&mut self, rules: &RuleFile) {
        let mut kept: Vec<Diagnostic> = Vec::new();
        let mut all = std::mem::take(&mut self.diagnostics);
        all.sort_by_key(Diagnostic::span);
        for diagnostic in all {
            let is_name = NAMES.contains(&diagnostic.code);
            let first = kept
                .iter_mut()
                .find(|it| is_name && is_same_name(it, &diagnostic));
            match first {
                Some(first) if first.span() == diagnostic.span() => {}
                Some(first) => first
                    .labels
                    .push((diagnostic.span(), "and here".to_owned())),
                None => kept.push(diagnostic),
            }
        }
        for it in kept.iter_mut().filter(|it| NAMES.contains(&it.code)) {
            let Some(meant) = it.fix.as_ref().map(|it| it.replacement.clone()) else {
                continue;
            };
            let places = it.labels.len();
            if it.code == names::N204 && places > 1 {
                it.help = Some(format!(
                    "did you mean `{meant}`? {places} places name it so; if they are right, correct `{meant}` in the .fields file"
                ));
            }
            if it.code == names::N211
                && let Some(line) = given_at(rules, &meant)
            {
                it.labels.push((line, format!("the fact gives `{meant}`")));
            }
        }
        self.diagnostics = kept;
    }

    /// A line of a fact that takes what several later ones ask for is the one to mend.
    fn lines_taken_before(&mut self) {
        let mut all = std::mem::take(&mut self.diagnostics);
        loop {
            let is_late = |it: &Diagnostic| it.code == decisions::D309 && it.help.is_some();
            let takers = |it: &Diagnostic| -> Vec<Span> {
                let labels = it.labels.iter().skip(1);
                let taken = labels.filter(|(_, words)| words == TAKEN);
                taken.map(|(span, _)| *span).collect()
            };
            let late: Vec<&Diagnostic> = all.iter().filter(|it| is_late(it)).collect();
            let count = |taker: &Span| late.iter().filter(|it| takers(it).contains(taker)).count();
            let spans: Vec<Span> = late.iter().flat_map(|it| takers(it)).collect();
            let Some(taker) = spans.into_iter().max_by_key(|it| (count(it), it.start)) else {
                break;
            };
            if count(&taker) < 2 {
                break;
            }
            let (followers, rest): (Vec<_>, Vec<_>) = all
                .into_iter()
                .partition(|it| is_late(it) && takers(it).contains(&taker));
            all = rest;
            all.push(self.taken(taker, &followers));
        }
        self.diagnostics = all;
    }

    fn taken(&self, taker: Span, followers: &[Diagnostic]) -> Diagnostic {
        let message = format!(
            "no record gets past this line to {} later ones",
            followers.len()
        );
        let mut diagnostic =
            Diagnostic::warning(decisions::D309, self.source, taker, message).here("this line");
        for follower in followers {
            diagnostic = diagnostic.label(follower.span(), follower.message.clone());
            let rows = follower.labels.iter().skip(1);
            for (row, words) in rows.filter(|(_, words)| words != TAKEN) {
                diagnostic = diagnostic.label(*row, words.clone());
            }
        }
        diagnostic.help(
            "lines of a fact are tried in order; correct this line, or put it behind the others",
        )
    }

    /// A table or a custom field that nobody uses, and an example that misses what it would give: a line is gone.
    fn lost_lines(&mut self, rules: &RuleFile) {
        let (missing, rest) = std::mem::take(&mut self.diagnostics)
            .into_iter()
            .partition(|it: &Diagnostic| it.code == coverage::C503);
        self.diagnostics = rest;
        for example in missing {
            let field = expected(rules, example.span());
            let lost = field.filter(|_| example.message.ends_with(UNFILLED));
            let cause = lost.and_then(|it| self.unused_for(rules, it));
            match cause.and_then(|at| self.diagnostics.get_mut(at)) {
                Some(cause) => {
                    cause.labels.push((example.span(), example.message));
                    cause.help = Some(
                        "put back the line that used it, or take it and what the example expects out"
                            .to_owned(),
                    );
                }
                None => self.diagnostics.push(example),
            }
        }
    }

    /// The message about an unused name that could have filled this field.
    fn unused_for(&self, rules: &RuleFile, field: &GivenField) -> Option<usize> {
        let gives = |span: Span| {
            rules.items.iter().any(|item| match item {
                Item::CustomField(it) => {
                    it.name.span == span && it.name.text == field.path.dotted()
                }
                Item::Values(it) => {
                    let LiteralKind::Text(wanted) = &field.value.kind else {
                        return false;
                    };
                    it.name.span == span && self.source.slice(it.span).contains(&quoted(wanted))
                }
                Item::List(_)
                | Item::Exclude(_)
                | Item::Fact(_)
                | Item::Decide(_)
                | Item::Map(_)
                | Item::EveryOther(_)
                | Item::Ignore(_)
                | Item::Limit(_)
                | Item::Merge(_)
                | Item::Example(_)
                | Item::Promise(_)
                | Item::Allow(_)
                | Item::AcceptHeld(_) => false,
            })
        };
        let mut all = self.diagnostics.iter();
        all.position(|it| it.code == names::N214 && gives(it.span()))
    }

    /// Examples fail where a fact never gives a word or a list is empty; that is said already.
    fn failing_examples(&mut self, rules: &RuleFile) {
        let (failing, rest) = std::mem::take(&mut self.diagnostics)
            .into_iter()
            .partition(|it: &Diagnostic| it.code == coverage::C503);
        self.diagnostics = rest;
        for example in failing {
            let entity = example_at(rules, example.span())
                .and_then(|it| it.given.first())
                .map(|it| it.entity.name.text.as_str());
            let is_late = |it: &&mut Diagnostic| {
                let fact = fact_entity(rules, it.span());
                it.code == decisions::D309 && fact.is_some() && fact == entity
            };
            if let Some(cause) = self.diagnostics.iter_mut().find(is_late) {
                cause.labels.push((example.span(), example.message));
                continue;
            }
            let line = self.source.place(example.span().start).line;
            let lists = &self.list_names;
            let is_empty = |it: &&mut Diagnostic| {
                let place = (it.source.name(), it.span());
                let mut empty = lists.iter().filter(|it| it.used);
                empty.any(|list| {
                    let told = list.empty.as_ref();
                    told.is_some_and(|(file, span)| (file.as_str(), *span) == place)
                })
            };
            match self.diagnostics.iter_mut().find(is_empty) {
                Some(cause) => {
                    let more = format!("line {line} fails with it: {}", example.message);
                    let help = cause.help.take();
                    cause.help = Some(help.map_or(more.clone(), |it| format!("{it}; {more}")));
                }
                None => self.diagnostics.push(example),
            }
        }
    }
}

/// What the label on an earlier line of a fact says.
pub(super) const TAKEN: &str = "taken here already";

/// How an example's message ends where no line fills the field.
pub(super) const UNFILLED: &str = "since no line fills it";

fn is_same_name(one: &Diagnostic, other: &Diagnostic) -> bool {
    if one.code != other.code || one.source.name() != other.source.name() {
        return false;
    }
    if one.code == names::N204 {
        let (one, other) = (root(&one.message), root(&other.message));
        return one.is_some() && one == other;
    }
    one.message == other.message && one.help == other.help
}

/// Whose field is missing, and the first key of its path: all below it is missing with it.
fn root(message: &str) -> Option<(&str, String)> {
    let (whose, path) = message.split_once(" has no field `")?;
    let mut keys = path.trim_end_matches('`').split('.');
    let first = keys.next()?;
    let second = keys.next().filter(|_| first == "traits");
    Some((whose, format!("{first}.{}", second.unwrap_or(""))))
}

/// The one fact line that gives a word.
fn given_at(rules: &RuleFile, word: &str) -> Option<Span> {
    let lines = facts(rules).flat_map(|it| &it.lines);
    let mut found = lines.filter(|it| it.word.text == word);
    let first = found.next()?;
    found.next().is_none().then_some(first.word.span)
}

fn facts(rules: &RuleFile) -> impl Iterator<Item = &crate::lang::ast::Fact> {
    rules.items.iter().filter_map(|item| {
        let Item::Fact(it) = item else { return None };
        Some(it)
    })
}

fn fact_entity(rules: &RuleFile, place: Span) -> Option<&str> {
    let mut all = facts(rules).filter(|it| is_within(place, it.span));
    all.next().map(|it| it.entity.name.text.as_str())
}

fn example_at(rules: &RuleFile, place: Span) -> Option<&Example> {
    rules.items.iter().find_map(|item| {
        let Item::Example(it) = item else { return None };
        is_within(place, it.span).then_some(it)
    })
}

/// The field that an example expects something in.
fn expected(rules: &RuleFile, place: Span) -> Option<&GivenField> {
    let example = example_at(rules, place)?;
    example.expect.iter().find_map(|it| match &it.kind {
        ExpectKind::Target { fields, .. } => fields.iter().find(|it| it.span == place),
        ExpectKind::Hold(_) | ExpectKind::Exclude(_) | ExpectKind::Stop(_) => None,
    })
}

/// Where an item stands that does not speak of these records.
fn beside(item: &Item, about: Option<&String>) -> Option<Span> {
    let other = |entity: &Entity| about.is_some_and(|it| *it != entity.name.text);
    let (is_beside, span) = match item {
        Item::Fact(it) => (other(&it.entity), it.span),
        Item::Exclude(it) => (other(&it.entity), it.span),
        Item::Decide(it) => (other(&it.entity), it.span),
        Item::Merge(it) => (other(&it.entity), it.span),
        Item::Map(it) => (it.entities.iter().all(other), it.span),
        Item::EveryOther(it) => (true, it.span),
        Item::Ignore(it) => (true, it.span),
        Item::Limit(it) => (true, it.span),
        Item::Example(it) => (true, it.span),
        Item::Promise(it) => (true, it.span),
        Item::Allow(it) => (true, it.span),
        Item::AcceptHeld(it) => (true, it.span),
        Item::List(it) => (false, it.span),
        Item::Values(it) => (false, it.span),
        Item::CustomField(it) => (false, it.span),
    };
    is_beside.then_some(span)
}

fn is_within(place: Span, whole: Span) -> bool {
    whole.start <= place.start && place.end <= whole.end
}
