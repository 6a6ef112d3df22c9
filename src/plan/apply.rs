//! Applies an entity's plan to one record: exactly one decision, nothing else touched.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::attached::{beginning, is_of_links, links_of};
use super::canonical::{self, CanonicalError};
use super::output::fit;
use super::{
    Cell, Evaluation, ExistingField, Expression, Line, LinkLine, ManyPolicy, MapPlan, NonePolicy,
    Policy, Related, RelatedState, RowResult, SlotId, TargetId, TargetPlan, cell,
};
use crate::model::{
    Attachment, AttachmentKind, Existing, Fault, FaultKind, Field, FieldKind, Link, LinkTo, Loss,
    Needs, Report, Value, WrongTypePolicy,
};

/// What becomes of one record.
#[derive(Debug)]
pub enum Decision<'r> {
    Draft(Box<Shaped<'r>>),
    Excluded(Cow<'r, str>),
    /// Why it waits; never holds a value of the record.
    Held(String),
    /// The record itself is broken.
    Rejected(String),
    /// A rule says that the check fails until another rule exists.
    Stop(String),
}

/// A draft that borrows from the record; fields by their index in `target.fields`, blanks left out.
#[derive(Debug)]
pub struct Shaped<'r> {
    pub target_id: TargetId,
    pub target: &'r TargetPlan,
    pub key: Option<(u16, Value<'r>)>,
    pub fields: Vec<(u16, Value<'r>)>,
    pub alternatives: Vec<(u16, Value<'r>)>,
    pub links: Vec<Link>,
    pub queue: Option<&'r str>,
    pub attachments: Vec<Attachment>,
    /// What happened is kept as an activity as well.
    pub as_activity: bool,
    pub existing: Existing,
    pub existing_fields: &'r [ExistingField],
}

/// What one line gave.
pub(super) enum Given<'r> {
    Value(Value<'r>),
    /// A text that is too long for the field and goes along as a file.
    Attach(String),
    Hold(String),
    Stop(String),
}

impl<'r, 'a: 'r> Evaluation<'r, 'a> {
    /// Decides the record and shapes its draft.
    pub fn decide(&self, reports: &mut Vec<Report>) -> Decision<'r> {
        self.decided(reports, None)
    }

    /// [`Evaluation::decide`], and what the draft has lost on its way: asked by a dry run alone, so that `apply` pays
    /// nothing.
    pub fn decide_losing(&self, reports: &mut Vec<Report>, losses: &mut Vec<Loss>) -> Decision<'r> {
        losses.clear();
        let decision = self.decided(reports, Some(losses));
        if !matches!(decision, Decision::Draft(_)) {
            losses.clear();
        }
        decision
    }

    fn decided(&self, reports: &mut Vec<Report>, losses: Option<&mut Vec<Loss>>) -> Decision<'r> {
        if let Some(decision) = self.excluded() {
            return decision;
        }
        let (target, queue) = match self.target() {
            Ok(found) => found,
            Err(decision) => return decision,
        };
        let Some(map) = self.entity.maps.iter().find(|map| map.target == target) else {
            return Decision::Stop("there is no map to what the table says".to_owned());
        };
        for rule in &map.exclude {
            match self.holds(&rule.when) {
                Ok(true) => return Decision::Excluded(Cow::Borrowed(&rule.because)),
                Ok(false) => {}
                Err(fault) => return Decision::Held(fault.to_string()),
            }
        }
        self.shape((map, queue), reports, losses)
    }

    /// The decision of the `exclude` table where it is not `keep`.
    pub fn excluded(&self) -> Option<Decision<'r>> {
        let table = self.entity.exclude.as_ref()?;
        match table.decide(self) {
            Ok(RowResult::Keep | RowResult::Become { .. }) => None,
            Ok(RowResult::Exclude(because)) => Some(Decision::Excluded(Cow::Borrowed(because))),
            Ok(RowResult::Hold(reason)) => Some(Decision::Held(reason.clone())),
            Ok(RowResult::Stop(reason)) => Some(Decision::Stop(reason.clone())),
            Err(fault) => Some(Decision::Held(fault.to_string())),
        }
    }

    fn target(&self) -> Result<(TargetId, Option<&'r str>), Decision<'r>> {
        let Some(table) = &self.entity.decide else {
            let only = self.entity.maps.first();
            let missing = || Decision::Stop(format!("no map for {}", self.entity.entity));
            return only.map(|map| (map.target, None)).ok_or_else(missing);
        };
        match table.decide(self) {
            Ok(RowResult::Become { target, queue }) => Ok((*target, queue.as_deref())),
            Ok(RowResult::Keep) => Err(Decision::Stop("the table keeps without a target".into())),
            Ok(RowResult::Exclude(because)) => Err(Decision::Excluded(Cow::Borrowed(because))),
            Ok(RowResult::Hold(reason)) => Err(Decision::Held(reason.clone())),
            Ok(RowResult::Stop(reason)) => Err(Decision::Stop(reason.clone())),
            Err(fault) => Err(Decision::Held(fault.to_string())),
        }
    }

    fn shape(
        &self,
        (map, queue): (&'r MapPlan, Option<&'r str>),
        reports: &mut Vec<Report>,
        mut losses: Option<&mut Vec<Loss>>,
    ) -> Decision<'r> {
        let Some(target) = self.plan.targets.get(usize::from(map.target.0)) else {
            return Decision::Stop("the plan has no such target".to_owned());
        };
        let mut shaped = Shaped {
            target_id: map.target,
            target,
            key: None,
            fields: Vec::with_capacity(map.lines.len() + 1),
            alternatives: Vec::new(),
            links: Vec::new(),
            queue,
            attachments: Vec::new(),
            as_activity: map.as_activity.is_some(),
            existing: map.existing,
            existing_fields: &map.existing_fields,
        };
        let mut given_up: Vec<SlotId> = Vec::new();
        for line in map.key.iter().chain(&map.lines) {
            let value = match &mut losses {
                Some(losses) => self.losing(line, target, losses),
                None => self.value(&line.value),
            };
            match self.given(value, (line, target), &mut given_up, reports) {
                Given::Value(value) if value.is_blank() => {}
                Given::Value(value)
                    if map.key.as_ref().is_some_and(|key| key.field == line.field) =>
                {
                    shaped.key = Some((line.field, value));
                }
                Given::Value(value) if is_of_links(target, line) => {
                    shaped.attachments.extend(links_of(&value, target, line));
                }
                Given::Value(value) => shaped.fields.push((line.field, value)),
                Given::Attach(content) => {
                    let field = target.fields.get(usize::from(line.field));
                    let field = field.map_or("text", |it| it.name.as_str());
                    if let Some(beginning) =
                        line.attach_above.and_then(|it| beginning(&content, it))
                    {
                        shaped.fields.push((line.field, Value::owned(beginning)));
                    }
                    shaped.attachments.push(Attachment {
                        name: format!("{field}.txt"),
                        content,
                        kind: AttachmentKind::File,
                    });
                }
                Given::Hold(reason) => return Decision::Held(reason),
                Given::Stop(reason) => return Decision::Stop(reason),
            }
        }
        if let Some(key) = &map.key
            && shaped.key.is_none()
        {
            return Decision::Held(format!("line {}: the key is blank", key.rule_line));
        }
        for line in &map.links {
            match self.link(line, target, reports) {
                Ok(Some(link)) => shaped.links.push(link),
                Ok(None) => {}
                Err(decision) => return decision,
            }
        }
        for collision in &map.collisions {
            match self.value(&collision.value) {
                Ok(value) if value.is_blank() => {}
                Ok(value) => shaped.alternatives.push((collision.field, value)),
                Err(fault) => {
                    return Decision::Held(format!("line {}: {fault}", collision.rule_line));
                }
            }
        }
        if let Some(decision) = self.rest(map, &given_up, &mut shaped, reports) {
            return decision;
        }
        self.tighten_consent(&mut shaped);
        missing(&shaped).map_or_else(|| Decision::Draft(Box::new(shaped)), Decision::Held)
    }

    pub(super) fn line(
        &self,
        line: &'r Line,
        target: &'r TargetPlan,
        given_up: &mut Vec<SlotId>,
        reports: &mut Vec<Report>,
    ) -> Given<'r> {
        self.given(self.value(&line.value), (line, target), given_up, reports)
    }

    /// What the line gives for its value.
    fn given(
        &self,
        value: Result<Value<'r>, Fault>,
        (line, target): (&'r Line, &'r TargetPlan),
        given_up: &mut Vec<SlotId>,
        reports: &mut Vec<Report>,
    ) -> Given<'r> {
        let field = target.fields.get(usize::from(line.field));
        if let (Some(above), Ok(Value::Text(text))) = (line.attach_above, &value)
            && text.len() > above
            && text.chars().count() > above
        {
            let name = field.map_or("", |it| &it.name);
            let message = format!("attached as a file: more than {above} characters");
            reports.push(report(line.rule_line, name, message));
            return Given::Attach(text.to_string());
        }
        let value = value.and_then(|value| {
            // Functions have looked inside already; what is copied as it is has not been.
            if let (Value::Json(raw), Expression::Slot(_)) = (&value, &line.value) {
                canonical::canonical(raw)
                    .map_err(|error| Fault::new(FaultKind::WrongType, error.to_string()))?;
            }
            if let Some(field) = field {
                fit(&value, field)?;
            }
            Ok(value)
        });
        let fault = match value {
            Ok(value) if value.is_blank() => {
                self.report_blanked(line, field, given_up, reports);
                return Given::Value(value);
            }
            Ok(value) => return Given::Value(value),
            Err(fault) => fault,
        };
        let name = field.map_or("", |field| &field.name);
        match self.policy(line, &fault) {
            Policy::Hold => Given::Hold(format!("line {}, {name}: {fault}", line.rule_line)),
            Policy::Stop => Given::Stop(format!("line {}, {name}: {fault}", line.rule_line)),
            Policy::BlankReport => {
                given_up.extend(&line.slots);
                reports.push(report(line.rule_line, name, format!("left blank: {fault}")));
                Given::Value(Value::Absent)
            }
            Policy::Value(constant) => {
                given_up.extend(&line.slots);
                reports.push(report(
                    line.rule_line,
                    name,
                    format!("set by the rule: {fault}"),
                ));
                Given::Value(constant.value())
            }
        }
    }

    /// A declaration with `else blank, report` gives a value up before any line sees it.
    fn report_blanked(
        &self,
        line: &Line,
        field: Option<&Field>,
        given_up: &mut Vec<SlotId>,
        reports: &mut Vec<Report>,
    ) {
        for slot in &line.slots {
            let index = usize::from(slot.0);
            let cell = self.record.cells.get(index);
            let spec = self.entity.slots.get(index);
            if let (Some(cell), Some(spec)) = (cell, spec)
                && spec.wrong_type == WrongTypePolicy::BlankReport
                && let Err(fault) = cell::value(cell, spec, self.latest)
            {
                let name = field.map_or("", |field| &field.name);
                reports.push(report(line.rule_line, name, format!("left blank: {fault}")));
                given_up.push(*slot);
            }
        }
    }

    /// A look-up answers its own faults; everything else is the line's to answer.
    fn policy(&self, line: &'r Line, fault: &Fault) -> &'r Policy {
        let Expression::User(id) = &line.value else {
            return &line.policy;
        };
        let Some(lookup) = self.entity.user_lookups.get(usize::from(id.0)) else {
            return &line.policy;
        };
        match fault.kind {
            FaultKind::NotFound => match &lookup.none {
                NonePolicy::Hold | NonePolicy::Value(_) => &Policy::Hold,
                NonePolicy::BlankReport => &Policy::BlankReport,
                NonePolicy::Stop => &Policy::Stop,
            },
            FaultKind::MoreThanOne => match lookup.many {
                ManyPolicy::BlankReport => &Policy::BlankReport,
                ManyPolicy::Stop => &Policy::Stop,
                ManyPolicy::Hold
                | ManyPolicy::Newest
                | ManyPolicy::Oldest
                | ManyPolicy::Primary
                | ManyPolicy::All => &Policy::Hold,
            },
            FaultKind::WrongType | FaultKind::NotOnList | FaultKind::TooLong => &line.policy,
        }
    }

    pub(super) fn link(
        &self,
        line: &'r LinkLine,
        target: &'r TargetPlan,
        reports: &mut Vec<Report>,
    ) -> Result<Option<Link>, Decision<'r>> {
        let field = target.fields.get(usize::from(line.field));
        let name = field.map_or("", |it| it.name.as_str());
        let met: Vec<&Related> = self
            .record
            .related
            .iter()
            .filter(|it| it.is_met_by(line))
            .collect();
        if met.is_empty() {
            return Ok(None);
        }
        let there: Vec<&Related> = met
            .iter()
            .copied()
            .filter(|it| it.state == RelatedState::Drafted)
            .collect();
        if line.by_value.is_some() && there.is_empty() {
            let message = "no record has the value that is looked for".to_owned();
            reports.push(report(line.rule_line, name, message));
        } else if there.len() < met.len() {
            let gone = met.len() - there.len();
            let message = format!("{gone} of {} linked records will not be there", met.len());
            reports.push(report(line.rule_line, name, message));
        }
        if there.is_empty() {
            let reason = match line.by_value {
                Some(_) => "no record has the value that is looked for",
                None => "none of the linked records will be there",
            };
            return match line.none {
                NonePolicy::Hold => {
                    Err(Decision::Held(format!("line {}: {reason}", line.rule_line)))
                }
                NonePolicy::Stop => {
                    Err(Decision::Stop(format!("line {}: {reason}", line.rule_line)))
                }
                NonePolicy::BlankReport | NonePolicy::Value(_) => Ok(None),
            };
        }
        let chosen = choose(line, &there).map_err(|stop| {
            let reason = format!("line {}: several linked records", line.rule_line);
            if stop {
                Decision::Stop(reason)
            } else {
                Decision::Held(reason)
            }
        })?;
        if chosen.is_empty() {
            let message = "left blank: several linked records".to_owned();
            reports.push(report(line.rule_line, name, message));
            return Ok(None);
        }
        if let Some(FieldKind::Links { max: Some(max), .. }) = field.map(|it| &it.kind)
            && chosen.len() > usize::try_from(*max).unwrap_or(usize::MAX)
        {
            // Writing only some of them would lose the others without a word.
            return Err(Decision::Held(format!(
                "line {}: `{name}` takes {max} records, found {}",
                line.rule_line,
                chosen.len()
            )));
        }
        let kind = self.plan.targets.get(usize::from(line.target.0));
        Ok(Some(Link {
            field: name.to_owned(),
            target: kind.map_or_else(String::new, |target| target.name.clone()),
            to: chosen,
        }))
    }

    fn rest(
        &self,
        map: &'r MapPlan,
        given_up: &[SlotId],
        shaped: &mut Shaped<'r>,
        reports: &mut Vec<Report>,
    ) -> Option<Decision<'r>> {
        let rest = map.rest.as_ref()?;
        let mut tree = Tree::default();
        for extra in self.record.extra.iter().filter(|extra| extra.raw != "null") {
            tree.put(extra.path, &extra.key, extra.raw);
        }
        for slot in given_up {
            let index = usize::from(slot.0);
            let spec = self.entity.slots.get(index);
            let cell = self.record.cells.get(index);
            if let (Some(spec), Some(Cell::Raw(raw))) = (spec, cell)
                && *raw != "null"
                && let Some((last, path)) = spec.path.split_last()
            {
                tree.put(path, last, raw);
            }
        }
        if tree.members.is_empty() {
            return None;
        }
        let mut text = String::new();
        if let Err(error) = tree.write(&mut text) {
            return Some(Decision::Rejected(error.to_string()));
        }
        let field = shaped.target.fields.get(usize::from(rest.field))?;
        // Bytes are never fewer than characters.
        if let Some(above) = rest.attach_above
            && text.len() > above
            && text.chars().count() > above
        {
            let message = format!("attached as a file: more than {above} characters");
            reports.push(report(rest.rule_line, &field.name, message));
            shaped.attachments.push(Attachment {
                name: format!("{}.json", field.name),
                content: text,
                kind: AttachmentKind::File,
            });
            return None;
        }
        let text = Value::owned(text);
        if let Err(fault) = fit(&text, field) {
            return Some(Decision::Held(format!("line {}: {fault}", rest.rule_line)));
        }
        shaped.fields.push((rest.field, text));
        None
    }

    /// Nothing a rule says may be weaker than what any record with the same identity says.
    fn tighten_consent(&self, shaped: &mut Shaped<'r>) {
        let (Some(consent), Some(strictest)) =
            (&self.entity.consent, &self.record.strictest_consent)
        else {
            return;
        };
        let rank = |word: &str| {
            let found = consent.strictness.iter().position(|it| it == word);
            found.unwrap_or(consent.strictness.len())
        };
        let names = &shaped.target.fields;
        for (index, value) in &mut shaped.fields {
            let is_consent = names
                .get(usize::from(*index))
                .is_some_and(|it| it.name == consent.field);
            if let (true, Value::Text(word)) = (is_consent, &*value)
                && rank(strictest) < rank(word)
            {
                *value = Value::text(strictest);
            }
        }
    }

    /// The record's own consent word, whatever becomes of it; a fault reads as the strictest word
    /// but spam and bounce, since a sign that cannot be read must not subscribe anybody.
    pub fn consent_word(&self) -> Option<Cow<'r, str>> {
        let consent = self.entity.consent.as_ref()?;
        match self.value(&consent.value) {
            Ok(Value::Text(word)) => Some(word),
            Ok(_) => None,
            Err(_) => {
                // Two words are a yes and a no; of more, the last two subscribe or may.
                let words = consent.strictness.len();
                let strict = words.checked_sub(3).or_else(|| words.checked_sub(2))?;
                consent
                    .strictness
                    .get(strict)
                    .map(|word| Cow::Borrowed(word.as_str()))
            }
        }
    }
}

