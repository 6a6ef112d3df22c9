//! The formatter: stable, and never another meaning.

use std::path::Path;

use mapwright::lang::{decode, format, parse_fields, parse_rules, parse_schema};
use mapwright::text::Source;
use serde_json::Value;

use super::{files, name};

/// The tree of a file.
pub(super) fn tree(source: &Source) -> Value {
    let tree = match Path::new(source.name())
        .extension()
        .and_then(|it| it.to_str())
    {
        Some("fields") => serde_json::to_value(parse_fields(source).0),
        Some("schema") => serde_json::to_value(parse_schema(source).0),
        Some(_) | None => serde_json::to_value(parse_rules(source).0),
    };
    tree.expect("a tree is JSON")
}

/// The same with every span left out.
pub(crate) fn meaning(source: &Source) -> Value {
    let mut tree = tree(source);
    forget_spans(&mut tree);
    tree
}

fn forget_spans(value: &mut Value) {
    match value {
        Value::Object(fields) if fields.len() == 2 && fields.contains_key("start") => {
            *value = Value::Null;
        }
        Value::Object(fields) => fields.values_mut().for_each(forget_spans),
        Value::Array(items) => items.iter_mut().for_each(forget_spans),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn formatting_keeps_the_meaning_and_is_done_once() {
    for path in files("tests/rules/good") {
        let source = decode(&name(&path), &std::fs::read(&path).unwrap()).unwrap();
        let once = Source::new(source.name(), &format(&source).unwrap());
        assert_eq!(meaning(&source), meaning(&once), "{}", source.name());
        assert_eq!(
            format(&once).expect("tidy text is read"),
            once.text(),
            "{}",
            source.name()
        );
        let comments = |text: &str| text.lines().filter(|it| it.contains('#')).count();
        assert_eq!(
            comments(source.text()),
            comments(once.text()),
            "{}",
            source.name()
        );
        let expected = path.with_file_name(format!("{}.formatted", name(&path)));
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            std::fs::write(&expected, once.text()).unwrap();
        }
        assert_eq!(
            std::fs::read_to_string(&expected).unwrap_or_default(),
            once.text()
        );
    }
}

#[test]
fn a_file_that_cannot_be_read_is_left_alone() {
    let source = Source::new("x.rules", "list a form \"b\"\n");
    assert!(format(&source).is_err());
}
