//! One timer for whatever a connection's exchanges wait for.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use tokio::time::Instant;

use super::deadline::Deadline;

/// A timer that all exchanges of a connection share. They come one after the other, each ends long
/// before its limits, and the next moves them later: so the runtime's timer is set about once per
/// limit, not once per request. Clones are the same timer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Timer(Arc<Mutex<Deadline>>);

impl Timer {
    /// Ready when `at` has passed; else wakes the task then, or earlier.
    pub(crate) fn poll(&self, cx: &mut Context<'_>, at: Instant) -> Poll<()> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).poll(cx, at)
    }

    /// What `future` gives, if it does by `at`.
    pub(crate) async fn limit<F: Future>(&self, at: Instant, future: F) -> Option<F::Output> {
        let mut future = pin!(future);
        poll_fn(|cx| match future.as_mut().poll(cx) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending => self.poll(cx, at).map(|()| None),
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn what_comes_in_time_is_had_and_what_does_not_is_not() {
        let (timer, now) = (Timer::default(), Instant::now());
        assert_eq!(timer.limit(now, ready(1)).await, Some(1));
        assert_eq!(timer.limit(now + Duration::from_millis(10), pending::<()>()).await, None);
        assert_eq!(timer.clone().limit(now, pending::<()>()).await, None);
    }
}
