//! What rules need beside custom fields: lists of queues, modules, the kind of activity.

use std::collections::BTreeSet;

use super::super::{Exit, Failure};
use super::{asked, failed};
use crate::freshsales::Freshsales;
use crate::freshsales::edition::Edition;
use crate::freshsales::prepare::Standing;
use crate::ledger::{Intent, Ledger, Made, OperationKind, OperationState, Receipt, RunId};
use crate::plan::{Plan, RowResult};
use crate::port::Prepared;

/// The kind of activity that an admin is asked for; any kind of their own serves.
const ACTIVITY_KIND: &str = "Customer.io event";

/// One thing with how it stands.
pub(super) struct Other {
    /// `list`, `module`, `activity type`.
    pub(super) kind: &'static str,
    pub(super) name: String,
    pub(super) stands: Standing,
}

impl Other {
    pub(super) fn words(&self) -> String {
        format!("{} \"{}\"", self.kind, self.name)
    }
}

/// Everything of that sort that a plan needs.
pub(super) fn others(plan: &Plan, freshsales: &Freshsales) -> Result<Vec<Other>, Failure> {
    let mut others = Vec::new();
    for queue in queues(plan) {
        match freshsales.edition() {
            Edition::Suite => others.push(Other {
                stands: stands(freshsales.has_list(&queue)),
                kind: "list",
                name: queue,
            }),
            // A tag alone, and tags need no making.
            Edition::Classic => {}
        }
    }
    for target in &plan.targets {
        let of_module = target.name.strip_prefix("module \"");
        if let Some(name) = of_module.and_then(|rest| rest.strip_suffix('"')) {
            let there = freshsales.has_module(name).map_err(|it| asked(&it))?;
            others.push(Other {
                stands: stands(there.unwrap_or(false)),
                kind: "module",
                name: name.to_owned(),
            });
        }
    }
    let mut maps = plan.entities.iter().flat_map(|it| &it.maps);
    let has_activities = plan.targets.iter().any(|it| it.name.contains("activity"))
        || maps.any(|map| map.as_activity.is_some());
    if has_activities {
        let kinds = freshsales.activity_kinds().map_err(|it| asked(&it))?;
        let (name, stands) = match kinds.first() {
            Some(kind) => (kind.clone(), Standing::There),
            None => (
                ACTIVITY_KIND.to_owned(),
                Standing::ByHand(activity_by_hand()),
            ),
        };
        others.push(Other {
            kind: "activity type",
            name,
            stands,
        });
    }
    Ok(others)
}

/// Makes the modules that a load needs; what only a person makes ends it. Lists come with their first lead.
pub(in crate::cli) fn see_to(
    plan: &Plan,
    ledger: &mut Ledger,
    run: RunId,
    freshsales: &Freshsales,
) -> Result<(), Failure> {
    let mut by_hand = Vec::new();
    for other in others(plan, freshsales)? {
        if other.kind == "list" {
            continue;
        }
        match make(&other, ledger, run, freshsales)? {
            Prepared::AlreadyThere | Prepared::Created => {}
            Prepared::ByHand(how) => by_hand.push(format!("  {}. {how}", by_hand.len() + 1)),
        }
    }
    if by_hand.is_empty() {
        return Ok(());
    }
    let words = by_hand.join("\n");
    Err(Failure::new(
        Exit::Drift,
        format!("the account lacks what a person must make in Freshsales:\n{words}"),
    )
    .help("nothing was loaded; run the same command again when it is there"))
}

/// Makes one thing, with an intent before and a receipt after.
pub(super) fn make(
    other: &Other,
    ledger: &mut Ledger,
    run: RunId,
    freshsales: &Freshsales,
) -> Result<Prepared, Failure> {
    match &other.stands {
        Standing::There => return Ok(Prepared::AlreadyThere),
        Standing::ByHand(how) => return Ok(Prepared::ByHand(how.clone())),
        Standing::Missing => {}
    }
    let made = Made {
        name: other.name.clone(),
        label: other.name.clone(),
        removed: false,
    };
    let number = intend(ledger, run, other.kind, &made)?;
    let is_made = match other.kind {
        "list" => freshsales.make_list(&other.name).map(|()| true),
        _ => freshsales.make_module(&other.name),
    };
    let is_there = is_made.and_then(|is_made| {
        // Read back: an answer alone proves nothing.
        let there = match other.kind {
            "list" => freshsales
                .look(&[])
                .map(|_| Some(freshsales.has_list(&other.name))),
            _ => freshsales.has_module(&other.name),
        };
        Ok(is_made && there? == Some(true))
    });
    let is_there = is_there.map_err(|error| Failure::new(Exit::Drift, error))?;
    let states: &[OperationState] = if is_there {
        &[OperationState::Written, OperationState::Confirmed]
    } else {
        &[OperationState::Refused]
    };
    settle(ledger, run, number, states)?;
    if is_there {
        return Ok(Prepared::Created);
    }
    let name = &other.name;
    Ok(Prepared::ByHand(match other.kind {
        "list" => format!("make a contact list called \"{name}\" (Contacts → Lists)"),
        _ => format!(
            "make a module called \"{name}\" (Admin settings → Modules; Enterprise has them)"
        ),
    }))
}

/// Commits that something of a kind is about to be made or taken away.
pub(super) fn intend(
    ledger: &mut Ledger,
    run: RunId,
    target: &str,
    made: &Made,
) -> Result<i64, Failure> {
    let intent = Intent {
        sequence: None,
        source: None,
        kind: OperationKind::Prepare,
        target: target.to_owned(),
        destination: None,
        adopted: false,
        content: made.content(),
        before: None,
    };
    let numbers = ledger.intend(run, &[intent]).map_err(|it| failed(&it))?;
    numbers
        .first()
        .copied()
        .ok_or_else(|| failed(&"the ledger gave no number"))
}

pub(super) fn settle(
    ledger: &mut Ledger,
    run: RunId,
    number: i64,
    states: &[OperationState],
) -> Result<(), Failure> {
    let receipts: Vec<Receipt> = states
        .iter()
        .map(|state| Receipt {
            number,
            state: *state,
            destination: None,
            message: None,
        })
        .collect();
    ledger.record(run, &receipts, &[]).map_err(|it| failed(&it))
}

fn queues(plan: &Plan) -> BTreeSet<String> {
    let tables = plan.entities.iter().filter_map(|it| it.decide.as_ref());
    let results = tables.flat_map(|table| table.results.iter().chain([&table.otherwise]));
    let queues = results.filter_map(|result| match result {
        RowResult::Become { queue, .. } => queue.clone(),
        RowResult::Keep | RowResult::Exclude(_) | RowResult::Hold(_) | RowResult::Stop(_) => None,
    });
    queues.collect()
}

fn stands(is_there: bool) -> Standing {
    if is_there {
        Standing::There
    } else {
        Standing::Missing
    }
}

/// freshsales.md 9.4: no API makes one, and the vendor's own may not be written.
fn activity_by_hand() -> String {
    format!(
        "make a kind of sales activity: Admin settings → Sales activities → Add, name \"{ACTIVITY_KIND}\""
    )
}
