//! From a pointer to a snapshot, one verified step after the other.

use std::sync::{Arc, LazyLock};

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream};
use tokio::sync::Semaphore;

use super::failure::{Failure, What};
use super::{Described, Followed, Known, Limits, Release};
use crate::content::release::load::{Loaded, load_object};
use crate::content::release::manifest::{Manifest, Object};
use crate::content::release::pointer::{Pinned, Pointer};
use crate::content::release::signature::{self, PublicKey};
use crate::content::release::{Invalid, Unloadable};
use crate::content::{Digest, Policy, Snapshot};
use crate::locale::Tag;
use crate::store::{Fault, Store, Version};

/// A pointer with its whole trail has a few KiB.
const POINTER_BYTES: u64 = 64 << 10;

/// How many objects are fetched at once.
const FETCHES: usize = 4;

/// The pointer of `alias`; none if it is still `known`.
///
/// # Errors
/// Why it could not be had, or cannot be trusted.
pub(crate) async fn pointer(
    store: &Store,
    alias: &str,
    keys: &[PublicKey],
    known: Option<&Version>,
) -> Result<Option<Followed>, Failure> {
    let path = Pointer::path(alias);
    let Some(fetched) = store.get(&path, POINTER_BYTES, known).await? else { return Ok(None) };
    let pointer = Pointer::from_json(&fetched.bytes, alias);
    let pointer = pointer.map_err(Failure::at(store.place(&path), What::Pointer))?;
    signature::verify(&pointer, keys).map_err(Failure::at(store.place(&path), What::Signature))?;
    Ok(Some(Followed { pointer, bytes: fetched.bytes, version: fetched.version }))
}

/// The manifest of release `seq`, and its bytes; with a digest, only if it has that.
///
/// # Errors
/// Why it could not be had, or is not the one that was pinned.
pub(crate) async fn manifest(
    store: &Store,
    seq: u64,
    sha256: Option<Digest>,
    limits: &Limits,
) -> Result<(Manifest, Bytes), Failure> {
    let path = Manifest::path(seq);
    let bytes = whole(store, &path, limits.manifest).await?;
    let read = bytes.clone();
    let judged = off_thread(move || judge_manifest(&read, seq, sha256)).await?;
    let manifest = judged.map_err(Failure::at(store.place(&path), What::Manifest))?;
    if manifest.bytes() > limits.release {
        return Err(Failure::TooLarge { bytes: manifest.bytes(), limit: limits.release });
    }
    Ok((manifest, bytes))
}

fn judge_manifest(bytes: &[u8], seq: u64, sha256: Option<Digest>) -> Result<Manifest, Invalid> {
    let digest = Digest::of(bytes);
    if let Some(pinned) = sha256.filter(|pinned| *pinned != digest) {
        let fault = format!("it was altered: its SHA-256 is {digest}, and {pinned} is pinned");
        return Err(Invalid::new(fault));
    }
    let manifest = Manifest::from_json(bytes)?;
    if manifest.seq == seq {
        return Ok(manifest);
    }
    Err(Invalid::new(format!("it says that it is release {}", manifest.seq)))
}

/// The release that an alias stands for.
///
/// # Errors
/// Why it could not be had, or is not the one that is pinned.
pub(crate) async fn release(
    store: &Store,
    followed: Followed,
    known: Known<'_>,
    limits: &Limits,
) -> Result<Release, Failure> {
    let Pinned { seq, sha256 } = followed.pointer.release;
    let (manifest, manifest_bytes) = manifest(store, seq, Some(sha256), limits).await?;
    let snapshot = Arc::new(release_of(store, &manifest, known, limits).await?);
    Ok(Release { described: Described { followed, manifest, manifest_bytes }, snapshot })
}

/// Everything that `manifest` names, as one snapshot.
///
/// # Errors
/// The first object that could not be had, or is not the one that is pinned.
pub(crate) async fn release_of(
    store: &Store,
    manifest: &Manifest,
    known: Known<'_>,
    limits: &Limits,
) -> Result<Snapshot, Failure> {
    let locales: Vec<_> = manifest.locales.clone().into_iter().collect();
    let policy = &manifest.html;
    let loads = locales.into_iter().map(|(tag, object)| async move {
        locale(store, &tag, object, policy, known, limits).await
    });
    let loaded: Vec<Loaded> = stream::iter(loads).buffered(FETCHES).try_collect().await?;
    let (place, manifest) = (store.place(&Manifest::path(manifest.seq)), manifest.clone());
    let assembled = off_thread(move || Snapshot::assemble(&manifest, loaded)).await?;
    assembled.map_err(Failure::at(place, What::Manifest))
}

async fn locale(
    store: &Store,
    tag: &Tag,
    object: Object,
    policy: &Policy,
    known: Known<'_>,
    limits: &Limits,
) -> Result<Loaded, Failure> {
    if let Some(loaded) = known.before.and_then(|before| before.loaded(tag, &object, policy)) {
        return Ok(loaded);
    }
    let Some(near) = known.near else {
        return Ok(fetched(store, tag, object, policy, limits).await?.0);
    };
    if let Ok((loaded, _)) = fetched(near.store(), tag, object, policy, limits).await {
        return Ok(loaded);
    }
    let (loaded, bytes) = fetched(store, tag, object, policy, limits).await?;
    near.begin(object.path(), bytes);
    Ok(loaded)
}

/// An object, and its bytes.
async fn fetched(
    store: &Store,
    tag: &Tag,
    object: Object,
    policy: &Policy,
    limits: &Limits,
) -> Result<(Loaded, Bytes), Failure> {
    let path = object.path();
    let invalid = || Failure::at(store.place(&path), What::Object);
    let bytes = match whole(store, &path, limits.object.min(object.bytes)).await {
        Err(Failure::Store(error)) if error.fault == Fault::TooLarge(object.bytes) => {
            let fault = format!("it has more bytes, and the manifest says {}", object.bytes);
            return Err(invalid()(Invalid::new(fault)));
        }
        bytes => bytes?,
    };
    let (tag, read, limit) = (tag.clone(), bytes.clone(), limits.release);
    let policy = policy.clone();
    match off_thread(move || load_object(&tag, &object, &read, &policy, limit)).await? {
        Ok(loaded) => Ok((loaded, bytes)),
        Err(Unloadable::Invalid(fault)) => Err(invalid()(fault)),
        Err(Unloadable::TooHeavy) => Err(Failure::TooHeavy { place: store.place(&path), limit }),
    }
}

async fn whole(store: &Store, path: &str, limit: u64) -> Result<Bytes, Failure> {
    let unasked = || format!("{}: not modified, though nothing was known", store.place(path));
    let fetched = store.get(path, limit, None).await?;
    fetched.map(|fetched| fetched.bytes).ok_or_else(|| Failure::Internal(unasked()))
}

/// How much is parsed at once, in the whole process: what bounds the memory that loads take, and
/// leaves half of the processors to visitors. Not the number of threads: those also wait for disks and
/// names, which may hang.
static PARSING: LazyLock<Semaphore> = LazyLock::new(|| {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    Semaphore::new((cores / 2).clamp(1, 4))
});

/// Parsing and hashing take long enough to keep others from being served.
async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Failure> {
    // Never closed.
    let _turn = PARSING.acquire().await;
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| Failure::Internal(format!("loading failed: {error}")))
}
