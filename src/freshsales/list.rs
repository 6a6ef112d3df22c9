//! Static lists, found by name before they are made, and the contacts on them (freshsales.md 12).
//!
//! Whether names are unique is not known, and no call takes a list away. Putting a contact on a list twice puts it
//! there once, and the answer says nothing of single contacts: who stands on it is told by its pages alone.

use std::collections::BTreeMap;

use crate::model::Scalar;
use crate::port::{
    Action, Child, DestinationId, Found, FoundBy, PortError, Present, Step, Undo, UndoHow, Verdict,
    Want,
};

use super::account::read_lists;
use super::destination::Freshsales;
use super::endpoints::Entity;
use super::endpoints::answer::RefusalKind;
use super::endpoints::lists::{self, ADD_MAX, List};
use super::endpoints::views;
use super::hanging::{field, shown};
use super::line::Failure;
use super::listed;
use super::snapshot::Target;
use super::write::refused;

/// The target in the words of the rules.
pub(super) const LIST: &str = "list";

/// Lists that are looked for by one reading of all of them.
pub(super) const BATCH: usize = 50;

/// Whether `target` is who stands on a list.
pub(super) fn is_member(target: &str) -> bool {
    target.strip_suffix(crate::model::MEMBER) == Some(LIST)
}

/// Which way contacts go.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    On,
    Off,
}

impl Freshsales {
    /// Looks lists up by id and by name: as it is written, else in any letter case and without blanks around it.
    pub(super) fn find_lists(&self, wants: &[Want]) -> Result<Vec<Found>, PortError> {
        let _changing = self.change();
        let mut account = (*self.account()).clone();
        account.lists = read_lists(&self.line)?;
        let all = account.lists.clone();
        self.replace(account);
        Ok(wants.iter().map(|want| find(&all, want)).collect())
    }

    /// Makes a list or gives it another name.
    pub(super) fn write_list(&self, step: &Step) -> Verdict {
        let name = field(&step.fields, "name").map(shown);
        let Some(name) = name.filter(|name| !name.trim().is_empty()) else {
            return refused("the list has no name".to_owned());
        };
        let request = match step.action {
            Action::Create => lists::create(&name),
            Action::Update(id) => lists::rename(id.0, &name),
        };
        match self.line.tell(&request, lists::read_one) {
            Ok(list) => Verdict::Written(DestinationId(list.id)),
            Err(failure) => failure.verdict(),
        }
    }

    /// Gives a list the name that it had.
    pub(super) fn undo_list(&self, undo: &Undo) -> Verdict {
        let UndoHow::Restore(restored) = &undo.how else {
            return refused("no call takes a list away".to_owned());
        };
        let Some(name) = field(&restored.fields, "name").map(shown) else {
            return refused("there is no name to give back to the list".to_owned());
        };
        let request = lists::rename(undo.id.0, &name);
        match self.line.tell(&request, lists::read_one) {
            Ok(_) => Verdict::Written(undo.id),
            Err(failure) => failure.verdict(),
        }
    }

    /// Puts contacts on their lists, a hundred at a time.
    pub(super) fn write_members(&self, steps: &[&Step]) -> Vec<Verdict> {
        let moves = steps.iter().map(|step| {
            let list = step.parent.as_ref().map(|(_, list)| *list);
            let list = list.ok_or_else(|| refused("it names no list".to_owned()))?;
            Ok((Way::On, list, self.contact_of(step)?))
        });
        self.take_all(moves.collect())
    }

    /// Takes contacts off their lists, or puts them there again.
    pub(super) fn undo_members(&self, undos: &[&Undo]) -> Vec<Verdict> {
        let moves = undos.iter().map(|undo| {
            let list = undo.parent.as_ref().map(|(_, list)| *list);
            let list = list.ok_or_else(|| refused("it names no list".to_owned()))?;
            let way = match undo.how {
                UndoHow::Remove => Way::Off,
                UndoHow::Restore(_) => Way::On,
            };
            Ok((way, list, undo.id))
        });
        self.take_all(moves.collect())
    }

