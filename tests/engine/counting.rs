//! The reader that counts against one that does not: it reads the same, and what it counts is what a walk over the parsed record finds.

use std::collections::BTreeSet;

use mapwright::model::{Entity, Existing, Type, WrongTypePolicy};
use mapwright::plan::{
    EntityPlan, IgnorePattern, MapPlan, Reader, Record, Rest, SlotId, SlotSpec, TargetId,
};
use proptest::prelude::*;
use serde_json::{Map, Value};

type Path = Vec<String>;

/// A plan with these slots, the second half of which are written, that keeps the rest.
fn entity(slots: &[Path], ignore: &[Path]) -> EntityPlan {
    let slot = |(index, path): (usize, &Path)| SlotSpec {
        name: path.join("."),
        path: path.clone(),
        r#type: Type::Json,
        optional: true,
        wrong_type: WrongTypePolicy::Hold,
        derived: false,
        written: index * 2 >= slots.len(),
    };
    let ignored = |path: &Path| IgnorePattern {
        path: path.clone(),
        because: "a test".to_owned(),
    };
    EntityPlan {
        entity: Entity::Person,
        object_type: None,
        id: SlotId(0),
        slots: slots.iter().enumerate().map(slot).collect(),
        ignore: ignore.iter().map(ignored).collect(),
        exclude: None,
        facts: vec![],
        decide: None,
        merge: None,
        maps: vec![MapPlan {
            target: TargetId(0),
            key: None,
            lines: vec![],
            links: vec![],
            rest: Some(Rest {
                rule_line: 1,
                field: 0,
                attach_above: None,
            }),
            collisions: vec![],
            existing: Existing::default(),
            existing_fields: vec![],
            exclude: vec![],
            members: None,
            document: None,
            as_activity: None,
        }],
        consent: None,
        parent: None,
        known_to_children_by: None,
        user_lookups: vec![],
    }
}

/// All that a reader finds, in words.
fn read(reader: &Reader, slots: usize, line: &str) -> String {
    let mut record = Record::with_slots(slots, 0);
    let read = reader.read(line.as_bytes(), &mut record);
    let mut strangers: Vec<_> = record.strangers().collect();
    strangers.sort_unstable();
    let (cells, extra) = (&record.cells, &record.extra);
    read.map_or_else(
        |error| error.to_string(),
        |()| format!("{cells:?} {extra:?} {strangers:?}"),
    )
}

/// Declared fields with a value, and the other keys with one that stand in no declared field.
#[derive(Debug, Default, PartialEq)]
struct Counted {
    filled: BTreeSet<Path>,
    undeclared: BTreeSet<Path>,
}

impl Counted {
    fn look(&mut self, declared: &[Path], object: &Map<String, Value>, path: &[String]) {
        let is_in_field = (1..=path.len()).any(|end| declared.iter().any(|it| *it == path[..end]));
        for (key, value) in object {
            let mut path = path.to_vec();
            path.push(key.clone());
            if value.is_null() {
                continue;
            }
            let below: Vec<&Path> = declared
                .iter()
                .filter(|it| it.len() > path.len() && it.starts_with(&path))
                .collect();
            let is_field = declared.contains(&path);
            if is_field && value != "" {
                self.filled.insert(path.clone());
            }
            match value {
                Value::Object(object) if !below.is_empty() => {
                    self.look(declared, object, &path);
                    continue;
                }
                // Something that is no object stands where they belong: it is not nothing.
                _ => self.filled.extend(below.into_iter().cloned()),
            }
            if !is_field && !is_in_field && value != "" {
                self.undeclared.insert(path);
            }
        }
    }
}

fn counted(reader: &Reader, slots: usize, declared: &[Path], line: &str) -> Counted {
    let mut record = Record::with_slots(slots, 0);
    reader.read(line.as_bytes(), &mut record).unwrap();
    let undeclared = record.undeclared().map(|(object, key)| {
        let mut path = reader.object_path(object).to_vec();
        path.push(key.to_owned());
        path
    });
    Counted {
        filled: record.filled().map(|it| declared[it].clone()).collect(),
        undeclared: undeclared.collect(),
    }
}

fn paths(most: usize) -> impl Strategy<Value = Vec<Path>> {
    let path = prop::collection::vec("[abc]", 1..4);
    prop::collection::btree_set(path, 0..most).prop_map(|it| it.into_iter().collect())
}

fn object() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        Just(Value::from("")),
        Just(Value::from("x")),
        Just(Value::from(1)),
        Just(Value::from(vec![1])),
        Just(Value::Object(Map::new())),
    ];
    members(leaf.prop_recursive(3, 24, 4, members).boxed())
}

fn members(inner: BoxedStrategy<Value>) -> BoxedStrategy<Value> {
    let members = prop::collection::btree_map("[abcd]", inner, 0..4);
    members
        .prop_map(|it| Value::Object(it.into_iter().collect()))
        .boxed()
}

proptest! {
    #[test]
    fn counting_changes_nothing_of_what_is_read_and_counts_what_is_there(
        slots in paths(4),
        ignore in paths(2),
        declared in paths(5),
        record in object(),
    ) {
        let plan = entity(&slots, &ignore);
        let (plain, counting) = (Reader::of(&plan), Reader::counting(&plan, &declared));
        let line = record.to_string();
        prop_assert_eq!(
            read(&plain, slots.len(), &line),
            read(&counting, slots.len(), &line)
        );
        let mut expected = Counted::default();
        expected.look(&declared, record.as_object().unwrap(), &[]);
        prop_assert_eq!(counted(&counting, slots.len(), &declared, &line), expected);
    }
}

/// What only the count looks into must not refuse a record that the load takes.
#[test]
fn an_object_that_is_only_counted_refuses_nothing() {
    let path = |keys: &[&str]| -> Path { keys.iter().map(|it| (*it).to_owned()).collect() };
    let (slots, declared) = ([path(&["a"])], [path(&["n", "x"])]);
    let plan = entity(&slots, &[]);
    let (plain, counting) = (Reader::of(&plan), Reader::counting(&plan, &declared));
    for line in [
        r#"{"a":1,"n":{"x":1,"x":2}}"#,
        r#"{"a":1,"n":{"x":1,"\ud800":2}}"#,
        r#"{"a":1,"n":{"x":1,"\ud800":2},"a":2}"#,
        r#"{"a":1,"n":{"x":1,}}"#,
    ] {
        let (left, right) = (read(&plain, 1, line), read(&counting, 1, line));
        assert_eq!(left, right, "{line}");
    }
    let line = r#"{"a":1,"n":{"x":1,"x":2}}"#;
    assert_eq!(
        counted(&counting, 1, &declared, line).filled,
        declared.into()
    );
}
