//! Request heads for tests.

use hyper::Version;
use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use hyper::http::request::{Parts, Request};

/// Reads `GET / HTTP/1.1|Host: a|…`, a head with `|` for its line ends.
pub(crate) fn parts(head: &str) -> Parts {
    let mut lines = head.split('|');
    let (method, rest) = lines.next().unwrap().split_once(' ').unwrap();
    let (target, version) = rest.rsplit_once(' ').unwrap();
    let (mut parts, ()) = Request::new(()).into_parts();
    parts.method = method.parse().unwrap();
    parts.uri = target.parse().unwrap();
    parts.version = if version == "HTTP/1.0" { Version::HTTP_10 } else { Version::HTTP_11 };
    parts.headers = headers(lines);
    parts
}

/// The fields of `name: value` lines.
pub(crate) fn headers<'a>(lines: impl IntoIterator<Item = &'a str>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for line in lines {
        let (name, value) = line.split_once(':').unwrap();
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        headers.append(name, HeaderValue::from_bytes(value.trim().as_bytes()).unwrap());
    }
    headers
}

/// A head's fields in order, as `name: value` lines.
pub(crate) fn lines(headers: &HeaderMap) -> Vec<String> {
    let line = |(name, value): (&HeaderName, &HeaderValue)| {
        format!("{name}: {}", String::from_utf8_lossy(value.as_bytes()))
    };
    headers.iter().map(line).collect()
}
