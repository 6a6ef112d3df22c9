//! Approvals as people meet them: written, fresh, stale and why; the gate before an account; seals; keys.

use std::fs::{self, Permissions};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use assert_cmd::cargo::CommandCargoExt;
use mapwright::approval::Approval;
use mapwright::freshsales::sandbox::{Edition, Sandbox, Settings, Store, Switches};
use serde_json::Value;
use tempfile::TempDir;

const FIELDS: &str = r"fields of person
  cio_id         text, unique
  email          optional text
  unsubscribed   boolean
  traits.stage   optional one of lead, customer
  traits.mrr     optional decimal
  traits.name    optional text
end
";

const RULES: &str = r#"rules "Small"
language 1
source customerio      fields "small.fields"
destination freshsales edition suite

list free_mail from "free.txt"

field cf_mrr   "MRR"   decimal  on lead, contact
field cf_other "Other" textarea on lead, contact

values consent_words
  opted_out  = "Unsubscribed"
  subscribed = "Subscribed"
end

fact consent of person
  opted_out  when unsubscribed
  subscribed otherwise
end

fact domain of person
  personal when email_domain(email) in free_mail
  business otherwise
end

decide person
  | domain   | traits.stage          | becomes |
  | personal | lead, customer, blank | lead    |
  | business | lead, customer, blank | contact |
  otherwise hold "stage is not on our list"
end

map person to contact, lead
  key external_id     = "p-" + cio_id
  email               = email(email)                            else hold
  last_name           = first_filled(traits.name, "(no name)")
  subscription_status = consent via consent_words
  cf_mrr              = decimal(traits.mrr, 2)                  else blank, report  loses "third decimal onwards"
  rest cf_other       = json
  ignore traits._* because "computed by Customer.io"
end
"#;

const PEOPLE: [&str; 5] = [
    r#"{"cio_id":"1","email":"ann@firm.example","unsubscribed":false,"traits":{"stage":"lead","mrr":1.005,"_opens":3}}"#,
    r#"{"cio_id":"2","email":"bob@gmail.com","unsubscribed":true,"traits":{"stage":"customer","mrr":2.5,"colour":"red"}}"#,
    r#"{"cio_id":"3","email":"cat@firm.example","unsubscribed":false,"traits":{"stage":"vip"}}"#,
    r#"{"cio_id":"4","email":"dan@other.example","unsubscribed":false,"traits":{"name":"Dan","mrr":"lots"}}"#,
    r#"{"cio_id":"5","email":"eve@other.example","unsubscribed":false,"traits":{"name":"Eve","mrr":"7.125"}}"#,
];

pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    #[track_caller]
    pub(crate) fn ends(&self, code: i32, words: &[&str]) {
        let Ran { out, err, .. } = self;
        assert_eq!(self.code, code, "{out}\n{err}");
        for words in words {
            assert!(
                out.contains(words) || err.contains(words),
                "`{words}` is missing in\n{out}\n{err}"
            );
        }
    }
}

/// A folder of one rule file with its capture.
pub(crate) struct Desk {
    folder: TempDir,
}

impl Desk {
    pub(crate) fn new() -> Self {
        let desk = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        fs::create_dir(desk.path("in")).unwrap();
        fs::write(desk.path("small.rules"), RULES).unwrap();
        fs::write(desk.path("small.fields"), FIELDS).unwrap();
        fs::write(desk.path("free.txt"), "gmail.com\ngmx.de\n").unwrap();
        desk.people(&PEOPLE);
        desk
    }

    /// The same rules with a note for each event, and no marker in them; two events of one person say the same.
    pub(crate) fn with_events() -> Self {
        let desk = Self::new();
        desk.change("small.rules", "edition suite", "edition suite no markers");
        let fields = fs::read_to_string(desk.path("small.fields")).unwrap();
        let event = "fields of event\n  id text, unique\n  cio_id text\n  name text\n  timestamp timestamp seconds\n  data json\nend\n";
        fs::write(desk.path("small.fields"), fields + event).unwrap();
        let rules = fs::read_to_string(desk.path("small.rules")).unwrap();
        let map = "\nmap event to note on person\n  title = name\n  time = timestamp\n  body = json(data)\nend\n";
        fs::write(desk.path("small.rules"), rules + map).unwrap();
        let event = |id: &str, of: &str, at: u32| {
            format!(
                r#"{{"id":"{id}","cio_id":"{of}","name":"ordered","timestamp":{at},"data":{{"a":1}}}}"#
            )
        };
        let events = [
            event("e1", "1", 1_700_000_000),
            event("e2", "1", 1_700_000_000),
            event("e3", "1", 1_700_000_001),
            event("e4", "2", 1_700_000_000),
        ];
        fs::write(desk.path("in/events.ndjson"), events.join("\n") + "\n").unwrap();
        desk.people(&PEOPLE);
        desk
    }

