//! From woven pieces to what the client gets.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};

use super::super::coding::{Coding, Encoder};
use super::super::error::BodyFault;
use super::super::pieces::Pieces;
use super::replay::Replay;
use super::stored::Stored;
use crate::weave::{Output, Page, Tally, Tape};

/// Compresses, or does not, or has what goes out from last time.
pub(super) enum Sink {
    Live(Box<Live>),
    /// What went out last time, as far as the page is verified.
    Stored(Stored),
    /// The page is another after all: what has gone out of the stored one is compressed again.
    Replaying(Box<Replay>),
}

/// A compressor at work; none for a client that gets the page as it is.
pub(super) struct Live {
    encoder: Option<Encoder>,
    /// Whether it was given something since it was last flushed.
    unflushed: bool,
    tape: Option<Tape>,
}

impl Sink {
    /// `output` is what went out last time; `tape` notes what goes out now.
    pub(super) fn new(
        encode: Option<Coding>,
        output: Option<Arc<Output>>,
        tape: Option<Tape>,
    ) -> Self {
        match output {
            Some(output) => Self::Stored(Stored::new(output, encode)),
            None => Self::Live(Box::new(Live {
                encoder: encode.map(Encoder::new),
                unflushed: false,
                tape,
            })),
        }
    }

    /// Takes what was woven in one step of the page.
    pub(super) fn send(
        &mut self,
        page: &mut Page,
        mut woven: Vec<Bytes>,
    ) -> Result<Pieces, BodyFault> {
        match self {
            Self::Live(live) => live.send(page, woven),
            Self::Stored(stored) => {
                if let Some(verified) = page.verified() {
                    return Ok(stored.advance(verified).into());
                }
                page.wake(&mut woven);
                self.replay();
                self.send(page, woven)
            }
            Self::Replaying(replay) => {
                let Some((live, pieces)) = replay.take(woven)? else {
                    return Ok(Pieces::default());
                };
                *self = Self::Live(Box::new(live));
                Ok(pieces)
            }
        }
    }

    pub(super) fn is_stored(&self) -> bool {
        matches!(self, Self::Stored(_))
    }

    /// Whether something is held back that is to be readable when the origin pauses.
    pub(super) fn holds_back(&self, page: &Page) -> bool {
        match self {
            Self::Live(live) => live.unflushed && live.encoder.is_some(),
            Self::Stored(stored) => {
                page.verified().is_some_and(|verified| stored.holds_back(verified))
            }
            Self::Replaying(_) => false,
        }
    }

    /// The origin pauses: what it has sent is to be readable now.
    pub(super) fn flush(&mut self, page: &mut Page) -> Result<Pieces, BodyFault> {
        let mut ready = Vec::new();
        if let Self::Stored(_) = self {
            let mut woven = Vec::new();
            page.wake(&mut woven);
            self.replay();
            ready.extend(self.send(page, woven)?.into_bytes());
        }
        if let Self::Live(live) = self {
            ready.push(live.flush(page)?);
        }
        Ok(ready.into())
    }

    /// The page is over and has been sent; gives what went out, if that was noted.
    pub(super) fn finish(&mut self, page: &Page) -> Result<(Pieces, Option<Output>), BodyFault> {
        match self {
            Self::Live(live) => live.finish(page),
            Self::Stored(stored) => Ok((stored.finish().into(), None)),
            Self::Replaying(replay) => Err(replay.fault()),
        }
    }

    /// What became of the page's slots, where the page itself cannot tell.
    pub(super) fn tally(&self) -> Option<&Tally> {
        match self {
            Self::Stored(stored) => Some(stored.tally()),
            _ => None,
        }
    }

    fn replay(&mut self) {
        if let Self::Stored(stored) = self {
            *self = Self::Replaying(Box::new(stored.replay()));
        }
    }
}

impl Live {
    /// One that has been given something already.
    pub(super) fn resumed(encoder: Option<Encoder>) -> Self {
        Self { encoder, unflushed: true, tape: None }
    }

    fn send(&mut self, page: &Page, woven: Vec<Bytes>) -> Result<Pieces, BodyFault> {
        let len: usize = woven.iter().map(Bytes::len).sum();
        if len == 0 {
            return Ok(Pieces::default());
        }
        self.unflushed = true;
        let Some(tape) = &mut self.tape else { return self.put_out(woven) };
        let Some(verified) = page.verified() else {
            self.tape = None;
            return self.put_out(woven);
        };
        // In one piece, so that it can be done again just so.
        let woven = Bytes::from(woven.concat());
        let coded = match &mut self.encoder {
            Some(encoder) => {
                let mut coded = BytesMut::new();
                encoder.encode(&woven, &mut coded)?;
                coded.freeze()
            }
            None => woven,
        };
        if !tape.note(verified, len, &coded, false) {
            self.tape = None;
        }
        Ok(coded.into())
    }

    fn put_out(&mut self, woven: Vec<Bytes>) -> Result<Pieces, BodyFault> {
        let Some(encoder) = &mut self.encoder else { return Ok(woven.into()) };
        let mut coded = BytesMut::new();
        for piece in &woven {
            encoder.encode(piece, &mut coded)?;
        }
        Ok(coded.freeze().into())
    }

    fn flush(&mut self, page: &Page) -> Result<Bytes, BodyFault> {
        let mut coded = BytesMut::new();
        if std::mem::take(&mut self.unflushed)
            && let Some(encoder) = &mut self.encoder
        {
            encoder.flush(&mut coded)?;
        }
        let coded = coded.freeze();
        if let (Some(tape), Some(verified)) = (&mut self.tape, page.verified())
            && !coded.is_empty()
            && !tape.note(verified, 0, &coded, true)
        {
            self.tape = None;
        }
        Ok(coded)
    }

    fn finish(&mut self, page: &Page) -> Result<(Pieces, Option<Output>), BodyFault> {
        let mut coded = BytesMut::new();
        if let Some(encoder) = &mut self.encoder {
            encoder.finish(&mut coded)?;
        }
        let coded = coded.freeze();
        let tape = self.tape.take().filter(|_| page.verified().is_some());
        let output = tape.map(|tape| tape.finish(&coded, page.tally()));
        Ok((coded.into(), output))
    }
}
