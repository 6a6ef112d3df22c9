//! Makes the trace of an evaluation by the plan's own primitives, so that it can say nothing else than what the plan did.

use std::collections::BTreeSet;

use super::apply::Given;
use super::steps::is_of_the_rules;
use super::words::{Words, scalar_words};
use super::{
    CellTrace, Column, ColumnCodes, ColumnTrace, Decision, EntityPlan, Evaluation, FactId,
    FactTrace, Line, LineResult, LineTrace, LinkTrace, MapPlan, Plan, RelatedState, RowResult,
    RowTrace, Shown, Table, TableTrace, TargetPlan, Trace, WhenTrace, scalar_of,
};
use crate::model::{Fault, LinkTo, Report};

impl<'r, 'a: 'r> Evaluation<'r, 'a> {
    /// The whole way of this record.
    pub fn trace(&self) -> Trace {
        let decision = self.decide(&mut Vec::new());
        let map = self.map_taken();
        let target = map.and_then(|it| self.plan.targets.get(usize::from(it.target.0)));
        let mut trace = Trace {
            facts: self.trace_facts(),
            exclude: self.entity.exclude.as_ref().map(|it| self.table(it)),
            decide: None,
            target: target.map(|it| it.name.clone()),
            leaves_out: Vec::new(),
            lines: Vec::new(),
            links: Vec::new(),
        };
        if self.excluded().is_some() {
            trace.target = None;
            return trace;
        }
        trace.decide = self.entity.decide.as_ref().map(|it| self.table(it));
        let (Some(map), Some(target)) = (map, target) else {
            return trace;
        };
        for rule in &map.exclude {
            let mut steps = Vec::new();
            self.test_steps(&rule.when, &mut steps);
            trace.leaves_out.push(WhenTrace {
                condition: self.in_words().condition(&rule.when),
                because: rule.because.clone(),
                holds: self.holds(&rule.when).map_err(|it| it.to_string()),
                steps,
            });
        }
        if matches!(decision, Decision::Excluded(_)) {
            return trace;
        }
        let lines = map.key.iter().chain(&map.lines);
        trace.lines = lines.map(|it| self.trace_line(it, target)).collect();
        trace.links = self.trace_links(map, target);
        trace
    }

    pub(super) fn in_words(&self) -> Words<'r> {
        Words {
            plan: self.plan,
            entity: self.entity,
        }
    }

    pub(super) fn map_taken(&self) -> Option<&'r MapPlan> {
        let Some(table) = &self.entity.decide else {
            return self.entity.maps.first();
        };
        match table.decide(self) {
            Ok(RowResult::Become { target, .. }) => {
                self.entity.maps.iter().find(|it| it.target == *target)
            }
            Ok(
                RowResult::Keep | RowResult::Exclude(_) | RowResult::Hold(_) | RowResult::Stop(_),
            )
            | Err(_) => None,
        }
    }

    fn trace_facts(&self) -> Vec<FactTrace> {
        let facts = (0_u16..).zip(&self.entity.facts);
        let traced = facts.map(|(index, fact)| {
            let mut steps = Vec::new();
            let (mut held, mut tried) = (None, 0);
            for (number, line) in fact.lines.iter().enumerate() {
                tried += 1;
                self.test_steps(&line.when, &mut steps);
                match self.holds(&line.when) {
                    Ok(false) => {}
                    Ok(true) => held = Some(number),
                    Err(_) => break,
                }
                if held.is_some() {
                    break;
                }
            }
            let word = self.fact(FactId(index));
            let word = word.map(|it| fact.words.get(usize::from(it)).cloned());
            FactTrace {
                name: fact.name.clone(),
                word: word
                    .map(Option::unwrap_or_default)
                    .map_err(|it| it.to_string()),
                line: held,
                tried,
                steps,
            }
        });
        traced.collect()
    }

    fn table(&self, table: &'r Table) -> TableTrace {
        let words = self.in_words();
        let codes: Vec<Result<usize, Fault>> =
            table.columns.iter().map(|it| it.code(self)).collect();
        let columns = table.columns.iter().zip(&codes);
        let columns = columns.map(|(column, code)| ColumnTrace {
            name: column.name.clone(),
            found: match code {
                Err(fault) => Shown::Fault(fault.to_string()),
                Ok(code) => self.found(column, *code),
            },
        });
        let columns = columns.collect();
        let row_of = |row: usize, result: &RowResult| RowTrace {
            rule_line: table.rule_lines.get(row).copied().unwrap_or(0),
            result: words.result(result),
            target: words.target_of(table, row).map(str::to_owned),
            cells: table
                .columns
                .iter()
                .zip(&codes)
                .map(|(column, code)| {
                    let rows = code.as_ref().ok().and_then(|code| column.rows.get(*code));
                    CellTrace {
                        words: words.cell(column, row),
                        fits: rows.is_some_and(|it| it.has(row)),
                    }
                })
                .collect(),
        };
        let rows = table.results.iter().enumerate();
        TableTrace {
            columns,
            rows: rows.map(|(row, result)| row_of(row, result)).collect(),
            chosen: table.row(self).ok().flatten(),
            otherwise: words.result(&table.otherwise),
        }
    }

    /// What a column met: a word of its own, or the value behind `other` and behind a range.
    fn found(&self, column: &'r Column, code: usize) -> Shown {
        let word = self.in_words().code(column, code);
        let value = match &column.codes {
            ColumnCodes::Fact(_) | ColumnCodes::Boolean(_) => {
                return Shown::Word(word);
            }
            ColumnCodes::Words { value, words } if code == words.len() + 1 => value,
            ColumnCodes::Words { .. } => return Shown::Word(word),
            ColumnCodes::Ranges { value, .. } => value,
        };
        self.shown(value)
    }

    fn trace_line(&self, line: &'r Line, target: &'r TargetPlan) -> LineTrace {
        let field = target.fields.get(usize::from(line.field));
        let mut steps = Vec::new();
        self.steps(&line.value, &mut steps);
        let mut reports: Vec<Report> = Vec::new();
        let result = match self.line(line, target, &mut Vec::new(), &mut reports) {
            Given::Value(value) => {
                let kind = field.map(|it| &it.kind);
                let scalar = kind.and_then(|kind| scalar_of(&value, kind));
                LineResult::Value(match scalar {
                    None => Shown::Blank,
                    Some(scalar) if is_of_the_rules(&line.value) => {
                        Shown::Word(scalar_words(&scalar))
                    }
                    Some(scalar) => Shown::Private(scalar_words(&scalar)),
                })
            }
            // The report beside it says where the text has gone.
            Given::Attach(_) => LineResult::Value(Shown::Blank),
            Given::Hold(reason) => LineResult::Hold(reason),
            Given::Stop(reason) => LineResult::Stop(reason),
        };
        LineTrace {
            rule_line: line.rule_line,
            field: field.map_or_else(String::new, |it| it.name.clone()),
            steps,
            result,
            reports: reports.into_iter().map(|it| it.message).collect(),
        }
    }

    fn trace_links(&self, map: &'r MapPlan, target: &'r TargetPlan) -> Vec<LinkTrace> {
        let traced = map.links.iter().map(|line| {
            let field = target.fields.get(usize::from(line.field));
            let related = self.record.related.iter();
            let met = related
                // Nobody who was looked for has no name.
                .filter(|it| it.is_met_by(line) && !it.to.id.is_empty())
                .map(|it| {
                    let is_there = it.state == RelatedState::Drafted;
                    (it.to.to_string(), is_there)
                });
            let mut reports: Vec<Report> = Vec::new();
            let result = match self.link(line, target, &mut reports) {
                Ok(link) => {
                    let ends = link.into_iter().flat_map(|it| it.to);
                    let end = |it: LinkTo| {
                        let mark = if it.primary { " (primary)" } else { "" };
                        format!("{}{mark}", it.source)
                    };
                    Ok(ends.map(end).collect())
                }
                Err(Decision::Held(reason) | Decision::Stop(reason)) => Err(reason),
                Err(Decision::Draft(_) | Decision::Excluded(_) | Decision::Rejected(_)) => {
                    Ok(Vec::new())
                }
            };
            LinkTrace {
                rule_line: line.rule_line,
                field: field.map_or_else(String::new, |it| it.name.clone()),
                met: met.collect(),
                result,
                reports: reports.into_iter().map(|it| it.message).collect(),
            }
        });
        traced.collect()
    }
}

impl EntityPlan {
    /// The names of the targets that its records may become.
    pub fn targets<'p>(&self, plan: &'p Plan) -> BTreeSet<&'p str> {
        let targets = self.maps.iter();
        let named = targets.filter_map(|it| plan.targets.get(usize::from(it.target.0)));
        named.map(|it| it.name.as_str()).collect()
    }
}
