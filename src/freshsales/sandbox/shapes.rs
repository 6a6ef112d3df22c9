//! Which keys an answer shows of a record, and which of its relations stay hidden until an
//! include asks for them (freshsales.md 4.2).

use serde_json::Map;
use serde_json::Value;

use super::Edition;
use super::classic;
use super::module::Module;
use super::samples;

/// The keys of a plain read of each module, all unset, as the edition has them.
#[derive(Debug)]
pub(super) struct Shapes {
    contact: Map<String, Value>,
    sales_account: Map<String, Value>,
    lead: Map<String, Value>,
    deal: Map<String, Value>,
    custom: Map<String, Value>,
}

const OF_CONTACT: &[&str] = &[
    "owner_id",
    "territory_id",
    "lead_source_id",
    "campaign_id",
    "lost_reason_id",
    "lifecycle_stage_id",
    "contact_status_id",
    "creater_id",
    "updater_id",
];

const OF_ACCOUNT: &[&str] = &[
    "industry_type_id",
    "business_type_id",
    "territory_id",
    "creater_id",
    "updater_id",
];

const OF_LEAD: &[&str] = &[
    "owner_id",
    "lead_stage_id",
    "lead_source_id",
    "lead_reason_id",
    "territory_id",
    "campaign_id",
    "creater_id",
    "updater_id",
];

const OF_DEAL: &[&str] = &[
    "owner_id",
    "sales_account_id",
    "currency_id",
    "deal_type_id",
    "deal_reason_id",
    "deal_product_id",
    "deal_payment_status_id",
    "lead_source_id",
    "campaign_id",
    "territory_id",
    "creater_id",
    "updater_id",
];

const OF_CUSTOM: &[&str] = &[
    "id",
    "name",
    "avatar",
    "owner_id",
    "creater_id",
    "created_at",
    "updater_id",
    "updated_at",
    "custom_field",
    "is_deleted",
    "links",
];

impl Shapes {
    pub(super) fn new(edition: Edition) -> Shapes {
        let unset = |keys: &[&str]| -> Map<String, Value> {
            let key = |key: &&str| ((*key).to_owned(), Value::Null);
            keys.iter().map(key).collect()
        };
        let mut contact = samples::blank("contact.json", "contact");
        contact.remove("sales_accounts");
        let mut sales_account = samples::blank("account.json", "sales_account");
        match edition {
            Edition::Suite => {}
            Edition::Classic => {
                contact = unset(classic::CONTACT_KEYS);
                sales_account.extend(unset(classic::MORE_ACCOUNT_KEYS));
            }
        }
        Shapes {
            contact,
            sales_account,
            lead: unset(classic::LEAD_KEYS),
            deal: samples::blank("deal.json", "deal"),
            custom: unset(OF_CUSTOM),
        }
    }

    /// The keys of a plain read.
    pub(super) fn shown(&self, module: Module) -> &Map<String, Value> {
        match module {
            Module::Contact => &self.contact,
            Module::SalesAccount => &self.sales_account,
            Module::Lead => &self.lead,
            Module::Deal => &self.deal,
            Module::SalesActivity | Module::Custom(_) => &self.custom,
        }
    }

    /// Whether the module has such a field in this edition, shown or hidden.
    pub(super) fn takes(&self, module: Module, name: &str) -> bool {
        self.shown(module).contains_key(name) || hidden(module).contains(&name)
    }
}

fn hidden(module: Module) -> &'static [&'static str] {
    match module {
        Module::Contact => OF_CONTACT,
        Module::SalesAccount => OF_ACCOUNT,
        Module::Lead => OF_LEAD,
        Module::Deal => OF_DEAL,
        Module::SalesActivity | Module::Custom(_) => &[],
    }
}
