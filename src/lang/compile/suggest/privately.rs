//! An example of a record with its private values made up, that goes the same way through the rules.
//!
//! Values are replaced one after another; each replacement is run, and stays only where the record ends alike and reaches
//! the same points. What the rules name (words of a list, a choice, yes and no) stays; a text is never left as it was.

use serde_json::Value as Json;

use crate::lang::compile::given::GivenValue;
use crate::model::{Entity, Type, Value};
use crate::plan::{Cell, EntityPlan, Evaluation, Plan, RelatedState, SlotId};

use super::super::environment::Compiled;
use super::domains::Domains;
use super::seek::{Ends, Seeker, Sketch, with};
use super::stand::{End, Fate, Ran, Stand, Values};

/// A record as the plan saw it, apart from the capture that it came from.
#[derive(Clone, Debug)]
pub struct Taken {
    values: Values,
    /// By name of the object type: how many of the linked records will be there, and how many not.
    related: Vec<(Vec<String>, RelatedState)>,
    fate: Fate,
}

/// Why there is no such example.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Privately {
    /// The text.
    Example(String),
    /// What other records say of it decides, and an example has one record.
    NeedsOthers,
    /// No made-up value in this field lets it go the same way.
    CannotMask(String),
    /// The rules do not declare or map this kind of record.
    NotMapped,
}

impl Taken {
    /// Takes a record off its evaluation.
    pub fn of(evaluation: &Evaluation<'_, '_>, plan: &Plan) -> Option<Self> {
        let own = evaluation.entity;
        let entity = plan.entity(own.entity, own.object_type.as_deref())?;
        let record = evaluation.record;
        let slots = (0_u16..).map(SlotId).zip(&entity.slots).zip(&record.cells);
        let values = slots.filter_map(|((slot, _), cell)| Some((slot, given(cell)?)));
        let decision = evaluation.decide(&mut Vec::new());
        Some(Self {
            values: values.collect(),
            related: record
                .related
                .iter()
                .map(|it| (it.type_names.clone(), it.state))
                .collect(),
            fate: Fate::of(&decision),
        })
    }
}

/// Writes the example; `title` must not be taken by another one.
#[must_use]
pub fn example_from(
    compiled: &Compiled,
    (entity, object_type): (Entity, Option<&str>),
    taken: &Taken,
    title: &str,
) -> Privately {
    let Some(plan) = &compiled.plan else {
        return Privately::NotMapped;
    };
    let stand_of = |entity: &EntityPlan| {
        let declared = compiled
            .fields
            .iter()
            .find(|it| it.entity == entity.entity && it.object_type == entity.object_type)?;
        let entity = plan.entity(entity.entity, entity.object_type.as_deref())?;
        Some(Stand::new(plan, entity, declared))
    };
    let Some(stand) = plan.entity(entity, object_type).and_then(stand_of) else {
        return Privately::NotMapped;
    };
    let others: Vec<Stand<'_>> = plan
        .entities
        .iter()
        .filter(|it| matches!(it.entity, Entity::Object | Entity::Person))
        .filter_map(stand_of)
        .collect();
    let ends = ends_of(&stand, &others, taken);
    let values: Values = taken
        .values
        .iter()
        .filter(|(slot, _)| *slot != stand.entity.id)
        .cloned()
        .collect();
    let Some(wanted) = stand
        .run(&values, &ends)
        .filter(|it| it.fate.is_like(&taken.fate))
    else {
        return Privately::NeedsOthers;
    };
    let mut masking = Masking {
        domains: Domains::of(plan, stand.entity),
        stand: &stand,
        ends,
        wanted,
        values,
    };
    if let Err(field) = masking.mask() {
        return Privately::CannotMask(field);
    }
    Privately::Example(masking.text(title))
}

