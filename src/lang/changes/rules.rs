//! The rule file and its lists as blocks.

use std::collections::BTreeSet;

use super::maps::map;
use super::unit::{Block, Entry, Order, Unit, kind_of, same_of};
use crate::lang::ast::{
    CellTerm, CustomField, DecideTable, DestinationKind, ExcludeTable, Fact, Header, Item,
    LimitBlock, List, ListSource, MergeBlock, RuleFile, ValueWord, Values,
};
use crate::lang::lists::read_list;
use crate::lang::parse::parse_rules;
use crate::plan::{Reach, Touch, Word};
use crate::text::{Source, Span};

/// The blocks of the rule file, in its order; lines of one kind that stand alone are one block.
pub(super) fn blocks(source: &Source, sources: &[Source]) -> Vec<Block> {
    let (file, _) = parse_rules(source);
    let RuleFile {
        header: head,
        items,
        unread: _,
    } = &file;
    let mut blocks = vec![header(head, source)];
    let mut alone = Block::new("lines of their own".to_owned(), Order::None);
    for item in items {
        match item {
            Item::List(it) => blocks.push(list(it, source, sources)),
            Item::Values(it) => blocks.push(values(it, source)),
            Item::Exclude(it) => blocks.push(exclude(it, source)),
            Item::Fact(it) => blocks.push(fact(it, source)),
            Item::Decide(it) => blocks.push(decide(it, source)),
            Item::Map(it) => blocks.push(map(it, source)),
            Item::Limit(it) => blocks.push(limit(it, source)),
            Item::Merge(it) => blocks.push(merge(it, source)),
            Item::CustomField(_)
            | Item::EveryOther(_)
            | Item::Ignore(_)
            | Item::Example(_)
            | Item::Promise(_)
            | Item::Allow(_)
            | Item::AcceptHeld(_) => single(item, source, &mut alone),
        }
    }
    blocks.push(alone);
    blocks
}

/// The names of neighbours are no difference: what stands in them is compared.
fn header(header: &Header, source: &Source) -> Block {
    let mut block = Block::new("the head of the file".to_owned(), Order::None);
    if let Some(title) = &header.title {
        let unit = block.add("title", (source, title.span), title);
        unit.reach = Reach::Nothing;
    }
    if let Some(language) = &header.language {
        block.add("language", (source, language.span), language);
    }
    if let Some(system) = &header.source {
        block.add("source", (source, system.span), &system.system);
    }
    if let Some(destination) = &header.destination {
        let same = match &destination.kind {
            DestinationKind::System {
                system, edition, ..
            } => same_of(&(system, edition)),
            DestinationKind::File(_) => "file".to_owned(),
        };
        block.add("destination", (source, destination.span), &same);
    }
    block
}

fn list(item: &List, source: &Source, sources: &[Source]) -> Block {
    let name = &item.name.text;
    let base = format!("list {name}");
    let mut block = Block::whole(base.clone(), Order::None, source, item.span);
    block.add(format!("the {base}"), (source, item.span), name);
    let what = format!("entry of the {base}");
    let mut add = |word: &str, (source, span): (&Source, Span), inline, is_csv| {
        let unit = block.add(what.as_str(), (source, span), &word);
        unit.touches.insert(Touch::Listed {
            list: name.clone(),
            word: word.to_owned(),
        });
        unit.entry = Some(Entry {
            list: name.clone(),
            word: word.to_owned(),
            inline,
            is_csv,
        });
    };
    match &item.source {
        ListSource::Words(words) => {
            let all: Vec<String> = words.iter().map(|it| it.value.clone()).collect();
            for word in words {
                add(&word.value, (source, word.span), Some(all.clone()), false);
            }
        }
        ListSource::File { file, column } => {
            let file = sources.iter().skip(1).find(|it| it.name() == file.value);
            let Some(file) = file else { return block };
            let column = column.as_ref().map(|it| it.text.as_str());
            for entry in read_list(file, column).0 {
                add(&entry.value, (file, entry.span), None, column.is_some());
            }
        }
    }
    block
}

fn values(item: &Values, source: &Source) -> Block {
    let name = &item.name.text;
    let base = format!("values {name}");
    let mut block = Block::whole(base.clone(), Order::None, source, item.span);
    block.add(base.as_str(), (source, item.head), name);
    for line in &item.lines {
        let mut words: Vec<Word> = line
            .words
            .iter()
            .map(|it| match &it.node {
                ValueWord::Word(word) => Word::Of(word.text.clone()),
                ValueWord::Blank => Word::Blank,
                ValueWord::Other => Word::Other,
            })
            .collect();
        words.sort();
        let written: Vec<String> = words.iter().map(|it| format!("{it:?}")).collect();
        let same = (&written, &line.destination, &line.loses);
        let unit = block.add(format!("line of {base}"), (source, line.span), &same);
        unit.keys = written;
        unit.touches = words
            .into_iter()
            .map(|word| Touch::Value {
                map: name.clone(),
                word,
            })
            .collect();
    }
    block
}

fn cells(rows: &[crate::lang::ast::Cell]) -> Vec<String> {
    // The order of the words of a cell means nothing.
    let cell = |terms: &[CellTerm]| {
        let terms: BTreeSet<String> = terms.iter().map(same_of).collect();
        terms.into_iter().collect::<Vec<_>>().join(", ")
    };
    let cells = rows.iter().enumerate();
    cells
        .map(|(at, it)| format!("{at} {}", cell(&it.terms)))
        .collect()
}

