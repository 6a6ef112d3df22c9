//! The levels of a read-back in words: presence, fields, relations, distributions, and what differs.

use std::collections::BTreeMap;
use std::fmt::{self, Write};

use serde::Serialize;

use super::finding::{Finding, FindingKind};
use super::reading::{Side, Verification};
use super::scope::upper_bound;
use crate::page::harmless;

/// Records of one difference that are named.
const NAMED: usize = 10;

/// What a sample says of all records of one target.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Bound {
    pub target: String,
    pub landed: u64,
    pub read: u64,
    pub faulty: u64,
    /// The share of faulty records is not above this, with 95 % certainty.
    pub at_most: f64,
}

impl Verification {
    /// By target; empty where everything was read.
    #[must_use]
    pub fn bounds(&self) -> Vec<Bound> {
        let pairs = self.counts.iter().zip(&self.landed);
        let sampled = pairs.filter(|((_, read), (_, landed))| read < landed);
        let bound = |((target, read), (_, landed)): (&(String, u64), &(String, u64))| {
            let faulty = self.faulty(target);
            Bound {
                target: target.clone(),
                landed: *landed,
                read: *read,
                faulty,
                at_most: upper_bound(*read, faulty),
            }
        };
        sampled.map(bound).collect()
    }

    /// Levels 2 to 5 and what differs, for who reconciles; values as they are in `spreads` and `sides`.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        // Writing into a text does not fail.
        let _ = self.write(&mut text);
        text
    }

    fn write(&self, text: &mut String) -> fmt::Result {
        let found = self;
        let read: u64 = found.counts.iter().map(|(_, count)| count).sum();
        let landed: u64 = found.landed.iter().map(|(_, count)| count).sum();
        let by_target: Vec<String> = found
            .counts
            .iter()
            .map(|(target, count)| format!("{count} {target}"))
            .collect();
        let missing = self.count(&["is not there", "written, and its id is not known"]);
        writeln!(
            text,
            "2 presence       {read} of {landed} records looked for ({}), {missing} not there",
            by_target.join(", ")
        )?;
        let is_of_relations = |it: &&Finding| it.kind.is_about_relations();
        let relations = found.findings.iter().filter(is_of_relations).count();
        let is_extra = |it: &&Finding| matches!(it.kind, FindingKind::Extra(_));
        let extras = found.findings.iter().filter(is_extra).count();
        let fields = found.findings.len() - relations - missing - extras;
        writeln!(
            text,
            "3 fields         {} values compared, {fields} differ",
            found.values
        )?;
        writeln!(
            text,
            "4 relations      {} links and the children of {} records compared, {relations} differ",
            found.links, found.families
        )?;
        if !found.lists.is_empty() {
            let ours: u64 = found.lists.iter().map(|list| list.ours).sum();
            let there: u64 = found.lists.iter().map(|list| list.there).sum();
            writeln!(
                text,
                "  lists          {} lists, {ours} of ours stand on them, {} more that others put there",
                found.lists.len(),
                there.saturating_sub(ours)
            )?;
        }
        let spread: usize = found.spreads.values().map(BTreeMap::len).sum();
        let uneven = found.uneven().count();
        writeln!(
            text,
            "5 distributions  {spread} fields compared, {uneven} spread otherwise than written"
        )?;
        if !found.listed.is_empty() || !found.unlisted.is_empty() {
            let listed: u64 = found.listed.iter().map(|(_, count)| count).sum();
            writeln!(
                text,
                "  extras         {listed} records listed, {extras} of ours that the ledger does not know"
            )?;
        }
        for target in &found.unlisted {
            writeln!(
                text,
                "  extras         {target}: the destination has no listing of all of them; none was looked for"
            )?;
        }
        for bound in self.bounds() {
            let Bound {
                target,
                landed,
                read,
                faulty,
                at_most,
            } = bound;
            writeln!(
                text,
                "  a sample: {read} of {landed} {target}, {faulty} with differences; at most {:.2} % of all have one, with 95 % certainty",
                at_most * 100.0
            )?;
        }
        self.differences(text)?;
        self.spreads(text)?;
        for side in &found.sides {
            write_side(text, side)?;
        }
        Ok(())
    }

    fn count(&self, words: &[&str]) -> usize {
        let is_one = |it: &&Finding| words.contains(&it.kind.to_string().as_str());
        self.findings.iter().filter(is_one).count()
    }

    fn differences(&self, text: &mut String) -> fmt::Result {
        let mut groups: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
        for finding in &self.findings {
            let who = match (&finding.source, &finding.kind) {
                (Some(source), _) => source.to_string(),
                (None, FindingKind::Extra(id)) => format!("{} {id}", finding.target),
                (None, _) => format!("opt-out {}", finding.sequence),
            };
            groups
                .entry((finding.target.clone(), finding.kind.to_string()))
                .or_default()
                .push(who);
        }
        if !groups.is_empty() {
            writeln!(text, "\ndifferences")?;
        }
        for ((target, what), who) in groups {
            let more = who.len().saturating_sub(NAMED);
            let named: Vec<&str> = who.iter().take(NAMED).map(String::as_str).collect();
            let more = if more > 0 {
                format!(" and {more} more")
            } else {
                String::new()
            };
            writeln!(text, "  {:>7}  {target}: {what}", who.len())?;
            writeln!(text, "           {}{more}", named.join(", "))?;
        }
        Ok(())
    }

    fn spreads(&self, text: &mut String) -> fmt::Result {
        let mut uneven = self.uneven().peekable();
        if uneven.peek().is_some() {
            writeln!(text, "\nspread otherwise than written (written, there)")?;
        }
        for (target, field, spread) in uneven {
            let (written, there) = spread.filled;
            writeln!(text, "  {target}.{field}: filled {written}, {there}")?;
            let words = spread.words.iter();
            for (word, (written, there)) in words.filter(|(_, (one, other))| one != other) {
                writeln!(text, "    {word}: {written}, {there}")?;
            }
        }
        Ok(())
    }
}

fn write_side(text: &mut String, side: &Side) -> fmt::Result {
    let Side {
        target,
        source,
        destination,
        ..
    } = side;
    writeln!(text, "\n{source}, {target} {destination}")?;
    let width = side.rows.iter().map(|row| row.field.chars().count()).max();
    let width = width.unwrap_or_default();
    for row in &side.rows {
        let written = one_line(row.written.as_deref());
        if row.is_same && row.written == row.there {
            writeln!(text, "    {:width$}  {written}", row.field)?;
        } else {
            let sign = if row.is_same { '~' } else { '≠' };
            let there = one_line(row.there.as_deref());
            writeln!(text, "  {sign} {:width$}  {written}", row.field)?;
            writeln!(text, "    {:width$}  there: {there}", "")?;
        }
    }
    Ok(())
}

/// At most 70 signs of a value, on one line.
fn one_line(value: Option<&str>) -> String {
    let Some(value) = value else {
        return "(blank)".to_owned();
    };
    let line = value.replace(['\n', '\r'], " ⏎ ").replace('\t', " ");
    let line = harmless(&line);
    if line.chars().count() <= 70 {
        return line.into_owned();
    }
    let mut cut: String = line.chars().take(69).collect();
    cut.push('…');
    cut
}
