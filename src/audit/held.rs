//! The fields of each kind of record, settled: what they hold, and how they will be declared.

use super::keys::Counted;
use super::name;
use super::pass::{Part, Settings};
use super::people::Key;
use super::profile::{EntityProfile, FieldProfile, Held, Uniqueness};
use super::settle::key;
use super::shapes::shapes;
use super::stats::{Kinds, Scalar, Stats};
use super::tree::{Branch, Tree};
use super::types::{self, Around, Drafted, all_words};
use super::words::plain;
use crate::capture::ObjectType;
use crate::model::{Entity, Member, TimeUnit, Type};

/// Members of an object from which on it is declared as one JSON value.
const LEAVES_MAX: usize = 12;
/// Characters of an example.
const EXAMPLE_MAX: usize = 24;
/// Words of a field that are told.
const WORDS_TOLD: usize = 40;

/// The kinds of record of one file.
pub(super) fn entities(
    part: &Part,
    keys: &[Counted],
    types: &[ObjectType],
    settings: &Settings<'_>,
) -> Vec<EntityProfile> {
    let mut entities: Vec<EntityProfile> = part
        .trees
        .iter()
        .map(|(id, tree)| {
            let object_type = (part.entity == Entity::Object).then(|| {
                let found = types.iter().find(|it| it.id == *id);
                found
                    .and_then(|it| it.names.first().cloned())
                    .unwrap_or_else(|| id.clone())
            });
            EntityProfile {
                entity: part.entity,
                object_type,
                records: tree.records,
                broken: 0,
                broken_lines: Vec::new(),
                fields: fields(part.entity, tree, keys, settings),
            }
        })
        .collect();
    if entities.is_empty() {
        entities.push(EntityProfile {
            entity: part.entity,
            object_type: None,
            records: 0,
            broken: 0,
            broken_lines: Vec::new(),
            fields: Vec::new(),
        });
    }
    if let Some(first) = entities.first_mut() {
        first.broken = part.broken;
        first.broken_lines = part
            .broken_lines
            .iter()
            .map(|(line, why)| format!("line {line}: {}", why.words()))
            .collect();
    }
    entities
}

/// The object whose members are fields of their own.
fn container(entity: Entity) -> Option<&'static str> {
    match entity {
        Entity::Person => Some("traits"),
        Entity::Object | Entity::Relationship => Some("attributes"),
        Entity::Event
        | Entity::Delivery
        | Entity::Segment
        | Entity::SegmentMember
        | Entity::Campaign
        | Entity::CampaignAction
        | Entity::Newsletter
        | Entity::Broadcast
        | Entity::Transactional
        | Entity::Template
        | Entity::ObjectType
        | Entity::SubscriptionTopic
        | Entity::Suppression
        | Entity::Resource => None,
    }
}

fn fields(
    entity: Entity,
    tree: &Tree,
    keys: &[Counted],
    settings: &Settings<'_>,
) -> Vec<FieldProfile> {
    let layout = settings.layout.iter().find(|it| it.entity == entity);
    let base: &[String] = layout.map_or(&[], |it| &it.base);
    let id = layout.and_then(|it| it.id.last());
    let container = container(entity);
    // As people read them: the entity's own fields first, then what was given to it.
    let (mut own, mut given) = (Vec::new(), Vec::new());
    for branch in tree.branches() {
        if branch.stats.kinds == Kinds::default() {
            continue;
        }
        let is_container = Some(branch.name) == container && !branch.is_wide;
        let only_objects = branch.stats.kinds.filled() == branch.stats.kinds.objects;
        let is_inside = is_container && only_objects;
        let (path, branches) = if is_inside {
            let path = vec![branch.name.to_owned()];
            let path = if path == base { Vec::new() } else { path };
            (path, branch.branches())
        } else {
            (Vec::new(), vec![branch])
        };
        let has_numbers = is_inside
            && branches
                .iter()
                .any(|it| it.stats.kinds.numbers() + it.stats.kinds.booleans > 0);
        for branch in branches
            .iter()
            .filter(|it| it.stats.kinds != Kinds::default())
        {
            let is_id = !is_inside && is_id(entity, branch.name, id);
            let look = Look {
                settings,
                has_numbers: has_numbers || !is_inside,
                is_id,
                is_given: is_inside,
            };
            let mut field = field(branch, &path, tree.records, &look);
            if is_inside {
                given.push(field);
                continue;
            }
            field.unique = unique(entity, branch.name, id, keys);
            field.is_reachable = base.is_empty()
                || layout.is_some_and(|it| it.top.iter().any(|name| name == branch.name));
            own.push(field);
        }
    }
    for field in &mut given {
        field.is_reachable = !own
            .iter()
            .any(|it| it.is_reachable && it.path == field.path);
    }
    own.append(&mut given);
    own
}

