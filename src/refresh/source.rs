//! Where one site's content comes from, and how far it has come.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::config::Site;
use super::copy::Copy;
use super::failure::Failure;
use super::trust::Trust;
use super::{is_store, load_directory};
use crate::content::release::pointer::{Pinned, Pointer};
use crate::content::{Compiled, Snapshot};
use crate::releases::{self, Followed, Known, Limits, Release, What};
use crate::store::{Store, Version};

/// A release that was refused is not fetched again for so long, unless its alias moves or a hint
/// comes: a damaged file may have been mended.
const REFUSED_FOR: Duration = Duration::from_secs(300);

/// Where two states of a file may have the same name, "not modified" is believed so many times.
const DOUBTED: u32 = 12;

/// A store, or a content directory.
pub(super) struct Source {
    pub(super) site: Site,
    pub(super) store: Store,
    pub(super) limits: Limits,
    pub(super) trust: Trust,
    /// The pointer that pages are printed by; none where nothing is live, or a content directory.
    live: Option<Seen>,
    refused: Option<(Seen, releases::Failure, Instant)>,
    /// Since the store was asked without a condition.
    conditional: u32,
}

/// A pointer that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Seen {
    r#move: u64,
    release: Pinned,
    /// As the store calls it.
    version: Option<Version>,
}

impl Seen {
    fn of(followed: &Followed) -> Self {
        let Followed { pointer, version, .. } = followed;
        Self { r#move: pointer.r#move, release: pointer.release, version: version.clone() }
    }

    fn is(&self, pointer: &Pointer) -> bool {
        (self.r#move, self.release) == (pointer.r#move, pointer.release)
    }
}

/// What a first glance has shown.
pub(super) enum Glance {
    /// It is as it was.
    Unchanged,
    /// Files, all of which are read.
    Files,
    /// A pointer to something else than what is live.
    Moved(Box<Followed>),
}

/// What a look has found.
pub(super) enum Found {
    Unchanged,
    Files(Compiled),
    Release(Box<Release>),
}

impl Source {
    pub(super) fn new(site: Site, store: Store, limits: Limits) -> Self {
        Self {
            site,
            store,
            limits,
            trust: Trust::default(),
            live: None,
            refused: None,
            conditional: 0,
        }
    }

    /// Asks where the alias points: the cheap half of a look.
    pub(super) async fn glance(&mut self) -> Result<Glance, Failure> {
        if !self.is_store().await {
            return Ok(Glance::Files);
        }
        self.refused = self.refused.take().filter(|(.., until)| Instant::now() < *until);
        let known = self.refused.as_ref().map(|(seen, ..)| seen).or(self.live.as_ref());
        let doubted = !self.store.names_exactly() && self.conditional >= DOUBTED;
        let known = known.and_then(|seen| seen.version.as_ref()).filter(|_| !doubted);
        self.conditional = if known.is_some() { self.conditional + 1 } else { 0 };
        let Site { alias, public_keys, .. } = &self.site;
        let found = releases::pointer(&self.store, alias, public_keys, known).await?;
        let Some(followed) = found else {
            let refused = self.refused.as_ref().map(|(_, failure, _)| failure.clone());
            return refused.map_or(Ok(Glance::Unchanged), |failure| Err(failure.into()));
        };
        let place = self.store.place(&Pointer::path(alias));
        let ordered = self.trust.check(&followed.pointer);
        ordered.map_err(releases::Failure::at(place, What::Order))?;
        match (&mut self.live, &self.refused) {
            (_, Some((seen, failure, _))) if seen.is(&followed.pointer) => {
                Err(failure.clone().into())
            }
            (Some(live), _) if live.is(&followed.pointer) => {
                live.version = followed.version;
                Ok(Glance::Unchanged)
            }
            _ => Ok(Glance::Moved(Box::new(followed))),
        }
    }

    /// Gets what a glance has shown: the costly half. What is `live` may be used again.
    pub(super) async fn get(
        &mut self,
        glance: Glance,
        live: Option<&Arc<Snapshot>>,
        copy: Option<&Copy>,
    ) -> Result<Found, Failure> {
        let followed = match glance {
            Glance::Unchanged => return Ok(Found::Unchanged),
            Glance::Files => return self.files().await,
            Glance::Moved(followed) => *followed,
        };
        let seen = Seen::of(&followed);
        let known = Known { before: live, near: copy.map(Copy::near) };
        match releases::release(&self.store, followed, known, &self.limits).await {
            Ok(release) => Ok(Found::Release(Box::new(release))),
            Err(failure) => {
                if failure.is_judgement() {
                    self.refused = Some((seen, failure.clone(), Instant::now() + REFUSED_FOR));
                }
                Err(failure.into())
            }
        }
    }

    async fn files(&self) -> Result<Found, Failure> {
        let Some(root) = self.store.directory().map(ToOwned::to_owned) else {
            return Ok(Found::Unchanged);
        };
        let loaded = tokio::task::spawn_blocking(move || load_directory(&root)).await;
        let loaded = loaded.map_err(|error| Failure::Internal(error.to_string()))?;
        Ok(Found::Files(loaded.map_err(Failure::Problems)?))
    }

    /// A release is live from now on.
    pub(super) fn follows(&mut self, followed: &Followed) {
        self.trust.advance(&followed.pointer);
        self.live = Some(Seen::of(followed));
        self.refused = None;
    }

    /// Nothing is live that a pointer has led to.
    pub(super) fn follows_nothing(&mut self) {
        self.live = None;
    }

    /// Whether a release is live.
    pub(super) fn is_following(&self) -> bool {
        self.live.is_some()
    }

    /// Somebody says that there is something: what was refused is looked at again.
    pub(super) fn reconsider(&mut self) {
        self.refused = None;
        self.conditional = DOUBTED;
    }

    /// Whether it holds releases, which are asked for, rather than files, which are watched.
    pub(super) async fn is_store(&self) -> bool {
        let Some(root) = self.store.directory().map(ToOwned::to_owned) else { return true };
        // A disk may hang.
        tokio::task::spawn_blocking(move || is_store(&root)).await.unwrap_or(false)
    }
}
