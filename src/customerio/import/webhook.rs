//! Reporting webhooks that somebody kept, one a line: what became of deliveries, who unsubscribed.
//!
//! A line is the call's body, or `{"headers":{…},"body":"…"}` with the body as text, which a signature needs.

use hmac::{Hmac, Mac};
use secrecy::{ExposeSecret, SecretString};
use serde_json::value::RawValue;
use sha2::Sha256;

use super::delivery::{channel, is_number};
use super::error::{ImportError, Refusal};
use super::fact::{Fact, Fields, Who};
use super::person;
use super::read::{Pieces, Reader, fields, members};
use super::value::{raw, text_of, whole_seconds};
use crate::model::Entity;

/// Reads the file; with a secret no line counts whose signature does not fit.
pub(super) fn read(
    reader: &mut Reader<'_>,
    secret: Option<&SecretString>,
) -> Result<(), ImportError> {
    reader.lines(|reader, _, line| {
        let body = match (line.get("body"), line.get("headers")) {
            (Some(body), Some(headers)) => {
                let body: String =
                    serde_json::from_str(body.get()).map_err(|_| Refusal::NotOfItsKind)?;
                if let Some(secret) = secret {
                    verify(&members(Some(headers.clone()))?, &body, secret)?;
                }
                fields(body.as_bytes())?
            }
            _ if secret.is_some() => return Err(Refusal::WrongSignature),
            _ => line,
        };
        pieces(reader, body)
    })
}

/// `X-CIO-Signature` is the HMAC-SHA256 of `v0:<X-CIO-Timestamp>:<body>` (reference/customerio.md 4.2); as hex, a guess.
fn verify(headers: &Fields, body: &str, secret: &SecretString) -> Result<(), Refusal> {
    let header = |wanted: &str| {
        headers
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(wanted))
            .and_then(|(_, value)| text_of(value))
    };
    let refused = || Refusal::WrongSignature;
    let signature = header("X-CIO-Signature").ok_or_else(refused)?;
    let timestamp = header("X-CIO-Timestamp").ok_or_else(refused)?;
    let mut mac =
        Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes()).map_err(|_| refused())?;
    mac.update(format!("v0:{timestamp}:{body}").as_bytes());
    let bytes = from_hex(&signature).ok_or_else(refused)?;
    mac.verify_slice(&bytes).map_err(|_| refused())
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let pairs = text.as_bytes().chunks(2);
    pairs
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}

fn pieces(reader: &Reader<'_>, mut body: Fields) -> Pieces {
    let shape = || Refusal::NotOfItsKind;
    let text = |body: &Fields, name: &str| body.get(name).and_then(|it| text_of(it));
    let at = text(&body, "timestamp").and_then(|it| it.parse().ok());
    let at = whole_seconds(at.ok_or_else(shape)?);
    // The description misspells the key for changed preferences (4.2).
    let kind = text(&body, "object_type").or_else(|| text(&body, "object_type_type"));
    let (kind, metric) = match (kind, text(&body, "metric"), text(&body, "event_type")) {
        (Some(kind), Some(metric), _) => (kind, metric),
        // The format of before `object_type` says both in one word (4.2).
        (_, _, Some(word)) => {
            let (kind, metric) = word.split_once('_').ok_or_else(shape)?;
            (kind.to_owned(), metric.to_owned())
        }
        _ => return Err(shape()),
    };
    let mut data = members(body.remove("data"))?;
    let who = who(&mut data)?;
    let delivery = text(&data, "delivery_id").or_else(|| text(&data, "email_id"));
    let mut found = Vec::new();
    let opt_out = match metric.as_str() {
        // Who unsubscribes by a link of a message is unsubscribed, whatever else is told of it.
        "unsubscribed" => Some(true),
        "subscribed" => Some(false),
        _ => None,
    };
    let preferences = metric
        .ends_with("subscription_preferences_changed")
        .then(|| data.get("content").cloned())
        .flatten();
    if opt_out.is_some() || preferences.is_some() {
        if who.is_nobody() {
            return Err(Refusal::Nameless);
        }
        let mut fact = reader.fact(Entity::Person);
        fact.at = at;
        if let Some(value) = opt_out.and_then(|it| raw(&it)) {
            person::set(&mut fact, "unsubscribed", value);
        }
        if let Some(value) = preferences {
            person::set(&mut fact, "cio_subscription_preferences", value);
        }
        person::name(&mut fact, who.clone());
        found.push(fact);
    }
    match delivery {
        Some(id) => found.push(of_delivery(reader, &kind, &metric, at, id, who, data)),
        None if found.is_empty() => return Err(Refusal::Nameless),
        None => {}
    }
    Ok(found)
}

/// The person, from `identifiers` or from the older keys.
fn who(data: &mut Fields) -> Result<Who, Refusal> {
    let own = members(data.remove("identifiers"))?;
    let text = |fields: &Fields, name: &str| {
        let text = fields.get(name).and_then(|it| text_of(it));
        text.filter(|it| !it.is_empty())
    };
    let id = text(&own, "id").or_else(|| text(data, "customer_id"));
    let email = text(&own, "email").or_else(|| text(data, "email_address"));
    data.remove("customer_id");
    Ok(Who {
        cio_id: text(&own, "cio_id"),
        id,
        email,
        anonymous_id: None,
    })
}

fn of_delivery(
    reader: &Reader<'_>,
    kind: &str,
    metric: &str,
    at: i64,
    id: String,
    who: Who,
    data: Fields,
) -> Fact {
    let mut fact = reader.fact(Entity::Delivery);
    fact.at = at;
    let mut told = |name: &str| {
        fact.inner.extend(raw(&at).map(|it| (name.to_owned(), it)));
    };
    told(metric);
    let says = |name: &str| data.get(name).map(|it| it.get() == "true");
    // A machine's opens and clicks are told apart, as the App API does (2.9).
    match (metric, says("prefetched"), says("machine")) {
        ("opened", Some(true), _) => told("prefetch_opened"),
        ("opened", Some(false), _) => told("human_opened"),
        ("clicked", _, Some(true)) => told("prefetch_clicked"),
        ("clicked", _, Some(false)) => told("human_clicked"),
        _ => {}
    }
    let put = |fact: &mut Fact, name: &str, value: Option<Box<RawValue>>| {
        fact.top.extend(value.map(|it| (name.to_owned(), it)));
    };
    put(&mut fact, "id", raw(&id));
    put(&mut fact, "channel", raw(&channel(kind)));
    for (name, value) in data {
        match name.as_str() {
            // What only this one call says of its own.
            "delivery_id" | "proxied" | "prefetched" | "machine" | "synthetic" | "link_id"
            | "journey_id" => {}
            "content" => put(&mut fact, "body", Some(value)),
            "href" => put(&mut fact, "clicked_href", Some(value)),
            name if is_number(name) => {
                let number = text_of(&value).and_then(|it| it.parse::<i64>().ok());
                put(&mut fact, name, number.map_or(Some(value), |it| raw(&it)));
            }
            name => put(&mut fact, name, Some(value)),
        }
    }
    fact.key = id;
    fact.who = (!who.is_nobody()).then_some(who);
    fact
}
