//! Liquid: tags with their places, translation by the rules, and the folder that a person imports.

use std::collections::BTreeMap;
use std::path::Path;

use mapwright::capture::Capture;
use mapwright::customerio;
use mapwright::handoff::{
    Edition, Fields, Handoff, Settings, TagKind, tags, template_files, translate,
};
use mapwright::lang::{self, Environment, Files};
use mapwright::plan::Plan;
use mapwright::text::Source;
use proptest::prelude::*;
use serde_json::json;

use super::model::acme;
use super::world::{build, drawn_up, put};

struct Beside;

impl Files for Beside {
    fn read(&self, name: &str) -> Result<Vec<u8>, String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/acme");
        std::fs::read(folder.join(name)).map_err(|error| error.to_string())
    }
}

/// The plan of the rules of acme.
fn plan() -> Plan {
    let text = Beside.read("acme.rules").unwrap();
    let source = Source::new("acme.rules", std::str::from_utf8(&text).unwrap());
    let layout = customerio::layout();
    let schema = crate::lang_semantics::suite();
    let environment = Environment {
        layout: &layout,
        schema: Some(&schema),
    };
    lang::compile(&source, &Beside, &environment).plan.unwrap()
}

fn by_acme(text: &str) -> mapwright::handoff::Translated {
    let plan = plan();
    translate(text, &Fields::of(&plan), &BTreeMap::new())
}

#[test]
fn a_trait_becomes_the_field_that_the_rules_give_it() {
    let done = by_acme(
        "{{ customer.email }} {{customer.plan.name}} {{customer['first_name']}} {{customer.id}}",
    );
    assert_eq!(
        done.text,
        "{{contact.email}} {{contact.cf_plan}} {{contact.first_name}} {{contact.cf_cio_user_id}}"
    );
    assert!(done.open.is_empty(), "{:?}", done.open);
    assert_eq!(done.tags, 4);
}

#[test]
fn a_value_that_the_rules_change_is_remarked_and_a_default_too() {
    let done =
        by_acme("{{ customer.lifecycle_stage }}\n{{ customer.first_name | default: 'there' }}");
    assert_eq!(done.text, "{{contact.status}}\n{{contact.first_name}}");
    assert!(
        done.remarks[0].words.contains("changes it"),
        "{:?}",
        done.remarks
    );
    assert_eq!(done.remarks[1].line, 2);
    assert!(
        done.remarks[1].words.contains("'there'"),
        "{:?}",
        done.remarks
    );
}

#[test]
fn what_has_no_counterpart_is_marked_in_its_place() {
    let text = "a {{event.plan}}\n{% if customer.vip %}b{% endif %} {{ customer.bio | upcase }} {{customer.essay}} {{customer.visits}}";
    let done = by_acme(text);
    let marks: Vec<String> = done
        .open
        .iter()
        .map(|it| format!("[[FIX {}: {}]]", it.number, it.tag))
        .collect();
    assert_eq!(marks.len(), 6);
    for mark in &marks {
        assert_eq!(
            done.text.matches(mark.as_str()).count(),
            1,
            "{mark} in {}",
            done.text
        );
    }
    let lines: Vec<usize> = done.open.iter().map(|it| it.line).collect();
    assert_eq!(lines, [1, 2, 2, 2, 2, 2]);
    let why: Vec<&str> = done.open.iter().map(|it| it.why.as_str()).collect();
    assert!(why[3].contains("`upcase`"), "{why:?}");
    assert!(why[4].contains("longer than any field takes"), "{why:?}");
    assert!(why[5].contains("cf_other_traits"), "{why:?}");
    assert!(done.open.iter().all(|it| !it.todo.is_empty()));
}

#[test]
fn snippets_are_put_in_and_circles_among_them_end() {
    let snippets: BTreeMap<String, String> = [
        ("a", "A{% snippet 'b' %}"),
        ("b", "B{{ snippets.a }}"),
        ("plain", "P{{customer.email}}"),
    ]
    .map(|(name, text)| (name.to_owned(), text.to_owned()))
    .into();
    let none = Fields::default();
    let done = translate("x{% snippet 'a' %}y", &none, &snippets);
    assert_eq!(done.text, "xAB[[FIX 1: {{ snippets.a }}]]y");
    assert!(done.open[0].why.contains("names itself"), "{:?}", done.open);
    let plan = plan();
    let done = translate("{{snippets['plain']}}", &Fields::of(&plan), &snippets);
    assert_eq!(done.text, "P{{contact.email}}");
    let done = translate("{% snippet 'gone' %}", &none, &snippets);
    assert!(done.open[0].why.contains("no snippet `gone`"));
}

