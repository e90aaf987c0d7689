//! What is to be followed, and within which bounds. Values here cannot be invalid.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use crate::content::release::signature::PublicKey;
use crate::locale::Tag;
use crate::releases;
pub use crate::store::{Location, Options};

/// The content of every site.
#[derive(Debug, Clone)]
pub struct Config {
    /// In the same order as the proxy's.
    pub sites: Vec<Site>,
    /// Where the last good release of each site is kept across restarts; none keeps none.
    pub state_dir: Option<PathBuf>,
    /// A Redis or Valkey server whose messages are hints.
    pub redis: Option<RedisUrl>,
    /// How much is taken in, and how long it may take.
    pub limits: Limits,
}

/// The address of a Redis or Valkey server. It may have a password in it, and is not shown.
#[derive(Clone)]
pub struct RedisUrl(pub String);

impl fmt::Debug for RedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RedisUrl")
    }
}

/// How much is taken in, and how long it may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The snapshots of all sites together, in bytes of memory.
    pub content: u64,
    /// A manifest, in bytes.
    pub manifest: u64,
    /// An object, in bytes.
    pub object: u64,
    /// How many sites, in the config's order, are loaded at the start; the others on first use.
    pub preload: usize,
    /// One operation of a store, whole.
    pub store: Duration,
}

impl Limits {
    /// What a release may have. In memory its objects take more than in the store.
    pub(crate) fn release(&self) -> releases::Limits {
        releases::Limits { manifest: self.manifest, object: self.object, release: self.content }
    }
}

impl Default for Limits {
    fn default() -> Self {
        let releases::Limits { manifest, object, release } = releases::Limits::default();
        Self { content: release, manifest, object, preload: 100, store: Duration::from_secs(30) }
    }
}

/// One site's content.
#[derive(Debug, Clone)]
pub struct Site {
    /// The site's name.
    pub name: String,
    /// A content directory, or a store of releases; none has no content.
    pub content: Option<Location>,
    /// Which alias of a store is followed.
    pub alias: String,
    /// Who may publish; none trusts whoever can write to the store.
    pub public_keys: Vec<PublicKey>,
    /// How often a store is asked.
    pub poll: Duration,
    /// What pages are printed in, where the site says so: known to say when it is missing.
    pub default_locale: Option<Tag>,
}

/// How often a store is asked by default.
pub const POLL: Duration = Duration::from_secs(5);

/// The alias that is followed by default.
pub const ALIAS: &str = "production";
