//! A small plan made by hand: people split by a trait and merged by e-mail, companies, notes with a limit.

use std::collections::BTreeMap;

use mapwright::model::{
    Choice, Entity, Existing, Field, FieldKind, Needs, TimeUnit, Type, WrongTypePolicy,
};
use mapwright::plan::{
    AboveLimit, Arm, Column, ColumnCodes, Condition, Consent, Constant, EntityPlan, Every,
    ExcludeWhen, Expression, Fact, FactId, FactLine, IgnorePattern, Ignored, Limit, LimitOrder,
    Line, LinkLine, ManyPolicy, MapPlan, MergePlan, MergeWinner, NonePolicy, ObjectRule, Plan,
    Policy, Rest, RowMask, RowResult, SlotId, SlotSpec, Table, TargetId, TargetPlan, ValueMap,
    ValueMapId, find_builtin,
};

const CONSENT: [&str; 4] = ["Reported as spam", "Bounced", "Unsubscribed", "Subscribed"];

pub(super) fn plan() -> Plan {
    Plan {
        title: "test".into(),
        source: "customerio".into(),
        destination: "freshsales".into(),
        edition: "suite".into(),
        targets: vec![
            person_target("contact"),
            person_target("lead"),
            target("account", vec![text("cf_key"), unique("name")]),
            target(
                "note",
                vec![
                    text("title"),
                    field("time", FieldKind::Timestamp),
                    text("body"),
                ],
            ),
        ],
        lists: Vec::new(),
        values: vec![consent_words()],
        users: Vec::new(),
        users_unknown: false,
        entities: vec![person(), company(), event()],
        other_objects: Some(ObjectRule::Exclude("no use for it".into())),
        ignored: vec![Ignored {
            entity: Entity::Segment,
            object_type: None,
            because: "read, not yet mapped".into(),
        }],
        limit: Some(Limit {
            target: "note".into(),
            per_record: 100,
            order: vec![LimitOrder {
                entity: Entity::Event,
                newest_first: true,
            }],
            above: AboveLimit::RollUp("Earlier activity".into()),
            every: Every::Month,
        }),
        no_markers: false,
        accepts: Vec::new(),
        fields_wanted: Vec::new(),
    }
}

fn field(name: &str, kind: FieldKind) -> Field {
    Field {
        name: name.into(),
        label: name.into(),
        kind,
        required: false,
        writable: true,
        unique: false,
        place: Vec::new(),
    }
}

fn text(name: &str) -> Field {
    field(name, FieldKind::Text { max: None })
}

fn unique(name: &str) -> Field {
    Field {
        unique: true,
        ..text(name)
    }
}

fn target(name: &str, fields: Vec<Field>) -> TargetPlan {
    TargetPlan {
        planned_only: false,
        whole: false,
        name: name.into(),
        fields,
        child: name == "note",
        needs: Needs::Nothing,
    }
}

fn person_target(name: &str) -> TargetPlan {
    let choices = CONSENT.map(|label| Choice {
        id: label.into(),
        label: label.into(),
    });
    let consent = FieldKind::Choice {
        choices: choices.to_vec(),
        strictness: CONSENT.map(str::to_owned).to_vec(),
    };
    let accounts = FieldKind::Links {
        target: "account".into(),
        max: Some(10),
    };
    let fields = vec![
        text("external_id"),
        text("email"),
        text("first_name"),
        field("subscription_status", consent),
        field("accounts", accounts),
        text("cf_other"),
    ];
    target(name, fields)
}

fn consent_words() -> ValueMap {
    let give = |word: &str| Arm::Give(Constant::Text(word.into()));
    let words = [
        ("spam", "Reported as spam"),
        ("bounced", "Bounced"),
        ("opted_out", "Unsubscribed"),
        ("subscribed", "Subscribed"),
    ];
    ValueMap {
        name: "consent_words".into(),
        words: BTreeMap::from(words.map(|(from, to)| (from.to_owned(), give(to)))),
        blank: Arm::Hold,
        other: Arm::Hold,
        losses: Vec::new(),
    }
}

pub(super) fn slot(path: &str, r#type: Type) -> SlotSpec {
    SlotSpec {
        name: path.into(),
        path: path.split('.').map(str::to_owned).collect(),
        r#type,
        optional: true,
        wrong_type: WrongTypePolicy::Hold,
        derived: false,
        written: true,
    }
}

