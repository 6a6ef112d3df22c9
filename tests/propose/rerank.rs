//! A second opinion on candidates: no value of the capture leaves the machine, nothing is sent unasked, and whatever an
//! endpoint says or does not say, only what passed the gates is reordered.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use assert_cmd::cargo::CommandCargoExt;
use serde_json::{Value, json};

const KEY: &str = "key-of-the-model-4711";

/// Three people whose every value is a word of its own.
fn capture(folder: &Path) {
    let person = |number: u32| {
        json!({
            "cio_id": format!("cioid{number}zq"), "id": format!("ownid{number}zq"),
            "email": format!("mail{number}zq@firm{number}zq.example"), "created_at": 1_700_000_000 + number,
            "unsubscribed": false,
            "traits": {
                "first_name": format!("Firstname{number}zq"),
                "hometown": format!("Townvalue{number}zq"),
                "speciality": format!("Specialvalue{number}zq"),
                "spot": format!("Spotvalue{number}zq"),
                "hotline": format!("+1 (555) 010-010{number}"),
                "ward": if number == 1 { "wardwordone" } else { "wardwordtwo" },
                "visits": 7_770_000 + number,
                "jo@secretname.example": "x",
                "badges": [format!("badge{number}zq")],
            },
        })
    };
    let lines: Vec<String> = (1..=3).map(|it| person(it).to_string()).collect();
    fs::write(folder.join("people.ndjson"), lines.join("\n")).unwrap();
}

/// Every text and number of the capture, as it stands there.
fn values(folder: &Path) -> Vec<String> {
    fn leaves(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(members) => members.values().for_each(|it| leaves(it, found)),
            Value::Array(items) => items.iter().for_each(|it| leaves(it, found)),
            Value::String(text) => found.push(text.clone()),
            Value::Number(number) => found.push(number.to_string()),
            Value::Bool(_) | Value::Null => {}
        }
    }
    let mut found = Vec::new();
    for line in fs::read_to_string(folder.join("people.ndjson"))
        .unwrap()
        .lines()
    {
        leaves(&serde_json::from_str(line).unwrap(), &mut found);
    }
    // One letter would stand in any text.
    found.retain(|it| it.len() > 3);
    found
}

/// Takes calls one by one, answers each with `answer` of its body, and hands over all bytes that came.
fn endpoint(
    answer: impl Fn(&Value) -> Option<String> + Send + 'static,
) -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/v1", listener.local_addr().unwrap());
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let call = whole_call(&mut stream);
            let body = call.split_once("\r\n\r\n").unwrap().1.to_owned();
            sender.send(call).unwrap();
            match answer(&serde_json::from_str(&body).unwrap()) {
                Some(reply) => stream.write_all(reply.as_bytes()).unwrap(),
                // Says nothing for longer than anybody waits.
                None => std::thread::sleep(Duration::from_secs(20)),
            }
        }
    });
    (address, receiver)
}

fn whole_call(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let read = stream.read(&mut piece).unwrap();
        bytes.extend_from_slice(&piece[..read]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let length = text.lines().find_map(|it| {
            it.to_lowercase()
                .strip_prefix("content-length: ")?
                .trim()
                .parse()
                .ok()
        });
        if let (Some((_, body)), Some(length)) = (text.split_once("\r\n\r\n"), length)
            && body.len() >= length
        {
            return text;
        }
        assert!(read > 0, "the call broke off: {text}");
    }
}

fn http(status: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
}

fn completion(content: &str) -> String {
    let body = json!({"choices": [{"message": {"role": "assistant", "content": content}}]});
    http("200 OK", &body.to_string())
}

/// What was asked: the traits and the fields.
fn question(body: &Value) -> Value {
    serde_json::from_str(body["messages"][1]["content"].as_str().unwrap()).unwrap()
}

fn number_of_trait(question: &Value, name: &str) -> u64 {
    let traits = question["traits"].as_array().unwrap();
    let found = traits.iter().find(|it| it["name"] == name);
    found.unwrap_or_else(|| panic!("{name} in {question}"))["trait"]
        .as_u64()
        .unwrap()
}

fn number_of_field(question: &Value, name: &str) -> u64 {
    let fields = question["fields"].as_array().unwrap();
    let found = fields.iter().find(|it| it["fields"][0]["name"] == name);
    found.unwrap_or_else(|| panic!("{name} in {question}"))["candidate"]
        .as_u64()
        .unwrap()
}

/// An answer that wants these traits in these fields.
fn choose(question: &Value, wanted: &[(&str, &str)]) -> String {
    let choices: Vec<Value> = wanted
        .iter()
        .map(|(name, field)| {
            json!({
                "trait": number_of_trait(question, name),
                "candidate": number_of_field(question, field),
                "reason": "# not for anybody's eyes",
            })
        })
        .collect();
    json!({"choices": choices}).to_string()
}

struct Ran {
    code: i32,
    out: String,
    err: String,
}

