//! What the origin is told about the visitor's connection, and whose word is taken for it.
//!
//! Anybody can send these fields, so by default none that came in goes out.

use std::net::IpAddr;

use hyper::header::{FORWARDED, HeaderMap, HeaderName, HeaderValue};
use hyper::http::uri::Scheme;
use ipnet::IpNet;

use super::hop;

const FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const PREFIX: HeaderName = HeaderName::from_static("x-forwarded-prefix");

/// Where a request that goes round in circles is seen (RFC 8586). Not `Via`, which RFC 9110 asks of
/// gateways and none of nginx, HAProxy and Envoy send: with it, nginx compresses no more
/// (`gzip_proxied off`), and the site behind is slower for being behind.
const LOOP: HeaderName = HeaderName::from_static("cdn-loop");

/// The name by which this proxy signs it.
const PSEUDONYM: &str = "overprint";

/// How often a request may have passed a proxy of this name. One in front of another is a setup;
/// eight in a row are a proxy that is its own origin.
const MAX_PASSES: usize = 8;

/// The other end of a visitor's connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Peer {
    /// Its address.
    pub(crate) address: IpAddr,
    /// Whether its connection is encrypted.
    pub(crate) tls: bool,
    /// Whether its forwarded fields are believed; see [`is_trusted`].
    pub(crate) trusted: bool,
}

/// Whether `address` is in one of `networks`. An IPv4 address that a dual-stack socket reports as
/// IPv6 (`::ffff:10.0.0.1`) is the IPv4 address.
pub(crate) fn is_trusted(networks: &[IpNet], address: IpAddr) -> bool {
    let canonical = address.to_canonical();
    networks.iter().any(|network| network.contains(&canonical) || network.contains(&address))
}

/// Sets the forwarded fields of a request to the origin. From a trusted peer, lists (`Forwarded`,
/// `X-Forwarded-For`) grow and the rest stays; from any other, all are made afresh, and `Forwarded`
/// is left out. `host` is the authority that the visitor asked for.
pub(crate) fn apply(headers: &mut HeaderMap, peer: &Peer, host: Option<&HeaderValue>) {
    if !peer.trusted {
        hop::retain(headers, |name| !is_attribution(name.as_str()));
    }
    let address = peer.address.to_canonical();
    append(headers, FOR, &address.to_string());
    if headers.contains_key(FORWARDED) {
        append(headers, FORWARDED, &element(address, peer.tls, host));
    }
    let proto = HeaderValue::from_static(proto(peer.tls));
    headers.entry(PROTO).or_insert(proto);
    if let Some(host) = host {
        headers.entry(HOST).or_insert_with(|| host.clone());
    }
}

/// What stands before the origin's paths in the visitor's address, where `own` was taken off here: that,
/// behind what a trusted peer has taken off before. `headers` are the request's as they came in.
pub(crate) fn prefix(headers: &HeaderMap, peer: &Peer, own: &str) -> String {
    let said = headers.get(PREFIX).filter(|_| peer.trusted).and_then(|said| said.to_str().ok());
    format!("{}{own}", said.unwrap_or_default().trim_end_matches('/'))
}

/// Says so to the origin. To be called after [`apply`].
pub(crate) fn set_prefix(headers: &mut HeaderMap, prefix: &str) {
    if let Ok(prefix) = HeaderValue::from_str(prefix) {
        headers.insert(PREFIX, prefix);
    }
}

/// The scheme of the address in the visitor's browser: the connection's own, or what a trusted peer
/// that ended TLS says. `headers` are the request's as they came in.
pub(crate) fn scheme(headers: &HeaderMap, peer: &Peer) -> Scheme {
    let said = headers.get(PROTO).filter(|_| peer.trusted);
    let tls = match said.map(HeaderValue::as_bytes) {
        Some(said) if said.eq_ignore_ascii_case(b"https") => true,
        Some(said) if said.eq_ignore_ascii_case(b"http") => false,
        _ => peer.tls,
    };
    if tls { Scheme::HTTPS } else { Scheme::HTTP }
}

