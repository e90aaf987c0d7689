//! Two connections joined after an upgrade: bytes go both ways until both sides have ended.
//!
//! Knows nothing of HTTP, nor of what the bytes mean.

use std::future::poll_fn;
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

use super::access::Id;

/// Bytes held each way.
const BUFFER: usize = 8 << 10;

/// What a tunnel carried, and how it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TunnelEnd {
    /// Bytes written to the origin.
    pub(crate) to_origin: u64,
    /// Bytes written to the client.
    pub(crate) to_client: u64,
    /// Why it ended.
    pub(crate) reason: EndReason,
}

/// Why a tunnel ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EndReason {
    /// Both sides had said all they had to say.
    Closed,
    /// Nothing moved either way for too long.
    Idle,
    /// The client's connection broke.
    ClientFailed(io::ErrorKind),
    /// The origin's connection broke.
    OriginFailed(io::ErrorKind),
}

/// Relays between two upgraded connections, and writes down how it ended.
pub(crate) async fn run(client: Upgraded, origin: Upgraded, idle: Duration, id: Id) {
    let end = relay(TokioIo::new(client), TokioIo::new(origin), idle).await;
    tracing::debug!(
        %id,
        to_origin = end.to_origin,
        to_client = end.to_client,
        reason = ?end.reason,
        "tunnel closed"
    );
}

/// Copies both ways until both sides have ended, one breaks, or nothing moves for `idle`. The end
/// of one direction is passed on and leaves the other open (half-close). Drops, and so closes,
/// both.
pub(crate) async fn relay<A, B>(client: A, origin: B, idle: Duration) -> TunnelEnd
where
    A: AsyncRead + AsyncWrite,
    B: AsyncRead + AsyncWrite,
{
    let mut client = pin!(client);
    let mut origin = pin!(origin);
    let mut timer = pin!(sleep(idle));
    let mut up = Direction::new();
    let mut down = Direction::new();
    let reason = poll_fn(|cx| {
        let before = up.moved + down.moved;
        let sent = up.poll(cx, client.as_mut(), origin.as_mut()).map_err(Fault::upwards);
        let received = down.poll(cx, origin.as_mut(), client.as_mut()).map_err(Fault::downwards);
        match (sent, received) {
            (Poll::Ready(Err(reason)), _) | (_, Poll::Ready(Err(reason))) => Poll::Ready(reason),
            (Poll::Ready(Ok(())), Poll::Ready(Ok(()))) => Poll::Ready(EndReason::Closed),
            _ if up.moved + down.moved != before => poll_idle(timer.as_mut(), cx, Some(idle)),
            _ => poll_idle(timer.as_mut(), cx, None),
        }
    })
    .await;
    TunnelEnd { to_origin: up.written, to_client: down.written, reason }
}

/// Waits for silence, which starts anew where `restart` says how long it takes.
fn poll_idle(
    mut timer: Pin<&mut Sleep>,
    cx: &mut Context<'_>,
    restart: Option<Duration>,
) -> Poll<EndReason> {
    if let Some(idle) = restart {
        // A span too long for the clock never ends.
        if let Some(deadline) = Instant::now().checked_add(idle) {
            timer.as_mut().reset(deadline);
        }
    }
    timer.poll(cx).map(|()| EndReason::Idle)
}

/// Which end of a direction broke.
enum Fault {
    Reading(io::ErrorKind),
    Writing(io::ErrorKind),
}

impl Fault {
    /// From the client to the origin.
    fn upwards(self) -> EndReason {
        match self {
            Self::Reading(kind) => EndReason::ClientFailed(kind),
            Self::Writing(kind) => EndReason::OriginFailed(kind),
        }
    }

    /// From the origin to the client.
    fn downwards(self) -> EndReason {
        match self {
            Self::Reading(kind) => EndReason::OriginFailed(kind),
            Self::Writing(kind) => EndReason::ClientFailed(kind),
        }
    }
}

