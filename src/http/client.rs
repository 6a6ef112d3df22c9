//! The only file that opens an outgoing socket. Callers are ordinary threads; the runtime stays inside.

use std::error::Error as _;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, mpsc};
use std::time::{Duration, Instant};

use reqwest::Url;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use tokio::runtime::Runtime;

use crate::clock::Clock;

use super::message::{HttpError, Method, Request, Response};
use super::pace::{Pace, Pacer, throttled_wait};
use super::retry::{Outcome, Repeat, Step, next_step};

/// Threads of the runtime: requests wait for the server, not for us.
const WORKERS: usize = 2;
/// How long a connection may take to open.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a server may stay silent; afterwards the outcome is unknown.
const SILENCE_TIMEOUT: Duration = Duration::from_mins(1);
/// How long one answer may take in all, against servers that trickle.
const ANSWER_TIMEOUT: Duration = Duration::from_mins(5);
/// How long a wait goes on before the stop flag is looked at again.
const NAP: Duration = Duration::from_millis(100);
/// Waits that a person is told of.
const LONG_WAIT: Duration = Duration::from_mins(1);
/// The largest answer that is read; a page of 100 records is far below it.
const BODY_MAX_BYTES: usize = 64 * 1024 * 1024;

/// Where and how to call; the key is not shown by `Debug`.
#[derive(Debug)]
pub struct Settings {
    /// Up to the common part of all paths, such as `https://x.myfreshworks.com/crm/sales/api`.
    pub base: String,
    /// The value of the `Authorization` header.
    pub authorization: SecretString,
    /// The account's quota.
    pub pace: Pace,
    /// How long a server may stay silent.
    pub silence: Duration,
    /// Once it is set, every wait ends with [`HttpError::NotSent`]; requests under way come to their end.
    pub stop: Arc<AtomicBool>,
}

/// A client bound to one base address and one key; several threads may call at once.
pub struct Client {
    base: Url,
    inner: reqwest::Client,
    runtime: Runtime,
    pacer: Pacer,
    clock: Arc<dyn Clock>,
    stop: Arc<AtomicBool>,
    sent: AtomicU64,
    told: OnceLock<Told>,
}

/// Is told in words what a caller waits for.
pub type Told = Box<dyn Fn(&str) + Send + Sync>;

impl Settings {
    /// Settings with `Authorization: Token token=…` (freshsales.md 1) and the usual patience.
    #[must_use]
    pub fn with_token(base: &str, token: &SecretString, pace: Pace) -> Self {
        Self::with(base, format!("Token token={}", token.expose_secret()), pace)
    }

    /// Settings with `Authorization: Bearer …` (customerio.md 1.1) and the usual patience.
    #[must_use]
    pub fn with_bearer(base: &str, key: &SecretString, pace: Pace) -> Self {
        Self::with(base, format!("Bearer {}", key.expose_secret()), pace)
    }

    fn with(base: &str, authorization: String, pace: Pace) -> Self {
        Self {
            base: base.to_owned(),
            authorization: SecretString::from(authorization),
            pace,
            silence: SILENCE_TIMEOUT,
            stop: Arc::default(),
        }
    }
}

impl Client {
    /// A client for `settings`; opens no connection yet.
    ///
    /// # Errors
    /// [`HttpError::Unusable`] when the address is no web address, is plain http beyond this
    /// machine, or the key cannot stand in a header.
    pub fn new(settings: &Settings, clock: Arc<dyn Clock>) -> Result<Self, HttpError> {
        let base = base_address(&settings.base)?;
        let mut builder = reqwest::Client::builder()
            .default_headers(default_headers(&settings.authorization)?)
            // A redirect would carry the key, or a write, to an address nobody approved.
            .redirect(reqwest::redirect::Policy::none())
            // Only `next_step` knows which calls are safe to repeat.
            .retry(reqwest::retry::never())
            .connect_timeout(CONNECT_TIMEOUT)
            .read_timeout(settings.silence)
            .timeout(ANSWER_TIMEOUT);
        if is_loopback(&base) {
            builder = builder.no_proxy();
            if base.scheme() == "http" {
                // Without any CA bundle `build` fails even for plain http (reqwest issue 2988).
                builder = builder.tls_certs_only(Vec::<reqwest::Certificate>::new());
            }
        }
        let inner = builder.build().map_err(|error| unusable(told(error)))?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(WORKERS)
            .thread_name("http")
            .enable_all()
            .build()
            .map_err(|error| unusable(format!("could not start the network threads: {error}")))?;
        Ok(Self {
            base,
            inner,
            runtime,
            pacer: Pacer::new(settings.pace),
            clock,
            stop: Arc::clone(&settings.stop),
            sent: AtomicU64::new(0),
            told: OnceLock::new(),
        })
    }

