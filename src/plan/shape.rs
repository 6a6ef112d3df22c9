//! The parts of a plan: entities, slots, maps, lines, limits.

use serde::Serialize;

use super::{Condition, Expression, Fact, List, MergePlan, Table, ValueMap};
use crate::model::{Entity, Existing, Field, FieldWanted, Needs, Type, User, WrongTypePolicy};

/// Index of a slot within its entity's plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct SlotId(pub u16);

/// Index of a target within the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct TargetId(pub u16);

/// A whole compiled rule file.
#[derive(Clone, Debug, Serialize)]
pub struct Plan {
    pub title: String,
    /// Source system and destination as the rule file names them.
    pub source: String,
    pub destination: String,
    pub edition: String,
    /// Nothing of ours stands inside notes: identical texts are counted.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub no_markers: bool,
    pub targets: Vec<TargetPlan>,
    pub lists: Vec<List>,
    pub values: Vec<ValueMap>,
    pub users: Vec<User>,
    /// Owners are taken as they are written: there is no account to ask.
    pub users_unknown: bool,
    pub entities: Vec<EntityPlan>,
    /// What happens to object types without a map.
    pub other_objects: Option<ObjectRule>,
    pub ignored: Vec<Ignored>,
    pub limit: Option<Limit>,
    pub accepts: Vec<Accept>,
    pub fields_wanted: Vec<FieldWanted>,
}

impl Plan {
    /// The plan for one kind of record; objects are told apart by their type's name or slug.
    pub fn entity(&self, entity: Entity, object_type: Option<&str>) -> Option<&EntityPlan> {
        self.entities
            .iter()
            .find(|it| it.entity == entity && it.object_type.as_deref() == object_type)
    }

    /// The digest that approvals and the ledger name this plan by.
    ///
    /// # Panics
    /// Never: a plan has only text keys.
    pub fn digest(&self) -> String {
        let text = serde_json::to_vec(self).expect("a plan has only text keys");
        blake3::hash(&text).to_hex().to_string()
    }
}

/// A destination record kind that this plan writes, with the fields that it fills.
#[derive(Clone, Debug, Serialize)]
pub struct TargetPlan {
    pub name: String,
    pub fields: Vec<Field>,
    pub child: bool,
    pub needs: Needs,
    /// `check` counts it; `run` refuses it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub planned_only: bool,
    /// It takes the record as it is.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub whole: bool,
}

/// All the plan says of one kind of record.
#[derive(Clone, Debug, Serialize)]
pub struct EntityPlan {
    pub entity: Entity,
    /// For objects: the type's name or slug, as the rules write it.
    pub object_type: Option<String>,
    /// The slot with the record's id.
    pub id: SlotId,
    pub slots: Vec<SlotSpec>,
    /// Paths that no line reads because a rule leaves them out.
    pub ignore: Vec<IgnorePattern>,
    pub exclude: Option<Table>,
    pub facts: Vec<Fact>,
    pub decide: Option<Table>,
    pub merge: Option<MergePlan>,
    /// One map for each target that this entity may become.
    pub maps: Vec<MapPlan>,
    pub consent: Option<Consent>,
    /// For children: the slot with the parent's id, the parent's kind, and the parent's slot that it equals.
    pub parent: Option<(SlotId, Entity)>,
    /// The id that children name this record by, where it is not `id`.
    pub known_to_children_by: Option<SlotId>,
    pub user_lookups: Vec<UserLookup>,
}

/// One source value that the plan reads.
#[derive(Clone, Debug, Serialize)]
pub struct SlotSpec {
    /// As the rules write it.
    pub name: String,
    /// Keys from the top of the record.
    pub path: Vec<String>,
    pub r#type: Type,
    pub optional: bool,
    pub wrong_type: WrongTypePolicy,
    /// Filled by the engine, not read from the record.
    pub derived: bool,
    /// Some line writes it; `rest` leaves it out.
    pub written: bool,
}

/// `ignore traits._* because "…"`: the path, whose last key may end in `*`.
#[derive(Clone, Debug, Serialize)]
pub struct IgnorePattern {
    pub path: Vec<String>,
    pub because: String,
}

/// `map ENTITY to TARGET`.
#[derive(Clone, Debug, Serialize)]
pub struct MapPlan {
    pub target: TargetId,
    pub key: Option<Line>,
    pub lines: Vec<Line>,
    pub links: Vec<LinkLine>,
    pub rest: Option<Rest>,
    pub collisions: Vec<Collision>,
    pub existing: Existing,
    /// Lines that say it for their own field.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub existing_fields: Vec<ExistingField>,
    pub exclude: Vec<ExcludeWhen>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub members: Option<Members>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<Document>,
    /// The line of `as activity`: beside the target, an activity with its real start and end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_activity: Option<u32>,
}

/// `FIELD = VALUE existing skip`.
#[derive(Clone, Debug, Serialize)]
pub struct ExistingField {
    pub rule_line: u32,
    pub field: u16,
    pub how: Existing,
}

/// One field line.
#[derive(Clone, Debug, Serialize)]
pub struct Line {
    /// Line of the rule file, 1-based.
    pub rule_line: u32,
    /// Index of the destination field in its target's plan.
    pub field: u16,
    pub value: Expression,
    pub policy: Policy,
    /// Slots whose content goes to `rest` when `policy` gives the value up.
    pub slots: Vec<SlotId>,
    /// What the rule says is lost.
    pub loses: Option<String>,
    /// Whether it goes by a value map with a line that says what is lost.
    #[serde(skip)]
    pub loses_by_words: bool,
    /// A longer text, in characters, is attached as a file; the field keeps its beginning.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attach_above: Option<usize>,
}

