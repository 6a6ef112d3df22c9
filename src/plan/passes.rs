//! The order in which the kinds of records are decided: what is looked up before whoever looks it up.

use super::{EntityPlan, Plan};
use crate::model::Entity;

/// One pass over one file of a capture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pass {
    /// Objects of these types. The first such pass stands before all others and takes along every
    /// object without a map.
    Objects(Vec<String>),
    /// All records of a kind, whether it has a map or not.
    Kind(Entity),
}

/// What is decided together.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Node {
    Type(String),
    Kind(Entity),
}

impl Plan {
    /// Every kind of record once, and each type of object that has a map once.
    ///
    /// Objects come as early as they can, then people, their children and all the rest; a kind that
    /// another one looks up comes before that one.
    pub fn passes(&self) -> Vec<Pass> {
        let mut left = self.nodes();
        let mut passes = vec![Pass::Objects(self.take_ready_types(&mut left))];
        while !left.is_empty() {
            let ready = self.take_ready_types(&mut left);
            if !ready.is_empty() {
                passes.push(Pass::Objects(ready));
                continue;
            }
            let is_kind = |node: &Node| matches!(node, Node::Kind(_));
            let mut all = left.iter();
            // The checker refuses circles; without a beginning the usual order is as good as any.
            let next = all.position(|it| is_kind(it) && !self.waits(it, &left));
            match left.remove(next.unwrap_or(0)) {
                Node::Kind(entity) => passes.push(Pass::Kind(entity)),
                Node::Type(name) => passes.push(Pass::Objects(vec![name])),
            }
        }
        passes
    }

    /// Whether objects look people up along their relationships.
    pub fn links_to_people(&self) -> bool {
        let objects = self
            .entities
            .iter()
            .filter(|it| it.entity == Entity::Object);
        let mut links = objects.flat_map(|it| &it.maps).flat_map(|it| &it.links);
        links.any(|link| link.by_value.is_none())
    }

    /// In the order in which they come where no look-up wants another one.
    fn nodes(&self) -> Vec<Node> {
        let types = self.entities.iter().filter_map(|it| {
            let name = it.object_type.clone()?;
            (it.entity == Entity::Object).then_some(Node::Type(name))
        });
        let is_child = |entity: &Entity| {
            let plan = self.entity(*entity, None);
            plan.is_some_and(|it| it.parent.is_some())
        };
        let rest = Entity::ALL
            .into_iter()
            .filter(|it| !matches!(it, Entity::Object | Entity::Person | Entity::Relationship));
        let (children, others): (Vec<Entity>, Vec<Entity>) = rest.partition(is_child);
        let kinds = [Entity::Person]
            .into_iter()
            .chain(children)
            .chain([Entity::Relationship])
            .chain(others);
        types.chain(kinds.map(Node::Kind)).collect()
    }

    fn take_ready_types(&self, left: &mut Vec<Node>) -> Vec<String> {
        let is_ready =
            |node: &Node| matches!(node, Node::Type(_)) && !self.waits(node, left.as_slice());
        let (ready, rest): (Vec<Node>, Vec<Node>) = left.iter().cloned().partition(is_ready);
        *left = rest;
        let name_of = |node| match node {
            Node::Type(name) => Some(name),
            Node::Kind(_) => None,
        };
        ready.into_iter().filter_map(name_of).collect()
    }

    /// Whether something that comes before `node` is still left.
    fn waits(&self, node: &Node, left: &[Node]) -> bool {
        left.iter()
            .any(|other| other != node && self.comes_before(other, node))
    }

    fn comes_before(&self, first: &Node, second: &Node) -> bool {
        let by_nature = match (first, second) {
            // A relationship is told of when both its ends are known.
            (Node::Type(_) | Node::Kind(Entity::Person), Node::Kind(Entity::Relationship)) => true,
            (Node::Kind(Entity::Person), Node::Kind(kind)) => {
                let plan = self.entity(*kind, None);
                plan.is_some_and(|it| it.parent.is_some()) || self.carried_by(*kind).is_some()
            }
            (Node::Kind(carrier), Node::Kind(kind)) => self.carried_by(*kind) == Some(*carrier),
            (Node::Type(_), Node::Kind(_)) | (_, Node::Type(_)) => false,
        };
        by_nature || self.plan_of(second).is_some_and(|it| looks_up(it, first))
    }

    fn plan_of(&self, node: &Node) -> Option<&EntityPlan> {
        match node {
            Node::Type(name) => self.entity(Entity::Object, Some(name)),
            Node::Kind(kind) => self.entity(*kind, None),
        }
    }
}

fn looks_up(plan: &EntityPlan, node: &Node) -> bool {
    let mut links = plan.maps.iter().flat_map(|it| &it.links);
    links.any(|link| match (&link.by_value, node) {
        (Some(by), Node::Type(name)) => by.writers.iter().any(|it| {
            it.entity == Entity::Object && it.object_type.as_deref() == Some(name.as_str())
        }),
        (Some(by), Node::Kind(kind)) => by.writers.iter().any(|it| it.entity == *kind),
        (None, Node::Type(name)) => plan.entity == Entity::Person && link.object_type == *name,
        (None, Node::Kind(kind)) => plan.entity == Entity::Object && *kind == Entity::Person,
    })
}
