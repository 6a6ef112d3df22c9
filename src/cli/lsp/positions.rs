//! Byte offsets and the protocol's positions: lines from 0, columns in UTF-16 units.

use super::messages::{Position, Range};
use crate::text::Span;

/// The byte offset of a position; one beyond its line is the line's end, one beyond the text the text's end.
pub(super) fn offset(text: &str, position: Position) -> usize {
    let mut start = 0;
    for _ in 0..position.line {
        match text.get(start..).and_then(|rest| rest.find('\n')) {
            Some(newline) => start += newline + 1,
            None => return text.len(),
        }
    }
    let line = text.get(start..).unwrap_or("");
    let line = line.split('\n').next().unwrap_or("");
    let line = line.strip_suffix('\r').unwrap_or(line);
    let wanted = position.character as usize;
    let mut units = 0;
    for (at, letter) in line.char_indices() {
        if units >= wanted {
            return start + at;
        }
        units += letter.len_utf16();
    }
    start + line.len()
}

/// The position of a byte offset.
pub(super) fn position(text: &str, offset: usize) -> Position {
    let offset = text.floor_char_boundary(offset.min(text.len()));
    let before = text.get(..offset).unwrap_or("");
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let column = before.get(start..).unwrap_or("").encode_utf16().count();
    Position {
        line: u32::try_from(before.matches('\n').count()).unwrap_or(u32::MAX),
        character: u32::try_from(column).unwrap_or(u32::MAX),
    }
}

pub(super) fn range(text: &str, span: Span) -> Range {
    Range {
        start: position(text, span.start),
        end: position(text, span.end),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_offset_finds_its_way_back() {
        let text = "rules \"Größe 😀 x\"\r\n# é\n\nlast 漢字";
        for (at, _) in text.char_indices() {
            let place = position(text, at);
            let back = offset(text, place);
            let is_line_end = text.get(at..).is_some_and(|it| it.starts_with('\n'));
            assert!(back == at || is_line_end, "{at} {place:?} {back}");
        }
        assert_eq!(
            position(text, text.find('x').unwrap_or(0)),
            Position {
                line: 0,
                character: 16
            }
        );
    }

    #[test]
    fn positions_outside_end_at_the_text() {
        let far = Position {
            line: 9,
            character: 9,
        };
        assert_eq!(offset("ab\ncd", far), 5);
        let wide = Position {
            line: 0,
            character: 99,
        };
        assert_eq!(offset("ab\r\ncd", wide), 2);
        // Inside of a pair of surrogates is the next letter.
        let half = Position {
            line: 0,
            character: 1,
        };
        assert_eq!(offset("😀a", half), 4);
    }
}
