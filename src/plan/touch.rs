//! What of the rules one record's evaluation met: the rows, lines and words that its outcome stands on.
//!
//! Made for comparing two versions of the rules: a changed line that a record never met cannot have changed it.

use std::collections::{BTreeMap, BTreeSet};

use super::apply::Given;
use super::steps::is_of_the_rules;
use super::{
    Column, ColumnCodes, Condition, Decision, EntityPlan, Evaluation, Expression, FactId, Line,
    MapPlan, SlotId, Table, TargetPlan,
};
use crate::model::{Entity, Value};

/// One thing that the rules say; kinds of record are named as the reconciliation's rows: `person`, `object company`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Touch {
    /// A line of the rule file that the plan knows: a row of a table, a line of a map.
    Line(u32),
    /// The line of a fact that gave the word, or that could not be told; the one behind the last is `otherwise`.
    FactLine {
        kind: String,
        fact: String,
        at: usize,
    },
    /// The columns of `exclude` or `decide`.
    Columns { kind: String, table: &'static str },
    /// What a table says where no row fits.
    Otherwise { kind: String, table: &'static str },
    /// The head of a map.
    Map(String),
    /// `exclude when`, by its place among those of its map.
    LeavesOut { kind: String, at: usize },
    /// `existing overwrite`.
    Existing(String),
    /// What no line reads, or reads no more.
    Rest(String),
    /// A word of a value map.
    Value { map: String, word: Word },
    /// A word that was looked for on a list.
    Listed { list: String, word: String },
    /// A field's declaration.
    Declared { kind: String, path: String },
    /// A destination field, with what the rules say of its kind.
    Field { target: String, field: String },
    /// A rule for the whole kind: `ignore delivery`, `every other object`.
    Kind(String),
}

/// The left side of a value map.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Word {
    Of(String),
    Blank,
    Other,
}

/// What [`Met::fields`] calls an opt-out on a record that exists already.
pub const OPT_OUT: &str = "opt-out";

/// What one record met.
#[derive(Clone, Debug, Default)]
pub struct Met {
    /// What its ending stands on: what it becomes, or why it is left out or waits.
    pub ending: BTreeSet<Touch>,
    /// What each destination field stands on, the key among them.
    pub fields: BTreeMap<String, BTreeSet<Touch>>,
    /// Fields whose value is a word of the rules and nobody's own.
    pub words: BTreeSet<String>,
}

impl EntityPlan {
    /// `person`, `object company`.
    pub fn kind(&self) -> String {
        match &self.object_type {
            Some(of) => format!("{} {of}", Entity::Object),
            None => self.entity.to_string(),
        }
    }
}

