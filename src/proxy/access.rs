//! The access log: one line per exchange, written when its last byte is out or will never be.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hyper::{Method, StatusCode, Version};
use tracing::info;

use super::host::Address;
use crate::metrics::{Metrics, Request};
use crate::serve::Drain;
use crate::weave::{Reason, Tally};

const CLIENT_GONE: &str = "client_gone";

/// Names an exchange to visitors and in the log.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Id(u64);

impl Id {
    /// Unique, not secret.
    pub(crate) fn new() -> Self {
        Self(fastrand::u64(..))
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// What is known of an exchange so far, as it came: it is written out where it is logged, which is
/// when it is dropped, and not at all where nobody reads the log. What is kept of the head is copied: a
/// slice of it would keep the buffer that it was read into, for as long as the answer takes.
#[derive(Debug)]
pub(crate) struct Record {
    drain: Drain,
    metrics: Metrics,
    pub(crate) started: Instant,
    pub(crate) id: Id,
    pub(crate) client: IpAddr,
    pub(crate) method: Method,
    pub(crate) version: Version,
    /// As the client wrote it, without the query, which may hold secrets.
    pub(crate) path: Box<str>,
    /// The authority that the client asked for.
    pub(crate) host: Option<Box<[u8]>>,
    pub(crate) site: Option<Arc<str>>,
    pub(crate) status: StatusCode,
    /// `woven`, why it was passed on, or why it failed.
    pub(crate) outcome: &'static str,
    /// Until the origin's head was there.
    pub(crate) origin: Option<Duration>,
    pub(crate) release: Option<Arc<str>>,
    pub(crate) sent: u64,
    pub(crate) slots: Tally,
    /// What a woven page was beside the one that was remembered.
    pub(crate) met: Option<&'static str>,
    /// Whether the answer came to its end, and if not, why.
    pub(crate) aborted: Option<&'static str>,
}

impl Record {
    pub(crate) fn new(
        client: IpAddr,
        head: &hyper::Request<impl Sized>,
        drain: Drain,
        metrics: Metrics,
    ) -> Self {
        Self {
            drain,
            metrics,
            started: Instant::now(),
            id: Id::new(),
            client,
            method: head.method().clone(),
            version: head.version(),
            path: head.uri().path().into(),
            host: None,
            site: None,
            status: StatusCode::INTERNAL_SERVER_ERROR,
            outcome: "unanswered",
            origin: None,
            release: None,
            sent: 0,
            slots: Tally::default(),
            met: None,
            // Until it is told otherwise: a future dropped half-way is a client that left.
            aborted: Some(CLIENT_GONE),
        }
    }

    /// The head of the origin's answer is there.
    pub(crate) fn answered(&mut self) {
        self.origin = Some(self.started.elapsed());
    }

    /// What was counted of it, for whoever looks at many.
    fn measure(&self) {
        self.metrics.request(&Request {
            site: self.site.as_ref(),
            outcome: self.outcome,
            status: self.status.as_u16(),
            took: self.started.elapsed(),
            bytes: self.sent,
        });
        if let Some(site) = &self.site {
            self.metrics.slots(site, "printed", self.slots.printed());
            self.met.iter().for_each(|met| self.metrics.page(site, met));
            for (reason, count) in self.slots.left() {
                self.metrics.slots(site, reason.name(), *count);
            }
        }
    }

    fn host(&self) -> Option<Address> {
        Address::parse(self.host.as_ref()?)
    }

    fn reasons(&self) -> String {
        let name = |(reason, count): &(Reason, usize)| format!("{}={count}", reason.name());
        self.slots.left().iter().map(name).collect::<Vec<_>>().join(",")
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        self.measure();
        let cut = self.aborted == Some(CLIENT_GONE) && self.drain.is_expired();
        let aborted = if cut { Some("drain_deadline") } else { self.aborted };
        let left: usize = self.slots.left().iter().map(|(_, count)| count).sum();
        info!(
            target: "overprint::access",
            id = %self.id,
            client = %self.client,
            method = %self.method,
            host = self.host().as_ref().map_or("-", Address::host),
            path = %printable(&self.path),
            version = ?self.version,
            site = self.site.as_deref().unwrap_or("-"),
            status = self.status.as_u16(),
            outcome = self.outcome,
            bytes = self.sent,
            ms = millis(self.started.elapsed()),
            origin_ms = self.origin.map(millis),
            release = self.release.as_deref(),
            met = self.met,
            printed = self.slots.printed(),
            left,
            why_left = (left > 0).then(|| self.reasons()),
            aborted,
            "request"
        );
    }
}

/// Milliseconds, to the tenth.
fn millis(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e4).round() / 10.0
}

/// A path as a log may have it: nothing in it that a terminal would obey or a parser trip over.
fn printable(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'!'..=b'~' if !b"\"\\`".contains(&byte) => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
