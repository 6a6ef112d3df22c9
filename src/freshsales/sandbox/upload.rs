//! Bodies of `multipart/form-data`: the fields, and one file (freshsales.md 9.6).

use serde_json::Map;
use serde_json::Value;

/// A file that came with a form; its content is known by size and hash alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Upload {
    pub(super) name: String,
    pub(super) content_type: String,
    pub(super) bytes: usize,
    /// BLAKE3 in hexadecimal.
    pub(super) hash: String,
}

/// The boundary that a content type names, when it is a form's.
pub(super) fn boundary(content_type: &str) -> Option<&str> {
    let (kind, rest) = content_type.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let named = rest.split(';').find_map(|part| {
        let (name, value) = part.split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case("boundary")
            .then_some(value.trim())
    });
    named.map(|value| value.trim_matches('"'))
}

/// The fields of a form and its file; `None` when it is no form of that boundary.
pub(super) fn read(body: &[u8], boundary: &str) -> Option<(Map<String, Value>, Option<Upload>)> {
    let first = format!("--{boundary}");
    let between = format!("\r\n--{boundary}");
    let mut rest = body.strip_prefix(first.as_bytes())?;
    let mut fields = Map::new();
    let mut file = None;
    while !rest.starts_with(b"--") {
        rest = rest.strip_prefix(b"\r\n")?;
        let head_end = find(rest, b"\r\n\r\n")?;
        let head = String::from_utf8_lossy(rest.get(..head_end)?).into_owned();
        rest = rest.get(head_end + 4..)?;
        let end = find(rest, between.as_bytes())?;
        let content = rest.get(..end)?;
        rest = rest.get(end + between.len()..)?;
        let name = parameter(&head, "name")?;
        match parameter(&head, "filename") {
            Some(filename) => {
                file = Some(Upload {
                    name: filename,
                    content_type: header(&head, "content-type").unwrap_or_default(),
                    bytes: content.len(),
                    hash: blake3::hash(content).to_hex().to_string(),
                });
            }
            None => drop(fields.insert(name, String::from_utf8_lossy(content).into())),
        }
    }
    Some((fields, file))
}

fn find(text: &[u8], word: &[u8]) -> Option<usize> {
    memchr::memmem::find(text, word)
}

/// A quoted parameter of the disposition header.
fn parameter(head: &str, name: &str) -> Option<String> {
    let disposition = header(head, "content-disposition")?;
    let part = disposition
        .split(';')
        .find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('='))?;
    Some(part.trim_matches('"').to_owned())
}

fn header(head: &str, name: &str) -> Option<String> {
    head.split("\r\n").find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.trim()
            .eq_ignore_ascii_case(name)
            .then(|| value.trim().to_owned())
    })
}
