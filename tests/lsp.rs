//! The language server as an editor meets it: the real binary, JSON-RPC over its standard streams.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use assert_cmd::cargo::CommandCargoExt;
use mapwright::customerio::layout;
use mapwright::lang::assist;
use mapwright::lang::{Environment, Files};
use mapwright::text::Source;
use serde_json::{Value, json};

/// How long an answer may take on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

struct Editor {
    child: Child,
    stdin: ChildStdin,
    messages: Receiver<Value>,
    next: i64,
    /// Notifications that came before they were waited for.
    kept: Vec<Value>,
}

impl Editor {
    fn start() -> Self {
        let mut child = Command::cargo_bin("mapwright")
            .unwrap()
            .arg("lsp")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let (sender, messages) = channel();
        std::thread::spawn(move || {
            while let Some(message) = read(&mut out) {
                if sender.send(message).is_err() {
                    return;
                }
            }
        });
        let stdin = child.stdin.take().unwrap();
        Self {
            child,
            stdin,
            messages,
            next: 0,
            kept: Vec::new(),
        }
    }

    /// Started and greeted.
    fn ready() -> Self {
        let mut editor = Self::start();
        let answer = editor.ask("initialize", &json!({ "capabilities": {} }));
        assert_eq!(answer["capabilities"]["textDocumentSync"]["change"], 1);
        editor.tell("initialized", &json!({}));
        editor
    }

    fn raw(&mut self, bytes: &[u8]) {
        self.stdin.write_all(bytes).unwrap();
        self.stdin.flush().unwrap();
    }

    fn send(&mut self, message: &Value) {
        let body = message.to_string();
        self.raw(format!("Content-Length: {}\r\n\r\n{body}", body.len()).as_bytes());
    }

