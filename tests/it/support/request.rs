//! Requests to write onto a socket.

use super::Headers;
use super::script::{chunk, last_chunk};

/// A request under construction. It has a `Host` and nothing else that was not asked for.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    method: String,
    target: String,
    headers: Headers,
    body: Vec<u8>,
    /// Of a chunked body.
    trailers: Option<Headers>,
}

impl Request {
    pub(crate) fn new(method: &str, target: &str) -> Self {
        let mut headers = Headers::default();
        headers.push("Host", "www.example.com");
        Self {
            method: method.to_owned(),
            target: target.to_owned(),
            headers,
            body: Vec::new(),
            trailers: None,
        }
    }

    pub(crate) fn get(target: &str) -> Self {
        Self::new("GET", target)
    }

    pub(crate) fn head(target: &str) -> Self {
        Self::new("HEAD", target)
    }

    pub(crate) fn post(target: &str) -> Self {
        Self::new("POST", target)
    }

    /// Replaces the host.
    pub(crate) fn host(self, host: &str) -> Self {
        self.without("Host").header("Host", host)
    }

    /// Adds a line, also when there is one of that name.
    pub(crate) fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.headers.push(name, value);
        self
    }

    /// Removes every line of this name.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.remove(name);
        self
    }

    /// A body with its length.
    pub(crate) fn body(mut self, body: impl AsRef<[u8]>) -> Self {
        self.body = body.as_ref().to_vec();
        let length = self.body.len().to_string();
        self.header("Content-Length", length)
    }

    /// A body in chunks, one for each piece; empty ones are left out, as one would be the end.
    pub(crate) fn chunked<P: AsRef<[u8]>>(mut self, pieces: impl IntoIterator<Item = P>) -> Self {
        let pieces = pieces.into_iter().filter(|piece| !piece.as_ref().is_empty());
        self.body = pieces.flat_map(|piece| chunk(piece.as_ref())).collect();
        self.trailers = Some(Headers::default());
        self.header("Transfer-Encoding", "chunked")
    }

    /// A trailer after the chunks.
    pub(crate) fn trailer(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        let trailers = self.trailers.as_mut().expect("only a chunked body has trailers");
        trailers.push(name, value);
        self
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let start = format!("{} {} HTTP/1.1\r\n", self.method, self.target);
        let end = self.trailers.as_ref().map(last_chunk).unwrap_or_default();
        [start.as_bytes(), &self.headers.to_bytes(), b"\r\n", &self.body, &end].concat()
    }
}
