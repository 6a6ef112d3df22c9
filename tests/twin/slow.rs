//! The obvious evaluator: it reads the JSON anew for every question and tries one row after the other.

use serde_json::Value as Json;

use super::rules::{Becomes, Column, Fact, KNOWN, Line, Policy, Rules, Test, Value, words_of};

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Ending {
    Draft {
        target: String,
        key: String,
        /// By name.
        fields: Vec<(String, Json)>,
    },
    Excluded(String),
    Held(String),
    /// Held for a value that cannot be read: on which field line, where it was one.
    Fault(Option<String>),
}

/// The rows that a record fits.
pub(crate) enum Met {
    Rows(Vec<usize>),
    /// A column cannot be read.
    Unreadable,
}

/// A value that cannot be read.
struct Bad;

#[derive(Clone, Debug, PartialEq)]
enum Is {
    Blank,
    Text(String),
    Number(i64),
    Flag(bool),
}

/// `line 12, short: …` as `short`.
pub(crate) fn field_of(reason: &str) -> Option<String> {
    let rest = reason.strip_prefix("line ")?;
    let (_, rest) = rest.split_once(", ")?;
    rest.split_once(':').map(|(field, _)| field.to_owned())
}

pub(crate) fn ending(rules: &Rules, record: &Json) -> Ending {
    let becomes = match rows(rules, record) {
        Met::Unreadable => return Ending::Fault(None),
        Met::Rows(met) => met.first().copied(),
    };
    let Some(row) = becomes else {
        return Ending::Held("row otherwise".to_owned());
    };
    let target = match rules.rows[row].becomes {
        Becomes::Hold => return Ending::Held(format!("row {row}")),
        Becomes::Exclude => return Ending::Excluded(format!("row {row}")),
        Becomes::Target(target) => target.to_owned(),
    };
    if let Some(test) = &rules.leaves_out {
        match holds(record, test) {
            Err(Bad) => return Ending::Fault(None),
            Ok(true) => return Ending::Excluded("left out".to_owned()),
            Ok(false) => {}
        }
    }
    let mut fields = Vec::new();
    let mut given_up: Vec<&str> = Vec::new();
    for line in &rules.lines {
        match fitting(rules, record, line) {
            Ok(Is::Blank) => {}
            Ok(value) => fields.push((line.field.to_owned(), json(&value, line.field))),
            Err(Bad) => match line.policy {
                Policy::Hold => return Ending::Fault(Some(line.field.to_owned())),
                Policy::Blank => given_up.extend(line.value.reads()),
                Policy::Instead(word) => {
                    given_up.extend(line.value.reads());
                    let value = Json::String(word.trim_matches('"').to_owned());
                    let value = match word {
                        "yes" => Json::Bool(true),
                        _ => value,
                    };
                    fields.push((line.field.to_owned(), value));
                }
            },
        }
    }
    if let Some(others) = others(rules, record, &given_up) {
        fields.push(("others".to_owned(), others));
    }
    fields.sort_by(|left, right| left.0.cmp(&right.0));
    Ending::Draft {
        target,
        key: format!("k-{}", record["cio_id"].as_str().unwrap()),
        fields,
    }
}

pub(crate) fn rows(rules: &Rules, record: &Json) -> Met {
    let mut classes = Vec::new();
    for column in &rules.columns {
        match class(rules, record, column) {
            Ok(class) => classes.push(class),
            Err(Bad) => return Met::Unreadable,
        }
    }
    let fits = |row: usize| {
        let cells = rules.rows[row].cells.iter();
        cells
            .zip(&classes)
            .all(|(cell, class)| cell >> class & 1 == 1)
    };
    Met::Rows((0..rules.rows.len()).filter(|row| fits(*row)).collect())
}

/// Whether a column of words meets one that is not on its list.
pub(crate) fn has_other(rules: &Rules, record: &Json) -> bool {
    rules.columns.iter().any(|column| match column {
        Column::Words(field) => {
            let is_other = |class| class == words_of(field).len() + 1;
            class(rules, record, column).is_ok_and(is_other)
        }
        Column::Fact(_) | Column::Vip | Column::Seats => false,
    })
}

