//! What compiles: the plan holds what the rules say, and nothing else.

use mapwright::customerio::layout;
use mapwright::lang::{Compiled, Environment, compile};
use mapwright::model::{Entity, Existing};
use mapwright::plan::{Decision, Evaluation, Expression, ManyPolicy, Plan, Policy, Reader, Record};
use mapwright::text::Source;

use super::{compiled, picture};

const HEADER: &str = "rules \"Accepted\"\nlanguage 1\nsource customerio fields \"people.fields\"\n";

fn to_file(body: &str) -> Compiled {
    let text = format!("{HEADER}destination file \"crm.schema\"\n\n{body}");
    compiled("accepted.rules", &text, "tests/rules/beside")
}

fn plan(body: &str) -> Plan {
    let compiled = to_file(body);
    let picture = picture(&compiled);
    compiled.plan.unwrap_or_else(|| panic!("{picture}"))
}

/// Files by name and text.
struct Memory<'f>(&'f [(&'f str, &'f str)]);
impl mapwright::lang::Files for Memory<'_> {
    fn read(&self, name: &str) -> Result<Vec<u8>, String> {
        let found = self.0.iter().find(|(it, _)| *it == name);
        found
            .map(|(_, text)| text.as_bytes().to_vec())
            .ok_or_else(|| "not there".to_owned())
    }
}

/// The draft's fields as `name=value`, or what else became of the record.
fn apply(plan: &Plan, entity: Entity, object_type: Option<&str>, line: &str) -> String {
    let entity = plan.entity(entity, object_type).unwrap();
    let reader = Reader::of(entity);
    let mut record = Record::with_slots(entity.slots.len(), entity.facts.len());
    reader.read(line.as_bytes(), &mut record).unwrap();
    let evaluation = Evaluation {
        plan,
        entity,
        record: &record,
        latest: "2026-01-22T12:53:20Z".parse().unwrap(),
    };
    let mut reports = Vec::new();
    match evaluation.decide(&mut reports) {
        Decision::Draft(shaped) => {
            let draft = shaped.to_draft(None);
            let key = draft
                .key
                .iter()
                .map(|it| format!("{}={}", it.field, it.value));
            let fields = draft.fields.iter().map(|it| {
                let value = serde_json::to_value(&it.value).unwrap();
                let value = value.as_object().unwrap().values().next().unwrap().clone();
                format!("{}={}", it.name, value)
            });
            let all: Vec<String> = key.chain(fields).collect();
            format!(
                "{}: {} ({} reports)",
                draft.target,
                all.join(" "),
                reports.len()
            )
        }
        Decision::Excluded(because) => format!("excluded {because}"),
        Decision::Held(reason) => format!("held {reason}"),
        Decision::Rejected(reason) => format!("rejected {reason}"),
        Decision::Stop(reason) => format!("stop {reason}"),
    }
}

const MAP: &str = r#"
map person to contact
  key external_id = "p-" + cio_id
  email = lower(trim(email)) loses "capital letters"
  first_name = first_filled(first_name, "nobody") else "too long"
  seats = seats else blank, report
  born = date(created_at, "Europe/London") loses "time of day"
  ok = vip or seats > 10
  tags = languages
  existing overwrite
  exclude when email in "x@x.example", "y@y.example" because "test accounts"
  rest other = json
end
"#;

#[test]
fn a_map_writes_what_its_lines_say() {
    let plan = plan(MAP);
    let line = r#"{"cio_id":"a","email":" Jo@X.example ","created_at":1700000000,"seats":"12","languages":["en"],"id":"7"}"#;
    assert_eq!(
        apply(&plan, Entity::Person, None, line),
        "contact: external_id=p-a email=\"jo@x.example\" first_name=\"nobody\" seats=\"12\" \
         born=\"2023-11-14\" ok=true tags=[\"en\"] other=\"{\\\"id\\\":\\\"7\\\"}\" (0 reports)"
    );
    let person = plan.entity(Entity::Person, None).unwrap();
    let map = person.maps.first().unwrap();
    assert_eq!(map.existing, Existing::Overwrite);
    assert_eq!(
        map.lines[1].policy,
        Policy::Value(mapwright::plan::Constant::Text("too long".into()))
    );
    assert_eq!(map.lines[3].loses.as_deref(), Some("time of day"));
}

