//! A destination in memory: unique keys, records that were there before, and faults by script.
//!
//! It knows `account`, `contact` and `lead` with keys and links, and `note` as a child without a key. As the suite
//! edition, leads are contacts; as the classic one they are records of their own and consent is yes or no.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::resume_unwind;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use mapwright::clock::{Clock, TestClock};
use mapwright::http::Pacer;
use mapwright::model::{
    Choice, Field, FieldKind, FieldValue, FieldWanted, Key, Scalar, Schema, Target,
};
use mapwright::port::{
    Action, Attached, Child, Destination, DestinationId, Found, FoundBy, Identity, Listed, Placed,
    PortError, Prepared, Present, Restored, Sight, Step, Undo, UndoHow, Verdict, Want,
};
use mapwright::run::Stop;

pub(crate) const CONSENT: &str = "subscription_status";
pub(crate) const STRICTNESS: [&str; 4] =
    ["Reported as spam", "Bounced", "Unsubscribed", "Subscribed"];

/// Consent in the classic edition, strictest first.
pub(crate) const DISTURB: &str = "do_not_disturb";
pub(crate) const DISTURB_STRICTNESS: [&str; 2] = ["Yes", "No"];

/// Which Freshsales it stands for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Contacts and accounts.
    #[default]
    Plain,
    Suite,
    Classic,
}

/// What was really done to a record, whatever was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deed {
    Create,
    Update,
    Remove,
    Restore,
}

/// A line of the log that only tests see.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Truth {
    /// The ledger's number of the intent.
    pub(crate) number: i64,
    pub(crate) deed: Deed,
    pub(crate) id: i64,
}

/// What happens to one written step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    Refuse,
    UnknownApplied,
    UnknownNotApplied,
    NotSent,
    /// One delivery is taken twice on the way.
    Doubled,
    /// The destination says yes, and the consent is `Subscribed` all the same.
    ConsentSlips,
}

/// The process dies here; nothing prints.
#[derive(Debug)]
pub(crate) struct Death;

#[derive(Clone, Debug, Default)]
pub(crate) struct Record {
    pub(crate) kind: String,
    pub(crate) fields: BTreeMap<String, Scalar>,
    pub(crate) links: BTreeMap<String, Vec<DestinationId>>,
}

#[derive(Clone, Debug)]
pub(crate) struct Note {
    pub(crate) parent: DestinationId,
    pub(crate) marker: Option<String>,
    pub(crate) body: String,
}

#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) records: BTreeMap<i64, Record>,
    pub(crate) notes: BTreeMap<i64, Note>,
    pub(crate) custom: Vec<FieldWanted>,
    pub(crate) store: String,
    pub(crate) shape: Shape,
    pub(crate) truth: Vec<Truth>,
    /// Somebody asks the load to stop at this call.
    pub(crate) stop: Option<(u64, Arc<Stop>)>,
    /// Fault of the n-th written step, counted from 0.
    pub(crate) faults: BTreeMap<u64, Fault>,
    /// A value that is refused in any field.
    pub(crate) poison: Option<String>,
    /// One poisoned record refuses its whole batch.
    pub(crate) refuses_whole: bool,
    pub(crate) by_hand: bool,
    pub(crate) find_outages: u32,
    pub(crate) batch_max: usize,
    pub(crate) largest_batch: usize,
    pub(crate) steps: u64,
    pub(crate) calls: u64,
    /// Dies at this call; after it was done, or before.
    pub(crate) death: Option<(u64, bool)>,
    pub(crate) dead: bool,
    /// Children that were sent before their record.
    pub(crate) orphans: u64,
    pub(crate) meter: Option<Meter>,
    /// From so many-th canary write on, what a workflow writes into which field.
    pub(crate) automation: Option<(u32, String, String)>,
    stirred: u32,
    next: i64,
}

/// A quota on a counted clock, and when each request was sent.
#[derive(Debug)]
pub(crate) struct Meter {
    pub(crate) pacer: Pacer,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) sent: Vec<Timestamp>,
}

#[derive(Clone, Debug)]
pub(crate) struct MemoryDestination(Arc<Mutex<State>>);

