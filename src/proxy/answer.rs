//! The body that the client gets: the proxy's own, the origin's, or a woven one; timed and logged.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Buf, Bytes};
use http_body_util::Full;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::time::{Instant, Sleep, sleep_until};

use super::access::Record;
use super::error::BodyFault;
use super::hop::{self, TRAILER_LIMIT};
use super::pieces::Pieces;
use super::woven::Woven;

/// An answer's body.
pub(crate) struct Answer {
    source: Source,
    idle: Duration,
    deadline: Instant,
    /// Armed while the origin is waited for, and only then: a client that does not read is the
    /// connection's business.
    waiting: Option<Pin<Box<Sleep>>>,
    record: Record,
}

pub(crate) enum Source {
    Own(Full<Bytes>),
    Passed(Incoming),
    Woven(Box<Woven<Incoming>>),
}

impl Answer {
    /// An answer that was complete before it began.
    pub(crate) fn own(body: Full<Bytes>, record: Record) -> Self {
        Self::new(Source::Own(body), record, Duration::MAX, None)
    }

    /// The origin's answer. It may pause for `idle`, and take until `deadline`.
    pub(crate) fn new(
        source: Source,
        mut record: Record,
        idle: Duration,
        deadline: Option<Instant>,
    ) -> Self {
        let far = || Instant::now() + Duration::from_secs(365 * 24 * 3600);
        if source.is_end_stream() {
            record.aborted = None;
        }
        let deadline = deadline.unwrap_or_else(far);
        Self { source, idle, deadline, waiting: None, record }
    }

    fn wait(&mut self, cx: &mut Context<'_>) -> Poll<BodyFault> {
        let deadline = self.deadline;
        let idle = Instant::now().checked_add(self.idle).unwrap_or(deadline);
        let timer = self.waiting.get_or_insert_with(|| Box::pin(sleep_until(idle.min(deadline))));
        match timer.as_mut().poll(cx) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(()) if Instant::now() >= deadline => Poll::Ready(BodyFault::Total),
            Poll::Ready(()) => Poll::Ready(BodyFault::Idle),
        }
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
            Self::Woven(_) => false,
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