#[test]
fn a_value_given_up_goes_to_the_rest() {
    let plan = plan(MAP);
    let line = r#"{"cio_id":"a","email":"z@z.example","created_at":1700000000,"seats":"twelve"}"#;
    let found = apply(&plan, Entity::Person, None, line);
    assert!(
        found.starts_with("held"),
        "a condition reads it as well: {found}"
    );
    let plan = super::plans::plan(&MAP.replace("  ok = vip or seats > 10\n", ""));
    let found = apply(&plan, Entity::Person, None, line);
    assert!(found.contains("twelve"), "{found}");
    assert!(found.ends_with("(1 reports)"), "{found}");
}

#[test]
fn exclude_when_comes_before_the_lines() {
    let plan = plan(MAP);
    let line = r#"{"cio_id":"a","email":"y@y.example","created_at":"never"}"#;
    assert_eq!(
        apply(&plan, Entity::Person, None, line),
        "excluded test accounts"
    );
}

#[test]
fn written_means_written_by_a_line() {
    let plan = plan(MAP);
    let person = plan.entity(Entity::Person, None).unwrap();
    let written = |name: &str| {
        person
            .slots
            .iter()
            .find(|it| it.name == name)
            .unwrap()
            .written
    };
    assert!(written("seats") && written("vip") && written("email"));
    let plan = super::plans::plan(
        "fact hot of person\n  yes when vip\n  no otherwise\nend\n\nmap person to contact\n  key external_id = cio_id\n  email = if hot is yes then email\n  rest other = json\nend\n",
    );
    let person = plan.entity(Entity::Person, None).unwrap();
    let vip = person.slots.iter().find(|it| it.name == "vip").unwrap();
    assert!(!vip.written, "a fact only looks at it");
}

