//! From what the origin sends to the page's own bytes.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};

use super::super::coding::{Coding, Decoder, Progress};
use super::super::error::BodyFault;
use crate::weave::{Kept, Page, Wire};

/// The most that is decoded before it goes on: what a bomb of a stream may take.
const STEP: usize = 32 << 10;

/// Of a page that is recorded, how much is decoded between two marks: with each mark verified, what it
/// stands for can go out.
const MARKED: usize = 1 << 10;

/// How wire bytes become the page's.
pub(super) enum Source {
    /// They are its own.
    Plain,
    /// They are what a remembered page came as, so far.
    Expected(Expected),
    Coded(Box<Decoding>),
}

/// A remembered page's wire bytes, of which the first `met` have come again.
pub(super) struct Expected {
    kept: Arc<Kept>,
    met: usize,
    codings: Box<[Coding]>,
}

/// A body that is decoded.
pub(super) struct Decoding {
    decoder: Decoder,
    more_output: bool,
    /// What is being decoded between two marks, and what of it is not yet.
    part: Bytes,
    rest: Bytes,
    /// How much has been decoded, and how much of that the page had before.
    decoded: usize,
    known: usize,
}

impl Source {
    /// `codings` as in the origin's `Content-Encoding`; `kept` is what came last time.
    pub(super) fn new(codings: &[Coding], kept: Option<&Arc<Kept>>) -> Self {
        if codings.is_empty() {
            return Self::Plain;
        }
        match kept.filter(|kept| kept.is_wire_steady()) {
            Some(kept) => {
                let (kept, codings) = (Arc::clone(kept), codings.into());
                Self::Expected(Expected { kept, met: 0, codings })
            }
            None => Self::Coded(Box::new(Decoding::new(codings, 0))),
        }
    }

    /// Whether there is something to do without more input.
    pub(super) fn is_busy(&self) -> bool {
        matches!(self, Self::Coded(decoding) if decoding.more_output || !decoding.rest.is_empty())
    }

    /// Takes wire bytes through one step.
    ///
    /// # Errors
    /// They are not of the coding that they are said to be in.
    pub(super) fn step(
        &mut self,
        input: &mut Bytes,
        page: &mut Page,
        out: &mut Vec<Bytes>,
    ) -> Result<(), BodyFault> {
        match self {
            Self::Plain => page.push(std::mem::take(input), out),
            Self::Expected(expected) => match expected.take(input) {
                Some(known) => {
                    input.clear();
                    page.push_known(known, out);
                }
                None => *self = expected.give_up(input),
            },
            Self::Coded(decoding) => decoding.step(input, page, out)?,
        }
        Ok(())
    }

    /// The origin's body is over. Whatever is to be decoded now is put into `input`.
    pub(super) fn end(&mut self, input: &mut Bytes, page: &mut Page, out: &mut Vec<Bytes>) {
        if let Self::Expected(expected) = self {
            if expected.is_whole() {
                page.push_known(expected.kept.page_len(), out);
            } else {
                *self = expected.give_up(input);
            }
        }
    }

    /// # Errors
    /// The body ended inside its coding.
    pub(super) fn finish(&mut self) -> Result<(), BodyFault> {
        match self {
            Self::Coded(decoding) => Ok(decoding.decoder.finish()?),
            Self::Plain | Self::Expected(_) => Ok(()),
        }
    }
}

impl Expected {
    fn wire(&self) -> &[u8] {
        self.kept.wire().map_or(&[], |wire| wire.bytes())
    }

    /// How much of the page has come with this; none if it is something else.
    fn take(&mut self, input: &Bytes) -> Option<usize> {
        if !self.wire().get(self.met..)?.starts_with(input) {
            return None;
        }
        self.met += input.len();
        Some(self.decoded())
    }

    fn decoded(&self) -> usize {
        self.kept.wire().map_or(0, |wire| Wire::decoded(wire, self.met))
    }

    fn is_whole(&self) -> bool {
        self.met == self.wire().len()
    }

    /// What came as something else is decoded, from its first byte on: a decoder starts nowhere else.
    fn give_up(&self, input: &mut Bytes) -> Source {
        let mut all = BytesMut::from(&self.wire()[..self.met]);
        all.extend_from_slice(input);
        *input = all.freeze();
        let source = Source::Coded(Box::new(Decoding::new(&self.codings, self.decoded())));
        self.kept.wire_differs();
        source
    }
}

impl Decoding {
    fn new(codings: &[Coding], known: usize) -> Self {
        Self {
            decoder: Decoder::new(codings),
            more_output: false,
            part: Bytes::new(),
            rest: Bytes::new(),
            decoded: 0,
            known,
        }
    }

    fn step(
        &mut self,
        input: &mut Bytes,
        page: &mut Page,
        out: &mut Vec<Bytes>,
    ) -> Result<(), BodyFault> {
        if self.rest.is_empty() && !self.more_output {
            let len = if page.is_recorded() { input.len().min(MARKED) } else { input.len() };
            self.part = input.split_to(len);
            self.rest = self.part.clone();
        }
        let mut decoded = BytesMut::new();
        // What was decoded in front of a fault is good, and goes on.
        let progress = self.decoder.decode(&mut self.rest, &mut decoded, STEP);
        self.more_output = matches!(progress, Ok(Progress::MoreOutput));
        let mut piece = decoded.freeze();
        let known = self.known.saturating_sub(self.decoded).min(piece.len());
        self.decoded += piece.len();
        let fresh = piece.split_off(known);
        if !fresh.is_empty() {
            page.push(fresh, out);
        }
        if !self.more_output && page.is_recorded() {
            page.note_wire(&std::mem::take(&mut self.part), self.decoded);
        }
        progress?;
        Ok(())
    }
}
