//! Records that a load meets in the local Freshsales: people who share an address, accounts under a name in another
//! spelling, links that a person made. What is theirs stays, and nothing stands twice.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use assert_cmd::cargo::CommandCargoExt;
use mapwright::freshsales::Freshsales;
use mapwright::freshsales::sandbox::{Edition, Sandbox, Settings, Store, Switches};
use mapwright::model::{Existing, Fate, FieldValue, Scalar};
use mapwright::port::{Action, Destination, DestinationId, Found, Present, Step, Verdict};
use mapwright::run::{Mode, Stop, Summary};
use mapwright::verify::verify;
use serde_json::Value;

use crate::freshsales::{open, sandbox_of, want_by};
use crate::support::memory::{CONSENT, text_field};
use crate::support::small::{Dialect, World, account, person, redraft, test_clock};

/// An account with records of others, and the workspace that goes into it.
struct Place {
    sandbox: Sandbox,
    freshsales: Freshsales,
    world: World,
}

impl Place {
    fn new() -> Self {
        let sandbox = sandbox_of(Edition::Suite, &[]);
        let freshsales = open(&sandbox, test_clock()).unwrap();
        let mut world = World::new();
        world.dialect = Dialect::SUITE;
        world.outcomes = Vec::new();
        Self {
            sandbox,
            freshsales,
            world,
        }
    }

    /// Somebody else makes a record or changes one.
    fn write(
        &self,
        target: &str,
        action: Action,
        fields: Vec<FieldValue>,
        accounts: &[DestinationId],
    ) -> DestinationId {
        let mut links = BTreeMap::new();
        if !accounts.is_empty() {
            links.insert("accounts".to_owned(), accounts.to_vec());
        }
        let step = Step {
            number: 0,
            target: target.to_owned(),
            action,
            key: None,
            fields,
            off: BTreeMap::new(),
            links,
            queue: None,
            parent: None,
            marker: None,
        };
        match self.freshsales.write(&[step]).remove(0) {
            Verdict::Written(id) => id,
            verdict @ (Verdict::Refused { .. }
            | Verdict::Unknown { .. }
            | Verdict::NotSent { .. }) => panic!("{verdict:?}"),
        }
    }

    fn account(&self, name: &str, website: &str) -> DestinationId {
        let fields = vec![text_field("name", name), text_field("website", website)];
        self.write("account", Action::Create, fields, &[])
    }

    fn contact(&self, email: &str, accounts: &[DestinationId]) -> DestinationId {
        let fields = vec![
            text_field("email", email),
            text_field("last_name", "By hand"),
            text_field(CONSENT, "Subscribed"),
        ];
        self.write("contact", Action::Create, fields, accounts)
    }

    fn load(&self) -> Summary {
        let stop = Stop::new();
        let loaded = self.world.load_into(&self.freshsales, test_clock(), &stop);
        let (ledger, run, summary) = loaded.unwrap();
        let found = verify(&ledger, run, &self.freshsales).unwrap();
        assert!(found.is_clean(), "{:?}", found.findings);
        summary
    }

    fn find(&self, target: &str, field: &str, value: &str) -> Present {
        let found = self.freshsales.find(target, &[want_by(field, value)]);
        match found.unwrap().remove(0) {
            Found::One(_, present) => present,
            found @ (Found::Nobody | Found::Several(_)) => panic!("{target} {value}: {found:?}"),
        }
    }

    fn names(&self) -> Vec<String> {
        let dump = self.sandbox.dump();
        let rows = dump["sales_accounts"].as_array().unwrap();
        let mut names: Vec<String> = rows
            .iter()
            .map(|row| row["name"].as_str().unwrap().to_owned())
            .collect();
        names.sort();
        names
    }
}

fn text(value: &str) -> Scalar {
    Scalar::Text(value.to_owned())
}

