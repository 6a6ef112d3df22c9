//! One trait against the fields of a target: what its name means, whether its values could go there, and how sure that is.

use super::dictionary::{Dictionary, Looks, Meaning};
use super::names::words;
use crate::model::{Field, FieldKind, Target, Type};

/// A trait as it was found.
#[derive(Clone, Debug)]
pub struct Trait {
    /// As people named it.
    pub name: String,
    /// As the rules write it.
    pub path: String,
    pub r#type: Type,
    pub filled: u64,
    pub of: u64,
    /// Values that do not fit the type.
    pub misfits: u64,
    /// Characters of the longest text.
    pub longest: u64,
    /// Shares of texts that look like something, in percent.
    pub looks: Vec<(Looks, u64)>,
    /// Texts look like something that no [`Looks`] names: a web address, a day, a UUID.
    pub looks_otherwise: bool,
    /// The words of a closed list.
    pub words: Vec<String>,
}

/// Where a trait belongs, by how sure that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lane {
    /// Name, type and values agree.
    Proposed,
    /// A person chooses among candidates.
    Choose,
    /// A custom field, or nowhere.
    Custom,
}

impl Lane {
    /// The word that a line is marked with.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Lane::Proposed => "proposed",
            Lane::Choose => "choose",
            Lane::Custom => "custom",
        }
    }
}

/// A field that a trait may go to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Several where the value is parted.
    pub fields: Vec<String>,
    /// 0 to 100.
    pub sure: u64,
    pub evidence: Vec<String>,
}

/// From here on a candidate is proposed; below it somebody chooses.
pub(super) const PROPOSED_MIN: u64 = 90;
/// How sure a field is that fits and that no name speaks for.
const SUITABLE: u64 = 50;
/// Candidates of one trait.
pub(super) const CANDIDATES_MAX: usize = 3;
/// A share of the texts that settles what they look like, in percent.
const SHARE_MOST: u64 = 60;
/// Longer names of places and posts are texts of another kind.
const LENGTH_MAX: u64 = 255;

/// Fields that a trait may go to, the surest first.
pub(super) fn candidates(of: &Trait, target: &Target, dictionary: &Dictionary) -> Vec<Candidate> {
    let name = words(&of.name);
    let Some((meanings, gone)) = dictionary.meanings(&name) else {
        return Vec::new();
    };
    let mut found: Vec<Candidate> = meanings
        .iter()
        .filter_map(|meaning| candidate(of, meaning, &gone, target, dictionary))
        .collect();
    found.sort_by(|left, right| (right.sure, &left.fields).cmp(&(left.sure, &right.fields)));
    found.truncate(CANDIDATES_MAX);
    found
}

/// Fields that could hold a trait by kind, length and values, whatever its name says: a guess of somebody else may
/// choose among them. `reserved` are those that a draft fills by itself.
pub(super) fn suitable(
    of: &Trait,
    target: &Target,
    dictionary: &Dictionary,
    reserved: &[String],
) -> Vec<Candidate> {
    let is_free = |field: &&Field| !reserved.contains(&field.name);
    let is_suitable = |field: &&Field| {
        let looks = dictionary.looks_of(&field.name);
        let has_looks = looks.is_none_or(|looks| share(of, looks) >= SHARE_MOST);
        let meaning = Meaning {
            fields: vec![field.name.clone()],
            looks,
            is_maybe: true,
            must_look: false,
        };
        has_looks
            && gate(of, field).is_some_and(|(less, _)| less == 0)
            && values(of, &meaning, dictionary).is_some()
    };
    let fields = target.fields.iter().filter(is_free).filter(is_suitable);
    let candidates = fields.map(|field| Candidate {
        fields: vec![field.name.clone()],
        sure: SUITABLE,
        evidence: vec!["kind, length and values fit".to_owned()],
    });
    candidates.collect()
}

