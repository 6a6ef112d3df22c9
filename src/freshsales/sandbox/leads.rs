//! What a lead of the classic edition takes: a person, with the company and the deal it may become
//! nested in it (freshsales.md 8).

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::classic;
use super::contacts;
use super::crm::Crm;
use super::form;
use super::links;
use super::module::Module;
use super::positions::LeadNeeds;
use super::records::Draft;
use super::reply::Refusal;
use super::values;

const COMPANY_TEXTS: &[&str] = &[
    "name", "address", "city", "state", "zipcode", "country", "website", "phone",
];

const COMPANY_CHOICES: &[&str] = &[
    "industry_type_id",
    "business_type_id",
    "number_of_employees",
];

/// A new lead before anything was written to it.
pub(super) fn blank(crm: &Crm, id: i64) -> Map<String, Value> {
    let mut body = contacts::blank_person(id);
    let given = [
        ("do_not_disturb", json!(false)),
        ("has_authority", json!(false)),
        ("lead_quality", json!("Cold")),
        ("lead_stage_id", json!(classic::NEW)),
        ("stage_updated_time", json!(crm.now())),
    ];
    body.extend(given.map(|(key, value)| (key.to_owned(), value)));
    body
}

/// Writes `input` over the draft and gathers every problem.
pub(super) fn write(
    crm: &mut Crm,
    draft: &mut Draft,
    input: &Map<String, Value>,
) -> Result<(), Refusal> {
    let stage = draft.body.get("lead_stage_id").cloned();
    contacts::write_person(crm, Module::Lead, draft, input)?;
    if draft.body.get("lead_stage_id") != stage.as_ref() {
        draft
            .body
            .insert("stage_updated_time".to_owned(), json!(crm.now()));
    }
    write_company(crm, draft, input);
    write_deal(crm, draft, input);
    let text = |name: &str| draft.body.get(name).and_then(Value::as_str);
    let nameless = text("last_name").is_none_or(|text| text.trim().is_empty());
    if draft.is_new && nameless && crm.switches.lead_needs == LeadNeeds::LastName {
        draft.problems.push("Last name can't be blank".to_owned());
    }
    Ok(())
}

/// `company{…}` of a lead; what was sent is written over what is there.
fn write_company(crm: &Crm, draft: &mut Draft, input: &Map<String, Value>) {
    let Some(sent) = nested(draft, input, "company", "Company") else {
        return;
    };
    let mut company = inner(draft, "company");
    let max = crm.switches.standard_text_max;
    for name in COMPANY_TEXTS {
        company.set(&sent, name, |value| {
            values::text(&format!("Company {name}"), value, max, &crm.switches)
        });
    }
    for name in COMPANY_CHOICES {
        let known = form::choice_ids(crm.edition, Module::SalesAccount, name);
        company.set(&sent, name, |value| {
            links::choice(&format!("Company {name}"), value, &known, &crm.switches)
        });
    }
    company.set(&sent, "annual_revenue", |value| {
        values::number("Annual revenue", value)
    });
    put(draft, "company", company);
}

/// `deal{…}` of a lead.
fn write_deal(crm: &Crm, draft: &mut Draft, input: &Map<String, Value>) {
    let Some(sent) = nested(draft, input, "deal", "Deal") else {
        return;
    };
    let mut deal = inner(draft, "deal");
    deal.set(&sent, "name", |value| {
        values::text(
            "Deal name",
            value,
            crm.switches.standard_text_max,
            &crm.switches,
        )
    });
    deal.set(&sent, "amount", |value| values::money("Deal value", value));
    deal.set(&sent, "expected_close", |value| {
        values::day("Expected close date", value, &crm.switches)
    });
    let currencies = form::choice_ids(crm.edition, Module::Deal, "currency_id");
    deal.set(&sent, "currency_id", |value| {
        links::choice("Currency", value, &currencies, &crm.switches)
    });
    put(draft, "deal", deal);
}

/// The object sent under `name`; `null` clears what is there.
fn nested(
    draft: &mut Draft,
    input: &Map<String, Value>,
    name: &str,
    label: &str,
) -> Option<Map<String, Value>> {
    match input.get(name)? {
        Value::Object(sent) => return Some(sent.clone()),
        Value::Null => drop(draft.body.insert(name.to_owned(), Value::Null)),
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            draft.problems.push(format!("{label} must be an object"));
        }
    }
    None
}

fn inner(draft: &Draft, name: &str) -> Draft {
    let body = draft.body.get(name).and_then(Value::as_object);
    let mut body = body.cloned().unwrap_or_default();
    body.insert(
        "id".to_owned(),
        draft.body.get("id").cloned().unwrap_or_default(),
    );
    Draft {
        body,
        problems: Vec::new(),
        is_new: false,
    }
}

fn put(draft: &mut Draft, name: &str, inner: Draft) {
    draft.problems.extend(inner.problems);
    draft
        .body
        .insert(name.to_owned(), Value::Object(inner.body));
}
