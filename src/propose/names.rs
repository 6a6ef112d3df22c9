//! Names of fields as words: whatever the spelling, `firstName`, `First Name` and `first_name` are the same two.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The words of a name, in small letters and without accents.
#[must_use]
pub fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    let letters: Vec<char> = name.chars().collect();
    for (at, letter) in letters.iter().copied().enumerate() {
        let before = at.checked_sub(1).and_then(|at| letters.get(at)).copied();
        let after = letters.get(at + 1).copied();
        if !letter.is_alphanumeric() {
            if !is_combining_mark(letter) {
                words.extend(take(&mut word));
            }
            continue;
        }
        if before.is_some_and(|before| parts(before, letter, after)) {
            words.extend(take(&mut word));
        }
        fold(letter, &mut word);
    }
    words.extend(take(&mut word));
    words
}

/// `firstName`, `HTMLPage` and `address1` are two words each.
fn parts(before: char, letter: char, after: Option<char>) -> bool {
    let humps = letter.is_uppercase()
        && (before.is_lowercase()
            || before.is_uppercase() && after.is_some_and(char::is_lowercase));
    humps || (letter.is_numeric() && before.is_alphabetic())
}

fn fold(letter: char, word: &mut String) {
    match letter {
        'ß' => word.push_str("ss"),
        'æ' | 'Æ' => word.push_str("ae"),
        'ø' | 'Ø' => word.push('o'),
        'ł' | 'Ł' => word.push('l'),
        _ => {
            let plain = letter.nfd().filter(|it| !is_combining_mark(*it));
            word.extend(plain.flat_map(char::to_lowercase));
        }
    }
}

fn take(word: &mut String) -> Option<String> {
    let taken = std::mem::take(word);
    (!taken.is_empty()).then_some(taken)
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn every_spelling_gives_the_same_words() {
        for name in [
            "first_name",
            "firstName",
            "First Name",
            "first-name",
            "FIRST_NAME",
            "FirstName",
            " first  name ",
        ] {
            assert_eq!(words(name), ["first", "name"], "{name}");
        }
        assert_eq!(words("HTMLPage2"), ["html", "page", "2"]);
        assert_eq!(words("Prénom"), ["prenom"]);
        assert_eq!(words("Straße"), ["strasse"]);
        assert_eq!(words("__"), Vec::<String>::new());
    }
}