    /// The texts of all notes in a kept store.
    pub(crate) fn notes(&self, store: &str) -> Vec<String> {
        let sandbox = Sandbox::start(Settings {
            listen: ([127, 0, 0, 1], 0).into(),
            store: Store::File(self.path(store)),
            edition: Edition::Suite,
            seed: None,
            api_key: None,
            switches: Switches::default(),
        })
        .unwrap();
        let dump = sandbox.dump();
        let deleted = |id: &Value| {
            let log = dump["truth"].as_array().into_iter().flatten();
            log.filter(|line| line["action"] == "deleted")
                .any(|line| line["id"] == *id)
        };
        let notes = dump["notes"].as_array().into_iter().flatten();
        notes
            .filter(|note| !deleted(&note["id"]))
            .map(|note| note["description"].as_str().unwrap().to_owned())
            .collect()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Puts these people into the capture and seals it.
    fn people(&self, people: &[&str]) {
        fs::write(self.path("in/people.ndjson"), people.join("\n") + "\n").unwrap();
        let words = ["capture", "seal", "in", "--again", "--workspace", "small"];
        self.run(&words).ends(0, &["people.ndjson"]);
    }

    fn change(&self, name: &str, from: &str, into: &str) {
        let text = fs::read_to_string(self.path(name)).unwrap();
        assert!(text.contains(from), "{from} is not in {name}");
        fs::write(self.path(name), text.replacen(from, into, 1)).unwrap();
    }

    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::cargo_bin("mapwright").unwrap();
        command.current_dir(self.folder.path()).args(words);
        command.env_remove("MAPWRIGHT_REVIEWER");
        command.env_remove("MAPWRIGHT_FRESHSALES_KEY");
        command
    }

    fn run(&self, words: &[&str]) -> Ran {
        ran(&mut self.command(words))
    }

    fn check(&self) -> Ran {
        self.run(&["check", "small.rules", "--from", "in"])
    }

    fn approve(&self) -> Ran {
        let words = [
            "approve",
            "small.rules",
            "--from",
            "in",
            "--by",
            "Rita Review",
        ];
        self.run(&words)
    }

    fn approval(&self) -> PathBuf {
        self.path("small.approval")
    }

    /// An approval for the account at `url`.
    pub(crate) fn approve_for(&self, url: &str, key: &str) -> Ran {
        let words = [
            "approve",
            "small.rules",
            "--from",
            "in",
            "--by",
            "Rita Review",
            "--to",
            url,
        ];
        ran(self.command(&words).env("MAPWRIGHT_FRESHSALES_KEY", key))
    }

    /// A load into a local sandbox that demands what an account demands.
    fn load(&self, url: &str, key: &str) -> Ran {
        let words = [
            "run",
            "small.rules",
            "--from",
            "in",
            "--to",
            url,
            "--treat-as-account",
        ];
        ran(self.command(&words).env("MAPWRIGHT_FRESHSALES_KEY", key))
    }

    /// The runs of the only ledger: what each was allowed by, and by whom.
    fn warrants(&self) -> Vec<(String, Option<String>)> {
        let folder = fs::read_dir(self.path(".mapwright")).unwrap();
        let mut ledgers = folder
            .map(|it| it.unwrap().path())
            .filter(|it| it.to_string_lossy().ends_with(".ledger.db"));
        let store = rusqlite::Connection::open(ledgers.next().unwrap()).unwrap();
        let mut runs = store
            .prepare("SELECT approval, approved_by FROM run ORDER BY id")
            .unwrap();
        runs.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
            .unwrap()
            .map(Result::unwrap)
            .collect()
    }
}

