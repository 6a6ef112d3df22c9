//! The header and the top-level items of a rule file.

use serde::Serialize;

use super::{
    DecideTable, Entity, Example, ExcludeTable, Expr, MapBlock, Name, Number, Path, Policy,
    Promise, Spanned, Target, Text,
};
use crate::text::Span;

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct RuleFile {
    pub header: Header,
    /// In file order.
    pub items: Vec<Item>,
    /// Statements that had a message instead: nobody else misses what they would have named.
    #[serde(skip)]
    pub unread: Vec<Unread>,
}

/// The opening word of a statement that could not be read, and the word behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    pub word: &'static str,
    pub name: String,
}

/// The four header lines; a missing one has a diagnostic.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Header {
    /// `rules "…"`
    pub title: Option<Text>,
    /// `language 1`
    pub language: Option<Number>,
    pub source: Option<SourceSystem>,
    pub destination: Option<Destination>,
}

/// `source customerio fields "acme.fields"`
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SourceSystem {
    pub system: Name,
    pub fields: Text,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Destination {
    pub kind: DestinationKind,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum DestinationKind {
    /// `destination freshsales edition suite [no markers]`
    System {
        system: Name,
        edition: Name,
        /// Where `no markers` stands.
        no_markers: Option<Span>,
    },
    /// `destination file "x.schema"`
    File(Text),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Item {
    List(List),
    Values(Values),
    CustomField(CustomField),
    Exclude(ExcludeTable),
    Fact(Fact),
    Decide(DecideTable),
    Map(MapBlock),
    EveryOther(EveryOther),
    Ignore(IgnoreEntity),
    Limit(LimitBlock),
    Merge(MergeBlock),
    Example(Example),
    Promise(Promise),
    Allow(Allow),
    AcceptHeld(AcceptHeld),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct List {
    pub name: Name,
    pub source: ListSource,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum ListSource {
    /// `= "a", "b"`
    Words(Vec<Text>),
    /// `from "file.txt"`, `from "file.csv" column domain`
    File { file: Text, column: Option<Name> },
}

/// `values NAME … end`
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Values {
    pub name: Name,
    pub lines: Vec<ValuesLine>,
    /// The opening line.
    pub head: Span,
    pub span: Span,
}

/// `source, source = destination [loses "…"]`
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ValuesLine {
    /// Never empty.
    pub words: Vec<Spanned<ValueWord>>,
    pub destination: Policy,
    pub loses: Option<Text>,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum ValueWord {
    Word(Name),
    Blank,
    Other,
}

/// `field cf_x "Label" TYPE [one of …] [unique] on TARGET, …`
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CustomField {
    pub name: Name,
    pub label: Text,
    /// `text`, `textarea`, `integer`, `decimal`, `date`, `checkbox`, `dropdown` …
    pub kind: Name,
    /// Of a look-up: `lookup account`.
    pub links: Option<Target>,
    /// Of a dropdown: `dropdown "A", "B"`.
    pub choices: Vec<Text>,
    /// Where `unique` stands.
    pub unique: Option<Span>,
    pub on: Vec<Target>,
    pub span: Span,
}

/// `fact NAME of ENTITY … end`
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fact {
    pub name: Name,
    pub entity: Entity,
    /// In order; the first that holds gives the word.
    pub lines: Vec<FactLine>,
    /// The opening line.
    pub head: Span,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FactLine {
    pub word: Name,
    /// `when CONDITION`; absent is `otherwise`.
    pub when: Option<Expr>,
    pub span: Span,
}

/// `hold "…"`, `exclude "…"`, `stop "…"`
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fate {
    pub kind: FateKind,
    pub reason: Text,
    pub span: Span,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum FateKind {
    Hold,
    Exclude,
    Stop,
}

/// `every other object stop "…"`
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EveryOther {
    pub entity: Entity,
    pub fate: Spanned<OtherFate>,
    pub reason: Text,
    pub span: Span,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum OtherFate {
    Hold,
    Exclude,
    Stop,
    /// `ignore because "…"`
    Ignore,
}

/// `ignore delivery, segment because "…"`
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IgnoreEntity {
    pub entities: Vec<Entity>,
    pub because: Text,
    pub span: Span,
}

/// `limit 100 notes per record … end`
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LimitBlock {
    pub count: Number,
    /// `notes`
    pub what: Name,
    /// `record`
    pub per: Name,
    /// `first …, then …`: who comes first.
    pub turns: Vec<LimitTurn>,
    pub above: Option<LimitAbove>,
    /// The opening line.
    pub head: Span,
    pub span: Span,
}

/// `delivery newest`
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LimitTurn {
    pub entity: Entity,
    /// `oldest` instead of `newest`.
    pub oldest: bool,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LimitAbove {
    pub kind: LimitAboveKind,
    pub loses: Option<Text>,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum LimitAboveKind {
    /// `roll up into one note "Earlier activity", a line a month`
    RollUp { title: Text, every: Name },
    /// `hold "…"`, `exclude "…"`, `stop "…"`
    Fate(Fate),
}

/// `merge ENTITY by FIELD … end`
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MergeBlock {
    pub entity: Entity,
    pub by: Path,
    pub lines: Vec<MergeLine>,
    /// The opening line.
    pub head: Span,
    pub span: Span,
}

/// `winner newest updated_at`, `consent strictest`, `others first filled`, `traits.plan newest`
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MergeLine {
    pub what: MergeWhat,
    pub how: MergeHow,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum MergeWhat {
    Winner(Span),
    Consent(Span),
    Others(Span),
    Field(Path),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum MergeHow {
    /// `newest [FIELD]`
    Newest(Option<Path>),
    /// `oldest [FIELD]`
    Oldest(Option<Path>),
    Strictest,
    /// `first filled`
    FirstFilled,
    /// `winner`: what the winner has, blank or not.
    Winner,
    Hold,
}

/// `allow CODE because "…"`
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Allow {
    pub code: Name,
    pub because: Text,
    pub span: Span,
}

/// `accept up to N held ENTITY ["reason"] because "…"`
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AcceptHeld {
    pub count: Number,
    pub entity: Entity,
    /// The reason of the hold; absent: any.
    pub reason: Option<Text>,
    pub because: Text,
    pub span: Span,
}
