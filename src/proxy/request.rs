//! Which requests are taken, and (in `outbound`) what of them goes to the origin.
//!
//! Looks at heads only; bodies, sockets and sites are none of its business. What hyper has already
//! refused (control characters, spaces, bytes that are not UTF-8 in a target) does not arrive here.

mod framing;
mod outbound;
#[cfg(test)]
pub(crate) mod testing;

use hyper::header::{CONNECTION, EXPECT, HeaderName, HeaderValue, UPGRADE};
use hyper::http::request::Parts;
use hyper::http::uri::Scheme;
use hyper::{Method, Version};

use super::config::Limits;
use super::error::{BadRequest, Failure};
use super::forwarded;
use super::hop;
use super::host::{self, Host};

pub(crate) use self::framing::Framing;
pub(crate) use self::outbound::outbound;

/// What is known about a request that is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Admitted {
    /// The host that it is for.
    pub(crate) host: Host,
    /// How its body is delimited.
    pub(crate) framing: Framing,
    /// What it wants its connection to become.
    pub(crate) upgrade: Option<Upgrade>,
    /// Whether the client would like a 100 before it sends its body. hyper sends that when the body
    /// is first polled.
    pub(crate) expects_continue: bool,
}

/// The protocols to which a connection may be upgraded. `h2c` is none of them: it would take every
/// later request past the proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Upgrade {
    /// RFC 6455.
    WebSocket,
}

impl Upgrade {
    /// The registered token.
    pub(crate) const fn token(self) -> &'static str {
        match self {
            Self::WebSocket => "websocket",
        }
    }
}

impl Limits {
    /// Whether a head is within the limits. hyper's own are a little wider, and its answer is bare.
    ///
    /// # Errors
    /// [`Failure::HeadTooLarge`].
    pub(crate) fn check_head(&self, parts: &Parts) -> Result<(), Failure> {
        // What stands around them: `: ` and a line break; the version and another one.
        let field =
            |(name, value): (&HeaderName, &HeaderValue)| name.as_str().len() + value.len() + 4;
        let target = parts.uri.path_and_query().map_or(1, |target| target.as_str().len());
        let line = parts.method.as_str().len() + target + 12;
        let size = line + parts.headers.iter().map(field).sum::<usize>();
        let fits = size <= self.head && parts.headers.len() <= self.headers;
        if fits { Ok(()) } else { Err(Failure::HeadTooLarge) }
    }
}

/// Decides on a request by its head.
///
/// # Errors
/// The answer that the client gets: its request is malformed (400), is a `CONNECT` (405), has an
/// unknown expectation (417) or transfer coding (501), or goes round in circles (508).
pub(crate) fn admit(parts: &Parts) -> Result<Admitted, Failure> {
    if parts.method == Method::CONNECT {
        return Err(Failure::MethodNotAllowed);
    }
    check_target(parts)?;
    let host = host::authority(parts)?;
    let framing = Framing::of(parts)?;
    let expects_continue = expectation(parts)?;
    if forwarded::looped(&parts.headers) {
        return Err(Failure::LoopDetected);
    }
    let upgrade = upgrade(parts, framing);
    Ok(Admitted { host, framing, upgrade, expects_continue })
}

/// The forms of RFC 9112 section 3.2, without `CONNECT`'s: a path, a URL, or `*` for `OPTIONS`.
fn check_target(parts: &Parts) -> Result<(), BadRequest> {
    let uri = &parts.uri;
    let valid = match uri.scheme() {
        Some(scheme) => *scheme == Scheme::HTTP || *scheme == Scheme::HTTPS,
        None if uri.authority().is_some() => false,
        None if uri.path() == "*" => parts.method == Method::OPTIONS,
        None => uri.path().starts_with('/'),
    };
    if valid { Ok(()) } else { Err(BadRequest::TargetInvalid) }
}

