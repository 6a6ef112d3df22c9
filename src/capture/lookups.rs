//! The small files that other records are understood by: object types and subscription topics.

use serde::Deserialize;
use serde_json::Value;

use super::{Capture, CaptureError};
use crate::model::Entity;

/// An object type of the workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectType {
    pub id: String,
    /// Slugs first, then names; rules may use any of them. Never empty.
    pub names: Vec<String>,
}

/// A subscription topic.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Topic {
    pub identifier: String,
    #[serde(default)]
    pub subscribed_by_default: bool,
}

impl Capture {
    /// The object types of `object_types.ndjson`, in its order.
    ///
    /// A line that is none is left out: objects of that type then go by the rule for other types.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn object_types(&self) -> Result<Vec<ObjectType>, CaptureError> {
        #[derive(Deserialize)]
        struct Line {
            id: Value,
            slug: Option<String>,
            singular_slug: Option<String>,
            name: Option<String>,
            singular_name: Option<String>,
        }
        let mut lines: Vec<Line> = Vec::new();
        self.each(Entity::ObjectType, |_, bytes| {
            lines.extend(serde_json::from_slice::<Line>(bytes));
            Ok(())
        })?;
        Ok(lines
            .into_iter()
            .map(|line| {
                let id = line.id.as_str().map(str::to_owned);
                let id = id.unwrap_or_else(|| line.id.to_string());
                let mut names: Vec<String> = Vec::new();
                let given = [line.slug, line.singular_slug, line.name, line.singular_name];
                for name in given.into_iter().flatten().chain([id.clone()]) {
                    if !name.is_empty() && !names.contains(&name) {
                        names.push(name);
                    }
                }
                ObjectType { id, names }
            })
            .collect())
    }

    /// The topics of `subscription_topics.ndjson`.
    ///
    /// # Errors
    /// When the file cannot be read or a line is no topic: consent must not be guessed.
    pub fn topics(&self) -> Result<Vec<Topic>, CaptureError> {
        let file = self.file(Entity::SubscriptionTopic);
        let file = file.map_or_else(String::new, |file| file.name.clone());
        let mut topics = Vec::new();
        self.each(Entity::SubscriptionTopic, |line, bytes| {
            let topic = serde_json::from_slice(bytes).map_err(|_| CaptureError::BadLookup {
                file: file.clone(),
                line,
                expected: "a subscription topic",
            })?;
            topics.push(topic);
            Ok(())
        })?;
        Ok(topics)
    }

    fn each(
        &self,
        entity: Entity,
        mut take: impl FnMut(u64, &[u8]) -> Result<(), CaptureError>,
    ) -> Result<(), CaptureError> {
        let Some(mut lines) = self.lines(entity)? else {
            return Ok(());
        };
        let mut buffer = Vec::new();
        while let Some(chunk) = lines.next(buffer)? {
            for (line, bytes) in chunk.lines() {
                take(line, bytes)?;
            }
            buffer = chunk.bytes;
        }
        Ok(())
    }
}
