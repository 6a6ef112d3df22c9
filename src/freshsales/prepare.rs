//! Custom fields: found by label, made where they are missing, read back, bound to the rules' names.

use crate::model::{FieldKind, FieldWanted};
use crate::port::{PortError, Prepared};

use super::account::Account;
use super::doubles;
use super::encode::is_look_up;
use super::endpoints::Entity;
use super::endpoints::answer::RefusalKind;
use super::endpoints::settings::{self, Field, FieldKind as FormKind, NewField};
use super::line::{Failure, Line};
use super::snapshot::{Target, is_custom};
use super::value::TEXT_MAX;

/// Sees to every wanted field; `account` is up to date and its names are bound afterwards.
pub(super) fn prepare(
    line: &Line,
    account: &mut Account,
    wanted: &[FieldWanted],
) -> Result<Vec<Prepared>, PortError> {
    account.read_fields(line)?;
    let mut seen: Vec<((Entity, &str), Prepared)> = Vec::new();
    let mut prepared = Vec::new();
    for field in wanted {
        let Some(target) = Target::of_word(&field.target) else {
            prepared.push(Prepared::ByHand(elsewhere(field)));
            continue;
        };
        // Lead and contact share one form in suite.
        let place = (account.snapshot.entity(target), field.name.as_str());
        let known = seen.iter().find(|(seen, _)| *seen == place);
        if let Some((_, outcome)) = known {
            prepared.push(outcome.clone());
            continue;
        }
        let outcome = see_to(line, account, target, field)?;
        seen.push((place, outcome.clone()));
        prepared.push(outcome);
    }
    Ok(prepared)
}

/// How a wanted field stands at the account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// As it is wanted.
    There,
    /// It can be made.
    Missing,
    /// A person must see to it; the text says what, where and how.
    ByHand(String),
}

/// How every wanted field stands, in order; nothing is made.
pub(super) fn look(account: &Account, wanted: &[FieldWanted]) -> Vec<Standing> {
    let look = |field: &FieldWanted| {
        let Some(target) = Target::of_word(&field.target) else {
            return Standing::ByHand(elsewhere(field));
        };
        match stand(account, target, field) {
            Ok(Stand::There) => Standing::There,
            Ok(Stand::Missing(..)) => Standing::Missing,
            Err(why) => Standing::ByHand(by_hand(account, target, field, &why)),
        }
    };
    wanted.iter().map(look).collect()
}

enum Stand {
    There,
    /// To be put on this form.
    Missing(i64, NewField),
}

/// # Errors
/// Why a person must see to it.
fn stand(account: &Account, target: Target, wanted: &FieldWanted) -> Result<Stand, String> {
    let entity = account.snapshot.entity(target);
    let mut new = new_field(wanted).ok_or("no kind of custom field holds such values")?;
    if new.kind == FormKind::Lookup {
        let module = account.snapshot.modules.get(&wanted.label);
        new.lookup = Some(module.ok_or("the module is not there yet")?.clone());
    }
    if let Some(found) = existing(account, entity, wanted) {
        let points_at = account.look_ups.get(&(entity, found.name.clone()));
        if let (Some(meant), Some(points_at)) = (&new.lookup, points_at)
            && meant != points_at
        {
            return Err(format!(
                "it exists and points at `{points_at}`: rename that one"
            ));
        }
        let is_unique = account.is_unique(entity, &found.name);
        return match shortfall(is_unique, found, &new) {
            None => Ok(Stand::There),
            Some(why) => Err(why),
        };
    }
    if labelled(account, entity, &wanted.label) > 1 {
        return Err("several custom fields have this label: rename all but one".to_owned());
    }
    let form = account.forms.get(&entity).copied();
    let form = form.ok_or("the account shows no form to put it on")?;
    Ok(Stand::Missing(form, new))
}

/// Binds the names of the wanted fields that are there; makes none.
pub(super) fn recognise(
    line: &Line,
    account: &mut Account,
    wanted: &[FieldWanted],
) -> Result<(), PortError> {
    account.read_fields(line)?;
    for field in wanted {
        let Some(target) = Target::of_word(&field.target) else {
            continue;
        };
        let entity = account.snapshot.entity(target);
        if let Some(found) = existing(account, entity, field) {
            let wire = found.name.clone();
            let name = (entity, field.name.clone());
            account.snapshot.names.insert(name, wire);
        }
    }
    Ok(())
}

