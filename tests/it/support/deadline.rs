//! The bound on every wait, and what a test says when it is exceeded.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

/// How long a test waits for anything: far beyond what a loaded machine needs.
pub(super) const LIMIT: Duration = Duration::from_secs(10);

/// How much of what had arrived a panic quotes: its end, in bytes.
const QUOTED: usize = 2048;

/// What is awaited, and until when. One deadline spans all the reads of one operation, so a peer
/// that trickles cannot stretch it.
pub(super) struct Deadline {
    awaited: String,
    at: Instant,
}

impl Deadline {
    pub(super) fn of(awaited: impl Into<String>) -> Self {
        Self { awaited: awaited.into(), at: Instant::now() + LIMIT }
    }

    /// `None` when the deadline passed first.
    pub(super) async fn bound<T>(&self, future: impl Future<Output = T>) -> Option<T> {
        timeout_at(self.at, future).await.ok()
    }

    /// Ends the test: the deadline passed.
    pub(super) fn missed(&self, received: &[u8]) -> ! {
        self.fail("nothing more came in time", received)
    }

    /// Ends the test: what was awaited cannot come any more.
    pub(super) fn fail(&self, why: &str, received: &[u8]) -> ! {
        panic!("awaiting {}: {why}; received so far:\n{}", self.awaited, quote(received))
    }
}

/// Awaits `future`, or ends the test naming what was `awaited`.
pub(crate) async fn within<T>(awaited: &str, future: impl Future<Output = T>) -> T {
    let deadline = Deadline::of(awaited);
    match deadline.bound(future).await {
        Some(output) => output,
        None => deadline.missed(b""),
    }
}

fn quote(received: &[u8]) -> String {
    let start = received.len().saturating_sub(QUOTED);
    let quoted = String::from_utf8_lossy(&received[start..]);
    format!("({} bytes) {}{quoted}", received.len(), if start > 0 { "… " } else { "" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_deadline_passes() {
        let deadline = Deadline { awaited: "godot".into(), at: Instant::now() };
        assert_eq!(deadline.bound(std::future::pending::<()>()).await, None);
    }

    #[tokio::test]
    #[should_panic = "awaiting godot: nothing more came in time; received so far:\n(4 bytes) only"]
    async fn a_panic_says_what_was_awaited_and_what_came() {
        Deadline::of("godot").missed(b"only");
    }
}
