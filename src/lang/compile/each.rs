//! `each TRAIT as custom field "UTM {name}"`: a line and a custom field for the declared field, or for each member of
//! it.

use crate::lang::ast::{
    self, EachLine, EachSource, Expr, ExprKind, FieldLine, FieldTarget, Name, Pattern,
};
use crate::lang::codes::{names, types};
use crate::model::{Choice, Field, FieldKind, FieldWanted, Type};
use crate::text::Span;

use super::checker::suggest;
use super::custom_fields::{TEXT_MAX, TEXTAREA_MAX};
use super::maps::{MapDraft, broken};
use super::values::Lowering;

/// What stands for the member in a label.
const NAME_MARK: &str = "{name}";

/// One field that becomes a custom field.
struct Leaf {
    path: Vec<String>,
    /// What `{name}` becomes: the names below the object, with points between.
    name: String,
    r#type: Type,
}

impl Lowering<'_, '_> {
    pub(super) fn each_line(&mut self, line: &EachLine, drafts: &mut [MapDraft]) {
        let Some(leaves) = self.leaves_of(&line.source, line.span) else {
            broken(drafts);
            return;
        };
        let template = line.label.as_ref().map_or(NAME_MARK, |it| &it.value);
        if let (Some(label), [_, _, ..]) = (&line.label, leaves.as_slice())
            && !template.contains(NAME_MARK)
        {
            let message = "all of these fields would have one label";
            self.file.error(names::N213, label.span, message).help = Some(format!(
                "say where the member's name stands: \"{template} {NAME_MARK}\""
            ));
            broken(drafts);
            return;
        }
        for leaf in leaves {
            self.leaf_line(line, &leaf, template, drafts);
        }
    }

