//! Rules through the engine: what the parts of a rule file do to whole workspaces.

use mapwright::capture::Capture;
use mapwright::customerio::layout;
use mapwright::engine::{Options, walk};
use mapwright::lang::{Files, compile};
use mapwright::model::{Draft, Entity, Fate, Outcome, Scalar};
use mapwright::text::Source;

use super::{Environment, destination, picture};

struct Memory<'f>(&'f [(&'f str, &'f str)]);

impl Files for Memory<'_> {
    fn read(&self, name: &str) -> Result<Vec<u8>, String> {
        let found = self.0.iter().find(|(it, _)| *it == name);
        found
            .map(|(_, text)| text.as_bytes().to_vec())
            .ok_or_else(|| "not there".to_owned())
    }
}

const FIELDS: &str = r#"
fields of person
  cio_id        text, unique
  email         optional text
  updated_at    timestamp seconds
  unsubscribed  boolean
  traits.plan   optional object { name: optional text, seats: optional integer }
  traits.city   optional text
  traits.firm   optional text
  traits.utm    optional object { source: optional text, deep: optional object { a: optional text } }
end

fields of object "company"
  object_id  text, unique
  name       text
end

fields of event
  id         text, unique
  cio_id     text
  name       text
  timestamp  timestamp seconds
end
"#;

const CONSENT: &str = r#"
values consent_words
  in  = "Subscribed"
  out = "Unsubscribed"
end

fact consent of person
  out when unsubscribed
  in  otherwise
end

map object "company" to account
  key cf_key = "co-" + object_id
  name = name
end

field cf_key "Key" text unique on account
field cf_rest "Rest" textarea on contact
"#;

/// All outcomes of the files by the rules.
fn walked(rules: &str, files: &[(&str, &str)]) -> Vec<Outcome> {
    let text = format!(
        "rules \"x\"\nlanguage 1\nsource customerio fields \"x.fields\"\ndestination freshsales edition suite\n{CONSENT}{rules}"
    );
    let (layout, schema) = (layout(), destination::suite());
    let environment = Environment {
        layout: &layout,
        schema: Some(&schema),
    };
    let fields = [("x.fields", FIELDS)];
    let compiled = compile(
        &Source::new("x.rules", &text),
        &Memory(&fields),
        &environment,
    );
    let drawn = picture(&compiled);
    let plan = compiled.plan.unwrap_or_else(|| panic!("{drawn}"));
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        std::fs::write(folder.path().join(name), content).unwrap();
    }
    let capture = Capture::open(folder.path()).unwrap();
    let spill = tempfile::tempdir().unwrap();
    let mut outcomes = Vec::new();
    walk(
        &plan,
        &capture,
        &layout,
        &Options::new(spill.path()),
        &mut |outcome| {
            outcomes.push(outcome);
            Ok(())
        },
    )
    .unwrap();
    outcomes
}

fn draft<'o>(outcomes: &'o [Outcome], entity: Entity, id: &str) -> &'o Draft {
    let found = outcomes
        .iter()
        .find(|it| it.source.entity == entity && it.source.id == id)
        .unwrap();
    let Fate::Draft(draft) = &found.fate else {
        panic!("{:?}", found.fate);
    };
    draft
}

fn text<'d>(draft: &'d Draft, name: &str) -> Option<&'d str> {
    let field = draft.field(name)?;
    let (Scalar::Text(text) | Scalar::Number(text)) = field else {
        panic!("{field:?}");
    };
    Some(text)
}

const PERSON: &str = r#"
map person to contact
  key external_id = "p-" + cio_id
  email = email
  last_name = "(none)"
  subscription_status = consent via consent_words
"#;

const TWO: &str = r#"{"cio_id":"a","email":"x@x.example","updated_at":1700000300,"unsubscribed":false,"traits":{"plan":{"name":"pro"},"city":"Bonn"}}
{"cio_id":"b","email":"X@x.example","updated_at":1700000200,"unsubscribed":false,"traits":{"plan":{"name":"free","seats":3,"since":1},"city":"Kiel"}}
{"cio_id":"c","email":"x@x.example","updated_at":1700000100,"unsubscribed":false,"traits":{"plan":{"seats":9},"city":"Bonn"}}
"#;

fn merged(lines: &str) -> Vec<Outcome> {
    let rules = format!(
        "merge person by email\n  winner newest updated_at\n  others first filled\n{lines}end\n{PERSON}  city = traits.city\n  mobile_number = traits.plan.name\n  job_title = json(traits.plan.seats)\n  rest cf_rest = json\nend\n"
    );
    walked(&rules, &[("people.ndjson", TWO)])
}