pub(crate) fn ran(command: &mut Command) -> Ran {
    let output = command.output().unwrap();
    Ran {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

fn sandbox() -> Sandbox {
    Sandbox::start(Settings {
        listen: ([127, 0, 0, 1], 0).into(),
        store: Store::Memory,
        edition: Edition::Suite,
        seed: None,
        api_key: None,
        switches: Switches::default(),
    })
    .unwrap()
}

/// Contacts, without the test contacts that loads have put there and taken away.
fn records(sandbox: &Sandbox) -> usize {
    let dump = sandbox.dump();
    let contacts = dump["contacts"].as_array().into_iter().flatten();
    let is_test = |contact: &&Value| {
        let key = contact["external_id"].as_str();
        key.is_some_and(|key| key.starts_with("mapwright-canary-"))
    };
    contacts.filter(|contact| !is_test(contact)).count()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn an_approval_is_written_fresh_and_told_by_check() {
    let desk = Desk::new();
    desk.check().ends(
        3,
        &[
            "Not approved yet",
            "More is held than the rule file accepts",
        ],
    );
    desk.approve().ends(
        0,
        &[
            "this approval accepts what is counted above",
            "traits._opens of person: ignore traits._*",
            "traits.colour of person: rest cf_other",
            "Approved by Rita Review for local sandbox",
        ],
    );
    let text = fs::read_to_string(desk.approval()).unwrap();
    for words in [
        r#"by = "Rita Review""#,
        r#"{ row = "person", reason = "stage is not on our list", up_to = 1 }"#,
        r#"up_to = 2, line = 38, field = "cf_mrr", what = "third decimal onwards""#,
        r#"{ of = "person", path = "traits._opens", under = "ignore traits._*" }"#,
        r#"{ name = "free_mail", file = "free.txt", entries = 2"#,
        r#"{ row = "person", target = "contact", count = 3 }"#,
    ] {
        assert!(text.contains(words), "{words} is missing in\n{text}");
    }
    let (approval, seal) = Approval::read(&desk.approval()).unwrap();
    assert_eq!(approval.to_text(), text);
    assert!(text.contains(&seal));
    // What is held was accepted by the approval.
    desk.check()
        .ends(0, &["Approved by Rita Review on", "nothing changed since"]);
    desk.approve()
        .ends(0, &["Nothing changed since the approval"]);
    let kept = desk.path(".mapwright/approved/small");
    assert_eq!(fs::read_to_string(kept.join("small.rules")).unwrap(), RULES);
    assert_eq!(mode(&kept.join("free.txt")), 0o600);
}

#[test]
fn the_name_is_given_and_never_made_up() {
    let desk = Desk::new();
    let words = ["approve", "small.rules", "--from", "in"];
    desk.run(&words)
        .ends(2, &["name of the person", "MAPWRIGHT_REVIEWER"]);
    let blank = ran(desk.command(&words).args(["--by", "  "]));
    blank.ends(2, &["name of the person"]);
    assert!(!desk.approval().exists());
    ran(desk.command(&words).env("MAPWRIGHT_REVIEWER", "Ada")).ends(0, &["Approved by Ada"]);
}

/// Each kind of change is told in its own words, and nothing else is.
#[test]
fn each_change_makes_an_approval_stale_with_words() {
    type Step = fn(&Desk);
    let cases: [(Step, &[&str]); 6] = [
        (
            |desk| desk.change("small.rules", "\"(no name)\"", "\"(nobody)\""),
            &[
                r#"rules, line 36 (map person to contact, lead): last_name = first_filled(traits.name, "(nobody)"); approved was: last_name = first_filled(traits.name, "(no name)")"#,
            ],
        ),
        (
            |desk| {
                desk.change(
                    "small.rules",
                    "values consent_words",
                    "allow N214 because \"x\"\n\nvalues consent_words",
                );
            },
            &["rules, line 11: new: allow N214 because \"x\""],
        ),
        (
            |desk| desk.change("small.rules", "list free_mail", "# a word\nlist free_mail"),
            &["small.rules: only comments, blanks or the order of its lines changed"],
        ),
        (
            |desk| desk.change("free.txt", "gmx.de\n", "gmx.de\nweb.de\nt-online.de\n"),
            &["list `free_mail` (free.txt) gained 2 entries"],
        ),
        (
            |desk| desk.change("free.txt", "gmx.de", "web.de"),
            &["list `free_mail` (free.txt) has other entries, 2 as before"],
        ),
        (
            |desk| {
                desk.change(
                    "small.fields",
                    "traits.name ",
                    "traits.note  optional text\n  traits.name ",
                );
            },
            &["small.fields: changed"],
        ),
    ];
    for (step, words) in cases {
        let desk = Desk::new();
        desk.approve().ends(0, &[]);
        step(&desk);
        let check = desk.check();
        check.ends(3, &["and stale since:"]);
        check.ends(3, words);
        let told = check
            .out
            .lines()
            .filter(|it| it.starts_with("  · "))
            .count();
        assert_eq!(told, words.len(), "{}", check.out);
    }
}

#[test]
fn a_capture_with_more_of_anything_is_a_question() {
    let desk = Desk::new();
    desk.approve().ends(0, &[]);
    let mut people = PEOPLE.to_vec();
    people.push(
        r#"{"cio_id":"6","email":"f@firm.example","unsubscribed":false,"traits":{"stage":"vip"}}"#,
    );
    people.push(r#"{"cio_id":"7","email":"g@firm.example","unsubscribed":false,"traits":{"mrr":0.001,"_clicks":1,"size":"L"}}"#);
    desk.people(&people);
    desk.check().ends(
        3,
        &[
            "and stale since:",
            "the capture is another one: small until",
            "a new source field `traits._clicks` of person fell under `ignore traits._*`",
            "a new source field `traits.size` of person fell under `rest cf_other`",
            "holds of person \"stage is not on our list\" rose from 1 to 2",
            "loss on line 38, cf_mrr: third decimal onwards rose from 2 to 3",
            "person to contact: 4; approved were 3",
        ],
    );
    let json = desk.run(&["check", "small.rules", "--from", "in", "--format", "json"]);
    let page: Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(page["approval"]["state"], "stale");
    assert_eq!(page["approval"]["by"], "Rita Review");
    // The reviewer sees what is new, agrees, and it is fresh again.
    desk.approve().ends(
        0,
        &["New since the approval by Rita Review", "`traits._clicks`"],
    );
    desk.check().ends(0, &["nothing changed since"]);
}

#[test]
fn nothing_is_approved_with_findings_or_without_a_seal() {
    let desk = Desk::new();
    desk.change("small.rules", "last_name ", "last_nam  ");
    desk.approve().ends(1, &["nothing was approved"]);
    fs::write(desk.path("small.rules"), RULES).unwrap();
    desk.people(&[PEOPLE[0], "{\"cio_id\":"]);
    desk.approve()
        .ends(1, &["There are findings; nothing was approved."]);
    desk.people(&PEOPLE);
    fs::write(desk.path("in/people.ndjson"), PEOPLE[0]).unwrap();
    desk.approve().ends(1, &["W111", "nothing was approved"]);
    fs::remove_file(desk.path("in/capture.json")).unwrap();
    desk.approve().ends(
        2,
        &["expected a sealed capture", "mapwright capture seal in"],
    );
    desk.check().ends(0, &["Not approved yet"]);
    assert!(!desk.approval().exists());
}

#[test]
fn a_count_that_was_raised_by_hand_breaks_the_seal() {
    let desk = Desk::new();
    desk.approve().ends(0, &[]);
    desk.change(
        "small.approval",
        "reason = \"stage is not on our list\", up_to = 1 ",
        "reason = \"stage is not on our list\", up_to = 9 ",
    );
    desk.check().ends(3, &["was edited after it was written"]);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    desk.load(&url, "k")
        .ends(5, &["was edited after it was written"]);
    // A checkout that turned line ends edited nothing.
    desk.approve().ends(0, &[]);
    let text = fs::read_to_string(desk.approval()).unwrap();
    fs::write(desk.approval(), text.replace('\n', "\r\n")).unwrap();
    desk.check().ends(0, &["nothing changed since"]);
}

/// The gate closes before the first byte: nobody was even called.
#[test]
fn without_a_fresh_approval_nothing_is_sent() {
    let desk = Desk::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    desk.load(&url, "k").ends(
        5,
        &[
            "needs a fresh approval",
            "nothing was sent",
            "mapwright approve",
        ],
    );
    desk.approve().ends(0, &[]);
    desk.change("free.txt", "gmx.de\n", "gmx.de\nweb.de\n");
    desk.load(&url, "k").ends(
        5,
        &[
            "the approval by Rita Review",
            "nothing was sent",
            "list `free_mail` (free.txt) gained 1 entry",
        ],
    );
    fs::remove_file(desk.path("in/capture.json")).unwrap();
    desk.load(&url, "k")
        .ends(5, &["is not sealed", "mapwright capture seal in"]);
    let called = listener.accept().map(|_| ()).map_err(|it| it.kind());
    assert_eq!(
        called,
        Err(std::io::ErrorKind::WouldBlock),
        "somebody called"
    );
    // A name of a real account: refused before its address is looked up or a key is asked for.
    let words = [
        "run",
        "small.rules",
        "--from",
        "in",
        "--to",
        "acme.myfreshworks.com",
    ];
    desk.run(&words).ends(5, &["is not sealed"]);
}

#[test]
fn a_load_goes_on_under_its_approval_and_stops_when_the_account_changes() {
    let desk = Desk::new();
    let sandbox = sandbox();
    let (url, key) = (sandbox.url(), sandbox.api_key().to_owned());
    desk.approve().ends(0, &[]);
    desk.load(&url, &key).ends(
        4,
        &[
            "the destination is another one",
            "approved was local sandbox",
            "nothing was written",
        ],
    );
    assert_eq!(records(&sandbox), 0);
    desk.approve_for(&url, &key)
        .ends(0, &["Approved by Rita Review for http://127.0.0.1"]);
    let (_, seal) = Approval::read(&desk.approval()).unwrap();
    desk.load(&url, &key).ends(
        0,
        &["4 created", "under the approval by Rita Review", &seal],
    );
    assert_eq!(records(&sandbox), 4);
    // The custom fields that the load has made do not make its approval stale.
    desk.load(&url, &key).ends(0, &["Nothing was written"]);
    let warrant = (seal, Some("Rita Review".to_owned()));
    assert_eq!(desk.warrants(), [warrant.clone(), warrant]);
    desk.check().ends(
        3,
        &[
            "Approved by Rita Review",
            "for http://127.0.0.1",
            "compared by `run`",
        ],
    );

    add_field(&url, &key, "cf_extra");
    desk.load(&url, &key).ends(
        4,
        &["the destination changed: contact", "nothing was written"],
    );
    assert_eq!(records(&sandbox), 4);
}

/// Without the account's key: what a snapshot says of it is what is approved.
#[test]
fn a_snapshot_stands_for_its_account() {
    let desk = Desk::new();
    let sandbox = sandbox();
    let (url, key) = (sandbox.url(), sandbox.api_key().to_owned());
    let take = ["snapshot", "--to", &url, "--into", "account.snapshot"];
    ran(desk.command(&take).env("MAPWRIGHT_FRESHSALES_KEY", &key)).ends(0, &[]);
    let words = [
        "approve",
        "small.rules",
        "--from",
        "in",
        "--by",
        "Rita",
        "--against",
    ];
    ran(desk.command(&words).arg("account.snapshot")).ends(0, &["Approved by Rita for http://127"]);
    let words = [
        "check",
        "small.rules",
        "--from",
        "in",
        "--against",
        "account.snapshot",
    ];
    desk.run(&words)
        .ends(0, &["Approved by Rita", "nothing changed since"]);
    desk.load(&url, &key)
        .ends(0, &["4 created", "under the approval by Rita"]);
}

/// A custom field of the account's own.
fn add_field(url: &str, key: &str, label: &str) {
    use mapwright::clock::SystemClock;
    use mapwright::freshsales::Freshsales;
    use mapwright::http::Pace;
    use mapwright::model::{FieldKind, FieldWanted};
    use mapwright::port::Destination;

    let key = secrecy::SecretString::from(key.to_owned());
    let clock = std::sync::Arc::new(SystemClock);
    let account = Freshsales::open(url, &key, clock, Pace::default()).unwrap();
    let wanted = FieldWanted {
        target: "contact".to_owned(),
        name: label.to_owned(),
        label: label.to_owned(),
        kind: FieldKind::Integer,
        unique: false,
    };
    account.prepare(&[wanted]).unwrap();
}

/// Staged, counted, compared, and only then written.
#[test]
fn more_than_was_accepted_ends_the_run_before_it_writes() {
    let sandbox = sandbox();
    let (url, key) = (sandbox.url(), sandbox.api_key().to_owned());
    let desk = Desk::new();
    desk.approve_for(&url, &key).ends(0, &[]);
    let (whole, _) = Approval::read(&desk.approval()).unwrap();

    let mut less = whole.clone();
    less.counts.held.clear();
    less.write(&desk.approval()).unwrap();
    desk.load(&url, &key).ends(
        3,
        &[
            "holds of person \"stage is not on our list\" rose from 0 to 1",
            "nothing was written",
        ],
    );
    let mut less = whole.clone();
    less.counts.losses[0].up_to = 1;
    less.write(&desk.approval()).unwrap();
    desk.load(&url, &key).ends(
        5,
        &["loss on line 38", "rose from 1 to 2", "nothing was written"],
    );
    let mut less = whole.clone();
    less.counts.source_fields.remove(0);
    less.write(&desk.approval()).unwrap();
    desk.load(&url, &key).ends(
        5,
        &["a new source field `traits._opens`", "nothing was written"],
    );
    assert_eq!(records(&sandbox), 0);

    // The file was changed behind its seal.
    whole.write(&desk.approval()).unwrap();
    fs::write(desk.path("in/people.ndjson"), PEOPLE.join("\n")).unwrap();
    desk.load(&url, &key)
        .ends(1, &["not as they were sealed", "nothing was written"]);
    assert_eq!(records(&sandbox), 0);
    desk.people(&PEOPLE);
    desk.approve_for(&url, &key).ends(0, &[]);
    desk.load(&url, &key).ends(0, &["4 created"]);
}

#[test]
fn a_sandbox_needs_no_approval_and_is_marked_a_rehearsal() {
    let desk = Desk::new();
    let words = [
        "run",
        "small.rules",
        "--from",
        "in",
        "--to",
        "sandbox:kept.db",
    ];
    desk.run(&words)
        .ends(3, &["A rehearsal in a local sandbox."]);
    assert_eq!(desk.warrants(), [("rehearsal".to_owned(), None)]);
    ran(desk.command(&words).arg("--treat-as-account"))
        .ends(2, &["expected the http address of a running sandbox"]);
}

#[test]
fn the_key_comes_from_a_file_that_nobody_else_may_read() {
    let desk = Desk::new();
    let sandbox = sandbox();
    let path = desk.path("key");
    fs::write(&path, format!("{}\n", sandbox.api_key())).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
    let url = sandbox.url();
    let words = [
        "run",
        "small.rules",
        "--from",
        "in",
        "--to",
        &url,
        "--key-file",
        "key",
    ];
    let open = desk.run(&words);
    open.ends(2, &["found rights 640", "chmod 600 key"]);
    assert!(!open.err.contains(sandbox.api_key()));
    assert_eq!(records(&sandbox), 0);
    fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    // One person is held, and no rule accepts that.
    desk.run(&words).ends(3, &["4 created"]);
    let words = ["run", "small.rules", "--from", "in", "--to", &url];
    desk.run(&words)
        .ends(2, &["MAPWRIGHT_FRESHSALES_KEY", "--key-file"]);
    fs::write(&path, "two words").unwrap();
    let words = [
        "run",
        "small.rules",
        "--from",
        "in",
        "--to",
        &url,
        "--key-file",
        "key",
    ];
    desk.run(&words).ends(2, &["expected the API key alone"]);
}

#[test]
fn an_address_is_a_sandbox_or_an_account_and_never_holds_a_key() {
    let desk = Desk::new();
    let to = |to: &str| desk.run(&["run", "small.rules", "--from", "in", "--to", to]);
    for account in [
        "acme.myfreshworks.com",
        "https://acme.myfreshworks.com/crm/sales",
        "https://acme.freshsales.io",
        "https://crm.acme.example/crm/sales/api",
    ] {
        to(account).ends(5, &["there is no approval"]);
    }
    to("http://acme.myfreshworks.com").ends(2, &["expected https"]);
    to("http://127.0.0.1.acme.example/api").ends(2, &["expected https"]);
    to("https://acme.example").ends(2, &["NAME.myfreshworks.com"]);
    to("https://acme.myfreshworks.com/contacts").ends(2, &["/crm/sales/api`, found"]);
    to("sandbox:").ends(2, &["expected a file after `sandbox:`"]);
    let secret = to("https://me:s3cret@acme.myfreshworks.com");
    secret.ends(2, &["without a name or a key in it"]);
    assert!(!secret.err.contains("s3cret"), "{}", secret.err);
}

#[test]
fn a_capture_is_sealed_once_shown_and_compared() {
    let desk = Desk::new();
    fs::remove_file(desk.path("in/capture.json")).unwrap();
    desk.run(&["capture", "show", "in"])
        .ends(1, &["is not sealed"]);
    let seal = [
        "capture",
        "seal",
        "in",
        "--workspace",
        "acme",
        "--until",
        "2026-01-21T00:00:00Z",
    ];
    desk.run(&seal).ends(
        0,
        &[
            "workspace  acme",
            "until      2026-01-21T00:00:00Z",
            "Sealed: in/capture.json",
        ],
    );
    assert_eq!(mode(&desk.path("in/capture.json")), 0o600);
    let manifest: Value =
        serde_json::from_slice(&fs::read(desk.path("in/capture.json")).unwrap()).unwrap();
    let file = &manifest["files"]["people.ndjson"];
    assert_eq!(file["records"], 5);
    let shown = desk.run(&["capture", "show", "in"]);
    shown.ends(
        0,
        &[
            "people.ndjson",
            file["sha256"].as_str().unwrap(),
            "Every file is as it was sealed.",
        ],
    );
    desk.run(&seal).ends(2, &["is sealed already", "--again"]);

    fs::write(desk.path("in/people.ndjson"), PEOPLE[..3].join("\n")).unwrap();
    desk.run(&["capture", "show", "in"])
        .ends(1, &["W111", "not as they were sealed"]);
    // The old seal's words stay where nothing else is said.
    desk.run(&["capture", "seal", "in", "--again"])
        .ends(0, &["workspace  acme", "until      2026-01-21T00:00:00Z"]);
    desk.run(&["capture", "show", "in"])
        .ends(0, &["Every file is as it was sealed."]);

    fs::write(desk.path("in/people.ndjson.gz"), "x").unwrap();
    desk.run(&["capture", "seal", "in", "--again"])
        .ends(1, &["nothing was sealed"]);
    fs::create_dir(desk.path("empty")).unwrap();
    desk.run(&["capture", "seal", "empty"])
        .ends(2, &["expected files of records"]);
}

/// A ledger of the first format: its runs were rehearsals.
#[test]
fn a_ledger_from_before_approvals_is_brought_forward() {
    let desk = Desk::new();
    let words = [
        "run",
        "small.rules",
        "--from",
        "in",
        "--to",
        "sandbox:kept.db",
    ];
    desk.run(&words).ends(3, &[]);
    let path = desk.path(".mapwright/small-sandbox-kept.ledger.db");
    let store = rusqlite::Connection::open(&path).unwrap();
    store
        .execute_batch(
            "ALTER TABLE run DROP COLUMN approval; ALTER TABLE run DROP COLUMN approved_by;
             ALTER TABLE run DROP COLUMN undoes; DROP TABLE image; DROP TABLE wanted;
             DROP TABLE pace; DROP TABLE forecast;
             DROP TABLE progress; DROP TABLE doubled; PRAGMA user_version = 1;",
        )
        .unwrap();
    drop(store);
    // Such a ledger was never sealed.
    std::fs::remove_file(desk.path(".mapwright/small-sandbox-kept.ledger.db.sum")).unwrap();
    desk.run(&words).ends(3, &["Nothing was written"]);
    let rehearsal = ("rehearsal".to_owned(), None);
    assert_eq!(desk.warrants(), [rehearsal.clone(), rehearsal]);
}
