//! The kinds of field and the numeric codes by which the create call names them.
//!
//! The codes are a guess: the vendor's numbers are not public in what we read
//! (freshsales.md 10.3). Client and sandbox share this table so that both change together once
//! a probe has shown the true ones.

/// What a custom field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FieldType {
    Text,
    Textarea,
    Number,
    Decimal,
    Date,
    Checkbox,
    Dropdown,
    MultiSelect,
    Radio,
    Lookup,
}

/// Code, wire name, kind: one row for each kind that can be created.
pub const FIELD_TYPES: &[(i64, &str, FieldType)] = &[
    (1, "text", FieldType::Text),
    (2, "textarea", FieldType::Textarea),
    (3, "number", FieldType::Number),
    (4, "dropdown", FieldType::Dropdown),
    (5, "checkbox", FieldType::Checkbox),
    (6, "radio", FieldType::Radio),
    (7, "date", FieldType::Date),
    (8, "multi_select_dropdown", FieldType::MultiSelect),
    (9, "lookup", FieldType::Lookup),
    (10, "decimal", FieldType::Decimal),
];

impl FieldType {
    /// The kind with this numeric code.
    #[must_use]
    pub fn of_code(code: i64) -> Option<FieldType> {
        FIELD_TYPES
            .iter()
            .find(|row| row.0 == code)
            .map(|row| row.2)
    }

    /// The kind with this wire name, as field metadata spells it.
    #[must_use]
    pub fn of_name(name: &str) -> Option<FieldType> {
        FIELD_TYPES
            .iter()
            .find(|row| row.1 == name)
            .map(|row| row.2)
    }

    /// The numeric code sent when a field of this kind is created.
    #[must_use]
    pub fn code(self) -> i64 {
        FIELD_TYPES
            .iter()
            .find(|row| row.2 == self)
            .map_or(1, |row| row.0)
    }

    /// The name in field metadata.
    #[must_use]
    pub fn name(self) -> &'static str {
        FIELD_TYPES
            .iter()
            .find(|row| row.2 == self)
            .map_or("text", |row| row.1)
    }

    /// Whether values come from a list of choices.
    #[must_use]
    pub fn has_choices(self) -> bool {
        match self {
            FieldType::Dropdown | FieldType::MultiSelect | FieldType::Radio => true,
            FieldType::Text
            | FieldType::Textarea
            | FieldType::Number
            | FieldType::Decimal
            | FieldType::Date
            | FieldType::Checkbox
            | FieldType::Lookup => false,
        }
    }

    /// Whether the admin may mark such a field unique (freshsales.md 5.4).
    #[must_use]
    pub fn can_be_unique(self) -> bool {
        match self {
            FieldType::Text | FieldType::Number => true,
            FieldType::Textarea
            | FieldType::Decimal
            | FieldType::Date
            | FieldType::Checkbox
            | FieldType::Dropdown
            | FieldType::MultiSelect
            | FieldType::Radio
            | FieldType::Lookup => false,
        }
    }
}