impl MemoryDestination {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Mutex::new(State {
            store: "store-1".to_owned(),
            batch_max: 100,
            next: 1_000,
            ..State::default()
        })))
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A record that a person made before us.
    pub(crate) fn seed(&self, kind: &str, fields: &[(&str, &str)]) -> DestinationId {
        let mut state = self.state();
        let record = Record {
            kind: kind.to_owned(),
            fields: fields
                .iter()
                .map(|(name, value)| ((*name).to_owned(), Scalar::Text((*value).to_owned())))
                .collect(),
            links: BTreeMap::new(),
        };
        state.add(record)
    }

    /// The end state without ids: they depend on the order of requests.
    pub(crate) fn snapshot(&self) -> String {
        let state = self.state();
        let name = |id: &DestinationId| {
            let fields = &state.records[&id.0].fields;
            format!("{:?}/{:?}", fields.get("name"), fields.get("email"))
        };
        let mut lines: Vec<String> = state
            .records
            .values()
            .map(|record| {
                let links: Vec<(&String, Vec<String>)> = record
                    .links
                    .iter()
                    .map(|(field, ids)| (field, ids.iter().map(name).collect()))
                    .collect();
                format!("{} {:?} {links:?}", record.kind, record.fields)
            })
            .chain(
                state
                    .notes
                    .values()
                    .map(|note| format!("note on {}: {:?}", name(&note.parent), note.body)),
            )
            .collect();
        lines.sort();
        lines.join("\n")
    }

    /// The record whose field has this text.
    pub(crate) fn id_of(&self, field: &str, value: &str) -> i64 {
        let value = Scalar::Text(value.to_owned());
        let state = self.state();
        let mut found = state.records.iter();
        let found = found.find(|(_, record)| record.fields.get(field) == Some(&value));
        *found.unwrap().0
    }

    /// What a person types into a record, beside us.
    pub(crate) fn edit(&self, id: i64, field: &str, value: &str) {
        let mut state = self.state();
        let record = state.records.get_mut(&id).unwrap();
        set(record, &text_field(field, value));
    }

    pub(crate) fn text(&self, id: i64, field: &str) -> Option<String> {
        match self.state().records.get(&id)?.fields.get(field) {
            Some(Scalar::Text(text)) => Some(text.clone()),
            _ => None,
        }
    }

    pub(crate) fn consent(&self, email: &str) -> Vec<String> {
        let email = Scalar::Text(email.to_owned());
        self.state()
            .records
            .values()
            .filter(|record| record.fields.get("email") == Some(&email))
            .map(|record| match record.fields.get(CONSENT) {
                Some(Scalar::Text(word)) => word.clone(),
                other => format!("{other:?}"),
            })
            .collect()
    }

    /// Counts the call, and dies where the script says; `done` tells on which side of the work this is.
    fn tick(&self, done: bool) {
        let mut state = self.state();
        if !done {
            state.calls += 1;
        }
        let number = state.calls - 1;
        if let Some((at, stop)) = &state.stop
            && *at == number
        {
            stop.ask();
        }
        if state.dead || state.death == Some((number, done)) {
            state.dead = true;
            drop(state);
            resume_unwind(Box::new(Death));
        }
    }

    /// Waits until the quota has room for one more request.
    fn wait(&self) {
        if let Some(meter) = &mut self.state().meter {
            while let Err(wait) = meter.pacer.take(meter.clock.now()) {
                meter.clock.sleep(wait);
            }
            meter.sent.push(meter.clock.now());
        }
    }

    fn call<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        self.wait();
        self.tick(false);
        let answer = work(&mut self.state());
        self.tick(true);
        answer
    }
}

impl State {
    fn add(&mut self, record: Record) -> DestinationId {
        self.next += 1;
        self.records.insert(self.next, record);
        DestinationId(self.next)
    }

    fn present(&self, id: i64) -> Present {
        let record = &self.records[&id];
        Present {
            id: DestinationId(id),
            fields: record.fields.clone(),
            links: record.links.clone(),
        }
    }

