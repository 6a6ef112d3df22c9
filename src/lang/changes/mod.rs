//! What two versions of the rules say differently, thing by thing: rows, lines, entries of lists, declarations.
//!
//! Trees are compared, so that comments, blanks and the order of what has none are no difference. Each difference knows
//! what a record meets of it ([`Touch`]) and how the new text is with this one taken back.

mod fields;
mod maps;
mod pair;
mod rules;
mod taken_back;
mod unit;

use std::collections::BTreeSet;

use pair::{Pair, pairs};
use taken_back::Way;
use unit::{Block, Order, Unit};

use super::ast::{Example, Item, Promise};
use super::parse::parse_rules;
use crate::plan::{Edit, Place, Reach, Touch};
use crate::text::Source;

/// Entries of one list that are told one by one; more of them are told together.
const ENTRIES_MAX: usize = 40;

/// What is different.
#[derive(Debug)]
pub struct Changes {
    /// In the order of the new files; what is gone stands where its block was.
    pub edits: Vec<Edit>,
    /// How each is taken back.
    ways: Vec<Way>,
    new: Vec<Source>,
}

/// Compares two versions by all texts that their compilations read ([`super::Compiled`]), the rule file first.
#[must_use]
pub fn changes(old: &[Source], new: &[Source]) -> Changes {
    let mut changes = Changes {
        edits: Vec::new(),
        ways: Vec::new(),
        new: new.to_vec(),
    };
    let (mut left, right) = (blocks(old), blocks(new));
    for block in right {
        match left.iter().position(|it| it.name == block.name) {
            Some(at) => changes.compare(&left.remove(at), &block),
            None => changes.only(&block, false),
        }
    }
    for block in left {
        changes.only(&block, true);
    }
    changes
}

/// All that the files of one version say.
fn blocks(sources: &[Source]) -> Vec<Block> {
    let Some((source, _)) = sources.split_first() else {
        return Vec::new();
    };
    let mut blocks = rules::blocks(source, sources);
    blocks.extend(fields::blocks(source, sources));
    // Two blocks of one name are told apart by their place.
    for at in 1..blocks.len() {
        let Some((before, rest)) = blocks.split_at_mut_checked(at) else {
            continue;
        };
        if let Some(block) = rest.first_mut() {
            let same = before.iter().filter(|it| it.base == block.base).count();
            if same > 0 {
                block.name = format!("{} ({})", block.base, same + 1);
            }
        }
    }
    blocks
}

/// The rule file without its examples and promises.
fn without_tests(rules: &Source) -> Source {
    let (file, _) = parse_rules(rules);
    let mut text = String::new();
    let mut from = 0;
    for item in &file.items {
        let (Item::Example(Example { span, .. }) | Item::Promise(Promise { span, .. })) = item
        else {
            continue;
        };
        text.push_str(rules.text().get(from..span.start).unwrap_or_default());
        from = span.end;
    }
    text.push_str(rules.text().get(from..).unwrap_or_default());
    Source::new(rules.name(), &text)
}

impl Changes {
    /// The files that change when edit `index` is taken back, by name, the rule file first: without its examples and
    /// promises, which may speak of the new rules and are nothing to any record. Nothing where a text cannot say it.
    #[must_use]
    pub fn taken_back(&self, index: usize) -> Option<Vec<Source>> {
        let changed = self.ways.get(index)?.go(&self.new)?;
        let rules = self.new.first()?;
        if changed.name() == rules.name() {
            return Some(vec![without_tests(&changed)]);
        }
        Some(vec![without_tests(rules), changed])
    }

    fn compare(&mut self, old: &Block, new: &Block) {
        let found = pairs(old, new);
        let is_list = new.base.starts_with("list ");
        if is_list && found.len() > ENTRIES_MAX {
            self.many_entries(&found, new);
            return;
        }
        for pair in &found {
            let way = Way::of(pair, (old, new), &found);
            match *pair {
                Pair::Changed(from, into) => self.put(Some(from), Some(into), way),
                Pair::Moved(from, into) => {
                    self.put(Some(from), Some(into), Way::None);
                    if let (Order::Weak, Some(edit)) = (new.order, self.edits.last_mut()) {
                        edit.reach = Reach::Order;
                    }
                }
                Pair::Gone(from) => self.put(Some(from), None, way),
                Pair::New(into) => self.put(None, Some(into), way),
            }
        }
    }

    fn put(&mut self, old: Option<&Unit>, new: Option<&Unit>, way: Way) {
        let Some(either) = new.or(old) else { return };
        let touches = |it: Option<&Unit>| it.map(|it| it.touches.clone()).unwrap_or_default();
        self.edits.push(Edit {
            what: either.what.clone(),
            old: old.map(Unit::place),
            new: new.map(Unit::place),
            old_touches: touches(old),
            new_touches: touches(new),
            reach: either.reach,
        });
        self.ways.push(way);
    }

    /// A block that only one version has: one thing, if it is a block of the file.
    fn only(&mut self, block: &Block, is_gone: bool) {
        if !block.is_whole {
            for unit in &block.units {
                if is_gone {
                    self.put(Some(unit), None, Way::append(unit));
                } else {
                    self.put(None, Some(unit), Way::delete(unit));
                }
            }
            return;
        }
        let Some(first) = block.units.first() else {
            return;
        };
        let all = block.units.iter().flat_map(|it| &it.touches);
        let whole = Unit {
            what: format!("all of {}", block.base),
            touches: all.cloned().collect(),
            lines: block.lines,
            entry: None,
            ..first.clone()
        };
        if is_gone {
            let way = Way::append(&whole);
            self.put(Some(&whole), None, way);
        } else {
            let way = Way::delete(&whole);
            self.put(None, Some(&whole), way);
        }
    }

    fn many_entries(&mut self, found: &[Pair<'_>], new: &Block) {
        let mut old_touches: BTreeSet<Touch> = BTreeSet::new();
        let mut new_touches: BTreeSet<Touch> = BTreeSet::new();
        let (mut gone, mut added) = (0, 0);
        for pair in found {
            if let Some(old) = pair.before() {
                gone += 1;
                old_touches.extend(old.touches.iter().cloned());
            }
            if let Some(new) = pair.after() {
                added += 1;
                new_touches.extend(new.touches.iter().cloned());
            }
        }
        let place = new.units.first().map(|it| Place {
            text: format!("{added} entries new, {gone} gone"),
            ..it.place()
        });
        self.edits.push(Edit {
            what: format!("entries of the {}", new.base),
            old: None,
            new: place,
            old_touches,
            new_touches,
            reach: Reach::Records,
        });
        self.ways.push(Way::None);
    }
}
