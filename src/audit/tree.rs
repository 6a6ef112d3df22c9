//! The fields of one kind of record as they are met: a tree of names, each with what is counted of it.

use foldhash::{HashMap, HashMapExt};

use super::stats::{BOOLEAN, Bounds, DECIMAL, Found, INTEGER, LIST, NULL, OBJECT, Stats, TEXT};
use crate::plan::{Broken, OddBytes, Scanner};

/// Values that are kept of a field, by how deep it lies; deeper than that nothing is looked into.
const VALUES_MAX: [usize; 4] = [256, 256, 128, 64];

/// Names that an object may have before its names count as data, such as ids, by how deep it lies.
const NAMES_MAX: [usize; 4] = [2_000, 4_000, 64, 16];

/// The tree of one kind of record.
#[derive(Debug)]
pub(super) struct Tree {
    nodes: Vec<Node>,
    /// Records that were counted.
    pub(super) records: u64,
    /// Lines read, to tell a name that stands twice in one.
    line: u64,
    /// How many levels of objects are looked into.
    depth: usize,
    /// How many fields the tree was made with.
    known: usize,
    room: OddBytes,
    /// Of the line being read; nothing is counted before it is known to be whole.
    found: Vec<(usize, Span)>,
}

#[derive(Debug)]
struct Node {
    name: Box<str>,
    names: HashMap<Box<str>, usize>,
    /// It has too many names to be a field each.
    is_wide: bool,
    line: u64,
    stats: Stats,
}

/// Where a value stands in its line.
#[derive(Clone, Copy, Debug)]
struct Span {
    from: usize,
    until: usize,
    items: u8,
    size: u32,
}

/// Why a line is no record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum NoRecord {
    NotUtf8,
    NotJson,
    TooDeep,
    NameTwice,
    TooLong,
}

impl NoRecord {
    pub(super) const fn words(self) -> &'static str {
        match self {
            NoRecord::NotUtf8 => "not UTF-8",
            NoRecord::NotJson => "not one JSON object",
            NoRecord::TooDeep => "nested too deep",
            NoRecord::NameTwice => "a name stands twice in one object",
            NoRecord::TooLong => "too long to be a record",
        }
    }
}

impl From<Broken> for NoRecord {
    fn from(broken: Broken) -> Self {
        match broken {
            Broken::Syntax => NoRecord::NotJson,
            Broken::TooDeep => NoRecord::TooDeep,
        }
    }
}

/// One field and what lies below it.
#[derive(Debug)]
pub(super) struct Branch<'t> {
    pub(super) name: &'t str,
    pub(super) stats: &'t Stats,
    pub(super) is_wide: bool,
    tree: &'t Tree,
    node: usize,
}

impl<'t> Branch<'t> {
    /// Fields inside, by name.
    pub(super) fn branches(&self) -> Vec<Branch<'t>> {
        self.tree.branches_of(self.node)
    }
}

impl Tree {
    /// A tree that looks into so many levels of objects. `known` fields have the numbers 1, 2, 3 …;
    /// an object stands there before what is inside it.
    pub(super) fn of_depth(depth: usize, known: &[Vec<&str>]) -> Self {
        let mut tree = Self {
            nodes: Vec::new(),
            records: 0,
            line: 0,
            depth: depth.min(VALUES_MAX.len()),
            known: 0,
            room: OddBytes::default(),
            found: Vec::new(),
        };
        tree.add("", 0);
        for path in known {
            let mut node = Some(0);
            for (depth, name) in path.iter().enumerate() {
                node = node.and_then(|node| tree.child(node, depth, name));
            }
        }
        tree.known = tree.nodes.len() - 1;
        tree
    }

    /// Counts one line. `known` gets the values of the names that the tree was made with.
    pub(super) fn read<'l>(
        &mut self,
        line: &'l [u8],
        bounds: &Bounds,
        known: &mut [Option<&'l str>],
    ) -> Result<(), NoRecord> {
        let text = std::str::from_utf8(line).map_err(|_| NoRecord::NotUtf8)?;
        self.line += 1;
        self.found.clear();
        let mut scanner = Scanner::over(text, std::mem::take(&mut self.room));
        let read = self
            .object(&mut scanner, 0, 0)
            .and_then(|()| scanner.end().map_err(NoRecord::from));
        self.room = scanner.into_room();
        read?;
        self.records += 1;
        known.fill(None);
        let found = std::mem::take(&mut self.found);
        for (node, span) in &found {
            let Some(raw) = text.get(span.from..span.until) else {
                continue;
            };
            let place = node.checked_sub(1).filter(|it| *it < self.known);
            if let Some(place) = place.and_then(|it| known.get_mut(it)) {
                *place = Some(raw);
            }
            if let Some(node) = self.nodes.get_mut(*node) {
                let (items, size) = (span.items, span.size);
                node.stats.observe(&Found { raw, items, size }, bounds);
            }
        }
        self.found = found;
        Ok(())
    }

