//! The rest of a draft: companies, what people did, and the kinds of record that nothing was drafted for.

use std::fmt::Write as _;

use super::lines::Line;
use super::rules::Draft;
use super::weigh::Trait;
use crate::model::{Entity, Type};

impl Draft<'_> {
    pub(super) fn objects(&self, text: &mut String) {
        if !self.found.has(Entity::Object) {
            return;
        }
        if let Some(company) = self.company() {
            let fields = self.found.objects.iter().find(|(name, _)| name == company);
            let has_name = fields.is_some_and(|(_, fields)| {
                fields
                    .iter()
                    .any(|it| it.path == "name" && it.r#type == Type::Text)
            });
            let name = if has_name {
                "first_filled(name, object_id)"
            } else {
                "object_id"
            };
            let _ = writeln!(text, "map object {company:?} to account");
            for (target, value, why) in [
                (
                    "key cf_source_key",
                    format!("\"{}o-\" + object_id", self.pair.prefix),
                    "the source's own key",
                ),
                ("name", name.to_owned(), "what it is called"),
                (
                    "collision name",
                    format!("{name} + \" (\" + object_id + \")\""),
                    "names are unique there",
                ),
                (
                    "rest cf_other_fields",
                    "json".to_owned(),
                    "whatever no line takes",
                ),
            ] {
                Line::new(target, &value, "split", why).write(text);
            }
            text.push_str("end\n\n");
        }
        text.push_str("every other object ignore because \"no rule was drafted for other types: decide what they become\"\n\n");
    }

    pub(super) fn events(&self, text: &mut String) {
        if !self.found.has(Entity::Event) {
            return;
        }
        let has = |name: &str| self.event(name).is_some();
        if !self.has_events() {
            text.push_str("ignore event because \"events without a name or a time: nothing can be drafted\"\n\n");
            return;
        }
        text.push_str("map event to note on person\n");
        for (target, value) in [
            ("title", "words(name)"),
            ("time", self.time_of_event()),
            ("body", "json(data)"),
        ] {
            if target != "body" || has("data") {
                Line::new(target, value, "split", "what a person did").write(text);
            }
        }
        let known = ["id", "name", "timestamp", "data", "cio_id"];
        for of in self
            .found
            .events
            .iter()
            .filter(|it| !known.contains(&it.path.as_str()))
        {
            let _ = writeln!(
                text,
                "  ignore {} because \"decide whether it goes into the body\"",
                of.path
            );
        }
        text.push_str("end\n\n");
    }

    /// One allowance over everything that becomes a note.
    pub(super) fn limit(&self, text: &mut String) {
        let turns: Vec<&str> = [
            ("delivery newest", self.delivery().is_some()),
            ("event newest", self.has_events()),
        ]
        .into_iter()
        .filter_map(|(turn, is_there)| is_there.then_some(turn))
        .collect();
        if turns.is_empty() {
            return;
        }
        let _ = write!(
            text,
            "limit 100 notes per record\n  first {}\n  \
             above roll up into one note \"Earlier activity\", a line a month   loses \"bodies of older items\"\nend\n\n",
            turns.join(", then ")
        );
    }

    /// Events have what a note needs.
    fn has_events(&self) -> bool {
        let is_named = self
            .event("name")
            .is_some_and(|it| matches!(it.r#type, Type::Text | Type::OneOf(_)));
        self.found.has(Entity::Event) && is_named && !self.time_of_event().is_empty()
    }

    /// How the time of an event is read; empty where it is none.
    fn time_of_event(&self) -> &'static str {
        match self.event("timestamp").map(|it| &it.r#type) {
            Some(Type::Timestamp(_)) => "timestamp",
            // Too many are no times of the source for the field to be declared as one.
            Some(Type::Integer) => "timestamp(timestamp, \"seconds\") else hold",
            Some(Type::Text | Type::OneOf(_)) => "timestamp(timestamp, \"iso\") else hold",
            Some(
                Type::Decimal
                | Type::Boolean
                | Type::Date
                | Type::List(_)
                | Type::Object(_)
                | Type::Json,
            )
            | None => "",
        }
    }

    fn event(&self, name: &str) -> Option<&Trait> {
        self.found.events.iter().find(|it| it.path == name)
    }

    /// Kinds that no rule was drafted for: told, so that nothing falls on the floor.
    pub(super) fn others(&self, text: &mut String) {
        let mapped = [Entity::Person, Entity::Object, Entity::Event];
        let others = self
            .found
            .kinds
            .iter()
            .filter(|it| !it.is_supporting() && !mapped.contains(it) && !self.is_drafted(**it));
        let words: Vec<&str> = others.map(|it| it.word()).collect();
        if !words.is_empty() {
            let _ = writeln!(
                text,
                "ignore {} because \"no rule was drafted: decide what they become\"",
                words.join(", ")
            );
        }
    }
}
