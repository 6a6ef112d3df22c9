//! Look-ups order the passes: what is looked up is decided before; a circle has no beginning.

use crate::lang::codes::{keys, names};
use crate::model::Entity;
use crate::plan::{EntityPlan, RecordKind};
use crate::text::Span;

use super::checker::Checker;
use super::gathered::{LinkEnd, LinkMet};
use super::patterns::Pattern;
use super::shape::entity_words;

/// A look-up, and the kinds of records that it can find.
struct Way {
    from: RecordKind,
    to: Vec<RecordKind>,
    span: Span,
}

impl Checker<'_> {
    /// Look-ups of records: what each can find, circles, and those that find nothing.
    pub(super) fn record_links(&mut self, entities: &mut [EntityPlan]) {
        let links = std::mem::take(&mut self.gathered.links);
        let mut ways: Vec<Way> = Vec::new();
        for link in &links {
            let to = match &link.to {
                LinkEnd::Related(kind) => vec![kind.clone()],
                LinkEnd::ByValue { .. } => {
                    let writers = self.writers(link, entities);
                    keep(entities, link, &writers);
                    writers
                }
            };
            ways.push(Way {
                from: link.from.clone(),
                to,
                span: link.span,
            });
        }
        let told = self.circles(&ways);
        for link in links.iter().filter(|it| !told.contains(&it.span)) {
            if let LinkEnd::Related(to) = &link.to {
                self.never_related(link, to);
            }
        }
    }

    fn circles(&mut self, ways: &[Way]) -> Vec<Span> {
        let mut told: Vec<Span> = Vec::new();
        for start in ways {
            if told.contains(&start.span) {
                continue;
            }
            let Some(circle) = circle(ways, start) else {
                continue;
            };
            told.extend(circle.iter().map(|it| it.span));
            let way: Vec<String> = circle.iter().map(|it| words(&it.from)).collect();
            let message = match way.as_slice() {
                [only] => format!("{only} looks itself up, so none can be written first"),
                way => format!(
                    "these look-ups go in a circle: {}, {}",
                    way.join(", "),
                    way.first().map_or("", String::as_str)
                ),
            };
            let diagnostic = self.error(keys::K406, start.span, message);
            for more in circle.iter().skip(1) {
                diagnostic
                    .labels
                    .push((more.span, "and this look-up closes the circle".to_owned()));
            }
            diagnostic.help =
                Some("what is looked up is written first; take one of the look-ups out".to_owned());
        }
        told
    }

    /// Objects have relationships with people only (reference/customerio.md, limits).
    fn never_related(&mut self, link: &LinkMet, to: &RecordKind) {
        if link.from.entity != Entity::Object || to.entity != Entity::Object {
            return;
        }
        let message = format!(
            "{} has no relationships with {}, so this look-up never finds anything",
            words(&link.from),
            words(to)
        );
        self.error(keys::K405, link.span, message).help = Some(
            "Customer.io relates objects to people only: say which value both have, `lookup … by cf_key = …`, or write the look-up into the map of person"
                .to_owned(),
        );
    }

    /// The kinds of records that write a value which the look-up can ask for.
    fn writers(&mut self, link: &LinkMet, entities: &[EntityPlan]) -> Vec<RecordKind> {
        let LinkEnd::ByValue {
            target,
            field,
            pattern,
        } = &link.to
        else {
            return Vec::new();
        };
        let mapped = self.mapped.iter();
        let mapped: Vec<_> = mapped
            .filter(|it| it.targets.contains(target))
            .cloned()
            .collect();
        let mut found = Vec::new();
        let mut others: Vec<(String, Pattern)> = Vec::new();
        let mut is_unsure = false;
        for it in &mapped {
            let plan = entities.iter().find(|plan| is_of(plan, &it.kind));
            let is_broken = it.blocks.iter().any(|span| self.has_error_within(*span));
            match plan.and_then(|plan| self.written(plan, (target, field))) {
                Some(other) if other.can_meet(pattern) => found.push(it.kind.clone()),
                Some(other) => others.push((words(&it.kind), other)),
                // A line that could not be read may be the one that writes it.
                None if plan.is_none() || is_broken => is_unsure = true,
                None => {}
            }
        }
        if found.is_empty() && !is_unsure {
            self.never_found(link, &others);
        }
        found
    }

    fn never_found(&mut self, link: &LinkMet, others: &[(String, Pattern)]) {
        let LinkEnd::ByValue {
            target,
            field,
            pattern,
        } = &link.to
        else {
            return;
        };
        // Both targets of a block have the same line.
        if self.is_told(names::N216, link.span) || self.is_told(keys::K405, link.span) {
            return;
        }
        if others.is_empty() {
            let message =
                format!("no map writes `{field}` of {target}, so nothing can be found by it");
            self.error(names::N216, link.span, message).help = Some(format!(
                "look up by a field that a map fills, such as the key of {target}"
            ));
            return;
        }
        let written: Vec<String> = others
            .iter()
            .map(|(who, pattern)| format!("{who} writes {}", pattern.words()))
            .collect();
        let message = format!(
            "this look-up asks for {} in `{field}` of {target}, and no record has that: {}",
            pattern.words(),
            written.join(", ")
        );
        self.error(keys::K405, link.span, message).help =
            Some("ask for the text that the other map writes, from its first letter on".to_owned());
    }

    /// What a map writes into a field of a target.
    fn written(&self, plan: &EntityPlan, (target, field): (&str, &str)) -> Option<Pattern> {
        let id = self.targets.id(target)?;
        let map = plan.maps.iter().find(|it| it.target == id)?;
        let mut lines = map.key.iter().chain(&map.lines);
        let line = lines.find(|it| self.targets.field_name(id, it.field) == Some(field))?;
        Some(Pattern::of(&line.value))
    }
}

/// Tells the plan's own line what it can find.
fn keep(entities: &mut [EntityPlan], link: &LinkMet, writers: &[RecordKind]) {
    let own = entities.iter_mut().find(|it| is_of(it, &link.from));
    let maps = own.into_iter().flat_map(|it| &mut it.maps);
    let lines = maps.flat_map(|it| &mut it.links);
    for line in lines.filter(|it| it.rule_line == link.rule_line) {
        if let Some(by) = &mut line.by_value {
            by.writers = writers.to_vec();
        }
    }
}

fn is_of(plan: &EntityPlan, kind: &RecordKind) -> bool {
    plan.entity == kind.entity && plan.object_type == kind.object_type
}

fn words(kind: &RecordKind) -> String {
    entity_words(kind.entity, kind.object_type.as_deref())
}

/// The way from a look-up back to where it starts.
fn circle<'w>(ways: &'w [Way], start: &'w Way) -> Option<Vec<&'w Way>> {
    let mut open: Vec<Vec<&Way>> = vec![vec![start]];
    let mut seen: Vec<&RecordKind> = Vec::new();
    while let Some(way) = open.pop() {
        let Some(last) = way.last() else { continue };
        if last.to.contains(&start.from) {
            return Some(way);
        }
        for to in &last.to {
            if seen.contains(&to) {
                continue;
            }
            seen.push(to);
            for next in ways.iter().filter(|it| it.from == *to) {
                let mut longer = way.clone();
                longer.push(next);
                open.push(longer);
            }
        }
    }
    None
}
