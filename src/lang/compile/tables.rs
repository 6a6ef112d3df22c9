//! `exclude` and `decide`: cells become bit sets of rows, and the table is proven.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::lang::ast::{
    Becomes, Bound, Cell, CellTerm, CellTermKind, DecideTable, ExcludeTable, Fate, FateKind, Path,
    Then,
};
use crate::lang::codes::{names, types};
use crate::plan::{Column, ColumnCodes, Cut, Expression, RowMask, RowResult, Table, TargetId};
use crate::text::Span;

use super::kinds::{Kind, Typed, some};
use super::proof::{ProofColumn, ProofTable};
use super::values::Lowering;

/// One column before its cells are read.
struct Draft {
    name: String,
    span: Span,
    value: Typed,
    codes: ColumnCodes,
    /// For ranges: the field counts whole numbers only.
    whole: bool,
}

/// A lowered `decide` table and the targets that its rows name.
pub(super) struct Decided {
    pub(super) table: Table,
    pub(super) targets: Vec<(TargetId, Span)>,
}

impl Lowering<'_, '_> {
    pub(super) fn exclude_table(&mut self, item: &ExcludeTable) -> Option<Table> {
        let rows: Vec<(&[Cell], Span)> = item
            .rows
            .iter()
            .map(|it| (it.cells.as_slice(), it.span))
            .collect();
        let results = item
            .rows
            .iter()
            .map(|row| {
                let because = row
                    .because
                    .as_ref()
                    .map_or_else(String::new, |it| it.value.clone());
                match row.then.node {
                    Then::Keep => RowResult::Keep,
                    Then::Exclude => RowResult::Exclude(because),
                    Then::Hold => RowResult::Hold(because),
                }
            })
            .collect();
        let otherwise = RowResult::Hold("no row of the exclude table fits".to_owned());
        let mut lowered = self.rows(&item.columns, &rows, item.head);
        lowered.0.hold = "hold | \"…\"";
        self.finish(lowered, results, otherwise, false, item.span)
    }

    pub(super) fn decide_table(
        &mut self,
        item: &DecideTable,
        mapped: &[String],
    ) -> Option<Decided> {
        let rows: Vec<(&[Cell], Span)> = item
            .rows
            .iter()
            .map(|it| (it.cells.as_slice(), it.span))
            .collect();
        let lowered = self.rows(&item.columns, &rows, item.head);
        let mut targets = Vec::new();
        let results: Vec<Option<RowResult>> = item
            .rows
            .iter()
            .map(|row| self.becomes(&row.becomes, mapped, &mut targets))
            .collect();
        let otherwise = item.otherwise.as_ref().map(fate);
        let says_otherwise = otherwise.is_some();
        let otherwise =
            otherwise.unwrap_or_else(|| RowResult::Stop("no row of the table fits".to_owned()));
        let results: Option<Vec<RowResult>> = results.into_iter().collect();
        let broken = results.is_none();
        let results = results.unwrap_or_else(|| vec![RowResult::Keep; item.rows.len()]);
        let table = self.finish(lowered, results, otherwise, says_otherwise, item.span)?;
        (!broken).then_some(Decided { table, targets })
    }

    fn becomes(
        &mut self,
        becomes: &Becomes,
        mapped: &[String],
        targets: &mut Vec<(TargetId, Span)>,
    ) -> Option<RowResult> {
        let (target, queue, span) = match becomes {
            Becomes::Fate(fate) => return Some(self::fate(fate)),
            Becomes::Target {
                target,
                queue,
                span,
                ..
            } => (target, queue, *span),
        };
        let found = self.file.target(target)?;
        if !mapped.contains(&found.name) {
            // A table without any map has one message for all of it.
            if !mapped.is_empty() && !self.file.is_told(names::N223, target.span) {
                let entity = self.record.entity;
                let message = format!(
                    "no map says how {} becomes {}",
                    super::checker::a(entity.word()),
                    super::checker::a(&found.name)
                );
                self.file.error(names::N223, target.span, message).help =
                    Some(format!("write `map {entity} to {} … end`", found.name));
            }
            return None;
        }
        let id = self.file.targets.add(&found);
        targets.push((id, span));
        Some(RowResult::Become {
            target: id,
            queue: queue.as_ref().map(|it| it.value.clone()),
        })
    }

