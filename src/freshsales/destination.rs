//! One Freshsales account as a destination: opened, asked, prepared, written.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};

use secrecy::SecretString;

use crate::clock::Clock;
use crate::http::{Pace, Settings, Told};
use crate::model::{FieldWanted, Scalar, Schema};
use crate::port::{
    Attached, Child, Destination, DestinationId, Found, Identity, Listed, Placed, PortError,
    Prepared, Sight, Step, Undo, Verdict, Want,
};

use super::account::Account;
use super::edition::{Edition, Probed, probe};
use super::encode::is_look_up;
use super::endpoints::Entity;
use super::endpoints::lists::ADD_MAX;
use super::endpoints::records::BULK_MAX;
use super::endpoints::selectors::LifecycleStage;
use super::hanging::Hanging;
use super::line::Line;
use super::prepare::{prepare, recognise};
use super::schema::schema;
use super::sheets::Sheets;
use super::snapshot::{Snapshot, Target};
use super::{canary, list, module, write};

/// An account of either edition. Several threads may call at once.
pub struct Freshsales {
    pub(super) line: Line,
    account: RwLock<Arc<Account>>,
    /// Held by whoever changes the account's forms or lists, so that nothing is made twice.
    changing: Mutex<()>,
    /// The view of all records, by entity, as far as it was asked for.
    pub(super) views: Mutex<BTreeMap<Entity, Option<i64>>>,
    identity: Identity,
    /// Forms beside those of the account.
    pub(super) sheets: Sheets,
    /// The kind of sales activity that is written, once it is known.
    pub(super) activity_kind: OnceLock<i64>,
    /// What stands in paths for the modules that people call so.
    modules: Mutex<BTreeMap<String, String>>,
}

