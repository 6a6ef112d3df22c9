//! A campaign or an API-triggered broadcast: what starts it, its steps in order, how they follow one another.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::condition::{id_text, of_conditions};
use super::edges::{as_listed, edges};
use super::effort::of_steps;
use super::findings;
use super::model::{Branch, Finding, Journey, SegmentUse, Step};
use super::order::reading_order;
use super::read::Record;
use super::steps::Reading;
use super::volumes::{Counts, Sender};

/// What all campaigns are read with.
pub(super) struct Campaigns<'c> {
    pub(super) reading: Reading<'c>,
    pub(super) counts: &'c Counts,
    pub(super) segments: &'c BTreeMap<String, String>,
}

/// A campaign, or a broadcast.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    Campaign,
    Broadcast,
}

impl What {
    pub(super) const fn word(self) -> &'static str {
        match self {
            What::Campaign => "campaign",
            What::Broadcast => "broadcast",
        }
    }
}

/// Keys that say nothing to whoever rebuilds, or that others tell.
const PASSED_OVER: [&str; 12] = [
    "deduplicate_id",
    "msg_templates",
    "msg_template_ids",
    "created_by",
    "customer_id",
    "active",
    "subject",
    "body",
    "event_type",
    "layout",
    "from",
    "used_by",
];

