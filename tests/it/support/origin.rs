//! Origins that answer by script, keep what they were asked, and misbehave when told to.

mod connection;
mod log;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, JoinSet};

use self::connection::Conduct;
use self::log::SharedLog;
pub(crate) use self::log::{Log, RawRequest};
use super::{Script, within};

/// A server on loopback, in the runtime of the test, for as long as it is held.
///
/// Dropping it ends the test if a request was malformed, a script waited in vain or a handler
/// panicked: those happen in tasks of their own, where nobody would see them.
pub(crate) struct Origin {
    address: SocketAddr,
    log: SharedLog,
    stop: Option<oneshot::Sender<()>>,
    running: JoinHandle<()>,
}

impl Origin {
    /// Reads each request whole, then answers by the script that `handler` gives for it.
    pub(crate) async fn serve(
        handler: impl Fn(&RawRequest) -> Script + Send + Sync + 'static,
    ) -> Self {
        Self::serve_at(unused(), handler).await
    }

    /// [`Origin::serve`] on a given address: an origin that comes back.
    pub(crate) async fn serve_at(
        address: SocketAddr,
        handler: impl Fn(&RawRequest) -> Script + Send + Sync + 'static,
    ) -> Self {
        Self::start(address, Conduct { early: false, handler: Arc::new(handler) }).await
    }

    /// Answers when it has the head. The body is read by [`Script::read_body`], and what is left
    /// when the script has ended.
    pub(crate) async fn early(
        handler: impl Fn(&RawRequest) -> Script + Send + Sync + 'static,
    ) -> Self {
        Self::start(unused(), Conduct { early: true, handler: Arc::new(handler) }).await
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://` and the address, as a config has it.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Every request so far, also those whose body is still coming.
    pub(crate) fn requests(&self) -> Vec<RawRequest> {
        self.log.read(|log| log.requests.clone())
    }

    /// The only request so far.
    pub(crate) fn request(&self) -> RawRequest {
        let requests = self.requests();
        let [request] = requests.as_slice() else {
            panic!("not one request but {}: {requests:#?}", requests.len())
        };
        request.clone()
    }

    /// How many connections were accepted so far.
    pub(crate) fn connections(&self) -> usize {
        self.log.read(|log| log.connections)
    }

    /// How many bytes the kernel took from all scripts: what backpressure holds down.
    pub(crate) fn sent(&self) -> usize {
        self.log.read(|log| log.sent)
    }

    /// Waits until the log fulfils a condition; `awaited` names it.
    pub(crate) async fn until(&self, awaited: &str, condition: impl Fn(&Log) -> bool) {
        within(awaited, self.log.until(condition)).await;
    }

    /// Stops listening and drops every connection; the address is free when this returns.
    pub(crate) async fn stop(&mut self) {
        drop(self.stop.take());
        within("the origin to stop", &mut self.running).await.unwrap();
    }

    async fn start(address: SocketAddr, conduct: Conduct) -> Self {
        let listener = within("an address for the origin", bind(address)).await;
        let address = listener.local_addr().unwrap();
        let log = SharedLog::new();
        let (stop, stopped) = oneshot::channel();
        let running = tokio::spawn(accept(listener, conduct, log.clone(), stopped));
        Self { address, log, stop: Some(stop), running }
    }
}

impl Drop for Origin {
    fn drop(&mut self) {
        self.running.abort();
        let faults = self.log.read(|log| log.faults);
        if !std::thread::panicking() {
            assert_eq!(faults, 0, "the origin failed: its panic is reported above");
        }
    }
}

/// An address that refuses connections.
pub(crate) async fn nobody_listens() -> SocketAddr {
    TcpListener::bind(unused()).await.unwrap().local_addr().unwrap()
}

/// A process that another test is starting has every socket for a moment, also one that was just
/// let go.
async fn bind(address: SocketAddr) -> TcpListener {
    loop {
        match TcpListener::bind(address).await {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
                tokio::task::yield_now().await;
            }
            bound => return bound.unwrap(),
        }
    }
}

fn unused() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

async fn accept(
    listener: TcpListener,
    conduct: Conduct,
    log: SharedLog,
    mut stopped: oneshot::Receiver<()>,
) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            _ = &mut stopped => break,
            accepted = listener.accept() => {
                let nth = log.connection();
                let (stream, _) = accepted.unwrap();
                connections.spawn(connection::run(stream, nth, conduct.clone(), log.clone()));
            }
        }
    }
    connections.shutdown().await;
}
