//! Names as the language writes them: bare where they can be, in quotes elsewhere.

/// Words that mean something else where a bare word may stand.
const TAKEN: [&str; 26] = [
    "if", "then", "else", "lookup", "true", "false", "blank", "not", "and", "or", "is", "in",
    "via", "loses", "because", "when", "unique", "key", "of", "other", "any", "yes", "no", "none",
    "many", "end",
];

/// A path of names, `traits."odd name".x`.
#[must_use]
pub(super) fn path(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| word(name)).collect();
    names.join(".")
}

/// One name or word.
#[must_use]
pub(super) fn word(name: &str) -> String {
    let mut letters = name.chars();
    let is_bare = letters
        .next()
        .is_some_and(|it| it.is_ascii_lowercase() || it == '_')
        && letters.all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '_')
        && !TAKEN.contains(&name);
    if is_bare {
        return name.to_owned();
    }
    quoted(name)
}

/// Whether a text can stand in a rule file at all: it has no line end and no other control character.
#[must_use]
pub(super) fn is_writable(name: &str) -> bool {
    !name.is_empty() && !name.chars().any(char::is_control)
}

/// A text in quotes.
#[must_use]
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