#[test]
fn two_targets_share_lines_but_for_only() {
    let plan = plan(
        "decide person\n  | vip | becomes |\n  | yes | contact |\n  | no, blank | lead in queue \"later\" |\nend\n\nmap person to contact, lead\n  key external_id = cio_id\n  email = email\n  only lead status = \"New\"\n  rest other = json\nend\n",
    );
    let person = plan.entity(Entity::Person, None).unwrap();
    assert_eq!(person.maps.len(), 2);
    assert_eq!(person.maps[0].lines.len(), 1);
    assert_eq!(person.maps[1].lines.len(), 2);
    let found = apply(&plan, Entity::Person, None, r#"{"cio_id":"a","vip":true}"#);
    assert_eq!(
        found, "contact: external_id=a other=\"{\\\"vip\\\":true}\" (0 reports)",
        "a table only looks at it"
    );
    let found = apply(&plan, Entity::Person, None, r#"{"cio_id":"a"}"#);
    assert_eq!(found, "lead: external_id=a status=\"New\" (0 reports)");
}

#[test]
fn layout_marks_in_the_fields_file_win() {
    let files = [
        (
            "x.fields",
            "fields of person at \"attributes\"\n  cio_id text\n  id text, key\n  traits.plan optional text\nend\n\nfields of event\n  event_id text, key\n  customer_id text, of person by id\n  data json\nend\n",
        ),
        (
            "x.schema",
            "schema \"x\"\ntarget contact\n  external_id text key\n  plan text at fields.plan\n  cio text\nend\ntarget note\n  external_id text key\n  body text\n  whose text\nend\n",
        ),
    ];
    let text = "rules \"x\"\nlanguage 1\nsource customerio fields \"x.fields\"\ndestination file \"x.schema\"\n\nmap person to contact\n  key external_id = id\n  plan = traits.plan\n  cio = cio_id\nend\n\nmap event to note\n  key external_id = event_id\n  body = json(data)\n  whose = customer_id\nend\n";
    let layout = layout();
    let environment = Environment {
        layout: &layout,
        schema: None,
    };
    let compiled = compile(&Source::new("x.rules", text), &Memory(&files), &environment);
    let drawn = picture(&compiled);
    let plan = compiled.plan.unwrap_or_else(|| panic!("{drawn}"));
    let person = plan.entity(Entity::Person, None).unwrap();
    assert_eq!(person.slots[usize::from(person.id.0)].name, "id");
    let plan_slot = person
        .slots
        .iter()
        .find(|it| it.name == "traits.plan")
        .unwrap();
    assert_eq!(plan_slot.path, ["attributes", "plan"]);
    let event = plan.entity(Entity::Event, None).unwrap();
    assert_eq!(event.slots[usize::from(event.id.0)].name, "event_id");
    let (slot, parent) = event.parent.unwrap();
    assert_eq!(parent, Entity::Person);
    assert_eq!(event.slots[usize::from(slot.0)].name, "customer_id");
    assert_eq!(person.known_to_children_by, None);
    assert_eq!(
        plan.targets[0]
            .fields
            .iter()
            .find(|it| it.name == "plan")
            .unwrap()
            .place,
        ["fields"]
    );
}

#[test]
fn the_suite_plan_has_consent_links_owners_and_limits() {
    let text = std::fs::read_to_string("rules/acme/acme.rules").unwrap();
    let plan = compiled("acme.rules", &text, "rules/acme").plan.unwrap();
    let person = plan.entity(Entity::Person, None).unwrap();
    let consent = person.consent.as_ref().unwrap();
    assert_eq!(
        (consent.field.as_str(), consent.find_field.as_str()),
        ("subscription_status", "email")
    );
    assert_eq!(consent.strictness.first().unwrap(), "Reported as spam");
    let link = &person.maps[0].links[0];
    assert_eq!(
        (link.object_type.as_str(), link.many),
        ("company", ManyPolicy::All)
    );
    assert_eq!(link.no_primary, Some(ManyPolicy::Newest));
    let lookup = &person.user_lookups[0];
    assert_eq!(
        lookup.none,
        mapwright::plan::NonePolicy::Value(mapwright::plan::Constant::Text(
            "migration@acme.example".into()
        ))
    );
    let merge = person.merge.as_ref().unwrap();
    assert!(
        matches!(merge.by, Expression::Call { .. })
            && merge.others.how == mapwright::plan::MergeChoice::FirstFilled
    );
    let limit = plan.limit.as_ref().unwrap();
    assert_eq!((limit.target.as_str(), limit.per_record), ("note", 100));
    assert!(
        plan.ignored
            .iter()
            .any(|it| it.entity == Entity::Object && it.object_type.as_deref() == Some("workspace"))
    );
    assert!(
        plan.fields_wanted
            .iter()
            .any(|it| it.name == "cf_cio_key" && it.unique)
    );
    assert_eq!(
        plan.digest(),
        compiled("acme.rules", &text, "rules/acme")
            .plan
            .unwrap()
            .digest()
    );
}

/// Whether a condition holds for a record.
#[test]
fn conditions_read_as_they_say() {
    let cases = [
        ("first_name is blank", r#"{"first_name":""}"#, true),
        ("first_name is present", r#"{"first_name":null}"#, false),
        ("first_name is \"x\"", "{}", false),
        ("first_name is not \"x\"", "{}", true),
        ("seats >= 10 and not vip", r#"{"seats":10}"#, true),
        ("seats < 10", "{}", false),
        ("stage in lead, mql", r#"{"stage":"mql"}"#, true),
        ("stage is not lead", r#"{"stage":"odd"}"#, true),
        (
            "created_at < 2024-01-01",
            r#"{"created_at":1704067199}"#,
            true,
        ),
        (
            "created_at < 2024-01-01",
            r#"{"created_at":1704067200}"#,
            false,
        ),
        (
            "(vip or seats > 3) and email is present",
            r#"{"vip":true}"#,
            false,
        ),
    ];
    for (condition, line, wanted) in cases {
        let plan = plan(&format!(
            "map person to contact\n  key external_id = cio_id\n  ok = {condition}\n  rest other = json\nend\n"
        ));
        let line = line
            .replacen('{', "{\"cio_id\":\"a\",", 1)
            .replace(",}", "}");
        let found = apply(&plan, Entity::Person, None, &line);
        assert!(
            found.contains(&format!("ok={wanted}")),
            "{condition}: {found}"
        );
    }
}

#[test]
fn no_bytes_make_the_compiler_panic() {
    let text = std::fs::read_to_string("rules/acme/acme.rules").unwrap();
    let lines: Vec<&str> = text.lines().collect();
    // Each line left out, and each line doubled: a different file every time.
    for index in 0..lines.len() {
        let mut less = lines.clone();
        less.remove(index);
        let compiled = compiled("acme.rules", &less.join("\n"), "rules/acme");
        for diagnostic in &compiled.diagnostics {
            for (span, _) in &diagnostic.labels {
                assert!(span.end <= diagnostic.source.text().len());
            }
        }
    }
}