    fn leaf_line(&mut self, line: &EachLine, leaf: &Leaf, template: &str, drafts: &mut [MapDraft]) {
        let Some(kind) = self.kind_of_leaf(leaf, line.span) else {
            broken(drafts);
            return;
        };
        let label = template.replace(NAME_MARK, &leaf.name);
        let name = format!("cf_{}", snake(&label));
        for index in self.narrowed(line.only.as_ref(), drafts) {
            if let Some(draft) = drafts.get_mut(index) {
                self.want(&name, &label, &kind, draft, line.span);
            }
        }
        let word = |text: String| Name {
            text,
            quoted: false,
            span: line.span,
        };
        let path = Expr {
            kind: ExprKind::Path(ast::Path {
                segments: leaf.path.iter().cloned().map(word).collect(),
                span: line.span,
            }),
            span: line.span,
        };
        let value = match leaf.r#type {
            Type::List(_) | Type::Object(_) | Type::Json => Expr {
                kind: ExprKind::Call {
                    name: word("json".to_owned()),
                    arguments: vec![path],
                },
                span: line.span,
            },
            Type::Text
            | Type::Integer
            | Type::Decimal
            | Type::Boolean
            | Type::Timestamp(_)
            | Type::Date
            | Type::OneOf(_) => path,
        };
        let line = FieldLine {
            key: None,
            only: line.only.clone(),
            target: FieldTarget {
                name: word(name),
                of: None,
                span: line.span,
            },
            value,
            clauses: line.clauses.clone(),
            span: line.span,
        };
        self.field_line(&line, drafts);
    }

    /// The custom field that `prepare` makes, unless the target has one of that name.
    fn want(
        &mut self,
        name: &str,
        label: &str,
        kind: &FieldKind,
        draft: &mut MapDraft,
        span: Span,
    ) {
        if draft.target.field(name).is_some() {
            return;
        }
        if !draft.target.custom_fields {
            let message = format!("{} takes no custom fields", draft.target.name);
            self.file.error(types::T223, span, message).help =
                Some("narrow the line with `only`".to_owned());
            return;
        }
        let field = Field {
            name: name.to_owned(),
            label: label.to_owned(),
            kind: kind.clone(),
            required: false,
            writable: true,
            unique: false,
            place: vec!["custom_field".to_owned()],
        };
        let target = &draft.target.name;
        let known = &mut self.file.schema.targets;
        if let Some(known) = known.iter_mut().find(|it| it.name == *target) {
            known.fields.push(field.clone());
        }
        self.file.each_wanted.push(FieldWanted {
            target: target.clone(),
            name: name.to_owned(),
            label: label.to_owned(),
            kind: kind.clone(),
            unique: false,
        });
        draft.target.fields.push(field);
    }

    /// Without a declaration the kind of a custom field follows the type (design/language.md section 8).
    fn kind_of_leaf(&mut self, leaf: &Leaf, span: Span) -> Option<FieldKind> {
        let text = |max| FieldKind::Text { max: Some(max) };
        Some(match &leaf.r#type {
            Type::Text => text(TEXT_MAX),
            Type::Integer => FieldKind::Integer,
            Type::Decimal => FieldKind::Decimal,
            Type::Boolean => FieldKind::Boolean,
            Type::Date => FieldKind::Date,
            Type::OneOf(words) => FieldKind::Choice {
                choices: words
                    .iter()
                    .map(|word| Choice {
                        id: word.clone(),
                        label: word.clone(),
                    })
                    .collect(),
                strictness: Vec::new(),
            },
            Type::List(_) | Type::Object(_) | Type::Json => text(TEXTAREA_MAX),
            Type::Timestamp(_) => {
                let name = leaf.path.join(".");
                let message = format!("`{name}` is a time, and no custom field takes one as it is");
                self.file.error(types::T202, span, message).help = Some(format!(
                    "give it a line of its own: `cf_… = date({name}, \"zone\")`"
                ));
                return None;
            }
        })
    }

    fn leaves_of(&mut self, source: &EachSource, span: Span) -> Option<Vec<Leaf>> {
        let leaves = match source {
            EachSource::Pattern(pattern) if is_plain(pattern) => {
                let path = ast::Path {
                    segments: pattern.segments.clone(),
                    span: pattern.span,
                };
                self.leaves_of_value(&Expr {
                    kind: ExprKind::Path(path),
                    span: pattern.span,
                })?
            }
            EachSource::Pattern(pattern) => self.leaves_of_pattern(pattern)?,
            EachSource::Value(value) => self.leaves_of_value(value)?,
        };
        if leaves.is_empty() {
            let message = "the .fields file declares no field here";
            self.file.error(names::N204, span, message).help =
                Some("declare the members: `traits.utm object { source: text, … }`".to_owned());
            return None;
        }
        Some(leaves)
    }

    /// `traits.utm`, `flatten(traits.utm)`, `flatten(traits.utm, 2)`.
    fn leaves_of_value(&mut self, value: &Expr) -> Option<Vec<Leaf>> {
        let (path, depth) = match &value.kind {
            ExprKind::Path(path) => (path, 0),
            ExprKind::Call { name, arguments } if name.text == "flatten" => {
                let depth = match arguments.get(1).map(|it| &it.kind) {
                    Some(ExprKind::Number(digits)) => digits.parse().unwrap_or(usize::MAX),
                    Some(_) | None => usize::MAX,
                };
                match arguments.first().map(|it| &it.kind) {
                    Some(ExprKind::Path(path)) => (path, depth),
                    Some(_) | None => return self.no_object(value.span),
                }
            }
            ExprKind::Text(_)
            | ExprKind::Number(_)
            | ExprKind::Date(_)
            | ExprKind::Boolean(_)
            | ExprKind::Blank
            | ExprKind::Add(_)
            | ExprKind::Call { .. }
            | ExprKind::Via { .. }
            | ExprKind::If { .. }
            | ExprKind::Lookup(_)
            | ExprKind::Or(_)
            | ExprKind::And(_)
            | ExprKind::Not(_)
            | ExprKind::Is { .. }
            | ExprKind::In { .. }
            | ExprKind::Compare { .. } => return self.no_object(value.span),
        };
        let keys: Vec<String> = path.segments.iter().map(|it| it.text.clone()).collect();
        let found = self.record.shape.as_ref().map(|it| it.find(&keys));
        let Some(Ok(found)) = found else {
            // Says that there is no such field, or no declaration at all.
            self.path(path);
            return None;
        };
        if !matches!(found.r#type, Type::Object(_)) {
            // `each traits.name`: one field, which is a group of one.
            return match (&value.kind, keys.last()) {
                (ExprKind::Path(_), Some(name)) => Some(vec![Leaf {
                    name: name.clone(),
                    path: keys,
                    r#type: found.r#type,
                }]),
                _ => self.no_object(path.span),
            };
        }
        let mut leaves = Vec::new();
        members(&found.r#type, &keys, "", depth, &mut leaves);
        Some(leaves)
    }

    fn no_object(&mut self, span: Span) -> Option<Vec<Leaf>> {
        let message = "expected a declared field, found a value made of it";
        self.file.error(types::T202, span, message).help = Some(
            "name the field, or flatten an object: `each flatten(traits.utm) as custom field`"
                .to_owned(),
        );
        None
    }

    /// `traits.utm.*`, `traits.utm_*`: declared fields, and members of a declared object.
    fn leaves_of_pattern(&mut self, pattern: &Pattern) -> Option<Vec<Leaf>> {
        let shape = self.record.shape.clone()?;
        let (last, parents) = pattern.segments.split_last()?;
        let parents: Vec<String> = parents.iter().map(|it| it.text.clone()).collect();
        let Some(start) = last.text.strip_suffix('*').filter(|it| !it.contains('*')) else {
            let message = "a `*` stands at the very end of a path";
            self.file.error(types::T221, last.span, message).help =
                Some("write one line for each group, such as `traits.utm.*`".to_owned());
            return None;
        };
        let mut leaves = Vec::new();
        let declared = shape.fields.iter().filter(|it| !it.derived);
        for field in declared.map(|it| &it.declared) {
            if let Some((name, above)) = field.path.split_last()
                && above == parents
                && name.starts_with(start)
            {
                leaves.push(Leaf {
                    path: field.path.clone(),
                    name: name.clone(),
                    r#type: field.r#type.clone(),
                });
            }
        }
        if let Ok(found) = shape.find(&parents) {
            let mut below = Vec::new();
            members(&found.r#type, &parents, "", 0, &mut below);
            leaves.extend(below.into_iter().filter(|it| it.name.starts_with(start)));
        }
        if leaves.is_empty() {
            let written: Vec<&str> = pattern.segments.iter().map(|it| it.text.as_str()).collect();
            let message = format!("no declared field fits `{}`", written.join("."));
            let known = shape.paths();
            let diagnostic = self.file.error(names::N204, pattern.span, message);
            let known = known.iter().map(String::as_str);
            suggest(diagnostic, pattern.span, &parents.join("."), known, || {
                "declare the fields in the .fields file".to_owned()
            });
            diagnostic.fix = None;
            return None;
        }
        Some(leaves)
    }
}

/// The members of an object, down to `depth` objects inside it.
fn members(r#type: &Type, above: &[String], prefix: &str, depth: usize, leaves: &mut Vec<Leaf>) {
    let Type::Object(all) = r#type else { return };
    for member in all {
        let mut path = above.to_vec();
        path.push(member.name.clone());
        let name = format!("{prefix}{}", member.name);
        if matches!(member.r#type, Type::Object(_)) && depth > 0 {
            let prefix = format!("{name}.");
            members(&member.r#type, &path, &prefix, depth - 1, leaves);
            continue;
        }
        leaves.push(Leaf {
            path,
            name,
            r#type: member.r#type.clone(),
        });
    }
}

/// A path without any `*`.
fn is_plain(pattern: &Pattern) -> bool {
    let starred = |it: &Name| !it.quoted && it.text.contains('*');
    !pattern.segments.iter().any(starred)
}

/// `UTM source` as `utm_source`.
fn snake(label: &str) -> String {
    let words = label.split(|it: char| !it.is_alphanumeric());
    let words: Vec<String> = words
        .filter(|it| !it.is_empty())
        .map(str::to_lowercase)
        .collect();
    words.join("_")
}