    /// The name of a consent field, and its strictest word last.
    pub(crate) fn consent_words(&self) -> (&'static str, &'static [&'static str]) {
        match self.shape {
            Shape::Plain | Shape::Suite => (CONSENT, &STRICTNESS),
            Shape::Classic => (DISTURB, &DISTURB_STRICTNESS),
        }
    }

    /// As what a record of `target` is kept: a lead of the suite edition is a contact.
    fn kind<'t>(&self, target: &'t str) -> &'t str {
        match (self.shape, target) {
            (Shape::Plain | Shape::Suite, "lead") => "contact",
            (_, target) => target,
        }
    }

    fn tell(&mut self, number: i64, deed: Deed, id: i64) {
        self.truth.push(Truth { number, deed, id });
    }

    fn with(&self, target: &str, key: &Key) -> Vec<i64> {
        let kind = self.kind(target);
        self.records
            .iter()
            .filter(|(_, record)| {
                record.kind == kind
                    && record.fields.get(&key.field) == Some(&Scalar::Text(key.value.clone()))
            })
            .map(|(id, _)| *id)
            .collect()
    }

    fn find(&self, kind: &str, want: &Want) -> Found {
        if let Some(id) = want.id
            && self.records.contains_key(&id.0)
        {
            return Found::One(FoundBy::Id, self.present(id.0));
        }
        let keys = want.key.iter().map(|key| (key, FoundBy::Key));
        let also = want
            .also
            .iter()
            .map(|key| (key, FoundBy::Other(key.field.clone())));
        for (key, by) in keys.chain(also) {
            match self.with(kind, key).as_slice() {
                [] => {}
                [id] => return Found::One(by, self.present(*id)),
                several => {
                    return Found::Several(several.iter().map(|id| DestinationId(*id)).collect());
                }
            }
        }
        Found::Nobody
    }

    /// Fields that nobody filled are told as blank.
    fn sight(&self, id: Option<DestinationId>) -> Option<BTreeMap<String, String>> {
        let record = self.records.get(&id?.0)?;
        let mut fields: BTreeMap<String, String> = ["first_name", "city"]
            .map(|name| (name.to_owned(), String::new()))
            .into();
        for (name, value) in &record.fields {
            if let Scalar::Text(text) = value {
                fields.insert(name.clone(), text.clone());
            }
        }
        Some(fields)
    }

    /// A workflow of the account edits every record that was just written, by its number of the call.
    fn automate(&mut self, target: &str) {
        let Some((from, field, value)) = self.automation.clone() else {
            return;
        };
        self.stirred += 1;
        if self.stirred < from {
            return;
        }
        let of_kind = self
            .records
            .values_mut()
            .filter(|record| record.kind == target);
        if let Some(record) = of_kind.last() {
            set(record, &text_field(&field, &value));
        }
    }

    fn is_poisoned(&self, step: &Step) -> bool {
        step.fields
            .iter()
            .any(|field| match (&field.value, &self.poison) {
                (Scalar::Text(text), Some(poison)) => text == poison,
                _ => false,
            })
    }

    fn write(&mut self, step: &Step) -> Verdict {
        let fault = self.faults.get(&self.steps).copied();
        self.steps += 1;
        let unknown = || Verdict::Unknown {
            because: "silence".to_owned(),
        };
        match fault {
            Some(Fault::Refuse) => refused("scripted"),
            Some(Fault::NotSent) => Verdict::NotSent {
                because: "scripted".to_owned(),
            },
            Some(Fault::UnknownNotApplied) => unknown(),
            Some(Fault::UnknownApplied) => {
                self.apply(step);
                unknown()
            }
            Some(Fault::Doubled) => {
                let verdict = self.apply(step);
                // What has a key is there once all the same.
                if step.target == "note" && step.action == Action::Create {
                    self.apply(step);
                }
                verdict
            }
            Some(Fault::ConsentSlips) => {
                let verdict = self.apply(step);
                if let Verdict::Written(id) = &verdict
                    && let Some(record) = self.records.get_mut(&id.0)
                    && record.fields.contains_key(CONSENT)
                {
                    let word = Scalar::Text("Subscribed".to_owned());
                    record.fields.insert(CONSENT.to_owned(), word);
                }
                verdict
            }
            None => self.apply(step),
        }
    }

    fn undo(&mut self, undo: &Undo) -> Verdict {
        let fault = self.faults.get(&self.steps).copied();
        self.steps += 1;
        if fault == Some(Fault::NotSent) {
            return Verdict::NotSent {
                because: "scripted".to_owned(),
            };
        }
        if fault != Some(Fault::UnknownNotApplied) {
            let deed = match &undo.how {
                UndoHow::Remove => Deed::Remove,
                UndoHow::Restore(_) => Deed::Restore,
            };
            self.tell(undo.number, deed, undo.id.0);
            match &undo.how {
                UndoHow::Remove if undo.target == "note" => {
                    self.notes.remove(&undo.id.0);
                }
                UndoHow::Remove => {
                    self.records.remove(&undo.id.0);
                }
                UndoHow::Restore(restored) => self.restore(undo, restored),
            }
        }
        if matches!(
            fault,
            Some(Fault::UnknownApplied | Fault::UnknownNotApplied)
        ) {
            return Verdict::Unknown {
                because: "silence".to_owned(),
            };
        }
        Verdict::Written(undo.id)
    }

    fn restore(&mut self, undo: &Undo, restored: &Restored) {
        if let Some(note) = self.notes.get_mut(&undo.id.0) {
            if let Some(Scalar::Text(body)) = restored.fields.first().map(|field| &field.value) {
                note.body.clone_from(body);
            }
            return;
        }
        if let Some(record) = self.records.get_mut(&undo.id.0) {
            for field in &restored.fields {
                set(record, field);
            }
            record.links.extend(restored.links.clone());
            record.links.retain(|_, ids| !ids.is_empty());
        }
    }

    fn apply(&mut self, step: &Step) -> Verdict {
        if self.is_poisoned(step) {
            return refused("value is not valid");
        }
        if step.target == "note" {
            return self.apply_note(step);
        }
        let id = match step.action {
            Action::Create => None,
            Action::Update(id) => Some(id.0),
        };
        let mut fields = step.fields.clone();
        if let (None, Some(key)) = (id, &step.key) {
            fields.push(text_field(&key.field, &key.value));
        }
        for field in &fields {
            if let Scalar::Text(value) = &field.value
                && ["email", "name", "external_id", "cf_key"].contains(&field.name.as_str())
            {
                let key = Key {
                    field: field.name.clone(),
                    value: value.clone(),
                };
                if self
                    .with(&step.target, &key)
                    .iter()
                    .any(|other| Some(*other) != id)
                {
                    return refused("has already been taken");
                }
            }
        }
        let deed = if id.is_some() {
            Deed::Update
        } else {
            Deed::Create
        };
        let id = if let Some(id) = id {
            id
        } else {
            let mut record = Record {
                kind: self.kind(&step.target).to_owned(),
                ..Record::default()
            };
            if step.target != "account" {
                let (name, words) = self.consent_words();
                let word = words[words.len() - 1].to_owned();
                record.fields.insert(name.to_owned(), Scalar::Text(word));
            }
            self.add(record).0
        };
        if !self.records.contains_key(&id) {
            return refused("not found");
        }
        self.tell(step.number, deed, id);
        let Some(record) = self.records.get_mut(&id) else {
            return refused("not found");
        };
        for field in &fields {
            set(record, field);
        }
        record.links.extend(step.links.clone());
        Verdict::Written(DestinationId(id))
    }

    fn apply_note(&mut self, step: &Step) -> Verdict {
        let body = render(step);
        let Some((_, parent)) = step.parent else {
            return refused("targetable is missing");
        };
        if !self.records.contains_key(&parent.0) {
            self.orphans += 1;
            return refused("no such record");
        }
        let (deed, id) = match step.action {
            Action::Create => {
                self.next += 1;
                (Deed::Create, self.next)
            }
            Action::Update(id) => (Deed::Update, id.0),
        };
        self.tell(step.number, deed, id);
        let marker = step.marker.clone();
        self.notes.insert(
            id,
            Note {
                parent,
                marker,
                body,
            },
        );
        Verdict::Written(DestinationId(id))
    }
}