    fn tell(&mut self, method: &str, params: &Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    fn next_message(&self) -> Value {
        self.messages.recv_timeout(PATIENCE).unwrap()
    }

    /// The answer as it came: `result` or `error`.
    fn answer(&mut self, method: &str, params: &Value) -> Value {
        self.next += 1;
        let id = self.next;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        loop {
            let message = self.next_message();
            if message["id"] == id {
                return message;
            }
            self.kept.push(message);
        }
    }

    fn ask(&mut self, method: &str, params: &Value) -> Value {
        let mut answer = self.answer(method, params);
        assert!(answer.get("error").is_none(), "{answer}");
        answer["result"].take()
    }

    fn open(&mut self, uri: &str, text: &str) {
        let document = json!({ "uri": uri, "languageId": "mapwright", "version": 1, "text": text });
        self.tell("textDocument/didOpen", &json!({ "textDocument": document }));
    }

    fn change(&mut self, uri: &str, text: &str) {
        self.tell(
            "textDocument/didChange",
            &json!({ "textDocument": { "uri": uri, "version": 2 }, "contentChanges": [{ "text": text }] }),
        );
    }

    /// The findings of a file, when they are published next.
    fn findings(&mut self, uri: &str) -> Vec<Value> {
        loop {
            let message = if self.kept.is_empty() {
                self.next_message()
            } else {
                self.kept.remove(0)
            };
            if message["method"] == "textDocument/publishDiagnostics"
                && message["params"]["uri"] == uri
            {
                return message["params"]["diagnostics"].as_array().unwrap().clone();
            }
        }
    }

    fn at(&mut self, method: &str, uri: &str, text: &str, offset: usize) -> Value {
        let position = position(text, offset);
        self.ask(
            method,
            &json!({ "textDocument": { "uri": uri }, "position": position }),
        )
    }

    fn labels(&mut self, uri: &str, text: &str, offset: usize) -> Vec<String> {
        let answer = self.at("textDocument/completion", uri, text, offset);
        let items = answer["items"].as_array().unwrap();
        items
            .iter()
            .map(|it| it["label"].as_str().unwrap().to_owned())
            .collect()
    }

    fn stop(mut self) {
        assert_eq!(self.ask("shutdown", &Value::Null), Value::Null);
        self.tell("exit", &Value::Null);
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until {
            if let Some(status) = self.child.try_wait().unwrap() {
                assert!(status.success(), "{status}");
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("the server does not end");
    }
}

impl Drop for Editor {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn read(out: &mut impl BufRead) -> Option<Value> {
    let mut size = 0;
    loop {
        let mut line = String::new();
        if out.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim().strip_prefix("Content-Length: ") {
            Some(found) => size = found.parse().unwrap(),
            None if line.trim().is_empty() => break,
            None => panic!("{line}"),
        }
    }
    let mut body = vec![0; size];
    out.read_exact(&mut body).ok()?;
    Some(serde_json::from_slice(&body).unwrap())
}

/// Line from 0, column in UTF-16 units.
fn position(text: &str, offset: usize) -> Value {
    let before = &text[..offset];
    let start = before.rfind('\n').map_or(0, |it| it + 1);
    json!({
        "line": before.matches('\n').count(),
        "character": before[start..].encode_utf16().count(),
    })
}

fn offset(text: &str, position: &Value) -> usize {
    let line = usize::try_from(position["line"].as_u64().unwrap()).unwrap();
    let wanted = usize::try_from(position["character"].as_u64().unwrap()).unwrap();
    let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    let mut units = 0;
    for (at, letter) in text[start..].char_indices() {
        if units >= wanted {
            return start + at;
        }
        units += letter.len_utf16();
    }
    text.len()
}

/// What stands under a range.
fn under<'t>(text: &'t str, range: &Value) -> &'t str {
    &text[offset(text, &range["start"])..offset(text, &range["end"])]
}

fn acme_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/acme")
}

fn acme() -> (String, String) {
    let path = acme_folder().join("acme.rules");
    let text = std::fs::read_to_string(&path).unwrap();
    (format!("file://{}", path.display()), text)
}

fn codes(findings: &[Value]) -> Vec<&str> {
    findings
        .iter()
        .map(|it| it["code"].as_str().unwrap())
        .filter(|it| !matches!(*it, "P601" | "C504" | "C505" | "C506"))
        .collect()
}

#[test]
fn an_editor_is_served_from_its_greeting_to_its_goodbye() {
    let (uri, text) = acme();
    let mut editor = Editor::ready();
    editor.open(&uri, &text);
    let clean = editor.findings(&uri);
    assert!(codes(&clean).is_empty(), "{clean:#?}");

    // A fault in a line with letters of two UTF-16 units before it.
    let faulty = text.replace(
        "  cf_utm               = json(traits.utm)",
        "  cf_utm               = first_filled(\"😀é\", json(traits.utn))",
    );
    assert_ne!(faulty, text);
    editor.change(&uri, &faulty);
    let findings = editor.findings(&uri);
    assert!(codes(&findings).contains(&"N204"), "{findings:#?}");
    let unknown = findings.iter().find(|it| it["code"] == "N204").unwrap();
    assert_eq!(under(&faulty, &unknown["range"]), "traits.utn");
    assert_eq!(unknown["severity"], 1);
    let message = unknown["message"].as_str().unwrap();
    assert!(message.contains("did you mean `traits.utm`?"), "{message}");

    // The fix takes its message away.
    let actions = editor.ask(
        "textDocument/codeAction",
        &json!({ "textDocument": { "uri": uri }, "range": unknown["range"], "context": { "diagnostics": [] } }),
    );
    let edit = &actions[0]["edit"]["changes"][&uri][0];
    let mut mended = faulty.clone();
    let (start, end) = (
        offset(&faulty, &edit["range"]["start"]),
        offset(&faulty, &edit["range"]["end"]),
    );
    mended.replace_range(start..end, edit["newText"].as_str().unwrap());
    editor.change(&uri, &mended);
    let after = editor.findings(&uri);
    assert!(!codes(&after).contains(&"N204"), "{after:#?}");

    // Formatting gives the tidy text back.
    let untidy = text.replace("  first_name           =", "  first_name =");
    editor.change(&uri, &untidy);
    let edits = editor.ask(
        "textDocument/formatting",
        &json!({ "textDocument": { "uri": uri }, "options": {} }),
    );
    assert_eq!(under(&untidy, &edits[0]["range"]), untidy);
    assert_eq!(edits[0]["newText"], Value::String(text));
    editor.stop();
}

#[test]
fn hover_tells_what_a_word_is() {
    let (uri, text) = acme();
    let mut editor = Editor::ready();
    let text = text + "\nallow P601 because \"they are measured\"\n";
    editor.open(&uri, &text);
    let cases = [
        (
            "traits.mrr, 2",
            "244; 35 are texts, 71 have a third decimal",
        ),
        ("traits.mrr, 2", "optional decimal"),
        ("traits.plan.seats", "optional integer"),
        ("decimal(traits", "decimal(number"),
        ("email(email) ", "It can fail"),
        ("free_mail\n", "8 words: gmail.com"),
        (
            "consent_words\n  cf_plan",
            "complained = \"Reported as spam\"",
        ),
        ("consent via", "opted_out when unsubscribed or suppressed"),
        ("subscription_status  =", "one of"),
        (
            "cf_plan_seats        =",
            "\"Plan seats\": integer, a custom field on lead, contact",
        ),
        ("esp_suppression is", "made from the capture"),
        ("P601 because", "**P601**"),
    ];
    for (words, told) in cases {
        let at = text.rfind(words).unwrap_or_else(|| panic!("{words}"));
        let answer = editor.at("textDocument/hover", &uri, &text, at + 2);
        let found = answer["contents"]["value"].as_str().unwrap_or_default();
        assert!(found.contains(told), "{words}: {answer}");
        let word = under(&text, &answer["range"]);
        assert!(words.starts_with(word), "{word}");
    }
    let nothing = editor.at("textDocument/hover", &uri, &text, 0);
    assert_eq!(nothing, Value::Null);
    editor.stop();
}

/// What is proposed at `|` once the text before it was put behind `after`.
fn proposed(editor: &mut Editor, uri: &str, text: &str, after: &str, typed: &str) -> Vec<String> {
    let at = text.find(after).unwrap_or_else(|| panic!("{after}")) + after.len();
    let changed = format!("{}{typed}{}", &text[..at], &text[at..]);
    editor.change(uri, &changed);
    editor.labels(uri, &changed, at + typed.len())
}

/// Behind which text, what is typed, what is proposed among others, and what is not.
type Proposed = (
    &'static str,
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
);

const PROPOSED: &[Proposed] = &[
    (
        "map person to contact, lead\n",
        "  ",
        &["mobile_number", "cf_mrr", "only", "key"],
        &["website", "lower"],
    ),
    (
        "map object \"company\" to account\n",
        "  ",
        &["website", "cf_industry"],
        &["mobile_number"],
    ),
    (
        "map person to contact, lead\n",
        "  only ",
        &["lead", "contact"],
        &["account"],
    ),
    (
        "map person to contact, lead\n",
        "  first_name = ",
        &["traits.first_name", "domain", "lower", "lookup"],
        &["industry"],
    ),
    (
        "map object \"company\" to account\n",
        "  city = ",
        &["hq.city", "industry"],
        &["traits.first_name"],
    ),
    (
        "map person to contact, lead\n",
        "  first_name = traits.pl",
        &["traits.plan", "traits.plan.seats"],
        &[],
    ),
    (
        "map person to contact, lead\n",
        "  status = traits.status via ",
        &["lead_status", "consent_words"],
        &["lower"],
    ),
    (
        "map person to contact, lead\n",
        "  only lead status = ",
        &["Contacted"],
        &[],
    ),
    (
        "map person to contact, lead\n",
        "  email = email(email) else ",
        &["hold", "blank, report"],
        &["traits.plan"],
    ),
    (
        "fact identity of person\n",
        "  odd when traits.status is ",
        &["active", "trial", "blank"],
        &["lower"],
    ),
    (
        "fact identity of person\n",
        "  odd when email_domain(email) in ",
        &["free_mail", "customer_sites"],
        &["lower"],
    ),
    (
        "fact identity of person\n",
        "  odd when domain is ",
        &["business", "personal"],
        &["trial"],
    ),
    (
        "| becomes                            |\n",
        "  | known | ",
        &["personal", "any except", "other"],
        &["trial"],
    ),
    (
        "| becomes                            |\n",
        "  | known | any | any | ",
        &["trial", "closed"],
        &["personal"],
    ),
    (
        "| becomes                            |\n",
        "  | known | any | any | any | ",
        &["lead", "contact", "hold"],
        &["closed"],
    ),
    (
        "values consent_words\n",
        "  ",
        &["bounced", "blank", "other"],
        &["Bounced"],
    ),
    (
        "values consent_words\n",
        "  bounced = ",
        &["Bounced", "Reported as spam"],
        &["lower"],
    ),
    (
        "example \"nobody yet\"\n",
        "  given person traits.lifecycle_stage ",
        &["mql", "traits.plan"],
        &["industry"],
    ),
    (
        "example \"nobody yet\"\n",
        "  expect lead ",
        &["mobile_number"],
        &["website"],
    ),
    (
        "edition suite\n",
        "",
        &["decide", "map", "list"],
        &["lower"],
    ),
];

#[test]
fn completion_proposes_what_may_stand_there() {
    let (uri, text) = acme();
    let mut editor = Editor::ready();
    editor.open(&uri, &text);
    for (after, typed, there, not_there) in PROPOSED {
        let found = proposed(&mut editor, &uri, &text, after, typed);
        let plain: Vec<&str> = found.iter().map(|it| it.trim_matches('"')).collect();
        for word in *there {
            assert!(plain.contains(word), "`{typed}` lacks {word}: {plain:?}");
        }
        for word in *not_there {
            assert!(!plain.contains(word), "`{typed}` has {word}: {plain:?}");
        }
    }
    editor.stop();
}

#[test]
fn neighbours_are_read_from_open_texts_and_show_their_own_findings() {
    let (uri, text) = acme();
    let fields = acme_folder().join("acme.fields");
    let fields_uri = format!("file://{}", fields.display());
    let fields = std::fs::read_to_string(fields).unwrap();
    let mut editor = Editor::ready();
    editor.open(&uri, &text);
    assert!(codes(&editor.findings(&uri)).is_empty());
    // Not saved, yet the rules see it.
    let renamed = fields.replace("  traits.utm  ", "  traits.utms ");
    assert_ne!(renamed, fields);
    editor.open(&fields_uri, &renamed);
    let found = editor.findings(&uri);
    assert!(codes(&found).contains(&"N204"), "{found:#?}");
    let faulty = fields.replace("optional decimal", "optionel decimal");
    editor.change(&fields_uri, &faulty);
    let mut own = editor.findings(&fields_uri);
    while own.is_empty() {
        own = editor.findings(&fields_uri);
    }
    assert_eq!(under(&faulty, &own[0]["range"]), "optionel");
    editor.change(&fields_uri, &fields);
    assert!(editor.findings(&fields_uri).is_empty());
    assert!(codes(&editor.findings(&uri)).is_empty());
    editor.stop();
}

#[test]
fn garbage_is_refused_and_the_next_message_is_answered() {
    let mut editor = Editor::start();
    let early = editor.answer("textDocument/hover", &json!({}));
    assert_eq!(early["error"]["code"], -32002);
    editor.ask("initialize", &json!({}));
    for garbage in [
        &b"Content-Length: 5\r\n\r\n{{{{{"[..],
        b"this is no header\r\n",
        b"Content-Length: many\r\n\r\n",
        b"Content-Length: 99999999999999999999\r\n\r\n",
        b"Content-Length: 4\r\n\r\n\xff\xfe\x00\x01",
        b"Content-Length: 2\r\n\r\n[]",
    ] {
        editor.raw(garbage);
        let answer = editor.next_message();
        assert_eq!(answer["error"]["code"], -32700, "{answer}");
        assert_eq!(answer["id"], Value::Null);
    }
    editor.send(&json!({ "jsonrpc": "2.0", "method": "textDocument/didOpen", "params": 7 }));
    editor.send(&json!({ "jsonrpc": "2.0", "method": "$/odd" }));
    let wrong = editor.answer("textDocument/hover", &json!({ "position": "here" }));
    assert_eq!(wrong["error"]["code"], -32602);
    let unknown = editor.answer("workspace/odd", &json!({}));
    assert_eq!(unknown["error"]["code"], -32601);
    let nowhere = json!({ "textDocument": { "uri": "file:///none.rules" }, "position": { "line": 4_000_000_000_u32, "character": 9 } });
    assert_eq!(editor.ask("textDocument/hover", &nowhere), Value::Null);
    editor.stop();
}

#[test]
fn a_storm_of_changes_ends_with_the_last_text() {
    let (uri, text) = acme();
    let mut editor = Editor::ready();
    editor.open(&uri, &text);
    // Every prefix of a line, as somebody types it, and odd texts between.
    let line = "\n  cf_utm = decimal(((((traits.unheard, \"";
    for round in 0..8 {
        for end in 0..line.len() {
            editor.change(&uri, &format!("{text}{}", &line[..end]));
        }
        editor.change(&uri, &"(".repeat(20_000 + round));
        editor.change(&uri, "decide person\n | | |\n|");
        editor.change(&uri, "");
        editor.change(&uri, &text[..text.len() * round / 8]);
    }
    editor.change(&uri, &text);
    // An answer comes after the storm, and then the findings of the last text.
    editor.at("textDocument/hover", &uri, &text, 3);
    editor.change(&uri, &text.replace("json(traits.utm)", "json(traits.utx)"));
    loop {
        let found = editor.findings(&uri);
        if codes(&found) == ["N204"] || codes(&found).contains(&"N204") {
            break;
        }
    }
    editor.stop();
}

/// No neighbours at all.
struct Nothing;

impl Files for Nothing {
    fn read(&self, _: &str) -> Result<Vec<u8>, String> {
        Err("there is nothing".to_owned())
    }
}

/// Every place of texts that are cut anywhere: no panic, and every span lies in the text.
#[test]
fn no_place_of_any_text_is_too_odd() {
    let (_, text) = acme();
    let odd = "é😀\"x . \u{feff}| a | \u{301}\r\nmap person to\r\n  = \r\n  \"";
    let layout = layout();
    let environment = Environment {
        layout: &layout,
        schema: None,
    };
    for text in [
        odd,
        &text[..4000],
        &text[2000..2900],
        "",
        "|",
        "map",
        "\"",
        "decide person\n|",
    ] {
        let source = Source::new("odd.rules", text);
        for at in (0..=text.len() + 2).step_by(if text.len() > 500 { 37 } else { 1 }) {
            if let Some(hover) = assist::hover(&source, &Nothing, &environment, at) {
                assert_eq!(source.clamp(hover.span), hover.span);
            }
            let found = assist::complete(&source, &Nothing, &environment, at);
            assert_eq!(source.clamp(found.span), found.span);
        }
    }
}

/// The colours of an editor know every keyword of the language, and no other.
#[test]
fn the_editor_grammar_lists_the_keywords_of_the_language() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("grammar/editors");
    let shared = std::fs::read_to_string(path.join("mapwright.tmLanguage.json")).unwrap();
    let grammar: Value = serde_json::from_str(&shared).unwrap();
    let pattern = grammar["repository"]["keyword"]["match"].as_str().unwrap();
    let inside = &pattern[pattern.find("(?:").unwrap() + 3..pattern.rfind(')').unwrap()];
    let inside = inside.split(')').next().unwrap();
    let found: Vec<&str> = inside.split('|').collect();
    assert_eq!(found, assist::keywords());
    let package = std::fs::read_to_string(path.join("vscode/package.json")).unwrap();
    let package: Value = serde_json::from_str(&package).unwrap();
    let used = package["contributes"]["grammars"][0]["path"]
        .as_str()
        .unwrap();
    let copied = package["scripts"]["grammar"].as_str().unwrap();
    assert!(copied.contains("../mapwright.tmLanguage.json"), "{copied}");
    assert!(used.ends_with("mapwright.tmLanguage.json"), "{used}");
    let text = std::fs::read_to_string(path.join("vscode/language-configuration.json")).unwrap();
    serde_json::from_str::<Value>(&text).unwrap();
}