    /// The base address, without credentials.
    #[must_use]
    pub fn base(&self) -> &str {
        self.base.as_str()
    }

    /// The base address as a name of the server: a loopback port says nothing of what listens there.
    #[must_use]
    pub fn address(&self) -> String {
        let mut address = self.base.clone();
        if is_loopback(&address) {
            // Fails only for addresses without a host, which have no port either.
            let _without_host = address.set_port(None);
        }
        address.as_str().trim_end_matches('/').to_owned()
    }

    /// Requests that left, or tried to.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// The size of the server's window and what is left of it, as the latest answer said.
    #[must_use]
    pub fn quota_left(&self) -> Option<(u64, u64)> {
        self.pacer.told()
    }

    /// From here on `told` hears what is waited for; the first one stays.
    pub fn listen(&self, told: Told) {
        // A second listener would tell everything twice.
        let _first_stays = self.told.set(told);
    }

    /// Says something to whoever listens; never a value of a record.
    pub fn say(&self, words: &str) {
        if let Some(told) = self.told.get() {
            told(words);
        }
    }

    /// Lets `duration` pass, in naps, so that the stop flag is heard.
    ///
    /// # Errors
    /// [`HttpError::NotSent`] once the stop flag is set.
    pub fn pause(&self, duration: Duration) -> Result<(), HttpError> {
        let mut rest = duration;
        loop {
            if self.stop.load(Ordering::Relaxed) {
                let why = "stopped while waiting".to_owned();
                return Err(HttpError::NotSent { why });
            }
            if rest.is_zero() {
                return Ok(());
            }
            let nap = rest.min(NAP);
            self.clock.sleep(nap);
            rest = rest.saturating_sub(nap);
        }
    }

    /// Sends once, as soon as the pace allows. Any status is an answer.
    ///
    /// # Errors
    /// See [`HttpError`]: its variants say whose move is next.
    pub fn send(&self, request: &Request) -> Result<Response, HttpError> {
        let url = address(&self.base, request);
        self.wait_for_pace()?;
        let mut builder = self.inner.request(verb(request.method), url);
        if let Some(body) = &request.body {
            builder = builder
                .header(CONTENT_TYPE, &request.content_type)
                .body(body.clone());
        }
        self.sent.fetch_add(1, Ordering::Relaxed);
        let started = Instant::now();
        // Spawned and waited for over a channel: a caller that goes away cancels no write.
        let (sender, receiver) = mpsc::sync_channel(1);
        self.runtime.spawn(async move {
            // The receiver may be gone; then nobody wants the answer.
            let _unheard = sender.send(exchange(builder).await);
        });
        let ended = receiver.recv().unwrap_or_else(|_| {
            let why = "the network thread ended before the answer".to_owned();
            Err(HttpError::Unknown { why })
        });
        log(request, &ended, started.elapsed());
        if let Ok(response) = &ended {
            self.pacer.learn(response, self.clock.now());
        }
        ended
    }

    /// Sends, and repeats as far as `next_step` allows. An answer is any status but 5xx; a 5xx is
    /// told as [`HttpError::Unknown`].
    ///
    /// # Errors
    /// See [`HttpError`]; after `Unknown` of an unsafe request nothing was sent a second time.
    pub fn call(&self, request: &Request, repeat: Repeat) -> Result<Response, HttpError> {
        let mut attempt = 1;
        loop {
            let ended = self.send(request);
            let outcome = match &ended {
                Ok(response) => Outcome::Answered {
                    status: if response.is_throttled() {
                        429
                    } else {
                        response.status
                    },
                    wait: throttled_wait(response, attempt, self.clock.now()),
                },
                Err(HttpError::Unusable { .. }) => return ended,
                Err(HttpError::NotSent { .. }) => Outcome::NotSent,
                Err(HttpError::Unknown { .. }) => Outcome::Unknown,
            };
            match next_step(attempt, outcome, repeat) {
                Step::Finish => return ended,
                Step::Doubt => return Err(doubt(ended)),
                Step::Again { after } => {
                    tracing::debug!(path = request.path, attempt, wait_ms = ms(after), "again");
                    self.pause(after)?;
                }
            }
            attempt += 1;
        }
    }