impl Destination for MemoryDestination {
    fn identity(&self) -> Result<Identity, PortError> {
        let account = self.call(|state| state.store.clone());
        Ok(Identity {
            system: "memory".to_owned(),
            address: "here".to_owned(),
            account,
        })
    }

    fn schema(&self) -> Result<Schema, PortError> {
        Ok(self.call(|state| schema(state)))
    }

    fn prepare(&self, wanted: &[FieldWanted]) -> Result<Vec<Prepared>, PortError> {
        Ok(self.call(|state| {
            wanted
                .iter()
                .map(|field| {
                    if state.custom.contains(field) {
                        Prepared::AlreadyThere
                    } else if state.by_hand {
                        Prepared::ByHand(format!("make `{}` on {}", field.name, field.target))
                    } else {
                        state.custom.push(field.clone());
                        Prepared::Created
                    }
                })
                .collect()
        }))
    }

    fn recognise(&self, _wanted: &[FieldWanted]) -> Result<(), PortError> {
        self.call(|_| Ok(()))
    }

    fn find(&self, target: &str, wants: &[Want]) -> Result<Vec<Found>, PortError> {
        self.call(|state| {
            if state.find_outages > 0 {
                state.find_outages -= 1;
                return Err(PortError::Unavailable("scripted".to_owned()));
            }
            Ok(wants.iter().map(|want| state.find(target, want)).collect())
        })
    }

