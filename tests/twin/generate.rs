//! Rule files and records from dice: the same seed, the same rules.

use serde_json::{Value as Json, json};

use super::rules::{Becomes, Column, Fact, Line, Policy, Row, Rules, Test, Value, words_of};

/// `SplitMix64`: small, and enough for dice.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        // Mixed, so that one seed's rolls are not those of the seed before, one later.
        Self(Self(seed.wrapping_mul(0xD134_2543_DE82_EF95)).roll())
    }

    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, sides: usize) -> usize {
        usize::try_from(self.roll() % u64::try_from(sides).unwrap()).unwrap()
    }

    pub(crate) fn one_in(&mut self, sides: usize) -> bool {
        self.below(sides) == 0
    }

    pub(crate) fn pick<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())].clone()
    }
}

/// Rules without a gap or an overlap: the table is cut again and again.
pub(crate) fn sound_rules(dice: &mut Dice) -> Rules {
    let mut rules = frame(dice);
    let cuts = 1 + dice.below(4);
    rules.rows = partition(dice, &rules, cuts);
    rules.otherwise = dice.one_in(2);
    if rules.otherwise {
        // Words that no list has may be left to `otherwise`.
        let columns = rules.columns.iter().enumerate();
        let words = columns.filter_map(|(at, column)| match column {
            Column::Words(field) => Some((at, words_of(field).len() + 1)),
            Column::Fact(_) | Column::Vip | Column::Seats => None,
        });
        for (at, other) in words.collect::<Vec<_>>() {
            for row in &mut rules.rows {
                let without = row.cells[at] & !(1 << other);
                if without != 0 && dice.one_in(2) {
                    row.cells[at] = without;
                }
            }
        }
    }
    rules
}

/// Rules that may have gaps and overlaps.
pub(crate) fn odd_rules(dice: &mut Dice) -> Rules {
    let mut rules = frame(dice);
    let cuts = 1 + dice.below(4);
    rules.rows = partition(dice, &rules, cuts);
    for _ in 0..dice.below(3) {
        match dice.below(4) {
            0 if rules.rows.len() > 1 => {
                let row = dice.below(rules.rows.len());
                rules.rows.remove(row);
            }
            1 | 2 => {
                let (row, column) = (
                    dice.below(rules.rows.len()),
                    dice.below(rules.columns.len()),
                );
                let classes = rules.classes(&rules.columns[column]);
                let more = u32::try_from(dice.roll() & 0xFFFF).unwrap() & ((1 << classes) - 1);
                rules.rows[row].cells[column] |= more;
            }
            _ => {
                let (row, column) = (
                    dice.below(rules.rows.len()),
                    dice.below(rules.columns.len()),
                );
                let classes = rules.classes(&rules.columns[column]);
                let fewer = rules.rows[row].cells[column] & !(1 << dice.below(classes as usize));
                if fewer != 0 {
                    rules.rows[row].cells[column] = fewer;
                }
            }
        }
    }
    rules.otherwise = dice.one_in(4);
    rules
}

/// A record of any fields, some of them odd.
pub(crate) fn record(dice: &mut Dice) -> String {
    let mut record = json!({ "cio_id": format!("p{}", dice.below(1000)) });
    let choices: [(&str, Vec<Json>); 7] = [
        (
            "stage",
            vec![
                json!("a"),
                json!("b"),
                json!("c"),
                json!("z"),
                json!(""),
                json!(null),
                json!(3),
            ],
        ),
        (
            "kind",
            vec![json!("x"), json!("y"), json!("w"), json!(null), json!([1])],
        ),
        (
            "vip",
            vec![
                json!(true),
                json!(false),
                json!("TRUE"),
                json!("0"),
                json!(""),
                json!("maybe"),
            ],
        ),
        (
            "seats",
            vec![
                json!(5),
                json!(10),
                json!("30"),
                json!(50),
                json!(51),
                json!(-3),
                json!(null),
                json!("a few"),
                json!(1.5),
            ],
        ),
        (
            "name",
            vec![
                json!("Ann"),
                json!("Bob"),
                json!("ann"),
                json!("Élise Überlang"),
                json!("  Zoë "),
                json!(""),
                json!(7),
            ],
        ),
        (
            "code",
            vec![
                json!("12"),
                json!(" 7 "),
                json!("-3"),
                json!("x1"),
                json!(""),
                json!("1.5"),
                json!({"a": 1}),
            ],
        ),
        (
            "extra",
            vec![
                json!("kept"),
                json!(null),
                json!({"b": [1, 2], "a": "é\"\\"}),
            ],
        ),
    ];
    for (field, values) in choices {
        if !dice.one_in(4) {
            // The last ones are odd; most records are not.
            let sides = if dice.one_in(3) {
                values.len()
            } else {
                values.len() - 1
            };
            record[field] = values[dice.below(sides)].clone();
        }
    }
    record.to_string()
}

