//! From woven pieces to what the client gets.

use bytes::{Bytes, BytesMut};

use super::super::coding::{Coding, Encoder};
use super::super::error::BodyFault;
use super::super::pieces::Pieces;

/// Compresses, or does not.
pub(super) struct Sink {
    encoder: Option<Encoder>,
    /// Whether the encoder was given something since it was last flushed.
    unflushed: bool,
}

impl Sink {
    pub(super) fn new(encode: Option<Coding>) -> Self {
        Self { encoder: encode.map(Encoder::new), unflushed: false }
    }

    pub(super) fn send(&mut self, pieces: Vec<Bytes>) -> Result<Pieces, BodyFault> {
        let Some(encoder) = &mut self.encoder else { return Ok(pieces.into()) };
        let mut encoded = BytesMut::new();
        for piece in &pieces {
            self.unflushed |= !piece.is_empty();
            encoder.encode(piece, &mut encoded)?;
        }
        Ok(encoded.freeze().into())
    }

    /// The origin pauses: what it has sent is to be readable now.
    pub(super) fn flush(&mut self) -> Result<Pieces, BodyFault> {
        let mut encoded = BytesMut::new();
        if let Some(encoder) = &mut self.encoder
            && std::mem::take(&mut self.unflushed)
        {
            encoder.flush(&mut encoded)?;
        }
        Ok(encoded.freeze().into())
    }

    pub(super) fn finish(&mut self) -> Result<Pieces, BodyFault> {
        let mut encoded = BytesMut::new();
        if let Some(encoder) = &mut self.encoder {
            encoder.finish(&mut encoded)?;
        }
        Ok(encoded.freeze().into())
    }
}
