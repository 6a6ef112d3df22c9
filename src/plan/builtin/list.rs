//! Functions on lists.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt::Write;

use serde_json::value::RawValue;

use super::argument::{fault, json, text};
use super::object::value_of;
use super::{Builtin, Example, Kind, Loses, Parameter, Sample};
use crate::model::{Fault, Value};
use crate::plan::canonical::canonical;
use crate::plan::evaluate::compare_digits;

const LIST_PARAMETER: Parameter = Parameter::new("list", Kind::List);

pub(super) static LIST: &[Builtin] = &[
    Builtin {
        name: "join",
        parameters: &[LIST_PARAMETER, Parameter::new("between", Kind::Text)],
        sentence: "The items of a list as one text with something between them; empty items are left out, lists inside it are written as JSON.",
        examples: &[
            Example::gives(
                &[Sample::Json(r#"["de","en"]"#), Sample::Text(", ")],
                Sample::Text("de, en"),
            ),
            Example::gives(
                &[
                    Sample::Json(r#"[1.50,null,true,"",{"b":1, "a":2}]"#),
                    Sample::Text("; "),
                ],
                Sample::Text(r#"1.50; true; {"a":2,"b":1}"#),
            ),
            Example::gives(&[Sample::Json("[]"), Sample::Text(", ")], Sample::Blank),
        ],
        loses: Loses::Depends,
        lost_words: "where one item ends",
        lost: lost_separators,
        run: join,
        ..Builtin::PLAIN
    },
    Builtin {
        name: "first",
        parameters: &[LIST_PARAMETER],
        gives: Kind::Any,
        sentence: "The first item of a list; blank where the list is empty.",
        examples: &[
            Example::gives(&[Sample::Json(r#"["de","en"]"#)], Sample::Text("de")),
            Example::gives(&[Sample::Json("[]")], Sample::Blank),
        ],
        run: first,
        ..Builtin::PLAIN
    },
    Builtin {
        name: "last",
        parameters: &[LIST_PARAMETER],
        gives: Kind::Any,
        sentence: "The last item of a list; blank where the list is empty.",
        examples: &[
            Example::gives(&[Sample::Json("[1, 2.50]")], Sample::Number("2.50")),
            Example::gives(&[Sample::Json("[]")], Sample::Blank),
        ],
        run: last,
        ..Builtin::PLAIN
    },
    Builtin {
        name: "size",
        parameters: &[LIST_PARAMETER],
        gives: Kind::Integer,
        sentence: "How many items a list has.",
        examples: &[
            Example::gives(&[Sample::Json(r#"["de","en"]"#)], Sample::Number("2")),
            Example::gives(&[Sample::Json("[]")], Sample::Number("0")),
        ],
        run: size,
        ..Builtin::PLAIN
    },
    Builtin {
        name: "sort",
        parameters: &[LIST_PARAMETER],
        gives: Kind::List,
        sentence: "The list in order: numbers by size, then texts by their letters, then everything else.",
        examples: &[
            Example::gives(
                &[Sample::Json(r#"["b","a","B"]"#)],
                Sample::Json(r#"["B","a","b"]"#),
            ),
            Example::gives(
                &[Sample::Json("[10, 9, -1.5]")],
                Sample::Json("[-1.5,9,10]"),
            ),
        ],
        loses: Loses::Depends,
        lost_words: "the order",
        lost: lost_order,
        run: sort,
        ..Builtin::PLAIN
    },
    Builtin {
        name: "distinct",
        parameters: &[LIST_PARAMETER],
        gives: Kind::List,
        sentence: "The list with each item once, where it stood first.",
        examples: &[
            Example::gives(
                &[Sample::Json(r#"["b","a","b"]"#)],
                Sample::Json(r#"["b","a"]"#),
            ),
            Example::gives(&[Sample::Json("[1,2]")], Sample::Json("[1,2]")),
        ],
        loses: Loses::Depends,
        lost_words: "repeated items",
        run: distinct,
        ..Builtin::PLAIN
    },
];

fn items(list: &str) -> Result<Vec<&str>, Fault> {
    let items: Vec<&RawValue> = serde_json::from_str(list)
        .map_err(|_| fault("expected a list, found broken or too deeply nested JSON"))?;
    Ok(items.into_iter().map(RawValue::get).collect())
}

fn join<'a>(arguments: &[Value<'a>]) -> Result<Value<'a>, Fault> {
    let between = text(arguments, 1)?;
    let mut joined = String::new();
    let mut is_first = true;
    for item in items(json(arguments, 0, '[')?)? {
        // An odd number or escape is written as it stands: a join never fails.
        let item = value_of(item).unwrap_or(Value::text(item));
        if item.is_blank() {
            continue;
        }
        if !std::mem::take(&mut is_first) {
            joined.push_str(between);
        }
        push(&mut joined, &item);
    }
    Ok(Value::owned(joined))
}

/// How often what stands between the items stands inside one as well.
fn lost_separators(arguments: &[Value<'_>], _: &Value<'_>) -> u64 {
    let (Ok(between), Ok(list)) = (text(arguments, 1), json(arguments, 0, '[')) else {
        return 0;
    };
    // Around a bare comma people put blanks as they like: `a,b` is as unclear as `a, b`.
    let sign = match between.trim() {
        "" => &**between,
        sign => sign,
    };
    if sign.is_empty() {
        return 0;
    }
    let inside = |item: &str| {
        let mut text = String::new();
        push(&mut text, &value_of(item).unwrap_or(Value::text(item)));
        text.matches(sign).count()
    };
    let found: usize = items(list)
        .unwrap_or_default()
        .into_iter()
        .map(inside)
        .sum();
    u64::try_from(found).unwrap_or(u64::MAX)
}

fn push(joined: &mut String, item: &Value<'_>) {
    match item {
        Value::Absent | Value::Null => {}
        Value::Text(text) | Value::Number(text) => joined.push_str(text),
        Value::Boolean(yes) => joined.push_str(if *yes { "true" } else { "false" }),
        Value::Time(time) => {
            let _ = write!(joined, "{time}");
        }
        Value::Date(date) => {
            let _ = write!(joined, "{date}");
        }
        Value::Json(json) => joined.push_str(&written(json)),
    }
}

fn first<'a>(arguments: &[Value<'a>]) -> Result<Value<'a>, Fault> {
    pick(arguments, |items| items.first().copied())
}

fn last<'a>(arguments: &[Value<'a>]) -> Result<Value<'a>, Fault> {
    pick(arguments, |items| items.last().copied())
}

fn pick<'a>(
    arguments: &[Value<'a>],
    choose: for<'b> fn(&[&'b str]) -> Option<&'b str>,
) -> Result<Value<'a>, Fault> {
    super::argument::map_text(json(arguments, 0, '[')?, |list| {
        choose(&items(list)?).map_or(Ok(Value::Absent), value_of)
    })
}

fn size<'a>(arguments: &[Value<'a>]) -> Result<Value<'a>, Fault> {
    let size = items(json(arguments, 0, '[')?)?.len();
    Ok(Value::Number(Cow::Owned(size.to_string())))
}

fn sort<'a>(arguments: &[Value<'a>]) -> Result<Value<'a>, Fault> {
    let mut sorted = Vec::new();
    for item in items(json(arguments, 0, '[')?)? {
        // What cannot be read, an absurd number, stands with everything else.
        let value = value_of(item).unwrap_or(Value::Json(Cow::Borrowed(item)));
        sorted.push((value, written(item)));
    }
    sorted.sort_by(|(left, left_written), (right, right_written)| {
        order(left, right).then_with(|| left_written.cmp(right_written))
    });
    Ok(list_of(sorted.iter().map(|(_, written)| &**written)))
}

