//! Values on the wire: what a field takes and the form in which it is kept
//! (freshsales.md 10.2, 10.4, 11).

use serde_json::Value;

use super::field_types::FieldType;
use super::fields::CustomField;
use super::positions::Lenience;
use super::positions::Overlong;
use super::positions::Strictness;
use super::request::integer;
use super::switches::Switches;
use super::times;

/// What becomes of one value: kept in this form, passed over, or refused with a message.
pub(super) enum Taken {
    Keep(Value),
    Skip,
    Refuse(String),
}

const TEXT_MAX: usize = 256;
const TEXTAREA_MAX: usize = 10_000;
const WHOLE_DIGITS_MAX: usize = 11;
const FRACTION_DIGITS_MAX: usize = 4;

/// Text of at most `max` characters; 0 is without limit.
pub(super) fn text(label: &str, value: &Value, max: usize, switches: &Switches) -> Taken {
    let text = match value {
        Value::Null => return Taken::Keep(Value::Null),
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        Value::Array(_) | Value::Object(_) => {
            return Taken::Refuse(format!("{label} must be text"));
        }
    };
    if text.is_empty() && !switches.blank_text_kept {
        return Taken::Keep(Value::Null);
    }
    if max == 0 || text.chars().count() <= max {
        return Taken::Keep(Value::from(text));
    }
    match switches.overlong_text {
        Overlong::Refused => {
            Taken::Refuse(format!("{label} is too long (maximum is {max} characters)"))
        }
        Overlong::Truncated => Taken::Keep(Value::from(text.chars().take(max).collect::<String>())),
    }
}

/// A value of a custom field.
pub(super) fn custom(field: &CustomField, value: &Value, switches: &Switches) -> Taken {
    if value.is_null() {
        return Taken::Keep(Value::Null);
    }
    match field.kind {
        FieldType::Text => text(&field.label, value, TEXT_MAX, switches),
        FieldType::Textarea => text(&field.label, value, TEXTAREA_MAX, switches),
        FieldType::Number | FieldType::Decimal => number(&field.label, value),
        FieldType::Checkbox => checkbox(&field.label, value),
        FieldType::Date => day(&field.label, value, switches),
        FieldType::Dropdown | FieldType::Radio => dropdown(field, value, switches),
        FieldType::MultiSelect => labels(field, value, switches),
        FieldType::Lookup => match integer(value) {
            Some(id) => Taken::Keep(Value::from(id)),
            None => Taken::Refuse(format!("{} must be an id", field.label)),
        },
    }
}

/// A number, also as text, within the digits of freshsales.md 10.4.
pub(super) fn number(label: &str, value: &Value) -> Taken {
    let wrong = || Taken::Refuse(format!("{label} is not a number"));
    let text = match value {
        Value::Number(number) => number.to_string(),
        Value::String(text) if text.trim().is_empty() => return Taken::Keep(Value::Null),
        Value::String(text) => text.trim().to_owned(),
        Value::Null => return Taken::Keep(Value::Null),
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => return wrong(),
    };
    let Ok(Value::Number(number)) = serde_json::from_str::<Value>(&text) else {
        return wrong();
    };
    if !has_digits(&text) {
        return Taken::Refuse(format!(
            "{label} must have at most {WHOLE_DIGITS_MAX} digits before and \
             {FRACTION_DIGITS_MAX} after the point"
        ));
    }
    Taken::Keep(Value::Number(number))
}

/// An amount of money, kept as the text that goes out: one decimal at least (freshsales.md 7).
pub(super) fn money(label: &str, value: &Value) -> Taken {
    let amount = match number(label, value) {
        Taken::Keep(Value::Number(amount)) => amount,
        other @ (Taken::Keep(_) | Taken::Skip | Taken::Refuse(_)) => return other,
    };
    let text = amount.to_string();
    let whole = !text.contains(['.', 'e', 'E']);
    Taken::Keep(Value::from(if whole { format!("{text}.0") } else { text }))
}

fn has_digits(text: &str) -> bool {
    let unsigned = text.trim_start_matches('-');
    if unsigned.contains(['e', 'E']) {
        return unsigned.parse::<f64>().is_ok_and(|number| number < 1e11);
    }
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    whole.len() <= WHOLE_DIGITS_MAX && fraction.trim_end_matches('0').len() <= FRACTION_DIGITS_MAX
}

