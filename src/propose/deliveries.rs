//! Drafts what messages become: past e-mails as activities, short messages as tasks, everything else as notes.

use std::fmt::Write as _;

use super::lines::{self, Line};
use super::rules::Draft;
use super::weigh::Trait;
use crate::model::{Entity, Type};

/// When a message was sent, as far as anybody knows.
const SENT: &str = "first_filled(sent_at, created_at) none hold";

/// What the deliveries of a capture have of what a draft needs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Delivery<'d> {
    fields: &'d [Trait],
    pub(super) has_email: bool,
    has_sms: bool,
    has_transactional: bool,
}

impl<'d> Delivery<'d> {
    /// `None` where they have no person or no channel: then nothing can be drafted.
    fn of(fields: &'d [Trait]) -> Option<Self> {
        let field = |name: &str| fields.iter().find(|it| it.path == name);
        field("cio_id")?;
        let channel = field("channel").filter(|it| is_text(it))?;
        let may_be = |word: &str| {
            let Type::OneOf(words) = &channel.r#type else {
                return true;
            };
            words.iter().any(|it| it == word)
        };
        Some(Self {
            fields,
            has_email: may_be("email"),
            has_sms: may_be("sms"),
            has_transactional: field("transactional_message_id").is_some(),
        })
    }

    fn has_text(&self, name: &str) -> bool {
        self.fields.iter().any(|it| it.path == name && is_text(it))
    }

    fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|it| it.path == name)
    }

    fn is_flag(&self, name: &str) -> bool {
        let mut fields = self.fields.iter();
        fields.any(|it| it.path == name && it.r#type == Type::Boolean)
    }

    /// The text that was sent, or words where the source keeps none.
    fn body(&self) -> Option<(String, &'static str)> {
        let is_told = self.is_flag("forgotten");
        match (self.has_text("body"), is_told) {
            (true, true) => {
                let value = "if forgotten then \"[not kept by the source]\" else strip_html(body) loses \"markup\"";
                Some((value.to_owned(), "what was sent"))
            }
            (true, false) => Some((
                "strip_html(body) loses \"markup\"".to_owned(),
                "what was sent",
            )),
            (false, _) => None,
        }
    }

    /// Fields that the lines of any of the maps write somewhere.
    fn is_read(&self, name: &str) -> bool {
        match name {
            "id" | "cio_id" | "channel" | "metrics" => true,
            "failure_message" => self.has("metrics") && self.has_text(name),
            "subject" => self.has_email && self.has_text(name),
            "body" => (self.has_email || self.has_sms) && self.has_text(name),
            _ => false,
        }
    }
}

impl Draft<'_> {
    /// The deliveries, where a draft can be made of them.
    pub(super) fn delivery(&self) -> Option<Delivery<'_>> {
        Delivery::of(self.found.fields(Entity::Delivery))
    }

    pub(super) fn deliveries(&self, text: &mut String) {
        let Some(delivery) = self.delivery() else {
            return;
        };
        ways(&delivery, text);
        table(&delivery, text);
        if delivery.has_email {
            email(&delivery, text);
        }
        if delivery.has_sms {
            self.task(&delivery, text);
        }
        note(&delivery, text);
    }

    fn task(&self, delivery: &Delivery<'_>, text: &mut String) {
        let (done, open) = &self.pair.task_words;
        let _ = write!(
            text,
            "values task_status\n  \
             delivered, clicked, converted = {done:?}   loses \"which metric came last\"\n  \
             sent, failed, bounced, undeliverable = {open:?}   loses \"which metric came last\"\n  \
             blank, other = {open:?}   loses \"which metric came last\"\nend\n\n\
             map delivery to task\n"
        );
        let has_body = delivery.has_text("body");
        let title = if has_body {
            "\"SMS: \" + cut(first_filled(body, \"(no text)\"), 80) loses \"end of long messages\""
        } else {
            "\"SMS\""
        };
        write_line("title", title, "a short message", text);
        if has_body {
            write_line("description", "body", "what was sent", text);
        }
        write_line("due", SENT, "when it was sent", text);
        let status = "last_metric via task_status";
        write_line("status", status, "what became of it", text);
        text.push_str("end\n\n");
    }
}

