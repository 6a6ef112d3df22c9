//! Points in time on the wire: whole seconds, whatever offset the account shows (freshsales.md 1).

use jiff::Timestamp;

use crate::model::Scalar;

/// What is sent and, when it was kept, read back: UTC to the second. `None` for what is no time.
pub(super) fn to_wire(value: &Scalar) -> Option<String> {
    match value {
        Scalar::Time(text) | Scalar::Text(text) => canonical(text),
        Scalar::Date(day) => canonical(&format!("{day}T00:00:00Z")),
        Scalar::Number(_) | Scalar::Boolean(_) | Scalar::TextList(_) | Scalar::Json(_) => None,
    }
}

/// A time as it was told, in the canonical form of drafts; what cannot be read is shown as it is.
pub(super) fn from_wire(text: &str) -> Scalar {
    canonical(text).map_or_else(|| Scalar::Text(text.to_owned()), Scalar::Time)
}

fn canonical(text: &str) -> Option<String> {
    let time: Timestamp = text.trim().parse().ok()?;
    let whole = Timestamp::from_second(time.as_second()).ok()?;
    Some(whole.to_string())
}
