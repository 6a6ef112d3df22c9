//! Files and links that hang on a record (freshsales.md 9.6). They have a name and nothing else that could hold a
//! marker, so it stands there; a file's name says in eight letters what it holds, for the account may not tell. No call
//! changes one or takes one away.

use std::collections::BTreeMap;

use crate::model::Scalar;
use crate::port::{Action, Child, DestinationId, PortError, Step, Undo, UndoHow, Verdict};

use super::endpoints::Entity;
use super::endpoints::documents::{self, Document, FILE_MAX};
use super::hanging::{field, one_line, shown};
use super::line::Line;
use super::listed;
use super::write::refused;

/// How a marker begins, whatever it marks.
const MARKED: &str = "cio-";

/// Writes one file or link.
pub(super) fn write(line: &Line, (entity, id): (Entity, DestinationId), step: &Step) -> Verdict {
    if step.action != Action::Create {
        let why = "it hangs there already and says something else, and no call changes it: take it away in \
                   Freshsales, then run again";
        return refused(why.to_owned());
    }
    let name = name(step);
    let request = match (text(step, "content"), text(step, "url")) {
        (Some(content), _) if content.len() > FILE_MAX => {
            return refused(format!(
                "expected a file of at most {FILE_MAX} bytes, found {}",
                content.len()
            ));
        }
        (Some(content), _) => documents::upload(entity, id.0, &name, content.as_bytes()),
        (None, Some(url)) => documents::link(entity, id.0, &name, &url),
        (None, None) => return refused("expected a file or a link, found neither".to_owned()),
    };
    match line.tell(&request, documents::read_made) {
        Ok(id) => Verdict::Written(DestinationId(id)),
        Err(failure) => failure.verdict(),
    }
}

/// Which of the two is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    File,
    Link,
}

/// Every file, or every link, of a record; what has no marker of ours may be either.
pub(super) fn children(
    line: &Line,
    (entity, id): (Entity, DestinationId),
    sort: Sort,
) -> Result<Vec<Child>, PortError> {
    let what = format!("files of one {}", entity.singular());
    let request = |page| documents::list(entity, id.0, page);
    let found = listed::all(line, &what, request, documents::read_page, |it| it.id)?;
    let told = found.into_iter().map(|document| {
        let marked = marked(&document.name);
        (
            marked.clone().map(|(sort, _)| sort),
            child(document, marked.map(|(_, it)| it)),
        )
    });
    let of_sort = told.filter(|(known, _)| known.is_none_or(|known| known == sort));
    Ok(of_sort.map(|(_, child)| child).collect())
}

/// What reading the file or link of a step back gives: of a file its name alone.
pub(super) fn rendered(step: &Step) -> BTreeMap<String, Scalar> {
    let url = text(step, "url").map(|url| ("url".to_owned(), Scalar::Text(url)));
    let name = ("name".to_owned(), Scalar::Text(name(step)));
    [name].into_iter().chain(url).collect()
}

/// Nothing can be taken back; what hangs on a record that is taken away goes along with it.
pub(super) fn undo(undo: &Undo) -> Verdict {
    match undo.how {
        UndoHow::Remove => {
            refused("no call takes it away; it goes where its record goes".to_owned())
        }
        UndoHow::Restore(_) => refused("no call changes it".to_owned()),
    }
}

fn text(step: &Step, name: &str) -> Option<String> {
    let text = field(&step.fields, name).map(shown);
    text.filter(|text| !text.is_empty())
}

/// `cio-p-7+cf_other_traits.1a2b3c4d.json`, `contract.pdf [cio-p-7+documents-1]`.
fn name(step: &Step) -> String {
    let given = text(step, "name").unwrap_or_else(|| "file".to_owned());
    if let Some(url) = text(step, "url") {
        let path = url.split(['?', '#']).next().unwrap_or_default();
        let tail = path.trim_end_matches('/').rsplit('/').next();
        let tail = tail.filter(|tail| !tail.is_empty()).unwrap_or(&given);
        let marker = step.marker.as_ref().map(|marker| format!(" [{marker}]"));
        return one_line(tail) + &marker.unwrap_or_default();
    }
    let content = text(step, "content").unwrap_or_default();
    let digest = blake3::hash(content.as_bytes()).to_hex();
    let digest = digest.get(..8).unwrap_or_default();
    let (bare, ending) = given.rsplit_once('.').unwrap_or((&given, "txt"));
    let marker = step.marker.as_deref();
    let bare = marker.map_or_else(|| bare.to_owned(), filed);
    format!("{bare}.{digest}.{ending}")
}

/// The marker in a name, and what such names have.
fn marked(name: &str) -> Option<(Sort, String)> {
    let link = name
        .rsplit_once(" [")
        .and_then(|(_, rest)| rest.strip_suffix(']'));
    if let Some(inside) = link.filter(|inside| inside.starts_with(MARKED)) {
        return Some((Sort::Link, inside.to_owned()));
    }
    let (rest, _) = name.rsplit_once('.')?;
    let (stem, _) = rest.rsplit_once('.')?;
    stem.starts_with(MARKED)
        .then(|| (Sort::File, unfiled(stem)))
}

fn child(document: Document, marker: Option<String>) -> Child {
    let name = ("name".to_owned(), Scalar::Text(document.name));
    let url = document
        .url
        .map(|url| ("url".to_owned(), Scalar::Text(url)));
    Child {
        id: DestinationId(document.id),
        marker,
        fields: [name].into_iter().chain(url).collect(),
    }
}

/// A marker as the name of a file, where a slash would be a folder.
fn filed(marker: &str) -> String {
    marker.replace('%', "%25").replace('/', "%2F")
}

fn unfiled(name: &str) -> String {
    name.replace("%2F", "/").replace("%25", "%")
}
