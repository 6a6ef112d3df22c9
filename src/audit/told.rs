//! The profile as a page that people read.

use std::fmt::Write as _;

use super::fields::count;
use super::page::Page;
use super::profile::{Breakdown, EntityProfile, Events, FieldProfile, Months, Profile, Uniqueness};
use crate::model::Entity;

/// Rows of a list of events, domains or groups; all are in the JSON.
const ROWS_MAX: usize = 30;

/// Everything that was found, with headings and tables.
#[must_use]
pub fn page(profile: &Profile) -> Page {
    let workspace = match profile.capture.workspace.as_str() {
        "" => "a folder without a name",
        name => name,
    };
    let mut page = Page::titled(format!("Audit of {workspace}"));
    overview(profile, &mut page);
    people(profile, &mut page);
    for entity in profile.entities.iter().filter(|it| !it.fields.is_empty()) {
        schema(entity, &mut page);
    }
    if let Some(events) = &profile.events {
        page.heading("Events by name and month");
        history(events, "event", &mut page);
    }
    if let Some(deliveries) = &profile.deliveries {
        page.heading("Deliveries by channel and month");
        history(&deliveries.by_channel, "channel", &mut page);
        groups("channel and metric", &deliveries.metrics, &mut page);
        page.text(format!(
            "{} still have their content; of {} the source did not keep it.",
            count(deliveries.bodies),
            count(deliveries.forgotten)
        ));
    }
    inventory(profile, &mut page);
    page.heading("What could not be known");
    page.list(profile.unknown.iter().map(|it| sentence(it)).collect());
    page
}

fn overview(profile: &Profile, page: &mut Page) {
    let capture = &profile.capture;
    if let (Some(from), Some(until)) = (&capture.from, &capture.until) {
        page.text(format!("Taken from {from} until {until}; sealed."));
    } else {
        page.text("Not sealed: nothing says when it was taken.");
    }
    page.list(profile.findings.clone());
    let rows = profile.entities.iter().map(|entity| {
        let broken = if entity.broken > 0 {
            format!(
                "{}: {}",
                count(entity.broken),
                entity.broken_lines.join(", ")
            )
        } else {
            String::new()
        };
        vec![title(entity), count(entity.records), broken]
    });
    page.heading("Records");
    page.table(&["kind", "records", "lines that are none"], rows.collect());
}

fn people(profile: &Profile, page: &mut Page) {
    let Some(people) = &profile.people else {
        return;
    };
    page.heading("People");
    let told = |value: Option<u64>| value.map_or_else(|| "not told".to_owned(), count);
    let rows = [
        ("all", count(people.all)),
        ("with an e-mail address", count(people.email)),
        ("anonymous: neither id nor address", count(people.anonymous)),
        ("unsubscribed", count(people.unsubscribed)),
        ("suppressed", told(people.suppressed)),
        ("deleted", told(people.deleted)),
        ("deleted and added again", told(people.re_added)),
    ];
    let rows = rows.map(|(what, value)| vec![what.to_owned(), value]);
    page.table(&["people", "count"], rows.to_vec());
    groups("mail domain", &people.domains, page);
}

fn schema(entity: &EntityProfile, page: &mut Page) {
    page.heading(format!(
        "Fields of {}, {} records",
        title(entity),
        count(entity.records)
    ));
    let mut rows = Vec::new();
    for field in &entity.fields {
        add(field, 0, &mut rows);
    }
    let head = [
        "field",
        "filled",
        "found as",
        "different",
        "longest",
        "looks like",
        "declared",
    ];
    page.table(&head, rows);
}

