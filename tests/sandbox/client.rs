//! A client of the tests' own that knows nothing of ours: it sends JSON and reads JSON.

use mapwright::freshsales::sandbox::Edition;
use mapwright::freshsales::sandbox::Sandbox;
use mapwright::freshsales::sandbox::Settings;
use mapwright::freshsales::sandbox::Store;
use mapwright::freshsales::sandbox::Switches;
use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::Value;
use serde_json::json;

/// A sandbox and a way to call it.
pub(crate) struct Client {
    pub(crate) sandbox: Sandbox,
    runtime: tokio::runtime::Runtime,
    http: reqwest::Client,
}

/// One answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
    pub(crate) body: Value,
}

pub(crate) fn settings() -> Settings {
    Settings {
        listen: "127.0.0.1:0".parse().unwrap(),
        store: Store::Memory,
        edition: Edition::Suite,
        seed: None,
        api_key: None,
        switches: Switches::default(),
    }
}

pub(crate) const SUITE: Edition = Edition::Suite;
pub(crate) const CLASSIC: Edition = Edition::Classic;

/// A sandbox of the classic edition.
pub(crate) fn classic(switches: &[(&str, &str)]) -> Client {
    Client::start(CLASSIC, switches)
}

impl Client {
    pub(crate) fn new() -> Client {
        Client::with(&[])
    }

    pub(crate) fn with(switches: &[(&str, &str)]) -> Client {
        Client::start(SUITE, switches)
    }

    fn start(edition: Edition, switches: &[(&str, &str)]) -> Client {
        let mut settings = Settings {
            edition,
            ..settings()
        };
        for (name, value) in switches {
            settings.switches.set(name, value).unwrap();
        }
        Client::of(Sandbox::start(settings).unwrap())
    }

    pub(crate) fn of(sandbox: Sandbox) -> Client {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let http = reqwest::Client::builder()
            .no_proxy()
            .tls_certs_only(Vec::<reqwest::Certificate>::new())
            .retry(reqwest::retry::never())
            .build()
            .unwrap();
        Client {
            sandbox,
            runtime,
            http,
        }
    }

    pub(crate) fn get(&self, path: &str) -> Reply {
        self.call(Method::GET, path, &Value::Null)
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Reply {
        self.call(Method::POST, path, body)
    }

    pub(crate) fn put(&self, path: &str, body: &Value) -> Reply {
        self.call(Method::PUT, path, body)
    }

    pub(crate) fn delete(&self, path: &str) -> Reply {
        self.call(Method::DELETE, path, &Value::Null)
    }

    pub(crate) fn call(&self, method: Method, path: &str, body: &Value) -> Reply {
        let text = match body {
            Value::Null => String::new(),
            Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_)
            | Value::Object(_) => body.to_string(),
        };
        let key = format!("Token token={}", self.sandbox.api_key());
        self.try_raw(
            method,
            &format!("{}{path}", self.sandbox.url()),
            &key,
            &text,
        )
        .unwrap()
    }

    /// Posts a form with this boundary.
    pub(crate) fn form(&self, path: &str, boundary: &str, body: &str) -> Reply {
        let key = format!("Token token={}", self.sandbox.api_key());
        let url = format!("{}{path}", self.sandbox.url());
        let kind = format!("multipart/form-data; boundary={boundary}");
        self.send(Method::POST, &url, [key.as_str(), &kind], body)
            .unwrap()
    }

    pub(crate) fn try_raw(
        &self,
        method: Method,
        url: &str,
        authorization: &str,
        body: &str,
    ) -> reqwest::Result<Reply> {
        self.send(method, url, [authorization, "application/json"], body)
    }

    fn send(
        &self,
        method: Method,
        url: &str,
        [authorization, kind]: [&str; 2],
        body: &str,
    ) -> reqwest::Result<Reply> {
        self.runtime.block_on(async {
            let request = self
                .http
                .request(method, url)
                .header("Authorization", authorization);
            let request = request.header("Content-Type", kind);
            let response = request.body(body.to_owned()).send().await?;
            let status = response.status().as_u16();
            let headers = response.headers().clone();
            let text = response.text().await?;
            let body = serde_json::from_str(&text).unwrap_or_default();
            Ok(Reply {
                status,
                headers,
                text,
                body,
            })
        })
    }

    /// Creates a contact with this e-mail and gives its id.
    pub(crate) fn contact(&self, email: &str) -> i64 {
        let reply = self.post("/contacts", &json!({"contact": {"emails": email}}));
        reply.ok()["contact"]["id"].as_i64().unwrap()
    }

    /// Creates an account with this name and gives its id.
    pub(crate) fn account(&self, name: &str) -> i64 {
        let reply = self.post("/sales_accounts", &json!({"sales_account": {"name": name}}));
        reply.ok()["sales_account"]["id"].as_i64().unwrap()
    }

    /// Creates a custom field on a form and gives its name.
    pub(crate) fn field(&self, plural: &str, body: &Value) -> String {
        let forms = self.get(&format!("/settings/{plural}/forms"));
        let form = forms.ok()["forms"][0]["id"].clone();
        let reply = self.post(&format!("/settings/{plural}/forms/{form}/fields"), body);
        reply.ok()["field"]["name"].as_str().unwrap().to_owned()
    }
}

impl Reply {
    /// The body of a success.
    pub(crate) fn ok(&self) -> &Value {
        assert_eq!(self.status, 200, "{}", self.text);
        &self.body
    }

    /// The messages of a refusal with this status.
    pub(crate) fn refused(&self, status: u16) -> Vec<String> {
        assert_eq!(self.status, status, "{}", self.text);
        assert_eq!(self.body["errors"]["code"], json!(status), "{}", self.text);
        let messages = self.body["errors"]["message"].as_array().unwrap();
        messages
            .iter()
            .map(|message| message.as_str().unwrap().to_owned())
            .collect()
    }
}