fn see_to(
    line: &Line,
    account: &mut Account,
    target: Target,
    wanted: &FieldWanted,
) -> Result<Prepared, PortError> {
    let entity = account.snapshot.entity(target);
    let stand = stand(account, target, wanted);
    if let Some(found) = existing(account, entity, wanted) {
        let place = (entity, wanted.name.clone());
        let wire = found.name.clone();
        account.snapshot.names.insert(place, wire);
    }
    let (form, new) = match stand {
        Ok(Stand::There) => return Ok(Prepared::AlreadyThere),
        Ok(Stand::Missing(form, new)) => (form, new),
        Err(why) => return Ok(Prepared::ByHand(by_hand(account, target, wanted, &why))),
    };
    let request = settings::create_field(entity, form, &new);
    if let Err(failure) = line.tell(&request, settings::read_created_field) {
        match refusal_told(&failure) {
            Some(why) => {
                let told = by_hand(account, target, wanted, why);
                return Ok(Prepared::ByHand(told));
            }
            // The field may be there although the answer was lost: the metadata tells.
            None => account.read_fields(line)?,
        }
        if labelled(account, entity, &wanted.label) == 0 {
            return Err(failure.into());
        }
    } else {
        account.read_fields(line)?;
    }
    doubles::take(line, account, entity, (form, &wanted.label))?;
    if !account.snapshot.bind(entity, &wanted.name, &wanted.label) {
        let why = match labelled(account, entity, &wanted.label) {
            0 => "it was created and is not among the fields",
            _ => {
                "several custom fields have this label, as its creation arrived twice: delete all but one"
            }
        };
        return Ok(Prepared::ByHand(by_hand(account, target, wanted, why)));
    }
    let made = existing(account, entity, wanted);
    let shortfall = |made: &Field| shortfall(account.is_unique(entity, &made.name), made, &new);
    match made.and_then(shortfall) {
        None => Ok(Prepared::Created),
        Some(why) => Ok(Prepared::ByHand(by_hand(account, target, wanted, &why))),
    }
}

/// The account will not make it; `None` when the failure says nothing of the field.
pub(super) fn refusal_told(failure: &Failure) -> Option<&'static str> {
    match failure.refusal()? {
        RefusalKind::Rights => Some("the key may not create fields"),
        RefusalKind::Missing => Some("the account creates no fields by API on this form"),
        RefusalKind::Record | RefusalKind::Other => {
            Some("the account refused to create it (a limit of the plan, or the kind)")
        }
        RefusalKind::Key | RefusalKind::Throttled | RefusalKind::Server => None,
    }
}

/// The custom field with the wanted label, else with the wanted wire name.
pub(super) fn existing<'a>(
    account: &'a Account,
    entity: Entity,
    wanted: &FieldWanted,
) -> Option<&'a Field> {
    existing_in(account.snapshot.fields(entity), wanted)
}

/// The same among the fields of any form.
pub(super) fn existing_in<'a>(fields: &'a [Field], wanted: &FieldWanted) -> Option<&'a Field> {
    let mut by_label = fields
        .iter()
        .filter(|field| is_custom(&field.name) && field.label == wanted.label);
    match (by_label.next(), by_label.next()) {
        (Some(field), None) => Some(field),
        (Some(_), Some(_)) => fields
            .iter()
            .find(|field| field.name == wanted.name && field.label == wanted.label),
        (None, _) => fields
            .iter()
            .find(|field| is_custom(&field.name) && field.name == wanted.name),
    }
}

fn labelled(account: &Account, entity: Entity, label: &str) -> usize {
    labelled_in(account.snapshot.fields(entity), label)
}

/// How many custom fields of a form have a label.
pub(super) fn labelled_in(fields: &[Field], label: &str) -> usize {
    let is_meant = |field: &&Field| is_custom(&field.name) && field.label == label;
    fields.iter().filter(is_meant).count()
}

/// What keeps `found` from serving as `new`.
pub(super) fn shortfall(is_unique: bool, found: &Field, new: &NewField) -> Option<String> {
    let words: &[&str] = match new.kind {
        FormKind::Text => &["text"],
        FormKind::Textarea => &["textarea", "paragraph"],
        FormKind::Number | FormKind::Decimal => &["number", "decimal"],
        FormKind::Date => &["date"],
        FormKind::Checkbox => &["checkbox"],
        FormKind::Dropdown | FormKind::Radio => &["dropdown", "radio"],
        FormKind::MultiSelect => &["multi_select_dropdown"],
        FormKind::Lookup => &["lookup"],
    };
    if !words.contains(&found.kind.as_str()) {
        return Some(format!(
            "it exists with the type {}: a field's type cannot be changed, so rename that one or \
             choose another label",
            found.kind
        ));
    }
    let lacking = new.choices.iter();
    let lacking: Vec<&str> = lacking
        .filter(|label| !found.choices.iter().any(|choice| choice.value == **label))
        .map(String::as_str)
        .collect();
    if !lacking.is_empty() {
        return Some(format!(
            "it lacks the choices {}: add them",
            lacking.join(", ")
        ));
    }
    if new.unique && !is_unique {
        return Some("it is not unique: mark it as unique".to_owned());
    }
    None
}