/// Whether the client waits for a 100. HTTP/1.0 does not know it (RFC 9110 section 10.1.1).
fn expectation(parts: &Parts) -> Result<bool, Failure> {
    let mut expects_continue = false;
    for expectation in hop::members(&parts.headers, &EXPECT) {
        if !expectation.eq_ignore_ascii_case(b"100-continue") {
            return Err(Failure::ExpectationFailed);
        }
        expects_continue = parts.version != Version::HTTP_10;
    }
    Ok(expects_continue)
}

/// The upgrade that a request asks for in the one way that is safe to pass on. Anything else is an
/// ordinary request, as RFC 9110 section 7.8 lets a server decide.
fn upgrade(parts: &Parts, framing: Framing) -> Option<Upgrade> {
    let asked = parts.version == Version::HTTP_11
        && parts.method == Method::GET
        && framing.is_empty()
        && hop::lists(&parts.headers, &CONNECTION, "upgrade")
        && hop::lists(&parts.headers, &UPGRADE, Upgrade::WebSocket.token());
    asked.then_some(Upgrade::WebSocket)
}

#[cfg(test)]
mod tests {
    use super::testing::parts;
    use super::*;

    #[test]
    fn refusals_have_a_reason() {
        use BadRequest::*;
        for (head, failure) in [
            ("CONNECT a:443 HTTP/1.1|Host: a:443", Failure::MethodNotAllowed),
            ("CONNECT a:443 HTTP/1.1", Failure::MethodNotAllowed),
            ("CONNECT / HTTP/1.1|Host: a", Failure::MethodNotAllowed),
            ("GET * HTTP/1.1|Host: a", TargetInvalid.into()),
            ("HEAD * HTTP/1.1|Host: a", TargetInvalid.into()),
            ("options * HTTP/1.1|Host: a", TargetInvalid.into()),
            ("GET a HTTP/1.1|Host: a", TargetInvalid.into()),
            ("GET a:80 HTTP/1.1|Host: a", TargetInvalid.into()),
            ("OPTIONS a:80 HTTP/1.1|Host: a", TargetInvalid.into()),
            ("GET ftp://a/ HTTP/1.1|Host: a", TargetInvalid.into()),
            ("GET ws://a/ HTTP/1.1|Host: a", TargetInvalid.into()),
            ("GET / HTTP/1.1", HostMissing.into()),
            ("GET http://a/ HTTP/1.1", HostMissing.into()),
            ("GET / HTTP/1.1|Host: a|Host: a", HostRepeated.into()),
            ("GET / HTTP/1.1|Host: a,b", HostInvalid.into()),
            ("GET / HTTP/1.1|Host: u@a", HostInvalid.into()),
            ("GET http://u:p@a/ HTTP/1.1|Host: a", HostInvalid.into()),
            ("GET / HTTP/1.1|Host: a|Expect: something", Failure::ExpectationFailed),
            ("GET / HTTP/1.1|Host: a|Expect: 100-continue, x", Failure::ExpectationFailed),
            ("GET / HTTP/1.1|Host: a|Expect: 100-continue|Expect: x", Failure::ExpectationFailed),
            ("GET / HTTP/1.1|Host: a|Expect: 100-continue=1", Failure::ExpectationFailed),
            ("GET / HTTP/1.0|Expect: x", Failure::ExpectationFailed),
            ("POST / HTTP/1.1|Host: a|Content-Length: x", ContentLengthInvalid.into()),
            ("POST / HTTP/1.1|Host: a|Transfer-Encoding: gzip", TransferEncodingInvalid.into()),
        ] {
            assert_eq!(admit(&parts(head)), Err(failure), "{head}");
        }
    }