#[test]
fn a_field_of_a_merge_goes_its_own_way() {
    // Without a line the blanks are filled one by one: a plan that nobody has.
    let outcomes = merged("");
    let person = draft(&outcomes, Entity::Person, "a");
    let plan = |person| (text(person, "mobile_number"), text(person, "job_title"));
    assert_eq!(plan(person), (Some("pro"), Some("3")));
    // Whole by its newest, which is the winner's, blank seats and all.
    let outcomes = merged("  traits.plan newest\n");
    let person = draft(&outcomes, Entity::Person, "a");
    assert_eq!(plan(person), (Some("pro"), None));
    let rest = text(person, "cf_rest").unwrap();
    assert!(!rest.contains("since"), "of another plan: {rest}");
    let outcomes = merged("  traits.plan oldest\n");
    let person = draft(&outcomes, Entity::Person, "a");
    assert_eq!(plan(person), (None, Some("9")));
    let outcomes = merged("  traits.plan.seats winner\n");
    let person = draft(&outcomes, Entity::Person, "a");
    assert_eq!(plan(person), (Some("pro"), None));
}

#[test]
fn a_merge_may_wait_where_a_field_differs() {
    let outcomes = merged("  traits.city hold\n");
    let Fate::Held { reason } = &outcomes[0].fate else {
        panic!("{:?}", outcomes[0].fate);
    };
    assert!(
        reason.ends_with("the records to merge differ in `traits.city`"),
        "{reason}"
    );
    assert!(!reason.contains("Kiel"), "no value of the record: {reason}");
}

