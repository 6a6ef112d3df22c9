//! What starts a campaign, what it is best rebuilt as, and the settings beside its steps.

use super::campaign::{Campaigns, exits, moment};
use super::condition::id_text;
use super::english::span;
use super::fields::Edition;
use super::model::Detail;
use super::read::Record;
use super::steps::{detail, listed};

impl Campaigns<'_> {
    /// What starts it, in a sentence, and what it is best rebuilt as; nothing where nobody knows.
    pub(super) fn trigger(
        &self,
        kind: &str,
        of: &Record,
        workflow: Option<&Record>,
    ) -> (String, Option<String>) {
        let saved = |key: &str| workflow.map(|it| it.text(key)).unwrap_or_default();
        let either = |own: &str, key: &str| {
            let own = of.text(own);
            if own.is_empty() { saved(key) } else { own }
        };
        let suite = self.reading.edition == Edition::Suite;
        let pick =
            |in_suite: &str, classic: &str| Some(if suite { in_suite } else { classic }.to_owned());
        match kind {
            "event" | "transactional" => {
                let event = self.reading.personal.text(&either("event_name", "event"));
                (
                    format!("the person makes the event “{event}”"),
                    pick(
                        "journey with the trigger `added to segment`, over a segment with this custom event (custom events need Pro), or over a field that your own system sets",
                        "workflow on a field that your own system sets",
                    ),
                )
            }
            "segment" | "seg_attr" | "behavioral" => {
                let ids = of.texts("trigger_segment_ids");
                let named: Vec<String> = ids.iter().map(|id| self.segment(id)).collect();
                let of = if named.is_empty() {
                    "the person meets its condition".to_owned()
                } else {
                    format!("the person enters {}", named.join(" and "))
                };
                (
                    of,
                    pick(
                        "journey with the trigger `added to segment`, or `added to list` where the segment is manual",
                        "workflow with the segment's conditions",
                    ),
                )
            }
            "date" => {
                let attribute = either("date_attribute", "date_triggered_attribute");
                let frequency = either("frequency", "date_triggered_frequency");
                (
                    format!("the day of “{attribute}”, {frequency}"),
                    pick(
                        "workflow by date and time (needs Pro), once for each record or again and again",
                        "workflow by date and time",
                    ),
                )
            }
            "form" => (
                "the person sends a form".to_owned(),
                pick(
                    "journey with the trigger of a landing page or of a Facebook form; the form is made anew",
                    "workflow on new leads of a web form",
                ),
            ),
            "object" | "relationship" => {
                let what = if kind == "object" {
                    "an object"
                } else {
                    "a relationship to an object"
                };
                (
                    format!(
                        "{what} of type {} is made or changed",
                        of.text("object_type_id")
                    ),
                    pick(
                        "workflow on the account, or on the custom module",
                        "workflow on the account",
                    ),
                )
            }
            "webhook" => (
                format!("webhook {} is called from outside", of.text("webhook_id")),
                pick(
                    "your own system writes a field of the contact, and the journey starts with `contact field matched`",
                    "your own system writes a field, and a workflow starts with it",
                ),
            ),
            "triggered_broadcast" => (
                "your own system calls the API with the people and the data".to_owned(),
                pick(
                    "e-mail campaign to a list that your own system fills; data of the call has no counterpart",
                    "bulk e-mail to a view",
                ),
            ),
            "none" => (
                "nothing: it has no trigger".to_owned(),
                pick(
                    "nothing to rebuild as a trigger",
                    "nothing to rebuild as a trigger",
                ),
            ),
            other => (format!("of the kind `{other}`"), None),
        }
    }

    /// Everything else that is set, in the order in which somebody sets it.
    pub(super) fn details(&self, of: &Record, workflow: Option<&Record>) -> Vec<Detail> {
        let mut details = Vec::new();
        let mut said = |term, words: String| {
            if !words.is_empty() {
                details.push(detail(term, self.reading.personal.text(&words)));
            }
        };
        let saved = |key: &str| workflow.map(|it| it.text(key)).unwrap_or_default();
        said("description", of.text("description"));
        said("time zone", of.text("timezone"));
        said("time zone", saved("date_triggered_zone"));
        said(
            "zone where none is known",
            saved("date_triggered_fallback_zone"),
        );
        if of.flag("use_customer_timezone") == Some(true) {
            said("zone of", "the person".to_owned());
        }
        if let Some(hour) = of.number("start_hour") {
            let minutes = of.number("start_minutes").unwrap_or_default();
            said("at", format!("{hour:02}:{minutes:02}"));
        }
        said("at", saved("date_triggered_start_time"));
        let lead = saved("date_triggered_lead_days");
        if !lead.is_empty() && lead != "0" {
            said("days before", lead);
        }
        for (key, term) in [
            ("created", "made"),
            ("updated", "changed"),
            ("first_started", "first started"),
            ("scheduled_start", "starts on"),
            ("scheduled_stop", "stops on"),
        ] {
            said(term, of.number(key).map(moment).unwrap_or_default());
        }
        if of.flag("scheduled_start_should_backfill") == Some(true) {
            said(
                "at its start",
                "people who are in already come in too".to_owned(),
            );
        }
        if of.flag("scheduled_stop_should_sunset") == Some(true) {
            said("at its stop", "people within go on to the end".to_owned());
        }
        said("comes in again", saved("restart_mode"));
        let every = workflow.and_then(|it| it.number("restart_min_interval"));
        if let Some(every) = every
            .and_then(|it| u64::try_from(it).ok())
            .filter(|it| *it > 0)
        {
            said("at the earliest after", span(every));
        }
        let leaves = workflow.and_then(|it| it.flag("exit_on_trigger_or_filter_not_matched"));
        if leaves == Some(true) {
            said(
                "leaves",
                "when trigger or filter no longer match".to_owned(),
            );
        }
        for exit in exits(workflow) {
            let words = match (exit.pointer("/segment/id"), exit.pointer("/event/etype")) {
                (Some(id), _) => id_text(id).map(|id| format!("in {}", self.segment(&id))),
                (None, Some(event)) => Some(format!("event “{}”", listed(Some(event)))),
                (None, None) => None,
            };
            said("leaves when", words.unwrap_or_else(|| exit.to_string()));
        }
        let triggers = of.list("triggers").len();
        if triggers > 0 {
            said(
                "called",
                format!("{triggers} times, as far as the service still lists them"),
            );
        }
        details
    }
}
