//! `strip_html`: the readable text of an HTML document.
//!
//! Reads what mail programs write, not only what is valid. A `<` that opens no tag stays a letter.

use super::argument::{map_text, text};
use crate::model::{Fault, Value};

pub(super) fn strip_html<'a>(arguments: &[Value<'a>]) -> Result<Value<'a>, Fault> {
    map_text(text(arguments, 0)?, |html| {
        if !html.contains(['<', '&']) {
            return Ok(Value::text(html));
        }
        Ok(Value::owned(readable(html)))
    })
}

/// Elements whose content nobody reads.
const HIDDEN: [&str; 5] = ["script", "style", "head", "template", "noscript"];

/// Elements that stand on lines of their own, and the line break itself.
const BLOCKS: [&str; 38] = [
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "br",
    "center",
    "dd",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "html",
    "li",
    "main",
    "nav",
    "ol",
    "option",
    "p",
    "pre",
    "section",
    "table",
    "tbody",
    "thead",
    "title",
    "tr",
    "ul",
];

fn readable(html: &str) -> String {
    let mut page = Page::with_room(html.len() / 2);
    let mut rest = html;
    while let Some(letter) = rest.chars().next() {
        let read = match letter {
            '<' => skip_markup(rest, &mut page),
            '&' => decode(rest).map(|(letter, behind)| {
                page.put(letter);
                behind
            }),
            _ => None,
        };
        rest = read.unwrap_or_else(|| {
            page.put(letter);
            rest.get(letter.len_utf8()..).unwrap_or("")
        });
    }
    page.text
}

/// Text as it is laid out: runs of white space are one space, breaks one line break, none at the ends.
struct Page {
    text: String,
    gap: Gap,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    None,
    Space,
    Line,
}

impl Page {
    fn with_room(bytes: usize) -> Self {
        Self {
            text: String::with_capacity(bytes),
            gap: Gap::None,
        }
    }

    fn part(&mut self, gap: Gap) {
        self.gap = self.gap.max(gap);
    }

    fn put(&mut self, letter: char) {
        match letter {
            // Soft hyphens and joiners fill the preview lines of newsletters.
            '\u{ad}' | '\u{200b}' | '\u{200c}' | '\u{feff}' => return,
            _ if letter.is_whitespace() => return self.part(Gap::Space),
            _ => {}
        }
        if !self.text.is_empty() {
            match self.gap {
                Gap::None => {}
                Gap::Space => self.text.push(' '),
                Gap::Line => self.text.push('\n'),
            }
        }
        self.gap = Gap::None;
        self.text.push(letter);
    }
}

/// What stands behind the tag or comment that opens `html`; `None` where it opens none.
fn skip_markup<'h>(html: &'h str, page: &mut Page) -> Option<&'h str> {
    if let Some(comment) = html.strip_prefix("<!--") {
        return Some(comment.split_once("-->").map_or("", |(_, rest)| rest));
    }
    let inner = html.strip_prefix('<')?;
    if inner.starts_with(['!', '?']) {
        return Some(inner.split_once('>').map_or("", |(_, rest)| rest));
    }
    let closes = inner.starts_with('/');
    let inner = inner.strip_prefix('/').unwrap_or(inner);
    if !inner.starts_with(|it: char| it.is_ascii_alphabetic()) {
        return None;
    }
    let end = inner
        .find(|it: char| !it.is_ascii_alphanumeric())
        .unwrap_or(inner.len());
    let (name, attributes) = inner.split_at_checked(end)?;
    let name = name.to_ascii_lowercase();
    let rest = attributes.get(tag_end(attributes)..)?;
    if BLOCKS.contains(&&*name) {
        page.part(Gap::Line);
    } else if matches!(&*name, "td" | "th" | "img") {
        page.part(Gap::Space);
    }
    if !closes && HIDDEN.contains(&&*name) && !attributes_close(attributes) {
        return Some(skip_hidden(rest, &name));
    }
    Some(rest)
}

/// The place behind the `>` that ends a tag; one inside quotes does not, if the quotes end at all.
fn tag_end(attributes: &str) -> usize {
    let mut quote = None;
    for (place, byte) in attributes.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return place + 1,
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            (None | Some(_), _) => {}
        }
    }
    attributes.find('>').map_or(attributes.len(), |it| it + 1)
}

