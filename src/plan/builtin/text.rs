//! Functions that change the form of a text: case, white space, Unicode form.

use std::borrow::Cow;

use unicode_normalization::char::is_combining_mark;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use super::argument::{map_text, text};
use super::{Builtin, Example, Loses, Parameter, Sample, html, words};
use crate::model::{Fault, Value};

const TEXT_PARAMETER: Parameter = Parameter::new("text", super::Kind::Text);

pub(super) static TEXT: &[Builtin] = &[
    Builtin {
        name: "lower",
        parameters: &[TEXT_PARAMETER],
        sentence: "The text in lower case.",
        examples: &[
            Example::gives(&[Sample::Text("JO@X.de")], Sample::Text("jo@x.de")),
            Example::gives(&[Sample::Text("STRASSE Ä")], Sample::Text("strasse ä")),
            Example::gives(&[Sample::Blank], Sample::Blank),
        ],
        loses: Loses::Depends,
        lost_words: "capital letters",
        run: lower,
        ..Builtin::PLAIN
    },
    Builtin {
        name: "upper",
        parameters: &[TEXT_PARAMETER],
        sentence: "The text in upper case.",
        examples: &[
            Example::gives(&[Sample::Text("gb")], Sample::Text("GB")),
            Example::gives(&[Sample::Text("straße")], Sample::Text("STRASSE")),
        ],
        loses: Loses::Depends,
        lost_words: "small letters",
        run: upper,
        ..Builtin::PLAIN
    },
    Builtin {
        name: "trim",
        parameters: &[TEXT_PARAMETER],
        sentence: "The text without white space at its two ends.",
        examples: &[
            Example::gives(&[Sample::Text("  Jo Doe \n")], Sample::Text("Jo Doe")),
            Example::gives(&[Sample::Text("   ")], Sample::Blank),
        ],
        run: trim,
        ..Builtin::PLAIN
    },
    Builtin {
        name: "squeeze",
        parameters: &[TEXT_PARAMETER],
        sentence: "The text without white space at its ends and with one space for each run of it inside; line breaks become spaces too.",
        examples: &[
            Example::gives(&[Sample::Text(" Jo \t Doe ")], Sample::Text("Jo Doe")),
            Example::gives(
                &[Sample::Text("12 High St\nLeeds")],
                Sample::Text("12 High St Leeds"),
            ),
        ],
        loses: Loses::Depends,
        lost_words: "repeated blanks",
        run: squeeze,
        ..Builtin::PLAIN
    },
    Builtin {
        name: "words",
        parameters: &[TEXT_PARAMETER],
        sentence: "A technical name as readable words; a text that has spaces already stays as it is.",
        examples: &[
            Example::gives(&[Sample::Text("signed_up")], Sample::Text("Signed up")),
            Example::gives(
                &[Sample::Text("OrderCompleted")],
                Sample::Text("Order completed"),
            ),
            Example::gives(
                &[Sample::Text("order-completed")],
                Sample::Text("Order completed"),
            ),
            Example::gives(
                &[Sample::Text("ORDER_COMPLETED")],
                Sample::Text("Order completed"),
            ),
            Example::gives(
                &[Sample::Text("HTTPError_userID")],
                Sample::Text("HTTP error user ID"),
            ),
            Example::gives(
                &[Sample::Text("Signed Up via web_form")],
                Sample::Text("Signed Up via web_form"),
            ),
            Example::gives(&[Sample::Text("支払い")], Sample::Text("支払い")),
        ],
        run: words::words,
        ..Builtin::PLAIN
    },
    Builtin {
        name: "title_case",
        parameters: &[TEXT_PARAMETER],
        sentence: "Each word with a capital first letter and the others small; words end at anything but letters, digits, marks and apostrophes.",
        examples: &[
            Example::gives(
                &[Sample::Text("JEAN-LUC picard")],
                Sample::Text("Jean-Luc Picard"),
            ),
            Example::gives(
                &[Sample::Text("o'neil's shop")],
                Sample::Text("O'neil's Shop"),
            ),
        ],
        loses: Loses::Depends,
        lost_words: "how the words were written",
        run: title_case,
        ..Builtin::PLAIN
    },
    Builtin {
        name: "normalise",
        parameters: &[TEXT_PARAMETER],
        sentence: "The text with each accented letter written as one character where Unicode has one (NFC).",
        examples: &[
            Example::gives(&[Sample::Text("Zoe\u{308}")], Sample::Text("Zo\u{eb}")),
            Example::gives(&[Sample::Text("Zo\u{eb}")], Sample::Text("Zo\u{eb}")),
        ],
        run: normalise,
        ..Builtin::PLAIN
    },
    Builtin {
        name: "strip_html",
        parameters: &[TEXT_PARAMETER],
        sentence: "The readable text of an HTML document: no tags, scripts and styles, entities as their characters, paragraphs and line breaks as line breaks.",
        examples: &[
            Example::gives(
                &[Sample::Text(
                    "<p>Hello <b>Jo</b>,</p><p>5 &lt; 6 &amp; more</p>",
                )],
                Sample::Text("Hello Jo,\n5 < 6 & more"),
            ),
            Example::gives(
                &[Sample::Text(
                    "<style>p{color:red}</style>Hi<br>you<!-- note -->",
                )],
                Sample::Text("Hi\nyou"),
            ),
            Example::gives(&[Sample::Text("no markup")], Sample::Text("no markup")),
        ],
        loses: Loses::Depends,
        lost_words: "markup",
        run: html::strip_html,
        ..Builtin::PLAIN
    },
    Builtin {
        name: "slug",
        parameters: &[TEXT_PARAMETER],
        sentence: "The text as a short name for keys and addresses: small letters and digits with hyphens between, no accents.",
        examples: &[
            Example::gives(
                &[Sample::Text("Jo's Café & Bar")],
                Sample::Text("jos-cafe-bar"),
            ),
            Example::gives(&[Sample::Text("支払い 2")], Sample::Text("支払い-2")),
            Example::gives(&[Sample::Text("!!!")], Sample::Blank),
        ],
        loses: Loses::Depends,
        lost_words: "what is no letter or digit",
        run: slug,
        ..Builtin::PLAIN
    },
];

