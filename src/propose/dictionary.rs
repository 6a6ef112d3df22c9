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
const LISTS: [&str; 8] = [
    "before",
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
            let meaning = meaning(head).ok_or(bad)?;
            for name in names {
                let meanings = dictionary.meanings.entry(words(name).concat()).or_default();
                // Two spellings of one name mean it once.
                if !meanings.contains(&meaning) {
                    meanings.push(meaning.clone());
                }
            }
        }
        Ok(dictionary)
    }

    /// What a name means, and the words in front and behind that had to go for it.
    ///
    /// Spaces do not count: `linkedInUrl` is `linkedin url`. A name that is parted must be said whole where it is one
    /// word, for a `user name` is no name of a person; a `student full name` is one.
    pub(super) fn meanings(&self, name: &[String]) -> Option<(&[Meaning], Vec<String>)> {
        if let Some(found) = self.meanings.get(&name.concat()) {
            return Some((found, Vec::new()));
        }
        let mut gone = Vec::new();
        let mut rest = name;
        let whole = |rest: &[String]| {
            let found = self.meanings.get(&rest.concat())?;
            let is_clear = rest.len() > 1 || found.iter().all(|it| it.fields.len() == 1);
            is_clear.then_some(found)
        };
        while let Some((last, before)) = rest
            .split_last()
            .filter(|(last, _)| self.has("after", last))
        {
            gone.push(last.clone());
            rest = before;
            if let Some(found) = whole(rest) {
                return Some((found, gone));
            }
        }
        while let Some((first, behind)) = rest
            .split_first()
            .filter(|(first, _)| self.has("before", first))
        {
            gone.push(first.clone());
            rest = behind;
            if let Some(found) = whole(rest) {
                return Some((found, gone));
            }
        }
        None
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
    let (fields, looks) = match head.split_once('[') {
        None => (head, None),
        Some((fields, looks)) => {
            let looks = match looks.trim_end().strip_suffix(']')? {
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
    })
}
