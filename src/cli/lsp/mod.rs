//! `mapwright lsp`: an editor's questions on standard input, answers on standard output.
//!
//! One thread reads, this one answers. What has piled up is taken at once, so that a storm of
//! changes is checked once, after its last one.

mod answers;
mod documents;
mod frames;
mod messages;
mod positions;
mod publish;

use std::io::Write;
use std::path::Path;

use crossbeam_channel::{Receiver, unbounded};
use lsp_server::{ErrorCode, Message, Notification, Request, Response};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::arguments::Lsp;
use super::{Exit, Failure, destination, written};
use crate::model::{Schema, SourceEntity};
use documents::Documents;
use frames::Frame;
use messages::{Changed, Opened, Saved, Watched};

/// Answers until `exit`, or until the editor goes away.
pub(super) fn lsp(command: &Lsp, out: &mut dyn Write) -> Result<Exit, Failure> {
    let (sender, receiver) = unbounded();
    // The reader ends with the process: nothing can interrupt a blocked read.
    std::thread::spawn(move || frames::read(&mut std::io::stdin().lock(), &sender));
    let mut server = Server {
        desk: Desk {
            documents: Documents::default(),
            layout: crate::customerio::layout(),
            schema: editor_schema(command.from.as_deref()),
        },
        published: publish::Published::default(),
        is_initialized: false,
        is_shut_down: false,
        is_stale: false,
    };
    let done = server.serve(&receiver, out);
    written(done)?;
    Ok(if server.is_shut_down {
        Exit::Clean
    } else {
        Exit::Findings
    })
}

/// The destination as far as an editor needs it. Without a capture nobody knows the account's users.
fn editor_schema(capture: Option<&Path>) -> Option<Schema> {
    let mut schema = destination::sandbox_schema(
        capture.unwrap_or(Path::new("")),
        crate::freshsales::edition::Edition::default(),
    )
    .ok()?;
    schema.users_unknown |= capture.is_none();
    Some(schema)
}

/// What every answer is made from.
struct Desk {
    documents: Documents,
    layout: Vec<SourceEntity>,
    schema: Option<Schema>,
}

struct Server {
    desk: Desk,
    published: publish::Published,
    is_initialized: bool,
    is_shut_down: bool,
    /// A text changed since the last check.
    is_stale: bool,
}

impl Server {
    fn serve(&mut self, messages: &Receiver<Frame>, out: &mut dyn Write) -> std::io::Result<()> {
        loop {
            // Checks wait until nothing else does.
            let frame = if let Ok(frame) = messages.try_recv() {
                frame
            } else {
                self.check(out)?;
                let Ok(frame) = messages.recv() else {
                    return Ok(());
                };
                frame
            };
            match frame {
                Frame::Message(Message::Request(request)) => {
                    let response = self.answer(request);
                    Message::Response(response).write(&mut &mut *out)?;
                }
                Frame::Message(Message::Notification(it)) if it.method == "exit" => return Ok(()),
                Frame::Message(Message::Notification(it)) => self.take(it),
                // Nothing was asked of the editor.
                Frame::Message(Message::Response(_)) => {}
                Frame::Bad(why) => refuse(&why, out)?,
            }
        }
    }

    fn check(&mut self, out: &mut dyn Write) -> std::io::Result<()> {
        if !std::mem::take(&mut self.is_stale) {
            return Ok(());
        }
        for message in self.published.check(&self.desk) {
            Message::Notification(message).write(&mut &mut *out)?;
        }
        Ok(())
    }

    fn answer(&mut self, request: Request) -> Response {
        let Request { id, method, params } = request;
        if !self.is_initialized && method != "initialize" {
            let words = "expected `initialize` first".to_owned();
            return Response::new_err(id, ErrorCode::ServerNotInitialized as i32, words);
        }
        if self.is_shut_down {
            let words = "the server was shut down".to_owned();
            return Response::new_err(id, ErrorCode::InvalidRequest as i32, words);
        }
        let answer = match method.as_str() {
            "initialize" => {
                self.is_initialized = true;
                Ok(messages::capabilities())
            }
            "shutdown" => {
                self.is_shut_down = true;
                Ok(Value::Null)
            }
            "textDocument/hover" => given(params).map(|it| answers::hover(&self.desk, &it)),
            "textDocument/completion" => {
                given(params).map(|it| answers::completion(&self.desk, &it))
            }
            "textDocument/formatting" => {
                given(params).map(|it| answers::formatting(&self.desk, &it))
            }
            "textDocument/codeAction" => {
                given(params).map(|it| answers::code_actions(&self.desk, &it))
            }
            other => {
                let words = format!("`{other}` is not answered here");
                return Response::new_err(id, ErrorCode::MethodNotFound as i32, words);
            }
        };
        match answer {
            Ok(value) => Response::new_ok(id, value),
            Err(why) => Response::new_err(id, ErrorCode::InvalidParams as i32, why),
        }
    }

    fn take(&mut self, notification: Notification) {
        let Notification { method, params } = notification;
        let documents = &mut self.desk.documents;
        // A notification that cannot be read has nobody to tell.
        let changed = match method.as_str() {
            "textDocument/didOpen" => given(params).map(|it: Opened| documents.open(it)),
            "textDocument/didChange" => given(params).map(|it: Changed| documents.change(it)),
            "textDocument/didSave" => given(params).map(|it: Saved| documents.save(it)),
            "textDocument/didClose" => given(params).map(|it: Saved| documents.close(&it)),
            "workspace/didChangeWatchedFiles" => given(params).map(|_: Watched| ()),
            _ => return,
        };
        self.is_stale |= changed.is_ok();
    }
}

fn given<T: DeserializeOwned>(params: Value) -> Result<T, String> {
    serde_json::from_value(params).map_err(|error| error.to_string())
}

/// Words that were no message: an error without an id, as JSON-RPC wants it.
fn refuse(why: &str, out: &mut dyn Write) -> std::io::Result<()> {
    let body = serde_json::json!({
        "jsonrpc": "2.0",
        "id": null,
        "error": { "code": ErrorCode::ParseError as i32, "message": why },
    })
    .to_string();
    write!(out, "Content-Length: {}\r\n\r\n{body}", body.len())?;
    out.flush()
}
