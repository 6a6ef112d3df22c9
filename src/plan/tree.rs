//! The paths of a plan as a tree, made once: what is read of a record, and what is only counted of it.

use std::collections::BTreeMap;

use super::keys::Keys;
use super::{EntityPlan, IgnorePattern, SlotId};

/// The objects of a record that somebody looks into; the record itself is the first.
#[derive(Debug, Default)]
pub(super) struct Tree {
    pub(super) nodes: Vec<Node>,
    /// How many keys the plan knows in all of them.
    pub(super) keys: usize,
}

#[derive(Debug)]
pub(super) struct Node {
    pub(super) path: Vec<String>,
    pub(super) children: Keys<Child>,
    /// What keys begin with that an `ignore` with a `*` leaves out.
    ignored: Vec<String>,
    /// The plan reads it; what is only counted must not refuse a record.
    pub(super) is_read: bool,
}

#[derive(Debug, Default)]
pub(super) struct Child {
    /// Among the keys that the plan knows; nothing for one that is only counted.
    pub(super) number: Option<usize>,
    pub(super) slot: Option<SlotId>,
    pub(super) node: Option<usize>,
    /// Its value is accounted for by a line, or left out by one that names it.
    pub(super) written: bool,
    pub(super) counted: Counted,
}

/// What a count of filled fields makes of a key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Counted {
    /// Nobody has declared it.
    #[default]
    Stranger,
    /// Fields below it are declared, and itself is not.
    Above,
    /// The declared field of this number.
    Field(usize),
}

impl Tree {
    /// What a plan reads.
    pub(super) fn of(plan: &EntityPlan) -> Self {
        let mut draft = Draft::default();
        for (index, spec) in (0..).zip(&plan.slots).filter(|(_, spec)| !spec.derived) {
            draft.add_slot(&spec.path, SlotId(index), spec.written);
        }
        for pattern in &plan.ignore {
            draft.add_ignored(pattern);
        }
        let mut tree = Self::default();
        tree.add(draft, &[]);
        tree
    }

    /// Has the field of this number counted as well; an object that only it needs comes behind all others.
    pub(super) fn count(&mut self, path: &[String], number: usize) {
        let mut index = 0;
        for (depth, key) in path.iter().enumerate() {
            let next = self.nodes.len();
            let Some(node) = self.nodes.get_mut(index) else {
                return;
            };
            let child = node.children.get_or_add(key);
            if depth + 1 == path.len() {
                child.counted = Counted::Field(number);
                return;
            }
            if child.counted == Counted::Stranger {
                child.counted = Counted::Above;
            }
            index = *child.node.get_or_insert(next);
            if index == next {
                self.nodes.push(Node {
                    path: path.iter().take(depth + 1).cloned().collect(),
                    children: Keys::of([]),
                    ignored: Vec::new(),
                    is_read: false,
                });
            }
        }
    }

    /// Adds a node and all below it; its index.
    fn add(&mut self, draft: Draft, path: &[String]) -> usize {
        let index = self.nodes.len();
        self.nodes.push(Node {
            path: path.to_vec(),
            children: Keys::of([]),
            ignored: draft.ignored,
            is_read: true,
        });
        let mut children = Vec::with_capacity(draft.children.len());
        for (key, child) in draft.children {
            let number = self.keys;
            self.keys += 1;
            let path: Vec<String> = path.iter().chain([&key]).cloned().collect();
            let child = Child {
                number: Some(number),
                slot: child.slot,
                node: child.inner.map(|inner| self.add(inner, &path)),
                written: child.written,
                counted: Counted::Stranger,
            };
            children.push((key, child));
        }
        if let Some(node) = self.nodes.get_mut(index) {
            node.children = Keys::of(children);
        }
        index
    }
}

impl Node {
    pub(super) fn ignores(&self, key: &str) -> bool {
        self.ignored.iter().any(|it| key.starts_with(&**it))
    }
}

/// A node on the way to being one.
#[derive(Default)]
struct Draft {
    children: BTreeMap<String, DraftChild>,
    ignored: Vec<String>,
}

#[derive(Default)]
struct DraftChild {
    slot: Option<SlotId>,
    inner: Option<Draft>,
    written: bool,
}

impl Draft {
    fn at(&mut self, keys: &[String]) -> &mut Self {
        keys.iter().fold(self, |node, key| {
            let child = node.children.entry(key.clone()).or_default();
            child.inner.get_or_insert_default()
        })
    }

    fn add_slot(&mut self, path: &[String], slot: SlotId, written: bool) {
        let Some((last, parents)) = path.split_last() else {
            return;
        };
        let child = self.at(parents).children.entry(last.clone()).or_default();
        child.slot = Some(slot);
        child.written |= written;
    }

    fn add_ignored(&mut self, pattern: &IgnorePattern) {
        let Some((last, parents)) = pattern.path.split_last() else {
            return;
        };
        let node = self.at(parents);
        match last.strip_suffix('*') {
            Some(start) => node.ignored.push(start.to_owned()),
            None => node.children.entry(last.clone()).or_default().written = true,
        }
    }
}
