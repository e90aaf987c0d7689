//! A request's body on its way to the origin: counted, timed, and honest about why it ended.

use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::sync::oneshot;
use tokio::time::{Sleep, sleep};

use super::error::Failure;
use super::hop::{self, TRAILER_LIMIT};
use crate::serve::{Stalled, Upload};

/// The body of a request to the origin.
pub(crate) enum OriginBody {
    /// There is none.
    Empty,
    /// The client's.
    Upload(Box<Watched>),
}

/// An upload under way.
pub(crate) struct Watched {
    body: Upload,
    left: Option<u64>,
    deadline: Pin<Box<Sleep>>,
    fault: Arc<OnceLock<Failure>>,
    /// Dropped when the last byte was taken.
    unfinished: Option<oneshot::Sender<()>>,
}

/// What the exchange can see of its upload.
pub(crate) struct Progress {
    fault: Arc<OnceLock<Failure>>,
    finished: oneshot::Receiver<()>,
}

impl Progress {
    /// Why the upload failed, if it did: the client's fault, not the origin's.
    pub(crate) fn fault(&self) -> Option<Failure> {
        self.fault.get().copied()
    }

    /// Waits until the origin's side has taken the whole request.
    pub(crate) async fn finished(&mut self) {
        // Either end of the channel going means the same.
        let _ = (&mut self.finished).await;
    }
}

/// Watches an upload: at most `limit` bytes, within `deadline`.
pub(crate) fn watch(
    body: Upload,
    limit: Option<u64>,
    deadline: Duration,
) -> (OriginBody, Progress) {
    let fault = Arc::new(OnceLock::new());
    let (unfinished, finished) = oneshot::channel();
    let watched = Watched {
        body,
        left: limit,
        deadline: Box::pin(sleep(deadline)),
        fault: Arc::clone(&fault),
        unfinished: Some(unfinished),
    };
    (OriginBody::Upload(Box::new(watched)), Progress { fault, finished })
}

/// An upload that did not come to its end. The failure says why.
#[derive(Debug)]
pub(crate) struct UploadFailed;

impl std::fmt::Display for UploadFailed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the client's body did not come to its end")
    }
}

impl std::error::Error for UploadFailed {}

impl Watched {
    fn fail(&mut self, failure: Failure) -> UploadFailed {
        // The first failure is the cause of the others.
        let _ = self.fault.set(failure);
        self.unfinished = None;
        UploadFailed
    }

    fn count(&mut self, frame: Frame<Bytes>) -> Result<Frame<Bytes>, UploadFailed> {
        if let Some(data) = frame.data_ref()
            && let Some(left) = &mut self.left
        {
            match left.checked_sub(data.len() as u64) {
                Some(less) => *left = less,
                None => return Err(self.fail(Failure::BodyTooLarge)),
            }
        }
        match frame.into_trailers() {
            Ok(mut trailers) => {
                hop::strip_trailers(&mut trailers, TRAILER_LIMIT);
                Ok(Frame::trailers(trailers))
            }
            Err(frame) => Ok(frame),
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, UploadFailed>>> {
        let polled = match Pin::new(&mut self.body).poll_frame(cx) {
            Poll::Ready(Some(Ok(frame))) => Poll::Ready(Some(self.count(frame))),
            Poll::Ready(Some(Err(error))) => {
                let failure = if is_stall(&error) { Failure::Timeout } else { Failure::ClientGone };
                Poll::Ready(Some(Err(self.fail(failure))))
            }
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Pending if self.deadline.as_mut().poll(cx).is_ready() => {
                Poll::Ready(Some(Err(self.fail(Failure::Timeout))))
            }
            Poll::Pending => return Poll::Pending,
        };
        if self.body.is_end_stream() || matches!(polled, Poll::Ready(None)) {
            self.unfinished = None;
        }
        polled
    }
}

fn is_stall(error: &hyper::Error) -> bool {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        let inner = error.downcast_ref::<std::io::Error>().and_then(|io| io.get_ref());
        if error.is::<Stalled>() || inner.is_some_and(|inner| inner.is::<Stalled>()) {
            return true;
        }
        cause = error.source();
    }
    false
}

impl Body for OriginBody {
    type Data = Bytes;
    type Error = UploadFailed;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, UploadFailed>>> {
        match &mut *self {
            Self::Empty => Poll::Ready(None),
            Self::Upload(watched) => watched.poll(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Upload(watched) => watched.body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Empty => SizeHint::with_exact(0),
            Self::Upload(watched) => watched.body.size_hint(),
        }
    }
}
