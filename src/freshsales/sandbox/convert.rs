//! The conversion of a lead: always a contact, an account when there is a company name, a deal when
//! there are its name and value (freshsales.md 8, "Effect" and "Lost on convert").
//!
//! The answer was never recorded, nor what becomes of notes and tasks: switches and guesses.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::classic;
use super::crm::Action;
use super::crm::Crm;
use super::entity::Entity;
use super::module::Module;
use super::modules;
use super::positions::ConvertAnswer;
use super::records;
use super::render::Place;
use super::reply::Answer;
use super::reply::Refusal;
use super::reply::Reply;
use super::request::Request;
use super::targets;
use super::unique;

/// What goes over from the lead to the contact; stage, reason and territory are lost.
const CARRIED: &[&str] = &[
    "first_name",
    "last_name",
    "job_title",
    "department",
    "email",
    "emails",
    "work_number",
    "mobile_number",
    "phone_numbers",
    "address",
    "city",
    "state",
    "zipcode",
    "country",
    "time_zone",
    "do_not_disturb",
    "has_authority",
    "medium",
    "keyword",
    "facebook",
    "twitter",
    "linkedin",
    "tags",
    "owner_id",
    "lead_source_id",
    "campaign_id",
    "subscription_status",
];

/// `POST /leads/:id/convert {"lead":{…}}`: what is sent is written over the lead first.
pub(super) fn answer(crm: &mut Crm, request: &Request, id: i64) -> Answer {
    let sent = request.record("lead")?.clone();
    records::living(crm, Entity::Lead, id)?;
    if !sent.is_empty() {
        records::update(crm, Module::Lead, id, &sent)?;
    }
    let lead = records::living(crm, Entity::Lead, id)?.body;
    let account = account(crm, &lead)?;
    let contact = contact(crm, &lead, account)?;
    deal(crm, &lead, contact, account)?;
    move_children(crm, id, contact)?;
    crm.books.mark_deleted(id)?;
    crm.touch(Entity::Lead, id, Action::Converted);
    match crm.switches.convert_answer {
        ConvertAnswer::Contact => {
            let fields = modules::show(crm, request, Module::Contact, contact, Place::Single)?;
            Ok(Reply::ordered(fields))
        }
        ConvertAnswer::Lead => {
            let fields = modules::show(crm, request, Module::Lead, id, Place::Single)?;
            Ok(Reply::ordered(fields))
        }
        ConvertAnswer::Empty => Ok(Reply::empty()),
    }
}

/// The account of that name, or a new one.
fn account(crm: &mut Crm, lead: &Map<String, Value>) -> Result<Option<i64>, Refusal> {
    let Some(company) = lead.get("company").and_then(Value::as_object) else {
        return Ok(None);
    };
    let Some(name) = company.get("name").and_then(unique::plain_text) else {
        return Ok(None);
    };
    if let Some(id) = unique::find(crm, Module::SalesAccount, "name", &name)? {
        return Ok(Some(id));
    }
    let mut input = company.clone();
    input.remove("id");
    records::create(crm, Module::SalesAccount, &input).map(Some)
}

fn contact(crm: &mut Crm, lead: &Map<String, Value>, account: Option<i64>) -> Result<i64, Refusal> {
    let pick = |name: &&str| Some(((*name).to_owned(), lead.get(*name)?.clone()));
    let mut input: Map<String, Value> = CARRIED.iter().filter_map(pick).collect();
    input.insert("contact_status_id".to_owned(), json!(classic::QUALIFIED));
    if let Some(account) = account {
        let link = json!([{"id": account, "is_primary": true}]);
        input.insert("sales_accounts".to_owned(), link);
    }
    // Without the admin's mapping, custom fields stay behind.
    if crm.switches.lead_fields_mapped
        && let Some(custom) = lead.get("custom_field")
    {
        input.insert("custom_field".to_owned(), custom.clone());
    }
    records::create(crm, Module::Contact, &input)
}

fn deal(
    crm: &mut Crm,
    lead: &Map<String, Value>,
    contact: i64,
    account: Option<i64>,
) -> Result<(), Refusal> {
    let deal = lead.get("deal").and_then(Value::as_object);
    let Some(deal) = deal.filter(|deal| has(deal, "name") && has(deal, "amount")) else {
        return Ok(());
    };
    let mut input = deal.clone();
    input.remove("id");
    input.insert("contacts_added_list".to_owned(), json!([contact]));
    if let Some(account) = account {
        input.insert("sales_account_id".to_owned(), json!(account));
    }
    records::create(crm, Module::Deal, &input).map(drop)
}

fn has(body: &Map<String, Value>, name: &str) -> bool {
    body.get(name).and_then(unique::plain_text).is_some()
}

/// Notes, tasks and meetings of the lead hang on the contact afterwards.
fn move_children(crm: &mut Crm, lead: i64, contact: i64) -> Result<(), Refusal> {
    let from = Module::Lead.target_key(lead);
    for entity in targets::CHILDREN {
        for id in crm.books.find(entity, "target", &from, true)? {
            let Some(mut row) = crm.books.get(entity, id)? else {
                continue;
            };
            targets::point(&mut row.body, Module::Contact, contact);
            let keys = targets::keys_of(&row.body);
            crm.books.replace(entity, id, &row.body, &keys)?;
            crm.touch(entity, id, Action::Updated);
        }
    }
    Ok(())
}
