//! The two editions, and which of them an account is: found by asking, never assumed.

use crate::http::{Method, Request};
use crate::port::PortError;

use super::endpoints::Entity;
use super::endpoints::answer::RefusalKind;
use super::endpoints::selectors::{self, LifecycleStage};
use super::line::Line;
use super::snapshot::Target;

/// Which Freshsales an account is (freshsales.md 1, 8).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Edition {
    /// `BUNDLE.myfreshworks.com/crm/sales/api`: one record for leads and contacts.
    #[default]
    Suite,
    /// `DOMAIN.freshsales.io/api`: leads are records of their own.
    Classic,
}

/// What the probe met.
#[derive(Debug)]
pub(super) enum Probed {
    /// With its lifecycle stages.
    Suite(Vec<LifecycleStage>),
    Classic,
    /// Neither edition answers there.
    Neither,
}

impl Edition {
    /// The word in rules.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Suite => "suite",
            Self::Classic => "classic",
        }
    }

    /// The edition that rules call `word`.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        [Self::Suite, Self::Classic]
            .into_iter()
            .find(|edition| edition.word() == word)
    }

    /// What stands between the host and each path (freshsales.md 1).
    #[must_use]
    pub fn base_path(self) -> &'static str {
        match self {
            Self::Suite => "/crm/sales/api",
            Self::Classic => "/api",
        }
    }

    /// The records that rules write to.
    #[must_use]
    pub fn entities(self) -> &'static [Entity] {
        match self {
            Self::Suite => &[Entity::Contact, Entity::SalesAccount],
            Self::Classic => &[Entity::Contact, Entity::Lead, Entity::SalesAccount],
        }
    }

    /// The record that carries a target.
    #[must_use]
    pub fn entity(self, target: Target) -> Entity {
        match (target, self) {
            (Target::Account, _) => Entity::SalesAccount,
            (Target::Lead, Self::Classic) => Entity::Lead,
            (Target::Lead, Self::Suite) | (Target::Contact, _) => Entity::Contact,
        }
    }

    /// The field that says whether somebody may be written to (freshsales.md 11).
    #[must_use]
    pub fn consent(self) -> &'static str {
        match self {
            Self::Suite => "subscription_status",
            Self::Classic => "do_not_disturb",
        }
    }
}

/// Asks which edition answers on a line. Lifecycle stages prove the suite; that classic alone tells
/// fields of leads is a guess (freshsales.md 18), so it is asked second.
pub(super) fn probe(line: &Line) -> Result<Probed, PortError> {
    let stages = line.ask(
        &selectors::lifecycle_stages(),
        selectors::read_lifecycle_stages,
    );
    match stages {
        Ok(stages) if !stages.is_empty() => return Ok(Probed::Suite(stages)),
        Ok(_) => {}
        Err(failure) => match failure.refusal() {
            Some(RefusalKind::Key) => return Err(wrong_key()),
            Some(RefusalKind::Missing | RefusalKind::Record | RefusalKind::Other) => {}
            // An unknown address may answer with a page (freshsales.md 3).
            None if failure.is_strange() => {}
            Some(RefusalKind::Rights | RefusalKind::Throttled | RefusalKind::Server) | None => {
                return Err(failure.into());
            }
        },
    }
    let leads = Request::new(Method::Get, "/settings/leads/fields");
    match line.status(&leads)? {
        200 => Ok(Probed::Classic),
        401 => Err(wrong_key()),
        _ => Ok(Probed::Neither),
    }
}

fn wrong_key() -> PortError {
    PortError::Denied(
        "Freshsales does not accept the key (status 401): take it from Personal settings → API \
         settings"
            .to_owned(),
    )
}