/// Every combination of one value of each class.
pub(crate) fn domain() -> Vec<Json> {
    let mut domain = Vec::new();
    for stage in [json!(null), json!("a"), json!("b"), json!("c"), json!("z")] {
        for kind in [json!(null), json!("x"), json!("y"), json!("w")] {
            for vip in [json!(null), json!(false), json!(true)] {
                for seats in [
                    json!(null),
                    json!(3),
                    json!(10),
                    json!(20),
                    json!(30),
                    json!(50),
                    json!(70),
                ] {
                    for name in [json!(null), json!("Ann"), json!("Eve")] {
                        domain.push(json!({
                            "cio_id": "p1", "stage": stage, "kind": kind, "vip": vip, "seats": seats, "name": name
                        }));
                    }
                }
            }
        }
    }
    domain
}

/// Everything but the rows.
fn frame(dice: &mut Dice) -> Rules {
    let facts: Vec<Fact> = (0..2).map(|number| fact(dice, number)).collect();
    let mut columns = vec![
        Column::Fact(0),
        Column::Fact(1),
        Column::Words("stage"),
        Column::Words("kind"),
        Column::Vip,
        Column::Seats,
    ];
    // Facts that no table reads are read by a line below.
    while columns.len() > 3 || (columns.len() > 2 && dice.one_in(2)) {
        columns.remove(dice.below(columns.len()));
    }
    Rules {
        facts,
        columns,
        rows: Vec::new(),
        otherwise: false,
        leaves_out: dice.one_in(3).then(|| test(dice, 1)),
        lines: lines(dice),
        map_holds: dice.one_in(2),
    }
}

fn fact(dice: &mut Dice, number: usize) -> Fact {
    let mut lines = Vec::new();
    for line in 0..=dice.below(3) {
        lines.push((format!("w{number}{line}"), test(dice, 2)));
    }
    Fact {
        name: format!("fact_{number}"),
        lines,
        otherwise: format!("w{number}z"),
    }
}

fn test(dice: &mut Dice, depth: usize) -> Test {
    let field = dice.pick(&["stage", "kind", "name"]);
    let kinds = if depth == 0 { 8 } else { 11 };
    match dice.below(kinds) {
        0 => {
            let field = dice.pick(&["stage", "kind"]);
            Test::Is(field, dice.pick(words_of(field)))
        }
        1 => {
            let field = dice.pick(&["stage", "kind"]);
            Test::IsNot(field, dice.pick(words_of(field)))
        }
        2 => Test::Blank(field),
        3 => Test::Present(field),
        4 if dice.one_in(2) => Test::Known("name"),
        4 => Test::NotKnown("name"),
        5 => Test::Below(dice.pick(&[10, 30])),
        6 => Test::AtLeast(dice.pick(&[10, 30])),
        7 => Test::Vip,
        8 => Test::Not(Box::new(test(dice, depth - 1))),
        9 => Test::And(
            Box::new(test(dice, depth - 1)),
            Box::new(test(dice, depth - 1)),
        ),
        _ => Test::Or(
            Box::new(test(dice, depth - 1)),
            Box::new(test(dice, depth - 1)),
        ),
    }
}

