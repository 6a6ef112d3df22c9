//! The quiesce canary: before anything is written to an account, a test person who opted out is put there, changed and
//! watched. What happens to it by itself would happen to everybody.
//!
//! The ledger knows of it before the destination does. It is taken away whatever happens, by the next command at the
//! latest, and nothing counts it.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use crate::ledger::{Ledger, LeftCanary};
use crate::model::{Key, Schema};
use crate::port::{Destination, DestinationId, Found, Placed, Sight, Undo, UndoHow, Verdict, Want};

use super::Load;
use super::error::{Halt, RunError};
use super::options::Canary;
use super::patience::{Patience, prove_length};
use super::send::is_denied;

/// What was asked for longer ago than this is found if it is there: searches lag by up to 30 seconds
/// (reference/freshsales.md 19).
const LAG_S: i64 = 31;

/// Looks at what may lag, with pauses of 1, 2, 4, 8 and 16 seconds between them.
const LOOKS: u32 = 6;

/// Test persons of one target before it is given up: an answer may be lost.
const TRIES: u32 = 3;

const LOOKING: &str = "looking at a test contact";

/// A test person with its fields as they were told, or why the destination takes none.
type Made = Result<(DestinationId, BTreeMap<String, String>), String>;

/// Ledger and destination, as far as test persons need them.
pub(super) struct Cage<'a> {
    pub(super) ledger: &'a mut Ledger,
    pub(super) destination: &'a dyn Destination,
    pub(super) patience: Patience<'a>,
}