fn class(rules: &Rules, record: &Json, column: &Column) -> Result<usize, Bad> {
    Ok(match column {
        Column::Fact(fact) => {
            let fact = &rules.facts[*fact];
            let word = word_of(record, fact)?;
            fact.words().iter().position(|it| *it == word).unwrap()
        }
        Column::Words(field) => {
            let words = words_of(field);
            match read(record, field)? {
                Is::Blank => words.len(),
                Is::Text(text) => words
                    .iter()
                    .position(|it| *it == text)
                    .unwrap_or(words.len() + 1),
                Is::Number(_) | Is::Flag(_) => unreachable!(),
            }
        }
        Column::Vip => match read(record, "vip")? {
            Is::Flag(false) => 0,
            Is::Flag(true) => 1,
            _ => 2,
        },
        Column::Seats => match read(record, "seats")? {
            Is::Number(number) if number < 10 => 0,
            Is::Number(number) if number <= 50 => 1,
            Is::Number(_) => 2,
            _ => 3,
        },
    })
}

fn word_of(record: &Json, fact: &Fact) -> Result<String, Bad> {
    for (word, test) in &fact.lines {
        if holds(record, test)? {
            return Ok(word.clone());
        }
    }
    Ok(fact.otherwise.clone())
}

fn holds(record: &Json, test: &Test) -> Result<bool, Bad> {
    let is = |field: &str, word: &str| Ok(read(record, field)? == Is::Text(word.to_owned()));
    let known = |field: &str| {
        Ok(matches!(read(record, field)?, Is::Text(text) if KNOWN.contains(&text.as_str())))
    };
    match test {
        Test::Is(field, word) => is(field, word),
        Test::IsNot(field, word) => is(field, word).map(|it| !it),
        Test::Blank(field) => Ok(read(record, field)? == Is::Blank),
        Test::Present(field) => Ok(read(record, field)? != Is::Blank),
        Test::Known(field) => known(field),
        Test::NotKnown(field) => known(field).map(|it| !it),
        Test::Below(than) => Ok(matches!(read(record, "seats")?, Is::Number(it) if it < *than)),
        Test::AtLeast(than) => Ok(matches!(read(record, "seats")?, Is::Number(it) if it >= *than)),
        Test::Vip => Ok(read(record, "vip")? == Is::Flag(true)),
        Test::Not(inner) => holds(record, inner).map(|it| !it),
        Test::And(left, right) => {
            if holds(record, left)? {
                holds(record, right)
            } else {
                Ok(false)
            }
        }
        Test::Or(left, right) => {
            if holds(record, left)? {
                Ok(true)
            } else {
                holds(record, right)
            }
        }
    }
}

/// A field as its declared type.
fn read(record: &Json, field: &str) -> Result<Is, Bad> {
    let value = &record[field];
    if value.is_null() || value == "" {
        return Ok(Is::Blank);
    }
    match field {
        "vip" => match value.to_string().trim_matches('"').to_lowercase().as_str() {
            "true" | "1" => Ok(Is::Flag(true)),
            "false" | "0" => Ok(Is::Flag(false)),
            _ => Err(Bad),
        },
        "seats" => {
            let digits = value.to_string();
            digits
                .trim_matches('"')
                .parse()
                .map(Is::Number)
                .map_err(|_| Bad)
        }
        _ => value.as_str().map(|it| Is::Text(it.to_owned())).ok_or(Bad),
    }
}

fn fitting(rules: &Rules, record: &Json, line: &Line) -> Result<Is, Bad> {
    let value = value_of(rules, record, &line.value)?;
    match (&value, line.field) {
        (Is::Text(text), "short") if text.chars().count() > 6 => Err(Bad),
        _ => Ok(value),
    }
}