fn lower<'a>(arguments: &[Value<'a>]) -> Result<Value<'a>, Fault> {
    let text = text(arguments, 0)?;
    Ok(match lower_case(text) {
        Some(lowered) => Value::owned(lowered),
        None => Value::Text(text.clone()),
    })
}

/// The text in lower case; `None` where it is already.
pub(super) fn lower_case(text: &str) -> Option<String> {
    if text.is_ascii() {
        return text
            .bytes()
            .any(|it| it.is_ascii_uppercase())
            .then(|| text.to_ascii_lowercase());
    }
    let changes = |letter: char| !letter.to_lowercase().eq([letter]);
    text.chars().any(changes).then(|| text.to_lowercase())
}

fn upper<'a>(arguments: &[Value<'a>]) -> Result<Value<'a>, Fault> {
    let text = text(arguments, 0)?;
    let changes = |letter: char| !letter.to_uppercase().eq([letter]);
    Ok(if text.chars().any(changes) {
        Value::owned(text.to_uppercase())
    } else {
        Value::Text(text.clone())
    })
}

fn trim<'a>(arguments: &[Value<'a>]) -> Result<Value<'a>, Fault> {
    map_text(text(arguments, 0)?, |text| Ok(Value::text(text.trim())))
}

fn squeeze<'a>(arguments: &[Value<'a>]) -> Result<Value<'a>, Fault> {
    map_text(text(arguments, 0)?, |text| {
        let text = text.trim();
        let is_clean = !text.contains("  ")
            && text
                .chars()
                .all(|letter| letter == ' ' || !letter.is_whitespace());
        Ok(if is_clean {
            Value::text(text)
        } else {
            let words: Vec<&str> = text.split_whitespace().collect();
            Value::owned(words.join(" "))
        })
    })
}

fn title_case<'a>(arguments: &[Value<'a>]) -> Result<Value<'a>, Fault> {
    let text = text(arguments, 0)?;
    let mut titled = String::with_capacity(text.len());
    let mut inside = false;
    for letter in text.chars() {
        if inside {
            titled.extend(letter.to_lowercase());
        } else {
            titled.extend(letter.to_uppercase());
        }
        let is_mark = matches!(letter, '\'' | '\u{2019}') || is_combining_mark(letter);
        inside = letter.is_alphanumeric() || inside && is_mark;
    }
    Ok(if titled == **text {
        Value::Text(text.clone())
    } else {
        Value::owned(titled)
    })
}

fn normalise<'a>(arguments: &[Value<'a>]) -> Result<Value<'a>, Fault> {
    let text = text(arguments, 0)?;
    if text.is_ascii() || is_nfc_quick(text.chars()) == IsNormalized::Yes {
        return Ok(Value::Text(text.clone()));
    }
    Ok(Value::owned(text.nfc().collect()))
}

fn slug<'a>(arguments: &[Value<'a>]) -> Result<Value<'a>, Fault> {
    let text: &Cow<'_, str> = text(arguments, 0)?;
    let mut slug = String::with_capacity(text.len());
    let mut gap = false;
    for letter in text.nfkd().flat_map(char::to_lowercase) {
        // Marks are what the accents became; an apostrophe joins what it stands in.
        let is_latin_mark = ('\u{300}'..='\u{36f}').contains(&letter);
        if is_latin_mark || matches!(letter, '\'' | '\u{2019}') {
            continue;
        }
        if letter.is_alphanumeric() || is_combining_mark(letter) {
            if gap && !slug.is_empty() {
                slug.push('-');
            }
            gap = false;
            slug.push(letter);
        } else {
            gap = true;
        }
    }
    Ok(Value::owned(slug.nfc().collect()))
}
