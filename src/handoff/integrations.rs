//! What Customer.io talks to and what talks to Customer.io: each has to be pointed elsewhere or switched off.

use std::collections::BTreeSet;

use super::campaign::What;
use super::model::{Integration, Journey, Letter};
use super::read::Record;

/// Letters and digits in a row that look like a key.
const KEY_LETTERS: usize = 16;

/// The address without what may be a secret: who logs in, values of the query, long words of the path.
pub(super) fn safe_address(address: &str) -> String {
    let (address, query) = match address.split_once(['?', '#']) {
        Some((address, _)) => (address, "?…"),
        None => (address, ""),
    };
    let (scheme, rest) = address.split_once("://").unwrap_or(("", address));
    let mut parts = rest.split('/');
    let host = parts.next().unwrap_or_default();
    let host = host.rsplit('@').next().unwrap_or_default();
    let path = parts.fold(String::new(), |path, part| {
        let is_key = part.len() >= KEY_LETTERS && part.contains(|it: char| it.is_ascii_digit());
        format!("{path}/{}", if is_key { "…" } else { part })
    });
    let scheme = if scheme.is_empty() {
        String::new()
    } else {
        format!("{scheme}://")
    };
    format!("{scheme}{host}{path}{query}")
}

/// The calls of one step.
pub(super) fn of_step(what: What, owner: &str, of: &Record) -> Option<Integration> {
    let address = of.text("url");
    if address.is_empty() {
        return None;
    }
    let method = of.text("method").to_uppercase();
    let method = if method.is_empty() {
        "POST".to_owned()
    } else {
        method
    };
    let headers = if of.has("headers") {
        "; its headers may hold keys, which are not shown here"
    } else {
        ""
    };
    Some(Integration {
        what: "webhook that a step calls".to_owned(),
        address: format!("{method} {}", safe_address(&address)),
        of: format!(
            "{} {owner}, step {} “{}”",
            what.word(),
            of.text("id"),
            of.text("name")
        ),
        todo: format!(
            "set the webhook up in the journey or workflow that replaces the step{headers}"
        ),
    })
}

/// Whoever calls Customer.io today.
pub(super) fn callers(
    campaigns: &[Journey],
    broadcasts: &[Journey],
    transactional: &[Letter],
) -> Vec<Integration> {
    let mut found = Vec::new();
    let events: BTreeSet<&str> = campaigns
        .iter()
        .filter(|it| it.kind == "event" || it.kind == "transactional")
        .map(|it| it.trigger.as_str())
        .collect();
    for event in events {
        found.push(Integration {
            what: "event that your system sends".to_owned(),
            address: "Track API or Pipelines of Customer.io".to_owned(),
            of: event.to_owned(),
            todo: "let the same place of your system write what the new trigger asks for"
                .to_owned(),
        });
    }
    for journey in campaigns.iter().filter(|it| it.kind == "webhook") {
        found.push(Integration {
            what: "webhook that starts a campaign".to_owned(),
            address: "an address of Customer.io".to_owned(),
            of: format!("campaign {} “{}”", journey.id, journey.name),
            todo: "point whoever calls it to your own system, which writes to the new one"
                .to_owned(),
        });
    }
    for journey in broadcasts {
        found.push(Integration {
            what: "broadcast that your system starts".to_owned(),
            address: format!("POST /v1/campaigns/{}/triggers", journey.id),
            of: format!("broadcast {} “{}”", journey.id, journey.name),
            todo: "find the call in your system, and replace or remove it".to_owned(),
        });
    }
    for letter in transactional {
        found.push(Integration {
            what: "transactional message that your system sends".to_owned(),
            address: "POST /v1/send/email of Customer.io".to_owned(),
            of: format!("transactional {} “{}”", letter.id, letter.name),
            todo: "choose a service for transactional mail and point the call there before Customer.io ends".to_owned(),
        });
    }
    found
}