    fn listed(&self, target: &str, page: u32) -> Result<Option<Listed>, PortError> {
        const ROWS: usize = 2;
        Ok(self.call(|state| {
            let all = state.records.iter().filter(|(_, it)| it.kind == target);
            let from = ROWS * usize::try_from(page.saturating_sub(1)).unwrap_or(0);
            let mut rest = all.skip(from);
            let records: Vec<Present> = rest
                .by_ref()
                .take(ROWS)
                .map(|(id, record)| Present {
                    id: DestinationId(*id),
                    fields: record.fields.clone(),
                    links: record.links.clone(),
                })
                .collect();
            let next = rest.next().map(|_| page + 1);
            Some(Listed { records, next })
        }))
    }

    fn write(&self, steps: &[Step]) -> Vec<Verdict> {
        self.call(|state| {
            state.largest_batch = state.largest_batch.max(steps.len());
            let keys: BTreeSet<_> = steps
                .iter()
                .filter_map(|step| step.key.as_ref().map(|key| (&key.field, &key.value)))
                .collect();
            let keyed = steps.iter().filter(|step| step.key.is_some()).count();
            assert_eq!(keys.len(), keyed, "two steps with one key in a batch");
            if state.refuses_whole && steps.iter().any(|step| state.is_poisoned(step)) {
                return steps
                    .iter()
                    .map(|_| refused("one record is not valid"))
                    .collect();
            }
            steps.iter().map(|step| state.write(step)).collect()
        })
    }

    fn undo(&self, undos: &[Undo]) -> Vec<Verdict> {
        self.call(|state| undos.iter().map(|undo| state.undo(undo)).collect())
    }

    fn attached(&self, target: &str, id: DestinationId) -> Result<Vec<Attached>, PortError> {
        let attached = |kind: &str, id: i64| Attached {
            kind: kind.to_owned(),
            id: DestinationId(id),
        };
        Ok(self.call(|state| {
            let notes = state.notes.iter().filter(|(_, note)| note.parent == id);
            let notes = notes.map(|(id, _)| attached("note", *id));
            let linked = state.records.iter().filter(|(_, record)| {
                target == "account" && record.links.values().any(|ids| ids.contains(&id))
            });
            let linked = linked.map(|(id, record)| attached(&record.kind, *id));
            notes.chain(linked).collect()
        }))
    }

    fn batch_max(&self, _target: &str) -> usize {
        self.state().batch_max
    }

    fn children(
        &self,
        _kind: &str,
        (_, parent): (&str, DestinationId),
    ) -> Result<Vec<Child>, PortError> {
        Ok(self.call(|state| {
            state
                .notes
                .iter()
                .filter(|(_, note)| note.parent == parent)
                .map(|(id, note)| Child {
                    id: DestinationId(*id),
                    marker: note.marker.clone(),
                    fields: BTreeMap::from([("body".to_owned(), Scalar::Text(note.body.clone()))]),
                })
                .collect()
        }))
    }

    fn rendered(&self, step: &Step) -> BTreeMap<String, Scalar> {
        BTreeMap::from([("body".to_owned(), Scalar::Text(render(step)))])
    }

    fn place(&self, target: &str, address: &str) -> Placed {
        let step = Step {
            number: 0,
            target: target.to_owned(),
            action: Action::Create,
            key: None,
            fields: vec![
                text_field("email", address),
                text_field(CONSENT, "Unsubscribed"),
            ],
            off: BTreeMap::new(),
            links: BTreeMap::new(),
            queue: None,
            parent: None,
            marker: None,
        };
        self.call(|state| {
            let verdict = state.write(&step);
            let fields = state.sight(step_id(&verdict)).unwrap_or_default();
            state.automate(target);
            Placed { verdict, fields }
        })
    }

