//! The kinds of record.

/// What a record is; the text is its name in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Entity {
    Contact,
    SalesAccount,
    Lead,
    Deal,
    /// A record of a module that the customer defined.
    CustomRecord,
    /// The definition of such a module.
    CustomModule,
    Note,
    Task,
    Appointment,
    SalesActivity,
    PhoneCall,
    /// A file or a link that hangs on a record.
    Document,
    List,
    User,
    Job,
    Field,
}

impl Entity {
    pub(super) const ALL: [Entity; 16] = [
        Entity::Contact,
        Entity::SalesAccount,
        Entity::Lead,
        Entity::Deal,
        Entity::CustomRecord,
        Entity::CustomModule,
        Entity::Note,
        Entity::Task,
        Entity::Appointment,
        Entity::SalesActivity,
        Entity::PhoneCall,
        Entity::Document,
        Entity::List,
        Entity::User,
        Entity::Job,
        Entity::Field,
    ];

    /// The name in the store and the envelope of one record.
    pub(super) fn name(self) -> &'static str {
        self.names().0
    }

    /// The key of several records.
    pub(super) fn plural(self) -> &'static str {
        self.names().1
    }

    fn names(self) -> (&'static str, &'static str) {
        match self {
            Entity::Contact => ("contact", "contacts"),
            Entity::SalesAccount => ("sales_account", "sales_accounts"),
            Entity::Lead => ("lead", "leads"),
            Entity::Deal => ("deal", "deals"),
            Entity::CustomRecord => ("custom_record", "custom_records"),
            Entity::CustomModule => ("module_customization", "module_customizations"),
            Entity::Note => ("note", "notes"),
            Entity::Task => ("task", "tasks"),
            Entity::Appointment => ("appointment", "appointments"),
            Entity::SalesActivity => ("sales_activity", "sales_activities"),
            Entity::PhoneCall => ("phone_call", "phone_calls"),
            Entity::Document => ("document", "documents"),
            Entity::List => ("list", "lists"),
            Entity::User => ("user", "users"),
            Entity::Job => ("job", "jobs"),
            Entity::Field => ("field", "fields"),
        }
    }
}
