//! Functions that take a part of a text, put something into it, or ask about it; all count characters.

use std::borrow::Cow;

use super::argument::{count, is_count, map_text, text};
use super::{Builtin, Example, Kind, Loses, Parameter, Sample};
use crate::model::{Fault, Value};

const TEXT_PARAMETER: Parameter = Parameter::new("text", Kind::Text);
const MARK: Parameter = Parameter::new("mark", Kind::Text);
const LENGTH: Parameter = Parameter::constant("characters", Kind::Integer)
    .shaped("a whole number from 0 to 100000", is_count);

pub(super) static PICK: &[Builtin] = &[
    Builtin {
        name: "first_word",
        parameters: &[TEXT_PARAMETER],
        sentence: "The first word of the text: what stands before the first white space.",
        examples: &[
            Example::gives(&[Sample::Text("Jo van Doe")], Sample::Text("Jo")),
            Example::gives(&[Sample::Text(" Jo ")], Sample::Text("Jo")),
            Example::gives(&[Sample::Text("  ")], Sample::Blank),
        ],
        run: first_word,
        ..Builtin::PLAIN
    },
    Builtin {
        name: "last_word",
        parameters: &[TEXT_PARAMETER],
        sentence: "The last word of the text; blank where there is only one.",
        examples: &[
            Example::gives(&[Sample::Text("Jo van Doe")], Sample::Text("Doe")),
            Example::gives(&[Sample::Text("Jo")], Sample::Blank),
        ],
        run: last_word,
        ..Builtin::PLAIN
    },
    Builtin {
        name: "before",
        parameters: &[TEXT_PARAMETER, MARK],
        sentence: "What stands before the first place of the mark; blank where the mark is nowhere.",
        examples: &[
            Example::gives(
                &[Sample::Text("a/b/c"), Sample::Text("/")],
                Sample::Text("a"),
            ),
            Example::gives(&[Sample::Text("abc"), Sample::Text("/")], Sample::Blank),
        ],
        run: before,
        ..Builtin::PLAIN
    },
    Builtin {
        name: "after",
        parameters: &[TEXT_PARAMETER, MARK],
        sentence: "What stands after the first place of the mark; blank where the mark is nowhere.",
        examples: &[
            Example::gives(
                &[Sample::Text("a/b/c"), Sample::Text("/")],
                Sample::Text("b/c"),
            ),
            Example::gives(&[Sample::Text("abc"), Sample::Text("/")], Sample::Blank),
        ],
        run: after,
        ..Builtin::PLAIN
    },
    Builtin {
        name: "replace",
        parameters: &[
            TEXT_PARAMETER,
            Parameter::new("what", Kind::Text),
            Parameter::new("with", Kind::Text),
        ],
        sentence: "The text with the second text, wherever it stands in it, replaced by the third.",
        examples: &[
            Example::gives(
                &[Sample::Text("a_b_c"), Sample::Text("_"), Sample::Text(" ")],
                Sample::Text("a b c"),
            ),
            Example::gives(
                &[Sample::Text("abc"), Sample::Text("x"), Sample::Text("y")],
                Sample::Text("abc"),
            ),
        ],
        loses: Loses::Depends,
        lost_words: "what was replaced",
        run: replace,
        ..Builtin::PLAIN
    },
    Builtin {
        name: "cut",
        parameters: &[TEXT_PARAMETER, LENGTH],
        sentence: "The text shortened to so many characters at most; where it is shortened, no white space is left at its end.",
        examples: &[
            Example::gives(
                &[Sample::Text("Grüße aus Köln"), Sample::Number("6")],
                Sample::Text("Grüße"),
            ),
            Example::gives(
                &[Sample::Text("Grüße"), Sample::Number("80")],
                Sample::Text("Grüße"),
            ),
        ],
        loses: Loses::Depends,
        lost_words: "the end of long texts",
        run: cut,
        ..Builtin::PLAIN
    },
    Builtin {
        name: "left",
        parameters: &[TEXT_PARAMETER, LENGTH],
        sentence: "The first so many characters of the text, exactly as they stand.",
        examples: &[
            Example::gives(
                &[Sample::Text("DE-1234"), Sample::Number("2")],
                Sample::Text("DE"),
            ),
            Example::gives(&[Sample::Text("D"), Sample::Number("2")], Sample::Text("D")),
        ],
        loses: Loses::Depends,
        lost_words: "the end of long texts",
        run: left,
        ..Builtin::PLAIN
    },
    Builtin {
        name: "pad",
        parameters: &[
            TEXT_PARAMETER,
            LENGTH,
            Parameter::constant("with", Kind::Text)
                .shaped("one character", |it| it.chars().count() == 1),
        ],
        sentence: "The text filled up on its left with a character until it is so many characters long; a longer one stays as it is.",
        examples: &[
            Example::gives(
                &[Sample::Text("42"), Sample::Number("5"), Sample::Text("0")],
                Sample::Text("00042"),
            ),
            Example::gives(
                &[
                    Sample::Text("123456"),
                    Sample::Number("5"),
                    Sample::Text("0"),
                ],
                Sample::Text("123456"),
            ),
        ],
        run: pad,
        ..Builtin::PLAIN
    },
    Builtin {
        name: "starts_with",
        parameters: &[TEXT_PARAMETER, Parameter::new("start", Kind::Text)],
        gives: Kind::Boolean,
        sentence: "Whether the text starts with the second one, letter case counting.",
        examples: &[
            Example::gives(&[Sample::Text("cus_12"), Sample::Text("cus_")], Sample::Yes),
            Example::gives(&[Sample::Text("Cus_12"), Sample::Text("cus_")], Sample::No),
        ],
        run: starts_with,
        ..Builtin::PLAIN
    },
    Builtin {
        name: "ends_with",
        parameters: &[TEXT_PARAMETER, Parameter::new("end", Kind::Text)],
        gives: Kind::Boolean,
        sentence: "Whether the text ends with the second one, letter case counting.",
        examples: &[
            Example::gives(
                &[Sample::Text("Acme Ltd"), Sample::Text(" Ltd")],
                Sample::Yes,
            ),
            Example::gives(&[Sample::Text("Acme"), Sample::Text(" Ltd")], Sample::No),
        ],
        run: ends_with,
        ..Builtin::PLAIN
    },
    Builtin {
        name: "contains",
        parameters: &[TEXT_PARAMETER, Parameter::new("part", Kind::Text)],
        gives: Kind::Boolean,
        sentence: "Whether the second text stands anywhere in the first, letter case counting.",
        examples: &[
            Example::gives(
                &[Sample::Text("a+test@x.de"), Sample::Text("+test")],
                Sample::Yes,
            ),
            Example::gives(&[Sample::Text("a@x.de"), Sample::Text("+test")], Sample::No),
        ],
        run: contains,
        ..Builtin::PLAIN
    },
    Builtin {
        name: "length",
        parameters: &[TEXT_PARAMETER],
        gives: Kind::Integer,
        sentence: "How many characters the text has.",
        examples: &[
            Example::gives(&[Sample::Text("Grüße")], Sample::Number("5")),
            Example::gives(&[Sample::Text("支払い")], Sample::Number("3")),
        ],
        run: length,
        ..Builtin::PLAIN
    },
];

