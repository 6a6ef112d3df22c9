//! Functions on e-mail and web addresses.

use std::borrow::Cow;

use email_address::EmailAddress;
use unicode_normalization::char::is_combining_mark;

use super::argument::{fault, map_text, text};
use super::text::lower_case;
use super::{Builtin, Example, Kind, Parameter, Sample};
use crate::model::{Fault, Value};

const EMAIL: Parameter = Parameter::new("email", Kind::Text);
const ADDRESS: Parameter = Parameter::new("address", Kind::Text);

pub(super) static WEB: &[Builtin] = &[
    Builtin {
        name: "email",
        parameters: &[EMAIL],
        sentence: "The e-mail address in its agreed form, trimmed and in lower case; fails on what is no full address.",
        examples: &[
            Example::gives(
                &[Sample::Text(" Jo@Gmail.com ")],
                Sample::Text("jo@gmail.com"),
            ),
            Example::gives(
                &[Sample::Text("o'neil+crm@müller.example")],
                Sample::Text("o'neil+crm@müller.example"),
            ),
            Example::fails(&[Sample::Text("jo@localhost")]),
            Example::fails(&[Sample::Text("jo@a_b.de")]),
            Example::fails(&[Sample::Text("jo@a.123")]),
            Example::fails(&[Sample::Text("Jo Doe <jo@x.de>")]),
            Example::fails(&[Sample::Text("n/a")]),
        ],
        can_fail: true,
        run: email,
        ..Builtin::PLAIN
    },
    Builtin {
        name: "email_domain",
        parameters: &[EMAIL],
        sentence: "What follows the last @, trimmed and in lower case; blank where there is no @.",
        examples: &[
            Example::gives(&[Sample::Text(" Jo@Gmail.com ")], Sample::Text("gmail.com")),
            Example::gives(&[Sample::Text("a@b@c.de")], Sample::Text("c.de")),
            Example::gives(&[Sample::Text("n/a")], Sample::Blank),
        ],
        run: email_domain,
        ..Builtin::PLAIN
    },
    Builtin {
        name: "email_local",
        parameters: &[EMAIL],
        sentence: "What stands before the last @, trimmed; blank where there is no @.",
        examples: &[
            Example::gives(&[Sample::Text("Jo.Doe@x.de")], Sample::Text("Jo.Doe")),
            Example::gives(&[Sample::Text("n/a")], Sample::Blank),
        ],
        run: email_local,
        ..Builtin::PLAIN
    },
    Builtin {
        name: "web_address",
        parameters: &[ADDRESS],
        sentence: "A full web address: https:// is put before a bare domain, and the host is in lower case; fails on what has no proper host.",
        examples: &[
            Example::gives(
                &[Sample::Text("Acme.example")],
                Sample::Text("https://acme.example"),
            ),
            Example::gives(
                &[Sample::Text("HTTP://www.Acme.example:8080/Shop?q=1")],
                Sample::Text("http://www.acme.example:8080/Shop?q=1"),
            ),
            Example::fails(&[Sample::Text("n/a")]),
            Example::fails(&[Sample::Text("ftp://acme.example")]),
            Example::fails(&[Sample::Text("jo@acme.example")]),
        ],
        can_fail: true,
        run: web_address,
        ..Builtin::PLAIN
    },
    Builtin {
        name: "host",
        parameters: &[ADDRESS],
        sentence: "The host of a web address or bare domain in lower case; blank where there is none.",
        examples: &[
            Example::gives(
                &[Sample::Text("https://www.Acme.example/about")],
                Sample::Text("www.acme.example"),
            ),
            Example::gives(
                &[Sample::Text("acme.example")],
                Sample::Text("acme.example"),
            ),
            Example::gives(&[Sample::Text("not known")], Sample::Blank),
        ],
        run: host,
        ..Builtin::PLAIN
    },
    Builtin {
        name: "registrable_domain",
        parameters: &[ADDRESS],
        sentence: "The part of a web address, domain or e-mail address that its owner registered; blank where there is none.",
        examples: &[
            Example::gives(
                &[Sample::Text("https://shop.Acme.co.uk/x")],
                Sample::Text("acme.co.uk"),
            ),
            Example::gives(
                &[Sample::Text("jo@mail.acme.com")],
                Sample::Text("acme.com"),
            ),
            Example::gives(&[Sample::Text("co.uk")], Sample::Blank),
            Example::gives(&[Sample::Text("127.0.0.1")], Sample::Blank),
        ],
        run: registrable_domain,
        ..Builtin::PLAIN
    },
];

