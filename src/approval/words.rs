//! Texts and rows of the file as TOML, one row a line so that a reviewer's diff shows one row.

use std::fmt::Write;

/// A value of one row.
pub(super) enum Word<'a> {
    Text(&'a str),
    Number(u64),
}

/// A basic string: JSON's escapes are TOML's, but for the delete character.
pub(super) fn quoted(text: &str) -> String {
    let json = serde_json::to_string(text).expect("a text can be written as JSON");
    json.replace('\u{7f}', "\\u007f")
}

/// `name = "text"`.
pub(super) fn line(out: &mut String, name: &str, text: &str) {
    let _ = writeln!(out, "{name} = {}", quoted(text));
}

/// `{ a = "x", b = 1 }`.
pub(super) fn row(members: &[(&str, Word<'_>)]) -> String {
    let members: Vec<String> = members
        .iter()
        .map(|(name, word)| match word {
            Word::Text(text) => format!("{name} = {}", quoted(text)),
            Word::Number(number) => format!("{name} = {number}"),
        })
        .collect();
    format!("{{ {} }}", members.join(", "))
}

/// A sentence, then `name = [` and a row a line.
pub(super) fn rows(
    out: &mut String,
    sentence: &str,
    name: &str,
    rows: impl Iterator<Item = String>,
) {
    let _ = writeln!(out, "\n# {sentence}\n{name} = [");
    for row in rows {
        let _ = writeln!(out, "  {row},");
    }
    out.push_str("]\n");
}
