//! What a connection is doing, told by the service's side to the socket's side.
//!
//! The socket ([`super::progress`]) sees reads and writes and cannot tell why one is pending; the
//! service's side ([`super::exchange`]) knows requests, bodies and answers and has no socket. They
//! share an [`Activity`], and the socket asks it what the client owes ([`Expects`]):
//!
//! | from | when | to |
//! |---|---|---|
//! | `Head` | a head is complete, with a body to follow | `Body` |
//! | `Head` | a head is complete, with none | `Nothing` |
//! | `Body` | the body ends or is given up | `Nothing` |
//! | `Body` | the answer is complete first | `Rest` |
//! | `Nothing` | the answer is complete | `Head` |
//! | `Rest` | the body ends or is given up | `Head` |
//!
//! A tunnel expects nothing for ever: what is idle there is for its owner to say.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;

/// The state of one connection. Locked for a few instructions at a time.
#[derive(Debug, Default)]
pub(super) struct Activity(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// The number of exchanges begun.
    exchange: u64,
    answering: bool,
    /// An answer to HTTP/1.0 may end with its connection.
    ends_by_close: bool,
    upload: Upload,
    tunnel: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Upload {
    #[default]
    Ended,
    /// Given up before its end: bytes of it may be on their way.
    Abandoned,
    Open,
    /// The service has waited for a byte of it since then.
    Hungry(Instant),
}

/// What the client is expected to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expects {
    /// Nothing: the service is at work, or the connection is a tunnel.
    Nothing,
    /// A request's body, which the service has waited for since then, or does not wait for now.
    Body(Option<Instant>),
    /// The rest of a body whose answer is complete already, by number of exchange.
    Rest(u64),
    /// A request's head, after that many exchanges.
    Head(u64),
}

impl Activity {
    /// A request's head is complete.
    pub(super) fn begin(self: &Arc<Self>, has_body: bool) -> Exchange {
        let mut state = self.lock();
        state.exchange += 1;
        state.answering = true;
        state.ends_by_close = false;
        state.upload = if has_body { Upload::Open } else { Upload::Ended };
        Exchange { activity: self.clone(), number: state.exchange }
    }

    pub(super) fn expects(&self) -> Expects {
        let state = self.lock();
        match (state.upload, state.answering) {
            _ if state.tunnel => Expects::Nothing,
            (Upload::Hungry(since), _) => Expects::Body(Some(since)),
            (Upload::Open, true) => Expects::Body(None),
            (Upload::Open, false) => Expects::Rest(state.exchange),
            (Upload::Ended | Upload::Abandoned, true) => Expects::Nothing,
            (Upload::Ended | Upload::Abandoned, false) => Expects::Head(state.exchange),
        }
    }

    /// Whether the last request's body was not read to its end.
    pub(super) fn is_unread(&self) -> bool {
        self.lock().upload != Upload::Ended
    }

    /// Whether the client takes the close for the end of the last answer.
    pub(super) fn ends_by_close(&self) -> bool {
        self.lock().ends_by_close
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One request and its answer. What is said of an exchange that is over has no effect: a service
/// may keep a body longer than its connection keeps the exchange.
#[derive(Clone, Debug)]
pub(super) struct Exchange {
    activity: Arc<Activity>,
    number: u64,
}

impl Exchange {
    /// The service waits for a byte of the body.
    pub(super) fn hungry(&self) {
        self.update(|state| {
            if state.upload == Upload::Open {
                state.upload = Upload::Hungry(Instant::now());
            }
        });
    }

    /// The service got some of the body.
    pub(super) fn fed(&self) {
        self.update(|state| state.upload = Upload::Open);
    }

    /// The service got the end of the body. A failed one has no end.
    pub(super) fn ended(&self) {
        self.update(|state| {
            if state.upload != Upload::Abandoned {
                state.upload = Upload::Ended;
            }
        });
    }

    /// The body failed, or the service let go of it. Too late to matter after its end.
    pub(super) fn abandoned(&self) {
        self.update(|state| {
            if state.upload != Upload::Ended {
                state.upload = Upload::Abandoned;
            }
        });
    }

    /// The last byte of the answer's body was taken from the service.
    pub(super) fn answered(&self) {
        self.update(|state| state.answering = false);
    }

    /// The client takes the close for the end of the answer.
    pub(super) fn end_by_close(&self) {
        self.update(|state| state.ends_by_close = true);
    }

    pub(super) fn upgraded(&self) {
        self.update(|state| state.tunnel = true);
    }

    pub(super) fn is_abandoned(&self) -> bool {
        let state = self.activity.lock();
        state.exchange == self.number && state.upload == Upload::Abandoned
    }

    fn update(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.activity.lock();
        if state.exchange == self.number {
            change(&mut state);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exchange_without_a_body_expects_nothing_until_it_is_answered() {
        let activity = Arc::new(Activity::default());
        assert_eq!(activity.expects(), Expects::Head(0));
        let exchange = activity.begin(false);
        assert_eq!(activity.expects(), Expects::Nothing);
        exchange.answered();
        assert_eq!(activity.expects(), Expects::Head(1));
    }

    #[test]
    fn hunger_is_dated_from_its_first_moment_and_ends_with_food() {
        let activity = Arc::new(Activity::default());
        let exchange = activity.begin(true);
        assert_eq!(activity.expects(), Expects::Body(None));
        exchange.hungry();
        let first = activity.expects();
        assert!(matches!(first, Expects::Body(Some(_))));
        exchange.hungry();
        assert_eq!(activity.expects(), first);
        exchange.fed();
        assert_eq!(activity.expects(), Expects::Body(None));
    }

    #[test]
    fn a_body_may_outlast_its_answer() {
        let activity = Arc::new(Activity::default());
        let exchange = activity.begin(true);
        exchange.answered();
        assert_eq!(activity.expects(), Expects::Rest(1));
        exchange.abandoned();
        assert_eq!(activity.expects(), Expects::Head(1));
        assert!(activity.is_unread());
    }

    #[test]
    fn a_body_kept_past_its_exchange_says_nothing_about_the_next() {
        let activity = Arc::new(Activity::default());
        let kept = activity.begin(true);
        let next = activity.begin(false);
        kept.hungry();
        kept.abandoned();
        assert_eq!(activity.expects(), Expects::Nothing);
        assert!(!activity.is_unread() && !kept.is_abandoned() && !next.is_abandoned());
    }

    #[test]
    fn a_tunnel_expects_nothing() {
        let activity = Arc::new(Activity::default());
        let exchange = activity.begin(false);
        exchange.upgraded();
        exchange.answered();
        assert_eq!(activity.expects(), Expects::Nothing);
    }
}