fn value_of(rules: &Rules, record: &Json, value: &Value) -> Result<Is, Bad> {
    let of = |value: &Value| value_of(rules, record, value);
    let text = |value: &Value, change: &dyn Fn(&str) -> String| {
        Ok(match of(value)? {
            Is::Text(text) if change(&text).is_empty() => Is::Blank,
            Is::Text(text) => Is::Text(change(&text)),
            other => other,
        })
    };
    match value {
        Value::Field(field) => read(record, field),
        Value::Text(text) => Ok(Is::Text((*text).to_owned())),
        Value::Lower(inner) => text(inner, &|it| it.to_lowercase()),
        Value::Upper(inner) => text(inner, &|it| it.to_uppercase()),
        Value::Trim(inner) => text(inner, &|it| it.trim().to_owned()),
        Value::First(parts) => {
            for part in parts {
                let value = of(part)?;
                if value != Is::Blank {
                    return Ok(value);
                }
            }
            Ok(Is::Blank)
        }
        Value::Prefix(prefix, inner) => text(inner, &|it| format!("{prefix}{it}")),
        Value::If(test, then, otherwise) => of(if holds(record, test)? {
            then
        } else {
            otherwise
        }),
        Value::Fact(fact) => word_of(record, &rules.facts[*fact]).map(Is::Text),
        Value::Via => match read(record, "stage")? {
            Is::Text(word) if ["a", "b", "c"].contains(&word.as_str()) => {
                Ok(Is::Text(word.to_uppercase()))
            }
            Is::Blank => Ok(Is::Text("None".to_owned())),
            _ if rules.map_holds => Err(Bad),
            _ => Ok(Is::Text("Other".to_owned())),
        },
        Value::Integer(field) => match read(record, field)? {
            Is::Text(text) if text.trim().is_empty() => Ok(Is::Blank),
            Is::Text(text) => text.trim().parse().map(Is::Number).map_err(|_| Bad),
            other => Ok(other),
        },
        Value::Test(test) => holds(record, test).map(Is::Flag),
    }
}

fn json(value: &Is, field: &str) -> Json {
    match value {
        Is::Blank => Json::Null,
        Is::Text(text) => Json::String(text.clone()),
        // Digits stay text on their way.
        Is::Number(number) if field == "number" => Json::String(number.to_string()),
        Is::Number(number) => Json::from(*number),
        Is::Flag(yes) => Json::Bool(*yes),
    }
}

/// What no line writes, and what a line gave up.
fn others(rules: &Rules, record: &Json, given_up: &[&str]) -> Option<Json> {
    let mut written: Vec<&str> = vec!["cio_id"];
    for line in &rules.lines {
        written.extend(line.value.reads());
    }
    let left = record.as_object().unwrap().iter().filter(|(key, value)| {
        let is_left = !written.contains(&key.as_str()) || given_up.contains(&key.as_str());
        is_left && !value.is_null()
    });
    let left: serde_json::Map<String, Json> = left
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    (!left.is_empty()).then_some(Json::Object(left))
}

impl Value {
    /// The source fields whose content the value may be.
    fn reads(&self) -> Vec<&'static str> {
        match self {
            Value::Field(field) | Value::Integer(field) => vec![field],
            Value::Text(_) | Value::Fact(_) => Vec::new(),
            Value::Lower(inner)
            | Value::Upper(inner)
            | Value::Trim(inner)
            | Value::Prefix(_, inner) => inner.reads(),
            Value::First(parts) => parts.iter().flat_map(Value::reads).collect(),
            Value::If(_, then, otherwise) => [then.reads(), otherwise.reads()].concat(),
            Value::Via => vec!["stage"],
            Value::Test(test) => test.reads(),
        }
    }
}

impl Test {
    fn reads(&self) -> Vec<&'static str> {
        match self {
            Test::Is(field, _)
            | Test::IsNot(field, _)
            | Test::Blank(field)
            | Test::Present(field)
            | Test::Known(field)
            | Test::NotKnown(field) => vec![field],
            Test::Below(_) | Test::AtLeast(_) => vec!["seats"],
            Test::Vip => vec!["vip"],
            Test::Not(inner) => inner.reads(),
            Test::And(left, right) | Test::Or(left, right) => {
                [left.reads(), right.reads()].concat()
            }
        }
    }
}
