//! A socket that fails when its client stalls.
//!
//! hyper has no limit on a body that stops arriving or an answer that is not read, and timers in
//! body wrappers do not run while nobody polls the body. The socket is where every wait for a
//! client ends up, so the limits are here. Which one applies depends on what the client owes, and
//! that is the connection's [`Activity`] to know:
//!
//! | the client owes | a pending read fails | counted from |
//! |---|---|---|
//! | the first head, none of it here | after `head`, as [`Stalled::Idle`] | accept |
//! | a next head, none of it here | after `keep_alive`, as [`Stalled::Idle`] | the answer's flush |
//! | a head, some of it here | after `head`, as [`Stalled::Head`] | its first byte |
//! | a body the service waits for | after `progress`, as [`Stalled::Body`] | the wait's begin |
//! | a body the service does not read now | never | |
//! | a body whose answer is complete | after `progress`, as [`Stalled::Body`] | its last bytes |
//! | nothing: the service works, or a tunnel | never | |
//!
//! So an origin may think for minutes and a stream of events may be silent for hours. A pending
//! write fails after `progress` in every state: a write is pending only because the client does
//! not read. While one is pending the wait for a next head has not begun.
//!
//! hyper watches for the end of a connection with the same reads that fetch a body. They differ in
//! whether the service waits, which it may begin to do without the socket being polled; therefore
//! a read that is pending beside an unread body looks again once per `progress`, and a stall may be
//! found up to one `progress` late. And hyper does not poll a pending read again when a connection
//! falls idle, but it does flush; so the wait for a next head begins at a flush.

use std::error::Error;
use std::fmt;
use std::io::{self, ErrorKind, IoSlice};
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hyper::StatusCode;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

use super::Config;
use super::activity::{Activity, Expects};
use super::deadline::Deadline;

/// What a client did not do in time. The source of the `TimedOut` error that it causes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stalled {
    /// Sent no request.
    Idle,
    /// Sent a part of a request's head.
    Head,
    /// Sent a part of a request's body.
    Body,
    /// Read a part of an answer.
    Answer,
}

impl fmt::Display for Stalled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Stalled::Idle => "the client sent no request in time",
            Stalled::Head => "the client did not complete the head of its request in time",
            Stalled::Body => "the client stopped sending the body of its request",
            Stalled::Answer => "the client stopped reading the answer",
        })
    }
}

impl Error for Stalled {}

impl From<Stalled> for io::Error {
    fn from(stalled: Stalled) -> Self {
        io::Error::new(ErrorKind::TimedOut, stalled)
    }
}

/// A socket with its limits. `T` is `Unpin` because hyper asks that of a server's socket.
#[derive(Debug)]
pub(super) struct Progress<T> {
    io: T,
    limits: Limits,
    activity: Arc<Activity>,
    reading: Reading,
    writing: Writing,
    stalled: Option<Stalled>,
    refusal: Option<StatusCode>,
    /// What the client owed when everything was last written.
    flushed_for: Expects,
    peer_closed: bool,
}

#[derive(Clone, Copy, Debug)]
struct Limits {
    head: Duration,
    keep_alive: Duration,
    progress: Duration,
}

impl<T> Progress<T> {
    pub(super) fn new(io: T, config: &Config, activity: Arc<Activity>) -> Self {
        let Config { head, keep_alive, progress, .. } = *config;
        let first = activity.expects();
        let reading = Reading::new(first);
        let limits = Limits { head, keep_alive, progress };
        let writing = Writing::default();
        Self {
            io,
            limits,
            activity,
            reading,
            writing,
            stalled: None,
            refusal: None,
            flushed_for: first,
            peer_closed: false,
        }
    }

    /// The last limit that was hit.
    pub(super) fn stalled(&self) -> Option<Stalled> {
        self.stalled
    }

    /// Whether the client has closed its side, or failed.
    pub(super) fn is_peer_closed(&self) -> bool {
        self.peer_closed
    }

    /// The status of an answer that hyper gave by itself, to a head that no service saw. It was not
    /// sent: it has no words for whoever reads it, and is to be replaced.
    pub(super) fn refusal(&self) -> Option<StatusCode> {
        self.refusal
    }

    /// Whether hyper is writing a refusal of its own, which is then noted and swallowed.
    fn swallows(&mut self, bytes: &[u8]) -> bool {
        // Before the last answer was flushed, these bytes may be that answer.
        if self.activity.expects() == self.flushed_for {
            self.refusal = self.refusal.or_else(|| refusal(bytes));
        }
        self.refusal.is_some()
    }

    pub(super) fn into_inner(self) -> T {
        self.io
    }

    fn fail<R>(&mut self, stalled: Stalled) -> Poll<io::Result<R>> {
        self.stalled = Some(stalled);
        Poll::Ready(Err(stalled.into()))
    }

    fn read(&mut self, bytes: usize) {
        self.peer_closed |= bytes == 0;
        self.reading.received(self.activity.expects());
    }

