//! What was published when.

use futures_util::{StreamExt, stream};

use super::{Failed, aliases};
use crate::content::release::manifest::{self, Manifest};
use crate::releases::{self, Failure, Limits};
use crate::store::Store;

/// How many manifests are fetched at once.
const FETCHES: usize = 8;

/// A release, and the aliases that stand for it.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) seq: u64,
    pub(crate) manifest: Result<Manifest, Failure>,
    /// Each with its counter and when it was moved.
    pub(crate) aliases: Vec<(String, u64, String)>,
}

/// What a store holds.
#[derive(Debug)]
pub(crate) struct History {
    /// The latest releases and those that an alias stands for, the latest first.
    pub(crate) rows: Vec<Row>,
    /// How many releases there are.
    pub(crate) total: usize,
    /// Why aliases that cannot be read cannot.
    pub(crate) broken: Vec<Failure>,
}

/// The history of a store, with the latest `count` releases.
///
/// # Errors
/// When the store cannot be listed.
pub(crate) async fn releases(
    store: &Store,
    limits: &Limits,
    count: usize,
) -> Result<History, Failed> {
    let paths = store.list(manifest::FOLDER).await?;
    let mut numbers: Vec<u64> = paths.iter().filter_map(|path| Manifest::seq_of(path)).collect();
    numbers.sort_unstable_by(|a, b| b.cmp(a));
    let (pointers, broken) = aliases(store).await?;
    let total = numbers.len();
    let is_pointed = |seq: u64| pointers.iter().any(|pointer| pointer.release.seq == seq);
    let shown = numbers.iter().enumerate().filter(|(nth, seq)| *nth < count || is_pointed(**seq));
    let shown: Vec<u64> = shown.map(|(_, seq)| *seq).collect();
    let rows = stream::iter(shown).map(|seq| {
        let here = pointers.iter().filter(|pointer| pointer.release.seq == seq);
        let aliases = here.map(|p| (p.alias.clone(), p.r#move, p.moved_at.clone())).collect();
        async move {
            let manifest = releases::manifest(store, seq, None, limits).await;
            Row { seq, manifest: manifest.map(|(manifest, _)| manifest), aliases }
        }
    });
    Ok(History { rows: rows.buffered(FETCHES).collect().await, total, broken })
}