#[test]
fn comments_go_raw_text_stays_and_open_tags_are_found() {
    let none = Fields::default();
    let done = translate(
        "a{% comment %} {{x}} {% endcomment %}b{% raw %}c{% endraw %}d {{ oops\ne",
        &none,
        &BTreeMap::new(),
    );
    assert_eq!(done.text, "abcd [[FIX 1: {{ oops]]\ne");
    let found = tags("1\n2 {%- if x -%}\n{{ 'a}}b' }}");
    assert_eq!(
        (found[0].inside, found[0].line, found[0].kind),
        ("if x", 2, TagKind::Block)
    );
    assert_eq!((found[1].text, found[1].line), ("{{ 'a}}", 3));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn tags_stand_in_order_and_text_between_them_stays(text in "([a-z \\n]{0,6}|\\{\\{|\\}\\}|\\{%|%\\}|raw|endraw|comment|'|\\||é){0,20}") {
        let found = tags(&text);
        let mut place = 0;
        let mut between = String::new();
        for tag in &found {
            prop_assert!(tag.start >= place);
            prop_assert_eq!(&text[tag.start..tag.end()], tag.text);
            prop_assert_eq!(tag.line, 1 + text[..tag.start].matches('\n').count());
            between.push_str(&text[place..tag.start]);
            place = tag.end();
        }
        between.push_str(&text[place..]);
        prop_assert!(!between.contains("{{") && !between.contains("{%"), "{}", between);
        let done = translate(&text, &Fields::default(), &BTreeMap::new());
        // Without rules nothing becomes a merge field: what looks like one stands within a mark.
        let mut outside = done.text;
        for open in &done.open {
            let mark = format!("[[FIX {}: {}]]", open.number, open.tag);
            prop_assert!(outside.contains(&mark), "{} lacks {}", outside, mark);
            outside = outside.replacen(&mark, "", 1);
        }
        prop_assert!(!outside.contains("{{") && !outside.contains("{%"), "{}", outside);
    }
}

#[test]
fn the_folder_has_a_file_a_mail_and_a_list_of_all_that_is_open() {
    let plan = plan();
    let settings = Settings {
        fields: Fields::of(&plan),
        edition: Edition::Suite,
        full: false,
    };
    let handoff = Handoff::of(&Capture::open(&acme()).unwrap(), &settings).unwrap();
    let files = template_files(&handoff);
    let text = |name: &str| {
        let file = files.iter().find(|it| it.name == name);
        let names: Vec<&str> = files.iter().map(|it| it.name.as_str()).collect();
        &file
            .unwrap_or_else(|| panic!("no {name} in {names:?}"))
            .text
    };
    assert_eq!(
        text("campaign-1-step-10-hello.html"),
        "<p>Hi {{contact.first_name}}</p>"
    );
    assert_eq!(
        text("campaign-1-step-12-tips.html"),
        "<p>[[FIX 1: {{event.plan}}]]</p>"
    );
    assert_eq!(
        text("broadcast-6-incident-notice.html"),
        "<p>[[FIX 1: {{trigger.text}}]]</p>",
        "a broadcast without steps of its own carries a mail"
    );
    let manifest: serde_json::Value = serde_json::from_str(text("manifest.json")).unwrap();
    let listed = manifest["templates"].as_array().unwrap();
    assert_eq!(listed.len(), handoff.templates.len());
    for template in listed {
        let Some(file) = template["file"].as_str() else {
            continue;
        };
        let body_marks = text(file).matches("[[FIX ").count();
        let subject_marks = template["subject"]
            .as_str()
            .unwrap()
            .matches("[[FIX ")
            .count();
        assert_eq!(
            template["to_fix"].as_array().unwrap().len(),
            body_marks + subject_marks,
            "{file}"
        );
    }
    let checklist = text("CHECKLIST.md");
    assert!(
        checklist.contains("is a guess") && checklist.contains("`{{contact.first_name}}`"),
        "{checklist}"
    );
    assert!(
        checklist.contains("FIX 1, line 1: `{{event.plan}}`"),
        "{checklist}"
    );
    assert!(
        checklist.contains("`{{customer.first_name | default: 'there'}}`"),
        "only a table needs `|` escaped: {checklist}"
    );
    assert!(
        checklist.contains("Notify (webhook, campaign 3 “Renewal”, step 30): a call, no message"),
        "{checklist}"
    );
}

#[test]
fn a_layout_goes_round_the_content_and_one_that_cannot_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let with = |id: u64, layout: &str| json!({"id": id, "name": "mail", "type": "email", "subject": "s", "body": "<p>x</p>", "layout": layout});
    let letters = [
        with(1, "<main>{{content}}</main>"),
        with(2, "<main>nothing</main>"),
    ];
    put(folder.path(), "transactional.ndjson", &letters);
    let handoff = drawn_up(folder.path(), false);
    let [round, bare] = handoff.templates.as_slice() else {
        panic!("{:?}", handoff.templates);
    };
    assert_eq!(round.translated, "<main><p>x</p></main>");
    assert!(round.remarks.is_empty());
    assert_eq!(bare.translated, "<p>x</p>");
    assert!(bare.remarks[0].2.contains("the content alone"));
}

#[test]
fn names_of_files_differ_and_stay_in_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    build(folder.path());
    let handoff = drawn_up(folder.path(), false);
    let names: Vec<String> = template_files(&handoff)
        .into_iter()
        .map(|it| it.name)
        .collect();
    let mut apart = names.clone();
    apart.sort();
    apart.dedup();
    assert_eq!(apart.len(), names.len());
    for name in &names {
        let is_plain = name
            .chars()
            .all(|it| it.is_ascii_alphanumeric() || "-._".contains(it));
        assert!(is_plain && !name.starts_with('.'), "{name}");
    }
    let fr = handoff
        .templates
        .iter()
        .find(|it| it.language == "fr")
        .unwrap();
    assert_eq!(fr.open.len(), 1);
}
