//! `words`: readable words from `snake_case`, `kebab-case` and `CamelCase` names.

use super::argument::{map_text, text};
use crate::model::{Fault, Value};

pub(super) fn words<'a>(arguments: &[Value<'a>]) -> Result<Value<'a>, Fault> {
    map_text(text(arguments, 0)?, |name| {
        Ok(match readable(name) {
            Some(words) => Value::owned(words),
            None => Value::text(name),
        })
    })
}

/// `None` where the name is readable as it is: it has spaces, or no letters to tell words by.
fn readable(name: &str) -> Option<String> {
    if name.chars().any(char::is_whitespace) {
        return None;
    }
    // In a name that shouts, capitals do not mark abbreviations.
    let shouts = name.contains(['_', '-']) && !name.chars().any(char::is_lowercase);
    let mut words = String::with_capacity(name.len() + 4);
    for word in name.split(['_', '-']).flat_map(camel_parts) {
        let first = words.is_empty();
        if !first {
            words.push(' ');
        }
        let is_abbreviation = !shouts
            && word.chars().filter(|it| it.is_alphabetic()).count() > 1
            && !word.chars().any(char::is_lowercase);
        let mut letters = word.chars();
        if is_abbreviation {
            words.push_str(word);
        } else if let (true, Some(letter)) = (first, letters.next()) {
            words.extend(letter.to_uppercase());
            words.extend(letters.flat_map(char::to_lowercase));
        } else {
            words.extend(word.chars().flat_map(char::to_lowercase));
        }
    }
    (!words.is_empty() && words != name).then_some(words)
}

/// `HTTPErrorCode` as `HTTP`, `Error`, `Code`; empty parts are left out.
fn camel_parts(name: &str) -> Vec<&str> {
    let letters: Vec<(usize, char)> = name.char_indices().collect();
    let mut cuts = vec![0];
    for window in letters.windows(2) {
        let [(_, left), (middle, right)] = *window else {
            continue;
        };
        let follower = name.get(middle..).and_then(|rest| rest.chars().nth(1));
        let starts_word = if left.is_uppercase() {
            follower.is_some_and(char::is_lowercase)
        } else {
            left.is_alphanumeric()
        };
        if right.is_uppercase() && starts_word {
            cuts.push(middle);
        }
    }
    cuts.push(name.len());
    let parts = cuts.windows(2).filter_map(|ends| match *ends {
        [start, end] => name.get(start..end).filter(|part| !part.is_empty()),
        _ => None,
    });
    parts.collect()
}
