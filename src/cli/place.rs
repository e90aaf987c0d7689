//! The content that a command is about, loaded as the proxy would load it.

use std::path::Path;
use std::sync::Arc;

use super::output::Failed;
use super::serve::runtime;
use crate::content::release::pointer::Pointer;
use crate::content::{Compiled, Snapshot};
use crate::problem::Problem;
use crate::refresh::{self, ALIAS, Location, Options, POLL, Site};
use crate::releases::{self, Known};
use crate::store::{Store, Stores};

/// Content, and how it is known in its store.
pub(super) struct Content {
    pub(super) snapshot: Arc<Snapshot>,
    /// The alias, the release's number and the alias's counter; none for a content directory.
    pub(super) published: Option<(String, u64, u64)>,
    /// What was written in a content directory and is not printed.
    pub(super) notes: Vec<Problem>,
}

/// A site of which only its content is known: at `place`, relative to the working directory.
pub(super) fn site_at(place: &str) -> Result<Site, Failed> {
    let location = Location::parse(place, Path::new(""), &Options::default());
    let location =
        location.map_err(|(fault, help)| Failed::Because(format!("--content: {fault}; {help}")))?;
    Ok(Site {
        name: "site".to_owned(),
        content: Some(location),
        alias: ALIAS.to_owned(),
        public_keys: Vec::new(),
        poll: POLL,
        default_locale: None,
    })
}

/// Loads and verifies what `site` would be printed with. With a `state_dir` also that its alias has not
/// gone back.
pub(super) fn load(
    site: &Site,
    limits: &refresh::Limits,
    state_dir: Option<&Path>,
) -> Result<Content, Failed> {
    match &site.content {
        None => Err(Failed::because("the site has no content")),
        Some(Location::Directory(root)) if !refresh::is_store(root) => {
            let Compiled { snapshot, notes } = super::check::load(root)?;
            Ok(Content { snapshot: Arc::new(snapshot), published: None, notes })
        }
        Some(location) => {
            let stores = Stores::new(limits.store).map_err(Failed::Because)?;
            let store = stores.open(location).map_err(Failed::Because)?;
            runtime()?.block_on(async {
                let (content, pointer) = published(&store, site, &limits.release()).await?;
                if let Some(state_dir) = state_dir {
                    let ordered = refresh::check_order(&stores, state_dir, site, limits, &pointer);
                    ordered.await.map_err(Failed::Because)?;
                }
                Ok(content)
            })
        }
    }
}

async fn published(
    store: &Store,
    site: &Site,
    limits: &releases::Limits,
) -> Result<(Content, Pointer), Failed> {
    let found = releases::pointer(store, &site.alias, &site.public_keys, None).await;
    let found = found.map_err(Failed::because)?;
    let followed = found.ok_or_else(|| Failed::because("the store has not answered"))?;
    let release = releases::release(store, followed, Known::default(), limits).await;
    let release = release.map_err(Failed::because)?;
    let pointer = release.described.followed.pointer;
    let published = Some((pointer.alias.clone(), pointer.release.seq, pointer.r#move));
    Ok((Content { snapshot: release.snapshot, published, notes: Vec::new() }, pointer))
}
