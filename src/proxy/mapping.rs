//! Addresses in an answer's head: where the origin names itself, the visitor reads the public name.
//!
//! Bytes that are not part of such an address stay as they are; whatever cannot be read stays
//! whole.

mod prefix;

use std::ops::Range;

use hyper::header::{
    CONTENT_LOCATION, HeaderMap, HeaderName, HeaderValue, LOCATION, REFRESH, SET_COOKIE,
};
use hyper::http::uri::{Authority, Scheme};

use super::config::Origin;
use super::host::{Address, Host};

pub(crate) use self::prefix::{Prefix, restore_prefix};

/// The address in the visitor's browser, up to the path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PublicAddress {
    /// `http` or `https`.
    pub(crate) scheme: Scheme,
    /// Host and perhaps port, as the visitor wrote them.
    pub(crate) authority: Authority,
}

impl PublicAddress {
    /// The address of a request for `host`; `None` where it named none.
    pub(crate) fn new(scheme: Scheme, host: &Host) -> Option<Self> {
        let authority = Authority::try_from(host.field()?.as_bytes()).ok()?;
        Some(Self { scheme, authority })
    }
}

/// Maps the origin's own address to the public one in `Location`, `Content-Location`, `Refresh` and
/// the `Domain` of `Set-Cookie`. A URL names the origin when host and port do, default ports
/// included, under either scheme: origins behind a proxy often guess theirs wrong.
pub(crate) fn map_response(headers: &mut HeaderMap, origin: &Origin, public: &PublicAddress) {
    if !headers.keys().any(may_name_origin) {
        return;
    }
    let Some(mapping) = Mapping::new(origin, public) else {
        return;
    };
    for (name, value) in headers.iter_mut() {
        if let Some(mapped) = mapping.field(name, value.as_bytes())
            && let Ok(mapped) = HeaderValue::from_bytes(&mapped)
        {
            *value = mapped;
        }
    }
}

fn may_name_origin(name: &HeaderName) -> bool {
    matches!(*name, LOCATION | CONTENT_LOCATION | REFRESH | SET_COOKIE)
}

struct Mapping<'a> {
    scheme: &'a Scheme,
    origin: Address,
    public: &'a PublicAddress,
    public_host: Address,
}

impl<'a> Mapping<'a> {
    fn new(origin: &'a Origin, public: &'a PublicAddress) -> Option<Self> {
        Some(Self {
            scheme: &origin.scheme,
            origin: Address::parse(origin.authority.as_str().as_bytes())?,
            public,
            public_host: Address::parse(public.authority.as_str().as_bytes())?,
        })
    }

    fn field(&self, name: &HeaderName, value: &[u8]) -> Option<Vec<u8>> {
        match *name {
            LOCATION | CONTENT_LOCATION => self.url(value),
            REFRESH => self.refresh(value),
            SET_COOKIE => self.cookie(value),
            _ => None,
        }
    }

    fn url(&self, url: &[u8]) -> Option<Vec<u8>> {
        let (scheme, rest) = split_scheme(url)?;
        let (authority, rest) = rest.split_at(authority_end(rest));
        if !self.is_origin(&Address::parse(authority)?, scheme.as_ref().unwrap_or(self.scheme)) {
            return None;
        }
        let public = self.public.authority.as_str().as_bytes();
        let start = match scheme {
            Some(_) => self.public.scheme.as_str().as_bytes(),
            None => return Some([b"//", public, rest].concat()),
        };
        Some([start, b"://", public, rest].concat())
    }

    fn is_origin(&self, address: &Address, scheme: &Scheme) -> bool {
        address.host() == self.origin.host()
            && address.port_or(port_of(scheme)) == self.origin.port_or(port_of(self.scheme))
    }

    fn refresh(&self, value: &[u8]) -> Option<Vec<u8>> {
        let url = refresh_url(value)?;
        let mapped = self.url(&value[url.clone()])?;
        Some([&value[..url.start], &mapped, &value[url.end..]].concat())
    }

    /// The parts of `Set-Cookie`, with the domains among them mapped.
    fn cookie(&self, value: &[u8]) -> Option<Vec<u8>> {
        let mut parts = value.split(|&b| b == b';');
        let pair = parts.next()?;
        let attributes: Vec<_> = parts.map(|part| (part, self.domain(part))).collect();
        if attributes.iter().all(|(_, mapped)| mapped.is_none()) {
            return None;
        }
        let mut cookie = pair.to_vec();
        for (part, mapped) in &attributes {
            cookie.push(b';');
            cookie.extend_from_slice(mapped.as_deref().unwrap_or(part));
        }
        Some(cookie)
    }

