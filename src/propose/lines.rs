//! Lines of a draft with their mark, how sure they are and why.

use std::fmt::Write as _;

use super::assign::Proposal;
use super::source::Found;
use super::weigh::{Candidate, Lane, Trait};
use crate::model::Value;
use crate::plan::find_builtin;

/// One line of a map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    target: String,
    value: String,
    lane: String,
    why: String,
}

impl Line {
    pub(super) fn new(target: &str, value: &str, lane: &str, why: &str) -> Self {
        Self {
            target: target.to_owned(),
            value: value.to_owned(),
            lane: lane.to_owned(),
            why: one_line(why),
        }
    }

    pub(super) fn write(&self, text: &mut String) {
        let Self {
            target,
            value,
            lane,
            why,
        } = self;
        let _ = writeln!(text, "  {target} = {value}  unconfirmed {lane}   # {why}");
    }
}

/// Lines of the first lane. A parted name fills what its parts leave blank; what must be filled gets words of its own.
pub(super) fn proposed(
    found: &Found,
    proposals: &[Proposal],
    is_required: &dyn Fn(&str) -> bool,
) -> Vec<Line> {
    const NO_NAME: &str = "(no last name)";
    let sure: Vec<(&Trait, &Candidate)> = found
        .traits
        .iter()
        .zip(proposals)
        .filter(|(_, proposal)| proposal.lane == Lane::Proposed)
        .filter_map(|(of, proposal)| Some((of, proposal.candidates.first()?)))
        .collect();
    let home = home(&sure).unwrap_or_else(|| "US".to_owned());
    let mut lines = Vec::new();
    for (of, candidate) in &sure {
        let why = format!(
            "{}; {} of {} have it",
            evidence(candidate.sure, &candidate.evidence),
            of.filled,
            of.of
        );
        if let [first, last] = candidate.fields.as_slice() {
            let parts = [(first, "first_word"), (last, "last_word")];
            for (field, function) in parts {
                let value = format!("{function}({})", of.path);
                lines.push(Line::new(
                    field,
                    &filled(field, &value, is_required),
                    "proposed",
                    &why,
                ));
            }
            continue;
        }
        let Some(field) = candidate.fields.first() else {
            continue;
        };
        let value = match field.as_str() {
            "owner" => format!(
                "lookup user by email = {} none blank, report, many hold",
                of.path
            ),
            "mobile_number" | "work_number" => {
                // Numbers without a + are read as numbers of this country: for a person to correct.
                format!("phone({}, {home:?}) else blank, report", of.path)
            }
            _ => of.path.clone(),
        };
        lines.push(Line::new(
            field,
            &filled(field, &value, is_required),
            "proposed",
            &why,
        ));
    }
    let has_last = lines.iter().any(|line| line.target == "last_name");
    if !has_last && is_required("last_name") {
        let value = format!("{NO_NAME:?}");
        lines.push(Line::new(
            "last_name",
            &value,
            "proposed",
            "it must be filled, and nothing was found for it",
        ));
    }
    lines
}

/// The code of the commonest word for a country, as far as a closed list of them tells.
fn home(sure: &[(&Trait, &Candidate)]) -> Option<String> {
    let is_country = |candidate: &Candidate| candidate.fields == ["country"];
    let (of, _) = sure.iter().find(|(_, it)| is_country(it))?;
    let (_, builtin) = find_builtin("country")?;
    // The commonest word comes first.
    of.words
        .iter()
        .find_map(|word| match builtin.call(&[Value::text(word)]) {
            Ok(Value::Text(code)) => Some(code.into_owned()),
            Ok(_) | Err(_) => None,
        })
}

fn filled(field: &str, value: &str, is_required: &dyn Fn(&str) -> bool) -> String {
    if is_required(field) && field == "last_name" {
        return format!("first_filled({value}, \"(no last name)\")");
    }
    value.to_owned()
}

/// `0.97: the name says so, 92 % look like it`.
pub(super) fn evidence(sure: u64, evidence: &[String]) -> String {
    format!("0.{sure:02}: {}", evidence.join(", "))
}

/// A word of a table's cell.
pub(super) fn word(word: &str) -> String {
    let is_bare = word.starts_with(|it: char| it.is_ascii_lowercase())
        && word
            .chars()
            .all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '_')
        && !["any", "other", "blank", "yes", "no", "except", "to"].contains(&word);
    if is_bare {
        word.to_owned()
    } else {
        format!("{word:?}")
    }
}

/// Text for a comment: names of the data may hold anything.
pub(super) fn one_line(text: &str) -> String {
    text.chars()
        .map(|it| if it.is_control() { ' ' } else { it })
        .collect()
}
