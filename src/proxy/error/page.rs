//! The answer that a visitor gets in the origin's place: small, self-contained, and silent about
//! what is behind the proxy.

use bytes::Bytes;
use http_body_util::Full;
use hyper::Response;
use hyper::header::{
    ALLOW, CACHE_CONTROL, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderName,
    HeaderValue, RETRY_AFTER,
};

use super::Failure;

/// The methods of RFC 9110, and PATCH, without `CONNECT`: which of them a page takes is for the
/// origin to say.
const ALLOWED: HeaderValue =
    HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, TRACE");

/// So that an answer to `HEAD` names its request, too.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

const STYLE: &str = "\
:root{color-scheme:light dark}\
body{font:1.05rem/1.6 system-ui,sans-serif;max-width:34rem;margin:18vh auto 0;padding:0 1.5rem}\
h1{font-size:1.5rem;line-height:1.3;margin:0 0 .75rem}\
small{opacity:.7}";

impl Failure {
    /// The answer to a visitor: HTML, or plain text where `accept` (the request's `Accept`) rules
    /// HTML out. `head` leaves the body away and its length stated, as RFC 9110 section 9.3.2 asks.
    pub(crate) fn page(
        self,
        request_id: &str,
        accept: Option<&HeaderValue>,
        head: bool,
    ) -> Response<Full<Bytes>> {
        let html = accept.is_none_or(|accept| accepts_html(accept.as_bytes()));
        let text = if html { self.html(request_id) } else { self.plain(request_id) };
        let length = text.len();
        let body = if head { Bytes::new() } else { Bytes::from(text) };
        let mut response = Response::new(Full::new(body));
        *response.status_mut() = self.status();
        self.describe(response.headers_mut(), html, length);
        if let Ok(id) = HeaderValue::from_str(request_id) {
            response.headers_mut().insert(REQUEST_ID, id);
        }
        response
    }

    fn describe(self, headers: &mut HeaderMap, html: bool, length: usize) {
        let kind = if html { "text/html; charset=utf-8" } else { "text/plain; charset=utf-8" };
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if self.closes() {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        match self {
            Self::MethodNotAllowed => {
                headers.insert(ALLOW, ALLOWED);
            }
            Self::Unavailable { retry_after: Some(after) } => {
                headers.insert(RETRY_AFTER, HeaderValue::from(after.as_secs().max(1)));
            }
            _ => {}
        }
    }

    pub(super) fn html(self, request_id: &str) -> String {
        let (title, sentence) = self.words();
        let status = self.status().as_u16();
        let id = printable(request_id);
        format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n\
             <h1>{title}</h1>\n<p>{sentence}</p>\n\
             <p><small>Status {status}, request {id}</small></p>\n\
             </main>\n</body>\n</html>\n"
        )
    }

    fn plain(self, request_id: &str) -> String {
        let (title, sentence) = self.words();
        let status = self.status().as_u16();
        let id = printable(request_id);
        format!("{title}\n\n{sentence}\n\nStatus {status}, request {id}\n")
    }

    /// A heading, and what happened in a sentence or two. Neither has characters to escape.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::BadRequest(_) | Self::ClientGone => (
                "The request is malformed",
                "The browser or app sent something that this server cannot read.",
            ),
            Self::MethodNotAllowed => {
                ("Method not allowed", "This server does not open connections on behalf of others.")
            }
            Self::Timeout => {
                ("The request took too long", "The connection may be slow. Please try again.")
            }
            Self::BodyTooLarge => (
                "The upload is too large",
                "It is larger than this site accepts. Please send something smaller.",
            ),
            Self::ExpectationFailed => (
                "Expectation not supported",
                "The app that sent this request asked for something that this server cannot do.",
            ),
            Self::Misdirected => (
                "No site at this address",
                "This server does not know the site that was asked for. \
                 Please check the address.",
            ),
            Self::HeadTooLarge => (
                "The request is too large",
                "Often that is because of cookies. \
                 Deleting the cookies of this site may help.",
            ),
            Self::Internal => (
                "Something went wrong",
                "The fault is on the side of this site. Please try again later.",
            ),
            Self::NotImplemented => (
                "Encoding not supported",
                "The app that sent this request encoded it in a way that this server does not know.",
            ),
            Self::BadGateway(_) => (
                "The site is not responding properly",
                "It could not be reached, or gave no usable answer. \
                 Please try again in a moment.",
            ),
            Self::Unavailable { .. } => (
                "The site is busy",
                "It cannot take this request now. Please try again in a moment.",
            ),
            Self::GatewayTimeout(_) => (
                "The site is taking too long",
                "It did not answer in time. Please try again in a moment.",
            ),
            Self::LoopDetected => (
                "The site leads back to itself",
                "The request went round in circles. The fault is on the side of this site.",
            ),
        }
    }
}

