//! Follows one site's content: looks when it is time, when a hint comes, and when files change.

use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::time::sleep;

use super::config::{Config, Location, Site};
use super::copy::Copy;
use super::failure::Failure;
use super::fresh::Place;
use super::pace::Pace;
use super::trust::Trust;
use super::watch::Watch;
use super::{is_store, load_directory};
use crate::content::Snapshot;
use crate::content::release::pointer::Pointer;
use crate::live::{Hints, Wanted};
use crate::releases::{self, Known, Limits, Release, What};
use crate::store::Store;
use crate::store::Version;

/// How long a start waits for the store before it takes the disk copy: a little less than a
/// visitor waits.
const PATIENCE: Duration = Duration::from_millis(150);

/// One site's content.
pub(super) struct Follower {
    source: Source,
    copy: Option<Copy>,
    place: Place,
    hints: Hints,
    pace: Pace,
    watch: Option<Watch>,
    poll: Duration,
}

/// Where releases come from, and how far it has come.
struct Source {
    site: Site,
    store: Store,
    limits: Limits,
    trust: Trust,
    /// The pointer that was loaded, as the store calls it.
    known: Option<Version>,
    /// Whether what is live are the files of a directory, and not what was `known`.
    from_files: bool,
}

/// What a look has found.
enum Found {
    /// With the pointer's version, where it was not known.
    Unchanged(Option<Version>),
    Directory(Arc<Snapshot>),
    Release(Box<Release>),
}

impl Follower {
    /// # Errors
    /// When the store cannot be used as it is configured.
    pub(super) fn new(
        config: &Config,
        site: &Site,
        location: &Location,
        place: Place,
        hints: Hints,
    ) -> Result<Self, String> {
        let limits = config.limits.release();
        let store = Store::new(location, config.limits.store)?;
        let copy = |dir: &PathBuf| Copy::new(config, dir, site, location);
        let watch = store.directory().map(Watch::new);
        // A directory on this disk is as safe as its copy would be.
        let copy = config.state_dir.as_ref().filter(|_| watch.is_none()).map(copy).transpose()?;
        let (pace, poll) = (Pace::new(Some(site.poll)), site.poll);
        let (site, trust) = (site.clone(), Trust::default());
        let source = Source { site, store, limits, trust, known: None, from_files: false };
        Ok(Self { source, copy, place, hints, pace, watch, poll })
    }

    /// Follows for as long as it is polled.
    pub(super) async fn run(mut self) {
        loop {
            if self.place.is_asleep() {
                self.place.asleep();
                self.hints.next().await;
                continue;
            }
            // Also where it fell asleep and was wanted again without having been seen asleep.
            if self.place.is_awaited() {
                self.source.known = None;
                // The hint of whoever wants it, unless it has been taken already.
                self.pace.want(self.hints.next().now_or_never().unwrap_or_default());
                self.wake().await;
                continue;
            }
            let wanted = self.pause().await;
            self.pace.want(wanted);
            if !self.place.is_asleep() && !self.place.is_awaited() {
                let found = self.source.look(self.place.live().as_ref(), self.copy.as_ref()).await;
                self.conclude(found).await;
            }
        }
    }

