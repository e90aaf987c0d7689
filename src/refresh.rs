//! Obtains content, verifies it and makes it live: from a content directory that is watched, or
//! from releases in a store that is asked again and again, and at once when something says so.
//!
//! A load that fails changes nothing: the last good content stays, and the log, the metrics and
//! the status say why. Everything here runs on threads of its own, which give way to those that
//! serve visitors. Knows nothing of requests.

mod config;
mod copy;
mod failure;
mod follower;
mod fresh;
mod listen;
mod pace;
mod runtime;
mod source;
mod trust;
mod watch;

use std::path::Path;
use std::sync::Arc;

use crate::content::release::pointer::Pointer;
use crate::content::{self, Compiled};
use crate::live::{Reader, Shelf};
use crate::metrics::Metrics;
use crate::problem::Problem;
use crate::status::{self, Board, State};
use crate::store::Stores;
use crate::store::tree::{self, ReadError};

pub use config::{ALIAS, Config, Limits, Location, Options, POLL, RedisUrl, Site};
use follower::Follower;
pub use runtime::Runtime;

pub use crate::content::release::pointer::check_alias;
pub use crate::content::release::signature::PublicKey;

/// What keeps every site's content fresh, and what reads it: a reader for each site, in order.
pub(crate) struct Refresh {
    /// Ends the work when it is dropped.
    _runtime: Runtime,
    pub(crate) readers: Vec<Reader>,
    pub(crate) board: Board,
}

impl Refresh {
    /// Follows every site's content from now on. A site is loaded when it is first asked for.
    ///
    /// # Errors
    /// When a store cannot be used as it is configured, or no thread can be started.
    pub(crate) fn start(config: &Config, shelf: &Shelf, metrics: &Metrics) -> Result<Self, String> {
        let runtime = Runtime::new().map_err(|error| format!("no threads for loading: {error}"))?;
        runtime.spawn(sweep(shelf.clone()));
        let stores = Stores::new(config.limits.store)?;
        let source = |site: &Site| site.content.as_ref().map(ToString::to_string);
        let board = Board::new(config.sites.iter().map(|site| (site.name.clone(), source(site))));
        let mut readers = Vec::new();
        for (nth, (site, status)) in config.sites.iter().zip(board.sites()).enumerate() {
            let Some(location) = &site.content else {
                readers.push(Reader::empty());
                continue;
            };
            if nth >= config.limits.preload {
                status.write(|status| status.state = State::Asleep);
            }
            let (publisher, reader, hints) = shelf.place();
            let place = fresh::Place::new(site, publisher, status.clone(), metrics.clone());
            let follower = Follower::new(config, &stores, site, location, place, hints)
                .map_err(|fault| format!("site {}: {fault}", site.name))?;
            runtime.spawn(follower.run());
            readers.push(reader);
        }
        if let Some(url) = &config.redis {
            let sites = config.sites.iter().zip(&readers);
            let sites = sites.map(|(site, reader)| (site.name.clone(), reader.clone())).collect();
            runtime.spawn(listen::run(url.0.clone(), sites));
        }
        Ok(Self { _runtime: runtime, readers, board })
    }
}

impl Refresh {
    /// The start waits no longer. A store that has not answered by now keeps no visitor away: its site
    /// passes pages, and says why.
    pub(crate) fn started(&self) {
        for site in self.board.sites() {
            site.write(|status| {
                if status.state == State::Starting {
                    let message = "it has not answered yet".to_owned();
                    let since = std::time::SystemTime::now();
                    status.state = State::Empty;
                    status.failure =
                        Some(status::Failure { reason: "slow", message, since, times: 1 });
                }
            });
        }
    }
}

/// Frees what is no longer printed, here rather than where visitors are served.
async fn sweep(shelf: Shelf) {
    loop {
        tokio::time::sleep(SWEEP).await;
        let shelf = shelf.clone();
        // A sweep that fails is made up for by the next.
        let _ = tokio::task::spawn_blocking(move || shelf.sweep()).await;
    }
}

/// How often. Two releases of a site take the memory of both for as long.
const SWEEP: std::time::Duration = std::time::Duration::from_millis(500);

/// Loads a content directory, whole or not at all.
///
/// # Errors
/// Every problem with it.
pub(crate) fn load_directory(root: &Path) -> Result<Compiled, Vec<Problem>> {
    let (files, unread) = tree::read(root);
    if !unread.is_empty() {
        return Err(unread.iter().map(unreadable).collect());
    }
    content::compile_with_notes(files.into_iter().map(|file| (file.path, file.bytes)))
}

fn unreadable(error: &ReadError) -> Problem {
    Problem {
        file: error.path.display().to_string(),
        source: Arc::from(""),
        span: 0..0,
        message: format!("cannot be read: {}", error.error),
        help: Some("check that it exists and that Overprint may read it".to_owned()),
    }
}

/// Whether the alias of `site` at `pointer` is as far as the disk copy below `state_dir`, or further:
/// what a proxy that starts would ask.
///
/// # Errors
/// That it is not.
pub(crate) async fn check_order(
    stores: &Stores,
    state_dir: &Path,
    site: &Site,
    limits: &Limits,
    pointer: &Pointer,
) -> Result<(), String> {
    let Some(source) = &site.content else { return Ok(()) };
    let copy = copy::Copy::new(stores, state_dir, site, source)?;
    let mut trust = trust::Trust::default();
    if let Some(known) = copy.pointer(site, &limits.release()).await {
        trust.advance(&known);
    }
    trust.check(pointer).map_err(|fault| format!("{}: {fault}", Pointer::path(&site.alias)))
}

/// Whether a directory holds releases rather than content files.
pub(crate) fn is_store(root: &Path) -> bool {
    root.join(content::release::pointer::FOLDER).is_dir()
}
