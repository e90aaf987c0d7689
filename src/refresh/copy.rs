//! The disk copy: the last good release of a site, kept across restarts in the form of a store.
//!
//! It is written after a release is live, objects first and the pointer last, and verified like
//! any store when it is read. Losing it loses nothing but a start without the store.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::config::Site;
use crate::content::Digest;
use crate::content::release::manifest::{self, Manifest};
use crate::content::release::pointer::{self, Pinned, Pointer};
use crate::releases::{self, Described, Failure, Known, Limits, Near, Release};
use crate::store::{Condition, Location, Store, StoreError, Stores};

/// One site's copy.
#[derive(Debug)]
pub(super) struct Copy {
    near: Near,
    root: PathBuf,
    /// Held while this process writes the copy: of two that share a `state_dir`, one does.
    owned: Mutex<Option<File>>,
}

impl Copy {
    /// The copy of `site` below `state_dir`. A site that follows another store or alias has
    /// another copy: their moves count apart.
    pub(super) fn new(
        stores: &Stores,
        state_dir: &Path,
        site: &Site,
        source: &Location,
    ) -> Result<Self, String> {
        let followed = Digest::of(format!("{source} {}", site.alias).as_bytes()).short();
        let root = state_dir.join("content").join(format!("{}-{followed}", site.name));
        let store = stores.open(&Location::Directory(root.clone()))?;
        Ok(Self { near: Near::new(store), root, owned: Mutex::default() })
    }

    /// Where objects may be found without asking the store.
    pub(super) fn near(&self) -> &Near {
        &self.near
    }

    /// The pointer of the copy, if there is a good one, with the manifest that it pins: a damaged one
    /// must not count.
    pub(super) async fn pointer(&self, site: &Site, limits: &Limits) -> Option<Pointer> {
        let store = self.near.store();
        let found = releases::pointer(store, &site.alias, &site.public_keys, None).await;
        let pointer = found.ok()??.pointer;
        let Pinned { seq, sha256 } = pointer.release;
        releases::manifest(store, seq, Some(sha256), limits).await.ok().map(|_| pointer)
    }

    /// The release that was kept; none if none was.
    ///
    /// # Errors
    /// Why it cannot be used.
    pub(super) async fn load(
        &self,
        site: &Site,
        limits: &Limits,
    ) -> Result<Option<Release>, Failure> {
        let store = self.near.store();
        match releases::pointer(store, &site.alias, &site.public_keys, None).await {
            Ok(Some(followed)) => {
                releases::release(store, followed, Known::default(), limits).await.map(Some)
            }
            Ok(None) => Ok(None),
            Err(failure) if failure.is_missing() => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// Keeps `release`, and forgets the one before. What is missing of it is fetched from `source`.
    /// `false` while another process writes this copy.
    ///
    /// # Errors
    /// What could not be written; the copy before is whole then.
    pub(super) async fn keep(
        &self,
        release: &Described,
        source: &Store,
        limits: &Limits,
    ) -> Result<bool, StoreError> {
        let store = self.near.store();
        self.near.written().await?;
        if !self.is_owned() {
            return Ok(false);
        }
        for object in release.manifest.locales.values() {
            let path = object.path();
            if store.size(&path).await? == Some(object.bytes) {
                continue;
            }
            if let Some(fetched) = source.get(&path, limits.object, None).await? {
                store.put(&path, fetched.bytes, Condition::Always).await?;
            }
        }
        let manifest = Manifest::path(release.manifest.seq);
        store.put(&manifest, release.manifest_bytes.clone(), Condition::Always).await?;
        let pointer = Pointer::path(&release.followed.pointer.alias);
        store.put(&pointer, release.followed.bytes.clone(), Condition::Always).await?;
        self.sweep(release).await.map(|()| true)
    }

    /// Whether this process is the one that writes the copy, from now on if nobody else is. The
    /// system lets go of the lock when a process ends.
    fn is_owned(&self) -> bool {
        let mut owned = self.owned.lock().unwrap_or_else(PoisonError::into_inner);
        if owned.is_none() {
            let opened = fs::create_dir_all(&self.root)
                .and_then(|()| File::create(self.root.join(".owner")));
            *owned = opened.ok().filter(|file| file.try_lock().is_ok());
        }
        owned.is_some()
    }

    /// Removes what the pointer does not lead to, and what a process that was killed had begun: a
    /// store forgets that where it is listed.
    async fn sweep(&self, release: &Described) -> Result<(), StoreError> {
        let mut kept = release.manifest.objects();
        kept.insert(Manifest::path(release.manifest.seq));
        kept.insert(Pointer::path(&release.followed.pointer.alias));
        for folder in [OBJECTS, manifest::FOLDER, pointer::FOLDER] {
            for path in self.near.store().list(folder).await? {
                if !kept.contains(&path) {
                    // One that stays is swept next time.
                    let _ = tokio::fs::remove_file(self.root.join(path)).await;
                }
            }
        }
        Ok(())
    }
}

const OBJECTS: &str = "objects/";

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::refresh::{ALIAS, POLL};

    #[tokio::test]
    async fn of_two_processes_that_share_a_copy_one_writes_it() {
        let state = tempfile::tempdir().unwrap();
        let source = Location::Directory("store".into());
        let site = Site {
            name: "shop".to_owned(),
            content: Some(source.clone()),
            alias: ALIAS.to_owned(),
            public_keys: Vec::new(),
            poll: POLL,
            default_locale: None,
        };
        let stores = Stores::new(Duration::from_secs(1)).unwrap();
        let copy = || Copy::new(&stores, state.path(), &site, &source).unwrap();
        let (one, two) = (copy(), copy());
        assert!(one.is_owned() && !two.is_owned() && one.is_owned());
        drop(one);
        assert!(two.is_owned(), "who is left goes on");
    }
}
