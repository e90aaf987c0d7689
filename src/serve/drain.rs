//! Stopping: signal, wait, deadline.
//!
//! A [`Trigger`] belongs to whoever decides when the process ends, a [`Drain`] to everything that
//! must end first. What is open holds a [`Guard`]: listeners, connections, and tunnels, which hyper
//! forgets once they are upgraded.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::timeout;
use tracing::warn;

/// What tasks get to end in after the deadline, when they need only be dropped.
const ABORT: Duration = Duration::from_secs(1);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    Serving,
    Draining,
    Expired,
}

/// How a drain ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Drained {
    /// Everything that was open ended by itself.
    Clean,
    /// At the deadline that many were open, and were aborted.
    Deadline(usize),
}

/// Begins the drain. Dropped unused, it never begins: what serves goes on serving.
#[derive(Debug)]
pub(crate) struct Trigger {
    phase: watch::Sender<Phase>,
    open: Arc<watch::Sender<usize>>,
}

impl Trigger {
    /// Signals, waits until nothing is open, and at `deadline` aborts what still is.
    pub(crate) async fn drain(self, deadline: Duration) -> Drained {
        self.phase.send_replace(Phase::Draining);
        if self.closed_within(deadline).await {
            return Drained::Clean;
        }
        let left = *self.open.borrow();
        self.phase.send_replace(Phase::Expired);
        if !self.closed_within(ABORT).await {
            warn!(open = *self.open.borrow(), "aborted tasks still run: one of them blocks");
        }
        Drained::Deadline(left)
    }

    async fn closed_within(&self, limit: Duration) -> bool {
        let mut open = self.open.subscribe();
        timeout(limit, open.wait_for(|open| *open == 0)).await.is_ok()
    }
}

/// The signal to stop, and the count of what is open.
#[derive(Clone, Debug)]
pub(crate) struct Drain {
    phase: watch::Receiver<Phase>,
    open: Arc<watch::Sender<usize>>,
}

impl Drain {
    /// A drain that has not begun, and what begins it.
    pub(crate) fn new() -> (Trigger, Drain) {
        let (sender, phase) = watch::channel(Phase::Serving);
        let open = Arc::new(watch::Sender::new(0));
        (Trigger { phase: sender, open: open.clone() }, Drain { phase, open })
    }

    /// Waits for the drain to begin: accept nothing more, end what is idle.
    pub(crate) async fn signaled(&self) {
        self.reached(Phase::Draining).await;
    }

    /// Waits for the drain's deadline: end, whatever is under way.
    pub(crate) async fn expired(&self) {
        self.reached(Phase::Expired).await;
    }

    /// What `future` gives, unless the drain begins first.
    pub(crate) async fn until_signaled<F: Future>(&self, future: F) -> Option<F::Output> {
        self.until(Phase::Draining, future).await
    }

    /// What `future` gives, unless the drain's deadline passes first.
    pub(crate) async fn until_expired<F: Future>(&self, future: F) -> Option<F::Output> {
        self.until(Phase::Expired, future).await
    }

    /// Looks for the drain when it has to and not whenever the future is polled, which for a
    /// connection is a few times per request. To be awaited in one task: the drain wakes the one that
    /// polled first.
    async fn until<F: Future>(&self, phase: Phase, future: F) -> Option<F::Output> {
        // Not put off where the future has used up what a task may do at once: nothing would wake it.
        let reached = tokio::task::unconstrained(self.reached(phase));
        let (mut future, mut reached) = (pin!(future), pin!(reached));
        // A change of any kind ends the wait for one.
        let mut seen = None;
        poll_fn(|cx| {
            if let Poll::Ready(output) = future.as_mut().poll(cx) {
                return Poll::Ready(Some(output));
            }
            let now = *self.phase.borrow();
            if seen.replace(now) == Some(now) {
                return Poll::Pending;
            }
            reached.as_mut().poll(cx).map(|()| None)
        })
        .await
    }

