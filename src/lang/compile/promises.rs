//! `promise …`: properties of the whole file, proven from its tables where they can be.

use crate::lang::ast::{Literal, LiteralKind, Path, Promise, PromiseKind, RuleFile, Target};
use crate::lang::codes::{names, promises};
use crate::model::Entity;
use crate::plan::{
    Arm, Column, ColumnCodes, Consent, Constant, EntityPlan, Expression, FactId, RowResult, Table,
};
use crate::text::Span;

use super::checker::{Checker, a, suggest};
use super::environment::{CheckedPromise, Verdict};
use super::kinds::Kind;
use super::maps::MapDraft;
use super::proof::{Search, search};
use super::signs::SIGNS;
use super::values::Lowering;

/// The forms that a promise can have.
const FORMS: &str = "promises are `every person ends in exactly one of …`, `no two records share key`, `no opted-out person ends subscribed` and `no person with FIELD VALUE appears anywhere`";

/// What an entity's rules came to, as far as promises ask.
pub(super) struct Ruled<'r> {
    pub(super) exclude: Option<&'r Table>,
    pub(super) decide: Option<&'r Table>,
    pub(super) drafts: &'r [MapDraft],
    pub(super) consent: Option<&'r Consent>,
}

impl Lowering<'_, '_> {
    /// Proves the promises about this entity, or says why they are not shown.
    pub(super) fn promises(&mut self, items: &[&Promise], ruled: &Ruled<'_>) {
        for item in items {
            let verdict = match &item.kind {
                PromiseKind::EndsInOne { ends, .. } => self.ends_in_one(ends, ruled),
                PromiseKind::NoneEnds { state, end, .. } => {
                    self.none_ends(&state.text, &end.text, item.span, ruled)
                }
                PromiseKind::NoneAppears { path, value, .. } => {
                    self.none_appears(path, value, ruled)
                }
                PromiseKind::NoTwoShare { .. } => None,
            };
            if let Some(verdict) = verdict {
                let about = matches!(item.kind, PromiseKind::NoneAppears { .. });
                let about = about.then_some(self.record.entity);
                self.file.keep_promise(item.span, verdict, about);
            }
        }
    }

    fn ends_in_one(&mut self, ends: &[Target], ruled: &Ruled<'_>) -> Option<Verdict> {
        let known: Vec<String> = ruled
            .drafts
            .iter()
            .map(|it| it.target.name.clone())
            .chain(["hold", "exclude", "merge"].map(str::to_owned))
            .collect();
        for end in ends {
            let name = &end.name;
            if known.contains(&name.text) || self.file.blind {
                continue;
            }
            let entity = a(self.record.entity.word());
            let message = format!("{entity} never ends as `{}` by these rules", name.text);
            let diagnostic = self.file.error(names::N206, name.span, message);
            let words = known.iter().map(String::as_str);
            suggest(diagnostic, name.span, &name.text, words, || {
                format!("it ends in {}", known.join(", "))
            });
            return None;
        }
        let mut possible: Vec<String> = Vec::new();
        let results = [ruled.exclude, ruled.decide].into_iter().flatten();
        for result in results.flat_map(|it| it.results.iter().chain([&it.otherwise])) {
            possible.extend(match result {
                RowResult::Become { target, .. } => ruled
                    .drafts
                    .iter()
                    .find(|it| it.id == *target)
                    .map(|it| it.target.name.clone()),
                RowResult::Exclude(_) => Some("exclude".to_owned()),
                RowResult::Hold(_) => Some("hold".to_owned()),
                RowResult::Keep | RowResult::Stop(_) => None,
            });
        }
        if ruled.decide.is_none() {
            possible.extend(ruled.drafts.iter().map(|it| it.target.name.clone()));
        }
        if ruled.drafts.iter().any(|it| !it.plan.exclude.is_empty()) {
            possible.push("exclude".to_owned());
        }
        // Two different records with one id wait, whatever the rules say.
        possible.push("hold".to_owned());
        let missing = possible
            .iter()
            .find(|it| !ends.iter().any(|end| end.name.text == **it));
        Some(match missing {
            None => Verdict::Proven,
            Some(missing) => Verdict::NotShown {
                why: format!(
                    "{} can also end as `{missing}`, which it does not name",
                    a(self.record.entity.word())
                ),
                record: None,
            },
        })
    }

