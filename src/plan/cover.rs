//! Which points of the plan one record has reached: asked by a dry run and by examples alone, so that `apply` pays nothing.
//!
//! Called right after [`Evaluation::decide`] with what it gave: a line that gave its value up is known from its report, and
//! only records that are held are looked through for the line that holds them.

use super::points::{Clause, EntityPoints, Points, WordPoint};
use super::{
    Decision, Evaluation, Expression, Hits, Line, MapPlan, NonePolicy, RelatedState, RowResult,
    Table, UserLookupId, ValueMapId,
};
use crate::model::{Report, Value};

/// The hits of one record on its way.
struct Cover<'c> {
    points: &'c Points,
    own: &'c EntityPoints,
    reached: &'c mut Vec<usize>,
}

impl<'r, 'a: 'r> Evaluation<'r, 'a> {
    /// Adds the number of each point that this record reached to `reached`, each once; `decision` and `reports` are
    /// what [`Evaluation::decide`] has just given.
    pub fn cover(
        &self,
        points: &Points,
        decision: &Decision<'_>,
        reports: &[Report],
        reached: &mut Vec<usize>,
    ) {
        let Some(own) = points.entity(self.entity) else {
            return;
        };
        let mut cover = Cover {
            points,
            own,
            reached,
        };
        if let Some(map) = self.cover_tables(&mut cover) {
            let at = self
                .entity
                .maps
                .iter()
                .position(|it| it.target == map.target);
            if self.cover_whens(map, at.unwrap_or_default(), &mut cover) {
                let telling = own.telling.get(at.unwrap_or_default());
                self.cover_lines((map, telling), (decision, reports), &mut cover);
            }
        }
        for (fact, first) in own.facts.iter().enumerate() {
            if let Some(line) = self.line_of_fact(fact) {
                cover.add(first + line);
            }
        }
    }

    /// [`Evaluation::cover`] into a list of counts.
    pub fn count(
        &self,
        points: &Points,
        decision: &Decision<'_>,
        reports: &[Report],
        hits: &mut Hits,
    ) {
        let mut reached = Vec::new();
        self.cover(points, decision, reports, &mut reached);
        for point in reached {
            if let Some(hit) = hits.get_mut(point) {
                *hit += 1;
            }
        }
    }

    /// The map that the tables lead to, where they lead to one.
    fn cover_tables(&self, cover: &mut Cover<'_>) -> Option<&'r MapPlan> {
        if let Some(table) = &self.entity.exclude {
            match self.cover_table(table, cover.own.exclude, cover)? {
                RowResult::Keep | RowResult::Become { .. } => {}
                RowResult::Exclude(_) | RowResult::Hold(_) | RowResult::Stop(_) => return None,
            }
        }
        let Some(table) = &self.entity.decide else {
            return self.entity.maps.first();
        };
        match self.cover_table(table, cover.own.decide, cover)? {
            RowResult::Become { target, .. } => {
                self.entity.maps.iter().find(|it| it.target == *target)
            }
            RowResult::Keep | RowResult::Exclude(_) | RowResult::Hold(_) | RowResult::Stop(_) => {
                None
            }
        }
    }

    fn cover_table(
        &self,
        table: &'r Table,
        first: usize,
        cover: &mut Cover<'_>,
    ) -> Option<&'r RowResult> {
        let row = table.row(self).ok()?;
        cover.add(first + row.unwrap_or(table.results.len()));
        match row {
            Some(row) => table.results.get(row),
            None => Some(&table.otherwise),
        }
    }

    /// Whether none of them leaves the record out.
    fn cover_whens(&self, map: &'r MapPlan, at: usize, cover: &mut Cover<'_>) -> bool {
        for (number, rule) in map.exclude.iter().enumerate() {
            match self.holds(&rule.when) {
                Ok(false) => {}
                Ok(true) => {
                    let point = cover.own.when.get(at).and_then(|it| it.get(number));
                    if let Some(point) = point {
                        cover.add(*point);
                    }
                    return false;
                }
                Err(_) => return false,
            }
        }
        true
    }

    fn cover_lines(
        &self,
        (map, telling): (&'r MapPlan, Option<&Vec<bool>>),
        (decision, reports): (&Decision<'_>, &[Report]),
        cover: &mut Cover<'_>,
    ) {
        let stands = matches!(decision, Decision::Held(_) | Decision::Stop(_));
        let is_plain = !stands && reports.is_empty();
        for (number, line) in map.key.iter().chain(&map.lines).enumerate() {
            if is_plain && telling.and_then(|it| it.get(number)) == Some(&false) {
                continue;
            }
            self.cover_words(&line.value, cover);
            let is_given_up = reports.iter().any(|it| it.rule_line == line.rule_line);
            match &line.value {
                Expression::User(id) => self.cover_user(*id, line, cover),
                _ if is_given_up => cover.clause(line.rule_line, Clause::Else),
                Expression::FirstFilled(parts) => self.cover_instead(parts, line, cover),
                Expression::Slot(_)
                | Expression::Constant(_)
                | Expression::Fact(_)
                | Expression::Call { .. }
                | Expression::Concat(_)
                | Expression::Via { .. }
                | Expression::If { .. }
                | Expression::Test(_) => {}
            }
            if stands && !is_given_up && self.holds_up(map, line, cover) {
                return;
            }
        }
        for line in &map.links {
            let related = self.record.related.iter();
            let met: Vec<RelatedState> = related
                .filter(|it| it.is_met_by(line))
                .map(|it| it.state)
                .collect();
            let there = met
                .iter()
                .filter(|it| **it == RelatedState::Drafted)
                .count();
            if there > 1 {
                cover.clause(line.rule_line, Clause::Many);
            } else if there == 0 && !met.is_empty() {
                cover.clause(line.rule_line, Clause::None);
            }
        }
    }

    /// Whether a line is the one that the record waits for.
    fn holds_up(&self, map: &'r MapPlan, line: &'r Line, cover: &mut Cover<'_>) -> bool {
        let Some(target) = self.plan.targets.get(usize::from(map.target.0)) else {
            return true;
        };
        match self.line(line, target, &mut Vec::new(), &mut Vec::new()) {
            super::apply::Given::Value(value) => {
                let field = target.fields.get(usize::from(line.field));
                if value.is_blank() && field.is_some_and(|it| it.required) {
                    cover.clause(line.rule_line, Clause::None);
                }
                false
            }
            // As a file the value is there.
            super::apply::Given::Attach(_) => false,
            super::apply::Given::Hold(_) | super::apply::Given::Stop(_) => {
                if !matches!(line.value, Expression::User(_)) {
                    cover.clause(line.rule_line, Clause::Else);
                }
                true
            }
        }
    }

    fn cover_user(&self, id: UserLookupId, line: &Line, cover: &mut Cover<'_>) {
        let Some(lookup) = self.entity.user_lookups.get(usize::from(id.0)) else {
            return;
        };
        let Ok(Value::Text(wanted)) = self.value(&lookup.email) else {
            return;
        };
        let wanted = wanted.trim();
        if wanted.is_empty() || self.plan.users_unknown {
            return;
        }
        let users = self.plan.users.iter();
        let found = users
            .filter(|it| it.active && it.email.eq_ignore_ascii_case(wanted))
            .count();
        match (found, &lookup.none) {
            (
                0,
                NonePolicy::Hold
                | NonePolicy::BlankReport
                | NonePolicy::Value(_)
                | NonePolicy::Stop,
            ) => cover.clause(line.rule_line, Clause::None),
            (1, _) => {}
            (_, _) => cover.clause(line.rule_line, Clause::Many),
        }
    }

    /// `none "…"` behind a plain value stands as the last choice.
    fn cover_instead(&self, parts: &'r [Expression], line: &Line, cover: &mut Cover<'_>) {
        let Some((Expression::Constant(_), before)) = parts.split_last() else {
            return;
        };
        let is_blank = |it: &'r Expression| matches!(self.value(it), Ok(value) if value.is_blank());
        if before.iter().all(is_blank) {
            cover.clause(line.rule_line, Clause::None);
        }
    }

    /// Goes the way that the value goes, and notes the words of the value maps on it.
    fn cover_words(&self, expression: &'r Expression, cover: &mut Cover<'_>) {
        match expression {
            Expression::Slot(_)
            | Expression::Constant(_)
            | Expression::Fact(_)
            | Expression::Test(_)
            | Expression::User(_) => {}
            Expression::Call {
                arguments: parts, ..
            }
            | Expression::Concat(parts) => {
                for part in parts {
                    self.cover_words(part, cover);
                }
            }
            Expression::FirstFilled(parts) => {
                for part in parts {
                    self.cover_words(part, cover);
                    if part.has_words() && !matches!(self.value(part), Ok(it) if it.is_blank()) {
                        return;
                    }
                }
            }
            Expression::Via { value, map } => {
                self.cover_words(value, cover);
                let Ok(found) = self.value(value) else { return };
                let word = super::evaluate::word_of(&found);
                let map_at = usize::from(map.0);
                let known = self.plan.values.get(map_at);
                let word = if found.is_blank() {
                    WordPoint::Blank
                } else if known.is_some_and(|it| it.words.contains_key(&*word)) {
                    WordPoint::Word(&word)
                } else {
                    WordPoint::Other
                };
                if let Some(point) = cover.points.word(map_at, word) {
                    cover.add(point);
                }
            }
            Expression::If {
                when,
                then,
                otherwise,
            } => {
                let has_words = then.has_words() || otherwise.has_words();
                if let (true, Ok(holds)) = (has_words, self.holds(when)) {
                    self.cover_words(if holds { then } else { otherwise }, cover);
                }
            }
        }
    }

    /// The line that gave a fact's word, where the record was asked for it.
    fn line_of_fact(&self, at: usize) -> Option<usize> {
        let word = self.record.facts.get(at)?.get();
        let fact = self.entity.facts.get(at)?;
        if word == u16::MAX {
            return None;
        }
        let mut giving = (0..).zip(&fact.lines).filter(|(_, it)| it.word == word);
        let first = giving.next().map(|(line, _)| line);
        let is_alone = giving.next().is_none() && (first.is_none() || fact.otherwise != word);
        if is_alone {
            return Some(first.unwrap_or(fact.lines.len()));
        }
        let holding = fact
            .lines
            .iter()
            .position(|line| matches!(self.holds(&line.when), Ok(true)));
        Some(holding.unwrap_or(fact.lines.len()))
    }
}

impl Cover<'_> {
    /// A record that comes by twice has reached a point once.
    fn add(&mut self, point: usize) {
        if !self.reached.contains(&point) {
            self.reached.push(point);
        }
    }

    fn clause(&mut self, rule_line: u32, clause: Clause) {
        if let Some(point) = self.own.clauses.get(&(rule_line, clause)) {
            self.add(*point);
        }
    }
}

impl Expression {
    /// Whether a value map has a part in it.
    pub(super) fn has_words(&self) -> bool {
        self.has_via(&|_| true)
    }

    /// Whether this value map has a part in it.
    pub(super) fn goes_by(&self, map: ValueMapId) -> bool {
        self.has_via(&|it| it == map)
    }

    /// Whether it goes by a value map of which `is_it` holds.
    pub(crate) fn has_via(&self, is_it: &dyn Fn(ValueMapId) -> bool) -> bool {
        match self {
            Expression::Via { value, map } => is_it(*map) || value.has_via(is_it),
            Expression::Call {
                arguments: parts, ..
            }
            | Expression::Concat(parts)
            | Expression::FirstFilled(parts) => parts.iter().any(|it| it.has_via(is_it)),
            Expression::If {
                then, otherwise, ..
            } => then.has_via(is_it) || otherwise.has_via(is_it),
            Expression::Slot(_)
            | Expression::Constant(_)
            | Expression::Fact(_)
            | Expression::Test(_)
            | Expression::User(_) => false,
        }
    }
}
