//! Which header fields belong to one connection only (RFC 9110 section 7.6.1), and lists in fields.
//!
//! Serves both directions. Fields keep their order: they are left out of a copy, never swapped.

use std::mem;

use hyper::header::{
    CONNECTION, HeaderMap, HeaderName, HeaderValue, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, TE,
    TRANSFER_ENCODING, UPGRADE,
};

/// A trailer section of more bytes than this is dropped.
pub(crate) const TRAILER_LIMIT: usize = 16 << 10;

/// Connection fields without a constant. `proxy` is no field at all, but a CGI origin takes it for
/// the variable `HTTP_PROXY` (CVE-2016-5385).
const MORE_HOP_BY_HOP: [&str; 5] =
    ["keep-alive", "proxy-connection", "proxy-authentication-info", "http2-settings", "proxy"];

/// Fields that `Connection` cannot name away: a client could otherwise take from the origin what
/// the proxy said about it, what authorises it, or what the message means.
const PROTECTED: [&str; 19] = [
    "accept-encoding",
    "age",
    "authorization",
    "cache-control",
    "cookie",
    "date",
    "etag",
    "expires",
    "forwarded",
    "host",
    "location",
    "origin",
    "range",
    "referer",
    "set-cookie",
    "strict-transport-security",
    "vary",
    "via",
    "x-real-ip",
];
const PROTECTED_PREFIXES: [&str; 5] =
    ["access-control-", "content-", "if-", "sec-", "x-forwarded-"];

/// Fields that mean nothing, or harm, after the body (RFC 9110 section 6.5.1): routing,
/// authentication, request modifiers, response control. Framing fields are hop-by-hop or
/// `content-`.
const NO_TRAILERS: [&str; 23] = [
    "age",
    "authorization",
    "cache-control",
    "cookie",
    "date",
    "expect",
    "expires",
    "forwarded",
    "host",
    "location",
    "max-forwards",
    "pragma",
    "range",
    "retry-after",
    "set-cookie",
    "strict-transport-security",
    "trailer",
    "vary",
    "via",
    "warning",
    "www-authenticate",
    "x-real-ip",
    "x-http-method-override",
];

/// Removes what belongs to one connection: the connection fields themselves and whatever any line
/// of `Connection` nominates, except what must not be nominated. `Trailer` stays.
pub(crate) fn strip(headers: &mut HeaderMap) {
    let hops = HopByHop::of(headers);
    retain(headers, |name| !hops.contains(name));
}

/// Removes trailers that may not be merged into a message (RFC 9110 section 6.5.1); all of them
/// where names and values are more than `bound` bytes together, since half of a section misleads.
pub(crate) fn strip_trailers(trailers: &mut HeaderMap, bound: usize) {
    let size: usize = trailers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if size > bound {
        trailers.clear();
        return;
    }
    strip(trailers);
    retain(trailers, may_trail);
}

/// Says on a head that this connection is to be, or is now, `protocol` (RFC 9110 section 7.8).
pub(crate) fn set_upgrade(headers: &mut HeaderMap, protocol: &'static str) {
    headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static(protocol));
}

/// The fields of one head that belong to its connection.
pub(crate) struct HopByHop {
    nominated: Vec<HeaderName>,
}

impl HopByHop {
    /// Reads all lines of `Connection`.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let nominated = members(headers, &CONNECTION)
            // Ends here by itself, and is in nearly every answer.
            .filter(|token| !token.eq_ignore_ascii_case(b"keep-alive"))
            .filter_map(|token| HeaderName::from_bytes(token).ok())
            .filter(|name| !is_protected(name))
            .collect();
        Self { nominated }
    }

    /// Whether `name` ends here.
    pub(crate) fn contains(&self, name: &HeaderName) -> bool {
        is_hop_by_hop(name) || self.nominated.contains(name)
    }
}

/// The non-empty members of a comma-separated field, over all its lines (RFC 9110 section 5.6.1).
pub(crate) fn members<'h>(
    headers: &'h HeaderMap,
    name: &HeaderName,
) -> impl Iterator<Item = &'h [u8]> {
    headers
        .get_all(name)
        .iter()
        .flat_map(|line| line.as_bytes().split(|&b| b == b','))
        .map(<[u8]>::trim_ascii)
        .filter(|member| !member.is_empty())
}

/// Whether a comma-separated field has `token` as a member, in any case.
pub(crate) fn lists(headers: &HeaderMap, name: &HeaderName, token: &str) -> bool {
    members(headers, name).any(|member| member.eq_ignore_ascii_case(token.as_bytes()))
}

/// Leaves out the fields that `keep` refuses, in order.
pub(crate) fn retain(headers: &mut HeaderMap, keep: impl Fn(&HeaderName) -> bool) {
    if headers.keys().all(&keep) {
        return;
    }
    let all = mem::take(headers);
    headers.reserve(all.len());
    let mut last = None;
    for (name, value) in all {
        // Of a field's lines, only the first has its name.
        last = name.or(last);
        if let Some(name) = last.as_ref().filter(|name| keep(name)) {
            headers.append(name, value);
        }
    }
}

