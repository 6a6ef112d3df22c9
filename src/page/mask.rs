//! Values with their shape and without their content.

use serde_json::Value as Json;

/// Each letter by `x` or `X`, each digit by `9`; everything else stays.
pub fn mask(text: &str) -> String {
    text.chars()
        .map(|it| match it {
            _ if it.is_uppercase() => 'X',
            _ if it.is_alphabetic() => 'x',
            _ if it.is_numeric() => '9',
            _ => it,
        })
        .collect()
}

/// The values of a JSON text masked, its keys as they are; what is no JSON is masked whole.
pub fn mask_json(text: &str) -> String {
    match serde_json::from_str::<Json>(text) {
        Ok(json) => masked(json).to_string(),
        Err(_) => mask(text),
    }
}

fn masked(json: Json) -> Json {
    match json {
        Json::String(text) => Json::String(mask(&text)),
        Json::Number(number) => Json::String(mask(&number.to_string())),
        Json::Array(items) => items.into_iter().map(masked).collect(),
        Json::Object(members) => members
            .into_iter()
            .map(|(key, value)| (key, masked(value)))
            .collect(),
        Json::Null | Json::Bool(_) => json,
    }
}

/// The text with `�` for what nobody wrote to be read: signs that a terminal obeys, and those that turn the order of
/// letters round. Ends of lines and tabs stay, and so do the joiners of letters and pictures.
#[must_use]
pub fn harmless(text: &str) -> std::borrow::Cow<'_, str> {
    let is_harmful = |letter: char| match letter {
        '\n' | '\t' => false,
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => true,
        letter => letter.is_control(),
    };
    if !text.chars().any(is_harmful) {
        return std::borrow::Cow::Borrowed(text);
    }
    let plain = |letter| {
        if is_harmful(letter) {
            char::REPLACEMENT_CHARACTER
        } else {
            letter
        }
    };
    std::borrow::Cow::Owned(text.chars().map(plain).collect())
}