    fn domain(&self, attribute: &[u8]) -> Option<Vec<u8>> {
        let equals = attribute.iter().position(|&b| b == b'=')?;
        let (name, value) = (&attribute[..equals], &attribute[equals + 1..]);
        if !name.trim_ascii().eq_ignore_ascii_case(b"domain") {
            return None;
        }
        let domain = value.trim_ascii();
        // A leading dot is history: RFC 6265 section 5.2.3 ignores it.
        let domain = domain.strip_prefix(b".").unwrap_or(domain);
        if !domain.eq_ignore_ascii_case(self.origin.host().as_bytes()) {
            return None;
        }
        let start = attribute.len() - value.trim_ascii_start().len();
        let start = start + usize::from(attribute[start] == b'.');
        let end = start + domain.len();
        let public = self.public_host.host().as_bytes();
        Some([&attribute[..start], public, &attribute[end..]].concat())
    }
}

/// The scheme of an absolute URL, none for `//host/…`, and what follows the slashes.
fn split_scheme(url: &[u8]) -> Option<(Option<Scheme>, &[u8])> {
    if let Some(rest) = url.strip_prefix(b"//") {
        return Some((None, rest));
    }
    let colon = url.iter().position(|&b| b == b':')?;
    let scheme = match &url[..colon] {
        http if http.eq_ignore_ascii_case(b"http") => Scheme::HTTP,
        https if https.eq_ignore_ascii_case(b"https") => Scheme::HTTPS,
        _ => return None,
    };
    Some((Some(scheme), url[colon + 1..].strip_prefix(b"//")?))
}

/// Where the path, query or fragment starts. Browsers read a backslash as a slash (URL Standard,
/// "authority state").
fn authority_end(rest: &[u8]) -> usize {
    let ends = |b: &u8| matches!(b, b'/' | b'\\' | b'?' | b'#');
    rest.iter().position(ends).unwrap_or(rest.len())
}

fn port_of(scheme: &Scheme) -> u16 {
    if *scheme == Scheme::HTTPS { 443 } else { 80 }
}

/// Where the URL of `Refresh` is, as browsers find it (HTML Standard, "shared declarative refresh
/// steps"): `5; url='…'`, and much that is looser.
fn refresh_url(value: &[u8]) -> Option<Range<usize>> {
    let time = skip(value, 0, |b| b.is_ascii_digit() || b == b'.' || is_space(b));
    let separated = skip(value, time, |b| matches!(b, b';' | b',')).min(time + 1);
    let from = skip(value, separated, is_space);
    let start = skip_url_equals(value, from).unwrap_or(from);
    let quote = value.get(start).copied().filter(|b| matches!(b, b'"' | b'\''));
    let Some(quote) = quote else {
        return Some(start..value.len());
    };
    let rest = value.get(start + 1..)?;
    let length = rest.iter().position(|&b| b == quote).unwrap_or(rest.len());
    Some(start + 1..start + 1 + length)
}

/// Behind `url =`, if that is what stands at `from`.
fn skip_url_equals(value: &[u8], from: usize) -> Option<usize> {
    let word = value.get(from..from + 3)?;
    let equals = skip(value, from + 3, is_space);
    let found = word.eq_ignore_ascii_case(b"url") && value.get(equals) == Some(&b'=');
    found.then(|| skip(value, equals + 1, is_space))
}

fn skip(value: &[u8], from: usize, over: impl Fn(u8) -> bool) -> usize {
    from + value[from..].iter().take_while(|&&b| over(b)).count()
}

fn is_space(byte: u8) -> bool {
    byte.is_ascii_whitespace()
}

#[cfg(test)]
mod tests {
    use super::super::config::HostHeader;
    use super::*;

    fn mapped(origin: &str, public: &str, name: &HeaderName, value: &[u8]) -> Vec<u8> {
        let split = |url: &str| {
            let (scheme, authority) = url.split_once("://").unwrap();
            (scheme.parse::<Scheme>().unwrap(), authority.parse::<Authority>().unwrap())
        };
        let (scheme, authority) = split(origin);
        let origin = Origin { scheme, authority, host: HostHeader::Visitor };
        let (scheme, authority) = split(public);
        let mut headers = HeaderMap::new();
        headers.append(name, HeaderValue::from_static("/first"));
        headers.append(name, HeaderValue::from_bytes(value).unwrap());
        map_response(&mut headers, &origin, &PublicAddress { scheme, authority });
        assert_eq!(headers.get(name).unwrap(), "/first");
        headers.get_all(name).iter().nth(1).unwrap().as_bytes().to_vec()
    }

    fn check(origin: &str, name: &HeaderName, cases: &[(&str, &str)]) {
        for (value, expected) in cases {
            let found = mapped(origin, "https://www.shop.example", name, value.as_bytes());
            assert_eq!(str::from_utf8(&found).unwrap(), *expected, "{value}");
        }
    }

