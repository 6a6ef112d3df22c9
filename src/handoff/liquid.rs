//! Finds the tags of a Liquid text, with their places; unknown ones as well as known ones.

use serde::Serialize;

/// What a tag is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TagKind {
    /// `{{ … }}`
    Output,
    /// `{% … %}`
    Block,
    /// `{% raw %} … {% endraw %}`: its inside is text.
    Raw,
    /// `{% comment %} … {% endcomment %}`: nobody sees it.
    Comment,
    /// It begins and never ends.
    Open,
}

/// One tag of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag<'t> {
    pub kind: TagKind,
    /// All of it, with its braces.
    pub text: &'t str,
    /// What stands between the braces, without blanks and `-`; of `Raw` and `Comment` what they enclose.
    pub inside: &'t str,
    /// Bytes from the beginning of the text.
    pub start: usize,
    /// From 1.
    pub line: usize,
}

impl Tag<'_> {
    /// The byte after it.
    #[must_use]
    pub fn end(&self) -> usize {
        self.start + self.text.len()
    }

    /// The first word inside: `if`, `snippet`, `customer.name`.
    #[must_use]
    pub fn word(&self) -> &str {
        let end = self
            .inside
            .find(|sign: char| sign.is_whitespace() || sign == '|' || sign == ':');
        self.inside
            .get(..end.unwrap_or(self.inside.len()))
            .unwrap_or_default()
    }
}

/// Every tag of `text`, in order; they never overlap.
#[must_use]
pub fn tags(text: &str) -> Vec<Tag<'_>> {
    let mut found = Vec::new();
    let mut place = 0;
    let (mut line, mut counted) = (1, 0);
    while let Some(tag) = next(text, place) {
        let before = text.get(counted..tag.start).unwrap_or_default();
        line += before.bytes().filter(|it| *it == b'\n').count();
        counted = tag.start;
        place = tag.end();
        found.push(Tag { line, ..tag });
    }
    found
}

/// The tag that begins at `from` or behind it; its line is not known yet.
fn next(text: &str, from: usize) -> Option<Tag<'_>> {
    let mut from = from;
    loop {
        let start = from + text.get(from..)?.find('{')?;
        let rest = text.get(start..)?;
        let (close, kind) = match rest.as_bytes().get(1) {
            Some(b'{') => ("}}", TagKind::Output),
            Some(b'%') => ("%}", TagKind::Block),
            Some(_) | None => {
                from = start + 1;
                continue;
            }
        };
        let Some(inner) = rest.get(2..).and_then(|it| it.find(close)) else {
            // A later `{%` may still end although this `{{` does not; the rest of the line is shown as the tag.
            let text = rest.lines().next().unwrap_or(rest);
            let inside = trimmed(text.get(2..).unwrap_or_default());
            return Some(tag(TagKind::Open, text, inside, start));
        };
        let whole = rest.get(..inner + 4)?;
        let inside = trimmed(rest.get(2..inner + 2)?);
        let enclosing = match (kind, inside) {
            (TagKind::Block, "raw") => Some((TagKind::Raw, "endraw")),
            (TagKind::Block, "comment") => Some((TagKind::Comment, "endcomment")),
            (_, _) => None,
        };
        if let Some((kind, end)) = enclosing
            && let Some((enclosed, whole)) = enclosed(rest, whole.len(), end)
        {
            return Some(tag(kind, whole, enclosed, start));
        }
        return Some(tag(kind, whole, inside, start));
    }
}

fn tag<'t>(kind: TagKind, text: &'t str, inside: &'t str, start: usize) -> Tag<'t> {
    Tag {
        kind,
        text,
        inside,
        start,
        line: 1,
    }
}

/// What stands up to the block `end`, and all of it with both blocks.
fn enclosed<'t>(rest: &'t str, from: usize, end: &str) -> Option<(&'t str, &'t str)> {
    let mut place = from;
    loop {
        let open = place + rest.get(place..)?.find("{%")?;
        let after = rest.get(open + 2..)?;
        let close = after.find("%}")?;
        if trimmed(after.get(..close)?) == end {
            return Some((rest.get(from..open)?, rest.get(..open + close + 4)?));
        }
        place = open + 2;
    }
}

fn trimmed(inside: &str) -> &str {
    let inside = inside.strip_prefix('-').unwrap_or(inside);
    inside.strip_suffix('-').unwrap_or(inside).trim()
}
