//! Says when something in a directory has changed.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};
use tracing::warn;

/// Editors write in several steps; a change is told when none came for this long.
const QUIET: Duration = Duration::from_millis(50);

/// A directory that is missing, gone or replaced by another is looked for this often.
const LOOK: Duration = Duration::from_secs(1);

/// Watches what a path leads to. A deploy may swap a link or a directory, and the system's watcher
/// stays with what was there before.
pub(super) struct Watch {
    root: PathBuf,
    watched: Option<Watched>,
}

struct Watched {
    identity: Identity,
    /// None where the system cannot watch: then the directory is looked at again and again.
    watcher: Option<RecommendedWatcher>,
    changes: mpsc::Receiver<()>,
}

impl Watch {
    pub(super) fn new(root: &Path) -> Self {
        let mut watch = Self { root: root.to_owned(), watched: None };
        watch.follow(true);
        watch
    }

    /// Waits for a change. Cancel safe: what has changed and was not told is told next time, or
    /// whoever did not listen looks anyway.
    pub(super) async fn changed(&mut self) {
        loop {
            match &mut self.watched {
                Some(Watched { watcher: Some(_), changes, .. }) => {
                    if let Ok(Some(())) = timeout(LOOK, changes.recv()).await {
                        while let Ok(Some(())) = timeout(QUIET, changes.recv()).await {}
                        return;
                    }
                }
                Some(_) => {
                    sleep(LOOK).await;
                    return;
                }
                None => sleep(LOOK).await,
            }
            if self.follow(false) {
                return;
            }
        }
    }

    /// Watches what the path leads to now. `true` if that is another directory than before.
    fn follow(&mut self, first: bool) -> bool {
        let identity = Identity::of(&self.root);
        if self.watched.as_ref().map(|watched| watched.identity) == identity {
            return false;
        }
        self.watched = identity.map(|identity| {
            let (sender, changes) = mpsc::channel(1);
            let watcher = watcher(&self.root, sender);
            if let Err(error) = &watcher {
                let root = self.root.display();
                warn!(%root, %error, "cannot watch the directory: looking at it every second");
            }
            Watched { identity, watcher: watcher.ok(), changes }
        });
        !first
    }
}

fn watcher(root: &Path, sender: mpsc::Sender<()>) -> notify::Result<RecommendedWatcher> {
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        let reading = |event: &notify::Event| matches!(event.kind, EventKind::Access(_));
        if !event.is_ok_and(|event| reading(&event)) {
            // One waiting change is as good as many.
            let _ = sender.try_send(());
        }
    })?;
    watcher.watch(root, RecursiveMode::Recursive)?;
    Ok(watcher)
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
