//! What an origin does with a request, told step by step.
//!
//! A script is only a list; [`render`] turns it into what happens at the socket, and the origin
//! makes it happen.

mod render;

use bytes::Bytes;

pub(super) use self::render::{Action, chunk, last_chunk};
use super::{Coding, Cut, Gate, Headers};

/// An answer and what happens before, in and after it.
///
/// `Script::html("<p>first").chunked().wait(&gate).body("<p>second")` sends the first half, pauses
/// and then sends the rest. The connection is kept for the next request unless the script ends it,
/// or the answer's end would not be known otherwise.
#[derive(Debug)]
pub(crate) struct Script {
    answer: Answer,
    parts: Vec<Part>,
}

#[derive(Debug)]
struct Answer {
    status: u16,
    headers: Headers,
    framing: AnswerFraming,
    codings: Vec<Coding>,
    cut: Cut,
    trailers: Headers,
    unfinished: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum AnswerFraming {
    Length,
    Lie(usize),
    Chunked,
    UntilClose,
}

#[derive(Debug)]
enum Part {
    Head,
    Body(Bytes),
    Act(Action),
}

// === What is answered ===

impl Script {
    /// Nothing yet: for steps before an answer, or for an answer written by hand.
    pub(crate) fn new() -> Self {
        let answer = Answer {
            status: 200,
            headers: Headers::default(),
            framing: AnswerFraming::Length,
            codings: Vec::new(),
            cut: Cut::Whole,
            trailers: Headers::default(),
            unfinished: false,
        };
        Self { answer, parts: Vec::new() }
    }

    /// A page in UTF-8.
    pub(crate) fn html(body: impl AsRef<[u8]>) -> Self {
        Self::answer("text/html; charset=utf-8", body)
    }

    /// 200 with a body of this type and, unless told otherwise, its length.
    pub(crate) fn answer(content_type: &str, body: impl AsRef<[u8]>) -> Self {
        Self::new().part(Part::Head).header("content-type", content_type).body(body)
    }

    /// A head without a body.
    pub(crate) fn empty(status: u16) -> Self {
        Self::new().part(Part::Head).status(status)
    }

    /// An event stream: `Script::sse().event("one").wait(&gate).event("two")`.
    pub(crate) fn sse() -> Self {
        Self::answer("text/event-stream", "").header("cache-control", "no-cache").chunked()
    }

    /// 101; follow it with [`Script::echo_upgraded`].
    pub(crate) fn upgrade(protocol: &str) -> Self {
        Self::empty(101).header("connection", "Upgrade").header("upgrade", protocol)
    }

    /// Bytes written by hand, whole answers or garbage.
    pub(crate) fn raw(bytes: impl AsRef<[u8]>) -> Self {
        Self::new().send(bytes)
    }
}

// === How it is answered ===

impl Script {
    pub(crate) fn status(mut self, status: u16) -> Self {
        self.answer.status = status;
        self
    }

    /// Adds a line, also when there is one of that name.
    pub(crate) fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.answer.headers.push(name, value);
        self
    }

    /// Encodes the body; codings stack in the order given. Each pause finds all that was said
    /// before it flushed.
    pub(crate) fn coded(mut self, coding: Coding) -> Self {
        self.answer.codings.push(coding);
        self
    }

    pub(crate) fn gzip(self) -> Self {
        self.coded(Coding::Gzip)
    }

    pub(crate) fn deflate(self) -> Self {
        self.coded(Coding::Deflate)
    }

    pub(crate) fn brotli(self) -> Self {
        self.coded(Coding::Brotli)
    }

    pub(crate) fn zstd(self) -> Self {
        self.coded(Coding::Zstd)
    }

    pub(crate) fn chunked(self) -> Self {
        self.framing(AnswerFraming::Chunked)
    }

    /// Neither length nor chunks: the close is the end.
    pub(crate) fn until_close(self) -> Self {
        self.framing(AnswerFraming::UntilClose)
    }

    /// Announces `length` bytes whatever is sent, then closes.
    pub(crate) fn content_length_lie(self, length: usize) -> Self {
        self.framing(AnswerFraming::Lie(length))
    }

    /// Sends the body in pieces: writes, and chunks if it is chunked.
    pub(crate) fn cut(mut self, cut: Cut) -> Self {
        self.answer.cut = cut;
        self
    }

    /// A trailer after the chunks: of the answer, or of the next [`Script::end_chunks`].
    pub(crate) fn trailer(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.answer.trailers.push(name, value);
        self
    }

    /// Leaves out the end: the last chunk, the coding's last bytes, one byte of the length. The
    /// connection is closed there unless a step says otherwise.
    pub(crate) fn unfinished(mut self) -> Self {
        self.answer.unfinished = true;
        self
    }

    fn framing(mut self, framing: AnswerFraming) -> Self {
        self.answer.framing = framing;
        self
    }
}

// === Step by step ===

impl Script {
    /// More of the answer's body, encoded and framed with the rest.
    pub(crate) fn body(self, bytes: impl AsRef<[u8]>) -> Self {
        self.part(Part::Body(Bytes::copy_from_slice(bytes.as_ref())))
    }

    /// One server-sent event.
    pub(crate) fn event(self, data: &str) -> Self {
        self.body(format!("data: {data}\n\n"))
    }

    /// These bytes and no others.
    pub(crate) fn send(self, bytes: impl AsRef<[u8]>) -> Self {
        self.act(Action::Send(Bytes::copy_from_slice(bytes.as_ref())))
    }

    /// One chunk, by hand.
    pub(crate) fn chunk(self, bytes: impl AsRef<[u8]>) -> Self {
        self.send(chunk(bytes.as_ref()))
    }

    /// The last chunk, by hand, with the trailers given so far.
    pub(crate) fn end_chunks(self) -> Self {
        let last = last_chunk(&self.answer.trailers);
        self.send(last)
    }

    /// Pauses until the test opens the gate.
    pub(crate) fn wait(self, gate: &Gate) -> Self {
        self.act(Action::Wait(gate.clone()))
    }

    /// Reads until `count` bytes of the request's body have come: for [`super::Origin::early`].
    pub(crate) fn read_body(self, count: usize) -> Self {
        self.act(Action::ReadBody(count))
    }

    /// Says nothing more and holds the connection until the peer gives up or the test ends.
    pub(crate) fn stall(self) -> Self {
        self.act(Action::Stall)
    }

    /// Ends the connection with a RST.
    pub(crate) fn reset(self) -> Self {
        self.act(Action::Reset)
    }

    /// Ends the connection in order. Unread bytes of the request turn that into a RST, as they do
    /// for real servers.
    pub(crate) fn close(self) -> Self {
        self.act(Action::Close)
    }

    /// Ends the sending direction and goes on.
    pub(crate) fn half_close(self) -> Self {
        self.act(Action::HalfClose)
    }

    /// Sends back what comes until the peer closes its direction, then closes this one.
    pub(crate) fn echo_upgraded(self) -> Self {
        self.act(Action::Echo)
    }

    /// These steps, then `next`: `Script::new().wait(&gate).then(Script::html("…"))`.
    pub(crate) fn then(self, next: Self) -> Self {
        let headed = self.parts.iter().any(|part| matches!(part, Part::Head | Part::Body(_)));
        assert!(!headed, "only the last script of a sequence may be an answer");
        Self { answer: next.answer, parts: self.parts.into_iter().chain(next.parts).collect() }
    }

    fn act(self, action: Action) -> Self {
        self.part(Part::Act(action))
    }

    fn part(mut self, part: Part) -> Self {
        self.parts.push(part);
        self
    }
}