/// One way through the tunnel.
struct Direction {
    buffer: Box<[u8]>,
    /// What of `buffer` waits to be written.
    start: usize,
    end: usize,
    state: State,
    /// Something was written since the last flush.
    unflushed: bool,
    written: u64,
    /// Grows with every step forward, in either of the two ends.
    moved: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    /// The reader has ended; what is held and the end itself are still to be passed on.
    Ending,
    Done,
}

impl Direction {
    fn new() -> Self {
        Self {
            buffer: vec![0; BUFFER].into_boxed_slice(),
            start: 0,
            end: 0,
            state: State::Open,
            unflushed: false,
            written: 0,
            moved: 0,
        }
    }

    /// Copies what there is. Ready when the end has been passed on.
    fn poll(
        &mut self,
        cx: &mut Context<'_>,
        mut from: Pin<&mut impl AsyncRead>,
        mut to: Pin<&mut impl AsyncWrite>,
    ) -> Poll<Result<(), Fault>> {
        loop {
            ready!(self.poll_drain(cx, to.as_mut())).map_err(|e| Fault::Writing(e.kind()))?;
            match self.state {
                State::Done => return Poll::Ready(Ok(())),
                State::Ending => self.finish(ready!(to.as_mut().poll_shutdown(cx))),
                State::Open => match self.poll_fill(cx, from.as_mut()) {
                    Poll::Ready(read) => read.map_err(|e| Fault::Reading(e.kind()))?,
                    Poll::Pending => {
                        ready!(self.poll_flush(cx, to.as_mut()))
                            .map_err(|e| Fault::Writing(e.kind()))?;
                        return Poll::Pending;
                    }
                },
            }
        }
    }

    fn poll_fill(
        &mut self,
        cx: &mut Context<'_>,
        from: Pin<&mut impl AsyncRead>,
    ) -> Poll<io::Result<()>> {
        let mut free = ReadBuf::new(&mut self.buffer);
        ready!(from.poll_read(cx, &mut free))?;
        (self.start, self.end) = (0, free.filled().len());
        self.moved += 1;
        if self.end == 0 {
            self.state = State::Ending;
        }
        Poll::Ready(Ok(()))
    }

    fn poll_drain(
        &mut self,
        cx: &mut Context<'_>,
        mut to: Pin<&mut impl AsyncWrite>,
    ) -> Poll<io::Result<()>> {
        while self.start < self.end {
            let held = &self.buffer[self.start..self.end];
            let count = ready!(to.as_mut().poll_write(cx, held))?;
            if count == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.start += count;
            self.written += count as u64;
            self.moved += 1;
            self.unflushed = true;
        }
        Poll::Ready(Ok(()))
    }

    /// TLS and hyper's upgraded connections hold bytes until they are told to send them.
    fn poll_flush(
        &mut self,
        cx: &mut Context<'_>,
        to: Pin<&mut impl AsyncWrite>,
    ) -> Poll<io::Result<()>> {
        if self.unflushed {
            ready!(to.poll_flush(cx))?;
            self.unflushed = false;
        }
        Poll::Ready(Ok(()))
    }