/// Channels as closed words, whatever the workspace has.
fn ways(delivery: &Delivery<'_>, text: &mut String) {
    text.push_str("fact way of delivery\n");
    for (word, is_there) in [("email", delivery.has_email), ("sms", delivery.has_sms)] {
        if is_there {
            let _ = writeln!(text, "  {word} when channel is {word:?}");
        }
    }
    text.push_str("  elsewhere otherwise\nend\n\n");
    if delivery.has_transactional {
        text.push_str(
            "fact origin of delivery\n  transactional when transactional_message_id is present\n  \
             marketing otherwise\nend\n\n",
        );
    }
}

fn table(delivery: &Delivery<'_>, text: &mut String) {
    let origin = |word: &str| {
        if delivery.has_transactional {
            format!(" {word} |")
        } else {
            String::new()
        }
    };
    let _ = writeln!(
        text,
        "decide delivery\n  | way |{} becomes |",
        origin("origin")
    );
    if delivery.has_transactional {
        let _ = writeln!(
            text,
            "  | any |{} note on person |",
            origin("transactional")
        );
    }
    for (way, becomes, is_there) in [
        ("email", "email activity", delivery.has_email),
        ("sms", "task", delivery.has_sms),
        ("elsewhere", "note", true),
    ] {
        if is_there {
            let _ = writeln!(
                text,
                "  | {way} |{} {becomes} on person |",
                origin("marketing")
            );
        }
    }
    text.push_str("  otherwise hold \"a message of another kind\"\nend\n\n");
}

fn email(delivery: &Delivery<'_>, text: &mut String) {
    text.push_str("map delivery to email activity\n");
    let title = if delivery.has_text("subject") {
        "first_filled(subject, \"(no subject)\")"
    } else {
        "\"(no subject)\""
    };
    write_line("title", title, "its subject", text);
    write_line("time", SENT, "when it was sent", text);
    write_line("entry opened", "opened_at", "its own time", text);
    write_line("entry clicked", "clicked_at", "its own time", text);
    let disposed = "bounced or unsubscribed";
    write_line("cf_email_disposed", disposed, "a flag that stays", text);
    if let Some((value, why)) = delivery.body() {
        write_line("body", &value, why, text);
    }
    text.push_str("end\n\n");
}

/// The log of everything else, and of every transactional message.
fn note(delivery: &Delivery<'_>, text: &mut String) {
    text.push_str("map delivery to note\n");
    let title = "channel + \": \" + last_metric";
    write_line("title", title, "channel and status", text);
    let sent = "first_filled(sent_at, created_at)";
    write_line("time", sent, "when it was sent", text);
    if delivery.has("metrics") {
        let body = if delivery.has_text("failure_message") {
            "if failure_message is present then json(metrics) + \" \" + failure_message else json(metrics)"
        } else {
            "json(metrics)"
        };
        write_line("body", body, "its log", text);
    }
    for of in delivery
        .fields
        .iter()
        .filter(|it| !delivery.is_read(&it.path))
    {
        let because = match of.path.as_str() {
            "forgotten" => "the body says so",
            "transactional_message_id" => "it decides what a message becomes",
            _ => "no line of the draft keeps it: decide",
        };
        let path = lines::one_line(&of.path);
        let _ = writeln!(text, "  ignore {path} because {because:?}");
    }
    text.push_str("end\n\n");
}

fn write_line(target: &str, value: &str, why: &str, text: &mut String) {
    Line::new(target, value, "split", why).write(text);
}

fn is_text(of: &Trait) -> bool {
    matches!(of.r#type, Type::Text | Type::OneOf(_))
}