fn exclude(item: &ExcludeTable, source: &Source) -> Block {
    let kind = kind_of(&item.entity);
    let base = format!("exclude {kind}");
    let mut block = Block::whole(base.clone(), Order::None, source, item.span);
    columns(
        &mut block,
        (source, item.head),
        &kind,
        "exclude",
        &item.columns,
    );
    for row in &item.rows {
        let mut keys = cells(&row.cells);
        let same = (&keys, &row.then, &row.because);
        let unit = block.add(format!("row of {base}"), (source, row.span), &same);
        keys.push(same_of(&(&row.then, &row.because)));
        unit.share_min = keys.len().div_ceil(2);
        unit.keys = keys;
        unit.touches.insert(Touch::Line(unit.line()));
    }
    block
}

fn columns(
    block: &mut Block,
    place: (&Source, Span),
    kind: &str,
    table: &'static str,
    columns: &[crate::lang::ast::Path],
) {
    let what = format!("columns of {table} {kind}");
    let unit = block.add(what, place, &columns);
    let kind = kind.to_owned();
    unit.touches.insert(Touch::Columns { kind, table });
}

fn decide(item: &DecideTable, source: &Source) -> Block {
    let kind = kind_of(&item.entity);
    let base = format!("decide {kind}");
    let mut block = Block::whole(base.clone(), Order::None, source, item.span);
    columns(
        &mut block,
        (source, item.head),
        &kind,
        "decide",
        &item.columns,
    );
    for row in &item.rows {
        let mut keys = cells(&row.cells);
        let same = (&keys, &row.becomes);
        let unit = block.add(format!("row of {base}"), (source, row.span), &same);
        keys.push(same_of(&row.becomes));
        unit.share_min = keys.len().div_ceil(2);
        unit.keys = keys;
        unit.touches.insert(Touch::Line(unit.line()));
    }
    if let Some(otherwise) = &item.otherwise {
        let what = format!("otherwise of {base}");
        let unit = block.add(what, (source, otherwise.span), otherwise);
        unit.touches.insert(Touch::Otherwise {
            kind,
            table: "decide",
        });
    }
    block
}

fn fact(item: &Fact, source: &Source) -> Block {
    let (kind, name) = (kind_of(&item.entity), &item.name.text);
    let base = format!("fact {name} of {kind}");
    let mut block = Block::whole(base.clone(), Order::Meaning, source, item.span);
    block.add(base.as_str(), (source, item.head), &base);
    for (at, line) in item.lines.iter().enumerate() {
        let unit = block.add(format!("line of {base}"), (source, line.span), line);
        unit.keys = vec![same_of(&line.word)];
        unit.keys.extend(line.when.as_ref().map(same_of));
        unit.touches.insert(Touch::FactLine {
            kind: kind.clone(),
            fact: name.clone(),
            at,
        });
    }
    block
}

fn limit(item: &LimitBlock, source: &Source) -> Block {
    let base = format!("limit of {}", item.what.text);
    let mut block = Block::whole(base.clone(), Order::Meaning, source, item.span);
    let same = (&item.count, &item.what, &item.per);
    block.add(base.as_str(), (source, item.head), &same);
    for turn in &item.turns {
        let unit = block.add(format!("turn of the {base}"), (source, turn.span), turn);
        unit.keys = vec![kind_of(&turn.entity)];
    }
    if let Some(above) = &item.above {
        block.add(format!("above the {base}"), (source, above.span), above);
    }
    block
}

fn merge(item: &MergeBlock, source: &Source) -> Block {
    let base = format!("merge {}", kind_of(&item.entity));
    let mut block = Block::whole(base.clone(), Order::None, source, item.span);
    block.add(base.as_str(), (source, item.head), &item.by);
    for line in &item.lines {
        let unit = block.add(format!("line of {base}"), (source, line.span), line);
        unit.keys = vec![same_of(&line.what)];
    }
    block
}

/// A statement that is no part of a block of its own.
fn single(item: &Item, source: &Source, block: &mut Block) {
    match item {
        Item::CustomField(it) => {
            let unit = block.add("custom field", (source, it.span), it);
            custom_field(it, unit);
        }
        Item::EveryOther(it) => {
            let unit = block.add("rule for every other object", (source, it.span), it);
            unit.touches.insert(Touch::Kind(kind_of(&it.entity)));
            unit.keys = vec![String::new()];
        }
        Item::Ignore(it) => {
            let unit = block.add("ignored kinds", (source, it.span), it);
            unit.keys = it.entities.iter().map(kind_of).collect();
            unit.touches = unit.keys.iter().cloned().map(Touch::Kind).collect();
        }
        Item::Example(it) => {
            let unit = block.add("example", (source, it.span), it);
            unit.keys = vec![it.title.value.clone()];
            unit.text = format!("example \"{}\"", it.title.value);
            unit.reach = Reach::Nothing;
        }
        Item::Promise(it) => {
            block.add("promise", (source, it.span), it).reach = Reach::Nothing;
        }
        Item::Allow(it) => {
            let unit = block.add("allowed finding", (source, it.span), it);
            unit.keys = vec![it.code.text.clone()];
            unit.reach = Reach::Nothing;
        }
        Item::AcceptHeld(it) => {
            let unit = block.add("accepted number of held records", (source, it.span), it);
            unit.keys = vec![same_of(&(&it.entity, &it.reason))];
            unit.reach = Reach::Nothing;
        }
        Item::List(_)
        | Item::Values(_)
        | Item::Exclude(_)
        | Item::Fact(_)
        | Item::Decide(_)
        | Item::Map(_)
        | Item::Limit(_)
        | Item::Merge(_) => {}
    }
}

fn custom_field(item: &CustomField, unit: &mut Unit) {
    unit.keys = vec![item.name.text.clone()];
    for target in &item.on {
        unit.touches.insert(Touch::Field {
            target: target.written(),
            field: item.name.text.clone(),
        });
    }
}
