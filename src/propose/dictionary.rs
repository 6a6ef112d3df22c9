//! The dictionary of a pair of systems: which names mean which field; a data file, not code.

use std::collections::{BTreeMap, BTreeSet};

use super::names::words;

/// What a field's values must look like, where the dictionary says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Looks {
    Phone,
    Email,
    Country,
}

impl Looks {
    /// The word that data files and questions use.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Looks::Phone => "phone",
            Looks::Email => "email",
            Looks::Country => "country",
        }
    }
}

/// One meaning of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Meaning {
    /// Several for a value that is parted.
    pub(super) fields: Vec<String>,
    pub(super) looks: Option<Looks>,
    /// The name is no more than a hint.
    pub(super) is_maybe: bool,
    /// Values must be seen to look so: the name does not say it.
    pub(super) must_look: bool,
}

/// The dictionary.
#[derive(Clone, Debug, Default)]
pub struct Dictionary {
    /// By the words of a name, written together.
    meanings: BTreeMap<String, Vec<Meaning>>,
    lists: BTreeMap<String, BTreeSet<String>>,
}

/// A line of the data file that is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "line {line} of the dictionary: expected `FIELD [looks]: name, name`, found something else"
)]
pub struct BadLine {
    pub line: usize,
}

/// Lists of words that are no fields.
const LISTS: [&str; 9] = [
    "before",
    "people",
    "after",
    "doubtful",
    "status words",
    "salutations",
    "rights",
    "qualified",
    "unqualified",
];

impl Dictionary {
    /// Reads the data file.
    ///
    /// # Errors
    /// On a line that is neither empty, a comment, nor `FIELD: names`.
    pub fn parse(text: &str) -> Result<Self, BadLine> {
        let mut dictionary = Self::default();
        let mut heads: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (number, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let bad = BadLine { line: number + 1 };
            let (head, names) = line.split_once(':').ok_or(bad.clone())?;
            let names = names.split(',').map(str::trim).filter(|it| !it.is_empty());
            if LISTS.contains(&head) {
                let list = names.map(|name| words(name).join(" "));
                let known = dictionary.lists.entry(head.to_owned()).or_default();
                known.extend(list);
                continue;
            }
            if let Some(of) = head.strip_prefix("heads ") {
                heads.insert(of, names.collect());
                continue;
            }
            let Some((head, of)) = head.split_once(" with ") else {
                let meaning = meaning(head).ok_or(bad)?;
                names.for_each(|name| dictionary.add(name, &meaning));
                continue;
            };
            let (meaning, heads) = meaning(head).zip(heads.get(of.trim())).ok_or(bad)?;
            for name in names {
                for head in heads {
                    dictionary.add(&format!("{name} {head}"), &meaning);
                    dictionary.add(&format!("{head} {name}"), &meaning);
                }
            }
        }
        Ok(dictionary)
    }

    /// Adds a name in each of its spellings. What a name means already it keeps, and means it once.
    fn add(&mut self, name: &str, meaning: &Meaning) {
        for name in [name.to_owned(), written_out(name)] {
            let meanings = self.meanings.entry(words(&name).concat()).or_default();
            if !meanings.iter().any(|known| known.fields == meaning.fields) {
                meanings.push(meaning.clone());
            }
        }
    }

    /// What a name means, and the words in front and behind that had to go for it.
    ///
    /// Spaces do not count: `linkedInUrl` is `linkedin url`. A name that is parted must be said whole where it is one
    /// word, for a `user name` is no name of a person; a `student name` and a `user full name` are one.
    pub(super) fn meanings(&self, name: &[String]) -> Option<(&[Meaning], Vec<String>)> {
        if let Some(found) = self.meanings.get(&name.concat()) {
            return Some((found, Vec::new()));
        }
        let mut gone = Vec::new();
        let mut rest = name;
        let whole = |rest: &[String], gone: &[String]| {
            let found = self.meanings.get(&rest.concat())?;
            let is_of_people = gone.last().is_some_and(|word| self.has("people", word));
            let is_clear =
                rest.len() > 1 || is_of_people || found.iter().all(|it| it.fields.len() == 1);
            is_clear.then_some(found)
        };
        while let Some((last, before)) = rest
            .split_last()
            .filter(|(last, _)| self.has("after", last))
        {
            gone.push(last.clone());
            rest = before;
            if let Some(found) = whole(rest, &gone) {
                return Some((found, gone));
            }
        }
        while let Some(front) = self.front(rest) {
            let (first, behind) = rest.split_at_checked(front)?;
            gone.push(first.join(" "));
            rest = behind;
            if let Some(found) = whole(rest, &gone) {
                return Some((found, gone));
            }
        }
        None
    }

    /// How many words in front change nothing: `ship to` are two.
    fn front(&self, words: &[String]) -> Option<usize> {
        [2, 1].into_iter().find(|count| {
            let front = words.get(..*count).filter(|_| words.len() > *count);
            front.is_some_and(|front| {
                let front = front.join(" ");
                self.has("before", &front) || self.has("people", &front)
            })
        })
    }

    /// What the values of a field must look like, where any of its meanings says so.
    pub(super) fn looks_of(&self, field: &str) -> Option<Looks> {
        let meanings = self.meanings.values().flatten();
        meanings
            .filter(|it| it.fields.iter().any(|name| name == field))
            .find_map(|it| it.looks)
    }

    /// Whether a list of the dictionary has the word.
    #[must_use]
    pub fn has(&self, list: &str, word: &str) -> bool {
        let list = self.lists.get(list);
        list.is_some_and(|list| list.contains(&words(word).join(" ")))
    }
}

fn meaning(head: &str) -> Option<Meaning> {
    let (head, is_maybe) = match head.strip_prefix("maybe ") {
        Some(head) => (head, true),
        None => (head, false),
    };
    let mut must_look = false;
    let (fields, looks) = match head.split_once('[') {
        None => (head, None),
        Some((fields, looks)) => {
            let looks = looks.trim_end().strip_suffix(']')?;
            must_look = looks.ends_with('!');
            let looks = match looks.trim_end_matches('!') {
                "phone" => Looks::Phone,
                "email" => Looks::Email,
                "country" => Looks::Country,
                _ => return None,
            };
            (fields, Some(looks))
        }
    };
    let fields: Vec<String> = fields.trim().split('+').map(str::to_owned).collect();
    let is_name = |it: &String| !it.is_empty() && !it.contains(' ');
    fields.iter().all(is_name).then_some(Meaning {
        fields,
        looks,
        is_maybe,
        must_look,
    })
}

/// A name with letters that have a second spelling in that one: `Büro` is `Buero` as well.
fn written_out(name: &str) -> String {
    let mut text = String::with_capacity(name.len() + 2);
    for letter in name.chars() {
        match letter {
            'ä' | 'Ä' => text.push_str("ae"),
            'ö' | 'Ö' | 'ø' | 'Ø' => text.push_str("oe"),
            'ü' | 'Ü' => text.push_str("ue"),
            'å' | 'Å' => text.push_str("aa"),
            _ => text.push(letter),
        }
    }
    text
}
