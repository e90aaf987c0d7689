//! From woven pieces to what the client gets.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};

use super::super::coding::{Coding, Encoder};
use super::super::error::BodyFault;
use super::super::pieces::Pieces;
use super::replay::{self, Replay};
use super::stored::Stored;
use crate::weave::{Output, Page, Tally, Tape};

/// Compresses, or does not, or has what goes out from last time.
pub(super) enum Sink {
    /// The client gets the page as it is.
    Plain,
    Live(Box<Live>),
    /// What went out last time, as far as the page is verified.
    Stored(Stored),
}

/// A compressor at work.
pub(super) struct Live {
    encoder: Encoder,
    /// Whether it was given something since it was last flushed.
    unflushed: bool,
    tape: Option<Tape>,
    /// What has gone out of a stored page that turned out to be another, and is to be compressed again.
    owed: Option<Replay>,
}

impl Sink {
    /// `tape` notes what goes out.
    pub(super) fn live(coding: Coding, tape: Option<Tape>) -> Self {
        Self::Live(Box::new(Live::new(coding, tape)))
    }

    /// `output` is what went out last time, in this coding.
    pub(super) fn stored(output: Arc<Output>, coding: Coding) -> Self {
        Self::Stored(Stored::new(output, coding))
    }

    /// Takes what was woven in one step of the page, and leaves nothing of it.
    pub(super) fn send(
        &mut self,
        page: &mut Page,
        woven: &mut Vec<Bytes>,
    ) -> Result<Pieces, BodyFault> {
        match self {
            Self::Plain => Ok(Pieces::gather(woven)),
            Self::Live(live) => live.send(page, woven),
            Self::Stored(stored) => {
                if let Some(verified) = page.verified() {
                    return Ok(stored.advance(verified).into());
                }
                page.wake(woven);
                self.replay();
                self.send(page, woven)
            }
        }
    }

    pub(super) fn is_stored(&self) -> bool {
        matches!(self, Self::Stored(_))
    }

    /// Whether something is held back that is to be readable when the origin pauses.
    pub(super) fn holds_back(&self, page: &Page) -> bool {
        match self {
            Self::Live(live) => live.unflushed && live.owed.is_none(),
            Self::Stored(stored) => {
                page.verified().is_some_and(|verified| stored.holds_back(verified))
            }
            Self::Plain => false,
        }
    }

    /// The origin pauses: what it has sent is to be readable now.
    pub(super) fn flush(&mut self, page: &mut Page) -> Result<Pieces, BodyFault> {
        let mut ready = Vec::new();
        if let Self::Stored(_) = self {
            let mut woven = Vec::new();
            page.wake(&mut woven);
            self.replay();
            ready.extend(self.send(page, &mut woven)?.into_bytes());
        }
        if let Self::Live(live) = self {
            ready.push(live.flush(page)?);
        }
        Ok(ready.into())
    }

    /// The page is over and has been sent; gives what went out, if that was noted.
    pub(super) fn finish(&mut self, page: &Page) -> Result<(Pieces, Option<Output>), BodyFault> {
        match self {
            Self::Plain => Ok((Pieces::default(), None)),
            Self::Live(live) => live.finish(page),
            Self::Stored(stored) => Ok((stored.finish().into(), None)),
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
            *self = Self::Live(Box::new(stored.replay()));
        }
    }
}

impl Live {
    fn new(coding: Coding, tape: Option<Tape>) -> Self {
        Self { encoder: Encoder::new(coding), unflushed: false, tape, owed: None }
    }

    /// One that goes on where a stored output was left.
    pub(super) fn behind(coding: Coding, owed: Replay) -> Self {
        Self { owed: Some(owed), unflushed: true, ..Self::new(coding, None) }
    }

    fn send(&mut self, page: &Page, woven: &mut Vec<Bytes>) -> Result<Pieces, BodyFault> {
        if let Some(owed) = &mut self.owed {
            let Some(rest) = owed.take(&mut self.encoder, woven)? else {
                return Ok(Pieces::default());
            };
            self.owed = None;
            woven.push(rest);
        }
        let len: usize = woven.iter().map(Bytes::len).sum();
        if len == 0 {
            woven.clear();
            return Ok(Pieces::default());
        }
        self.unflushed = true;
        let verified = page.verified().filter(|_| self.tape.is_some());
        if verified.is_some() {
            // In one piece, so that it can be done again just so.
            let whole = Bytes::from(woven.concat());
            *woven = vec![whole];
        }
        let mut coded = BytesMut::new();
        for piece in woven.drain(..) {
            self.encoder.encode(&piece, &mut coded)?;
        }
        let coded = coded.freeze();
        self.note(verified, len, &coded, false);
        Ok(coded.into())
    }

    fn flush(&mut self, page: &Page) -> Result<Bytes, BodyFault> {
        if self.owed.is_some() {
            return Ok(Bytes::new());
        }
        let mut coded = BytesMut::new();
        if std::mem::take(&mut self.unflushed) {
            self.encoder.flush(&mut coded)?;
        }
        let coded = coded.freeze();
        if !coded.is_empty() {
            self.note(page.verified(), 0, &coded, true);
        }
        Ok(coded)
    }

    /// Notes what `coded` came of; nothing more once the page has turned out to be another.
    fn note(&mut self, verified: Option<usize>, woven: usize, coded: &Bytes, flushed: bool) {
        if let Some(tape) = &mut self.tape
            && !verified.is_some_and(|verified| tape.note(verified, woven, coded, flushed))
        {
            self.tape = None;
        }
    }

    fn finish(&mut self, page: &Page) -> Result<(Pieces, Option<Output>), BodyFault> {
        if self.owed.is_some() {
            return Err(replay::fault());
        }
        let mut coded = BytesMut::new();
        self.encoder.finish(&mut coded)?;
        let coded = coded.freeze();
        let tape = self.tape.take().filter(|_| page.verified().is_some());
        let output = tape.map(|tape| tape.finish(&coded, page.tally()));
        Ok((coded.into(), output))
    }
}