#[test]
fn an_account_in_another_spelling_is_met_and_not_made_again() {
    for theirs in ["Acme Ltd", "ACME LTD", " acme ltd "] {
        for (how, website) in [
            (Existing::FillBlank, "https://hand.example"),
            (Existing::Overwrite, "https://a1.example"),
            (Existing::Skip, "https://hand.example"),
        ] {
            let mut place = Place::new();
            let id = place.account(theirs, "https://hand.example");
            place.world.outcomes = vec![account("a1", "Acme Ltd")];
            redraft(&mut place.world.outcomes, "1/a1", |draft| {
                draft.existing = how;
            });
            let summary = place.load();
            assert_eq!(summary.created, 0, "`{theirs}` {how:?}");
            assert_eq!(place.names().len(), 1, "{:?}", place.names());
            let there = place.find("account", "name", "Acme Ltd");
            assert_eq!(there.id, id);
            assert_eq!(there.fields.get("website"), Some(&text(website)), "{how:?}");
            // It is ours to find from now on, but for what the rules leave alone.
            let key = there.fields.get("cf_cio_key");
            let wanted = (how != Existing::Skip).then(|| text("cio-o-a1"));
            assert_eq!(key, wanted.as_ref(), "{how:?}");
            assert!(place.load().wrote_nothing(), "`{theirs}` {how:?}");
        }
    }
    // Held where the rules say so; the person behind it goes without the link.
    let mut place = Place::new();
    place.account("acme LTD", "https://hand.example");
    place.world.outcomes = vec![
        account("a1", "Acme Ltd"),
        person("ann", "Subscribed", &["a1"]),
    ];
    redraft(&mut place.world.outcomes, "1/a1", |draft| {
        draft.existing = Existing::Hold;
    });
    place.load();
    assert_eq!(place.names(), ["acme LTD"]);
    assert!(
        place
            .find("contact", "email", "ann@x.example")
            .links
            .is_empty()
    );
}

#[test]
fn two_accounts_of_one_name_but_for_its_spelling_are_told_apart() {
    let mut place = Place::new();
    let id = place.account("ACME", "https://hand.example");
    place.world.outcomes = vec![account("a1", "Acme"), account("a2", " acme")];
    place.load();
    let names = place.names();
    assert_eq!(names.len(), 2, "{names:?}");
    assert_eq!(place.find("account", "name", "acme").id, id);
    // The second one has the name that its `collision` line gives it.
    assert!(
        names.iter().any(|name| name.trim() == "acme (a2)"),
        "{names:?}"
    );
    assert!(place.load().wrote_nothing());
}

#[test]
fn accounts_of_a_person_are_read_merged_and_written() {
    for (how, first) in [
        (Existing::FillBlank, "Handmade"),
        (Existing::Overwrite, "One"),
    ] {
        let mut place = Place::new();
        let hand = place.account("Handmade", "https://hand.example");
        place.contact("ann@x.example", &[hand]);
        place.world.outcomes = vec![
            account("a1", "One"),
            account("a2", "Two"),
            person("ann", "Subscribed", &["a1"]),
        ];
        redraft(&mut place.world.outcomes, "ann", |draft| {
            draft.existing = how;
        });
        place.load();
        let of = |place: &Place, name: &str| place.find("account", "name", name).id;
        let linked = |place: &Place| {
            let ann = place.find("contact", "email", "ann@x.example");
            ann.links.get("accounts").cloned().unwrap_or_default()
        };
        let all = linked(&place);
        assert_eq!(all.len(), 2, "{how:?}");
        assert_eq!(all.first(), Some(&of(&place, first)), "{how:?}");
        assert!(all.contains(&hand) && all.contains(&of(&place, "One")));
        // A person adds one more; the next capture adds another and drops the first.
        let extra = place.account("Extra", "https://extra.example");
        let ann = place.find("contact", "email", "ann@x.example").id;
        let with_extra: Vec<DestinationId> = all.iter().copied().chain([extra]).collect();
        place.write("contact", Action::Update(ann), Vec::new(), &with_extra);
        place.world.capture.push('+');
        let Fate::Draft(other) = person("ann", "Subscribed", &["a2"]).fate else {
            unreachable!()
        };
        redraft(&mut place.world.outcomes, "ann", |draft| {
            draft.links.clone_from(&other.links);
        });
        place.load();
        let all = linked(&place);
        let has = |name: &str| all.contains(&of(&place, name));
        assert!(
            has("Handmade") && has("Extra") && has("Two"),
            "{how:?}: {all:?}"
        );
        assert!(!has("One"), "{how:?}: {all:?}");
        assert!(place.load().wrote_nothing(), "{how:?}");
        place
            .world
            .take_back_from(&place.freshsales, 2, Mode::Do, test_clock())
            .unwrap();
        let all = linked(&place);
        let has = |name: &str| all.contains(&of(&place, name));
        assert!(
            has("Handmade") && has("Extra") && has("One"),
            "{how:?}: {all:?}"
        );
        assert!(!has("Two"), "{how:?}: {all:?}");
    }
}

const RULES: &str = r#"rules "People who share an address"
language 1
source customerio        fields "people.fields"
destination freshsales   edition suite

field cf_cio_user_id "Customer.io id" text on contact

fact consent of person
  opted_out   when unsubscribed
  subscribed  otherwise
end

values consent_words
  opted_out  = "Unsubscribed"
  subscribed = "Subscribed"
end

merge person by email
  winner   newest updated_at
  consent  strictest
  others   first filled
end