impl Freshsales {
    /// Opens the account at `base`, finds its edition and reads its forms. `base` is a host, below
    /// which both editions are looked for, or an address up to `/crm/sales/api` or `/api`.
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
        let open_at = move |address: &str| {
            let settings = Settings {
                stop: Arc::clone(&stop),
                ..Settings::with_token(address, key, pace)
            };
            Line::open(&settings, Arc::clone(&clock))
        };
        for address in addresses(base) {
            let line = open_at(&address)?;
            match probe(&line)? {
                Probed::Suite(stages) => return Self::suite(line, stages),
                Probed::Classic => return Self::at(line, Edition::Classic, String::new()),
                Probed::Neither => {}
            }
        }
        Err(PortError::Mismatch(format!(
            "expected a Freshsales account at `{base}`, found neither lifecycle stages (the suite \
             edition) nor leads (the classic one)"
        )))
    }

    fn suite(line: Line, stages: Vec<LifecycleStage>) -> Result<Self, PortError> {
        let known = Snapshot {
            stages,
            ..Snapshot::default()
        };
        let lead_stage = known.stages.iter().map(|stage| stage.id);
        let Some(lead_stage) = lead_stage.into_iter().find(|id| known.is_lead_stage(*id)) else {
            return Err(PortError::Mismatch(
                "expected a lifecycle stage of type Lead, found none: switch it on in Admin \
                 settings → Contact lifecycle stages"
                    .to_owned(),
            ));
        };
        // No answer names the account; the id of its stage Lead is its own and never changes.
        Self::at(line, Edition::Suite, format!("lead stage {lead_stage}"))
    }

    /// Reads the account; `account_name` tells it from others where it is no local one.
    fn at(line: Line, edition: Edition, account_name: String) -> Result<Self, PortError> {
        let known = Snapshot {
            edition,
            ..Snapshot::default()
        };
        let account = Account::read(&line, &known)?;
        let identity = Identity {
            system: format!("freshsales {}", edition.word()),
            address: line.address(),
            account: match line.store() {
                Some(store) => format!("store {store}"),
                None => account_name,
            },
        };
        Ok(Self {
            line,
            account: RwLock::new(Arc::new(account)),
            changing: Mutex::default(),
            views: Mutex::default(),
            identity,
            sheets: Sheets::default(),
            activity_kind: OnceLock::new(),
            modules: Mutex::default(),
        })
    }

    /// The size of the account's window and what is left of it, as the latest answer said.
    pub fn quota_left(&self) -> Option<(u64, u64)> {
        self.line.quota_left()
    }

    /// From here on `told` hears what is waited for: a new hour, a job that does not end.
    pub fn listen(&self, told: Told) {
        self.line.listen(told);
    }

    /// Which Freshsales it was found to be.
    pub fn edition(&self) -> Edition {
        self.account().snapshot.edition
    }

    /// The account as it was last read.
    pub(super) fn account(&self) -> Arc<Account> {
        let account = self.account.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&account)
    }

    /// The account as it is now; it stays in place.
    pub(super) fn read_again(&self) -> Result<Arc<Account>, PortError> {
        let _changing = self.change();
        let account = Account::read(&self.line, &self.account().snapshot)?;
        self.replace(account);
        Ok(self.account())
    }

    /// Learns which modules wanted look-ups point at, as far as they are there.
    pub(super) fn learn_modules(
        &self,
        account: &mut Account,
        wanted: &[FieldWanted],
    ) -> Result<(), PortError> {
        for field in wanted {
            if is_look_up(&field.name)
                && let Some(module) = self.module_called(&field.label)?
            {
                account.snapshot.modules.insert(field.label.clone(), module);
            }
        }
        Ok(())
    }

    pub(super) fn known_modules(&self) -> MutexGuard<'_, BTreeMap<String, String>> {
        self.modules.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn identity_now(&self) -> Identity {
        self.identity.clone()
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

/// A bare host stands for both editions' addresses below it.
fn addresses(base: &str) -> Vec<String> {
    let base = base.trim_end_matches('/');
    let (_, rest) = base.split_once("://").unwrap_or(("", base));
    if rest.contains('/') {
        return vec![base.to_owned()];
    }
    [Edition::Suite, Edition::Classic]
        .map(|edition| format!("{base}{}", edition.base_path()))
        .to_vec()
}

impl Destination for Freshsales {
    fn identity(&self) -> Result<Identity, PortError> {
        Ok(self.identity.clone())
    }

    fn schema(&self) -> Result<Schema, PortError> {
        let account = self.read_again()?;
        Ok(schema(&account))
    }

    fn prepare(&self, wanted: &[FieldWanted]) -> Result<Vec<Prepared>, PortError> {
        let _changing = self.change();
        let mut account = (*self.account()).clone();
        self.learn_modules(&mut account, wanted)?;
        let prepared = prepare(&self.line, &mut account, wanted);
        self.replace(account);
        let mut prepared = prepared?;
        self.prepare_sheets(wanted, &mut prepared)?;
        Ok(prepared)
    }

    fn recognise(&self, wanted: &[FieldWanted]) -> Result<(), PortError> {
        let _changing = self.change();
        let mut account = (*self.account()).clone();
        recognise(&self.line, &mut account, wanted)?;
        self.replace(account);
        self.recognise_sheets(wanted)
    }

    fn find(&self, target: &str, wants: &[Want]) -> Result<Vec<Found>, PortError> {
        if let Some(name) = module::name_of(target) {
            return self.find_in_module(name, wants);
        }
        if target == list::LIST {
            return self.find_lists(wants);
        }
        let Some(target) = Target::of_word(target) else {
            return Err(PortError::Odd(format!(
                "a {target} cannot be looked up, only listed below its record"
            )));
        };
        self.find_all(target, wants)
    }

    fn listed(&self, target: &str, page: u32) -> Result<Option<Listed>, PortError> {
        match Target::of_word(target) {
            Some(target) => self.page_of_all(target, page),
            None => Ok(None),
        }
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
        let entity = Target::of_word(target).map(|target| self.edition().entity(target));
        match entity {
            // Leads have no bulk call (freshsales.md 8), and are found by the batch all the same.
            Some(Entity::Contact | Entity::Lead) => BULK_MAX,
            // One request each: the bulk call is known to match on the name alone (freshsales.md 6).
            None if module::name_of(target).is_some() => module::BATCH,
            None if target == list::LIST => list::BATCH,
            None if list::is_member(target) => ADD_MAX,
            Some(Entity::SalesAccount) | None => 1,
        }
    }

    fn children(&self, kind: &str, parent: (&str, DestinationId)) -> Result<Vec<Child>, PortError> {
        if list::is_member(kind) && parent.0 == list::LIST {
            return self.members(parent.1);
        }
        match Hanging::of_word(kind) {
            Some(hanging) => hanging.children(self, parent),
            None => Err(PortError::Odd(format!(
                "a {} has no children of kind {kind}",
                parent.0
            ))),
        }
    }

    fn rendered(&self, step: &Step) -> BTreeMap<String, Scalar> {
        let hanging = Hanging::of_word(&step.target);
        hanging.map_or_else(BTreeMap::new, |hanging| hanging.rendered(self, step))
    }

    fn place(&self, target: &str, address: &str) -> Placed {
        canary::place(self, target, address)
    }

    fn stir(&self, target: &str, id: DestinationId) -> Placed {
        canary::stir(self, target, id)
    }

    fn sight(&self, target: &str, id: DestinationId) -> Result<Option<Sight>, PortError> {
        canary::sight(self, target, id)
    }

    fn calls(&self) -> u64 {
        self.line.calls()
    }
}
