//! A page's body on its way through: decoded, woven, encoded, with nothing held back that could go.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use hyper::HeaderMap;
use hyper::body::{Body, Frame};

use super::coding::{Coding, Decoder, Encoder, Progress};
use super::error::BodyFault;
use super::hop;
use crate::weave::Page;

/// The most that is decoded before it goes on: what a bomb of a stream may take.
const STEP: usize = 32 << 10;

/// The size of trailers that are passed on.
const TRAILERS: usize = 16 << 10;

/// A woven body around the origin's.
pub(crate) struct Woven<B> {
    origin: B,
    page: Page,
    decoder: Option<Decoder>,
    encoder: Option<Encoder>,
    /// Wire bytes that are not decoded yet.
    input: Bytes,
    more_output: bool,
    /// Whether the encoder was given something since it was last flushed.
    unflushed: bool,
    ready: VecDeque<Bytes>,
    trailers: Option<HeaderMap>,
    ended: bool,
}

impl<B> Woven<B> {
    /// `codings` as in the origin's `Content-Encoding`; `encode` is the one the client gets.
    pub(crate) fn new(origin: B, page: Page, codings: &[Coding], encode: Option<Coding>) -> Self {
        Self {
            origin,
            page,
            decoder: (!codings.is_empty()).then(|| Decoder::new(codings)),
            encoder: encode.map(Encoder::new),
            input: Bytes::new(),
            more_output: false,
            unflushed: false,
            ready: VecDeque::new(),
            trailers: None,
            ended: false,
        }
    }

    /// The page, with what became of its slots so far.
    pub(crate) fn page(&self) -> &Page {
        &self.page
    }

    /// Takes wire bytes through one step.
    fn step(&mut self) -> Result<(), BodyFault> {
        let Some(decoder) = &mut self.decoder else {
            let piece = std::mem::take(&mut self.input);
            return self.weave(piece);
        };
        let mut decoded = BytesMut::new();
        let progress = decoder.decode(&mut self.input, &mut decoded, STEP)?;
        self.more_output = progress == Progress::MoreOutput;
        self.weave(decoded.freeze())
    }

    fn weave(&mut self, piece: Bytes) -> Result<(), BodyFault> {
        if piece.is_empty() {
            return Ok(());
        }
        let mut woven = Vec::new();
        self.page.push(piece, &mut woven);
        self.send(woven)
    }

    fn send(&mut self, pieces: Vec<Bytes>) -> Result<(), BodyFault> {
        let Some(encoder) = &mut self.encoder else {
            self.ready.extend(pieces.into_iter().filter(|piece| !piece.is_empty()));
            return Ok(());
        };
        let mut encoded = BytesMut::new();
        for piece in &pieces {
            self.unflushed |= !piece.is_empty();
            encoder.encode(piece, &mut encoded)?;
        }
        self.emit(encoded);
        Ok(())
    }

    /// The origin pauses: what it has sent is to be readable now.
    fn flush(&mut self) -> Result<(), BodyFault> {
        if let Some(encoder) = &mut self.encoder
            && std::mem::take(&mut self.unflushed)
        {
            let mut encoded = BytesMut::new();
            encoder.flush(&mut encoded)?;
            self.emit(encoded);
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<(), BodyFault> {
        if let Some(decoder) = &mut self.decoder {
            decoder.finish()?;
        }
        let mut woven = Vec::new();
        self.page.finish(&mut woven);
        self.send(woven)?;
        if let Some(encoder) = &mut self.encoder {
            let mut encoded = BytesMut::new();
            encoder.finish(&mut encoded)?;
            self.emit(encoded);
        }
        self.ended = true;
        Ok(())
    }

    fn emit(&mut self, encoded: BytesMut) {
        if !encoded.is_empty() {
            self.ready.push_back(encoded.freeze());
        }
    }

    fn take_frame(&mut self, frame: Frame<Bytes>) {
        match frame.into_data() {
            Ok(data) => self.input = data,
            Err(frame) => {
                if let Ok(mut trailers) = frame.into_trailers() {
                    hop::strip_trailers(&mut trailers, TRAILERS);
                    super::rewrite::drop_digests(&mut trailers);
                    self.trailers = Some(trailers);
                }
            }
        }
    }
}

impl<B> Body for Woven<B>
where
    B: Body<Data = Bytes, Error = hyper::Error> + Unpin,
{
    type Data = Bytes;
    type Error = BodyFault;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyFault>>> {
        let this = &mut *self;
        loop {
            if let Some(piece) = this.ready.pop_front() {
                return Poll::Ready(Some(Ok(Frame::data(piece))));
            }
            if this.ended {
                return Poll::Ready(this.trailers.take().map(|t| Ok(Frame::trailers(t))));
            }
            if !this.input.is_empty() || this.more_output {
                this.step()?;
                continue;
            }
            match Pin::new(&mut this.origin).poll_frame(cx) {
                Poll::Ready(Some(frame)) => this.take_frame(frame?),
                Poll::Ready(None) => this.finish()?,
                Poll::Pending => {
                    this.flush()?;
                    if this.ready.is_empty() {
                        return Poll::Pending;
                    }
                }
            }
        }
    }
}