    pub(super) fn merge(&mut self, mut other: Self) {
        self.records += other.records;
        self.merge_node(0, &mut other, 0, 0);
    }

    /// The fields at the top, by name.
    pub(super) fn branches(&self) -> Vec<Branch<'_>> {
        self.branches_of(0)
    }

    fn branches_of(&self, node: usize) -> Vec<Branch<'_>> {
        let Some(inside) = self.nodes.get(node) else {
            return Vec::new();
        };
        let mut branches: Vec<Branch<'_>> = inside
            .names
            .values()
            .filter_map(|child| {
                let node = self.nodes.get(*child)?;
                Some(Branch {
                    name: &node.name,
                    stats: &node.stats,
                    is_wide: node.is_wide,
                    tree: self,
                    node: *child,
                })
            })
            .collect();
        branches.sort_by_key(|branch| branch.name);
        branches
    }

    fn object(
        &mut self,
        scanner: &mut Scanner<'_>,
        node: usize,
        depth: usize,
    ) -> Result<(), NoRecord> {
        scanner.open_object()?;
        let mut next = scanner.first_key()?;
        while let Some(key) = next {
            let key = key.text().ok_or(NoRecord::NotJson)?;
            let child = self.child(node, depth, &key);
            self.value(scanner, child, depth + 1)?;
            next = scanner.next_key()?;
        }
        Ok(())
    }

    fn value(
        &mut self,
        scanner: &mut Scanner<'_>,
        node: Option<usize>,
        depth: usize,
    ) -> Result<(), NoRecord> {
        let Some(node) = node else {
            scanner.value()?;
            return Ok(());
        };
        if let Some(it) = self.nodes.get_mut(node) {
            if it.line == self.line {
                return Err(NoRecord::NameTwice);
            }
            it.line = self.line;
        }
        let opening = scanner.peek();
        let from = scanner.place();
        let (mut items, mut size) = (0, 0);
        match opening {
            Some(b'{') if depth < self.depth => self.object(scanner, node, depth)?,
            Some(b'[') => {
                let mut goes_on = scanner.open_list()?;
                while goes_on {
                    items |= kind(scanner.peek(), scanner.value()?);
                    size += 1;
                    goes_on = scanner.next_item()?;
                }
            }
            Some(_) | None => {
                scanner.value()?;
            }
        }
        let until = scanner.place();
        let span = Span {
            from,
            until,
            items,
            size,
        };
        self.found.push((node, span));
        Ok(())
    }

    /// The node of a name inside another; `None` where that one has too many.
    #[inline]
    fn child(&mut self, node: usize, depth: usize, name: &str) -> Option<usize> {
        let inside = self.nodes.get(node)?;
        if let Some(child) = inside.names.get(name) {
            return Some(*child);
        }
        if inside.is_wide {
            return None;
        }
        if inside.names.len() >= limit(&NAMES_MAX, depth) {
            self.widen(node);
            return None;
        }
        let child = self.add(name, depth);
        self.nodes.get_mut(node)?.names.insert(name.into(), child);
        Some(child)
    }

    fn widen(&mut self, node: usize) {
        if let Some(node) = self.nodes.get_mut(node) {
            node.is_wide = true;
            node.names = HashMap::new();
        }
    }

    fn add(&mut self, name: &str, depth: usize) -> usize {
        self.nodes.push(Node {
            name: name.into(),
            names: HashMap::new(),
            is_wide: false,
            line: 0,
            stats: Stats::with_values(limit(&VALUES_MAX, depth)),
        });
        self.nodes.len() - 1
    }

    fn merge_node(&mut self, node: usize, other: &mut Self, from: usize, depth: usize) {
        let Some(theirs) = other.nodes.get_mut(from) else {
            return;
        };
        let names = std::mem::take(&mut theirs.names);
        let empty = Stats::with_values(1);
        let stats = std::mem::replace(&mut theirs.stats, empty);
        let is_wide = theirs.is_wide;
        let Some(ours) = self.nodes.get_mut(node) else {
            return;
        };
        ours.stats.merge(stats);
        let strangers = names.keys().filter(|it| !ours.names.contains_key(&***it));
        let all = ours.names.len() + strangers.count();
        if is_wide || ours.is_wide || all > limit(&NAMES_MAX, depth) {
            self.widen(node);
            return;
        }
        for (name, from) in names {
            if let Some(child) = self.child(node, depth, &name) {
                self.merge_node(child, other, from, depth + 1);
            }
        }
    }
}

fn limit(limits: &[usize], depth: usize) -> usize {
    limits.get(depth).or(limits.last()).copied().unwrap_or(0)
}

fn kind(opening: Option<u8>, raw: &str) -> u8 {
    match opening {
        Some(b'"') => TEXT,
        Some(b'{') => OBJECT,
        Some(b'[') => LIST,
        Some(b't' | b'f') => BOOLEAN,
        Some(b'n') => NULL,
        Some(_) if raw.contains(['.', 'e', 'E']) => DECIMAL,
        Some(_) | None => INTEGER,
    }
}