/// The field to create; `None` for kinds that no custom field holds.
pub(super) fn new_field(wanted: &FieldWanted) -> Option<NewField> {
    let mut labels = Vec::new();
    let kind = match &wanted.kind {
        FieldKind::Text { max } => {
            let is_line =
                max.is_some_and(|max| usize::try_from(max).is_ok_and(|max| max <= TEXT_MAX));
            if is_line {
                FormKind::Text
            } else {
                FormKind::Textarea
            }
        }
        FieldKind::Json => FormKind::Textarea,
        FieldKind::Integer | FieldKind::Decimal => FormKind::Number,
        FieldKind::Boolean => FormKind::Checkbox,
        FieldKind::Date => FormKind::Date,
        // A date field would lose the time of day, so the instant is kept as text (freshsales.md 16).
        FieldKind::Timestamp | FieldKind::User => FormKind::Text,
        FieldKind::Choice { choices, .. } => {
            labels.extend(choices.iter().map(|choice| choice.label.clone()));
            FormKind::Dropdown
        }
        FieldKind::Links { .. } if is_look_up(&wanted.name) => FormKind::Lookup,
        // A multi-select takes known labels only, and what another look-up points at has no known word.
        FieldKind::TextList | FieldKind::Links { .. } => return None,
    };
    Some(NewField {
        label: wanted.label.clone(),
        kind,
        unique: wanted.unique,
        choices: labels,
        lookup: None,
    })
}

/// A field on something that this version makes no fields on.
fn elsewhere(wanted: &FieldWanted) -> String {
    format!(
        "`{}` on {}: Admin settings → Fields: add a field, {}",
        wanted.name,
        wanted.target,
        described(wanted)
    )
}

/// What a person must do for one field, in one line.
fn by_hand(account: &Account, target: Target, wanted: &FieldWanted, why: &str) -> String {
    let module = match account.snapshot.entity(target) {
        Entity::Contact => "Contacts",
        Entity::Lead => "Leads",
        Entity::SalesAccount => "Accounts",
    };
    format!(
        "`{}` on {}: {why}. Admin settings → {module} → Fields: add a field, {}",
        wanted.name,
        target.word(),
        described(wanted)
    )
}

/// Label, type, uniqueness and choices, exactly as they must be.
pub(super) fn described(wanted: &FieldWanted) -> String {
    let kind = match new_field(wanted) {
        Some(new) => new.kind.name().replace('_', " "),
        None => match &wanted.kind {
            FieldKind::Links { target, .. } => format!("lookup of {target}"),
            FieldKind::Text { .. }
            | FieldKind::Integer
            | FieldKind::Decimal
            | FieldKind::Boolean
            | FieldKind::Date
            | FieldKind::Timestamp
            | FieldKind::Choice { .. }
            | FieldKind::User
            | FieldKind::TextList
            | FieldKind::Json => "multi select dropdown".to_owned(),
        },
    };
    let unique = if wanted.unique { ", marked unique" } else { "" };
    let choices = match &wanted.kind {
        FieldKind::Choice { choices, .. } => {
            let labels: Vec<&str> = choices.iter().map(|choice| choice.label.as_str()).collect();
            format!(", choices {}", labels.join(", "))
        }
        FieldKind::Text { .. }
        | FieldKind::Integer
        | FieldKind::Decimal
        | FieldKind::Boolean
        | FieldKind::Date
        | FieldKind::Timestamp
        | FieldKind::User
        | FieldKind::Links { .. }
        | FieldKind::TextList
        | FieldKind::Json => String::new(),
    };
    let of = match &wanted.kind {
        FieldKind::Links { .. } if is_look_up(&wanted.name) => {
            format!(" to the module \"{}\"", wanted.label)
        }
        FieldKind::Links { .. }
        | FieldKind::Text { .. }
        | FieldKind::Integer
        | FieldKind::Decimal
        | FieldKind::Boolean
        | FieldKind::Date
        | FieldKind::Timestamp
        | FieldKind::Choice { .. }
        | FieldKind::User
        | FieldKind::TextList
        | FieldKind::Json => String::new(),
    };
    format!(
        "label \"{}\", type {kind}{of}{unique}{choices}",
        wanted.label
    )
}