impl<'r, 'a: 'r> Evaluation<'r, 'a> {
    /// What of the rules this record met.
    pub fn met(&self) -> Met {
        let mut met = Met::default();
        let kind = self.entity.kind();
        met.ending.insert(Touch::Kind(kind.clone()));
        self.in_consent(&mut met);
        if let Some(table) = &self.entity.exclude {
            self.in_table("exclude", table, &mut met.ending);
            if self.excluded().is_some() {
                return met;
            }
        }
        if let Some(table) = &self.entity.decide {
            self.in_table("decide", table, &mut met.ending);
        }
        let Some(map) = self.map_taken() else {
            return met;
        };
        met.ending.insert(Touch::Map(kind.clone()));
        for (at, rule) in map.exclude.iter().enumerate() {
            if matches!(self.holds(&rule.when), Ok(false)) {
                continue;
            }
            let kind = kind.clone();
            met.ending.insert(Touch::LeavesOut { kind, at });
            self.in_condition(&rule.when, &mut met.ending);
            return met;
        }
        if let Some(target) = self.plan.targets.get(usize::from(map.target.0)) {
            self.in_map(map, target, &mut met);
        }
        met
    }

    /// Said of everybody, whatever becomes of them.
    fn in_consent(&self, met: &mut Met) {
        let Some(consent) = &self.entity.consent else {
            return;
        };
        let touched = met.fields.entry(OPT_OUT.to_owned()).or_default();
        self.in_value(&consent.value, touched);
        self.in_value(&consent.find, touched);
        for map in &self.entity.maps {
            let target = self.plan.targets.get(usize::from(map.target.0));
            for line in &map.lines {
                let field = target.and_then(|it| it.fields.get(usize::from(line.field)));
                let is_it = field
                    .is_some_and(|it| it.name == consent.field || it.name == consent.find_field);
                touched.extend(is_it.then_some(Touch::Line(line.rule_line)));
            }
        }
    }

    fn in_table(&self, name: &'static str, table: &'r Table, touched: &mut BTreeSet<Touch>) {
        let kind = self.entity.kind();
        touched.insert(Touch::Columns {
            kind: kind.clone(),
            table: name,
        });
        for column in &table.columns {
            self.in_column(column, touched);
        }
        match table.row(self) {
            Ok(Some(row)) => {
                let line = table.rule_lines.get(row).copied();
                touched.extend(line.map(Touch::Line));
            }
            Ok(None) => {
                touched.insert(Touch::Otherwise { kind, table: name });
            }
            Err(_) => {}
        }
    }

    fn in_column(&self, column: &'r Column, touched: &mut BTreeSet<Touch>) {
        match &column.codes {
            ColumnCodes::Fact(fact) => self.in_fact(*fact, touched),
            ColumnCodes::Words { value, .. }
            | ColumnCodes::Boolean(value)
            | ColumnCodes::Ranges { value, .. } => self.in_value(value, touched),
        }
    }

    fn in_map(&self, map: &'r MapPlan, target: &'r TargetPlan, met: &mut Met) {
        let name = |field: u16| {
            let field = target.fields.get(usize::from(field));
            field.map_or_else(String::new, |it| it.name.clone())
        };
        let mut waits = false;
        for line in map.key.iter().chain(&map.lines) {
            let touched = self.in_line(line, target, &name(line.field));
            let given = self.line(line, target, &mut Vec::new(), &mut Vec::new());
            if !waits && matches!(given, Given::Hold(_) | Given::Stop(_)) {
                waits = true;
                met.ending.extend(touched.iter().cloned());
            }
            if is_of_the_rules(&line.value) || matches!(given, Given::Value(Value::Boolean(_))) {
                met.words.insert(name(line.field));
            }
            met.fields
                .entry(name(line.field))
                .or_default()
                .extend(touched);
        }
        for line in &map.links {
            let mut touched = BTreeSet::from([
                Touch::Line(line.rule_line),
                Touch::Field {
                    target: target.name.clone(),
                    field: name(line.field),
                },
            ]);
            if let Some(by) = &line.by_value {
                self.in_value(&by.equals, &mut touched);
            }
            if !waits && self.link(line, target, &mut Vec::new()).is_err() {
                waits = true;
                met.ending.extend(touched.iter().cloned());
            }
            met.fields
                .entry(name(line.field))
                .or_default()
                .extend(touched);
        }
        for line in &map.collisions {
            let touched = met.fields.entry(format!("collision {}", name(line.field)));
            let touched = touched.or_default();
            touched.insert(Touch::Line(line.rule_line));
            self.in_value(&line.value, touched);
        }
        if let Some(rest) = &map.rest {
            let touched = met.fields.entry(name(rest.field)).or_default();
            touched.insert(Touch::Line(rest.rule_line));
            touched.insert(Touch::Rest(self.entity.kind()));
        }
        let whole = map.members.iter().map(|it| it.rule_line);
        let whole = whole.chain(map.document.iter().map(|it| it.rule_line));
        met.ending.extend(whole.map(Touch::Line));
        for one in &map.existing_fields {
            let touched = met.fields.entry(format!("existing {}", name(one.field)));
            touched.or_default().insert(Touch::Line(one.rule_line));
        }
        met.fields
            .entry("existing".to_owned())
            .or_default()
            .insert(Touch::Existing(self.entity.kind()));
        if !waits && matches!(self.decide(&mut Vec::new()), Decision::Held(_)) {
            // Something that the destination demands is blank.
            let all = met.fields.values().flatten().cloned();
            met.ending.extend(all.collect::<Vec<_>>());
        }
    }

    fn in_line(&self, line: &'r Line, target: &TargetPlan, field: &str) -> BTreeSet<Touch> {
        let mut touched = BTreeSet::from([
            Touch::Line(line.rule_line),
            Touch::Field {
                target: target.name.clone(),
                field: field.to_owned(),
            },
        ]);
        self.in_value(&line.value, &mut touched);
        touched
    }

    fn in_value(&self, expression: &'r Expression, touched: &mut BTreeSet<Touch>) {
        match expression {
            Expression::Constant(_) => {}
            Expression::Slot(slot) => self.in_slot(*slot, touched),
            Expression::Fact(fact) => self.in_fact(*fact, touched),
            Expression::Call {
                arguments: parts, ..
            }
            | Expression::Concat(parts) => {
                for part in parts {
                    self.in_value(part, touched);
                }
            }
            Expression::FirstFilled(choices) => {
                for choice in choices {
                    self.in_value(choice, touched);
                    if !matches!(self.value(choice), Ok(value) if value.is_blank()) {
                        break;
                    }
                }
            }
            Expression::Via { value, map } => {
                self.in_value(value, touched);
                let (Some(map), Ok(found)) = (
                    self.plan.values.get(usize::from(map.0)),
                    self.value(value).as_ref().map(word_of),
                ) else {
                    return;
                };
                let word = match found {
                    None => Word::Blank,
                    Some(found) if map.words.contains_key(&found) => Word::Of(found),
                    Some(_) => Word::Other,
                };
                let map = map.name.clone();
                touched.insert(Touch::Value { map, word });
            }
            Expression::If {
                when,
                then,
                otherwise,
            } => {
                self.in_condition(when, touched);
                match self.holds(when) {
                    Ok(true) => self.in_value(then, touched),
                    Ok(false) => self.in_value(otherwise, touched),
                    Err(_) => {}
                }
            }
            Expression::Test(condition) => self.in_condition(condition, touched),
            Expression::User(id) => {
                if let Some(lookup) = self.entity.user_lookups.get(usize::from(id.0)) {
                    self.in_value(&lookup.email, touched);
                }
            }
        }
    }

    fn in_condition(&self, condition: &'r Condition, touched: &mut BTreeSet<Touch>) {
        match condition {
            Condition::Is { value, .. } | Condition::Blank(value) | Condition::True(value) => {
                self.in_value(value, touched);
            }
            Condition::InList { value, list } => {
                self.in_value(value, touched);
                let list = self.plan.lists.get(usize::from(list.0));
                if let (Some(list), Ok(Value::Text(word))) = (list, self.value(value)) {
                    touched.insert(Touch::Listed {
                        list: list.name.clone(),
                        word: word.into_owned(),
                    });
                }
            }
            Condition::Compare { value, with, .. } => {
                self.in_value(value, touched);
                self.in_value(with, touched);
            }
            Condition::FactIs { fact, .. } => self.in_fact(*fact, touched),
            Condition::Not(inner) => self.in_condition(inner, touched),
            Condition::All(parts) => {
                for part in parts {
                    self.in_condition(part, touched);
                    if !matches!(self.holds(part), Ok(true)) {
                        return;
                    }
                }
            }
            Condition::Any(parts) => {
                for part in parts {
                    self.in_condition(part, touched);
                    if !matches!(self.holds(part), Ok(false)) {
                        return;
                    }
                }
            }
        }
    }

    /// Only the line that gave the word: what was tried before it did not hold.
    fn in_fact(&self, id: FactId, touched: &mut BTreeSet<Touch>) {
        let Some(fact) = self.entity.facts.get(usize::from(id.0)) else {
            return;
        };
        let lines = fact.lines.iter();
        let at = lines
            .clone()
            .position(|it| !matches!(self.holds(&it.when), Ok(false)));
        let at = at.unwrap_or(fact.lines.len());
        touched.insert(Touch::FactLine {
            kind: self.entity.kind(),
            fact: fact.name.clone(),
            at,
        });
        if let Some(line) = fact.lines.get(at) {
            self.in_condition(&line.when, touched);
        }
    }

    /// A declaration stands for all that lies below it.
    fn in_slot(&self, slot: SlotId, touched: &mut BTreeSet<Touch>) {
        let Some(spec) = self.entity.slots.get(usize::from(slot.0)) else {
            return;
        };
        let ends = spec.name.match_indices('.').map(|(at, _)| at);
        for end in ends.chain([spec.name.len()]) {
            touched.insert(Touch::Declared {
                kind: self.entity.kind(),
                path: spec.name.get(..end).unwrap_or_default().to_owned(),
            });
        }
    }
}

/// What a value map looks for; nothing where the value is blank.
fn word_of(value: &Value<'_>) -> Option<String> {
    match value {
        _ if value.is_blank() => None,
        Value::Text(text) => Some(text.to_string()),
        Value::Number(digits) => Some(digits.to_string()),
        Value::Boolean(yes) => Some(if *yes { "yes" } else { "no" }.to_owned()),
        Value::Absent | Value::Null | Value::Time(_) | Value::Date(_) | Value::Json(_) => {
            Some(String::new())
        }
    }
}
