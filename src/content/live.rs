//! The one live snapshot of a site: whoever loads content publishes it, whoever prints reads it.

use std::sync::Arc;

use arc_swap::ArcSwapOption;

use super::Snapshot;

/// A cell for a snapshot, empty at first: the end that writes and the end that reads.
pub fn live() -> (Publisher, Reader) {
    let cell = Arc::new(ArcSwapOption::empty());
    (Publisher(Arc::clone(&cell)), Reader(cell))
}

/// Makes a snapshot the live one.
#[derive(Debug)]
pub struct Publisher(Arc<ArcSwapOption<Snapshot>>);

impl Publisher {
    /// Swaps in `snapshot`. Who has read the one before keeps it.
    pub fn publish(&self, snapshot: Snapshot) {
        self.0.store(Some(Arc::new(snapshot)));
    }
}

/// Reads the live snapshot.
#[derive(Debug, Clone)]
pub struct Reader(Arc<ArcSwapOption<Snapshot>>);

impl Reader {
    /// The snapshot of this moment; none until the first is published.
    pub fn get(&self) -> Option<Arc<Snapshot>> {
        self.0.load_full()
    }
}
