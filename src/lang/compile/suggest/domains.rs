//! The values that are worth trying in each field: what the rules test, what fits the declared type, and what does not.

use std::collections::BTreeMap;

use crate::lang::compile::given::GivenValue;
use crate::model::{TimeUnit, Type};
use crate::plan::{
    ColumnCodes, Condition, Constant, Cut, EntityPlan, Expression, Plan, SlotId, SlotSpec, Table,
};

/// Items of a list that are tried; any of them does.
const ITEMS_TRIED: usize = 2;

/// Values by slot, each once; blank is always one of them and not listed.
pub(super) struct Domains<'p> {
    plan: &'p Plan,
    entity: &'p EntityPlan,
    pub(super) values: BTreeMap<SlotId, Vec<GivenValue>>,
    /// Slots that tables and facts look at.
    pub(super) in_tables: Vec<SlotId>,
    /// The first value of its type, for what every record has.
    pub(super) usual: BTreeMap<SlotId, GivenValue>,
    /// Texts that a field itself is compared with.
    tested: Vec<(SlotId, String)>,
}

impl<'p> Domains<'p> {
    pub(super) fn of(plan: &'p Plan, entity: &'p EntityPlan) -> Self {
        let mut domains = Self {
            plan,
            entity,
            values: BTreeMap::new(),
            in_tables: Vec::new(),
            usual: BTreeMap::new(),
            tested: Vec::new(),
        };
        for table in entity.exclude.iter().chain(&entity.decide) {
            domains.table(table);
        }
        for fact in &entity.facts {
            for line in &fact.lines {
                domains.condition(&line.when);
            }
        }
        domains.in_tables = domains.values.keys().copied().collect();
        for map in &entity.maps {
            for rule in &map.exclude {
                domains.condition(&rule.when);
            }
            for line in map.key.iter().chain(&map.lines) {
                domains.expression(&line.value);
            }
        }
        // What the type promises is tried first: it reads best.
        let tested = std::mem::take(&mut domains.values);
        for (slot, spec) in (0_u16..).map(SlotId).zip(&entity.slots) {
            for value in of_type(spec) {
                domains.usual.entry(slot).or_insert_with(|| value.clone());
                domains.add(slot, value);
            }
            for value in tested.get(&slot).into_iter().flatten() {
                domains.add(slot, value.clone());
            }
        }
        domains
    }

    /// Whether a rule compares the field with exactly this text.
    pub(super) fn is_tested(&self, slot: SlotId, text: &str) -> bool {
        self.tested
            .iter()
            .any(|(it, word)| *it == slot && word == text)
    }

    /// Whether a rule names the word at all.
    pub(super) fn is_named(&self, word: &str) -> bool {
        self.tested.iter().any(|(_, it)| it == word)
    }

    fn add(&mut self, slot: SlotId, value: GivenValue) {
        let values = self.values.entry(slot).or_default();
        if !values.iter().any(|it| it.to_json() == value.to_json()) {
            values.push(value);
        }
    }

    fn table(&mut self, table: &'p Table) {
        for column in &table.columns {
            match &column.codes {
                // Every fact is looked at anyway.
                ColumnCodes::Fact(_) => {}
                ColumnCodes::Words { value, words } => {
                    for word in words {
                        self.word(value, word);
                    }
                    self.word(value, "something else");
                }
                ColumnCodes::Boolean(value) => self.flag(value),
                ColumnCodes::Ranges { value, cuts } => {
                    for cut in cuts {
                        self.cut(value, cut);
                    }
                }
            }
        }
    }

    fn condition(&mut self, condition: &'p Condition) {
        match condition {
            Condition::Is { value, words } => {
                for word in words {
                    self.constant(value, word);
                }
            }
            // Its slots must be known; any value does.
            Condition::Blank(value) => {
                for slot in slots_of(value) {
                    self.values.entry(slot).or_default();
                }
            }
            Condition::InList { value, list } => {
                let list = self.plan.lists.get(usize::from(list.0));
                for item in list.iter().flat_map(|it| &it.items).take(ITEMS_TRIED) {
                    self.word(value, item);
                }
            }
            Condition::Compare { value, with, .. } => match with {
                Expression::Constant(constant) => self.constant(value, constant),
                Expression::Slot(_)
                | Expression::Fact(_)
                | Expression::Call { .. }
                | Expression::Concat(_)
                | Expression::FirstFilled(_)
                | Expression::Via { .. }
                | Expression::If { .. }
                | Expression::Test(_)
                | Expression::User(_) => {}
            },
            Condition::True(value) => self.flag(value),
            Condition::FactIs { .. } => {}
            Condition::Not(inner) => self.condition(inner),
            Condition::All(parts) | Condition::Any(parts) => {
                for part in parts {
                    self.condition(part);
                }
            }
        }
    }

    fn expression(&mut self, expression: &'p Expression) {
        match expression {
            Expression::Slot(_) | Expression::Constant(_) | Expression::Fact(_) => {}
            Expression::Call {
                arguments: parts, ..
            }
            | Expression::Concat(parts)
            | Expression::FirstFilled(parts) => {
                for part in parts {
                    self.expression(part);
                }
            }
            Expression::Via { value, map } => {
                let map = self.plan.values.get(usize::from(map.0));
                for word in map.iter().flat_map(|it| it.words.keys()) {
                    self.word(value, word);
                }
                self.expression(value);
            }
            Expression::If {
                when,
                then,
                otherwise,
            } => {
                self.condition(when);
                self.expression(then);
                self.expression(otherwise);
            }
            Expression::Test(condition) => self.condition(condition),
            Expression::User(id) => {
                if let Some(lookup) = self.entity.user_lookups.get(usize::from(id.0)) {
                    for user in self
                        .plan
                        .users
                        .iter()
                        .filter(|it| it.active)
                        .take(ITEMS_TRIED)
                    {
                        for slot in slots_of(&lookup.email) {
                            self.add(slot, GivenValue::Text(user.email.clone()));
                        }
                    }
                }
            }
        }
    }