    #[test]
    fn ordinary_requests_pass() {
        for (head, host, framing, expects_continue) in [
            ("GET / HTTP/1.1|Host: a", Some("a"), Framing::None, false),
            ("GET http://B/x?y HTTP/1.1|Host: a", Some("b"), Framing::None, false),
            ("GET HTTPS://b HTTP/1.1|Host: a", Some("b"), Framing::None, false),
            ("OPTIONS * HTTP/1.1|Host: a", Some("a"), Framing::None, false),
            ("OPTIONS /x HTTP/1.1|Host: a", Some("a"), Framing::None, false),
            ("TRACE / HTTP/1.1|Host: a", Some("a"), Framing::None, false),
            ("PURGE /x HTTP/1.1|Host: a", Some("a"), Framing::None, false),
            ("GET //x HTTP/1.1|Host: a", Some("a"), Framing::None, false),
            ("GET /*?* HTTP/1.1|Host: a", Some("a"), Framing::None, false),
            ("GET /caf\u{e9}/{\"a\"}?b=[1] HTTP/1.1|Host: a", Some("a"), Framing::None, false),
            ("GET / HTTP/1.0", None, Framing::None, false),
            ("GET http://b/ HTTP/1.0", Some("b"), Framing::None, false),
            ("PUT / HTTP/1.1|Host: a|Content-Length: 3", Some("a"), Framing::Length(3), false),
            ("PUT / HTTP/1.1|Host: a|Expect: 100-Continue", Some("a"), Framing::None, true),
            ("PUT / HTTP/1.1|Host: a|Expect:", Some("a"), Framing::None, false),
            ("PUT / HTTP/1.0|Expect: 100-continue", None, Framing::None, false),
        ] {
            let admitted = admit(&parts(head)).unwrap();
            assert_eq!(admitted.host.name(), host, "{head}");
            assert_eq!(admitted.framing, framing, "{head}");
            assert_eq!(admitted.expects_continue, expects_continue, "{head}");
            assert_eq!(admitted.upgrade, None, "{head}");
        }
    }

    #[test]
    fn websockets_are_upgraded_and_nothing_else() {
        for (head, upgraded) in [
            ("GET / HTTP/1.1|Host: a|Connection: Upgrade|Upgrade: websocket", true),
            ("GET / HTTP/1.1|Host: a|Connection: keep-alive, upgrade|Upgrade: WebSocket", true),
            ("GET / HTTP/1.1|Host: a|Connection: a|Connection: upgrade|Upgrade: websocket", true),
            ("GET / HTTP/1.1|Host: a|Connection: upgrade|Upgrade: h2c, websocket", true),
            (
                "GET / HTTP/1.1|Host: a|Connection: upgrade|Upgrade: websocket|Content-Length: 0",
                true,
            ),
            (
                "GET / HTTP/1.1|Host: a|Connection: upgrade|Upgrade: websocket|Content-Length: 1",
                false,
            ),
            (
                "GET / HTTP/1.1|Host: a|Connection: upgrade|Upgrade: websocket|Transfer-Encoding: chunked",
                false,
            ),
            ("POST / HTTP/1.1|Host: a|Connection: upgrade|Upgrade: websocket", false),
            ("GET / HTTP/1.0|Host: a|Connection: upgrade|Upgrade: websocket", false),
            ("GET / HTTP/1.1|Host: a|Upgrade: websocket", false),
            ("GET / HTTP/1.1|Host: a|Connection: keep-alive|Upgrade: websocket", false),
            ("GET / HTTP/1.1|Host: a|Connection: upgrade", false),
            ("GET / HTTP/1.1|Host: a|Connection: upgrade, HTTP2-Settings|Upgrade: h2c", false),
            ("GET / HTTP/1.1|Host: a|Connection: upgrade|Upgrade: websocketx", false),
            ("GET / HTTP/1.1|Host: a|Connection: upgrade|Upgrade: TLS/1.0", false),
        ] {
            let admitted = admit(&parts(head)).unwrap();
            assert_eq!(admitted.upgrade.is_some(), upgraded, "{head}");
        }
    }

    #[test]
    fn a_request_that_goes_round_is_stopped() {
        let passes =
            |n| format!("GET / HTTP/1.1|Host: a|CDN-Loop: {}", ["overprint"; 8][..n].join(", "));
        assert!(admit(&parts(&passes(7))).is_ok());
        assert_eq!(admit(&parts(&passes(8))), Err(Failure::LoopDetected));
    }
}
