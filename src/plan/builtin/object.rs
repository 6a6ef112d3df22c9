//! Functions on objects and JSON.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::argument::{count, fault, is_count, json, map_text, text};
use super::{Builtin, Example, Kind, Loses, Parameter, Sample};
use crate::model::{Fault, Value};
use crate::plan::canonical::{canonical, members};
use crate::plan::cell::{is_decimal, spread};
use crate::plan::escapes::unescape;
use crate::plan::{CanonicalError, canonical_json};

const OBJECT_PARAMETER: Parameter = Parameter::new("object", Kind::Object);

pub(super) static OBJECT: &[Builtin] = &[
    Builtin {
        name: "flatten",
        parameters: &[
            OBJECT_PARAMETER,
            Parameter::constant("depth", Kind::Integer)
                .or_none()
                .shaped("a whole number from 0 to 100000", is_count),
        ],
        gives: Kind::Object,
        sentence: "A nested object as one level with dotted names, down to a depth where the rules name one; fails where two members would get one name.",
        examples: &[
            Example::gives(
                &[Sample::Json(r#"{"a":{"c":2,"b":1.50},"d":[1, 2]}"#)],
                Sample::Json(r#"{"a.b":1.50,"a.c":2,"d":[1,2]}"#),
            ),
            Example::gives(
                &[Sample::Json(r#"{"a":{"b":{"c":1}}}"#), Sample::Number("1")],
                Sample::Json(r#"{"a.b":{"c":1}}"#),
            ),
            Example::fails(&[Sample::Json(r#"{"a.b":1,"a":{"b":2}}"#)]),
        ],
        can_fail: true,
        run: flatten,
        ..Builtin::PLAIN
    },
    Builtin {
        name: "json",
        parameters: &[Parameter::new("value", Kind::Any)],
        sentence: "The value as one JSON text, always written alike: names in order, no blanks, numbers as they were.",
        examples: &[
            Example::gives(
                &[Sample::Json(r#"{"b": 1.50, "a": [true, null]}"#)],
                Sample::Text(r#"{"a":[true,null],"b":1.50}"#),
            ),
            Example::gives(
                &[Sample::Text("say \"hi\"")],
                Sample::Text(r#""say \"hi\"""#),
            ),
        ],
        loses: Loses::Never,
        run: json_text,
        ..Builtin::PLAIN
    },
    Builtin {
        name: "get",
        parameters: &[
            OBJECT_PARAMETER,
            Parameter::constant("path", Kind::Text).shaped("names with points between", |it| {
                it.split('.').all(|it| !it.is_empty())
            }),
        ],
        gives: Kind::Any,
        sentence: "What stands at a path inside an object; blank where there is nothing.",
        examples: &[
            Example::gives(
                &[Sample::Json(r#"{"a":{"b":"x"}}"#), Sample::Text("a.b")],
                Sample::Text("x"),
            ),
            Example::gives(
                &[Sample::Json(r#"{"a":{"b":49.90}}"#), Sample::Text("a.b")],
                Sample::Number("49.90"),
            ),
            Example::gives(
                &[Sample::Json(r#"{"a":1}"#), Sample::Text("a.b")],
                Sample::Blank,
            ),
        ],
        run: get,
        ..Builtin::PLAIN
    },
];

fn flatten<'a>(arguments: &[Value<'a>]) -> Result<Value<'a>, Fault> {
    let depth = match arguments.get(1) {
        None | Some(Value::Absent) => usize::MAX,
        Some(_) => count(arguments, 1)?,
    };
    let mut leaves = BTreeMap::new();
    collect(json(arguments, 0, '{')?, "", depth, &mut leaves)?;
    let mut text = String::from("{");
    for (index, (name, leaf)) in leaves.iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        text.push_str(&quoted(name));
        text.push(':');
        text.push_str(leaf);
    }
    text.push('}');
    Ok(Value::Json(Cow::Owned(text)))
}

/// An empty object is a leaf.
fn collect(
    object: &str,
    path: &str,
    depth: usize,
    leaves: &mut BTreeMap<String, String>,
) -> Result<(), Fault> {
    for (name, value) in members(object.trim()).map_err(broken)? {
        let path = if path.is_empty() {
            name.into_owned()
        } else {
            format!("{path}.{name}")
        };
        let canonical = canonical_json(value).map_err(broken)?;
        if depth > 0 && canonical.starts_with('{') && canonical != "{}" {
            collect(&canonical, &path, depth - 1, leaves)?;
        } else if leaves.insert(path, canonical).is_some() {
            return Err(fault(
                "expected an object to flatten, found two members that get one dotted name",
            ));
        }
    }
    Ok(())
}

fn json_text<'a>(arguments: &[Value<'a>]) -> Result<Value<'a>, Fault> {
    Ok(match arguments.first() {
        None | Some(Value::Absent | Value::Null) => Value::Absent,
        Some(Value::Text(text)) => Value::owned(quoted(text)),
        Some(Value::Number(digits)) => Value::Text(digits.clone()),
        Some(Value::Boolean(yes)) => Value::text(if *yes { "true" } else { "false" }),
        Some(Value::Time(time)) => Value::owned(format!("\"{time}\"")),
        Some(Value::Date(date)) => Value::owned(format!("\"{date}\"")),
        Some(Value::Json(Cow::Borrowed(json))) => Value::Text(canonical(json).map_err(broken)?),
        Some(Value::Json(json)) => Value::owned(canonical_json(json).map_err(broken)?),
    })
}

fn get<'a>(arguments: &[Value<'a>]) -> Result<Value<'a>, Fault> {
    let path = text(arguments, 1)?;
    map_text(json(arguments, 0, '{')?, |object| {
        let mut found = object;
        for name in path.split('.') {
            if !found.trim_start().starts_with('{') {
                return Ok(Value::Absent);
            }
            match members(found).map_err(broken)?.get(name) {
                Some(value) => found = value,
                None => return Ok(Value::Absent),
            }
        }
        value_of(found)
    })
}

/// The value of a JSON text: texts unescaped, numbers as digits, lists and objects as they stand.
pub(super) fn value_of(raw: &str) -> Result<Value<'_>, Fault> {
    let raw = raw.trim();
    match raw.as_bytes().first() {
        Some(b'"') => unescape(raw)
            .map(Value::Text)
            .ok_or_else(|| fault("expected a text, found one with a broken escape")),
        Some(b't') => Ok(Value::Boolean(true)),
        Some(b'f') => Ok(Value::Boolean(false)),
        Some(b'n') => Ok(Value::Null),
        Some(b'{' | b'[') => Ok(Value::Json(Cow::Borrowed(raw))),
        Some(_) if is_decimal(raw) => Ok(Value::Number(Cow::Borrowed(raw))),
        Some(_) => match spread(raw) {
            Some(digits) => Ok(Value::Number(Cow::Owned(digits))),
            None => Err(fault("expected a number, found one out of range")),
        },
        None => Ok(Value::Absent),
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Broken JSON is a wrong type of the field, not a failure of the function.
fn broken(error: CanonicalError) -> Fault {
    fault(format!(
        "expected JSON, found that it is not usable: {error}"
    ))
}
