//! Rule files from dice, sound and broken, and good files with broken bytes, through the whole compiler: it ends, says
//! what it found in file order and inside the text, in no words of the grammar, and tidy text means the same.

use std::fmt::Write;

use mapwright::lang::{Diagnostic, decode, format};
use mapwright::text::Source;

use super::{compiled, picture};
use crate::lang::format::meaning;
use crate::twin::generate::Dice;

const FIELDS: &[&str] = &[
    "cio_id",
    "id",
    "email",
    "stage",
    "vip",
    "seats",
    "created_at",
    "first_name",
    "languages",
    "address",
    "address.city",
    "address.zip",
    "kind",
    "consent",
];
const TARGET_FIELDS: &[&str] = &[
    "external_id",
    "email",
    "first_name",
    "last_name",
    "mobile_number",
    "city",
    "status",
    "subscription_status",
    "cf_made",
    "cf_rest",
    "owner",
    "accounts",
];
const WORDS: &[&str] = &[
    "lead",
    "mql",
    "customer",
    "blank",
    "other",
    "any",
    "in",
    "out",
    "big",
    "small",
    "yes",
    "no",
    "\"a.example\"",
    "5",
    "2024-01-01",
    "< 10",
    "10 to 20",
    "> 20",
    "any except lead",
];
const FUNCTIONS: &[&str] = &[
    "lower",
    "trim",
    "email",
    "email_domain",
    "integer",
    "date",
    "join",
    "json",
    "first_word",
    "words",
    "phone",
    "left",
    "country",
    "flatten",
    "year_month",
    "boolean",
];

/// A name of the pool, misspelt now and then.
fn name(dice: &mut Dice, pool: &[&str]) -> String {
    let mut found = dice.pick(pool).to_owned();
    if dice.one_in(20) && found.is_ascii() && found.len() > 2 {
        let at = dice.below(found.len() - 1);
        found.remove(at);
    }
    found
}

fn value(dice: &mut Dice, depth: usize) -> String {
    match dice.below(if depth == 0 { 4 } else { 11 }) {
        0..=2 => name(dice, FIELDS),
        3 => dice
            .pick(&["\"text\"", "\"\"", "7", "true", "blank", "2024-02-30"])
            .to_owned(),
        4 => format!("{} + {}", value(dice, depth - 1), value(dice, depth - 1)),
        5 | 6 => format!("{}({})", name(dice, FUNCTIONS), value(dice, depth - 1)),
        7 => format!(
            "{}({}, \"GB\")",
            name(dice, FUNCTIONS),
            value(dice, depth - 1)
        ),
        8 => format!(
            "first_filled({}, {})",
            value(dice, depth - 1),
            value(dice, depth - 1)
        ),
        9 => format!(
            "{} via {}",
            value(dice, depth - 1),
            name(dice, &["stages", "consents"])
        ),
        _ => format!(
            "if {} then {} else {}",
            condition(dice, depth - 1),
            value(dice, depth - 1),
            value(dice, depth - 1)
        ),
    }
}

fn condition(dice: &mut Dice, depth: usize) -> String {
    let subject = if dice.one_in(3) {
        value(dice, 1)
    } else {
        name(dice, FIELDS)
    };
    match dice.below(if depth == 0 { 7 } else { 11 }) {
        0 => subject,
        1 => format!(
            "{subject} is {}",
            dice.pick(&["blank", "present", "not blank"])
        ),
        2 | 3 => format!(
            "{subject} is {}",
            dice.pick(&["\"x\"", "lead", "not mql", "not \"y\"", "yes"])
        ),
        4 => format!("{subject} in {}", name(dice, &["ours", "theirs"])),
        5 => format!("{subject} not in {}", name(dice, &["ours", "\"a\", \"b\""])),
        6 => format!(
            "{subject} {} {}",
            dice.pick(&["<", ">=", ">"]),
            dice.pick(&["10", "2024-01-01", "seats"])
        ),
        7 => format!("not ({})", condition(dice, depth - 1)),
        8 => format!(
            "{} and {}",
            condition(dice, depth - 1),
            condition(dice, depth - 1)
        ),
        _ => format!(
            "{} or {}",
            condition(dice, depth - 1),
            condition(dice, depth - 1)
        ),
    }
}

fn field_line(dice: &mut Dice) -> String {
    let head = dice.pick(&["", "", "", "key ", "only lead "]);
    let policy = dice.pick(&[
        "",
        "",
        "",
        " else hold",
        " else blank, report",
        " else \"none\"",
        " none \"x\"",
        " above 100 attach",
    ]);
    let loses = dice.pick(&["", "", "", " loses \"something\""]);
    format!(
        "  {head}{} = {}{policy}{loses}\n",
        name(dice, TARGET_FIELDS),
        value(dice, 2)
    )
}

fn lines(dice: &mut Dice, most: usize, line: &dyn Fn(&mut Dice) -> String) -> String {
    (0..=dice.below(most)).map(|_| line(dice)).collect()
}

