//! Follows one site's content: looks when it is time, when a hint comes, and when files change.

use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep, sleep_until};

use super::config::{Config, Location, Site};
use super::copy::Copy;
use super::failure::Failure;
use super::fresh::Place;
use super::pace::Pace;
use super::source::{Found, Glance, Source};
use super::watch::Watch;
use crate::content::Compiled;
use crate::live::Hints;
use crate::releases::{self, Described, Followed, What};
use crate::store::Stores;

/// How long a start waits for the store before it takes the disk copy: a little less than a
/// visitor waits.
const PATIENCE: Duration = Duration::from_millis(150);

/// One site's content.
pub(super) struct Follower {
    source: Source,
    copy: Option<Copy>,
    /// What is live and could not be kept.
    unkept: Option<Described>,
    place: Place,
    hints: Hints,
    pace: Pace,
    /// Of a directory, while the site is awake: the system has few watchers to give.
    watch: Option<Watch>,
    poll: Duration,
}

impl Follower {
    /// # Errors
    /// When the store cannot be used as it is configured.
    pub(super) fn new(
        config: &Config,
        stores: &Stores,
        site: &Site,
        location: &Location,
        place: Place,
        hints: Hints,
    ) -> Result<Self, String> {
        let store = stores.open(location)?;
        let copy = |dir: &PathBuf| Copy::new(stores, dir, site, location);
        let copy = config.state_dir.as_ref().map(copy).transpose()?;
        let source = Source::new(site.clone(), store, config.limits.release());
        let (pace, poll) = (Pace::new(Some(site.poll)), site.poll);
        Ok(Self { source, copy, unkept: None, place, hints, pace, watch: None, poll })
    }

    /// Follows for as long as it is polled.
    pub(super) async fn run(mut self) {
        loop {
            if self.place.is_asleep() {
                self.place.asleep();
                self.watch = None;
                let wanted = self.hints.next().await;
                self.pace.want(wanted);
            } else if self.place.is_awaited() || self.place.live().is_none() {
                // Also where it fell asleep and was wanted again without having been seen asleep.
                self.wake().await;
                self.pause().await;
            } else {
                self.look().await;
                self.pause().await;
            }
        }
    }