#[test]
fn what_is_above_a_limit_can_wait_or_stay_out() {
    let person = r#"{"cio_id":"a","updated_at":1700000300,"unsubscribed":false}"#;
    let event = |at: i64| {
        let at_s = 1_700_000_000 + at;
        format!(r#"{{"id":"e{at}","cio_id":"a","name":"x","timestamp":{at_s}}}"#)
    };
    let events: Vec<String> = (0..5).map(event).collect();
    let events = events.join("\n");
    for (above, word) in [("hold", "held"), ("exclude", "excluded"), ("stop", "held")] {
        let rules = format!(
            "{PERSON}  rest cf_rest = json\nend\nmap event to note on person\n  title = name\n  time = timestamp\nend\nlimit 3 notes per record\n  first event newest\n  above {above} \"too many\"\nend\n"
        );
        let files = [("people.ndjson", person), ("events.ndjson", &events)];
        let outcomes = walked(&rules, &files);
        let fates: Vec<(String, String)> = outcomes
            .iter()
            .filter(|it| it.source.entity == Entity::Event)
            .map(|it| {
                let told = |word, reason: &String| if reason == "too many" { word } else { "?" };
                let word = match &it.fate {
                    Fate::Draft(_) => "note",
                    Fate::Held { reason } => told("held", reason),
                    Fate::Excluded { because } => told("excluded", because),
                    Fate::Rejected { .. }
                    | Fate::Merged { .. }
                    | Fate::Carried { .. }
                    | Fate::Ignored { .. } => "?",
                };
                (it.source.id.clone(), word.to_owned())
            })
            .collect();
        let wanted = [
            ("e4", "note"),
            ("e3", "note"),
            ("e2", "note"),
            ("e1", word),
            ("e0", word),
        ]
        .map(|(id, word)| (id.to_owned(), word.to_owned()));
        assert_eq!(fates, wanted);
    }
}

#[test]
fn a_look_up_by_value_links_what_has_it() {
    let rules = format!(
        "{PERSON}  accounts = lookup account by cf_key = \"co-\" + traits.firm none hold, many hold\n  rest cf_rest = json\nend\n"
    );
    let people = r#"{"cio_id":"a","updated_at":1,"unsubscribed":false,"traits":{"firm":"7"}}
{"cio_id":"b","updated_at":1,"unsubscribed":false,"traits":{"firm":"8"}}
{"cio_id":"c","updated_at":1,"unsubscribed":false}
"#;
    let objects = r#"{"object_type_id":"1","object_id":"7","attributes":{"name":"Firm"}}
"#;
    let types = r#"{"id":"1","name":"Companies","slug":"company"}
"#;
    let files = [
        ("people.ndjson", people),
        ("objects.ndjson", objects),
        ("object_types.ndjson", types),
    ];
    let outcomes = walked(&rules, &files);
    let linked = draft(&outcomes, Entity::Person, "a");
    assert_eq!(linked.links[0].to[0].source.id, "1/7");
    let held = outcomes.iter().find(|it| it.source.id == "b").unwrap();
    assert!(matches!(&held.fate, Fate::Held { .. }), "{:?}", held.fate);
    assert!(draft(&outcomes, Entity::Person, "c").links.is_empty());
}

#[test]
fn each_makes_a_field_of_every_member() {
    let rules = format!(
        "{PERSON}  each flatten(traits.utm) as custom field \"UTM {{name}}\"\n  rest cf_rest = json above 80 attach\nend\n"
    );
    let people = r#"{"cio_id":"a","updated_at":1,"unsubscribed":false,"traits":{"utm":{"source":"ads","deep":{"a":"x"},"new":1}}}
{"cio_id":"b","updated_at":1,"unsubscribed":false,"traits":{"city":"a very long name of a town by the sea, where the river ends"}}
"#;
    let outcomes = walked(&rules, &[("people.ndjson", people)]);
    let person = draft(&outcomes, Entity::Person, "a");
    assert_eq!(text(person, "cf_utm_source"), Some("ads"));
    assert_eq!(text(person, "cf_utm_deep_a"), Some("x"));
    let rest = text(person, "cf_rest").unwrap();
    assert!(rest.contains("\"utm\":{\"new\":1}"), "undeclared: {rest}");
    let person = draft(&outcomes, Entity::Person, "b");
    assert_eq!(text(person, "cf_rest"), None);
    let file = &person.attachments[0];
    assert_eq!(file.name, "cf_rest.json");
    assert!(file.content.contains("town by the sea"));
}

#[test]
fn a_roll_up_has_a_line_for_each_step() {
    let person = r#"{"cio_id":"a","updated_at":1700000300,"unsubscribed":false}"#;
    let event = |days: i64| {
        // From Tuesday, 2023-11-14 on.
        let at_s = 1_700_000_000 + days * 86_400;
        format!(r#"{{"id":"e{days}","cio_id":"a","name":"x","timestamp":{at_s}}}"#)
    };
    let events: Vec<String> = [0, 1, 7, 40, 400].map(event).into();
    let events = events.join("\n");
    for (step, wanted) in [
        (
            "day",
            "2023-12-24: 1 x\n2023-11-21: 1 x\n2023-11-15: 1 x\n2023-11-14: 1 x",
        ),
        ("week", "2023-W51: 1 x\n2023-W47: 1 x\n2023-W46: 2 x"),
        ("month", "2023-12: 1 x\n2023-11: 3 x"),
        ("quarter", "2023-Q4: 4 x"),
        ("year", "2023: 4 x"),
    ] {
        let rules = format!(
            "{PERSON}  rest cf_rest = json\nend\nmap event to note on person as activity\n  title = name\n  time = timestamp\nend\nlimit 2 notes per record\n  first event newest\n  above roll up into one note \"Earlier\", a line a {step} loses \"bodies\"\nend\n"
        );
        let files = [("people.ndjson", person), ("events.ndjson", &events)];
        let outcomes = walked(&rules, &files);
        let rolled = draft(&outcomes, Entity::Event, "rollup/a");
        assert_eq!(text(rolled, "body"), Some(wanted), "{step}");
    }
}

/// Two records of one identity that differ in the city and the plan.
fn merged_others(how: &str, own: &str) -> Vec<Outcome> {
    let rules = format!(
        "merge person by email\n  winner oldest updated_at\n  others {how}\n{own}end\n{PERSON}  city = traits.city\n  mobile_number = traits.plan.name\n  job_title = json(traits.plan.seats)\n  rest cf_rest = json\nend\n"
    );
    walked(&rules, &[("people.ndjson", TWO)])
}

#[test]
fn the_other_fields_of_a_merge_may_go_by_a_time_or_wait() {
    // The winner is the oldest, c; each field comes from the newest that has it.
    let outcomes = merged_others("newest updated_at", "");
    let person = draft(&outcomes, Entity::Person, "c");
    let found = |person| {
        (
            text(person, "city"),
            text(person, "mobile_number"),
            text(person, "job_title"),
        )
    };
    assert_eq!(found(person), (Some("Bonn"), Some("pro"), None));
    assert_eq!(text(person, "external_id"), None, "the key is apart");
    let outcomes = merged_others("oldest", "");
    let person = draft(&outcomes, Entity::Person, "c");
    assert_eq!(found(person), (Some("Bonn"), None, Some("9")));
    // A line of its own goes before.
    let outcomes = merged_others("newest updated_at", "  traits.plan oldest\n");
    let person = draft(&outcomes, Entity::Person, "c");
    assert_eq!(found(person), (Some("Bonn"), None, Some("9")));
    let outcomes = merged_others("hold", "  traits.plan newest\n");
    let fate = |id: &str| {
        let found = outcomes.iter().find(|it| it.source.id == id).unwrap();
        found.fate.clone()
    };
    let Fate::Held { reason } = fate("c") else {
        panic!("{:?}", fate("c"));
    };
    assert!(
        reason.ends_with("the records to merge differ in `traits.city`"),
        "{reason}"
    );
    // Who they are, their address and their time may differ.
    let outcomes = merged_others("hold", "  traits.plan newest\n  traits.city newest\n");
    draft(&outcomes, Entity::Person, "c");
}

#[test]
fn a_long_text_goes_along_as_a_file() {
    let rules =
        format!("{PERSON}  city = traits.city above 4 attach\n  rest cf_rest = json\nend\n");
    let people = r#"{"cio_id":"a","updated_at":1,"unsubscribed":false,"traits":{"city":"Bonn"}}
{"cio_id":"b","updated_at":1,"unsubscribed":false,"traits":{"city":"Koeln"}}"#;
    let outcomes = walked(&rules, &[("people.ndjson", people)]);
    let short = draft(&outcomes, Entity::Person, "a");
    assert_eq!(text(short, "city"), Some("Bonn"));
    assert!(short.attachments.is_empty());
    let long = draft(&outcomes, Entity::Person, "b");
    // The field keeps the beginning, with a sign that there is more.
    assert_eq!(text(long, "city"), Some("Koe…"));
    let files: Vec<(&str, &str)> = long
        .attachments
        .iter()
        .map(|it| (it.name.as_str(), it.content.as_str()))
        .collect();
    assert_eq!(files, [("city.txt", "Koeln")]);
}

#[test]
fn what_no_rule_names_is_merged_as_the_others_are() {
    let people = r#"{"cio_id":"a","email":"x@x.example","updated_at":1700000300,"unsubscribed":false,"traits":{"new":"","own":"a","plan":{"name":"","seats":null}}}
{"cio_id":"b","email":"x@x.example","updated_at":1700000200,"unsubscribed":false,"traits":{"new":"given","own":"b","plan":{"name":"free"}}}
"#;
    let rest = |how: &str, more: &str| {
        let rules = format!(
            "merge person by email\n  winner newest updated_at\n  others {how}\n{more}end\n{PERSON}  mobile_number = traits.plan.name\n  rest cf_rest = json\nend\n"
        );
        walked(&rules, &[("people.ndjson", people)])
    };
    // A blank gives way, however it is blank and wherever it stands.
    for (how, own) in [("first filled", "a"), ("newest", "a"), ("oldest", "b")] {
        let outcomes = rest(how, "");
        let person = draft(&outcomes, Entity::Person, "a");
        let told = text(person, "cf_rest").unwrap();
        assert!(told.contains(r#""new":"given""#), "{how}: {told}");
        assert!(told.contains(&format!(r#""own":"{own}""#)), "{how}: {told}");
        assert_eq!(text(person, "mobile_number"), Some("free"), "{how}");
    }
    // A plan of blanks is none, so that the two do not differ in it; they do in what nobody declared.
    let outcomes = rest("hold", "  traits.plan hold\n");
    let Fate::Held { reason } = &outcomes[0].fate else {
        panic!("{:?}", outcomes[0].fate);
    };
    assert!(reason.ends_with("differ in `traits.own`"), "{reason}");
}

#[test]
fn each_makes_a_field_of_one_field_as_well() {
    let rules = format!(
        "{PERSON}  each traits.city as custom field \"Town\"\n  each traits.firm as custom field\n  rest cf_rest = json\nend\n"
    );
    let people = r#"{"cio_id":"a","updated_at":1,"unsubscribed":false,"traits":{"city":"Bonn","firm":"Acme"}}
"#;
    let outcomes = walked(&rules, &[("people.ndjson", people)]);
    let person = draft(&outcomes, Entity::Person, "a");
    assert_eq!(text(person, "cf_town"), Some("Bonn"));
    assert_eq!(text(person, "cf_firm"), Some("Acme"));
    assert!(!text(person, "cf_rest").unwrap().contains("Bonn"));
}