fn attributes_close(attributes: &str) -> bool {
    attributes
        .get(..tag_end(attributes))
        .is_some_and(|tag| tag.ends_with("/>"))
}

/// What stands behind the closing tag; an element that never closes hides nothing.
fn skip_hidden<'h>(html: &'h str, name: &str) -> &'h str {
    let mut from = 0;
    while let Some(found) = html.get(from..).and_then(|rest| rest.find("</")) {
        let behind = html.get(from + found + 2..).unwrap_or("");
        let is_name = behind
            .get(..name.len())
            .is_some_and(|it| it.eq_ignore_ascii_case(name));
        let next = behind.get(name.len()..).and_then(|it| it.chars().next());
        if is_name && !next.is_some_and(|it| it.is_ascii_alphanumeric()) {
            return behind.split_once('>').map_or("", |(_, rest)| rest);
        }
        from += found + 2;
    }
    html
}

/// Names of the entities that letters and mail programs write, less those of [`LATIN`].
const NAMED: [(&str, char); 37] = [
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("ndash", '–'),
    ("mdash", '—'),
    ("lsquo", '‘'),
    ("rsquo", '’'),
    ("sbquo", '‚'),
    ("ldquo", '“'),
    ("rdquo", '”'),
    ("bdquo", '„'),
    ("hellip", '…'),
    ("bull", '•'),
    ("euro", '€'),
    ("trade", '™'),
    ("larr", '←'),
    ("uarr", '↑'),
    ("rarr", '→'),
    ("darr", '↓'),
    ("minus", '−'),
    ("le", '≤'),
    ("ge", '≥'),
    ("ne", '≠'),
    ("lsaquo", '‹'),
    ("rsaquo", '›'),
    ("dagger", '†'),
    ("permil", '‰'),
    ("OElig", 'Œ'),
    ("oelig", 'œ'),
    ("Scaron", 'Š'),
    ("scaron", 'š'),
    ("ensp", ' '),
    ("emsp", ' '),
    ("thinsp", ' '),
    ("zwnj", '\u{200c}'),
];

/// The entities of U+00A0 to U+00FF, in order.
const LATIN: [&str; 96] = [
    "nbsp", "iexcl", "cent", "pound", "curren", "yen", "brvbar", "sect", "uml", "copy", "ordf",
    "laquo", "not", "shy", "reg", "macr", "deg", "plusmn", "sup2", "sup3", "acute", "micro",
    "para", "middot", "cedil", "sup1", "ordm", "raquo", "frac14", "frac12", "frac34", "iquest",
    "Agrave", "Aacute", "Acirc", "Atilde", "Auml", "Aring", "AElig", "Ccedil", "Egrave", "Eacute",
    "Ecirc", "Euml", "Igrave", "Iacute", "Icirc", "Iuml", "ETH", "Ntilde", "Ograve", "Oacute",
    "Ocirc", "Otilde", "Ouml", "times", "Oslash", "Ugrave", "Uacute", "Ucirc", "Uuml", "Yacute",
    "THORN", "szlig", "agrave", "aacute", "acirc", "atilde", "auml", "aring", "aelig", "ccedil",
    "egrave", "eacute", "ecirc", "euml", "igrave", "iacute", "icirc", "iuml", "eth", "ntilde",
    "ograve", "oacute", "ocirc", "otilde", "ouml", "divide", "oslash", "ugrave", "uacute", "ucirc",
    "uuml", "yacute", "thorn", "yuml",
];

/// The character of the entity that opens `html` and what stands behind it; `None` where it is none.
fn decode(html: &str) -> Option<(char, &str)> {
    let inner = html.strip_prefix('&')?;
    let end = inner.bytes().take(12).position(|it| it == b';')?;
    let (name, rest) = (inner.get(..end)?, inner.get(end + 1..)?);
    let letter = match name.strip_prefix('#') {
        Some(number) => {
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code).filter(|it| !it.is_control() || it.is_whitespace())?
        }
        None => named(name)?,
    };
    Some((letter, rest))
}

fn named(name: &str) -> Option<char> {
    let found = NAMED.iter().find(|(it, _)| *it == name);
    if let Some((_, letter)) = found {
        return Some(*letter);
    }
    let place = LATIN.iter().position(|it| *it == name)?;
    char::from_u32(0xa0 + u32::try_from(place).ok()?)
}
