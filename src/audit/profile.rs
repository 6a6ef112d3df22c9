//! What was found, as plain data: the result of the pass, sorted and settled.

use serde::Serialize;

use super::types::Drafted;
use crate::model::Entity;

/// Everything that an audit found.
#[derive(Clone, Debug, Serialize)]
pub struct Profile {
    pub capture: Captured,
    /// In the order of [`Entity::ALL`]; objects once for each type.
    pub entities: Vec<EntityProfile>,
    pub people: Option<People>,
    pub events: Option<Events>,
    pub deliveries: Option<Deliveries>,
    /// Segments, campaigns, messages and templates, one by one.
    pub listed: Vec<(Entity, Vec<Listed>)>,
    /// Members by segment, relationships by object type, suppressions by reason, actions by type.
    pub groups: Vec<(Entity, Breakdown)>,
    /// What could not be known, a sentence each.
    pub unknown: Vec<String>,
    /// What is wrong with the folder, a sentence each.
    pub findings: Vec<String>,
}

impl Profile {
    /// How many records of a kind there are, of all types together.
    #[must_use]
    pub fn records(&self, entity: Entity) -> u64 {
        let of_kind = self.entities.iter().filter(|it| it.entity == entity);
        of_kind.map(|it| it.records).sum()
    }
}

/// What was looked at.
#[derive(Clone, Debug, Serialize)]
pub struct Captured {
    pub is_sealed: bool,
    pub workspace: String,
    pub region: String,
    pub from: Option<String>,
    pub until: Option<String>,
    /// Bytes of all files as they lie there.
    pub bytes: u64,
}

/// One kind of record; for objects of one type.
#[derive(Clone, Debug, Serialize)]
pub struct EntityProfile {
    pub entity: Entity,
    /// As rules name it: slug, name or id.
    pub object_type: Option<String>,
    pub records: u64,
    /// Lines that are no record.
    pub broken: u64,
    /// The first of them, with why.
    pub broken_lines: Vec<String>,
    pub fields: Vec<FieldProfile>,
}

/// One field.
#[derive(Clone, Debug, Serialize)]
pub struct FieldProfile {
    /// As the rules write it.
    pub name: String,
    /// The names that the rules reach it by.
    #[serde(skip)]
    pub path: Vec<String>,
    /// Values that say something: not null, not an empty text.
    pub filled: u64,
    pub of: u64,
    pub held: Held,
    /// Different values; of lists and objects none are counted.
    pub distinct: Distinct,
    /// Of ids and addresses.
    pub unique: Option<Uniqueness>,
    /// Rules can name it: it is not hidden behind another of its name.
    pub is_reachable: bool,
    /// Characters of the longest text.
    pub longest: u64,
    /// Texts longer than each limit: the limit in characters, and how many.
    pub longer: Vec<(u64, u64)>,
    /// Smallest and largest whole number.
    pub range: Option<(i64, i64)>,
    /// `seconds` or `milliseconds`, where numbers look like times.
    pub time_unit: Option<String>,
    pub shapes: Vec<(Shape, u64)>,
    /// All words of a closed list, the commonest first; elsewhere empty.
    pub words: Vec<Word>,
    /// Where kinds are mixed: one masked example of each.
    pub examples: Vec<(String, String)>,
    /// The object has too many names: they are data.
    pub is_wide: bool,
    /// What the `.fields` file will say.
    #[serde(skip)]
    pub drafted: Drafted,
    pub declared: String,
    pub members: Vec<FieldProfile>,
}

/// How many values are of which kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Held {
    pub texts: u64,
    pub integers: u64,
    pub decimals: u64,
    pub booleans: u64,
    pub lists: u64,
    pub objects: u64,
    pub nulls: u64,
    pub empty_texts: u64,
    /// Texts that spell a number, a boolean, a date, a time.
    pub spelled_numbers: u64,
    pub spelled_booleans: u64,
    pub spelled_dates: u64,
    pub spelled_times: u64,
}

/// How many different values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Distinct {
    pub count: u64,
    /// Standard error in percent; 0: counted, not estimated.
    pub error_percent: u64,
}

/// Whether values name their record alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Uniqueness {
    pub different: u64,
    /// Values that stand more than once.
    pub repeated: u64,
    /// Records beyond the first of such a value.
    pub surplus: u64,
    /// Values that are like another but for letter case and blanks.
    pub alike: Option<u64>,
}

/// What a text looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    Email,
    WebAddress,
    Uuid,
    Json,
    Day,
    Phone,
    Host,
    YesNo,
    Country,
}

impl Shape {
    pub(super) const ALL: [Shape; 9] = [
        Shape::Email,
        Shape::WebAddress,
        Shape::Uuid,
        Shape::Json,
        Shape::Day,
        Shape::Phone,
        Shape::Host,
        Shape::YesNo,
        Shape::Country,
    ];

    /// As people say it.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Shape::Email => "e-mail address",
            Shape::WebAddress => "web address",
            Shape::Uuid => "UUID",
            Shape::Json => "JSON in a text",
            Shape::Day => "day",
            Shape::Phone => "phone number",
            Shape::Host => "host name",
            Shape::YesNo => "yes or no",
            Shape::Country => "country",
        }
    }
}

/// A word and how often it stands there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Word {
    pub text: String,
    pub count: u64,
}

/// Counts by name, the largest first.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Breakdown {
    pub groups: Vec<Word>,
    /// One name in so many is shown; 1: all.
    pub one_in: u64,
}

/// People as a whole.
#[derive(Clone, Debug, Serialize)]
pub struct People {
    pub all: u64,
    pub email: u64,
    /// Neither an id nor an address.
    pub anonymous: u64,
    pub unsubscribed: u64,
    /// `None`: no record says anything of it.
    pub suppressed: Option<u64>,
    pub deleted: Option<u64>,
    pub re_added: Option<u64>,
    /// By mail domain, the largest first.
    pub domains: Breakdown,
    pub split: Split,
}

/// People by what may tell a lead from a contact.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Split {
    /// Names of the columns: `identity`, `domain`, then the traits that were found.
    pub columns: Vec<String>,
    /// A word for each column, and how many people; empty words are blank.
    pub ways: Vec<(Vec<String>, u64)>,
    /// One way in so many is shown; 1: all.
    pub one_in: u64,
}

/// Counts by name and month.
#[derive(Clone, Debug, Serialize)]
pub struct Months {
    pub name: String,
    pub count: u64,
    /// `2024-03` and how many, in order.
    pub months: Vec<(String, u64)>,
}

/// Events as a whole.
#[derive(Clone, Debug, Serialize)]
pub struct Events {
    pub all: u64,
    pub names: Vec<Months>,
    /// One name in so many is shown; 1: all.
    pub one_in: u64,
    pub earliest: Option<String>,
    pub latest: Option<String>,
    /// Without a time.
    pub undated: u64,
    /// Of nobody.
    pub nobody: u64,
}

/// Deliveries as a whole.
#[derive(Clone, Debug, Serialize)]
pub struct Deliveries {
    pub by_channel: Events,
    /// `email sent` and how many.
    pub metrics: Breakdown,
    /// The source did not keep their content.
    pub forgotten: u64,
    pub bodies: u64,
}

/// One thing of an inventory.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Listed {
    pub id: String,
    pub name: String,
    pub kind: String,
    pub state: String,
    /// Its definition came with it, or its content is kept.
    pub is_whole: bool,
}