/// `else …`: what a value that cannot be made does to its record.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum Policy {
    /// The record waits.
    Hold,
    /// The field stays empty and the report has a line.
    BlankReport,
    /// This value instead, counted.
    Value(super::Constant),
    /// The whole run is refused until a rule exists.
    Stop,
}

/// `accounts = lookup account by company …`.
#[derive(Clone, Debug, Serialize)]
pub struct LinkLine {
    pub rule_line: u32,
    pub field: u16,
    /// The destination kind that is linked to.
    pub target: TargetId,
    /// Relationships to objects of this type (name or slug); of an object `person`.
    pub object_type: String,
    pub none: NonePolicy,
    pub many: ManyPolicy,
    /// Which of several is marked when the source marks none.
    pub no_primary: Option<ManyPolicy>,
    /// Looked up by a value of the linked draft instead; `object_type` names the look-up then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by_value: Option<ByValue>,
}

/// `lookup account by cf_cio_key = "cio-o-" + traits.company_id`.
#[derive(Clone, Debug, Serialize)]
pub struct ByValue {
    /// Target and field that are compared.
    pub target: String,
    pub field: String,
    pub equals: Expression,
    /// What `equals` is made of.
    pub slots: Vec<SlotId>,
    /// The records that write such a value there, so that they are decided before.
    pub writers: Vec<RecordKind>,
}

/// One kind of record that has a map of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RecordKind {
    pub entity: Entity,
    /// For objects: the type's name or slug, as the rules write it.
    pub object_type: Option<String>,
}

/// What nobody found does.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum NonePolicy {
    Hold,
    BlankReport,
    /// A user or record by its name at the destination, found at compile time.
    Value(super::Constant),
    Stop,
}

/// What several found do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum ManyPolicy {
    Hold,
    BlankReport,
    Stop,
    Newest,
    Oldest,
    Primary,
    All,
}

/// `lookup user by email = EXPRESSION`.
#[derive(Clone, Debug, Serialize)]
pub struct UserLookup {
    pub email: Expression,
    pub none: NonePolicy,
    pub many: ManyPolicy,
}

/// `rest FIELD = json`.
#[derive(Clone, Debug, Serialize)]
pub struct Rest {
    pub rule_line: u32,
    pub field: u16,
    /// A longer text, in characters, is attached as a file instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attach_above: Option<usize>,
}

/// `members = person by external_id`.
#[derive(Clone, Debug, Serialize)]
pub struct Members {
    pub rule_line: u32,
    pub entity: Entity,
    /// The key that the members' own map writes.
    pub by: String,
}

/// `document "segments"`: the record, all of it, is written down in this document as well.
#[derive(Clone, Debug, Serialize)]
pub struct Document {
    pub rule_line: u32,
    pub name: String,
}

/// `collision name = …`.
#[derive(Clone, Debug, Serialize)]
pub struct Collision {
    pub rule_line: u32,
    pub field: u16,
    pub value: Expression,
}

/// `exclude when CONDITION because "…"`.
#[derive(Clone, Debug, Serialize)]
pub struct ExcludeWhen {
    pub when: Condition,
    pub because: String,
}

/// How to tell a record's consent whatever becomes of it.
#[derive(Clone, Debug, Serialize)]
pub struct Consent {
    /// The destination field, e.g. `subscription_status`.
    pub field: String,
    pub value: Expression,
    /// Destination words, strictest first; the last one is no opt-out.
    pub strictness: Vec<String>,
    /// The destination field that finds an existing record, e.g. `email`, and its value.
    pub find_field: String,
    pub find: Expression,
    /// One person can stand there in several records, so that an opt-out goes to all of them, not
    /// only to the one that is written.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub apart: bool,
}

/// `every other object …`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum ObjectRule {
    Stop(String),
    Hold(String),
    Exclude(String),
}

/// `ignore ENTITY because "…"`, for an object `ignore object "workspace" because`.
#[derive(Clone, Debug, Serialize)]
pub struct Ignored {
    pub entity: Entity,
    pub object_type: Option<String>,
    pub because: String,
}

/// `limit 100 notes per record`.
#[derive(Clone, Debug, Serialize)]
pub struct Limit {
    /// Target name, `note`.
    pub target: String,
    pub per_record: u32,
    /// Which children come first; an entity that is not listed comes last, in order of the plan.
    pub order: Vec<LimitOrder>,
    pub above: AboveLimit,
    /// What one line of a roll-up stands for.
    #[serde(skip_serializing_if = "Every::is_month")]
    pub every: Every,
}

/// `a line a month`: the stretch of time that one line tells of, in UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub enum Every {
    Day,
    /// From Monday on, as ISO 8601 counts them.
    Week,
    #[default]
    Month,
    Quarter,
    Year,
}

impl Every {
    /// The words of the language.
    pub const WORDS: [(&str, Self); 5] = [
        ("day", Self::Day),
        ("week", Self::Week),
        ("month", Self::Month),
        ("quarter", Self::Quarter),
        ("year", Self::Year),
    ];

    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde asks by reference whether to skip a field"
    )]
    fn is_month(&self) -> bool {
        *self == Self::Month
    }
}

/// What becomes of children above a limit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum AboveLimit {
    /// One child of this title with a line for each step; it counts among `per_record`.
    RollUp(String),
    Hold(String),
    Exclude(String),
    Stop(String),
}

/// One place in the order of a limit.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct LimitOrder {
    pub entity: Entity,
    pub newest_first: bool,
}

/// `accept up to N held ENTITY ["reason"] because "…"`.
#[derive(Clone, Debug, Serialize)]
pub struct Accept {
    pub entity: Entity,
    pub reason: Option<String>,
    pub up_to: u64,
    pub because: String,
}
