//! Tasks, appointments and sales activities: the frame that they share. What each takes and shows
//! is in its own file (freshsales.md 9.2 to 9.4).

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::appointments;
use super::crm::Action;
use super::crm::Crm;
use super::entity::Entity;
use super::positions::Lenience;
use super::reads::Slice;
use super::records;
use super::records::Draft;
use super::reply::Answer;
use super::reply::Refusal;
use super::reply::Reply;
use super::request::Request;
use super::request::Verb;
use super::routes::deleted_200;
use super::routes::number;
use super::sales_activities;
use super::store::Row;
use super::targets;
use super::tasks;
use super::times;
use super::values;
use super::values::Taken;

/// Something that was done or is to be done around a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Doing {
    Task,
    Appointment,
    SalesActivity,
}

impl Doing {
    fn entity(self) -> Entity {
        match self {
            Doing::Task => Entity::Task,
            Doing::Appointment => Entity::Appointment,
            Doing::SalesActivity => Entity::SalesActivity,
        }
    }

    /// Whether a new one must hang on a record; an appointment need not (freshsales.md 9.3).
    fn needs_target(self) -> bool {
        match self {
            Doing::Task | Doing::SalesActivity => true,
            Doing::Appointment => false,
        }
    }

    fn blank(self, crm: &Crm, id: i64) -> Map<String, Value> {
        match self {
            Doing::Task => tasks::blank(crm, id),
            Doing::Appointment => appointments::blank(crm, id),
            Doing::SalesActivity => sales_activities::blank(crm, id),
        }
    }

    fn write(self, crm: &Crm, draft: &mut Draft, input: &Map<String, Value>) {
        match self {
            Doing::Task => tasks::write(crm, draft, input),
            Doing::Appointment => appointments::write(crm, draft, input),
            Doing::SalesActivity => sales_activities::write(crm, draft, input),
        }
    }

    fn show(self, crm: &Crm, row: Row, includes: &[&str]) -> Answer {
        match self {
            Doing::Task => tasks::show(crm, row, includes),
            Doing::Appointment => appointments::show(crm, row, includes),
            Doing::SalesActivity => Ok(sales_activities::show(crm, row)),
        }
    }

    fn list(self, crm: &Crm, request: &Request) -> Answer {
        match self {
            Doing::Task => tasks::list(crm, request),
            Doing::Appointment => appointments::list(crm, request),
            Doing::SalesActivity => sales_activities::list(crm, request),
        }
    }

    /// What the captured answer of an update shows unasked.
    fn shown_after_update(self) -> &'static [&'static str] {
        match self {
            Doing::Task => &["users", "targetable"],
            Doing::Appointment => &["targetable"],
            Doing::SalesActivity => &[],
        }
    }
}

/// Answers `/tasks…`, `/appointments…` and `/sales_activities…`.
pub(super) fn answer(crm: &mut Crm, request: &Request, kind: Doing, rest: &[&str]) -> Answer {
    match (rest, request.verb) {
        ([], Verb::Get) => kind.list(crm, request),
        ([], Verb::Post) => create(crm, request, kind),
        ([id], Verb::Get) => {
            let row = records::living(crm, kind.entity(), number(id)?)?;
            kind.show(crm, row, &request.query.words("include"))
        }
        ([id], Verb::Put) => update(crm, request, kind, number(id)?),
        ([id], Verb::Delete) => {
            records::delete(crm, kind.entity(), number(id)?)?;
            Ok(deleted_200())
        }
        ([] | [_], _) => Err(Refusal::WrongMethod),
        (_, _) => Err(Refusal::NoRoute),
    }
}

fn create(crm: &mut Crm, request: &Request, kind: Doing) -> Answer {
    let entity = kind.entity();
    let id = crm.books.next_id();
    let draft = Draft {
        body: kind.blank(crm, id),
        problems: Vec::new(),
        is_new: true,
    };
    let body = written(crm, request, kind, draft)?;
    let keys = targets::keys_of(&body);
    crm.books.insert(entity, id, &body, &keys)?;
    crm.touch(entity, id, Action::Created);
    let reply = kind.show(crm, row(id, body), &request.query.words("include"))?;
    Ok(Reply {
        status: crm.switches.create_status,
        ..reply
    })
}