/// Linked records that stand for the real ones: none, one or two of each kind.
fn ends_of(stand: &Stand<'_>, others: &[Stand<'_>], taken: &Taken) -> Vec<End> {
    let mut ends = Vec::new();
    let mut types: Vec<&str> = Vec::new();
    for line in stand.entity.maps.iter().flat_map(|it| &it.links) {
        let of = line.object_type.as_str();
        if line.by_value.is_some() || types.contains(&of) {
            continue;
        }
        types.push(of);
        let met = |state: RelatedState| {
            let related = taken.related.iter();
            related
                .filter(move |(names, it)| *it == state && names.iter().any(|it| it == of))
                .count()
        };
        let made = others.iter().find(|it| {
            let name = it.entity.object_type.as_deref();
            it.entity.entity != stand.entity.entity && name.unwrap_or(it.entity.entity.word()) == of
        });
        let made = made.map_or_else(Ends::default, |it| {
            let mut seeker = Seeker::new(it, Domains::of(it.plan, it.entity), Vec::new());
            seeker.seek();
            seeker.ends()
        });
        let there = [made.drafted, made.second].into_iter().flatten();
        ends.extend(there.take(met(RelatedState::Drafted)));
        for _ in 0..met(RelatedState::NotWritten).min(1) {
            ends.extend(made.not_written.clone());
        }
    }
    ends
}

/// A record on its way to saying nothing about anybody.
struct Masking<'m> {
    stand: &'m Stand<'m>,
    domains: Domains<'m>,
    ends: Vec<End>,
    /// How it ends and what it reaches, before and after.
    wanted: Ran,
    values: Values,
}

