//! The one client against a scripted server on loopback: which failure is which, and what is shown.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use jiff::Timestamp;
use mapwright::clock::{Clock, TestClock};
use mapwright::http::{Client, HttpError, Method, Pace, Repeat, Request, Settings};
use secrecy::SecretString;

const TOKEN: &str = "k3y-that-nobody-sees";

/// What the server does with one connection.
enum Deed {
    /// Sends this text and closes.
    Say(&'static str),
    /// Closes without a word.
    HangUp,
    /// Says nothing for longer than the client waits.
    Sleep,
}

/// Serves `deeds` one connection each; hands out what was asked.
fn serve(deeds: Vec<Deed>) -> (String, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}/crm/sales/api", listener.local_addr().unwrap());
    let (sender, asked) = mpsc::channel();
    std::thread::spawn(move || {
        for deed in deeds {
            let (mut stream, _) = listener.accept().unwrap();
            sender.send(request_text(&mut stream)).unwrap();
            match deed {
                Deed::Say(text) => stream.write_all(text.as_bytes()).unwrap(),
                Deed::HangUp => {}
                Deed::Sleep => std::thread::sleep(Duration::from_millis(900)),
            }
        }
    });
    (base, asked)
}

fn request_text(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let count = stream.read(&mut chunk).unwrap();
        text.extend_from_slice(&chunk[..count]);
        let shown = String::from_utf8_lossy(&text).into_owned();
        let Some((head, body)) = shown.split_once("\r\n\r\n") else {
            assert!(count > 0, "the client left early");
            continue;
        };
        let length = head
            .lines()
            .find_map(|line| {
                line.to_lowercase()
                    .strip_prefix("content-length: ")?
                    .parse()
                    .ok()
            })
            .unwrap_or(0_usize);
        if body.len() >= length {
            return shown;
        }
    }
}

fn client(base: &str) -> (Client, Arc<TestClock>) {
    let clock = Arc::new(TestClock::at(Timestamp::UNIX_EPOCH));
    let token = SecretString::from(TOKEN);
    let mut settings = Settings::with_token(base, &token, Pace::default());
    settings.silence = Duration::from_millis(300);
    let shared: Arc<dyn Clock> = clock.clone();
    (Client::new(&settings, shared).unwrap(), clock)
}

fn read() -> Request {
    Request::new(Method::Get, "/lookup").with_query("q", "a+b&c@example.com")
}

fn write() -> Request {
    Request::new(Method::Post, "/notes").with_json(&serde_json::json!({"note": {"x": 1}}))
}

const FINE: &str = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nset-cookie: a=b\r\n\
    x-ratelimit-remaining: 7\r\ncontent-length: 4\r\nconnection: close\r\n\r\ntrue";
const BUSY: &str = "HTTP/1.1 429 Too Many Requests\r\nretry-after: 30\r\ncontent-length: 0\r\n\
    connection: close\r\n\r\n";
const BROKEN: &str = "HTTP/1.1 503 No\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
const CUT: &str = "HTTP/1.1 200 OK\r\ncontent-length: 400\r\nconnection: close\r\n\r\n{\"no";

#[test]
fn a_request_goes_below_the_base_with_its_key() {
    let (base, asked) = serve(vec![Deed::Say(FINE)]);
    let (client, _) = client(&base);
    let answer = client.send(&read()).unwrap();
    assert_eq!((answer.status, answer.body.as_slice()), (200, &b"true"[..]));
    let kept: Vec<&str> = answer
        .headers
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(kept, ["content-type", "x-ratelimit-remaining"]);
    let text = asked.recv().unwrap();
    let first = text.lines().next().unwrap();
    assert_eq!(
        first,
        "GET /crm/sales/api/lookup?q=a%2Bb%26c%40example.com HTTP/1.1"
    );
    assert!(
        text.to_lowercase()
            .contains(&format!("authorization: token token={TOKEN}"))
    );
}

#[test]
fn a_closed_port_means_not_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let (client, clock) = client(&base);
    let ended = client.call(&write(), Repeat::Unsafe);
    assert!(matches!(ended, Err(HttpError::NotSent { .. })), "{ended:?}");
    assert!(clock.now() > Timestamp::UNIX_EPOCH, "it was tried again");
}

#[test]
fn hang_up_silence_and_cut_body_are_unknown_and_a_write_is_sent_once() {
    for deed in [Deed::HangUp, Deed::Sleep, Deed::Say(CUT), Deed::Say(BROKEN)] {
        let (base, asked) = serve(vec![deed, Deed::Say(FINE)]);
        let (client, _) = client(&base);
        let ended = client.call(&write(), Repeat::Unsafe);
        assert!(matches!(ended, Err(HttpError::Unknown { .. })), "{ended:?}");
        assert!(asked.recv().is_ok());
        assert!(asked.try_recv().is_err(), "a write was sent twice");
    }
}

