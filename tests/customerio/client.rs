//! A client of the tests' own that knows nothing of ours, and a workspace to call.

use std::path::PathBuf;
use std::sync::Arc;

use mapwright::clock::TestClock;
use mapwright::customerio::sandbox::{Sandbox, Settings, Switches};
use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::Value;

/// A local Customer.io, its clock, and a way to call it.
pub(crate) struct Client {
    // In this order: a server waits for connections that are still open.
    http: reqwest::Client,
    runtime: tokio::runtime::Runtime,
    pub(crate) sandbox: Sandbox,
    pub(crate) clock: Arc<TestClock>,
}

/// One answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
    pub(crate) body: Value,
}

/// The sample workspace.
pub(crate) fn acme() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/stories/acme/in")
}

/// Noon of the day on which the sample was taken.
pub(crate) fn noon() -> Arc<TestClock> {
    Arc::new(TestClock::at("2026-01-21T12:53:20Z".parse().unwrap()))
}

/// A workspace over `folder`; no bucket unless a switch says so.
pub(crate) fn start(folder: Option<PathBuf>, switches: &[(&str, &str)]) -> Client {
    let clock = noon();
    let mut all = Switches::default();
    all.set("requests_per_second", "0").unwrap();
    for (name, value) in switches {
        all.set(name, value).unwrap();
    }
    let sandbox = Sandbox::start(Settings {
        listen: "127.0.0.1:0".parse().unwrap(),
        folder,
        key: None,
        clock: clock.clone(),
        switches: all,
    })
    .unwrap();
    Client {
        sandbox,
        clock,
        runtime: tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap(),
        http: reqwest::Client::builder()
            .no_proxy()
            .tls_certs_only(Vec::<reqwest::Certificate>::new())
            .retry(reqwest::retry::never())
            .build()
            .unwrap(),
    }
}

impl Client {
    /// A read of the App API.
    pub(crate) fn get(&self, path: &str) -> Reply {
        self.app(Method::GET, path, &Value::Null)
    }

    /// A question of the App API.
    pub(crate) fn post(&self, path: &str, body: &Value) -> Reply {
        self.app(Method::POST, path, body)
    }

    fn app(&self, method: Method, path: &str, body: &Value) -> Reply {
        let bearer = format!("Bearer {}", self.sandbox.keys().app);
        self.raw(method, path, &bearer, body).unwrap()
    }

    /// A write of the Track API.
    pub(crate) fn track(&self, method: Method, path: &str, body: &Value) -> Reply {
        let (name, password) = self.sandbox.keys().track.split_once(':').unwrap();
        self.basic(method, path, name, password, body)
    }

    /// A call of Pipelines.
    pub(crate) fn pipelines(&self, path: &str, body: &Value) -> Reply {
        let (name, password) = self.sandbox.keys().pipelines.split_once(':').unwrap();
        self.basic(Method::POST, path, name, password, body)
    }

    fn basic(&self, method: Method, path: &str, name: &str, password: &str, body: &Value) -> Reply {
        let url = format!("{}{path}", self.sandbox.url());
        let request = self.http.request(method, url);
        // The header is built by a library that is not ours.
        let mut request = request.basic_auth(name, Some(password));
        if !body.is_null() {
            request = request.json(body);
        }
        self.send(request).unwrap()
    }

    /// Any request; an error when no whole answer came.
    pub(crate) fn raw(
        &self,
        method: Method,
        path: &str,
        authorization: &str,
        body: &Value,
    ) -> Result<Reply, reqwest::Error> {
        let url = if path.starts_with("http") {
            path.to_owned()
        } else {
            format!("{}{path}", self.sandbox.url())
        };
        let mut request = self.http.request(method, url);
        if !authorization.is_empty() {
            request = request.header("authorization", authorization);
        }
        if !body.is_null() {
            request = request.json(body);
        }
        self.send(request)
    }

    fn send(&self, request: reqwest::RequestBuilder) -> Result<Reply, reqwest::Error> {
        self.runtime.block_on(async {
            let answer = request.send().await?;
            let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
            let text = answer.text().await?;
            let body = serde_json::from_str(&text).unwrap_or(Value::Null);
            Ok(Reply {
                status,
                headers,
                text,
                body,
            })
        })
    }

    /// Every record of a paged list: follows `next` as long as there is one.
    pub(crate) fn pages(&self, path: &str, key: &str, body: &Value) -> Vec<Value> {
        let mut all = Vec::new();
        let mut start = String::new();
        loop {
            let sign = if path.contains('?') { '&' } else { '?' };
            let with = format!("{path}{sign}start={start}");
            let reply = if body.is_null() {
                self.get(&with)
            } else {
                self.post(&with, body)
            };
            assert_eq!(reply.status, 200, "{with}: {}", reply.text);
            all.extend(reply.body[key].as_array().cloned().unwrap_or_default());
            match reply.body["next"].as_str() {
                Some(next) if !next.is_empty() => next.clone_into(&mut start),
                _ => return all,
            }
        }
    }
}
