//! Rows to text: which cells are padded to stand under each other, and where comments go.

/// How far the lines of a block are set in.
pub(super) const INDENT: usize = 2;

/// Where comments at the end of a line stand at least; longer lines push them out.
const COMMENT_COLUMN: usize = 50;

/// How far a single long line may push the comments of its block.
const COMMENT_COLUMN_MAX: usize = 72;

/// The blanks before a comment that has no room in its column.
const COMMENT_GAP: usize = 3;

/// A line cut into cells; no cells and no comment is a blank line.
#[derive(Debug, Default)]
pub(super) struct Row {
    pub(super) indent: usize,
    pub(super) align: Align,
    pub(super) cells: Vec<String>,
    pub(super) comment: Option<String>,
}

/// With which neighbours a row's cells stand under each other.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum Align {
    #[default]
    Nothing,
    System,
    List,
    CustomField,
    Values,
    Table,
    Words,
    Declarations,
    Example,
    /// Every cell a few blanks after the one before.
    Apart,
    /// `only TARGET`, name, value, clauses.
    Field,
    /// The same, but the clauses of look-ups stand under each other alone.
    FieldLookUp,
}

/// How one column is padded.
#[derive(Debug, Clone, Copy)]
struct Column {
    at: usize,
    /// Cells wider than this stand out and do not push the others.
    widest: usize,
    /// Narrower columns are made so wide.
    least: usize,
    /// The blanks after the column.
    gap: usize,
    /// The blanks after a cell that stands out.
    gap_out: usize,
}

const fn column(at: usize, least: usize, widest: usize, gap: usize) -> Column {
    Column {
        at,
        widest,
        least,
        gap,
        gap_out: gap,
    }
}

pub(super) fn write(mut rows: Vec<Row>) -> String {
    for group in groups(&mut rows) {
        align(group);
    }
    let mut text = String::new();
    let mut blank = true;
    let mut lines: Vec<(String, Option<String>)> = Vec::new();
    for row in &rows {
        lines.push((line(row), row.comment.clone()));
    }
    let columns = comment_columns(&rows, &lines);
    for ((words, comment), column) in lines.into_iter().zip(columns) {
        // Several blank lines part no more than one does.
        let is_blank = words.trim().is_empty() && comment.is_none();
        if is_blank && blank {
            continue;
        }
        blank = is_blank;
        text.push_str(words.trim_end());
        if let Some(comment) = comment {
            if words.trim().is_empty() {
                text.push_str(&words);
            } else {
                let used = width(words.trim_end());
                text.push_str(&" ".repeat(column.saturating_sub(used).max(COMMENT_GAP)));
            }
            text.push_str(&comment);
        }
        text.push('\n');
    }
    while text.ends_with("\n\n") {
        text.pop();
    }
    text
}

/// The runs of rows that are laid out together: a block's lines, or neighbours of one kind outside blocks.
fn groups(rows: &mut [Row]) -> impl Iterator<Item = &mut [Row]> {
    rows.chunk_by_mut(|left, right| {
        if left.indent == INDENT || right.indent == INDENT {
            return left.indent == right.indent;
        }
        left.align == right.align && left.align != Align::Nothing
    })
}

fn align(rows: &mut [Row]) {
    align_only(rows);
    let kinds: [(&[Align], &[Column]); 9] = [
        (&[Align::System], &[column(0, 0, 60, 3)]),
        (&[Align::List], &[column(0, 0, 40, 2)]),
        (
            &[Align::CustomField],
            &[
                column(0, 0, 40, 1),
                column(1, 0, 40, 1),
                column(2, 0, 40, 1),
            ],
        ),
        (
            &[Align::Values],
            &[column(0, 0, 24, 1), column(1, 0, 30, 3)],
        ),
        (&[Align::Words], &[column(0, 0, 24, 2)]),
        (&[Align::Declarations], &[column(0, 0, 24, 2)]),
        (
            &[Align::Example],
            &[column(0, 0, 10, 1), column(1, 0, 24, 1)],
        ),
        (&[Align::Field, Align::FieldLookUp], &[column(0, 20, 24, 1)]),
        (&[Align::Apart], &[column(0, 0, 0, 3), column(1, 0, 0, 3)]),
    ];
    for (kind, columns) in kinds {
        for column in columns {
            pad(rows, kind, *column);
        }
    }
    pad(
        rows,
        &[Align::Field],
        Column {
            gap_out: 3,
            ..column(1, 33, 38, 1)
        },
    );
    pad(rows, &[Align::FieldLookUp], column(1, 0, 48, 3));
    table(rows);
}

