//! An origin's body, and the connection that it comes on.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{self, Body, Frame, SizeHint};

use super::connection::Connection;
use super::pool::Pool;

/// The body of an origin's answer. Its connection goes back to its pool with the last byte, and is
/// closed where that is never asked for.
pub(crate) struct Incoming {
    /// There until it is dropped.
    body: Option<body::Incoming>,
    /// None where the connection is driven elsewhere, or is done with this body.
    connection: Option<Lease>,
}

/// A connection, and where it belongs.
pub(super) struct Lease {
    pub(super) connection: Box<Connection>,
    pool: Arc<Pool>,
}

impl Lease {
    pub(super) fn new(connection: Box<Connection>, pool: &Arc<Pool>) -> Self {
        Self { connection, pool: Arc::clone(pool) }
    }

    /// Done with: the connection waits for the next request, if it can.
    pub(super) fn end(mut self) {
        if !self.connection.is_ready() {
            self.connection.settle();
        }
        self.pool.put(self.connection);
    }
}

impl Incoming {
    /// A body whose connection is driven by whoever reads it.
    pub(super) fn on(lease: Lease, body: body::Incoming) -> Self {
        let mut incoming = Self { body: Some(body), connection: Some(lease) };
        incoming.release();
        incoming
    }

    /// A body whose connection somebody else drives.
    pub(super) fn elsewhere(body: body::Incoming) -> Self {
        Self { body: Some(body), connection: None }
    }

    /// Lets the connection go as soon as it has given everything: what is left of the body is here.
    fn release(&mut self) {
        let ends = self.is_end_stream();
        if let Some(lease) = self.connection.take_if(|lease| ends || lease.connection.is_ready()) {
            lease.end();
        }
    }
}

impl Body for Incoming {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let this = self.get_mut();
        let Some(body) = &mut this.body else { return Poll::Ready(None) };
        let Some(lease) = &mut this.connection else { return Pin::new(body).poll_frame(cx) };
        let polled = lease.connection.wait(cx, |cx| Pin::new(&mut *body).poll_frame(cx));
        match &polled {
            Poll::Pending => {}
            Poll::Ready(Some(Ok(frame))) if frame.is_data() => this.release(),
            Poll::Ready(_) => {
                if let Some(lease) = this.connection.take() {
                    lease.end();
                }
            }
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map(Body::size_hint).unwrap_or_default()
    }
}

impl Drop for Incoming {
    /// What is left of the body may be here already; then its connection is as good as any.
    fn drop(&mut self) {
        drop(self.body.take());
        if let Some(lease) = self.connection.take() {
            lease.end();
        }
    }
}
