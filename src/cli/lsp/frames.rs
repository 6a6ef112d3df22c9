//! Messages from a stream of bytes; what is none is named and passed over, and the next one is read.

use std::io::{BufRead, Read};

use crossbeam_channel::Sender;
use lsp_server::Message;

/// The longest message that is read; a rule file is a thousandth of it.
const BODY_BYTES_MAX: usize = 64 * 1024 * 1024;

/// The longest header line; anything longer is no header.
const LINE_BYTES_MAX: u64 = 8 * 1024;

pub(super) enum Frame {
    Message(Message),
    /// What was wrong with something that should have been a message.
    Bad(String),
}

/// Sends what it reads until the stream or the receiver ends.
pub(super) fn read(input: &mut impl BufRead, sender: &Sender<Frame>) {
    while let Ok(Some(frame)) = frame(input) {
        if sender.send(frame).is_err() {
            return;
        }
    }
}

fn frame(input: &mut impl BufRead) -> std::io::Result<Option<Frame>> {
    let mut size: Option<usize> = None;
    loop {
        let mut line = Vec::new();
        if (&mut *input)
            .take(LINE_BYTES_MAX)
            .read_until(b'\n', &mut line)?
            == 0
        {
            return Ok(None);
        }
        let line = String::from_utf8_lossy(&line);
        let line = line.trim();
        if line.is_empty() {
            match size {
                Some(size) => return body(input, size).map(Some),
                // Blank lines between messages hurt nobody.
                None => continue,
            }
        }
        match line.split_once(':') {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                match value.trim().parse() {
                    Ok(found) if found <= BODY_BYTES_MAX => size = Some(found),
                    Ok(_) | Err(_) => return Ok(Some(bad("a length that is none"))),
                }
            }
            Some((name, _)) if name.eq_ignore_ascii_case("content-type") => {}
            Some(_) | None => return Ok(Some(bad("a header line that is none"))),
        }
    }
}

fn body(input: &mut impl BufRead, size: usize) -> std::io::Result<Frame> {
    let mut body = vec![0; size];
    input.read_exact(&mut body)?;
    Ok(match serde_json::from_slice(&body) {
        Ok(message) => Frame::Message(message),
        Err(_) => bad("a body that is no message"),
    })
}

fn bad(what: &str) -> Frame {
    Frame::Bad(format!("expected a message, found {what}"))
}
