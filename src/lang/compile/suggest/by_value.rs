//! Looks for records that a look-up by value meets, misses, or meets twice: both sides are given the same value, or
//! another one, by what each of them makes its value of.

use crate::lang::compile::further::held_in;
use crate::lang::compile::given::GivenValue;
use crate::model::Value;
use crate::plan::{ByValue, Constant, Expression, RecordKind};

use super::domains::slots_of;
use super::seek::{Seeker, with};
use super::stand::{End, ID, SECOND, Stand, Values};

/// Records of one kind whose look-ups are tried.
const SKETCHES_TRIED: usize = 12;
/// What a field holds that nothing else gives a value.
const ANY: &str = "7";

/// A record that will be there, from which others like it are made.
pub(super) struct Writer<'s> {
    pub(super) stand: &'s Stand<'s>,
    pub(super) target: String,
    pub(super) values: Values,
}

impl<'s> Seeker<'s> {
    pub(super) fn seek_values(&mut self, writers: &[Writer<'_>]) {
        let maps = &self.stand.entity.maps;
        let links: Vec<&'s ByValue> = maps
            .iter()
            .flat_map(|it| &it.links)
            .filter_map(|it| it.by_value.as_ref())
            .collect();
        for by in links {
            let own = writers.iter().filter(|it| it.writes(by));
            for writer in own {
                for values in self.some_values(SKETCHES_TRIED) {
                    self.meet(&values, by, writer);
                }
            }
        }
    }

    fn meet(&mut self, values: &Values, by: &ByValue, writer: &Writer<'_>) {
        let Some(one) = End::of(writer.stand, &writer.values, ID) else {
            return;
        };
        let wanted = one.held(&by.field);
        for (own, value) in self.asking(values, by, wanted.as_deref()) {
            self.offer(own.clone(), std::slice::from_ref(&one));
            let (one, second) = writer.holding(&by.field, &value);
            let Some(one) = one else { continue };
            self.offer(own.clone(), std::slice::from_ref(&one));
            if let Some(second) = second {
                self.offer(own, &[one, second]);
            }
        }
    }

    /// The record as it is, and so that it asks for `wanted`, each with what it asks for.
    fn asking(&self, values: &Values, by: &ByValue, wanted: Option<&str>) -> Vec<(Values, String)> {
        let mut all = vec![values.clone()];
        for slot in &by.slots {
            for wanted in wanted.into_iter().chain([ANY]) {
                let inner = inner(&by.equals, wanted);
                all.extend(inner.map(|it| with(values, *slot, Some(GivenValue::Text(it)))));
            }
        }
        let asked = |values: Values| {
            let value = self.stand.with(&values, &[], |evaluation| {
                match evaluation.value(&by.equals) {
                    Ok(Value::Text(value)) if !value.is_empty() => Some(value.to_string()),
                    Ok(_) | Err(_) => None,
                }
            });
            Some((values, value??))
        };
        all.into_iter().filter_map(asked).collect()
    }
}

impl Writer<'_> {
    fn writes(&self, by: &ByValue) -> bool {
        let entity = self.stand.entity;
        let kind = RecordKind {
            entity: entity.entity,
            object_type: entity.object_type.clone(),
        };
        self.target == by.target && by.writers.contains(&kind)
    }

    /// A record whose draft holds the value in the field, and a second one where the id does not make the value.
    fn holding(&self, field: &str, value: &str) -> (Option<End>, Option<End>) {
        let entity = self.stand.entity;
        for written in self.written(field) {
            for slot in slots_of(written) {
                for inner in inner(written, value) {
                    let values = with(&self.values, slot, Some(GivenValue::Text(inner)));
                    let made = |id: &str| {
                        let end = End::of(self.stand, &values, id)?;
                        (end.held(field).as_deref() == Some(value)).then_some(end)
                    };
                    if slot == entity.id {
                        // It is called by its value.
                        if let Some(end) = End::as_it_is(self.stand, &values)
                            .filter(|it| it.held(field).as_deref() == Some(value))
                        {
                            return (Some(end), None);
                        }
                    } else if let Some(one) = made(ID) {
                        return (Some(one), made(SECOND));
                    }
                }
            }
        }
        (None, None)
    }

    /// What the maps to the target write into a field.
    fn written(&self, field: &str) -> impl Iterator<Item = &Expression> {
        let targets = &self.stand.plan.targets;
        self.stand.entity.maps.iter().flat_map(move |map| {
            let target = targets.get(usize::from(map.target.0));
            let target = target.filter(|it| it.name == self.target);
            let lines = map.key.iter().chain(&map.lines);
            lines
                .filter(move |line| {
                    let found = target.and_then(|it| it.fields.get(usize::from(line.field)));
                    found.is_some_and(|it| it.name == field)
                })
                .map(|line| &line.value)
        })
    }
}

impl End {
    /// What its draft holds in a field.
    fn held(&self, field: &str) -> Option<String> {
        let (_, draft) = self.drafted.as_ref()?;
        held_in(draft, field)
    }
}

/// Texts that may give the wanted one: itself, and without the fixed text that stands before or behind.
fn inner(expression: &Expression, wanted: &str) -> impl Iterator<Item = String> {
    let mut all = vec![wanted.to_owned()];
    if let Expression::Concat(parts) = expression {
        let fixed = |part: Option<&Expression>| match part {
            Some(Expression::Constant(Constant::Text(text))) => text.clone(),
            Some(_) | None => String::new(),
        };
        let (before, behind) = (fixed(parts.first()), fixed(parts.last()));
        let rest = wanted.strip_prefix(before.as_str());
        let rest = rest.and_then(|it| it.strip_suffix(behind.as_str()));
        all.extend(rest.filter(|it| !it.is_empty()).map(str::to_owned));
    }
    all.into_iter()
}
