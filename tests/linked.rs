//! Records that point at records of their own target: the one that is pointed at is written first.

use mapwright::model::{Entity, Fate, Link, LinkTo, Outcome, SourceId};
use mapwright::verify::verify;

use crate::support::small::{World, account};

fn source(id: &str) -> SourceId {
    SourceId::new(Entity::Object, format!("1/{id}"))
}

/// An account below another one.
fn below(id: &str, parent: &str) -> Outcome {
    let mut outcome = account(id, &format!("Name {id}"));
    if let Fate::Draft(draft) = &mut outcome.fate {
        draft.links.push(Link {
            field: "parent_account".to_owned(),
            target: "account".to_owned(),
            to: vec![LinkTo {
                source: source(parent),
                primary: true,
            }],
        });
    }
    outcome
}

#[test]
fn an_account_of_the_same_page_is_there_before_those_below_it() {
    let mut world = World::new();
    world.outcomes = vec![
        account("top", "Top"),
        below("mid", "top"),
        below("low", "mid"),
    ];
    let (ledger, run, summary) = world.load().unwrap();
    assert_eq!(summary.created, 3);
    let place = |id: &str| {
        world
            .destination
            .id_of("website", &format!("https://{id}.example"))
    };
    let parent = |id: &str| {
        let id = place(id);
        let state = world.destination.state();
        let links = &state.records[&id].links;
        links.get("parent_account").map(|ids| ids[0].0)
    };
    assert_eq!(parent("top"), None);
    assert_eq!(parent("mid"), Some(place("top")));
    assert_eq!(parent("low"), Some(place("mid")));
    assert!(verify(&ledger, run, &world.destination).unwrap().is_clean());
    drop(ledger);
    let (_, _, again) = world.load().unwrap();
    assert!(again.wrote_nothing(), "{again:?}");
}

#[test]
fn below_an_account_that_waits_the_link_stays_out_and_is_told() {
    let mut world = World::new();
    let mut top = account("top", "Top");
    top.fate = Fate::Held {
        reason: "no name".to_owned(),
    };
    world.outcomes = vec![top, below("mid", "top")];
    let (ledger, run, summary) = world.load().unwrap();
    assert_eq!(summary.created, 1);
    let reports = ledger.reports(run).unwrap();
    let told: Vec<&str> = reports.iter().map(|it| it.message.as_str()).collect();
    assert_eq!(told, ["link left out: its account is held"]);
}