fn add(field: &FieldProfile, depth: usize, rows: &mut Vec<Vec<String>>) {
    let name = match depth {
        0 => field.name.clone(),
        _ => format!(
            "{}· {}",
            "  ".repeat(depth - 1),
            field.path.last().map_or("", String::as_str)
        ),
    };
    let misfits = match field.drafted.misfits {
        0 => String::new(),
        some => format!(", {} do not fit", count(some)),
    };
    rows.push(vec![
        name,
        share(field.filled, field.of),
        found_as(field),
        different(field),
        if field.longest > 0 {
            count(field.longest)
        } else {
            String::new()
        },
        looks(field),
        format!("{}{misfits}", field.declared),
    ]);
    for member in &field.members {
        add(member, depth + 1, rows);
    }
}

fn found_as(field: &FieldProfile) -> String {
    let held = field.held;
    let kinds = [
        ("text", held.texts),
        ("integer", held.integers),
        ("decimal", held.decimals),
        ("boolean", held.booleans),
        ("list", held.lists),
        ("object", held.objects),
        ("null", held.nulls),
        ("empty text", held.empty_texts),
    ];
    let met: Vec<_> = kinds.into_iter().filter(|(_, count)| *count > 0).collect();
    let alone = met.len() == 1;
    let mut words: Vec<String> = met
        .into_iter()
        .map(|(kind, times)| {
            if alone {
                return kind.to_owned();
            }
            format!("{} {kind}", count(times))
        })
        .collect();
    words.extend(
        field
            .examples
            .iter()
            .map(|(_, example)| format!("`{example}`")),
    );
    words.join(", ")
}

fn different(field: &FieldProfile) -> String {
    if field.held.lists + field.held.objects > 0 && field.distinct.count == 0 {
        return String::new();
    }
    let mut words = match field.distinct.error_percent {
        0 => count(field.distinct.count),
        error => format!("about {} (±{error} %)", count(field.distinct.count)),
    };
    if let Some(unique) = field.unique {
        words = uniqueness(unique);
    }
    words
}

fn uniqueness(unique: Uniqueness) -> String {
    let mut words = count(unique.different);
    match unique.surplus {
        0 => words.push_str(", each once"),
        surplus => {
            let _ = write!(words, ", {} share theirs", count(surplus));
        }
    }
    if let Some(alike) = unique.alike.filter(|alike| *alike > 0) {
        let _ = write!(words, ", {} alike but for case", count(alike));
    }
    words
}

fn looks(field: &FieldProfile) -> String {
    let mut words: Vec<String> = field
        .shapes
        .iter()
        .map(|(shape, share)| format!("{share} % {}", shape.words()))
        .collect();
    words.extend(field.time_unit.iter().map(|unit| format!("time in {unit}")));
    words.extend(
        field
            .longer
            .iter()
            .map(|(limit, longer)| format!("{} longer than {}", count(*longer), count(*limit))),
    );
    words.join(", ")
}

fn history(events: &Events, what: &'static str, page: &mut Page) {
    if let (Some(earliest), Some(latest)) = (&events.earliest, &events.latest) {
        page.text(format!(
            "{} from {earliest} until {latest}.",
            count(events.all)
        ));
    }
    let rows: Vec<Vec<String>> = events
        .names
        .iter()
        .take(ROWS_MAX)
        .map(|months| vec![months.name.clone(), count(months.count), busiest(months)])
        .collect();
    let left = events.names.len().saturating_sub(rows.len());
    page.table(&[what, "count", "by month"], rows);
    if left > 0 {
        page.text(format!(
            "{} more; the JSON edition has all.",
            count(left as u64)
        ));
    }
    if events.one_in > 1 {
        page.text(format!(
            "There are very many names; one in {} is shown, each with its whole count.",
            events.one_in
        ));
    }
}

/// The last twelve months that something happened in.
fn busiest(months: &Months) -> String {
    const MONTHS_MAX: usize = 12;
    let skipped = months.months.len().saturating_sub(MONTHS_MAX);
    let mut words: Vec<String> = months
        .months
        .iter()
        .skip(skipped)
        .map(|(month, times)| format!("{month} {}", count(*times)))
        .collect();
    if skipped > 0 {
        let before: u64 = months
            .months
            .iter()
            .take(skipped)
            .map(|(_, times)| times)
            .sum();
        words.insert(0, format!("before {}", count(before)));
    }
    words.join(", ")
}

