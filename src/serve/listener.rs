//! Accepting, through failures.
//!
//! `accept` fails for two kinds of reasons. A client that gave up in the queue is nothing: the next
//! one is asked for at once. Anything else (no file descriptors, no memory) will fail again at
//! once, so the next try waits, longer each time, and the connections already open go on.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, sleep_until};
use tracing::{debug, warn};

use super::Counters;

const SHORTEST: Duration = Duration::from_millis(50);
const LONGEST: Duration = Duration::from_secs(1);

/// A listener that never fails.
#[derive(Debug)]
pub(super) struct Acceptor {
    listener: TcpListener,
    backoff: Backoff,
    /// Kept across calls: a caller that drops [`Acceptor::accept`] does not shorten the wait.
    resume: Option<Instant>,
}

impl Acceptor {
    pub(super) fn new(listener: TcpListener) -> Self {
        Self { listener, backoff: Backoff::default(), resume: None }
    }

    /// The next connection, with Nagle's algorithm off: hyper writes whole buffers, and the end of
    /// a page must not wait for an acknowledgement. Cancel safe.
    pub(super) async fn accept(&mut self, counters: &Counters) -> (TcpStream, SocketAddr) {
        loop {
            if let Some(at) = self.resume {
                sleep_until(at).await;
                self.resume = None;
            }
            match self.listener.accept().await {
                Ok((io, addr)) => {
                    self.backoff = Backoff::default();
                    without_delay(&io);
                    return (io, addr);
                }
                Err(error) => self.failed(&error, counters),
            }
        }
    }

    fn failed(&mut self, error: &io::Error, counters: &Counters) {
        counters.refused();
        let wait = self.backoff.after(error);
        self.resume = wait.map(|wait| Instant::now() + wait);
        if let Some(wait) = wait {
            warn!(%error, ?wait, "cannot accept connections: check the limit on open files");
        }
    }
}

/// Fails only on a socket that is dead already, which its first read will tell.
fn without_delay(io: &TcpStream) {
    if let Err(error) = io.set_nodelay(true) {
        debug!(%error, "TCP_NODELAY");
    }
}

/// How long to wait before the next try.
#[derive(Debug)]
struct Backoff(Duration);

impl Default for Backoff {
    fn default() -> Self {
        Self(SHORTEST)
    }
}

impl Backoff {
    fn after(&mut self, error: &io::Error) -> Option<Duration> {
        if is_about_one_client(error.kind()) {
            return None;
        }
        let wait = self.0;
        self.0 = (wait * 2).min(LONGEST);
        Some(wait)
    }
}

fn is_about_one_client(kind: ErrorKind) -> bool {
    use ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(kind, ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_that_gave_up_delays_nobody() {
        let mut backoff = Backoff::default();
        assert_eq!(backoff.after(&ErrorKind::ConnectionAborted.into()), None);
        assert_eq!(backoff.after(&ErrorKind::ConnectionReset.into()), None);
    }

    #[test]
    fn exhaustion_is_retried_ever_more_slowly_up_to_a_second() {
        let exhausted = io::Error::from_raw_os_error(24); // EMFILE
        let mut backoff = Backoff::default();
        let waits: Vec<_> =
            (0..7).filter_map(|_| backoff.after(&exhausted)).map(|wait| wait.as_millis()).collect();
        assert_eq!(waits, [50, 100, 200, 400, 800, 1000, 1000]);
    }
}
