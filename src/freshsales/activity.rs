//! Sales activities: what happened, at the time when it happened. They carry past e-mails, which no call creates, and
//! whatever the rules want to see on the timeline `as activity` (freshsales.md 9.4, 9.5).
//!
//! Sent, delivered, opened, clicked and bounced have no place of their own: each is a line below the text, with its
//! time.

use std::collections::BTreeMap;

use crate::model::{FieldValue, Scalar};
use crate::port::{Action, Child, DestinationId, PortError, Step, UndoHow, Verdict};

use super::account::Account;
use super::destination::Freshsales;
use super::endpoints::activities::{self, Activity, NewActivity, PLURAL};
use super::endpoints::answer::RefusalKind;
use super::endpoints::notes::Targetable;
use super::endpoints::{Entity, below, selectors};
use super::hanging::{field, gone, marked, marker, one_line, shown};
use super::sheet::Sheet;
use super::task::{owner, owner_told};
use super::write::refused;
use super::{listed, moment};

/// Pages of a timeline that are read; more would mean that it has no end.
const PAGES_MAX: u32 = 1000;

/// What happened to a mail, in the order of the lines.
const ENTRIES: [(&str, &str); 5] = [
    ("entry sent", "sent"),
    ("entry delivered", "delivered"),
    ("entry opened", "opened"),
    ("entry clicked", "clicked"),
    ("entry bounced", "bounced"),
];

/// Kinds of activity that an admin made for us are told by this word in their names.
const OURS: &str = "Customer.io";

/// Writes one activity.
pub(super) fn write(
    freshsales: &Freshsales,
    (entity, id): (Entity, DestinationId),
    step: &Step,
) -> Verdict {
    let activity = match wire(freshsales, &step.fields, &notes(step)) {
        Ok(activity) => activity,
        Err(verdict) => return verdict,
    };
    let request = match step.action {
        Action::Create => activities::create(entity, id.0, &activity),
        Action::Update(known) => activities::update(known.0, &activity),
    };
    match freshsales.line.tell(&request, activities::read_one) {
        Ok(activity) => Verdict::Written(DestinationId(activity.id)),
        Err(failure) => failure.verdict(),
    }
}

/// Every activity of a record. No list below a record tells them: its timeline names them, and each is read; where a
/// record has no timeline, all activities of the account are looked through.
pub(super) fn children(
    freshsales: &Freshsales,
    entity: Entity,
    id: DestinationId,
) -> Result<Vec<Child>, PortError> {
    let (line, account) = (&freshsales.line, freshsales.account());
    let sheet = freshsales.sheet(PLURAL)?;
    let is_here = |on: &Targetable| on.id == id.0 && on.kind == entity.targetable();
    let mut found = Vec::new();
    if let Some(ids) = named(freshsales, entity, id)? {
        for id in ids {
            match line.ask(&activities::get(id), activities::read_one) {
                Ok(activity) => found.push(activity),
                // Gone since the timeline was read.
                Err(failure) if failure.refusal() == Some(RefusalKind::Missing) => {}
                Err(failure) => return Err(failure.into()),
            }
        }
    } else {
        let (page, read) = (activities::page, activities::read_page);
        found = listed::all(line, "sales activities", page, read, |it| it.id)?;
    }
    found.retain(|activity| activity.targetables.iter().any(is_here));
    Ok(found
        .into_iter()
        .map(|it| child(&account, &sheet, it))
        .collect())
}

/// The ids that a timeline names; `None` where the record has no timeline. That other records than contacts have one
/// is a guess (freshsales.md 4.3).
fn named(
    freshsales: &Freshsales,
    entity: Entity,
    id: DestinationId,
) -> Result<Option<Vec<i64>>, PortError> {
    let mut ids = Vec::new();
    for page in 1..=PAGES_MAX {
        let request = below::timeline(entity, id.0, page);
        let (rows, has_next) = match freshsales.line.ask(&request, below::read_timeline) {
            Ok(page) => page,
            Err(failure)
                if entity != Entity::Contact && failure.refusal() == Some(RefusalKind::Missing) =>
            {
                return Ok(None);
            }
            Err(failure) => return Err(failure.into()),
        };
        let activities = rows
            .iter()
            .filter(|(kind, _)| *kind == below::SALES_ACTIVITY);
        ids.extend(activities.map(|(_, id)| *id));
        if !has_next {
            ids.sort_unstable();
            ids.dedup();
            return Ok(Some(ids));
        }
    }
    Err(PortError::Odd(format!(
        "expected an end of one timeline within {PAGES_MAX} pages, found none"
    )))
}

/// What reading the activity of a step back gives.
pub(super) fn rendered(freshsales: &Freshsales, step: &Step) -> BTreeMap<String, Scalar> {
    let account = freshsales.account();
    let mut read = BTreeMap::from([("body".to_owned(), Scalar::Text(notes(step)))]);
    if let Some(title) = field(&step.fields, "title") {
        read.insert("title".to_owned(), Scalar::Text(one_line(&shown(title))));
    }
    if let Some(time) = field(&step.fields, "time").and_then(moment::to_wire) {
        read.insert("time".to_owned(), Scalar::Time(time.clone()));
        read.insert("end".to_owned(), Scalar::Time(time));
    }
    let address = field(&step.fields, "owner").map(|value| owner(&account.snapshot, value));
    if let Some(Ok((_, email))) = address {
        read.insert("owner".to_owned(), Scalar::Text(email));
    }
    if let Ok(sheet) = freshsales.sheet(PLURAL) {
        read.extend(sheet.as_read(&step.fields));
    }
    read
}

