//! Objects on this machine's disk, in the form of a store.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use tokio::task::JoinSet;

use crate::store::{Condition, Store, StoreError};

/// A store that is looked into before a farther one, and written to beside it.
#[derive(Debug)]
pub(crate) struct Near {
    store: Arc<Store>,
    /// Objects on their way to the disk, while the release goes live.
    writing: Mutex<JoinSet<Result<(), StoreError>>>,
}

impl Near {
    pub(crate) fn new(store: Store) -> Self {
        Self { store: Arc::new(store), writing: Mutex::default() }
    }

    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    /// Writes a verified object, and does not wait for it. Objects are kept by their digest, so
    /// that one whose release never goes live does no harm.
    pub(super) fn begin(&self, path: String, bytes: Bytes) {
        let store = Arc::clone(&self.store);
        let write = async move { store.put(&path, bytes, Condition::Always).await };
        self.writing.lock().unwrap_or_else(PoisonError::into_inner).spawn(write);
    }

    /// Waits for what was begun.
    ///
    /// # Errors
    /// The first object that could not be written.
    pub(crate) async fn written(&self) -> Result<(), StoreError> {
        let writing = {
            let mut writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut *writing)
        };
        writing.join_all().await.into_iter().collect()
    }
}