    fn stir(&self, target: &str, id: DestinationId) -> Placed {
        let changed = text_field("first_name", "Test");
        let step = Step {
            number: 0,
            target: target.to_owned(),
            action: Action::Update(id),
            key: None,
            fields: vec![changed],
            off: BTreeMap::new(),
            links: BTreeMap::new(),
            queue: None,
            parent: None,
            marker: None,
        };
        self.call(|state| {
            let verdict = state.write(&step);
            state.automate(target);
            Placed {
                verdict,
                fields: BTreeMap::from([("first_name".to_owned(), "Test".to_owned())]),
            }
        })
    }

    fn sight(&self, _target: &str, id: DestinationId) -> Result<Option<Sight>, PortError> {
        Ok(self.call(|state| {
            let fields = state.sight(Some(id))?;
            let notes = state.notes.iter().filter(|(_, note)| note.parent == id);
            let strange = notes.map(|(_, note)| format!("a note `{}`", note.body));
            Some(Sight {
                fields,
                strange: strange.collect(),
            })
        }))
    }

    fn calls(&self) -> u64 {
        self.state().calls
    }
}

fn step_id(verdict: &Verdict) -> Option<DestinationId> {
    match verdict {
        Verdict::Written(id) => Some(*id),
        Verdict::Refused { .. } | Verdict::Unknown { .. } | Verdict::NotSent { .. } => None,
    }
}

/// An empty text makes a field blank.
fn set(record: &mut Record, field: &FieldValue) {
    if field.value == Scalar::Text(String::new()) {
        record.fields.remove(&field.name);
    } else {
        record
            .fields
            .insert(field.name.clone(), field.value.clone());
    }
}

pub(crate) fn text_field(name: &str, value: &str) -> FieldValue {
    FieldValue {
        name: name.to_owned(),
        value: Scalar::Text(value.to_owned()),
    }
}

fn render(step: &Step) -> String {
    let mut lines: Vec<String> = step
        .fields
        .iter()
        .map(|field| match &field.value {
            Scalar::Text(text) => text.clone(),
            value @ (Scalar::Number(_)
            | Scalar::Boolean(_)
            | Scalar::Date(_)
            | Scalar::Time(_)
            | Scalar::TextList(_)
            | Scalar::Json(_)) => format!("{value:?}"),
        })
        .collect();
    lines.extend(step.marker.iter().map(|marker| format!("[{marker}]")));
    lines.join("\n")
}

fn refused(message: &str) -> Verdict {
    Verdict::Refused {
        status: 400,
        messages: vec![message.to_owned()],
    }
}

fn schema(state: &State) -> Schema {
    let custom = &state.custom;
    let field = |name: &str, kind: FieldKind| Field {
        name: name.to_owned(),
        label: name.to_owned(),
        kind,
        required: false,
        writable: true,
        unique: false,
        place: Vec::new(),
    };
    let text = |name: &str| field(name, FieldKind::Text { max: None });
    let target = |name: &str, fields: Vec<Field>| Target {
        fields: fields
            .into_iter()
            .chain(
                custom
                    .iter()
                    .filter(|wanted| wanted.target == name)
                    .map(|wanted| field(&wanted.name, wanted.kind.clone())),
            )
            .collect(),
        name: name.to_owned(),
        child: name == "note",
        consent: name == "contact" || name == "lead",
        ..Target::default()
    };
    let (consent_name, words) = state.consent_words();
    let consent = FieldKind::Choice {
        choices: words
            .iter()
            .map(|word| Choice {
                id: (*word).to_owned(),
                label: (*word).to_owned(),
            })
            .collect(),
        strictness: words.iter().map(|word| (*word).to_owned()).collect(),
    };
    let links = FieldKind::Links {
        target: "account".to_owned(),
        max: Some(10),
    };
    let lead = target(
        "lead",
        vec![
            text("external_id"),
            text("email"),
            text("first_name"),
            field(consent_name, consent.clone()),
        ],
    );
    let leads = (state.shape != Shape::Plain).then_some(lead);
    Schema {
        system: "memory".to_owned(),
        targets: vec![
            target(
                "account",
                vec![text("cf_key"), text("name"), text("website")],
            ),
            target(
                "contact",
                vec![
                    text("external_id"),
                    text("email"),
                    text("first_name"),
                    field(consent_name, consent),
                    field("accounts", links),
                ],
            ),
            target("note", vec![text("title"), text("body")]),
        ]
        .into_iter()
        .chain(leads)
        .collect(),
        ..Schema::default()
    }
}