/// Takes an activity away, or writes into it what it said before.
pub(super) fn undo(freshsales: &Freshsales, id: DestinationId, how: &UndoHow) -> Verdict {
    let line = &freshsales.line;
    match how {
        UndoHow::Remove => {
            let deleted = line.tell(&activities::delete(id.0), activities::read_deleted);
            gone(deleted, id)
        }
        UndoHow::Restore(restored) => {
            let before = field(&restored.fields, "body")
                .map(shown)
                .unwrap_or_default();
            let activity = match wire(freshsales, &restored.fields, &before) {
                Ok(activity) => activity,
                Err(verdict) => return verdict,
            };
            let request = activities::update(id.0, &activity);
            match line.tell(&request, activities::read_one) {
                Ok(_) => Verdict::Written(id),
                Err(failure) => failure.verdict(),
            }
        }
    }
}

/// Body, a line for each entry, marker.
fn notes(step: &Step) -> String {
    let body = field(&step.fields, "body").map(shown);
    let entries = ENTRIES.iter().filter_map(|(name, word)| {
        let time = moment::to_wire(field(&step.fields, name)?)?;
        Some(format!("{word} {time}"))
    });
    let entries = entries.collect::<Vec<_>>().join("\n");
    let parts = body.into_iter().chain([entries]);
    let parts: Vec<String> = parts.filter(|part| !part.is_empty()).collect();
    marked(&parts.join("\n\n"), step.marker.as_deref())
}

/// # Errors
/// The verdict on an activity that cannot be sent.
fn wire(
    freshsales: &Freshsales,
    fields: &[FieldValue],
    notes: &str,
) -> Result<NewActivity, Verdict> {
    let unsent = |error: PortError| Verdict::NotSent {
        because: error.to_string(),
    };
    let title = field(fields, "title").map(|title| one_line(&shown(title)));
    let title = title.filter(|title| !title.is_empty());
    let time = field(fields, "time").and_then(moment::to_wire);
    let (Some(title), Some(start_date)) = (title, time) else {
        let why = "expected an activity with a title and a time, found none";
        return Err(refused(why.to_owned()));
    };
    let end = field(fields, "end").and_then(moment::to_wire);
    let account = freshsales.account();
    let owner = field(fields, "owner").map(|value| owner(&account.snapshot, value));
    let sheet = freshsales.sheet(PLURAL).map_err(unsent)?;
    let kind = freshsales.activity_kind().map_err(unsent)?;
    let no_kind = || refused("the account has no kind of sales activity of its own".to_owned());
    Ok(NewActivity {
        title,
        end_date: end.unwrap_or_else(|| start_date.clone()),
        start_date,
        kind: kind.ok_or_else(no_kind)?,
        owner_id: owner.transpose().map_err(refused)?.map(|(id, _)| id),
        notes: Some(notes.to_owned()).filter(|notes| !notes.is_empty()),
        custom: sheet.encode(fields).map_err(refused)?,
    })
}

fn child(account: &Account, sheet: &Sheet, activity: Activity) -> Child {
    let text = activity.notes.unwrap_or_default();
    let time = |text: Option<String>| text.as_deref().map(moment::from_wire);
    let owner = activity
        .owner_id
        .and_then(|id| owner_told(&account.snapshot, id));
    let built_in = [
        ("title", activity.title.map(Scalar::Text)),
        ("time", time(activity.start_date)),
        ("end", time(activity.end_date)),
        ("owner", owner),
    ];
    let mut fields = sheet.decode(&activity.custom_field);
    let built_in = built_in.into_iter();
    fields.extend(built_in.filter_map(|(name, value)| Some((name.to_owned(), value?))));
    let marker = marker(&text).map(str::to_owned);
    fields.insert("body".to_owned(), Scalar::Text(text));
    Child {
        id: DestinationId(activity.id),
        marker,
        fields,
    }
}

impl Freshsales {
    /// The kind that activities are written with: one that an admin made, ours by its name before any other.
    pub(super) fn activity_kind(&self) -> Result<Option<i64>, PortError> {
        if let Some(kind) = self.activity_kind.get() {
            return Ok(Some(*kind));
        }
        let own = self.own_activity_kinds()?;
        let ours = own.iter().find(|(_, name)| name.contains(OURS));
        let kind = ours.or(own.first()).map(|(id, _)| *id);
        Ok(kind.map(|kind| *self.activity_kind.get_or_init(|| kind)))
    }

    /// Kinds that an admin made: the vendor's own may not be written. They were seen as choices of the field and not
    /// in the selector, so both are asked (freshsales.md 9.4).
    pub(super) fn own_activity_kinds(&self) -> Result<Vec<(i64, String)>, PortError> {
        let kinds = self
            .line
            .ask(&selectors::activity_kinds(), selectors::read_activity_kinds)?;
        let (of_vendor, own): (Vec<_>, Vec<_>) = kinds.into_iter().partition(|it| it.is_default);
        let mut own: Vec<(i64, String)> = own.into_iter().map(|it| (it.id, it.name)).collect();
        for (id, name) in self.sheet(PLURAL)?.choices("sales_activity_type_id") {
            let is_known = |known: i64| known == id;
            if !of_vendor.iter().any(|it| is_known(it.id)) && !own.iter().any(|it| is_known(it.0)) {
                own.push((id, name));
            }
        }
        Ok(own)
    }
}
