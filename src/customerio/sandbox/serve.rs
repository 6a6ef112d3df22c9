//! The HTTP side: which surface, its key, the bucket, faults.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, Request as HttpRequest, Response};

use super::bucket::Bucket;
use super::reply::{Answer, Refusal, Reply};
use super::request::Request;
use super::strike::{Counts, Strike};
use super::world::World;
use super::{Keys, exports, pipelines, routes, track};
use crate::http::Method;
use crate::http::local::{Delivery, Manner, told};

/// The largest body that is taken.
const BODY_MAX_BYTES: usize = 10 * 1024 * 1024;

/// The workspace, shared by all connections; one request at a time.
pub(super) type Shared = Arc<Mutex<Site>>;

/// The workspace and its doors.
pub(super) struct Site {
    pub(super) world: World,
    pub(super) log: Vec<String>,
    keys: Keys,
    counts: Counts,
    /// The bucket is remade when its size is changed.
    bucket_size: u32,
}

impl Site {
    pub(super) fn new(world: World, keys: Keys) -> Site {
        let bucket_size = world.switches.requests_per_second;
        Site {
            world,
            log: Vec::new(),
            keys,
            counts: Counts::default(),
            bucket_size,
        }
    }
}

/// What answers the requests.
pub(super) fn router(shared: Shared) -> Router {
    Router::new().fallback(answer).with_state(shared)
}

/// The workspace, also after a panic elsewhere.
pub(super) fn lock(shared: &Shared) -> std::sync::MutexGuard<'_, Site> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn answer(
    State(shared): State<Shared>,
    ConnectInfo(manner): ConnectInfo<Manner>,
    request: HttpRequest<Body>,
) -> Response<Body> {
    manner.set(Delivery::Whole);
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, BODY_MAX_BYTES).await;
    let (response, strike) = {
        let mut site = lock(&shared);
        let (path, query) = (parts.uri.path(), parts.uri.query());
        let line = format!("{} {}", parts.method, parts.uri);
        site.log.push(line);
        let read = || {
            let body = body.as_ref().map_err(|_| Refusal::TooLarge)?;
            let method = Method::of(parts.method.as_str()).ok_or(Refusal::NoRoute)?;
            Request::read(method, path, query, body)
        };
        let mut strike = Strike::default();
        let answer = site.handle(read(), &parts.headers, &mut strike);
        (respond(&answer, &strike), strike)
    };
    manner.set(strike.delivery);
    if strike.late_ms > 0 {
        tokio::time::sleep(Duration::from_millis(strike.late_ms)).await;
    }
    response
}

impl Site {
    fn handle(
        &mut self,
        read: Result<Request, Refusal>,
        headers: &HeaderMap,
        strike: &mut Strike,
    ) -> Answer {
        let mut request = read?;
        let first = request.segments.first().map(String::as_str);
        let call = request
            .parts()
            .first()
            .copied()
            .unwrap_or_default()
            .to_owned();
        let is_call = pipelines::CALLS.contains(&call.as_str()) && request.method == Method::Post;
        let surface = match first {
            Some("v1") if is_call => Surface::Pipelines,
            Some("v1") => Surface::App,
            Some("api") => Surface::Track,
            Some("exports") => Surface::Files,
            Some("unsubscribe") => Surface::Open,
            Some(_) | None => return Err(Refusal::NoRoute),
        };
        // Whatever shows a mail or a push may report on it, without a key (the vendor's Track specification).
        let parts = request.parts();
        let is_report = matches!(
            parts.as_slice(),
            ["v1", "metrics"] | ["v1", "push", "events"]
        );
        if !(surface == Surface::Track && is_report) {
            surface.admit(headers, &self.keys)?;
        }
        *strike = self.counts.strike(&request, &self.world.switches.faults);
        if let Some(refusal) = strike.refusal.take() {
            return Err(refusal);
        }
        if surface == Surface::App {
            self.toll()?;
        }
        request.page = strike.page;
        match surface {
            Surface::App => routes::answer(&mut self.world, &request),
            Surface::Track => track::answer(&mut self.world, &request),
            Surface::Pipelines => pipelines::answer(&mut self.world, &request),
            Surface::Files => exports::file(&self.world, &request, &call),
            Surface::Open => track::unsubscribe(&mut self.world, &request),
        }
    }

    /// Takes one request from the bucket.
    fn toll(&mut self) -> Result<(), Refusal> {
        let world = &mut self.world;
        let (size, now) = (world.switches.requests_per_second, world.clock_now());
        if size != self.bucket_size {
            self.bucket_size = size;
            world.bucket = Bucket::full(size, now);
        }
        if world.bucket.take(size, now) {
            return Ok(());
        }
        let wait_s = world.switches.retry_after.then_some(1);
        Err(Refusal::TooMany { wait_s })
    }
}

/// Which API a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Surface {
    App,
    Track,
    Pipelines,
    Files,
    /// Anybody who got a message.
    Open,
}

impl Surface {
    /// Looks at the key (customerio.md 1.1, 1.3).
    fn admit(self, headers: &HeaderMap, keys: &Keys) -> Result<(), Refusal> {
        let header = headers.get("authorization").and_then(|it| it.to_str().ok());
        let (scheme, rest) = header
            .and_then(|header| header.trim().split_once(' '))
            .unwrap_or_default();
        let is_basic = |wanted: &str| {
            scheme.eq_ignore_ascii_case("Basic") && rest.trim() == base64(wanted.as_bytes())
        };
        match self {
            Surface::Files | Surface::Open => Ok(()),
            Surface::App if scheme.eq_ignore_ascii_case("Bearer") && rest.trim() == keys.app => {
                Ok(())
            }
            Surface::Track if is_basic(&keys.track) => Ok(()),
            Surface::Track => Err(Refusal::NoTrackKey),
            Surface::Pipelines if is_basic(&keys.pipelines) => Ok(()),
            Surface::App | Surface::Pipelines => Err(Refusal::NoKey),
        }
    }
}

fn respond(answer: &Answer, strike: &Strike) -> Response<Body> {
    const JSON: &str = "application/json; charset=utf-8";
    let (status, kind, mut headers, mut text) = match answer {
        Ok(Reply::Json(value)) => (200, JSON, Vec::new(), value.to_string()),
        Ok(Reply::Partial(value)) => (207, JSON, Vec::new(), value.to_string()),
        Ok(Reply::Csv(text)) => (200, "text/csv; charset=utf-8", Vec::new(), text.clone()),
        Err(refusal) => {
            let (kind, text) = refusal.body();
            (refusal.status(), kind, refusal.headers(), text)
        }
    };
    if strike.is_truncated {
        let half = text.len() / 2;
        text.truncate(
            (0..=half)
                .rev()
                .find(|at| text.is_char_boundary(*at))
                .unwrap_or(0),
        );
    }
    let cache = "must-revalidate, no-cache, no-store".to_owned();
    headers.push(("cache-control", cache));
    told(status, kind, &headers, text)
}

/// Standard base64 with padding: what a Basic header carries.
fn base64(bytes: &[u8]) -> String {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let at = |place: usize| chunk.get(place).copied().map_or(0, u32::from);
        let group = at(0) << 16 | at(1) << 8 | at(2);
        for (place, shift) in [18, 12, 6, 0].into_iter().enumerate() {
            if place > chunk.len() {
                text.push('=');
                continue;
            }
            let sign = SIGNS.get((group >> shift & 63) as usize).copied();
            text.push(sign.map_or('=', char::from));
        }
    }
    text
}
