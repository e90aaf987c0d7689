//! The head of a woven answer: nothing in it may speak of the bytes that the origin sent.

use hyper::header::{
    ACCEPT_ENCODING, ACCEPT_RANGES, CONTENT_ENCODING, CONTENT_LENGTH, ETAG, HeaderMap, HeaderName,
    HeaderValue, LAST_MODIFIED, TRAILER,
};

use super::coding::Coding;
use super::conditional::Stamp;
use super::hop;
use super::told::Told;

/// Fields that are computed from the bytes of a body.
const DIGESTS: [HeaderName; 4] = [
    HeaderName::from_static("content-md5"),
    HeaderName::from_static("digest"),
    HeaderName::from_static("content-digest"),
    HeaderName::from_static("repr-digest"),
];

/// Rewrites the head of an answer that is woven, or would be if it were not for `HEAD`.
pub(crate) fn rewrite(headers: &mut HeaderMap, stamp: &Stamp, told: &Told, coding: Sent) {
    speak_of_woven(headers, told, coding.chosen);
    announce_no_digest(headers);
    let tag = headers.get(ETAG).and_then(|tag| stamp.put(tag));
    set(headers, ETAG, tag);
    let coding = coding.coding.map(|coding| HeaderValue::from_static(coding.as_str()));
    set(headers, CONTENT_ENCODING, coding);
}

/// Removes what the origin says of its own bytes from a woven answer, or a 304 that stands for one, and
/// says what it depends on instead. `negotiated`: which coding the client gets depends on what it accepts.
pub(crate) fn speak_of_woven(headers: &mut HeaderMap, told: &Told, negotiated: bool) {
    for name in [CONTENT_LENGTH, ACCEPT_RANGES, LAST_MODIFIED] {
        headers.remove(name);
    }
    drop_digests(headers);
    told.write(headers, negotiated.then_some(&ACCEPT_ENCODING));
}

/// How the client gets a woven body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sent {
    pub(crate) coding: Option<Coding>,
    /// Whether the client's `Accept-Encoding` made the difference here, and not at the origin.
    pub(crate) chosen: bool,
}

/// Removes what is computed from a body's bytes, from a head or trailers.
pub(crate) fn drop_digests(headers: &mut HeaderMap) {
    hop::retain(headers, |name| !DIGESTS.contains(name));
}

/// `Trailer` may not promise what was removed.
fn announce_no_digest(headers: &mut HeaderMap) {
    if !headers.contains_key(TRAILER) {
        return;
    }
    let is_digest =
        |name: &&[u8]| DIGESTS.iter().any(|d| d.as_str().as_bytes().eq_ignore_ascii_case(name));
    let kept: Vec<&[u8]> = hop::members(headers, &TRAILER).filter(|n| !is_digest(n)).collect();
    let kept = HeaderValue::from_bytes(&kept.join(&b", "[..])).ok().filter(|kept| !kept.is_empty());
    set(headers, TRAILER, kept);
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: Option<HeaderValue>) {
    match value {
        Some(value) => headers.insert(name, value),
        None => headers.remove(name),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_speaks_of_the_origins_bytes_goes() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("content-length", "5"),
            ("content-md5", "x"),
            ("repr-digest", "x"),
            ("accept-ranges", "bytes"),
            ("last-modified", "x"),
            ("etag", "\"a\""),
            ("content-encoding", "gzip, br"),
            ("trailer", "Content-Digest, X-Sum"),
            ("x-other", "kept"),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        let sent = Sent { coding: Some(Coding::Brotli), chosen: true };
        rewrite(&mut headers, &Stamp::new("r", "en", "1", None), &Told::default(), sent);
        let mut left: Vec<_> =
            headers.iter().map(|(n, v)| format!("{n}: {}", v.to_str().unwrap())).collect();
        left.sort();
        assert_eq!(
            left,
            [
                "content-encoding: br",
                "etag: W/\"a--op-sr.en.1\"",
                "trailer: X-Sum",
                "vary: accept-encoding",
                "x-other: kept",
            ]
        );
    }
}
