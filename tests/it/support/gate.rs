//! How "the origin pauses here" is written without a sleep.

use std::sync::Arc;

use tokio::sync::watch;

use super::within;

/// A point where a script waits until the test says go. Clones are the same gate.
#[derive(Debug, Clone)]
pub(crate) struct Gate(Arc<watch::Sender<State>>);

#[derive(Debug, Clone, Copy, Default)]
struct State {
    reached: bool,
    open: bool,
}

impl Gate {
    /// A closed gate.
    pub(crate) fn new() -> Self {
        Self(Arc::new(watch::Sender::new(State::default())))
    }

    /// Lets everyone through, now and later.
    pub(crate) fn open(&self) {
        self.0.send_modify(|state| state.open = true);
    }

    /// Waits until a script stands before the gate: all it was to send has been written.
    pub(crate) async fn reached(&self) {
        self.until("a script to reach the gate", |state| state.reached).await;
    }

    /// Waits for the gate to open.
    pub(super) async fn pass(&self) {
        self.0.send_modify(|state| state.reached = true);
        self.until("the test to open the gate", |state| state.open).await;
    }

    async fn until(&self, awaited: &str, condition: impl Fn(&State) -> bool) {
        let mut states = self.0.subscribe();
        // The sender lives in `self`, so the channel cannot close.
        let _ = within(awaited, states.wait_for(condition)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_gate_holds_until_it_is_opened() {
        let gate = Gate::new();
        let held = gate.clone();
        let passing = tokio::spawn(async move { held.pass().await });
        gate.reached().await;
        tokio::task::yield_now().await;
        assert!(!passing.is_finished());
        gate.open();
        within("the gate to let it through", passing).await.unwrap();
    }
}
