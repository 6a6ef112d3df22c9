//! Bytes to a source: UTF-8, with or without the mark that some editors put first.

use crate::lang::codes::syntax::S100;
use crate::lang::diagnostic::Diagnostic;
use crate::text::{Source, Span};

/// The text of a file, or the message that it is none; the message shows the place in a repaired copy.
///
/// # Errors
/// The bytes are no UTF-8.
pub fn decode(name: &str, bytes: &[u8]) -> Result<Source, Box<Diagnostic>> {
    let Err(error) = std::str::from_utf8(bytes) else {
        return Ok(Source::new(name, &String::from_utf8_lossy(bytes)));
    };
    let source = Source::new(name, &String::from_utf8_lossy(bytes));
    let start = error.valid_up_to();
    let bad = Span::new(start, start + char::REPLACEMENT_CHARACTER.len_utf8());
    let byte = bytes.get(start).copied().unwrap_or_default();
    let what = match bytes {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => "UTF-16".to_owned(),
        _ => format!("another encoding (the byte {byte:02X} stands here)"),
    };
    Err(Box::new(
        Diagnostic::error(
            S100,
            &source,
            bad,
            format!("this file is not UTF-8 but {what}"),
        )
        .help("open it in an editor and save it with the encoding UTF-8"),
    ))
}
