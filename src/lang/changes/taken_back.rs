//! The new text with one edit taken back.

use super::pair::Pair;
use super::unit::{Block, Unit};
use crate::text::Source;

/// How one edit is taken back.
#[derive(Clone, Debug)]
pub(super) enum Way {
    /// Lines of a file become these; none are taken out.
    Replace {
        file: String,
        lines: (usize, usize),
        with: Option<String>,
    },
    /// Lines come in behind line `after`; nothing is the end of the file.
    Insert {
        file: String,
        after: Option<usize>,
        text: String,
    },
    /// A text alone cannot say it.
    None,
}

impl Way {
    pub(super) fn of(pair: &Pair<'_>, (old, new): (&Block, &Block), all: &[Pair<'_>]) -> Self {
        if let Some(way) = of_entry(pair, new) {
            return way;
        }
        match pair {
            Pair::Changed(from, into) => Self::Replace {
                file: into.source.name().to_owned(),
                lines: into.lines,
                with: Some(text_of(&from.source, from.lines)),
            },
            Pair::Moved(..) => Self::None,
            Pair::New(into) => Self::delete(into),
            Pair::Gone(from) => match anchor(from, (old, new), all) {
                Some((file, after)) => Self::Insert {
                    file,
                    after: Some(after),
                    text: text_of(&from.source, from.lines),
                },
                None => Self::append(from),
            },
        }
    }

    pub(super) fn delete(unit: &Unit) -> Self {
        Self::Replace {
            file: unit.source.name().to_owned(),
            lines: unit.lines,
            with: None,
        }
    }

    /// At the end of the rule file, where any block may stand.
    pub(super) fn append(unit: &Unit) -> Self {
        if unit.is_beside {
            return Self::None;
        }
        Self::Insert {
            file: String::new(),
            after: None,
            text: text_of(&unit.source, unit.lines),
        }
    }

    /// The file as it is then; `files` are those of the new version, the rule file first.
    pub(super) fn go(&self, files: &[Source]) -> Option<Source> {
        let find = |name: &str| {
            let found = files.iter().find(|it| it.name() == name);
            if name.is_empty() {
                files.first()
            } else {
                found
            }
        };
        match self {
            Self::Replace { file, lines, with } => {
                let source = find(file)?;
                let mut text = String::new();
                for (number, line) in (1..).zip(source.text().split_inclusive('\n')) {
                    if number == lines.0
                        && let Some(with) = with
                    {
                        text.push_str(with);
                    }
                    if number < lines.0 || lines.1 < number {
                        text.push_str(line);
                    }
                }
                Some(Source::new(source.name(), &text))
            }
            Self::Insert { file, after, text } => {
                let source = find(file)?;
                let mut whole = String::new();
                for (number, line) in (1..).zip(source.text().split_inclusive('\n')) {
                    whole.push_str(line);
                    if !line.ends_with('\n') {
                        whole.push('\n');
                    }
                    if Some(number) == *after {
                        whole.push_str(text);
                    }
                }
                if after.is_none() {
                    whole.push_str(text);
                }
                Some(Source::new(source.name(), &whole))
            }
            Self::None => None,
        }
    }
}

/// Whole lines, each with its end.
fn text_of(source: &Source, (first, last): (usize, usize)) -> String {
    let lines = source.text().lines().skip(first.saturating_sub(1));
    let lines = lines.take((last + 1).saturating_sub(first));
    lines.flat_map(|it| [it, "\n"]).collect()
}

/// Behind which line of the new version something that is gone stood.
fn anchor(gone: &Unit, (old, new): (&Block, &Block), all: &[Pair<'_>]) -> Option<(String, usize)> {
    let before = old.units.iter().take_while(|it| it.lines.0 < gone.lines.0);
    let before: Vec<&Unit> = before
        .filter(|it| it.source.name() == gone.source.name())
        .collect();
    for unit in before.into_iter().rev() {
        let is_it = |it: &&Unit| it.lines == unit.lines && it.same == unit.same;
        let changed = all
            .iter()
            .find(|it| it.before().as_ref().is_some_and(is_it));
        let stands = match changed {
            Some(pair) => pair.after(),
            None => new.units.iter().find(|it| it.same == unit.same),
        };
        if let Some(stands) = stands {
            return Some((stands.source.name().to_owned(), stands.lines.1));
        }
    }
    None
}

/// Entries of lists: their own line of a file, or a word among others on the list's line.
fn of_entry(pair: &Pair<'_>, new: &Block) -> Option<Way> {
    let entry = pair.before().or(pair.after())?.entry.as_ref()?;
    // How the new version writes the list decides how an entry comes back.
    let head = new.units.first()?;
    let written = new.units.iter().find_map(|it| it.entry.as_ref());
    let inline = written.and_then(|it| it.inline.as_ref());
    if let Some(words) = inline {
        let gone = pair.after().and_then(|it| it.entry.as_ref());
        let mut words: Vec<&str> = words.iter().map(String::as_str).collect();
        words.retain(|it| gone.is_none_or(|gone| gone.word != *it));
        if let Some(back) = pair.before().and_then(|it| it.entry.as_ref()) {
            words.push(&back.word);
        }
        let quoted = |it: &&str| format!("\"{}\"", it.replace('\\', "\\\\").replace('"', "\\\""));
        let quoted: Vec<String> = words.iter().map(quoted).collect();
        return Some(Way::Replace {
            file: head.source.name().to_owned(),
            lines: head.lines,
            with: Some(format!("list {} = {}\n", entry.list, quoted.join(", "))),
        });
    }
    let is_one_form = written.is_none_or(|it| it.is_csv == entry.is_csv && entry.inline.is_none());
    let file = new.units.iter().find(|it| it.entry.is_some());
    Some(match (pair, file) {
        _ if !is_one_form => Way::None,
        (Pair::Changed(from, into), _) => Way::Replace {
            file: into.source.name().to_owned(),
            lines: into.lines,
            with: Some(text_of(&from.source, from.lines)),
        },
        (Pair::New(into), _) => Way::delete(into),
        (Pair::Gone(from), Some(file)) => Way::Insert {
            file: file.source.name().to_owned(),
            after: None,
            text: text_of(&from.source, from.lines),
        },
        (Pair::Gone(_), None) | (Pair::Moved(..), _) => Way::None,
    })
}