fn is_hop_by_hop(name: &HeaderName) -> bool {
    [CONNECTION, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, TE, TRANSFER_ENCODING, UPGRADE]
        .contains(name)
        || MORE_HOP_BY_HOP.contains(&name.as_str())
}

fn is_protected(name: &HeaderName) -> bool {
    let name = name.as_str();
    PROTECTED.contains(&name) || PROTECTED_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

/// Digests are made for trailers (RFC 9530); everything else of `content-` describes a body that
/// has been read already.
fn may_trail(name: &HeaderName) -> bool {
    let text = name.as_str();
    if matches!(text, "content-digest" | "content-md5") {
        return true;
    }
    let foreign = ["content-", "if-", "access-control-", "sec-", "x-forwarded-"];
    !NO_TRAILERS.contains(&text) && !foreign.iter().any(|prefix| text.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[(&str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(HeaderName::try_from(*name).unwrap(), value.parse().unwrap());
        }
        headers
    }

    fn names(headers: &HeaderMap) -> Vec<&str> {
        headers.iter().map(|(name, _)| name.as_str()).collect()
    }

    #[test]
    fn connection_fields_end_here() {
        for (lines, left) in [
            (&[("connection", "close"), ("a", "1")][..], &["a"][..]),
            (&[("connection", "x"), ("connection", "y"), ("x", "1"), ("y", "1")], &[]),
            (&[("connection", "X , ,y"), ("x", "1"), ("x", "2"), ("y", "1"), ("z", "1")], &["z"]),
            (&[("connection", "bad name, x"), ("x", "1")], &[]),
            (&[("keep-alive", "timeout=5"), ("te", "trailers"), ("upgrade", "h2c")], &[]),
            (&[("proxy-connection", "a"), ("proxy-authorization", "b")], &[]),
            (&[("proxy-authenticate", "a"), ("proxy", "http://evil")], &[]),
            (&[("transfer-encoding", "chunked"), ("http2-settings", "AAA")], &[]),
            (&[("trailer", "etag"), ("proxy-status", "a")], &["trailer", "proxy-status"]),
        ] {
            let mut map = headers(lines);
            strip(&mut map);
            assert_eq!(names(&map), left, "{lines:?}");
        }
    }

    #[test]
    fn some_fields_cannot_be_nominated() {
        for name in [
            "host",
            "content-length",
            "content-type",
            "authorization",
            "cookie",
            "set-cookie",
            "x-forwarded-for",
            "x-forwarded-anything",
            "x-real-ip",
            "forwarded",
            "cache-control",
            "via",
            "sec-fetch-site",
            "if-none-match",
        ] {
            let mut map = headers(&[("connection", &name.to_uppercase()), (name, "1")]);
            strip(&mut map);
            assert_eq!(names(&map), [name]);
        }
    }

    #[test]
    fn what_stays_keeps_its_order_bytes_and_repeats() {
        let mut map = headers(&[("a", "1"), ("te", "x"), ("b", "2"), ("c", "3"), ("b", "4")]);
        map.insert("d", HeaderValue::from_bytes(b"caf\xe9 \xff").unwrap());
        strip(&mut map);
        assert_eq!(names(&map), ["a", "b", "b", "c", "d"]);
        assert_eq!(map.get_all("b").iter().collect::<Vec<_>>(), ["2", "4"]);
        assert_eq!(map["d"].as_bytes(), b"caf\xe9 \xff");
    }

    #[test]
    fn trailers_carry_results_and_nothing_else() {
        for name in [
            "transfer-encoding",
            "content-length",
            "content-type",
            "content-encoding",
            "host",
            "authorization",
            "proxy-authorization",
            "www-authenticate",
            "set-cookie",
            "cookie",
            "trailer",
            "te",
            "connection",
            "cache-control",
            "location",
            "if-match",
            "x-forwarded-for",
            "access-control-allow-origin",
        ] {
            let mut map = headers(&[(name, "1"), ("grpc-status", "0")]);
            strip_trailers(&mut map, TRAILER_LIMIT);
            assert_eq!(names(&map), ["grpc-status"], "{name}");
        }
        let kept = ["grpc-status", "etag", "server-timing", "content-digest", "repr-digest"];
        let mut map = headers(&kept.map(|name| (name, "1")));
        strip_trailers(&mut map, TRAILER_LIMIT);
        assert_eq!(names(&map), kept);
    }

    #[test]
    fn a_trailer_section_over_the_bound_goes_whole() {
        for (bound, left) in [(10, 2), (9, 0)] {
            let mut map = headers(&[("abc", "12"), ("def", "34")]);
            strip_trailers(&mut map, bound);
            assert_eq!(map.len(), left, "{bound}");
        }
    }

    #[test]
    fn an_upgrade_is_said_once() {
        let mut map = headers(&[("connection", "close"), ("upgrade", "h2c"), ("upgrade", "b")]);
        set_upgrade(&mut map, "websocket");
        assert_eq!(map, headers(&[("connection", "upgrade"), ("upgrade", "websocket")]));
    }
}
