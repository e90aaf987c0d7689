//! A page's body on its way through: decoded, woven, encoded, with nothing held back that could go.

mod replay;
mod sink;
mod source;
mod stored;

use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf, Bytes};
use hyper::HeaderMap;
use hyper::body::{Body, Frame};
use tokio::time::{Sleep, sleep};

use super::coding::Coding;
use super::error::BodyFault;
use super::hop;
use super::pieces::Pieces;
use crate::weave::{Met, OutputKey, Page, Recollection, Tally};
use sink::Sink;
use source::Source;

/// The size of trailers that are passed on.
const TRAILERS: usize = 16 << 10;

/// What is there of a page goes out in frames of about this many bytes; what is not is not waited for.
const FRAME: usize = 64 << 10;

/// And of about this many pieces, where an origin sends it in small ones.
const FRAME_PIECES: usize = 64;

/// A stored output is gone on with unless the origin pauses for so long: shorter pauses are but the next
/// packet's.
const PAUSE: Duration = Duration::from_millis(20);

/// A woven body around the origin's.
pub(crate) struct Woven<B> {
    origin: B,
    page: Page,
    /// What is remembered of it, and where it goes when it is over.
    recollection: Option<Recollection>,
    /// Names what goes out, if others get the same.
    output: Option<OutputKey>,
    /// Names it in the coding that the client gets.
    coded: Option<OutputKey>,
    source: Source,
    sink: Sink,
    pause: Option<Pin<Box<Sleep>>>,
    /// Wire bytes that are not decoded yet.
    input: Bytes,
    /// What was woven in this step.
    woven: Vec<Bytes>,
    /// What goes out with the next frame, and how many bytes came in for that.
    ready: Pieces,
    gathered: usize,
    /// Why there is nothing behind that.
    fault: Option<BodyFault>,
    trailers: Option<HeaderMap>,
    origin_ended: bool,
    ended: bool,
}

impl<B> Woven<B> {
    /// `codings` as in the origin's `Content-Encoding`; `encode` is the one the client gets. `output` names
    /// what goes out, if others get the same.
    pub(crate) fn new(
        origin: B,
        page: Page,
        recollection: Option<Recollection>,
        output: Option<OutputKey>,
        (codings, encode): (&[Coding], Option<Coding>),
    ) -> Self {
        let known = recollection.as_ref();
        let source = Source::new(codings, known.and_then(Recollection::kept));
        let coded = known.zip(output).zip(encode);
        let coded = coded.map(|((known, key), coding)| known.form_key(key, &coding));
        let stored = known.zip(coded).and_then(|(known, key)| known.output(key));
        let page = match known {
            // Nothing is asked of it as long as what is stored goes out, or before a frame does.
            Some(known) if stored.is_some() => known.prepare(page, output, false).idling(),
            Some(known) if encode.is_none() => known.prepare(page, output, true).idling(),
            Some(known) => known.prepare(page, output, false),
            None => page,
        };
        let sink = match (encode, stored) {
            (None, _) => Sink::Plain,
            (Some(coding), Some(stored)) => Sink::stored(stored, coding),
            (Some(coding), None) => {
                Sink::live(coding, known.filter(|_| coded.is_some()).map(Recollection::tape))
            }
        };
        Self {
            origin,
            page,
            recollection,
            output,
            coded,
            source,
            sink,
            pause: None,
            input: Bytes::new(),
            woven: Vec::new(),
            ready: Pieces::default(),
            gathered: 0,
            fault: None,
            trailers: None,
            origin_ended: false,
            ended: false,
        }
    }

    /// What became of the page's slots so far; of a remembered page nothing is counted before it is whole.
    pub(crate) fn tally(&self) -> Tally {
        let stored = self.sink.tally().filter(|_| self.ended);
        stored.cloned().unwrap_or_else(|| self.page.tally())
    }

