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
