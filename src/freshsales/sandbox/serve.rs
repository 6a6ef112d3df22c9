//! The HTTP side: key, quota headers, body size, and connections that are cut on purpose.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::task::Context;
use std::task::Poll;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::extract::State;
use axum::extract::connect_info::Connected;
use axum::http::HeaderMap;
use axum::http::Request;
use axum::http::Response;
use axum::serve::IncomingStream;
use axum::serve::Listener;
use tokio::io::AsyncRead;
use tokio::io::AsyncWrite;
use tokio::io::ReadBuf;
use tokio::net::TcpListener;
use tokio::net::TcpStream;

use super::crm::Crm;
use super::crm::Outcome;
use super::quota::Toll;
use super::reply::Answer;
use super::reply::Refusal;
use super::request;
use super::request::Verb;

/// The account, shared by all connections; one request at a time.
pub(super) type Shared = Arc<Mutex<Crm>>;

/// A listener whose connections can be cut before an answer goes out.
pub(super) struct Cuttable(pub(super) TcpListener);

/// One connection; once `cut` is set, nothing more is written to it.
pub(super) struct Wire {
    stream: TcpStream,
    cut: Cut,
}

/// The mark that cuts a connection.
#[derive(Clone)]
pub(super) struct Cut(Arc<AtomicBool>);

impl Listener for Cuttable {
    type Io = Wire;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Wire, SocketAddr) {
        let (stream, address) = Listener::accept(&mut self.0).await;
        // Small answers would otherwise wait for the peer's delayed acknowledgement. A failure
        // costs time alone.
        let _ = stream.set_nodelay(true);
        (
            Wire {
                stream,
                cut: Cut(Arc::new(AtomicBool::new(false))),
            },
            address,
        )
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

impl Connected<IncomingStream<'_, Cuttable>> for Cut {
    fn connect_info(stream: IncomingStream<'_, Cuttable>) -> Cut {
        stream.io().cut.clone()
    }
}

impl Wire {
    fn check(&self) -> io::Result<()> {
        if self.cut.0.load(Ordering::Acquire) {
            Err(io::ErrorKind::ConnectionAborted.into())
        } else {
            Ok(())
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// Serves until `stopped` is done; then lets the running requests end.
pub(super) async fn serve(
    listener: TcpListener,
    shared: Shared,
    stopped: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let router = Router::new().fallback(answer).with_state(shared);
    let service = router.into_make_service_with_connect_info::<Cut>();
    axum::serve(Cuttable(listener), service)
        .with_graceful_shutdown(stopped)
        .await
}

async fn answer(
    State(shared): State<Shared>,
    ConnectInfo(cut): ConnectInfo<Cut>,
    request: Request<Body>,
) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let max = lock(&shared).switches.body_max_bytes;
    let body = axum::body::to_bytes(body, max).await;
    let mut crm = lock(&shared);
    let toll = if has_key(&parts.headers, &crm.key) {
        let crm = &mut *crm;
        crm.quota.take(&crm.switches)
    } else {
        return respond(&crm, &Err(Refusal::NoKey), None);
    };
    if !toll.passed {
        return respond(&crm, &Err(Refusal::TooMany), Some(&toll));
    }
    let Ok(body) = body else {
        return respond(&crm, &Err(Refusal::TooLarge), Some(&toll));
    };
    let Some(verb) = Verb::of(parts.method.as_str()) else {
        return respond(&crm, &Err(Refusal::WrongMethod), Some(&toll));
    };
    let outcome = match request::Request::read(verb, parts.uri.path(), parts.uri.query(), &body) {
        Ok(request) => {
            let hash = blake3::hash(&body).to_hex();
            crm.handle(&request, hash.as_str())
        }
        Err(refusal) => Outcome {
            answer: Err(refusal),
            lost: false,
        },
    };
    if outcome.lost {
        cut.0.store(true, Ordering::Release);
    }
    respond(&crm, &outcome.answer, Some(&toll))
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

fn respond(crm: &Crm, answer: &Answer, toll: Option<&Toll>) -> Response<Body> {
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
    if let Some(toll) = toll {
        response = response
            .header("x-ratelimit-limit", toll.limit)
            .header("x-ratelimit-remaining", toll.remaining)
            .header("x-ratelimit-reset", &toll.reset);
        if let Some(wait_s) = toll.retry_after_s {
            response = response.header("retry-after", wait_s);
        }
    }
    response.body(Body::from(text)).unwrap_or_default()
}