    /// What the page was beside the one that is remembered: a stable name for logs and metrics.
    pub(crate) fn met(&self) -> &'static str {
        match (&self.recollection, self.page.met()) {
            (None, _) => "unremembered",
            (Some(_), Met::Same) if self.sink.is_stored() || self.is_reprinted() => "stored",
            (Some(_), Met::Same) => "same",
            (Some(_), Met::Close) => "close",
            (Some(_), Met::Diverged) => "diverged",
            (Some(_), Met::Unknown) => "unknown",
        }
    }

    fn is_reprinted(&self) -> bool {
        matches!(self.sink, Sink::Plain) && self.page.is_reprinted()
    }

    /// Remembers the page, if it is over.
    pub(crate) fn remember(&mut self) {
        if self.ended
            && let Some(recollection) = self.recollection.take()
        {
            // Compressed, it is not woven again but where it differs each time.
            let close = self.page.met() == Met::Close;
            if let Some(key) = self.output.filter(|_| close && self.coded.is_some()) {
                recollection.keep_printed(key, &self.page);
            }
            recollection.end(&mut self.page);
        }
    }

    /// Takes what there is of the input through one step.
    fn step(&mut self) -> Result<(), BodyFault> {
        let taken = self.source.step(&mut self.input, &mut self.page, &mut self.woven);
        self.send()?;
        taken
    }

    /// The origin's body is over.
    fn end_origin(&mut self) -> Result<(), BodyFault> {
        self.origin_ended = true;
        self.source.end(&mut self.input, &mut self.page, &mut self.woven);
        self.send()
    }

    fn finish(&mut self) -> Result<(), BodyFault> {
        self.source.finish()?;
        self.page.finish(&mut self.woven);
        self.send()?;
        let (pieces, output) = self.sink.finish(&self.page)?;
        self.ready.append(pieces);
        if let (Some(known), Some(key), Some(output)) = (&self.recollection, self.coded, output) {
            known.keep_output(key, output);
        }
        self.ended = true;
        Ok(())
    }

    /// Sends on what was woven.
    fn send(&mut self) -> Result<(), BodyFault> {
        let pieces = self.sink.send(&mut self.page, &mut self.woven)?;
        self.ready.append(pieces);
        Ok(())
    }

    /// Whether what is held back is to go out: the origin has nothing to send.
    fn is_paused(&mut self, cx: &mut Context<'_>) -> bool {
        if !self.sink.holds_back(&self.page) {
            return false;
        }
        if !self.sink.is_stored() {
            return true;
        }
        let pause = self.pause.get_or_insert_with(|| Box::pin(sleep(PAUSE)));
        pause.as_mut().poll(cx).is_ready()
    }

    fn take_frame(&mut self, frame: Frame<Bytes>) {
        match frame.into_data() {
            Ok(data) => {
                self.gathered += data.len();
                self.input = data;
            }
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

impl<B> Woven<B>
where
    B: Body<Data = Bytes, Error = hyper::Error> + Unpin,
{
    /// Takes what the origin has sent, up to what makes a frame. Pending where it has to send more first.
    fn gather(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BodyFault>> {
        while !self.ended
            && self.gathered.max(self.ready.remaining()) < FRAME
            && self.ready.count() < FRAME_PIECES
        {
            if !self.input.is_empty() || self.source.is_busy() {
                self.step()?;
            } else if self.origin_ended {
                self.finish()?;
            } else {
                match ready!(Pin::new(&mut self.origin).poll_frame(cx)) {
                    Some(frame) => self.take_frame(frame?),
                    None => self.end_origin()?,
                }
                self.pause = None;
            }
        }
        Poll::Ready(Ok(()))
    }

    /// The next frame's bytes; none if that is all.
    fn next(&mut self, cx: &mut Context<'_>) -> Poll<Result<Pieces, BodyFault>> {
        if let Some(fault) = self.fault.take() {
            return Poll::Ready(Err(fault));
        }
        loop {
            let gathered = self.gather(cx);
            self.gathered = 0;
            if let Sink::Plain = self.sink {
                self.page.emit(&mut self.woven);
                self.send()?;
            }
            if let Poll::Ready(Err(fault)) = gathered {
                // What is ready goes out all the same.
                self.fault = Some(fault);
            } else if gathered.is_pending() && self.ready.is_empty() {
                if !self.is_paused(cx) {
                    return Poll::Pending;
                }
                let pieces = self.sink.flush(&mut self.page)?;
                self.ready.append(pieces);
                if self.ready.is_empty() {
                    return Poll::Pending;
                }
            }
            if !self.ready.is_empty() || self.ended {
                return Poll::Ready(Ok(mem::take(&mut self.ready)));
            }
            if let Some(fault) = self.fault.take() {
                return Poll::Ready(Err(fault));
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
        let pieces = ready!(self.next(cx))?;
        if pieces.is_empty() {
            return Poll::Ready(self.trailers.take().map(|trailers| Ok(Frame::trailers(trailers))));
        }
        Poll::Ready(Some(Ok(Frame::data(pieces))))
    }

    fn is_end_stream(&self) -> bool {
        self.ended && self.ready.is_empty() && self.trailers.is_none()
    }
}