impl Masking<'_> {
    /// # Errors
    /// With the field whose value cannot be made up.
    fn mask(&mut self) -> Result<(), String> {
        let mut left: Vec<SlotId> = self.values.iter().map(|(slot, _)| *slot).collect();
        // What one field must keep may depend on another: those that fail are tried once more.
        for _ in 0..2 {
            left.retain(|slot| !self.replace(*slot));
        }
        match left.first() {
            Some(slot) => Err(self.stand.slot_name(*slot).to_owned()),
            None => Ok(()),
        }
    }

    /// Whether the field holds nothing private any more.
    fn replace(&mut self, slot: SlotId) -> bool {
        let Some((_, old)) = self.values.iter().find(|(it, _)| *it == slot).cloned() else {
            return true;
        };
        if self.is_of_the_rules(slot, &old) {
            self.leave_out_no(slot, &old);
            return true;
        }
        for value in self.candidates(slot, &old) {
            if self.take(slot, value) {
                return true;
            }
        }
        // A number or a time says little of a person; a text may say all.
        matches!(old, GivenValue::Number(_))
    }

    /// Whether the record goes the same way with this value; it is kept then.
    fn take(&mut self, slot: SlotId, value: Option<GivenValue>) -> bool {
        let changed = with(&self.values, slot, value);
        let ran = self.stand.run(&changed, &self.ends);
        let is_alike = ran.is_some_and(|it| {
            it.fate.is_like(&self.wanted.fate) && it.reaches == self.wanted.reaches
        });
        if is_alike {
            self.values = changed;
        }
        is_alike
    }

    /// A flag that is `no` is not worth a word.
    fn leave_out_no(&mut self, slot: SlotId, value: &GivenValue) {
        if *value == GivenValue::Boolean(false) {
            self.take(slot, None);
        }
    }

    /// A word that the rules or the declaration name, yes and no.
    fn is_of_the_rules(&self, slot: SlotId, value: &GivenValue) -> bool {
        let text = match value {
            GivenValue::Boolean(_) => return true,
            GivenValue::Text(text) | GivenValue::MadeUp(text) => text,
            GivenValue::Number(_) | GivenValue::List | GivenValue::Json(_) => return false,
        };
        let spec = self.stand.entity.slots.get(usize::from(slot.0));
        matches!(spec.map(|it| &it.r#type), Some(Type::OneOf(words)) if words.contains(text))
            || self.domains.is_tested(slot, text)
    }

    fn candidates(&self, slot: SlotId, old: &GivenValue) -> Vec<Option<GivenValue>> {
        let mut found: Vec<String> = Vec::new();
        if let GivenValue::Text(text) = old {
            if let Some((_, domain)) = text.rsplit_once('@') {
                let domain = domain.trim().to_lowercase();
                let is_listed = self.stand.plan.lists.iter().any(|it| it.contains(&domain));
                if is_listed {
                    found.push(format!("jo@{domain}"));
                }
                found.push("jo@firm.example".to_owned());
            } else {
                found.extend((1..10).map(|by| with_other_digits(text, by)));
                found.push(of_its_shape(text));
            }
        }
        let usual = self.domains.values.get(&slot).cloned().unwrap_or_default();
        let usual = usual.into_iter().filter(|it| it != old);
        let found = found.into_iter().map(GivenValue::Text);
        let is_other = |it: &GivenValue| it != old && it.to_json() != old.to_json();
        let all = found.chain(usual).filter(is_other).map(Some);
        all.chain([None])
            .filter(|it| !self.tells(old, it.as_ref()))
            .collect()
    }

    /// Whether a made-up text holds a word of the old one.
    fn tells(&self, old: &GivenValue, new: Option<&GivenValue>) -> bool {
        let (GivenValue::Text(old), Some(GivenValue::Text(new))) = (old, new) else {
            return false;
        };
        let local = |text: &str| text.split('@').next().unwrap_or_default().to_lowercase();
        let (old, new) = (local(old), local(new));
        let old: Vec<&str> = words(&old).collect();
        words(&new).any(|it| old.contains(&it) && !self.domains.is_named(it))
    }

    fn text(&self, title: &str) -> String {
        let ran = self.stand.run(&self.values, &self.ends);
        let ran = ran.unwrap_or_else(|| self.wanted.clone());
        let sketch = Sketch {
            values: self.values.clone(),
            ends: self.ends.clone(),
            fate: ran.fate,
            reaches: ran.reaches,
        };
        super::text::example(self.stand, &sketch, title, None)
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|it: char| !it.is_alphanumeric())
        .filter(|it| !it.is_empty())
}

fn given(cell: &Cell<'_>) -> Option<GivenValue> {
    match cell {
        Cell::Raw(raw) | Cell::Misplaced(raw) => match serde_json::from_str(raw).ok()? {
            Json::Null => None,
            Json::Bool(yes) => Some(GivenValue::Boolean(yes)),
            Json::Number(_) => Some(GivenValue::Number((*raw).to_owned())),
            Json::String(text) => Some(GivenValue::Text(text)),
            json @ (Json::Array(_) | Json::Object(_)) => Some(GivenValue::Json(json)),
        },
        Cell::Derived(Value::Text(text)) => Some(GivenValue::Text(text.to_string())),
        Cell::Derived(Value::Boolean(yes)) => Some(GivenValue::Boolean(*yes)),
        Cell::Derived(Value::Number(digits)) => Some(GivenValue::Number(digits.to_string())),
        Cell::Derived(Value::Time(time)) => Some(GivenValue::Number(time.as_second().to_string())),
        Cell::Derived(Value::Date(date)) => Some(GivenValue::Text(date.to_string())),
        Cell::Missing | Cell::Derived(Value::Absent | Value::Null | Value::Json(_)) => None,
    }
}

/// The last digits of a number that somebody can be called by, changed; letters are made up.
fn with_other_digits(text: &str, by: u32) -> String {
    /// The digits before them say the country and the network.
    const LAST: usize = 5;
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let mut met = 0;
    let changed = text.chars().map(|it| {
        let Some(digit) = it.to_digit(10) else {
            return it;
        };
        met += 1;
        if met + LAST <= digits {
            return it;
        }
        char::from_digit((digit + by) % 10, 10).unwrap_or(it)
    });
    of_its_shape_letters(&changed.collect::<String>())
}

/// Letters and digits made up; case, length and signs stay.
fn of_its_shape(text: &str) -> String {
    let digits = text.chars().map(|it| {
        let digit = it
            .to_digit(10)
            .and_then(|it| char::from_digit((it + 3) % 10, 10));
        digit.unwrap_or(it)
    });
    of_its_shape_letters(&digits.collect::<String>())
}

fn of_its_shape_letters(text: &str) -> String {
    let mut made = "ravomikesu".chars().cycle();
    text.chars()
        .map(|it| match it {
            // An example stands on one line.
            _ if it.is_control() => ' ',
            _ if !it.is_alphabetic() => it,
            _ if it.is_uppercase() => made.next().unwrap_or('r').to_ascii_uppercase(),
            _ => made.next().unwrap_or('r'),
        })
        .collect()
}
