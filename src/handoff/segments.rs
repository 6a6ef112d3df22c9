//! Segments: what they ask for, in three forms, how to set them up anew, who uses them, and circles among them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::condition::{Logic, id_text, of_conditions};
use super::english::{english, exact};
use super::findings;
use super::model::{Finding, Journey, Letter, Segment, SegmentUse, Whole};
use super::read::Record;
use super::rebuild::Rebuilding;
use super::volumes::Counts;

/// Everything that segments are read with.
pub(super) struct Segments<'s> {
    pub(super) rebuilding: Rebuilding<'s>,
    pub(super) personal: &'s super::Personal,
    pub(super) counts: &'s Counts,
    /// The rules make lists of them.
    pub(super) loads_lists: bool,
}

/// Ids and names of the segments that are listed.
pub(super) fn names(records: &[Record], personal: &super::Personal) -> BTreeMap<String, String> {
    let name = |it: &Record| (it.text("id"), personal.text(&it.text("name")));
    records.iter().map(name).collect()
}

/// Who names which segment, in words.
pub(super) fn users(
    campaigns: &[Journey],
    broadcasts: &[Journey],
    letters: &[Letter],
) -> BTreeMap<String, Vec<String>> {
    let mut users: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut add = |about: &str, uses: &[SegmentUse]| {
        for one in uses {
            let words = format!("{about}: {}", one.role);
            users.entry(one.id.clone()).or_default().push(words);
        }
    };
    for (word, journeys) in [("campaign", campaigns), ("broadcast", broadcasts)] {
        for journey in journeys {
            add(
                &format!("{word} {} “{}”", journey.id, journey.name),
                &journey.segments,
            );
        }
    }
    for letter in letters {
        add(
            &format!("newsletter {} “{}”", letter.id, letter.name),
            &letter.segments,
        );
    }
    users
}

impl Segments<'_> {
    /// Every segment that is listed, and every one that something names or that has members and is not.
    pub(super) fn all(
        &self,
        records: &[Record],
        users: &BTreeMap<String, Vec<String>>,
        found: &mut Vec<Finding>,
    ) -> Vec<Segment> {
        let mut segments: Vec<Segment> = records.iter().map(|it| self.segment(it)).collect();
        let mut users = users.clone();
        for segment in &segments {
            let named = segment
                .logic
                .as_ref()
                .map(Logic::segments)
                .unwrap_or_default();
            for id in named {
                let words = format!("segment {} “{}”: condition", segment.id, segment.name);
                users.entry(id).or_default().push(words);
            }
        }
        let listed: BTreeSet<String> = segments.iter().map(|it| it.id.clone()).collect();
        let mut with_members: Vec<String> = Vec::new();
        if let Some(members) = &self.counts.members {
            with_members.extend(members.keys().cloned());
        }
        let named: BTreeSet<String> = users.keys().cloned().chain(with_members).collect();
        for id in named.into_iter().filter(|it| !listed.contains(it)) {
            segments.push(self.not_listed(&id));
        }
        let circles = circles(&segments);
        for segment in &mut segments {
            segment
                .used_by
                .extend(users.remove(&segment.id).unwrap_or_default());
            segment.used_by.sort();
            segment.used_by.dedup();
            segment.circle = circles
                .iter()
                .find(|circle| circle.contains(&segment.id))
                .cloned()
                .unwrap_or_default();
            find(segment, found);
        }
        found.extend(circles.iter().map(|it| findings::segment_circle(it)));
        segments
    }

    fn segment(&self, of: &Record) -> Segment {
        let id = of.text("id");
        let kind = of.text("type");
        let logic = of.value("conditions").and_then(of_conditions);
        let logic = logic.map(|it| self.personal.logic(&it));
        let members = self.members(&id);
        let mut segment = Segment {
            name: self.personal.text(&of.text("name")),
            description: self.personal.text(&of.text("description")),
            state: of.text("state"),
            tags: of.texts("tags"),
            is_listed: true,
            members,
            exact: logic.as_ref().map(exact).unwrap_or_default(),
            english: String::new(),
            rebuild: Vec::new(),
            cannot: Vec::new(),
            verdict: Whole::All,
            used_by: used_by(of),
            circle: Vec::new(),
            unread: Vec::new(),
            logic,
            kind,
            id,
        };
        self.say(&mut segment);
        of.pass_over(&[
            "deduplicate_id",
            "created_at",
            "updated_at",
            "progress",
            "created",
            "updated",
        ]);
        segment.unread = of.unread();
        segment
    }

    /// The plain English and what to do about it.
    fn say(&self, segment: &mut Segment) {
        let list = if self.loads_lists {
            format!("the list “{}” is loaded with today's members", segment.name)
        } else {
            format!(
                "the rules make no lists: fill a list “{}” from the members by hand, or let the rules do it",
                segment.name
            )
        };
        let Some(logic) = &segment.logic else {
            segment.english = if segment.kind == "manual" {
                "whoever was put in by hand, by a campaign or by an upload".to_owned()
            } else {
                "its conditions are not in the capture".to_owned()
            };
            segment.rebuild.push(list);
            if segment.kind != "manual" {
                segment
                    .cannot
                    .push("its conditions are not in the capture".to_owned());
                segment.verdict = Whole::Partly;
            }
            return;
        };
        segment.english = english(logic, self.rebuilding.named);
        let rebuild = self.rebuilding.of(logic);
        segment.verdict = rebuild.verdict();
        segment.rebuild = rebuild.lines;
        segment.cannot = rebuild.cannot;
        segment.rebuild.push(format!(
            "{list}; compare its count with that of the rebuilt segment"
        ));
    }

    fn not_listed(&self, id: &str) -> Segment {
        Segment {
            id: id.to_owned(),
            name: format!("segment {id}"),
            description: String::new(),
            kind: "unknown".to_owned(),
            state: "archived, or gone".to_owned(),
            tags: Vec::new(),
            is_listed: false,
            members: self.members(id),
            exact: String::new(),
            english: "its conditions are not in the capture".to_owned(),
            logic: None,
            rebuild: Vec::new(),
            cannot: vec!["its conditions are not in the capture".to_owned()],
            verdict: Whole::Nothing,
            used_by: Vec::new(),
            circle: Vec::new(),
            unread: Vec::new(),
        }
    }

    fn members(&self, id: &str) -> Option<u64> {
        let members = self.counts.members.as_ref()?;
        Some(members.get(id).copied().unwrap_or_default())
    }
}