impl Load<'_> {
    /// Takes away what an earlier command left, and proves that nothing happens by itself where that is demanded.
    pub(super) fn quiesce(&mut self) -> Result<(), Halt> {
        self.cage().remove_left()?;
        let Some(canary) = self.options.canary.clone() else {
            return Ok(());
        };
        let destination = self.destination;
        let schema = self
            .patience
            .ask("reading the destination's fields", || destination.schema())?;
        let targets = self.people(&schema);
        let mut seen = Vec::new();
        for target in &targets {
            self.progress.started("canary", 1);
            let watched = self.watch(target, &canary);
            let removed = self.cage().remove_left();
            for one in watched? {
                let one = format!("{target}: {one}");
                if !seen.contains(&one) {
                    seen.push(one);
                }
            }
            removed?;
            self.progress.advanced("canary", 1);
        }
        self.progress.finished("canary");
        let accepted = canary.accepted.filter(|_| !seen.is_empty());
        self.ledger
            .judge_quiet(self.run, &targets, &seen, accepted.as_deref())?;
        if seen.is_empty() || accepted.is_some() {
            return Ok(());
        }
        Err(RunError::Automation(seen).into())
    }

    fn cage(&mut self) -> Cage<'_> {
        Cage {
            ledger: self.ledger,
            destination: self.destination,
            patience: self.patience,
        }
    }

    /// The targets of this load whose records are people.
    fn people(&self, schema: &Schema) -> Vec<String> {
        let is_people = |name: &String| schema.target(name).is_some_and(|it| it.consent);
        let targets = self.options.phases.iter().map(|phase| phase.target.clone());
        targets.filter(is_people).collect()
    }

    /// What happens by itself to one test person; it is still there afterwards.
    fn watch(&mut self, target: &str, canary: &Canary) -> Result<Vec<String>, Halt> {
        let (id, said) = match self.make(target)? {
            Ok(made) => made,
            Err(refusal) => return untaken(canary, refusal),
        };
        let mut seen = Vec::new();
        let first = self.sight(target, id)?;
        compare(&said, &first, &mut seen);
        self.pass(canary.watch_s / 2)?;
        let second = self.sight(target, id)?;
        compare(&first.fields, &second, &mut seen);
        let destination = self.destination;
        let stirred = destination.stir(target, id);
        match stirred.verdict {
            Verdict::Written(_) | Verdict::Unknown { .. } | Verdict::NotSent { .. } => {}
            Verdict::Refused { status, .. } if is_denied(status) => {
                return Err(denied(status));
            }
            Verdict::Refused { status, messages } => {
                let refusal = format!("{} (status {status})", messages.join("; "));
                return untaken(canary, refusal);
            }
        }
        self.pass(canary.watch_s.div_ceil(2))?;
        let third = self.sight(target, id)?;
        let mut before = second.fields;
        // Where nobody knows whether it was changed, either may stand there.
        for (name, value) in stirred.fields {
            let is_done = third.fields.get(&name) == Some(&value);
            if is_done || matches!(stirred.verdict, Verdict::Written(_)) {
                before.insert(name, value);
            }
        }
        compare(&before, &third, &mut seen);
        Ok(seen)
    }

    /// Makes a test person; where an answer is lost, another one, and takes the lost one away.
    fn make(&mut self, target: &str) -> Result<Made, Halt> {
        let mut tries = 0;
        loop {
            tries += 1;
            let left = self.ledger.mean_canary(self.run, target, address)?;
            let Placed { verdict, fields } = self.destination.place(target, &left.address);
            let because = match verdict {
                Verdict::Written(id) => {
                    self.ledger.canary_is_there(left.number, id.0)?;
                    return Ok(Ok((id, fields)));
                }
                Verdict::Refused { status, messages } => {
                    self.ledger.canary_is_gone(left.number)?;
                    if is_denied(status) {
                        return Err(denied(status));
                    }
                    let words = messages.join("; ");
                    return Ok(Err(format!("{words} (status {status})")));
                }
                Verdict::NotSent { because } => {
                    self.ledger.canary_is_gone(left.number)?;
                    because
                }
                Verdict::Unknown { because } => because,
            };
            if tries >= TRIES {
                return Err(RunError::Unavailable {
                    doing: "making a test contact",
                    tries,
                    because,
                }
                .into());
            }
            self.cage().remove_left()?;
            self.patience.pause(tries)?;
        }
    }

    fn sight(&self, target: &str, id: DestinationId) -> Result<Sight, Halt> {
        for look in 1..=LOOKS {
            let destination = self.destination;
            let sight = self
                .patience
                .ask(LOOKING, || destination.sight(target, id))?;
            if let Some(sight) = sight {
                return Ok(sight);
            }
            self.pass(1 << (look - 1))?;
        }
        Err(RunError::Odd {
            doing: LOOKING,
            because: "it is not there after it was made".to_owned(),
        }
        .into())
    }

    fn pass(&self, seconds: u32) -> Result<(), Halt> {
        pass(&self.patience, seconds)
    }
}

