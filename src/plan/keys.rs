//! The keys of one object that a plan reads, in a table made for them: one look and one comparison a key.

/// An open table over the keys; the places are four times as many as the keys at least.
#[derive(Debug)]
pub(super) struct Keys<T> {
    entries: Vec<(Box<str>, T)>,
    /// Index into `entries` and one; nought where no key is.
    places: Vec<u16>,
}

impl<T> Keys<T> {
    /// # Panics
    /// On more keys than a `u16` counts, which no plan has.
    pub(super) fn of(entries: impl IntoIterator<Item = (String, T)>) -> Self {
        let entries: Vec<(Box<str>, T)> = entries
            .into_iter()
            .map(|(key, value)| (key.into_boxed_str(), value))
            .collect();
        let places = places_of(&entries);
        Self { entries, places }
    }

    /// The value of a key, which is added where it was not known; slow, since the table is made anew then.
    pub(super) fn get_or_add(&mut self, key: &str) -> &mut T
    where
        T: Default,
    {
        let known = self.entries.iter().position(|(it, _)| **it == *key);
        let at = known.unwrap_or_else(|| {
            self.entries.push((key.into(), T::default()));
            self.places = places_of(&self.entries);
            self.entries.len() - 1
        });
        let (_, value) = self
            .entries
            .get_mut(at)
            .expect("the key was found or has just been added");
        value
    }

    pub(super) fn find(&self, key: &str) -> Option<&T> {
        let mask = self.places.len() - 1;
        let mut at = hash(key) & mask;
        loop {
            let number = usize::from(*self.places.get(at)?);
            let (known, value) = self.entries.get(number.checked_sub(1)?)?;
            if **known == *key {
                return Some(value);
            }
            at = (at + 1) & mask;
        }
    }

    pub(super) fn values(&self) -> impl Iterator<Item = &T> {
        self.entries.iter().map(|(_, value)| value)
    }
}

fn places_of<T>(entries: &[(Box<str>, T)]) -> Vec<u16> {
    let mut places = vec![0; (entries.len() * 4).next_power_of_two()];
    let mask = places.len() - 1;
    for (number, (key, _)) in (1..).zip(entries) {
        let mut at = hash(key) & mask;
        while places.get(at).is_some_and(|place| *place != 0) {
            at = (at + 1) & mask;
        }
        if let Some(place) = places.get_mut(at) {
            *place = number;
        }
    }
    places
}

/// The ends and the length tell the keys of one object apart nearly always.
fn hash(key: &str) -> usize {
    let bytes = key.as_bytes();
    let (head, tail) = ends(bytes);
    // Odd numbers without a pattern: the golden ratio's and the square root of two's digits.
    let mixed = head.wrapping_mul(0x9e37_79b9_7f4a_7c15)
        ^ tail.wrapping_mul(0x6a09_e667_f3bc_c909).rotate_left(29)
        ^ bytes.len() as u64;
    let mixed = mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    usize::try_from(mixed >> 48).unwrap_or_default()
}

/// The first and the last eight bytes as numbers, or four, or all there are.
fn ends(bytes: &[u8]) -> (u64, u64) {
    if let (Some(head), Some(tail)) = (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
        return (u64::from_le_bytes(*head), u64::from_le_bytes(*tail));
    }
    if let (Some(head), Some(tail)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        let wide = |four: &[u8; 4]| u64::from(u32::from_le_bytes(*four));
        return (wide(head), wide(tail));
    }
    let fold = |sum: u64, byte: &u8| sum << 8 | u64::from(*byte);
    (bytes.iter().fold(0, fold), 0)
}
