//! Watches a content directory and publishes what it says.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::{Notify, mpsc};
use tokio::time::{sleep, timeout};
use tracing::{info, warn};

use super::load;
use crate::content::Publisher;
use crate::locale::Tag;
use crate::problem::Problem;

/// Editors write in several steps; a load begins when none came for this long.
const QUIET: Duration = Duration::from_millis(50);

/// A directory that is missing, gone or replaced by another is looked for this often.
const LOOK: Duration = Duration::from_secs(1);

/// Keeps one site's content live from a directory.
pub(crate) struct Watch {
    site: String,
    root: PathBuf,
    /// What pages are printed in, where the site says so.
    locale: Option<Tag>,
    publisher: Publisher,
    /// Told when the first load is over, however it went.
    tried: Arc<Notify>,
    release: Option<String>,
    /// What was last said about a failure, so that it is said once.
    complaint: Vec<Problem>,
}

impl Watch {
    pub(crate) fn new(
        site: &str,
        root: &Path,
        locale: Option<Tag>,
        publisher: Publisher,
        tried: Arc<Notify>,
    ) -> Self {
        let (site, root) = (site.to_owned(), root.to_owned());
        Self { site, root, locale, publisher, tried, release: None, complaint: Vec::new() }
    }

    /// Publishes the directory, and then every change, for as long as it is polled.
    pub(crate) async fn run(mut self) {
        loop {
            let (sender, mut changes) = mpsc::channel(1);
            let watched = Identity::of(&self.root);
            let watcher = self.watcher(sender);
            // What changed before the watcher was there, too.
            self.refresh().await;
            self.tried.notify_one();
            match &watcher {
                Ok(_) => self.follow(&mut changes, watched).await,
                Err(error) if watched.is_some() => {
                    warn!(site = %self.site, %error, "cannot watch the content directory");
                    sleep(LOOK).await;
                }
                Err(_) => sleep(LOOK).await,
            }
        }
    }

    /// Follows changes until the path leads elsewhere: a deploy may swap a link or a directory, and
    /// the watcher stays with what was there before.
    async fn follow(&mut self, changes: &mut mpsc::Receiver<()>, watched: Option<Identity>) {
        while Identity::of(&self.root) == watched {
            if let Ok(Some(())) = timeout(LOOK, changes.recv()).await {
                while let Ok(Some(())) = timeout(QUIET, changes.recv()).await {}
                self.refresh().await;
            }
        }
    }

    async fn refresh(&mut self) {
        let root = self.root.clone();
        match tokio::task::spawn_blocking(move || load(&root)).await {
            Ok(Ok(snapshot)) => {
                let repaired = !std::mem::take(&mut self.complaint).is_empty();
                let release = snapshot.release().to_owned();
                if self.release.as_ref() == Some(&release) {
                    if repaired {
                        info!(site = %self.site, %release, "content is in order again");
                    }
                    return;
                }
                let (entries, locales) = (snapshot.len(), snapshot.locales().count());
                if let Some(locale) = self.locale.as_ref().filter(|l| snapshot.voice(l).is_none()) {
                    warn!(site = %self.site, %locale, "no content in `locale.default`: pages pass unchanged");
                }
                info!(site = %self.site, %release, entries, locales, "content is live");
                self.publisher.publish(snapshot);
                self.release = Some(release);
            }
            Ok(Err(problems)) => self.complain(problems),
            Err(error) => warn!(site = %self.site, %error, "loading content failed"),
        }
    }

    fn watcher(&self, sender: mpsc::Sender<()>) -> notify::Result<RecommendedWatcher> {
        let mut watcher =
            notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
                let reading = |event: &notify::Event| matches!(event.kind, EventKind::Access(_));
                if !event.is_ok_and(|event| reading(&event)) {
                    // One waiting change is as good as many.
                    let _ = sender.try_send(());
                }
            })?;
        watcher.watch(&self.root, RecursiveMode::Recursive)?;
        Ok(watcher)
    }

    fn complain(&mut self, problems: Vec<Problem>) {
        if problems == self.complaint {
            return;
        }
        for problem in &problems {
            warn!(
                site = %self.site,
                file = %problem.file,
                line = problem.line(),
                help = problem.help.as_deref(),
                "content refused: {}", problem.message
            );
        }
        let count = problems.len();
        match &self.release {
            Some(live) => {
                warn!(site = %self.site, problems = count, %live, "the last good content stays");
            }
            None => warn!(site = %self.site, problems = count, "no content: pages pass unchanged"),
        }
        self.complaint = problems;
    }
}

/// Which directory a path leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Identity {
    device: u64,
    inode: u64,
}

impl Identity {
    fn of(path: &Path) -> Option<Self> {
        let found = fs::metadata(path).ok().filter(fs::Metadata::is_dir)?;
        Some(Self { device: found.dev(), inode: found.ino() })
    }
}