map person to contact
  key external_id      = "cio-p-" + cio_id
  cf_cio_user_id       = id                      existing overwrite
  email                = email(email)            else hold
  first_name           = traits.first_name
  last_name            = first_filled(traits.last_name, "(no last name)")
  job_title            = traits.title            existing overwrite
  subscription_status  = consent via consent_words
  ignore unsubscribed because "the consent says it"
  ignore updated_at because "it says who wins"
end
"#;

const FIELDS: &str = r"fields of person
  cio_id             text, unique
  id                 optional text
  email              optional text
  updated_at         optional timestamp seconds
  unsubscribed       boolean
  traits.first_name  optional text
  traits.last_name   optional text
  traits.title       optional text
end
";

/// Three who share an address, case and blanks apart, and one alone.
const PEOPLE: &str = r#"{"cio_id":"p1","id":"u1","email":"Jo@Firm.example","updated_at":1700000001,"unsubscribed":true,"traits":{"first_name":"Joanna","last_name":"Old"}}
{"cio_id":"p2","id":"u2","email":" jo@firm.example ","updated_at":1700000003,"unsubscribed":false,"traits":{"first_name":"Jo","title":"Head"}}
{"cio_id":"p3","id":"u3","email":"jo@firm.EXAMPLE","updated_at":1700000002,"unsubscribed":false,"traits":{"last_name":"Middle"}}
{"cio_id":"p4","id":"u4","email":"kim@firm.example","updated_at":1700000002,"unsubscribed":false,"traits":{"last_name":"Kim"}}
"#;

fn mapwright(folder: &Path, words: &[&str]) -> Output {
    let mut command = Command::cargo_bin("mapwright").unwrap();
    command.current_dir(folder).args(words).output().unwrap()
}

fn contacts(folder: &Path) -> Vec<Value> {
    let sandbox = Sandbox::start(Settings {
        listen: ([127, 0, 0, 1], 0).into(),
        store: Store::File(folder.join("store.db")),
        edition: Edition::Suite,
        seed: None,
        api_key: None,
        switches: Switches::default(),
    })
    .unwrap();
    let dump = sandbox.dump();
    sandbox.stop();
    dump["contacts"].as_array().unwrap().clone()
}

#[test]
fn people_who_share_an_address_become_one_record_and_meet_the_one_that_is_there() {
    // Without and with somebody who is there already, in yet another spelling.
    for seed in [None, Some("JO@firm.example")] {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        fs::write(folder.join("people.rules"), RULES).unwrap();
        fs::write(folder.join("people.fields"), FIELDS).unwrap();
        let capture = folder.join("in");
        fs::create_dir(&capture).unwrap();
        fs::write(capture.join("people.ndjson"), PEOPLE).unwrap();
        fs::write(capture.join("suppressions.ndjson"), "").unwrap();
        if let Some(email) = seed {
            let there = serde_json::json!({"contacts": [{
                "first_name": "By hand", "last_name": "By hand", "email": email,
                "job_title": "Cook", "subscription_status": 1,
            }]});
            fs::write(capture.join("destination.json"), there.to_string()).unwrap();
        }
        let sealed = mapwright(folder, &["capture", "seal", "in"]);
        assert!(sealed.status.success(), "{sealed:?}");
        let run = || {
            let words = [
                "run",
                "people.rules",
                "--from",
                "in",
                "--to",
                "sandbox:store.db",
            ];
            let output = mapwright(folder, &words);
            let page = String::from_utf8(output.stdout).unwrap();
            let err = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(0), "{page}{err}");
            page
        };
        let page = run();
        assert!(
            page.contains("2  merged: same email as another record"),
            "{page}"
        );
        let all = contacts(folder);
        let is_jo = |it: &&Value| {
            let email = it["email"].as_str().unwrap_or_default();
            email.trim().eq_ignore_ascii_case("jo@firm.example")
        };
        let found: Vec<&Value> = all.iter().filter(is_jo).collect();
        assert_eq!((found.len(), all.len()), (1, 2), "{all:?}");
        let jo = found[0];
        // The newest wins, the strictest consent of all three stands.
        assert_eq!(jo["external_id"], "cio-p-p2");
        assert_eq!(jo["subscription_status"], 0);
        // The account names the field after its label.
        let mut custom = jo["custom_field"].as_object().unwrap().values();
        assert!(custom.any(|value| value == "u2"), "{jo}");
        assert_eq!(jo["job_title"], "Head");
        let (first, last) = match seed {
            None => ("Jo", "Middle"),
            // What a person typed stays where no line says otherwise.
            Some(_) => ("By hand", "By hand"),
        };
        assert_eq!(
            (&jo["first_name"], &jo["last_name"]),
            (&first.into(), &last.into())
        );
        assert!(run().contains("Nothing was written"));
    }
}