    fn rows(
        &mut self,
        columns: &[Path],
        rows: &[(&[Cell], Span)],
        head: Span,
    ) -> (ProofTable, bool) {
        let mut broken = false;
        let mut proof = ProofTable {
            columns: Vec::new(),
            rows: rows.iter().map(|(_, span)| *span).collect(),
            cells: rows
                .iter()
                .map(|(cells, _)| cells.iter().map(|it| it.span).collect())
                .collect(),
            head,
            says_otherwise: false,
            hold: "hold \"…\"",
        };
        for (index, path) in columns.iter().enumerate() {
            let cells: Vec<&Cell> = rows
                .iter()
                .filter_map(|(cells, _)| cells.get(index))
                .collect();
            let Some(draft) = self.column(path, &cells) else {
                broken = true;
                continue;
            };
            let twice = proof.columns.iter().find(|it| it.column.name == draft.name);
            if let Some(first) = twice.map(|it| it.span) {
                let message = format!("the column `{}` stands here twice", draft.name);
                let diagnostic = self.file.error(names::N213, draft.span, message);
                diagnostic.labels.push((first, "the first one".to_owned()));
                diagnostic.help = Some("leave one of the two".to_owned());
                broken = true;
                continue;
            }
            let codes = code_count(&draft);
            let mut masks = vec![RowMask::none(rows.len()); codes];
            for (row, cell) in cells.iter().enumerate() {
                match self.cell(cell, &draft) {
                    Some(fitting) => {
                        for code in fitting {
                            if let Some(mask) = masks.get_mut(code) {
                                mask.add(row);
                            }
                        }
                    }
                    None => broken = true,
                }
            }
            proof.columns.push(ProofColumn {
                column: Column {
                    name: draft.name,
                    codes: draft.codes,
                    rows: masks,
                },
                span: draft.span,
                whole: draft.whole,
            });
        }
        (proof, broken)
    }

    fn finish(
        &mut self,
        (mut proof, broken): (ProofTable, bool),
        results: Vec<RowResult>,
        otherwise: RowResult,
        says_otherwise: bool,
        span: Span,
    ) -> Option<Table> {
        // A row that could not be read would look like a gap.
        if broken || self.file.has_error_within(span) {
            return None;
        }
        proof.says_otherwise = says_otherwise;
        let rule_lines = proof.rows.iter().map(|it| self.line_of(*it)).collect();
        let table = Table {
            columns: proof.columns.iter().map(|it| it.column.clone()).collect(),
            results,
            rule_lines,
            otherwise,
        };
        super::proof::prove(self, &proof, &table);
        Some(table)
    }

    fn column(&mut self, path: &Path, cells: &[&Cell]) -> Option<Draft> {
        let value = self.path(path);
        let name = path.dotted();
        let whole = value.kind == Kind::Integer;
        let codes = match (&value.expression, &value.kind) {
            (_, Kind::Unknown) => return None,
            (Expression::Fact(fact), _) => ColumnCodes::Fact(*fact),
            (_, Kind::Words { words, .. }) => ColumnCodes::Words {
                value: value.expression.clone(),
                words: words.clone(),
            },
            (_, Kind::Boolean) => ColumnCodes::Boolean(value.expression.clone()),
            (_, Kind::Integer | Kind::Decimal | Kind::Date | Kind::Time) => ColumnCodes::Ranges {
                value: value.expression.clone(),
                cuts: self.cuts(cells, &value.kind)?,
            },
            (_, Kind::Text | Kind::Blank | Kind::List | Kind::Object | Kind::Json | Kind::User) => {
                let message = format!(
                    "a column is a closed choice, but `{name}` is {}",
                    value.kind
                );
                self.file.error(types::T217, path.span, message).help = Some(
                    "turn it into a closed word with a `fact`, or declare it `one of …` in the .fields file"
                        .to_owned(),
                );
                return None;
            }
        };
        Some(Draft {
            name,
            span: path.span,
            value,
            codes,
            whole,
        })
    }

    /// The constants of a column in order, each once.
    fn cuts(&mut self, cells: &[&Cell], kind: &Kind) -> Option<Vec<Cut>> {
        let mut cuts: Vec<Cut> = Vec::new();
        let mut fine = true;
        for term in cells.iter().flat_map(|it| &it.terms) {
            for bound in bounds(&term.kind) {
                match cut(bound, kind) {
                    Some(cut) => cuts.push(cut),
                    None => {
                        fine = false;
                        self.misfit(term, kind);
                    }
                }
            }
        }
        cuts.sort_by(order_cuts);
        cuts.dedup_by(|left, right| order_cuts(left, right).is_eq());
        fine.then_some(cuts)
    }

