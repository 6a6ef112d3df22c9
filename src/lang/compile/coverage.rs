//! Which rows, words and policies the examples of a file reach, and which ones none does.

use crate::lang::ast::{self, Clauses, ExcludeWhen, Item, MapBlock, MapLine, RuleFile, ValueWord};
use crate::lang::codes::coverage;
use crate::model::Type;
use crate::plan::{Clause, EntityPlan, Hits, Plan, Points, SourceField, SourceFields, WordPoint};
use crate::text::Span;

use super::checker::Checker;
use super::environment::{CheckedPoint, PointKind};
use super::shape::{Shape, entity_words};

/// Points being gathered, with what their words are made of.
struct Gathering<'g, 'c> {
    file: &'g Checker<'c>,
    plan: &'g Plan,
    points: Points,
    hits: &'g Hits,
    found: Vec<CheckedPoint>,
}

/// An item of the file.
struct Of<'i> {
    item: &'i str,
    head: Span,
    kind: PointKind,
}

impl Checker<'_> {
    /// Every point that the rules write down, in file order.
    pub(super) fn points(&self, rules: &RuleFile, plan: &Plan, hits: &Hits) -> Vec<CheckedPoint> {
        let mut gathering = Gathering {
            file: self,
            plan,
            points: Points::of(plan),
            hits,
            found: Vec::new(),
        };
        for item in &rules.items {
            gathering.item(item);
        }
        gathering.found
    }

    /// One note an item, with all of it that no example reaches.
    pub(super) fn unreached(&mut self, points: &[CheckedPoint]) {
        let missing: Vec<&CheckedPoint> = points
            .iter()
            .filter(|it| it.kind.is_for_examples() && it.examples == 0)
            .collect();
        for group in missing.chunk_by(|left, right| left.head == right.head) {
            let Some(first) = group.first() else { continue };
            let all = points.iter().filter(|it| it.head == first.head).count();
            let (code, what) = match first.kind {
                PointKind::Row | PointKind::FactLine => (coverage::C504, ("rows", "row")),
                PointKind::Word => (coverage::C505, ("words", "word")),
                PointKind::Policy
                | PointKind::ExcludeWhen
                | PointKind::Merge
                | PointKind::Limit => (coverage::C506, ("policies", "policy")),
            };
            let how_many = match (group.len(), all) {
                (1, 1) => format!("the one {} of", what.1),
                (missing, all) if missing == all => format!("any of the {all} {} of", what.0),
                (missing, all) => format!("{missing} of the {all} {} of", what.0),
            };
            let message = format!("no example reaches {how_many} `{}`", first.item);
            let diagnostic = self.note(code, first.head, message);
            let labels = group.iter().map(|it| (it.span, String::new()));
            diagnostic.labels.extend(labels);
            diagnostic.help = Some(
                "`mapwright example missing RULES` writes an example for each, ready to be pasted"
                    .to_owned(),
            );
        }
    }

    /// What is declared of each kind of record that the plan maps.
    pub(super) fn source_fields(&self, plan: &Plan) -> Vec<SourceFields> {
        let shapes = self.shapes.iter().filter_map(|shape| {
            let entity = plan.entity(shape.entity, shape.object_type.as_deref())?;
            shape.declared.as_ref()?;
            Some(SourceFields {
                entity: shape.entity,
                object_type: shape.object_type.clone(),
                fields: fields_of(shape, entity),
                id: shape.id.clone(),
                base: shape.base.clone(),
                traits_at: shape.traits_at.clone(),
            })
        });
        shapes.collect()
    }
}

/// Declared fields; of an object the members, where a line reads one of them alone.
fn fields_of(shape: &Shape, entity: &EntityPlan) -> Vec<SourceField> {
    let mut fields = Vec::new();
    for field in shape.fields.iter().filter(|it| !it.derived) {
        let declared = &field.declared;
        let is_place = declared.path == shape.id
            || shape
                .parent
                .as_ref()
                .is_some_and(|it| it.path == declared.path);
        add(
            shape,
            entity,
            SourceField {
                name: declared.path.join("."),
                path: shape.record_path(&declared.path),
                r#type: declared.r#type.clone(),
                optional: declared.optional,
                is_place,
            },
            &mut fields,
        );
    }
    fields
}