    fn none_ends(
        &mut self,
        state: &str,
        end: &str,
        span: Span,
        ruled: &Ruled<'_>,
    ) -> Option<Verdict> {
        let consent = ruled.consent;
        let weakest = consent.and_then(|it| it.strictness.last());
        let is_known = matches!(state, "opted-out" | "opted_out");
        // `subscribed` is the promise's own word; a destination with a yes and a no has none for it.
        let is_end = end.eq_ignore_ascii_case("subscribed")
            || weakest.is_none_or(|it| it.eq_ignore_ascii_case(end));
        if !is_known || !is_end {
            let message = if is_known {
                format!("`{end}` is not what the destination calls somebody who may be written to")
            } else {
                format!(
                    "`{state}` is nothing that can be promised of {}",
                    self.record.entity
                )
            };
            self.file.error(promises::P602, span, message).help = Some(FORMS.to_owned());
            return None;
        }
        let not_shown = |why: String| Some(Verdict::NotShown { why, record: None });
        let (Some(consent), Some(weakest)) = (consent, weakest) else {
            return not_shown("no map of these records says who may be written to".to_owned());
        };
        let Some((fact, words)) = self.consent_words(&consent.value) else {
            return not_shown(format!(
                "`{}` is not told by a fact through a `values` table, so its cases cannot be listed",
                consent.field
            ));
        };
        let weak: Vec<bool> = words
            .iter()
            .map(|it| it.as_ref() == Some(weakest))
            .collect();
        let mut columns = vec![column("consent", ColumnCodes::Fact(fact))];
        let mut signs: Vec<Vec<usize>> = Vec::new();
        for (name, counts) in SIGNS {
            let Some(value) = self.sign(name) else {
                return not_shown(format!("no rule reads `{name}`, which is a sign of it"));
            };
            if counts.is_empty() {
                columns.push(column(name, ColumnCodes::Boolean(value)));
                signs.push(vec![1]);
            } else {
                let words = counts.iter().map(|it| (*it).to_owned()).collect();
                columns.push(column(name, ColumnCodes::Words { value, words }));
                signs.push((0..counts.len()).collect());
            }
        }
        let breaks = |codes: &[usize], _: bool| {
            let Some((word, found)) = codes.split_first() else {
                return false;
            };
            let is_opted_out = found.iter().zip(&signs).any(|(code, it)| it.contains(code));
            is_opted_out && weak.get(*word).copied().unwrap_or(false)
        };
        let searched = search(self, columns, &breaks);
        let why = format!("somebody who opted out can end as `{weakest}`");
        Some(verdict(searched, &why))
    }

    /// The fact that tells consent, and the destination's word for each of its words; none: held.
    fn consent_words(&self, value: &Expression) -> Option<(FactId, Vec<Option<String>>)> {
        let (fact, map) = match value {
            Expression::Fact(fact) => (*fact, None),
            Expression::Via { value, map } => match &**value {
                Expression::Fact(fact) => (*fact, self.file.maps.get(usize::from(map.0))),
                Expression::Slot(_)
                | Expression::Constant(_)
                | Expression::Call { .. }
                | Expression::Concat(_)
                | Expression::FirstFilled(_)
                | Expression::Via { .. }
                | Expression::If { .. }
                | Expression::Test(_)
                | Expression::User(_) => return None,
            },
            Expression::Slot(_)
            | Expression::Constant(_)
            | Expression::Call { .. }
            | Expression::Concat(_)
            | Expression::FirstFilled(_)
            | Expression::If { .. }
            | Expression::Test(_)
            | Expression::User(_) => return None,
        };
        let found = self.record.facts.get(usize::from(fact.0))?;
        let words = found.words.iter().map(|word| match map {
            None => Some(word.clone()),
            Some(map) => match map.plan.words.get(word).unwrap_or(&map.plan.other) {
                Arm::Give(Constant::Text(text)) => Some(text.clone()),
                Arm::Give(
                    Constant::Blank
                    | Constant::Number(_)
                    | Constant::Boolean(_)
                    | Constant::Date(_)
                    | Constant::Time(_),
                )
                | Arm::Hold => None,
            },
        });
        Some((fact, words.collect()))
    }