    /// That a peer who has gone cannot be told so is no failure: everything was delivered.
    fn finish(&mut self, _told: io::Result<()>) {
        self.state = State::Done;
        self.moved += 1;
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
    use tokio::spawn;
    use tokio::task::JoinHandle;
    use tokio::time::advance;

    use super::*;

    const IDLE: Duration = Duration::from_secs(60);

    /// The client's end, the origin's end, and the tunnel between them.
    fn tunnel(capacity: usize) -> (DuplexStream, DuplexStream, JoinHandle<TunnelEnd>) {
        let (client, near) = duplex(capacity);
        let (far, origin) = duplex(capacity);
        (client, origin, spawn(relay(near, far, IDLE)))
    }

    #[tokio::test(start_paused = true)]
    async fn bytes_go_both_ways_at_once() {
        let (mut client, mut origin, tunnel) = tunnel(64);
        let mut buffer = [0; 4];
        for _ in 0..3 {
            client.write_all(b"ping").await.unwrap();
            origin.read_exact(&mut buffer).await.unwrap();
            assert_eq!(&buffer, b"ping");
            origin.write_all(b"pong").await.unwrap();
            client.read_exact(&mut buffer).await.unwrap();
            assert_eq!(&buffer, b"pong");
        }
        drop((client, origin));
        let end = tunnel.await.unwrap();
        assert_eq!((end.to_origin, end.to_client), (12, 12));
    }

    #[tokio::test(start_paused = true)]
    async fn an_end_is_passed_on_and_leaves_the_other_way_open() {
        let (mut client, mut origin, tunnel) = tunnel(64);
        client.write_all(b"question").await.unwrap();
        client.shutdown().await.unwrap();
        let mut text = String::new();
        origin.read_to_string(&mut text).await.unwrap();
        assert_eq!(text, "question");

        origin.write_all(b"answer").await.unwrap();
        origin.shutdown().await.unwrap();
        text.clear();
        client.read_to_string(&mut text).await.unwrap();
        assert_eq!(text, "answer");
        let expected = TunnelEnd { to_origin: 8, to_client: 6, reason: EndReason::Closed };
        assert_eq!(tunnel.await.unwrap(), expected);
    }

    #[tokio::test(start_paused = true)]
    async fn much_goes_through_little_memory() {
        let (mut client, mut origin, tunnel) = tunnel(1000);
        let sent: Vec<u8> = (0..300_000_u32).map(|i| (i % 251) as u8).collect();
        let copy = sent.clone();
        spawn(async move {
            client.write_all(&copy).await.unwrap();
            client.shutdown().await.unwrap();
            client.read_to_end(&mut Vec::new()).await.unwrap();
        });
        let mut received = Vec::new();
        origin.read_to_end(&mut received).await.unwrap();
        assert!(received == sent);
        drop(origin);
        assert_eq!(tunnel.await.unwrap().to_origin, 300_000);
    }

    #[tokio::test(start_paused = true)]
    async fn silence_ends_it() {
        let (client, origin, tunnel) = tunnel(64);
        let started = Instant::now();
        let end = tunnel.await.unwrap();
        assert_eq!(end, TunnelEnd { to_origin: 0, to_client: 0, reason: EndReason::Idle });
        assert_eq!(started.elapsed().as_secs(), 60);
        drop((client, origin));
    }

    #[tokio::test(start_paused = true)]
    async fn a_byte_either_way_breaks_the_silence() {
        let (mut client, mut origin, tunnel) = tunnel(64);
        let started = Instant::now();
        for _ in 0..3 {
            advance(IDLE * 2 / 3).await;
            client.write_all(b"x").await.unwrap();
            origin.read_u8().await.unwrap();
            advance(IDLE * 2 / 3).await;
            origin.write_all(b"y").await.unwrap();
            client.read_u8().await.unwrap();
        }
        let end = tunnel.await.unwrap();
        assert_eq!(end, TunnelEnd { to_origin: 3, to_client: 3, reason: EndReason::Idle });
        assert_eq!(started.elapsed().as_secs(), 4 * 60 + 60);
    }

    #[tokio::test(start_paused = true)]
    async fn a_peer_that_reads_nothing_is_silent_too() {
        let (mut client, origin, tunnel) = tunnel(64);
        client.write_all(&[0; 64]).await.unwrap();
        spawn(async move { client.write_all(&[0; 1 << 20]).await });
        let end = tunnel.await.unwrap();
        assert_eq!((end.to_origin, end.reason), (64, EndReason::Idle));
        drop(origin);
    }

    #[tokio::test(start_paused = true)]
    async fn a_broken_side_is_named() {
        for (origin_breaks, reason) in [
            (true, EndReason::OriginFailed(io::ErrorKind::BrokenPipe)),
            (false, EndReason::ClientFailed(io::ErrorKind::BrokenPipe)),
        ] {
            let (client, origin, tunnel) = tunnel(64);
            let (gone, mut left) = if origin_breaks { (origin, client) } else { (client, origin) };
            drop(gone);
            // The end of the broken side arrives first; writing to it then fails.
            assert_eq!(left.read(&mut [0; 1]).await.unwrap(), 0);
            left.write_all(b"x").await.unwrap();
            assert_eq!(tunnel.await.unwrap().reason, reason);
        }
    }
}
