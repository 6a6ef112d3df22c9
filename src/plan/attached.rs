//! What hangs on a record beside its fields: a link for each address of such a field, and texts that are too long for one.

use super::output::scalar_of;
use super::{Line, TargetPlan};
use crate::model::{Attachment, AttachmentKind, Scalar, Value};

/// Where a draft keeps such fields (`Field::place`).
const LINKS: &str = "documents";

/// The field stands for links that hang on the record.
pub(super) fn is_of_links(target: &TargetPlan, line: &Line) -> bool {
    let field = target.fields.get(usize::from(line.field));
    field.is_some_and(|field| field.place == [LINKS])
}

/// What the field keeps of a text that goes along as a file: `above` characters, the last of them the sign that there is
/// more.
pub(super) fn beginning(text: &str, above: usize) -> Option<String> {
    let kept = text.chars().take(above.checked_sub(1)?);
    Some(kept.chain(['…']).collect())
}

/// A link for each address.
pub(super) fn links_of(value: &Value<'_>, target: &TargetPlan, line: &Line) -> Vec<Attachment> {
    let field = target.fields.get(usize::from(line.field));
    let scalar = field.and_then(|field| scalar_of(value, &field.kind));
    let addresses = match scalar {
        Some(Scalar::TextList(addresses)) => addresses,
        Some(Scalar::Text(address)) => vec![address],
        Some(
            Scalar::Number(_)
            | Scalar::Boolean(_)
            | Scalar::Date(_)
            | Scalar::Time(_)
            | Scalar::Json(_),
        )
        | None => Vec::new(),
    };
    let name = field.map_or(LINKS, |field| &field.name);
    let addresses = addresses.into_iter().filter(|it| !it.trim().is_empty());
    let links = addresses.enumerate().map(|(place, content)| Attachment {
        name: format!("{name}-{}", place + 1),
        content,
        kind: AttachmentKind::Link,
    });
    links.collect()
}
