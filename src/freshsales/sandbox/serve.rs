//! The HTTP side: key, faults, quota headers and body size.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::Request;
use axum::http::Response;

use super::crm::Crm;
use super::quota::Toll;
use super::reply::Answer;
use super::reply::Refusal;
use super::request;
use super::request::Parts;
use super::request::Verb;
use super::sign_in;
use super::strike::RateHeaders;
use super::strike::Strike;
use crate::http::local::{Delivery, Manner};

/// The account, shared by all connections; one request at a time.
pub(super) type Shared = Arc<Mutex<Crm>>;

/// What answers the requests.
pub(super) fn router(shared: Shared) -> Router {
    Router::new().fallback(answer).with_state(shared)
}

async fn answer(
    State(shared): State<Shared>,
    ConnectInfo(manner): ConnectInfo<Manner>,
    request: Request<Body>,
) -> Response<Body> {
    manner.set(Delivery::Whole);
    let (parts, body) = request.into_parts();
    let max = lock(&shared).switches.body_max_bytes;
    let body = axum::body::to_bytes(body, max).await;
    let header = |name: &str| parts.headers.get(name).and_then(|it| it.to_str().ok());
    let read = |crm: &Crm| {
        let body = body.as_ref().map_err(|_| Refusal::TooLarge)?;
        let parts = Parts {
            verb: Verb::of(parts.method.as_str()).ok_or(Refusal::WrongMethod)?,
            path: parts.uri.path(),
            query: parts.uri.query(),
            content_type: header("content-type").unwrap_or_default(),
            body,
        };
        let hash = blake3::hash(parts.body).to_hex();
        Ok((request::Request::read(&parts, crm.edition)?, hash))
    };
    let (response, strike) = {
        let mut crm = lock(&shared);
        let crm = &mut *crm;
        let asked = read(crm);
        if let Some(token) = sign_in::token(crm, asked.as_ref().ok().map(|it| &it.0)) {
            return respond(crm, &token, None, &Strike::default());
        }
        if !has_key(&parts.headers, &crm.key) {
            return respond(crm, &Err(Refusal::NoKey), None, &Strike::default());
        }
        let mut strike = match &asked {
            Ok((request, _)) => crm.counts.strike(request, &crm.switches),
            Err(_) => Strike::default(),
        };
        crm.quota.eat(strike.eaten);
        let toll = crm.quota.take(&crm.switches);
        let answer = match asked {
            _ if !toll.passed => Err(Refusal::TooMany),
            Ok((request, hash)) => crm.handle(&request, hash.as_str(), &mut strike),
            Err(refusal) => Err(refusal),
        };
        (respond(crm, &answer, Some(&toll), &strike), strike)
    };
    manner.set(strike.delivery);
    if strike.late_ms > 0 {
        tokio::time::sleep(Duration::from_millis(strike.late_ms)).await;
    }
    response
}

/// The account, also after a panic elsewhere: `SQLite` has undone what was not committed.
pub(super) fn lock(shared: &Shared) -> std::sync::MutexGuard<'_, Crm> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// `Authorization: Token token=KEY` and no other scheme (freshsales.md 1).
fn has_key(headers: &HeaderMap, key: &str) -> bool {
    let header = headers
        .get("authorization")
        .and_then(|value| value.to_str().ok());
    let Some((scheme, rest)) = header.and_then(|header| header.trim().split_once(' ')) else {
        return false;
    };
    let token = rest
        .trim()
        .strip_prefix("token=")
        .map(|token| token.trim_matches('"'));
    scheme.eq_ignore_ascii_case("Token") && token == Some(key)
}

fn respond(crm: &Crm, answer: &Answer, toll: Option<&Toll>, strike: &Strike) -> Response<Body> {
    let (status, kind, text) = match answer {
        Ok(reply) => (
            reply.status,
            "application/json; charset=utf-8",
            reply.text(),
        ),
        Err(refusal) => {
            let (kind, text) = refusal.body(&crm.switches);
            (refusal.status(), kind, text)
        }
    };
    let mut response = Response::builder()
        .status(status)
        .header("content-type", kind)
        // Tells an emptied store from an old one; no vendor header, and nothing secret.
        .header("x-sandbox-store", &crm.identity);
    let (remaining, retry_after_s) = match (strike.rate, toll) {
        (RateHeaders::Missing, _) | (_, None) => {
            return response.body(Body::from(text)).unwrap_or_default();
        }
        (RateHeaders::Counted, Some(toll)) => (toll.remaining, toll.retry_after_s),
        (RateHeaders::Spent { retry_after_s }, Some(_)) => (0, retry_after_s.map(i64::from)),
    };
    if let Some(toll) = toll {
        response = response
            .header("x-ratelimit-limit", toll.limit)
            .header("x-ratelimit-remaining", remaining)
            .header("x-ratelimit-reset", &toll.reset);
    }
    if let Some(wait_s) = retry_after_s {
        response = response.header("retry-after", wait_s);
    }
    response.body(Body::from(text)).unwrap_or_default()
}