    fn constant(&mut self, value: &Expression, constant: &Constant) {
        match constant {
            Constant::Blank => {}
            Constant::Text(text) => self.word(value, text),
            Constant::Boolean(_) => self.flag(value),
            Constant::Number(digits) => self.cut(value, &Cut::Number(digits.clone())),
            Constant::Date(date) => self.cut(value, &Cut::Date(*date)),
            Constant::Time(time) => self.cut(value, &Cut::Time(*time)),
        }
    }

    /// A word in the field itself, or what a function may make the word of.
    fn word(&mut self, value: &Expression, word: &str) {
        if let Expression::Slot(slot) = value {
            self.tested.push((*slot, word.to_owned()));
            return self.add(*slot, GivenValue::Text(word.to_owned()));
        }
        let guesses = [
            format!("jo@{word}"),
            word.to_owned(),
            format!("https://{word}/"),
            format!("{word}@firm.example"),
        ];
        for slot in slots_of(value) {
            for guess in &guesses {
                self.add(slot, GivenValue::Text(guess.clone()));
            }
        }
    }

    fn flag(&mut self, value: &Expression) {
        for slot in slots_of(value) {
            self.add(slot, GivenValue::Boolean(true));
            self.add(slot, GivenValue::Boolean(false));
        }
    }

    /// Below, on and above it.
    fn cut(&mut self, value: &Expression, cut: &Cut) {
        for slot in slots_of(value) {
            let spec = self.entity.slots.get(usize::from(slot.0));
            let r#type = spec.map(|it| it.r#type.clone());
            for by in [-1, 0, 1] {
                let value = super::super::proof::shifted(cut, by, r#type.as_ref());
                self.add(slot, value);
            }
        }
    }
}

/// The slots that a value is made of.
pub(super) fn slots_of(expression: &Expression) -> Vec<SlotId> {
    match expression {
        Expression::Slot(slot) => vec![*slot],
        Expression::Call {
            arguments: parts, ..
        }
        | Expression::Concat(parts)
        | Expression::FirstFilled(parts) => parts.iter().flat_map(slots_of).collect(),
        Expression::Via { value, .. } => slots_of(value),
        Expression::If {
            then, otherwise, ..
        } => slots_of(then)
            .into_iter()
            .chain(slots_of(otherwise))
            .collect(),
        Expression::Constant(_)
        | Expression::Fact(_)
        | Expression::Test(_)
        | Expression::User(_) => Vec::new(),
    }
}

/// Values that fit a declared type, then some that do not.
fn of_type(spec: &SlotSpec) -> Vec<GivenValue> {
    let text = |it: &str| GivenValue::Text(it.to_owned());
    let number = |it: &str| GivenValue::Number(it.to_owned());
    match &spec.r#type {
        Type::Integer => vec![number("7"), text("twelve")],
        Type::Decimal => vec![number("7.5"), text("twelve")],
        Type::Boolean if spec.derived => {
            vec![GivenValue::Boolean(true), GivenValue::Boolean(false)]
        }
        Type::Boolean => vec![
            GivenValue::Boolean(true),
            GivenValue::Boolean(false),
            text("perhaps"),
        ],
        Type::Date => vec![text("2024-05-31"), text("some day")],
        Type::Timestamp(_) if spec.derived => vec![number("1700000000")],
        Type::Timestamp(TimeUnit::Seconds) => vec![
            number("1700000000"),
            number("1700000000000"),
            text("some day"),
        ],
        Type::Timestamp(TimeUnit::Milliseconds) => vec![number("1700000000000"), text("some day")],
        Type::Timestamp(TimeUnit::Iso) => vec![text("2024-05-31T12:00:00Z"), text("some day")],
        Type::List(_) => vec![GivenValue::List, text("one")],
        Type::OneOf(words) => words
            .iter()
            .map(String::as_str)
            .chain(["something else"])
            .map(text)
            .collect(),
        Type::Object(_) => vec![text("no object")],
        Type::Json => vec![text("x")],
        Type::Text => texts(&spec.name),
    }
}

/// Texts that functions take, the one that the field's name promises first.
fn texts(name: &str) -> Vec<GivenValue> {
    let last = name.rsplit('.').next().unwrap_or(name);
    let known = [
        ("mail", "jo@firm.example"),
        ("phone", "+44 20 7946 0018"),
        ("mobile", "+44 20 7946 0018"),
        ("domain", "https://firm.example/"),
        ("site", "https://firm.example/"),
        ("birth", "1990-05-31"),
        ("date", "2024-05-31"),
        ("id", "7"),
        ("", "something else"),
    ];
    let mut all: Vec<&str> = Vec::new();
    let fitting = known.iter().filter(|(part, _)| last.contains(part));
    for (_, value) in fitting.chain(&known) {
        if !all.contains(value) {
            all.push(value);
        }
    }
    let texts = all.into_iter().map(|it| GivenValue::Text(it.to_owned()));
    texts.chain([GivenValue::Number("7".to_owned())]).collect()
}