fn add(shape: &Shape, entity: &EntityPlan, field: SourceField, fields: &mut Vec<SourceField>) {
    let is_below =
        |path: &Vec<String>| path.len() > field.path.len() && path.starts_with(&field.path);
    let read_below = entity.slots.iter().any(|it| is_below(&it.path));
    let declared_below = shape
        .fields
        .iter()
        .any(|it| is_below(&shape.record_path(&it.declared.path)));
    if let Type::Object(members) = &field.r#type
        && read_below
    {
        for member in members {
            let mut path = field.path.clone();
            path.push(member.name.clone());
            let member = SourceField {
                name: format!("{}.{}", field.name, member.name),
                path,
                r#type: member.r#type.clone(),
                optional: true,
                is_place: false,
            };
            add(shape, entity, member, fields);
        }
        return;
    }
    if !declared_below {
        fields.push(field);
    }
}

impl<'g> Gathering<'g, '_> {
    fn item(&mut self, item: &Item) {
        match item {
            Item::Exclude(it) => {
                let name = format!("exclude {}", words_of(&it.entity));
                let of = Of {
                    item: &name,
                    head: it.head,
                    kind: PointKind::Row,
                };
                let Some(entity) = self.entity(&it.entity) else {
                    return;
                };
                let rows = entity.exclude.iter().flat_map(|it| &it.rule_lines);
                for (row, line) in rows.enumerate() {
                    let span = self.row(it.rows.iter().map(|it| it.span), *line);
                    let number = self.points.exclude_row(entity, Some(row));
                    self.push(&of, number, span);
                }
            }
            Item::Decide(it) => self.decide(it),
            Item::Fact(it) => self.fact(it),
            Item::Values(it) => self.values(it),
            Item::Map(it) => self.map(it),
            Item::Merge(it) => {
                let name = format!("merge {}", words_of(&it.entity));
                let of = Of {
                    item: &name,
                    head: it.head,
                    kind: PointKind::Merge,
                };
                let entity = self.entity(&it.entity);
                let number = entity.and_then(|entity| self.points.merged(entity));
                self.push(&of, number, it.head);
            }
            Item::Limit(it) => {
                let of = Of {
                    item: "limit",
                    head: it.head,
                    kind: PointKind::Limit,
                };
                let number = self.plan.limit.as_ref().map(|_| self.points.limit());
                let span = it.above.as_ref().map_or(it.head, |above| above.span);
                self.push(&of, number, span);
            }
            Item::List(_)
            | Item::CustomField(_)
            | Item::EveryOther(_)
            | Item::Ignore(_)
            | Item::Example(_)
            | Item::Promise(_)
            | Item::Allow(_)
            | Item::AcceptHeld(_) => {}
        }
    }

    fn decide(&mut self, table: &ast::DecideTable) {
        let name = format!("decide {}", words_of(&table.entity));
        let of = Of {
            item: &name,
            head: table.head,
            kind: PointKind::Row,
        };
        let Some(entity) = self.entity(&table.entity) else {
            return;
        };
        let rows = entity.decide.iter().flat_map(|it| &it.rule_lines);
        for (row, line) in rows.enumerate() {
            let span = self.row(table.rows.iter().map(|it| it.span), *line);
            let number = self.points.decide_row(entity, Some(row));
            self.push(&of, number, span);
        }
        if let Some(otherwise) = &table.otherwise {
            let number = self.points.decide_row(entity, None);
            let words = self.file.source.slice(otherwise.span);
            let text = format!("otherwise {words}");
            self.push_as(&of, number, otherwise.span, text);
        }
    }

    fn fact(&mut self, fact: &ast::Fact) {
        let name = format!("fact {} of {}", fact.name.text, words_of(&fact.entity));
        let of = Of {
            item: &name,
            head: fact.head,
            kind: PointKind::FactLine,
        };
        let Some(entity) = self.entity(&fact.entity) else {
            return;
        };
        let mut facts = entity.facts.iter();
        let Some(at) = facts.position(|it| it.name == fact.name.text) else {
            return;
        };
        let mut whens = 0;
        for line in &fact.lines {
            let number = line.when.as_ref().map(|_| {
                whens += 1;
                whens - 1
            });
            let number = self.points.fact_line(entity, at, number);
            self.push(&of, number, line.span);
        }
    }

    fn values(&mut self, values: &ast::Values) {
        let name = format!("values {}", values.name.text);
        let of = Of {
            item: &name,
            head: values.head,
            kind: PointKind::Word,
        };
        let mut maps = self.plan.values.iter();
        let Some(at) = maps.position(|it| it.name == values.name.text) else {
            return;
        };
        for word in values.lines.iter().flat_map(|it| &it.words) {
            let point = match &word.node {
                ValueWord::Word(word) => WordPoint::Word(&word.text),
                ValueWord::Blank => WordPoint::Blank,
                ValueWord::Other => WordPoint::Other,
            };
            let number = self.points.word(at, point);
            self.push(&of, number, word.span);
        }
    }

    fn map(&mut self, block: &MapBlock) {
        let targets: Vec<String> = block.targets.iter().map(ast::Target::written).collect();
        for entity in &block.entities {
            let name = format!("map {} to {}", words_of(entity), targets.join(", "));
            let Some(plan) = self.entity(entity) else {
                continue;
            };
            let of = Of {
                item: &name,
                head: block.head,
                kind: PointKind::Policy,
            };
            let is_of_block = |target: usize| {
                let target = self.plan.targets.get(target);
                target.is_some_and(|it| targets.first() == Some(&it.name))
            };
            let mut maps = plan.maps.iter();
            let map = maps.position(|it| is_of_block(usize::from(it.target.0)));
            let mut whens = 0;
            for line in &block.lines {
                match line {
                    MapLine::Field(line) => self.clauses(&of, plan, line.span, &line.clauses),
                    MapLine::Each(line) => self.clauses(&of, plan, line.span, &line.clauses),
                    MapLine::Exclude(ExcludeWhen { span, .. }) => {
                        let number = map.and_then(|it| self.points.exclude_when(plan, it, whens));
                        whens += 1;
                        let of = Of {
                            kind: PointKind::ExcludeWhen,
                            ..of
                        };
                        self.push(&of, number, *span);
                    }
                    MapLine::Rest(_)
                    | MapLine::Ignore(_)
                    | MapLine::Existing(_)
                    | MapLine::Collision(_)
                    | MapLine::Entry(_)
                    | MapLine::Members(_)
                    | MapLine::Document(_) => {}
                }
            }
        }
    }

    fn clauses(&mut self, of: &Of<'_>, entity: &EntityPlan, line: Span, clauses: &Clauses) {
        let rule_line = self.file.line_of(line);
        let spans = [
            (Clause::Else, clauses.otherwise.as_ref().map(|it| it.span)),
            (Clause::None, clauses.none.as_ref().map(|it| it.span)),
            (Clause::Many, clauses.many.as_ref().map(|it| it.span)),
        ];
        for (clause, span) in spans {
            let Some(span) = span else { continue };
            let number = self.points.clause(entity, rule_line, clause);
            let field = self.file.source.slice(line);
            let field = field.split_once('=').map_or(field, |(field, _)| field);
            let word = match clause {
                Clause::Else => "else",
                Clause::None => "none",
                Clause::Many => "many",
            };
            let answer = self.file.source.slice(span);
            let answer = answer.strip_prefix(word).unwrap_or(answer).trim();
            let text = format!("{} = … {word} {answer}", field.trim());
            self.push_as(of, number, span, text);
        }
    }

    /// The place of the row that stands on a line.
    fn row(&self, mut rows: impl Iterator<Item = Span>, line: u32) -> Span {
        rows.find(|it| self.file.line_of(*it) == line)
            .unwrap_or_default()
    }

    fn entity(&self, entity: &ast::Entity) -> Option<&'g EntityPlan> {
        let kind = entity.name.text.parse().ok()?;
        let of = entity.of.as_ref().map(|it| it.value.as_str());
        self.plan.entity(kind, of)
    }

    fn push(&mut self, of: &Of<'_>, number: Option<usize>, span: Span) {
        let words = self.file.source.slice(span).split_whitespace();
        let text = words.collect::<Vec<_>>().join(" ");
        self.push_as(of, number, span, text);
    }

    fn push_as(&mut self, of: &Of<'_>, number: Option<usize>, span: Span, text: String) {
        let Some(number) = number else { return };
        self.found.push(CheckedPoint {
            number,
            kind: of.kind,
            item: of.item.to_owned(),
            head: of.head,
            text,
            span,
            rule_line: self.file.line_of(span),
            examples: self.hits.get(number).copied().unwrap_or_default(),
        });
    }
}

fn words_of(entity: &ast::Entity) -> String {
    let of = entity.of.as_ref().map(|it| it.value.as_str());
    match entity.name.text.parse() {
        Ok(kind) => entity_words(kind, of),
        Err(_) => entity.name.text.clone(),
    }
}
