//! Answers that no S3 would give.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::Response;
use hyper::body::Frame;
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE, ETAG, HeaderValue, LAST_MODIFIED, LOCATION};
use s3s::{Body, HttpResponse, S3Error, S3ErrorCode};

use super::bucket::Object;

/// What a page of a network's own looks like to a client of S3. No UTF-8, no JSON, no XML.
const PAGE: &[u8] = b"<!doctype html><title>Welcome</title><p>Sign in to go on \xff\xfe\x00";

/// How many bytes an endless body has at most, and one chunk of it.
const ENDLESS: usize = 256 * 1024 * 1024;
const CHUNK: &[u8] = &[b'x'; 64 * 1024];

/// The end of a connection whose answer is no whole one: its last bytes, and how it closes.
#[derive(Debug)]
pub(super) struct Break {
    pub(super) bytes: Bytes,
    pub(super) reset: bool,
}

impl fmt::Display for Break {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "broken off with {} bytes", self.bytes.len())
    }
}

impl std::error::Error for Break {}

impl Break {
    pub(super) fn reset() -> Self {
        Self { bytes: Bytes::new(), reset: true }
    }

    pub(super) fn not_http() -> Self {
        Self { bytes: Bytes::from_static(b"SSH-2.0-OpenSSH_9.9\r\n"), reset: false }
    }

    /// The head of an answer and as much of its body.
    pub(super) async fn cut(answer: HttpResponse, count: usize, reset: bool) -> Self {
        let (head, body) = answer.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let mut bytes = format!("HTTP/1.1 {}\r\n", head.status).into_bytes();
        for (name, value) in &head.headers {
            bytes.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
        }
        if !head.headers.contains_key(CONTENT_LENGTH) {
            bytes.extend(format!("{CONTENT_LENGTH}: {}\r\n", body.len()).into_bytes());
        }
        bytes.extend(b"\r\n");
        bytes.extend(&body[..count.min(body.len())]);
        Self { bytes: bytes.into(), reset }
    }
}

/// An error as S3 words it, also of a status that it does not have.
pub(super) fn error(status: u16) -> HttpResponse {
    let mut error = S3Error::with_message(code(status), "Ordered by the test.");
    error.set_status_code(status.try_into().unwrap());
    error.to_http_response().unwrap()
}

pub(super) fn redirect(location: &str) -> HttpResponse {
    let mut answer = error(301);
    answer.headers_mut().insert(LOCATION, HeaderValue::from_str(location).unwrap());
    answer
}

/// A page instead of the object, under its ETag if it is there.
pub(super) fn garbage(object: Option<Object>) -> HttpResponse {
    let etag = object.unwrap_or_else(|| Object::new(Bytes::from_static(PAGE))).etag;
    let answer = Response::builder()
        .header(CONTENT_TYPE, "text/html")
        .header(ETAG, etag.to_http_header().unwrap())
        .header(LAST_MODIFIED, "Thu, 01 Jan 2026 00:00:00 GMT");
    answer.body(Body::from(Bytes::from_static(PAGE))).unwrap()
}

pub(super) fn endless() -> HttpResponse {
    Response::new(Body::http_body(Endless { left: ENDLESS }))
}

struct Endless {
    left: usize,
}

impl hyper::body::Body for Endless {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        Poll::Ready(Some(match self.left.checked_sub(CHUNK.len()) {
            Some(left) => {
                self.left = left;
                Ok(Frame::data(Bytes::from_static(CHUNK)))
            }
            None => Err(io::Error::other("nobody stopped it")),
        }))
    }
}

fn code(status: u16) -> S3ErrorCode {
    match status {
        301 => S3ErrorCode::PermanentRedirect,
        400 => S3ErrorCode::InvalidRequest,
        403 => S3ErrorCode::AccessDenied,
        404 => S3ErrorCode::NoSuchKey,
        409 => S3ErrorCode::ConditionalRequestConflict,
        412 => S3ErrorCode::PreconditionFailed,
        500 => S3ErrorCode::InternalError,
        429 | 503 => S3ErrorCode::SlowDown,
        _ => S3ErrorCode::Custom("Ordered".into()),
    }
}
