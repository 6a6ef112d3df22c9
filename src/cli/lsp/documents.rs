//! Texts that are open in the editor, and their neighbours on the disk.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use super::super::rulebook::neighbour;
use super::messages::{Changed, Opened, Saved};
use crate::lang::Files;

/// The kinds of file that the editor may open, by their endings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FileKind {
    Rules,
    Fields,
    Schema,
    /// A list, or something else.
    Other,
}

impl FileKind {
    pub(super) fn of(uri: &str) -> Self {
        match uri.rsplit_once('.').map(|(_, ending)| ending) {
            Some("rules") => Self::Rules,
            Some("fields") => Self::Fields,
            Some("schema") => Self::Schema,
            Some(_) | None => Self::Other,
        }
    }
}

/// Open texts by their address.
#[derive(Default)]
pub(super) struct Documents(BTreeMap<String, String>);

impl Documents {
    pub(super) fn open(&mut self, opened: Opened) {
        let document = opened.text_document;
        self.0.insert(document.uri, document.text);
    }

    pub(super) fn change(&mut self, changed: Changed) {
        // Each whole text replaces the one before; a piece of one was never asked for.
        let whole = changed.content_changes.into_iter().rev();
        if let Some(last) = whole.into_iter().find(|it| it.range.is_none()) {
            self.0.insert(changed.text_document.uri, last.text);
        }
    }

    pub(super) fn save(&mut self, saved: Saved) {
        if let Some(text) = saved.text {
            self.0.insert(saved.text_document.uri, text);
        }
    }

    pub(super) fn close(&mut self, closed: &Saved) {
        self.0.remove(&closed.text_document.uri);
    }

    pub(super) fn text(&self, uri: &str) -> Option<&str> {
        self.0.get(uri).map(String::as_str)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(uri, text)| (uri.as_str(), text.as_str()))
    }

    /// What the rule file at `uri` finds beside it: open texts first, then the disk.
    pub(super) fn beside<'d>(&'d self, uri: &str) -> Beside<'d> {
        Beside {
            documents: self,
            folder_uri: uri
                .rsplit_once('/')
                .map_or("", |(folder, _)| folder)
                .to_owned(),
            folder: path_of(uri).and_then(|it| it.parent().map(Path::to_path_buf)),
        }
    }
}

/// The neighbours of one rule file.
pub(super) struct Beside<'d> {
    documents: &'d Documents,
    folder_uri: String,
    /// `None` for a text that is no file yet.
    folder: Option<PathBuf>,
}

impl Beside<'_> {
    /// The address of a neighbour.
    pub(super) fn uri(&self, name: &str) -> String {
        format!("{}/{}", self.folder_uri, escaped(name))
    }
}

impl Files for Beside<'_> {
    fn read(&self, name: &str) -> Result<Vec<u8>, String> {
        let relative = neighbour(name)?;
        let path = self.folder.as_ref().map(|it| it.join(relative));
        // Editors differ in how they escape an address, so paths are compared.
        let is_it = |(uri, _): &(&str, &str)| {
            *uri == self.uri(name) || (path.is_some() && path_of(uri) == path)
        };
        if let Some((_, text)) = self.documents.iter().find(is_it) {
            return Ok(text.as_bytes().to_vec());
        }
        let Some(path) = path else {
            return Err("save this file first; its neighbours are looked for beside it".to_owned());
        };
        fs::read(path).map_err(|error| {
            if error.kind() == std::io::ErrorKind::NotFound {
                return "there is no such file beside the rule file".to_owned();
            }
            error.to_string()
        })
    }
}

/// The path of a `file:` address.
pub(super) fn path_of(uri: &str) -> Option<PathBuf> {
    let rest = uri.strip_prefix("file://")?;
    let path = rest.get(rest.find('/')?..)?;
    let mut bytes = Vec::with_capacity(path.len());
    let mut left = path.as_bytes();
    while let [first, rest @ ..] = left {
        let escaped = match left {
            [b'%', high, low, ..] => std::str::from_utf8(&[*high, *low])
                .ok()
                .and_then(|it| u8::from_str_radix(it, 16).ok()),
            _ => None,
        };
        bytes.push(escaped.unwrap_or(*first));
        left = if escaped.is_some() {
            left.get(3..).unwrap_or(&[])
        } else {
            rest
        };
    }
    String::from_utf8(bytes).ok().map(PathBuf::from)
}

fn escaped(name: &str) -> String {
    let mut found = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            found.push(char::from(byte));
        } else {
            let _ = write!(found, "%{byte:02X}");
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_paths_agree() {
        let path = PathBuf::from("/a b/Größe.rules");
        let uri = format!("file://{}", escaped("/a b/Größe.rules"));
        assert_eq!(uri, "file:///a%20b/Gr%C3%B6%C3%9Fe.rules");
        assert_eq!(path_of(&uri), Some(path));
        assert_eq!(path_of("untitled:1"), None);
        assert_eq!(path_of("file:///%zz%4"), Some(PathBuf::from("/%zz%4")));
    }
}