fn email<'a>(arguments: &[Value<'a>]) -> Result<Value<'a>, Fault> {
    map_text(text(arguments, 0)?, |text| {
        let address = lowered(text.trim());
        let Some((local, domain)) = address.rsplit_once('@') else {
            return Err(fault("expected an e-mail address, found a text without @"));
        };
        // The package lets quoted local parts pass, and odd domains, which are for us to check.
        let is_local = EmailAddress::is_valid_local_part(local)
            && !local.starts_with('"')
            && local.chars().all(is_visible);
        if !is_local {
            return Err(fault(
                "expected an e-mail address, found odd characters before the @",
            ));
        }
        if !is_domain(domain) {
            return Err(fault(
                "expected an e-mail address, found no proper domain behind the @",
            ));
        }
        Ok(Value::Text(address))
    })
}

fn email_domain<'a>(arguments: &[Value<'a>]) -> Result<Value<'a>, Fault> {
    map_text(text(arguments, 0)?, |text| {
        let domain = text.rsplit_once('@').map_or("", |(_, domain)| domain);
        Ok(Value::Text(lowered(domain.trim())))
    })
}

fn email_local<'a>(arguments: &[Value<'a>]) -> Result<Value<'a>, Fault> {
    map_text(text(arguments, 0)?, |text| {
        let local = text.rsplit_once('@').map_or("", |(local, _)| local);
        Ok(Value::text(local.trim()))
    })
}

fn web_address<'a>(arguments: &[Value<'a>]) -> Result<Value<'a>, Fault> {
    map_text(text(arguments, 0)?, |text| {
        let text = text.trim();
        let Some(parts) = Parts::of(text) else {
            return Err(fault(
                "expected a web address like https://acme.example, found no proper host",
            ));
        };
        if text.chars().any(|it| it.is_whitespace() || it.is_control()) {
            return Err(fault("expected a web address, found white space inside"));
        }
        let scheme = parts.scheme.map_or(Cow::Borrowed("https"), lowered);
        let is_agreed =
            parts.scheme == Some(&*scheme) && matches!(lowered(parts.host), Cow::Borrowed(_));
        if is_agreed {
            return Ok(Value::text(text));
        }
        let Parts { host, rest, .. } = parts;
        Ok(Value::owned(format!("{scheme}://{}{rest}", lowered(host))))
    })
}

fn host<'a>(arguments: &[Value<'a>]) -> Result<Value<'a>, Fault> {
    map_text(text(arguments, 0)?, |text| {
        let host = Parts::of(text.trim()).map_or("", |parts| parts.host);
        Ok(Value::Text(lowered(host)))
    })
}

fn registrable_domain<'a>(arguments: &[Value<'a>]) -> Result<Value<'a>, Fault> {
    map_text(text(arguments, 0)?, |text| {
        let text = text.trim();
        let host = match text.rsplit_once('@') {
            Some((_, domain)) if is_domain(domain) => domain,
            Some(_) | None => Parts::of(text).map_or("", |parts| parts.host),
        };
        // psl compares letter by letter and its list is in lower case.
        Ok(Value::Text(match lowered(host) {
            Cow::Borrowed(host) => Cow::Borrowed(psl::domain_str(host).unwrap_or("")),
            Cow::Owned(host) => Cow::Owned(psl::domain_str(&host).unwrap_or("").to_owned()),
        }))
    })
}

fn lowered(text: &str) -> Cow<'_, str> {
    lower_case(text).map_or(Cow::Borrowed(text), Cow::Owned)
}

/// The parts of a web address; only http and https, no user names.
struct Parts<'t> {
    scheme: Option<&'t str>,
    host: &'t str,
    /// Port, path, query and fragment.
    rest: &'t str,
}

impl<'t> Parts<'t> {
    fn of(text: &'t str) -> Option<Self> {
        let (scheme, behind) = match text.split_once("://") {
            Some((scheme, behind)) if scheme.chars().all(|it| it.is_ascii_alphanumeric()) => {
                (Some(scheme), behind)
            }
            Some(_) | None => (None, text),
        };
        let is_web = |it: &str| it.eq_ignore_ascii_case("http") || it.eq_ignore_ascii_case("https");
        if !scheme.is_none_or(is_web) {
            return None;
        }
        let end = behind.find(['/', '?', '#']).unwrap_or(behind.len());
        let authority = behind.get(..end)?;
        let (host, port) = authority.split_once(':').unwrap_or((authority, "0"));
        port.parse::<u16>().ok()?;
        let rest = behind.get(host.len()..)?;
        is_domain(host).then_some(Self { scheme, host, rest })
    }
}

/// No zero-width or other unseen character came along with a pasted address.
fn is_visible(letter: char) -> bool {
    letter.is_ascii_graphic() || letter.is_alphanumeric() || is_combining_mark(letter)
}

/// Labels of letters, digits and hyphens with points between; the last one is no number.
fn is_domain(domain: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.chars().count())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .chars()
                .all(|it| it == '-' || it.is_alphanumeric() || is_combining_mark(it))
    };
    let Some((_, last)) = domain.rsplit_once('.') else {
        return false;
    };
    domain.len() <= 253
        && domain.split('.').all(is_label)
        && last.chars().count() > 1
        && !last.chars().all(char::is_numeric)
}