fn first_word<'a>(arguments: &[Value<'a>]) -> Result<Value<'a>, Fault> {
    map_text(text(arguments, 0)?, |text| {
        Ok(Value::text(text.split_whitespace().next().unwrap_or("")))
    })
}

fn last_word<'a>(arguments: &[Value<'a>]) -> Result<Value<'a>, Fault> {
    map_text(text(arguments, 0)?, |text| {
        let last = text.trim().rsplit_once(char::is_whitespace);
        Ok(Value::text(last.map_or("", |(_, last)| last)))
    })
}

fn before<'a>(arguments: &[Value<'a>]) -> Result<Value<'a>, Fault> {
    let mark = text(arguments, 1)?;
    map_text(text(arguments, 0)?, |text| {
        let parts = split(text, mark);
        Ok(Value::text(parts.map_or("", |(before, _)| before)))
    })
}

fn after<'a>(arguments: &[Value<'a>]) -> Result<Value<'a>, Fault> {
    let mark = text(arguments, 1)?;
    map_text(text(arguments, 0)?, |text| {
        let parts = split(text, mark);
        Ok(Value::text(parts.map_or("", |(_, after)| after)))
    })
}

/// A blank mark stands nowhere.
fn split<'t>(text: &'t str, mark: &str) -> Option<(&'t str, &'t str)> {
    (!mark.is_empty()).then(|| text.split_once(mark)).flatten()
}

fn replace<'a>(arguments: &[Value<'a>]) -> Result<Value<'a>, Fault> {
    let whole = text(arguments, 0)?;
    let (what, with) = (text(arguments, 1)?, text(arguments, 2)?);
    Ok(if what.is_empty() || !whole.contains(&**what) {
        Value::Text(whole.clone())
    } else {
        Value::owned(whole.replace(&**what, with))
    })
}

fn cut<'a>(arguments: &[Value<'a>]) -> Result<Value<'a>, Fault> {
    let most = count(arguments, 1)?;
    map_text(text(arguments, 0)?, |text| {
        let short = first_characters(text, most);
        Ok(Value::text(if short.len() < text.len() {
            short.trim_end()
        } else {
            text
        }))
    })
}

fn left<'a>(arguments: &[Value<'a>]) -> Result<Value<'a>, Fault> {
    let most = count(arguments, 1)?;
    map_text(text(arguments, 0)?, |text| {
        Ok(Value::text(first_characters(text, most)))
    })
}

fn first_characters(text: &str, most: usize) -> &str {
    // No text has more characters than bytes.
    if text.len() <= most {
        return text;
    }
    let end = text.char_indices().nth(most).map(|(end, _)| end);
    end.and_then(|end| text.get(..end)).unwrap_or(text)
}

fn pad<'a>(arguments: &[Value<'a>]) -> Result<Value<'a>, Fault> {
    let text: &Cow<'_, str> = text(arguments, 0)?;
    let fill = self::text(arguments, 2)?;
    let missing = count(arguments, 1)?.saturating_sub(text.chars().count());
    if missing == 0 || fill.is_empty() {
        return Ok(Value::Text(text.clone()));
    }
    let fill = fill.chars().cycle().take(missing);
    Ok(Value::owned(fill.chain(text.chars()).collect()))
}

fn starts_with<'a>(arguments: &[Value<'a>]) -> Result<Value<'a>, Fault> {
    let (whole, start) = (text(arguments, 0)?, text(arguments, 1)?);
    Ok(Value::Boolean(whole.starts_with(&**start)))
}

fn ends_with<'a>(arguments: &[Value<'a>]) -> Result<Value<'a>, Fault> {
    let (whole, end) = (text(arguments, 0)?, text(arguments, 1)?);
    Ok(Value::Boolean(whole.ends_with(&**end)))
}

fn contains<'a>(arguments: &[Value<'a>]) -> Result<Value<'a>, Fault> {
    let (whole, part) = (text(arguments, 0)?, text(arguments, 1)?);
    Ok(Value::Boolean(whole.contains(&**part)))
}

fn length<'a>(arguments: &[Value<'a>]) -> Result<Value<'a>, Fault> {
    let length = text(arguments, 0)?.chars().count();
    Ok(Value::Number(Cow::Owned(length.to_string())))
}
