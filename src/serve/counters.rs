//! What listeners count, for whoever publishes it. Handed in, never global.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Counts of connections. All but `open` only grow.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    /// Connections accepted.
    pub(crate) accepted: AtomicU64,
    /// Connections being served now, upgraded ones until their tunnel takes over.
    pub(crate) open: AtomicU64,
    /// Accepts that failed, by lack of file descriptors for instance.
    pub(crate) refused: AtomicU64,
    /// Connections ended because the client stopped sending or reading; idle ones are not counted.
    pub(crate) stalled: AtomicU64,
    /// Connections ended by a panic.
    pub(crate) panics: AtomicU64,
}

impl Counters {
    /// Counts an accepted connection, open until the returned value is dropped.
    pub(super) fn open(self: &Arc<Self>) -> Open {
        self.accepted.fetch_add(1, Relaxed);
        self.open.fetch_add(1, Relaxed);
        Open(self.clone())
    }

    pub(super) fn refused(&self) {
        self.refused.fetch_add(1, Relaxed);
    }

    pub(super) fn stalled(&self) {
        self.stalled.fetch_add(1, Relaxed);
    }

    pub(super) fn panicked(&self) {
        self.panics.fetch_add(1, Relaxed);
    }
}

/// A connection that counts as open, also while its task unwinds or is aborted.
#[derive(Debug)]
pub(super) struct Open(Arc<Counters>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Relaxed);
    }
}
