//! Brings a compressor to where a stored output was left: given the same in the same steps, it has put
//! out the same.

use std::io;
use std::sync::Arc;

use bytes::{Buf, Bytes, BytesMut};

use super::super::coding::Encoder;
use super::super::error::BodyFault;
use super::super::pieces::Pieces;
use super::sink::Live;
use crate::weave::Output;

/// A compressor that is given again what is out already.
pub(super) struct Replay {
    output: Arc<Output>,
    /// How many steps of it are out.
    steps: usize,
    /// None for a client that gets the page as it is.
    encoder: Option<Encoder>,
    /// What has been woven since the page's start.
    woven: BytesMut,
}

impl Replay {
    pub(super) fn new(output: Arc<Output>, steps: usize, encoder: Option<Encoder>) -> Self {
        Self { output, steps, encoder, woven: BytesMut::new() }
    }

    /// Takes what was woven next. When all is there that is out already, gives the compressor, and what
    /// it puts out of the rest.
    ///
    /// # Errors
    /// It has not put out the same: what is out cannot be gone on with.
    pub(super) fn take(&mut self, woven: Vec<Bytes>) -> Result<Option<(Live, Pieces)>, BodyFault> {
        woven.iter().for_each(|piece| self.woven.extend_from_slice(piece));
        let steps = &self.output.steps()[..self.steps];
        let (needed, sent) = steps.last().map_or((0, 0), |last| (last.woven, last.coded));
        if self.woven.len() < needed {
            return Ok(None);
        }
        let again = self.again(needed)?;
        if again != self.output.bytes()[..sent] {
            return Err(self.fault());
        }
        self.woven.advance(needed);
        let mut coded = self.woven.split();
        if let Some(encoder) = &mut self.encoder {
            let rest = std::mem::take(&mut coded);
            encoder.encode(&rest, &mut coded)?;
        }
        let live = Live::resumed(self.encoder.take());
        Ok(Some((live, coded.freeze().into())))
    }

    /// What comes of the first `needed` bytes, given in the steps that they were given in before.
    fn again(&mut self, needed: usize) -> Result<BytesMut, BodyFault> {
        let Some(encoder) = &mut self.encoder else {
            return Ok(BytesMut::from(&self.woven[..needed]));
        };
        let (mut coded, mut done) = (BytesMut::new(), 0);
        for step in &self.output.steps()[..self.steps] {
            if step.flushed {
                encoder.flush(&mut coded)?;
            } else {
                encoder.encode(&self.woven[done..step.woven], &mut coded)?;
            }
            done = step.woven;
        }
        Ok(coded)
    }

    pub(super) fn fault(&self) -> BodyFault {
        BodyFault::Encode(io::Error::other("a compressor did not do again what it had done"))
    }
}
