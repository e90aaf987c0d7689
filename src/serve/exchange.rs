//! The service's side of an exchange: every request and answer passes here and marks the
//! connection's [`Activity`], so that services need not know of it.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::header::{CONNECTION, HeaderValue};
use hyper::service::Service;
use hyper::{Request, Response, StatusCode, Version};
use pin_project_lite::pin_project;

use super::activity::{Activity, Exchange};

/// A service whose exchanges the connection can follow.
pub(super) struct Tracked<S> {
    service: S,
    activity: Arc<Activity>,
}

impl<S> Tracked<S> {
    pub(super) fn new(service: S, activity: Arc<Activity>) -> Self {
        Self { service, activity }
    }
}

impl<S, B> Service<Request<Incoming>> for Tracked<S>
where
    S: Service<Request<Upload>, Response = Response<B>, Error = Infallible>,
{
    type Response = Response<Answer<B>>;
    type Error = Infallible;
    type Future = Answering<S::Future>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        let exchange = self.activity.begin(!request.body().is_end_stream());
        if request.version() == Version::HTTP_10 {
            exchange.end_by_close();
        }
        let request = request.map(|body| Upload { body, exchange: exchange.clone() });
        Answering { future: self.service.call(request), exchange }
    }
}

pin_project! {
    /// A service's future, whose response is marked on its way out.
    pub(super) struct Answering<F> {
        #[pin]
        future: F,
        exchange: Exchange,
    }
}

impl<F, B> Future for Answering<F>
where
    F: Future<Output = Result<Response<B>, Infallible>>,
{
    type Output = Result<Response<Answer<B>>, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let Ok(mut response) = ready!(this.future.poll(cx));
        if response.status() == StatusCode::SWITCHING_PROTOCOLS {
            this.exchange.upgraded();
        } else if this.exchange.is_abandoned() {
            // hyper closes after this answer, without saying so in it.
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        let answered = Answered(this.exchange.clone());
        Poll::Ready(Ok(response.map(|body| Answer { body, answered })))
    }
}

/// A request's body, as a service gets it.
///
/// Its error is hyper's. Where the client stalled, a [`super::Stalled`] is found by following
/// `source()`, and 408 is the answer. A service that answers without it should drop it, or go on
/// reading: an answer whose request is still unread holds the connection for
/// [`super::Config::progress`] and no longer.
#[derive(Debug)]
pub(crate) struct Upload {
    body: Incoming,
    exchange: Exchange,
}

impl Body for Upload {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        match &polled {
            Poll::Pending => self.exchange.hungry(),
            Poll::Ready(Some(Ok(_))) if !self.body.is_end_stream() => self.exchange.fed(),
            Poll::Ready(Some(Err(_))) => self.exchange.abandoned(),
            Poll::Ready(_) => self.exchange.ended(),
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        self.exchange.abandoned();
    }
}

pin_project! {
    /// An answer's body. hyper drops it as soon as it needs no more of it.
    pub(super) struct Answer<B> {
        #[pin]
        body: B,
        answered: Answered,
    }
}

impl<B: Body> Body for Answer<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        self.project().body.poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Marks the end of an answer when it is dropped.
struct Answered(Exchange);

impl Drop for Answered {
    fn drop(&mut self) {
        self.0.answered();
    }
}
