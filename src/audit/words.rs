//! Small readings of JSON text: its words, its yes and no.

use std::borrow::Cow;

/// A text without its quotes and escapes; anything else as it stands.
pub(super) fn plain(raw: &str) -> Cow<'_, str> {
    let inner = raw.strip_prefix('"').and_then(|raw| raw.strip_suffix('"'));
    match inner {
        None => Cow::Borrowed(raw),
        Some(inner) if !inner.contains('\\') => Cow::Borrowed(inner),
        Some(inner) => serde_json::from_str(raw).map_or(Cow::Borrowed(inner), Cow::Owned),
    }
}

/// Whether a value says yes, as the language's `boolean` type reads it.
pub(super) fn is_yes(raw: Option<&str>) -> bool {
    raw.is_some_and(|raw| matches!(raw, "true" | "1") || is_yes_spelled(raw))
}

fn is_yes_spelled(raw: &str) -> bool {
    raw.starts_with('"') && (plain(raw) == "1" || plain(raw).eq_ignore_ascii_case("true"))
}
