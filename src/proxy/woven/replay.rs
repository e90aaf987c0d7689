//! Brings a compressor to where a stored output was left: given the same in the same steps, it has put
//! out the same.

use std::io;
use std::sync::Arc;

use bytes::{Buf, Bytes, BytesMut};

use super::super::coding::Encoder;
use super::super::error::BodyFault;
use crate::weave::Output;

/// What a compressor is still to be given again.
pub(super) struct Replay {
    output: Arc<Output>,
    /// How many steps of it are out.
    steps: usize,
    /// What has been woven since the page's start.
    woven: BytesMut,
}

impl Replay {
    pub(super) fn new(output: Arc<Output>, steps: usize) -> Self {
        Self { output, steps, woven: BytesMut::new() }
    }

    /// Takes what was woven next, and leaves nothing of it. When all is there that is out already, gives
    /// it to the compressor, and what comes behind it back.
    ///
    /// # Errors
    /// The compressor has not put out the same: what is out cannot be gone on with.
    pub(super) fn take(
        &mut self,
        encoder: &mut Encoder,
        woven: &mut Vec<Bytes>,
    ) -> Result<Option<Bytes>, BodyFault> {
        woven.drain(..).for_each(|piece| self.woven.extend_from_slice(&piece));
        let steps = &self.output.steps()[..self.steps];
        let (needed, sent) = steps.last().map_or((0, 0), |last| (last.woven, last.coded));
        if self.woven.len() < needed {
            return Ok(None);
        }
        if self.again(encoder)? != self.output.bytes()[..sent] {
            return Err(fault());
        }
        self.woven.advance(needed);
        Ok(Some(self.woven.split().freeze()))
    }

    /// What comes of what is out already, given in the steps that it was given in before.
    fn again(&self, encoder: &mut Encoder) -> Result<BytesMut, BodyFault> {
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
}

/// What a compressor that does not repeat itself is told of as.
pub(super) fn fault() -> BodyFault {
    BodyFault::Encode(io::Error::other("a compressor did not do again what it had done"))
}
