//! The head that the origin gets.

use hyper::header::{
    CONNECTION, CONTENT_LENGTH, EXPECT, HOST, HeaderMap, HeaderName, HeaderValue, TE,
};
use hyper::http::request::Parts;
use hyper::http::uri::PathAndQuery;
use hyper::{Request, Uri, Version};

use super::Admitted;
use crate::proxy::config::{HostHeader, Origin};
use crate::proxy::error::Failure;
use crate::proxy::forwarded::{self, Peer};
use crate::proxy::hop::{self, HopByHop};
use crate::proxy::host::Host;
use crate::proxy::locale::Stripped;

/// The request to `origin` that answers an admitted one: end-to-end fields as they came, in order,
/// behind a `Host` that is always first; forwarded fields by the rules of `forwarded`.
///
/// Extensions stay behind: they belong to the visitor's connection. Of a `stripped` target the origin
/// gets the rest, and is told of the prefix.
///
/// # Errors
/// [`Failure::Internal`] without a path, which an admitted request always has.
pub(crate) fn outbound(
    parts: &Parts,
    origin: &Origin,
    peer: &Peer,
    admitted: &Admitted,
    stripped: Option<&Stripped>,
) -> Result<Request<()>, Failure> {
    let path = stripped.map(|stripped| stripped.rest.clone()).or_else(|| path(&parts.uri));
    let mut request = Request::new(());
    *request.method_mut() = parts.method.clone();
    *request.uri_mut() = path.ok_or(Failure::Internal)?.into();
    *request.version_mut() = Version::HTTP_11;
    *request.headers_mut() = headers(parts, origin, peer, admitted)?;
    if let Some(stripped) = stripped {
        let prefix = forwarded::prefix(&parts.headers, peer, &stripped.prefix);
        forwarded::set_prefix(request.headers_mut(), &prefix);
    }
    Ok(request)
}

/// The path, which a URL may lack before its query.
fn path(uri: &Uri) -> Option<PathAndQuery> {
    let path = uri.path_and_query()?;
    match path.as_str() {
        "" => Some(PathAndQuery::from_static("/")),
        bare if bare.starts_with('?') => format!("/{bare}").parse().ok(),
        _ => Some(path.clone()),
    }
}

fn headers(
    parts: &Parts,
    origin: &Origin,
    peer: &Peer,
    admitted: &Admitted,
) -> Result<HeaderMap, Failure> {
    let mut headers = HeaderMap::with_capacity(parts.headers.len() + 8);
    headers.insert(HOST, host(origin, &admitted.host)?);
    copy_end_to_end(&parts.headers, &mut headers);
    admitted.framing.write(&mut headers);
    match admitted.upgrade {
        Some(upgrade) => hop::set_upgrade(&mut headers, upgrade.token()),
        None if hop::lists(&parts.headers, &TE, "trailers") => set_trailers(&mut headers),
        None => {}
    }
    forwarded::apply(&mut headers, peer, admitted.host.field());
    forwarded::sign(&mut headers);
    Ok(headers)
}

fn host(origin: &Origin, visitor: &Host) -> Result<HeaderValue, Failure> {
    match (origin.host, visitor.field()) {
        (HostHeader::Visitor, Some(field)) => Ok(field.clone()),
        _ => HeaderValue::from_str(origin.authority.as_str()).map_err(|_| Failure::Internal),
    }
}

fn copy_end_to_end(from: &HeaderMap, to: &mut HeaderMap) {
    let hops = HopByHop::of(from);
    for (name, value) in from {
        if !hops.contains(name) && !is_set_afresh(name) {
            to.append(name, value.clone());
        }
    }
}

/// `Expect` is answered here: the origin's 100 would come too late to matter.
fn is_set_afresh(name: &HeaderName) -> bool {
    [HOST, CONTENT_LENGTH, EXPECT].contains(name)
}

/// `TE` goes with its nomination (RFC 9110 section 10.1.4).
fn set_trailers(headers: &mut HeaderMap) {
    headers.insert(TE, HeaderValue::from_static("trailers"));
    headers.insert(CONNECTION, HeaderValue::from_static("te"));
}

#[cfg(test)]
mod tests {
    use hyper::http::uri::Scheme;

    use super::super::admit;
    use super::super::testing::{lines, parts};
    use super::*;

    fn origin(host: HostHeader) -> Origin {
        let authority = "127.0.0.1:3000".parse().unwrap();
        Origin { scheme: Scheme::HTTP, authority, host }
    }

    fn send(head: &str, host: HostHeader, trusted: bool) -> Request<()> {
        let parts = parts(head);
        let peer = Peer { address: "9.9.9.9".parse().unwrap(), tls: false, trusted };
        outbound(&parts, &origin(host), &peer, &admit(&parts).unwrap(), None).unwrap()
    }

    /// The fields that the origin gets for some of the visitor's, without those it always gets.
    fn fields(lines_in: &str) -> Vec<String> {
        let head = format!("POST / HTTP/1.1|Host: a{lines_in}");
        let request = send(&head, HostHeader::Visitor, false);
        let always = ["host:", "x-forwarded-", "cdn-loop:"];
        let fresh = |line: &String| !always.iter().any(|start| line.starts_with(start));
        lines(request.headers()).into_iter().filter(fresh).collect()
    }

