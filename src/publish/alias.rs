//! Moves an alias from one release to another.

use bytes::Bytes;

use super::{Before, Failed, Target, current, now};
use crate::content::Digest;
use crate::content::release::pointer::{Pinned, Pointer};
use crate::content::release::signature;
use crate::releases::{self, Followed, Known};
use crate::store::{Condition, Fault};

/// An alias that was moved.
#[derive(Debug)]
pub(crate) struct Moved {
    /// Where it pointed before.
    pub(crate) from: Option<u64>,
    pub(crate) pointer: Pointer,
}

/// Points the target's alias at `release`, if it still is as `before` says.
pub(super) async fn set(
    target: &Target,
    before: &Before,
    release: Pinned,
) -> Result<Moved, Failed> {
    let alias = &target.alias;
    let pointer = next(target, before.pointer(), release)?;
    let bytes = Bytes::from(pointer.to_json()?);
    let condition = match before {
        Before::New => Condition::Absent,
        Before::At(Followed { version: Some(version), .. }) | Before::Broken(Some(version)) => {
            Condition::Still(version)
        }
        Before::At(Followed { version: None, .. }) | Before::Broken(None) => {
            let fault = "the store has no entity tags, without which two publishers could mix";
            return Err(Failed::Refused(fault.to_owned()));
        }
    };
    match target.store.put(&Pointer::path(alias), bytes.clone(), condition).await {
        Err(error) if !is_there(target, &bytes).await => match error.fault {
            Fault::Conflict => Err(Failed::Conflict { alias: alias.clone(), seq: None }),
            _ => Err(error.into()),
        },
        _ => Ok(Moved { from: before.pointer().map(|before| before.release.seq), pointer }),
    }
}

/// Whether the alias is as it was to be: a store may have obeyed, and its answer been lost. Asked
/// again after an answer that it did not mean, it then says that somebody was first.
async fn is_there(target: &Target, bytes: &Bytes) -> bool {
    let path = Pointer::path(&target.alias);
    let found = target.store.get(&path, bytes.len() as u64, None).await;
    found.is_ok_and(|found| found.is_some_and(|found| found.bytes == *bytes))
}

/// Whether a signed alias would be left unsigned, which only whoever says so may do.
pub(super) fn check_signing(target: &Target, before: Option<&Pointer>) -> Result<(), Failed> {
    let signed = before.is_some_and(|before| before.signature.is_some());
    if !signed || target.signer.is_some() || target.unsigned {
        return Ok(());
    }
    Err(Failed::Refused(format!(
        "{} is signed, and proxies may want it so: give --sign, or --unsigned to end that",
        target.alias
    )))
}

/// The pointer after `before`, signed where the target signs.
fn next(target: &Target, before: Option<&Pointer>, release: Pinned) -> Result<Pointer, Failed> {
    let alias = &target.alias;
    let mut pointer = Pointer::moved(alias, before, release, now());
    pointer.r#move = pointer.r#move.max(target.past.unwrap_or(0).saturating_add(1));
    if before.is_some_and(|before| before.r#move >= pointer.r#move) {
        let fault = format!("{alias} cannot be moved any more: its counter is at its end");
        return Err(Failed::Refused(fault));
    }
    check_signing(target, before)?;
    let Some(signer) = &target.signer else { return Ok(pointer) };
    let key = signer.public_key();
    if before.is_some_and(|before| signature::verify(before, &[key]).is_err()) {
        // What nobody has vouched for is not vouched for by carrying it over.
        pointer.before.clear();
    }
    Ok(signer.sign(pointer)?)
}

/// Points the alias at release `seq`, or at the one before the present one.
///
/// # Errors
/// When there is none, it cannot be read whole, or somebody else has moved the alias.
pub(crate) async fn rollback(target: &Target, seq: Option<u64>) -> Result<Moved, Failed> {
    let alias = &target.alias;
    let before = current(target).await?;
    let pointer = before.pointer();
    let pointer = pointer.ok_or_else(|| Failed::Refused(format!("there is no alias {alias}")))?;
    vouched(target, pointer, seq)?;
    let release = match seq {
        Some(seq) => Sought { seq, sha256: known_digest(pointer, seq) },
        None => match pointer.before.first() {
            Some(earlier) => Sought { seq: earlier.seq, sha256: Some(earlier.sha256) },
            None => {
                let fault = format!("{alias} has stood for no other release before; give a number");
                return Err(Failed::Refused(fault));
            }
        },
    };
    if release.seq == pointer.release.seq {
        return Err(Failed::Refused(format!("{alias} is at release {} already", release.seq)));
    }
    let release = verified(target, release).await?;
    set(target, &before, release).await
}

/// Gives the target's alias the release of the alias `from`.
///
/// # Errors
/// As for [`rollback`].
pub(crate) async fn promote(target: &Target, from: &str) -> Result<Moved, Failed> {
    let source = match releases::pointer(&target.store, from, &[], None).await {
        Err(failure) if failure.is_missing() => None,
        source => source?,
    };
    let source = source.ok_or_else(|| Failed::Refused(format!("there is no alias {from}")))?;
    if let Some(signer) = &target.signer {
        let signed = signature::verify(&source.pointer, &[signer.public_key()]);
        signed.map_err(|fault| Failed::Refused(format!("the alias {from}: {fault}")))?;
    }
    let before = current(target).await?;
    let Pinned { seq, sha256 } = source.pointer.release;
    if before.pointer().is_some_and(|before| before.release == source.pointer.release) {
        return Err(Failed::Refused(format!("{} is at release {seq} already", target.alias)));
    }
    let release = verified(target, Sought { seq, sha256: Some(sha256) }).await?;
    set(target, &before, release).await
}

/// Whoever signs vouches for what they sign: only for a release that a signed pointer has led to.
fn vouched(target: &Target, pointer: &Pointer, seq: Option<u64>) -> Result<(), Failed> {
    let Some(signer) = &target.signer else { return Ok(()) };
    let signed = signature::verify(pointer, &[signer.public_key()]);
    signed.map_err(|fault| Failed::Refused(format!("the alias {}: {fault}", target.alias)))?;
    match seq {
        Some(seq) if known_digest(pointer, seq).is_none() => Err(Failed::Refused(format!(
            "release {seq} is not in the signed history of {}: publish its content again",
            target.alias
        ))),
        _ => Ok(()),
    }
}

/// A release that is asked for; with a digest only if it has that.
struct Sought {
    seq: u64,
    sha256: Option<Digest>,
}

fn known_digest(pointer: &Pointer, seq: u64) -> Option<Digest> {
    pointer.before.iter().find(|earlier| earlier.seq == seq).map(|earlier| earlier.sha256)
}

/// Reads all of a release before an alias leads to it: a broken one would reach no page, and keep
/// every page as it was, but nobody would have wanted that.
async fn verified(target: &Target, Sought { seq, sha256 }: Sought) -> Result<Pinned, Failed> {
    let (manifest, bytes) = releases::manifest(&target.store, seq, sha256, &target.limits).await?;
    releases::release_of(&target.store, &manifest, Known::default(), &target.limits).await?;
    Ok(Pinned { seq, sha256: Digest::of(&bytes) })
}