fn candidate(
    of: &Trait,
    meaning: &Meaning,
    gone: &[String],
    target: &Target,
    dictionary: &Dictionary,
) -> Option<Candidate> {
    let fields: Vec<&Field> = meaning
        .fields
        .iter()
        .map(|name| target.field(name))
        .collect::<Option<_>>()?;
    let (mut sure, mut evidence) = (96, vec!["the name says so".to_owned()]);
    if meaning.is_maybe {
        sure = 60;
        evidence = vec!["the name may mean it".to_owned()];
    }
    if !gone.is_empty() {
        sure -= 4;
        evidence.push(format!("without `{}`", gone.join(" ")));
    }
    if gone.iter().any(|word| dictionary.has("doubtful", word)) {
        sure -= 10;
    }
    for field in fields {
        let (less, why) = gate(of, field)?;
        sure -= less;
        evidence.extend(why);
    }
    let (more, why) = values(of, meaning, dictionary)?;
    evidence.extend(why);
    if of.misfits > 0 {
        sure -= 10;
        evidence.push(format!("{} values do not fit its type", of.misfits));
    }
    Some(Candidate {
        fields: meaning.fields.clone(),
        sure: (sure + more).min(99),
        evidence,
    })
}

/// What a field can take at all; `None` where it cannot, else how much less sure it is, and why.
fn gate(of: &Trait, field: &Field) -> Option<(u64, Option<String>)> {
    if !field.writable {
        return None;
    }
    let is_text = matches!(of.r#type, Type::Text | Type::OneOf(_));
    match &field.kind {
        FieldKind::Text { max } => {
            let is_long = max.is_some_and(|max| of.longest > u64::from(max));
            if !is_text {
                return None;
            }
            Some(if is_long || of.longest > LENGTH_MAX {
                (20, Some(format!("up to {} characters long", of.longest)))
            } else {
                (0, None)
            })
        }
        FieldKind::User => is_text.then_some((0, None)),
        FieldKind::Choice { choices, .. } => {
            let covers = |word: &String| choices.iter().any(|choice| choice.label == *word);
            if !is_text {
                return None;
            }
            let is_covered = !of.words.is_empty() && of.words.iter().all(covers);
            Some(if is_covered {
                (0, Some("every word is a choice".to_owned()))
            } else {
                (20, Some("a list: its choices need a value map".to_owned()))
            })
        }
        FieldKind::TextList => {
            let is_list = of.r#type == Type::List(Box::new(Type::Text));
            is_list.then(|| (20, Some("a list of words".to_owned())))
        }
        FieldKind::Integer => (of.r#type == Type::Integer).then_some((0, None)),
        FieldKind::Decimal => {
            matches!(of.r#type, Type::Integer | Type::Decimal).then_some((0, None))
        }
        FieldKind::Boolean => (of.r#type == Type::Boolean).then_some((0, None)),
        FieldKind::Date => (of.r#type == Type::Date).then_some((0, None)),
        FieldKind::Timestamp => matches!(of.r#type, Type::Timestamp(_)).then_some((0, None)),
        FieldKind::Links { .. } | FieldKind::Json => None,
    }
}

/// Whether the values speak for a meaning; `None` where they speak against it.
fn values(of: &Trait, meaning: &Meaning, dictionary: &Dictionary) -> Option<(u64, Option<String>)> {
    let share = |looks: Looks| share(of, looks);
    let most = of.looks.iter().map(|(_, share)| *share).max().unwrap_or(0);
    match meaning.looks {
        Some(looks) if share(looks) >= SHARE_MOST => {
            return Some((3, Some(format!("{} % look like it", share(looks)))));
        }
        Some(_) if meaning.must_look => return None,
        // Digits alone are no shape of their own, and most words are no country.
        Some(_) if most >= SHARE_MOST || of.looks_otherwise => return None,
        None if share(Looks::Email) >= SHARE_MOST || share(Looks::Phone) >= SHARE_MOST => {
            return None;
        }
        Some(_) | None => {}
    }
    let speaks_against = ["status words", "salutations", "rights"];
    let is_one = |list: &str| of.words.iter().any(|word| dictionary.has(list, word));
    if speaks_against.iter().any(|list| is_one(list)) {
        return None;
    }
    Some((0, None))
}

/// The share of texts that look like something, in percent.
fn share(of: &Trait, looks: Looks) -> u64 {
    let found = of.looks.iter().find(|(it, _)| *it == looks);
    found.map_or(0, |(_, share)| *share)
}
