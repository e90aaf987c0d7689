//! What the store was asked, and waiting until it has been asked something.

use std::fmt;
use std::sync::Arc;

use hyper::Uri;
use tokio::sync::watch;

use super::BUCKET;

/// A request, and how it was answered. Reads `GET shop/aliases/production.json 304`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) method: String,
    /// The key of an object; of a request for the bucket itself `?` and the query, decoded, as in
    /// `?list-type=2&prefix=shop/`; of one for another bucket the whole path.
    pub(crate) key: String,
    /// None while there is no answer, and when none was sent.
    pub(crate) status: Option<u16>,
}

impl Seen {
    pub(super) fn new(method: &str, uri: &Uri) -> Self {
        Self { method: method.to_owned(), key: key_of(uri), status: None }
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ", self.method, self.key)?;
        match self.status {
            Some(status) => write!(f, "{status}"),
            None => f.write_str("-"),
        }
    }
}

#[derive(Default)]
struct Log {
    requests: Vec<Seen>,
    /// How many requests were there before the first of `requests`.
    forgotten: usize,
    panics: usize,
}

#[derive(Clone)]
pub(super) struct SharedLog(Arc<watch::Sender<Log>>);

impl Default for SharedLog {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(Log::default())))
    }
}

impl SharedLog {
    pub(super) fn requests(&self) -> Vec<Seen> {
        self.0.borrow().requests.clone()
    }

    pub(super) fn panics(&self) -> usize {
        self.0.borrow().panics
    }

    pub(super) fn forget(&self) {
        self.0.send_modify(|log| {
            log.forgotten += log.requests.len();
            log.requests.clear();
        });
    }

    pub(super) async fn until(&self, condition: impl Fn(&[Seen]) -> bool) {
        // The sender lives in `self`, so the channel cannot close.
        let _ = self.0.subscribe().wait_for(|log| condition(&log.requests)).await;
    }

    /// Keeps a request; answers which it is.
    pub(super) fn arrived(&self, request: Seen) -> usize {
        let mut nth = 0;
        self.0.send_modify(|log| {
            nth = log.forgotten + log.requests.len();
            log.requests.push(request);
        });
        nth
    }

    pub(super) fn answered(&self, nth: usize, status: u16) {
        self.0.send_modify(|log| {
            let at = nth.checked_sub(log.forgotten);
            if let Some(request) = at.and_then(|at| log.requests.get_mut(at)) {
                request.status = Some(status);
            }
        });
    }
}

/// Notes the end of a connection, if it was a panic.
pub(super) struct EndOfConnection(pub(super) SharedLog);

impl Drop for EndOfConnection {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.0.send_modify(|log| log.panics += 1);
        }
    }
}

fn key_of(uri: &Uri) -> String {
    let path = decoded(uri.path());
    let inside = path.strip_prefix('/').and_then(|path| path.strip_prefix(BUCKET));
    match inside.map(|rest| rest.strip_prefix('/').unwrap_or(rest)) {
        Some("") => format!("?{}", decoded(uri.query().unwrap_or_default())),
        Some(key) if path[1 + BUCKET.len()..].starts_with('/') => key.to_owned(),
        _ => path,
    }
}

/// The text with its `%` escapes undone. One that is none stays.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('%') {
        bytes.extend_from_slice(before.as_bytes());
        let escaped = behind.get(..2).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        bytes.push(escaped.unwrap_or(b'%'));
        rest = if escaped.is_some() { &behind[2..] } else { behind };
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8_lossy(&bytes).into_owned()
}
