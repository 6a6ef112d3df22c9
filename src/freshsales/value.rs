//! One value to the wire and back, by the shape of its field (freshsales.md 10.2).

use jiff::civil::Date;
use serde_json::Value as Json;

use crate::model::{Fault, FaultKind, Scalar};

use super::endpoints::settings::{Choice, Field};
use super::number;
use super::snapshot::is_custom;

/// Characters of a custom text field (freshsales.md 10.4).
pub const TEXT_MAX: usize = 256;
/// Characters of a custom textarea (freshsales.md 10.4).
pub const TEXTAREA_MAX: usize = 10_000;
/// Characters of `mobile_number` and `work_number` (freshsales.md 5.2).
pub const PHONE_MAX: usize = 30;

/// Fields that are read as integers although the ids of their choices are texts (freshsales.md 11).
const NUMBERED: [&str; 4] = [
    "subscription_status",
    "unsubscription_reason",
    "whatsapp_subscription_status",
    "sms_subscription_status",
];

/// The words of [`Shape::YesNo`].
pub const YES: &str = "Yes";
/// See [`YES`].
pub const NO: &str = "No";

/// What a field's value looks like on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape<'a> {
    /// A text, at most `max` characters where that is published.
    Text {
        /// In characters.
        max: Option<usize>,
    },
    /// A number of any size.
    Number,
    /// A number of a custom field: 11 digits and 4 behind the point.
    SmallNumber,
    /// `true` or `false`.
    Checkbox,
    /// The same, told as `Yes` and `No`: a choice of two words, for the rules rank them.
    YesNo,
    /// `YYYY-MM-DD` in, midnight with the account's offset out.
    Date,
    /// The label of one choice, as in custom dropdowns.
    Label(&'a [Choice]),
    /// The id of one choice, as in built-in dropdowns.
    ChoiceId(&'a [Choice]),
    /// An integer although its choices have text ids (freshsales.md 11).
    ChoiceNumber(&'a [Choice]),
    /// Labels in one text, joined by `;`.
    Labels(&'a [Choice]),
    /// The kinds of mail that somebody gets: numbers joined by `;` there, labels joined by `; ` in the account's order
    /// here. One text and no list, for a list with more in it counts as good as ours, and more is what nobody asked for.
    Types(&'a [Choice]),
    /// A list of texts.
    TextList,
}

impl<'a> Shape<'a> {
    /// The shape of `field`; `None` for groups and kinds that rules cannot fill.
    #[must_use]
    pub fn of(field: &'a Field) -> Option<Self> {
        let is_custom = is_custom(&field.name);
        if field.name == "tags" {
            return Some(Self::TextList);
        }
        if NUMBERED.contains(&field.name.as_str()) {
            return Some(Self::ChoiceNumber(&field.choices));
        }
        if field.name == "subscription_types" {
            return Some(Self::Types(&field.choices));
        }
        match field.kind.as_str() {
            "text" if is_custom => Some(Self::Text {
                max: Some(TEXT_MAX),
            }),
            "textarea" | "paragraph" if is_custom => Some(Self::Text {
                max: Some(TEXTAREA_MAX),
            }),
            "text" | "textarea" | "paragraph" => {
                let is_phone = matches!(field.name.as_str(), "mobile_number" | "work_number");
                Some(Self::Text {
                    max: is_phone.then_some(PHONE_MAX),
                })
            }
            "number" | "decimal" if is_custom => Some(Self::SmallNumber),
            "number" | "decimal" => Some(Self::Number),
            "checkbox" => Some(Self::Checkbox),
            "date" => Some(Self::Date),
            "dropdown" | "radio" if is_custom => Some(Self::Label(&field.choices)),
            "dropdown" => Some(Self::ChoiceId(&field.choices)),
            "multi_select_dropdown" if is_custom => Some(Self::Labels(&field.choices)),
            _ => None,
        }
    }

    /// `value` as it is sent.
    ///
    /// # Errors
    /// A fault when the field cannot hold it; its message holds no value.
    pub fn to_wire(self, value: &Scalar) -> Result<Json, Fault> {
        match self {
            Self::Text { max } => text_to_wire(max, value),
            Self::Number => number_to_wire(value),
            Self::SmallNumber => small_number_to_wire(value),
            Self::Checkbox => {
                let Scalar::Boolean(yes) = value else {
                    return Err(wrong_type("yes or no", value));
                };
                Ok(Json::Bool(*yes))
            }
            Self::YesNo => match value {
                Scalar::Text(word) if word == YES => Ok(Json::Bool(true)),
                Scalar::Text(word) if word == NO => Ok(Json::Bool(false)),
                Scalar::Text(_) => {
                    let message = format!("expected {YES} or {NO}");
                    Err(Fault::new(FaultKind::NotOnList, message))
                }
                Scalar::Number(_)
                | Scalar::Boolean(_)
                | Scalar::Date(_)
                | Scalar::Time(_)
                | Scalar::TextList(_)
                | Scalar::Json(_) => Err(wrong_type("the label of a choice", value)),
            },
            Self::Date => {
                let Scalar::Date(day) = value else {
                    return Err(wrong_type("a date", value));
                };
                Ok(Json::from(day.as_str()))
            }
            Self::Label(choices) => {
                let choice = choice_labelled(choices, value)?;
                Ok(Json::from(choice.value.as_str()))
            }
            Self::ChoiceId(choices) => Ok(choice_labelled(choices, value)?.id.clone()),
            Self::ChoiceNumber(choices) => {
                let choice = choice_labelled(choices, value)?;
                whole(&choice.id).map(Json::from).ok_or_else(|| {
                    Fault::new(FaultKind::WrongType, "the choice's id is no whole number")
                })
            }
            Self::Labels(choices) => labels_to_wire(choices, value),
            Self::Types(choices) => types_to_wire(choices, value),
            Self::TextList => Ok(Json::from(listed(value)?.to_vec())),
        }
    }

    /// What was read, in the canonical form of drafts; `None` when it is blank. A value that the
    /// shape does not explain is handed on as the text that it is, so that a comparison shows it.
    #[must_use]
    pub fn from_wire(self, found: &Json) -> Option<Scalar> {
        if is_blank(found) {
            return None;
        }
        let known = match self {
            Self::Text { .. } => found.as_str().map(|text| Scalar::Text(text.to_owned())),
            Self::Number | Self::SmallNumber => number_from_wire(found),
            Self::Checkbox => found.as_bool().map(Scalar::Boolean),
            Self::YesNo => found.as_bool().map(|yes| {
                let word = if yes { YES } else { NO };
                Scalar::Text(word.to_owned())
            }),
            Self::Date => found.as_str().and_then(day).map(Scalar::Date),
            Self::Label(_) => found.as_str().map(|label| Scalar::Text(label.to_owned())),
            Self::ChoiceId(choices) | Self::ChoiceNumber(choices) => label_of(choices, found),
            Self::Labels(_) => found.as_str().map(|text| {
                Scalar::TextList(
                    text.split(';')
                        .map(|label| label.trim().to_owned())
                        .collect(),
                )
            }),
            Self::Types(choices) => types_from_wire(choices, found),
            Self::TextList => texts(found).map(Scalar::TextList),
        };
        Some(known.unwrap_or_else(|| Scalar::Text(shown(found))))
    }
}

/// Null, empty text and an empty list say the same: nothing is there.
#[must_use]
pub fn is_blank(found: &Json) -> bool {
    match found {
        Json::Null => true,
        Json::String(text) => text.is_empty(),
        Json::Array(rows) => rows.is_empty(),
        Json::Bool(_) | Json::Number(_) | Json::Object(_) => false,
    }
}

fn text_to_wire(max: Option<usize>, value: &Scalar) -> Result<Json, Fault> {
    let text = match value {
        Scalar::Text(text) | Scalar::Json(text) | Scalar::Date(text) | Scalar::Time(text) => text,
        Scalar::Number(_) | Scalar::Boolean(_) | Scalar::TextList(_) => {
            return Err(wrong_type("a text", value));
        }
    };
    let length = text.chars().count();
    if let Some(max) = max.filter(|max| length > *max) {
        let message = format!("expected at most {max} characters, found {length}");
        return Err(Fault::new(FaultKind::TooLong, message));
    }
    Ok(Json::from(text.as_str()))
}

fn number_to_wire(value: &Scalar) -> Result<Json, Fault> {
    let Scalar::Number(digits) = value else {
        return Err(wrong_type("a number", value));
    };
    let number = number::canonical_digits(digits).and_then(|digits| number::to_json(&digits));
    number.map(Json::Number).ok_or_else(|| {
        let message = "expected a number of at most 15 digits, found one that would be rounded";
        Fault::new(FaultKind::TooLong, message)
    })
}

fn small_number_to_wire(value: &Scalar) -> Result<Json, Fault> {
    if let Scalar::Number(digits) = value
        && number::canonical_digits(digits).is_some_and(|digits| !number::fits(&digits))
    {
        let (whole, fraction) = (number::WHOLE_DIGITS_MAX, number::FRACTION_DIGITS_MAX);
        let message =
            format!("expected at most {whole} digits and {fraction} behind the point, found more");
        return Err(Fault::new(FaultKind::TooLong, message));
    }
    number_to_wire(value)
}

fn labels_to_wire(choices: &[Choice], value: &Scalar) -> Result<Json, Fault> {
    let labels = listed(value)?;
    for label in labels {
        choice_labelled(choices, &Scalar::Text(label.clone()))?;
    }
    Ok(Json::from(labels.join(";")))
}

/// # Errors
/// A label that the account does not have, or labels in another order than the account's: they would be read back as
/// another text.
fn types_to_wire(choices: &[Choice], value: &Scalar) -> Result<Json, Fault> {
    let Scalar::Text(text) = value else {
        return Err(wrong_type("labels joined by `; `", value));
    };
    let labels = text.split("; ").map(|label| {
        let label = Scalar::Text(label.to_owned());
        choice_labelled(choices, &label)
    });
    let labels = labels.collect::<Result<Vec<&Choice>, Fault>>()?;
    let ids: Vec<String> = labels.iter().map(|choice| shown(&choice.id)).collect();
    let sent = Json::from(ids.join(";"));
    if types_from_wire(choices, &sent).as_ref() == Some(value) {
        return Ok(sent);
    }
    let order: Vec<&str> = choices.iter().map(|choice| choice.value.as_str()).collect();
    let message = format!(
        "expected each label once, in the account's order ({})",
        order.join("; ")
    );
    Err(Fault::new(FaultKind::NotOnList, message))
}

fn types_from_wire(choices: &[Choice], found: &Json) -> Option<Scalar> {
    let ids: Vec<&str> = found.as_str()?.split(';').map(str::trim).collect();
    let is_known = |id: &&str| choices.iter().any(|choice| shown(&choice.id) == **id);
    if !ids.iter().all(is_known) {
        return None;
    }
    let there = choices
        .iter()
        .filter(|it| ids.contains(&shown(&it.id).as_str()));
    let labels: Vec<&str> = there.map(|choice| choice.value.as_str()).collect();
    Some(Scalar::Text(labels.join("; ")))
}

/// A single text counts as a list of one.
fn listed(value: &Scalar) -> Result<&[String], Fault> {
    match value {
        Scalar::TextList(texts) => Ok(texts),
        Scalar::Text(text) => Ok(std::slice::from_ref(text)),
        Scalar::Number(_)
        | Scalar::Boolean(_)
        | Scalar::Date(_)
        | Scalar::Time(_)
        | Scalar::Json(_) => Err(wrong_type("a list of texts", value)),
    }
}

/// An unknown label must not be sent: whether it is refused or dropped is unknown.
fn choice_labelled<'a>(choices: &'a [Choice], value: &Scalar) -> Result<&'a Choice, Fault> {
    let Scalar::Text(label) = value else {
        return Err(wrong_type("the label of a choice", value));
    };
    let known = choices.iter().find(|choice| choice.value == *label);
    known.ok_or_else(|| {
        let labels: Vec<&str> = choices.iter().map(|c| c.value.as_str()).take(8).collect();
        let message = format!("expected one of its choices ({})", labels.join(", "));
        Fault::new(FaultKind::NotOnList, message)
    })
}

fn number_from_wire(found: &Json) -> Option<Scalar> {
    // Money comes back as text, `"5600.0"` (freshsales.md 5.2).
    let digits = match found {
        Json::Number(number) => number.to_string(),
        Json::String(text) => text.clone(),
        Json::Null | Json::Bool(_) | Json::Array(_) | Json::Object(_) => return None,
    };
    number::canonical_digits(&digits).map(Scalar::Number)
}

/// The day of `YYYY-MM-DD` or of midnight with the account's offset: the day as the account sees
/// it, whatever the offset.
fn day(text: &str) -> Option<String> {
    let (day, _) = text.split_once('T').unwrap_or((text, ""));
    day.parse::<Date>().ok().map(|date| date.to_string())
}

fn label_of(choices: &[Choice], found: &Json) -> Option<Scalar> {
    let is_same = |choice: &&Choice| choice.id == *found || shown(&choice.id) == shown(found);
    let choice = choices.iter().find(is_same)?;
    Some(Scalar::Text(choice.value.clone()))
}

fn texts(found: &Json) -> Option<Vec<String>> {
    let rows = found.as_array()?;
    rows.iter()
        .map(|row| row.as_str().map(str::to_owned))
        .collect()
}

fn whole(id: &Json) -> Option<i64> {
    id.as_i64().or_else(|| id.as_str()?.trim().parse().ok())
}

fn shown(found: &Json) -> String {
    found
        .as_str()
        .map_or_else(|| found.to_string(), str::to_owned)
}

fn wrong_type(expected: &str, value: &Scalar) -> Fault {
    let found = match value {
        Scalar::Text(_) => "a text",
        Scalar::Number(_) => "a number",
        Scalar::Boolean(_) => "yes or no",
        Scalar::Date(_) => "a date",
        Scalar::Time(_) => "a time",
        Scalar::TextList(_) => "a list of texts",
        Scalar::Json(_) => "JSON",
    };
    let message = format!("expected {expected}, found {found}");
    Fault::new(FaultKind::WrongType, message)
}
