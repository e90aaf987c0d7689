//! What an origin saw, and waiting until it has seen something.

use std::sync::Arc;

use tokio::sync::watch;

use crate::support::Headers;
use crate::support::headers::split_head;

/// A request as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct RawRequest {
    /// The head to the byte, with its empty line.
    pub(crate) head: Vec<u8>,
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: Headers,
    /// What has come of the body, without its framing.
    pub(crate) body: Vec<u8>,
    pub(crate) trailers: Headers,
    /// Whether the body has come to its end.
    pub(crate) complete: bool,
    /// Which of the origin's connections brought it, counted from 0.
    pub(crate) connection: usize,
}

impl RawRequest {
    pub(super) fn parse(head: Vec<u8>, connection: usize) -> Self {
        let (start, headers) = split_head(&head);
        let [method, target, "HTTP/1.1"] = start.split(' ').collect::<Vec<_>>()[..] else {
            panic!("not a request line: {start:?}")
        };
        Self {
            method: method.to_owned(),
            target: target.to_owned(),
            headers,
            head,
            body: Vec::new(),
            trailers: Headers::default(),
            complete: false,
            connection,
        }
    }

    /// The value of a header that may stand once at most.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)
    }
}

/// What an origin saw so far.
#[derive(Debug, Default)]
pub(crate) struct Log {
    pub(crate) requests: Vec<RawRequest>,
    pub(crate) connections: usize,
    /// How many connections have ended, by either side.
    pub(crate) ended: usize,
    /// How many bytes scripts have written.
    pub(crate) sent: usize,
    pub(super) faults: usize,
}

#[derive(Clone)]
pub(super) struct SharedLog(Arc<watch::Sender<Log>>);

impl SharedLog {
    pub(super) fn new() -> Self {
        Self(Arc::new(watch::Sender::new(Log::default())))
    }

    pub(super) fn read<T>(&self, look: impl FnOnce(&Log) -> T) -> T {
        look(&self.0.borrow())
    }

    pub(super) fn write(&self, change: impl FnOnce(&mut Log)) {
        self.0.send_modify(change);
    }

    pub(super) async fn until(&self, condition: impl Fn(&Log) -> bool) {
        // The sender lives in `self`, so the channel cannot close.
        let _ = self.0.subscribe().wait_for(condition).await;
    }

    /// Counts a connection; answers which it is.
    pub(super) fn connection(&self) -> usize {
        let mut nth = 0;
        self.write(|log| {
            nth = log.connections;
            log.connections += 1;
        });
        nth
    }

    /// Keeps a request; answers which it is.
    pub(super) fn request(&self, request: RawRequest) -> usize {
        let mut nth = 0;
        self.write(|log| {
            nth = log.requests.len();
            log.requests.push(request);
        });
        nth
    }
}

/// Notes the end of a connection, and whether it was a panic.
pub(super) struct EndOfConnection(pub(super) SharedLog);

impl Drop for EndOfConnection {
    fn drop(&mut self) {
        let faults = usize::from(std::thread::panicking());
        self.0.write(|log| {
            log.ended += 1;
            log.faults += faults;
        });
    }
}