#[test]
fn a_400_that_means_429_is_waited_out_and_one_that_blames_the_record_is_not() {
    const TOLD: &str = "HTTP/1.1 400 Bad Request\r\ncontent-length: 61\r\nconnection: close\r\n\r\n\
        {\"errors\":{\"code\":400,\"message\":[\"Too many requests today\"]}}";
    const LATER: &str = "HTTP/1.1 400 Bad Request\r\nretry-after: 9\r\ncontent-length: 0\r\n\
        connection: close\r\n\r\n";
    const BLAMED: &str = "HTTP/1.1 400 Bad Request\r\ncontent-length: 61\r\nconnection: close\r\n\r\n\
        {\"errors\":{\"code\":400,\"message\":[\"Name is already taken 1\"]}}";
    for busy in [TOLD, LATER] {
        let (base, asked) = serve(vec![Deed::Say(busy), Deed::Say(FINE)]);
        let (client, clock) = client(&base);
        let ended = client.call(&write(), Repeat::Unsafe).unwrap();
        assert_eq!(ended.status, 200);
        assert!(clock.now() > Timestamp::UNIX_EPOCH, "it waited");
        assert_eq!(asked.recv().unwrap(), asked.recv().unwrap());
    }
    let (base, asked) = serve(vec![Deed::Say(BLAMED), Deed::Say(FINE)]);
    let (client, _) = client(&base);
    let ended = client.call(&write(), Repeat::Unsafe).unwrap();
    assert!(ended.status == 400 && !ended.is_throttled());
    assert!(asked.recv().is_ok() && asked.try_recv().is_err());
}

#[test]
fn a_broken_read_is_repeated() {
    let (base, asked) = serve(vec![
        Deed::HangUp,
        Deed::Say(BROKEN),
        Deed::Say(CUT),
        Deed::Say(FINE),
    ]);
    let (client, _) = client(&base);
    assert_eq!(client.call(&read(), Repeat::Safe).unwrap().status, 200);
    assert_eq!(asked.try_iter().count(), 4);
}

#[test]
fn too_many_requests_are_waited_out_even_for_a_write() {
    let (base, asked) = serve(vec![Deed::Say(BUSY), Deed::Say(BUSY), Deed::Say(FINE)]);
    let (client, clock) = client(&base);
    assert_eq!(client.call(&write(), Repeat::Unsafe).unwrap().status, 200);
    assert_eq!(asked.try_iter().count(), 3);
    assert_eq!(clock.now().as_second(), 60);
}

#[test]
fn a_redirect_is_an_answer_and_is_not_followed() {
    let moved = "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:9/\r\ncontent-length: 0\r\n\
        connection: close\r\n\r\n";
    let (base, _asked) = serve(vec![Deed::Say(moved)]);
    let (client, _) = client(&base);
    assert_eq!(client.call(&read(), Repeat::Safe).unwrap().status, 302);
}

#[test]
fn several_threads_may_call_at_once() {
    let (base, asked) = serve((0..8).map(|_| Deed::Say(FINE)).collect());
    let (client, _) = client(&base);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| assert_eq!(client.send(&read()).unwrap().status, 200));
        }
    });
    assert_eq!(asked.try_iter().count(), 8);
}

#[test]
fn plain_http_leaves_this_machine_never() {
    let clock: Arc<dyn Clock> = Arc::new(TestClock::at(Timestamp::UNIX_EPOCH));
    let bases = [
        "http://example.com/api",
        "ftp://127.0.0.1/",
        "https://name:word@example.com",
        "nonsense",
    ];
    for base in bases {
        let settings = Settings::with_token(base, &SecretString::from(TOKEN), Pace::default());
        let refused = Client::new(&settings, Arc::clone(&clock)).err();
        assert!(
            matches!(refused, Some(HttpError::Unusable { .. })),
            "{base}"
        );
    }
}

#[test]
fn neither_key_nor_values_are_shown() {
    let (base, _asked) = serve(vec![Deed::HangUp]);
    let (client, _) = client(&base);
    let error = client.send(&read()).unwrap_err();
    let settings = Settings::with_token(&base, &SecretString::from(TOKEN), Pace::default());
    let shown = format!(
        "{error} {error:?} {:?} {:?} {:?}",
        read(),
        write(),
        settings
    );
    for hidden in [TOKEN, "example.com", "\"x\""] {
        assert!(!shown.contains(hidden), "{shown}");
    }
}
