//! Newsletters and transactional messages: how they are sent, and to whom.

use std::collections::BTreeMap;

use super::campaign::moment;
use super::effort::LETTER_MIN;
use super::fields::Edition;
use super::model::{Detail, Letter, SegmentUse};
use super::read::Record;
use super::steps::detail;
use super::volumes::{Counts, Sender};

pub(super) struct Letters<'l> {
    pub(super) edition: Edition,
    pub(super) personal: &'l super::Personal,
    pub(super) counts: &'l Counts,
    pub(super) segments: &'l BTreeMap<String, String>,
    /// Topics by their number.
    pub(super) topics: &'l BTreeMap<String, String>,
}

/// Keys that others tell, or that say nothing to whoever rebuilds.
const PASSED_OVER: [&str; 16] = [
    "deduplicate_id",
    "content_ids",
    "subject",
    "body",
    "body_plain",
    "body_amp",
    "layout",
    "from",
    "from_id",
    "reply_to",
    "reply_to_id",
    "preheader_text",
    "preprocessor",
    "language",
    "created",
    "updated",
];

impl Letters<'_> {
    /// A newsletter; `templates` are the ids of its contents.
    pub(super) fn newsletter(&self, of: &Record, templates: Vec<String>) -> Letter {
        let id = of.text("id");
        let ids = of.texts("recipient_segment_ids");
        let named: Vec<String> = ids
            .iter()
            .map(|id| match self.segments.get(id) {
                Some(name) => format!("segment {id} “{name}”"),
                None => format!("segment {id} (not listed)"),
            })
            .collect();
        let to = if named.is_empty() {
            "to recipients that the App API does not tell".to_owned()
        } else {
            format!("to everybody in {}", named.join(" or "))
        };
        let sends = match of.number("sent_at").filter(|at| *at > 0) {
            Some(at) => format!("sent once, on {}, {to}", moment(at)),
            None => format!("not sent yet, {to}"),
        };
        let mut details = Vec::new();
        let topic = of.text("subscription_topic_id");
        let filter = if topic.is_empty() {
            "who is not unsubscribed".to_owned()
        } else {
            let name = self.topics.get(&topic).map_or("not listed", String::as_str);
            format!("only who takes topic {topic} “{name}”, and who is not unsubscribed")
        };
        details.push(detail("recipient filter", filter));
        if templates.len() > 1 {
            details.push(detail(
                "contents",
                format!("{}: languages, or the groups of a test", templates.len()),
            ));
        }
        let segments = ids.into_iter().map(|id| SegmentUse {
            name: self.segments.get(&id).cloned(),
            id,
            role: "recipients",
        });
        let segments = segments.collect();
        let feature = match self.edition {
            Edition::Suite => {
                "email campaign to the list or segment; the template is in `templates/`"
            }
            Edition::Classic => "bulk e-mail to a view; the template is in `templates/`",
        };
        let volumes = self.counts.volumes(Sender::Newsletter, &id);
        self.letter(of, (sends, details, feature), segments, templates, volumes)
    }

    /// A transactional message.
    pub(super) fn transactional(&self, of: &Record, templates: Vec<String>) -> Letter {
        let id = of.text("id");
        let mut details = Vec::new();
        let trigger = of.text("trigger_name");
        if !trigger.is_empty() {
            details.push(detail("called by the name", trigger));
        }
        let to = match of.flag("send_to_unsubscribed") {
            Some(true) => "also to people who unsubscribed".to_owned(),
            Some(false) => "not to people who unsubscribed".to_owned(),
            None => "the capture does not say whether people who unsubscribed get it".to_owned(),
        };
        details.push(detail("recipient filter", to));
        for (key, term) in [("link_tracking", "clicks"), ("open_tracking", "opens")] {
            if let Some(yes) = of.flag(key) {
                let words = if yes {
                    "are tracked"
                } else {
                    "are not tracked"
                };
                details.push(detail(term, words));
            }
        }
        if of.flag("hide_message_body") == Some(true) {
            details.push(detail(
                "body",
                "Customer.io hides what was sent: past deliveries hold no content, the template does",
            ));
        }
        if of.flag("queue_drafts") == Some(true) {
            details.push(detail(
                "sending",
                "every message waits as a draft until somebody sends it",
            ));
        }
        let sends = "sent to one person at a time, when your own system calls the API".to_owned();
        let feature = "nothing: Freshsales sends no mail on a call of its API; keep a service for transactional mail, the template is in `templates/`";
        let volumes = self.counts.volumes(Sender::Transactional, &id);
        of.pass_over(&["created_at", "updated_at"]);
        self.letter(
            of,
            (sends, details, feature),
            Vec::new(),
            templates,
            volumes,
        )
    }

    fn letter(
        &self,
        of: &Record,
        (sends, mut details, feature): (String, Vec<Detail>, &str),
        segments: Vec<SegmentUse>,
        templates: Vec<String>,
        volumes: super::Volumes,
    ) -> Letter {
        let description = self.personal.text(&of.text("description"));
        if !description.is_empty() {
            details.insert(0, detail("description", description));
        }
        let mut letter = Letter {
            id: of.text("id"),
            name: self.personal.text(&of.text("name")),
            kind: of.text("type"),
            tags: of.texts("tags"),
            sends,
            details,
            segments,
            templates,
            volumes,
            feature: feature.to_owned(),
            effort_min: LETTER_MIN,
            unread: Vec::new(),
        };
        of.pass_over(&PASSED_OVER);
        letter.unread = of.unread();
        letter
    }
}
