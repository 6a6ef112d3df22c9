//! Budgets of the destination: notes per record, custom fields per kind of record.

use std::collections::{BTreeMap, BTreeSet};

use crate::lang::ast::{Item, RuleFile};
use crate::lang::codes::budgets;
use crate::model::{FieldKind, FieldWanted};
use crate::text::Span;

use super::checker::Checker;

/// At most so many notes on one record (the customer's limit; mission, row 4).
const NOTES_MAX: u64 = 100;

/// Characters that part a text field from a textarea (freshsales.md 10.4).
const TEXT_MAX: u32 = 256;

/// The plans of suite, the smallest with custom fields first.
const PLANS: [&str; 3] = ["Growth", "Pro", "Enterprise"];

/// What one custom field counts as, and how many of it each plan takes (freshsales.md 10.4).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Sort {
    Text,
    Textarea,
    Dropdown,
    Number,
    Checkbox,
    Date,
    All,
}

impl Sort {
    fn of(kind: &FieldKind) -> Self {
        match kind {
            FieldKind::Text { max } if max.is_some_and(|it| it <= TEXT_MAX) => Self::Text,
            FieldKind::Text { .. } | FieldKind::Json | FieldKind::TextList => Self::Textarea,
            FieldKind::Choice { .. } => Self::Dropdown,
            FieldKind::Integer | FieldKind::Decimal => Self::Number,
            FieldKind::Boolean => Self::Checkbox,
            FieldKind::Date | FieldKind::Timestamp => Self::Date,
            FieldKind::User | FieldKind::Links { .. } => Self::All,
        }
    }

    fn caps(self) -> [usize; 3] {
        match self {
            Self::Text => [20, 30, 70],
            Self::Textarea => [5, 10, 20],
            Self::Dropdown => [30, 40, 250],
            Self::Number | Self::Checkbox | Self::Date => [30, 50, 70],
            Self::All => [150, 250, 630],
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Text => "text ",
            Self::Textarea => "textarea ",
            Self::Dropdown => "dropdown ",
            Self::Number => "number ",
            Self::Checkbox => "checkbox ",
            Self::Date => "date ",
            Self::All => "",
        }
    }
}

impl Checker<'_> {
    pub(super) fn budgets(&mut self, rules: &RuleFile, wanted: &[FieldWanted]) {
        if self.blind || self.schema.system != "freshsales" {
            return;
        }
        self.notes_without_limit(rules);
        self.notes_over_limit(rules);
        if self.schema.edition == "suite" {
            self.custom_fields_over(rules, wanted);
        }
    }

    fn notes_without_limit(&mut self, rules: &RuleFile) {
        let mut head: Option<Span> = None;
        for item in &rules.items {
            match item {
                Item::Limit(it) if it.what.text == "notes" => return,
                Item::Map(it) if it.targets.iter().any(|it| it.name.text == "note") => {
                    // One that could not be read has its own messages.
                    if !self.has_error_within(it.span) {
                        head = head.or(Some(it.head));
                    }
                }
                Item::List(_)
                | Item::Values(_)
                | Item::CustomField(_)
                | Item::Exclude(_)
                | Item::Fact(_)
                | Item::Decide(_)
                | Item::Map(_)
                | Item::EveryOther(_)
                | Item::Ignore(_)
                | Item::Limit(_)
                | Item::Merge(_)
                | Item::Example(_)
                | Item::Promise(_)
                | Item::Allow(_)
                | Item::AcceptHeld(_) => {}
            }
        }
        let Some(head) = head else { return };
        let message = format!(
            "nothing limits the notes on one record, and the destination takes {NOTES_MAX}"
        );
        self.warning(budgets::B801, head, message).help = Some(
            "add `limit 100 notes per record … end`; `check` says how many the record with most would have"
                .to_owned(),
        );
    }

    fn notes_over_limit(&mut self, rules: &RuleFile) {
        for item in &rules.items {
            let Item::Limit(limit) = item else { continue };
            let count = limit.count.digits.parse::<u64>().unwrap_or(0);
            if limit.what.text != "notes" || count <= NOTES_MAX {
                continue;
            }
            let message = format!(
                "one record takes {NOTES_MAX} notes at most, found {}",
                limit.count.digits
            );
            let span = limit.count.span;
            let diagnostic = self.error(budgets::B802, span, message);
            diagnostic.help =
                Some("write 100 or fewer: the rolled-up note is counted among them".to_owned());
            *diagnostic = diagnostic
                .clone()
                .fix(span, NOTES_MAX.to_string(), "write 100");
        }
    }

    fn custom_fields_over(&mut self, rules: &RuleFile, wanted: &[FieldWanted]) {
        let mut counts: BTreeMap<(String, Sort), Vec<String>> = BTreeMap::new();
        // freshsales.md 18: suite keeps leads and contacts in one module.
        let module = |target: &str| match target {
            "lead" => "contact".to_owned(),
            other => other.to_owned(),
        };
        let there = self.schema.targets.iter().flat_map(|target| {
            let fields = target.fields.iter().filter(|it| it.name.starts_with("cf_"));
            fields.map(|it| (target.name.as_str(), it.label.as_str(), &it.name, &it.kind))
        });
        let new = wanted
            .iter()
            .map(|it| (it.target.as_str(), it.label.as_str(), &it.name, &it.kind));
        // The account makes up the names of its fields, so one that is there is known by its label.
        let mut seen: BTreeSet<(String, Sort, &str)> = BTreeSet::new();
        for (target, label, name, kind) in there.chain(new) {
            for sort in [Sort::of(kind), Sort::All] {
                if seen.insert((module(target), sort, label)) {
                    let names = counts.entry((module(target), sort)).or_default();
                    names.push(name.clone());
                }
            }
        }
        let known = self.schema.account_plan.clone();
        let mut found = Vec::new();
        for ((module, sort), names) in &counts {
            let caps = sort.caps();
            // Where nobody said which plan it is, the smallest one counts.
            let has = known.as_deref().unwrap_or(PLANS[0]);
            let place = PLANS.iter().position(|it| *it == has);
            // Free takes none.
            let cap = place.and_then(|it| caps.get(it)).copied().unwrap_or(0);
            let one_too_many = names.get(cap);
            let Some(first) = one_too_many else { continue };
            let plan = caps.iter().zip(PLANS).find(|(cap, _)| names.len() <= **cap);
            let needs = match plan {
                Some((cap, plan)) => format!("{plan} takes {cap}"),
                None => "no plan takes so many".to_owned(),
            };
            let whose = match module.as_str() {
                "contact" => "lead and contact together have".to_owned(),
                other => format!("{other} has"),
            };
            let message = format!(
                "{whose} {} custom {}fields; the plan {has} takes {cap}, {needs}",
                names.len(),
                sort.word()
            );
            found.push((first.clone(), message));
        }
        for (name, message) in found {
            let named = |it: &&Item| matches!(it, Item::CustomField(it) if it.name.text == name);
            let Some(Item::CustomField(field)) = rules.items.iter().find(named) else {
                continue;
            };
            let span = field.name.span;
            if self.is_told(budgets::B803, span) {
                continue;
            }
            if known.is_some() {
                self.error(budgets::B803, span, message).help =
                    Some("leave some of them to `rest`".to_owned());
                continue;
            }
            self.warning(budgets::B803, span, message).help = Some(
                "leave some of them to `rest`, or say that the account has the plan: `allow B803 because \"…\"`"
                    .to_owned(),
            );
        }
    }
}
