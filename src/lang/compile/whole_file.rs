//! Items that speak of the whole file: `limit`, `accept`, `ignore`, `every other object`, `promise`, `allow`.

use crate::lang::ast::{
    AcceptHeld, Allow, EveryOther, FateKind, IgnoreEntity, LimitAbove, LimitAboveKind, LimitBlock,
    Name, OtherFate,
};
use crate::lang::codes::{self, losses, names, types};
use crate::lang::diagnostic::Counted;
use crate::lang::diagnostic::{Diagnostic, Severity};
use crate::model::Entity;
use crate::plan::{AboveLimit, Accept, Every, Ignored, Limit, LimitOrder, ObjectRule};

use super::checker::Checker;
use super::shape::entity_words;

impl Checker<'_> {
    /// `child_maps`: which entities write which child targets.
    pub(super) fn limit(
        &mut self,
        item: &LimitBlock,
        child_maps: &[(Entity, String)],
    ) -> Option<Limit> {
        let word = item.what.text.as_str();
        let target = word.strip_suffix('s').unwrap_or(word).to_owned();
        if self.blind {
            return None;
        }
        if !child_maps.iter().any(|(_, it)| *it == target) {
            let message = format!("no rule of this file writes {word}");
            let known: Vec<String> = child_maps.iter().map(|(_, it)| format!("{it}s")).collect();
            let diagnostic = self.error(names::N206, item.what.span, message);
            let known = known.iter().map(String::as_str);
            super::checker::suggest(diagnostic, item.what.span, word, known, || {
                "limit what a map writes: `limit 100 notes per record`".to_owned()
            });
            return None;
        }
        if item.per.text != "record" {
            let message = format!("a limit counts per record, found `{}`", item.per.text);
            self.error(types::T221, item.per.span, message).help =
                Some("write `per record`".to_owned());
        }
        let per_record = self.whole_number(&item.count.digits, item.count.span);
        let order = self.turns(item, child_maps, &target);
        let above = item.above.as_ref()?;
        self.rolled_up(above);
        let per_record = per_record.unwrap_or(1);
        let mut step = Every::default();
        let above = match &above.kind {
            LimitAboveKind::RollUp { title, every } => {
                step = self.step(every);
                AboveLimit::RollUp(title.value.clone())
            }
            LimitAboveKind::Fate(fate) => {
                let reason = fate.reason.value.clone();
                match fate.kind {
                    FateKind::Hold => AboveLimit::Hold(reason),
                    FateKind::Exclude => AboveLimit::Exclude(reason),
                    FateKind::Stop => AboveLimit::Stop(reason),
                }
            }
        };
        Some(Limit {
            target,
            per_record: u32::try_from(per_record).unwrap_or(u32::MAX),
            order,
            above,
            every: step,
        })
    }

    /// `a line a week`
    fn step(&mut self, every: &Name) -> Every {
        let known = Every::WORDS.iter().find(|(word, _)| *word == every.text);
        if let Some((_, step)) = known {
            return *step;
        }
        let words = Every::WORDS.map(|(word, _)| word);
        let message = format!(
            "`{}` is no stretch of time that a line stands for",
            every.text
        );
        let diagnostic = self.error(types::T221, every.span, message);
        super::checker::suggest(diagnostic, every.span, &every.text, words, || {
            format!("write `a line a month`; the steps are {}", words.join(", "))
        });
        Every::default()
    }

    /// Children that are put together lose what each of them said.
    fn rolled_up(&mut self, above: &LimitAbove) {
        match (&above.kind, &above.loses) {
            (LimitAboveKind::RollUp { .. }, None) => {
                let message =
                    "what is rolled up loses its own body and time, and the line does not say so";
                let diagnostic = self.error(losses::L702, above.span, message);
                diagnostic.help = Some(
                    "if that may be, end the line with `loses \"bodies of older items\"`"
                        .to_owned(),
                );
                let at = crate::text::Span::new(above.span.end, above.span.end);
                let clause = "  loses \"bodies of older items\"";
                *diagnostic = diagnostic.clone().fix(at, clause, "say what is lost");
                diagnostic.counted = Some(Counted::RolledUp);
            }
            (LimitAboveKind::Fate(_), Some(loses)) => {
                let message =
                    "what is held or left out is counted, not changed, so nothing is lost here";
                self.note(losses::L703, loses.span, message).help =
                    Some("leave `loses …` out".to_owned());
            }
            (LimitAboveKind::RollUp { .. }, Some(_)) | (LimitAboveKind::Fate(_), None) => {}
        }
    }

    fn turns(
        &mut self,
        item: &LimitBlock,
        child_maps: &[(Entity, String)],
        target: &str,
    ) -> Vec<LimitOrder> {
        let mut order: Vec<LimitOrder> = Vec::new();
        for turn in &item.turns {
            let Some((entity, _)) = self.entity(&turn.entity) else {
                continue;
            };
            if !child_maps
                .iter()
                .any(|(it, name)| *it == entity && name == target)
            {
                let message = format!("{entity} writes no {target}s in this file");
                self.error(types::T221, turn.span, message).help =
                    Some("leave it out until a map writes them".to_owned());
                continue;
            }
            if order.iter().any(|it| it.entity == entity) {
                let message = format!("{entity} has its turn twice");
                self.error(names::N213, turn.span, message).help =
                    Some("leave one of the two".to_owned());
                continue;
            }
            order.push(LimitOrder {
                entity,
                newest_first: !turn.oldest,
            });
        }
        order
    }

    pub(super) fn whole_number(&mut self, digits: &str, span: crate::text::Span) -> Option<u64> {
        match digits.parse::<u64>() {
            Ok(number) if number > 0 => Some(number),
            Ok(_) | Err(_) => {
                let message = format!("expected a whole number above 0, found `{digits}`");
                self.error(types::T221, span, message).help =
                    Some("count in whole records".to_owned());
                None
            }
        }
    }

    pub(super) fn accept(&mut self, item: &AcceptHeld) -> Option<Accept> {
        let (entity, _) = self.entity(&item.entity)?;
        let up_to = self.whole_number(&item.count.digits, item.count.span)?;
        Some(Accept {
            entity,
            reason: item.reason.as_ref().map(|it| it.value.clone()),
            up_to,
            because: item.because.value.clone(),
        })
    }

    /// `mapped`: the entities with a map of their own.
    pub(super) fn ignored(
        &mut self,
        item: &IgnoreEntity,
        mapped: &[(Entity, Option<String>)],
        all: &mut Vec<Ignored>,
    ) {
        for entity in &item.entities {
            let Some((kind, object_type)) = self.entity(entity) else {
                continue;
            };
            let words = entity_words(kind, object_type.as_deref());
            if mapped.contains(&(kind, object_type.clone())) {
                let message = format!("{words} has a map and is ignored as well");
                self.error(names::N213, entity.span, message).help =
                    Some("take out the map or the `ignore` line".to_owned());
                continue;
            }
            if all
                .iter()
                .any(|it| it.entity == kind && it.object_type == object_type)
            {
                let message = format!("{words} is ignored twice");
                self.error(names::N213, entity.span, message).help =
                    Some("leave one of the two".to_owned());
                continue;
            }
            all.push(Ignored {
                entity: kind,
                object_type,
                because: item.because.value.clone(),
            });
        }
    }

    pub(super) fn every_other(
        &mut self,
        item: &EveryOther,
        rule: &mut Option<ObjectRule>,
        ignored: &mut Vec<Ignored>,
    ) {
        let Some((entity, _)) = self.entity(&item.entity) else {
            return;
        };
        if entity != Entity::Object {
            let message = format!("only objects have types of their own, found {entity}");
            self.error(types::T221, item.entity.span, message).help =
                Some("write `every other object …`".to_owned());
            return;
        }
        let unnamed = ignored
            .iter()
            .any(|it| it.entity == entity && it.object_type.is_none());
        if rule.is_some() || unnamed {
            let message = "what happens to every other object is said twice";
            self.error(names::N213, item.span, message).help =
                Some("leave one of the two".to_owned());
            return;
        }
        let reason = item.reason.value.clone();
        match item.fate.node {
            OtherFate::Hold => *rule = Some(ObjectRule::Hold(reason)),
            OtherFate::Exclude => *rule = Some(ObjectRule::Exclude(reason)),
            OtherFate::Stop => *rule = Some(ObjectRule::Stop(reason)),
            OtherFate::Ignore => ignored.push(Ignored {
                entity,
                object_type: None,
                because: reason,
            }),
        }
    }

    /// Takes out the warnings and notes that the rules allow; errors stay.
    pub(super) fn allow(&mut self, items: &[&Allow]) {
        for item in items {
            let word = item.code.text.as_str();
            let Some(code) = codes::code(word) else {
                let message = format!("there is no code `{word}`");
                let span = item.code.span;
                let known = codes::CODES
                    .iter()
                    .flat_map(|it| it.iter())
                    .map(|it| it.as_str());
                let diagnostic = self.error(names::N218, span, message);
                super::checker::suggest(diagnostic, span, word, known, || {
                    "codes are a letter and three digits, as messages show them".to_owned()
                });
                continue;
            };
            let is_error = |it: &Diagnostic| it.code == code && it.severity == Severity::Error;
            if self.diagnostics.iter().any(is_error) {
                let message = format!("{code} is an error, which no rule can allow");
                self.error(names::N218, item.code.span, message).help =
                    Some("only warnings and notes can be allowed".to_owned());
                continue;
            }
            self.diagnostics.retain(|it| it.code != code);
        }
    }

    /// Names that nobody uses.
    pub(super) fn unused(&mut self) {
        let groups = [
            (&self.list_names, "list"),
            (&self.map_names, "table"),
            (&self.custom_names, "custom field"),
        ];
        let mut found = Vec::new();
        for (names, word) in groups {
            for named in names.iter().filter(|it| !it.used) {
                found.push((
                    named.span,
                    format!("the {word} `{}` is never used", named.name),
                ));
            }
        }
        for (span, message) in found {
            self.warning(names::N214, span, message).help =
                Some("use it, or take it out".to_owned());
        }
    }
}