fn is_id(entity: Entity, name: &str, id: Option<&String>) -> bool {
    let is_of_a_person =
        entity == Entity::Person && matches!(name, "id" | "email" | "anonymous_id");
    id.is_some_and(|id| id == name) || is_of_a_person || name == "id" || name.ends_with("_id")
}

fn unique(entity: Entity, name: &str, id: Option<&String>, keys: &[Counted]) -> Option<Uniqueness> {
    let of = |counted: Counted, alike| Uniqueness {
        different: counted.names,
        repeated: counted.repeated,
        surplus: counted.surplus,
        alike,
    };
    if entity == Entity::Person {
        let wanted = match name {
            "cio_id" => Key::CioId,
            "id" => Key::Id,
            "email" => Key::Email,
            _ => return None,
        };
        let counted = key(keys, wanted)?;
        let folded = key(keys, Key::Folded).filter(|_| wanted == Key::Email);
        let alike = folded.map(|folded| counted.names.saturating_sub(folded.names));
        return Some(of(counted, alike));
    }
    let is_id = id.is_some_and(|id| id == name);
    keys.first()
        .filter(|_| is_id)
        .map(|counted| of(*counted, None))
}

/// How to look at a field.
#[derive(Clone, Copy)]
struct Look<'s> {
    settings: &'s Settings<'s>,
    has_numbers: bool,
    is_id: bool,
    /// Somebody gave it to the record; it is no field that every record of its kind has.
    is_given: bool,
}

