//! A timer that is cheap to move later.

use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::time::{Instant, Sleep, sleep_until};

/// A deadline that is mostly moved before it passes, as those of a healthy connection are.
///
/// Moving it later does not touch the runtime's timer: that fires at the old time, finds the
/// deadline ahead and is set again. So a connection registers a timer about once per limit, not
/// once per read, and a wake-up too many is the price. Nothing is allocated before the first wait.
#[derive(Debug, Default)]
pub(super) struct Deadline(Option<Pin<Box<Sleep>>>);

impl Deadline {
    /// Ready when `at` has passed; else wakes the task then, or earlier.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>, at: Instant) -> Poll<()> {
        if Instant::now() >= at {
            return Poll::Ready(());
        }
        let sleep = self.0.get_or_insert_with(|| Box::pin(sleep_until(at)));
        if at < sleep.deadline() {
            sleep.as_mut().reset(at);
        }
        while sleep.as_mut().poll(cx).is_ready() {
            if Instant::now() >= at {
                return Poll::Ready(());
            }
            sleep.as_mut().reset(at);
        }
        Poll::Pending
    }

    #[cfg(test)]
    fn registered(&self) -> Option<Instant> {
        self.0.as_ref().map(|sleep| sleep.deadline())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::poll_fn;
    use std::time::Duration;

    const SOON: Duration = Duration::from_millis(20);

    #[tokio::test]
    async fn moving_it_later_leaves_the_timer_and_moving_it_earlier_does_not() {
        let (mut deadline, now) = (Deadline::default(), Instant::now());
        let [early, middle, late] = [60, 120, 180].map(|s| now + Duration::from_secs(s));
        for (at, registered) in [(middle, middle), (late, middle), (early, early)] {
            let waits = poll_fn(|cx| Poll::Ready(deadline.poll(cx, at).is_pending())).await;
            assert!(waits);
            assert_eq!(deadline.registered(), Some(registered));
        }
    }

    #[tokio::test]
    async fn a_timer_that_fires_for_an_old_deadline_is_set_again() {
        let (mut deadline, now) = (Deadline::default(), Instant::now());
        poll_fn(|cx| Poll::Ready(deadline.poll(cx, now + SOON).is_pending())).await;
        poll_fn(|cx| deadline.poll(cx, now + 3 * SOON)).await;
        assert!(now.elapsed() >= 3 * SOON);
    }
}