    /// Whether the drain has begun.
    pub(crate) fn is_signaled(&self) -> bool {
        *self.phase.borrow() >= Phase::Draining
    }

    /// Whether the drain's deadline has passed.
    pub(crate) fn is_expired(&self) -> bool {
        *self.phase.borrow() == Phase::Expired
    }

    /// Makes the drain wait until the guard is dropped.
    pub(crate) fn guard(&self) -> Guard {
        self.open.send_modify(|open| *open += 1);
        Guard(self.open.clone())
    }

    /// Runs a tunnel, or other work that outlives its connection, in a task of its own. The drain
    /// waits for it and drops it at the deadline.
    pub(crate) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        let (guard, drain) = (self.guard(), self.clone());
        tokio::spawn(async move {
            let _guard = guard;
            let work = pin!(work);
            tokio::select! {
                () = work => {}
                () = drain.expired() => {}
            }
        });
    }

    async fn reached(&self, phase: Phase) {
        let mut current = self.phase.clone();
        let lost = current.wait_for(|current| *current >= phase).await.is_err();
        if lost {
            std::future::pending::<()>().await;
        }
    }
}

/// Something open that a drain waits for.
#[derive(Debug)]
pub(crate) struct Guard(Arc<watch::Sender<usize>>);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.send_modify(|open| *open -= 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::pending;

    const MOMENT: Duration = Duration::from_millis(50);
    const LONG: Duration = Duration::from_secs(20);

    #[tokio::test]
    async fn a_drain_is_clean_when_the_last_guard_goes() {
        let (trigger, drain) = Drain::new();
        let guard = drain.guard();
        let holder = tokio::spawn(async move {
            drain.signaled().await;
            drop(guard);
        });
        assert_eq!(trigger.drain(LONG).await, Drained::Clean);
        holder.await.unwrap();
    }

    #[tokio::test]
    async fn a_tunnel_is_waited_for_and_dropped_at_the_deadline() {
        let (trigger, drain) = Drain::new();
        let (alive, mut ended) = tokio::sync::mpsc::channel::<()>(1);
        drain.spawn(async move {
            pending::<()>().await;
            drop(alive);
        });
        assert_eq!(trigger.drain(MOMENT).await, Drained::Deadline(1));
        assert_eq!(ended.try_recv(), Err(tokio::sync::mpsc::error::TryRecvError::Disconnected));
    }

    #[tokio::test]
    async fn a_tunnel_that_panics_holds_up_nothing() {
        let (trigger, drain) = Drain::new();
        drain.spawn(async { panic!("a tunnel's") });
        assert_eq!(trigger.drain(LONG).await, Drained::Clean);
    }

    #[tokio::test]
    async fn a_future_is_cut_where_the_drain_begins_and_not_before() {
        let (trigger, drain) = Drain::new();
        assert_eq!(drain.until_signaled(async { 1 }).await, Some(1));
        let (guard, turns) = (drain.guard(), Arc::new(std::sync::atomic::AtomicUsize::new(0)));
        let counted = turns.clone();
        let cut = tokio::spawn(async move {
            let turning = async {
                loop {
                    counted.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    tokio::task::yield_now().await;
                }
            };
            let both = async {
                assert!(drain.until_signaled(turning).await.is_none());
                pending::<()>().await;
            };
            let expired = drain.until_expired(both).await.is_none();
            drop(guard);
            expired
        });
        while turns.load(std::sync::atomic::Ordering::Relaxed) < 3 {
            tokio::task::yield_now().await;
        }
        assert_eq!(trigger.drain(MOMENT).await, Drained::Deadline(1));
        assert!(cut.await.unwrap());
    }

    #[tokio::test]
    async fn a_lost_trigger_is_no_signal() {
        let (trigger, drain) = Drain::new();
        drop(trigger);
        assert!(timeout(MOMENT, drain.signaled()).await.is_err());
    }
}