    /// Waits until there is a reason to look.
    async fn pause(&mut self) -> Wanted {
        let wait = self.pace.wait();
        self.place.next_look(wait);
        let timer = async {
            match wait {
                Some(wait) => sleep(wait).await,
                None => std::future::pending().await,
            }
        };
        let changed = async {
            match &mut self.watch {
                Some(watch) => watch.changed().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            wanted = self.hints.next() => wanted,
            () = timer => Wanted::default(),
            () = changed => Wanted::default(),
        }
    }

    /// Looks for the first time, or again after a sleep. While the store makes a visitor wait, the
    /// disk copy goes live.
    async fn wake(&mut self) {
        if let Some(copy) = &self.copy
            && let Some(pointer) = copy.pointer(&self.source.site).await
        {
            self.source.trust.advance(&pointer);
        }
        let (site, limits) = (self.source.site.clone(), self.source.limits);
        let found = {
            let mut look = pin!(self.source.look(None, self.copy.as_ref()));
            tokio::select! {
                found = &mut look => found,
                () = sleep(PATIENCE), if self.copy.is_some() => {
                    restore(self.copy.as_ref(), &self.place, &site, &limits).await;
                    look.await
                }
            }
        };
        if found.is_err() && self.place.live().is_none() {
            restore(self.copy.as_ref(), &self.place, &site, &limits).await;
        }
        self.conclude(found).await;
    }

    async fn conclude(&mut self, found: Result<Found, Failure>) {
        let done = match found {
            Ok(found) => self.publish(found).await,
            Err(failure) => Err(failure),
        };
        self.pace.looked(done.is_ok(), self.source.trust);
        let polls = self.source.is_store();
        self.pace.polls_every(polls.then_some(self.poll));
        match done {
            Ok(loaded) => self.place.well(loaded),
            Err(failure) => self.place.failed(failure),
        }
    }

    /// Makes it live; `true` if there was anything to make live.
    async fn publish(&mut self, found: Found) -> Result<bool, Failure> {
        match found {
            Found::Unchanged(version) => {
                self.source.known = version.or(self.source.known.take());
                Ok(false)
            }
            Found::Directory(snapshot) => {
                let live = self.place.live().filter(|_| self.source.from_files);
                if live.is_some_and(|live| live.release() == snapshot.release()) {
                    return Ok(false);
                }
                self.place.publish_directory(snapshot)?;
                self.source.from_files = true;
                Ok(true)
            }
            Found::Release(release) => {
                self.place.publish_release(&release, false)?;
                self.source.from_files = false;
                self.source.trust.advance(&release.followed.pointer);
                self.source.known = release.followed.version.clone();
                if let Some(copy) = &self.copy
                    && let Err(error) =
                        copy.keep(&release, &self.source.store, &self.source.limits).await
                {
                    self.place.copy_failed(&error);
                }
                Ok(true)
            }
        }
    }
}

/// Makes the disk copy live, if there is a good one.
async fn restore(copy: Option<&Copy>, place: &Place, site: &Site, limits: &Limits) {
    let Some(copy) = copy else { return };
    let restored = match copy.load(site, limits).await {
        Ok(Some(release)) => place.publish_release(&release, true),
        Ok(None) => Ok(()),
        Err(failure) => Err(failure.into()),
    };
    if let Err(failure) = restored {
        place.copy_failed(&failure);
    }
}

impl Source {
    /// What is there now. `live` is what is printed, and may be used again.
    async fn look(
        &self,
        live: Option<&Arc<Snapshot>>,
        copy: Option<&Copy>,
    ) -> Result<Found, Failure> {
        if let Some(root) = self.store.directory().filter(|root| !is_store(root)) {
            let root = root.to_owned();
            let loaded = tokio::task::spawn_blocking(move || load_directory(&root)).await;
            let loaded = loaded.map_err(|error| Failure::Internal(error.to_string()))?;
            return Ok(Found::Directory(Arc::new(loaded.map_err(Failure::Problems)?)));
        }
        let Site { alias, public_keys, .. } = &self.site;
        let is_release = live.is_some() && !self.from_files;
        let known = self.known.as_ref().filter(|_| is_release);
        let found = releases::pointer(&self.store, alias, public_keys, known).await?;
        let Some(followed) = found else { return Ok(Found::Unchanged(None)) };
        let place = self.store.place(&Pointer::path(alias));
        let ordered = self.trust.check(&followed.pointer);
        ordered.map_err(releases::Failure::at(place, What::Order))?;
        if is_release && self.trust.is(&followed.pointer) {
            return Ok(Found::Unchanged(followed.version));
        }
        let known = Known { before: live, near: copy.map(Copy::near) };
        let release = releases::release(&self.store, followed, known, &self.limits).await?;
        Ok(Found::Release(Box::new(release)))
    }

    /// Whether it holds releases, which are asked for, rather than files, which are watched.
    fn is_store(&self) -> bool {
        self.store.directory().is_none_or(is_store)
    }
}
