//! `map ENTITY to TARGET … end`: one plan for each target, and what every map must have.

use crate::lang::ast;
use crate::lang::ast::{ExistingLine, MapBlock, MapLine, Target as TargetName};
use crate::lang::codes::{names, types};
use crate::model::{Existing, Target};
use crate::plan::{ExcludeWhen, Expression, IgnorePattern, MapPlan, TargetId};
use crate::text::Span;

use super::checker::a;
use super::values::Lowering;

/// One target's map in the making.
pub(super) struct MapDraft {
    pub(super) target: Target,
    pub(super) id: TargetId,
    pub(super) plan: MapPlan,
    pub(super) head: Span,
    /// Fields with a line of their own, and whether the value can be blank there.
    pub(super) written: Vec<Written>,
    /// A line could not be read; nothing is said of missing fields.
    pub(super) broken: bool,
    /// Its key line has an error of its own.
    pub(super) key_unread: bool,
    /// Another target of the block did not resolve.
    pub(super) misses_target: bool,
}

/// A field that has its line.
pub(super) struct Written {
    pub(super) name: String,
    pub(super) span: Span,
    pub(super) blank: bool,
    pub(super) value: Option<Expression>,
}

impl Lowering<'_, '_> {
    /// Lowers a block; targets that do not exist are left out and reported.
    pub(super) fn map_block(&mut self, block: &MapBlock, has_merge: bool) -> Vec<MapDraft> {
        let mut drafts = self.drafts(block);
        if let Some(span) = block.as_activity {
            self.as_activity(span, &mut drafts);
        }
        if drafts.is_empty() {
            self.only_names(block);
            return drafts;
        }
        // A line that could not be read may have filled what seems to be missing.
        if self.file.has_error_within(block.span) {
            broken(&mut drafts);
        }
        for line in &block.lines {
            self.map_line(line, &mut drafts);
        }
        self.same_named(block, &mut drafts);
        for draft in &mut drafts {
            self.required(draft);
            self.consent(draft);
            self.key(draft, has_merge);
        }
        drafts
    }

    /// `as activity`: what happened is kept as an activity with its real start and end as well.
    fn as_activity(&mut self, span: Span, drafts: &mut [MapDraft]) {
        let line = self.line_of(span);
        for draft in drafts {
            let has_time = draft.target.field("time").is_some();
            if draft.target.child && has_time {
                draft.plan.as_activity = Some(line);
                continue;
            }
            let message = format!("{} is nothing that happened at a time", draft.target.name);
            self.file.error(types::T221, span, message).help =
                Some("`as activity` belongs to what is mapped to a note".to_owned());
        }
    }

    fn drafts(&mut self, block: &MapBlock) -> Vec<MapDraft> {
        let mut drafts: Vec<MapDraft> = Vec::new();
        for name in &block.targets {
            let Some(target) = self.file.target(name) else {
                continue;
            };
            if drafts.iter().any(|it| it.target.name == target.name) {
                let message = format!("`{}` stands here twice", target.name);
                self.file.error(names::N213, name.span, message).help =
                    Some("name each target once".to_owned());
                continue;
            }
            self.parent(block, name, &target);
            let id = self.file.targets.add(&target);
            drafts.push(MapDraft {
                id,
                plan: MapPlan {
                    target: id,
                    key: None,
                    lines: Vec::new(),
                    links: Vec::new(),
                    rest: None,
                    collisions: Vec::new(),
                    existing: Existing::default(),
                    existing_fields: Vec::new(),
                    exclude: Vec::new(),
                    members: None,
                    document: None,
                    as_activity: None,
                },
                target,
                head: block.head,
                written: Vec::new(),
                broken: false,
                key_unread: false,
                misses_target: false,
            });
        }
        let misses_target = drafts.len() < block.targets.len();
        for draft in &mut drafts {
            draft.misses_target = misses_target;
        }
        drafts
    }

    /// `on PARENT` stands where the target is a child, here or in the table's rows, and names the source's parent.
    fn parent(&mut self, block: &MapBlock, name: &TargetName, target: &Target) {
        // Without declared fields there is one message for all of it.
        if self.record.shape.is_none() {
            return;
        }
        match (&block.parent, target.child) {
            (None, false) => {}
            (Some(parent), false) => self.no_child(parent, target),
            (None, true) => {
                if self.record.on_parent.contains(&target.name) {
                    return;
                }
                let message = format!("{} belongs to somebody, found no `on`", a(&target.name));
                let diagnostic = self.file.error(types::T221, name.span, message);
                diagnostic.help = Some(format!("write `{} on person`", target.name));
            }
            (Some(parent), true) => self.right_parent(parent),
        }
    }

    /// `becomes note on person`: said once in the table, it need not be said by the map.
    pub(super) fn row_parent(&mut self, parent: &ast::Entity, target: &Target) {
        if !target.child {
            self.no_child(parent, target);
            return;
        }
        self.right_parent(parent);
        self.record.on_parent.push(target.name.clone());
    }

    fn no_child(&mut self, parent: &ast::Entity, target: &Target) {
        let message = format!(
            "{} belongs to nobody, found `on {}`",
            a(&target.name),
            parent.name.text
        );
        self.file.error(types::T221, parent.span, message).help =
            Some("leave `on …` out".to_owned());
    }