/// Cuts the whole table into rows that share no class.
fn partition(dice: &mut Dice, rules: &Rules, cuts: usize) -> Vec<Row> {
    let whole: Vec<u32> = rules
        .columns
        .iter()
        .map(|it| (1_u32 << rules.classes(it)) - 1)
        .collect();
    let mut boxes = vec![whole];
    for _ in 0..cuts {
        let (at, column) = (dice.below(boxes.len()), dice.below(rules.columns.len()));
        let cell = boxes[at][column];
        let part = cell & u32::try_from(dice.roll() & 0xFFFF).unwrap();
        if part != 0 && part != cell {
            let mut other = boxes[at].clone();
            boxes[at][column] = part;
            other[column] = cell & !part;
            boxes.push(other);
        }
    }
    let mut rows: Vec<Row> = boxes
        .into_iter()
        .map(|cells| Row {
            cells,
            becomes: match dice.below(6) {
                0 => Becomes::Hold,
                1 => Becomes::Exclude,
                2 | 3 => Becomes::Target("lead"),
                _ => Becomes::Target("contact"),
            },
        })
        .collect();
    // Both targets of the map come from somewhere.
    rows[0].becomes = Becomes::Target("contact");
    rows
}

fn lines(dice: &mut Dice) -> Vec<Line> {
    let text_policy = |dice: &mut Dice| match dice.below(3) {
        0 => Policy::Hold,
        1 => Policy::Blank,
        _ => Policy::Instead("\"odd\""),
    };
    let mut lines = vec![
        Line {
            field: "word",
            value: Value::Fact(0),
            policy: Policy::Hold,
        },
        Line {
            field: "fact_word",
            value: Value::Fact(1),
            policy: text_policy(dice),
        },
    ];
    if !dice.one_in(4) {
        let value = text(dice, 2);
        let policy = text_policy(dice);
        lines.push(Line {
            field: "short",
            value,
            policy,
        });
    }
    if !dice.one_in(4) {
        let value = text(dice, 2);
        let policy = text_policy(dice);
        lines.push(Line {
            field: "long",
            value,
            policy,
        });
    }
    if !dice.one_in(3) {
        let value = if dice.one_in(2) {
            Value::Field("seats")
        } else {
            Value::Integer("code")
        };
        let policy = dice.pick(&[Policy::Hold, Policy::Blank, Policy::Instead("5")]);
        lines.push(Line {
            field: "number",
            value,
            policy,
        });
    }
    if !dice.one_in(3) {
        let value = if dice.one_in(2) {
            Value::Field("vip")
        } else {
            Value::Test(Test::Not(Box::new(test(dice, 1))))
        };
        let policy = dice.pick(&[Policy::Hold, Policy::Blank, Policy::Instead("yes")]);
        lines.push(Line {
            field: "flag",
            value,
            policy,
        });
    }
    if !dice.one_in(3) {
        let policy = dice.pick(&[Policy::Hold, Policy::Blank, Policy::Instead("\"Other\"")]);
        lines.push(Line {
            field: "choice",
            value: Value::Via,
            policy,
        });
    }
    lines
}

fn text(dice: &mut Dice, depth: usize) -> Value {
    let kinds = if depth == 0 { 2 } else { 8 };
    match dice.below(kinds) {
        0 => Value::Field("name"),
        1 => Value::Field("code"),
        2 => Value::Lower(Box::new(text(dice, depth - 1))),
        3 => Value::Upper(Box::new(text(dice, depth - 1))),
        4 => Value::First(vec![
            text(dice, depth - 1),
            text(dice, depth - 1),
            Value::Text("no one"),
        ]),
        5 => Value::Trim(Box::new(text(dice, depth - 1))),
        6 => Value::Prefix("p-", Box::new(text(dice, depth - 1))),
        _ => Value::If(
            test(dice, 1),
            Box::new(text(dice, depth - 1)),
            Box::new(Value::Text("else")),
        ),
    }
}
