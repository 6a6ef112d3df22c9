//! Percent-encoding, as servers undo it.

/// `text` without `%xx` and with blanks for `+`; a broken escape stands for itself.
#[must_use]
pub fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => match escape(tail) {
                Some(value) => {
                    bytes.push(value);
                    rest = tail.get(2..).unwrap_or_default();
                }
                None => bytes.push(b'%'),
            },
            _ => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The names and values of a query, in order.
#[must_use]
pub fn pairs(query: &str) -> Vec<(String, String)> {
    // A client exists that sends `?per_page=25?page=1`; the real service copes.
    let pairs = query.split(['&', '?']).filter(|pair| !pair.is_empty());
    let pairs = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    pairs
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}

fn escape(tail: &[u8]) -> Option<u8> {
    let digits = std::str::from_utf8(tail.get(..2)?).ok()?;
    u8::from_str_radix(digits, 16).ok()
}
