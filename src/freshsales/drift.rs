//! What has changed at an account since its settings were copied, and which of it a check no longer
//! covers.

use std::collections::BTreeMap;

use super::copy::{AccountCopy, FieldCopy, FormCopy, Settings};
use super::endpoints::selectors::{ContactStatus, LifecycleStage, Named, Owner};
use super::snapshot::is_custom;

/// Fields whose choices are the users.
const USER_FIELDS: [&str; 3] = ["owner_id", "creater_id", "updater_id"];

/// One difference between two copies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What was checked against the copy may not hold any more. Otherwise something was only added.
    pub stops: bool,
    /// For people: what, where, before and now.
    pub words: String,
}

/// The differences found so far.
struct Found(Vec<Difference>);

impl AccountCopy {
    /// What is different `now`, in the order of the file.
    #[must_use]
    pub fn drift(&self, now: &AccountCopy) -> Vec<Difference> {
        let mut found = Found(Vec::new());
        if self.digest() != now.digest() {
            found.settings(&self.settings, &now.settings);
        }
        found.0
    }
}

impl Found {
    fn stop(&mut self, words: String) {
        self.0.push(Difference { stops: true, words });
    }

    fn tell(&mut self, words: String) {
        self.0.push(Difference {
            stops: false,
            words,
        });
    }

    fn settings(&mut self, before: &Settings, now: &Settings) {
        let Settings {
            account,
            edition,
            plan,
            calls_per_hour,
            forms,
            users,
            lifecycle_stages,
            contact_statuses,
            selectors,
            lists,
        } = before;
        if *account != now.account {
            self.stop(format!(
                "it is another account: `{}` {} was copied, this is `{}` {}",
                account.address, account.account, now.account.address, now.account.account
            ));
        }
        if *edition != now.edition {
            let now = &now.edition;
            self.stop(format!("the edition was {edition}, it is {now}"));
        }
        if *plan != now.plan && now.plan.is_some() {
            let (was, is) = (shown(plan.as_ref()), shown(now.plan.as_ref()));
            self.stop(format!("the plan was {was}, it is {is}"));
        }
        if *calls_per_hour != now.calls_per_hour {
            let (was, is) = (
                shown(calls_per_hour.as_ref()),
                shown(now.calls_per_hour.as_ref()),
            );
            self.tell(format!("the requests in an hour were {was}, they are {is}"));
        }
        for (plural, form) in forms {
            match now.forms.get(plural) {
                Some(now) => self.form(&plural.replace('_', " "), form, now),
                None => self.stop(format!("{plural} have no form any more")),
            }
        }
        self.users(users, &now.users);
        self.rows(
            "lifecycle stage",
            &stages(lifecycle_stages),
            &stages(&now.lifecycle_stages),
        );
        self.rows(
            "contact status",
            &statuses(contact_statuses),
            &statuses(&now.contact_statuses),
        );
        for (name, rows) in selectors {
            let now = now.selectors.get(name).map_or(&[][..], Vec::as_slice);
            let what = format!("row of {}", name.replace('_', " "));
            self.rows(&what, &named(rows), &named(now));
        }
        // Nothing is checked against lists: they are made when they are needed.
        if lists.len() != now.lists.len() {
            let (was, is) = (lists.len(), now.lists.len());
            self.tell(format!("there were {was} lists, there are {is}"));
        }
    }

    fn form(&mut self, plural: &str, before: &FormCopy, now: &FormCopy) {
        for field in &before.fields {
            match now.fields.iter().find(|it| it.name == field.name) {
                Some(now) => self.field(plural, field, now),
                None => self.stop(format!(
                    "`{}` of {plural}, \"{}\", is gone",
                    field.name, field.label
                )),
            }
        }
        for field in &now.fields {
            if before.fields.iter().any(|it| it.name == field.name) {
                continue;
            }
            let words = format!(
                "`{}` of {plural}, \"{}\", {}, is new",
                field.name, field.label, field.kind
            );
            if field.required {
                self.stop(format!("{words} and every record needs it"));
            } else {
                self.tell(words);
            }
        }
    }

