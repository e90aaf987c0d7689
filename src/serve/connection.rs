//! One connection: hyper drives it, and this closes it.

use std::convert::Infallible;
use std::error::Error;
use std::pin::Pin;
use std::sync::Arc;

use hyper::body::Body;
use hyper::server::conn::http1::{Builder, Parts, UpgradeableConnection};
use hyper::service::Service;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tracing::debug;

use super::activity::Activity;
use super::exchange::{Tracked, Upload};
use super::progress::{Progress, Stalled};
use super::{Config, Counters, Drain, Peer, linger};

/// The header lines hyper takes without being told. Telling it moves its parser's table to the
/// heap, so the same number is left unsaid.
pub(super) const HYPER_HEADERS: usize = 100;

const TOO_SLOW: StatusCode = StatusCode::REQUEST_TIMEOUT;

/// What hyper buffers of a body before it waits; a head may need more. A client that reads slowly
/// costs this much, however large its answer is.
const BUFFER: usize = 16 * 1024;

/// What the connections of a listener have in common.
pub(super) struct Connections {
    http: Builder,
    config: Config,
    drain: Drain,
    counters: Arc<Counters>,
}

impl Connections {
    pub(super) fn new(config: &Config, drain: Drain, counters: Arc<Counters>) -> Self {
        Self { http: builder(config), config: *config, drain, counters }
    }

    /// Counts and guards a connection from now on; the future serves it.
    pub(super) fn open<F, S, B>(
        self: &Arc<Self>,
        io: TcpStream,
        peer: Peer,
        service: F,
    ) -> impl Future<Output = ()> + use<F, S, B>
    where
        F: Fn(Peer) -> S,
        S: Service<Request<Upload>, Response = Response<B>, Error = Infallible>,
        B: Body + 'static,
        B::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        let held = (self.drain.guard(), self.counters.open());
        let connections = self.clone();
        async move {
            connections.serve(io, peer, service).await;
            drop(held);
        }
    }

    /// Serves `io` until it is closed, or upgraded and handed to its tunnel.
    async fn serve<F, S, B>(&self, io: TcpStream, peer: Peer, service: F)
    where
        F: Fn(Peer) -> S,
        S: Service<Request<Upload>, Response = Response<B>, Error = Infallible>,
        B: Body + 'static,
        B::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        let activity = Arc::new(Activity::default());
        let service = Tracked::new(service(peer), activity.clone());
        let io = TokioIo::new(Progress::new(io, &self.config, activity.clone()));
        let mut connection = self.http.serve_connection(io, service).with_upgrades();
        let ended = self.drain.until_expired(drive(&mut connection, &self.drain)).await;
        if let Some(Err(error)) = &ended {
            debug!(peer = %peer.addr, error = error as &dyn Error, "connection failed");
        }
        let Some(parts) = connection.into_parts() else { return };
        match ended {
            Some(ended) => self.close(parts, ended, &activity, peer).await,
            // Cut at the drain's deadline, where the answer would end with the connection.
            None if activity.ends_by_close() => {
                linger::reset(&parts.io.into_inner().into_inner());
            }
            None => {}
        }
    }

    /// Closes as the client can best understand it.
    async fn close<S>(
        &self,
        parts: Parts<TokioIo<Progress<TcpStream>>, S>,
        ended: hyper::Result<()>,
        activity: &Activity,
        peer: Peer,
    ) {
        let refuse = |status| (self.config.refusal)(status, peer);
        let partial = !parts.read_buf.is_empty();
        let io = parts.io.into_inner();
        if io.stalled().is_some_and(|stalled| stalled != Stalled::Idle) {
            self.counters.stalled();
        }
        if io.is_peer_closed() {
            return;
        }
        match io.stalled() {
            _ if let Some(status) = io.refusal() => {
                linger::refuse(io.into_inner(), &refuse(status)).await;
            }
            None | Some(Stalled::Answer) if !was_answered(&ended) && activity.ends_by_close() => {
                linger::reset(&io.into_inner());
            }
            Some(Stalled::Answer) => {}
            Some(Stalled::Head) => linger::refuse(io.into_inner(), &refuse(TOO_SLOW)).await,
            // A part of a head that came pipelined behind the last request.
            Some(Stalled::Idle) if partial => {
                linger::refuse(io.into_inner(), &refuse(TOO_SLOW)).await;
            }
            _ if was_answered(&ended) && (partial || refused(&ended) || activity.is_unread()) => {
                linger::close(io.into_inner()).await;
            }
            _ => {}
        }
    }
}

fn builder(config: &Config) -> Builder {
    let mut http = Builder::new();
    // Off: `Progress` tells an idle connection from a stalled head, which hyper's does not.
    http.header_read_timeout(None)
        .half_close(false)
        .pipeline_flush(false)
        .max_header_size(config.head_bytes)
        .max_buf_size(config.head_bytes.max(BUFFER));
    if config.headers != HYPER_HEADERS {
        http.max_headers(config.headers);
    }
    http
}

/// Polls the connection to its end; when the drain begins, to the end of the answer under way.
async fn drive<T, S, B>(
    connection: &mut UpgradeableConnection<T, S>,
    drain: &Drain,
) -> hyper::Result<()>
where
    UpgradeableConnection<T, S>: Future<Output = hyper::Result<()>> + Unpin,
    T: hyper::rt::Read + hyper::rt::Write + Unpin,
    S: Service<Request<hyper::body::Incoming>, Response = Response<B>>,
    S::Error: Into<Box<dyn Error + Send + Sync>>,
    B: Body + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    if let Some(ended) = drain.until_signaled(&mut *connection).await {
        return ended;
    }
    Pin::new(&mut *connection).graceful_shutdown();
    connection.await
}

/// Whether the last thing that was sent is an answer, whole.
fn was_answered(ended: &hyper::Result<()>) -> bool {
    ended.is_ok() || refused(ended)
}

/// Whether hyper has refused a request by itself, with 400, 414 or 431.
fn refused(ended: &hyper::Result<()>) -> bool {
    ended.as_ref().is_err_and(hyper::Error::is_parse)
}