/// Items that stand elsewhere now.
fn lost_order(arguments: &[Value<'_>], given: &Value<'_>) -> u64 {
    let (Ok(before), Value::Json(after)) = (json(arguments, 0, '['), given) else {
        return 0;
    };
    let (before, after) = (items(before), items(after));
    let (Ok(before), Ok(after)) = (before, after) else {
        return 0;
    };
    let moved = before
        .iter()
        .zip(&after)
        .filter(|(left, right)| written(left) != written(right));
    u64::try_from(moved.count()).unwrap_or(u64::MAX)
}

fn distinct<'a>(arguments: &[Value<'a>]) -> Result<Value<'a>, Fault> {
    let mut seen = foldhash::HashSet::default();
    let mut kept = Vec::new();
    for item in items(json(arguments, 0, '[')?)? {
        let item = written(item);
        if seen.insert(item.clone()) {
            kept.push(item);
        }
    }
    Ok(list_of(kept.iter().map(|it| &**it)))
}

fn list_of<'i>(items: impl Iterator<Item = &'i str>) -> Value<'static> {
    let mut list = String::from("[");
    for (index, item) in items.enumerate() {
        if index > 0 {
            list.push(',');
        }
        list.push_str(item);
    }
    list.push(']');
    Value::Json(Cow::Owned(list))
}

/// The item in canonical form, or as it stands where it has none.
fn written(item: &str) -> Cow<'_, str> {
    canonical(item).unwrap_or(Cow::Borrowed(item))
}

fn order(left: &Value<'_>, right: &Value<'_>) -> Ordering {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => compare_digits(left, right),
        (Value::Text(left), Value::Text(right)) => left.cmp(right),
        (left, right) => rank(left).cmp(&rank(right)),
    }
}

fn rank(item: &Value<'_>) -> u8 {
    match item {
        Value::Number(_) => 0,
        Value::Text(_) => 1,
        Value::Boolean(_) => 2,
        Value::Time(_) | Value::Date(_) | Value::Json(_) => 3,
        Value::Absent | Value::Null => 4,
    }
}