fn update(crm: &mut Crm, request: &Request, kind: Doing, id: i64) -> Answer {
    let entity = kind.entity();
    let mut body = records::living(crm, entity, id)?.body;
    body.insert("updated_at".to_owned(), json!(crm.now()));
    if body.contains_key("updater_id") {
        body.insert("updater_id".to_owned(), json!(crm.owner));
    }
    let draft = Draft {
        body,
        problems: Vec::new(),
        is_new: false,
    };
    let body = written(crm, request, kind, draft)?;
    let keys = targets::keys_of(&body);
    crm.books.replace(entity, id, &body, &keys)?;
    crm.touch(entity, id, Action::Updated);
    kind.show(crm, row(id, body), kind.shown_after_update())
}

/// The body after what was sent, or every problem with it.
fn written(
    crm: &Crm,
    request: &Request,
    kind: Doing,
    mut draft: Draft,
) -> Result<Map<String, Value>, Refusal> {
    let input = request.record(kind.entity().name())?;
    kind.write(crm, &mut draft, input);
    if (draft.is_new && kind.needs_target()) || targets::is_named(input) {
        let target = targets::read(crm, input, &mut draft.problems)?;
        if let Some(target) = target {
            targets::point(&mut draft.body, target.module, target.id);
        }
    }
    if draft.problems.is_empty() {
        Ok(draft.body)
    } else {
        Err(Refusal::Invalid(draft.problems))
    }
}

fn row(id: i64, body: Map<String, Value>) -> Row {
    Row {
        id,
        deleted: false,
        body,
    }
}

/// The asked page of the living ones that are wanted, and how many there are in all.
pub(super) fn wanted(
    crm: &Crm,
    request: &Request,
    kind: Doing,
    is_wanted: impl Fn(&Map<String, Value>) -> bool,
) -> Result<(Vec<Row>, usize), Refusal> {
    let page = request.query.page();
    let (mut rows, mut total) = (Vec::new(), 0_usize);
    let slice = Slice {
        entity: kind.entity(),
        deleted: false,
        order: "id",
        seen_until: crm.seen_until(0),
    };
    crm.books.each(slice, |row| {
        if !is_wanted(&row.body) {
            return;
        }
        if total >= page.offset() && rows.len() < page.limit() {
            rows.push(row);
        }
        total += 1;
    })?;
    Ok((rows, total))
}

/// A time that was sent, as it is kept.
pub(super) fn time(label: &str, value: &Value, crm: &Crm) -> Taken {
    let zone = crm.switches.zone();
    match value {
        Value::Null => Taken::Keep(Value::Null),
        Value::String(text) => match times::read(text, &zone) {
            Some(time) => Taken::Keep(json!(times::written(time, &zone))),
            None => Taken::Refuse(format!("{label} is not a time")),
        },
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            Taken::Refuse(format!("{label} is not a time"))
        }
    }
}

/// Text without a limit of its own.
pub(super) fn text(crm: &Crm, draft: &mut Draft, input: &Map<String, Value>, names: &[&str]) {
    for name in names {
        let label = label(name);
        draft.set(input, name, |value| {
            values::text(&label, value, 0, &crm.switches)
        });
    }
}

/// Names what is not there or blank.
pub(super) fn require(draft: &mut Draft, names: &[&str]) {
    for name in names {
        let value = draft.body.get(*name).unwrap_or(&Value::Null);
        if value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty()) {
            draft
                .problems
                .push(format!("{} can't be blank", label(name)));
        }
    }
}

/// The label of a field: its name in words, without the `_id` of a relation.
pub(super) fn label(name: &str) -> String {
    let words = name.strip_suffix("_id").unwrap_or(name).replace('_', " ");
    let mut letters = words.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => words,
    }
}

/// Whether a time in the past is refused as a due date.
pub(super) fn refuses_past(crm: &Crm) -> bool {
    crm.switches.past_due_date == Lenience::Refused
}