fn field(branch: &Branch<'_>, path: &[String], of: u64, look: &Look<'_>) -> FieldProfile {
    let stats = branch.stats;
    let kinds = &stats.kinds;
    let path: Vec<String> = path
        .iter()
        .cloned()
        .chain([branch.name.to_owned()])
        .collect();
    let inside = Look {
        is_id: false,
        ..*look
    };
    let members: Vec<FieldProfile> = branch
        .branches()
        .iter()
        .filter(|it| it.stats.kinds != Kinds::default())
        .map(|member| field(member, &path, kinds.objects, &inside))
        .collect();
    let around = Around {
        name: branch.name,
        has_numbers: look.has_numbers,
        is_id: look.is_id,
        latest: look.settings.latest.as_second(),
    };
    let drafted = drafted(branch, &members, look, &around);
    let is_closed = matches!(drafted.r#type, Type::OneOf(_));
    let words = is_closed
        .then(|| all_words(stats))
        .flatten()
        .unwrap_or_default();
    let longer = look
        .settings
        .lengths
        .iter()
        .copied()
        .zip(stats.longer.iter().copied());
    FieldProfile {
        name: name::path(&path),
        filled: kinds.filled(),
        of,
        held: held(kinds),
        distinct: stats.distinct(),
        unique: None,
        is_reachable: true,
        longest: stats.longest,
        longer: longer.filter(|(_, count)| *count > 0).collect(),
        range: stats.range,
        time_unit: types::time_unit(stats, &around).map(|unit| {
            if unit == TimeUnit::Seconds {
                "seconds"
            } else {
                "milliseconds"
            }
            .to_owned()
        }),
        shapes: shapes(stats),
        words: words.into_iter().take(WORDS_TOLD).collect(),
        examples: examples(stats, look.settings.mask),
        is_wide: branch.is_wide,
        declared: super::fields::type_words(&drafted.r#type),
        drafted,
        members,
        path,
    }
}

/// An object among the given fields with few simple members is declared member by member.
fn drafted(
    branch: &Branch<'_>,
    members: &[FieldProfile],
    look: &Look<'_>,
    around: &Around<'_>,
) -> Drafted {
    let kinds = &branch.stats.kinds;
    if kinds.objects == 0 {
        return types::draft(branch.stats, around);
    }
    let is_plain = members.iter().all(|member| {
        let is_nested = member.members.iter().any(|it| it.held.objects > 0);
        !is_nested && name::is_writable(member.path.last().map_or("", String::as_str))
    });
    let is_small = is_plain && (1..=LEAVES_MAX).contains(&leaves(members));
    // Objects beside something else, if only an empty text: JSON alone takes both.
    let is_alone = kinds.objects == kinds.filled() && kinds.empties == 0;
    if !is_alone || branch.is_wide || !look.is_given || !is_small {
        return json();
    }
    let misfits = members.iter().map(|member| member.drafted.misfits).sum();
    let members = members.iter().map(|member| Member {
        name: member.path.last().cloned().unwrap_or_default(),
        optional: member.filled < kinds.objects,
        // A closed list inside an object says more than the data can prove.
        r#type: if matches!(member.drafted.r#type, Type::OneOf(_)) {
            Type::Text
        } else {
            member.drafted.r#type.clone()
        },
    });
    Drafted {
        r#type: Type::Object(members.collect()),
        misfits,
        misspelled: Vec::new(),
    }
}

fn json() -> Drafted {
    Drafted {
        r#type: Type::Json,
        misfits: 0,
        misspelled: Vec::new(),
    }
}

fn leaves(members: &[FieldProfile]) -> usize {
    let of = |member: &FieldProfile| {
        if matches!(member.drafted.r#type, Type::Object(_)) {
            leaves(&member.members)
        } else {
            1
        }
    };
    members.iter().map(of).sum()
}

fn held(kinds: &Kinds) -> Held {
    Held {
        texts: kinds.texts - kinds.empties,
        integers: kinds.integers,
        decimals: kinds.decimals + kinds.odd_numbers,
        booleans: kinds.booleans,
        lists: kinds.lists,
        objects: kinds.objects,
        nulls: kinds.nulls,
        empty_texts: kinds.empties,
        spelled_numbers: kinds.spelled_integers + kinds.spelled_decimals,
        spelled_booleans: kinds.spelled_booleans,
        spelled_dates: kinds.spelled_dates,
        spelled_times: kinds.spelled_times,
    }
}

/// Of a field with several kinds of scalar: one value of each, masked; always the same one.
fn examples(stats: &Stats, mask: fn(&str) -> String) -> Vec<(String, String)> {
    let kinds = &stats.kinds;
    let held = [kinds.texts - kinds.empties, kinds.numbers(), kinds.booleans];
    if held.iter().filter(|count| **count > 0).count() < 2 {
        return Vec::new();
    }
    let is_of = |kind: Scalar, raw: &str| Scalar::of(raw) == Some(kind);
    Scalar::ALL
        .into_iter()
        .filter_map(|kind| {
            let words = stats.values.values();
            let of_kind =
                words.filter(|word| word.raw.as_deref().is_some_and(|raw| is_of(kind, raw)));
            let common = of_kind.max_by_key(|word| (word.count, word.raw.clone()));
            let common = common.and_then(|word| word.raw.as_deref());
            let text = plain(common.or_else(|| stats.first_of(kind))?).into_owned();
            let short: String = text.chars().take(EXAMPLE_MAX).collect();
            Some((kind.word().to_owned(), mask(&short)))
        })
        .collect()
}