fn groups(what: &'static str, found: &Breakdown, page: &mut Page) {
    let rows = found.groups.iter().take(ROWS_MAX);
    let rows: Vec<Vec<String>> = rows
        .map(|group| vec![group.text.clone(), count(group.count)])
        .collect();
    let left = found.groups.len().saturating_sub(rows.len());
    page.table(&[what, "count"], rows);
    if left > 0 || found.one_in > 1 {
        page.text(format!(
            "{} more of about {}.",
            count(left as u64),
            count((found.groups.len() as u64).saturating_mul(found.one_in))
        ));
    }
}

fn inventory(profile: &Profile, page: &mut Page) {
    for (entity, listed) in &profile.listed {
        let whole = match entity {
            Entity::Segment => "conditions",
            Entity::Campaign => "workflow",
            Entity::Transactional => "content kept",
            Entity::Person
            | Entity::Object
            | Entity::Event
            | Entity::Delivery
            | Entity::Relationship
            | Entity::SegmentMember
            | Entity::CampaignAction
            | Entity::Newsletter
            | Entity::Broadcast
            | Entity::Template
            | Entity::ObjectType
            | Entity::SubscriptionTopic
            | Entity::Suppression
            | Entity::Resource => "read",
        };
        page.heading(format!("Inventory: {entity}"));
        let rows = listed.iter().take(ROWS_MAX).map(|it| {
            let whole = if it.is_whole { "yes" } else { "no" }.to_owned();
            vec![
                it.id.clone(),
                it.name.clone(),
                it.kind.clone(),
                it.state.clone(),
                whole,
            ]
        });
        page.table(&["id", "name", "type", "state", whole], rows.collect());
        let left = listed.len().saturating_sub(ROWS_MAX);
        if left > 0 {
            page.text(format!(
                "{} more; the JSON edition has them.",
                count(left as u64)
            ));
        }
    }
    for (entity, found) in &profile.groups {
        page.heading(format!("Counts: {entity}"));
        let (what, names) = match entity {
            Entity::SegmentMember => ("segment", Some(Entity::Segment)),
            Entity::Relationship => ("object type", Some(Entity::ObjectType)),
            Entity::Suppression => ("reason", None),
            Entity::CampaignAction => ("action", None),
            Entity::Person
            | Entity::Object
            | Entity::Event
            | Entity::Delivery
            | Entity::Segment
            | Entity::Campaign
            | Entity::Newsletter
            | Entity::Broadcast
            | Entity::Transactional
            | Entity::Template
            | Entity::ObjectType
            | Entity::SubscriptionTopic
            | Entity::Resource => ("group", None),
        };
        let mut told = found.clone();
        let listed = profile.listed.iter().find(|(kind, _)| Some(*kind) == names);
        for group in &mut told.groups {
            let it = listed.and_then(|(_, listed)| listed.iter().find(|it| it.id == group.text));
            if let Some(it) = it {
                group.text = format!("{} {}", group.text, it.name);
            }
        }
        groups(what, &told, page);
    }
}

fn title(entity: &EntityProfile) -> String {
    match &entity.object_type {
        Some(object_type) => format!("{} \"{object_type}\"", entity.entity),
        None => entity.entity.to_string(),
    }
}

/// `482 of 600, 80 %`.
fn share(part: u64, of: u64) -> String {
    if part == of {
        return "all".to_owned();
    }
    let percent = part * 100 / of.max(1);
    let percent = match percent {
        0 if part > 0 => "under 1".to_owned(),
        percent => percent.to_string(),
    };
    format!("{} of {}, {percent} %", count(part), count(of))
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(char::to_uppercase);
    let mut sentence: String = first.into_iter().flatten().chain(letters).collect();
    sentence.push('.');
    sentence
}
