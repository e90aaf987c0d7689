//! What a request says of its visitor, as far as what is printed may depend on it.

use std::borrow::Cow;

use hyper::header::{COOKIE, HeaderMap, HeaderName, HeaderValue};
use hyper::http::request::Parts;

use super::host::Host;
use super::percent;

/// A request, as whoever chooses what is printed looks at it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Visit<'r> {
    /// In the visitor's address.
    pub(crate) path: &'r str,
    /// The path that the origin is asked for.
    pub(crate) origin_path: &'r str,
    /// Behind the `?`, as it came.
    pub(crate) query: Option<&'r str>,
    /// The name that sites are told apart by.
    pub(crate) host: Option<&'r str>,
    headers: &'r HeaderMap,
}

impl<'r> Visit<'r> {
    /// `origin_path`: where it is not the visitor's own.
    pub(crate) fn new(parts: &'r Parts, host: &'r Host, origin_path: Option<&'r str>) -> Self {
        let path = parts.uri.path();
        Self {
            path,
            origin_path: origin_path.unwrap_or(path),
            query: parts.uri.query(),
            host: host.name(),
            headers: &parts.headers,
        }
    }

    /// The first segment of the path.
    pub(crate) fn first_segment(&self) -> &'r str {
        first_segment(self.path)
    }

    /// The value of a parameter, decoded; the first of that name counts.
    pub(crate) fn parameter(&self, name: &str) -> Option<Cow<'r, [u8]>> {
        let mut parameters =
            self.query?.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        let (_, value) = parameters.find(|(key, _)| is_named(key, name))?;
        Some(percent::decode_form(value.as_bytes()))
    }

    /// The value of a cookie, without its quotes and decoded, as nearly all who write one encode it;
    /// the first of that name counts (RFC 6265 section 5.4).
    pub(crate) fn cookie(&self, name: &str) -> Option<Cow<'r, [u8]>> {
        let lines = self.headers.get_all(COOKIE).into_iter();
        let mut pairs = lines.flat_map(|line| line.as_bytes().split(|&byte| byte == b';'));
        let value = pairs.find_map(|pair| {
            let at = pair.iter().position(|&byte| byte == b'=')?;
            let (key, value) = (pair[..at].trim_ascii(), pair[at + 1..].trim_ascii());
            (key == name.as_bytes()).then_some(value)
        })?;
        let bare = value.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\""));
        Some(percent::decode(bare.unwrap_or(value)))
    }

    /// The first line of a header.
    pub(crate) fn header(&self, name: &HeaderName) -> Option<&'r [u8]> {
        self.headers.get(name).map(HeaderValue::as_bytes)
    }

    /// All lines of a header.
    pub(crate) fn lines(&self, name: &HeaderName) -> impl Iterator<Item = &'r [u8]> {
        self.headers.get_all(name).into_iter().map(HeaderValue::as_bytes)
    }
}

/// The first segment of a path that starts with a slash.
pub(crate) fn first_segment(path: &str) -> &str {
    path.get(1..).and_then(|rest| rest.split('/').next()).unwrap_or_default()
}

/// Whether a parameter's name, as it stands in a query, is `name`.
pub(crate) fn is_named(key: &str, name: &str) -> bool {
    percent::decode_form(key.as_bytes()) == name.as_bytes()
}

#[cfg(test)]
mod tests {
    use super::super::host;
    use super::super::request::testing::parts;
    use super::*;

    /// What `read` finds on a request for `target` with these lines.
    fn found(
        target: &str,
        lines: &str,
        read: impl Fn(&Visit<'_>) -> Option<Vec<u8>>,
    ) -> Option<String> {
        let parts = parts(&format!("GET {target} HTTP/1.1|Host: a{lines}"));
        let host = host::authority(&parts).unwrap();
        let value = read(&Visit::new(&parts, &host, None));
        value.map(|value| String::from_utf8_lossy(&value).into_owned())
    }

    #[test]
    fn parameters_are_decoded() {
        for (target, expected) in [
            ("/", None),
            ("/?", None),
            ("/?lang=de", Some("de")),
            ("/?a=1&lang=de&lang=en", Some("de")),
            ("/?lang", Some("")),
            ("/?lang=", Some("")),
            ("/?l%61ng=a+b%20c", Some("a b c")),
            ("/?lang=a=b", Some("a=b")),
            ("/?Lang=de", None),
            ("/?xlang=de&lang;=en", None),
        ] {
            let read = |visit: &Visit<'_>| visit.parameter("lang").map(Cow::into_owned);
            assert_eq!(found(target, "", read).as_deref(), expected, "{target}");
        }
    }

    #[test]
    fn cookies_are_found_on_any_line() {
        for (lines, expected) in [
            ("", None),
            ("|Cookie: lang=de", Some("de")),
            ("|Cookie: a=1; lang=de; lang=en", Some("de")),
            ("|Cookie: a=1|Cookie: lang=de", Some("de")),
            ("|Cookie: lang=\"de\"", Some("de")),
            ("|Cookie: lang=pt%2DBR", Some("pt-BR")),
            ("|Cookie: lang=a+b", Some("a+b")),
            ("|Cookie:lang = de ;x", Some("de")),
            ("|Cookie: lang", None),
            ("|Cookie: Lang=de; xlang=en", None),
            ("|Cookie: lang=", Some("")),
            ("|Cookie: lang=\"", Some("\"")),
            ("|Cookie: ;;=; lang=a=b", Some("a=b")),
        ] {
            let read = |visit: &Visit<'_>| visit.cookie("lang").map(Cow::into_owned);
            assert_eq!(found("/", lines, read).as_deref(), expected, "{lines}");
        }
    }

    #[test]
    fn the_first_segment_is_between_slashes() {
        for (path, expected) in
            [("/", ""), ("/de", "de"), ("/de/", "de"), ("/de/a", "de"), ("//de", ""), ("*", "")]
        {
            assert_eq!(first_segment(path), expected, "{path}");
        }
    }
}
