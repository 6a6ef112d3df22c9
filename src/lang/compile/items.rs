//! The walk over a file: header, names, one entity after another, what speaks of the whole file, examples.

use crate::lang::ast::{Allow, Example, Item, MapLine, RuleFile};
use crate::lang::codes::{decisions, names};
use crate::lang::diagnostic::{Severity, settle};
use crate::lang::parse::parse_rules;
use crate::lang::unconfirmed;
use crate::model::{Entity, FieldWanted, Schema};
use crate::plan::{EntityPlan, Plan, RecordKind};
use crate::text::Source;

use super::checker::{Checker, Mapped};
use super::destination::Targets;
use super::entities::{entity_plan, groups};
use super::environment::{CheckedExample, Compiled, Environment, Files};
use super::examples::run_examples;
use super::gathered::Gathered;
use super::header::Systems;

pub(super) fn compile(
    source: &Source,
    files: &dyn Files,
    environment: &Environment<'_>,
) -> Compiled {
    let (rules, findings) = parse_rules(source);
    let mut file = Checker {
        source,
        files,
        environment,
        diagnostics: findings,
        sources: Vec::new(),
        schema: Schema::default(),
        blind: false,
        shapes: Vec::new(),
        no_fields: false,
        lists: Vec::new(),
        list_names: Vec::new(),
        maps: Vec::new(),
        map_names: Vec::new(),
        custom_names: Vec::new(),
        mapped: Vec::new(),
        targets: Targets::default(),
        each_wanted: Vec::new(),
        person_keys: Vec::new(),
        gathered: Gathered::default(),
        unread: rules.unread.clone(),
    };
    file.diagnostics
        .extend(unconfirmed::findings(source, &rules));
    let systems = file.header(&rules.header);
    let wanted = declarations(&mut file, &rules);
    let groups = groups(&mut file, &rules);
    for group in groups.iter().filter(|it| !it.maps.is_empty()) {
        let targets = group.maps.iter().flat_map(|it| &it.targets);
        file.mapped.push(Mapped {
            kind: RecordKind {
                entity: group.entity,
                object_type: group.object_type.clone(),
            },
            targets: targets.map(crate::lang::ast::Target::written).collect(),
            blocks: group.maps.iter().map(|it| it.span).collect(),
        });
    }
    let people = groups.iter().filter(|it| it.entity == Entity::Person);
    for line in people.flat_map(|it| &it.maps).flat_map(|it| &it.lines) {
        if let MapLine::Field(line) = line
            && line.key.is_some()
        {
            file.person_keys.push(line.target.name.text.clone());
        }
    }
    for group in groups
        .iter()
        .filter(|it| it.entity == Entity::Object && it.object_type.is_none())
    {
        let Some(map) = group.maps.first() else {
            continue;
        };
        let message = "objects are mapped by their type, found none";
        file.error(names::N207, map.head, message).help =
            Some("write `map object \"company\" to …`".to_owned());
    }
    let mut entities = Vec::new();
    for group in &groups {
        entities.extend(entity_plan(&mut file, group));
    }
    let mapped: Vec<(Entity, Option<String>)> = groups
        .iter()
        .filter(|it| !it.maps.is_empty())
        .map(|it| (it.entity, it.object_type.clone()))
        .collect();
    finish(file, &rules, systems, wanted, entities, &mapped)
}

fn declarations(file: &mut Checker<'_>, rules: &RuleFile) -> Vec<FieldWanted> {
    let mut wanted = Vec::new();
    for item in &rules.items {
        match item {
            Item::List(it) => file.list(it),
            Item::Values(it) => file.value_map(it),
            Item::CustomField(it) => file.custom_field(it, &mut wanted),
            Item::Exclude(_)
            | Item::Fact(_)
            | Item::Decide(_)
            | Item::Map(_)
            | Item::EveryOther(_)
            | Item::Ignore(_)
            | Item::Limit(_)
            | Item::Merge(_)
            | Item::Example(_)
            | Item::Promise(_)
            | Item::Allow(_)
            | Item::AcceptHeld(_) => {}
        }
    }
    wanted
}