/// What a person has to settle about it.
fn find(segment: &Segment, found: &mut Vec<Finding>) {
    let about = format!("segment {} “{}”", segment.id, segment.name);
    if !segment.is_listed {
        let users = if segment.used_by.is_empty() {
            vec!["its members".to_owned()]
        } else {
            segment.used_by.clone()
        };
        found.push(findings::segment_not_listed(&segment.id, &users));
    } else if segment.logic.is_none() && segment.kind == "dynamic" {
        found.push(findings::segment_undefined(&segment.id, &segment.name));
    }
    let logic = segment.logic.iter();
    for unknown in logic.flat_map(|it| it.unknown()) {
        found.push(findings::unknown_condition(&about, &unknown.to_string()));
    }
}

/// What `used_by` of the App API names (customerio.md 2.3).
fn used_by(of: &Record) -> Vec<String> {
    let Some(users) = of.value("used_by").and_then(Value::as_object) else {
        return Vec::new();
    };
    let mut words = Vec::new();
    for (kind, ids) in users {
        let ids = ids.as_array().map(Vec::as_slice).unwrap_or_default();
        let kind = kind.replace('_', " ");
        words.extend(
            ids.iter()
                .filter_map(id_text)
                .map(|id| format!("{kind}: {id}")),
        );
    }
    words
}

/// Segments that ask for themselves, each circle once, beginning with its first in the order of the list.
fn circles(segments: &[Segment]) -> Vec<Vec<String>> {
    let asks: BTreeMap<&str, Vec<String>> = segments
        .iter()
        .map(|it| {
            (
                it.id.as_str(),
                it.logic.as_ref().map(Logic::segments).unwrap_or_default(),
            )
        })
        .collect();
    let mut found: Vec<Vec<String>> = Vec::new();
    for segment in segments {
        if found.iter().any(|circle| circle.contains(&segment.id)) {
            continue;
        }
        found.extend(way_back(&segment.id, &asks));
    }
    found
}

/// The shortest way from a segment to itself.
fn way_back(start: &str, asks: &BTreeMap<&str, Vec<String>>) -> Option<Vec<String>> {
    let mut ways: std::collections::VecDeque<Vec<String>> = [vec![start.to_owned()]].into();
    let mut seen: BTreeSet<String> = BTreeSet::new();
    while let Some(way) = ways.pop_front() {
        let last = way.last()?;
        for next in asks.get(last.as_str()).into_iter().flatten() {
            if next == start {
                return Some(way);
            }
            if seen.insert(next.clone()) {
                let mut way = way.clone();
                way.push(next.clone());
                ways.push_back(way);
            }
        }
    }
    None
}
