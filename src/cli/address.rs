//! The words of `--to`: a sandbox on this machine, or an account.

use std::net::IpAddr;
use std::path::PathBuf;

use super::{Exit, Failure};

/// Where the API of an account stands below its own host (freshsales.md 1).
const HOSTS: [(&str, &str); 3] = [
    (".myfreshworks.com", "/crm/sales/api"),
    (".freshworks.com", "/crm/sales/api"),
    (".freshsales.io", "/api"),
];

/// What a path must end with where the host is a name of the customer's own.
const API: &str = "/api";

/// What `--to` names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Address {
    /// A new one, gone with this process.
    Sandbox,
    /// One whose records a file keeps.
    SandboxFile(PathBuf),
    /// One that listens on this machine: its base address.
    Local(String),
    /// Somebody's records: the base address of its API.
    Account(String),
}

impl Address {
    /// Reads the words; nothing is looked up.
    pub(super) fn parse(to: &str) -> Result<Self, Failure> {
        if to == "sandbox" {
            return Ok(Address::Sandbox);
        }
        if let Some(file) = to.strip_prefix("sandbox:") {
            if file.is_empty() {
                return Err(usage("expected a file after `sandbox:`, found none"));
            }
            return Ok(Address::SandboxFile(PathBuf::from(file)));
        }
        if to.contains('@') {
            // The words may hold a key, so they are not shown.
            return Err(usage("expected an address without a name or a key in it")
                .help("the key comes from `--key-file` or `MAPWRIGHT_FRESHSALES_KEY`"));
        }
        if let Some(rest) = to.strip_prefix("http://") {
            return local(to, rest);
        }
        account(to, to.strip_prefix("https://").unwrap_or(to))
    }
}

fn local(to: &str, rest: &str) -> Result<Address, Failure> {
    let (host, path) = parts(rest);
    if !is_loopback(host) {
        return Err(usage(format!(
            "expected https for an address beyond this machine, found `{to}`: the key would be read on the way"
        )));
    }
    Ok(Address::Local(format!("http://{host}{path}")))
}

fn account(to: &str, rest: &str) -> Result<Address, Failure> {
    let (host, path) = parts(rest);
    let host = host.to_ascii_lowercase();
    let known = HOSTS.iter().find(|(end, _)| {
        let name = host.strip_suffix(end);
        name.is_some_and(|it| !it.is_empty() && !it.contains('.'))
    });
    if let Some((_, api)) = known {
        if api.starts_with(path) {
            return Ok(Address::Account(format!("https://{host}{api}")));
        }
        return Err(usage(format!(
            "expected `https://{host}{api}`, found `{to}`"
        )));
    }
    if to.starts_with("https://") && !host.is_empty() && path.ends_with(API) {
        return Ok(Address::Account(format!("https://{host}{path}")));
    }
    Err(usage(format!(
        "expected `sandbox`, `sandbox:FILE`, the http address of a local sandbox, or an account after `--to`, found `{to}`"
    ))
    .help("an account is `NAME.myfreshworks.com`, `NAME.freshsales.io`, or an https address down to its `/api`"))
}

/// Host with port, and the path without a slash at its end.
fn parts(rest: &str) -> (&str, &str) {
    let place = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (host, path) = rest.split_at_checked(place).unwrap_or((rest, ""));
    (host, path.trim_end_matches('/'))
}

fn is_loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(inner) => inner.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name.eq_ignore_ascii_case("localhost")
        || name
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

fn usage(words: impl std::fmt::Display) -> Failure {
    Failure::new(Exit::Usage, words)
}