fn derived(name: &str, r#type: Type) -> SlotSpec {
    SlotSpec {
        derived: true,
        ..slot(name, r#type)
    }
}

fn read(index: u16) -> Expression {
    Expression::Slot(SlotId(index))
}

fn constant(text: &str) -> Expression {
    Expression::Constant(Constant::Text(text.into()))
}

fn is(value: Expression, word: &str) -> Condition {
    Condition::Is {
        value,
        words: vec![Constant::Text(word.into())],
    }
}

fn line(rule_line: u32, field: u16, value: Expression) -> Line {
    Line {
        rule_line,
        field,
        value,
        policy: Policy::Hold,
        slots: Vec::new(),
        loses: None,
        loses_by_words: false,
        attach_above: None,
    }
}

fn rows(of: usize, rows: &[usize]) -> RowMask {
    let mut mask = RowMask::none(of);
    for row in rows {
        mask.add(*row);
    }
    mask
}

fn entity(entity: Entity, slots: Vec<SlotSpec>, maps: Vec<MapPlan>) -> EntityPlan {
    EntityPlan {
        entity,
        object_type: None,
        id: SlotId(0),
        slots,
        ignore: Vec::new(),
        exclude: None,
        facts: Vec::new(),
        decide: None,
        merge: None,
        maps,
        consent: None,
        parent: None,
        known_to_children_by: None,
        user_lookups: Vec::new(),
    }
}

fn map(target: u16, key: Option<Line>, lines: Vec<Line>) -> MapPlan {
    MapPlan {
        target: TargetId(target),
        key,
        lines,
        links: Vec::new(),
        rest: None,
        collisions: Vec::new(),
        existing: Existing::FillBlank,
        existing_fields: Vec::new(),
        members: None,
        document: None,
        as_activity: None,
        exclude: Vec::new(),
    }
}

fn lower(value: Expression) -> Expression {
    let (builtin, _) = find_builtin("lower").unwrap();
    Expression::Call {
        builtin,
        arguments: vec![value],
    }
}

fn consent_value() -> Expression {
    Expression::Via {
        value: Box::new(Expression::Fact(FactId(0))),
        map: ValueMapId(0),
    }
}

fn person_map(target: u16) -> MapPlan {
    let key = Expression::Concat(vec![constant("p-"), read(0)]);
    let mut map = map(
        target,
        Some(line(10, 0, key)),
        vec![
            line(11, 1, lower(read(2))),
            line(12, 2, read(7)),
            line(13, 3, consent_value()),
        ],
    );
    map.links = vec![LinkLine {
        rule_line: 14,
        field: 4,
        target: TargetId(2),
        object_type: "company".into(),
        none: NonePolicy::BlankReport,
        many: ManyPolicy::All,
        no_primary: Some(ManyPolicy::Newest),
        by_value: None,
    }];
    map.rest = Some(Rest {
        rule_line: 15,
        field: 5,
        attach_above: None,
    });
    map
}

fn person() -> EntityPlan {
    let slots = vec![
        slot("cio_id", Type::Text),
        slot("id", Type::Text),
        slot("email", Type::Text),
        slot("updated_at", Type::Timestamp(TimeUnit::Seconds)),
        slot("unsubscribed", Type::Boolean),
        slot("deleted", Type::Boolean),
        slot("traits.stage", Type::Text),
        slot("traits.first_name", Type::Text),
        derived("esp_suppression", Type::Text),
        derived("all_topics_off", Type::Boolean),
    ];
    let mut person = entity(Entity::Person, slots, vec![person_map(0), person_map(1)]);
    person.ignore = vec![IgnorePattern {
        path: vec!["preferences".into()],
        because: "consent reads it".into(),
    }];
    person.exclude = Some(Table {
        columns: vec![Column {
            name: "deleted".into(),
            codes: ColumnCodes::Boolean(read(5)),
            rows: vec![rows(2, &[0]), rows(2, &[1]), rows(2, &[0])],
        }],
        results: vec![RowResult::Keep, RowResult::Exclude("erased".into())],
        rule_lines: vec![1, 2],
        otherwise: RowResult::Hold("neither".into()),
    });
    let opted_out = Condition::Any(vec![Condition::True(read(4)), Condition::True(read(9))]);
    let words = ["spam", "bounced", "opted_out", "subscribed"];
    person.facts = vec![Fact {
        name: "consent".into(),
        words: words.map(str::to_owned).to_vec(),
        lines: vec![
            FactLine {
                word: 0,
                when: is(read(8), "spam"),
            },
            FactLine {
                word: 1,
                when: is(read(8), "bounced"),
            },
            FactLine {
                word: 2,
                when: opted_out,
            },
        ],
        otherwise: 3,
    }];
    let become_a = |target| RowResult::Become {
        target: TargetId(target),
        queue: None,
    };
    person.decide = Some(Table {
        columns: vec![Column {
            name: "traits.stage".into(),
            codes: ColumnCodes::Words {
                value: read(6),
                words: vec!["customer".into(), "lead".into()],
            },
            rows: vec![
                rows(2, &[0]),
                rows(2, &[1]),
                rows(2, &[1]),
                RowMask::none(2),
            ],
        }],
        results: vec![become_a(0), become_a(1)],
        rule_lines: vec![5, 6],
        otherwise: RowResult::Hold("stage is not on our list".into()),
    });
    person.merge = Some(MergePlan {
        rule_line: 8,
        name: "email".into(),
        by: read(2),
        winner: MergeWinner::Newest(SlotId(3)),
        fields: Vec::new(),
        fill_from_others: true,
    });
    person.consent = Some(Consent {
        field: "subscription_status".into(),
        value: consent_value(),
        strictness: CONSENT.map(str::to_owned).to_vec(),
        find_field: "email".into(),
        find: lower(read(2)),
        apart: false,
    });
    person
}

fn company() -> EntityPlan {
    let slots = vec![
        slot("object_id", Type::Text),
        slot("attributes.name", Type::Text),
    ];
    let key = Expression::Concat(vec![constant("o-"), read(0)]);
    let map = map(2, Some(line(20, 0, key)), vec![line(21, 1, read(1))]);
    EntityPlan {
        object_type: Some("company".into()),
        ..entity(Entity::Object, slots, vec![map])
    }
}

fn event() -> EntityPlan {
    let slots = vec![
        slot("id", Type::Text),
        slot("name", Type::Text),
        slot("timestamp", Type::Timestamp(TimeUnit::Seconds)),
        slot("data", Type::Json),
        slot("cio_id", Type::Text),
    ];
    let lines = vec![
        line(30, 0, read(1)),
        line(31, 1, read(2)),
        line(32, 2, read(3)),
    ];
    let mut map = map(3, None, lines);
    map.exclude = vec![ExcludeWhen {
        when: is(read(1), "heartbeat"),
        because: "noise".into(),
    }];
    EntityPlan {
        parent: Some((SlotId(4), Entity::Person)),
        ..entity(Entity::Event, slots, vec![map])
    }
}
