//! The names of a rule file and its neighbours, read from whatever can be read of a text that is being written.

use super::fields::{self, SourceField};
use crate::lang::ast::{
    CustomField, DestinationKind, Expr, ExprKind, Fact, Item, List, ListSource, MapLine, RuleFile,
    Target as TargetName, Values,
};
use crate::lang::compile::{Environment, Files, schema_of};
use crate::lang::lists::read_list;
use crate::lang::parse::{decode, parse_rules, parse_schema};
use crate::model::{Field, Schema};
use crate::text::Source;

/// Everything that has a name.
pub(super) struct Known {
    pub(super) rules: RuleFile,
    pub(super) fields: Vec<SourceField>,
    pub(super) schema: Schema,
    lists: Vec<(String, Vec<String>)>,
}

impl Known {
    pub(super) fn of(source: &Source, files: &dyn Files, environment: &Environment<'_>) -> Self {
        let (rules, _) = parse_rules(source);
        let read = |name: &str| {
            let bytes = files.read(name).ok()?;
            decode(name, &bytes).ok()
        };
        let mut found = fields::derived(environment.layout);
        if let Some(declared) = rules.header.source.as_ref() {
            found.extend(
                read(&declared.fields.value)
                    .iter()
                    .flat_map(fields::declared),
            );
        }
        let schema = match rules.header.destination.as_ref().map(|it| &it.kind) {
            Some(DestinationKind::File(file)) => read(&file.value)
                .map(|source| schema_of(&parse_schema(&source).0, &source).0)
                .unwrap_or_default(),
            Some(DestinationKind::System { .. }) | None => {
                environment.schema.cloned().unwrap_or_default()
            }
        };
        let mut lists = Vec::new();
        for list in items(&rules).filter_map(as_list) {
            let words = match &list.source {
                ListSource::Words(words) => words.iter().map(|it| it.value.clone()).collect(),
                ListSource::File { file, column } => {
                    read(&file.value).map_or_else(Vec::new, |source| {
                        let column = column.as_ref().map(|it| it.text.as_str());
                        let (entries, _) = read_list(&source, column);
                        entries.into_iter().map(|it| it.value).collect()
                    })
                }
            };
            lists.push((list.name.text.clone(), words));
        }
        Self {
            rules,
            fields: found,
            schema,
            lists,
        }
    }

    /// The fields of these kinds of record; of all where none is named.
    pub(super) fn fields_of<'k>(
        &'k self,
        entities: &'k [String],
    ) -> impl Iterator<Item = &'k SourceField> {
        self.fields
            .iter()
            .filter(|it| entities.is_empty() || entities.contains(&it.entity))
    }

    pub(super) fn field(&self, entities: &[String], path: &str) -> Option<&SourceField> {
        let is_of = |it: &SourceField| entities.is_empty() || entities.contains(&it.entity);
        self.fields.iter().find(|it| it.path == path && is_of(it))
    }

    /// Lists with their words.
    pub(super) fn lists(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.lists
            .iter()
            .map(|(name, words)| (name.as_str(), words.as_slice()))
    }

    pub(super) fn value_maps(&self) -> impl Iterator<Item = &Values> {
        items(&self.rules).filter_map(|item| {
            let Item::Values(it) = item else {
                return None;
            };
            Some(it)
        })
    }

    pub(super) fn facts(&self) -> impl Iterator<Item = &Fact> {
        items(&self.rules).filter_map(|item| {
            let Item::Fact(it) = item else {
                return None;
            };
            Some(it)
        })
    }

    pub(super) fn facts_of<'k>(&'k self, entities: &'k [String]) -> impl Iterator<Item = &'k Fact> {
        self.facts().filter(|it| {
            let name = entity_words(&it.entity.name.text, it.entity.of.as_ref());
            entities.is_empty() || entities.contains(&name)
        })
    }

    pub(super) fn custom_fields(&self) -> impl Iterator<Item = &CustomField> {
        items(&self.rules).filter_map(|item| {
            let Item::CustomField(it) = item else {
                return None;
            };
            Some(it)
        })
    }

    /// The destination's own fields of these targets, and each target's name.
    pub(super) fn properties<'k>(
        &'k self,
        targets: &'k [String],
    ) -> impl Iterator<Item = (&'k str, &'k Field)> {
        self.schema
            .targets
            .iter()
            .filter(|it| targets.contains(&it.name))
            .flat_map(|it| it.fields.iter().map(|field| (it.name.as_str(), field)))
    }

    /// The words that a path or a fact may hold.
    pub(super) fn words_of(&self, entities: &[String], name: &str) -> Vec<String> {
        if let Some(fact) = self.facts_of(entities).find(|it| it.name.text == name) {
            return fact.lines.iter().map(|it| it.word.text.clone()).collect();
        }
        self.field(entities, name)
            .map_or_else(Vec::new, |it| it.choices.clone())
    }

    /// The lines that read a value map: the value before `via`, the entities, the targets and the field written.
    pub(super) fn uses_of(&self, map: &str) -> Vec<Use> {
        let mut found = Vec::new();
        for item in items(&self.rules) {
            let Item::Map(block) = item else { continue };
            let entities: Vec<String> = block
                .entities
                .iter()
                .map(|it| entity_words(&it.name.text, it.of.as_ref()))
                .collect();
            for line in &block.lines {
                let MapLine::Field(line) = line else { continue };
                let ExprKind::Via { value, table } = &line.value.kind else {
                    continue;
                };
                if table.text == map {
                    let targets = match &line.only {
                        Some(only) => vec![target_words(only)],
                        None => block.targets.iter().map(target_words).collect(),
                    };
                    found.push(Use {
                        value: path_of(value),
                        entities: entities.clone(),
                        targets,
                        property: line.target.name.text.clone(),
                    });
                }
            }
        }
        found
    }
}

/// A line that reads a value map.
pub(super) struct Use {
    /// Empty where the value is no plain path.
    pub(super) value: String,
    pub(super) entities: Vec<String>,
    pub(super) targets: Vec<String>,
    pub(super) property: String,
}

fn items(rules: &RuleFile) -> impl Iterator<Item = &Item> {
    rules.items.iter()
}

fn as_list(item: &Item) -> Option<&List> {
    let Item::List(list) = item else {
        return None;
    };
    Some(list)
}

fn path_of(value: &Expr) -> String {
    let ExprKind::Path(path) = &value.kind else {
        return String::new();
    };
    path.dotted()
}

fn entity_words(name: &str, of: Option<&crate::lang::ast::Text>) -> String {
    of.map_or_else(|| name.to_owned(), |of| format!("{name} \"{}\"", of.value))
}

fn target_words(target: &TargetName) -> String {
    target.name.text.clone()
}