fn finish(
    mut file: Checker<'_>,
    rules: &RuleFile,
    systems: Systems,
    wanted: Vec<FieldWanted>,
    entities: Vec<EntityPlan>,
    mapped: &[(Entity, Option<String>)],
) -> Compiled {
    let mut plan = Plan {
        title: systems.title,
        source: systems.source,
        destination: systems.destination,
        edition: systems.edition,
        no_markers: systems.no_markers,
        targets: Vec::new(),
        lists: Vec::new(),
        values: Vec::new(),
        users: file.schema.users.clone(),
        users_unknown: file.schema.users_unknown,
        entities,
        other_objects: None,
        ignored: Vec::new(),
        limit: None,
        accepts: Vec::new(),
        fields_wanted: wanted,
    };
    file.unmet_words();
    file.colliding_keys();
    file.record_links(&mut plan.entities);
    file.budgets(rules, &plan.fields_wanted);
    let (examples, allows) = whole_file(&mut file, rules, mapped, &mut plan);
    plan.fields_wanted.append(&mut file.each_wanted);
    let promises = file.settle_promises(&plan.entities, rules);
    plan.targets = std::mem::take(&mut file.targets).into_plans();
    plan.lists = std::mem::take(&mut file.lists);
    plan.values = file.maps.iter().map(|it| it.plan.clone()).collect();
    let has_error = file
        .diagnostics
        .iter()
        .any(|it| it.severity == Severity::Error);
    // What an error kept from being read is not unused.
    if has_error {
        file.diagnostics.retain(|it| it.code != names::N214);
    } else {
        file.unused();
    }
    let mut checked: Vec<CheckedExample> = Vec::new();
    let mut points = Vec::new();
    if !has_error {
        let (examples, hits) = run_examples(&mut file, &plan, &examples);
        checked = examples;
        points = file.points(rules, &plan, &hits);
        // One that fails may be the one that was meant for it.
        if !checked.is_empty() && checked.iter().all(|it| it.passed) {
            file.unreached(&points);
        }
    }
    file.draw_together(rules);
    let fields = file.source_fields(&plan);
    file.allow(&allows);
    let mut errors = file
        .diagnostics
        .iter()
        .filter(|it| it.severity == Severity::Error);
    let broken = errors.clone().next().is_some();
    let is_overlap = |code| [decisions::D302, decisions::D307].contains(&code);
    let is_open = errors.all(|it| it.counted.is_some() || is_overlap(it.code));
    let (plan, rehearsal) = match (broken, is_open) {
        (false, _) => (Some(plan), None),
        (true, true) => (None, Some(plan)),
        (true, false) => (None, None),
    };
    let mut sources = vec![file.source.clone()];
    sources.append(&mut file.sources);
    let mut diagnostics = file.diagnostics;
    settle(&mut diagnostics);
    Compiled {
        plan,
        rehearsal,
        diagnostics,
        examples: checked,
        promises,
        points,
        fields,
        sources,
    }
}

/// The items that speak of the whole file; examples and allowances are left for the end.
fn whole_file<'f>(
    file: &mut Checker<'_>,
    rules: &'f RuleFile,
    mapped: &[(Entity, Option<String>)],
    plan: &mut Plan,
) -> (Vec<&'f Example>, Vec<&'f Allow>) {
    let child_maps = child_maps(file, rules);
    let mut examples = Vec::new();
    let mut allows: Vec<&Allow> = Vec::new();
    for item in &rules.items {
        match item {
            Item::Limit(it) => {
                let limit = file.limit(it, &child_maps);
                if plan.limit.is_some() && limit.is_some() {
                    let message = "a second `limit`";
                    file.error(names::N213, it.head, message).help = Some(
                        "one allowance counts over all rules; leave one of the two".to_owned(),
                    );
                }
                plan.limit = plan.limit.take().or(limit);
            }
            Item::AcceptHeld(it) => plan.accepts.extend(file.accept(it)),
            Item::Ignore(it) => file.ignored(it, mapped, &mut plan.ignored),
            Item::EveryOther(it) => {
                file.every_other(it, &mut plan.other_objects, &mut plan.ignored);
            }
            Item::Promise(it) => file.promise(it, mapped),
            Item::Allow(it) => allows.push(it),
            Item::Example(it) => examples.push(it),
            Item::List(_)
            | Item::Values(_)
            | Item::CustomField(_)
            | Item::Exclude(_)
            | Item::Fact(_)
            | Item::Decide(_)
            | Item::Map(_)
            | Item::Merge(_) => {}
        }
    }
    (examples, allows)
}

/// Which entities write which child targets, by the words of their maps.
fn child_maps(file: &Checker<'_>, rules: &RuleFile) -> Vec<(Entity, String)> {
    let mut found = Vec::new();
    for item in &rules.items {
        let Item::Map(map) = item else { continue };
        for entity in &map.entities {
            let Ok(entity) = entity.name.text.parse::<Entity>() else {
                continue;
            };
            let names = map.targets.iter().map(crate::lang::ast::Target::written);
            let is_child = |name: &String| file.schema.target(name).is_some_and(|it| it.child);
            found.extend(names.filter(is_child).map(|name| (entity, name)));
        }
    }
    found
}
