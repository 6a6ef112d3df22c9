//! Walks over one JSON text in one pass: checks every byte, keeps nothing, copies nothing.
//!
//! Accepts what `serde_json` accepts (`tests/engine/scanning.rs` compares them). It says only that a text is
//! no JSON; who refuses it finds the words for people by reading again.

/// How deep a text may nest; a level is a bit of [`Levels`].
pub(super) const DEPTH_MAX: u32 = 120;

/// Why a text is not walked to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Broken {
    Syntax,
    TooDeep,
}

/// One string, still escaped, without its quotes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Quoted<'a> {
    pub(super) inner: &'a str,
    pub(super) has_escapes: bool,
}

/// A place in a text; each call of it starts where the one before ended.
#[derive(Debug)]
pub(super) struct Scanner<'a> {
    text: &'a str,
    at: usize,
    depth: u32,
}

impl<'a> Scanner<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        let (at, depth) = (0, 0);
        Self { text, at, depth }
    }

    /// The byte that the next value opens with.
    pub(super) fn peek(&mut self) -> Option<u8> {
        self.skip_space();
        self.byte()
    }

    /// Where the next byte stands.
    pub(super) fn place(&self) -> usize {
        self.at
    }

    /// The text from an earlier place to here.
    pub(super) fn since(&self, place: usize) -> Result<&'a str, Broken> {
        self.text.get(place..self.at).ok_or(Broken::Syntax)
    }

    /// The next value as it stands, without the space around it.
    pub(super) fn value(&mut self) -> Result<&'a str, Broken> {
        self.skip_space();
        let from = self.at;
        match self.byte() {
            Some(b'"') => {
                self.skip_string()?;
            }
            Some(b'{' | b'[') => self.skip_nested()?,
            Some(_) => self.skip_scalar()?,
            None => return Err(Broken::Syntax),
        }
        self.since(from)
    }

    /// The string that stands here.
    pub(super) fn string(&mut self) -> Result<Quoted<'a>, Broken> {
        let from = self.at + 1;
        let has_escapes = self.skip_string()?;
        let inner = self.text.get(from..self.at - 1).ok_or(Broken::Syntax)?;
        Ok(Quoted { inner, has_escapes })
    }

    /// Goes into an object, whose members [`Self::first_key`] and [`Self::next_key`] find.
    pub(super) fn open_object(&mut self) -> Result<(), Broken> {
        self.skip_space();
        self.expect(b'{')?;
        self.deepen()
    }

    /// The first key of the object just opened, up to its value; `None` at the object's end.
    pub(super) fn first_key(&mut self) -> Result<Option<Quoted<'a>>, Broken> {
        self.skip_space();
        if self.byte() == Some(b'}') {
            self.leave();
            return Ok(None);
        }
        self.key().map(Some)
    }

    /// The key after a member's value, up to its own value; `None` at the object's end.
    pub(super) fn next_key(&mut self) -> Result<Option<Quoted<'a>>, Broken> {
        self.skip_space();
        match self.byte() {
            Some(b',') => {
                self.at += 1;
                self.skip_space();
                self.key().map(Some)
            }
            Some(b'}') => {
                self.leave();
                Ok(None)
            }
            Some(_) | None => Err(Broken::Syntax),
        }
    }

    /// Goes into a list; whether it has an item, which stands here then.
    pub(super) fn open_list(&mut self) -> Result<bool, Broken> {
        self.skip_space();
        self.expect(b'[')?;
        self.deepen()?;
        self.skip_space();
        if self.byte() == Some(b']') {
            self.leave();
            return Ok(false);
        }
        Ok(true)
    }

    /// Whether another item follows the one just read.
    pub(super) fn next_item(&mut self) -> Result<bool, Broken> {
        self.skip_space();
        match self.byte() {
            Some(b',') => {
                self.at += 1;
                Ok(true)
            }
            Some(b']') => {
                self.leave();
                Ok(false)
            }
            Some(_) | None => Err(Broken::Syntax),
        }
    }

    /// Nothing but space may follow.
    pub(super) fn end(&mut self) -> Result<(), Broken> {
        self.skip_space();
        if self.at == self.text.len() {
            Ok(())
        } else {
            Err(Broken::Syntax)
        }
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn expect(&mut self, wanted: u8) -> Result<(), Broken> {
        if self.byte() != Some(wanted) {
            return Err(Broken::Syntax);
        }
        self.at += 1;
        Ok(())
    }

    fn deepen(&mut self) -> Result<(), Broken> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(Broken::TooDeep);
        }
        Ok(())
    }

    /// Past the bracket that ends an object or a list.
    fn leave(&mut self) {
        self.at += 1;
        self.depth -= 1;
    }

    fn skip_space(&mut self) {
        while let Some(b' ' | b'\n' | b'\t' | b'\r') = self.byte() {
            self.at += 1;
        }
    }

    /// A key and its colon.
    fn key(&mut self) -> Result<Quoted<'a>, Broken> {
        let key = self.string()?;
        self.skip_space();
        self.expect(b':')?;
        Ok(key)
    }

    /// Past an object or a list, without recursion.
    fn skip_nested(&mut self) -> Result<(), Broken> {
        let outside = self.depth;
        let mut levels = Levels::default();
        loop {
            self.skip_space();
            match self.byte() {
                Some(b'"') => {
                    self.skip_string()?;
                }
                Some(b'{') => {
                    self.open_object()?;
                    if self.first_key()?.is_some() {
                        levels.enter_object();
                        continue;
                    }
                }
                Some(b'[') => {
                    if self.open_list()? {
                        levels.enter_list();
                        continue;
                    }
                }
                Some(_) => self.skip_scalar()?,
                None => return Err(Broken::Syntax),
            }
            loop {
                if self.depth == outside {
                    return Ok(());
                }
                let goes_on = if levels.is_in_object() {
                    self.next_key()?.is_some()
                } else {
                    self.next_item()?
                };
                if goes_on {
                    break;
                }
                levels.leave();
            }
        }
    }

    /// Past a string; whether it has escapes.
    fn skip_string(&mut self) -> Result<bool, Broken> {
        self.expect(b'"')?;
        let bytes = self.text.as_bytes();
        let mut has_escapes = false;
        loop {
            self.at += plain_bytes(bytes.get(self.at..).unwrap_or_default());
            match self.byte() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(has_escapes);
                }
                Some(b'\\') => {
                    has_escapes = true;
                    self.skip_escape()?;
                }
                Some(_) | None => return Err(Broken::Syntax),
            }
        }
    }

    /// Four hexadecimal digits are enough here; whether they make a character is for who reads it.
    fn skip_escape(&mut self) -> Result<(), Broken> {
        let behind = self.text.as_bytes().get(self.at + 1..).unwrap_or_default();
        self.at += match behind {
            [b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', ..] => 2,
            [b'u', digits @ ..] if digits.iter().take_while(is_hexadecimal).count() >= 4 => 6,
            _ => return Err(Broken::Syntax),
        };
        Ok(())
    }

    fn skip_scalar(&mut self) -> Result<(), Broken> {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        self.at += match rest {
            [b't', b'r', b'u', b'e', ..] | [b'n', b'u', b'l', b'l', ..] => 4,
            [b'f', b'a', b'l', b's', b'e', ..] => 5,
            _ => return self.skip_number(),
        };
        Ok(())
    }

    fn skip_number(&mut self) -> Result<(), Broken> {
        if self.byte() == Some(b'-') {
            self.at += 1;
        }
        if self.byte() == Some(b'0') {
            self.at += 1;
            // `01` is no number.
            if self.byte().is_some_and(|it| it.is_ascii_digit()) {
                return Err(Broken::Syntax);
            }
        } else {
            self.skip_digits()?;
        }
        if self.byte() == Some(b'.') {
            self.at += 1;
            self.skip_digits()?;
        }
        if let Some(b'e' | b'E') = self.byte() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.byte() {
                self.at += 1;
            }
            self.skip_digits()?;
        }
        Ok(())
    }

    /// At least one.
    fn skip_digits(&mut self) -> Result<(), Broken> {
        let from = self.at;
        while self.byte().is_some_and(|it| it.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at == from {
            return Err(Broken::Syntax);
        }
        Ok(())
    }
}

/// What is open around a place, one bit a level, the innermost one lowest: set for an object.
#[derive(Default)]
struct Levels(u128);

impl Levels {
    fn enter_object(&mut self) {
        self.0 = self.0 << 1 | 1;
    }

    fn enter_list(&mut self) {
        self.0 <<= 1;
    }

    fn leave(&mut self) {
        self.0 >>= 1;
    }

    fn is_in_object(&self) -> bool {
        self.0 & 1 == 1
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the shape that `take_while` wants"
)]
fn is_hexadecimal(byte: &&u8) -> bool {
    byte.is_ascii_hexdigit()
}

/// How many bytes at the front are neither a quote nor a backslash nor a control character.
///
/// Eight bytes at once: the strings of a record are short, so a wider search does not pay.
pub(super) fn plain_bytes(bytes: &[u8]) -> usize {
    let (words, rest) = bytes.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let found = odd_bytes(u64::from_le_bytes(*word));
        if found != 0 {
            return index * 8 + found.trailing_zeros() as usize / 8;
        }
    }
    let is_odd = |byte: &u8| *byte < b' ' || *byte == b'"' || *byte == b'\\';
    let odd = rest.iter().position(is_odd).unwrap_or(rest.len());
    words.len() * 8 + odd
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
