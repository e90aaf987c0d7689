//! Message bodies out of their framing (RFC 9112 section 6), as the bytes arrive. Knows no socket.

use bytes::{Buf, BytesMut};

use super::Headers;
use super::headers::find;

/// How the end of a body is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framing {
    Length(usize),
    Chunked,
    UntilClose,
}

impl Framing {
    pub(super) fn of_request(headers: &Headers) -> Self {
        Self::declared(headers).unwrap_or(Self::Length(0))
    }

    pub(super) fn of_response(method: &str, status: u16, headers: &Headers) -> Self {
        if bodyless(method, status) {
            return Self::Length(0);
        }
        Self::declared(headers).unwrap_or(Self::UntilClose)
    }

    /// Two framings on one message are how requests are smuggled: seeing both ends the test.
    fn declared(headers: &Headers) -> Option<Self> {
        match (headers.get("transfer-encoding"), headers.get("content-length")) {
            (None, None) => None,
            (Some("chunked"), None) => Some(Self::Chunked),
            (None, Some(length)) => Some(Self::Length(length.parse().expect("a content length"))),
            framings => panic!("not one framing but {framings:?}"),
        }
    }
}

/// Whether a response has no body whatever its headers say (RFC 9112 section 6.3).
pub(super) fn bodyless(method: &str, status: u16) -> bool {
    method == "HEAD" || matches!(status, 100..=199 | 204 | 304)
}

/// A body on its way in.
#[derive(Debug)]
pub(super) struct BodyReader {
    state: State,
    pub(super) bytes: Vec<u8>,
    pub(super) trailers: Headers,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Length(usize),
    UntilClose,
    ChunkSize,
    Chunk(usize),
    Trailers,
    Done,
}

impl BodyReader {
    pub(super) fn new(framing: Framing) -> Self {
        let state = match framing {
            Framing::Length(length) => State::Length(length),
            Framing::Chunked => State::ChunkSize,
            Framing::UntilClose => State::UntilClose,
        };
        Self { state, bytes: Vec::new(), trailers: Headers::default() }
    }

    /// Takes what belongs to this body from the front of `input`.
    pub(super) fn feed(&mut self, input: &mut BytesMut) {
        while !self.is_done() && self.step(input) {}
    }

    /// Whether the framing said that this was all.
    pub(super) fn is_done(&self) -> bool {
        matches!(self.state, State::Done | State::Length(0))
    }

    /// Whether an orderly close is how this body ends.
    pub(super) fn ends_by_close(&self) -> bool {
        self.state == State::UntilClose
    }

    /// `false` when more input is needed.
    fn step(&mut self, input: &mut BytesMut) -> bool {
        match self.state {
            State::Length(left) => self.take(input, left, State::Length),
            State::UntilClose => self.take(input, usize::MAX, |_| State::UntilClose),
            State::Chunk(left @ 1..) => self.take(input, left, State::Chunk),
            State::Chunk(0) | State::ChunkSize | State::Trailers => self.line(input),
            State::Done => false,
        }
    }

    fn take(&mut self, input: &mut BytesMut, left: usize, then: fn(usize) -> State) -> bool {
        let taken = input.split_to(left.min(input.len()));
        self.bytes.extend_from_slice(&taken);
        self.state = then(left - taken.len());
        !taken.is_empty()
    }

    fn line(&mut self, input: &mut BytesMut) -> bool {
        let Some(end) = find(input, b"\r\n") else {
            return false;
        };
        let line = input.split_to(end);
        input.advance(2);
        self.state = self.after_line(&line);
        true
    }

    fn after_line(&mut self, line: &[u8]) -> State {
        match self.state {
            State::ChunkSize if chunk_size(line) == 0 => State::Trailers,
            State::ChunkSize => State::Chunk(chunk_size(line)),
            State::Trailers if line.is_empty() => State::Done,
            State::Trailers => {
                self.trailers.push_line(line);
                State::Trailers
            }
            _ if line.is_empty() => State::ChunkSize,
            _ => panic!("a chunk is longer than it said, by {}", line.escape_ascii()),
        }
    }
}

/// The size without its extensions.
fn chunk_size(line: &[u8]) -> usize {
    let digits = line.split(|&byte| byte == b';').next().unwrap_or_default();
    let digits = std::str::from_utf8(digits).unwrap_or_default();
    match usize::from_str_radix(digits.trim(), 16) {
        Ok(size) => size,
        Err(_) => panic!("not a chunk size: {}", line.escape_ascii()),
    }
}
