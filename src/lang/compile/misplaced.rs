//! Cells under the wrong heading: what does not fit a row for one reason is one message.

use crate::lang::ast::{Cell, CellTerm, CellTermKind, Path};
use crate::lang::codes::{names, types};
use crate::lang::diagnostic::Diagnostic;
use crate::plan::Expression;
use crate::text::Span;

use super::cells::{bounds, cut};
use super::kinds::{Kind, Typed, some};
use super::values::Lowering;

/// What a column takes, as far as its heading says.
pub(super) struct Heading {
    name: String,
    kind: Kind,
    is_fact: bool,
}

impl Heading {
    pub(super) fn of(path: &Path, value: &Typed) -> Self {
        Self {
            name: path.dotted(),
            kind: value.kind.clone(),
            is_fact: matches!(value.expression, Expression::Fact(_)),
        }
    }

    fn takes(&self, cell: &Cell) -> bool {
        cell.terms.iter().all(|it| self.takes_term(it))
    }

    fn takes_term(&self, term: &CellTerm) -> bool {
        let is_words = matches!(self.kind, Kind::Words { .. });
        let has = |word: &str| self.kind.words().iter().any(|it| it == word);
        match &term.kind {
            CellTermKind::Any => true,
            CellTermKind::Blank => !self.is_fact,
            CellTermKind::Other => is_words && !self.is_fact,
            CellTermKind::Yes => self.kind == Kind::Boolean || has("yes"),
            CellTermKind::No => self.kind == Kind::Boolean || has("no"),
            CellTermKind::Word(word) => has(&word.text),
            CellTermKind::AnyExcept { words, .. } => words.iter().all(|it| has(&it.text)),
            CellTermKind::Exactly(_)
            | CellTermKind::Below(_)
            | CellTermKind::UpTo(_)
            | CellTermKind::Above(_)
            | CellTermKind::From(_)
            | CellTermKind::Between(..) => {
                let mut bounds = bounds(&term.kind).into_iter();
                bounds.all(|it| cut(it, &self.kind).is_some())
            }
        }
    }
}

impl Lowering<'_, '_> {
    /// Draws the messages of one row together where they have one cause; `before`: where those of its table begin.
    pub(super) fn settle_row(
        &mut self,
        cells: &[Cell],
        row: Span,
        headings: &[Heading],
        before: usize,
    ) {
        let wrong: Vec<usize> = (0..cells.len())
            .filter(|index| {
                cells
                    .get(*index)
                    .is_some_and(|it| self.is_wrong(it, before))
            })
            .collect();
        if let Some((left, right)) = swapped(cells, headings, &wrong) {
            self.forget(row, before);
            self.say_swapped(left, right);
        } else if wrong.len() > 1 && wrong.iter().all(|it| home(cells, headings, *it).is_some()) {
            self.forget(row, before);
            self.say_shifted(cells, headings, &wrong);
        } else {
            for index in wrong {
                if let (Some(cell), Some(heading)) = (cells.get(index), headings.get(index)) {
                    let home = home(cells, headings, index);
                    self.settle_cell(cell, heading, home, before);
                }
            }
        }
    }

    fn is_wrong(&self, cell: &Cell, before: usize) -> bool {
        let mut told = self.file.diagnostics.iter().skip(before);
        told.any(|it| is_misfit(it, cell.span))
    }

    /// The messages about cells of the row go; one that says it all follows.
    fn forget(&mut self, row: Span, before: usize) {
        let mut index = 0;
        self.file.diagnostics.retain(|it| {
            index += 1;
            index <= before || !is_misfit(it, row)
        });
    }

    fn say_swapped(&mut self, left: &Cell, right: &Cell) {
        let source = self.file.source;
        let written = |cell: &Cell| source.slice(cell.span).trim().to_owned();
        let message = format!(
            "`{}` and `{}` stand under each other's heading",
            written(left),
            written(right)
        );
        let between = source.slice(Span::new(left.span.end, right.span.start));
        let replacement = format!(
            "{}{between}{}",
            source.slice(right.span),
            source.slice(left.span)
        );
        let diagnostic = Diagnostic::error(types::T218, source, left.span, message)
            .here("this one")
            .label(right.span, "and this one")
            .help("let the two change places")
            .fix(
                left.span.to(right.span),
                replacement,
                "let the two change places",
            );
        self.file.say(diagnostic);
    }