/// Signs a request.
pub(crate) fn sign(headers: &mut HeaderMap) {
    headers.append(LOOP, HeaderValue::from_static(PSEUDONYM));
}

/// Whether a request has come by so often that it must be going round in a circle.
pub(crate) fn looped(headers: &HeaderMap) -> bool {
    hop::members(headers, &LOOP).filter(|member| is_own(member)).count() >= MAX_PASSES
}

/// `overprint`, perhaps with parameters behind it.
fn is_own(member: &[u8]) -> bool {
    let name = member.split(|&b| b == b';').next().unwrap_or_default();
    name.trim_ascii().eq_ignore_ascii_case(PSEUDONYM.as_bytes())
}

/// Whether a field says where a request came from. Origins behind CGI and its heirs cannot tell `_`
/// from `-`, so neither is told apart here.
fn is_attribution(name: &str) -> bool {
    const X_FORWARDED: &str = "x-forwarded-";
    let is = |name: &str, known: &str| {
        name.len() == known.len()
            && name.bytes().zip(known.bytes()).all(|(b, k)| b == k || (b == b'_' && k == b'-'))
    };
    let x_forwarded = name.get(..X_FORWARDED.len()).is_some_and(|start| is(start, X_FORWARDED));
    x_forwarded || is(name, "forwarded") || is(name, "x-real-ip")
}

/// An element of `Forwarded` (RFC 7239 section 4).
fn element(address: IpAddr, tls: bool, host: Option<&HeaderValue>) -> String {
    let node = match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("\"[{address}]\""),
    };
    let proto = proto(tls);
    match host.and_then(|host| host.to_str().ok()) {
        Some(host) => format!("for={node};host=\"{host}\";proto={proto}"),
        None => format!("for={node};proto={proto}"),
    }
}

fn proto(tls: bool) -> &'static str {
    if tls { "https" } else { "http" }
}