/// The identifier without anything that HTML or a terminal could take for markup.
fn printable(request_id: &str) -> String {
    request_id
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
        .collect()
}

/// Whether `Accept` admits `text/html`, by its most specific range (RFC 9110 section 12.5.1).
fn accepts_html(accept: &[u8]) -> bool {
    ["text/html", "text/*", "*/*"]
        .into_iter()
        .find_map(|range| weighed(accept, range))
        .unwrap_or(false)
}

/// Whether `range` has a weight above zero; `None` where it is not listed.
fn weighed(accept: &[u8], range: &str) -> Option<bool> {
    accept.split(|&b| b == b',').find_map(|member| {
        let mut parts = member.split(|&b| b == b';').map(<[u8]>::trim_ascii);
        let listed = parts.next()?.eq_ignore_ascii_case(range.as_bytes());
        listed.then(|| !parts.any(is_zero_weight))
    })
}

/// `q=0`, `q=0.0` and so on.
fn is_zero_weight(parameter: &[u8]) -> bool {
    let [b'q' | b'Q', b'=', weight @ ..] = parameter else {
        return false;
    };
    !weight.is_empty() && weight.iter().all(|b| matches!(b, b'0' | b'.'))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http_body_util::BodyExt;

    use super::super::ALL;
    use super::*;

    fn text(response: Response<Full<Bytes>>) -> String {
        let body = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap()
            .block_on(response.into_body().collect())
            .unwrap();
        String::from_utf8(body.to_bytes().to_vec()).unwrap()
    }

    #[test]
    fn every_page_says_its_status_and_request_and_is_never_stored() {
        for failure in ALL {
            for accept in [None, Some(&HeaderValue::from_static("image/png"))] {
                let response = failure.page("r-17", accept, false);
                assert_eq!(response.status(), failure.status());
                assert_eq!(response.headers()[CACHE_CONTROL], "no-store");
                let length = response.headers()[CONTENT_LENGTH].to_str().unwrap().to_owned();
                let text = text(response);
                assert_eq!(length, text.len().to_string(), "{failure:?}");
                let signed = format!("Status {}, request r-17", failure.status().as_u16());
                assert!(text.contains(&signed), "{text}");
                assert!(!text.to_lowercase().contains("overprint"), "{text}");
            }
        }
    }

    #[test]
    fn html_is_for_those_who_take_it() {
        for (accept, html) in [
            (None, true),
            (Some("text/html,application/xhtml+xml,*/*;q=0.8"), true),
            (Some("*/*"), true),
            (Some("TEXT/*;q=0.1"), true),
            (Some("text/html;level=1; q=0.001"), true),
            (Some("application/json"), false),
            (Some("*/*, text/html;q=0"), false),
            (Some("text/html;q=0.000, */*"), false),
            (Some("text/plain"), false),
            (Some(""), false),
        ] {
            let value = accept.map(HeaderValue::from_static);
            let response = Failure::Internal.page("1", value.as_ref(), false);
            let kind = if html { "text/html; charset=utf-8" } else { "text/plain; charset=utf-8" };
            assert_eq!(response.headers()[CONTENT_TYPE], kind, "{accept:?}");
            assert_eq!(text(response).contains('<'), html, "{accept:?}");
        }
    }

    #[test]
    fn head_has_the_length_and_no_body() {
        let head = Failure::Misdirected.page("1", None, true);
        let get = Failure::Misdirected.page("1", None, false);
        assert_eq!(head.headers(), get.headers());
        assert_eq!(text(head), "");
    }

    #[test]
    fn some_statuses_bring_a_header() {
        let header = |failure: Failure, name| {
            let response = failure.page("1", None, false);
            response.headers().get(name).map(|value| value.to_str().unwrap().to_owned())
        };
        let after = |ms| Failure::Unavailable { retry_after: Some(Duration::from_millis(ms)) };
        assert!(header(Failure::MethodNotAllowed, ALLOW).is_some());
        assert_eq!(header(after(30_000), RETRY_AFTER).as_deref(), Some("30"));
        assert_eq!(header(after(10), RETRY_AFTER).as_deref(), Some("1"));
        assert_eq!(header(Failure::Unavailable { retry_after: None }, RETRY_AFTER), None);
        assert_eq!(header(Failure::BodyTooLarge, CONNECTION).as_deref(), Some("close"));
        assert_eq!(header(Failure::Misdirected, CONNECTION), None);
    }

    #[test]
    fn an_odd_request_id_is_no_markup() {
        let page = text(Failure::Internal.page("<script>1</script>", None, false));
        assert!(page.contains("request script1script<"), "{page}");
    }
}
