//! What hangs on a record and has no key of its own: which kinds there are, and what they have in common. Each kind
//! is carried in a file of its own.
//!
//! A marker stands in brackets on the last line of the text that people may read, whatever the kind.

use std::collections::BTreeMap;

use crate::model::{FieldValue, Scalar};
use crate::port::{Child, DestinationId, PortError, Step, Undo, Verdict};

use super::destination::Freshsales;
use super::document::Sort;
use super::endpoints::Entity;
use super::endpoints::answer::RefusalKind;
use super::line::Failure;
use super::snapshot::Target;
use super::write::refused;
use super::{activity, document, note, task};

/// A kind of child.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hanging {
    Note,
    Task,
    /// A past e-mail, or what else happened.
    Activity,
    File,
    /// To a file elsewhere.
    Link,
}

impl Hanging {
    /// The kind that rules call `word`.
    pub(super) fn of_word(word: &str) -> Option<Self> {
        match word {
            "note" => Some(Self::Note),
            "task" => Some(Self::Task),
            "email activity" | "activity" => Some(Self::Activity),
            "file" => Some(Self::File),
            "link" => Some(Self::Link),
            _ => None,
        }
    }

    /// Writes one of them.
    pub(super) fn write(self, freshsales: &Freshsales, step: &Step) -> Verdict {
        let parent = step.parent.as_ref();
        let at = parent.and_then(|(word, id)| Some((entity(freshsales, word)?, *id)));
        let Some(at) = at else {
            return refused(format!(
                "expected a contact, a lead or an account for the {} to hang on",
                step.target
            ));
        };
        match self {
            Self::Note => note::write(&freshsales.line, at, step),
            Self::Task => task::write(freshsales, at, step),
            Self::Activity => activity::write(freshsales, at, step),
            Self::File | Self::Link => document::write(&freshsales.line, at, step),
        }
    }

    /// All of them that hang on a record.
    pub(super) fn children(
        self,
        freshsales: &Freshsales,
        (word, id): (&str, DestinationId),
    ) -> Result<Vec<Child>, PortError> {
        let Some(entity) = entity(freshsales, word) else {
            return Err(PortError::Odd(format!("nothing hangs on a {word}")));
        };
        match self {
            Self::Note => note::children(&freshsales.line, entity, id),
            Self::Task => task::children(freshsales, entity, id),
            Self::Activity => activity::children(freshsales, entity, id),
            Self::File => document::children(&freshsales.line, (entity, id), Sort::File),
            Self::Link => document::children(&freshsales.line, (entity, id), Sort::Link),
        }
    }

    /// What reading one back gives, when it was kept.
    pub(super) fn rendered(self, freshsales: &Freshsales, step: &Step) -> BTreeMap<String, Scalar> {
        match self {
            Self::Note => {
                let text = Scalar::Text(note::description(step));
                BTreeMap::from([("body".to_owned(), text)])
            }
            Self::Task => task::rendered(freshsales, step),
            Self::Activity => activity::rendered(freshsales, step),
            Self::File | Self::Link => document::rendered(step),
        }
    }

    /// Takes one back.
    pub(super) fn undo(self, freshsales: &Freshsales, undo: &Undo) -> Verdict {
        match self {
            Self::Note => note::undo(&freshsales.line, undo.id, &undo.how),
            Self::Task => task::undo(freshsales, undo.id, &undo.how),
            Self::Activity => activity::undo(freshsales, undo.id, &undo.how),
            Self::File | Self::Link => document::undo(undo),
        }
    }
}

/// What carries the target that rules call `word`.
fn entity(freshsales: &Freshsales, word: &str) -> Option<Entity> {
    Some(freshsales.edition().entity(Target::of_word(word)?))
}

/// What is not there any more is gone, whoever took it away.
pub(super) fn gone(answer: Result<(), Failure>, id: DestinationId) -> Verdict {
    match answer {
        Ok(()) => Verdict::Written(id),
        Err(failure) if failure.refusal() == Some(RefusalKind::Missing) => Verdict::Written(id),
        Err(failure) => failure.verdict(),
    }
}

/// The value of the field called `name`.
pub(super) fn field<'f>(fields: &'f [FieldValue], name: &str) -> Option<&'f Scalar> {
    let field = fields.iter().find(|field| field.name == name);
    field.map(|field| &field.value)
}

/// A text with its marker on a last line of its own.
pub(super) fn marked(text: &str, marker: Option<&str>) -> String {
    let marker = marker.map(|marker| format!("[{marker}]"));
    let text = Some(text.to_owned()).filter(|text| !text.is_empty());
    let parts: Vec<String> = [text, marker].into_iter().flatten().collect();
    parts.join("\n\n")
}

/// The words in brackets on the last line.
pub(super) fn marker(text: &str) -> Option<&str> {
    let last = text.trim_end().lines().next_back()?.trim();
    let inside = last.strip_prefix('[')?.strip_suffix(']')?;
    Some(inside).filter(|inside| !inside.is_empty())
}

/// Without breaks, and without blanks that an account might tidy away.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A value as people read it.
pub(super) fn shown(value: &Scalar) -> String {
    match value {
        Scalar::Text(text)
        | Scalar::Number(text)
        | Scalar::Date(text)
        | Scalar::Time(text)
        | Scalar::Json(text) => text.clone(),
        Scalar::Boolean(true) => "yes".to_owned(),
        Scalar::Boolean(false) => "no".to_owned(),
        Scalar::TextList(texts) => texts.join(", "),
    }
}
