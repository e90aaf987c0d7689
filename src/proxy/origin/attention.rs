//! Wake-ups for a future that is polled within another.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering::AcqRel};
use std::task::{Wake, Waker};

use futures_util::task::AtomicWaker;

/// Nobody polls.
const AWAY: u8 = 0;
/// It is being polled.
const THERE: u8 = 1;
/// It was woken; in addition to the above.
const WOKEN: u8 = 2;

/// Wakes the task that waits, but not while that task is there: what its own poll sets off it sees by
/// itself, and would otherwise be polled once more for.
#[derive(Debug, Default)]
pub(super) struct Attention {
    state: AtomicU8,
    task: AtomicWaker,
}

impl Attention {
    /// A poll begins; wake-ups are noted from now on.
    pub(super) fn begin(&self, task: &Waker) {
        self.task.register(task);
        self.state.swap(THERE, AcqRel);
    }

    /// Forgets what was noted, since what it was about is looked at next.
    pub(super) fn disregard(&self) {
        self.state.swap(THERE, AcqRel);
    }

    /// The poll is over; wake-ups go to the task again. Whether one was noted.
    pub(super) fn end(&self) -> bool {
        self.state.swap(AWAY, AcqRel) & WOKEN != 0
    }

    /// No task waits any more.
    pub(super) fn forget(&self) {
        drop(self.task.take());
    }
}

impl Wake for Attention {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if self.state.fetch_or(WOKEN, AcqRel) & THERE == 0 {
            self.task.wake();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;

    #[derive(Default)]
    struct Count(AtomicUsize);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, AcqRel);
        }
    }

    #[test]
    fn a_task_is_woken_while_it_is_away_only() {
        let (attention, count) = (Arc::new(Attention::default()), Arc::new(Count::default()));
        let (waker, task) = (Waker::from(Arc::clone(&attention)), Waker::from(Arc::clone(&count)));
        let woken = || count.0.load(std::sync::atomic::Ordering::Acquire);
        attention.begin(&task);
        waker.wake_by_ref();
        assert_eq!((attention.end(), woken()), (true, 0));
        attention.begin(&task);
        waker.wake_by_ref();
        attention.disregard();
        assert_eq!((attention.end(), woken()), (false, 0));
        waker.wake_by_ref();
        assert_eq!(woken(), 1);
        attention.begin(&task);
        attention.end();
        attention.forget();
        waker.wake_by_ref();
        assert_eq!((woken(), Arc::strong_count(&count)), (1, 2), "its task is not held, either");
    }
}