    fn field(&mut self, plural: &str, before: &FieldCopy, now: &FieldCopy) {
        let what = format!("`{}` of {plural}", before.name);
        if before.kind != now.kind {
            self.stop(format!("{what} was {}, it is {}", before.kind, now.kind));
        }
        // Custom fields are found by their labels.
        if before.label != now.label {
            let words = format!(
                "{what} was labelled \"{}\", it is \"{}\"",
                before.label, now.label
            );
            if is_custom(&before.name) {
                self.stop(words);
            } else {
                self.tell(words);
            }
        }
        match (before.required, now.required) {
            (false, true) => self.stop(format!("{what} was optional, every record needs it now")),
            (true, false) => self.tell(format!("{what} was needed by every record, it is not now")),
            (true, true) | (false, false) => {}
        }
        match (before.unique, now.unique) {
            (false, true) => self.stop(format!("{what} is unique now")),
            (true, false) => self.stop(format!("{what} is not unique any more")),
            (true, true) | (false, false) => {}
        }
        // Users are compared as such.
        if USER_FIELDS.contains(&before.name.as_str()) {
            return;
        }
        let choices = |of: &FieldCopy| {
            let choices = of.choices.iter();
            let choices = choices.map(|it| (it.id.to_string(), format!("\"{}\"", it.value)));
            choices.collect::<BTreeMap<_, _>>()
        };
        self.rows(
            &format!("choice of {what}"),
            &choices(before),
            &choices(now),
        );
    }

    fn users(&mut self, before: &[Owner], now: &[Owner]) {
        for user in before {
            let Some(now) = now.iter().find(|it| it.id == user.id) else {
                self.stop(format!("the user {} is gone", user.email));
                continue;
            };
            if !user.email.eq_ignore_ascii_case(&now.email) {
                self.stop(format!("the user {} has another address", user.email));
            }
            if user.display_name != now.display_name {
                self.stop(format!("the user {} has another name", user.email));
            }
            match (user.is_active, now.is_active) {
                (true, false) => self.stop(format!("the user {} is switched off", user.email)),
                (false, true) => self.tell(format!("the user {} is switched on", user.email)),
                (true, true) | (false, false) => {}
            }
        }
        for user in now {
            if before.iter().any(|it| it.id == user.id) {
                continue;
            }
            let is_alike = |it: &&Owner| it.display_name == user.display_name;
            let words = format!("the user {} is new", user.email);
            if before.iter().any(|it| is_alike(&it)) {
                self.stop(format!("{words} and called like another one"));
            } else {
                self.tell(words);
            }
        }
    }

    /// Rows that are known by an id: a lost or a changed one stops, a new one is told.
    fn rows<K: Ord>(
        &mut self,
        what: &str,
        before: &BTreeMap<K, String>,
        now: &BTreeMap<K, String>,
    ) {
        for (id, words) in before {
            match now.get(id) {
                Some(now) if now == words => {}
                Some(now) => self.stop(format!("the {what} {words} is {now} now")),
                None => self.stop(format!("the {what} {words} is gone")),
            }
        }
        for (_, words) in now.iter().filter(|(id, _)| !before.contains_key(id)) {
            self.tell(format!("the {what} {words} is new"));
        }
    }
}

fn stages(stages: &[LifecycleStage]) -> BTreeMap<i64, String> {
    let words = stages.iter().map(|stage| {
        let kind = stage.kind.as_deref().unwrap_or("no type");
        let off = if stage.disabled { ", switched off" } else { "" };
        (stage.id, format!("\"{}\" ({kind}{off})", stage.name))
    });
    words.collect()
}

fn statuses(statuses: &[ContactStatus]) -> BTreeMap<i64, String> {
    let words = statuses.iter().map(|status| {
        let stage = status.lifecycle_stage_id;
        (status.id, format!("\"{}\" of stage {stage}", status.name))
    });
    words.collect()
}

fn named(rows: &[Named]) -> BTreeMap<i64, String> {
    let words = rows.iter().map(|row| (row.id, format!("\"{}\"", row.name)));
    words.collect()
}

fn shown<T: ToString>(value: Option<&T>) -> String {
    value.map_or_else(|| "unknown".to_owned(), T::to_string)
}
