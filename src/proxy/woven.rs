//! A page's body on its way through: decoded, woven, encoded, with nothing held back that could go.

mod sink;
mod source;

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::HeaderMap;
use hyper::body::{Body, Frame};

use super::coding::Coding;
use super::error::BodyFault;
use super::hop;
use super::pieces::Pieces;
use crate::weave::{Page, Recollection};
use sink::Sink;
use source::Source;

/// The size of trailers that are passed on.
const TRAILERS: usize = 16 << 10;

/// A woven body around the origin's.
pub(crate) struct Woven<B> {
    origin: B,
    page: Page,
    /// What is remembered of it, and where it goes when it is over.
    recollection: Option<Recollection>,
    source: Source,
    sink: Sink,
    /// Wire bytes that are not decoded yet.
    input: Bytes,
    ready: VecDeque<Pieces>,
    trailers: Option<HeaderMap>,
    origin_ended: bool,
    ended: bool,
}

impl<B> Woven<B> {
    /// `codings` as in the origin's `Content-Encoding`; `encode` is the one the client gets.
    pub(crate) fn new(
        origin: B,
        page: Page,
        recollection: Option<Recollection>,
        codings: &[Coding],
        encode: Option<Coding>,
    ) -> Self {
        let page = match &recollection {
            // To pass a page in a coding without a label takes decoding and encoding it.
            Some(recollection) => recollection.prepare(page, !codings.is_empty()),
            None => page,
        };
        let kept = recollection.as_ref().and_then(Recollection::kept);
        let (source, sink) = (Source::new(codings, kept), Sink::new(encode));
        Self {
            origin,
            page,
            recollection,
            source,
            sink,
            input: Bytes::new(),
            ready: VecDeque::new(),
            trailers: None,
            origin_ended: false,
            ended: false,
        }
    }

    /// The page, with what became of its slots so far.
    pub(crate) fn page(&self) -> &Page {
        &self.page
    }

    /// Remembers the page, if it is over.
    pub(crate) fn remember(&mut self) {
        if self.ended
            && let Some(recollection) = self.recollection.take()
        {
            recollection.end(&mut self.page);
        }
    }

    /// Takes what there is of the input through one step.
    fn step(&mut self) -> Result<(), BodyFault> {
        let mut woven = Vec::new();
        let taken = self.source.step(&mut self.input, &mut self.page, &mut woven);
        let pieces = self.sink.send(woven)?;
        self.emit(pieces);
        taken
    }

    /// The origin's body is over.
    fn end_origin(&mut self) -> Result<(), BodyFault> {
        self.origin_ended = true;
        let mut woven = Vec::new();
        self.source.end(&mut self.input, &mut self.page, &mut woven);
        let pieces = self.sink.send(woven)?;
        self.emit(pieces);
        Ok(())
    }

    fn finish(&mut self) -> Result<(), BodyFault> {
        self.source.finish()?;
        let mut woven = Vec::new();
        self.page.finish(&mut woven);
        let pieces = self.sink.send(woven)?;
        self.emit(pieces);
        let pieces = self.sink.finish()?;
        self.emit(pieces);
        self.ended = true;
        Ok(())
    }

    fn emit(&mut self, pieces: Pieces) {
        if !pieces.is_empty() {
            self.ready.push_back(pieces);
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
    type Data = Pieces;
    type Error = BodyFault;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Pieces>, BodyFault>>> {
        let this = &mut *self;
        loop {
            if let Some(pieces) = this.ready.pop_front() {
                return Poll::Ready(Some(Ok(Frame::data(pieces))));
            }
            if this.ended {
                return Poll::Ready(this.trailers.take().map(|t| Ok(Frame::trailers(t))));
            }
            if !this.input.is_empty() || this.source.is_busy() {
                this.step()?;
                continue;
            }
            if this.origin_ended {
                this.finish()?;
                continue;
            }
            match Pin::new(&mut this.origin).poll_frame(cx) {
                Poll::Ready(Some(frame)) => this.take_frame(frame?),
                Poll::Ready(None) => this.end_origin()?,
                Poll::Pending => {
                    let pieces = this.sink.flush()?;
                    if pieces.is_empty() {
                        return Poll::Pending;
                    }
                    this.emit(pieces);
                }
            }
        }
    }
}
