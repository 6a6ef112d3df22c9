//! The cells of a table: which codes of its column each of them takes.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::lang::ast::{Bound, Cell, CellTerm, CellTermKind};
use crate::lang::codes::types;
use crate::plan::{ColumnCodes, Cut};

use super::kinds::{Kind, some};
use super::tables::Draft;
use super::values::Lowering;

impl Lowering<'_, '_> {
    /// The constants of a column in order, each once.
    pub(super) fn cuts(&mut self, cells: &[&Cell], kind: &Kind) -> Option<Vec<Cut>> {
        let mut cuts: Vec<Cut> = Vec::new();
        let mut fine = true;
        for term in cells.iter().flat_map(|it| &it.terms) {
            for bound in bounds(&term.kind) {
                if let Some(cut) = cut(bound, kind) {
                    cuts.push(cut);
                } else {
                    fine = false;
                    self.misfit(term, kind);
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
    pub(super) fn cell(&mut self, cell: &Cell, draft: &Draft) -> Option<Vec<usize>> {
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

/// How many codes a column has.
pub(super) fn code_count(draft: &Draft) -> usize {
    match &draft.codes {
        ColumnCodes::Fact(_) => draft.value.kind.words().len(),
        ColumnCodes::Words { words, .. } => words.len() + 2,
        ColumnCodes::Boolean(_) => 3,
        ColumnCodes::Ranges { cuts, .. } => cuts.len() * 2 + 2,
    }
}

pub(super) fn bounds(kind: &CellTermKind) -> Vec<&Bound> {
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

pub(super) fn cut(bound: &Bound, kind: &Kind) -> Option<Cut> {
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