    /// Waits until there is a reason to look.
    async fn pause(&mut self) {
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
            wanted = self.hints.next() => {
                self.source.reconsider();
                self.pace.want(wanted);
            }
            () = timer => {}
            () = changed => self.source.reconsider(),
        }
    }

    async fn look(&mut self) {
        let found = match self.source.glance().await {
            Ok(glance) => {
                self.source.get(glance, self.place.live().as_ref(), self.copy.as_ref()).await
            }
            Err(failure) => Err(failure),
        };
        self.conclude(found).await;
    }

    /// Looks where nothing is live: for the first time, after a sleep, after a failure. While the
    /// store makes a visitor wait, the disk copy goes live.
    async fn wake(&mut self) {
        if self.watch.is_none()
            && let Some(root) = self.source.store.directory().map(ToOwned::to_owned)
        {
            // Before the first look, so that what changes during it is not missed.
            let watch = tokio::task::spawn_blocking(move || Watch::new(&root)).await;
            self.watch = watch.ok();
        }
        if let Some(wanted) = self.hints.pending() {
            self.pace.want(wanted);
        }
        self.source.follows_nothing();
        if let Some(copy) = &self.copy
            && let Some(pointer) = copy.pointer(&self.source.site, &self.source.limits).await
        {
            self.source.trust.advance(&pointer);
        }
        let mut standby = Standby::new(self.copy.as_ref(), &self.place, &self.source);
        let glance = standby.beside(self.source.glance()).await;
        standby.tell(&mut self.source);
        let found = match glance {
            // No release: the copy is of something else.
            Ok(Glance::Files) => {
                standby.copy = None;
                self.source.get(Glance::Files, None, None).await
            }
            Ok(glance) => {
                let live = self.place.live();
                let get = self.source.get(glance, live.as_ref(), self.copy.as_ref());
                standby.beside(get).await
            }
            Err(failure) => Err(failure),
        };
        if found.is_err() {
            standby.step_in().await;
        }
        standby.tell(&mut self.source);
        self.conclude(found).await;
    }

    async fn conclude(&mut self, found: Result<Found, Failure>) {
        let done = found.and_then(|found| self.publish(found));
        self.pace.looked(done.is_ok(), self.source.trust);
        let polls = self.source.is_store().await;
        self.pace.polls_every(polls.then_some(self.poll));
        match done {
            Ok(loaded) => self.place.well(loaded),
            Err(failure) => self.place.failed(failure),
        }
        self.keep().await;
    }

    /// Makes it live; `true` if there was anything to make live.
    fn publish(&mut self, found: Found) -> Result<bool, Failure> {
        match found {
            Found::Unchanged => Ok(false),
            Found::Files(Compiled { snapshot, notes }) => {
                self.place.note(&notes);
                let live = self.place.live().filter(|_| !self.source.is_following());
                if live.is_some_and(|live| live.release() == snapshot.release()) {
                    return Ok(false);
                }
                self.place.publish_directory(Arc::new(snapshot))?;
                self.source.follows_nothing();
                Ok(true)
            }
            Found::Release(release) => {
                self.place.publish_release(&release, false)?;
                self.source.follows(&release.described.followed);
                self.unkept = Some(release.described);
                Ok(true)
            }
        }
    }

    /// Writes what is live to the disk, or what could not be written before.
    async fn keep(&mut self) {
        let (Some(copy), Some(release)) = (&self.copy, &self.unkept) else { return };
        match copy.keep(release, &self.source.store, &self.source.limits).await {
            Ok(false) => {}
            Ok(true) => {
                self.unkept = None;
                self.place.copy_kept();
            }
            Err(error) => self.place.copy_failed(&error),
        }
    }
}

/// The disk copy, ready to step in where the store makes a visitor wait.
struct Standby<'f> {
    copy: Option<&'f Copy>,
    place: &'f Place,
    site: Site,
    limits: releases::Limits,
    trust: super::trust::Trust,
    at: Instant,
    stepped_in: bool,
    live: Option<Followed>,
}

impl<'f> Standby<'f> {
    fn new(copy: Option<&'f Copy>, place: &'f Place, source: &Source) -> Self {
        let Source { site, limits, trust, .. } = source;
        let at = Instant::now() + PATIENCE;
        let (site, limits, trust) = (site.clone(), *limits, *trust);
        Self { copy, place, site, limits, trust, at, stepped_in: false, live: None }
    }

    /// Does `work`, and steps in if it takes too long; the work goes on meanwhile.
    async fn beside<T>(&mut self, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        tokio::select! {
            done = &mut work => return done,
            () = sleep_until(self.at) => {}
        }
        tokio::join!(work, self.step_in()).0
    }

    /// Makes the disk copy live, if there is a good one, once.
    async fn step_in(&mut self) {
        let Some(copy) = self.copy.filter(|_| !std::mem::replace(&mut self.stepped_in, true))
        else {
            return;
        };
        match self.restored(copy).await {
            Ok(live) => self.live = live,
            Err(failure) => self.place.copy_failed(&failure),
        }
    }

    async fn restored(&self, copy: &Copy) -> Result<Option<Followed>, Failure> {
        let Some(release) = copy.load(&self.site, &self.limits).await? else { return Ok(None) };
        let followed = &release.described.followed;
        let ordered = self.trust.check(&followed.pointer);
        ordered.map_err(releases::Failure::at("the disk copy".to_owned(), What::Order))?;
        self.place.publish_release(&release, true)?;
        Ok(Some(followed.clone()))
    }

    /// Has `source` know what is live. The copy's own version means nothing to the store.
    fn tell(&mut self, source: &mut Source) {
        if let Some(live) = self.live.take() {
            source.follows(&Followed { version: None, ..live });
        }
    }
}
