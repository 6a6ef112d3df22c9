//! Queues: a list of the queue's name, made when it is missing, and its contacts put on it.

use std::collections::BTreeMap;

use crate::port::{DestinationId, PortError, Step, Verdict};

use super::super::account::read_lists;
use super::super::destination::Freshsales;
use super::super::endpoints::lists::{self, ADD_MAX, List};

/// Puts every written contact on the list of its queue. A contact that could not be put there is
/// told as unknown: it is found with its tag and without its queue, and goes through again.
pub(super) fn enlist(freshsales: &Freshsales, steps: &[&Step], verdicts: &mut [Verdict]) {
    let mut waiting: BTreeMap<&str, Vec<(i64, &mut Verdict)>> = BTreeMap::new();
    for (step, verdict) in steps.iter().zip(verdicts) {
        if let (Some(queue), Verdict::Written(DestinationId(id))) = (&step.queue, &*verdict) {
            let id = *id;
            waiting.entry(queue).or_default().push((id, verdict));
        }
    }
    for (queue, mut contacts) in waiting {
        let list = list_called(freshsales, queue);
        for chunk in contacts.chunks_mut(ADD_MAX) {
            let ids: Vec<i64> = chunk.iter().map(|(id, _)| *id).collect();
            let added = list.clone().and_then(|list| {
                // Adding a member twice adds it once, so it may be sent again.
                let request = lists::add_contacts(list, &ids);
                Ok(freshsales.line.ask(&request, lists::read_added)?)
            });
            if let Err(error) = added {
                for (_, verdict) in chunk {
                    **verdict = Verdict::Unknown {
                        because: format!("written, but not put on the list of its queue: {error}"),
                    };
                }
            }
        }
    }
}

impl Freshsales {
    /// The list called `name`; names are not known to be unique, so it is looked for before it is made.
    pub(in super::super) fn list_called(&self, name: &str) -> Result<i64, PortError> {
        list_called(self, name)
    }
}

fn list_called(freshsales: &Freshsales, name: &str) -> Result<i64, PortError> {
    let _changing = freshsales.change();
    let is_meant = |list: &&List| list.name == name;
    if let Some(list) = freshsales.account().lists.iter().find(is_meant) {
        return Ok(list.id);
    }
    let mut account = (*freshsales.account()).clone();
    // Somebody may have made it meanwhile: we, when the answer to that was lost.
    account.lists = read_lists(&freshsales.line)?;
    let known = account.lists.iter().find(is_meant).map(|list| list.id);
    let id = if let Some(id) = known {
        id
    } else {
        let request = lists::create(name);
        let made = freshsales.line.tell(&request, lists::read_one)?;
        let id = made.id;
        account.lists.push(made);
        id
    };
    freshsales.replace(account);
    Ok(id)
}
