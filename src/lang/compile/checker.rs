//! What the whole file shares while it is checked: its text, its lists and tables, and what was found wrong.

use crate::lang::ast::Unread;
use crate::lang::codes::{Code, names};
use crate::lang::diagnostic::{Diagnostic, Fix, Severity};
use crate::lang::nearest::nearest;
use crate::model::{Entity, FieldWanted, Schema, User};
use crate::plan::{List, RecordKind};
use crate::text::{Source, Span};

use super::destination::Targets;
use super::environment::{Environment, Files};
use super::gathered::Gathered;
use super::shape::Shape;
use super::value_maps::CheckedMap;

/// A named thing of the file, and whether anybody used it.
#[derive(Debug)]
pub(super) struct Named {
    pub(super) name: String,
    pub(super) span: Span,
    pub(super) used: bool,
    /// It could not be read and has had its message; using it says nothing more.
    pub(super) broken: bool,
    /// The file and the place where it was said to be empty.
    pub(super) empty: Option<(String, Span)>,
}

/// A kind of record that has a map.
#[derive(Clone, Debug)]
pub(super) struct Mapped {
    pub(super) kind: RecordKind,
    pub(super) targets: Vec<String>,
    pub(super) blocks: Vec<Span>,
}

/// The checker of one file.
pub(super) struct Checker<'c> {
    pub(super) source: &'c Source,
    pub(super) files: &'c dyn Files,
    pub(super) environment: &'c Environment<'c>,
    pub(super) diagnostics: Vec<Diagnostic>,
    /// Texts besides the rule file.
    pub(super) sources: Vec<Source>,
    pub(super) schema: Schema,
    /// No destination is known; its names are not looked up.
    pub(super) blind: bool,
    pub(super) shapes: Vec<Shape>,
    /// The `.fields` file could not be read; source names are not looked up.
    pub(super) no_fields: bool,
    pub(super) lists: Vec<List>,
    pub(super) list_names: Vec<Named>,
    pub(super) maps: Vec<CheckedMap>,
    pub(super) map_names: Vec<Named>,
    pub(super) custom_names: Vec<Named>,
    /// What has a map, and the targets that it names.
    pub(super) mapped: Vec<Mapped>,
    pub(super) targets: Targets,
    /// Custom fields that `each` lines need.
    pub(super) each_wanted: Vec<FieldWanted>,
    /// Keys that the maps of person write.
    pub(super) person_keys: Vec<String>,
    pub(super) gathered: Gathered,
    /// Statements that could not be read.
    pub(super) unread: Vec<Unread>,
}

impl Checker<'_> {
    pub(super) fn error(
        &mut self,
        code: Code,
        span: Span,
        message: impl Into<String>,
    ) -> &mut Diagnostic {
        self.say(Diagnostic::error(code, self.source, span, message))
    }

    pub(super) fn warning(
        &mut self,
        code: Code,
        span: Span,
        message: impl Into<String>,
    ) -> &mut Diagnostic {
        self.say(Diagnostic::warning(code, self.source, span, message))
    }

    pub(super) fn note(
        &mut self,
        code: Code,
        span: Span,
        message: impl Into<String>,
    ) -> &mut Diagnostic {
        self.say(Diagnostic::note(code, self.source, span, message))
    }

    pub(super) fn say(&mut self, diagnostic: Diagnostic) -> &mut Diagnostic {
        self.diagnostics.push(diagnostic);
        self.diagnostics.last_mut().expect("one was just pushed")
    }

    /// Whether something inside this stretch of the rule file was reported as an error.
    pub(super) fn has_error_within(&self, span: Span) -> bool {
        self.diagnostics.iter().any(|it| {
            let place = it.span();
            it.severity == Severity::Error
                && it.source.name() == self.source.name()
                && span.start <= place.start
                && place.end <= span.end
        })
    }

    /// Whether a statement that begins so could not be read; what it names is not missed again.
    pub(super) fn is_unread(&self, opener: &str, name: &str) -> bool {
        let mut all = self.unread.iter();
        all.any(|it| it.word == opener && it.name == name)
    }

    /// The line of the rule file, 1-based.
    pub(super) fn line_of(&self, span: Span) -> u32 {
        u32::try_from(self.source.place(span.start).line).unwrap_or(u32::MAX)
    }

    /// A user by e-mail or by the name that the destination shows.
    pub(super) fn user(&self, word: &str) -> Option<&User> {
        let is_it = |user: &&User| {
            user.active && (user.display_name == word || user.email.eq_ignore_ascii_case(word))
        };
        self.schema.users.iter().find(is_it)
    }

    /// The declared fields of an entity, and where they stand.
    pub(super) fn shape(&self, entity: Entity, object_type: Option<&str>) -> Option<&Shape> {
        let is_it = |it: &&Shape| it.entity == entity && it.object_type.as_deref() == object_type;
        self.shapes.iter().find(is_it)
    }

    /// Looks a name up, says where it went wrong, and marks it as used.
    pub(super) fn find(&mut self, what: Lookable, name: &str, span: Span) -> Option<usize> {
        let names = match what {
            Lookable::List => &mut self.list_names,
            Lookable::ValueMap => &mut self.map_names,
        };
        if let Some(index) = names.iter().position(|it| it.name == name) {
            if let Some(found) = names.get_mut(index) {
                found.used = true;
            }
            return Some(index);
        }
        let opener = match what {
            Lookable::List => "list",
            Lookable::ValueMap => "values",
        };
        let known: Vec<String> = names.iter().map(|it| it.name.clone()).collect();
        if self.is_unread(opener, name) {
            return None;
        }
        let (code, word) = match what {
            Lookable::List => (names::N208, "list"),
            Lookable::ValueMap => (names::N209, "table"),
        };
        let message = format!("there is no {word} `{name}` in this file");
        let diagnostic = self.error(code, span, message);
        suggest(
            diagnostic,
            span,
            name,
            known.iter().map(String::as_str),
            || match what {
                Lookable::List => {
                    format!("write `list {name} = \"…\"` or `list {name} from \"…\"`")
                }
                Lookable::ValueMap => format!("write `values {name} … end`"),
            },
        );
        None
    }
}

/// The named things that are looked up by [`Checker::find`].
#[derive(Clone, Copy)]
pub(super) enum Lookable {
    List,
    ValueMap,
}

/// Proposes the nearest name within two edits, or says what else to do.
pub(super) fn suggest<'n>(
    diagnostic: &mut Diagnostic,
    span: Span,
    found: &str,
    known: impl IntoIterator<Item = &'n str>,
    otherwise: impl FnOnce() -> String,
) {
    if let Some(near) = nearest(found, known) {
        diagnostic.help = Some(format!("did you mean `{near}`?"));
        diagnostic.fix = Some(Fix {
            span,
            replacement: written(near),
            title: format!("write `{near}`"),
        });
    } else {
        diagnostic.help = Some(otherwise());
    }
}

/// A name as a rule file writes it: bare where it can stand bare.
pub(super) fn written(name: &str) -> String {
    let is_bare = |word: &str| {
        !word.is_empty()
            && word.chars().all(|it| it.is_alphanumeric() || it == '_')
            && !word.starts_with(|it: char| it.is_ascii_digit())
    };
    if name.split('.').all(is_bare) {
        name.to_owned()
    } else {
        quoted(name)
    }
}

/// `a contact`, `an account`.
pub(super) fn a(word: &str) -> String {
    let article = if word.starts_with(['a', 'e', 'i', 'o', 'u']) {
        "an"
    } else {
        "a"
    };
    format!("{article} {word}")
}

/// A text in quotes, escaped.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
