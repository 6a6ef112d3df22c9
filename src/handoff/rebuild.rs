//! How a segment's conditions are set up anew, and what of them cannot be said (vendor's article 50000002621).
//!
//! Segments of the suite ask for fields of the contact and of its account, for lists, and for what happened since they
//! exist; what happened in Customer.io before is no event there. The classic edition has views over fields alone.

use std::collections::BTreeMap;

use super::condition::{Compare, Logic, Test};
use super::english::english;
use super::fields::{Edition, Fields};
use super::model::Whole;

/// Lines to set up, and lines that nothing can say.
#[derive(Debug, Default)]
pub(super) struct Rebuild {
    pub(super) lines: Vec<String>,
    pub(super) cannot: Vec<String>,
}

pub(super) struct Rebuilding<'r> {
    pub(super) edition: Edition,
    pub(super) fields: &'r Fields<'r>,
    /// Names of object types by id.
    pub(super) types: &'r BTreeMap<String, Vec<String>>,
    pub(super) named: &'r dyn Fn(&Test) -> Option<String>,
}

impl Rebuild {
    pub(super) fn verdict(&self) -> Whole {
        match (self.lines.is_empty(), self.cannot.is_empty()) {
            (false, true) => Whole::All,
            (false, false) => Whole::Partly,
            (true, _) => Whole::Nothing,
        }
    }
}

impl Rebuilding<'_> {
    /// Every condition of the tree goes to one of the two.
    pub(super) fn of(&self, logic: &Logic) -> Rebuild {
        let mut rebuild = Rebuild::default();
        self.part(logic, "", &mut rebuild);
        rebuild
    }

    fn part(&self, logic: &Logic, before: &str, rebuild: &mut Rebuild) {
        match logic {
            Logic::All(parts) | Logic::Any(parts) => {
                let is_all = matches!(logic, Logic::All(_));
                let word = if is_all { "all" } else { "any" };
                for (at, part) in parts.iter().enumerate() {
                    let before = format!("{before}{word} ({} of {}): ", at + 1, parts.len());
                    self.part(part, &before, rebuild);
                }
            }
            Logic::Not(inner) => self.part(inner, &format!("{before}not: "), rebuild),
            Logic::Test(test) => match self.test(test) {
                Ok(line) => rebuild.lines.push(format!("{before}{line}")),
                Err(why) => {
                    let said = english(logic, self.named);
                    rebuild.cannot.push(format!("{before}{said}: {why}"));
                }
            },
            Logic::Unknown(value) => {
                let why = "its form is not known here, read it in Customer.io";
                rebuild.cannot.push(format!("{before}{value}: {why}"));
            }
        }
    }

    fn test(&self, test: &Test) -> Result<String, String> {
        match test {
            Test::Attribute { of, compare } => self.attribute(of, compare),
            Test::Change {
                name,
                filters,
                times,
                within_s,
                inverse,
            } => self.change(name, filters.as_deref(), (*times, *within_s), *inverse),
            Test::Segment { id, inverse } => {
                let name = (self.named)(test);
                let name = name.unwrap_or_else(|| format!("segment {id}"));
                let how = if *inverse { "excludes" } else { "includes" };
                match self.edition {
                    Edition::Suite => Ok(format!("list “{name}” {how} the contact; the list is a snapshot, see segment {id}")),
                    Edition::Classic => Err("a view cannot ask for a list".to_owned()),
                }
            }
            Test::Event { .. } => Err(match self.edition {
                Edition::Suite => "past events are no events there; a custom event (needs Pro) counts from the day your own system sends it. Until then the static list stands in".to_owned(),
                Edition::Classic => "a view cannot ask for events; the static list stands in".to_owned(),
            }),
            Test::Message { .. } => Err(match self.edition {
                Edition::Suite => "mail that Customer.io sent is no mail activity there; `email activity` asks for mail sent from there on. Until then the static list stands in".to_owned(),
                Edition::Classic => "a view cannot ask what became of a message; the static list stands in".to_owned(),
            }),
        }
    }

    fn attribute(&self, of: &str, compare: &Compare) -> Result<String, String> {
        let (kind, field) = match of.split_once(' ') {
            Some((kind, id)) => {
                let mut names = self.types.get(id).into_iter().flatten();
                let field = names.find_map(|it| self.fields.of_object(it, &compare.field));
                (kind, field)
            }
            None if of == "person" => ("person", self.fields.of_trait(&compare.field)),
            None => (of, None),
        };
        let place = match kind {
            "person" => "contact field",
            "object" => "related account property",
            "relationship" => {
                return Err("attributes of a relationship have no field of their own".to_owned());
            }
            "device" => return Err("devices are not moved".to_owned()),
            _ => return Err("data of an event is no field".to_owned()),
        };
        let Some(field) = field else {
            return Err(if kind == "person" {
                self.fields.why_not(&compare.field)
            } else {
                "the rules give that attribute no field of the account".to_owned()
            });
        };
        let condition = english(
            &Logic::Test(Test::Attribute {
                of: "person".to_owned(),
                compare: Compare {
                    field: field.label.clone(),
                    ..compare.clone()
                },
            }),
            self.named,
        );
        let made = field.made.map_or_else(String::new, |made| {
            format!("; the words to compare with are those of the field: {made}")
        });
        Ok(format!("{place} (`{}`): {condition}{made}", field.field))
    }

    /// Segments ask for an attribute as for a change of it (customerio.md 6.5).
    fn change(
        &self,
        name: &str,
        filters: Option<&Logic>,
        (times, within_s): (u64, u64),
        inverse: bool,
    ) -> Result<String, String> {
        if times > 1 || within_s > 0 {
            return Err(
                "how often or when a field changed is not known there; the static list stands in"
                    .to_owned(),
            );
        }
        let Some(Logic::Test(Test::Attribute { compare, .. })) = filters else {
            return Err("it asks for the value before, or for several values; only what the field holds now is known there".to_owned());
        };
        if compare.field != "to" {
            return Err(
                "it asks for the value before; only what the field holds now is known there"
                    .to_owned(),
            );
        }
        let now = Compare {
            field: name.to_owned(),
            inverse: compare.inverse != inverse,
            ..compare.clone()
        };
        let line = self.attribute("person", &now)?;
        Ok(format!("{line} (asks for what it holds now)"))
    }
}
