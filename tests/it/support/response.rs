//! Responses as they came off the socket.

use std::ops::Deref;

use super::Headers;
use super::coding::decode;
use super::headers::split_head;

/// The head of a response.
#[derive(Debug, Clone)]
pub(crate) struct ResponseHead {
    pub(crate) status: u16,
    pub(crate) headers: Headers,
    /// The head to the byte, with its empty line.
    pub(crate) raw: Vec<u8>,
}

impl ResponseHead {
    pub(super) fn parse(raw: Vec<u8>) -> Self {
        let (start, headers) = split_head(&raw);
        let code = start.strip_prefix("HTTP/1.").and_then(|rest| rest.get(2..5));
        let Some(status) = code.and_then(|code| code.parse().ok()) else {
            panic!("not a status line: {start:?}")
        };
        Self { status, headers, raw }
    }

    /// Whether another head follows for the same request.
    pub(crate) fn is_interim(&self) -> bool {
        (100..200).contains(&self.status) && self.status != 101
    }

    /// The value of a header that may stand once at most.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)
    }

    /// What `body`, the beginning of this response's, says without its codings.
    pub(super) fn decode(&self, body: &[u8]) -> (Vec<u8>, Option<String>) {
        decode(&self.headers.all("content-encoding").join(","), body)
    }
}

/// A response, or as much of one as came. Its head's fields are its own.
#[derive(Debug, Clone)]
pub(crate) struct Response {
    pub(super) head: ResponseHead,
    /// The body without its framing, still under its content codings.
    pub(crate) body: Vec<u8>,
    pub(crate) trailers: Headers,
    /// `false` if the connection ended before the framing said that this was all.
    pub(crate) complete: bool,
    /// The status codes of the interim responses before it.
    pub(crate) interim: Vec<u16>,
}

impl Response {
    /// The body without its content codings, which must be whole.
    pub(crate) fn decoded(&self) -> Vec<u8> {
        match self.head.decode(&self.body) {
            (body, None) => body,
            (body, Some(fault)) => panic!("after {} bytes of the body: {fault}", body.len()),
        }
    }

    /// The decoded body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.decoded()).expect("a body in UTF-8")
    }
}

impl Deref for Response {
    type Target = ResponseHead;

    fn deref(&self) -> &ResponseHead {
        &self.head
    }
}