impl Cage<'_> {
    /// Takes away every test person that may still be there.
    pub(super) fn remove_left(&mut self) -> Result<(), Halt> {
        for left in self.ledger.canaries_left()? {
            let ids = match left.destination {
                Some(id) => vec![DestinationId(id)],
                None => self.look_for(&left)?,
            };
            for id in ids {
                self.remove(&left, id)?;
            }
            self.ledger.canary_is_gone(left.number)?;
        }
        Ok(())
    }

    /// Whoever has the address of a test person of which nobody knows whether it was made.
    fn look_for(&self, left: &LeftCanary) -> Result<Vec<DestinationId>, Halt> {
        let meant: Option<Timestamp> = left.meant.parse().ok();
        let age = meant.map(|meant| self.patience.clock.now().duration_since(meant).as_secs());
        let looks = if age.is_some_and(|age| age > LAG_S) {
            1
        } else {
            LOOKS
        };
        let want = Want {
            id: None,
            key: None,
            also: vec![Key {
                field: "email".to_owned(),
                value: left.address.clone(),
            }],
        };
        for look in 1..=looks {
            match self.find(left, want.clone())? {
                Found::One(_, present) => return Ok(vec![present.id]),
                Found::Several(ids) => return Ok(ids),
                Found::Nobody => {}
            }
            if look < looks {
                pass(&self.patience, 1 << (look - 1))?;
            }
        }
        Ok(Vec::new())
    }

    fn is_there(&self, left: &LeftCanary, id: DestinationId) -> Result<bool, Halt> {
        let want = Want {
            id: Some(id),
            key: None,
            also: Vec::new(),
        };
        let found = self.find(left, want)?;
        Ok(matches!(found, Found::One(_, _) | Found::Several(_)))
    }

    fn find(&self, left: &LeftCanary, want: Want) -> Result<Found, Halt> {
        let (destination, wants) = (self.destination, [want]);
        let find = || destination.find(&left.target, &wants);
        let found = self.patience.ask(LOOKING, find)?;
        let found = prove_length(LOOKING, found, wants.len())?.pop();
        Ok(found.unwrap_or(Found::Nobody))
    }

    /// Takes one away, and looks until it is gone.
    fn remove(&self, left: &LeftCanary, id: DestinationId) -> Result<(), Halt> {
        let undo = Undo {
            number: left.number,
            target: left.target.clone(),
            id,
            parent: None,
            how: UndoHow::Remove,
        };
        let mut because = "it is there after it was taken away".to_owned();
        for look in 1..=LOOKS {
            if !self.is_there(left, id)? {
                return Ok(());
            }
            let destination = self.destination;
            match destination.undo(std::slice::from_ref(&undo)).pop() {
                Some(Verdict::Refused { status, .. }) if is_denied(status) => {
                    because = format!("status {status}");
                    break;
                }
                Some(Verdict::Refused { messages, .. }) => because = messages.join("; "),
                Some(Verdict::Unknown { because: why } | Verdict::NotSent { because: why }) => {
                    because = why;
                }
                Some(Verdict::Written(_)) | None => {
                    if !self.is_there(left, id)? {
                        return Ok(());
                    }
                }
            }
            pass(&self.patience, 1 << (look - 1))?;
        }
        Err(RunError::CanaryStays {
            address: left.address.clone(),
            id: id.0,
            because,
        }
        .into())
    }
}

/// The account takes no test person: nothing is known of its automation.
fn untaken(canary: &Canary, refusal: String) -> Result<Vec<String>, Halt> {
    if canary.accepted.is_some() {
        return Ok(vec![format!("no test contact was taken: {refusal}")]);
    }
    Err(RunError::NoCanary(refusal).into())
}

/// Nobody has it, and nobody can get it: RFC 2606 keeps the domain for examples.
fn address(number: i64, now: &str) -> String {
    let moment: String = now.chars().filter(char::is_ascii_digit).take(14).collect();
    format!("mapwright-canary-{moment}-{number}@example.com")
}

/// What changed although nobody of ours changed it, and what is there although nobody of ours put it there.
fn compare(before: &BTreeMap<String, String>, now: &Sight, seen: &mut Vec<String>) {
    let changed = now.fields.iter().filter_map(|(name, there)| {
        let then = before.get(name)?;
        (then != there).then(|| {
            format!(
                "the field `{name}` changed by itself from {} to {}",
                shown(then),
                shown(there)
            )
        })
    });
    for one in changed.chain(now.strange.iter().cloned()) {
        if !seen.contains(&one) {
            seen.push(one);
        }
    }
}

/// A value of a made-up person, short enough for a line.
fn shown(value: &str) -> String {
    const MOST: usize = 60;
    if value.is_empty() {
        return "blank".to_owned();
    }
    if value.chars().count() <= MOST {
        return value.to_owned();
    }
    let start: String = value.chars().take(MOST).collect();
    format!("{start}…")
}

/// Lets time pass, second by second, so that a stop is heard.
fn pass(patience: &Patience<'_>, seconds: u32) -> Result<(), Halt> {
    for _ in 0..seconds {
        if patience.stop.is_asked() {
            return Err(Halt::Stopped);
        }
        patience.clock.sleep(Duration::from_secs(1));
    }
    Ok(())
}

fn denied(status: u16) -> Halt {
    RunError::Denied(format!("status {status} to a write")).into()
}
