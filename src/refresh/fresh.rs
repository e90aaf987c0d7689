//! Where a site's loads end: the live snapshot, the status board, the counters and the log.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, SystemTime};

use tracing::{info, warn};

use super::config::Site;
use super::failure::Failure;
use crate::content::Snapshot;
use crate::live::Publisher;
use crate::locale::Tag;
use crate::metrics::Metrics;
use crate::problem::Problem;
use crate::releases::Release;
use crate::status::{self, Published, State};

/// How many entries the log names of which something is left out: a line each, at every change.
const NOTED: usize = 20;

/// One site's place.
pub(super) struct Place {
    site: Arc<str>,
    /// What pages are printed in, where the site says so.
    locale: Option<Tag>,
    publisher: Publisher,
    status: status::Site,
    metrics: Metrics,
    /// What was last said about a failure, so that it is said once.
    complaint: Option<Failure>,
    /// What was last said to be left out.
    noted: Vec<String>,
    /// Whether it was said that the disk copy is not good.
    copy_complaint: AtomicBool,
}

impl Place {
    pub(super) fn new(
        site: &Site,
        publisher: Publisher,
        status: status::Site,
        metrics: Metrics,
    ) -> Self {
        let locale = site.default_locale.clone();
        Self {
            site: site.name.as_str().into(),
            locale,
            publisher,
            status,
            metrics,
            complaint: None,
            noted: Vec::new(),
            copy_complaint: AtomicBool::new(false),
        }
    }

    /// What pages are printed with.
    pub(super) fn live(&self) -> Option<Arc<Snapshot>> {
        self.publisher.live()
    }

    /// Whether no visitor wants it at present.
    pub(super) fn is_asleep(&self) -> bool {
        self.publisher.is_asleep()
    }

    /// Whether a visitor waits for what was not looked for yet, or not since it was dropped.
    pub(super) fn is_awaited(&self) -> bool {
        self.publisher.is_awaited()
    }

    /// Makes a content directory live.
    ///
    /// # Errors
    /// That there is no room.
    pub(super) fn publish_directory(&self, snapshot: Arc<Snapshot>) -> Result<(), Failure> {
        self.publish(snapshot, None, false)
    }

    /// Says what was written in a content directory and is not printed: to whoever watches the log
    /// while writing, and not again until it is something else.
    pub(super) fn note(&mut self, notes: &[Problem]) {
        let said = |note: &Problem| format!("{}:{}: {}", note.file, note.line(), note.message);
        let told: Vec<_> = notes.iter().take(NOTED).map(said).collect();
        if told == self.noted {
            return;
        }
        let site = &*self.site;
        for (note, place) in notes.iter().zip(&told) {
            warn!(%site, help = note.help.as_deref(), "not all is printed: {place}");
        }
        if notes.len() > NOTED {
            let more = notes.len() - NOTED;
            warn!(%site, more, "not all is printed: `overprint check` names every key");
        }
        self.noted = told;
    }

    /// Makes a release live.
    ///
    /// # Errors
    /// That there is no room.
    pub(super) fn publish_release(
        &self,
        release: &Release,
        from_copy: bool,
    ) -> Result<(), Failure> {
        let described = &release.described;
        let (pointer, manifest) = (&described.followed.pointer, &described.manifest);
        let published = Published {
            alias: pointer.alias.clone(),
            seq: manifest.seq,
            r#move: pointer.r#move,
            moved_at: pointer.moved_at.clone(),
            site: manifest.site.clone(),
            note: manifest.note.clone(),
        };
        self.publish(Arc::clone(&release.snapshot), Some(published), from_copy)
    }

