//! `map … to …` as a block: one unit a line.

use super::unit::{Block, Order, kind_of, same_of};
use crate::lang::ast::{MapBlock, MapLine};
use crate::plan::Touch;
use crate::text::{Source, Span};

pub(super) fn map(item: &MapBlock, source: &Source) -> Block {
    let kinds: Vec<String> = item.entities.iter().map(kind_of).collect();
    let base = format!("map {}", kinds.join(", "));
    let mut block = Block::whole(base.clone(), Order::Weak, source, item.span);
    let same = (
        &item.entities,
        &item.targets,
        &item.parent,
        &item.as_activity,
    );
    let head = block.add(format!("head of {base}"), (source, item.head), &same);
    head.touches.insert(Touch::Line(head.line()));
    for kind in &kinds {
        head.touches.insert(Touch::Map(kind.clone()));
        head.touches.insert(Touch::Kind(kind.clone()));
    }
    let mut leaves_out = 0;
    for line in &item.lines {
        let (span, key) = known_by(line);
        let what = format!("line of {base}");
        let unit = block.add(what, (source, span), line);
        unit.keys = vec![key];
        let own = Touch::Line(unit.line());
        for kind in &kinds {
            let kind = kind.clone();
            match line {
                // What a line reads is not in the rest.
                MapLine::Field(_) | MapLine::Each(_) => {
                    unit.touches.extend([own.clone(), Touch::Rest(kind)]);
                }
                MapLine::Ignore(_) => {
                    unit.touches.insert(Touch::Rest(kind));
                }
                MapLine::Exclude(_) => {
                    let at = leaves_out;
                    unit.touches.insert(Touch::LeavesOut { kind, at });
                }
                MapLine::Existing(_) => {
                    unit.touches.insert(Touch::Existing(kind));
                }
                MapLine::Rest(_)
                | MapLine::Collision(_)
                | MapLine::Entry(_)
                | MapLine::Members(_)
                | MapLine::Document(_) => {
                    unit.touches.insert(own.clone());
                }
            }
        }
        leaves_out += usize::from(matches!(line, MapLine::Exclude(_)));
    }
    block
}

/// Where a line stands, and what its other version is found by.
fn known_by(line: &MapLine) -> (Span, String) {
    match line {
        MapLine::Field(it) => (
            it.span,
            format!("field {} {}", same_of(&it.only), it.target.written()),
        ),
        MapLine::Each(it) => (it.span, format!("each {}", same_of(&it.source))),
        MapLine::Rest(it) => (it.span, format!("rest {}", same_of(&it.only))),
        MapLine::Ignore(it) => (it.span, format!("ignore {}", it.because.value)),
        MapLine::Exclude(it) => (it.span, format!("exclude {}", it.because.value)),
        MapLine::Existing(it) => (it.span, format!("existing {}", same_of(&it.only))),
        MapLine::Collision(it) => (it.span, format!("collision {}", it.target.written())),
        MapLine::Entry(it) => (it.span, format!("entry {}", it.name.text)),
        MapLine::Members(it) => (it.span, "members".to_owned()),
        MapLine::Document(it) => (it.span, "document".to_owned()),
    }
}