impl Campaigns<'_> {
    /// `contents` are the steps with content that the App API gives of it.
    pub(super) fn journey(
        &self,
        what: What,
        of: &Record,
        contents: &[&Record],
        found: &mut Vec<Finding>,
    ) -> Journey {
        let id = of.text("id");
        let name = self.reading.personal.text(&of.text("name"));
        let about = format!("{} {id} “{name}”", what.word());
        let workflow = of.value("workflow").and_then(Value::as_object).cloned();
        let workflow = workflow.map(Record::of);
        let saved = workflow.as_ref().filter(|it| !it.list("steps").is_empty());
        let mut steps = self.steps(of, saved, contents, (what, &about, found));
        let mut edges = match saved {
            Some(saved) => edges(saved, &steps),
            None => Vec::new(),
        };
        let ids: Vec<String> = steps.iter().map(|it| it.id.clone()).collect();
        let order = reading_order(&ids, &edges);
        let place = |id: &str| order.iter().position(|it| it == id).unwrap_or(usize::MAX);
        steps.sort_by_cached_key(|it| place(&it.id));
        for (at, step) in steps.iter_mut().enumerate() {
            step.number = at + 1;
        }
        if saved.is_none() {
            edges = as_listed(&steps);
            if !steps.is_empty() {
                found.push(findings::no_workflow(&about, &id));
            }
        }
        for step in steps.iter().filter(|it| !it.is_known) {
            found.push(findings::unknown_step(&about, step));
        }
        let kind = [
            Some(of.text("type")),
            workflow.as_ref().map(|it| it.text("type")),
        ];
        let kind = kind.into_iter().flatten().find(|it| !it.is_empty());
        let kind = kind.unwrap_or_else(|| match what {
            What::Campaign => "unknown".to_owned(),
            What::Broadcast => "triggered_broadcast".to_owned(),
        });
        let (trigger, feature) = self.trigger(&kind, of, workflow.as_ref());
        let feature = feature.unwrap_or_else(|| {
            found.push(findings::unknown_trigger(&about, &kind));
            "what starts it is not known here: look at it in Customer.io".to_owned()
        });
        let entry = self.entry(of, workflow.as_ref());
        let segments = self.segment_uses(of, workflow.as_ref(), &entry, &steps);
        let details = self.details(of, workflow.as_ref());
        let sender = match what {
            What::Campaign => Sender::Campaign,
            What::Broadcast => Sender::Broadcast,
        };
        let (state, tags) = (state(of), of.texts("tags"));
        of.pass_over(&PASSED_OVER);
        let mut unread = of.unread();
        if let Some(workflow) = &workflow {
            let keys = workflow.unread();
            unread.extend(keys.into_iter().map(|key| format!("workflow.{key}")));
        }
        Journey {
            state,
            tags,
            trigger,
            details,
            entry,
            segments,
            is_whole: saved.is_some(),
            effort_min: of_steps(&steps),
            steps,
            edges,
            volumes: self.counts.volumes(sender, &id),
            feature,
            unread,
            id,
            name,
            kind,
        }
    }

    /// Every step that workflow, campaign or contents name, once.
    fn steps(
        &self,
        of: &Record,
        saved: Option<&Record>,
        contents: &[&Record],
        (what, about, found): (What, &str, &mut Vec<Finding>),
    ) -> Vec<Step> {
        let content = |id: &str| contents.iter().copied().find(|it| it.text("id") == id);
        let listed = of.list("actions");
        let mut steps: Vec<Step> = Vec::new();
        let mut seen: BTreeSet<String> = BTreeSet::new();
        let of_saved = saved.map(|it| it.list("steps")).unwrap_or_default();
        let all = of_saved.iter().map(|it| (it, true));
        for (value, is_saved) in all.chain(listed.iter().map(|it| (it, false))) {
            let Some(map) = value.as_object() else {
                found.push(findings::unknown_condition(about, &value.to_string()));
                continue;
            };
            let own = Record::of(map.clone());
            let id = own.text("id");
            if !seen.insert(id.clone()) {
                continue;
            }
            if saved.is_some() && !is_saved {
                found.push(findings::step_not_saved(about, &id));
            }
            let volumes = self.counts.volumes(Sender::Step, &id);
            steps.push(self.reading.step(&own, content(&id), volumes));
        }
        // Contents in other languages have the same step (customerio.md 2.5).
        for own in contents {
            let id = own.text("id");
            if seen.insert(id.clone()) {
                if saved.is_some() {
                    found.push(findings::step_not_saved(about, &id));
                }
                let volumes = self.counts.volumes(Sender::Step, &id);
                steps.push(self.reading.step(own, None, volumes));
            }
        }
        for step in &mut steps {
            let is_content = content(&step.id).is_some();
            step.template =
                is_content.then(|| super::templates::step_id(what, &of.text("id"), &step.id));
            for branch in &step.branches {
                for unknown in branch.logic.unknown() {
                    let about = format!("{about}, step {}", step.id);
                    found.push(findings::unknown_condition(&about, &unknown.to_string()));
                }
            }
        }
        steps
    }

    pub(super) fn segment(&self, id: &str) -> String {
        match self.segments.get(id) {
            Some(name) => format!("segment {id} “{name}”"),
            None => format!("segment {id} (not listed)"),
        }
    }

    /// Every condition on who comes in.
    fn entry(&self, of: &Record, workflow: Option<&Record>) -> Vec<Branch> {
        let mut entry = Vec::new();
        let mut add = |label: &str, value: Option<&Value>| {
            if let Some(logic) = value.and_then(of_conditions) {
                entry.push(self.reading.branch(label, &logic));
            }
        };
        for (key, label) in [
            ("trigger", "starts when"),
            ("attribute_filters", "only if"),
            ("preconditions", "only if"),
            ("anchors", "anchor"),
        ] {
            add(label, workflow.and_then(|it| it.value(key)));
        }
        for (key, label) in [
            ("object_attribute_triggers", "starts when"),
            ("relationship_attribute_triggers", "starts when"),
            ("filter_object_attributes", "only if the object"),
            ("filter_relationship_attributes", "only if the relationship"),
        ] {
            add(label, of.value(key));
        }
        let audience = of.value("audience").and_then(Value::as_object);
        for (key, label) in [
            ("person_filters", "only people where"),
            ("relationship_filters", "only relationships where"),
        ] {
            add(label, audience.and_then(|it| it.get(key)));
        }
        entry
    }

    fn segment_uses(
        &self,
        of: &Record,
        workflow: Option<&Record>,
        entry: &[Branch],
        steps: &[Step],
    ) -> Vec<SegmentUse> {
        let mut uses: Vec<SegmentUse> = Vec::new();
        let mut add = |id: String, role| {
            let one = SegmentUse {
                name: self.segments.get(&id).cloned(),
                id,
                role,
            };
            if !uses.contains(&one) {
                uses.push(one);
            }
        };
        for id in of.texts("trigger_segment_ids") {
            add(id, "starts it");
        }
        for id in of.texts("filter_segment_ids") {
            add(id, "filter");
        }
        for id in entry.iter().flat_map(|it| it.logic.segments()) {
            add(id, "condition of entry");
        }
        for step in steps {
            for id in step.branches.iter().flat_map(|it| it.logic.segments()) {
                add(id, "condition of a step");
            }
        }
        for exit in exits(workflow) {
            if let Some(id) = exit.pointer("/segment/id").and_then(id_text) {
                add(id, "exit");
            }
        }
        uses
    }
}

pub(super) fn exits(workflow: Option<&Record>) -> Vec<Value> {
    let exits = workflow.map(|it| it.list("global_exit_conditions"));
    exits.map(<[Value]>::to_vec).unwrap_or_default()
}

/// Running, draft, stopped; where it is missing, what `active` says.
fn state(of: &Record) -> String {
    let state = of.text("state");
    match (state.is_empty(), of.flag("active")) {
        (false, _) => state,
        (true, Some(true)) => "running".to_owned(),
        (true, Some(false)) => "not active".to_owned(),
        (true, None) => String::new(),
    }
}

/// A time of the source, in seconds, as a person reads it.
pub(super) fn moment(seconds: i64) -> String {
    match jiff::Timestamp::from_second(seconds) {
        Ok(moment) => moment.strftime("%F %H:%M UTC").to_string(),
        Err(_) => seconds.to_string(),
    }
}
