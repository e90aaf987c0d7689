//! Whether an answer of the origin's is woven, or passed on as it is and why.

use encoding_rs::Encoding;
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderMap, HeaderValue};
use hyper::{Method, StatusCode};

use super::coding::{self, Coding};
use super::hop;

/// Why an answer is passed on byte for byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pass {
    /// The site has no content, now or ever.
    NoContent,
    /// The site's content was not there in time.
    ContentLate,
    /// It is not `text/html`.
    NotHtml,
    /// `Cache-Control: no-transform`, in the request or the answer.
    NoTransform,
    /// It is in a coding that is not undone here.
    Coding,
    /// It is in a charset that is not ASCII-compatible.
    Charset,
    /// It is a part of a document.
    Partial,
    /// It has no body.
    Bodyless,
    /// It became a tunnel.
    Upgraded,
}

impl Pass {
    /// The name in logs and metrics; stable from release to release.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::NoContent => "no_content",
            Self::ContentLate => "content_late",
            Self::NotHtml => "not_html",
            Self::NoTransform => "no_transform",
            Self::Coding => "coding",
            Self::Charset => "charset",
            Self::Partial => "partial",
            Self::Bodyless => "bodyless",
            Self::Upgraded => "upgraded",
        }
    }
}

/// How a page that is woven is read.
#[derive(Debug, PartialEq)]
pub(crate) struct Readable {
    /// As in `Content-Encoding`: the one applied last is last.
    pub(crate) codings: Vec<Coding>,
    /// The charset that the `Content-Type` names.
    pub(crate) charset: Option<&'static Encoding>,
}

/// Decides by the head of an answer to a request by `method`. `HEAD` is decided as its `GET` is.
///
/// # Errors
/// Why it is passed on.
pub(crate) fn decide(status: StatusCode, headers: &HeaderMap) -> Result<Readable, Pass> {
    if !has_body(status) {
        return Err(Pass::Bodyless);
    }
    let charset = html_charset(headers).ok_or(Pass::NotHtml)?;
    if status == StatusCode::PARTIAL_CONTENT {
        return Err(Pass::Partial);
    }
    if forbids_transforming(headers) {
        return Err(Pass::NoTransform);
    }
    if charset.is_some_and(|charset| !charset.is_ascii_compatible()) {
        return Err(Pass::Charset);
    }
    let codings = coding::from_headers(headers).map_err(|_| Pass::Coding)?;
    Ok(Readable { codings, charset })
}

/// Whether any line of `Cache-Control` says `no-transform`.
pub(crate) fn forbids_transforming(headers: &HeaderMap) -> bool {
    hop::lists(headers, &CACHE_CONTROL, "no-transform")
}

/// Whether a request by `method` may be sent again with other headers: it changes nothing.
pub(crate) fn is_safe(method: &Method) -> bool {
    *method == Method::GET || *method == Method::HEAD
}

fn has_body(status: StatusCode) -> bool {
    !status.is_informational()
        && status != StatusCode::NO_CONTENT
        && status != StatusCode::RESET_CONTENT
        && status != StatusCode::NOT_MODIFIED
}

/// The charset of an HTML answer, read as leniently as browsers do (WHATWG MIME Sniffing §4.4);
/// the outer `None` if it is not HTML. An unknown charset is as good as none.
fn html_charset(headers: &HeaderMap) -> Option<Option<&'static Encoding>> {
    let value = headers.get_all(CONTENT_TYPE).iter().next_back().map(HeaderValue::as_bytes)?;
    let mut parts = value.split(|&b| b == b';').map(<[u8]>::trim_ascii);
    if !parts.next()?.eq_ignore_ascii_case(b"text/html") {
        return None;
    }
    let charset = parts.find_map(|part| {
        let at = part.iter().position(|&b| b == b'=')?;
        let (name, label) = (&part[..at], &part[at + 1..]);
        name.trim_ascii().eq_ignore_ascii_case(b"charset").then_some(label)
    });
    let unquoted = charset.map(|label| label.strip_prefix(b"\"").unwrap_or(label));
    let label = unquoted.map(|label| label.strip_suffix(b"\"").unwrap_or(label));
    Some(label.and_then(Encoding::for_label))
}

#[cfg(test)]
mod tests {
    use super::*;
    use encoding_rs::{UTF_8, WINDOWS_1252};

    fn decided(status: u16, lines: &[(&'static str, &str)]) -> Result<Readable, Pass> {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        decide(StatusCode::from_u16(status).unwrap(), &headers)
    }

    #[test]
    fn html_is_recognised_as_browsers_do() {
        for (value, charset) in [
            ("text/html", None),
            ("TEXT/HTML;charset=UTF-8", Some(UTF_8)),
            ("text/html ; Charset=\"iso-8859-1\"", Some(WINDOWS_1252)),
            ("text/html; charset=", None),
            ("text/html;", None),
            ("text/html; charset=klingon", None),
            ("text/html; level=1; charset=utf8", Some(UTF_8)),
        ] {
            let found = decided(200, &[("content-type", value)]);
            assert_eq!(found, Ok(Readable { codings: vec![], charset }), "{value}");
        }
    }

    #[test]
    fn everything_else_passes_and_says_why() {
        let html = ("content-type", "text/html");
        for (status, lines, reason) in [
            (200, &[][..], Pass::NotHtml),
            (200, &[("content-type", "application/xhtml+xml")], Pass::NotHtml),
            (200, &[("content-type", "text/x-component")], Pass::NotHtml),
            (200, &[("content-type", "text/htmlx")], Pass::NotHtml),
            (204, &[html], Pass::Bodyless),
            (304, &[html], Pass::Bodyless),
            (206, &[html], Pass::Partial),
            (206, &[("content-type", "video/mp4")], Pass::NotHtml),
            (200, &[html, ("cache-control", "public, No-Transform")], Pass::NoTransform),
            (
                200,
                &[html, ("cache-control", "public"), ("cache-control", "no-transform")],
                Pass::NoTransform,
            ),
            (200, &[html, ("content-encoding", "compress")], Pass::Coding),
            (200, &[("content-type", "text/html; charset=utf-16")], Pass::Charset),
        ] {
            assert_eq!(decided(status, lines), Err(reason), "{status} {lines:?}");
        }
        assert!(decided(404, &[html]).is_ok());
        assert!(decided(500, &[html, ("content-encoding", "gzip, br")]).is_ok());
    }
}