fn table(dice: &mut Dice, ends: &[&str]) -> String {
    let columns: Vec<String> = (0..=dice.below(3))
        .map(|_| {
            name(
                dice,
                &[
                    "kind",
                    "stage",
                    "vip",
                    "seats",
                    "created_at",
                    "consent",
                    "email",
                ],
            )
        })
        .collect();
    let heads = columns.join(" | ");
    let mut text = format!("  | {heads} | {} |\n", ends[0]);
    for _ in 0..=dice.below(5) {
        let cells: Vec<String> = columns
            .iter()
            .map(|_| {
                let words: Vec<&str> = (0..=dice.below(2)).map(|_| dice.pick(WORDS)).collect();
                words.join(", ")
            })
            .collect();
        let end = dice.pick(&ends[1..]);
        writeln!(text, "  | {} | {end} |", cells.join(" | ")).unwrap();
    }
    text
}

#[expect(
    clippy::too_many_lines,
    reason = "one arm for each item of the language"
)]
fn item(dice: &mut Dice) -> String {
    let entity = dice.pick(&[
        "person",
        "person",
        "person",
        "event",
        "object \"company\"",
        "delivery",
    ]);
    match dice.below(18) {
        0 => format!(
            "list {} = \"a.example\", \"b.example\"\n",
            name(dice, &["ours", "theirs"])
        ),
        1 => format!(
            "values {}\n{}  blank, other = {}\nend\n",
            name(dice, &["stages", "consents"]),
            lines(dice, 3, &|dice| format!(
                "  {} = {}\n",
                dice.pick(&["lead, mql", "customer", "in", "out"]),
                dice.pick(&[
                    "\"New\"",
                    "\"Subscribed\"",
                    "\"Qualified\" loses \"x\"",
                    "hold"
                ])
            )),
            dice.pick(&["hold", "\"New\""])
        ),
        2 => format!(
            "field cf_made \"Made\" {} on {}\n",
            dice.pick(&[
                "text",
                "textarea",
                "text unique",
                "dropdown \"A\", \"B\"",
                "nothing"
            ]),
            dice.pick(&["contact", "contact, lead", "account"])
        ),
        3 | 4 => format!(
            "fact {} of {entity}\n{}  {} otherwise\nend\n",
            name(dice, &["kind", "consent"]),
            lines(dice, 4, &|dice| format!(
                "  {} when {}\n",
                dice.pick(&["in", "out", "big", "small"]),
                condition(dice, 2)
            )),
            dice.pick(&["in", "small"])
        ),
        5 => format!(
            "exclude {entity}\n{}end\n",
            table(
                dice,
                &[
                    "then | because",
                    "keep | ",
                    "exclude | \"why\"",
                    "hold | \"why\""
                ]
            )
        ),
        6 | 7 => format!(
            "decide {entity}\n{}{}end\n",
            table(
                dice,
                &[
                    "becomes",
                    "contact",
                    "lead",
                    "lead in queue \"q\"",
                    "hold \"why\"",
                    "note on person"
                ]
            ),
            dice.pick(&[
                "",
                "  otherwise hold \"odd\"\n",
                "  otherwise exclude \"odd\"\n"
            ])
        ),
        8..=10 => format!(
            "map {entity} to {}\n{}{}{}end\n",
            dice.pick(&[
                "contact",
                "contact, lead",
                "lead",
                "account",
                "note on person",
                "note on person as activity"
            ]),
            lines(dice, 6, &field_line),
            dice.pick(&[
                "",
                "  rest cf_rest = json\n",
                "  ignore address, languages because \"x\"\n",
                "  existing keep\n"
            ]),
            if dice.one_in(3) {
                format!("  exclude when {} because \"x\"\n", condition(dice, 1))
            } else {
                String::new()
            },
        ),
        11 => format!(
            "limit {} notes per record\n  first event newest\n  above {}\nend\n",
            dice.pick(&["100", "5", "0", "1000"]),
            dice.pick(&[
                "hold \"many\"",
                "roll up into one note \"E\", a line a week loses \"x\"",
                "roll up into one note \"E\", a line a moon"
            ])
        ),
        12 => format!(
            "merge {entity} by {}\n  winner newest created_at\n  others {}\nend\n",
            name(dice, FIELDS),
            dice.pick(&[
                "first filled",
                "winner",
                "hold",
                "newest",
                "oldest seats",
                "strictest"
            ])
        ),
        13 => format!(
            "example \"one\"\n  given {entity} {} {}\n  expect {}\nend\n",
            name(dice, FIELDS),
            dice.pick(&["\"x\"", "5", "yes", "blank"]),
            dice.pick(&[
                "contact",
                "lead",
                "hold \"odd\"",
                "exclude",
                "contact status \"New\""
            ])
        ),
        14 => format!(
            "promise {}\n",
            dice.pick(&[
                "every person ends in exactly one of contact, lead, hold",
                "no two records share key",
                "no opted_out person ends Subscribed",
                "no person with vip yes appears anywhere",
                "no person with stage purple appears anywhere",
            ])
        ),
        15 => format!("ignore {entity} because \"not now\"\n"),
        16 => format!(
            "allow {} because \"known\"\n",
            dice.pick(&["N214", "D304", "D309", "T224", "Q999"])
        ),
        _ => dice
            .pick(&[
                "every other object stop \"new\"\n",
                "accept up to 3 held person because \"x\"\n",
                "end\n",
                "nonsense here\n",
            ])
            .to_owned(),
    }
}