    fn publish(
        &self,
        snapshot: Arc<Snapshot>,
        published: Option<Published>,
        from_copy: bool,
    ) -> Result<(), Failure> {
        let site = &*self.site;
        let release = status::Release {
            name: snapshot.release().to_string(),
            entries: snapshot.len(),
            locales: snapshot.locales().map(Tag::to_string).collect(),
            bytes: snapshot.weight(),
            live_since: SystemTime::now(),
            from_copy,
            published,
        };
        if let Some(locale) = self.locale.as_ref().filter(|l| snapshot.voice(l).is_none()) {
            warn!(%site, %locale, "no content in `locale.default`: pages pass unchanged");
        }
        let (told, state) = (release.clone(), if from_copy { State::Stale } else { State::Live });
        let mut published = Ok(());
        // At once for whoever asks: no page is printed by a site that is said to be starting.
        self.status.write(|status| {
            published = self.publisher.publish(snapshot);
            if published.is_ok() {
                status.release = Some(told);
                status.state = state;
                status.failure = status.failure.take().filter(|_| from_copy);
            }
        });
        published.map_err(Failure::TooHeavy)?;
        let seq = release.published.as_ref().map(|published| published.seq);
        let moved = release.published.as_ref().map(|published| published.r#move);
        let (entries, locales) = (release.entries, release.locales.len());
        let name = &release.name;
        info!(%site, release = %name, seq, moved, entries, locales, from_copy, "content is live");
        Ok(())
    }

    /// The source was asked and all is well. `loaded`: it had something new.
    pub(super) fn well(&mut self, loaded: bool) {
        self.metrics.load(&self.site, if loaded { "loaded" } else { "unchanged" });
        if self.complaint.take().is_some() && !loaded {
            info!(site = %self.site, "content is in order again");
        }
        self.status.write(|status| {
            status.state = State::Live;
            status.failure = None;
            status.checked = Some(SystemTime::now());
            if let Some(release) = &mut status.release {
                release.from_copy = false;
            }
        });
    }

    /// A look came to nothing.
    pub(super) fn failed(&mut self, failure: Failure) {
        self.metrics.load(&self.site, failure.name());
        let live = self.live().is_some();
        self.status.write(|status| {
            let (since, times) = match &status.failure {
                Some(before) => (before.since, before.times + 1),
                None => (SystemTime::now(), 1),
            };
            let (reason, message) = (failure.name(), failure.to_string());
            status.failure = Some(status::Failure { reason, message, since, times });
            status.state = if live { State::Stale } else { State::Empty };
        });
        self.publisher.settle();
        if !self.complaint.as_ref().is_some_and(|said| said.is_like(&failure)) {
            self.complain(&failure);
            self.complaint = Some(failure);
        }
    }

    /// The disk copy could not be written or read: nothing for visitors, much for the next start.
    pub(super) fn copy_failed(&self, error: &dyn std::error::Error) {
        self.metrics.load(&self.site, "copy_failed");
        if !self.copy_complaint.swap(true, Relaxed) {
            let site = &*self.site;
            warn!(%site, %error, "the disk copy is not good: a start without the store would find no content");
        }
    }

    /// The disk copy is what is live.
    pub(super) fn copy_kept(&self) {
        if self.copy_complaint.swap(false, Relaxed) {
            info!(site = %self.site, "the disk copy is good again");
        }
    }

    /// Nobody wants it any more, or yet. A site that is loaded at the start is starting until then.
    pub(super) fn asleep(&self) {
        self.status.write(|status| {
            if status.state != State::Starting {
                status.state = State::Asleep;
            }
            status.release = None;
            status.next_look = None;
        });
    }

    /// When the source is looked at next.
    pub(super) fn next_look(&self, wait: Option<Duration>) {
        let next = wait.and_then(|wait| SystemTime::now().checked_add(wait));
        self.status.write(|status| status.next_look = next);
    }

    fn complain(&self, failure: &Failure) {
        let (site, reason) = (&*self.site, failure.name());
        if let Failure::Problems(problems) = failure {
            for problem in problems {
                warn!(
                    %site,
                    file = %problem.file,
                    line = problem.line(),
                    help = problem.help.as_deref(),
                    "content refused: {}", problem.message
                );
            }
        } else {
            let what = if failure.is_judgement() { "refused" } else { "not to be had" };
            warn!(%site, reason, "content {what}: {failure}");
        }
        match self.live() {
            Some(live) => {
                warn!(%site, reason, live = &**live.release(), "the last good content stays");
            }
            None => warn!(%site, reason, "no content: pages pass unchanged"),
        }
    }
}
