//! HTTP/1.1 on a bound listener: accept, serve, drain.
//!
//! Owns sockets, their timers and the tasks that serve them. It knows nothing of what a request
//! means: a service answers, and whatever that service does, a client that stalls, sends too much
//! or leaves costs one connection for a bounded time.
//!
//! What a client meets (hyper 1.12 does the parsing; its own `header_read_timeout` is off, because
//! it also runs between requests and ends a connection without a word):
//!
//! | the client | gets |
//! |---|---|
//! | opens a connection and sends nothing for [`Config::head`] | a silent close |
//! | sends a part of a head and not the rest within [`Config::head`] | 408, close |
//! | sends nothing for [`Config::keep_alive`] after an answer | a silent close |
//! | sends a head above [`Config::head_bytes`] or [`Config::headers`] | 431, close |
//! | sends a head that is not HTTP | 400, close |
//! | stalls in a body the service waits for | what the service answers to that body's error |
//! | does not read its answer for [`Config::progress`] | a close |
//! | waits for a slow service, however long | its answer |
//! | is refused before its body was read | the answer, `Connection: close`, a lingering close |
//! | closes, or half-closes, before its answer | nothing: the service's future is dropped |
//!
//! Half-closing is not supported on purpose. A FIN after the request is how a client that left
//! looks, and work for the origin that nobody waits for must end; nginx decides the same.

mod activity;
mod connection;
mod counters;
mod deadline;
mod drain;
mod exchange;
mod linger;
mod listener;
mod progress;
mod timer;

pub(crate) use self::counters::Counters;
pub(crate) use self::drain::{Drain, Drained, Trigger};
pub(crate) use self::exchange::Upload;
pub(crate) use self::progress::Stalled;
pub(crate) use self::timer::Timer;

use std::convert::Infallible;
use std::error::Error;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Body;
use hyper::service::Service;
use hyper::{Request, Response, StatusCode};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinError, JoinSet};
use tokio::time::timeout;
use tracing::{debug, error};

use self::connection::Connections;
use self::listener::Acceptor;

/// The limits on what a client may cost. Zero durations close at once and are never useful.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Config {
    /// From the first byte of a request's head to its last; from accept to the first byte, too.
    pub(crate) head: Duration,
    /// From the last byte of an answer to the first byte of the next request.
    pub(crate) keep_alive: Duration,
    /// Without a byte read of a body the service waits for, or written of an answer that is ready.
    pub(crate) progress: Duration,
    /// The size of a request's head, request line included; also of a chunked body's trailers.
    pub(crate) head_bytes: usize,
    /// The number of header lines in a request's head.
    pub(crate) headers: usize,
    /// The bytes of the answer to a head that no service sees: 408, 431, or 400. The connection is
    /// closed behind it, which it should say.
    pub(crate) refusal: fn(StatusCode, Peer) -> Vec<u8>,
}

/// An answer without words.
fn bare(status: StatusCode, _: Peer) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n").into_bytes()
}

impl Default for Config {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(30),
            keep_alive: Duration::from_secs(75),
            progress: Duration::from_secs(60),
            head_bytes: 32 * 1024,
            headers: connection::HYPER_HEADERS,
            refusal: bare,
        }
    }
}

/// Who is at the other end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Peer {
    /// The address the connection came from: the client's, or that of a proxy before this one.
    pub(crate) addr: SocketAddr,
}

/// What connections get to end in at the drain's deadline.
const ENDING: Duration = Duration::from_millis(500);

/// Serves `listener` until `drain` is signaled and the last connection has ended.
///
/// `service` is called once per connection, in that connection's task, and gives what answers its
/// requests. A panic there, in an answer's future or in its body ends that connection only.
/// Failures to accept are counted, logged and retried; nothing ends `run` but the drain.
pub(crate) async fn run<F, S, B>(
    listener: TcpListener,
    config: Config,
    service: F,
    drain: Drain,
    counters: Arc<Counters>,
) where
    F: Fn(Peer) -> S + Clone + Send + 'static,
    S: Service<Request<Upload>, Response = Response<B>, Error = Infallible> + Send + 'static,
    S::Future: Send,
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let connections = Arc::new(Connections::new(&config, drain.clone(), counters.clone()));
    let open = move |io, peer| connections.open(io, peer, service.clone());
    let connections = accept(listener, &drain, &counters, open).await;
    finish(connections, &drain, &counters).await;
}

/// Opens connections until the drain begins. The port is closed when this returns.
async fn accept<C>(
    listener: TcpListener,
    drain: &Drain,
    counters: &Counters,
    open: impl Fn(TcpStream, Peer) -> C,
) -> JoinSet<()>
where
    C: Future<Output = ()> + Send + 'static,
{
    let listening = drain.guard();
    let mut acceptor = Acceptor::new(listener);
    let mut connections = JoinSet::new();
    let mut signaled = pin!(drain.signaled());
    loop {
        tokio::select! {
            () = &mut signaled => break,
            (io, addr) = acceptor.accept(counters) => {
                connections.spawn(open(io, Peer { addr }));
            }
            Some(ended) = connections.join_next() => observe(ended, counters),
        }
    }
    // The port closes before the guard goes: a drained server refuses.
    drop(acceptor);
    drop(listening);
    connections
}

/// Waits for the open connections, and ends them when the drain's deadline passes.
async fn finish(mut connections: JoinSet<()>, drain: &Drain, counters: &Counters) {
    let mut expired = pin!(drain.expired());
    loop {
        tokio::select! {
            ended = connections.join_next() => match ended {
                Some(ended) => observe(ended, counters),
                None => return,
            },
            () = &mut expired => break,
        }
    }
    // They see the deadline, too, and end as their clients can best understand it.
    let ending = async {
        while let Some(ended) = connections.join_next().await {
            observe(ended, counters);
        }
    };
    if timeout(ENDING, ending).await.is_err() {
        connections.abort_all();
    }
    while let Some(ended) = connections.join_next().await {
        observe(ended, counters);
    }
}

/// Every task's end is looked at here, so that no panic goes unseen.
fn observe(ended: Result<(), JoinError>, counters: &Counters) {
    match ended {
        Err(failure) if failure.is_panic() => {
            counters.panicked();
            error!(%failure, "a connection's task panicked: its client got no answer");
        }
        Err(_) => debug!("a connection was aborted at the drain's deadline"),
        Ok(()) => {}
    }
}

#[cfg(test)]
mod tests;