    fn misfit(&mut self, term: &CellTerm, kind: &Kind) {
        let written = self.file.source.slice(term.span).trim().to_owned();
        let message = format!("`{written}` does not fit this column, which holds {kind}");
        let help = match kind {
            Kind::Words { words, .. } => format!("the words are {}", some(words)),
            Kind::Boolean => "write `yes`, `no`, `blank` or `any`".to_owned(),
            Kind::Integer | Kind::Decimal => {
                "write `< 10`, `10 to 50`, `> 50`, `blank` or `any`".to_owned()
            }
            Kind::Unknown
            | Kind::Blank
            | Kind::Text
            | Kind::Time
            | Kind::Date
            | Kind::List
            | Kind::Object
            | Kind::Json
            | Kind::User => {
                "write `< 2024-01-01`, `2024-01-01 to 2024-12-31`, `blank` or `any`".to_owned()
            }
        };
        self.file.error(types::T218, term.span, message).help = Some(help);
    }

    /// The codes that a cell fits; `None` where it could not be read.
    fn cell(&mut self, cell: &Cell, draft: &Draft) -> Option<Vec<usize>> {
        let mut codes = Vec::new();
        let mut fine = true;
        for term in &cell.terms {
            match self.term(term, draft) {
                Some(more) => codes.extend(more),
                None => fine = false,
            }
        }
        codes.sort_unstable();
        codes.dedup();
        fine.then_some(codes)
    }

    fn term(&mut self, term: &CellTerm, draft: &Draft) -> Option<Vec<usize>> {
        match &draft.codes {
            ColumnCodes::Fact(_) | ColumnCodes::Words { .. } => self.word_term(term, draft),
            ColumnCodes::Boolean(_) => match &term.kind {
                CellTermKind::No => Some(vec![0]),
                CellTermKind::Yes => Some(vec![1]),
                CellTermKind::Blank => Some(vec![2]),
                CellTermKind::Any => Some(vec![0, 1, 2]),
                CellTermKind::AnyExcept { .. }
                | CellTermKind::Other
                | CellTermKind::Word(_)
                | CellTermKind::Exactly(_)
                | CellTermKind::Below(_)
                | CellTermKind::UpTo(_)
                | CellTermKind::Above(_)
                | CellTermKind::From(_)
                | CellTermKind::Between(..) => {
                    self.misfit(term, &draft.value.kind);
                    None
                }
            },
            ColumnCodes::Ranges { cuts, .. } => {
                let codes = range_codes(&term.kind, cuts, &draft.value.kind);
                if codes.is_none() {
                    self.misfit(term, &draft.value.kind);
                }
                codes
            }
        }
    }

    fn word_term(&mut self, term: &CellTerm, draft: &Draft) -> Option<Vec<usize>> {
        let Kind::Words { words, .. } = draft.value.kind.clone() else {
            return None;
        };
        let is_fact = matches!(draft.codes, ColumnCodes::Fact(_));
        let blank = words.len();
        let all = if is_fact { blank } else { blank + 1 };
        match &term.kind {
            CellTermKind::Any => Some((0..all).collect()),
            CellTermKind::Blank if !is_fact => Some(vec![blank]),
            CellTermKind::Other if !is_fact => Some(vec![blank + 1]),
            CellTermKind::Word(word) => {
                if !self.known_word(word, &words) {
                    return None;
                }
                Some(
                    words
                        .iter()
                        .position(|it| *it == word.text)
                        .into_iter()
                        .collect(),
                )
            }
            CellTermKind::AnyExcept {
                words: except,
                blank: without_blank,
            } => {
                let mut fine = true;
                for word in except {
                    fine &= self.known_word(word, &words);
                }
                let is_out = |code: &usize| {
                    let named = words
                        .get(*code)
                        .is_some_and(|it| except.iter().any(|word| word.text == *it));
                    named || (*code == blank && *without_blank)
                };
                fine.then(|| (0..all).filter(|code| !is_out(code)).collect())
            }
            CellTermKind::Yes if words.iter().any(|it| it == "yes") => Some(
                words
                    .iter()
                    .position(|it| it == "yes")
                    .into_iter()
                    .collect(),
            ),
            CellTermKind::No if words.iter().any(|it| it == "no") => {
                Some(words.iter().position(|it| it == "no").into_iter().collect())
            }
            CellTermKind::Blank
            | CellTermKind::Other
            | CellTermKind::Yes
            | CellTermKind::No
            | CellTermKind::Exactly(_)
            | CellTermKind::Below(_)
            | CellTermKind::UpTo(_)
            | CellTermKind::Above(_)
            | CellTermKind::From(_)
            | CellTermKind::Between(..) => {
                self.misfit(term, &draft.value.kind);
                None
            }
        }
    }
}