    #[test]
    fn the_target_is_the_path_at_the_origin() {
        for (target, expected) in [
            ("/", "/"),
            ("/a/../b?c=d&e", "/a/../b?c=d&e"),
            ("/a%2fb%zz", "/a%2fb%zz"),
            ("//evil.example/x", "//evil.example/x"),
            ("http://b/x?y", "/x?y"),
            ("https://b", "/"),
            ("http://b?y", "/?y"),
        ] {
            let head = format!("GET {target} HTTP/1.0");
            let request = send(&head, HostHeader::Visitor, false);
            assert_eq!(request.uri().to_string(), expected, "{target}");
            assert_eq!(request.version(), Version::HTTP_11);
        }
        let request = send("OPTIONS * HTTP/1.1|Host: a", HostHeader::Visitor, false);
        assert_eq!(request.uri().path(), "*");
        assert_eq!(request.method(), "OPTIONS");
    }

    #[test]
    fn the_host_is_the_visitors_or_the_origins() {
        for (head, mode, expected) in [
            ("GET / HTTP/1.1|Host: Shop:81", HostHeader::Visitor, "Shop:81"),
            ("GET / HTTP/1.1|Host: Shop:81", HostHeader::Origin, "127.0.0.1:3000"),
            ("GET http://B:1/ HTTP/1.1|Host: a", HostHeader::Visitor, "B:1"),
            ("GET / HTTP/1.0", HostHeader::Visitor, "127.0.0.1:3000"),
        ] {
            let request = send(head, mode, false);
            assert_eq!(request.headers()[HOST], expected, "{head}");
            assert_eq!(request.headers().get_all(HOST).iter().count(), 1);
        }
    }

    #[test]
    fn a_whole_head() {
        let head = "GET /x HTTP/1.1|Accept: */*|Host: shop|Connection: keep-alive, x-hop|X-Hop: 1\
                    |Cookie: a=1|X-Forwarded-For: 1.1.1.1|Cookie: b=2|Proxy-Connection: close\
                    |Via: 1.1 cdn|User-Agent: caf\u{e9}";
        let request = send(head, HostHeader::Visitor, false);
        let expected = [
            "host: shop",
            "accept: */*",
            "cookie: a=1",
            "cookie: b=2",
            "via: 1.1 cdn",
            "user-agent: caf\u{e9}",
            "x-forwarded-for: 9.9.9.9",
            "x-forwarded-proto: http",
            "x-forwarded-host: shop",
            "cdn-loop: overprint",
        ];
        assert_eq!(lines(request.headers()), expected);
    }

    #[test]
    fn a_stripped_target_is_its_rest() {
        let parts = parts("GET /de/a?b HTTP/1.1|Host: a|X-Forwarded-Prefix: /evil");
        let peer = Peer { address: "9.9.9.9".parse().unwrap(), tls: false, trusted: false };
        let stripped =
            Stripped { prefix: "/de".into(), rest: PathAndQuery::from_static("/a?b"), bare: false };
        let admitted = admit(&parts).unwrap();
        let origin = origin(HostHeader::Visitor);
        let request = outbound(&parts, &origin, &peer, &admitted, Some(&stripped)).unwrap();
        assert_eq!(request.uri().to_string(), "/a?b");
        assert_eq!(request.headers()["x-forwarded-prefix"], "/de");
    }

    #[test]
    fn a_trusted_peer_is_added_to() {
        let head = "GET / HTTP/1.1|Host: a|X-Forwarded-For: 1.1.1.1|X-Real-IP: 1.1.1.1";
        let request = send(head, HostHeader::Origin, true);
        assert_eq!(request.headers()["x-forwarded-for"], "1.1.1.1, 9.9.9.9");
        assert_eq!(request.headers()["x-real-ip"], "1.1.1.1");
        assert_eq!(request.headers()["x-forwarded-host"], "a");
    }

    #[test]
    fn fields_are_kept_dropped_or_set_afresh() {
        for (sent, expected) in [
            ("|Expect: 100-continue", &[][..]),
            ("|TE: trailers, deflate;q=0.5", &["te: trailers", "connection: te"]),
            ("|TE: deflate", &[]),
            ("|Connection: close", &[]),
            ("|Connection: Upgrade, HTTP2-Settings|Upgrade: h2c|HTTP2-Settings: A", &[]),
            ("|Upgrade: websocket|Connection: upgrade", &[]),
            ("|Keep-Alive: timeout=1", &[]),
            ("|Proxy-Authorization: Basic x|Proxy-Authenticate: x|Proxy: y", &[]),
            ("|Connection: authorization|Authorization: x", &["authorization: x"]),
            ("|Connection: content-length|Content-Length: 3", &["content-length: 3"]),
            ("|Connection: host", &[]),
            ("|Content-Length: 3|Content-Length: 3|A: b", &["a: b", "content-length: 3"]),
            ("|Content-Length: 3, 3", &["content-length: 3"]),
            (
                "|Transfer-Encoding: chunked|Trailer: x",
                &["trailer: x", "transfer-encoding: chunked"],
            ),
            ("|Range: bytes=0-|If-Range: \"a\"", &["range: bytes=0-", "if-range: \"a\""]),
            ("|Forwarded: for=1.1.1.1", &[]),
        ] {
            assert_eq!(fields(sent), expected, "{sent}");
        }
    }

    #[test]
    fn an_upgrade_is_asked_for_afresh() {
        let head = "GET / HTTP/1.1|Host: a|Connection: keep-alive, Upgrade|Upgrade: h2c, WebSocket\
                    |TE: trailers|Sec-WebSocket-Key: k";
        let request = send(head, HostHeader::Visitor, false);
        assert_eq!(request.headers().get_all("upgrade").iter().collect::<Vec<_>>(), ["websocket"]);
        assert_eq!(request.headers().get_all(CONNECTION).iter().collect::<Vec<_>>(), ["upgrade"]);
        assert_eq!(request.headers()["sec-websocket-key"], "k");
        assert!(!request.headers().contains_key(TE));
    }
}