    fn read_pending<R>(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<R>> {
        let expects = self.activity.expects();
        if self.writing.is_blocked() && !matches!(expects, Expects::Body(_)) {
            return Poll::Pending;
        }
        let stalled = ready!(self.reading.poll(cx, expects, &self.limits));
        self.fail(stalled)
    }

    /// Everything is written: where the next thing is a head, the wait for it is on.
    fn flushed(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let expects = self.activity.expects();
        if !matches!(expects, Expects::Head(_) | Expects::Rest(_)) {
            return Poll::Ready(Ok(()));
        }
        self.flushed_for = expects;
        match self.reading.poll(cx, expects, &self.limits) {
            Poll::Ready(stalled) => self.fail(stalled),
            Poll::Pending => Poll::Ready(Ok(())),
        }
    }

    fn written<R>(
        &mut self,
        cx: &mut Context<'_>,
        result: Poll<io::Result<R>>,
    ) -> Poll<io::Result<R>> {
        match result {
            Poll::Ready(result) => {
                self.writing.advanced();
                Poll::Ready(result)
            }
            Poll::Pending => {
                ready!(self.writing.poll(cx, self.limits.progress));
                self.fail(Stalled::Answer)
            }
        }
    }
}

/// Whether a request line, as far as it is here, has a fragment in its target: never sent by whoever
/// means it (RFC 9112 §3.2), and read differently by those who get it.
fn has_fragment(head: &[u8]) -> bool {
    head.split(|&byte| byte == b'\n').next().is_some_and(|line| line.contains(&b'#'))
}

/// The status of a bare answer such as hyper gives to a head that it cannot take, if that is all
/// these bytes are.
fn refusal(bytes: &[u8]) -> Option<StatusCode> {
    let head = bytes.strip_suffix(b"\r\n\r\n")?.strip_prefix(b"HTTP/1.1 ")?;
    let says = |field: &[u8]| head.windows(field.len()).any(|part| part == field);
    let bare = says(b"content-length: 0") && says(b"connection: close") && !says(b"\r\n\r\n");
    let status = StatusCode::from_bytes(head.get(..3)?).ok()?;
    (bare && status.is_client_error()).then_some(status)
}

/// The clock of the client's side.
#[derive(Debug)]
struct Reading {
    expects: Expects,
    since: Instant,
    begun: bool,
    deadline: Deadline,
}

impl Reading {
    fn new(expects: Expects) -> Self {
        Self { expects, since: Instant::now(), begun: false, deadline: Deadline::default() }
    }

    /// Whether what is read next begins a head.
    fn awaits_head(&mut self, expects: Expects) -> bool {
        self.sync(expects);
        matches!(expects, Expects::Head(_)) && !self.begun
    }

    fn received(&mut self, expects: Expects) {
        self.sync(expects);
        let restarts = match expects {
            Expects::Head(_) => !mem::replace(&mut self.begun, true),
            Expects::Rest(_) => true,
            Expects::Body(_) | Expects::Nothing => false,
        };
        if restarts {
            self.since = Instant::now();
        }
    }

    /// Ready when the client owes something for too long.
    fn poll(&mut self, cx: &mut Context<'_>, expects: Expects, limits: &Limits) -> Poll<Stalled> {
        self.sync(expects);
        let Some((at, stalled)) = self.due(expects, limits) else {
            return Poll::Pending;
        };
        self.deadline.poll(cx, at).map(|()| stalled)
    }

    fn due(&self, expects: Expects, limits: &Limits) -> Option<(Instant, Stalled)> {
        Some(match expects {
            Expects::Nothing => return None,
            Expects::Body(Some(hungry)) => (hungry + limits.progress, Stalled::Body),
            // Always ahead, so it never passes: it only looks again.
            Expects::Body(None) => (Instant::now() + limits.progress, Stalled::Body),
            Expects::Rest(_) => (self.since + limits.progress, Stalled::Body),
            Expects::Head(_) if self.begun => (self.since + limits.head, Stalled::Head),
            Expects::Head(0) => (self.since + limits.head, Stalled::Idle),
            Expects::Head(_) => (self.since + limits.keep_alive, Stalled::Idle),
        })
    }

    /// Starts the clock anew where a head or the rest of a body is newly expected.
    fn sync(&mut self, expects: Expects) {
        if matches!(expects, Expects::Head(_) | Expects::Rest(_)) && expects != self.expects {
            (self.expects, self.since, self.begun) = (expects, Instant::now(), false);
        }
    }
}

/// The clock of our side: running while a write is pending.
#[derive(Debug, Default)]
struct Writing {
    blocked: Option<Instant>,
    deadline: Deadline,
}

impl Writing {
    fn is_blocked(&self) -> bool {
        self.blocked.is_some()
    }

    fn advanced(&mut self) {
        self.blocked = None;
    }

    fn poll(&mut self, cx: &mut Context<'_>, limit: Duration) -> Poll<()> {
        let since = *self.blocked.get_or_insert_with(Instant::now);
        self.deadline.poll(cx, since + limit)
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Progress<T> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buf.filled().len();
        match Pin::new(&mut this.io).poll_read(cx, buf) {
            Poll::Ready(Ok(())) => {
                let begins = this.reading.awaits_head(this.activity.expects());
                this.read(buf.filled().len() - before);
                if begins && has_fragment(&buf.filled()[before..]) {
                    // hyper would drop it and serve what is in front of it.
                    this.refusal = Some(StatusCode::BAD_REQUEST);
                    return Poll::Ready(Err(ErrorKind::InvalidData.into()));
                }
                Poll::Ready(Ok(()))
            }
            Poll::Ready(Err(error)) => {
                this.peer_closed = true;
                Poll::Ready(Err(error))
            }
            Poll::Pending => this.read_pending(cx),
        }
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Progress<T> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if this.swallows(bytes) {
            return Poll::Ready(Ok(bytes.len()));
        }
        let result = Pin::new(&mut this.io).poll_write(cx, bytes);
        this.written(cx, result)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if let [slice] = slices
            && this.swallows(slice)
        {
            return Poll::Ready(Ok(slice.len()));
        }
        let result = Pin::new(&mut this.io).poll_write_vectored(cx, slices);
        this.written(cx, result)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let result = Pin::new(&mut this.io).poll_flush(cx);
        ready!(this.written(cx, result))?;
        this.flushed(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.refusal.is_some() {
            return Poll::Ready(Ok(()));
        }
        let result = Pin::new(&mut this.io).poll_shutdown(cx);
        this.written(cx, result)
    }
}