    /// Everybody on a list; a list that is not there has nobody on it.
    pub(super) fn members(&self, list: DestinationId) -> Result<Vec<Child>, PortError> {
        let read = |response: &_| {
            let page = views::read_page(Entity::Contact, response)?;
            let ids: Vec<i64> = page.records.iter().map(|record| record.id).collect();
            Ok((ids, page.meta))
        };
        let first = self.line.ask(&lists::contacts(list.0, 1), read);
        if first.is_err_and(|failure| failure.refusal() == Some(RefusalKind::Missing)) {
            return Ok(Vec::new());
        }
        let request = |page| lists::contacts(list.0, page);
        let ids = listed::all(&self.line, "contacts of one list", request, read, |id| *id)?;
        let child = |id| Child {
            id: DestinationId(id),
            marker: None,
            fields: BTreeMap::new(),
        };
        Ok(ids.into_iter().map(child).collect())
    }

    /// The contact that a step speaks of; a lead of classic has an id of its own kind and may stand on no list.
    fn contact_of(&self, step: &Step) -> Result<DestinationId, Verdict> {
        let mut ends = step.links.iter();
        let (Some((word, ids)), None) = (ends.next(), ends.next()) else {
            return Err(refused("it names nobody for the list".to_owned()));
        };
        let entity = Target::of_word(word).map(|target| self.edition().entity(target));
        match (entity, ids.as_slice()) {
            (Some(Entity::Contact), [id]) => Ok(*id),
            _ => Err(refused(format!("no list takes a {word} of this edition"))),
        }
    }

    /// One request a list, way and hundred contacts; a verdict for each move, in order.
    fn take_all(
        &self,
        moves: Vec<Result<(Way, DestinationId, DestinationId), Verdict>>,
    ) -> Vec<Verdict> {
        let mut waiting: BTreeMap<(Way, DestinationId), Vec<(usize, DestinationId)>> =
            BTreeMap::new();
        let mut verdicts: Vec<Verdict> = Vec::with_capacity(moves.len());
        for (at, one) in moves.into_iter().enumerate() {
            verdicts.push(match one {
                Ok((way, list, contact)) => {
                    waiting.entry((way, list)).or_default().push((at, contact));
                    Verdict::NotSent {
                        because: "its turn did not come".to_owned(),
                    }
                }
                Err(verdict) => verdict,
            });
        }
        for ((way, list), contacts) in waiting {
            for chunk in contacts.chunks(ADD_MAX) {
                let ids: Vec<i64> = chunk.iter().map(|(_, id)| id.0).collect();
                let request = match way {
                    Way::On => lists::add_contacts(list.0, &ids),
                    Way::Off => lists::remove_contacts(list.0, &ids),
                };
                // Either way the second time changes nothing.
                let taken = self.line.ask(&request, lists::read_added);
                let refusal = taken.map_err(Failure::verdict).err();
                for (at, id) in chunk {
                    if let Some(verdict) = verdicts.get_mut(*at) {
                        *verdict = refusal.clone().unwrap_or(Verdict::Written(*id));
                    }
                }
            }
        }
        verdicts
    }
}

fn find(all: &[List], want: &Want) -> Found {
    if let Some(list) = all
        .iter()
        .find(|list| want.id == Some(DestinationId(list.id)))
    {
        return Found::One(FoundBy::Id, present(list));
    }
    for key in want
        .key
        .iter()
        .chain(&want.also)
        .filter(|key| key.field == "name")
    {
        let plain = |name: &str| name.trim().to_lowercase();
        let exact: Vec<&List> = all.iter().filter(|list| list.name == key.value).collect();
        let found = if exact.is_empty() {
            let meant = plain(&key.value);
            all.iter()
                .filter(|list| plain(&list.name) == meant)
                .collect()
        } else {
            exact
        };
        match found.as_slice() {
            [] => {}
            [list] => return Found::One(FoundBy::Other(key.field.clone()), present(list)),
            several => {
                let ids = several.iter().map(|list| DestinationId(list.id));
                return Found::Several(ids.collect());
            }
        }
    }
    Found::Nobody
}

fn present(list: &List) -> Present {
    let name = Scalar::Text(list.name.clone());
    Present {
        id: DestinationId(list.id),
        fields: BTreeMap::from([("name".to_owned(), name)]),
        links: BTreeMap::new(),
    }
}