fn fate(fate: &Fate) -> RowResult {
    let reason = fate.reason.value.clone();
    match fate.kind {
        FateKind::Hold => RowResult::Hold(reason),
        FateKind::Exclude => RowResult::Exclude(reason),
        FateKind::Stop => RowResult::Stop(reason),
    }
}

fn code_count(draft: &Draft) -> usize {
    match &draft.codes {
        ColumnCodes::Fact(_) => match &draft.value.kind {
            Kind::Words { words, .. } => words.len(),
            _ => 0,
        },
        ColumnCodes::Words { words, .. } => words.len() + 2,
        ColumnCodes::Boolean(_) => 3,
        ColumnCodes::Ranges { cuts, .. } => cuts.len() * 2 + 2,
    }
}

fn bounds(kind: &CellTermKind) -> Vec<&Bound> {
    match kind {
        CellTermKind::Exactly(bound)
        | CellTermKind::Below(bound)
        | CellTermKind::UpTo(bound)
        | CellTermKind::Above(bound)
        | CellTermKind::From(bound) => vec![bound],
        CellTermKind::Between(from, to) => vec![from, to],
        CellTermKind::Any
        | CellTermKind::AnyExcept { .. }
        | CellTermKind::Blank
        | CellTermKind::Other
        | CellTermKind::Yes
        | CellTermKind::No
        | CellTermKind::Word(_) => Vec::new(),
    }
}

fn cut(bound: &Bound, kind: &Kind) -> Option<Cut> {
    match (bound, kind) {
        (Bound::Number(digits), Kind::Integer | Kind::Decimal) => Some(Cut::Number(digits.clone())),
        (Bound::Date(digits), Kind::Date) => digits.parse::<Date>().ok().map(Cut::Date),
        (Bound::Date(digits), Kind::Time) => {
            let day: Date = digits.parse().ok()?;
            let midnight = day.to_zoned(TimeZone::UTC).ok()?;
            Some(Cut::Time(midnight.timestamp()))
        }
        (Bound::Number(_) | Bound::Date(_), _) => None,
    }
}

/// The order of two cuts of one column.
pub(super) fn order_cuts(left: &Cut, right: &Cut) -> std::cmp::Ordering {
    match (left, right) {
        (Cut::Number(left), Cut::Number(right)) => super::proof::compare_numbers(left, right),
        (Cut::Date(left), Cut::Date(right)) => left.cmp(right),
        (Cut::Time(left), Cut::Time(right)) => left.cmp(right),
        (Cut::Number(_) | Cut::Date(_) | Cut::Time(_), _) => std::cmp::Ordering::Equal,
    }
}

fn range_codes(term: &CellTermKind, cuts: &[Cut], kind: &Kind) -> Option<Vec<usize>> {
    let blank = cuts.len() * 2 + 1;
    let on = |bound: &Bound| {
        let wanted = cut(bound, kind)?;
        let index = cuts.iter().position(|it| order_cuts(it, &wanted).is_eq())?;
        Some(index * 2 + 1)
    };
    let codes = match term {
        CellTermKind::Any => (0..=blank).collect(),
        CellTermKind::Blank => vec![blank],
        CellTermKind::Exactly(bound) => vec![on(bound)?],
        CellTermKind::Below(bound) => (0..on(bound)?).collect(),
        CellTermKind::UpTo(bound) => (0..=on(bound)?).collect(),
        CellTermKind::Above(bound) => (on(bound)? + 1..blank).collect(),
        CellTermKind::From(bound) => (on(bound)?..blank).collect(),
        CellTermKind::Between(from, to) => (on(from)?..=on(to)?).collect(),
        CellTermKind::AnyExcept { .. }
        | CellTermKind::Other
        | CellTermKind::Yes
        | CellTermKind::No
        | CellTermKind::Word(_) => return None,
    };
    Some(codes)
}
