//! A script, turned into what happens at the socket: coding, cutting, framing. Knows no socket.

use bytes::Bytes;

use super::{Answer, AnswerFraming, Part, Script};
use crate::support::body::bodyless;
use crate::support::coding::Pieces;
use crate::support::{Gate, Headers};

/// One thing an origin does.
#[derive(Debug, Clone)]
pub(crate) enum Action {
    Send(Bytes),
    Wait(Gate),
    ReadBody(usize),
    Stall,
    Reset,
    Close,
    HalfClose,
    Echo,
}

impl Script {
    /// What to do, in order, about a request with this method.
    pub(crate) fn actions(self, method: &str) -> Vec<Action> {
        let answer = &self.answer;
        let bodies = answer.encode(self.parts.iter().filter_map(body));
        let mut sends = answer.body_sends(method, &bodies).into_iter();
        let closes = answer.ends_by_close().then_some(Action::Close);
        let head = answer.head(bodies.iter().map(Bytes::len).sum());
        let actions = self.parts.into_iter().flat_map(|part| match part {
            Part::Head => vec![Action::Send(head.clone())],
            Part::Body(_) => sends.next().unwrap_or_default(),
            Part::Act(action) => vec![action],
        });
        actions.chain(closes).collect()
    }
}

impl Answer {
    /// The pieces of the body as they travel, one for each that was given.
    fn encode<'a>(&self, bodies: impl Iterator<Item = &'a Bytes>) -> Vec<Bytes> {
        let plain = Pieces { pieces: bodies.cloned().collect(), end: Bytes::new() };
        let coded = self.codings.iter().fold(plain, |pieces, coding| coding.encode_pieces(&pieces));
        let mut pieces = coded.pieces;
        if let (Some(last), false) = (pieces.last_mut(), self.unfinished) {
            *last = [last.as_ref(), &coded.end].concat().into();
        }
        pieces
    }

    /// The status line has no reason phrase, which is optional (RFC 9112 section 4).
    fn head(&self, sent: usize) -> Bytes {
        let mut headers = self.headers.clone();
        if !self.codings.is_empty() {
            let tokens: Vec<_> = self.codings.iter().map(|coding| coding.token()).collect();
            headers.push("content-encoding", tokens.join(", "));
        }
        if !bodyless("", self.status) {
            self.declare(&mut headers, sent);
        }
        let status = format!("HTTP/1.1 {} \r\n", self.status);
        [status.as_bytes(), &headers.to_bytes(), b"\r\n"].concat().into()
    }

    fn declare(&self, headers: &mut Headers, sent: usize) {
        let length = sent + usize::from(self.unfinished);
        match self.framing {
            AnswerFraming::Length => headers.push("content-length", length.to_string()),
            AnswerFraming::Lie(length) => headers.push("content-length", length.to_string()),
            AnswerFraming::Chunked => headers.push("transfer-encoding", "chunked"),
            AnswerFraming::UntilClose => {}
        }
    }

    /// What to send for each piece; nothing where there can be no body.
    fn body_sends(&self, method: &str, bodies: &[Bytes]) -> Vec<Vec<Action>> {
        if bodyless(method, self.status) {
            return Vec::new();
        }
        let mut sends: Vec<Vec<_>> = bodies.iter().map(|body| self.sends(body)).collect();
        let ends_in_chunk = self.framing == AnswerFraming::Chunked && !self.unfinished;
        if let (Some(last), true) = (sends.last_mut(), ends_in_chunk) {
            last.push(Action::Send(last_chunk(&self.trailers).into()));
        }
        sends
    }

    fn sends(&self, body: &Bytes) -> Vec<Action> {
        let pieces = self.cut.apply(body).into_iter();
        // An empty chunk would be the last one.
        let pieces = pieces.filter(|piece| !piece.is_empty());
        pieces.map(|piece| Action::Send(self.frame(piece))).collect()
    }

    fn frame(&self, piece: Bytes) -> Bytes {
        match self.framing {
            AnswerFraming::Chunked => chunk(&piece).into(),
            _ => piece,
        }
    }

    fn ends_by_close(&self) -> bool {
        self.unfinished || matches!(self.framing, AnswerFraming::UntilClose | AnswerFraming::Lie(_))
    }
}

pub(crate) fn chunk(bytes: &[u8]) -> Vec<u8> {
    [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat()
}

pub(crate) fn last_chunk(trailers: &Headers) -> Vec<u8> {
    [b"0\r\n", trailers.to_bytes().as_slice(), b"\r\n"].concat()
}

fn body(part: &Part) -> Option<&Bytes> {
    match part {
        Part::Body(bytes) => Some(bytes),
        Part::Head | Part::Act(_) => None,
    }
}
