//! Walks over one JSON text in one pass: checks every byte, keeps nothing, copies nothing.
//!
//! Accepts what `serde_json` accepts (`tests/engine/scanning.rs` compares them). It says only that a text is
//! no JSON; who refuses it finds the words for people by reading again.

use std::borrow::Cow;

use super::escapes::unquote;
use super::odd::OddBytes;

/// How deep a text may nest; a level is a bit of [`Levels`].
pub(super) const DEPTH_MAX: u32 = 120;

/// Why a text is not walked to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    Syntax,
    TooDeep,
}

/// One string, still escaped.
#[derive(Clone, Copy, Debug)]
pub struct Quoted<'a> {
    /// With its quotes.
    pub raw: &'a str,
    /// Where it stands in the text.
    pub from: usize,
    pub has_escapes: bool,
}

impl<'a> Quoted<'a> {
    /// Without its quotes.
    #[inline]
    pub fn inner(self) -> &'a str {
        self.raw.get(1..self.raw.len() - 1).unwrap_or_default()
    }

    /// What its escapes stand for; `None` where one stands for nothing.
    #[inline]
    pub fn text(self) -> Option<Cow<'a, str>> {
        unquote(self)
    }
}

/// A place in a text; each call of it starts where the one before ended.
#[derive(Debug)]
pub struct Scanner<'a> {
    text: &'a str,
    odd: OddBytes,
    at: usize,
    depth: u32,
}

impl<'a> Scanner<'a> {
    /// Over `text`, with the room of an earlier scanner.
    pub fn over(text: &'a str, mut odd: OddBytes) -> Self {
        odd.mark(text);
        let (at, depth) = (0, 0);
        Self {
            text,
            odd,
            at,
            depth,
        }
    }

    /// The room for the next scanner.
    pub fn into_room(self) -> OddBytes {
        self.odd
    }

    /// The byte that the next value opens with.
    #[inline]
    pub fn peek(&mut self) -> Option<u8> {
        self.skip_space();
        self.byte()
    }

    /// Where the next byte stands.
    pub fn place(&self) -> usize {
        self.at
    }

    /// The text from an earlier place to here.
    ///
    /// # Errors
    /// When `place` lies behind this place.
    #[inline]
    pub fn since(&self, place: usize) -> Result<&'a str, Broken> {
        self.text.get(place..self.at).ok_or(Broken::Syntax)
    }

    /// The next value as it stands, without the space around it.
    ///
    /// # Errors
    /// When no value stands here, or a broken one.
    #[inline]
    pub fn value(&mut self) -> Result<&'a str, Broken> {
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
    ///
    /// # Errors
    /// When no whole string stands here.
    #[inline]
    pub fn string(&mut self) -> Result<Quoted<'a>, Broken> {
        let from = self.at;
        let has_escapes = self.skip_string()?;
        let raw = self.since(from)?;
        Ok(Quoted {
            raw,
            from,
            has_escapes,
        })
    }

    /// Goes into an object, whose members [`Self::first_key`] and [`Self::next_key`] find.
    ///
    /// # Errors
    /// When no object stands here, or one too deep.
    pub fn open_object(&mut self) -> Result<(), Broken> {
        self.skip_space();
        self.expect(b'{')?;
        self.deepen()
    }

    /// The first key of the object just opened, up to its value; `None` at the object's end.
    ///
    /// # Errors
    /// When what stands here is neither a key nor the end.
    #[inline]
    pub fn first_key(&mut self) -> Result<Option<Quoted<'a>>, Broken> {
        self.skip_space();
        if self.byte() == Some(b'}') {
            self.leave();
            return Ok(None);
        }
        self.key().map(Some)
    }

    /// The key after a member's value, up to its own value; `None` at the object's end.
    ///
    /// # Errors
    /// When what stands here is neither a key nor the end.
    #[inline]
    pub fn next_key(&mut self) -> Result<Option<Quoted<'a>>, Broken> {
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
    ///
    /// # Errors
    /// When no list stands here, or one too deep.
    pub fn open_list(&mut self) -> Result<bool, Broken> {
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
    ///
    /// # Errors
    /// When neither an item nor the end follows.
    pub fn next_item(&mut self) -> Result<bool, Broken> {
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
    ///
    /// # Errors
    /// When something else follows.
    pub fn end(&mut self) -> Result<(), Broken> {
        self.skip_space();
        if self.at == self.text.len() {
            Ok(())
        } else {
            Err(Broken::Syntax)
        }
    }

    #[inline]
    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    #[inline]
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

    #[inline]
    fn skip_space(&mut self) {
        while let Some(b' ' | b'\n' | b'\t' | b'\r') = self.byte() {
            self.at += 1;
        }
    }

    /// A key and its colon.
    #[inline]
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
    #[inline]
    fn skip_string(&mut self) -> Result<bool, Broken> {
        self.expect(b'"')?;
        let mut has_escapes = false;
        loop {
            self.at = self.odd.next(self.at).ok_or(Broken::Syntax)?;
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

    #[inline]
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
