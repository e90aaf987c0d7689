//! From content to a release that an alias stands for.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::{StreamExt, TryStreamExt, stream};

use super::{Before, Failed, Target, alias, aliases, current, now};
use crate::content::release::build::Built;
use crate::content::release::manifest::{self, Manifest, Object};
use crate::content::release::pointer::Pinned;
use crate::content::release::signature;
use crate::content::{Changes, Digest, Snapshot};
use crate::locale::Tag;
use crate::releases::{self, Followed, Known};
use crate::store::{Condition, Fault, StoreError};

/// How often somebody else may take the number that was to be this release's.
const TRIES: u64 = 20;

/// How many objects are uploaded at once.
const UPLOADS: usize = 4;

/// What publishing would do.
#[derive(Debug)]
pub(crate) struct Plan {
    built: Built,
    before: Before,
    /// The release that the alias stands for now.
    pub(crate) current: Option<Manifest>,
    /// How the content differs from that, locale by locale.
    pub(crate) changes: BTreeMap<Tag, Changes>,
    /// Why the present release could not be compared with, where it could not be read.
    pub(crate) unread: Option<releases::Failure>,
    /// Whether the alias is signed as the target signs.
    signed: bool,
}

/// What is told while it is under way.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Event<'e> {
    /// The object of a locale is in the store already.
    There(&'e Tag, &'e Object),
    /// It was uploaded.
    Uploaded(&'e Tag, &'e Object),
}

/// Compares `content` with what the target's alias stands for.
///
/// # Errors
/// When the alias cannot be read.
pub(crate) async fn plan(target: &Target, content: &Arc<Snapshot>) -> Result<Plan, Failed> {
    let built = content.build()?;
    for (tag, object) in &built.manifest.locales {
        if object.bytes > target.limits.object {
            let (bytes, limit) = (object.bytes, target.limits.object);
            let fault = format!(
                "{tag} has {bytes} bytes, and proxies take {limit} at most: split it over sites"
            );
            return Err(Failed::Refused(fault));
        }
    }
    let before = current(target).await?;
    let (current, older, unread) = match before.followed() {
        None => (None, None, None),
        Some(followed) => match read(target, followed, content).await {
            Ok((manifest, snapshot)) => (Some(manifest), Some(snapshot), None),
            // What is broken can be replaced.
            Err(failure) => (None, None, Some(failure)),
        },
    };
    let changes = Snapshot::changes(older.as_ref(), content);
    let signed =
        target.signer.as_ref().zip(before.pointer()).is_none_or(|(signer, before)| {
            signature::verify(before, &[signer.public_key()]).is_ok()
        });
    Ok(Plan { built, before, current, changes, unread, signed })
}

async fn read(
    target: &Target,
    followed: &Followed,
    content: &Arc<Snapshot>,
) -> Result<(Manifest, Snapshot), releases::Failure> {
    let Pinned { seq, sha256 } = followed.pointer.release;
    let (manifest, _) =
        releases::manifest(&target.store, seq, Some(sha256), &target.limits).await?;
    // Only the locales that differ are fetched.
    let known = Known { before: Some(content), near: None };
    let snapshot = releases::release_of(&target.store, &manifest, known, &target.limits).await?;
    Ok((manifest, snapshot))
}

impl Plan {
    /// Whether the alias already stands for exactly this content, and its signature for the alias.
    pub(crate) fn is_published(&self) -> bool {
        let same = |current: &Manifest| current.prints_as(&self.built.manifest);
        self.signed && self.current.as_ref().is_some_and(same)
    }

    /// The alias as it is, where what it stands for was mended and proxies are to look again.
    pub(crate) fn unmoved(&self) -> Option<alias::Moved> {
        let pointer = self.before.pointer()?.clone();
        Some(alias::Moved { from: Some(pointer.release.seq), pointer })
    }

    /// What would be the manifest, without number and time.
    pub(crate) fn manifest(&self) -> &Manifest {
        &self.built.manifest
    }
}

/// How objects are uploaded.
#[derive(Debug, Clone, Copy)]
pub(crate) struct How {
    /// Those that are there are read, and what is damaged is uploaded anew.
    pub(crate) verify: bool,
    /// Nothing is written.
    pub(crate) dry: bool,
}