    /// A sign that some rule reads.
    fn sign(&self, name: &str) -> Option<Expression> {
        let index = self.record.slots.iter().position(|it| it.name == name)?;
        let index = u16::try_from(index).ok()?;
        Some(Expression::Slot(crate::plan::SlotId(index)))
    }

    fn none_appears(
        &mut self,
        path: &Path,
        literal: &Literal,
        ruled: &Ruled<'_>,
    ) -> Option<Verdict> {
        let value = self.path(path);
        if value.is_unknown() {
            return None;
        }
        let name = path.dotted();
        let (codes, wanted) = match (&value.expression, &value.kind, &literal.kind) {
            (_, Kind::Boolean, LiteralKind::Boolean(yes)) => (
                ColumnCodes::Boolean(value.expression.clone()),
                usize::from(*yes),
            ),
            (
                expression,
                Kind::Words { words, .. },
                LiteralKind::Text(word) | LiteralKind::Word(word),
            ) => {
                let Some(wanted) = words.iter().position(|it| it == word) else {
                    let message = format!("`{name}` is never `{word}`");
                    let diagnostic = self.file.error(names::N211, literal.span, message);
                    let known = words.iter().map(String::as_str);
                    suggest(diagnostic, literal.span, word, known, || {
                        format!("its words are {}", words.join(", "))
                    });
                    return None;
                };
                let codes = if let Expression::Fact(fact) = expression {
                    ColumnCodes::Fact(*fact)
                } else {
                    ColumnCodes::Words {
                        value: expression.clone(),
                        words: words.clone(),
                    }
                };
                (codes, wanted)
            }
            (_, kind, _) => {
                let written = self.file.source.slice(literal.span).trim();
                let message = format!("`{name}` is {kind}, found `{written}`");
                self.file.error(promises::P602, literal.span, message).help = Some(
                    "promise it of a field that is yes or no, of a `one of` field, or of a fact"
                        .to_owned(),
                );
                return None;
            }
        };
        let asked = column(&name, codes);
        let by_exclude = self.search_tables(&asked, wanted, ruled.exclude, None);
        if matches!(by_exclude, Search::Nothing) || ruled.decide.is_none() {
            return Some(verdict(
                by_exclude,
                "some of these records are excluded by no row",
            ));
        }
        let by_both = self.search_tables(&asked, wanted, ruled.exclude, ruled.decide);
        if matches!(by_both, Search::Nothing) && self.record.merge_by.is_some() {
            return Some(Verdict::NotShown {
                why: "only the `decide` table excludes them, and the `merge` runs before it: their values could go into another record"
                    .to_owned(),
                record: None,
            });
        }
        Some(verdict(
            by_both,
            "some of these records are excluded by no row",
        ))
    }

    /// Whether some record with the wanted value is not excluded by these tables.
    fn search_tables(
        &self,
        asked: &Column,
        wanted: usize,
        exclude: Option<&Table>,
        decide: Option<&Table>,
    ) -> Search {
        let mut columns = vec![asked.clone()];
        let tables: Vec<&Table> = [exclude, decide].into_iter().flatten().collect();
        columns.extend(tables.iter().flat_map(|it| it.columns.iter().cloned()));
        let breaks = |codes: &[usize], is_expected: bool| {
            let Some((first, mut left)) = codes.split_first() else {
                return false;
            };
            *first == wanted
                && !tables.iter().any(|table| {
                    let (own, rest) = left.split_at(table.columns.len().min(left.len()));
                    left = rest;
                    match result_of(table, own) {
                        RowResult::Exclude(_) => true,
                        // A record that lacks what it is declared to have waits, and is not written.
                        RowResult::Hold(_) | RowResult::Stop(_) => !is_expected,
                        RowResult::Keep | RowResult::Become { .. } => false,
                    }
                })
        };
        search(self, columns, &breaks)
    }
}

