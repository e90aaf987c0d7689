//! A server on port 0 and clients that speak bytes.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Frame};
use hyper::service::service_fn;
use hyper::{Request, Response};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::serve::{Config, Counters, Drain, Drained, Trigger, Upload, run};

/// A limit that a test waits for.
pub(super) const MOMENT: Duration = Duration::from_millis(100);
/// A limit that no test reaches.
pub(super) const LONG: Duration = Duration::from_secs(20);

pub(super) const GET: &str = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";

/// Limits that never apply.
pub(super) fn patient() -> Config {
    Config { head: LONG, keep_alive: LONG, progress: LONG, ..Config::default() }
}

/// Limits that all apply after a moment.
pub(super) fn impatient() -> Config {
    Config { head: MOMENT, keep_alive: MOMENT, progress: MOMENT, ..Config::default() }
}

pub(super) type Answer = Response<TestBody>;
type BoxError = Box<dyn std::error::Error + Send + Sync>;
pub(super) type TestBody = http_body_util::combinators::UnsyncBoxBody<Bytes, BoxError>;

pub(super) fn answer(status: u16, body: impl Into<Bytes>) -> Answer {
    let body = Full::new(body.into()).map_err(Into::into).boxed_unsync();
    Response::builder().status(status).body(body).unwrap()
}

/// An answer whose body is what the sender sends.
pub(super) fn streamed() -> (mpsc::Sender<Bytes>, Answer) {
    let (sender, chunks) = mpsc::channel(1);
    (sender, Response::new(Chunks(chunks).boxed_unsync()))
}

struct Chunks(mpsc::Receiver<Bytes>);

impl Body for Chunks {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        self.0.poll_recv(cx).map(|chunk| chunk.map(|chunk| Ok(Frame::data(chunk))))
    }
}

pub(super) struct Server {
    pub(super) addr: SocketAddr,
    pub(super) counters: Arc<Counters>,
    pub(super) drain: Drain,
    trigger: Trigger,
    running: JoinHandle<()>,
}

impl Server {
    pub(super) async fn start<H, F>(config: Config, handler: H) -> Self
    where
        H: Fn(Request<Upload>, Drain) -> F + Clone + Send + 'static,
        F: Future<Output = Answer> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let counters = Arc::new(Counters::default());
        let (trigger, drain) = Drain::new();
        let handed = drain.clone();
        let service = move |_peer| {
            let (handler, drain) = (handler.clone(), handed.clone());
            service_fn(move |request| {
                let answer = handler(request, drain.clone());
                async move { Ok::<_, Infallible>(answer.await) }
            })
        };
        let running = tokio::spawn(run(listener, config, service, drain.clone(), counters.clone()));
        Self { addr, counters, drain, trigger, running }
    }

    pub(super) async fn connect(&self) -> Client {
        Client(within(TcpStream::connect(self.addr)).await.unwrap())
    }

    /// Lets the limits of [`impatient`] pass, several times: each time, a silent client is closed.
    pub(super) async fn limits_pass(&self) {
        for _ in 0..4 {
            assert_eq!(self.connect().await.rest().await, "");
        }
    }

    /// Drains, and waits until nothing of the server is left.
    pub(super) async fn drain(self, deadline: Duration) -> Drained {
        let drained = within(self.trigger.drain(deadline)).await;
        within(self.running).await.unwrap();
        assert_eq!(self.counters.open.load(Relaxed), 0);
        drained
    }
}

pub(super) fn count(counter: &AtomicU64) -> u64 {
    counter.load(Relaxed)
}

pub(super) struct Client(pub(super) TcpStream);

impl Client {
    pub(super) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        within(self.0.write_all(bytes.as_ref())).await.unwrap();
    }

    /// What arrives, up to and including `end`.
    pub(super) async fn until(&mut self, end: &str) -> String {
        let mut got = Vec::new();
        while !got.ends_with(end.as_bytes()) {
            let byte = within(self.0.read_u8()).await;
            got.push(
                byte.unwrap_or_else(|e| panic!("{e} after {:?}", String::from_utf8_lossy(&got))),
            );
        }
        String::from_utf8(got).unwrap()
    }

    /// What arrives before the connection is closed, in order and not by a reset.
    pub(super) async fn rest(&mut self) -> String {
        let mut got = Vec::new();
        within(self.0.read_to_end(&mut got)).await.unwrap();
        String::from_utf8(got).unwrap()
    }
}

/// No test waits for ever.
pub(super) async fn within<F: Future>(future: F) -> F::Output {
    timeout(LONG, future).await.expect("nothing happened for too long")
}