    fn wait_for_pace(&self) -> Result<(), HttpError> {
        while let Err(wait) = self.pacer.take(self.clock.now()) {
            if wait >= LONG_WAIT {
                let minutes = wait.as_secs().div_ceil(60);
                self.say(&format!(
                    "the hour's quota is used up: waiting {minutes} min for the next"
                ));
            }
            self.pause(wait)?;
        }
        Ok(())
    }
}

async fn exchange(builder: reqwest::RequestBuilder) -> Result<Response, HttpError> {
    let mut answer = builder.send().await.map_err(sorted)?;
    let status = answer.status().as_u16();
    let headers = kept_headers(answer.headers());
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(sorted)? {
        if body.len() + chunk.len() > BODY_MAX_BYTES {
            let why = format!("the answer is longer than {BODY_MAX_BYTES} bytes");
            return Err(HttpError::Unknown { why });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Response {
        status,
        headers,
        body,
    })
}

fn base_address(text: &str) -> Result<Url, HttpError> {
    let base = Url::parse(text).map_err(|error| {
        unusable(format!(
            "expected a web address, found one that fails: {error}"
        ))
    })?;
    if !base.username().is_empty() || base.password().is_some() {
        return Err(unusable(
            "the address must not carry a name or a password".into(),
        ));
    }
    match base.scheme() {
        "https" => Ok(base),
        "http" if is_loopback(&base) => Ok(base),
        "http" => Err(unusable(
            "expected https: plain http would show the key to the network".into(),
        )),
        other => Err(unusable(format!("expected https, found `{other}`"))),
    }
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare == "localhost"
        || bare
            .parse::<std::net::IpAddr>()
            .is_ok_and(|ip| ip.is_loopback())
}

fn default_headers(authorization: &SecretString) -> Result<HeaderMap, HttpError> {
    let mut value = HeaderValue::from_str(authorization.expose_secret())
        .map_err(|_| unusable("the key has characters that a header cannot carry".into()))?;
    value.set_sensitive(true);
    let mut headers = HeaderMap::new();
    headers.insert(AUTHORIZATION, value);
    Ok(headers)
}

fn address(base: &Url, request: &Request) -> Url {
    let mut url = base.clone();
    url.set_path(&format!(
        "{}{}",
        base.path().trim_end_matches('/'),
        request.path
    ));
    if !request.query.is_empty() {
        url.query_pairs_mut().extend_pairs(&request.query);
    }
    url
}

fn verb(method: Method) -> reqwest::Method {
    match method {
        Method::Get => reqwest::Method::GET,
        Method::Post => reqwest::Method::POST,
        Method::Put => reqwest::Method::PUT,
        Method::Delete => reqwest::Method::DELETE,
    }
}

fn kept_headers(headers: &HeaderMap) -> Vec<(String, String)> {
    let is_kept = |name: &str| {
        name.starts_with("x-ratelimit-")
            || matches!(name, "retry-after" | "content-type" | "x-sandbox-store")
    };
    headers
        .iter()
        .filter(|(name, _)| is_kept(name.as_str()))
        .filter_map(|(name, value)| {
            let text = value.to_str().ok()?;
            Some((name.as_str().to_owned(), text.to_owned()))
        })
        .collect()
}

fn sorted(error: reqwest::Error) -> HttpError {
    if error.is_builder() {
        return unusable(told(error));
    }
    // `is_connect` is the one sign that no byte left; a hang-up and a silence come back otherwise.
    if error.is_connect() {
        return HttpError::NotSent { why: told(error) };
    }
    HttpError::Unknown { why: told(error) }
}

/// The error's words down to its cause, without the address: a query may hold a person's e-mail.
fn told(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        words.push_str(": ");
        words.push_str(&inner.to_string());
        cause = inner.source();
    }
    words
}

fn doubt(ended: Result<Response, HttpError>) -> HttpError {
    match ended {
        Ok(response) => HttpError::Unknown {
            why: format!("the server answered with status {}", response.status),
        },
        Err(error) => error,
    }
}

fn unusable(why: String) -> HttpError {
    HttpError::Unusable { why }
}

fn log(request: &Request, ended: &Result<Response, HttpError>, took: Duration) {
    let method = request.method.word();
    let path = request.path.as_str();
    match ended {
        Ok(response) => {
            tracing::debug!(
                method,
                path,
                status = response.status,
                ms = ms(took),
                "answered"
            );
        }
        Err(error) => tracing::debug!(method, path, ms = ms(took), %error, "no answer"),
    }
}

fn ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
