//! The body that the client gets: the proxy's own, the origin's, or a woven one; timed and logged.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Buf, Bytes};
use http_body_util::Full;
use hyper::body::{Body, Frame, SizeHint};
use tokio::time::Instant;

use super::access::Record;
use super::error::BodyFault;
use super::hop::{self, TRAILER_LIMIT};
use super::origin::Incoming;
use super::pieces::Pieces;
use super::woven::Woven;
use crate::serve::Timer;

/// An answer's body.
pub(crate) struct Answer {
    source: Source,
    /// None where nothing is waited for.
    limits: Option<Limits>,
    /// Since when the origin has been waited for: a client that does not read is the connection's
    /// business.
    waiting: Option<Instant>,
    record: Record,
}

/// How long an origin's body may take.
pub(crate) struct Limits {
    /// Between two pieces of it.
    pub(crate) idle: Duration,
    /// To its end.
    pub(crate) deadline: Instant,
    pub(crate) timer: Timer,
}

pub(crate) enum Source {
    Own(Full<Bytes>),
    Passed(Incoming),
    Woven(Box<Woven<Incoming>>),
}

impl Answer {
    /// An answer that was complete before it began.
    pub(crate) fn own(body: Full<Bytes>, record: Record) -> Self {
        Self::start(Source::Own(body), record, None)
    }

    /// The origin's answer.
    pub(crate) fn new(source: Source, record: Record, limits: Limits) -> Self {
        Self::start(source, record, Some(limits))
    }

    fn start(source: Source, mut record: Record, limits: Option<Limits>) -> Self {
        if source.is_end_stream() {
            record.aborted = None;
        }
        Self { source, limits, waiting: None, record }
    }

    fn wait(&mut self, cx: &mut Context<'_>) -> Poll<BodyFault> {
        let Some(Limits { idle, deadline, timer }) = &self.limits else { return Poll::Pending };
        let since = *self.waiting.get_or_insert_with(Instant::now);
        let pause = since.checked_add(*idle).unwrap_or(*deadline);
        let fault = if pause < *deadline { BodyFault::Idle } else { BodyFault::Total };
        timer.poll(cx, pause.min(*deadline)).map(|()| fault)
    }

    fn pass(&mut self, frame: Frame<Pieces>) -> Frame<Pieces> {
        if let Some(data) = frame.data_ref() {
            self.record.sent += data.remaining() as u64;
        }
        if self.source.is_end_stream() {
            self.record.aborted = None;
        }
        match frame.into_trailers() {
            Ok(mut trailers) => {
                hop::strip_trailers(&mut trailers, TRAILER_LIMIT);
                Frame::trailers(trailers)
            }
            Err(frame) => frame,
        }
    }

    fn fail(&mut self, fault: BodyFault) -> BodyFault {
        self.record.aborted = Some(fault.name());
        tracing::debug!(id = %self.record.id, %fault, "answer aborted");
        fault
    }
}

impl Source {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Pieces>, BodyFault>>> {
        match self {
            Self::Own(body) => {
                Pin::new(body).poll_frame(cx).map_ok(whole).map_err(|never| match never {})
            }
            Self::Passed(body) => {
                Pin::new(body).poll_frame(cx).map_ok(whole).map_err(BodyFault::Origin)
            }
            Self::Woven(body) => Pin::new(&mut **body).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Own(body) => body.is_end_stream(),
            Self::Passed(body) => body.is_end_stream(),
            Self::Woven(body) => body.is_end_stream(),
        }
    }
}

impl Body for Answer {
    type Data = Pieces;
    type Error = BodyFault;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Pieces>, BodyFault>>> {
        let polled = match self.source.poll(cx) {
            Poll::Pending => match self.wait(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(fault) => Some(Err(self.fail(fault))),
            },
            Poll::Ready(Some(Ok(frame))) => Some(Ok(self.pass(frame))),
            Poll::Ready(Some(Err(fault))) => Some(Err(self.fail(fault))),
            Poll::Ready(None) => {
                self.record.aborted = None;
                None
            }
        };
        self.waiting = None;
        Poll::Ready(polled)
    }

    fn is_end_stream(&self) -> bool {
        self.source.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        match &self.source {
            Source::Own(body) => body.size_hint(),
            Source::Passed(body) => body.size_hint(),
            Source::Woven(_) => SizeHint::default(),
        }
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        if let Source::Woven(woven) = &mut self.source {
            self.record.slots = woven.tally();
            self.record.met = Some(woven.met());
            woven.remember();
        }
    }
}

fn whole(frame: Frame<Bytes>) -> Frame<Pieces> {
    frame.map_data(Pieces::from)
}
