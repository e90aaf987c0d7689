//! Snapshots that are no longer live, until nobody reads them.
//!
//! Whoever lets go of a snapshot last frees it, a text at a time. That must not be a request.

use std::sync::{Arc, Mutex};

use super::lock;
use crate::content::Snapshot;

/// Clones share them.
#[derive(Debug, Clone, Default)]
pub(super) struct Retired(Arc<Mutex<Vec<Arc<Snapshot>>>>);

impl Retired {
    pub(super) fn add(&self, snapshot: Arc<Snapshot>) {
        lock(&self.0).push(snapshot);
    }

    /// What they take, in bytes. What they share with those that are live counts, too.
    pub(super) fn bytes(&self) -> u64 {
        lock(&self.0).iter().map(|snapshot| snapshot.weight() as u64).sum()
    }

    /// Frees those that nobody reads.
    pub(super) fn sweep(&self) {
        let unused: Vec<_> = lock(&self.0).extract_if(.., |snapshot| is_unused(snapshot)).collect();
        // Not while others wait to add theirs.
        drop(unused);
    }
}

fn is_unused(snapshot: &Arc<Snapshot>) -> bool {
    Arc::strong_count(snapshot) == 1 && snapshot.is_unread()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::compile;

    #[test]
    fn what_is_read_is_kept() {
        let file = ("en.json".to_owned(), b"{\"a\": \"x\"}".to_vec());
        let snapshot = Arc::new(compile([file]).unwrap());
        let (weak, voice) = (Arc::downgrade(&snapshot), snapshot.voice(snapshot.default_locale()));
        let retired = Retired::default();
        retired.add(snapshot);
        retired.sweep();
        assert!(weak.upgrade().is_some(), "a page is printed with it");
        drop(voice);
        retired.sweep();
        assert!(weak.upgrade().is_none());
    }
}
