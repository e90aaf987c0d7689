//! What is known of each site's content: written by whoever loads it, read by whoever is asked.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

/// All sites, in the order of the config.
#[derive(Debug, Clone, Default)]
pub struct Board(Arc<[Site]>);

/// One site. Cloning shares it.
#[derive(Debug, Clone)]
pub struct Site(Arc<Mutex<Status>>);

/// What is known of one site's content at a moment.
#[derive(Debug, Clone)]
pub struct Status {
    /// The site's name.
    pub name: String,
    /// Where its content comes from; none for a site that is passed through.
    pub source: Option<String>,
    /// How things stand.
    pub state: State,
    /// What pages are printed with.
    pub release: Option<Release>,
    /// The last load that failed, if none went well since.
    pub failure: Option<Failure>,
    /// When the source is asked next, unless something wakes it before.
    pub next_look: Option<SystemTime>,
    /// When the source was last asked with success.
    pub checked: Option<SystemTime>,
}

/// How things stand with a site's content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// No content is configured: pages pass untouched.
    Unset,
    /// It is being loaded for the first time.
    Starting,
    /// Nobody has visited it for so long that its content was dropped, or nobody has yet.
    Asleep,
    /// Pages are printed with what the source says.
    Live,
    /// Pages are printed with the last good release, and the source says another or nothing.
    Stale,
    /// There is no content to print: pages pass untouched.
    Empty,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 6] =
        [Self::Unset, Self::Starting, Self::Asleep, Self::Live, Self::Stale, Self::Empty];

    /// The name on `/status`, in logs and metrics.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unset => "unset",
            Self::Starting => "starting",
            Self::Asleep => "asleep",
            Self::Live => "live",
            Self::Stale => "stale",
            Self::Empty => "empty",
        }
    }
}

/// A release that pages are printed with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// The name of the content, 16 hex digits; part of every page's tag.
    pub name: String,
    /// Its number and the alias's counter; none for a content directory.
    pub published: Option<Published>,
    /// Entries in all locales.
    pub entries: usize,
    /// The locales with content.
    pub locales: Vec<String>,
    /// What it takes in memory, in bytes.
    pub bytes: usize,
    /// Since when pages are printed with it.
    pub live_since: SystemTime,
    /// Whether it came from the disk copy and the store has not confirmed it.
    pub from_copy: bool,
}

/// How a release is known in its store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// The alias that was followed.
    pub alias: String,
    /// Its number.
    pub seq: u64,
    /// The alias's counter.
    pub r#move: u64,
    /// When the alias was moved to it; RFC 3339, as its publisher says.
    pub moved_at: String,
    /// The site it says it is for.
    pub site: String,
    /// What its publisher said of it.
    pub note: Option<String>,
}

/// A load that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// A stable name, `snake_case`.
    pub reason: &'static str,
    /// What happened and where, for people.
    pub message: String,
    /// When it first happened, without a success since.
    pub since: SystemTime,
    /// How often in a row.
    pub times: u64,
}

impl Board {
    /// The board of sites that are told by name and source.
    pub fn new(sites: impl IntoIterator<Item = (String, Option<String>)>) -> Self {
        let site = |(name, source): (String, Option<String>)| {
            let state = if source.is_some() { State::Starting } else { State::Unset };
            Site(Arc::new(Mutex::new(Status {
                name,
                source,
                state,
                release: None,
                failure: None,
                next_look: None,
                checked: None,
            })))
        };
        Self(sites.into_iter().map(site).collect())
    }

    /// Every site.
    pub fn sites(&self) -> &[Site] {
        &self.0
    }
}

impl Site {
    /// What is known now.
    pub fn read(&self) -> Status {
        self.lock().clone()
    }

    /// Changes what is known.
    pub fn write(&self, change: impl FnOnce(&mut Status)) {
        change(&mut self.lock());
    }

    fn lock(&self) -> MutexGuard<'_, Status> {
        // Every change is a few assignments: what a panic left is still a status.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
