//! What the escapes of a JSON string stand for.

use std::borrow::Cow;

use super::odd::is_plain;
use super::scan::Quoted;

/// The text inside a JSON string; `None` for a lone surrogate and other broken escapes.
pub(super) fn unescape(raw: &str) -> Option<Cow<'_, str>> {
    let inner = raw.strip_prefix('"')?.strip_suffix('"')?;
    if is_plain(inner) {
        return Some(Cow::Borrowed(inner));
    }
    without_escapes(inner).map(Cow::Owned)
}

/// The text of a string that was scanned; `None` for a lone surrogate.
pub(super) fn unquote(quoted: Quoted<'_>) -> Option<Cow<'_, str>> {
    if quoted.has_escapes {
        return without_escapes(quoted.inner()).map(Cow::Owned);
    }
    Some(Cow::Borrowed(quoted.inner()))
}

/// What the escapes of a string stand for, as `serde_json` reads them; `None` where one stands for nothing,
/// and for what a string cannot hold.
fn without_escapes(inner: &str) -> Option<String> {
    let mut text = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some(at) = rest.find(|it| it < ' ' || it == '"' || it == '\\') {
        let (plain, escape) = rest.split_at_checked(at)?;
        text.push_str(plain);
        let mut escape = escape.strip_prefix('\\')?.chars();
        text.push(match escape.next()? {
            letter @ ('"' | '\\' | '/') => letter,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let (letter, behind) = unicode(escape.as_str())?;
                escape = behind.chars();
                letter
            }
            _ => return None,
        });
        rest = escape.as_str();
    }
    text.push_str(rest);
    Some(text)
}

/// The character of four hexadecimal digits, or of a pair of surrogates, and what stands behind it.
fn unicode(digits: &str) -> Option<(char, &str)> {
    let (high, rest) = unit(digits)?;
    if let Some(letter) = char::from_u32(high) {
        return Some((letter, rest));
    }
    let (low, rest) = unit(rest.strip_prefix("\\u")?)?;
    let units = [u16::try_from(high).ok()?, u16::try_from(low).ok()?];
    let letter = char::decode_utf16(units).next()?.ok()?;
    Some((letter, rest))
}

fn unit(digits: &str) -> Option<(u32, &str)> {
    let (four, rest) = digits.split_at_checked(4)?;
    // A sign is no digit, though a number may have one.
    let is_number = four.bytes().all(|it| it.is_ascii_hexdigit());
    let number = u32::from_str_radix(four, 16).ok().filter(|_| is_number)?;
    Some((number, rest))
}
