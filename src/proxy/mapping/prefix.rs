//! Addresses in an answer to a request whose first segment the origin never saw: they get it back.

use hyper::header::{CONTENT_LOCATION, HeaderMap, HeaderValue, LOCATION, REFRESH};
use hyper::http::uri::Scheme;

use super::super::config::Segment;
use super::super::host::Address;
use super::super::visit::first_segment;
use super::{PublicAddress, authority_end, port_of, refresh_url, split_scheme};

/// The segment that was taken off a request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Prefix<'a> {
    /// With its slash: `/de`.
    pub(crate) text: &'a str,
    /// All segments that are taken off: an origin that knows them writes them itself.
    pub(crate) segments: &'a [Segment],
    /// What the origin was told that stands before its paths.
    pub(crate) told: &'a str,
}

/// Puts the prefix before paths of this site in `Location`, `Content-Location` and `Refresh`, unless
/// they begin with one. Relative paths need none, and other sites have none. To be called when the
/// origin's own address has become the public one.
pub(crate) fn restore_prefix(
    headers: &mut HeaderMap,
    prefix: &Prefix<'_>,
    public: Option<&PublicAddress>,
) {
    for (name, value) in headers.iter_mut() {
        let restored = match *name {
            LOCATION | CONTENT_LOCATION => prefix.url(value.as_bytes(), public),
            REFRESH => prefix.refresh(value.as_bytes(), public),
            _ => None,
        };
        if let Some(restored) = restored.and_then(|bytes| HeaderValue::from_bytes(&bytes).ok()) {
            *value = restored;
        }
    }
}

impl Prefix<'_> {
    fn url(&self, url: &[u8], public: Option<&PublicAddress>) -> Option<Vec<u8>> {
        let (site, path) = url.split_at(path_start(url, public)?);
        if self.is_before(path) {
            return None;
        }
        // `https://www.example.com?x`
        let slash: &[u8] = if path.first() == Some(&b'/') { b"" } else { b"/" };
        Some([site, self.text.as_bytes(), slash, path].concat())
    }

    fn refresh(&self, value: &[u8], public: Option<&PublicAddress>) -> Option<Vec<u8>> {
        let at = refresh_url(value)?;
        let restored = self.url(&value[at.clone()], public)?;
        Some([&value[..at.start], &restored, &value[at.end..]].concat())
    }

    fn is_before(&self, path: &[u8]) -> bool {
        let end = path.iter().position(|byte| matches!(byte, b'?' | b'#')).unwrap_or(path.len());
        let Ok(path) = str::from_utf8(&path[..end]) else { return false };
        let told = path.strip_prefix(self.told);
        Segment::find(self.segments, first_segment(path)).is_some()
            || told.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

/// Where the path of a URL of this site begins; none in a URL of another, and in a relative path.
fn path_start(url: &[u8], public: Option<&PublicAddress>) -> Option<usize> {
    if let Some((scheme, rest)) = split_scheme(url) {
        let end = authority_end(rest);
        let address = Address::parse(&rest[..end])?;
        return is_public(scheme, &address, public?).then(|| url.len() - rest.len() + end);
    }
    // Browsers read a backslash as a slash, and two of either begin a host.
    match url {
        [b'/', b'/' | b'\\', ..] => None,
        [b'/', ..] => Some(0),
        _ => None,
    }
}

/// Whether an address is the public one, under either scheme: a redirect from http to https stays on the
/// site.
fn is_public(scheme: Option<Scheme>, address: &Address, public: &PublicAddress) -> bool {
    let Some(own) = Address::parse(public.authority.as_str().as_bytes()) else { return false };
    let scheme = scheme.as_ref().unwrap_or(&public.scheme);
    let usual =
        |address: &Address, scheme: &Scheme| address.port_or(port_of(scheme)) == port_of(scheme);
    let same_port = address.port_or(port_of(scheme)) == own.port_or(port_of(&public.scheme));
    address.host() == own.host()
        && (same_port || usual(address, scheme) && usual(&own, &public.scheme))
}

#[cfg(test)]
mod tests {
    use super::super::super::request::testing::{headers, lines};
    use super::*;
    use crate::locale::Tag;

    fn restored(line: &str, told: &str) -> String {
        let segments =
            ["en", "de"].map(|text| Segment { text: text.into(), tag: Tag::parse(text).unwrap() });
        let prefix = Prefix { text: "/de", segments: &segments, told };
        let public =
            PublicAddress { scheme: Scheme::HTTPS, authority: "www.example.com".parse().unwrap() };
        let mut headers = headers([line]);
        restore_prefix(&mut headers, &prefix, Some(&public));
        lines(&headers).remove(0)
    }

    #[test]
    fn paths_of_the_site_get_it_back() {
        for (url, expected) in [
            ("/login", "/de/login"),
            ("/", "/de/"),
            ("/?x#y", "/de/?x#y"),
            ("/dex/a", "/de/dex/a"),
            ("https://www.example.com/login", "https://www.example.com/de/login"),
            ("http://WWW.example.com:80/login", "http://WWW.example.com:80/de/login"),
            ("https://www.example.com", "https://www.example.com/de/"),
            ("https://www.example.com?x", "https://www.example.com/de/?x"),
            ("//www.example.com/a", "//www.example.com/de/a"),
            ("https://www.example.com//a", "https://www.example.com/de//a"),
            ("/caf\u{e9}", "/de/caf\u{e9}"),
            // It is there.
            ("/de", "/de"),
            ("/de/a", "/de/a"),
            ("/DE/a", "/DE/a"),
            ("/en/a", "/en/a"),
            ("/de?x", "/de?x"),
            ("/en#x", "/en#x"),
            ("https://www.example.com/en/", "https://www.example.com/en/"),
            // It belongs to nobody here.
            ("login", "login"),
            ("?x", "?x"),
            ("", ""),
            ("//evil.example/a", "//evil.example/a"),
            ("/\\evil.example/a", "/\\evil.example/a"),
            ("https://other.example/login", "https://other.example/login"),
            ("https://www.example.com:8443/a", "https://www.example.com:8443/a"),
            ("https://u@www.example.com/a", "https://u@www.example.com/a"),
            ("mailto:a@www.example.com", "mailto:a@www.example.com"),
        ] {
            for name in ["location", "content-location"] {
                let found = restored(&format!("{name}: {url}"), "/de");
                assert_eq!(found, format!("{name}: {expected}"), "{url}");
            }
        }
        assert_eq!(restored("refresh: 5; url=/x", "/de"), "refresh: 5; url=/de/x");
        assert_eq!(restored("refresh: 5; url='/en/x'", "/de"), "refresh: 5; url='/en/x'");
        assert_eq!(restored("refresh: 5", "/de"), "refresh: 5");
        assert_eq!(restored("link: /x", "/de"), "link: /x");
    }

    #[test]
    fn an_origin_may_write_what_it_was_told() {
        assert_eq!(restored("location: /shop/de/a", "/shop/de"), "location: /shop/de/a");
        assert_eq!(restored("location: /shop/de", "/shop/de"), "location: /shop/de");
        assert_eq!(restored("location: /shop/dex", "/shop/de"), "location: /de/shop/dex");
    }
}