/// Uploads the objects that are missing; gives how many.
///
/// # Errors
/// What could not be written; or that the alias may not be moved, before anything is.
pub(crate) async fn upload(
    target: &Target,
    plan: &Plan,
    how: How,
    tell: &(dyn Fn(Event<'_>) + Sync),
) -> Result<usize, Failed> {
    if !plan.is_published() {
        alias::check_signing(target, plan.before.pointer())?;
    }
    let objects = stream::iter(&plan.built.manifest.locales).map(|(tag, object)| async move {
        let uploaded = one(target, object, &plan.built, how).await?;
        tell(if uploaded { Event::Uploaded(tag, object) } else { Event::There(tag, object) });
        Ok::<_, StoreError>(usize::from(uploaded))
    });
    let uploads = objects.buffer_unordered(UPLOADS);
    Ok(uploads.try_fold(0, |sum, uploaded| async move { Ok(sum + uploaded) }).await?)
}

/// Makes what was uploaded a release of `site` with a `note`, and moves the alias to it.
///
/// # Errors
/// What could not be written. Nothing is live then that was not before.
pub(crate) async fn publish(
    target: &Target,
    plan: &Plan,
    site: &str,
    note: Option<&str>,
) -> Result<alias::Moved, Failed> {
    let manifest = Manifest {
        site: site.to_owned(),
        note: note.map(str::to_owned),
        created_at: now(),
        ..plan.built.manifest.clone()
    };
    // What proxies would refuse is not published.
    Manifest::from_json(&manifest.to_json()?)?;
    let release = number(target, manifest).await?;
    match alias::set(target, &plan.before, release).await {
        Err(Failed::Conflict { alias, .. }) => {
            Err(Failed::Conflict { alias, seq: Some(release.seq) })
        }
        moved => moved,
    }
}

/// `false` if it was there. One of another size is what a store has kept of a broken upload.
async fn one(
    target: &Target,
    object: &Object,
    built: &Built,
    how: How,
) -> Result<bool, StoreError> {
    let (store, path) = (&target.store, object.path());
    let condition = match store.size(&path).await? {
        Some(size) if size != object.bytes => Condition::Always,
        Some(_) if how.verify && !is_whole(target, object).await? => Condition::Always,
        Some(_) => return Ok(false),
        None => Condition::Absent,
    };
    if how.dry {
        return Ok(true);
    }
    let bytes = built.objects.get(&object.sha256).cloned().unwrap_or_default();
    match store.put(&path, bytes.into(), condition).await {
        // Somebody else publishes the same.
        Err(StoreError { fault: Fault::Conflict, .. }) => Ok(false),
        put => put.map(|()| true),
    }
}

async fn is_whole(target: &Target, object: &Object) -> Result<bool, StoreError> {
    let found = target.store.get(&object.path(), object.bytes, None).await?;
    Ok(found.is_some_and(|found| Digest::of(&found.bytes) == object.sha256))
}

/// Writes the manifest under the next number that is free.
async fn number(target: &Target, mut manifest: Manifest) -> Result<Pinned, Failed> {
    let taken = target.store.list(manifest::FOLDER).await?;
    let taken = taken.iter().filter_map(|path| Manifest::seq_of(path)).max();
    let pointed = aliases(&target.store).await?.0;
    let pointed = pointed.iter().map(|pointer| pointer.release.seq).max();
    let last = taken.max(pointed).unwrap_or(0);
    let first = last.checked_add(1).filter(|first| first.checked_add(TRIES).is_some());
    let Some(first) = first else {
        return Err(Failed::Refused(format!("there are no numbers left after release {last}")));
    };
    for seq in first..first + TRIES {
        manifest.seq = seq;
        let bytes = manifest.to_json()?;
        let sha256 = Digest::of(&bytes);
        match target.store.put(&Manifest::path(seq), bytes.into(), Condition::Absent).await {
            Ok(()) => return Ok(Pinned { seq, sha256 }),
            Err(StoreError { fault: Fault::Conflict, .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let fault = format!("release numbers from {last} on are all taken by others: try again");
    Err(Failed::Refused(fault))
}
