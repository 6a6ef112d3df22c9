//! Asks a language model for the order of candidates where the user names one; whatever goes wrong, the order stays.

use std::io::Write as _;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use secrecy::SecretString;

use super::arguments::RerankArguments;
use super::{Exit, Failure, key};
use crate::clock::SystemClock;
use crate::http::{Client, HttpError, Method, Pace, Request, Settings};
use crate::model::Schema;
use crate::propose::{Dictionary, Found, Gate, Pair, Proposal, Question};

/// Where chat completions are asked for below the address of an OpenAI-style endpoint.
const PATH: &str = "/chat/completions";

/// The proposals in the order of a second opinion; as they are where nobody asked for one, or none could be had.
///
/// # Errors
/// When the address or the key cannot be used: nothing was sent then.
pub(super) fn rerank(
    wanted: &RerankArguments,
    found: &Found,
    proposals: Vec<Proposal>,
    schema: &Schema,
    (dictionary, pair): (&Dictionary, &Pair),
) -> Result<Vec<Proposal>, Failure> {
    let (Some(address), Some(model)) = (&wanted.rerank, &wanted.rerank_model) else {
        return Ok(proposals);
    };
    let client = client(address, wanted)?;
    let Some(target) = schema.target("contact") else {
        return Ok(proposals);
    };
    let reserved = [
        "email",
        "external_id",
        &pair.consent_field,
        &pair.id_field.0,
    ]
    .map(str::to_owned);
    let gate = Gate {
        target,
        dictionary,
        reserved: &reserved,
    };
    let Some(question) = Question::about(&found.traits, &proposals, &gate) else {
        note("no trait leaves anything to choose: nothing was sent to be re-ranked");
        return Ok(proposals);
    };
    let within = Duration::from_secs(wanted.rerank_within);
    let answer = match ask(client, &question, model, within) {
        Ok(answer) => answer,
        Err(why) => {
            note(&format!("nothing was re-ranked: {why}"));
            return Ok(proposals);
        }
    };
    match question.settle(&answer, model, (&found.traits, &proposals), &gate) {
        Ok(reranked) => {
            note(&format!(
                "of {} traits that leave something to choose {} were re-ranked by {model}; {} of its choices did not pass the gates",
                question.len(),
                reranked.moved,
                reranked.refused
            ));
            Ok(reranked.proposals)
        }
        Err(why) => {
            note(&format!("nothing was re-ranked: {why}"));
            Ok(proposals)
        }
    }
}

fn client(address: &str, wanted: &RerankArguments) -> Result<Client, Failure> {
    let key = key::read_model(wanted.rerank_key_file.as_deref())?;
    // A server on this machine takes any key; anywhere else it is refused by the server, and said so.
    let key = key.unwrap_or_else(|| SecretString::from("none"));
    let base = address.trim_end_matches('/');
    let base = base.strip_suffix(PATH).unwrap_or(base);
    let mut settings = Settings::with_bearer(base, &key, Pace::default());
    settings.silence = Duration::from_secs(wanted.rerank_within.max(1));
    Client::new(&settings, Arc::new(SystemClock)).map_err(|error| Failure::new(Exit::Usage, error))
}

/// One call, waited for no longer than `within`: a server may also trickle.
fn ask(
    client: Client,
    question: &Question,
    model: &str,
    within: Duration,
) -> Result<Vec<u8>, String> {
    let request = Request::new(Method::Post, PATH).with_json(&question.body(model));
    let (sender, receiver) = mpsc::sync_channel(1);
    std::thread::spawn(move || {
        // Nobody listens any more once the time is up.
        let _unheard = sender.send(client.send(&request));
    });
    let ended = receiver
        .recv_timeout(within)
        .map_err(|_| format!("no whole answer came within {} s", within.as_secs()))?;
    match ended {
        Ok(response) if response.status == 200 => Ok(response.body),
        Ok(response) => Err(format!(
            "the endpoint answered with status {}",
            response.status
        )),
        Err(
            error @ (HttpError::Unusable { .. }
            | HttpError::NotSent { .. }
            | HttpError::Unknown { .. }),
        ) => Err(error.to_string()),
    }
}

fn note(words: &str) {
    // A note that nobody reads changes nothing.
    let _ = writeln!(std::io::stderr().lock(), "mapwright: {words}");
}