    #[test]
    fn urls_of_the_origin_become_public() {
        let cases = [
            ("http://127.0.0.1:3000/a?b#c", "https://www.shop.example/a?b#c"),
            ("HTTP://127.0.0.1:3000", "https://www.shop.example"),
            ("https://127.0.0.1:3000/a", "https://www.shop.example/a"),
            ("http://127.0.0.1:3000?q", "https://www.shop.example?q"),
            ("http://127.0.0.1:3000\\a", "https://www.shop.example\\a"),
            ("//127.0.0.1:3000/a", "//www.shop.example/a"),
            (
                "http://127.0.0.1:3000/?to=http://127.0.0.1:3000/",
                "https://www.shop.example/?to=http://127.0.0.1:3000/",
            ),
            ("/a", "/a"),
            ("a", "a"),
            ("", ""),
            ("?http://127.0.0.1:3000/", "?http://127.0.0.1:3000/"),
            ("http://127.0.0.1/a", "http://127.0.0.1/a"),
            ("http://127.0.0.1:30000/a", "http://127.0.0.1:30000/a"),
            ("http://127.0.0.1:3000.evil/a", "http://127.0.0.1:3000.evil/a"),
            ("http://u@127.0.0.1:3000/a", "http://u@127.0.0.1:3000/a"),
            ("http://other.example:3000/", "http://other.example:3000/"),
            ("http:/127.0.0.1:3000/", "http:/127.0.0.1:3000/"),
            ("ftp://127.0.0.1:3000/", "ftp://127.0.0.1:3000/"),
        ];
        check("http://127.0.0.1:3000", &LOCATION, &cases);
        check("http://127.0.0.1:3000", &CONTENT_LOCATION, &cases);
    }

    #[test]
    fn default_ports_need_not_be_written() {
        let cases = [
            ("http://app.internal/a", "https://www.shop.example/a"),
            ("http://App.Internal.:80/a", "https://www.shop.example/a"),
            ("//app.internal/a", "//www.shop.example/a"),
            ("https://app.internal/a", "https://app.internal/a"),
            ("http://app.internal:443/", "http://app.internal:443/"),
        ];
        check("http://app.internal", &LOCATION, &cases);
        let cases = [
            ("https://app.internal:443/", "https://www.shop.example/"),
            ("http://app.internal/", "http://app.internal/"),
        ];
        check("https://app.internal", &LOCATION, &cases);
    }

    #[test]
    fn bytes_around_an_address_stay() {
        let found = mapped("http://a", "http://b:8080", &LOCATION, b"http://a/caf\xe9\xff");
        assert_eq!(found, b"http://b:8080/caf\xe9\xff");
        let found = mapped("http://a", "http://b", &LOCATION, b"http://a\xff/");
        assert_eq!(found, b"http://a\xff/");
        let found = mapped("http://[::1]:80", "http://b", &LOCATION, b"http://[0:0::1]/");
        assert_eq!(found, b"http://b/");
    }

    #[test]
    fn refresh_is_read_as_browsers_do() {
        check(
            "http://a",
            &REFRESH,
            &[
                ("5; url=http://a/x", "5; url=https://www.shop.example/x"),
                ("0;URL = 'http://a/x'; y", "0;URL = 'https://www.shop.example/x'; y"),
                (" 1.5 , \"http://a/x", " 1.5 , \"https://www.shop.example/x"),
                ("5 http://a/", "5 https://www.shop.example/"),
                ("5; url=/x", "5; url=/x"),
                ("5; url=http://b/", "5; url=http://b/"),
                ("5", "5"),
                ("", ""),
                ("5; url", "5; url"),
                ("5; url='", "5; url='"),
                ("5;;http://a/", "5;;http://a/"),
            ],
        );
    }

    #[test]
    fn cookie_domains_of_the_origin_become_public() {
        check(
            "http://app.internal:3000",
            &SET_COOKIE,
            &[
                ("a=b; Domain=app.internal; Path=/", "a=b; Domain=www.shop.example; Path=/"),
                ("a=b;domain = .APP.internal ;Secure", "a=b;domain = .www.shop.example ;Secure"),
                ("a=b; Domain=internal", "a=b; Domain=internal"),
                ("a=b; Domain=x.app.internal", "a=b; Domain=x.app.internal"),
                ("Domain=app.internal", "Domain=app.internal"),
                ("a=b; Path=/; HttpOnly", "a=b; Path=/; HttpOnly"),
                ("a=b; Domain=", "a=b; Domain="),
                ("a=b; Domain=.", "a=b; Domain=."),
                ("a=b; Domain", "a=b; Domain"),
                ("", ""),
            ],
        );
        let found = mapped("http://a", "http://b:8080", &SET_COOKIE, b"c=\xff; Domain=a");
        assert_eq!(found, b"c=\xff; Domain=b");
    }

    #[test]
    fn other_fields_are_not_looked_at() {
        let link = HeaderName::from_static("link");
        check("http://a", &link, &[("http://a/", "http://a/")]);
    }
}
