//! The files beside a rule file as blocks: declared source fields, and a layout of the output.

use super::unit::{Block, Order, Unit, kind_of};
use crate::lang::ast::{DestinationKind, FieldsBlock, SchemaBlock, Target};
use crate::lang::parse::{parse_fields, parse_rules, parse_schema};
use crate::plan::Touch;
use crate::text::Source;

pub(super) fn blocks(rules: &Source, sources: &[Source]) -> Vec<Block> {
    let (file, _) = parse_rules(rules);
    let find = |name: &str| sources.iter().skip(1).find(|it| it.name() == name);
    let mut blocks = Vec::new();
    let fields = file.header.source.and_then(|it| find(&it.fields.value));
    if let Some(source) = fields {
        let (fields, _) = parse_fields(source);
        blocks.extend(fields.blocks.iter().map(|it| declared(it, source)));
    }
    let layout = file.header.destination.and_then(|it| match it.kind {
        DestinationKind::File(name) => find(&name.value),
        DestinationKind::System { .. } => None,
    });
    if let Some(source) = layout {
        let (layout, _) = parse_schema(source);
        blocks.extend(layout.blocks.iter().map(|it| written(it, source)));
    }
    for unit in blocks.iter_mut().flat_map(|it| &mut it.units) {
        unit.is_beside = true;
    }
    blocks
}

fn declared(item: &FieldsBlock, source: &Source) -> Block {
    let kind = kind_of(&item.entity);
    let base = format!("fields of {kind}");
    let mut block = Block::whole(base.clone(), Order::None, source, item.span);
    block.add(base.as_str(), (source, item.head), &item.at);
    for line in &item.lines {
        let unit: &mut Unit = block.add(format!("line of {base}"), (source, line.span), line);
        let path = line.path.dotted();
        unit.keys = vec![path.clone()];
        let kind = kind.clone();
        unit.touches = [
            Touch::Declared {
                kind: kind.clone(),
                path,
            },
            Touch::Rest(kind),
        ]
        .into();
    }
    block
}

fn written(item: &SchemaBlock, source: &Source) -> Block {
    let targets: Vec<String> = item.targets.iter().map(Target::written).collect();
    let base = format!("target {}", targets.join(", "));
    let mut block = Block::whole(base.clone(), Order::None, source, item.span);
    block.add(base.as_str(), (source, item.head), &base);
    for field in &item.fields {
        let unit = block.add(format!("field of {base}"), (source, field.span), field);
        unit.keys = vec![field.name.text.clone()];
        for target in &targets {
            unit.touches.insert(Touch::Field {
                target: target.clone(),
                field: field.name.text.clone(),
            });
        }
    }
    block
}
