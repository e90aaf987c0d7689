//! Watches a content directory and publishes what it says.

use std::path::{Path, PathBuf};
use std::time::Duration;

use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};
use tracing::{info, warn};

use super::load;
use crate::content::Publisher;
use crate::problem::Problem;

/// Editors write in several steps; a load begins when none came for this long.
const QUIET: Duration = Duration::from_millis(50);

/// A directory that is missing or gone is looked for this often.
const RETRY: Duration = Duration::from_secs(1);

/// Keeps one site's content live from a directory.
pub(crate) struct Watch {
    site: String,
    root: PathBuf,
    publisher: Publisher,
    release: Option<String>,
    /// What was last said about a failure, so that it is said once.
    complaint: Vec<Problem>,
}

impl Watch {
    pub(crate) fn new(site: &str, root: &Path, publisher: Publisher) -> Self {
        let (site, root) = (site.to_owned(), root.to_owned());
        Self { site, root, publisher, release: None, complaint: Vec::new() }
    }

    /// Loads once and publishes, or complains.
    pub(crate) async fn refresh(&mut self) {
        let root = self.root.clone();
        match tokio::task::spawn_blocking(move || load(&root)).await {
            Ok(Ok(snapshot)) => {
                self.complaint.clear();
                if self.release.as_deref() == Some(snapshot.release()) {
                    return;
                }
                let release = snapshot.release().to_owned();
                let (entries, locales) = (snapshot.len(), snapshot.locales().count());
                info!(site = %self.site, %release, entries, locales, "content is live");
                self.publisher.publish(snapshot);
                self.release = Some(release);
            }
            Ok(Err(problems)) => self.complain(problems),
            Err(error) => warn!(site = %self.site, %error, "loading content failed"),
        }
    }

    /// Publishes every change, for as long as it is polled.
    pub(crate) async fn run(mut self) {
        loop {
            let (sender, mut changes) = mpsc::channel(1);
            match self.watcher(sender) {
                Ok(watcher) => {
                    // What changed before the watcher was there.
                    self.refresh().await;
                    self.follow(&mut changes).await;
                    drop(watcher);
                }
                Err(error) if self.root.exists() => {
                    warn!(site = %self.site, %error, "cannot watch the content directory");
                }
                Err(_) => {}
            }
            sleep(RETRY).await;
            self.refresh().await;
        }
    }

    /// Follows changes until the directory itself is gone.
    async fn follow(&mut self, changes: &mut mpsc::Receiver<()>) {
        while changes.recv().await.is_some() {
            while let Ok(Some(())) = timeout(QUIET, changes.recv()).await {}
            self.refresh().await;
            if !self.root.is_dir() {
                return;
            }
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
        let kept = self.release.as_deref().unwrap_or("none: pages pass unchanged");
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
        warn!(site = %self.site, problems = count, live = kept, "the last good content stays");
        self.complaint = problems;
    }
}
