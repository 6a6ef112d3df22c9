//! Appointments: meetings with a start and an end, past ones too (freshsales.md 9.3). Attendees are left out: whether
//! they are sent invitations is not known.

use serde::Deserialize;
use serde_json::Map;
use serde_json::Value as Json;
use serde_json::json;

use crate::http::{Method, Request, Response};

use super::Entity;
use super::answer::{Answer, Meta, accepted, enveloped, meta, read_key};
use super::notes::Targetable;

/// What an appointment says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAppointment {
    /// One line.
    pub title: String,
    /// ISO 8601 with offset.
    pub from_date: String,
    /// The same.
    pub end_date: String,
    /// A Rails name, `Chennai`; the account's own when absent.
    pub time_zone: Option<String>,
    /// The text.
    pub description: Option<String>,
    /// Where.
    pub location: Option<String>,
    /// Without times of the day.
    pub is_all_day: bool,
}

/// An appointment as told.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Appointment {
    /// The appointment's id.
    pub id: i64,
    /// One line.
    #[serde(default)]
    pub title: Option<String>,
    /// With the account's offset.
    #[serde(default)]
    pub from_date: Option<String>,
    /// With the account's offset.
    #[serde(default)]
    pub end_date: Option<String>,
    /// The text.
    #[serde(default)]
    pub description: Option<String>,
    /// Where.
    #[serde(default)]
    pub location: Option<String>,
    /// What it hangs on.
    #[serde(default)]
    pub targetables: Vec<Targetable>,
}

/// Which appointments a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Over by now.
    Past,
    /// Still to come.
    Upcoming,
}

/// Asks to create an appointment on a record.
#[must_use]
pub fn create(entity: Entity, record_id: i64, appointment: &NewAppointment) -> Request {
    let mut body = wire(appointment);
    body.insert("targetable_type".to_owned(), json!(entity.targetable()));
    body.insert("targetable_id".to_owned(), json!(record_id));
    let body = enveloped("appointment", Json::Object(body));
    Request::new(Method::Post, "/appointments").with_json(&body)
}

/// Asks to change what an appointment says; what is absent stays.
#[must_use]
pub fn update(id: i64, appointment: &NewAppointment) -> Request {
    let body = enveloped("appointment", Json::Object(wire(appointment)));
    Request::new(Method::Put, one(id)).with_json(&body)
}

/// Asks to delete an appointment.
#[must_use]
pub fn delete(id: i64) -> Request {
    Request::new(Method::Delete, one(id))
}

/// Asks for one appointment.
#[must_use]
pub fn get(id: i64) -> Request {
    Request::new(Method::Get, one(id))
}

/// Asks for one page (from 1) of the appointments of all records.
#[must_use]
pub fn page(when: When, page: u32) -> Request {
    let filter = match when {
        When::Past => "past",
        When::Upcoming => "upcoming",
    };
    Request::new(Method::Get, "/appointments")
        .with_query("filter", filter)
        .with_query("page", page.to_string())
        .with_query("per_page", super::views::PAGE_ROWS.to_string())
}

/// Asks for one page (from 1) of the appointments of a record (freshsales.md 4.3).
#[must_use]
pub fn list(entity: Entity, record_id: i64, page: u32) -> Request {
    let path = format!("/{}/{record_id}/appointments", entity.plural());
    Request::new(Method::Get, path)
        .with_query("page", page.to_string())
        .with_query("per_page", super::views::PAGE_ROWS.to_string())
}

/// Reads one appointment: created, changed or asked for.
///
/// # Errors
/// A refusal, or an answer without `appointment`.
pub fn read_one(response: &Response) -> Answer<Appointment> {
    read_key(response, "appointment")
}

/// Reads a page of appointments with its counts.
///
/// # Errors
/// A refusal, or an answer without `appointments`.
pub fn read_page(response: &Response) -> Answer<(Vec<Appointment>, Meta)> {
    Ok((read_key(response, "appointments")?, meta(response)))
}

/// Reads the answer to a delete, `{"success":"200"}`.
///
/// # Errors
/// A refusal.
pub fn read_deleted(response: &Response) -> Answer<()> {
    accepted(response).map(|_| ())
}

fn one(id: i64) -> String {
    format!("/appointments/{id}")
}

fn wire(appointment: &NewAppointment) -> Map<String, Json> {
    let mut body = Map::new();
    body.insert("title".to_owned(), json!(appointment.title));
    body.insert("from_date".to_owned(), json!(appointment.from_date));
    body.insert("end_date".to_owned(), json!(appointment.end_date));
    body.insert("is_allday".to_owned(), json!(appointment.is_all_day));
    let texts = [
        ("time_zone", &appointment.time_zone),
        ("description", &appointment.description),
        ("location", &appointment.location),
    ];
    for (name, text) in texts {
        if let Some(text) = text {
            body.insert(name.to_owned(), json!(text));
        }
    }
    body
}
