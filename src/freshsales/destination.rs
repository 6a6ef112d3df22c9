//! One Freshsales account as a destination: opened, asked, prepared, written.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use secrecy::SecretString;

use crate::clock::Clock;
use crate::http::{Pace, Settings};
use crate::model::{FieldWanted, Scalar, Schema};
use crate::port::{
    Attached, Child, Destination, DestinationId, Found, Identity, PortError, Prepared, Step, Undo,
    Verdict, Want,
};

use super::account::{Account, prove_suite};
use super::endpoints::Entity;
use super::endpoints::records::BULK_MAX;
use super::line::Line;
use super::prepare::{prepare, recognise};
use super::schema::schema;
use super::snapshot::{Snapshot, Target};
use super::{note, write};

/// An account of the suite edition. Several threads may call at once.
pub struct Freshsales {
    pub(super) line: Line,
    account: RwLock<Arc<Account>>,
    /// Held by whoever changes the account's forms or lists, so that nothing is made twice.
    changing: Mutex<()>,
    /// The view of all records, by entity, as far as it was asked for.
    pub(super) views: Mutex<BTreeMap<Entity, Option<i64>>>,
    identity: Identity,
}

impl Freshsales {
    /// Opens the account below `base` (up to `/crm/sales/api`), proves its edition and reads its forms.
    ///
    /// # Errors
    /// See [`PortError`]: the address, the key, the edition, or no answer.
    pub fn open(
        base: &str,
        key: &SecretString,
        clock: Arc<dyn Clock>,
        pace: Pace,
    ) -> Result<Self, PortError> {
        Self::open_stoppable(base, key, clock, pace, Arc::default())
    }

    /// As [`Freshsales::open`]; once `stop` is set, waits end and what was not sent stays unsent.
    ///
    /// # Errors
    /// As [`Freshsales::open`].
    pub fn open_stoppable(
        base: &str,
        key: &SecretString,
        clock: Arc<dyn Clock>,
        pace: Pace,
        stop: Arc<AtomicBool>,
    ) -> Result<Self, PortError> {
        let settings = Settings {
            stop,
            ..Settings::with_token(base, key, pace)
        };
        let line = Line::open(&settings, clock)?;
        prove_suite(&line)?;
        let account = Account::read(&line, &Snapshot::default())?;
        let Some(lead_stage) = account.lead_stage() else {
            return Err(PortError::Mismatch(
                "expected a lifecycle stage of type Lead, found none: switch it on in Admin \
                 settings → Contact lifecycle stages"
                    .to_owned(),
            ));
        };
        let identity = Identity {
            system: "freshsales suite".to_owned(),
            address: line.address(),
            // No answer names the account; the id of its stage Lead is its own and never changes.
            account: match line.store() {
                Some(store) => format!("store {store}"),
                None => format!("lead stage {lead_stage}"),
            },
        };
        Ok(Self {
            line,
            account: RwLock::new(Arc::new(account)),
            changing: Mutex::default(),
            views: Mutex::default(),
            identity,
        })
    }

    /// The account as it was last read.
    pub(super) fn account(&self) -> Arc<Account> {
        let account = self.account.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&account)
    }

    /// Puts a newer reading in place; the caller holds [`Freshsales::change`].
    pub(super) fn replace(&self, account: Account) {
        *self.account.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(account);
    }

    pub(super) fn change(&self) -> MutexGuard<'_, ()> {
        // The lock guards an order of calls and no data.
        self.changing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Destination for Freshsales {
    fn identity(&self) -> Result<Identity, PortError> {
        Ok(self.identity.clone())
    }

    fn schema(&self) -> Result<Schema, PortError> {
        let _changing = self.change();
        let account = Account::read(&self.line, &self.account().snapshot)?;
        let schema = schema(&account);
        self.replace(account);
        Ok(schema)
    }

    fn prepare(&self, wanted: &[FieldWanted]) -> Result<Vec<Prepared>, PortError> {
        let _changing = self.change();
        let mut account = (*self.account()).clone();
        let prepared = prepare(&self.line, &mut account, wanted);
        self.replace(account);
        prepared
    }

    fn recognise(&self, wanted: &[FieldWanted]) -> Result<(), PortError> {
        let _changing = self.change();
        let mut account = (*self.account()).clone();
        recognise(&self.line, &mut account, wanted)?;
        self.replace(account);
        Ok(())
    }

    fn find(&self, target: &str, wants: &[Want]) -> Result<Vec<Found>, PortError> {
        let Some(target) = Target::of_word(target) else {
            return Err(PortError::Odd(format!(
                "a {target} cannot be looked up, only listed below its record"
            )));
        };
        self.find_all(target, wants)
    }

    fn write(&self, steps: &[Step]) -> Vec<Verdict> {
        write::write(self, steps)
    }

    fn undo(&self, undos: &[Undo]) -> Vec<Verdict> {
        write::undo(self, undos)
    }

    fn attached(&self, target: &str, id: DestinationId) -> Result<Vec<Attached>, PortError> {
        match Target::of_word(target) {
            Some(target) => write::attached(self, target, id),
            None => Ok(Vec::new()),
        }
    }

    fn batch_max(&self, target: &str) -> usize {
        match Target::of_word(target) {
            Some(Target::Lead | Target::Contact) => BULK_MAX,
            // One request each: their bulk call is known to match on the name alone (freshsales.md 6).
            Some(Target::Account) | None => 1,
        }
    }

    fn children(&self, kind: &str, parent: (&str, DestinationId)) -> Result<Vec<Child>, PortError> {
        let (word, id) = parent;
        match (kind, Target::of_word(word)) {
            ("note", Some(target)) => note::children(&self.line, target.entity(), id),
            (_, _) => Err(PortError::Odd(format!(
                "a {word} has no children of kind {kind}"
            ))),
        }
    }

    fn rendered(&self, step: &Step) -> BTreeMap<String, Scalar> {
        let text = Scalar::Text(note::description(step));
        BTreeMap::from([("body".to_owned(), text)])
    }

    fn calls(&self) -> u64 {
        self.line.calls()
    }
}
