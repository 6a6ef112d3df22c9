//! A server on the loopback, on a thread of its own.

use std::io;
use std::net::SocketAddr;
use std::thread::JoinHandle;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Response;
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use super::wire::{Manner, Wires};

/// How long running requests may take to end once the server is told to stop.
const GRACE: Duration = Duration::from_secs(2);

/// A running server; dropping it stops it.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// Why a server does not listen.
#[derive(Debug, Error)]
pub enum ListenError {
    #[error("the sandbox listens on loopback addresses only, not on `{address}`")]
    NotLoopback { address: SocketAddr },
    #[error("the sandbox could not listen on `{address}`: {reason}")]
    Listen { address: SocketAddr, reason: String },
}

impl Server {
    /// Begins to listen; `router` finds the [`Manner`] of its connection in `ConnectInfo`.
    ///
    /// # Errors
    /// An address that is not loopback, or that is taken.
    pub fn start(listen: SocketAddr, router: Router) -> Result<Server, ListenError> {
        if !listen.ip().is_loopback() {
            return Err(ListenError::NotLoopback { address: listen });
        }
        let failed = |error: io::Error| ListenError::Listen {
            address: listen,
            reason: error.to_string(),
        };
        let socket = std::net::TcpListener::bind(listen).map_err(failed)?;
        socket.set_nonblocking(true).map_err(failed)?;
        let address = socket.local_addr().map_err(failed)?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(failed)?;
        let (stop, stopped) = oneshot::channel::<()>();
        let thread = std::thread::Builder::new()
            .name("sandbox".to_owned())
            .spawn(move || {
                runtime.block_on(until(socket, router, stopped));
            })
            .map_err(failed)?;
        Ok(Server {
            address,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until ctrl-c, then stops.
    pub fn wait(self) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        if let Ok(runtime) = runtime {
            // Without a signal to wait for there is nothing to wait for.
            drop(runtime.block_on(tokio::signal::ctrl_c()));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

/// An answer of this status, content type, further headers and text.
#[must_use]
pub fn told(status: u16, kind: &str, headers: &[(&str, String)], text: String) -> Response<Body> {
    let mut response = Response::builder()
        .status(status)
        .header("content-type", kind);
    for (name, value) in headers {
        response = response.header(*name, value);
    }
    response.body(Body::from(text)).unwrap_or_default()
}

/// Serves until told to stop, and a little longer for the requests that still run.
async fn until(socket: std::net::TcpListener, router: Router, stopped: oneshot::Receiver<()>) {
    let Ok(listener) = TcpListener::from_std(socket) else {
        return;
    };
    let (ending, ended) = oneshot::channel::<()>();
    let told = async move {
        let _ = stopped.await;
        let _ = ending.send(());
    };
    // A client that keeps its connection open must not keep the server alive.
    let grace = async move {
        let _ = ended.await;
        tokio::time::sleep(GRACE).await;
    };
    let service = router.into_make_service_with_connect_info::<Manner>();
    let serve = axum::serve(Wires(listener), service).with_graceful_shutdown(told);
    tokio::select! {
        _ = serve.into_future() => {}
        () = grace => {}
    }
}
