//! The kinds of record.

/// What a record is; the text is its name in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Entity {
    Contact,
    SalesAccount,
    Note,
    Task,
    Appointment,
    SalesActivity,
    List,
    User,
    Job,
    Field,
}

impl Entity {
    pub(super) const ALL: [Entity; 10] = [
        Entity::Contact,
        Entity::SalesAccount,
        Entity::Note,
        Entity::Task,
        Entity::Appointment,
        Entity::SalesActivity,
        Entity::List,
        Entity::User,
        Entity::Job,
        Entity::Field,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Entity::Contact => "contact",
            Entity::SalesAccount => "sales_account",
            Entity::Note => "note",
            Entity::Task => "task",
            Entity::Appointment => "appointment",
            Entity::SalesActivity => "sales_activity",
            Entity::List => "list",
            Entity::User => "user",
            Entity::Job => "job",
            Entity::Field => "field",
        }
    }

    pub(super) fn plural(self) -> &'static str {
        match self {
            Entity::Contact => "contacts",
            Entity::SalesAccount => "sales_accounts",
            Entity::Note => "notes",
            Entity::Task => "tasks",
            Entity::Appointment => "appointments",
            Entity::SalesActivity => "sales_activities",
            Entity::List => "lists",
            Entity::User => "users",
            Entity::Job => "jobs",
            Entity::Field => "fields",
        }
    }
}