    fn say_shifted(&mut self, cells: &[Cell], headings: &[Heading], wrong: &[usize]) {
        let found = |index: &usize| Some((cells.get(*index)?, home(cells, headings, *index)?));
        let mut found = wrong.iter().filter_map(found);
        let Some((first, heading)) = found.next() else {
            return;
        };
        let fits = |heading: &Heading| format!("fits `{}`", heading.name);
        let message = "the cells of this row stand under the wrong headings";
        let mut diagnostic = Diagnostic::error(types::T218, self.file.source, first.span, message)
            .here(fits(heading))
            .help("put each cell under its own heading; was a bar lost, or one too many set?");
        for (cell, heading) in found {
            diagnostic = diagnostic.label(cell.span, fits(heading));
        }
        self.file.say(diagnostic);
    }

    /// Several words of one cell that are like none of the column's are one mistake.
    fn settle_cell(
        &mut self,
        cell: &Cell,
        heading: &Heading,
        home: Option<&Heading>,
        before: usize,
    ) {
        let is_far = |it: &Diagnostic| {
            it.code == names::N211 && it.fix.is_none() && is_misfit(it, cell.span)
        };
        let diagnostics = self.file.diagnostics.iter().skip(before);
        let far: Vec<Span> = diagnostics
            .filter(|it| is_far(it))
            .map(Diagnostic::span)
            .collect();
        let [first, .., last] = far.as_slice() else {
            return;
        };
        let written = |span: &Span| format!("`{}`", self.file.source.slice(*span).trim());
        let words: Vec<String> = far.iter().map(written).collect();
        let message = format!("{} are not among its words", words.join(", "));
        let known = format!("the words are {}", some(heading.kind.words()));
        let help = match home {
            Some(home) => format!("{known}; these are words of `{}`", home.name),
            None => known,
        };
        let span = first.to(*last);
        let mut index = 0;
        self.file.diagnostics.retain(|it| {
            index += 1;
            index <= before || !is_far(it)
        });
        self.file.error(names::N211, span, message).help = Some(help);
    }
}

/// A word or a bound that its column does not have.
fn is_misfit(diagnostic: &Diagnostic, within: Span) -> bool {
    let place = diagnostic.span();
    (diagnostic.code == names::N211 || diagnostic.code == types::T218)
        && within.start <= place.start
        && place.end <= within.end
}

/// The other column that a cell fits.
fn home<'h>(cells: &[Cell], headings: &'h [Heading], index: usize) -> Option<&'h Heading> {
    let cell = cells.get(index)?;
    let mut others = headings.iter().enumerate().filter(|(it, _)| *it != index);
    others
        .find(|(_, heading)| heading.takes(cell))
        .map(|(_, heading)| heading)
}

/// Two cells, one of them wrong, that both fit the other's column.
fn swapped<'c>(
    cells: &'c [Cell],
    headings: &[Heading],
    wrong: &[usize],
) -> Option<(&'c Cell, &'c Cell)> {
    for left in wrong {
        for right in 0..cells.len() {
            let others = wrong.iter().all(|it| it == left || *it == right);
            if right == *left || !others {
                continue;
            }
            let (one, other) = (cells.get(*left)?, cells.get(right)?);
            let (Some(under), Some(beside)) = (headings.get(*left), headings.get(right)) else {
                continue;
            };
            // `any` fits everywhere, so it tells nothing.
            let says = |cell: &Cell| {
                let mut terms = cell.terms.iter();
                terms.any(|it| !matches!(it.kind, CellTermKind::Any))
            };
            if under.takes(other) && beside.takes(one) && says(other) {
                return Some(if left < &right {
                    (one, other)
                } else {
                    (other, one)
                });
            }
        }
    }
    None
}
