//! A world made from a number: what is there before, one capture or two, what people type in between.

use mapwright::ledger::Warrant;
use mapwright::model::{Draft, Fate, Outcome};

use super::numbers::Numbers;
use crate::support::memory::{CONSENT, Shape, text_field};
use crate::support::small::{Dialect, World, account, event, fated, opted_out, person, redraft};

const NAMES: [&str; 6] = ["one", "two", "three", "four", "five", "six"];
const CONSENTS: [&str; 3] = ["Subscribed", "Unsubscribed", "Bounced"];

/// What becomes of a workspace.
pub(super) struct Story {
    pub(super) first: Vec<Outcome>,
    /// The capture of a week later.
    pub(super) second: Option<Vec<Outcome>>,
    /// What was refused is taken up again once it is accepted.
    pub(super) is_retried: bool,
    /// Somebody whose first name is typed over between the two loads.
    pub(super) typed: Option<&'static str>,
    pub(super) poison: Option<String>,
    pub(super) is_classic: bool,
    pub(super) threads: usize,
    pub(super) batch_max: usize,
    pub(super) refuses_whole: bool,
}

/// A value that stands in no log.
fn private(word: &str) -> String {
    format!("zq-{word}")
}

fn change(outcome: Outcome, change: impl Fn(&mut Draft)) -> Outcome {
    let mut outcome = outcome;
    if let Fate::Draft(draft) = &mut outcome.fate {
        change(draft);
    }
    outcome
}

impl Story {
    pub(super) fn of(seed: u64) -> Self {
        let mut numbers = Numbers::of(seed);
        let accounts: Vec<String> = (0..numbers.below(4)).map(|it| format!("a{it}")).collect();
        let mut first = Vec::new();
        for id in &accounts {
            let name = numbers.pick(&["Acme", "Beta", "Gamma"]);
            first.push(account(id, name));
        }
        let people = &NAMES[..2 + numbers.index(4)];
        for id in people {
            first.push(somebody(&mut numbers, id, &accounts));
        }
        for number in 0..numbers.below(9) {
            let parent = numbers.pick(people);
            first.push(something(&format!("e{number}"), parent));
        }
        if numbers.once_in(3) {
            first.push(leaver(&mut numbers, people));
        }
        let is_retried = numbers.once_in(4);
        let has_poison = is_retried || numbers.once_in(3);
        let second = numbers
            .once_in(3)
            .then(|| later(&mut numbers, &first, people));
        let typed = (second.is_some() && numbers.once_in(2)).then(|| numbers.pick(people));
        Self {
            first,
            second,
            is_retried,
            typed,
            poison: has_poison.then(|| private(people[0])),
            is_classic: numbers.once_in(2),
            threads: 1 + numbers.index(4),
            batch_max: 1 + numbers.index(5),
            refuses_whole: numbers.once_in(2),
        }
    }

    /// The workspace before its first load, at the destination in memory.
    pub(super) fn world(&self) -> World {
        let mut world = World::new();
        world.threads = self.threads;
        world.outcomes.clone_from(&self.first);
        world.warrant = approved(1);
        let mut state = world.destination.state();
        (state.shape, world.dialect) = if self.is_classic {
            (Shape::Classic, Dialect::MEMORY_CLASSIC)
        } else {
            (Shape::Suite, Dialect::MEMORY_SUITE)
        };
        // What stands there already stands there in the words of the edition.
        let words: Vec<_> = state.records.values_mut().collect();
        for record in words {
            if let Some(word) = record.fields.remove(CONSENT) {
                let (name, value) = world.dialect.consent_of(word);
                record.fields.insert(name, value);
            }
        }
        state.batch_max = self.batch_max;
        state.refuses_whole = self.refuses_whole;
        state.poison.clone_from(&self.poison);
        drop(state);
        world
    }
}

pub(super) fn approved(number: u64) -> Warrant {
    Warrant::Approved {
        seal: format!("seal-{number}"),
        by: "Jo".to_owned(),
    }
}

fn somebody(numbers: &mut Numbers, id: &str, accounts: &[String]) -> Outcome {
    let consent = numbers.pick(&CONSENTS);
    let is_lead = numbers.once_in(3);
    let linked: Vec<&str> = accounts
        .iter()
        .filter(|_| numbers.once_in(2))
        .map(String::as_str)
        .collect();
    let linked = if is_lead { &[][..] } else { &linked };
    change(person(id, consent, linked), |draft| {
        draft.fields[1] = text_field("first_name", &private(id));
        if is_lead {
            "lead".clone_into(&mut draft.target);
        }
    })
}

fn something(id: &str, parent: &str) -> Outcome {
    change(event(id, parent), |draft| {
        draft.fields[1] = text_field("body", &private(id));
    })
}

/// Somebody who is not written and whom nobody may write to.
fn leaver(numbers: &mut Numbers, people: &[&str]) -> Outcome {
    let because = "erased".to_owned();
    let gone = fated("seven", Fate::Excluded { because });
    let whose = numbers.pick(&[people[0], "seven", "nobody"]);
    opted_out(gone, &format!("{whose}@x.example"))
}

/// What a later capture says: some have changed, some are gone, more has happened.
fn later(numbers: &mut Numbers, first: &[Outcome], people: &[&str]) -> Vec<Outcome> {
    let mut second = first.to_vec();
    let changed = numbers.pick(people);
    redraft(&mut second, changed, |draft| {
        draft.fields[1] = text_field("first_name", &private("renamed"));
    });
    let consent = numbers.pick(&CONSENTS);
    let stricter = numbers.pick(people);
    redraft(&mut second, stricter, |draft| {
        draft.fields[2] = text_field(CONSENT, consent);
    });
    redraft(&mut second, "e0", |draft| {
        draft.fields[1] = text_field("body", &private("changed"));
    });
    if numbers.once_in(2) {
        second.retain(|outcome| outcome.source.id != "e1");
    }
    if numbers.once_in(3) {
        // Somebody says no to everything and is not written any more.
        let whom = numbers.pick(people);
        let place = second.iter().position(|outcome| outcome.source.id == whom);
        let because = "unsubscribed".to_owned();
        let excluded = fated(whom, Fate::Excluded { because });
        second[place.unwrap()] = opted_out(excluded, &format!("{whom}@x.example"));
    }
    for number in 20..20 + numbers.below(4) {
        second.push(something(&format!("e{number}"), numbers.pick(people)));
    }
    second
}