fn report(rule_line: u32, field: &str, message: String) -> Report {
    Report {
        rule_line,
        field: field.to_owned(),
        message,
    }
}

/// What a destination demands and this draft lacks.
fn missing(shaped: &Shaped<'_>) -> Option<String> {
    let has = |name: &str| {
        let is_it = |(index, _): &(u16, Value<'_>)| {
            shaped
                .target
                .fields
                .get(usize::from(*index))
                .is_some_and(|it| it.name == name)
        };
        shaped.fields.iter().chain(&shaped.key).any(is_it)
    };
    for (index, field) in (0_u16..).zip(&shaped.target.fields) {
        let is_it = |(of, _): &(u16, Value<'_>)| *of == index;
        if field.required && !shaped.fields.iter().chain(&shaped.key).any(is_it) {
            return Some(format!("`{}` is required and would be blank", field.name));
        }
    }
    match shaped.target.needs {
        Needs::Email if !has("email") => {
            Some("the destination takes nobody without an e-mail address".to_owned())
        }
        Needs::EmailOrMobile if !has("email") && !has("mobile_number") => Some(
            "the destination takes nobody without an e-mail address or a mobile number".to_owned(),
        ),
        Needs::Nothing | Needs::Email | Needs::EmailOrMobile => None,
    }
}

/// The ends to link, the primary one marked and first; `Err(true)` stops, `Err(false)` holds.
fn choose(line: &LinkLine, there: &[&Related]) -> Result<Vec<LinkTo>, bool> {
    let to = |it: &Related, primary| LinkTo {
        source: it.to.clone(),
        primary,
    };
    if let [only] = there {
        return Ok(vec![to(only, true)]);
    }
    let primary = primary_of(line, there);
    match line.many {
        ManyPolicy::Hold => Err(false),
        ManyPolicy::Stop => Err(true),
        ManyPolicy::BlankReport => Ok(Vec::new()),
        ManyPolicy::Newest => Ok(newest(there).map(|it| to(it, true)).into_iter().collect()),
        ManyPolicy::Oldest => Ok(oldest(there).map(|it| to(it, true)).into_iter().collect()),
        ManyPolicy::Primary => match primary {
            Some(it) => Ok(vec![to(it, true)]),
            None => Err(false),
        },
        ManyPolicy::All => {
            let mut all: Vec<LinkTo> = Vec::with_capacity(there.len());
            all.extend(primary.map(|it| to(it, true)));
            let is_primary = |it: &Related| primary.is_some_and(|primary| primary.to == it.to);
            all.extend(
                there
                    .iter()
                    .filter(|it| !is_primary(it))
                    .map(|it| to(it, false)),
            );
            Ok(all)
        }
    }
}

fn primary_of<'x>(line: &LinkLine, there: &[&'x Related]) -> Option<&'x Related> {
    if let Some(marked) = there.iter().find(|it| it.primary) {
        return Some(marked);
    }
    match line.no_primary {
        Some(ManyPolicy::Newest) => newest(there),
        Some(ManyPolicy::Oldest) => oldest(there),
        Some(
            ManyPolicy::Hold
            | ManyPolicy::BlankReport
            | ManyPolicy::Stop
            | ManyPolicy::Primary
            | ManyPolicy::All,
        )
        | None => None,
    }
}