/// `true` or `false`, also as text or as 1 and 0.
pub(super) fn checkbox(label: &str, value: &Value) -> Taken {
    let flag = match value {
        Value::Bool(flag) => Some(*flag),
        Value::String(text) => match text.to_lowercase().as_str() {
            "true" | "1" => Some(true),
            "false" | "0" | "" => Some(false),
            _ => None,
        },
        Value::Number(number) => match number.as_i64() {
            Some(1) => Some(true),
            Some(0) => Some(false),
            Some(_) | None => None,
        },
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    };
    match flag {
        Some(flag) => Taken::Keep(Value::Bool(flag)),
        None => Taken::Refuse(format!("{label} must be true or false")),
    }
}

/// A calendar day, kept as `YYYY-MM-DD`.
pub(super) fn day(label: &str, value: &Value, switches: &Switches) -> Taken {
    match value.as_str() {
        None if value.is_null() => Taken::Keep(Value::Null),
        Some("") => Taken::Keep(Value::Null),
        Some(text) => match times::read_day(text, switches.offset()) {
            Some(day) => Taken::Keep(Value::from(day.to_string())),
            None => Taken::Refuse(format!("{label} is not a date")),
        },
        None => Taken::Refuse(format!("{label} is not a date")),
    }
}

fn dropdown(field: &CustomField, value: &Value, switches: &Switches) -> Taken {
    let known = |text: &str| field.choices.iter().any(|choice| choice == text);
    match value.as_str() {
        Some("") => Taken::Keep(Value::Null),
        Some(text) if known(text) => Taken::Keep(Value::from(text)),
        Some(_) | None => bad_choice(&field.label, switches),
    }
}

fn labels(field: &CustomField, value: &Value, switches: &Switches) -> Taken {
    let Some(labels) = words(value) else {
        return Taken::Refuse(format!("{} must be text joined by ;", field.label));
    };
    if labels.iter().any(|label| !field.choices.contains(label)) {
        return bad_choice(&field.label, switches);
    }
    if labels.is_empty() {
        Taken::Keep(Value::Null)
    } else {
        Taken::Keep(Value::from(labels.join(";")))
    }
}

/// The words of a list, or of one text that joins them by `;`.
pub(super) fn words(value: &Value) -> Option<Vec<String>> {
    let word = |value: &Value| match value {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    };
    let mut words: Vec<String> = match value {
        Value::Array(list) => list.iter().map(word).collect::<Option<_>>()?,
        Value::String(text) => text.split(';').map(|part| part.trim().to_owned()).collect(),
        Value::Number(number) => vec![number.to_string()],
        Value::Null => Vec::new(),
        Value::Bool(_) | Value::Object(_) => return None,
    };
    words.retain(|word| !word.is_empty());
    Some(words)
}

/// What the switch says of a value that is no choice.
pub(super) fn bad_choice(label: &str, switches: &Switches) -> Taken {
    match switches.bad_choice {
        Strictness::Refused => Taken::Refuse(format!("{label} is not a valid choice")),
        Strictness::Ignored => Taken::Skip,
    }
}

/// A subscription code: an integer, numeric text, or a list of one (freshsales.md 11).
pub(super) fn code(label: &str, value: &Value, codes: &[i64], switches: &Switches) -> Taken {
    if value.is_null() {
        return Taken::Keep(Value::Null);
    }
    let single = match value {
        Value::Array(list) if list.len() == 1 => list.first().unwrap_or(value),
        Value::Array(_)
        | Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::Object(_) => value,
    };
    match integer(single) {
        Some(code) if codes.contains(&code) => Taken::Keep(Value::from(code)),
        Some(_) | None => bad_choice(label, switches),
    }
}

/// The codes of `subscription_status` that may be written.
pub(super) fn subscription_codes(switches: &Switches) -> &'static [i64] {
    match switches.bounced_writable {
        Lenience::Accepted => &[0, 1, 2, 3, 4],
        Lenience::Refused => &[0, 1, 2],
    }
}

/// Subscription types: a list, or text joined by `;`, of the five known ones.
pub(super) fn subscription_types(value: &Value, switches: &Switches) -> Taken {
    const LABEL: &str = "Subscription types";
    let Some(types) = words(value) else {
        return Taken::Refuse(format!("{LABEL} must be text joined by ;"));
    };
    if types
        .iter()
        .any(|kind| !matches!(kind.as_str(), "1" | "2" | "3" | "4" | "5"))
    {
        return bad_choice(LABEL, switches);
    }
    Taken::Keep(Value::from(types.join(";")))
}
