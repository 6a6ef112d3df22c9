//! The stage: the field whose words say who is qualified.

use super::dictionary::Dictionary;
use super::source::Found;
use crate::model::Type;

/// The field whose words tell who is qualified, and its words on either side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    pub name: String,
    pub path: String,
    pub qualified: Vec<String>,
    pub unqualified: Vec<String>,
    /// Words that the dictionary does not know.
    pub unknown: Vec<String>,
}

/// The first of the signals whose words are known on both sides.
#[must_use]
pub fn stage(found: &Found, dictionary: &Dictionary) -> Option<Stage> {
    found.signals.iter().find_map(|signal| {
        let of = found.traits.iter().find(|it| it.name == *signal)?;
        let Type::OneOf(words) = &of.r#type else {
            return None;
        };
        let of_list = |list: &str| -> Vec<String> {
            let known = words.iter().filter(|word| dictionary.has(list, word));
            known.cloned().collect()
        };
        let stage = Stage {
            name: of.name.clone(),
            path: of.path.clone(),
            qualified: of_list("qualified"),
            unqualified: of_list("unqualified"),
            unknown: words
                .iter()
                .filter(|word| {
                    !["qualified", "unqualified"]
                        .iter()
                        .any(|it| dictionary.has(it, word))
                })
                .cloned()
                .collect(),
        };
        (!stage.qualified.is_empty() && !stage.unqualified.is_empty()).then_some(stage)
    })
}
