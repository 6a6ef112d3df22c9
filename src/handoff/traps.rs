//! The known traps of both systems, each with what this workspace has of it.

use super::model::{Journey, Letter, Trap};
use super::volumes::Counts;

/// Deliveries are counted by channel, steps by kind.
pub(super) fn traps(
    counts: &Counts,
    journeys: (&[Journey], &[Journey]),
    transactional: &[Letter],
) -> Vec<Trap> {
    let (campaigns, broadcasts) = journeys;
    let steps = |kind: &str| {
        let all = campaigns.iter().chain(broadcasts).flat_map(|it| &it.steps);
        all.filter(|it| it.kind == kind).count()
    };
    let sent = |channel: &str| counts.channels.get(channel).copied().unwrap_or_default();
    let hidden = transactional
        .iter()
        .filter(|it| it.details.iter().any(|it| it.term == "body"))
        .count();
    let running = campaigns.iter().filter(|it| it.state == "running").count();
    let customerio = |what, here: String| Trap {
        side: "Customer.io",
        what,
        here,
    };
    let freshsales = |what, here: &str| Trap {
        side: "Freshsales",
        what,
        here: here.to_owned(),
    };
    vec![
        customerio(
            "deleted profiles are paid for until the end of the billing cycle",
            format!(
                "{} of {} profiles of the capture are deleted, {} suppressed",
                counts.deleted, counts.people, counts.suppressed
            ),
        ),
        customerio(
            "profiles that nobody writes to are paid for as well",
            format!(
                "{} profiles; take those out that will not be moved before the contract is renewed",
                counts.people
            ),
        ),
        customerio(
            "push needs a new release of the app with another SDK",
            format!(
                "{} steps send push, {} deliveries were push",
                steps("push_action"),
                sent("push")
            ),
        ),
        customerio(
            "the broadcast endpoint takes one call in ten seconds",
            format!(
                "API-triggered broadcasts: {}; whatever calls them in a loop was written around that pace",
                broadcasts.len()
            ),
        ),
        customerio(
            "the content of transactional messages may be hidden in the stored logs",
            format!(
                "{hidden} of {} transactional messages hide their body; {} deliveries of the capture hold no content",
                transactional.len(),
                counts.forgotten
            ),
        ),
        freshsales(
            "e-mails and sequences are switched off after a migration",
            &format!(
                "campaigns that run today: {running}; switch on what replaces each, one by one, after a look at its recipients"
            ),
        ),
        freshsales(
            "AI features need Pro or above",
            "ask before promising scores or suggestions",
        ),
        freshsales(
            "500 bot sessions are given once, not each month",
            "in-app messages that become bot messages use them up",
        ),
        freshsales(
            "phone credits run by the minute and have no cap",
            "set a limit with the provider before calls begin",
        ),
        freshsales(
            "room for files depends on the plan",
            "attachments of the migration count; compare with the plan before loading them",
        ),
    ]
}