fn newest<'x>(there: &[&'x Related]) -> Option<&'x Related> {
    there.iter().copied().rev().max_by_key(|it| it.created)
}

fn oldest<'x>(there: &[&'x Related]) -> Option<&'x Related> {
    there
        .iter()
        .copied()
        .min_by_key(|it| it.created.unwrap_or(i64::MAX))
}

/// The JSON object of `rest`, before it is text.
#[derive(Default)]
struct Tree<'t> {
    members: BTreeMap<&'t str, Branch<'t>>,
}

enum Branch<'t> {
    Leaf(&'t str),
    Tree(Tree<'t>),
}

impl<'t> Tree<'t> {
    fn put(&mut self, path: &'t [String], key: &'t str, raw: &'t str) {
        let Some((step, path)) = path.split_first() else {
            self.members.insert(key, Branch::Leaf(raw));
            return;
        };
        let branch = self
            .members
            .entry(step)
            .or_insert_with(|| Branch::Tree(Tree::default()));
        // A leaf here already holds all that stands below it.
        if let Branch::Tree(tree) = branch {
            tree.put(path, key, raw);
        }
    }

    fn write(&self, text: &mut String) -> Result<(), CanonicalError> {
        text.push('{');
        for (index, (key, branch)) in self.members.iter().enumerate() {
            if index > 0 {
                text.push(',');
            }
            text.push_str(&serde_json::to_string(key).map_err(|_| CanonicalError::Invalid)?);
            text.push(':');
            match branch {
                Branch::Leaf(raw) => canonical::write(raw, text)?,
                Branch::Tree(tree) => tree.write(text)?,
            }
        }
        text.push('}');
        Ok(())
    }
}
