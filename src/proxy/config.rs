//! What the proxy needs to know about a site and its limits. Values here cannot be invalid.

mod locale;
mod variables;

use std::time::Duration;

use encoding_rs::Encoding;
use hyper::Uri;
use hyper::header::{CONTENT_TYPE, HeaderMap};
use hyper::http::uri::{Authority, PathAndQuery, Scheme};
use ipnet::IpNet;

use crate::weave::{LabelName, Selectors};

pub use self::locale::{Alternates, Base, LocaleConfig, LocaleSource, Segment};
pub use self::variables::{PathPattern, Variable, VariableSource};

/// Everything one proxy serves.
#[derive(Debug, Clone)]
pub struct Config {
    /// At least one.
    pub sites: Vec<Site>,
    /// How long each phase of a request may take.
    pub timeouts: Timeouts,
    /// How much of anything is held or accepted.
    pub limits: Limits,
    /// Peers whose `X-Forwarded-*` and `Forwarded` are believed and appended to; none by default.
    pub trusted: Vec<IpNet>,
}

/// One site: which requests are its own, where they go, what is printed.
#[derive(Debug, Clone)]
pub struct Site {
    /// Unique; names the site in logs.
    pub name: String,
    /// Empty: every host.
    pub hosts: Vec<HostPattern>,
    /// Where requests go.
    pub origin: Origin,
    /// The attribute that marks a slot, and its two companions.
    pub label: LabelName,
    /// Labels for what nobody can edit.
    pub selectors: Selectors,
    /// How the locale of a page is chosen.
    pub locale: LocaleConfig,
    /// What messages may take out of a request.
    pub variables: Vec<Variable>,
    /// The charset of pages that declare none.
    pub charset: Option<&'static Encoding>,
    /// Compress woven pages that the origin sent uncompressed, when the client accepts it.
    pub compress: bool,
}

/// `www.example.com` or `*.example.org`, lower case, without a port.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum HostPattern {
    /// This host only.
    Exact(String),
    /// Any number of labels in front of this suffix, which is kept without its leading `*.`.
    Wildcard(String),
}

/// The server behind a site.
#[derive(Debug, Clone)]
pub struct Origin {
    /// `http` or `https`.
    pub scheme: Scheme,
    /// Host and, unless it is the scheme's own, port.
    pub authority: Authority,
    /// Which `Host` the origin sees.
    pub host: HostHeader,
}

impl Origin {
    /// The origin's address, for messages.
    pub fn url(&self) -> String {
        format!("{}://{}", self.scheme, self.authority)
    }

    /// Where its connections lead.
    pub(crate) fn root(&self) -> Uri {
        let mut parts = hyper::http::uri::Parts::default();
        parts.scheme = Some(self.scheme.clone());
        parts.authority = Some(self.authority.clone());
        parts.path_and_query = Some(PathAndQuery::from_static("/"));
        // A scheme, an authority and a path are a URI.
        Uri::from_parts(parts).unwrap_or_default()
    }
}

/// Which `Host` the origin sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum HostHeader {
    /// The visitor's own, so that the origin builds its links for the public address.
    #[default]
    Visitor,
    /// The origin's address, for origins that route by it.
    Origin,
}

/// How long each phase may take. `config/overprint.toml` argues for the defaults.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// A request head, from its first byte.
    pub head: Duration,
    /// A kept-alive connection between two requests.
    pub keep_alive: Duration,
    /// Between two reads or writes that make progress on a client's connection.
    pub progress: Duration,
    /// Connecting to the origin, TLS included.
    pub connect: Duration,
    /// From the request sent to the origin's answer head.
    pub first_byte: Duration,
    /// Between two pieces of the origin's body.
    pub idle: Duration,
    /// A whole upload.
    pub upload: Duration,
    /// A whole exchange, from head to last byte; tunnels excepted.
    pub total: Duration,
    /// A tunnel (WebSocket) or an event stream on which nothing moves.
    pub tunnel_idle: Duration,
    /// An idle connection to the origin kept for the next request.
    pub pool_idle: Duration,
    /// How long a page waits for content that is being loaded, from its request on.
    pub content_wait: Duration,
    /// From SIGTERM to the end, however many requests are left.
    pub drain: Duration,
}

impl Timeouts {
    /// How long the origin may pause in an answer with these headers. An event stream is silent
    /// for as long as nothing happens.
    pub(crate) fn silence(&self, headers: &HeaderMap) -> Duration {
        let kind = headers.get(CONTENT_TYPE).map(|kind| kind.as_bytes()).unwrap_or_default();
        let events = kind.get(..17).is_some_and(|k| k.eq_ignore_ascii_case(b"text/event-stream"));
        if events { self.tunnel_idle } else { self.idle }
    }
}

impl Default for Timeouts {
    fn default() -> Self {
        let s = Duration::from_secs;
        Self {
            head: s(15),
            keep_alive: s(75),
            progress: s(60),
            connect: s(5),
            first_byte: s(60),
            idle: s(60),
            upload: s(3600),
            total: s(4 * 3600),
            tunnel_idle: s(3600),
            pool_idle: s(4),
            content_wait: Duration::from_millis(250),
            drain: s(30),
        }
    }
}

/// How much of anything is held or accepted, in bytes unless said otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// A request head; more is a 431.
    pub head: usize,
    /// Header fields in a head, a count; more is a 431.
    pub headers: usize,
    /// A request body; more is a 413. None: the origin decides.
    pub body: Option<u64>,
    /// A slot's default text; more leaves the slot alone.
    pub max_slot: usize,
    /// Idle connections kept to one origin, a count.
    pub pool: usize,
    /// Label-free page starts kept, process-wide, for the parser they may still need.
    pub lookback: usize,
    /// Pages that are remembered, all sites' together, in bytes; zero remembers none.
    pub memory: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head: 32 << 10,
            headers: 100,
            body: None,
            max_slot: 256 << 10,
            pool: 64,
            lookback: 16 << 20,
            memory: 64 << 20,
        }
    }
}