    fn right_parent(&mut self, parent: &ast::Entity) {
        let Some((entity, _)) = self.file.entity(parent) else {
            return;
        };
        let known = self.record.shape.as_ref().and_then(|it| it.parent.clone());
        if known.as_ref().is_some_and(|it| it.entity == entity) {
            return;
        }
        let (found, help) = match known {
            Some(known) => (
                format!("it belongs to {}", known.entity),
                format!("write `on {}`", known.entity),
            ),
            None => (
                "nothing says whose it is".to_owned(),
                "mark the field with the parent's id in the .fields file: `, of person by cio_id`"
                    .to_owned(),
            ),
        };
        let message = format!("{} is no child of {entity}; {found}", self.record.entity);
        self.file.error(types::T221, parent.span, message).help = Some(help);
    }

    /// The names of a block without a target are looked up all the same.
    fn only_names(&mut self, block: &MapBlock) {
        if self.record.shape.is_none() {
            return;
        }
        for line in &block.lines {
            match line {
                MapLine::Field(line) => {
                    if !matches!(line.value.kind, ast::ExprKind::Lookup(_)) {
                        self.value(&line.value);
                    }
                }
                MapLine::Collision(line) => {
                    self.value(&line.value);
                }
                MapLine::Exclude(line) => {
                    self.condition(&line.condition);
                }
                MapLine::Each(_)
                | MapLine::Rest(_)
                | MapLine::Ignore(_)
                | MapLine::Existing(_)
                | MapLine::Entry(_)
                | MapLine::Members(_)
                | MapLine::Document(_) => {}
            }
        }
    }

    fn map_line(&mut self, line: &MapLine, drafts: &mut [MapDraft]) {
        match line {
            MapLine::Field(line) => self.field_line(line, drafts),
            MapLine::Rest(line) => self.rest_line(line, drafts),
            MapLine::Collision(line) => self.collision_line(line, drafts),
            MapLine::Existing(line) => self.existing_line(line, drafts),
            MapLine::Ignore(line) => self.ignore_line(line),
            MapLine::Exclude(line) => {
                let when = self.whole_condition(&line.condition);
                for draft in drafts {
                    draft.plan.exclude.push(ExcludeWhen {
                        when: when.clone(),
                        because: line.because.value.clone(),
                    });
                }
            }
            MapLine::Each(line) => self.each_line(line, drafts),
            MapLine::Entry(line) => self.entry_line(line, drafts),
            MapLine::Members(line) => self.members_line(line, drafts),
            MapLine::Document(line) => self.document_line(line, drafts),
        }
    }

    fn existing_line(&mut self, line: &ExistingLine, drafts: &mut [MapDraft]) {
        let how = model_of(line.how.node);
        for index in self.narrowed(line.only.as_ref(), drafts) {
            if let Some(draft) = drafts.get_mut(index) {
                draft.plan.existing = how;
            }
        }
    }

    fn ignore_line(&mut self, line: &ast::IgnoreLine) {
        for pattern in &line.patterns {
            let keys: Vec<String> = pattern.segments.iter().map(|it| it.text.clone()).collect();
            let starred = |it: &ast::Name| !it.quoted && it.text.contains('*');
            let odd = pattern.segments.iter().enumerate().find(|(index, it)| {
                let last = index + 1 == pattern.segments.len();
                starred(it)
                    && (!last || !it.text.ends_with('*') || it.text.matches('*').count() > 1)
            });
            if let Some((_, odd)) = odd {
                let message = "a `*` stands at the very end of a path";
                self.file.error(types::T221, odd.span, message).help =
                    Some("write one path for each group, such as `traits._*`".to_owned());
                continue;
            }
            let open = pattern.segments.last().is_some_and(starred);
            let Some(shape) = &self.record.shape else {
                continue;
            };
            if !open && shape.find(&keys).is_err() {
                let path = ast::Path {
                    segments: pattern.segments.clone(),
                    span: pattern.span,
                };
                self.path(&path);
                continue;
            }
            let path = shape.record_path(&keys);
            self.record.ignore.push(IgnorePattern {
                path,
                because: line.because.value.clone(),
            });
        }
    }

    /// The drafts that a line speaks of.
    pub(super) fn narrowed(
        &mut self,
        only: Option<&TargetName>,
        drafts: &[MapDraft],
    ) -> Vec<usize> {
        let Some(only) = only else {
            return (0..drafts.len()).collect();
        };
        let word = only.written();
        if let Some(index) = drafts.iter().position(|it| it.target.name == word) {
            return vec![index];
        }
        let known: Vec<String> = drafts.iter().map(|it| it.target.name.clone()).collect();
        // One of the map's own targets did not resolve; it may be the one that is meant.
        if drafts.iter().any(|it| it.misses_target) {
            return Vec::new();
        }
        let message = format!("this map does not write `{word}`");
        let diagnostic = self.file.error(names::N206, only.span, message);
        super::checker::suggest(
            diagnostic,
            only.span,
            &word,
            known.iter().map(String::as_str),
            || format!("it writes {}", known.join(", ")),
        );
        Vec::new()
    }
}

pub(super) fn model_of(how: ast::Existing) -> Existing {
    match how {
        ast::Existing::Overwrite => Existing::Overwrite,
        ast::Existing::FillBlank => Existing::FillBlank,
        ast::Existing::Hold => Existing::Hold,
        ast::Existing::Skip => Existing::Skip,
        ast::Existing::Never => Existing::Never,
    }
}

/// Nothing is said of fields that a broken line might have filled.
pub(super) fn broken(drafts: &mut [MapDraft]) {
    for draft in drafts {
        draft.broken = true;
    }
}
