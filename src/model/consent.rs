//! Which of two consent words is the stricter one.

use super::{Field, FieldKind, Scalar, Target};

impl Target {
    /// The field that carries consent: a list whose words have an order of strictness.
    #[must_use]
    pub fn consent_field(&self) -> Option<&Field> {
        self.fields
            .iter()
            .find(|field| !field.strictness().is_empty())
    }
}

impl Field {
    /// Consent words, strictest first; empty for every other field.
    #[must_use]
    pub fn strictness(&self) -> &[String] {
        match &self.kind {
            FieldKind::Choice { strictness, .. } => strictness,
            FieldKind::Text { .. }
            | FieldKind::Integer
            | FieldKind::Decimal
            | FieldKind::Boolean
            | FieldKind::Date
            | FieldKind::Timestamp
            | FieldKind::User
            | FieldKind::Links { .. }
            | FieldKind::TextList
            | FieldKind::Json => &[],
        }
    }

    /// How weak a consent value is: 0 is the strictest. A word that is not on the list stands just above the
    /// weakest, so that neither the weakest overwrites it nor it a strict one; no value is the weakest of all.
    #[must_use]
    pub fn weakness(&self, value: Option<&Scalar>) -> usize {
        let words = self.strictness();
        match value {
            Some(Scalar::Text(text)) => words
                .iter()
                .position(|word| word == text)
                .map_or_else(|| (2 * words.len()).saturating_sub(3), |place| 2 * place),
            Some(
                Scalar::Number(_)
                | Scalar::Boolean(_)
                | Scalar::Date(_)
                | Scalar::Time(_)
                | Scalar::TextList(_)
                | Scalar::Json(_),
            ) => (2 * words.len()).saturating_sub(3),
            None => 2 * words.len(),
        }
    }
}
