//! When a source is looked at next.

use std::time::Duration;

use tokio::time::Instant;

use super::trust::Trust;
use crate::live::Wanted;

/// After a failure: at first, doubled each time, up to the longest.
const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(30);

/// A hint that named what there is to be found may come before a store shows it everywhere.
const EAGER_FIRST: Duration = Duration::from_millis(50);
const EAGER_FOR: Duration = Duration::from_secs(10);

/// The rhythm of one site.
#[derive(Debug)]
pub(super) struct Pace {
    /// Between two looks, when all is well. None: it says itself when it has changed.
    poll: Option<Duration>,
    failures: u32,
    eager: Option<Eager>,
}

#[derive(Debug)]
struct Eager {
    wanted: Wanted,
    until: Instant,
    tries: u32,
}

impl Pace {
    pub(super) fn new(poll: Option<Duration>) -> Self {
        Self { poll, failures: 0, eager: None }
    }

    /// Whether polling makes sense may change with what a directory holds.
    pub(super) fn polls_every(&mut self, poll: Option<Duration>) {
        self.poll = poll;
    }

    /// Something was promised.
    pub(super) fn want(&mut self, wanted: Wanted) {
        if wanted != Wanted::default() {
            self.eager = Some(Eager { wanted, until: Instant::now() + EAGER_FOR, tries: 0 });
        }
    }

    /// A look is over.
    pub(super) fn looked(&mut self, went_well: bool, trust: Trust) {
        self.failures = if went_well { 0 } else { self.failures.saturating_add(1) };
        self.eager = self.eager.take().filter(|eager| !eager.is_satisfied(trust));
        if let Some(eager) = &mut self.eager {
            eager.tries += 1;
        }
    }

    /// How long to wait now; none where only a hint or a change ends the wait.
    pub(super) fn wait(&self) -> Option<Duration> {
        if let Some(eager) = &self.eager {
            return Some(jittered(doubled(EAGER_FIRST, eager.tries.saturating_sub(1)).min(FIRST)));
        }
        match self.failures {
            0 => self.poll.map(jittered),
            n => Some(jittered(
                doubled(FIRST, n - 1).min(LONGEST.max(self.poll.unwrap_or_default())),
            )),
        }
    }
}

impl Eager {
    fn is_satisfied(&self, trust: Trust) -> bool {
        let moved = self.wanted.r#move.is_none_or(|wanted| trust.reached(wanted));
        // A rollback has a lower number, and says its move.
        let released =
            self.wanted.r#move.is_some() || self.wanted.seq.is_none_or(|seq| trust.has(seq));
        (moved && released) || Instant::now() >= self.until
    }
}

fn doubled(first: Duration, times: u32) -> Duration {
    first.saturating_mul(1 << times.min(16))
}

/// A fifth more or less, so that many proxies do not ask at once.
fn jittered(wait: Duration) -> Duration {
    wait.mul_f64(0.8 + 0.4 * fastrand::f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about(wait: Option<Duration>, expected: Duration) {
        let wait = wait.unwrap();
        assert!(
            wait >= expected.mul_f64(0.79) && wait <= expected.mul_f64(1.21),
            "{wait:?} {expected:?}"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn failures_slow_it_down_and_success_does_not() {
        let poll = Duration::from_secs(5);
        let mut pace = Pace::new(Some(poll));
        about(pace.wait(), poll);
        for seconds in [1, 2, 4, 8, 16, 30, 30] {
            pace.looked(false, Trust::default());
            about(pace.wait(), Duration::from_secs(seconds));
        }
        pace.looked(true, Trust::default());
        about(pace.wait(), poll);
        assert_eq!(Pace::new(None).wait(), None);
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_promised_is_looked_for_often_but_not_forever() {
        let poll = Duration::from_secs(5);
        let mut pace = Pace::new(Some(poll));
        pace.want(Wanted { r#move: Some(7), seq: None });
        for millis in [50, 100, 200, 400, 800, 1000, 1000] {
            pace.looked(true, Trust::default());
            about(pace.wait(), Duration::from_millis(millis));
        }
        tokio::time::advance(EAGER_FOR).await;
        pace.looked(true, Trust::default());
        about(pace.wait(), poll);
    }
}
