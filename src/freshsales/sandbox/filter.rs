//! One rule of a filtered search (freshsales.md 4.4).

use serde_json::Map;
use serde_json::Value;

use super::crm::Crm;
use super::emails;
use super::links;
use super::reply::Refusal;
use super::times;
use super::unique;

/// The operators seen, and those that their names suggest.
const KNOWN: [&str; 9] = [
    "is_in",
    "is_not_in",
    "contains",
    "equals",
    "is_after",
    "is_before",
    "is_greater_than",
    "is_empty",
    "is_not_empty",
];

/// One line of a filter.
pub(super) struct Rule {
    attribute: String,
    operator: String,
    values: Vec<String>,
    offset: jiff::tz::Offset,
}

impl Rule {
    /// Reads one rule.
    ///
    /// # Errors
    /// No attribute, or an operator that is not known.
    pub(super) fn read(crm: &Crm, rule: &Value) -> Result<Rule, Refusal> {
        let text = |name: &str| rule.get(name).and_then(Value::as_str).unwrap_or_default();
        let operator = text("operator").to_owned();
        if text("attribute").is_empty() || !KNOWN.contains(&operator.as_str()) {
            return Err(Refusal::invalid("filter_rule is not valid"));
        }
        let values = match rule.get("value") {
            Some(Value::Array(list)) => list.iter().filter_map(unique::plain_text).collect(),
            Some(Value::Bool(flag)) => vec![flag.to_string()],
            Some(value) => unique::plain_text(value).into_iter().collect(),
            None => Vec::new(),
        };
        let attribute = match text("attribute") {
            // One client writes every attribute so, after the kind of record.
            "contact_email.email" | "lead_email.email" => "email".to_owned(),
            name => name.to_owned(),
        };
        Ok(Rule {
            attribute,
            operator,
            values,
            offset: crm.switches.offset(),
        })
    }

    /// The key and values, when an index answers this rule.
    pub(super) fn indexed(&self) -> Option<(&str, Vec<String>)> {
        let exact = matches!(self.operator.as_str(), "is_in" | "equals");
        let name = match self.attribute.as_str() {
            "email" => "email",
            "external_id" => "external_id",
            "mobile_number" => "mobile_number",
            "sales_account_id" => "account",
            _ => return None,
        };
        let folded = self.values.iter().map(|value| match name {
            "email" => emails::folded(value),
            _ => value.clone(),
        });
        exact.then(|| (name, folded.collect()))
    }

    /// Whether a record satisfies the rule.
    pub(super) fn holds(&self, body: &Map<String, Value>) -> bool {
        let found: Vec<String> = self.found(body);
        let fold = |text: &str| text.trim().to_lowercase();
        let same = || {
            found
                .iter()
                .any(|have| self.values.iter().any(|want| fold(want) == fold(have)))
        };
        let time = |text: &str| times::read(text, self.offset);
        let want = self.values.first().map(String::as_str).unwrap_or_default();
        match self.operator.as_str() {
            "is_in" | "equals" => same(),
            "is_not_in" => !same(),
            "contains" => found.iter().any(|have| fold(have).contains(&fold(want))),
            "is_after" => found.iter().any(|have| time(have) > time(want)),
            "is_before" => found.iter().any(|have| time(have) < time(want)),
            "is_greater_than" => {
                let number = |text: &str| text.parse::<f64>().ok();
                found.iter().any(|have| number(have) > number(want))
            }
            "is_empty" => found.is_empty(),
            _ => !found.is_empty(),
        }
    }

    fn found(&self, body: &Map<String, Value>) -> Vec<String> {
        let texts = |value: &Value| match value {
            Value::Array(list) => list.iter().filter_map(unique::plain_text).collect(),
            Value::Bool(flag) => vec![flag.to_string()],
            Value::Null | Value::Number(_) | Value::String(_) | Value::Object(_) => {
                unique::plain_text(value).into_iter().collect()
            }
        };
        match self.attribute.as_str() {
            "email" => {
                let emails = body.get("emails").and_then(Value::as_array);
                emails
                    .into_iter()
                    .flatten()
                    .map(|e| emails::value_of(e).to_owned())
                    .collect()
            }
            "sales_account_id" => links::links_of(body)
                .iter()
                .map(|link| link.0.to_string())
                // A deal has one account and names it itself.
                .chain(body.get("sales_account_id").and_then(unique::plain_text))
                .collect(),
            name => {
                let custom = || body.get("custom_field").and_then(|custom| custom.get(name));
                body.get(name)
                    .or_else(custom)
                    .map(texts)
                    .unwrap_or_default()
            }
        }
    }
}
