//! Which field of the destination a trait lands in, from the lines of the rules.

use serde::Serialize;

use crate::model::Entity;
use crate::plan::{EntityPlan, Expression, Goes, MapPlan, Plan, SlotId};

/// What the destination is sold as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Edition {
    /// One record for leads and contacts, with segments and journeys.
    Suite,
    /// Leads apart from contacts, workflows and views.
    Classic,
}

/// The field of a record that a template may name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct MergeField {
    /// `contact`, `lead`, `account`.
    pub target: String,
    /// `first_name`, `cf_plan`.
    pub field: String,
    /// As a person sees it.
    pub label: String,
    /// What the rules do to the value on its way; nothing where it arrives as it is.
    pub made: Option<String>,
}

impl MergeField {
    /// As a template writes it; the form is a guess (freshsales.md has none; the vendor's article 50000002609 says only
    /// that the name of the field stands in curly braces).
    #[must_use]
    pub fn form(&self) -> String {
        let module = match self.target.as_str() {
            "account" => "sales_account",
            // In the suite a lead is a contact.
            "lead" | "contact" => "contact",
            other => other,
        };
        format!("{{{{{module}.{}}}}}", self.field)
    }
}

/// Where traits go; empty without rules.
#[derive(Clone, Debug, Default)]
pub struct Fields<'p> {
    plan: Option<&'p Plan>,
}

/// How faithfully a line carries a value; the better comes first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Carried {
    AsItIs,
    Changed,
    Mixed,
}

impl<'p> Fields<'p> {
    #[must_use]
    pub fn of(plan: &'p Plan) -> Self {
        Self { plan: Some(plan) }
    }

    /// Whether there are rules at all.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.plan.is_some()
    }

    /// The title of the rules.
    #[must_use]
    pub fn title(&self) -> Option<&'p str> {
        self.plan.map(|plan| plan.title.as_str())
    }

    /// Whether the rules make lists of segments.
    #[must_use]
    pub fn loads_lists(&self) -> bool {
        let segments = self
            .plan
            .and_then(|plan| plan.entity(Entity::Segment, None));
        segments.is_some_and(|it| !it.maps.is_empty())
    }

    /// The field that the trait `name` lands in, the most faithful first.
    #[must_use]
    pub fn of_trait(&self, name: &str) -> Option<MergeField> {
        let plan = self.plan?;
        let person = plan.entity(Entity::Person, None)?;
        let found = places(name)
            .into_iter()
            .find_map(|path| best(plan, person, &path));
        found.map(|(_, field)| field)
    }

    /// The field that the attribute `name` of an object lands in.
    #[must_use]
    pub fn of_object(&self, kind: &str, name: &str) -> Option<MergeField> {
        let plan = self.plan?;
        let object = plan.entity(Entity::Object, Some(kind))?;
        let path = |base: &[&str]| -> Vec<String> {
            let keys = base.iter().copied().chain(name.split('.'));
            keys.map(str::to_owned).collect()
        };
        let found = [path(&["attributes"]), path(&[])];
        let found = found.iter().find_map(|path| best(plan, object, path));
        found.map(|(_, field)| field)
    }

    /// Why no field of its own takes the trait `name`, in words.
    #[must_use]
    pub fn why_not(&self, name: &str) -> String {
        let Some(plan) = self.plan else {
            return "no rules were given, so it is not known where it lands".to_owned();
        };
        let Some(person) = plan.entity(Entity::Person, None) else {
            return "the rules write no people".to_owned();
        };
        let goes = places(name)
            .into_iter()
            .map(|path| person.goes(plan, &path));
        let mut rest = None;
        for goes in goes {
            match goes {
                Goes::Rest(field) => rest = Some(field),
                Goes::Ignored(because) => {
                    return format!("the rules leave it out: {because}");
                }
                Goes::OnlyRead => {
                    return "the rules read it to decide, and write it nowhere".to_owned();
                }
                Goes::To(_) | Goes::Whole | Goes::Place | Goes::Nowhere => {}
            }
        }
        match rest {
            Some(field) => format!("the rules keep it inside `{field}`, with other traits"),
            None => "the rules write it nowhere".to_owned(),
        }
    }
}

/// Where a person of a capture may hold the attribute: beside the identifiers or among the traits.
fn places(name: &str) -> Vec<Vec<String>> {
    let keys = |base: &[&str]| -> Vec<String> {
        let keys = base.iter().copied().chain(name.split('.'));
        keys.map(str::to_owned).collect()
    };
    vec![keys(&["traits"]), keys(&[])]
}

fn best(plan: &Plan, entity: &EntityPlan, path: &[String]) -> Option<(Carried, MergeField)> {
    let slots: Vec<SlotId> = (0_u16..)
        .map(SlotId)
        .zip(&entity.slots)
        .filter(|(_, it)| !it.derived && it.path == path)
        .map(|(slot, _)| slot)
        .collect();
    let maps = entity.maps.iter();
    let mut found: Vec<(Carried, bool, MergeField)> =
        maps.flat_map(|map| of_map(plan, map, &slots)).collect();
    found.sort();
    found
        .into_iter()
        .next()
        .map(|(carried, _, field)| (carried, field))
}

/// Every line of a map that takes one of the slots; contacts come before leads.
fn of_map<'m>(
    plan: &'m Plan,
    map: &'m MapPlan,
    slots: &'m [SlotId],
) -> impl Iterator<Item = (Carried, bool, MergeField)> + 'm {
    let target = plan.targets.get(usize::from(map.target.0));
    let lines = map.lines.iter().chain(&map.key);
    lines.filter_map(move |line| {
        let target = target?;
        let field = target.fields.get(usize::from(line.field))?;
        let carried = how(&line.value, slots)?;
        let made = match carried {
            Carried::AsItIs => None,
            Carried::Changed => Some(format!("line {} of the rules changes it", line.rule_line)),
            Carried::Mixed => Some(format!(
                "line {} of the rules makes it of several values",
                line.rule_line
            )),
        };
        let field = MergeField {
            target: target.name.clone(),
            field: field.name.clone(),
            label: field.label.clone(),
            made,
        };
        Some((carried, target.name != "contact", field))
    })
}

/// How an expression carries one of the slots; `None` where it does not.
fn how(expression: &Expression, slots: &[SlotId]) -> Option<Carried> {
    match expression {
        Expression::Slot(slot) => slots.contains(slot).then_some(Carried::AsItIs),
        Expression::FirstFilled(parts) => {
            // Its own value where it is filled, and it comes first.
            let first = parts.first().and_then(|it| how(it, slots));
            let any = parts.iter().find_map(|it| how(it, slots));
            first.or(any.map(|_| Carried::Mixed))
        }
        Expression::Call { arguments, .. } => {
            let any = arguments.iter().find_map(|it| how(it, slots))?;
            Some(any.max(Carried::Changed))
        }
        Expression::Via { value, .. } => how(value, slots).map(|it| it.max(Carried::Changed)),
        Expression::Concat(parts) => {
            let any = parts.iter().find_map(|it| how(it, slots));
            any.map(|_| Carried::Mixed)
        }
        Expression::If {
            then, otherwise, ..
        } => how(then, slots)
            .or_else(|| how(otherwise, slots))
            .map(|_| Carried::Mixed),
        Expression::Constant(_)
        | Expression::Fact(_)
        | Expression::Test(_)
        | Expression::User(_) => None,
    }
}