impl Checker<'_> {
    /// Keeps a verdict for the page of `check`; what is not shown is said here as well.
    pub(super) fn keep_promise(&mut self, span: Span, verdict: Verdict, about: Option<Entity>) {
        let text = self.source.slice(span).trim().to_owned();
        let text = text.strip_prefix("promise").unwrap_or(&text).trim();
        self.gathered.promises.push((
            CheckedPromise {
                rule_line: self.line_of(span),
                text: text.to_owned(),
                span,
                verdict,
            },
            about,
        ));
    }

    /// A promise about records that no rule speaks of, or about keys.
    pub(super) fn promise(&mut self, item: &Promise, ruled: &[(Entity, Option<String>)]) {
        match &item.kind {
            PromiseKind::NoTwoShare { what } => self.no_two_share(&what.text, item.span),
            PromiseKind::EndsInOne { entity, .. }
            | PromiseKind::NoneEnds { entity, .. }
            | PromiseKind::NoneAppears { entity, .. } => {
                let Some(found) = self.entity(entity) else {
                    return;
                };
                if !ruled.contains(&found) {
                    let why = format!("no rule of this file maps {}", entity.name.text);
                    self.keep_promise(item.span, Verdict::NotShown { why, record: None }, None);
                }
            }
        }
    }

    fn no_two_share(&mut self, what: &str, span: Span) {
        if what != "key" {
            let message = format!("`{what}` is nothing that can be promised of two records");
            self.error(promises::P602, span, message).help = Some(FORMS.to_owned());
            return;
        }
        let keys = &self.gathered.keys;
        let verdict = if keys.is_empty() {
            let why = "no map of this file has a key".to_owned();
            Verdict::NotShown { why, record: None }
        } else if keys.iter().all(|it| it.is_by_id) {
            Verdict::Proven
        } else {
            Verdict::ByKeys
        };
        self.keep_promise(span, verdict, None);
    }

    /// Settles the promises against the whole plan and says what is not shown.
    pub(super) fn settle_promises(
        &mut self,
        entities: &[EntityPlan],
        rules: &RuleFile,
    ) -> Vec<CheckedPromise> {
        let mut settled = Vec::new();
        for (mut promise, about) in std::mem::take(&mut self.gathered.promises) {
            // What a person did and that follows no person is not left out with one. Segments,
            // campaigns and objects name nobody: members and links follow their person.
            let loose = entities.iter().find(|it| {
                let is_loose = it.entity.is_about_a_person() && it.parent.is_none();
                about.is_some() && Some(it.entity) != about && is_loose && !it.maps.is_empty()
            });
            if let (Some(loose), Verdict::Proven) = (loose, &promise.verdict) {
                promise.verdict = Verdict::NotShown {
                    why: format!(
                        "the map of {} is not `on` them, so it is not left out with them",
                        loose.entity
                    ),
                    record: None,
                };
            }
            if let Verdict::NotShown { why, record } = &promise.verdict {
                if self.is_unsettled(promise.span, rules) {
                    settled.push(promise);
                    continue;
                }
                let message = format!("this promise is not shown: {why}");
                let help = match record {
                    Some(record) => format!(
                        "for example {record}; mend the rule that lets it through, or take the promise out"
                    ),
                    None => "mend the rules so that it follows from them, or take the promise out"
                        .to_owned(),
                };
                self.warning(promises::P601, promise.span, message).help = Some(help);
            }
            settled.push(promise);
        }
        settled.sort_by_key(|it| it.rule_line);
        settled
    }
}

fn verdict(search: Search, why: &str) -> Verdict {
    match search {
        Search::Nothing => Verdict::Proven,
        Search::Broken(record) => Verdict::NotShown {
            why: why.to_owned(),
            record,
        },
        Search::TooLarge => Verdict::NotShown {
            why: "its tables have more combinations than can be listed".to_owned(),
            record: None,
        },
    }
}

fn column(name: &str, codes: ColumnCodes) -> Column {
    Column {
        name: name.to_owned(),
        codes,
        rows: Vec::new(),
    }
}

/// What the table makes of a combination of its columns' codes.
fn result_of<'t>(table: &'t Table, codes: &[usize]) -> &'t RowResult {
    let fits = |row: &usize| {
        let mut pairs = table.columns.iter().zip(codes);
        pairs.all(|(column, code)| column.rows.get(*code).is_some_and(|it| it.has(*row)))
    };
    let row = (0..table.results.len()).find(fits);
    row.and_then(|row| table.results.get(row))
        .unwrap_or(&table.otherwise)
}
