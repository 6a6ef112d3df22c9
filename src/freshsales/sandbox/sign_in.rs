//! `POST /sign_in` of the classic edition: e-mail and password against the key
//! (freshsales.md 1, "Classic extras"). The password of this account's owner is its key.

use serde_json::Value;

use super::Edition;
use super::crm::Crm;
use super::reply::Answer;
use super::reply::Refusal;
use super::reply::Reply;
use super::request::Request;
use super::request::Verb;

/// The answer, when that is what was asked; it is the one address that needs no key.
pub(super) fn token(crm: &Crm, request: Option<&Request>) -> Option<Answer> {
    let request = request?;
    let asked = request.verb == Verb::Post && request.segments == ["sign_in"];
    if crm.edition == Edition::Suite || !asked {
        return None;
    }
    let text = |name: &str| request.body.get("user")?.get(name)?.as_str();
    let users = crm.users().unwrap_or_default();
    let known = users.first().and_then(|user| user["email"].as_str());
    let right = known.is_some() && text("email") == known && text("password") == Some(&crm.key);
    Some(if right {
        Ok(Reply::fields([
            ("login", Value::from("success")),
            ("auth_token", Value::from(crm.key.as_str())),
        ]))
    } else {
        Err(Refusal::NoKey)
    })
}