/// Adds to a list, on one line: many origins read the first line only.
fn append(headers: &mut HeaderMap, name: HeaderName, member: &str) {
    let lines = headers.get_all(&name).iter().map(HeaderValue::as_bytes);
    let mut list: Vec<&[u8]> = lines.filter(|line| !line.is_empty()).collect();
    list.push(member.as_bytes());
    if let Ok(value) = HeaderValue::from_bytes(&list.join(&b", "[..])) {
        headers.insert(name, value);
    }
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

    fn peer(address: &str, tls: bool, trusted: bool) -> Peer {
        Peer { address: address.parse().unwrap(), tls, trusted }
    }

    #[test]
    fn an_unknown_peer_is_not_believed() {
        let spoofed = [
            ("x-forwarded-for", "1.1.1.1"),
            ("x-forwarded-for", "2.2.2.2"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "evil.example"),
            ("x-forwarded-prefix", "/evil"),
            ("x_forwarded_for", "1.1.1.1"),
            ("x-real-ip", "1.1.1.1"),
            ("x-real_ip", "1.1.1.1"),
            ("forwarded", "for=1.1.1.1"),
            ("x-forward", "kept"),
        ];
        let mut map = headers(&spoofed);
        let host = HeaderValue::from_static("shop.example:8080");
        apply(&mut map, &peer("9.9.9.9", false, false), Some(&host));
        let expected = [
            ("x-forward", "kept"),
            ("x-forwarded-for", "9.9.9.9"),
            ("x-forwarded-proto", "http"),
            ("x-forwarded-host", "shop.example:8080"),
        ];
        assert_eq!(map, headers(&expected));
    }

    #[test]
    fn a_trusted_peer_is_believed_and_added() {
        let mut map = headers(&[
            ("x-forwarded-for", "1.1.1.1"),
            ("x-forwarded-for", "2.2.2.2, 3.3.3.3"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "shop.example"),
            ("x-real-ip", "1.1.1.1"),
            ("forwarded", "for=1.1.1.1"),
        ]);
        let host = HeaderValue::from_static("inner");
        apply(&mut map, &peer("::ffff:10.0.0.7", false, true), Some(&host));
        let expected = [
            ("x-forwarded-for", "1.1.1.1, 2.2.2.2, 3.3.3.3, 10.0.0.7"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "shop.example"),
            ("x-real-ip", "1.1.1.1"),
            ("forwarded", "for=1.1.1.1, for=10.0.0.7;host=\"inner\";proto=http"),
        ];
        assert_eq!(map, headers(&expected));
    }

    #[test]
    fn what_is_missing_is_filled_in_and_forwarded_is_not() {
        let mut map = HeaderMap::new();
        apply(&mut map, &peer("2001:db8::1", true, true), None);
        let expected = [("x-forwarded-for", "2001:db8::1"), ("x-forwarded-proto", "https")];
        assert_eq!(map, headers(&expected));
    }

    #[test]
    fn ipv6_is_quoted_in_forwarded() {
        let mut map = headers(&[("forwarded", "")]);
        apply(&mut map, &peer("2001:db8::1", true, true), None);
        assert_eq!(map["forwarded"], "for=\"[2001:db8::1]\";proto=https");
    }

    #[test]
    fn trust_is_by_network() {
        let networks = ["10.0.0.0/8", "2001:db8::/32", "::ffff:192.168.0.0/112"]
            .map(|network| network.parse().unwrap());
        for (address, trusted) in [
            ("10.1.2.3", true),
            ("::ffff:10.1.2.3", true),
            ("11.0.0.1", false),
            ("::ffff:11.0.0.1", false),
            ("2001:db8:1::1", true),
            ("2001:db9::1", false),
            ("::ffff:192.168.3.4", true),
        ] {
            assert_eq!(is_trusted(&networks, address.parse().unwrap()), trusted, "{address}");
        }
        assert!(!is_trusted(&[], "127.0.0.1".parse().unwrap()));
    }

    #[test]
    fn the_public_scheme_is_the_connections_or_a_trusted_peers() {
        for (said, tls, trusted, scheme_is) in [
            (None, false, true, "http"),
            (None, true, false, "https"),
            (Some("https"), false, true, "https"),
            (Some("HTTP"), true, true, "http"),
            (Some("https"), false, false, "http"),
            (Some("gopher"), true, true, "https"),
        ] {
            let map = headers(
                &said.map(|said| ("x-forwarded-proto", said)).into_iter().collect::<Vec<_>>(),
            );
            assert_eq!(
                scheme(&map, &peer("10.0.0.1", tls, trusted)).as_str(),
                scheme_is,
                "{said:?}"
            );
        }
    }

    #[test]
    fn prefixes_add_up_where_they_are_believed() {
        for (said, trusted, expected) in [
            (None, true, "/de"),
            (Some("/shop"), true, "/shop/de"),
            (Some("/shop/"), true, "/shop/de"),
            (Some("/shop"), false, "/de"),
        ] {
            let said: Vec<_> = said.map(|said| ("x-forwarded-prefix", said)).into_iter().collect();
            let mut map = headers(&said);
            let told = prefix(&map, &peer("10.0.0.1", false, trusted), "/de");
            assert_eq!(told, expected, "{said:?}");
            set_prefix(&mut map, &told);
            assert_eq!(map, headers(&[("x-forwarded-prefix", expected)]));
        }
    }

    #[test]
    fn circles_are_seen() {
        let mut map = headers(&[("cdn-loop", "other, overprint-2, overprintx")]);
        for pass in 1..=8 {
            assert!(!looped(&map), "{pass}");
            sign(&mut map);
        }
        assert!(looped(&map));
        assert!(looped(&headers(&[("cdn-loop", &["Overprint; a"; 8].join(","))])));
    }
}
