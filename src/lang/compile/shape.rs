//! The source side of one kind of record: which paths the rules may write, and where they stand in the record.

use crate::model::{DeclaredField, Entity, Member, Type, WrongTypePolicy};
use crate::text::{Source, Span};

/// One kind of source record.
#[derive(Clone, Debug)]
pub(super) struct Shape {
    pub(super) entity: Entity,
    pub(super) object_type: Option<String>,
    /// The `.fields` file and the block's opening line.
    pub(super) declared: Option<(Source, Span)>,
    pub(super) fields: Vec<ShapeField>,
    pub(super) base: Vec<String>,
    pub(super) top: Vec<String>,
    /// What replaces `traits` at the start of a path.
    pub(super) traits_at: Option<Vec<String>>,
    /// As a rule path; its last key is the id's name.
    pub(super) id: Vec<String>,
    pub(super) parent: Option<ParentPath>,
}

/// `, of person by id`.
#[derive(Clone, Debug)]
pub(super) struct ParentPath {
    pub(super) path: Vec<String>,
    pub(super) entity: Entity,
    pub(super) equals: Vec<String>,
}

/// One declared path.
#[derive(Clone, Debug)]
pub(super) struct ShapeField {
    pub(super) declared: DeclaredField,
    pub(super) derived: bool,
    pub(super) span: Option<Span>,
}

/// What a path of the rules turned out to be.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) path: Vec<String>,
    pub(super) r#type: Type,
    pub(super) optional: bool,
    pub(super) derived: bool,
    pub(super) wrong_type: WrongTypePolicy,
}

/// Why a path is not there.
pub(super) enum Miss {
    /// Nothing is declared there.
    Unknown,
    /// A field stands on the way, and it is no object with such a member.
    Below { field: String, r#type: Type },
}

impl Shape {
    /// The field or member that `path` names.
    pub(super) fn find(&self, path: &[String]) -> Result<Found, Miss> {
        if let Some(field) = self.fields.iter().find(|it| it.declared.path == path) {
            let declared = &field.declared;
            return Ok(Found {
                path: path.to_vec(),
                r#type: declared.r#type.clone(),
                optional: declared.optional,
                derived: field.derived,
                wrong_type: declared.wrong_type,
            });
        }
        let above = self
            .fields
            .iter()
            .filter(|it| path.starts_with(&it.declared.path));
        let Some(above) = above.max_by_key(|it| it.declared.path.len()) else {
            return Err(Miss::Unknown);
        };
        let rest = path.get(above.declared.path.len()..).unwrap_or_default();
        match member(&above.declared.r#type, rest) {
            Some((r#type, optional)) => Ok(Found {
                path: path.to_vec(),
                r#type: r#type.clone(),
                optional: optional || above.declared.optional,
                derived: false,
                wrong_type: above.declared.wrong_type,
            }),
            None => Err(Miss::Below {
                field: above.declared.path.join("."),
                r#type: above.declared.r#type.clone(),
            }),
        }
    }

    /// Where a rule path stands in the record.
    pub(super) fn record_path(&self, path: &[String]) -> Vec<String> {
        let Some((first, rest)) = path.split_first() else {
            return Vec::new();
        };
        if let (Some(at), "traits") = (&self.traits_at, first.as_str()) {
            return at.iter().chain(rest).cloned().collect();
        }
        if self.top.contains(first) {
            return path.to_vec();
        }
        self.base.iter().chain(path).cloned().collect()
    }

    /// Every path that a rule may write: declared ones, members of objects, derived ones.
    pub(super) fn paths(&self) -> Vec<String> {
        let mut all = Vec::new();
        for field in &self.fields {
            let name = field.declared.path.join(".");
            add_members(&name, &field.declared.r#type, &mut all);
            all.push(name);
        }
        all
    }

    /// `person`, `object "company"`.
    pub(super) fn words(&self) -> String {
        entity_words(self.entity, self.object_type.as_deref())
    }
}

/// `person`, `object "company"`.
pub(super) fn entity_words(entity: Entity, object_type: Option<&str>) -> String {
    match object_type {
        Some(object_type) => format!("{entity} \"{object_type}\""),
        None => entity.to_string(),
    }
}

fn member<'t>(r#type: &'t Type, path: &[String]) -> Option<(&'t Type, bool)> {
    let (first, rest) = path.split_first()?;
    let Type::Object(members) = r#type else {
        return None;
    };
    let found: &Member = members.iter().find(|it| it.name == *first)?;
    if rest.is_empty() {
        return Some((&found.r#type, found.optional));
    }
    let (r#type, optional) = member(&found.r#type, rest)?;
    Some((r#type, optional || found.optional))
}

fn add_members(name: &str, r#type: &Type, all: &mut Vec<String>) {
    if let Type::Object(members) = r#type {
        for it in members {
            let name = format!("{name}.{}", it.name);
            add_members(&name, &it.r#type, all);
            all.push(name);
        }
    }
}
