//! The filter grammar of people and objects (customerio.md 2.1, 2.4).

use serde_json::Value;

use super::reply::Refusal;
use super::world::{Object, plain};

/// A condition, understood.
#[derive(Debug)]
pub(super) enum Filter {
    All(Vec<Filter>),
    Any(Vec<Filter>),
    Not(Box<Filter>),
    Segment(i64),
    Exists(String),
    Equals(String, String),
}

/// What a filter looks at.
pub(super) trait Subject {
    /// The attribute's text, as it is compared.
    fn attribute(&self, name: &str) -> Option<String>;
    /// Whether it is a member; objects are of no segment.
    fn is_in(&self, segment: i64) -> bool;
}

impl Filter {
    /// Reads `filter`; `leaf` is `attribute` for people and `object_attribute` for objects.
    pub(super) fn read(filter: &Value, leaf: &str) -> Result<Filter, Refusal> {
        let wrong = || Refusal::invalid("the filter is not valid");
        let object = filter
            .as_object()
            .filter(|it| it.len() == 1)
            .ok_or_else(wrong)?;
        let (key, value) = object.iter().next().ok_or_else(wrong)?;
        let list = || -> Result<Vec<Filter>, Refusal> {
            let items = value.as_array().ok_or_else(wrong)?;
            items.iter().map(|item| Filter::read(item, leaf)).collect()
        };
        match key.as_str() {
            "and" => Ok(Filter::All(list()?)),
            "or" => Ok(Filter::Any(list()?)),
            "not" => Ok(Filter::Not(Box::new(Filter::read(value, leaf)?))),
            "segment" => {
                let id = value.get("id").and_then(Value::as_i64).ok_or_else(wrong)?;
                Ok(Filter::Segment(id))
            }
            name if name == leaf => Filter::leaf(value.as_object().ok_or_else(wrong)?, leaf),
            _ => Err(wrong()),
        }
    }

    fn leaf(leaf: &Object, kind: &str) -> Result<Filter, Refusal> {
        if kind == "object_attribute" && !leaf.contains_key("type_id") {
            return Err(Refusal::invalid("type_id is required"));
        }
        let field = leaf.get("field").and_then(Value::as_str);
        let field = field
            .ok_or_else(|| Refusal::invalid("field is required"))?
            .to_owned();
        match leaf.get("operator").and_then(Value::as_str) {
            Some("exists") => Ok(Filter::Exists(field)),
            Some("eq") => {
                let value = leaf.get("value").filter(|value| !value.is_null());
                let value = value.ok_or_else(|| Refusal::invalid("value is required with eq"))?;
                Ok(Filter::Equals(field, plain(value)))
            }
            _ => Err(Refusal::invalid("operator must be eq or exists")),
        }
    }

    pub(super) fn fits(&self, subject: &dyn Subject) -> bool {
        match self {
            Filter::All(filters) => filters.iter().all(|it| it.fits(subject)),
            Filter::Any(filters) => filters.iter().any(|it| it.fits(subject)),
            Filter::Not(filter) => !filter.fits(subject),
            Filter::Segment(id) => subject.is_in(*id),
            Filter::Exists(name) => subject.attribute(name).is_some(),
            // String equality ignores case (customerio.md 6.4).
            Filter::Equals(name, value) => subject
                .attribute(name)
                .is_some_and(|found| found.to_lowercase() == value.to_lowercase()),
        }
    }
}