fn rules(dice: &mut Dice) -> String {
    let mut text = "rules \"From dice\"\nlanguage 1\nsource customerio fields \"people.fields\"\ndestination freshsales edition suite\n\n".to_owned();
    for _ in 0..4 + dice.below(10) {
        text.push_str(&item(dice));
        text.push('\n');
    }
    if dice.one_in(2) {
        return text;
    }
    let mut lines: Vec<&str> = text.lines().collect();
    for _ in 0..=dice.below(3) {
        let (at, other) = (dice.below(lines.len()), dice.below(lines.len()));
        match dice.below(3) {
            0 => {
                lines.remove(at);
            }
            1 => lines.swap(at, other),
            _ => lines.insert(at, lines[other]),
        }
    }
    lines.join("\n") + "\n"
}

/// Names of grammar rules that no person should read; a few are words of the language as well.
fn rule_names() -> Vec<String> {
    let grammar =
        ["mapwright", "tokens", "keywords", "files"].map(|it| format!("grammar/{it}.pest"));
    let texts = grammar
        .iter()
        .filter_map(|it| std::fs::read_to_string(it).ok());
    let mut names = Vec::new();
    for text in texts {
        for line in text.lines() {
            let Some((name, _)) = line.split_once('=') else {
                continue;
            };
            let name = name.trim();
            let is_name = name
                .chars()
                .all(|it| it.is_ascii_alphanumeric() || it == '_');
            // The record of that name is a word of the language.
            if is_name && name.contains('_') && name != "object_type" {
                names.push(name.to_owned());
            }
        }
    }
    assert!(names.len() > 40, "{names:?}");
    names
}

fn check_words(diagnostic: &Diagnostic, rules: &[String]) {
    let help = diagnostic.help.clone().unwrap_or_default();
    let labels = diagnostic.labels.iter().map(|(_, words)| words.as_str());
    let said: Vec<&str> = labels.chain([diagnostic.message.as_str(), &help]).collect();
    let said = said.join("\n");
    for rule in rules {
        let of_a_word = |it: char| it.is_ascii_alphanumeric() || it == '_';
        let is_there = said.split(|it| !of_a_word(it)).any(|it| it == rule);
        assert!(
            !is_there || diagnostic.source.text().contains(rule.as_str()),
            "`{rule}`: {said}"
        );
    }
}

/// What must be true of any text; says whether it has a plan.
fn check(text: &str, rules: &[String]) -> bool {
    let compiled = compiled("dice.rules", text, "tests/rules/beside");
    let mut last = 0;
    for diagnostic in &compiled.diagnostics {
        let source = diagnostic.source.text();
        let fix = diagnostic.fix.as_ref().map(|it| it.span);
        for span in diagnostic.labels.iter().map(|it| it.0).chain(fix) {
            assert!(source.get(span.start..span.end).is_some(), "{diagnostic:?}");
        }
        if diagnostic.source.name() == "dice.rules" {
            assert!(
                diagnostic.span().start >= last,
                "{}\n{text}",
                picture(&compiled)
            );
            last = diagnostic.span().start;
        }
        assert!(
            diagnostic.help.is_some() || diagnostic.fix.is_some() || !diagnostic.labels.is_empty()
        );
        check_words(diagnostic, rules);
    }
    let source = Source::new("dice.rules", text);
    if let Ok(once) = format(&source) {
        let once = Source::new("dice.rules", &once);
        assert_eq!(meaning(&source), meaning(&once), "{text}");
        assert_eq!(format(&once).expect("tidy text is read"), once.text());
    }
    compiled.plan.is_some()
}

#[test]
fn rule_files_from_dice_are_compiled_or_refused_in_words() {
    let rules_of_grammar = rule_names();
    for seed in 0..400 {
        check(&rules(&mut Dice::new(seed)), &rules_of_grammar);
    }
}

#[test]
fn good_files_with_broken_bytes_are_compiled_or_refused_in_words() {
    let rules_of_grammar = rule_names();
    let mut count = 0;
    for entry in std::fs::read_dir("tests/rules/good").unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|it| it != "rules") {
            continue;
        }
        let good = std::fs::read(&path).unwrap();
        for seed in 0..25 {
            let mut dice = Dice::new(seed);
            let mut bytes = good.clone();
            for _ in 0..=dice.below(4) {
                let at = dice.below(bytes.len());
                match dice.below(4) {
                    0 => bytes[at] = u8::try_from(dice.below(256)).unwrap(),
                    1 => {
                        bytes.remove(at);
                    }
                    2 => {
                        let other = bytes[dice.below(bytes.len())];
                        bytes.insert(at, other);
                    }
                    _ => {
                        let end = (at + dice.below(40)).min(bytes.len());
                        bytes.drain(at..end);
                    }
                }
            }
            if let Ok(source) = decode("dice.rules", &bytes) {
                check(source.text(), &rules_of_grammar);
                count += 1;
            }
        }
    }
    assert!(count > 150, "{count}");
}
