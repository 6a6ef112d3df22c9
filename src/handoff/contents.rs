//! Goes through whatever has content, keeps the templates and the calls that are met on the way.

use std::collections::BTreeSet;

use super::campaign::{Campaigns, What};
use super::gather::Files;
use super::model::{Finding, Integration, Journey, Letter, Step, Template};
use super::read::{Record, Records};
use super::volumes::Sender;
use super::{findings, integrations, templates};

/// Templates and calls that are met on the way.
pub(super) struct Templates<'t> {
    pub(super) reading: templates::Reading<'t>,
    pub(super) written: Vec<Template>,
    pub(super) integrations: Vec<Integration>,
}

impl Templates<'_> {
    pub(super) fn journeys(
        &mut self,
        what: What,
        work: &Campaigns<'_>,
        files: &Files,
        found: &mut Vec<Finding>,
    ) -> Vec<Journey> {
        let (owners, key) = match what {
            What::Campaign => (&files.campaigns.records, "campaign_id"),
            What::Broadcast => (&files.broadcasts.records, "broadcast_id"),
        };
        let mut journeys = Vec::new();
        for owner in owners {
            let id = owner.text("id");
            let contents: Vec<&Record> = files
                .actions
                .records
                .iter()
                .filter(|it| it.text(key) == id)
                .collect();
            let mut journey = work.journey(what, owner, &contents, found);
            let name = &journey.name;
            for content in &contents {
                let step = content.text("id");
                let about = format!("{} {id} “{name}”, step {step}", what.word());
                let own = templates::step_id(what, &id, &step);
                self.add(content, &own, &about, "the App API gives no content of it");
                self.integrations
                    .extend(integrations::of_step(what, &id, content));
            }
            // A broadcast without steps of its own carries the content itself.
            if contents.is_empty() && (owner.has("body") || owner.has("subject")) {
                let about = format!("{} {id} “{name}”", what.word());
                let own = format!("{}-{}", what.word(), templates::slug(&id));
                let first = journey
                    .steps
                    .iter_mut()
                    .find(|it| it.kind == "email_action");
                if let Some(step) = first {
                    step.template = Some(own.clone());
                }
                self.add(owner, &own, &about, "the App API gives no content of it");
            }
            journeys.push(journey);
        }
        journeys
    }

    /// Steps with content whose owner nobody lists.
    pub(super) fn stray_steps(
        &mut self,
        work: &Campaigns<'_>,
        files: &Files,
        found: &mut Vec<Finding>,
    ) -> Vec<Step> {
        let ids = |records: &Records| -> BTreeSet<String> {
            records.records.iter().map(|it| it.text("id")).collect()
        };
        let (campaigns, broadcasts) = (ids(&files.campaigns), ids(&files.broadcasts));
        let mut stray = Vec::new();
        for action in &files.actions.records {
            let (campaign, broadcast) = (action.text("campaign_id"), action.text("broadcast_id"));
            if campaigns.contains(&campaign) || broadcasts.contains(&broadcast) {
                continue;
            }
            let (what, owner) = if broadcast.is_empty() {
                (What::Campaign, campaign)
            } else {
                (What::Broadcast, broadcast)
            };
            let id = action.text("id");
            found.push(findings::stray_step(&id, &owner));
            let mut step = work
                .reading
                .step(action, None, work.counts.volumes(Sender::Step, &id));
            let own = templates::step_id(what, &owner, &id);
            step.template = Some(own.clone());
            step.number = stray.len() + 1;
            stray.push(step);
            let about = format!("{} {owner} (not in the capture), step {id}", what.word());
            self.add(action, &own, &about, "the App API gives no content of it");
            self.integrations
                .extend(integrations::of_step(what, &owner, action));
        }
        stray
    }

    /// Newsletters or transactional messages with their contents.
    pub(super) fn letters(
        &mut self,
        word: &str,
        files: &Files,
        make: &dyn Fn(&Record, Vec<String>) -> Letter,
    ) -> Vec<Letter> {
        let owners = if word == "newsletter" {
            &files.newsletters.records
        } else {
            &files.transactional.records
        };
        let mut letters = Vec::new();
        for owner in owners {
            let id = owner.text("id");
            let about = format!(
                "{word} {id} “{}”",
                self.reading.personal.text(&owner.text("name"))
            );
            let contents = contents(files, word, &id);
            let mut ids = Vec::new();
            for content in &contents {
                let own = templates::slug(&content.text("id"));
                ids.push(self.add(content, &own, &about, "the capture holds no content of it"));
            }
            if contents.is_empty() {
                let own = format!("{word}-{}", templates::slug(&id));
                ids.push(self.add(owner, &own, &about, "the capture holds no content of it"));
            }
            letters.push(make(owner, ids));
        }
        letters
    }

    /// Contents whose newsletter or message nobody lists.
    pub(super) fn stray_contents(
        &mut self,
        files: &Files,
        newsletters: &[Letter],
        messages: &[Letter],
    ) {
        for content in &files.contents.records {
            let id = content.text("id");
            let owners = [("newsletter", newsletters), ("transactional", messages)];
            let is_owned = owners
                .into_iter()
                .any(|(word, letters)| letters.iter().any(|it| is_content_of(&id, word, &it.id)));
            if !is_owned {
                let about = format!("{} (its owner is not in the capture)", content.text("kind"));
                self.add(
                    content,
                    &templates::slug(&id),
                    &about,
                    "the capture holds no content of it",
                );
            }
        }
    }

    /// Templates under names of their own, and all calls; what is open of a template is found.
    pub(super) fn finish(
        self,
        callers: Vec<Integration>,
        found: &mut Vec<Finding>,
    ) -> (Vec<Template>, Vec<Integration>) {
        let (mut written, mut integrations) = (self.written, self.integrations);
        templates::part_names(&mut written);
        for template in &written {
            templates::find(template, found);
        }
        integrations.extend(callers);
        for integration in &mut integrations {
            integration.of = self.reading.personal.text(&integration.of);
        }
        (written, integrations)
    }

    fn add(&mut self, of: &Record, id: &str, about: &str, missing: &str) -> String {
        let template = self.reading.template(of, id, about, missing);
        let id = template.id.clone();
        self.written.push(template);
        id
    }
}

fn contents<'f>(files: &'f Files, word: &str, owner: &str) -> Vec<&'f Record> {
    let all = files.contents.records.iter();
    all.filter(|it| is_content_of(&it.text("id"), word, owner))
        .collect()
}

/// A content's id is `newsletter-5-77`: kind, owner, own number.
fn is_content_of(id: &str, word: &str, owner: &str) -> bool {
    let rest = id.strip_prefix(word).and_then(|it| it.strip_prefix('-'));
    let rest = rest.and_then(|it| it.strip_prefix(owner));
    rest.is_some_and(|it| it.is_empty() || it.starts_with('-'))
}
