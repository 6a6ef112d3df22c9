//! Connections whose answers are cut, halved or dripped on purpose.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::task::Context;
use std::task::Poll;
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::IncomingStream;
use axum::serve::Listener;
use tokio::io::AsyncRead;
use tokio::io::AsyncWrite;
use tokio::io::ReadBuf;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::time::Sleep;

/// Bytes of one piece of a dripping answer.
const PIECE: usize = 64;

/// How an answer goes over the wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Delivery {
    #[default]
    Whole,
    Cut,
    Half,
    /// With a wait before each piece.
    Drip {
        wait_ms: u64,
    },
}

/// A listener whose connections do as they are told.
pub(super) struct Wires(pub(super) TcpListener);

/// One connection.
pub(super) struct Wire {
    stream: TcpStream,
    manner: Manner,
    /// What may still go out before the cut.
    left: Option<usize>,
    pause: Option<Pin<Box<Sleep>>>,
}

/// How the answers of a connection go out from now on.
#[derive(Clone)]
pub struct Manner(Arc<Mutex<Delivery>>);

impl Delivery {
    /// The word of a log.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Delivery::Whole => "whole",
            Delivery::Cut => "cut",
            Delivery::Half => "half",
            Delivery::Drip { .. } => "drip",
        }
    }
}

impl Manner {
    /// From the next answer on.
    pub fn set(&self, delivery: Delivery) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = delivery;
    }

    fn get(&self) -> Delivery {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Listener for Wires {
    type Io = Wire;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Wire, SocketAddr) {
        let (stream, address) = Listener::accept(&mut self.0).await;
        // Small answers would otherwise wait for the peer's delayed acknowledgement. A failure
        // costs time alone.
        let _ = stream.set_nodelay(true);
        let wire = Wire {
            stream,
            manner: Manner(Arc::new(Mutex::new(Delivery::Whole))),
            left: None,
            pause: None,
        };
        (wire, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

impl Connected<IncomingStream<'_, Wires>> for Manner {
    fn connect_info(stream: IncomingStream<'_, Wires>) -> Manner {
        stream.io().manner.clone()
    }
}

impl Wire {
    /// Sends some bytes and counts down to the cut.
    fn send(
        &mut self,
        context: &mut Context<'_>,
        bytes: &[u8],
        left: usize,
    ) -> Poll<io::Result<usize>> {
        if left == 0 {
            return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
        }
        let part = bytes.get(..left.min(bytes.len())).unwrap_or(bytes);
        let sent = Pin::new(&mut self.stream).poll_write(context, part);
        if let Poll::Ready(Ok(count)) = sent {
            self.left = Some(left - count);
        }
        sent
    }
}

/// The head of an answer and half of its body, which come in one piece from the server.
fn half(bytes: &[u8]) -> usize {
    let head = memchr::memmem::find(bytes, b"\r\n\r\n").map_or(0, |at| at + 4);
    head + (bytes.len() - head) / 2
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.manner.get() {
            Delivery::Whole => Pin::new(&mut self.stream).poll_write(context, bytes),
            Delivery::Cut => Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into())),
            Delivery::Half => {
                let left = self.left.unwrap_or_else(|| half(bytes));
                self.send(context, bytes, left)
            }
            Delivery::Drip { wait_ms } => {
                let pause = self.pause.get_or_insert_with(|| {
                    Box::pin(tokio::time::sleep(Duration::from_millis(wait_ms)))
                });
                if pause.as_mut().poll(context).is_pending() {
                    return Poll::Pending;
                }
                self.pause = None;
                let piece = bytes.get(..PIECE.min(bytes.len())).unwrap_or(bytes);
                Pin::new(&mut self.stream).poll_write(context, piece)
            }
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