/// Joins `only TARGET` and the name, targets of neighbouring lines padded alike.
fn align_only(rows: &mut [Row]) {
    for run in rows.chunk_by_mut(|left, right| has_only(left) && has_only(right)) {
        let widest = run
            .iter()
            .filter(|row| has_only(row))
            .filter_map(|row| row.cells.first())
            .map(|cell| width(cell))
            .max()
            .unwrap_or(0);
        for row in run
            .iter_mut()
            .filter(|row| is_field(row.align) && row.cells.len() > 1)
        {
            let only = row.cells.remove(0);
            if let Some(name) = row.cells.first_mut().filter(|_| !only.is_empty()) {
                let blanks = " ".repeat(widest.saturating_sub(width(&only)) + 1);
                *name = format!("{only}{blanks}{name}");
            }
        }
    }
}

fn is_field(align: Align) -> bool {
    matches!(align, Align::Field | Align::FieldLookUp)
}

fn has_only(row: &Row) -> bool {
    is_field(row.align) && row.cells.first().is_some_and(|cell| !cell.is_empty())
}

/// Pads one column of the rows of some kinds, where something follows it.
fn pad(rows: &mut [Row], kinds: &[Align], column: Column) {
    let Column {
        at,
        widest,
        least,
        gap,
        gap_out,
    } = column;
    let fits = |row: &Row| {
        kinds.contains(&row.align)
            && row.cells.len() > at + 1
            // What an earlier cell has pushed out of its column stands under nothing.
            && row.cells.iter().take(at + 1).all(|cell| width(cell.trim_end()) <= widest)
    };
    let wide = rows
        .iter()
        .filter(|row| fits(row))
        .filter_map(|row| row.cells.get(at))
        .map(|cell| width(cell))
        .max();
    for row in rows.iter_mut().filter(|row| kinds.contains(&row.align)) {
        let follows = row.cells.len() > at + 1;
        let (target, gap) = if fits(row) {
            (wide.unwrap_or(0).max(least), gap)
        } else {
            (0, gap_out)
        };
        if let Some(cell) = row.cells.get_mut(at).filter(|_| follows) {
            let missing = target.saturating_sub(width(cell)) + gap;
            cell.push_str(&" ".repeat(missing));
        }
    }
}

fn table(rows: &mut [Row]) {
    let columns = rows
        .iter()
        .filter(|row| row.align == Align::Table)
        .map(|row| row.cells.len())
        .max();
    for at in 0..columns.unwrap_or(0) {
        let cells = rows
            .iter()
            .filter(|row| row.align == Align::Table)
            .filter_map(|row| row.cells.get(at));
        let wide = cells.map(|cell| width(cell)).max().unwrap_or(0);
        for row in rows.iter_mut().filter(|row| row.align == Align::Table) {
            if let Some(cell) = row.cells.get_mut(at) {
                let missing = wide.saturating_sub(width(cell));
                cell.push_str(&" ".repeat(missing));
            }
        }
    }
}

fn line(row: &Row) -> String {
    let indent = " ".repeat(row.indent);
    if row.align == Align::Table {
        return format!("{indent}| {} |", row.cells.join(" | "));
    }
    if is_field(row.align) && row.cells.len() > 2 {
        let (padded, clauses) = row.cells.split_at_checked(3).unwrap_or((&row.cells, &[]));
        let more = clauses.join("   ");
        let gap = if clauses.is_empty() { "" } else { "   " };
        return format!("{indent}{}{gap}{more}", padded.concat());
    }
    format!("{indent}{}", row.cells.concat())
}

/// Where the comment of each row stands.
fn comment_columns(rows: &[Row], lines: &[(String, Option<String>)]) -> Vec<usize> {
    let mut columns = Vec::with_capacity(rows.len());
    let pairs: Vec<(&Row, &(String, Option<String>))> = rows.iter().zip(lines).collect();
    for block in
        pairs.chunk_by(|(left, _), (right, _)| left.indent == INDENT && right.indent == INDENT)
    {
        let widest = block
            .iter()
            .filter(|(_, (words, comment))| comment.is_some() && !words.trim().is_empty())
            .map(|(_, (words, _))| width(words.trim_end()) + COMMENT_GAP)
            .filter(|it| *it <= COMMENT_COLUMN_MAX)
            .max()
            .unwrap_or(0);
        columns.extend(block.iter().map(|_| widest.max(COMMENT_COLUMN)));
    }
    columns
}

fn width(text: &str) -> usize {
    text.chars().count()
}