fn propose(folder: &Path, more: &[&str]) -> Ran {
    let mut command = Command::cargo_bin("mapwright").unwrap();
    let output = command
        .current_dir(folder)
        .env("MAPWRIGHT_RERANK_KEY", KEY)
        .args(["propose", ".", "--to", "sandbox"])
        .args(more)
        .output()
        .unwrap();
    Ran {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

fn reranked(folder: &Path, address: &str) -> Ran {
    let within = "15";
    let words = [
        "--rerank",
        address,
        "--rerank-model",
        "some-model",
        "--rerank-within",
        within,
    ];
    propose(folder, &words)
}

#[test]
fn no_value_of_the_capture_is_sent_and_the_choice_stands_in_the_evidence() {
    let folder = tempfile::tempdir().unwrap();
    capture(folder.path());
    let offline = propose(folder.path(), &[]);
    assert_eq!(offline.code, 0, "{}", offline.err);
    let (address, calls) = endpoint(|body| {
        let question = question(body);
        let answer = choose(
            &question,
            &[("hometown", "city"), ("speciality", "job_title")],
        );
        Some(completion(&format!("```json\n{answer}\n```")))
    });
    let ran = reranked(folder.path(), &address);
    assert_eq!(ran.code, 0, "{}", ran.err);

    let sent = calls.try_recv().unwrap();
    assert!(calls.try_recv().is_err(), "one call and no more");
    assert!(
        sent.starts_with("POST /v1/chat/completions HTTP/1.1\r\n"),
        "{sent}"
    );
    assert!(sent.contains(&format!("Bearer {KEY}")), "{sent}");
    let values = values(folder.path());
    assert!(values.len() > 20);
    for value in &values {
        assert!(!sent.contains(value.as_str()), "`{value}` was sent: {sent}");
    }
    assert!(
        !sent.contains("secretname"),
        "a name that looks like a value stays here: {sent}"
    );
    let body: Value = serde_json::from_str(sent.split_once("\r\n\r\n").unwrap().1).unwrap();
    let asked = question(&body);
    assert_eq!(body["model"], "some-model");
    let names: Vec<&str> = asked["traits"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["name"].as_str().unwrap())
        .collect();
    assert!(
        names.contains(&"ward") && !names.contains(&"first_name"),
        "{names:?}"
    );

    assert!(
        ran.err.contains("2 were re-ranked by some-model"),
        "{}",
        ran.err
    );
    for line in [
        "# choose: city = traits.hometown",
        "# choose: job_title = traits.speciality",
    ] {
        let found = ran.out.lines().find(|it| it.trim_start().starts_with(line));
        let found = found.unwrap_or_else(|| panic!("{line} in {}", ran.out));
        assert!(
            found.contains("re-ranked to the first place by some-model"),
            "{found}"
        );
    }
    assert!(!ran.out.contains("anybody's eyes"), "{}", ran.out);
    let proposed = |text: &str| text.matches("unconfirmed proposed").count();
    assert_eq!(
        proposed(&ran.out),
        proposed(&offline.out),
        "nobody is surer for it"
    );
    assert!(
        ran.out.contains("cf_hometown"),
        "the field of its own stays until a person chose"
    );
}

#[test]
fn without_the_option_nothing_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    capture(folder.path());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    // Whatever left this machine would have to come by here.
    let proxy = format!("http://{}", listener.local_addr().unwrap());
    let names = ["http_proxy", "https_proxy", "HTTPS_PROXY", "ALL_PROXY"];
    let mut command = Command::cargo_bin("mapwright").unwrap();
    let output = command
        .current_dir(folder.path())
        .env("MAPWRIGHT_RERANK_KEY", KEY)
        .envs(names.map(|name| (name, proxy.as_str())))
        .args(["propose", ".", "--to", "sandbox"])
        .output()
        .unwrap();
    assert!(
        output.status.success() && output.stderr.is_empty(),
        "{output:?}"
    );
    let came = listener.accept().map(|_| ()).map_err(|it| it.kind());
    assert_eq!(came, Err(std::io::ErrorKind::WouldBlock));
}

type Answer = Box<dyn Fn(&Value) -> Option<String> + Send>;

/// What an endpoint does, and what is told of it.
fn bad_endpoints() -> Vec<(&'static str, Answer, &'static str)> {
    let say = |text: &'static str| -> Answer { Box::new(move |_| Some(completion(text))) };
    let raw = |status: &'static str, body: &'static str| -> Answer {
        Box::new(move |_| Some(http(status, body)))
    };
    vec![
        ("it fails", raw("500 Oops", "{}"), "status 500"),
        ("it wants another key", raw("401 No", "{}"), "status 401"),
        ("it sends a page", raw("200 OK", "<html>"), "one message"),
        (
            "it hangs up",
            Box::new(|_| Some(String::new())),
            "nothing was re-ranked",
        ),
        (
            "it breaks off",
            Box::new(|_| Some("HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\n{".to_owned())),
            "nothing was re-ranked",
        ),
        (
            "it sends elsewhere",
            Box::new(|_| {
                Some(
                    "HTTP/1.1 302 Go\r\nlocation: http://127.0.0.1:9/\r\ncontent-length: 0\r\n\r\n"
                        .to_owned(),
                )
            }),
            "status 302",
        ),
        (
            "it chats",
            say("I would put the town into the city."),
            "list of choices",
        ),
        (
            "it makes up a trait",
            say(r#"{"choices":[{"trait":4000,"candidate":1}]}"#),
            "nobody asked about",
        ),
        (
            "it makes up a field",
            say(r#"{"choices":[{"trait":1,"candidate":4000}]}"#),
            "nobody asked about",
        ),
        (
            "it counts from nothing",
            say(r#"{"choices":[{"trait":0,"candidate":1}]}"#),
            "nobody asked about",
        ),
        (
            "it says a thing twice",
            say(r#"{"choices":[{"trait":1,"candidate":0},{"trait":1,"candidate":0}]}"#),
            "nobody asked about",
        ),
        (
            "it is of two minds",
            Box::new(|_| {
                let spoken = json!({"message": {"content": "{\"choices\":[]}"}});
                Some(http(
                    "200 OK",
                    &json!({"choices": [spoken, spoken]}).to_string(),
                ))
            }),
            "one message",
        ),
        (
            "it puts a town into the phone number",
            Box::new(|body| {
                let question = question(body);
                let wrong = choose(
                    &question,
                    &[("hotline", "mobile_number"), ("hometown", "mobile_number")],
                );
                Some(completion(&wrong))
            }),
            "nobody asked about",
        ),
        (
            "it agrees with nobody",
            say(r#"{"choices":[]}"#),
            "0 were re-ranked",
        ),
    ]
}

#[test]
fn whatever_a_bad_endpoint_says_the_offline_draft_stays_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    capture(folder.path());
    let offline = propose(folder.path(), &[]);
    for (what, answer, note) in bad_endpoints() {
        let (address, _calls) = endpoint(answer);
        let ran = reranked(folder.path(), &address);
        assert_eq!(ran.code, 0, "{what}: {}", ran.err);
        assert!(ran.out == offline.out, "{what}: {}", ran.out);
        assert!(ran.err.contains(note), "{what}: {}", ran.err);
        assert!(!ran.err.contains(KEY), "{what}");
    }
    let nobody = reranked(folder.path(), "http://127.0.0.1:9/v1");
    assert!(
        nobody.code == 0 && nobody.out == offline.out,
        "{}",
        nobody.err
    );
    assert!(
        nobody.err.contains("could not be reached"),
        "{}",
        nobody.err
    );
}

#[test]
fn a_silent_endpoint_is_waited_for_no_longer_than_was_said() {
    let folder = tempfile::tempdir().unwrap();
    capture(folder.path());
    let offline = propose(folder.path(), &[]);
    let (address, _calls) = endpoint(|_| None);
    let words = [
        "--rerank",
        &address,
        "--rerank-model",
        "m",
        "--rerank-within",
        "1",
    ];
    let ran = propose(folder.path(), &words);
    assert!(ran.code == 0 && ran.out == offline.out, "{}", ran.err);
    assert!(ran.err.contains("nothing was re-ranked"), "{}", ran.err);
}

#[test]
fn two_traits_never_get_one_field() {
    let folder = tempfile::tempdir().unwrap();
    capture(folder.path());
    let (address, _calls) = endpoint(|body| {
        let question = question(body);
        Some(completion(&choose(
            &question,
            &[("hometown", "city"), ("spot", "city")],
        )))
    });
    let ran = reranked(folder.path(), &address);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(
        ran.err.contains("1 were re-ranked") && ran.err.contains("1 of its choices"),
        "{}",
        ran.err
    );
    assert_eq!(
        ran.out.matches("# choose: city = ").count(),
        1,
        "{}",
        ran.out
    );
}

#[test]
fn keys_are_no_words_of_the_command_line_and_their_file_is_the_owners_alone() {
    let folder = tempfile::tempdir().unwrap();
    capture(folder.path());
    let (address, calls) = endpoint(|_| Some(completion(r#"{"choices":[]}"#)));
    let key = folder.path().join("model.key");
    fs::write(&key, "another-key\n").unwrap();
    let words = [
        "--rerank",
        &address,
        "--rerank-model",
        "m",
        "--rerank-key-file",
        "model.key",
    ];
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    let refused = propose(folder.path(), &words);
    assert!(
        refused.code == 2 && refused.err.contains("only you may read"),
        "{}",
        refused.err
    );
    assert!(calls.try_recv().is_err(), "nothing was sent");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    let taken = propose(folder.path(), &words);
    assert_eq!(taken.code, 0, "{}", taken.err);
    assert!(calls.try_recv().unwrap().contains("Bearer another-key\r\n"));
    let open = propose(
        folder.path(),
        &[
            "--rerank",
            "http://models.example/v1",
            "--rerank-model",
            "m",
        ],
    );
    assert!(open.code == 2 && open.err.contains("https"), "{}", open.err);
}
