//! Writes the drafted rule file: who becomes what, a line for each trait, and what was left open.

use std::fmt::Write as _;

use super::assign::Proposal;
use super::custom::{self, Custom};
use super::dictionary::Dictionary;
use super::lines::{self, Line};
use super::source::{Found, Pair};
use super::stage::{Stage, stage};
use super::weigh::Lane;
use crate::model::{Entity, Schema, Type};

/// Everything that a draft is written from.
#[derive(Clone, Copy, Debug)]
pub struct Draft<'d> {
    pub title: &'d str,
    /// The `.fields` file beside it.
    pub fields: &'d str,
    pub found: &'d Found,
    pub proposals: &'d [Proposal],
    pub schema: &'d Schema,
    pub dictionary: &'d Dictionary,
    pub pair: &'d Pair,
}

impl Draft<'_> {
    /// The rule file.
    #[must_use]
    pub fn text(&self) -> String {
        let customs = custom::customs(self.found, self.proposals, self.pair);
        let mut text = String::new();
        self.header(&customs, &mut text);
        self.exclude(&mut text);
        self.merge(&mut text);
        self.facts(&mut text);
        self.decide(&mut text);
        self.person(&customs, &mut text);
        self.objects(&mut text);
        self.events(&mut text);
        self.deliveries(&mut text);
        self.limit(&mut text);
        self.segments(&mut text);
        self.written(&mut text);
        self.others(&mut text);
        text
    }

    fn header(&self, customs: &[Custom], text: &mut String) {
        let _ = write!(
            text,
            "# Drafted by `mapwright propose`. Nothing of it is agreed: every line that carries `unconfirmed` waits for a\n\
             # person. Read a lane, correct it, then take its marks away, by hand or with `mapwright propose FILE --confirm LANE`.\n\
             # The numbers behind a line say how sure it is, from 0 to 1, and why.\n\n\
             rules \"{}\"\nlanguage 1\n{} fields \"{}\"\n{}\n\n",
            self.title.replace('"', "'"),
            self.pair.source,
            self.fields,
            self.pair.destination
        );
        for custom in customs {
            let _ = writeln!(
                text,
                "field {} {:?} {} on lead, contact",
                custom.name, custom.label, custom.kind
            );
        }
        let _ = writeln!(
            text,
            "field cf_other_traits \"Other traits\" textarea on lead, contact"
        );
        if self.company().is_some() {
            let _ = writeln!(
                text,
                "field cf_source_key \"Source key\" text unique on account"
            );
            let _ = writeln!(
                text,
                "field cf_other_fields \"Other fields\" textarea on account"
            );
        }
        if self.delivery().is_some_and(|it| it.has_email) {
            let _ = writeln!(
                text,
                "field cf_email_disposed \"E-mail disposed\" checkbox on email activity"
            );
        }
        text.push('\n');
    }

    /// Only what the source flags can be left out.
    fn exclude(&self, text: &mut String) {
        let flags: Vec<&str> = ["deleted", "re_added"]
            .into_iter()
            .filter(|it| self.is_flag(it))
            .collect();
        if flags.is_empty() {
            return;
        }
        let erased = "\"erased at the source\"";
        let again = "\"deleted and added again within the billing cycle\"";
        let _ = writeln!(
            text,
            "exclude person\n  | {} | then | because |",
            flags.join(" | ")
        );
        // Who does not say it is not: a blank stands with the no.
        let cell = |flag: &str, said: &str| match said {
            "no" if self.may_be_blank(flag) => "no, blank".to_owned(),
            said => said.to_owned(),
        };
        let mut row = |cells: &[&str], then: &str, because: &str| {
            let cells = flags.iter().zip(cells);
            let cells: Vec<String> = cells.map(|(flag, said)| cell(flag, said)).collect();
            let _ = writeln!(text, "  | {} | {then} | {because} |", cells.join(" | "));
        };
        match flags.as_slice() {
            [_, _] => {
                row(&["no", "no"], "keep", "");
                row(&["any", "yes"], "exclude", again);
                row(&["yes", "no"], "exclude", erased);
            }
            flags => {
                row(&["no"], "keep", "");
                let is_again = flags.contains(&"re_added");
                row(&["yes"], "exclude", if is_again { again } else { erased });
            }
        }
        text.push_str("end\n\n");
    }

    fn merge(&self, text: &mut String) {
        let is_dated = self
            .found
            .own("updated_at")
            .is_some_and(|it| matches!(it.r#type, Type::Timestamp(_)));
        if is_dated && self.has_email() {
            text.push_str(
                "merge person by email\n  winner newest updated_at\n  consent strictest\n  others first filled\nend\n\n",
            );
        }
    }

    fn facts(&self, text: &mut String) {
        let blank: Vec<String> = ["id", "email"]
            .into_iter()
            .filter(|name| self.found.own(name).is_some())
            .map(|name| format!("{name} is blank"))
            .collect();
        if !blank.is_empty() {
            let _ = write!(
                text,
                "fact identity of person\n  anonymous when {}\n  known otherwise\nend\n\n",
                blank.join(" and ")
            );
        }
        // Whatever a flag says that is no yes or no, it holds a person back: the safest reading.
        let mut signs: Vec<String> = ["unsubscribed", "suppressed"]
            .into_iter()
            .filter_map(|name| self.found.own(name))
            .map(|flag| {
                if flag.r#type == Type::Boolean {
                    return flag.path.clone();
                }
                format!("{} is present", flag.path)
            })
            .collect();
        signs.extend(["all_topics_off", "esp_suppression is present"].map(str::to_owned));
        let _ = write!(
            text,
            "fact consent of person\n  bounced when esp_suppression is \"bounced\" or esp_suppression is \"invalid\"\n  \
             complained when esp_suppression is \"spam\"\n  opted_out when {}\n  subscribed otherwise\nend\n\n",
            signs.join(" or ")
        );
        text.push_str("values consent_words\n");
        let mut by_label: Vec<(&str, Vec<&str>)> = Vec::new();
        for (word, label) in &self.pair.consent {
            match by_label.iter_mut().find(|(known, _)| known == label) {
                Some((_, words)) => words.push(word),
                None => by_label.push((label, vec![word])),
            }
        }
        for (label, words) in by_label {
            let loses = match words.len() {
                1 => "",
                _ => "   loses \"which of them it was\"",
            };
            let _ = writeln!(text, "  {} = {label:?}{loses}", words.join(", "));
        }
        text.push_str("end\n\n");
    }

    /// The split: by identity, and by the words of a stage where there is one.
    fn decide(&self, text: &mut String) {
        let has_identity = self.found.own("id").is_some() || self.has_email();
        let Some(stage) = self.stage().filter(|_| has_identity) else {
            text.push_str(
                "# No field was found that tells who is qualified: everybody starts as a lead.\n",
            );
            return;
        };
        let column = &stage.path;
        let cells =
            |words: &[String]| -> Vec<String> { words.iter().map(|it| lines::word(it)).collect() };
        let (qualified, unqualified) = (cells(&stage.qualified), cells(&stage.unqualified));
        let row = |identity: &str, words: &str, becomes: &str, text: &mut String| {
            let _ = writeln!(text, "  | {identity} | {words} | {becomes} |");
        };
        let _ = writeln!(text, "decide person\n  | identity | {column} | becomes |");
        row(
            "anonymous",
            "any, other",
            "lead in queue \"Pending enrichment\"",
            text,
        );
        row("known", &qualified.join(", "), "contact", text);
        let rest: Vec<String> = unqualified
            .into_iter()
            .chain(["blank".to_owned()])
            .collect();
        row("known", &rest.join(", "), "lead", text);
        let unknown = cells(&stage.unknown);
        if !unknown.is_empty() {
            let hold = "hold \"nobody said what this stage means\"";
            row("known", &unknown.join(", "), hold, text);
        }
        text.push_str("  otherwise hold \"the stage is not on our list\"\nend\n\n");
    }

    fn person(&self, customs: &[Custom], text: &mut String) {
        let has_stage = self.stage().is_some();
        let targets = if has_stage { "contact, lead" } else { "lead" };
        let _ = writeln!(text, "map person to {targets}");
        let key = format!("\"{}p-\" + cio_id", self.pair.prefix);
        let mut out = vec![Line::new(
            "key external_id",
            &key,
            "split",
            "the source's own key",
        )];
        if self
            .found
            .own("id")
            .is_some_and(|it| it.r#type == Type::Text)
        {
            out.push(Line::new(
                &self.pair.id_field.0,
                "id",
                "split",
                "reconciliation joins on it",
            ));
        }
        if self.has_email() {
            out.push(Line::new(
                "email",
                "email(email) else hold",
                "split",
                "the address",
            ));
        }
        let consent = "consent via consent_words";
        out.push(Line::new(
            &self.pair.consent_field,
            consent,
            "split",
            "the strictest sign of each person",
        ));
        let required = |name: &str| {
            let targets =
                ["contact", "lead"].map(|it| self.schema.target(it).and_then(|it| it.field(name)));
            targets.into_iter().flatten().any(|field| field.required)
        };
        out.extend(lines::proposed(self.found, self.proposals, &required));
        for custom in customs.iter().filter(|it| it.name != self.pair.id_field.0) {
            out.push(Line::new(
                &custom.name,
                &custom.value,
                custom.lane.word(),
                &custom.evidence,
            ));
        }
        if self.company().is_some() && self.found.has(Entity::Relationship) {
            let company = self.company().unwrap_or_default();
            let value = format!(
                "lookup account by {} none blank, report, many all, no primary newest",
                lines::word(company)
            );
            out.push(Line::new(
                "accounts",
                &value,
                "split",
                "the companies of a person",
            ));
        }
        out.push(Line::new(
            "rest cf_other_traits",
            "json",
            "custom",
            "whatever no line takes",
        ));
        for line in &out {
            line.write(text);
        }
        self.left_open(customs, text);
        let computed = self.found.traits.iter().any(|it| it.name.starts_with('_'));
        if computed {
            text.push_str("  ignore traits._* because \"computed by the source\"\n");
        }
        for trait_ in self.found.traits.iter().filter(|it| it.is_too_long()) {
            let _ = writeln!(
                text,
                "  ignore {} because \"longer than any field takes\"",
                trait_.path
            );
        }
        let flags: Vec<&str> = ["deleted", "re_added"]
            .into_iter()
            .filter(|it| self.is_flag(it))
            .collect();
        if !flags.is_empty() {
            let _ = writeln!(
                text,
                "  ignore {} because \"those who are, are excluded\"",
                flags.join(", ")
            );
        }
        text.push_str("end\n\n");
    }

    /// Candidates for a person to choose from, ready to be moved up.
    fn left_open(&self, customs: &[Custom], text: &mut String) {
        for (of, proposal) in self.found.traits.iter().zip(self.proposals) {
            if proposal.lane == Lane::Choose {
                for candidate in &proposal.candidates {
                    let _ = writeln!(
                        text,
                        "  # choose: {} = {}   # {}",
                        candidate.fields.join(" and "),
                        of.path,
                        lines::one_line(&lines::evidence(candidate.sure, &candidate.evidence))
                    );
                }
            }
            let has_line =
                customs.iter().any(|it| it.path == of.path) || proposal.lane == Lane::Proposed;
            if !has_line && !of.name.starts_with('_') && !of.is_too_long() {
                let because = proposal
                    .because
                    .as_deref()
                    .map(|it| format!(": {it}"))
                    .unwrap_or_default();
                let _ = writeln!(
                    text,
                    "  # left in cf_other_traits: {}   # {} of {} have it{because}",
                    lines::one_line(&of.path),
                    of.filled,
                    of.of
                );
            }
        }
    }

    fn may_be_blank(&self, name: &str) -> bool {
        let field = self.found.own(name);
        field.is_some_and(|it| it.filled < it.of || it.misfits > 0)
    }

    fn is_flag(&self, name: &str) -> bool {
        self.found
            .own(name)
            .is_some_and(|it| it.r#type == Type::Boolean)
    }

    fn has_email(&self) -> bool {
        self.found
            .own("email")
            .is_some_and(|it| it.r#type == Type::Text)
    }

    /// The object type that is a company.
    pub(super) fn company(&self) -> Option<&str> {
        let names = self.found.objects.iter().map(|(name, _)| name.as_str());
        let is_company = |name: &&str| {
            let words = super::names::words(name).join(" ");
            self.pair.companies.contains(&words)
        };
        names.into_iter().find(is_company)
    }

    fn stage(&self) -> Option<Stage> {
        stage(self.found, self.dictionary)
    }
}
